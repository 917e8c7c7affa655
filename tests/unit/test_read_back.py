# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reads after a call: they find what another run has changed in the meantime, and if they fail, they hide nothing."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids, make_plan
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure, finish, module_arguments
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import UnreachableError
from ansible_collections.zstack.aios.plugins.module_utils._resources.dataset import DATASET
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE as CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP as GROUP
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import Digest
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient, refused
from ansible_collections.zstack.aios.tests.unit.support.samples import ONE, SOURCE, TWO, UUID

pytestmark = pytest.mark.usefixtures("clock")
ROW = {"uuid": UUID, "name": "n", "description": "old"}
NEW = {"name": "n", "description": "new"}
PENDING = "zstack.aios/digest/service_livez=pending"


def task(table, given):
    """All options of a task."""
    defaults = {option: argument.get("default") for option, argument in module_arguments(table)["argument_spec"].items()}
    return {**defaults, "version_check": False, "wait": False, **given}


def run(client, table, given, observed):
    """Return the plan, and a function that applies it."""
    options = task(table, given)
    plan = make_plan(table, options, observed)
    return plan, lambda: finish(client, table, plan, options, observed, False)[0]


def of_object(tags):
    """The tags as rows of the server."""
    return [{"uuid": str(number), "resourceUuid": UUID, "tag": tag} for number, tag in enumerate(tags)]


@pytest.mark.parametrize("now, fails", [("Text", False), ("Image", True)])
def test_a_value_in_tags_that_somebody_changes_meanwhile_fails_the_task(now, fails):
    client = FakeClient({"/v1/system-tags": of_object(["dataset::datatype::" + now]), DATASET.path: [{**ROW, "description": "new"}]}, [{}])
    plan, apply = run(client, DATASET, {**NEW, "data_type": "Text"}, Observed(ROW, [], of_object(["dataset::datatype::Text"])))
    assert [step.fields for step in plan.steps] == [("description",)]
    if not fails:
        assert apply()["changed"]
        return
    with pytest.raises(Failure, match=r"changed during the task.*data_type \(is 'Image', should be 'Text'\)"):
        apply()


@pytest.mark.parametrize("now, fails", [(["/a"], False), (["/a", "/b"], True), (["/b"], True), ([], False), (["/a", PENDING], False)])
def test_a_hidden_value_that_somebody_changes_meanwhile_fails_the_task(now, fails):
    """The mark of a change under way shows no value, and the run that has set it compares everything at its own end."""
    tags = [value if value == PENDING else Digest("service_livez", value).text() for value in now]
    client = FakeClient({"/v1/user-tags": of_object(tags), GROUP.path: [{**ROW, "description": "new"}]}, [{}])
    plan, apply = run(client, GROUP, {**NEW, "service_livez": "/a"}, Observed(ROW, of_object([Digest("service_livez", "/a").text()]), []))
    assert [step.fields for step in plan.steps] == [("description",)]
    if not fails:
        assert apply()["changed"]
        return
    with pytest.raises(Failure, match=r"changed during the task.*service_livez \(another run sent another value\)"):
        apply()


def test_tags_are_read_again_only_for_an_update_and_for_options_of_the_task():
    client = FakeClient({DATASET.path: [{**ROW, "description": "new"}]}, [{}])
    assert run(client, DATASET, NEW, Observed(ROW))[1]()["changed"]
    assert not any("tags" in path for path in client.reads)


# -- a refusal, and then a read that fails

def then_unreadable(client, code):
    """Refuse a call, and let all further reads fail."""
    def fails(*unused):
        raise UnreachableError("Could not connect.")

    client.get = client.query = fails
    return refused(code)


CREATION = {"name": "n", "source_service_uuid": SOURCE}
FAILED_READS = {
    "a uuid that may be taken": (CLONE, CREATION, None, "SYS.1000", True),
    "a creation that was refused before anything was changed": (CLONE, CREATION, None, "SYS.1007", False),
    "a deployment": (GROUP, {"name": "n", "model_service_uuid": ONE, "zone_uuid": TWO, "type": "Endpoint"}, None, "SYS.1006", True),
    "a deletion": (CLONE, {"name": "n", "state": "absent"}, ROW, "SYS.1006", False),
    "an entry": (MODEL, {"name": "n", "model_service_uuids": [ONE]}, ROW, "SYS.1006", False),
}


@pytest.mark.parametrize("name", FAILED_READS)
def test_a_read_that_fails_after_a_refusal_hides_nothing(name):
    table, given, row, code, warns = FAILED_READS[name]
    client = FakeClient(answers=[lambda write: then_unreadable(client, code)])
    _plan, apply = run(client, table, given, None if row is None else Observed(row, [], []))
    with pytest.raises(Failure) as caught:
        apply()
    result = caught.value.result
    assert result["error"]["code"] == code and result["changed"] is False
    assert "refused by the server with " + code in result["msg"] and result["msg"].endswith("to see whether it was done: Could not connect.")
    assert any("is not reported as changed" in warning for warning in result.get("warnings", [])) is warns


def test_a_creation_that_may_have_had_an_effect_is_named_whatever_comes_after_it():
    client = FakeClient(answers=[refused("SYS.1000"), refused("ID.1234")])
    _plan, apply = run(client, CLONE, CREATION, None)
    with pytest.raises(Failure, match="ID.1234") as caught:
        apply()
    assert caught.value.result["warnings"] == [
        "CloneModelService failed for the uuid %s, and there is no such object. If it was created and somebody deleted it before the call ended, that is not "
        "reported as changed." % derived_uuids(CLONE, task(CLONE, CREATION), 1)[0]]
