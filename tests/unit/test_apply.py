# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applying plans: each write is safe to repeat, and the outcome of a lost response is queried."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.apply import Work, validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import DERIVATIONS
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids, make_plan
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure, finish
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AnswerLostError, OutcomeUnknownError, ServerError, UnreachableError
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient, refused
from ansible_collections.zstack.aios.tests.unit.support.samples import CENTER, KINDS, ONE, SOURCE, TWO, UUID, holding, wanting

pytestmark = pytest.mark.usefixtures("clock")
MODEL, CLONE = KINDS["model"], KINDS["clone"]
MODELS, SERVICES = MODEL.table.path, CLONE.table.path
NEW_CLONE = wanting(CLONE, {"name": "n"})
NEW_MODEL = wanting(MODEL, {"name": "n", "install_path": "p", "model_center_uuid": CENTER})
FIRST, SECOND = derived_uuids(CLONE.table, NEW_CLONE, 2)


def unknown(running):
    """Return a job whose outcome is not known."""
    return OutcomeUnknownError("The job j1 was lost.", "j1", running)


def planned(kind, options, inventory=None, tags=()):
    """The observed object, and the plan."""
    observed = None if inventory is None else Observed({"uuid": UUID, "name": "n", **inventory}, list(tags), [])
    return observed, make_plan(kind.table, options, observed)


def work(client, kind, options, inventory=None, tags=()):
    """Plan, and what carries the plan out."""
    observed, plan = planned(kind, options, inventory, tags)
    return Work(client, kind.table, options, observed), plan


def done(client, kind, options, inventory=None):
    """Plan and apply; return the state afterwards."""
    found, plan = work(client, kind, options, inventory)
    after = found.carry_out(plan)
    assert list(plan.steps) == found.done and not client.answers
    return after


def made(write):
    """Let the server create the object with the chosen uuid."""
    return {"inventory": {"uuid": write.body["params"]["resourceUuid"], "name": write.body["params"]["name"]}}


# -- creating

def test_a_creation_sends_the_chosen_uuid():
    client = FakeClient(answers=[made])
    after = done(client, CLONE, NEW_CLONE)
    write = client.writes[0]
    assert (write.call, write.method, write.path) == ("CloneModelService", "POST", SERVICES + "/" + SOURCE)
    assert write.body == {"params": {"name": "n", "resourceUuid": FIRST}} and write.query == ()
    assert after.inventory == {"uuid": FIRST, "name": "n"} and client.reads == []


def test_a_creation_sends_tags_beside_the_wrapper():
    client = FakeClient(answers=[{"inventory": {"uuid": "u"}}])
    done(client, MODEL, {**NEW_MODEL, "user_tags": ["a"], "system_tags": ["b"]})
    body = client.writes[0].body
    assert set(body) == {"param", "userTags", "systemTags"} and (body["userTags"], body["systemTags"]) == (["a"], ["b"])


def test_a_given_uuid_is_sent_once():
    client = FakeClient(answers=[refused("SYS.1000")])
    with pytest.raises(ServerError, match="SYS.1000"):
        done(client, CLONE, {**NEW_CLONE, "resource_uuid": UUID})
    assert [write.body["params"]["resourceUuid"] for write in client.writes] == [UUID]


def test_a_uuid_that_a_deleted_object_keeps_is_passed_over():
    client = FakeClient(answers=[refused("SYS.1000"), refused("SYS.1000"), made])
    after = done(client, CLONE, NEW_CLONE)
    wanted = derived_uuids(CLONE.table, NEW_CLONE, 3)
    assert [write.body["params"]["resourceUuid"] for write in client.writes] == wanted
    assert after.uuid == wanted[2]


def through(client, kind, options, observed=None):
    """Plan and apply with all further steps; returns the result."""
    return finish(client, kind.table, make_plan(kind.table, options, observed), options, observed, False)[0]


def test_the_object_of_another_run_with_the_same_values_is_no_change():
    client = FakeClient({SERVICES: [{"uuid": FIRST, "name": "n"}]}, [refused("SYS.1000")])
    result = through(client, CLONE, NEW_CLONE)
    assert (result["changed"], result["steps"], result["model_service"]["uuid"]) == (False, [], FIRST)
    assert result["diff"]["before"] == result["diff"]["after"] and len(client.writes) == 1


