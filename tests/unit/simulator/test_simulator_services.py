# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model service calls and deployments."""
from __future__ import annotations

from uuid import uuid4

import pytest
import yaml

SERVICES = "/v1/ai/model-services"
X86 = "21cb9f654e9d3feab962ce3f5eec5796"
ARM = "1d919fda666b3bdcb5f4925f1cf17c71"
DISABLED = "5a7c9e1b3d5f4a6c8e0b2d4f6a8c0e2b"
DOWNLOADING = "7c9e1b3d5f7a4c8e8b2d4f6a8c0e2b4d"
GPU = "9e1b3d5f7a9c4e0b8d4f6a8c0e2b4d6f"
ZONE = "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e"

EXAMPLE = (
    '{"params":{"name":"example","description":"This is an example description.","size":0,"gpuComputeCapability":"7.5",'
    '"startCommand":"python start.py","pythonVersion":"3.8","system":false,"type":"Endpoint","yaml":"example-yaml-configuration",'
    '"framework":"HuggingFace","requestCpu":4,"requestMemory":8192,"cpuArchitectures":["X86_64","AARCH64"],"architectureImages":['
    '{"cpuArchitecture":"X86_64","vmImageUuid":"21cb9f654e9d3feab962ce3f5eec5796","dockerImage":"registry.example.com/x86_64/myimage:latest"},'
    '{"cpuArchitecture":"AARCH64","vmImageUuid":"1d919fda666b3bdcb5f4925f1cf17c71","dockerImage":"registry.example.com/aarch64/myimage:latest"}]}}'
)
PUBLISHED_FIELDS = {"uuid", "name", "description", "yaml", "requestCpu", "requestMemory", "modelCenterUuid", "type", "system",
                    "gpuComputeCapability", "installPath", "pythonVersion", "condaVersion", "startCommand", "supportDistributed",
                    "modelServiceImages", "createDate", "lastOpDate"}


@pytest.fixture(name="clone")
def clone_fixture(client, ids):
    """Clone the demo service."""
    def clone(**params):
        return client.do("POST", f"{SERVICES}/{ids.service}", {"params": params})
    return clone


@pytest.fixture(name="update")
def update_fixture(client, ids):
    """Change the demo service."""
    def update(**params):
        return client.do("PUT", f"{SERVICES}/{ids.service}", {"updateModelService": params})
    return update


def code_of(sim, answer):
    """Return the number of the AI error code; the server shows it in the diagnostic dialect only."""
    assert answer.status == 503, answer.text
    code = answer.json["error"]["globalErrorCode"]
    assert sim and code.startswith("ORG_ZSTACK_AI_")
    return int(code.rsplit("_", 1)[1])


def test_published_example(client, ids):
    answer = client.do("POST", f"{SERVICES}/{ids.service}", data=EXAMPLE, headers={"Content-Type": "application/json;charset=UTF-8"})
    service = answer.inventory
    assert PUBLISHED_FIELDS <= set(service)
    assert service["uuid"] != ids.service
    assert (service["name"], service["framework"], service["size"], service["system"]) == ("example", "HuggingFace", 0, False)
    assert [(image["cpuArchitecture"], image["vmImageUuid"], image["modelServiceUuid"]) for image in service["modelServiceImages"]] == [
        ("x86_64", X86, service["uuid"]), ("aarch64", ARM, service["uuid"])]
    assert service["cpuArchitectures"] == ["x86_64", "aarch64"]


def test_clone_inherits(client, clone, ids):
    source = client.get(f"{SERVICES}/{ids.service}").json["inventories"][0]
    copy = clone().inventory
    own = {"uuid", "size", "system", "modelServiceRefs", "modelServiceImages", "createDate", "lastOpDate"}
    assert {key: value for key, value in copy.items() if key not in own} == {key: value for key, value in source.items() if key not in own}
    assert (source["size"], source["system"], len(source["modelServiceRefs"])) == (4096, True, 1)
    assert (copy["size"], copy["system"], copy["modelServiceRefs"]) == (0, False, [])
    assert [image["dockerImage"] for image in copy["modelServiceImages"]] == ["registry.example.com/vllm:1.0"]
    assert copy["modelServiceImages"][0]["uuid"] != source["modelServiceImages"][0]["uuid"]
    assert clone().inventory["name"] == source["name"]


def test_clone_with_a_uuid_and_tags(client, sim, clone):
    uuid = uuid4().hex
    sim.configure(tag_delay_ms=60_000)
    pattern = next(item["uuid"] for item in sim.state()["tag_patterns"] if item["name"] == "AI::Others")
    assert clone(resourceUuid=uuid, tagUuids=[pattern], name="c").inventory["uuid"] == uuid
    assert client.get("/v1/user-tags", f"resourceUuid={uuid}").json["inventories"] == []
    sim.advance(60_000)
    assert client.names(SERVICES, f"__tagUuid__={pattern}") == ["c"]
    assert clone(resourceUuid=uuid).code == "SYS.1000"
    assert client.do("DELETE", f"{SERVICES}/{uuid}").text == "{}"
    assert client.get(f"{SERVICES}/{uuid}").json["inventories"] == []
    assert clone(resourceUuid=uuid).code == "SYS.1000"


