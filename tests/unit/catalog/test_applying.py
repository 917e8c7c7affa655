# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks are applied in parallel, each after the tasks that it requires, and each once."""

from __future__ import annotations

import contextlib
import threading
import time

import hypothesis.strategies as st
import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog import applying as _applying
from ansible_collections.zstack.aios.plugins.module_utils._catalog.applying import ITEMS_FOR_REQUEST, Applier
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import Place
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import Task
from ansible_collections.zstack.aios.plugins.module_utils._catalog.report import as_result
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import Plan, Step
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OutcomeUnknownError, UnreachableError
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient
from hypothesis import given

TABLE = KINDS["models"]


def tasks_of(count):
    found = []
    for number in range(count):
        item = Item(number, "models", number, Place(), TABLE, {"state": "present", "name": "m%d" % number})
        found.append(Task(item, Plan((Step(TABLE.update, "/x"),)), {"name": "m%d" % number}, uuid="u%d" % number))
    return found


class Server:
    """Replaces the second half of the pipeline."""

    def __init__(self, failing=(), error=None, pause=0.0, done_by_others=()):
        self.failing = failing
        self.done_by_others = done_by_others
        self.error = error
        self.pause = pause
        self.begun = []
        self.ended = []
        self.most = 0
        self.lock = threading.Lock()

    def finish(self, client, table, plan, options, observed, check_mode):
        name = options["name"]
        with self.lock:
            self.begun.append((name, set(self.ended)))
            self.most = max(self.most, len(self.begun) - len(self.ended))
        time.sleep(self.pause)
        with self.lock:
            self.ended.append(name)
        if name in self.failing:
            raise self.error or Failure({"msg": "no", "error": {"code": "SYS.1006"}, "changed": False, "steps": []})
        return {"model": {"uuid": "u" + name[1:]}, "warnings": []}, Plan() if name in self.done_by_others else plan


def apply(server, tasks, before, concurrency=4, stop=False):
    done = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_applying, "finish", server.finish)
        Applier(FakeClient(), False, concurrency, done.append, stop).apply(tasks, before)
    return done


@st.composite
def graphs(draw):
    count = draw(st.integers(0, 12))
    before = {number: draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set() for number in range(count)}
    return count, before, draw(st.sets(st.sampled_from(["m%d" % number for number in range(count)]), max_size=3) if count else st.just(set()))


@given(graphs(), st.integers(1, 5))
def test_any_graph(graph, concurrency):
    count, before, failing = graph
    tasks, server = tasks_of(count), Server(failing)
    done = apply(server, tasks, before, concurrency)
    assert sorted(task.item.number for task in done) == list(range(count))
    assert server.most <= (concurrency * ITEMS_FOR_REQUEST if concurrency > 1 else 1)
    lost = set()
    for number in range(count):
        task = tasks[number]
        if before[number] & lost:
            assert task.skipped and not task.failed
        assert bool(task.skipped) == bool(before[number] & lost)
        if task.skipped or task.failed:
            lost.add(number)
    for name, ended in server.begun:
        assert {"m%d" % number for number in before[int(name[1:])]} <= ended
    assert {name for name, _unused in server.begun} == {"m%d" % number for number in range(count) if not tasks[number].skipped}
    summary = as_result(tasks, [], True)["summary"]
    assert (summary["failed"], summary["skipped"]) == (sum(task.failed for task in tasks), sum(bool(task.skipped) for task in tasks))


def test_independent_tasks_run_side_by_side():
    server = Server(pause=0.05)
    apply(server, tasks_of(40), {}, 6)
    assert 6 <= server.most <= 24
    server = Server(pause=0.05)
    apply(server, tasks_of(12), {}, 6, stop=True)
    assert 1 < server.most <= 6


def test_what_needs_nothing_any_more_is_left_alone():
    tasks = tasks_of(3)
    tasks[0].plan = Plan()
    tasks[1].error = OutcomeUnknownError("x", "j", False)
    assert apply(Server(), tasks, {2: {0, 1}}) == [tasks[2]]


def test_nothing_more_is_tried_without_a_server():
    tasks = tasks_of(40)
    server = Server({"m3"}, Failure({"msg": "gone", "error": UnreachableError("gone").error, "changed": False, "steps": []}), pause=0.005)
    apply(server, tasks, {}, 2)
    assert 3 < len(server.begun) < 20
    assert tasks[39].skipped == "Skipped, because models[3] (m3) failed with client.unreachable, which would also affect this item."


