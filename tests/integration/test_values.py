# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values on their way through Ansible: structures, scalars that YAML changes, JSON text. Worker and module, catalog and file."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.release import __version__

from .test_cases import SERVICE

pytestmark = pytest.mark.core

# Before 2.19, a template whose result looks like JSON becomes a structure.
READS_TEMPLATES = tuple(map(int, __version__.split(".")[:2])) < (2, 19)
CENTER = "center-1"
STRUCTURE = {"temperature": 0.2, "stop": None, "stream": True, "ids": [1, 1.5, "3.10"]}
JSON = json.dumps(STRUCTURE)
SERVICES = '{"services": [{"name": "m", "livez": null, "probe": true}]}'
VARIABLES = {"generation": JSON, "defaults": STRUCTURE, "services": SERVICES, "tags": '["team:a", "b,c"]'}
NO_TEXT = "the option takes text and received a "


def model(name, **options):
    return {"name": name, "zstack.aios.zstack_ai_model": {"name": name, "model_center": CENTER, "install_path": "/m", **options}}


def clone(name, **options):
    source = {} if "source_service" in options else {"source_service_uuid": SERVICE}
    return {"name": name, "zstack.aios.zstack_ai_model_service_clone": {"name": name, **source, **options}}


def stored(simulator, name, call):
    """Return the body of the last write with this name."""
    bodies = [entry["body"] for entry in simulator.writes() if entry["call"] == call]
    return next(inner for body in reversed(bodies) for inner in body.values() if isinstance(inner, dict) and inner.get("name") == name)


def test_structures_are_sent_as_json_and_compared_by_meaning(collection, simulator):
    tasks = [
        model("a", parameters="{{ generation }}"), model("b", parameters='{"temperature": {{ defaults.temperature }}, "stop": null}'),
        model("c", parameters="{{ defaults }}"), model("c", parameters=json.dumps(STRUCTURE, indent=4, sort_keys=True)),
        clone("e", yaml="{{ services }}"), clone("f", yaml="{{ services | from_json }}"), clone("e", yaml="services: [{name: m, probe: true, livez: }]"),
        model("a", parameters={**STRUCTURE, "stop": "x"}, user_tags="{{ tags }}"), model("g", parameters=3.10, vendor="{{ 'x' }}"),
    ]
    results = collection.worker_and_module(*tasks, vars=VARIABLES)
    assert [result["changed"] for result in results] == [True, True, True, False, True, True, False, True, True]
    assert results[7]["diff"]["before"]["parameters"] == STRUCTURE and results[7]["diff"]["after"]["parameters"]["stop"] == "x"
    assert results[8]["model"]["parameters"] == "3.1" and "parameters: the option takes text and received the number 3.1." in results[8]["warnings"][0]
    assert json.loads(results[0]["model"]["parameters"]) == json.loads(results[2]["model"]["parameters"]) == STRUCTURE
    assert json.loads(results[1]["model"]["parameters"]) == {"temperature": 0.2, "stop": None}
    assert [yaml.safe_load(results[number]["model_service"]["yaml"]) for number in (4, 5)] == [json.loads(SERVICES)] * 2
    tags = [entry["body"]["userTags"] for entry in simulator.writes() if "userTags" in entry["body"]]
    assert tags == [["b,c", "team:a"]]


def test_a_structure_for_text_is_refused_before_the_first_request(collection, simulator):
    tasks = [
        model(["x", "y"], install_path={"a": 1}), model("t", token={"a": ["zebra-crossing"]}, model_center=[CENTER]), model("t", user_tags=["a", {"b": 1}]),
        clone("d", container_args=["--port", "3000"]), clone("d", architecture_images=[{"cpu_architecture": "x86_64", "docker_image": {"a": 1}}]),
        clone("d", source_service={"a": 1}), model("t", host=["a"]), model("t", account_password={"a": "zebra-crossing"}),
        {"name": "s", "zstack.aios.zstack_session": {"account_name": ["admin"]}}, {"name": "e", "zstack.aios.zstack_ai_catalog_export": {"path": {"a": 1}}},
        clone("d", container_args="{{ tags }}"),
    ]
    for task in tasks:
        task.update(name="x", ignore_errors=True)
    results = collection.worker_and_module(*tasks, vars=VARIABLES)
    for result, start in zip(results, (
        "name: %slist. " % NO_TEXT, "model_center: %slist. " % NO_TEXT, "user_tags[1]: %smapping. " % NO_TEXT, "container_args: %slist. " % NO_TEXT,
        "architecture_images[0].docker_image: %smapping. " % NO_TEXT, "source_service: %smapping. " % NO_TEXT, "host: %slist. " % NO_TEXT,
        "account_password: %smapping. " % NO_TEXT, "account_name: %slist. " % NO_TEXT, "path: %smapping. " % NO_TEXT,
    )):
        assert result["failed"] and not result["changed"] and start in result["msg"] and result["error"]["code"] == "client.option", result
        assert "zebra-crossing" not in str(result)
    assert "install_path: %smapping. " % NO_TEXT in results[0]["msg"]
    assert results[10]["failed"] is READS_TEMPLATES
    assert [entry["call"] for entry in simulator.writes()] == ([] if READS_TEMPLATES else ["CloneModelService"])
    assert READS_TEMPLATES is not bool(simulator.log())