@pytest.mark.parametrize("params, number", [
    ({"framework": "vllm"}, 10036),
    ({"architectureImages": []}, 10056),
    ({"architectureImages": [{"dockerImage": "x"}]}, 10049),
    ({"architectureImages": [{"cpuArchitecture": "sparc", "dockerImage": "x"}]}, 10050),
    ({"architectureImages": [{"cpuArchitecture": "X86_64"}]}, 10051),
    ({"architectureImages": [{"cpuArchitecture": "X86_64", "vmImageUuid": "0" * 32}]}, 10052),
    ({"architectureImages": [{"cpuArchitecture": "X86_64", "vmImageUuid": DISABLED}]}, 10053),
    ({"architectureImages": [{"cpuArchitecture": "X86_64", "vmImageUuid": DOWNLOADING}]}, 10054),
    ({"architectureImages": [{"cpuArchitecture": "X86_64", "dockerImage": "x"}, {"cpuArchitecture": "x86_64", "dockerImage": "y"}]}, 10055),
    ({"vendorToSpecUuidsMap": {}}, 10044),
    ({"vendorToSpecUuidsMap": {" ": [GPU]}}, 10045),
    ({"vendorToSpecUuidsMap": {"NVIDIA": []}}, 10046),
    ({"vendorToSpecUuidsMap": {"NVIDIA": ["0" * 32]}}, 10047),
])
def test_checks_of_clone_and_update(sim, clone, update, params, number):
    sim.configure(dialect="diagnostic")
    assert code_of(sim, clone(**params)) == number
    assert code_of(sim, update(**params)) == number


@pytest.mark.parametrize("params, number", [
    ({"yaml": "a: 1", "serviceName": "x"}, 10043),
    ({"yaml": "a: 1", "startCommand": "x"}, 10043),
    ({"serviceLivez": "livez"}, 10037),
    ({"serviceReadyz": "/a b"}, 10038),
    ({"servicePorts": [0]}, 10039),
    ({"servicePorts": [80, 80]}, 10040),
    ({"serviceBootupTime": 65536}, 10041),
])
def test_checks_of_the_update(sim, update, params, number):
    sim.configure(dialect="diagnostic")
    assert code_of(sim, update(**params)) == number


@pytest.mark.parametrize("params", [{"type": "endpoint"}, {"source": "Elsewhere"}])
def test_closed_lists(clone, update, params):
    assert clone(**params).code == update(**params).code == "SYS.1007"


def test_update(client, update, ids):
    images = [{"cpuArchitecture": "AArch64", "dockerImage": "registry.example.com/a:2"}]
    service = update(name=" new ", requestCpu=8, architectureImages=images, vendorToSpecUuidsMap={"Huawei": [GPU]}, readme="ignored",
                     size=7, system=False, containerArgs="-x").inventory
    assert (service["name"], service["requestCpu"], service["containerArgs"]) == ("new", 8, "-x")
    assert (service["readme"], service["size"], service["system"]) == ("# vLLM", 4096, True)
    assert service["cpuArchitectures"] == ["aarch64"]
    assert [sorted(image) for image in service["modelServiceImages"]] == [
        ["cpuArchitecture", "createDate", "dockerImage", "lastOpDate", "modelServiceUuid", "uuid"]]
    assert service["vendorToSpecUuidsMap"] == {"Huawei": [GPU]}
    assert client.names(SERVICES, "modelServiceImages.dockerImage~=%a:2") == ["new"]
    assert ids.service == service["uuid"]


def test_update_edits_the_yaml(update):
    service = update(serviceName="renamed", servicePorts=[8080], environmentParameters={"A": "1"}, inferenceParams={"top_k": "5"}).inventory
    document = yaml.safe_load(service["yaml"])
    assert (document["services"][0]["name"], document["services"][0]["ports"], document["services"][0]["livez"]) == ("renamed", [8080], "/livez")
    assert (document["env"], document["inferenceParams"]) == (["A:1"], {"top_k": "5"})
    assert update(yaml="plain text").inventory["yaml"] == "plain text"
    assert yaml.safe_load(update(serviceLivez="/live").inventory["yaml"]) == {"services": [{"livez": "/live"}]}


def test_yaml_with_other_parameters_when_the_server_is_lenient(sim, update):
    sim.configure(yaml_exclusive="service")
    assert update(yaml="a: 1", startCommand="x").status == 200
    assert update(yaml="a: 1", servicePorts=[80]).status == 503


