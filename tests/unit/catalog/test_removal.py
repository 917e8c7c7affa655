# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An object is deleted after its users, and kept with possible users."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog import removal as _removal
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import Place
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import Task, settle
from ansible_collections.zstack.aios.plugins.module_utils._catalog.removal import Sources, one_after_the_other, users_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import Plan, Step, derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import DriftError
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed
from hypothesis import given

CLONE, MODEL = KINDS["model_service_clones"], KINDS["models"]
BASE = {"uuid": "0" * 32, "name": "base"}


class Server:
    def __init__(self, **rows):
        self.rows = rows

    def query(self, path, conditions=()):
        return [dict(row) for row in self.rows.get(path.rsplit("/", 1)[1].replace("-", "_"), [])]


def derived(source, name, **more):
    """Return the inventory of a clone."""
    return {"uuid": derived_uuids(CLONE, {"source_service_uuid": source["uuid"], "name": name}, 1)[0], "name": name, **more}


def snapshot(services=(), models=()):
    return Snapshot(Server(model_services=[BASE, *services], models=list(models)), [])


def going(*rows, table=CLONE):
    kind = next(kind for kind, other in KINDS.items() if other is table)
    return [
        Task(Item(number, kind, -1, Place(), table, {"state": "absent", "name": row["name"]}), Plan((Step(table.delete, "/x"),)), {"x": 1}, Observed(row))
        for number, row in enumerate(rows)]


def staying(number, row, table=MODEL, **options):
    kind = next(kind for kind, other in KINDS.items() if other is table)
    item = Item(number, kind, number, Place("c.yml", number, 1), table, {"state": "present", "name": row["name"], **options})
    return Task(item, Plan((Step(table.update, "/x"),)), {"name": row["name"], **options}, Observed(row))


def test_a_source_is_found_again_by_the_derived_uuid():
    first = derived(BASE, "first")
    second, renamed, by_hand = derived(first, "second"), {**derived(BASE, "old"), "name": "new"}, {"uuid": "a" * 12 + "4" + "b" * 19, "name": "hand"}
    sources = Sources(snapshot([first, second, renamed, by_hand]))
    assert sources.of(CLONE.path, second) == (CLONE.path, first["uuid"]) and sources.of(CLONE.path, first) == (CLONE.path, BASE["uuid"])
    assert not sources.unknown(CLONE.path, second)
    for row in (renamed, by_hand):
        assert sources.of(CLONE.path, row) is None and sources.unknown(CLONE.path, row)
    # Models have no source.
    assert not sources.unknown(MODEL.path, {"uuid": "c" * 32, "name": "m"})


def test_a_service_that_was_added_is_no_clone(monkeypatch):
    monkeypatch.setitem(KINDS, "model_services", MODEL_SERVICE)
    added = {"modelCenterUuid": "c1", "name": "added"}
    added["uuid"] = derived_uuids(MODEL_SERVICE, {"model_center_uuid": "c1", "name": "added"}, 1)[0]
    assert not Sources(snapshot([added])).unknown(CLONE.path, added)


def test_the_search_for_sources_is_bounded(monkeypatch):
    compared = []
    monkeypatch.setattr(_removal, "derived_uuids", lambda *arguments: compared.append(1) or [])
    monkeypatch.setattr(_removal, "MOST_COMPARISONS", 500)
    rows = [{"uuid": "%012x5%019x" % (number, number), "name": "s%d" % number} for number in range(200)]
    sources = Sources(snapshot(rows))
    assert all(sources.unknown(CLONE.path, row) for row in rows)
    # One more each, for services that were added and not cloned.
    assert len(compared) == 500 + 200


def test_many_clones_of_one_source_cost_one_comparison_each(monkeypatch):
    rows = [derived(BASE, "s%d" % number) for number in range(300)]
    compared = []
    real = derived_uuids
    monkeypatch.setattr(_removal, "derived_uuids", lambda *arguments: compared.append(1) or real(*arguments))
    sources = Sources(snapshot(rows))
    assert all(sources.of(CLONE.path, row) for row in rows)
    assert len(compared) <= 300 + 301


@given(st.lists(st.integers(-1, 9), max_size=10), st.permutations(range(10)))
def test_clones_go_before_their_sources_in_any_chain(parents, shuffled):
    rows = []
    for number, parent in enumerate(parents):
        rows.append(derived(rows[parent] if 0 <= parent < number else BASE, "c%d" % number))
    group = going(*(rows[index] for index in shuffled if index < len(rows)))
    memory = snapshot(rows)
    sources = Sources(memory)
    users = users_of(group, group, memory, sources)
    numbers = {task.observed.uuid: task.item.number for task in group}
    expected = {number: set() for number in numbers.values()}
    for number, parent in enumerate(parents):
        if 0 <= parent < number:
            expected[numbers[rows[parent]["uuid"]]].add(numbers[rows[number]["uuid"]])
    assert users == expected
    # Nothing else waits: unrelated clones are deleted in parallel.
    assert one_after_the_other(group, users, sources) == expected