@pytest.mark.parametrize("code", ["SYS.1000", "SYS.1007"])
def test_the_object_of_another_run_with_other_values_is_updated(code):
    theirs = {"uuid": FIRST, "name": "n", "description": "theirs"}
    client = FakeClient({SERVICES: [theirs]}, [refused(code), {"inventory": {**theirs, "description": "ours"}}])
    result = through(client, CLONE, wanting(CLONE, {"name": "n", "description": "ours"}, source_service_uuid=SOURCE))
    assert result["changed"] and [step["call"] for step in result["steps"]] == ["UpdateModelService"]
    assert (result["diff"]["before"]["description"], result["diff"]["after"]["description"]) == ("theirs", "ours")
    assert client.writes[1].body == {"updateModelService": {"description": "ours"}}


def test_runs_that_keep_replacing_each_other_end_with_the_refusal():
    theirs = {"uuid": FIRST, "name": "n", "description": "theirs"}
    client = FakeClient({SERVICES: [theirs]}, [{}, refused("SYS.1007", details="taken")] * 10)
    options = wanting(CLONE, {"name": "n", "description": "ours"}, source_service_uuid=SOURCE, on_drift="replace", version_check=False)
    with pytest.raises(Failure) as caught:
        through(client, CLONE, options, Observed(dict(theirs), [], []))
    assert "taken" in caught.value.result["msg"] and caught.value.result["changed"]
    assert {step["call"] for step in caught.value.result["steps"]} == {"DeleteModelService"}


def test_an_object_that_another_run_deleted_is_no_change():
    client = FakeClient({MODELS: []}, [refused("SYS.1003")])
    result = through(client, MODEL, wanting(MODEL, {"name": "n"}, state="absent"), Observed({"uuid": UUID, "name": "n"}, [], []))
    assert (result["changed"], result["steps"], result["model"], result["diff"]) == (False, [], None, {"before": {}, "after": {}})


def test_the_object_of_another_run_may_show_late(clock):
    client = FakeClient({SERVICES: []}, [refused("SYS.1000")])
    sleep = clock.sleep

    def appear(seconds):
        sleep(seconds)
        if clock.now > 1000.4:
            client.store[SERVICES] = [{"uuid": FIRST, "name": "n"}]

    clock.sleep = appear
    assert through(client, CLONE, NEW_CLONE)["model_service"]["uuid"] == FIRST
    assert len(client.writes) == 1


def test_when_all_uuids_are_taken_the_first_refusal_is_reported():
    client = FakeClient(answers=[refused("SYS.1000", details="number %d" % number) for number in range(DERIVATIONS)])
    with pytest.raises(ServerError, match="number 0"):
        done(client, CLONE, NEW_CLONE)
    assert len({write.body["params"]["resourceUuid"] for write in client.writes}) == DERIVATIONS


@pytest.mark.parametrize("code", ["SYS.1007", "SYS.1006", "ID.1002", "SYS.1001", "ORG"])
def test_another_refusal_is_reported_at_once(code):
    client = FakeClient({SERVICES: []}, [refused(code)])
    found, plan = work(client, CLONE, NEW_CLONE)
    with pytest.raises(ServerError, match=code):
        found.carry_out(plan)
    assert len(client.writes) == 1 and found.done == []


@pytest.mark.parametrize("failure", [AnswerLostError("lost"), UnreachableError("away")])
def test_what_never_arrived_is_reported(failure):
    client = FakeClient(answers=[failure])
    with pytest.raises(type(failure)):
        done(client, CLONE, NEW_CLONE)
    assert len(client.writes) == 1


def test_a_lost_creation_whose_object_is_there_is_taken_with_a_warning():
    client = FakeClient({SERVICES: [{"uuid": FIRST, "name": "n"}]}, [unknown(False)])
    found, plan = work(client, CLONE, NEW_CLONE)
    assert found.carry_out(plan).uuid == FIRST
    assert found.warnings == ["The job j1 was lost. The object exists, so the call is considered successful."]


@pytest.mark.parametrize("rows, running, expected", [
    ([], False, "There is no object with the chosen uuid %s yet." % FIRST),
    ([], True, "There is no object with the chosen uuid %s yet." % FIRST),
    ([{"uuid": FIRST}], True, "The object with the uuid %s exists, but may be incomplete." % FIRST),
])
def test_a_lost_creation_is_never_sent_again(rows, running, expected):
    client = FakeClient({SERVICES: rows}, [unknown(running)])
    found, plan = work(client, CLONE, NEW_CLONE)
    with pytest.raises(OutcomeUnknownError) as caught:
        found.carry_out(plan)
    assert caught.value.message == "The job j1 was lost. " + expected
    assert (caught.value.job, caught.value.running) == ("j1", running)
    assert len(client.writes) == 1 and found.done == []


