# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evaluations and trained model records."""
from __future__ import annotations

import json
import time
from uuid import uuid4

import pytest

from simulator.testing import RunningSimulator, patience

SERVICES = "/v1/ai/model-services"
GROUPS = "/v1/ai/model-services/instances/groups"
EVAL_GROUPS = "/v1/ai/model-eval-services/instances/groups"
TASKS = "/v1/model-evaluation-tasks"
ZONE = "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e"
DATASET = "8d0f2b4c6e8a4d0c9b2e4f6a8c0d2e4f"
PRESET = "0f2b4c6e8a0d4f2e8d4f6a8c0e2f4a6b"
EVALUATED = "b" * 32
NOBODY = "0" * 32
# milliseconds that pass only when a test moves the clock
LONG = 600_000
BODY = {"name": "gate", "zoneUuid": ZONE, "type": "Container", "dockerImage": "registry.example.com/eval:1", "taskType": "Capability", "limits": 100,
        "datasetUuids": [DATASET], "modelServiceGroupUuids": [EVALUATED]}


@pytest.fixture(name="evaluate")
def evaluate_fixture(client, sim, ids):
    """Evaluate a running group, quickly unless a test wants it slow."""
    sim.configure(deploy_ms=1, evaluation_ms=1)
    sim.seed({"instance_groups": [{"uuid": EVALUATED, "name": "chat", "modelUuid": ids.model, "modelServiceUuid": ids.other_service}]})

    def evaluate(**params):
        body = {name: value for name, value in {**BODY, **params}.items() if value is not None}
        return client.do("PUT", f"{SERVICES}/eval/{ids.service}", {"deployModelEvalService": body})
    return evaluate


@pytest.fixture(name="tasks")
def tasks_fixture(client):
    """Return the tasks of an evaluating group, at once or when all have ended."""
    def tasks(group, ended=True, seconds=5.0):
        deadline = time.monotonic() + patience(seconds)
        while True:
            rows = client.get(TASKS, f"modelServiceGroupUuid={group['uuid']}", sort="uuid").json["inventories"]
            if not ended or all(row["status"] != "Running" for row in rows) or time.monotonic() > deadline:
                return rows
            time.sleep(0.005)
    return tasks


def global_code(answer):
    """Return the number of the AI error code."""
    return int(answer.json["error"]["globalErrorCode"].rsplit("_", 1)[1])


def test_the_question_is_read_back(sim, evaluate, tasks):
    sim.configure(evaluation_ms=LONG)
    question = {"temperature": 0.5, "topK": 5, "topP": 1, "maxNewTokens": 64, "repetitionPenalty": "1.5", "maxLength": 4096, "prompt": "Hello",
                "model": "qwen", "url": "http://192.0.2.9/v1", "parallel": 4, "logEveryQuery": 10, "api": "openai", "requestHeaders": {"X-A": "1"},
                "connectTimeout": 10, "readTimeout": 20, "description": "d", "limits": 100}
    uuid = uuid4().hex
    group = evaluate(**question, resourceUuid=uuid).inventory
    assert (group["uuid"], group["status"], group["modelServiceType"]) == (uuid, "Deploying", "Endpoint")
    group_fields = ("limits", "temperature", "topK", "topP", "maxLength", "maxNewTokens", "repetitionPenalty")
    assert {name: group[name] for name in group_fields} == {**{name: question[name] for name in group_fields}, "repetitionPenalty": 1.5}
    task, = tasks(group, ended=False)
    assert {name: task[name] for name in question} == {**question, "repetitionPenalty": 1.5}
    assert {name: task[name] for name in ("name", "type", "status", "modelServiceGroupUuid", "evaluatedServiceGroupUuid", "datasetUuid")} == {
        "name": "gate", "type": "Capability", "status": "Running", "modelServiceGroupUuid": uuid, "evaluatedServiceGroupUuid": EVALUATED,
        "datasetUuid": DATASET}
    assert not {"totalScore", "endTime", "opaque"} & set(task)


def test_score(sim, evaluate, tasks):
    task, = tasks(evaluate().inventory)
    assert (task["status"], task["totalScore"], task["percentage"]) == ("Completed", 85.0, 100) and task["endTime"]
    for key in ("chat", EVALUATED, "qwen2.5-7b", "other"):
        sim.configure(evaluation_scores={key: 61.5}, evaluation_done_status="Done")
        task, = tasks(evaluate(name="other").inventory)
        assert (task["status"], task["totalScore"]) == ("Done", 61.5)


