# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""zstack_ai_call against the simulator: in the worker and as a module, and every call of the API."""

from __future__ import annotations

import json

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.calling import CALL as SPEC
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import perform
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._resources.calls import names

CALL = "zstack.aios.zstack_ai_call"
PROXY_UUID = "0f1e2d3c4b5a49788695a4b3c2d1e0f1"
MASK = "*" * 8
PROXY = {"proxyType": "HTTP", "proxyHost": "proxy.example.com", "proxyPort": "{{ 3128 }}", "proxyPassword": "hunter2-geheim", "useSsl": True,
         "resourceUuid": PROXY_UUID}


def task(call, parameters=None, options=None, **more):
    return {"name": call, CALL: {"call": call, "parameters": parameters or {}, **(options or {})}, "ignore_errors": True, **more}


def test_the_worker_and_the_module_give_the_same(collection, simulator):
    tasks = [
        task("QueryModel", {"q": ["name=qwen2.5-7b"], "fields": "uuid,name"}),
        task("CreateUserProxyConfig", PROXY, check_mode=True),
        task("CreateUserProxyConfig", PROXY),
        task("CreateUserProxyConfig", PROXY),
        task("QueryUserProxyConfig", check_mode=True),
        task("UpdateUserProxyConfig", {"uuid": PROXY_UUID, "proxyPort": 8080}, {"user_tags": ["team-a"]}),
        task("DeleteUserProxyConfig", {"uuid": PROXY_UUID}),
        task("DeleteUserProxyConfig", {"uuid": PROXY_UUID}),
        task("CreateUserProxy", PROXY),
        task("CreateUserProxyConfig", {**PROXY, "proxyPasswort": "hunter2-geheim", "proxyPassword": ["hunter2-geheim"]}),
    ]
    results = collection.worker_and_module(*tasks)
    read, checked, created, twice, listed, updated, deleted, again, unknown, wrong = results[:10]
    assert read["result"]["inventories"][0]["name"] == "qwen2.5-7b" and read["changed"] is False
    assert checked["changed"] and checked["result"] is None and checked["msg"].endswith("was not sent.") and checked["steps"] == created["steps"]
    inventory = created["result"]["inventory"]
    assert created["changed"] and inventory["uuid"] == PROXY_UUID and (inventory["proxyPort"], inventory["proxyPassword"]) == (3128, MASK)
    assert twice["failed"] and "There is an object with the uuid %s already." % PROXY_UUID in twice["msg"] and twice["error"]["code"] == "SYS.1000"
    assert [row["proxyPassword"] for row in listed["result"]["inventories"]] == [MASK] and not listed["changed"]
    assert updated["result"]["inventory"]["proxyPort"] == 8080
    assert deleted["changed"] and again["changed"] and len(deleted["job_uuid"]) == 32
    assert unknown["failed"] and "Did you mean CreateUserProxyConfig" in unknown["msg"]
    assert wrong["failed"] and "Did you mean proxyPassword" in wrong["msg"]
    assert "hunter2" not in str(results)
    calls = [entry["call"] for entry in simulator.writes()]
    assert calls == ["CreateUserProxyConfig", "CreateUserProxyConfig", "UpdateUserProxyConfig", "DeleteUserProxyConfig", "DeleteUserProxyConfig"]


# -- every call


