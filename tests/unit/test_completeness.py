# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables hold what the reference page of the API holds: every parameter, limit, choice and version."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import FIRST_VERSION
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import DELETE_MODES, module_arguments
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource
from ansible_collections.zstack.aios.tests.unit.support.reference import api

KINDS = {"model": MODEL, "model_service": MODEL_SERVICE_CLONE}
CALLS = {("model", "create"): "AddModel", ("model", "update"): "UpdateModel", ("model", "delete"): "DeleteModel",
         ("model_service", "create"): "CloneModelService", ("model_service", "update"): "UpdateModelService",
         ("model_service", "delete"): "DeleteModelService"}
# Parameters that are not options of their own: the derived uuid, and tags that a call of their own attaches.
ELSEWHERE = {"AddModel": {"resourceUuid": "uuid", "tagUuids": "tag_uuids"},
             "CloneModelService": {"resourceUuid": "resource_uuid", "tagUuids": "tag_uuids"}}
# Parameters of UpdateModelService that CloneModelService lacks; they show in no field of the inventory (AI API page, section 4).
UPDATE_ONLY = {
    "environmentParameters", "startupParameters", "inferenceParams", "serviceName", "servicePorts", "serviceLivez", "serviceReadyz",
    "serviceBootupTime",
    "serviceInstallPath", "serviceStartCommand"}
ANSIBLE = {"String": "str", "Integer": "int", "Long": "int", "Boolean": "bool", "List": "list", "Map": "dict"}
DIFFERENT = {"recommendedGpuNum": "list", "parameters": "raw", "yaml": "raw"}


@pytest.fixture(scope="module", name="reference")
def fixture_reference():
    return api()


def action(reference, kind, call):
    """Return one call of the page."""
    return reference["resources"][kind]["actions"][call]


def parameters(reference, kind, call):
    """Return the published parameters of the body of a call, by name."""
    return {
        param["name"]: param for param in action(reference, kind, call)["params"]
        if param["in"] == "body" and not param.get("newer_than_documented")}


def taken(table: Resource, role):
    """Return how the table's call takes each parameter, by name; without the tags beside the wrapper."""
    call = getattr(table, role)
    return {field.api: (field, field.param(call, table)) for field in table.fields if field.param(call, table) and not field.param(call, table).root}


@pytest.mark.parametrize("kind, role", CALLS)
def test_calls_are_those_of_the_page(reference, kind, role):
    found = action(reference, kind, CALLS[kind, role])
    call = getattr(KINDS[kind], role)
    path = found["path"].replace("{uuid}", "{source_service_uuid}") if call.name == "CloneModelService" else found["path"]
    assert (call.name, call.method, call.path, call.wrapper) == (CALLS[kind, role], found["method"], path, found["wrapper"])
    assert call.since == found["since"]
    assert call.creates is (role == "create")


@pytest.mark.parametrize("kind, role", [item for item in CALLS if item[1] != "delete"])
def test_every_parameter_is_in_the_table(reference, kind, role):
    name = CALLS[kind, role]
    table = KINDS[kind]
    expected = set(parameters(reference, kind, name)) - set(ELSEWHERE.get(name, {})) - (UPDATE_ONLY if name == "UpdateModelService" else set())
    assert set(taken(table, role)) == expected
    for parameter, option in ELSEWHERE.get(name, {}).items():
        assert parameter in parameters(reference, kind, name)
        assert option in {field.option for field in table.fields} | {table.given_uuid}


@pytest.mark.parametrize("kind, role", [item for item in CALLS if item[1] != "delete"])
def test_limits_choices_and_versions_are_those_of_the_page(reference, kind, role):
    published = parameters(reference, kind, CALLS[kind, role])
    found, expected = {}, {}
    for name, (field, param) in taken(KINDS[kind], role).items():
        page = published[name]
        found[name] = (param.longest, list(field.choices), param.since)
        # The oldest since of UpdateModelService is that of the call itself: its table leaves it out.
        since = None if role == "update" and kind == "model_service" and page["since"] == FIRST_VERSION else page["since"]
        expected[name] = (page.get("max_length"), page.get("choices", []), since)
    assert found == expected


@pytest.mark.parametrize("kind, role", [item for item in CALLS if item[1] != "delete"])
def test_types_and_secrets_are_those_of_the_page(reference, kind, role):
    table = KINDS[kind]
    spec = module_arguments(table)["argument_spec"]
    for name, (field, _unused) in taken(table, role).items():
        page = parameters(reference, kind, CALLS[kind, role])[name]
        assert spec[field.option]["type"] == DIFFERENT.get(name, ANSIBLE[page["type"]]), name
        assert bool(spec[field.option].get("no_log")) is bool(page.get("secret")), name
        if page.get("choices"):
            assert spec[field.option]["choices"] == page["choices"]


@pytest.mark.parametrize("kind, role", [("model", "create")])
def test_required_parameters_are_required(reference, kind, role):
    published = parameters(reference, kind, CALLS[kind, role])
    options = {field.api: field.option for field in KINDS[kind].fields}
    assert {options[name] for name, param in published.items() if param["required"]} == set(KINDS[kind].required)


@pytest.mark.parametrize("kind", ["model", "model_service"])
def test_delete_modes_are_those_of_the_page(reference, kind):
    call = action(reference, kind, CALLS[kind, "delete"])
    mode = next(param for param in call["params"] if param["name"] == "deleteMode")
    assert list(DELETE_MODES) == mode["choices"] and DELETE_MODES[0] == mode["default"]


@pytest.mark.parametrize("kind", KINDS)
def test_inventory_fields_are_those_of_the_page(reference, kind):
    names = {field["name"] for field in reference["resources"][kind]["inventory"]}
    assert {field.inventory for field in KINDS[kind].fields if field.inventory} <= names
    # A field without a way to read it has none on the page either; a tag shows in its own query.
    hidden = {field.api for field in KINDS[kind].fields if not field.readable}
    assert not hidden & names


@pytest.mark.parametrize("kind, page", [("model", "update_model_field_map"), ("model_service", "clone_model_service_field_map")])
def test_fields_read_back_as_the_page_says(reference, kind, page):
    fields = {field.api: field for field in KINDS[kind].fields}
    entries = [entry for entry in reference[page] if entry["request"] != "uuid (path)"]
    assert len(entries) >= 14
    for entry in entries:
        field = fields[entry["request"]]
        # What has no key of its own in the inventory is read from the tags.
        assert field.readable and (field.inventory in ("", entry["inventory"])), entry
        assert field.inventory == entry["inventory"] or field.reads, entry
        if field.needs:
            continue
        # "partly" is treated as fixed (AI API page, section 4).
        assert bool(field.update) is (entry.get("updatable_later", "yes") == "yes"), entry


def test_names_of_options_are_those_of_the_api_in_snake_case():
    for table in KINDS.values():
        for field in table.fields:
            snake = "".join("_" + character.lower() if character.isupper() else character for character in field.api)
            assert field.option == snake
