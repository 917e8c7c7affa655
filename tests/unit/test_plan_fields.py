# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner, field by field, for both tables."""

from __future__ import annotations

import json

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import Plan, make_plan
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import module_arguments
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import DriftError, OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF, SELF_IN_PATH
from ansible_collections.zstack.aios.tests.unit.support.samples import KINDS, TWO, UUID, all_of, holding, wanting

EVERY = [pytest.param(kind, option, id="%s-%s" % (name, option)) for name, kind in KINDS.items() for option in kind.samples]
CLONE, MODEL = KINDS["clone"], KINDS["model"]


def fields_that(test):
    """Return the fields whose sample passes a test, as parameters."""
    return [item for item in EVERY if test(item.values[0].samples[item.values[1]])]


READABLE = fields_that(lambda sample: sample.shows)
UPDATED = fields_that(lambda sample: sample.update in ("params", "root"))
ATTACHED = fields_that(lambda sample: sample.update == "attach")
FIXED = fields_that(lambda sample: sample.shows and not sample.update)
FIXED_CLONE = [item for item in FIXED if item.values[0] is CLONE]
FIXED_MODEL = [item for item in FIXED if item.values[0] is MODEL]


def differing(kind, option):
    """Options that want everything as it is, but for one field; and the object."""
    sample = kind.samples[option]
    has = all_of(kind)
    return wanting(kind, {**has, option: sample.two}), holding(kind, has)


def changes(plan):
    """Return the fields in which the two sides of the diff differ."""
    assert set(plan.before) == set(plan.after)
    json.dumps([plan.before, plan.after, [step.as_result() for step in plan.steps], [item.as_result() for item in plan.drift]])
    return {name for name in plan.before if plan.before[name] != plan.after[name]}


def holds_self(params):
    """Return whether the object's own uuid has a place in the parameters."""
    return any(value is SELF or (isinstance(value, list) and SELF in value) for value in params.values())


def label(option):
    """Return how a diff calls a field."""
    return "default_model_service_uuid" if option == "clear_default_model_service" else option


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_there_is_a_sample_of_every_field(kind):
    # model_services_exact is a command over another option; its tests are in test_model_services.py.
    fields = [field for field in kind.table.fields if field.option != "model_services_exact"]
    assert {option: sample.api for option, sample in kind.samples.items()} == {field.option: field.api for field in fields}
    validate(kind.table, wanting(kind, {option: sample.one for option, sample in kind.samples.items()}))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_secrets_are_masked_and_shown_nowhere(kind):
    spec = module_arguments(kind.table)["argument_spec"]
    hidden = {"token"} & set(kind.samples)
    assert {option for option in kind.samples if spec[option].get("no_log")} == hidden
    values = {**all_of(kind), **dict.fromkeys(hidden, "a secret text")}
    plan = make_plan(kind.table, wanting(kind, values), None)
    assert "a secret text" not in json.dumps([plan.before, plan.after, [step.as_result() for step in plan.steps]])


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("policy", ["update", "replace", "report"])
def test_nothing_differs(kind, policy):
    has = all_of(kind)
    plan = make_plan(kind.table, wanting(kind, has, on_drift=policy), holding(kind, has))
    assert plan.steps == () and plan.drift == () and not plan.changed
    assert changes(plan) == set()


@pytest.mark.parametrize("kind, option", READABLE)
def test_one_field_alone_that_is_the_same(kind, option):
    value = {option: kind.samples[option].two}
    if option == "clear_default_model_service":
        value[option] = False
    assert not make_plan(kind.table, wanting(kind, value), holding(kind, value)).changed


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_the_user_does_not_manage_never_differs(kind):
    plan = make_plan(kind.table, wanting(kind, {}), holding(kind, all_of(kind, "two")))
    assert plan == Plan()