CENTER, MODEL, SERVICE = "ebf96ce1de2c46fa8af9d503c29bb93d", "059d19eb310f36d4a7f43f51eaab87b8", "d76744cb53f9378abf42b907df3efb6e"
OTHER_SERVICE, ZONE, IMAGE = "c0a1e5d37b2f4c869d0e1f2a3b4c5d6e", "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e", "21cb9f654e9d3feab962ce3f5eec5796"
FREE_MODEL, GROUP, DATASET, TASK, ZDFS = "1" * 32, "2" * 32, "3" * 32, "4" * 32, "5" * 32
SEED = {
    "models": [{"uuid": FREE_MODEL, "name": "free", "modelCenterUuid": CENTER}],
    "instance_groups": [{"uuid": GROUP, "name": "group", "modelServiceUuid": SERVICE, "modelUuid": MODEL, "instances": [{"nodeRank": 0}]}],
    "datasets": [{"uuid": DATASET, "name": "data", "modelCenterUuid": CENTER}],
    "model_evaluation_tasks": [{"uuid": TASK, "name": "task"}],
    "trained_model_records": [{"modelUuid": FREE_MODEL}],
    "user_proxy_configs": [{"uuid": PROXY_UUID, "proxyType": "HTTP", "proxyHost": "h", "proxyPort": 1, "proxyPassword": "geheim-geheim"}],
    "zdfs": [{"uuid": ZDFS, "name": "zdfs", "status": "Disconnected"}],
    "vm_model_mounts": [{"modelUuid": MODEL}], "gateway_offerings": [{"name": "g"}], "network_profiles": [{"name": "p"}],
    "host_model_caches": [{"modelUuid": FREE_MODEL}],
}
DEPLOY = {"name": "new", "zoneUuid": ZONE, "type": "VirtualMachine", "vmImageUuid": IMAGE, "environmentVariables": {"KEY": "geheim-geheim"}}
NODES = [{"nodeRank": rank, "uuid": SERVICE, "zoneUuid": ZONE, "modelUuid": MODEL, "serviceBootUptime": 60} for rank in (0, 1)]
TAGS = {"system_tags": ["dataset::usage::scenarios::ModelEval", "dataset::datatype::Text"]}
# Call to its parameters, and what the result shows: a member of the inventory, or the answer itself.
CALLS = {
    "AddModel": ({"name": "m", "installPath": "/m", "modelCenterUuid": CENTER, "token": "geheim-geheim"}, {"name": "m"}),
    "UpdateModel": ({"uuid": MODEL, "vendor": "v", "modelClassifications": ["Others"]}, {"vendor": "v"}),
    "DeleteModel": ({"uuid": FREE_MODEL}, {}),
    "DeleteModels": ({"uuids": [FREE_MODEL], "deleteMode": "Enforcing"}, {"results": [{"uuid": FREE_MODEL, "success": True}]}),
    "BindModelToService": ({"modelUuid": FREE_MODEL, "modelServiceUuid": SERVICE}, {"uuid": SERVICE}),
    "UnbindModelFromService": ({"modelUuid": MODEL, "modelServiceUuid": SERVICE}, {"uuid": SERVICE}),
    "GenerateModelMetadata": ({"modelCenterUuid": CENTER, "modelUuids": [MODEL]}, {}),
    "AddModelCenter": ({"name": "c", "url": "http://c", "managementIp": "192.0.2.1", "managementPort": 22, "zoneUuid": ZONE},
                       {"name": "c"}),
    "UpdateModelCenter": ({"uuid": CENTER, "description": "d"}, {"description": "d"}),
    "DeleteModelCenter": ({"uuid": CENTER, "deleteMode": "Enforcing"}, {}),
    "GetModelCenterServices": ({"modelCenterUuids": [CENTER]}, None),
    "SyncAINginxConfiguration": ({"groupUuids": [GROUP]}, {"success": True}),
    "AddModelService": ({"name": "s", "yaml": {"a": 1}, "modelCenterUuid": CENTER, "requestCpu": 1, "requestMemory": 1, "installPath": "/s",
                         "startCommand": "x", "architectureImages": [{"cpuArchitecture": "X86_64", "dockerImage": "r/a:1"}]},
                        {"name": "s", "yaml": '{"a": 1}'}),
    "CloneModelService": ({"uuid": SERVICE, "name": "copy"}, {"name": "copy"}),
    "UpdateModelService": ({"uuid": SERVICE, "description": "d"}, {"description": "d"}),
    "DeleteModelService": ({"uuid": OTHER_SERVICE}, {}),
    "DeleteModelServices": ({"uuids": [OTHER_SERVICE]}, {"results": [{"uuid": OTHER_SERVICE, "success": True}]}),
    "MatchModelServiceTemplateWithModel": (
        {"modelUuids": [MODEL], "modelServiceUuids": [SERVICE], "instanceNumber": 1, "name": "n", "zoneUuid": ZONE, "type": "Container"}, None),
    "DeployModelService": ({"uuid": SERVICE, **DEPLOY}, {"name": "new", "status": "Deploying"}),
    "DeployDistributedModelService": ({"name": "two", "modelServices": NODES, "serviceCreationStrategy": "parallel"}, {"name": "two"}),
    "UpdateModelServiceInstanceGroup": ({"uuid": GROUP, "name": "renamed"}, {"name": "renamed"}),
    "RestartModelServiceGroups": ({"uuids": [GROUP]}, {"results": [{"uuid": GROUP, "success": True}]}),
    "DeleteModelServiceInstanceGroup": ({"uuid": GROUP}, {}),
    "DeleteModelServiceInstanceGroups": ({"uuids": [GROUP]}, {"results": [{"uuid": GROUP, "success": True}]}),
    "DeployAppDevelopmentService": ({"uuid": SERVICE, **DEPLOY}, {"name": "new"}),
    "DeployModelEvalService": ({"uuid": SERVICE, **DEPLOY, "taskType": "Capability", "limits": 5, "prompt": "Hi"}, {"name": "new", "limits": 5}),
    "UpdateModelEvaluationTask": ({"uuid": TASK, "name": "renamed"}, {"name": "renamed"}),
    "DeleteModelEvaluationTask": ({"uuid": TASK}, {}),
    "DeleteModelEvaluationTasks": ({"uuids": [TASK]}, {"results": [{"uuid": TASK, "success": True}]}),
    "CreateDataset": ({"name": "d", "url": "http://d", "modelCenterUuid": CENTER}, {"name": "d"}),
    "UpdateDataset": ({"uuid": DATASET, "description": "d", "dataType": "Text"}, {"description": "d"}),
    "UpdateDatasets": ({"updateDatasetStructs": [{"uuid": DATASET, "usageScenarios": ["App"], "dataType": "Audio"}]}, None),
    "DeleteDataset": ({"uuid": DATASET}, {}),
    "DeleteDatasets": ({"uuids": [DATASET]}, {"results": [{"uuid": DATASET, "success": True}]}),
    "CreateUserProxyConfig": (
        {**PROXY, "proxyPort": 3128, "resourceUuid": "666666666666466a8666666666666666"}, {"proxyPort": 3128, "proxyPassword": MASK}),
    "UpdateUserProxyConfig": ({"uuid": PROXY_UUID, "proxyHost": "i"}, {"proxyHost": "i", "proxyPassword": MASK}),
    "DeleteUserProxyConfig": ({"uuid": PROXY_UUID}, {}),
    "ReconnectZdfs": ({"uuid": ZDFS}, {"status": "Connected"}),
    "MountModelToVmInstance": ({"vmInstanceUuid": "7" * 32, "modelUuid": FREE_MODEL, "mountPath": "/m"}, {"mountPath": "/m"}),
    "UpdateAiHostModelCachePolicy": ({"hostUuid": "8" * 32, "enabled": True, "highWatermarkPercent": 100}, {}),
    "UpdateZsDatasetModelProfile": ({"modelProfileId": "profile_1", "apiKey": "geheim-geheim", "status": "ENABLED"}, {}),
}
EMPTY_QUERIES = {"QueryApplicationDevelopmentService", "QueryModelEvalServiceInstanceGroup"}


