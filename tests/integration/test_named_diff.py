# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The diff of a single task shows references as the task gives them, and keeps the UUIDs in the result."""

from __future__ import annotations

import pytest

from .conftest import Collection
from .test_cases import CENTER, MODEL, OTHER_CENTER, SERVICE

OTHER_SERVICE = "c0a1e5d37b2f4c869d0e1f2a3b4c5d6e"
MODELS, CLONES = "zstack_ai_model", "zstack_ai_model_service_clone"


def both(collection: Collection, module: str, **options):
    """Return the result of check mode, which has to be that of the run as well."""
    planned, done = (collection.task(module, check=check, **options) for check in (True, False))
    assert [planned[key] for key in ("changed", "diff", "drift", "warnings")] == [done[key] for key in ("changed", "diff", "drift", "warnings")]
    return done


def test_references_by_name_show_names(collection: Collection):
    result = both(collection, MODELS, uuid=MODEL, default_model_service="diffusers-base", model_center="center-2", vendor="Alibaba")
    assert result["diff"] == {
        "before": {"vendor": "Qwen", "model_center": "center-1", "default_model_service": "vllm-base"},
        "after": {"vendor": "Alibaba", "model_center": "center-2", "default_model_service": "diffusers-base"},
        "uuids": {
            "before": {"model_center_uuid": CENTER, "default_model_service_uuid": SERVICE, "model_service_uuids": [SERVICE]},
            "after": {"model_center_uuid": OTHER_CENTER, "default_model_service_uuid": OTHER_SERVICE, "model_service_uuids": [OTHER_SERVICE, SERVICE]}}}


def test_references_by_uuid_show_uuids(collection: Collection):
    result = both(collection, MODELS, uuid=MODEL, model_center_uuid=OTHER_CENTER)
    assert result["diff"] == {"before": {"model_center_uuid": CENTER}, "after": {"model_center_uuid": OTHER_CENTER}}


def test_two_objects_of_one_name_show_their_uuids_as_well(collection: Collection, simulator):
    simulator.seed({"model_centers": [{"uuid": "b" * 32, "name": "twin"}], "models": [
        {"uuid": "c" * 32, "name": "m", "modelCenterUuid": "b" * 32, "installPath": "/m"}]})
    simulator.seed({"model_centers": [{"uuid": "b" * 32, "name": "center-2"}]})
    assert both(collection, MODELS, uuid="c" * 32, model_center="center-1")["diff"]["before"] == {"model_center": "center-2"}


def test_a_reference_that_nobody_can_name_shows_its_uuid(collection: Collection, simulator):
    simulator.seed({"models": [{"uuid": "c" * 32, "name": "m", "modelCenterUuid": "d" * 32, "installPath": "/m"}]})
    diff = both(collection, MODELS, uuid="c" * 32, model_center="center-1")["diff"]
    assert (diff["before"], diff["after"]) == ({"model_center": "d" * 32}, {"model_center": "center-1"})


def test_drift_and_its_warning_show_names(collection: Collection):
    collection.task("zstack_ai_dataset", name="d", model_center="center-1", url="http://x/d", data_type="Text", usage_scenarios=["ModelEval"])
    for module, options in (
        ("zstack_ai_dataset", {"uuid": collection.task("zstack_ai_dataset", name="d")["dataset"]["uuid"], "model_center": "center-2"}),
    ):
        result = both(collection, module, **options)
        (drift,) = result["drift"]
        assert drift == {
            "field": "model_center", "before": "center-1", "after": "center-2",
            "uuids": {"before": {"model_center_uuid": CENTER}, "after": {"model_center_uuid": OTHER_CENTER}}}
        assert "model_center (is 'center-1', should be 'center-2')" in " ".join(result["warnings"])
        assert CENTER not in str(result["warnings"])


def test_an_unchanged_task_reads_no_names(collection: Collection, simulator):
    options = {"uuid": MODEL, "default_model_service": "vllm-base", "model_center": "center-1"}
    simulator.clear_log()
    result = collection.task(MODELS, **options)
    assert not result["changed"] and result["diff"]["before"] == result["diff"]["after"]
    assert [entry["call"] for entry in simulator.log() if entry["call"].startswith("Query")].count("QueryModelCenter") == 1


@pytest.mark.parametrize("execution", ["worker", "module"])
def test_diff_on_the_terminal(collection: Collection, execution):
    task = {"name": "Update", "zstack.aios.zstack_ai_model": {"uuid": MODEL, "default_model_service": "diffusers-base"}}
    shown = collection.playbook(task, arguments=["--check", "--diff"], vars={"zstack_aios_execution": execution}).stdout
    lines = [line.strip() for line in shown.splitlines()]
    assert '-    "default_model_service": "vllm-base"' in lines and '+    "default_model_service": "diffusers-base"' in lines
    assert OTHER_SERVICE not in shown and "model_service_uuids" not in shown