@pytest.mark.parametrize("kind, option", UPDATED)
def test_one_field_differs_and_one_update_carries_it_alone(kind, option):
    sample = kind.samples[option]
    options, observed = differing(kind, option)
    if option == "clear_default_model_service":
        options.pop("default_model_service_uuid")
    plan = make_plan(kind.table, options, observed)
    assert [step.call.name for step in plan.steps] == [kind.update]
    step = plan.steps[0]
    assert (step.call.method, step.path, step.call.wrapper) == ("PUT", kind.update_path, kind.wrapper)
    assert step.fields == (option,)
    sent = {sample.api: sample.two if sample.sent is None else sample.sent}
    assert (step.params, step.root) == ((sent, {}) if sample.update == "params" else ({}, sent))
    assert changes(plan) == {label(option)}
    assert plan.drift == () and plan.changed


@pytest.mark.parametrize("kind, option", ATTACHED)
def test_only_missing_tags_are_added_each_by_a_call(kind, option):
    sample = kind.samples[option]
    options, observed = differing(kind, option)
    plan = make_plan(kind.table, options, observed)
    assert [step.fields for step in plan.steps] == [(option,)]
    step = plan.steps[0]
    assert not step.root
    if option == "tag_uuids":
        assert (step.call.name, step.call.method, step.path) == ("AttachTagToResources", "POST", "/v1/tags/%s/resources" % TWO)
        assert step.params == {"resourceUuids": [SELF]}
    elif option == "model_service_uuids":
        assert (step.call.name, step.call.method, step.path) == ("BindModelToService", "POST", "%s/model-services/%s" % (kind.update_path, TWO))
        assert step.params == {}
    else:
        assert (step.call.name, step.call.method, step.path) == ("CreateUserTag", "POST", "/v1/user-tags")
        assert step.params == {"resourceType": "ModelServiceVO", "resourceUuid": SELF, "tag": "b"}
    assert changes(plan) == {option}
    assert set(plan.after[option]) == set(plan.before[option]) | set(sample.two)


@pytest.mark.parametrize("kind, option", fields_that(lambda sample: sample.api in ("userTags", "systemTags", "tagUuids")))
def test_tags_that_the_user_did_not_list_stay(kind, option):
    sample = kind.samples[option]
    observed = holding(kind, {option: ["zz", *sample.two]})
    assert not make_plan(kind.table, wanting(kind, {option: sample.one}), observed).changed
    assert not make_plan(kind.table, wanting(kind, {option: []}), observed).changed


@pytest.mark.parametrize("kind, option", FIXED_MODEL)
def test_a_field_that_no_update_takes_is_reported_for_a_model(kind, option):
    options, observed = differing(kind, option)
    plan = make_plan(kind.table, options, observed)
    assert not plan.changed and plan.steps == ()
    assert [item.field for item in plan.drift] == [option]
    # What stays is not shown as if it would change.
    assert changes(plan) == set() and plan.drift[0].before == plan.before[option] != plan.drift[0].after


@pytest.mark.parametrize("kind, option", FIXED_MODEL)
def test_the_rest_of_a_model_is_repaired_beside_it(kind, option):
    options, observed = differing(kind, option)
    plan = make_plan(kind.table, {**options, "description": "new"}, observed)
    assert [step.fields for step in plan.steps] == [("description",)] and [item.field for item in plan.drift] == [option]
    assert changes(plan) == {"description"}


@pytest.mark.parametrize("kind, option", FIXED_CLONE)
def test_a_field_that_no_update_takes_is_refused_for_a_clone(kind, option):
    options, observed = differing(kind, option)
    with pytest.raises(DriftError) as caught:
        make_plan(kind.table, {**options, "description": "new"}, observed)
    assert "differs in what UpdateModelService cannot change: %s is " % option in caught.value.message
    assert "Set on_drift to replace" in caught.value.message and UUID in caught.value.message
    assert "description is" not in caught.value.message


def test_all_fields_that_no_update_takes_are_named():
    options = wanting(CLONE, {item.values[1]: CLONE.samples[item.values[1]].two for item in FIXED_CLONE})
    with pytest.raises(DriftError) as caught:
        make_plan(CLONE.table, options, holding(CLONE, all_of(CLONE)))
    assert all("%s is " % item.values[1] in caught.value.message for item in FIXED_CLONE)