def test_progress(sim, evaluate, tasks):
    sim.configure(evaluation_ms=4 * LONG, deploy_ms=LONG)
    group = evaluate().inventory
    seen = []
    for _unused in range(6):
        task, = tasks(group, ended=False)
        seen.append((task["status"], task["percentage"]))
        sim.advance(LONG)
    assert seen == [("Running", 0), ("Running", 0), ("Running", 25), ("Running", 50), ("Running", 75), ("Completed", 100)]


def test_a_task_for_each_group_and_dataset(evaluate, tasks, sim):
    sim.seed({"instance_groups": [{"uuid": "c" * 32, "name": "other"}]})
    rows = tasks(evaluate(datasetUuids=[DATASET, PRESET], modelServiceGroupUuids=[EVALUATED, "c" * 32]).inventory)
    assert {(row["evaluatedServiceGroupUuid"], row["datasetUuid"]) for row in rows} == {
        (group, dataset) for group in (EVALUATED, "c" * 32) for dataset in (DATASET, PRESET)}
    task, = tasks(evaluate(datasetUuids=None, prompt="Hello", modelServiceGroupUuids=None).inventory)
    assert not {"evaluatedServiceGroupUuid", "datasetUuid"} & set(task)


@pytest.mark.parametrize("name", ["taskType", "limits", "name", "zoneUuid", "type"])
def test_required(evaluate, name):
    assert f"field[{name}]" in evaluate(**{name: None}).details


@pytest.mark.parametrize("params", [
    {"taskType": "Speed"}, {"api": "other"}, {"type": "VM"}, {"maxLength": 127}, {"maxLength": 128001}, {"parallel": 1025}, {"parallel": -1},
    {"logEveryQuery": 4}, {"logEveryQuery": 301}, {"connectTimeout": 4}, {"connectTimeout": 121}, {"readTimeout": 4}, {"readTimeout": 121},
    {"serviceReadyz": "/" + "x" * 255}])
def test_choices_and_limits(evaluate, params):
    assert evaluate(**params).code == "SYS.1007"


@pytest.mark.parametrize("params, number", [({"datasetUuids": None}, 10069), ({"datasetUuids": []}, 10069), ({"dockerImage": None}, 10075),
                                            ({"type": "VirtualMachine"}, 10071), ({"environmentVariables": {"A": None}}, 10078)])
def test_checks(sim, evaluate, params, number):
    sim.configure(dialect="diagnostic")
    assert global_code(evaluate(**params)) == number


@pytest.mark.parametrize("params", [{"datasetUuids": [NOBODY]}, {"modelServiceGroupUuids": [NOBODY]}, {"modelUuid": NOBODY}])
def test_references(evaluate, params):
    assert evaluate(**params).code == "SYS.1003"


@pytest.mark.parametrize("value", ["warm", True, [1]])
def test_floats(evaluate, value):
    answer = evaluate(temperature=value)
    assert answer.status == 500 and "temperature" in answer.text


def test_failure_with_a_reason(sim, evaluate, tasks):
    sim.fault("fail_evaluation", {"call": "DeployModelEvalService"}, details="no answer from the service")
    task, = tasks(evaluate().inventory)
    assert task["status"] == "Failed" and "totalScore" not in task
    assert json.loads(task["opaque"]) == {"error": "no answer from the service"}
    sim.fault("fail_evaluation", {"call": "DeployModelEvalService"}, status="Completed", score=None)
    task, = tasks(evaluate().inventory)
    assert task["status"] == "Completed" and "totalScore" not in task


def test_failure_of_the_evaluating_service(sim, evaluate, tasks, client):
    sim.fault("fail_deployment", {"call": "DeployModelEvalService"}, status="Failed")
    group = evaluate().inventory
    task, = tasks(group)
    assert task["status"] == "Failed"
    assert client.get(f"{EVAL_GROUPS}/{group['uuid']}").json["inventories"][0]["status"] == "Failed"


def test_evaluating_groups_are_groups_too(client, evaluate):
    uuid = evaluate().inventory["uuid"]
    assert client.names(EVAL_GROUPS + "/") == client.names(EVAL_GROUPS + "/", "name=gate", sort="uuid") == ["gate"]
    assert client.get(f"{EVAL_GROUPS}/{EVALUATED}").json["inventories"] == []
    assert client.names(EVAL_GROUPS + "/", "name=chat") == []
    assert client.names(GROUPS + "/") == ["chat", "gate"]
    assert client.get(f"{EVAL_GROUPS}/", count="true").json["total"] == 1
    seen, other = (client.get(f"{path}/{uuid}").json["inventories"][0] for path in (EVAL_GROUPS, GROUPS))
    assert seen["limits"] == 100 and "limits" not in other
    assert client.names(EVAL_GROUPS + "/", "temperature is null", "limits>99") == ["gate"]
    assert client.get(GROUPS + "/", "limits=100").code == "SYS.1000"


