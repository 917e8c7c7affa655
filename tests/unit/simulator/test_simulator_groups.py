# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments: instance groups, their life cycle, and their endpoints."""
from __future__ import annotations

import time

import pytest
import requests
import yaml

from simulator.testing import RunningSimulator, patience

SERVICES = "/v1/ai/model-services"
GROUPS = "/v1/ai/model-services/instances/groups"
UPDATED = "/v1/model-service-instance-groups"
ZONE = "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e"
CLUSTER = "6b8d0f2a4c6e4b8d9f1a3c5e7b9d1f3a"
NETWORK = "4f6b8d0a2c3e4d5f9b1c3e5a7d9f1b2c"
STORAGE = "1d3f5b7c9e0a4c2d8f4b6a8c0e1d3f5b"
OFFERING = "5b7d9f1a3c5e4a7b8d0f2c4e6a8b0d2f"
IMAGE = "21cb9f654e9d3feab962ce3f5eec5796"
DATASET = "8d0f2b4c6e8a4d0c9b2e4f6a8c0d2e4f"
NOBODY = "0" * 32
# milliseconds that pass only when a test moves the clock
LONG = 600_000
BODY = {"name": "g", "zoneUuid": ZONE, "type": "VirtualMachine", "vmImageUuid": IMAGE}


@pytest.fixture(name="deploy")
def deploy_fixture(client, sim, ids):
    """Deploy the service of the demo seed, quickly unless a test wants it slow."""
    sim.configure(deploy_ms=1)

    def deploy(**params):
        body = {name: value for name, value in {**BODY, "modelUuid": ids.model, **params}.items() if value is not None}
        return client.do("PUT", f"{SERVICES}/{ids.service}", {"deployModelService": body})
    return deploy


@pytest.fixture(name="update")
def update_fixture(client):
    """Change a group."""
    def update(uuid, **params):
        return client.do("PUT", f"{UPDATED}/{uuid}", {"updateModelServiceInstanceGroup": params})
    return update


@pytest.fixture(name="restart")
def restart_fixture(client):
    """Restart groups."""
    def restart(*uuids):
        return client.do("PUT", UPDATED, {"restartModelServiceGroups": {"uuids": list(uuids)}})
    return restart


@pytest.fixture(name="read")
def read_fixture(client):
    """Return a group as a query shows it, at once or when it has a status."""
    def read(uuid, status=None, seconds=5.0):
        deadline = time.monotonic() + patience(seconds)
        while True:
            group = client.get(f"{GROUPS}/{uuid}").json["inventories"][0]
            if status in (None, group["status"]) or time.monotonic() > deadline:
                assert status in (None, group["status"])
                return group
            time.sleep(0.005)
    return read


def settings_of(sim, uuid):
    """Return the real configuration of a group, whatever its yaml shows."""
    return next(row["_settings"] for row in sim.state(internal=True)["instance_groups"] if row["uuid"] == uuid)


def environment_of(group):
    """Return the environment that the yaml of a group shows."""
    return yaml.safe_load(group["yaml"]).get("env")


def global_code(answer):
    """Return the number of the AI error code."""
    return int(answer.json["error"]["globalErrorCode"].rsplit("_", 1)[1])


def test_inventory(sim, deploy, read, ids):
    sim.configure(deploy_ms=LONG)
    group = deploy(description="d", datasetUuids=[DATASET], cpuNum=4, memorySize=2 ** 33, clusterUuid=CLUSTER, primaryStorageUuid=STORAGE,
                   l3NetworkUuids=[NETWORK], rootDiskOfferingUuid=OFFERING, rootDiskSize=2 ** 34, startupParameters={"--tp": "2"}).inventory
    assert set(group) == {"uuid", "name", "description", "modelServiceUuid", "modelUuid", "instances", "datasetRefInventories", "status",
                          "modelServiceType", "type", "yaml", "supportMetrics", "createDate", "lastOpDate"}
    assert (group["status"], group["modelServiceType"], group["type"], group["modelUuid"]) == ("Deploying", "Endpoint", "VirtualMachine", ids.model)
    assert [ref["datasetUuid"] for ref in group["datasetRefInventories"]] == [DATASET]
    assert group["instances"][0]["status"] == "Deploying" and "url" not in group["instances"][0]
    sim.advance(LONG)
    instance = read(group["uuid"], "Running")["instances"][0]
    assert set(instance) == {"uuid", "name", "modelServiceGroupUuid", "yaml", "status", "url", "internalUrl", "vmInstanceUuid", "nodeRank", "accountUuid",
                             "architecture", "vm", "createDate", "lastOpDate"}
    assert (instance["status"], instance["architecture"], instance["vm"]["cpuNum"]) == ("Running", "x86_64", 4)


