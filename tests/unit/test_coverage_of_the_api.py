# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each call, parameter and inventory field of a kind that has a module is covered, or left out here with a reason."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import module_arguments
from ansible_collections.zstack.aios.plugins.module_utils._resources.dataset import DATASET
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL, UNBIND
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import MODEL_EVALUATION
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP
from ansible_collections.zstack.aios.plugins.module_utils._resources.user_proxy_config import USER_PROXY_CONFIG
from ansible_collections.zstack.aios.tests.unit.support.reference import api

TABLES = (MODEL_CENTER, MODEL, MODEL_SERVICE, MODEL_SERVICE_CLONE, MODEL_SERVICE_GROUP, DATASET, MODEL_EVALUATION, USER_PROXY_CONFIG)
# The tables of a section of the page.
SECTIONS = {
    "model_center": (MODEL_CENTER,), "model": (MODEL,), "model_service": (MODEL_SERVICE, MODEL_SERVICE_CLONE),
    "model_service_instance_group": (MODEL_SERVICE_GROUP,), "dataset": (DATASET,), "model_evaluation_task": (MODEL_EVALUATION,),
    "model_eval_service_instance_group": (MODEL_EVALUATION,), "user_proxy_config": (USER_PROXY_CONFIG,),
}
BATCH = "a batch of another call, for which a loop or the catalog is used"
LEFT_OUT_CALLS = {
    "DeleteModels": BATCH, "DeleteModelServices": BATCH, "DeleteModelServiceInstanceGroups": BATCH, "DeleteModelEvaluationTasks": BATCH,
    "UpdateDatasets": BATCH, "DeleteDatasets": BATCH,
    "GenerateModelMetadata": "an action without a state that could be declared",
    "SyncAINginxConfiguration": "an action without a state that could be declared",
    "GetModelCenterServices": "a read whose answer is not recorded",
    "MatchModelServiceTemplateWithModel": "a question to the server without a state that could be declared",
    "DeployDistributedModelService": "one request for several nodes, whose result no inventory shows",
}
EDITS_YAML = "edits a part of yaml, which is an option of its own"
LEFT_OUT_PARAMETERS = {
    ("UpdateModelService", name): EDITS_YAML
    for name in ("environmentParameters", "startupParameters", "inferenceParams", "serviceName", "servicePorts", "serviceLivez", "serviceReadyz",
                 "serviceBootupTime", "serviceInstallPath", "serviceStartCommand")}
# Parameters with an option of another name, or none of their own.
ELSEWHERE = {"resourceUuid": "the derived uuid", "tagUuids": "a call of its own attaches them", "deleteMode": "delete_mode", "uuids": "the object's own uuid"}


def sections():
    return {name: section for name, section in api()["resources"].items() if name in SECTIONS}


def test_every_section_of_the_page_is_known():
    assert set(sections()) == set(SECTIONS), sorted(api()["resources"])


def calls_of(tables):
    found = {}
    for table in tables:
        for call in (table.create, table.update, table.delete, table.restart):
            if call:
                found.setdefault(call.name, []).append((call, table))
        for field in table.fields:
            if field.attach:
                found.setdefault(field.attach.call.name, []).append((field.attach.call, table))
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_every_call_is_covered_as_the_page_says(section):
    covered = {**calls_of(TABLES), UNBIND.call.name: [(UNBIND.call, MODEL)]}
    for name, action in api()["resources"][section]["actions"].items():
        if name.startswith("Query") or name in LEFT_OUT_CALLS or action.get("newer_than_documented"):
            continue
        assert name in covered, name
        for call, _unused in covered[name]:
            assert (call.method, call.wrapper, call.since) == (action["method"], action["wrapper"], action["since"]), name


@pytest.mark.parametrize("section", SECTIONS)
def test_every_parameter_is_covered_with_its_limit_choices_and_version(section):
    covered = calls_of(SECTIONS[section])
    for name, action in api()["resources"][section]["actions"].items():
        for call, table in covered.get(name, ()):
            if call not in (table.create, table.update):
                continue
            spec = module_arguments(table)["argument_spec"]
            fields = {}
            for field in table.fields:
                param = field.param(call, table)
                if param:
                    fields[param.api or field.api] = (field, param)
            for page in action["params"]:
                if page["in"] != "body" or page.get("newer_than_documented") or (name, page["name"]) in LEFT_OUT_PARAMETERS or page["name"] in ELSEWHERE:
                    continue
                assert page["name"] in fields, (name, page["name"])
                field, param = fields[page["name"]]
                assert param.longest == page.get("max_length"), (name, page["name"])
                assert set(field.choices) == set(page.get("choices", [])) - {"BareMetal2"}, (name, page["name"])
                if page["since"] not in (None, call.since):
                    assert param.since == page["since"], (name, page["name"])
                if page.get("secret"):
                    assert spec[field.option].get("no_log"), (name, page["name"])
                if call is table.create and page["required"]:
                    assert field.option in table.required, (name, page["name"])
                low, high = page.get("range", (None, None))
                if high is not None and field.type.argument["type"] == "int":
                    for value in (low - 1, high + 1):
                        with pytest.raises(Exception, match="out of range"):
                            field.type.check(field.option, value)


def test_reasons_are_given_for_what_exists():
    actions = {name: action for section in api()["resources"].values() for name, action in section["actions"].items()}
    assert set(LEFT_OUT_CALLS) <= set(actions)
    for name, parameter in LEFT_OUT_PARAMETERS:
        assert parameter in [page["name"] for page in actions[name]["params"]]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_field_that_is_read_is_in_the_inventory_of_the_page(section):
    if section == "model_eval_service_instance_group":
        return
    published = {field["name"] for field in api()["resources"][section]["inventory"]}
    for table in SECTIONS[section]:
        joined = set(table.related.fields) if table.related else set()
        assert {field.inventory for field in table.fields if field.inventory} - joined <= published