def test_a_scalar_that_yaml_changed_warns_and_shows_what_is_stored(collection, simulator, tmp_path):
    # Written as a user writes it: words, numbers and dates without quotes.
    (tmp_path / "tasks.yml").write_text("""
- zstack.aios.zstack_ai_model:
    {name: on, model_center: center-1, install_path: /m, vendor: yes, version: 3.10, description: 010, introduction: 2026-11-25 10:00:00,
     logo: 2026-11-25, gpu_constraint_description: "3.10", user_tags: [12:30], token: 123456789}
- zstack.aios.zstack_ai_catalog:
    models: [{name: two, model_center: center-1, install_path: /m, introduction: 2026-11-25 10:00:00, vendor: "yes"}]
""", encoding="utf-8")
    include = {"name": "Include", "ansible.builtin.include_tasks": str(tmp_path / "tasks.yml")}
    result, catalog = [result for result in collection.worker_and_module(include) if "changed" in result and "diff" in result]
    assert [warning.partition(" Write")[0] for warning in result["warnings"]] == [
        'name: the option takes text and received the boolean true. It becomes the text "True".',
        'description: the option takes text and received the number 8. It becomes the text "8".',
        'vendor: the option takes text and received the boolean true. It becomes the text "True".',
        'version: the option takes text and received the number 3.1. It becomes the text "3.1".',
        "token: the option takes text and received a number, which YAML may have changed. It is not shown, because it is secret.",
        'user_tags[0]: the option takes text and received the number 750. It becomes the text "750".',
        'introduction: the option takes text and received the date and time 2026-11-25T10:00:00. It becomes the text "2026-11-25T10:00:00".']
    assert [warning.partition(":")[0] for warning in catalog["warnings"]] == ["models[0].introduction"]
    sent = stored(simulator, "True", "AddModel")
    assert {key: sent[key] for key in ("vendor", "version", "description", "introduction", "logo", "gpuConstraintDescription")} == {
        "vendor": "True", "version": "3.1", "description": "8", "introduction": "2026-11-25T10:00:00", "logo": "2026-11-25", "gpuConstraintDescription": "3.10"}
    assert stored(simulator, "two", "AddModel")["introduction"] == "2026-11-25T10:00:00"


def test_catalog_and_file_behave_alike(collection, simulator, tmp_path):
    (tmp_path / "c.yml").write_text("""
models:
- {name: file, model_center: center-1, install_path: /m, parameters: {temperature: 0.20, stop: null, ids: [1]}, vendor: yes, version: 3.10}
""", encoding="utf-8")
    inline = {"name": "inline", "model_center": CENTER, "install_path": "/m", "parameters": "{{ generation }}", "vendor": True, "version": 3.10}
    task = {"name": "Apply", "zstack.aios.zstack_ai_catalog": {"path": str(tmp_path / "c.yml"), "models": [inline]}}
    first, second = collection.worker_and_module(task, task, vars=VARIABLES)
    assert first["summary"]["create"] == 2 and not second["changed"]
    assert [warning.partition(" Write")[0] for warning in first["warnings"]] == [
        'models[0] (inline): vendor: the option takes text and received the boolean true. It becomes the text "True".',
        'models[0] (inline): version: the option takes text and received the number 3.1. It becomes the text "3.1".']
    sent = stored(simulator, "file", "AddModel")
    assert (json.loads(sent["parameters"]), sent["vendor"], sent["version"]) == ({"temperature": 0.2, "stop": None, "ids": [1]}, "yes", "3.10")
    sent = stored(simulator, "inline", "AddModel")
    assert (json.loads(sent["parameters"]), sent["vendor"], sent["version"]) == (STRUCTURE, "True", "3.1")


def test_a_misspelt_option_is_answered_with_the_nearest_and_shows_no_secret(collection, simulator):
    tasks = [
        model("x", vender="y"), clone("x", architecture_images=[{"cpu_architecture": "x", "docker_imag": "y"}]),
        {"name": "c", "zstack.aios.zstack_ai_catalog": {"concurency": 3, "models": [{"name": "x", "token": {"zebra-key": "zebra-crossing"}}]}},
    ]
    for task in tasks:
        task["ignore_errors"] = True
    results = collection.worker_and_module(*tasks, environment={"ANSIBLE_INJECT_INVOCATION": "1"})
    assert results[0]["msg"].startswith("Unsupported parameters for (") and results[0]["msg"].endswith(". Did you mean vendor instead of vender?")
    assert results[1]["msg"].endswith(" Did you mean architecture_images.docker_image instead of architecture_images.docker_imag?")
    assert results[2]["msg"].endswith(" Did you mean concurrency instead of concurency?") and "zebra-crossing" not in str(results[2])
    assert not simulator.log()