def test_a_container_has_no_virtual_machine(deploy, read):
    group = deploy(type="Container", vmImageUuid=None, dockerImage="registry.example.com/x:1").inventory
    assert not {"vm", "vmInstanceUuid"} & set(read(group["uuid"], "Running")["instances"][0])


@pytest.mark.parametrize("name", ["name", "zoneUuid", "type"])
def test_required(deploy, name):
    assert f"field[{name}]" in deploy(**{name: None}).details


@pytest.mark.parametrize("params", [{"type": "BareMetal2"}, {"type": "container"}, {"serviceLivez": "/" + "x" * 255}, {"serviceReadyz": "/" + "x" * 255}])
def test_choices_and_limits(deploy, params):
    assert deploy(**params).code == "SYS.1007"


@pytest.mark.parametrize("params", [
    {"zoneUuid": NOBODY}, {"clusterUuid": NOBODY}, {"modelUuid": NOBODY}, {"vmImageUuid": NOBODY}, {"primaryStorageUuid": NOBODY},
    {"rootDiskOfferingUuid": NOBODY}, {"datasetUuids": [DATASET, NOBODY]}, {"l3NetworkUuids": [NOBODY]}, {"modelServiceGroupUuids": [NOBODY]}])
def test_references(deploy, params):
    assert deploy(**params).code == "SYS.1003"


@pytest.mark.parametrize("params, number", [
    ({"serviceLivez": "livez"}, 10037), ({"serviceReadyz": "/a b"}, 10038), ({"serviceBootUptime": 0}, 10041),
    ({"environmentVariables": {"A": None}}, 10078)])
def test_checks(sim, deploy, params, number):
    sim.configure(dialect="diagnostic")
    assert global_code(deploy(**params)) == number


def test_newer_parameters_and_choices(sim, deploy):
    assert deploy(gpuSpecUuid=NOBODY, placementMode="Somewhere").status == 200
    sim.configure(server_version="5.5.38")
    assert deploy(gpuSpecUuid=NOBODY).code == "SYS.1003"
    assert deploy(placementMode="Somewhere").code == deploy(gpuCount=0).code == "SYS.1007"
    assert deploy(type="BareMetal2").status == 200


def test_the_yaml_shows_what_the_server_shows(sim, deploy, update, read):
    group = deploy(environmentVariables={"A": "1"}, startupParameters={"--tp": "2"}, serviceReadyz="/ready", serviceBootUptime=60).inventory
    document = yaml.safe_load(group["yaml"])
    assert document["env"] == ["A:1"] and "--tp" not in group["yaml"]
    assert (document["services"][0]["readyz"], document["services"][0]["serviceBootupTime"]) == ("/ready", 60)
    changed = update(group["uuid"], environmentVariables={"B": "2"}, startupParameters={"--tp": "4"}, serviceBootupTime=90).inventory
    assert environment_of(changed) == ["B:2"]
    assert settings_of(sim, group["uuid"]) == {
        "environmentVariables": {"B": "2"}, "startupParameters": {"--tp": "4"}, "serviceReadyz": "/ready", "serviceBootupTime": 90}
    sim.configure(group_yaml_shows=[])
    hidden = deploy(environmentVariables={"A": "1"}).inventory
    assert environment_of(hidden) == ["MODE:prod"]
    assert environment_of(update(hidden["uuid"], environmentVariables={"B": "2"}).inventory) == ["MODE:prod"]
    assert settings_of(sim, hidden["uuid"]) == {"environmentVariables": {"B": "2"}}
    assert "_settings" not in read(hidden["uuid"])


