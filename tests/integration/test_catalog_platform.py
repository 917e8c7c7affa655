# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One directory describes a platform from the model center to the endpoint and its evaluation, through its whole life."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import EXPORT
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from simulator.seeding import default_seed

from .test_catalog import Runner, by_name

EXAMPLE = str(pathlib.Path(__file__).parents[2] / "examples" / "platform")
OWNED = {"name": "platform", "prune": True}
# Values that no inventory shows, according to the export.
UNSHOWN = {
    "model_service_groups": {
        "zone": "zone-1", "docker_image": "registry.example.com/vllm:0.8.5", "environment_variables": {"MAX_MODEL_LEN": "32768"},
        "cpu_num": 16, "memory_size": 68719476736},
    "model_evaluations": {"zone": "zone-1", "type": "Container", "docker_image": "registry.example.com/evaluator:1.2"},
}
AI_KINDS = ("model_centers", "models", "model_services", "instance_groups", "datasets", "model_evaluation_tasks")


def empty() -> dict[str, t.Any]:
    """Return what is around the AI objects, and none of them."""
    return {key: rows for key, rows in default_seed().items() if key not in (*AI_KINDS, "user_tags", "system_tags", "model_eval_groups")}


@pytest.fixture
def platform(collection, tmp_path):
    collection.simulator.reset(empty())
    return Runner(collection, tmp_path)


def objects(simulator) -> dict[str, list[str]]:
    state = simulator.state()
    return {kind: sorted(row["name"] for row in state[kind]) for kind in AI_KINDS}


def test_an_empty_platform_and_back(platform):
    simulator = platform.simulator
    planned = platform.run(check=True, path=EXAMPLE, **OWNED)
    assert not simulator.writes() and planned["summary"]["create"] == 8
    simulator.clear_log()
    applied = platform.run(path=EXAMPLE, **OWNED)
    assert [entry["diff"] for entry in applied["entries"]] == [entry["diff"] for entry in planned["entries"]]
    assert {name: entry["steps"] for name, entry in by_name(applied).items()} == {name: entry["steps"] for name, entry in by_name(planned).items()}
    calls = [entry["call"] for entry in simulator.writes()]
    assert calls.index("AddModelCenter") < calls.index("AddModelService") < calls.index("CloneModelService") < calls.index("AddModel")
    assert calls.index("AddModel") < calls.index("DeployModelService") < calls.index("DeployModelEvalService")
    assert objects(simulator) == {
        "model_centers": ["center-shanghai"], "models": ["qwen3-8b"], "model_services": ["evaluator", "vllm", "vllm-qwen3"],
        "instance_groups": ["qwen3-chat", "qwen3-reasoning"], "datasets": ["reasoning-100"], "model_evaluation_tasks": ["qwen3-reasoning"]}
    group = next(row for row in simulator.state()["instance_groups"] if row["name"] == "qwen3-chat")
    assert group["status"] == "Running" and group["instances"][0]["url"]
    uuids = {name: entry["uuid"] for name, entry in by_name(platform.run(check=True, list_unchanged=True, path=EXAMPLE, **OWNED)).items()}
    assert {name: entry["uuid"] for name, entry in by_name(applied).items()} == uuids

    simulator.clear_log()
    again = platform.run(path=EXAMPLE, list_unchanged=True, **OWNED)
    assert not again["changed"] and not simulator.writes() and again["warnings"] == []
    assert {entry["action"] for entry in again["entries"]} == {"none"} and len(again["entries"]) == 8

    directory = str(platform.directory)
    exported = platform.run(EXPORT, path=directory)
    assert exported["summary"] == {**dict.fromkeys(KINDS, 1), "model_services": 2} and exported["omitted"] == []
    for check in (True, False):
        unchanged = platform.run(check=check, path=directory, list_unchanged=True, **OWNED)
        assert {entry["action"] for entry in unchanged["entries"]} == {"none"} and unchanged["warnings"] == []
    assert [entry["path"] for entry in platform.run(EXPORT, path=directory)["files"] if entry["changed"]] == []

    # Nothing is left once no item names anything, not even the owner tags.
    simulator.clear_log()
    gone = platform.run(allow_empty=True, models=[], prune_limit=20, **OWNED)
    assert gone["summary"]["prune"] == 8 and objects(simulator) == dict.fromkeys(AI_KINDS, [])
    deleted = [entry["call"] for entry in simulator.writes()]
    assert deleted[-1] == "DeleteModelCenter" and deleted[0] == "DeleteModelEvaluationTask"
    assert set(deleted) == {table.delete.name for table in KINDS.values()}
    assert not simulator.state()["user_tags"]


def test_an_export_recreates_the_platform_elsewhere(platform):
    simulator = platform.simulator
    platform.run(path=EXAMPLE, **OWNED)
    document = yaml.safe_load(platform.run(EXPORT)["content"])
    before = objects(simulator)
    simulator.reset(empty())
    with pytest.raises(Failure) as caught:
        platform.run(check=True, **document)
    lost = {entry["kind"]: (entry["action"], entry["msg"]) for entry in caught.value.result["entries"] if "msg" in entry}
    assert {kind: action for kind, (action, _unused) in lost.items()} == {"model_service_groups": "failed", "model_evaluations": "skipped"}
    assert "To create it, also give: zone_uuid (or zone)" in lost["model_service_groups"][1]
    complete = {kind: [{**UNSHOWN.get(kind, {}), **item} for item in items] for kind, items in document.items()}
    platform.run(**complete)
    assert objects(simulator) == before
    assert yaml.safe_load(platform.run(EXPORT)["content"]) == document
    assert not platform.run(check=True, **complete)["changed"]