def test_old_servers(sim, clone):
    sim.configure(server_version="5.3.20")
    service = clone(cpuArchitectures=["sparc"], containerArgs="x", name="old").inventory
    assert service["name"] == "old"
    assert not {"cpuArchitectures", "modelServiceImages", "containerArgs", "vendorToSpecUuidsMap", "supportDistributed"} & set(service)


def test_add(client, ids):
    body = {"name": "s", "yaml": "a: 1", "modelCenterUuid": ids.center, "requestCpu": 1, "requestMemory": 1, "installPath": "/s",
            "startCommand": "go", "modelUuids": [ids.model]}
    service = client.do("POST", SERVICES, {"param": body}).inventory
    assert (service["type"], service["source"], service["framework"], service["system"]) == ("Endpoint", "Other", "Other", False)
    assert [ref["modelUuid"] for ref in service["modelServiceRefs"]] == [ids.model]
    for name in ("name", "yaml", "requestCpu", "requestMemory", "installPath", "startCommand"):
        short = {key: value for key, value in body.items() if key != name}
        assert f"field[{name}]" in client.do("POST", SERVICES, {"param": short}).details


def test_delete(client, sim, ids):
    assert "system" in client.do("DELETE", f"{SERVICES}/{ids.service}").details
    assert client.do("DELETE", f"{SERVICES}/{'0' * 32}").text == "{}"
    sim.seed({"instance_groups": [{"name": "g", "modelServiceUuid": ids.other_service}]})
    assert "in use" in client.do("DELETE", f"{SERVICES}/{ids.other_service}").details
    results = client.do("DELETE", SERVICES + "/", params=[("uuids", ids.service), ("uuids", "0" * 32)]).json["results"]
    assert [item["success"] for item in results] == [False, True]


def test_deployment(client, sim, ids):
    sim.configure(deploy_ms=60_000)
    body = {"name": "g", "zoneUuid": ZONE, "type": "VirtualMachine", "vmImageUuid": X86, "modelUuid": ids.model}
    group = client.do("PUT", f"{SERVICES}/{ids.service}", {"deployModelService": body}).inventory
    assert (group["status"], group["modelServiceType"], len(group["instances"])) == ("Deploying", "Endpoint", 1)
    path = f"/v1/ai/model-services/instances/groups/{group['uuid']}"
    assert "in use" in client.do("DELETE", f"/v1/ai/models/{ids.model}").details
    sim.advance(60_000)
    assert client.get(path).json["inventories"][0]["status"] == "Running"
    assert client.names("/v1/ai/model-services/instances/groups/", "modelService.name=vllm-base", "status=running") == ["g"]
    changed = client.do("PUT", f"/v1/model-service-instance-groups/{group['uuid']}",
                        {"updateModelServiceInstanceGroup": {"name": "h", "environmentVariables": {"A": "1"}}})
    assert changed.inventory["name"] == "h"
    restarted = client.do("PUT", "/v1/model-service-instance-groups", {"restartModelServiceGroups": {"uuids": [group["uuid"]]}})
    assert restarted.json["results"] == [{"uuid": group["uuid"], "success": True}]
    assert client.get(path).json["inventories"][0]["status"] == "Deploying"
    assert client.do("DELETE", path).text == "{}"
    assert client.get(path).json["inventories"] == []


@pytest.mark.parametrize("params, number", [
    ({"type": "VirtualMachine"}, 10071),
    ({"type": "Container"}, 10075),
    ({"environmentVariables": {"A": None}}, 10078),
    ({"cpuNum": 0}, 10142),
    ({"cpuNum": 4, "requestCpuNum": 5}, 10138),
    ({"memorySize": 100, "requestMemorySize": 10}, 10141),
    ({"type": "VirtualMachine", "vmImageUuid": X86, "requestCpuNum": 1}, 10143),
])
def test_checks_of_a_deployment(client, sim, ids, params, number):
    sim.configure(dialect="diagnostic")
    body = {"name": "g", "zoneUuid": ZONE, "type": "Container", **({} if params.get("type") else {"dockerImage": "x"}), **params}
    assert code_of(sim, client.do("PUT", f"{SERVICES}/{ids.service}", {"deployModelService": body})) == number


def test_center_without_network(client, sim, ids):
    sim.configure(dialect="diagnostic")
    sim.seed({"model_services": [{"uuid": "b" * 32, "name": "far", "modelCenterUuid": ids.center_2}]})
    body = {"name": "g", "zoneUuid": ZONE, "type": "Container", "dockerImage": "x"}
    assert code_of(sim, client.do("PUT", f"{SERVICES}/{'b' * 32}", {"deployModelService": body})) == 10077
