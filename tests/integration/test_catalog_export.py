# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export, planned, changes nothing."""

from __future__ import annotations

import json
import pathlib

import jsonschema
import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.export import SCHEMA_URL
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import EXPORT
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

from .test_catalog import Runner, by_name
from .test_cases import CASES, CENTER, FULL_CLONE, FULL_MODEL, NEW_MODEL

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = {"model": "zstack_ai_model", "clone": "zstack_ai_model_service_clone"}


@pytest.fixture
def catalog(collection, tmp_path):
    return Runner(collection, tmp_path)


def read(catalog, **options):
    """Return the exported document."""
    return yaml.safe_load(catalog.run(EXPORT, **options)["content"])


def named(items, name):
    return next(item for item in items if item["name"] == name)


def fill(catalog):
    """Everything that the cases make, with every field set."""
    done = set()
    for kind, options, first in CASES.values():
        name = options.get("name")
        if options.get("state") != "absent" and "uuid" not in options and not first and (kind, name) not in done:
            done.add((kind, name))
            catalog.collection.task(MODULES[kind], **options)
    catalog.collection.task(MODULES["model"], **{**FULL_MODEL, "name": "full", "model_id": "full/full"})
    catalog.collection.task(MODULES["clone"], **{**FULL_CLONE, "name": "full"})


@pytest.mark.parametrize("source", [{}, {"source_service": "vllm-base"}, {"source_service": "diffusers-base"}])
def test_planning_an_export_changes_nothing(catalog, simulator, source):
    fill(catalog)
    simulator.seed({"generate": {"models": 20, "model_services": 10}})
    path = str(catalog.directory)
    result = catalog.run(EXPORT, path=path, **source)
    assert result["changed"] and {entry["path"]: entry["changed"] for entry in result["files"]} == {"%s/%s.yml" % (path, kind): True for kind in KINDS}
    mark = len(simulator.writes())
    for check in (True, False):
        planned = catalog.run(check=check, path=path, list_unchanged=True)
        assert planned["changed"] is False and planned["summary"]["none"] == len(planned["entries"]) == sum(result["summary"].values())
        assert planned["warnings"] == []
    assert len(simulator.writes()) == mark
    assert result["summary"]["models"] == len(simulator.state()["models"])
    # Those whose uuid was derived from their source are clones; what the others were made from is not known, unless the task tells.
    counts = result["summary"]["model_services"], result["summary"]["model_service_clones"]
    assert sum(counts) == len(simulator.state()["model_services"]) - 1
    assert counts[0] == (12 if not source else 0 if source["source_service"] == "vllm-base" else 1)
    assert [entry["name"] for entry in result["omitted"]] == ["vllm-base"]


def test_every_field_is_in_it(catalog):
    fill(catalog)
    exported = read(catalog)
    model, clone = named(exported["models"], "full"), named(exported["model_service_clones"], "full")
    expected = {**FULL_MODEL, "name": "full", "model_id": "full/full", "recommended_gpu_num": [2, 4], "default_model_service": "vllm-base"}
    implied = ("default_model_service_uuid", "model_service_uuids")
    assert model == {key: value for key, value in expected.items() if key not in ("token", "share_mode", *implied)}
    assert set(clone) == (set(FULL_CLONE) | {"source_service"}) - {"source_service_uuid", "system"}
    assert clone["yaml"] == FULL_CLONE["yaml"].strip() and clone["python_version"] == "3.8" and clone["vendor_to_spec_uuids_map"]
    assert clone["user_tags"] == FULL_CLONE["user_tags"]


