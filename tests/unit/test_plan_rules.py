# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: rules of one kind or over several fields."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import Plan, make_plan, unapplied, verify_error
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import DriftError, MissingError, OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF_IN_PATH, Observed
from ansible_collections.zstack.aios.tests.unit.support.samples import (
    CENTER, IMAGES, KINDS, ONE, SOURCE, TWO, UUID, bound, holding, images, user_tags, wanting,
)

MODEL, CLONE = KINDS["model"], KINDS["clone"]


def plan_of(kind, values, inventory=None, **more):
    """Return the plan for an object with this inventory."""
    observed = None if inventory is None else Observed({"uuid": UUID, "name": "n", **inventory}, [], [])
    return make_plan(kind.table, wanting(kind, values, **more), observed)


def steps_of(plan):
    """Call and fields of each step."""
    return [(step.call.name, *step.fields) for step in plan.steps]


# -- model services

def test_yaml_goes_alone():
    plan = plan_of(CLONE, {"yaml": "a: 1", "description": "d", "start_command": "run", "system_tags": ["x"]}, {})
    assert steps_of(plan) == [("UpdateModelService", "yaml"), ("UpdateModelService", "description", "start_command", "system_tags")]
    assert plan.steps[0].params == {"yaml": "a: 1"} and plan.steps[0].root == {}
    assert set(plan.steps[1].params) == {"description", "startCommand"} and plan.steps[1].root == {"systemTags": ["x"]}


def test_yaml_of_the_same_meaning_is_left_alone():
    assert not plan_of(CLONE, {"yaml": "b: 'x'\na: 1 # remark\n"}, {"yaml": "{a: 1, b: x}"}).changed


def test_a_new_clone_gets_yaml_with_the_rest():
    assert steps_of(plan_of(CLONE, {"name": "n", "yaml": "a: 1", "description": "d"})) == [("CloneModelService", "name", "description", "yaml")]


@pytest.mark.parametrize("wanted", [["aarch64"], ["AARCH64 "]])
def test_architectures_follow_their_images(wanted):
    values = {"cpu_architectures": wanted, "architecture_images": [{"cpu_architecture": "AArch64", "docker_image": "r/b:1"}]}
    plan = plan_of(CLONE, values, {"cpuArchitectures": ["x86_64"], **images(IMAGES)})
    assert steps_of(plan) == [("UpdateModelService", "architecture_images")]
    assert plan.before["cpu_architectures"] == ["x86_64"] and plan.after["cpu_architectures"] == ["aarch64"]
    assert plan.drift == ()
    # The verification looks at the follower as well, although no step carries it.
    missing = unapplied(CLONE.table, plan, wanting(CLONE, values),
                        Observed({"uuid": UUID, "cpuArchitectures": ["x86_64"], **images(values["architecture_images"])}))
    assert [field.option for field in missing] == ["cpu_architectures"]


@pytest.mark.parametrize("wanted, has", [
    (["x86_64", "aarch64"], ["x86_64"]),  # says more than the images
    (["aarch64"], ["x86_64"]),            # says something else
])
def test_architectures_that_contradict_the_images_are_refused(wanted, has):
    values = {"cpu_architectures": wanted, "architecture_images": [{"cpu_architecture": "mips64el", "docker_image": "r/b:1"}]}
    with pytest.raises(DriftError, match="cannot change: cpu_architectures is "):
        plan_of(CLONE, values, {"cpuArchitectures": has, **images(IMAGES)})


def test_architectures_alone_cannot_be_repaired():
    values = {"cpu_architectures": ["aarch64"], "architecture_images": IMAGES}
    with pytest.raises(DriftError, match="cpu_architectures is "):
        plan_of(CLONE, values, {"cpuArchitectures": ["x86_64"], **images(IMAGES)})
    with pytest.raises(DriftError, match="cpu_architectures is "):
        plan_of(CLONE, {"cpu_architectures": ["aarch64"]}, {"cpuArchitectures": ["x86_64"]})


@pytest.mark.parametrize("system", [True, "true"])
@pytest.mark.parametrize("more", [{"state": "absent"}, {"on_drift": "replace", "description": "d"}])
def test_a_system_service_stays(system, more):
    with pytest.raises(DriftError, match=r"^The model service 'n' \(uuid %s\) is not deleted: it is a system service.*ORG_ZSTACK_AI_10084" % UUID):
        plan_of(CLONE, {}, {"system": system}, **more)


@pytest.mark.parametrize("inventory", [{}, {"system": False}, {"system": None}, {"system": "false"}])
def test_another_service_is_deleted(inventory):
    assert steps_of(plan_of(CLONE, {}, inventory, state="absent")) == [("DeleteModelService",)]


@pytest.mark.parametrize("policy", ["update", "replace", "report"])
def test_a_policy_for_drift_says_nothing_about_a_new_clone(policy):
    assert steps_of(plan_of(CLONE, {"name": "n"}, on_drift=policy)) == [("CloneModelService", "name")]


