# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Info modules against the simulator: exact, complete and the same in the worker and as a module."""

from __future__ import annotations

import ast
import typing as t

import pytest
import yaml

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.info import info_module
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS
from ansible_collections.zstack.aios.tests.integration.conftest import Collection

from .pipelines import ROOT

CENTER = "ebf96ce1de2c46fa8af9d503c29bb93d"
HOSTILE = (
    "it's", 'say "x"', "a=b", "a>=b", "a!=b", "a,b", "100%", "1000", "a_b", "axb", "a\nb", "c:\\models", "is null", "~=", "=x", "\U0001f600", "{{ 7 * 7 }}",
    "\x1b[31mred")
LOOPED = ["100%", "a\nb", "it's"]


def examples() -> list[dict[str, t.Any]]:
    """Return all tasks of the examples of the info modules."""
    found = []
    for path in sorted((ROOT / "plugins" / "modules").glob("*_info.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES":
                assert isinstance(node.value, ast.Constant)
                found.extend(yaml.safe_load(str(node.value.value)))
    return found


def run(collection: Collection, kind: str, **options: t.Any) -> dict[str, t.Any]:
    """One task without the cost of a process."""
    spec = info_module(VIEWS[kind])
    given = {**{name: option.get("default") for name, option in spec.options.items()}, **collection.connection(), **options}
    given["filters"] = [{"operator": "=", "value": None, **entry} for entry in given["filters"] or []]
    spec.check(given)
    client = collection.client()
    try:
        return spec.run(given, client, False)
    finally:
        client.close()


def test_examples_and_hostile_options_in_worker_and_module(collection: Collection) -> None:
    def prepare() -> None:
        collection.simulator.seed({"models": [
            {"uuid": "%032x" % number, "name": name, "installPath": "/m", "modelCenterUuid": CENTER} for number, name in enumerate(HOSTILE, 1)]})

    def read(**options: t.Any) -> dict[str, t.Any]:
        return {"name": "Read", "zstack.aios.zstack_ai_model_info": options, "ignore_errors": True}

    text = read(filters=[{"field": "name", "operator": "~=", "value": "{{ item }}"}])
    text["loop"] = "{{ hostile }}"
    refused = [
        read(filters=[{"field": "name", "operator": "like", "value": "x"}]),
        read(filters=[{"field": "name", "operator": None}, {"field": "version", "value": 2.50}], model_center="center-1"), read(filter=[]),
        read(filters='[{"field": "name", "value": "a,b"}]', fields="name,uuid"), read(model_center="nowhere")]
    results = collection.worker_and_module(*examples(), text, *refused, prepare=prepare, vars={"hostile": LOOPED})
    given, rest = results[:len(examples())], results[len(examples()):]
    assert not [result["msg"] for result in given if result["failed"]] and not any(result["changed"] for result in given)
    loop, errors = rest[:-len(refused)], rest[-len(refused):]
    for name, result in zip(LOOPED, loop):
        assert {row["name"] for row in result["models"]} == {other for other in HOSTILE if name in other}, name
    assert [error["failed"] for error in errors] == [True, False, True, False, True]
    assert "Did you mean ~=?" in errors[0]["msg"] and errors[1]["total"] == 0 and 'becomes the text "2.5"' in errors[1]["warnings"][0]
    assert "Did you mean filters instead of filter?" in errors[2]["msg"] and errors[3]["models"] == [{"name": "a,b", "uuid": "%032x" % 6}]
    assert not collection.simulator.writes()


@pytest.mark.parametrize("execution", ["worker", "module"])
def test_secrets_in_objects_stay_hidden_and_nothing_is_evaluated(collection: Collection, execution: str) -> None:
    collection.simulator.seed({
        "models": [{"uuid": "1" * 32, "name": "{{ 7 * 7 }}", "installPath": "https://user:hf_very_secret@example.com/m", "modelCenterUuid": CENTER}],
        "instance_groups": [{"uuid": "2" * 32, "name": "g", "status": "Running", "type": "Container", "yaml": "env:\n- TOKEN:hf_very_secret\n", "instances": [
            {"uuid": "3" * 32, "name": "g-1", "k8sResourceYaml": "env: [{name: TOKEN, value: hf_very_secret}]",
             "jupyterUrl": "http://192.0.2.1/?token=hf_very_secret"}]}]})
    results = collection.play(
        {"name": "Read", "zstack.aios.zstack_ai_model_info": {"uuid": "1" * 32}, "register": "found"},
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ found.models[0].name }}"}},
        {"name": "Read", "zstack.aios.zstack_ai_model_service_group_info": {"name": "g"}}, vars={"zstack_aios_execution": execution})
    assert results[1]["msg"] == "{{ 7 * 7 }}" and "hf_very_secret" not in str(results)
    group = results[2]["model_service_groups"][0]
    assert group["yaml"] == "env:\n- TOKEN:********\n" and group["instances"][0]["name"] == "g-1"


def test_many_objects_are_complete_with_few_requests(collection: Collection) -> None:
    simulator = collection.simulator
    simulator.seed({
        "models": [
            {"uuid": "%032x" % number, "name": "m%04d" % number, "installPath": "/m", "modelCenterUuid": CENTER, "size": number} for number in range(2500)],
        "user_tags": [{"resourceUuid": "%032x" % number, "tag": "number:%d" % number} for number in range(0, 2500, 2)]})
    simulator.clear_log()
    result = run(collection, "model", name_regex="^m", sort=["-size"], limit=3, fields=["name"], tags=True)
    assert result["total"] == 2500 and [row["name"] for row in result["models"]] == ["m2499", "m2498", "m2497"]
    assert [row["user_tags"] for row in result["models"]] == [[], ["number:2498"], []]
    assert [entry["path"].rsplit("/", 1)[1] for entry in simulator.log() if entry["method"] == "GET"] == ["models"] * 3 + ["user-tags", "system-tags"]
    simulator.clear_log()
    result = run(collection, "model", tags=True, filters=[{"field": "size", "operator": ">", "value": 0}])
    seed = {"qwen2.5-7b", "stable-diffusion-xl"}  # models of the seed that have a size
    assert result["total"] == 2499 + len(seed) and sum(len(row["user_tags"]) for row in result["models"]) == 1249 + 1
    assert len([entry for entry in simulator.log() if entry["method"] == "GET"]) == 3 + 2 + 1
    simulator.clear_log()
    assert run(collection, "model", count_only=True)["total"] == 2504
    assert len([entry for entry in simulator.log() if entry["method"] == "GET"]) == 1


@pytest.mark.parametrize("kind", VIEWS)
def test_every_kind_filters_by_every_field(collection: Collection, kind: str) -> None:
    view = VIEWS[kind]
    values = {"int": 1, "ints": 1, "float": 0.5, "bool": True, "date": "2026-01-01"}
    for column in view.columns:
        if column.secret or column.type in ("record", "records"):
            continue
        for operator in ("=", "!=", "~=", ">", "<", "in", "null"):
            if (operator == "~=" and column.type not in ("text", "texts", "map")) or (operator in "><" and column.type == "bool"):
                continue
            value = None if operator == "null" else values.get(column.type, "x")
            result = run(collection, kind, filters=[{"field": column.name, "operator": operator, "value": [value] if operator == "in" else value}])
            assert result["total"] == len(result[view.plural])
    assert run(collection, kind, tags=True)["total"] >= 0