def test_every_file_names_its_schema_and_is_valid_against_it(catalog):
    fill(catalog)
    validator = jsonschema.Draft202012Validator(json.loads((ROOT / "schemas" / "catalog.json").read_text(encoding="utf-8")))
    for schema, line in ((None, SCHEMA_URL), ("../schemas/catalog.json", "../schemas/catalog.json"), ("", None)):
        given = {} if schema is None else {"schema": schema}
        catalog.run(EXPORT, path=str(catalog.directory), **given)
        texts = [(catalog.directory / name).read_text(encoding="utf-8") for name in ("models.yml", "model_service_clones.yml")]
        for text in [*texts, catalog.run(EXPORT, **given)["content"]]:
            first = "# yaml-language-server: $schema=%s\n---\n" % line if line else "---\n"
            assert text.startswith(first) and text.count("yaml-language-server") == bool(line)
            assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []
        assert catalog.run(check=True, path=str(catalog.directory))["changed"] is False
    for schema in ("a b", "x\nmodels: []", "x\u202ey"):
        with pytest.raises(OptionError, match="^schema: .* contains blanks or invisible characters"):
            catalog.run(EXPORT, path=str(catalog.directory), schema=schema)


def test_no_secret_is_in_it(catalog):
    catalog.collection.task(MODULES["model"], **FULL_MODEL)
    text = catalog.run(EXPORT)["content"]
    assert FULL_MODEL["token"] not in text
    assert "share_mode, token" in text


def test_an_existing_platform_is_adopted_and_the_marks_stay_out(catalog, simulator):
    catalog.run(models=[NEW_MODEL], name="production")
    path = str(catalog.directory)
    catalog.run(EXPORT, path=path)
    text = (catalog.directory / "models.yml").read_text(encoding="utf-8")
    assert "zstack.aios/catalog" not in text
    assert catalog.run(path=path, name="production", prune=True)["changed"] is False


def test_texts_longer_than_an_update_takes_are_exported(catalog, simulator):
    simulator.seed({"models": [{"uuid": "a" * 32, "name": "long", "modelCenterUuid": CENTER, "installPath": "/p" * 500, "description": "d" * 2000}]})
    exported = read(catalog, filter={"name": "long"})
    assert len(exported["models"][0]["description"]) == 2000
    assert catalog.run(**exported)["changed"] is False


def test_another_platform(catalog, simulator):
    """Everything that the export contains is created; missing values are reported per item."""
    catalog.collection.task(MODULES["model"], **NEW_MODEL)
    catalog.collection.task(MODULES["clone"], name="copy", source_service="vllm-base", request_cpu=3)
    path = str(catalog.directory)
    catalog.run(EXPORT, path=path, filter={"name": "qwen3*"}, kinds=["models"])
    only_copy = {"path": path, "filter": {"name": "copy"}, "kinds": ["model_service_clones"]}
    catalog.run(EXPORT, **only_copy)
    # Its uuid was derived from the source, which is found again.
    assert "source_service: vllm-base" in (catalog.directory / "model_service_clones.yml").read_text(encoding="utf-8")
    simulator.reset()
    assert catalog.run(path=path)["summary"]["create"] == 2
    simulator.reset()
    simulator.seed({"model_services": [{"uuid": "a" * 32, "name": "copy", "modelCenterUuid": CENTER, "requestCpu": 3}]})
    catalog.run(EXPORT, **only_copy)
    simulator.reset()
    with pytest.raises(Failure) as caught:
        catalog.run(path=path)
    found = by_name(caught.value.result)
    assert found["qwen3-32b"]["action"] == "create"
    assert found["copy"]["action"] == "failed" and "there is no model service named 'unknown source'" in found["copy"]["msg"]
    simulator.seed({"model_services": [{"uuid": "a" * 32, "name": "copy", "modelCenterUuid": CENTER, "requestCpu": 3}]})
    catalog.run(EXPORT, **only_copy, source_service="vllm-base")
    simulator.reset()
    assert catalog.run(path=path)["summary"]["create"] == 2


def test_a_playbook_shows_what_differs(catalog):
    path = str(catalog.directory)
    catalog.run(EXPORT, path=path)
    catalog.collection.task(MODULES["model"], **NEW_MODEL)
    done = catalog.collection.playbook({"zstack.aios.zstack_ai_catalog_export": {"path": path}}, arguments=["--check", "--diff"])
    assert done.returncode == 0, done.stdout
    assert "+  - name: qwen3-32b" in done.stdout and "changed=1" in done.stdout