def test_every_call_is_tested():
    assert set(CALLS) | {name for name in names() if name.startswith("Query")} == set(names())


@pytest.mark.parametrize("name", [name for name in names() if name.startswith("Query")])
def test_every_query_answers(collection, simulator, name):
    simulator.configure(server_version="5.5.38")
    simulator.seed(SEED)
    outcome = perform_call(collection, name, {}, check_mode=True)
    rows = outcome.result["result"]["inventories"]
    assert not outcome.failed and (bool(rows) or name in EMPTY_QUERIES) and "geheim" not in json.dumps(outcome.result)
    if rows:
        one = perform_call(collection, name, {"uuid": rows[0]["uuid"]}).result["result"]["inventories"]
        assert one == rows[:1]
    assert perform_call(collection, name, {"count": True}).result["result"] == {"total": len(rows)}
    assert not simulator.writes() and simulator.stats()["sessions"] == 0


@pytest.mark.parametrize("name", CALLS)
def test_every_other_call_is_made_once(collection, simulator, name):
    simulator.configure(server_version="5.5.38", deploy_ms=10_000)
    simulator.seed(SEED)
    parameters, expected = CALLS[name]
    reads = name.startswith("Get")
    checked = perform_call(collection, name, parameters, check_mode=True, **(TAGS if name == "CreateDataset" else {}))
    assert not checked.failed and not simulator.writes() and (reads or checked.result["result"] is None), checked.result
    outcome = perform_call(collection, name, parameters, **(TAGS if name == "CreateDataset" else {}))
    assert not outcome.failed, outcome.result
    assert outcome.result["changed"] is checked.result["changed"] is not reads and outcome.result["steps"] == checked.result["steps"]
    assert [entry["call"] for entry in simulator.writes()] == ([] if reads else [name])
    assert bool(outcome.result["job_uuid"]) is not (reads or name == "SyncAINginxConfiguration")
    result = outcome.result["result"]
    if expected is not None:
        shown = result.get("inventory", result)
        assert {key: shown.get(key) for key in expected} == expected and (expected or result == {})
    assert "geheim" not in json.dumps([outcome.result, outcome.arguments, checked.result])
    sent = next((entry["body"] for entry in simulator.writes() if isinstance(entry["body"], dict)), {})
    if name.startswith(("Create", "Add", "Clone")):
        assert len(next(iter(sent.values()))["resourceUuid"]) == 32 and next(iter(sent.values()))["resourceUuid"] == result["inventory"]["uuid"]