def test_the_client_can_look_for_what_it_creates():
    class Looking(FakeClient):
        def write(self, write, find=None):
            super().write(write, find)
            return {"inventory": find()}

    client = Looking({SERVICES: [{"uuid": FIRST, "name": "there"}]}, [{}])
    assert done(client, CLONE, NEW_CLONE).inventory["name"] == "there"
    assert client.reads == [SERVICES + "/" + FIRST]


@pytest.mark.parametrize("rows, uuid", [([{"uuid": FIRST, "name": "n"}], FIRST), ([], FIRST)])
def test_a_creation_without_inventory_in_its_answer(rows, uuid):
    assert done(FakeClient({SERVICES: rows}, [{}]), CLONE, NEW_CLONE).uuid == uuid


# -- later steps on a new object

def test_later_steps_use_the_uuid_that_the_object_got():
    options = {**NEW_MODEL, "model_classifications": ["Others"], "tag_uuids": [ONE, TWO]}
    tags = [{"uuid": "t", "resourceUuid": "real", "tag": "AI::Others"}, {"uuid": "x", "resourceUuid": "other", "tag": "no"}]
    answers = [{"inventory": {"uuid": "real"}}, {"inventory": {"uuid": "real", "name": "n2"}}, {"results": []}, {"results": [{"success": True}]}]
    client = FakeClient({"/v1/user-tags": tags}, answers)
    after = done(client, MODEL, options)
    assert [(write.call, write.path) for write in client.writes] == [
        ("AddModel", MODELS), ("UpdateModel", MODELS + "/real"),
        ("AttachTagToResources", "/v1/tags/%s/resources" % ONE), ("AttachTagToResources", "/v1/tags/%s/resources" % TWO)]
    assert client.writes[1].body == {"updateModel": {"modelClassifications": ["Others"]}}
    assert client.writes[2].body == {"params": {"resourceUuids": ["real"]}}
    assert after.inventory["name"] == "n2" and after.user_tags == tags[:1] and after.system_tags is None


def test_user_tags_of_a_service_name_it():
    client = FakeClient({"/v1/user-tags": []}, [{"inventory": {}}])
    done(client, CLONE, wanting(CLONE, {"user_tags": ["a"]}), {})
    assert client.writes[0].path == "/v1/user-tags"
    assert client.writes[0].body == {"params": {"resourceType": "ModelServiceVO", "resourceUuid": UUID, "tag": "a"}}


def test_a_failure_in_the_middle_keeps_what_was_done():
    options = {**NEW_MODEL, "model_classifications": ["x"]}
    client = FakeClient(answers=[{"inventory": {"uuid": "real"}}, refused("SYS.1007", globalErrorCode="ORG_ZSTACK_AI_10125")])
    found, plan = work(client, MODEL, options)
    with pytest.raises(ServerError, match="ORG_ZSTACK_AI_10125"):
        found.carry_out(plan)
    assert [step.call.name for step in found.done] == ["AddModel"]


# -- changing

UPDATE = wanting(MODEL, {"description": "new"})


@pytest.mark.parametrize("answer, rows, expected", [
    ({"inventory": {"uuid": UUID, "description": "new", "x": 1}}, [], {"uuid": UUID, "description": "new", "x": 1}),
    ({}, [{"uuid": UUID, "description": "new", "y": 1}], {"uuid": UUID, "description": "new", "y": 1}),
    ({}, [], {"uuid": UUID, "name": "n"}),
])
def test_an_update_answers_with_the_object(answer, rows, expected):
    client = FakeClient({MODELS: rows}, [answer])
    assert done(client, MODEL, UPDATE, {}).inventory == expected
    assert client.writes[0].body == {"updateModel": {"description": "new"}} and client.writes[0].path == MODELS + "/" + UUID


@pytest.mark.parametrize("running", [True, False])
def test_a_lost_update_that_shows_is_taken_with_a_warning(running):
    client = FakeClient({MODELS: [{"uuid": UUID, "description": "new"}]}, [unknown(running)])
    found, plan = work(client, MODEL, UPDATE, {})
    assert found.carry_out(plan).inventory["description"] == "new"
    assert found.warnings == ["The job j1 was lost. The object has all requested values, so the call is considered successful."]
    assert len(client.writes) == 1


