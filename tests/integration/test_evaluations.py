# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evaluations: each starts once, fails below a minimum score, and is repeated only with rerun."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.tests.integration.conftest import Collection

SECRET = "header-secret-77"
SERVICE = {"uuid": "0a1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d", "name": "eval-base", "type": "ModelEval", "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d"}
DATASET = {
    "name": "questions", "model_center": "center-1", "url": "http://192.0.2.60/q", "usage_scenarios": ["ModelEval"], "data_type": "Text"}
GIVEN: dict[str, t.Any] = {
    "name": "release-7", "model_service": "eval-base", "model": "qwen2.5-7b", "datasets": ["questions"], "zone": "zone-1", "type": "Container",
    "docker_image": "registry.example.com/eval:1", "l3_networks": ["inference-network"], "task_type": "Capability", "limits": 10, "temperature": 0.7,
}


@pytest.fixture(autouse=True)
def platform(collection: Collection) -> None:
    """An evaluating service and a dataset."""
    collection.simulator.seed({"model_services": [SERVICE]})
    collection.task("zstack_ai_dataset", **DATASET)
    collection.simulator.clear_log()


def evaluate(collection: Collection, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """Run the task."""
    given = {**GIVEN, **options}
    return collection.task("zstack_ai_model_evaluation", check, **{key: value for key, value in given.items() if value is not None})


def test_an_evaluation_starts_once_and_returns_its_score(collection: Collection) -> None:
    foreseen = evaluate(collection, True)
    assert foreseen["changed"] and not collection.calls()
    result = evaluate(collection, minimum_score=80)
    assert (result["changed"], result["steps"]) == (True, foreseen["steps"]) and collection.calls() == ["DeployModelEvalService"]
    assert result["model_evaluation_task"]["total_score"] == 85.0
    again = evaluate(collection, minimum_score=80)
    assert not again["changed"] and not collection.calls()
    assert again["model_evaluation_task"]["uuid"] == result["model_evaluation_task"]["uuid"]
    renamed = evaluate(collection, description="for release 7")
    assert renamed["changed"] and collection.calls() == ["UpdateModelEvaluationTask"]


def test_below_the_minimum_the_task_fails_with_both_numbers(collection: Collection) -> None:
    for changed in (True, False):
        with pytest.raises(Failure, match="reached the total score 85.0, which is below minimum_score 90.5") as caught:
            evaluate(collection, minimum_score=90.5)
        assert caught.value.result["changed"] is changed
    with pytest.raises(OptionError, match="^minimum_score: requires the end"):
        evaluate(collection, minimum_score=1, wait=False)


def test_a_changed_question_needs_rerun_and_the_newest_task_counts(collection: Collection) -> None:
    first = evaluate(collection)["model_evaluation_task"]["uuid"]
    collection.calls()
    for options in ({"limits": 20}, {"temperature": 0.9}, {"prompt": "other"}):
        for check in (True, False):
            with pytest.raises(Failure, match="Set rerun to true"):
                evaluate(collection, check, **options)
    assert not collection.calls()
    assert not evaluate(collection, rerun=True)["changed"]
    second = evaluate(collection, rerun=True, limits=20)
    assert second["changed"] and collection.calls() == ["DeployModelEvalService"] and second["model_evaluation_task"]["uuid"] != first
    assert not evaluate(collection, rerun=True, limits=20)["changed"] and not evaluate(collection, limits=20)["changed"]
    assert not collection.calls()


def test_a_failed_evaluation_fails_with_its_reason_and_can_be_run_again(collection: Collection) -> None:
    collection.simulator.fault("fail_evaluation", {"call": "DeployModelEvalService"}, details="no GPU was free")
    with pytest.raises(Failure, match="has failed: .*no GPU was free.*rerun"):
        evaluate(collection)
    with pytest.raises(Failure, match="has failed"):
        evaluate(collection)
    assert evaluate(collection, rerun=True)["model_evaluation_task"]["total_score"] == 85.0


def test_a_subject_is_required_and_headers_are_secret(collection: Collection) -> None:
    with pytest.raises(OptionError, match="^datasets: an evaluation needs datasets or a prompt"):
        evaluate(collection, datasets=None)
    with pytest.raises(OptionError, match="^max_length: 5 is out of range"):
        evaluate(collection, max_length=5)
    result = evaluate(collection, request_headers={"Authorization": SECRET})
    assert SECRET not in str(result["diff"]) and not evaluate(collection, request_headers={"Authorization": SECRET})["changed"]


def test_an_evaluation_is_deleted_once(collection: Collection) -> None:
    evaluate(collection)
    collection.calls()
    assert collection.task("zstack_ai_model_evaluation", name="release-7", state="absent")["changed"]
    assert collection.calls() == ["DeleteModelEvaluationTask"]
    assert not collection.task("zstack_ai_model_evaluation", name="release-7", state="absent")["changed"] and not collection.calls()


def test_worker_and_module_are_equal_for_the_family(collection: Collection) -> None:
    def prepare() -> None:
        collection.simulator.seed({"model_services": [SERVICE]})

    def task(module: str, **options: t.Any) -> dict[str, t.Any]:
        return {"name": module, "zstack.aios." + module: options, "ignore_errors": True}

    group = {
        "name": "g", "model_service": "vllm-base", "zone": "zone-1", "type": "Container", "docker_image": "i", "cpu_num": 4, "memory_size": 4096,
        "environment_variables": {"TOKEN": SECRET, "SIZE": "3", "MODE": "e"}}
    model = {"name": "m", "model_center": "center-1", "install_path": "/m", "token": SECRET}
    results = collection.worker_and_module(
        task("zstack_ai_model_center", name="edge", url="http://192.0.2.50", management_ip="192.0.2.50", management_port=22),
        task("zstack_ai_dataset", **DATASET), task("zstack_ai_model_evaluation", **GIVEN, minimum_score=90),
        task("zstack_ai_model_service_group", **group), task("zstack_ai_model_service_group", **group),
        task("zstack_ai_model_service", name="diffusers-base", description="new"),
        task("zstack_ai_model_center", name="center-1", state="absent"),
        {**task("zstack_ai_inference_endpoint", model_service_group={**group, "name": "e"}, model=model, evaluation=GIVEN, strategy="side_by_side"),
         "check_mode": True}, prepare=prepare)
    assert [result["failed"] for result in results] == [False, False, True, False, False, False, True, False]
    assert [result["changed"] for result in results] == [True, True, True, True, False, True, False, True]
    assert SECRET not in str(results)
    assert results[3]["model_service_group"]["status"] == "Running" and len(results[3]["model_service_group"]["uuid"]) == 32