def test_update_of_the_plain_fields(deploy, update, read):
    uuid = deploy().inventory["uuid"]
    read(uuid, "Running")
    group = update(uuid, name="h", description="d").inventory
    assert (group["name"], group["description"], group["status"]) == ("h", "d", "Running")
    assert update(uuid, name="x" * 256).code == update(uuid, description="x" * 2049).code == "SYS.1007"
    assert update(uuid, serviceLivez="livez").code == "SYS.1007"
    assert update(NOBODY, name="x").code == "SYS.1003"


def test_a_server_that_deploys_again_after_an_update(sim, deploy, update, read):
    uuid = deploy().inventory["uuid"]
    read(uuid, "Running")
    sim.configure(update_redeploys=True, deploy_ms=LONG)
    assert update(uuid, name="h").inventory["status"] == "Running"
    assert update(uuid, environmentVariables={"A": "1"}).inventory["status"] == "Deploying"
    sim.advance(LONG)
    assert environment_of(read(uuid, "Running")) == ["A:1"]


def test_a_job_that_lasts_as_long_as_the_deployment(sim, deploy, restart):
    sim.configure(deploy_job_waits=True, deploy_ms=60)
    group = deploy().inventory
    assert group["status"] == "Running" and group["instances"][0]["url"]
    before = time.monotonic()
    assert restart(group["uuid"]).json["results"] == [{"uuid": group["uuid"], "success": True}]
    assert time.monotonic() - before >= 0.05


def test_restart(sim, deploy, restart, read):
    uuids = [deploy(name=name).inventory["uuid"] for name in ("g", "h")]
    urls = [read(uuid, "Running")["instances"][0]["url"] for uuid in uuids]
    sim.configure(deploy_ms=LONG)
    assert restart(*uuids).json["results"] == [{"uuid": uuid, "success": True} for uuid in uuids]
    group = read(uuids[0])
    assert (group["status"], group["instances"][0]["status"]) == ("Deploying", "Deploying") and "url" not in group["instances"][0]
    sim.advance(LONG)
    assert [read(uuid, "Running")["instances"][0]["url"] for uuid in uuids] == urls
    assert restart(NOBODY).code == "SYS.1003"
    assert restart().code == "SYS.1007"


def test_failure_that_only_the_status_shows(sim, deploy, restart, read):
    sim.fault("fail_deployment", {"call": "DeployModelService"}, status="Unknown", instance_status="Failed")
    uuid = deploy().inventory["uuid"]
    group = read(uuid, "Unknown")
    assert group["instances"][0]["status"] == "Failed" and "url" not in group["instances"][0]
    assert sim.endpoints() == []
    restart(uuid)
    assert read(uuid, "Running")["instances"][0]["url"]


def test_failure_of_the_job(sim, deploy, client):
    sim.configure(dialect="diagnostic")
    sim.fault("fail_deployment", {"call": "DeployModelService"}, job=True, details="no GPU left")
    answer = deploy(name="broken")
    assert (answer.code, answer.details, global_code(answer)) == ("SYS.1006", "no GPU left", 10159)
    assert client.names(GROUPS + "/", "status=Failed") == ["broken"]


def test_failure_of_the_instances_only(sim, deploy, read):
    sim.fault("fail_deployment", {"call": "DeployModelService"}, status="Running", instance_status="Failed")
    group = read(deploy().inventory["uuid"], "Running")
    assert group["instances"][0]["status"] == "Failed" and "url" not in group["instances"][0]


def test_a_deployment_that_never_ends(sim, deploy, read, client, ids):
    sim.fault("fail_deployment", {"call": "DeployModelService"}, times=2, status="Deploying")
    uuid = deploy().inventory["uuid"]
    sim.advance(LONG)
    assert read(uuid)["status"] == "Deploying"
    sim.configure(deploy_job_waits=True)
    body = {"deployModelService": BODY}
    assert client.do("PUT", f"{SERVICES}/{ids.service}", body, headers={"X-API-Timeout": "0"}).code == "SYS.1001"


def test_a_restart_that_fails_for_some_groups(sim, deploy, restart, read):
    uuids = [deploy().inventory["uuid"] for unused in range(2)]
    for uuid in uuids:
        read(uuid, "Running")
    sim.configure(deploy_ms=LONG)
    sim.fault("fail_restart", uuids=[uuids[0]], details="agent not reachable")
    results = restart(*uuids).json["results"]
    assert [item["success"] for item in results] == [False, True]
    assert results[0]["error"]["details"] == "agent not reachable"
    assert [read(uuid)["status"] for uuid in uuids] == ["Running", "Deploying"]