# -- models

def refs(*defaults, others=()):
    """Return an inventory with these defaults."""
    return {"modelServiceRefs": bound(defaults, True)["modelServiceRefs"] + bound(others)["modelServiceRefs"]}


@pytest.mark.parametrize("inventory, before", [
    ({}, None), (refs(others=[ONE, TWO]), None), (refs(TWO, others=[ONE]), TWO), (refs(ONE, TWO), ONE + ", " + TWO),
    (refs(TWO, ONE), ONE + ", " + TWO),
])
def test_the_default_among_several(inventory, before):
    plan = plan_of(MODEL, {"default_model_service_uuid": ONE}, inventory)
    assert steps_of(plan) == [("UpdateModel", "default_model_service_uuid")]
    assert plan.steps[0].params == {"defaultModelServiceUuid": ONE}
    assert (plan.before, plan.after) == ({"default_model_service_uuid": before}, {"default_model_service_uuid": ONE})


@pytest.mark.parametrize("inventory", [refs(ONE), refs(ONE, others=[TWO])])
def test_the_only_default_is_left_alone(inventory):
    assert not plan_of(MODEL, {"default_model_service_uuid": " %s\n" % ONE}, inventory).changed


@pytest.mark.parametrize("inventory, before", [(refs(ONE), ONE), (refs(ONE, TWO), ONE + ", " + TWO)])
def test_clearing_the_default(inventory, before):
    plan = plan_of(MODEL, {"clear_default_model_service": True}, inventory)
    assert plan.steps[0].params == {"clearDefaultModelService": True} and len(plan.steps) == 1
    assert (plan.before, plan.after) == ({"default_model_service_uuid": before}, {"default_model_service_uuid": None})


@pytest.mark.parametrize("inventory", [{}, refs(others=[ONE]), {"modelServiceRefs": None}, {"modelServiceRefs": [{"modelServiceUuid": ONE}]}])
def test_nothing_to_clear(inventory):
    assert not plan_of(MODEL, {"clear_default_model_service": True}, inventory).changed


@pytest.mark.parametrize("inventory", [{}, refs(ONE)])
def test_not_clearing_asks_for_nothing_and_shows_nothing(inventory):
    assert plan_of(MODEL, {"clear_default_model_service": False}, inventory) == Plan()


def test_a_new_model_has_no_default_to_clear():
    values = {"name": "n", "install_path": "p", "model_center_uuid": CENTER, "clear_default_model_service": True}
    plan = plan_of(MODEL, values)
    assert steps_of(plan) == [("AddModel", "name", "install_path", "model_center_uuid")]


def test_setting_and_clearing_contradict():
    with pytest.raises(OptionError, match="clear_default_model_service: true and default_model_service_uuid contradict"):
        validate(MODEL.table, wanting(MODEL, {"clear_default_model_service": True, "default_model_service_uuid": ONE}))
    validate(MODEL.table, wanting(MODEL, {"clear_default_model_service": False, "default_model_service_uuid": ONE}))


@pytest.mark.parametrize("shown", [
    [{"tag": "AI::Others"}], [{"tag": "x", "tagPattern": {"name": "AI::Others"}}], [{"tag": "AI::Others"}, {"tag": "free text"}, {"tag": None}],
])
@pytest.mark.parametrize("wanted", [["Others"], ["AI::Others"], ["AI::Others", "Others"]])
def test_classes_compare_with_and_without_prefix(shown, wanted):
    observed = Observed({"uuid": UUID}, shown, [])
    assert not make_plan(MODEL.table, wanting(MODEL, {"model_classifications": wanted}), observed).changed
    plan = make_plan(MODEL.table, wanting(MODEL, {"model_classifications": ["Text-Generation"]}), observed)
    assert (plan.before, plan.after) == ({"model_classifications": ["Others"]}, {"model_classifications": ["Text-Generation"]})


def test_classes_of_a_new_model_follow_in_an_update():
    values = {"name": "n", "install_path": "p", "model_center_uuid": CENTER, "model_classifications": ["Others"], "tag_uuids": [ONE]}
    plan = plan_of(MODEL, values)
    assert [step.call.name for step in plan.steps] == ["AddModel", "UpdateModel", "AttachTagToResources"]
    assert plan.steps[1].path == "/v1/ai/models/" + SELF_IN_PATH and plan.steps[1].params == {"modelClassifications": ["Others"]}


def test_a_model_without_classes_needs_no_second_call():
    values = {"name": "n", "install_path": "p", "model_center_uuid": CENTER, "model_classifications": []}
    assert steps_of(plan_of(MODEL, values)) == [("AddModel", "name", "install_path", "model_center_uuid")]


# -- both

@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_absent_stays_absent(kind):
    assert plan_of(kind, {"name": "n"}, state="absent") == Plan()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("mode", ["Permissive", "Enforcing"])