@pytest.mark.parametrize("kind, option", [item for item in READABLE if item.values[0] is CLONE])
def test_a_report_changes_nothing_and_lists_the_drift(kind, option):
    options, observed = differing(kind, option)
    plan = make_plan(kind.table, {**options, "on_drift": "report"}, observed)
    assert plan.steps == () and not plan.changed
    assert [item.field for item in plan.drift] == [option]
    assert plan.drift[0].before != plan.drift[0].after
    assert plan.before == plan.after and plan.before[option] == plan.drift[0].before


def test_a_uuid_that_is_taken_is_not_promised_to_a_replacement():
    options, observed = differing(CLONE, "description")
    with pytest.raises(OptionError, match="^resource_uuid: the server may keep the uuid of a deleted object reserved.*Nothing was changed."):
        make_plan(CLONE.table, {**options, "on_drift": "replace"}, observed)
    # Nothing to replace, so nothing to promise.
    assert not make_plan(CLONE.table, wanting(CLONE, all_of(CLONE), on_drift="replace"), observed).changed


@pytest.mark.parametrize("kind, option", [item for item in READABLE if item.values[0] is CLONE])
def test_replacing_deletes_and_clones_again(kind, option):
    options, observed = differing(kind, option)
    if option != "resource_uuid":
        options.pop("resource_uuid")
    plan = make_plan(kind.table, {**options, "on_drift": "replace"}, observed)
    names = [step.call.name for step in plan.steps]
    if kind.samples[option].update == "attach":
        assert "DeleteModelService" not in names and len(names) == 1
        return
    assert names[:2] == ["DeleteModelService", "CloneModelService"]
    assert plan.steps[0].path == kind.update_path and plan.steps[0].root == {"deleteMode": "Permissive"}
    assert plan.steps[1].path == "/v1/ai/model-services/" + kind.base["source_service_uuid"]
    # What the clone call does not take follows on the new object.
    assert [(step.call.name, step.fields) for step in plan.steps[2:]] == [("AttachTagToResources", ("tag_uuids",))]
    assert option in changes(plan) and plan.drift == ()


@pytest.mark.parametrize("kind, option", [item for item in EVERY if item.values[0].samples[item.values[1]].shows is None])
def test_what_cannot_be_read_never_differs(kind, option):
    plan = make_plan(kind.table, wanting(kind, {option: kind.samples[option].two}), holding(kind, {}))
    assert plan == Plan()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_new_object_gets_everything_in_the_call_that_takes_it(kind):
    values = {option: sample.two for option, sample in kind.samples.items() if option not in ("clear_default_model_service", "resource_uuid")}
    plan = make_plan(kind.table, wanting(kind, values), None)
    create, rest = plan.steps[0], plan.steps[1:]
    assert create.call is kind.table.create and create.call.creates
    by_place = {"params": set(create.params), "root": set(create.root)}
    for place, names in by_place.items():
        assert names == {sample.api for option, sample in kind.samples.items() if option in values and sample.create == place}
    later = {option for step in rest for option in step.fields}
    assert later == {option for option, sample in kind.samples.items() if option in values and sample.create in ("", "attach")}
    assert all(SELF_IN_PATH in step.path or holds_self(step.params) for step in rest)
    assert plan.before == {} and set(plan.after) == {label(option) for option in values if kind.samples[option].shows}
    changes(Plan(plan.steps, plan.after, plan.after))


@pytest.mark.parametrize("kind, option", fields_that(lambda sample: sample.create == "params"))
def test_a_new_object_gets_the_value_in_the_form_of_the_api(kind, option):
    sample = kind.samples[option]
    required = {"model": {"name": "n", "install_path": "/p", "model_center_uuid": "c"}, "clone": {"name": "n"}}["model" if kind is MODEL else "clone"]
    plan = make_plan(kind.table, wanting(kind, {**required, option: sample.two}), None)
    assert len(plan.steps) == 1 and plan.steps[0].params[sample.api] == (sample.two if sample.sent is None else sample.sent)
    assert set(plan.steps[0].fields) == {*required, option}