@pytest.mark.parametrize("rows", [[], [{"uuid": UUID, "description": "old"}]])
def test_a_lost_update_that_does_not_show_is_reported(rows):
    client = FakeClient({MODELS: rows}, [unknown(True)])
    found, plan = work(client, MODEL, UPDATE, {"description": "old"})
    with pytest.raises(OutcomeUnknownError):
        found.carry_out(plan)
    assert len(client.writes) == 1 and found.done == []


def test_a_lost_attachment_is_looked_up_among_the_tags():
    options = wanting(MODEL, {"tag_uuids": [ONE]})
    tags = [{"resourceUuid": UUID, "tagPatternUuid": ONE, "tag": "v"}]
    assert done(FakeClient({"/v1/user-tags": tags}, [unknown(False)]), MODEL, options, {}).user_tags == tags
    with pytest.raises(OutcomeUnknownError):
        done(FakeClient({"/v1/user-tags": []}, [unknown(False)]), MODEL, options, {})


def test_a_failure_inside_the_results_is_one():
    answer = {"success": True, "results": [{"success": True, "inventory": {}},
                                           {"success": False, "error": {"code": "TAG.1002", "details": "too many"}}]}
    client = FakeClient(answers=[answer])
    found, plan = work(client, MODEL, wanting(MODEL, {"tag_uuids": [ONE]}), {})
    with pytest.raises(ServerError) as caught:
        found.carry_out(plan)
    assert caught.value.message == "AttachTagToResources (POST /v1/tags/%s/resources) was refused by the server with TAG.1002: too many." % ONE
    assert found.done == []


# -- deleting

GONE = wanting(MODEL, {"name": "n"}, state="absent")


def test_a_delete_has_its_mode_in_the_query():
    client = FakeClient(answers=[{}])
    assert done(client, MODEL, {**GONE, "delete_mode": "Enforcing"}, {}) is None
    write = client.writes[0]
    assert (write.call, write.method, write.path, write.body, write.query) == (
        "DeleteModel", "DELETE", MODELS + "/" + UUID, None, (("deleteMode", "Enforcing"),))


@pytest.mark.parametrize("failure", [unknown(True), unknown(False), refused("SYS.1003"), refused("SYS.1006", globalErrorCode="ORG_ZSTACK_AI_10083")])
def test_gone_is_gone_whoever_did_it(failure):
    client = FakeClient({MODELS: []}, [failure])
    found, plan = work(client, MODEL, GONE, {})
    assert found.carry_out(plan) is None
    # A refusal proves that another run did it; a lost answer does not.
    assert bool(found.done) is isinstance(failure, OutcomeUnknownError)
    assert client.reads == [MODELS + "/" + UUID]


@pytest.mark.parametrize("failure", [unknown(True), refused("SYS.1006", globalErrorCode="ORG_ZSTACK_AI_10082"), AnswerLostError("x"),
                                     UnreachableError("y")])
def test_what_is_still_there_is_reported(failure):
    client = FakeClient({MODELS: [{"uuid": UUID}]}, [failure])
    with pytest.raises(type(failure)) as caught:
        done(client, MODEL, GONE, {})
    assert caught.value is failure and len(client.writes) == 1


def test_a_replacement_deletes_and_clones():
    options = wanting(CLONE, {"name": "n", "description": "d", "tag_uuids": [ONE]}, on_drift="replace")
    first = derived_uuids(CLONE.table, options, 1)[0]
    client = FakeClient({"/v1/user-tags": [{"resourceUuid": first, "tagPatternUuid": ONE}]}, [{}, made, {}])
    after = done(client, CLONE, options, {"description": "old"})
    assert [write.call for write in client.writes] == ["DeleteModelService", "CloneModelService", "AttachTagToResources"]
    assert after.uuid == first and client.writes[2].body == {"params": {"resourceUuids": [first]}}


# -- the server's own check

def validated(kind, options, inventory=None):
    """Return the writes of a validation."""
    client = FakeClient(answers=[{}] * 5)
    validate(client, kind.table, options, *planned(kind, options, inventory))
    for write in client.writes:
        assert write.validates_only, write
    return client.writes