def test_a_delete_shows_what_goes(kind, mode):
    plan = plan_of(kind, {"name": "n", "description": "other"}, {"description": "d"}, state="absent", delete_mode=mode)
    assert len(plan.steps) == 1
    step = plan.steps[0]
    assert (step.call.method, step.path, step.root, step.params) == ("DELETE", kind.update_path, {"deleteMode": mode}, {})
    assert (plan.before, plan.after) == ({"uuid": UUID, "name": "n", "description": "d"}, {})


@pytest.mark.parametrize("kind, given, missing", [
    (MODEL, {"name": "n"}, ["install_path", "model_center_uuid (or model_center)"]),
    (MODEL, {"name": "n", "install_path": "p"}, ["model_center_uuid (or model_center)"]),
    (MODEL, {"model_id": "m", "model_center_uuid": CENTER}, ["name", "install_path"]),
    (MODEL, {"uuid": UUID, "name": "n", "model_center_uuid": CENTER}, ["install_path"]),
    (CLONE, {"resource_uuid": UUID}, ["name"]),
    (CLONE, {"name": "n", "source_service_uuid": None}, ["source_service_uuid (or source_service)"]),
])
def test_what_a_creation_lacks_is_named(kind, given, missing):
    with pytest.raises(MissingError) as caught:
        plan_of(kind, given)
    assert caught.value.message.startswith("There is no %s with " % kind.table.title)
    assert caught.value.message.endswith("To create it, also give: %s." % ", ".join(missing))
    looked = next(value for option, value in given.items() if option in ("name", "model_id", "uuid", "resource_uuid"))
    assert repr(looked) in caught.value.message


def test_a_model_is_never_made_with_a_uuid_that_the_server_refuses():
    values = {"uuid": "not-a-uuid", "name": "n", "install_path": "p", "model_center_uuid": CENTER}
    with pytest.raises(OptionError, match="^uuid: there is no model with the uuid 'not-a-uuid', and the server cannot create one with it"):
        plan_of(MODEL, values)
    assert steps_of(plan_of(MODEL, {**values, "uuid": UUID}))[0][0] == "AddModel"


def test_a_refusal_does_not_depend_on_the_server():
    with pytest.raises(OptionError, match="^system_tags: validationOnly"):
        validate(MODEL.table, wanting(MODEL, {"system_tags": ["a", " validationOnly "]}))
    with pytest.raises(OptionError, match="^name: the clone and its source cannot both be named"):
        validate(CLONE.table, wanting(CLONE, {"name": " x ", "source_service": "x"}))
    with pytest.raises(OptionError, match="^resource_uuid: this is the uuid of the source service"):
        validate(CLONE.table, wanting(CLONE, {"resource_uuid": SOURCE}))
    for option, kind in (("name", MODEL), ("model_id", MODEL), ("uuid", MODEL), ("name", CLONE)):
        with pytest.raises(OptionError, match="^%s: the text is empty" % option):
            validate(kind.table, wanting(kind, {option: " \t"}))


def test_the_steps_as_the_user_sees_them():
    plan = plan_of(MODEL, {"description": "d", "tag_uuids": [ONE]}, {})
    assert [step.as_result() for step in plan.steps] == [
        {"call": "UpdateModel", "method": "PUT", "path": "/v1/ai/models/" + UUID, "fields": ["description"]},
        {"call": "AttachTagToResources", "method": "POST", "path": "/v1/tags/%s/resources" % ONE, "fields": ["tag_uuids"]},
    ]


# -- verification

def test_what_the_server_dropped_is_found_and_reported():
    values = {"description": "new", "vendor": "v", "token": "t", "tag_uuids": [ONE], "logo": "l"}
    options = wanting(MODEL, values)
    plan = make_plan(MODEL.table, options, holding(MODEL, {"description": "old"}))
    assert unapplied(MODEL.table, plan, options, holding(MODEL, {key: value for key, value in values.items() if key != "logo"})) == []
    after = holding(MODEL, {"description": "new", "vendor": "old"})
    missing = unapplied(MODEL.table, plan, options, after)
    assert [field.option for field in missing] == ["vendor", "tag_uuids"]
    error = verify_error(MODEL.table, plan, missing, after, "5.4.0")
    assert "did not apply: vendor (still 'old', needs 5.5.6), tag_uuids (still [])." in error.message and "It runs version 5.4.0." in error.message
    assert error.error == {"code": "client.verify", "fields": ["vendor", "tag_uuids"], "version": "5.4.0"}
    assert "version unknown" in verify_error(MODEL.table, plan, missing, after, "").message


def test_user_tags_that_are_classes_count_as_tags():
    observed = Observed({"uuid": UUID}, user_tags(["AI::Others", "env"])["user_tags"], [])
    assert not make_plan(MODEL.table, wanting(MODEL, {"user_tags": ["env"], "model_classifications": ["Others"]}), observed).changed
