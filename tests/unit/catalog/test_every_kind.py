# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for each kind of a catalog alike: order, planning, export and deletion follow from its table."""

from __future__ import annotations

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog.entries import Exporter
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import Place
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, ItemSpec
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import deletion_order, dependencies, in_order
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import plan_items
from ansible_collections.zstack.aios.plugins.module_utils._catalog.shares import Shares
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids, make_plan
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient

DEPLOYING = {"zone": "zone-1", "type": "Container", "docker_image": "r/i:1"}
# In the order in which nothing refers to a later one.
WHOLE = {
    "model_centers": {"name": "c", "url": "http://192.0.2.1", "management_ip": "192.0.2.1", "management_port": 22},
    "model_services": {"name": "s", "model_center": "c", "yaml": "a: 1", "request_cpu": 1, "request_memory": 1, "install_path": "/s", "start_command": "x"},
    "model_service_clones": {"name": "k", "source_service": "s"},
    "models": {"name": "m", "model_center": "c", "install_path": "/m", "default_model_service": "k"},
    "datasets": {"name": "d", "model_center": "c", "url": "http://192.0.2.1/d", "usage_scenarios": ["ModelEval"], "data_type": "Text"},
    "model_service_groups": {"name": "g", "model_service": "k", "model": "m", **DEPLOYING},
    "model_evaluations": {
        "name": "e", "model_service": "s", "model_service_groups": ["g"], "datasets": ["d"], "task_type": "Capability", "limits": 1, **DEPLOYING},
}


def items(kinds, **more):
    found = []
    for number, kind in enumerate(kinds):
        options, messages = ItemSpec(KINDS[kind]).validate({**WHOLE[kind], **more})
        assert not messages
        found.append(Item(number, kind, number, Place(), KINDS[kind], {**options, "version_check": True, "server_side_check": False}))
    return found


def snapshot(**rows):
    store = {"/v1/zones": [{"uuid": "f" * 32, "name": "zone-1"}], **{KINDS[kind].path: given for kind, given in rows.items()}}
    return Snapshot(FakeClient(store), [])


def test_the_sample_has_every_kind():
    assert set(WHOLE) == set(KINDS)


def test_any_order_of_the_items_gives_one_order_of_work():
    found = items(reversed(list(WHOLE)))
    ordered, circles = in_order(found, dependencies(found))
    assert not circles
    places = {item.kind: place for place, item in enumerate(ordered)}
    for kind, needs in {
        "model_services": ["model_centers"], "model_service_clones": ["model_services"], "models": ["model_centers", "model_service_clones"],
        "datasets": ["model_centers"], "model_service_groups": ["model_service_clones", "models"],
        "model_evaluations": ["model_services", "model_service_groups", "datasets"],
    }.items():
        assert all(places[other] < places[kind] for other in needs)


def test_everything_is_planned_before_anything_exists_and_nothing_twice():
    ordered = items(WHOLE)
    memory = snapshot()
    first = plan_items(ordered, memory)
    assert [(task.planned, task.error) for task in first] == [("create", None)] * len(WHOLE)
    for task in first:
        table = task.item.table
        assert task.uuid == (derived_uuids(table, task.resolved, 1)[0] if table.created_key == "uuid" else None)
    # The platform in memory now has the state after the plan, except for values that only the server knows.
    again = plan_items([item for item in ordered if item.table.created_key == "uuid" and item.kind not in ("models", "datasets")], memory)
    assert [(task.planned, task.error, task.uuid) for task in again] == [("none", None, task.uuid) for task in first if task.item in [o.item for o in again]]


@pytest.mark.parametrize("kind", KINDS)
def test_what_uses_an_object_is_deleted_before_it(kind):
    groups = [[item.table.path for item in group] for group in deletion_order(items(WHOLE, state="absent"))]
    paths = [paths[0] for paths in groups]
    for use in KINDS[kind].users:
        if use.path in paths and use.path != KINDS[kind].path:
            assert paths.index(use.path) < paths.index(KINDS[kind].path)


@pytest.mark.parametrize("kind", KINDS)
def test_all_of_an_absent_object_goes_and_once(kind):
    table = KINDS[kind]
    options = ItemSpec(table).validate({"name": "x", "state": "absent"})[0]
    plan = make_plan(table, options, Observed({"uuid": "a" * 32, "name": "x"}, others=({"uuid": "b" * 32, "name": "x"},)))
    assert [step.path.rsplit("/", 1)[1] for step in plan.steps] == ["a" * 32, "b" * 32]
    assert all(step.call is table.delete for step in plan.steps)