def test_newer_calls_are_those_of_the_newer_server(collection, simulator):
    """An older server takes the POST for the query of the same path, answers it, and mounts nothing."""
    simulator.seed(SEED)
    outcome = perform_call(collection, "MountModelToVmInstance", CALLS["MountModelToVmInstance"][0])
    assert outcome.failed and "MountModelToVmInstance needs a version after 5.5.22" in outcome.result["msg"]
    assert [entry["call"] for entry in simulator.log()] == ["GetVersion"]


@pytest.mark.parametrize("fault, options, sent", [
    ("drop_before", {}, 2), ("drop_after", {}, 1), ("html_502", {"after": True}, 1), ("empty_500", {"after": True}, 1), ("rate_limit", {}, 2),
    ("expire_session", {}, 2),
])
def test_a_creation_is_done_once_whatever_happens(collection, simulator, fault, options, sent):
    simulator.fault(fault, {"call": "CreateUserProxyConfig"}, **options)
    outcome = perform_call(collection, "CreateUserProxyConfig", {**PROXY, "proxyPort": 1, "resourceUuid": None})
    assert not outcome.failed and outcome.result["changed"] and len(outcome.result["job_uuid"]) == 32
    assert [row["uuid"] for row in simulator.state()["user_proxy_configs"]] == [outcome.result["result"]["inventory"]["uuid"]]
    assert len(simulator.writes()) == sent


@pytest.mark.parametrize("work", [True, False])
def test_a_job_that_never_ends_says_what_is_known(collection, simulator, work):
    simulator.fault("stuck_job", {"call": "CreateUserProxyConfig"}, work=work)
    outcome = perform_call(collection, "CreateUserProxyConfig", {**PROXY, "proxyPort": 1, "resourceUuid": None}, wait_timeout=1)
    assert outcome.failed and outcome.result["changed"] is work and len(outcome.result["steps"]) == work
    assert outcome.result["error"]["code"] == "client.outcome_unknown" and outcome.result["job_uuid"] in outcome.result["msg"]
    assert ("exists, but may be incomplete" in outcome.result["msg"]) is work


def perform_call(collection, name, parameters, check_mode=False, **more):
    """Perform a task through the pipeline, without the cost of a process."""
    options = {option: argument.get("default") for option, argument in SPEC.options.items()}
    options.update(collection.connection(), call=name, parameters=parameters, **more)
    return perform(SPEC, options, dict(options), check_mode, {}, Client, Client.close)