def test_what_may_be_a_clone_goes_before_everything_older():
    def row(name, date, number):
        return {"uuid": "%012x4%019x" % (number, number), "name": name, "createDate": date}

    source, clone, second = (
        row("z", "Nov 9, 2026 11:59:59 AM", 1), row("a", "Nov 9, 2026 12:00:00 PM", 2), row("m", "Nov 10, 2026 12:00:00 AM", 3))
    known = derived(BASE, "known", createDate="Nov 9, 2025 1:00:00 PM")
    group = going(source, known, second, clone)
    memory = snapshot([source, known, second, clone])
    order = one_after_the_other(group, users_of(group, group, memory, Sources(memory)), Sources(memory))
    assert order == {2: set(), 3: {2}, 0: {3}, 1: {0}}


def test_items_that_refer_to_each_other_in_a_circle_still_go():
    rows = [derived(BASE, "a"), derived(BASE, "b")]
    group = going(*rows)
    group[0].item.options["source_service"], group[1].item.options["source_service"] = "b", "a"
    memory = snapshot(rows)
    users = users_of(group, group, memory, Sources(memory))
    assert users == {0: {1}, 1: {0}}
    order = one_after_the_other(group, users, Sources(memory))
    assert sorted(map(len, order.values())) == [0, 1]


SERVICE = derived(BASE, "service")
USERS = {
    "default": staying(7, {"uuid": "m", "name": "m", "modelServiceRefs": [{"modelServiceUuid": SERVICE["uuid"], "isDefault": True}]}),
    "bound": staying(7, {"uuid": "m", "name": "m", "modelServiceRefs": [{"modelServiceUuid": "x"}, {"modelServiceUuid": SERVICE["uuid"]}]}),
    "clone": staying(7, derived(SERVICE, "clone"), CLONE, source_service="base"),
    "wish": staying(7, {"uuid": "m", "name": "m"}, model_service_uuids=[SERVICE["uuid"]]),
}


@pytest.mark.parametrize("name", USERS)
@pytest.mark.parametrize("fate", ["failed", "skipped", "well"])
def test_what_failed_or_was_skipped_keeps_what_it_uses(name, fate):
    user = USERS[name]
    user.error, user.skipped = (DriftError("no") if fate == "failed" else None), ("no" if fate == "skipped" else "")
    goes, = going(SERVICE)
    memory = snapshot([SERVICE, user.observed.inventory], [user.observed.inventory])
    users = users_of([goes], [goes, user], memory, Sources(memory))
    assert users == {0: {7}}
    settle([user, goes], {}, users)
    verb = {"failed": "failed", "skipped": "was skipped"}.get(fate)
    assert goes.skipped == ("It is kept, because %s %s and may still use it." % (user.item, verb) if verb else "")


def test_an_item_that_could_not_be_resolved_keeps_what_its_object_may_use():
    row = {"uuid": "m1", "name": "m", "modelServiceRefs": [{"modelServiceUuid": SERVICE["uuid"]}]}
    lost = staying(7, row)
    lost.observed, lost.resolved, lost.error = None, {}, DriftError("no")
    goes, = going(SERVICE)
    memory = snapshot([SERVICE], [row, {**row, "uuid": "m2", "name": "other"}])
    assert users_of([goes], [lost, goes], memory, Sources(memory)) == {0: {7}}
    lost.item.options["name"] = "unrelated"
    assert users_of([goes], [lost, goes], memory, Sources(memory)) == {0: set()}


def test_a_service_that_mentions_its_model_does_not_use_it(monkeypatch):
    """Both inventories list the binding; the tables tell which of the two uses the other."""
    monkeypatch.setitem(KINDS, "model_centers", MODEL_CENTER)
    model = {"uuid": "m1", "name": "m", "modelCenterUuid": "c1"}
    service = {**SERVICE, "modelServiceRefs": [{"modelUuid": "m1", "modelServiceUuid": SERVICE["uuid"]}]}
    center, = going({"uuid": "c1", "name": "c"}, table=MODEL_CENTER)
    goes, = going(model, table=MODEL)
    goes.item.number = 5
    memory = snapshot([service], [model])
    tasks = [center, goes, staying(7, service, CLONE)]
    assert users_of([center, goes], tasks, memory, Sources(memory)) == {0: {5}, 5: set()}