def test_nothing_more_is_started_after_a_failure_if_that_is_asked_for():
    tasks = tasks_of(40)
    server = Server({"m3"}, pause=0.005)
    apply(server, tasks, {}, 2, stop=True)
    begun = [name for name, _unused in server.begun]
    # One other item may run beside the one that fails, and none begins after it.
    assert set(begun) <= {"m0", "m1", "m2", "m3", "m4"} and "m3" in begun
    assert all("m3" not in ended for _unused, ended in server.begun)
    assert tasks[39].skipped == "Skipped, because models[3] (m3) failed and on_error is stop."
    assert [task.item.name for task in tasks if task.failed] == ["m3"]


def test_what_is_deleted_later_stops_as_well():
    first, later = tasks_of(2)
    server = Server({"m0"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_applying, "finish", server.finish)
        applier = Applier(FakeClient(), False, 4, lambda task: None, stop=True)
        applier.apply([first], {})
        applier.apply([later], {})
    assert first.failed and later.skipped and len(server.begun) == 1


def test_a_defect_stops_no_other_item():
    tasks = tasks_of(3)
    apply(Server({"m1"}, KeyError("boom")), tasks, {})
    assert [task.failed for task in tasks] == [False, True, False]
    assert "report it: KeyError" in tasks[1].failure["msg"]


def test_what_another_run_has_done_is_not_changed():
    tasks = tasks_of(2)
    apply(Server(done_by_others={"m0", "m1"}), tasks, {})
    result = as_result(tasks, [], True)
    assert not result["changed"] and not result["diff"]
    assert [(entry["action"], entry["changed"], entry["steps"]) for entry in result["entries"]] == [("none", False, [])] * 2


def test_failures_are_reported_with_the_item():
    tasks = tasks_of(2)
    apply(Server({"m1"}), tasks, {})
    result = as_result(tasks, ["something"], False)
    assert result["warnings"] == ["something"] and result["changed"]
    assert [(entry["name"], entry["action"], entry.get("msg")) for entry in result["entries"]] == [("m0", "update", None), ("m1", "failed", "no")]


GROUPS = KINDS["model_service_groups"]


class Deployments(FakeClient):
    """Replaces the second half of the pipeline: each deployment begins with a call, and then is waited for."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()
        self.calling = self.most_calling = self.waiting = self.most_waiting = 0

    def finish(self, client, table, plan, options, observed, check_mode):
        self.note("calling", 1)
        time.sleep(0.005)
        for _unused in range(2):
            self.note("calling", -1)
            with client.idle():
                self.note("waiting", 1)
                time.sleep(0.02)
                self.note("waiting", -1)
            self.note("calling", 1)
        self.note("calling", -1)
        return {"model_service_group": {"uuid": options["name"]}, "warnings": []}, plan

    def note(self, what, change):
        with self.lock:
            number = getattr(self, what) + change
            setattr(self, what, number)
            setattr(self, "most_" + what, max(number, getattr(self, "most_" + what)))


def test_what_waits_for_its_object_makes_room_for_others(monkeypatch):
    client = Deployments()
    tasks = []
    for number in range(12):
        item = Item(number, "model_service_groups", number, Place(), GROUPS, {"state": "present", "name": "g%d" % number})
        # Half of them are only waited for.
        plan = Plan((Step(GROUPS.create, "/x"),)) if number % 2 else Plan()
        tasks.append(Task(item, plan, {"name": "g%d" % number}, uuid="g%d" % number, unready=not number % 2))
    monkeypatch.setattr(_applying, "finish", client.finish)
    done = []
    Applier(client, False, 2, done.append).apply(tasks, {})
    assert len(done) == 12 and {task.action for task in done} == {"create", "none"}
    assert client.most_waiting > 2 * _applying.ITEMS_FOR_REQUEST and client.idle is contextlib.nullcontext


@pytest.mark.parametrize("count", [1, 3])
def test_no_more_items_than_slots_are_at_work(count):
    idle = []
    slots, working, most = _applying.Slots(count, idle.append), [], []

    def work(number):
        with slots.work(number):
            for _unused in range(3):
                working.append(1)
                most.append(len(working))
                time.sleep(0.001)
                working.pop()
                with slots.idle():
                    time.sleep(0.001)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == count and len(most) == 24
    assert sorted(idle) == sorted(list(range(8)) * 3)