ROWS = {
    "model_centers": {"url": "http://192.0.2.1", "managementIp": "192.0.2.1", "managementPort": 22},
    "models": {"installPath": "/m", "modelCenterUuid": "c" * 32, "modelServiceRefs": [{"modelServiceUuid": "5" * 32, "isDefault": True}]},
    "model_services": {"modelCenterUuid": "c" * 32, "yaml": "a: 1", "requestCpu": 1, "modelServiceRefs": [{"modelUuid": "a" * 32}]},
    "model_service_clones": {"modelCenterUuid": "c" * 32, "requestCpu": 2},
    "model_service_groups": {"modelServiceUuid": "5" * 32, "type": "Container", "status": "Running", "yaml": "services: [{livez: /own}]"},
    "datasets": {"modelCenterUuid": "c" * 32, "url": "http://192.0.2.1/d"},
    "model_evaluations": {"status": "Completed", "limits": 3, "temperature": 0.5, "type": "Capability", "prompt": "?"},
}
EXPECTED = {
    "models": {"model_center": "center", "default_model_service": "service"}, "model_services": {"model_center": "center", "models": ["x"]},
    "model_service_groups": {"model_service": "service", "type": "Container", "service_livez": "/own"},
    "datasets": {"model_center": "center"}, "model_evaluations": {"limits": 3, "temperature": 0.5, "task_type": "Capability", "prompt": "?"},
}


def exported(kind, written=None, **more):
    """Return the entry of an object of a kind, beside a center and a service."""
    row = {"uuid": "a" * 32, "name": "x", **ROWS[kind], **more}
    others = {"model_centers": [{"uuid": "c" * 32, "name": "center"}], "model_services": [{"uuid": "5" * 32, "name": "service"}]}
    if kind == "model_services":
        others["models"] = [{"uuid": "a" * 32, "name": "x"}]
    shared = next((other for other in others if KINDS[other].path == KINDS[kind].path), kind)
    memory = snapshot(**{**others, shared: [*others.get(shared, []), row]})
    return Exporter(KINDS[kind], ItemSpec(KINDS[kind]), memory, {}, None, written).entry(row), memory


@pytest.mark.parametrize("kind", KINDS)
def test_planning_the_exported_entry_changes_nothing(kind):
    entry, memory = exported(kind)
    assert entry.options.items() >= EXPECTED.get(kind, {}).items()
    options, messages = ItemSpec(KINDS[kind]).validate(entry.options)
    assert not messages
    task, = plan_items([Item(0, kind, 0, Place(), KINDS[kind], {**options, "version_check": True, "server_side_check": False})], memory)
    assert (task.error, task.planned, task.uuid) == (None, "none", "a" * 32)


@pytest.mark.parametrize("kind", [kind for kind, table in KINDS.items() if table.ready])
def test_an_object_that_has_failed_is_exported_as_such(kind):
    entry, memory = exported(kind, status="Failed")
    assert entry.options["wait"] is False and any("it has failed" in comment for comment in entry.comments)


def test_a_binding_is_written_once():
    entry, _unused = exported("model_services", {KINDS["models"].path: {"a" * 32}})
    assert "models" not in entry.options and "model_uuids" not in entry.options


def test_each_service_is_shared_out_once():
    source = {"uuid": "5" * 32, "name": "service"}
    clone = {"uuid": derived_uuids(KINDS["model_service_clones"], {"source_service_uuid": "5" * 32, "name": "k"}, 1)[0], "name": "k"}
    added = {"modelCenterUuid": "c" * 32, "name": "added"}
    added["uuid"] = derived_uuids(KINDS["model_services"], {"model_center_uuid": "c" * 32, "name": "added"}, 1)[0]
    memory = snapshot(model_services=[source, clone, added])

    def names(kinds, sourced):
        shares = Shares(kinds, memory, lambda table, row: sourced and row["uuid"] != "5" * 32)
        return {kind: [row["name"] for row in shares.of(kind)] for kind in kinds}

    both = ["model_services", "model_service_clones"]
    assert names(both, False) == {"model_services": ["added", "service"], "model_service_clones": ["k"]}
    assert names(both, True) == {"model_services": ["added", "service"], "model_service_clones": ["k"]}
    for kind in both:
        assert names([kind], False) == {kind: ["added", "k", "service"]}


def test_the_groups_of_evaluations_are_no_deployments():
    table = KINDS["model_evaluations"]
    rows = [{"uuid": letter * 32, "name": "g" + letter} for letter in "ab"]
    store = {KINDS["model_service_groups"].path: rows, table.related.path: rows[:1]}
    shares = Shares(list(KINDS), Snapshot(FakeClient(store), []), lambda table, row: False)
    assert [row["name"] for row in shares.of("model_service_groups")] == ["gb"]
