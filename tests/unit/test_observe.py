# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the current state: uuids of names, the object that a task identifies, and its tags."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import observe as _observe
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import observe
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids, make_plan
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AmbiguousError, MissingError, OptionError
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient
from ansible_collections.zstack.aios.tests.unit.support.samples import CENTER, KINDS, ONE, SOURCE, TWO, UUID, wanting

MODEL, CLONE = KINDS["model"], KINDS["clone"]
MODELS, SERVICES, CENTERS = MODEL.table.path, CLONE.table.path, "/v1/ai/model-centers"


def seen(kind, store, values, **more):
    """Return the resolved options, the object, and the client with its reads."""
    client = FakeClient(store)
    resolved, observed = observe(client, kind.table, wanting(kind, values, **more))
    assert not client.writes
    return resolved, observed, client


def uuid_of(kind, store, values, **more):
    """Return the uuid of the object that a task identifies, or None."""
    observed = seen(kind, store, values, **more)[1]
    return observed and observed.uuid


def rows(*pairs, **more):
    """Rows with uuid and name."""
    return [{"uuid": uuid, "name": name, **more} for uuid, name in pairs]


@pytest.mark.parametrize("values, found", [
    ({"uuid": UUID}, UUID), ({"uuid": " %s\n" % UUID}, UUID), ({"uuid": ONE, "name": "a"}, None), ({"name": "a"}, UUID), ({"name": " a "}, UUID),
    ({"name": "b"}, None), ({"model_id": "id"}, UUID), ({"model_id": "other"}, None), ({"model_id": "id", "name": "x"}, UUID),
    ({"uuid": UUID, "name": "another"}, UUID),
])
def test_a_model_is_found(values, found):
    assert uuid_of(MODEL, {MODELS: [{"uuid": UUID, "name": "a", "modelId": "id"}]}, values, state="absent") == found


def test_a_name_counts_to_the_letter():
    store = {MODELS: rows((ONE, "llama"), (TWO, "LLAMA"))}
    assert uuid_of(MODEL, store, {"name": "LLAMA"}) == TWO
    assert uuid_of(MODEL, store, {"name": "Llama"}) is None


@pytest.mark.parametrize("name", ["it's", "a>=b", "C:\\models", "x!=y", "=x", "100%", "a_b", "模型 \U0001f600"])
def test_a_name_that_is_hard_to_ask_for_is_found(name):
    store = {MODELS: rows((ONE, name), (TWO, name.replace(name[0], "z")))}
    assert uuid_of(MODEL, store, {"name": name}) == ONE


@pytest.mark.parametrize("model_id", ["", None, UUID, "id"])
def test_a_model_from_before_model_ids_is_taken_over(model_id):
    row = {"uuid": UUID, "name": "a", "modelId": model_id}
    assert uuid_of(MODEL, {MODELS: [row]}, {"name": "a", "model_id": "id"}) == UUID
    assert uuid_of(MODEL, {MODELS: [{**row, "modelId": "another"}]}, {"name": "a", "model_id": "id"}) is None


def test_a_name_counts_within_its_center():
    store = {MODELS: [{"uuid": ONE, "name": "a", "modelCenterUuid": CENTER}, {"uuid": TWO, "name": "a", "modelCenterUuid": "other"}],
             CENTERS: rows((CENTER, "center"))}
    assert uuid_of(MODEL, store, {"name": "a", "model_center_uuid": CENTER}) == ONE
    assert uuid_of(MODEL, store, {"name": "a", "model_center": "center"}) == ONE
    assert uuid_of(MODEL, store, {"name": "a", "model_center": "center"}, state="absent") == ONE


def test_several_of_a_name_are_listed():
    with pytest.raises(AmbiguousError) as caught:
        seen(MODEL, {MODELS: rows((ONE, "a"), (TWO, "a"), (UUID, "b"))}, {"name": "a"})
    assert caught.value.message == (
        "2 models are named 'a': uuid %s; uuid %s. "
        "Delete the duplicates, or give uuid to identify one of them." % (ONE, TWO))


TWINS = [
    {"uuid": ONE, "name": "a", "modelCenterUuid": "c1", "createDate": "Nov 1, 2026 9:00:01 AM", "type": "Custom"},
    {"uuid": TWO, "name": "a", "modelCenterUuid": "c2", "createDate": "Nov 3, 2026 1:00:02 PM", "type": "Custom"}]
NAMED = [{"uuid": "c1", "name": "center-1"}, {"uuid": "c2", "name": "center-2"}]


