# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One object, whatever the network, the server and other jobs do."""

from __future__ import annotations

import concurrent.futures
import time

import pytest
from simulator.testing import patience
from ansible_collections.zstack.aios.plugins.module_utils._pipeline import creating as _creating
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol import jobs as _jobs

from .test_cases import NEW_MODEL, PAGE_CLONE, SERVICE

MODEL, CLONE = "zstack_ai_model", "zstack_ai_model_service_clone"
TASKS = {
    "AddModel": (MODEL, NEW_MODEL, "models", "qwen3-32b"),
    "CloneModelService": (CLONE, PAGE_CLONE, "model_services", "example"),
}
# kind, options, and whether the run itself may succeed
FAULTS = [
    ("drop_before", {}), ("drop_after", {}), ("cut_body", {}), ("html_502", {}), ("html_503", {}), ("html_502", {"after": True}),
    ("html_504", {"after": True}), ("empty_500", {"after": True}), ("empty_500", {}), ("rate_limit", {}), ("html_200", {}), ("late_row", {"ms": 300}),
    ("expire_session", {}),
]


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch):
    monkeypatch.setattr(_jobs, "TRAVEL_SECONDS", 0.2)
    monkeypatch.setattr(_creating, "LOOKS", (0.0, 0.1, 0.2))


def count(simulator, kind, name):
    return sum(row["name"] == name for row in simulator.state()[kind])


@pytest.mark.parametrize("call", TASKS)
@pytest.mark.parametrize("kind,options", FAULTS, ids=str)
def test_a_fault_while_creating(collection, simulator, call, kind, options):
    module, task, rows, name = TASKS[call]
    simulator.fault(kind, match={"call": call}, **options)
    assert collection.task(module, **task)["changed"] is True
    assert [fault for fault in simulator.faults() if fault["fired"]] or not simulator.faults()
    assert count(simulator, rows, name) == 1
    time.sleep(options.get("ms", 0) / 1000)
    assert collection.task(module, **task)["changed"] is False
    assert simulator.stats()["sessions"] == 0


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "html_502", "cut_body", "rate_limit", "html_200"])
def test_a_fault_while_polling(collection, simulator, kind):
    simulator.configure(job_ms=50)
    simulator.fault(kind, match={"call": "PollJob"}, times=2)
    assert collection.task(CLONE, **PAGE_CLONE)["changed"] is True
    assert count(simulator, "model_services", "example") == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "html_502", "rate_limit", "html_503", "not_ready", "boot_404", "expire_session", "cut_body"])
def test_a_fault_while_reading_makes_no_twin(collection, simulator, kind):
    collection.task(CLONE, **PAGE_CLONE)
    simulator.fault(kind, match={"call": "QueryModelService"}, times=1)
    assert collection.task(CLONE, **PAGE_CLONE)["changed"] is False
    assert count(simulator, "model_services", "example") == 1


@pytest.mark.parametrize("call", TASKS)
def test_two_jobs_at_the_same_time(collection, simulator, call):
    module, task, rows, name = TASKS[call]
    simulator.configure(job_ms=150, latency_ms=20)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = [future.result() for future in [pool.submit(collection.task, module, **task) for _unused in range(4)]]
    assert {result["changed"] for result in results} <= {True, False}
    assert count(simulator, rows, name) == 1
    simulator.configure(job_ms=0, latency_ms=0)
    assert collection.task(module, **task)["changed"] is False


def test_a_deleted_clone_keeps_its_uuid_reserved(collection, simulator):
    simulator.configure(reserve_deleted_uuids=True)
    first = collection.task(CLONE, **PAGE_CLONE)["model_service"]["uuid"]
    collection.task(CLONE, name="example", state="absent")
    second = collection.task(CLONE, **PAGE_CLONE)["model_service"]["uuid"]
    assert second != first
    assert count(simulator, "model_services", "example") == 1
    assert collection.task(CLONE, **{**PAGE_CLONE, "size": 7, "on_drift": "replace"})["model_service"]["uuid"] not in (first, second)
    assert count(simulator, "model_services", "example") == 1


def test_a_renamed_clone_is_found_and_named_back(collection, simulator):
    uuid = collection.task(CLONE, **PAGE_CLONE)["model_service"]["uuid"]
    collection.task(CLONE, **{**PAGE_CLONE, "name": "renamed by hand", "resource_uuid": uuid})
    assert count(simulator, "model_services", "renamed by hand") == 1
    result = collection.task(CLONE, **PAGE_CLONE)
    assert result["diff"]["before"]["name"] == "renamed by hand"
    assert [step["call"] for step in result["steps"]] == ["UpdateModelService"]
    assert count(simulator, "model_services", "example") == 1


def test_a_service_made_by_hand_is_taken_over(collection, simulator):
    simulator.seed({"model_services": [
        {"uuid": "a" * 32, "name": "example", "requestCpu": 1, "size": 0, "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d"}]})
    result = collection.task(CLONE, source_service_uuid=SERVICE, name="example", request_cpu=3)
    assert [step["call"] for step in result["steps"]] == ["UpdateModelService"]
    assert result["model_service"]["uuid"] == "a" * 32
    assert count(simulator, "model_services", "example") == 1


def test_two_of_one_name_are_listed_and_left(collection, simulator):
    for letter in "ab":
        simulator.seed({"model_services": [{"uuid": letter * 32, "name": "example", "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d"}]})
    with pytest.raises(Failure) as caught:
        collection.task(CLONE, **PAGE_CLONE)
    assert "a" * 32 in caught.value.result["msg"] and "b" * 32 in caught.value.result["msg"]
    assert not simulator.writes()


def test_a_model_from_before_it_had_an_id_is_adopted(collection, simulator):
    collection.task(MODEL, **{key: value for key, value in NEW_MODEL.items() if key != "model_id"})
    result = collection.task(MODEL, **NEW_MODEL)
    assert [step["call"] for step in result["steps"]] == ["UpdateModel"]
    assert result["steps"][0]["fields"] == ["model_id"]
    assert count(simulator, "models", "qwen3-32b") == 1


def test_a_job_that_never_ends_makes_no_second_object(collection, simulator):
    simulator.fault("stuck_job", match={"call": "CloneModelService"}, work=True)
    with pytest.raises(Failure) as caught:
        collection.task(CLONE, **{**PAGE_CLONE, "wait_timeout": 1})
    assert "wait_timeout" in caught.value.result["msg"] and "exists, but may be incomplete" in caught.value.result["msg"]
    assert collection.task(CLONE, **PAGE_CLONE)["changed"] is False
    assert count(simulator, "model_services", "example") == 1


def test_an_update_whose_job_is_forgotten_is_looked_up(collection, simulator):
    simulator.fault("stuck_job", match={"call": "UpdateModel"}, work=True)
    result = collection.task(MODEL, uuid="059d19eb310f36d4a7f43f51eaab87b8", vendor="Alibaba", wait_timeout=1)
    assert result["changed"] is True
    assert any("considered successful" in warning for warning in result["warnings"])


def test_a_killed_management_node(collection, simulator):
    simulator.configure(job_ms=patience(3000))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(collection.task, CLONE, **{**PAGE_CLONE, "wait_timeout": 3, "retries": 5})
        while not simulator.writes():
            pass
        simulator.restart(kill=True)
        with pytest.raises(Failure) as caught:
            running.result()
    assert "not" in caught.value.result["msg"]
    assert collection.task(CLONE, **PAGE_CLONE)["changed"] is True
    assert count(simulator, "model_services", "example") == 1