@pytest.mark.parametrize("redeploys", [True, False])
def test_an_update_that_is_lost(sim, deploy, update, read, redeploys):
    uuid = deploy(environmentVariables={"A": "1"}).inventory["uuid"]
    read(uuid, "Running")
    sim.configure(update_redeploys=redeploys, deploy_ms=LONG)
    sim.fault("old_configuration", {"call": "UpdateModelServiceInstanceGroup"}, ms=LONG)
    assert environment_of(update(uuid, environmentVariables={"A": "2"}).inventory) == ["A:2"]
    assert environment_of(read(uuid)) == ["A:2"]
    sim.advance(LONG)
    assert environment_of(read(uuid, "Running")) == ["A:1"]
    assert settings_of(sim, uuid) == {"environmentVariables": {"A": "1"}}


def test_a_restart_that_brings_the_old_configuration_back(sim, deploy, update, restart, read):
    uuid = deploy(environmentVariables={"A": "1"}).inventory["uuid"]
    read(uuid, "Running")
    update(uuid, environmentVariables={"A": "2"})
    sim.fault("old_configuration", {"call": "RestartModelServiceGroups"})
    restart(uuid)
    assert environment_of(read(uuid, "Running")) == ["A:1"]
    update(uuid, environmentVariables={"A": "3"})
    restart(uuid)
    assert environment_of(read(uuid, "Running")) == ["A:3"]


def test_a_status_that_is_read_stale(sim, deploy, restart, read, client):
    uuid = deploy().inventory["uuid"]
    before = read(uuid, "Running")
    sim.configure(deploy_ms=2 * LONG)
    sim.fault("stale_status", {"call": "RestartModelServiceGroups"}, ms=LONG)
    restart(uuid)
    assert read(uuid) == before
    assert client.get(GROUPS + "/", sort="uuid").json["inventories"] == [before]
    sim.advance(LONG)
    group = read(uuid)
    assert (group["status"], group["instances"][0]["status"]) == ("Deploying", "Deploying")
    sim.advance(LONG)
    assert read(uuid)["status"] == "Running"


def test_parameters_that_are_dropped(sim, deploy):
    sim.fault("ignore_fields", {"call": "DeployModelService"}, fields=["description", "environmentVariables"])
    group = deploy(description="d", environmentVariables={"A": "1"}).inventory
    assert "description" not in group and environment_of(group) == ["MODE:prod"]


def get(url):
    """Return status and body of a GET; None when nobody listens."""
    try:
        response = requests.get(url, timeout=patience(5), proxies={"http": ""})
    except requests.ConnectionError:
        return None
    return response.status_code, response.json()


def test_the_endpoint_answers(sim, deploy, read, ids):
    group = deploy(serviceReadyz="/ready").inventory
    url = read(group["uuid"], "Running")["instances"][0]["url"]
    for path in ("/readyz", "/livez", "/health", "/ready"):
        assert get(url + path) == (200, {"status": "ok"})
    assert [model["id"] for model in get(url + "/v1/models")[1]["data"]] == ["qwen2.5-7b"]
    body = {"model": ids.model, "messages": [{"role": "user", "content": "Hello"}]}
    answer = requests.post(url + "/v1/chat/completions", json=body, timeout=patience(5), proxies={"http": ""}).json()
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "qwen2.5-7b received: Hello"}
    assert answer["usage"]["total_tokens"] == 4
    for wrong, status in (({**body, "model": "other"}, 404), ({"messages": []}, 400), ([], 400)):
        assert requests.post(url + "/v1/chat/completions", json=wrong, timeout=patience(5), proxies={"http": ""}).status_code == status
    assert get(url + "/nothing")[0] == 404
    assert [(item["group"], item["url"], item["ready"]) for item in sim.endpoints()] == [(group["uuid"], url, True)]


def test_the_endpoint_is_ready_later(sim, deploy, read):
    sim.configure(endpoint_ms=LONG)
    url = read(deploy().inventory["uuid"], "Running")["instances"][0]["url"]
    assert get(url + "/readyz") == (503, {"status": "starting"})
    assert get(url + "/v1/models")[0] == 503
    sim.advance(LONG)
    assert get(url + "/readyz")[0] == get(url + "/v1/models")[0] == 200