@pytest.mark.parametrize("changes, centers, expected", [
    ({}, NAMED, "in 'center-1', created 2026-11-01 (uuid %s); in 'center-2', created 2026-11-03 (uuid %s)"),
    ({}, [], "in c1, created 2026-11-01 (uuid %s); in c2, created 2026-11-03 (uuid %s)"),
    ({"modelCenterUuid": "c2"}, NAMED, "created 2026-11-01 (uuid %s); created 2026-11-03 (uuid %s)"),
    ({"modelCenterUuid": "c2", "createDate": "Nov 3, 2026 1:00:01 PM"}, NAMED, "created 2026-11-03 13:00:01 (uuid %s); created 2026-11-03 13:00:02 (uuid %s)"),
    ({"modelCenterUuid": "c2", "createDate": "Nov 3, 2026 1:00:02 PM", "type": "System"}, NAMED, "type System (uuid %s); type Custom (uuid %s)"),
    ({"modelCenterUuid": "c2", "createDate": "Nov 3, 2026 1:00:02 PM"}, NAMED, "uuid %s; uuid %s"),
    ({"modelCenterUuid": None, "createDate": 7}, NAMED, "uuid %s; in 'center-2', created 2026-11-03 (uuid %s)"),
])
def test_objects_of_one_name_are_distinguished(changes, centers, expected):
    store = {MODELS: [{**TWINS[0], **changes}, TWINS[1]], CENTERS: centers}
    with pytest.raises(AmbiguousError) as caught:
        observe(FakeClient(store), MODEL.table, wanting(MODEL, {"name": "a"}))
    assert expected % (ONE, TWO) + ". Delete" in caught.value.message


def test_more_than_three_objects_of_one_name_are_counted():
    store = {MODELS: [{"uuid": "u%d" % number, "name": "a", "createDate": "Nov %d, 2026 9:00:01 AM" % number} for number in range(1, 6)]}
    with pytest.raises(AmbiguousError, match="^5 models .*created 2026-11-03 .uuid u3.; and 2 more[.] Delete"):
        observe(FakeClient(store), MODEL.table, wanting(MODEL, {"name": "a"}))


@pytest.mark.parametrize("uuid", ["a/b", "", "../x", "a?b", "a b", "x" * 65, "模"])
def test_a_uuid_that_fits_into_no_path_is_refused(uuid):
    client = FakeClient({})
    with pytest.raises(OptionError, match="^uuid: .* is not a uuid. Give the 32 hex digits"):
        observe(client, MODEL.table, wanting(MODEL, {"uuid": uuid}))
    assert not client.reads


# -- names of other objects

def test_a_name_becomes_a_uuid_once():
    client = FakeClient({CENTERS: rows((CENTER, "c"), (ONE, "C"))})
    for _unused in range(2):
        resolved = observe(client, MODEL.table, wanting(MODEL, {"name": "a", "model_center": " c "}))[0]
        assert resolved["model_center_uuid"] == CENTER
    assert len([read for read in client.reads if read.startswith(CENTERS)]) == 1


def test_an_unknown_name_lists_what_there_is_with_the_nearest_first():
    store = {CENTERS: rows(*[("%032d" % number, "store %d" % number) for number in range(15)], (CENTER, "my center"))}
    with pytest.raises(MissingError) as caught:
        seen(MODEL, store, {"name": "a", "model_center": "my centre"})
    assert caught.value.message.startswith(
        "model_center: there is no model center named 'my centre'. The nearest are: 'my center' (uuid %s), " % CENTER)
    assert caught.value.message.endswith("and 13 more.")


def test_an_unknown_name_where_there_is_nothing():
    with pytest.raises(MissingError, match="This account cannot see any model center."):
        seen(MODEL, {}, {"name": "a", "model_center": "x"})


def test_an_ambiguous_name_lists_the_candidates():
    with pytest.raises(AmbiguousError) as caught:
        seen(MODEL, {SERVICES: rows((ONE, "s"), (TWO, "s"))}, {"name": "a", "default_model_service": "s"})
    assert caught.value.message == (
        "default_model_service: 2 model services are named 's': uuid %s; uuid %s. "
        "Give default_model_service_uuid instead." % (ONE, TWO))


def test_what_is_to_go_needs_no_names_but_its_own():
    assert uuid_of(MODEL, {MODELS: rows((ONE, "a"))}, {"name": "a", "default_model_service": "gone"}, state="absent") == ONE
    assert uuid_of(CLONE, {SERVICES: rows((ONE, "a"))}, {"name": "a", "source_service_uuid": None, "source_service": "gone"}, state="absent") == ONE


def test_the_source_of_a_clone_that_is_there_is_not_looked_for():
    store = {SERVICES: rows((ONE, "clone"))}
    values = {"name": "clone", "source_service_uuid": None, "source_service": "renamed since"}
    assert uuid_of(CLONE, store, values) == ONE
    with pytest.raises(MissingError, match="^source_service: there is no model service named 'renamed since'"):
        seen(CLONE, store, values, on_drift="replace")
    with pytest.raises(MissingError, match="^source_service: "):
        seen(CLONE, store, {**values, "name": "new"})


# -- clones

def test_a_clone_is_found_by_its_uuid_and_then_by_its_name():
    store = {SERVICES: rows((UUID, "x"), (ONE, "a"))}
    assert uuid_of(CLONE, store, {"name": "a", "resource_uuid": UUID}) == UUID
    assert uuid_of(CLONE, store, {"name": "a", "resource_uuid": TWO}) == ONE