def test_a_creation_is_validated_and_what_follows_it_is_not():
    options = {**NEW_MODEL, "system_tags": ["a"], "model_classifications": ["x"]}
    writes = validated(MODEL, options)
    assert [write.call for write in writes] == ["AddModel"] and writes[0].body["systemTags"] == ["a", "validationOnly"]


def test_updates_and_deletes_are_validated():
    writes = validated(MODEL, wanting(MODEL, {"description": "d", "tag_uuids": [ONE]}), {})
    assert [(write.call, write.path) for write in writes] == [
        ("UpdateModel", MODELS + "/" + UUID), ("AttachTagToResources", "/v1/tags/%s/resources" % ONE)]
    assert writes[1].body == {"params": {"resourceUuids": [UUID]}, "systemTags": ["validationOnly"]}
    writes = validated(MODEL, GONE, {})
    assert writes[0].query == (("deleteMode", "Permissive"), ("systemTags", "validationOnly"))


def test_a_refused_validation_is_reported():
    client = FakeClient(answers=[refused("SYS.1007")])
    with pytest.raises(ServerError, match="SYS.1007"):
        validate(client, MODEL.table, UPDATE, *planned(MODEL, UPDATE, {}))


def test_what_depends_on_an_earlier_call_is_listed_and_not_validated():
    client = FakeClient(answers=[{}] * 5)
    options = wanting(MODEL, {"default_model_service_uuid": ONE, "model_service_uuids": [ONE]})
    observed, plan = planned(MODEL, options, {"modelServiceRefs": []})
    warnings = validate(client, MODEL.table, options, observed, plan)
    assert [step.call.name for step in plan.steps] == ["BindModelToService", "UpdateModel"]
    assert [write.call for write in client.writes] == ["BindModelToService"]
    assert warnings == [
        "server_side_check: the server cannot validate calls that depend on an earlier call of the same plan. "
        "Not validated: UpdateModel (default_model_service_uuid)."]


def test_a_failure_after_the_own_call_reports_the_call():
    """The call had its effect, and a read after it fails."""
    kind = KINDS["clone"]
    observed = holding(kind, {"name": "n", "description": "a text"})
    client = FakeClient({}, [lambda write: client.__dict__.update(get=gone) or {}])

    def gone(path, uuid):
        raise UnreachableError("Could not connect.")

    options = wanting(kind, {"name": "n", "description": "another text"}, server_side_check=False, version_check=False)
    with pytest.raises(Failure) as caught:
        finish(client, kind.table, make_plan(kind.table, options, observed), options, observed, False)
    assert caught.value.result["changed"] is True
    assert [step["call"] for step in caught.value.result["steps"]] == ["UpdateModelService"]


@pytest.mark.parametrize("code", ["SYS.1000", "SYS.1007", "SYS.1006"])
def test_a_read_that_fails_after_the_creation_makes_no_second_object(code):
    kind = KINDS["clone"]
    client = FakeClient({}, [lambda write: client.__dict__.update(get=fails) or {}])

    def fails(path, uuid):
        raise refused(code)

    options = wanting(kind, {"name": "n"}, server_side_check=False, version_check=False)
    with pytest.raises(Failure) as caught:
        finish(client, kind.table, make_plan(kind.table, options, None), options, None, False)
    assert caught.value.result["changed"] is True and len(client.writes) == 1
    assert [step["call"] for step in caught.value.result["steps"]] == ["CloneModelService"]


@pytest.mark.parametrize("answered, now, fails", [("theirs", "theirs", True), ("theirs", "a text", False), ("a text", "theirs", False)])
def test_a_field_that_somebody_changes_meanwhile_fails_the_task(answered, now, fails):
    kind = KINDS["clone"]
    observed = holding(kind, {"name": "n", "description": "a text", "start_command": "a text"})
    answer = holding(kind, {"name": "n", "description": answered, "start_command": "another text"}).inventory
    client = FakeClient({"/v1/ai/model-services": [{**answer, "description": now}]}, [{"inventory": answer}])
    options = wanting(kind, {"name": "n", "description": "a text", "start_command": "another text"}, server_side_check=False, version_check=False)

    def run():
        return finish(client, kind.table, make_plan(kind.table, options, observed), options, observed, False)

    if not fails:
        assert run()[0]["changed"]
        return
    with pytest.raises(Failure, match=r"changed during the task.*description \(is .*theirs.*Run again") as caught:
        run()
    assert caught.value.result["changed"] is True and caught.value.result["error"]["fields"] == ["description"]