def test_update_of_a_task(client, evaluate, tasks):
    task, = tasks(evaluate().inventory)
    changed = client.do("PUT", f"{TASKS}/{task['uuid']}", {"updateModelEvaluationTask": {"name": "n", "description": "d", "limits": 5}}).inventory
    assert (changed["name"], changed["description"], changed["limits"], changed["totalScore"]) == ("n", "d", 100, 85.0)
    assert client.do("PUT", f"{TASKS}/{NOBODY}", {"updateModelEvaluationTask": {"name": "n"}}).code == "SYS.1003"


def test_what_a_task_keeps(client, sim, evaluate, tasks):
    sim.configure(dialect="diagnostic")
    group = evaluate().inventory
    task, = tasks(group)
    for path, number in ((f"{GROUPS}/{group['uuid']}", 10086), (f"{GROUPS}/{EVALUATED}", 10086), (f"/v1/ai/datasets/{DATASET}", 10062)):
        answer = client.do("DELETE", path)
        assert global_code(answer) == number and "evaluation tasks" in answer.details
    assert client.do("DELETE", f"{TASKS}/{task['uuid']}").text == "{}"
    assert client.names(GROUPS + "/") == ["chat"], "the evaluating service goes with its last task"
    for path in (f"{TASKS}/{task['uuid']}", f"{GROUPS}/{EVALUATED}", f"/v1/ai/datasets/{DATASET}"):
        assert client.do("DELETE", path).text == "{}"


def test_a_server_that_keeps_the_evaluating_service(client, sim, evaluate, tasks):
    sim.configure(evaluation_groups_go=False)
    rows = tasks(evaluate(datasetUuids=[DATASET, PRESET]).inventory)
    results = client.do("DELETE", TASKS, params=[("uuids", row["uuid"]) for row in rows]).json["results"]
    assert [item["success"] for item in results] == [True, True]
    assert client.names(GROUPS + "/") == ["chat", "gate"]


def test_a_group_that_another_one_uses(client, sim, ids, evaluate):
    assert evaluate
    body = {"name": "app", "zoneUuid": ZONE, "type": "Container", "dockerImage": "x", "modelServiceGroupUuids": [EVALUATED]}
    assert client.do("PUT", f"{SERVICES}/{ids.service}", {"deployModelService": body}).status == 200
    assert "in use by instance groups" in client.do("DELETE", f"{GROUPS}/{EVALUATED}").details
    assert client.do("DELETE", f"{GROUPS}/{EVALUATED}", params={"deleteMode": "Enforcing"}).text == "{}"
    assert [row["_groups"] for row in sim.state(internal=True)["instance_groups"]] == [[]]


def test_tasks_survive_a_restart(make_client, ids):
    with RunningSimulator() as simulator:
        client = make_client(simulator)
        client.login()
        simulator.configure(deploy_ms=1, evaluation_ms=LONG, evaluation_score=42.0)
        body = {**BODY, "modelServiceGroupUuids": []}
        client.do("PUT", f"{SERVICES}/eval/{ids.service}", {"deployModelEvalService": body})
        simulator.restart()
        assert simulator.state()["model_evaluation_tasks"][0]["status"] == "Running"
        simulator.advance(LONG)
        assert simulator.state()["model_evaluation_tasks"][0]["totalScore"] == 42.0


def test_seeded_tasks(client, sim):
    sim.configure(evaluation_ms=LONG)
    sim.seed({"model_evaluation_tasks": [{"name": "done", "totalScore": 70.5}, {"name": "begun", "status": "Running", "totalScore": 71.5}]})
    assert len(client.get(TASKS, "status=Running").json["inventories"]) == 1
    sim.advance(LONG)
    rows = client.get(TASKS, "totalScore>70", sort="name").json["inventories"]
    assert [(row["name"], row["status"], row["totalScore"]) for row in rows] == [("begun", "Completed", 71.5), ("done", "Completed", 70.5)]


def test_trained_model_records(client, ids):
    record, = client.get("/v1/ai/trained-model/records", f"sourceModelUuid={ids.model}").json["inventories"]
    assert record["datasetUuid"] == DATASET and record["modelUuid"]
    assert client.get(f"/v1/ai/trained-model/record/{record['uuid']}").json["inventories"] == [record]
    assert client.get(f"/v1/ai/trained-model/records/{record['uuid']}").status == 404
    assert len(client.get("/v1/ai/trained-model/records", "model.name=deepseek-r1-7b").json["inventories"]) == 1