def test_the_endpoint_is_silent_when_it_should_be(sim, deploy, restart, read, client):
    uuid = deploy().inventory["uuid"]
    url = read(uuid, "Running")["instances"][0]["url"] + "/health"
    assert get(url)
    sim.fault("fail_deployment", {"call": "RestartModelServiceGroups"}, status="Failed")
    restart(uuid)
    assert get(url) is None
    read(uuid, "Failed")
    assert get(url) is None
    restart(uuid)
    read(uuid, "Running")
    assert get(url)
    assert client.do("DELETE", f"{GROUPS}/{uuid}").text == "{}"
    assert get(url) is None


@pytest.mark.parametrize("endpoint, health", [("down", None), ("unready", (503, {"status": "starting"}))])
def test_groups_that_run_but_do_not_serve(sim, deploy, read, endpoint, health):
    sim.fault("fail_deployment", {"call": "DeployModelService"}, status="Running", endpoint=endpoint)
    group = read(deploy().inventory["uuid"], "Running")
    assert get(group["instances"][0]["url"] + "/health") == health


def test_without_endpoints(sim, deploy, read):
    sim.configure(endpoints=False)
    assert read(deploy().inventory["uuid"], "Running")["instances"][0]["url"].startswith("http://192.0.2.20:3000/")
    assert sim.endpoints() == []


def test_seeded_groups_serve_too(sim, read):
    sim.seed({"instance_groups": [{"uuid": "b" * 32, "name": "g", "instances": [{}, {"url": "http://192.0.2.9"}]},
                                  {"uuid": "c" * 32, "name": "h", "status": "Failed", "instances": [{}]}]})
    first, second = read("b" * 32)["instances"]
    assert get(first["url"] + "/v1/models")[1]["data"][0]["id"] == "g"
    assert second["url"] == "http://192.0.2.9"
    assert "url" not in read("c" * 32)["instances"][0]


def test_groups_and_endpoints_survive_a_restart(make_client, ids):
    with RunningSimulator() as simulator:
        client = make_client(simulator)
        client.login()
        simulator.configure(deploy_ms=1)
        uuid = client.do("PUT", f"{SERVICES}/{ids.service}", {"deployModelService": BODY}).inventory["uuid"]
        deadline = time.monotonic() + patience(5)
        while not simulator.endpoints() and time.monotonic() < deadline:
            time.sleep(0.01)
        url = simulator.endpoints()[0]["url"]
        simulator.configure(deploy_ms=LONG)
        simulator.fault("fail_deployment", {"call": "DeployModelService"}, status="Failed")
        failing = client.do("PUT", f"{SERVICES}/{ids.service}", {"deployModelService": BODY}).inventory["uuid"]
        simulator.stop()
        assert get(url + "/health") is None
        simulator.start()
        assert [(item["group"], item["url"]) for item in simulator.endpoints()] == [(uuid, url)]
        assert get(url + "/health")
        assert {row["uuid"]: row["status"] for row in simulator.state()["instance_groups"]} == {uuid: "Running", failing: "Deploying"}
        simulator.advance(LONG)
        assert {row["uuid"]: row["status"] for row in simulator.state()["instance_groups"]} == {uuid: "Running", failing: "Failed"}


@pytest.mark.parametrize("path, name", [("/v1/zones", "zone-1"), ("/v1/clusters", "cluster-1"), ("/v1/l3-networks", "inference-network"),
                                        ("/v1/images", "ai-runtime-x86_64"), ("/v1/instance-offerings", "ai-medium"),
                                        ("/v1/disk-offerings", "root-200g"), ("/v1/primary-storage", "storage-1")])
def test_platform_objects(client, path, name):
    found = client.get(path, f"name={name}").json["inventories"]
    assert [item["name"] for item in found] == [name]
    assert client.get(f"{path}/{found[0]['uuid']}").json["inventories"] == found


def test_networks_by_zone(client):
    assert client.names("/v1/l3-networks", "zone.name=zone-1", "system=false") == ["inference-network"]
    assert client.names("/v1/clusters", "zoneUuid=" + ZONE) == ["cluster-1"]