def test_the_source_is_never_its_own_clone():
    store = {SERVICES: rows((SOURCE, "a"))}
    assert uuid_of(CLONE, store, {"name": "a"}) is None
    assert uuid_of(CLONE, {SERVICES: rows((SOURCE, "a"), (ONE, "a"))}, {"name": "a"}) == ONE


def test_a_renamed_clone_is_known_by_its_uuid():
    options = {"name": "a", "source_service_uuid": SOURCE}
    derived = derived_uuids(CLONE.table, options, 8)
    assert uuid_of(CLONE, {SERVICES: rows((derived[3], "renamed"))}, {"name": "a"}) == derived[3]
    with pytest.raises(AmbiguousError, match="2 objects were created for this model service and renamed later"):
        seen(CLONE, {SERVICES: rows((derived[0], "x"), (derived[1], "y"))}, {"name": "a"})


def test_a_renamed_model_is_known_by_its_uuid():
    options = {"name": "a", "install_path": "p", "model_center_uuid": CENTER}
    derived = derived_uuids(MODEL.table, options, 1)[0]
    assert uuid_of(MODEL, {MODELS: rows((derived, "renamed"))}, options) == derived
    assert uuid_of(MODEL, {MODELS: rows((derived, "renamed"))}, options, state="absent") is None


def test_a_second_model_of_a_name_is_not_made_for_another_uuid():
    options = {"uuid": UUID, "name": "a", "install_path": "p", "model_center_uuid": CENTER}
    store = {MODELS: [{"uuid": ONE, "name": "a", "modelCenterUuid": CENTER}]}
    with pytest.raises(AmbiguousError, match="There is no model with the uuid %s, but there is 'a' .uuid %s.. Omit uuid" % (UUID, ONE)):
        seen(MODEL, store, options)
    assert uuid_of(MODEL, {MODELS: [{"uuid": ONE, "name": "b", "modelCenterUuid": CENTER}]}, options) is None


# -- tags

@pytest.mark.parametrize("values, kinds", [
    ({}, set()), ({"description": "d"}, set()), ({"user_tags": ["a"]}, {"user-tags"}), ({"tag_uuids": [ONE]}, {"user-tags"}),
    ({"model_classifications": []}, {"user-tags"}), ({"system_tags": ["a"]}, {"system-tags"}),
    ({"system_tags": [], "user_tags": [], "tag_uuids": []}, {"user-tags", "system-tags"}),
])
def test_tags_are_read_only_when_they_are_managed(values, kinds):
    store = {MODELS: rows((UUID, "a")), "/v1/user-tags": [{"resourceUuid": UUID, "tag": "u"}, {"resourceUuid": ONE, "tag": "no"}],
             "/v1/system-tags": [{"resourceUuid": UUID, "tag": "s"}]}
    _unused, observed, client = seen(MODEL, store, {"name": "a", **values})
    read = [name for name in client.reads if "-tags" in name]
    assert {name.split("/")[2].split(" ")[0] for name in read} == kinds and len(read) == len(kinds)
    assert (observed.user_tags, observed.system_tags) == (
        [{"resourceUuid": UUID, "tag": "u"}] if "user-tags" in kinds else None,
        [{"resourceUuid": UUID, "tag": "s"}] if "system-tags" in kinds else None)
    assert not [name for name in seen(MODEL, store, {"name": "a", **values}, state="absent")[2].reads if "-tags" in name]


@pytest.mark.parametrize("values, count",
                         [({"uuid": UUID}, 1), ({"name": "a"}, 1), ({"name": "a", "model_center_uuid": CENTER, "description": "d"}, 1)])
def test_an_object_that_is_there_costs_one_request(values, count):
    store = {MODELS: [{"uuid": UUID, "name": "a", "modelCenterUuid": CENTER}]}
    assert len(seen(MODEL, store, values)[2].reads) == count


def test_what_is_found_by_uuid_may_get_another_model_id():
    row = {"uuid": UUID, "name": "n", "modelId": "old", "modelCenterUuid": CENTER}
    client = FakeClient({MODELS: [row]})
    options, observed = observe(client, KINDS["model"].table, wanting(KINDS["model"], {"uuid": UUID, "model_id": "new"}))
    assert observed.inventory == row
    assert [step.params for step in make_plan(KINDS["model"].table, options, observed).steps] == [{"modelId": "new"}]


def test_the_nearest_names_come_first_and_few_are_compared(monkeypatch):
    compared = []
    real = _observe.difflib.SequenceMatcher
    monkeypatch.setattr(_observe.difflib, "SequenceMatcher", lambda *sides: compared.append(sides) or real(*sides))
    rows = [{"name": "other-%d" % number, "uuid": str(number)} for number in range(5000)] + [{"name": "vLLM qwen3", "uuid": "x"}]
    assert _observe.nearest_first("vllm-qwen", rows)[0]["name"] == "vLLM qwen3"
    assert len(compared) <= 50 and len(_observe.nearest_first("a", rows)) == 5001
    _observe.nearest_first("a" * 10 ** 6, [{"name": "ab" * 10 ** 6}])
    assert max(len(side) for sides in compared for side in sides if side) <= 100
