# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random schedules of faults break no promise, and the checks detect broken promises."""

from __future__ import annotations

import contextlib
import dataclasses
import time
import types
import uuid
from unittest import mock

import pytest

pytest.importorskip("aiohttp", reason="the simulator needs it")

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import apply, creating, runner
from ansible_collections.zstack.aios.plugins.module_utils._protocol import jobs, sign_in
from faults import catalogs, crowds, invariants, schedules
from faults.network import Network

FAMILIES = {"task": (schedules, 40), "catalog": (catalogs, 8)}
# Schedules that once broke a promise, minimized.
ONCE_BROKEN: dict[str, list[str]] = {
    "task": [
        # A read after the own call failed, and the failure was reported as unchanged.
        '{"kind": "evaluation", "start": "none", "want": "b", "config": {"job_ms": 20000}, "strikes": [[26, "foreign_delete", {}]]}',
        '{"kind": "evaluation", "start": "a", "want": "b", "strikes": [[13, "restarted", {"seconds": 40}]]}',
        # A model that another run had just created was looked for once, and not yet visible.
        '{"kind": "model", "start": "none", "want": "a", "strikes": [[8, "late_row", {"ms": 300}]]}',
        # The failure of a read hid the call whose job was still running.
        '{"kind": "evaluation", "start": "none", "want": "a", "config": {"deploy_job_waits": true}, "strikes": [[20, "redirect", {}]]}',
        # The failure of a read hid a call whose job had not ended in time.
        '{"kind": "evaluation", "start": "none", "want": "a", "config": {"job_ms": 90000},'
        ' "strikes": [[14, "error", {"code": "ID.1002"}], [13, "other_task", {"want": "b"}]]}',
        # An object that another run had created under the same uuid was taken for the one of a call that never arrived.
        '{"kind": "model_service", "start": "none", "want": "a", "strikes": [[6, "other_task", {"want": "b"}], [6, "drop_before", {}]]}',
        # No warning stated that the deletion may have been made by another user.
        '{"kind": "model", "start": "a", "want": "absent", "config": {"job_ms": 3000},'
        ' "strikes": [[5, "restart", {"work": false}], [8, "foreign_delete", {}]]}',
        # A failure dropped the warning that a call before it was considered successful.
        '{"kind": "evaluation", "start": "none", "want": "a", "config": {"job_ms": 90000}, "strikes": [[4, "other_task", {"want": "b"}]]}',
        # A killed run had relied on a digest that another run had found before, and then removed.
        '{"kind": "group", "start": "b", "want": "a", "config": {"deploy_job_waits": true},'
        ' "strikes": [[30, "other_task", {"strike": [11, "kill_before", {}], "want": "b"}]]}',
        # Nothing told that a creation may have had an effect, whose object somebody deleted before its job failed.
        '{"kind": "group", "start": "none", "want": "a", "config": {"deploy_job_waits": true},'
        ' "strikes": [[15, "foreign_delete", {}], [19, "other_task", {"want": "a"}]]}',
    ],
    "catalog": [
        # An item that another run had created was reported as changed.
        '{"start": {}, "want": {"clone": "none", "model": "a", "model_center": "b"},'
        ' "strikes": [[7, "other_task", {"want": {"model": "a", "model_center": "b"}}], [12, "other_task", {"want": {"model": "a", "model_center": "b"}}]]}',
        '{"start": {}, "want": {"clone": "a", "model": "b", "model_center": "a"}, "sign_in": "access_key",'
        ' "strikes": [[2, "other_task", {"want": {"clone": "a", "model": "b", "model_center": "a"}}]]}',
        # The read of a job at the end, whose effect had been seen long before, was taken for the end of waiting for it.
        '{"start": {"model": "b", "model_center": "a"}, "want": {"model": "a", "model_center": "b", "model_service": "a"}, "config": {"job_ms": 90000},'
        ' "strikes": [[56, "other_task", {"want": {"clone": "b", "evaluation": "a", "group": "absent", "model": "b", "model_center": "b",'
        ' "model_service": "a"}}]]}',
        # A restart ended two jobs. Another run had made one of the changes, so that it seemed to be the change of this run.
        '{"start": {"clone": "a", "dataset": "a", "evaluation": "a", "model_center": "a", "model_service": "a"}, "config": {"job_ms": 3000},'
        ' "want": {"clone": "b", "dataset": "a", "evaluation": "a", "group": "a", "model_center": "b"}, "strikes": [[37, "restart", {"work": false}],'
        ' [4, "other_task", {"want": {"clone": "a", "dataset": "a", "evaluation": "a", "group": "a", "model_center": "b"}}]]}',
    ],
    "crowd": [
        # One job read the object between two calls of another one, and changed only a part of what the other one changed.
        '{"kind": "model_service", "wants": ["a", "b", "a"], "kills": [], "order": 145959, "config": {"job_ms": 40, "latency_ms": 20}}',
        # Jobs with different values removed the digests of each other until none was left.
        '{"kind": "group", "wants": ["b", "a", "a", "a", "b", "a", "a", "b"], "kills": [], "order": 429056}',
        # A job sent what was in the row only, and did not read the tags again, which a third one had changed.
        '{"kind": "dataset", "wants": ["b", "a", "a", "a", "a", "b", "a", "a"], "kills": [], "order": 87294, "config": {"latency_ms": 20}}',
    ],
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("part", range(2))
def test_random_schedules(family: str, part: int) -> None:
    module, count = FAMILIES[family]
    for number in range(part, count, 2):
        schedule = module.drawn(2026, number)
        assert module.broken(schedule) == [], schedule.as_text()


@pytest.mark.parametrize("family, text", [(family, text) for family, texts in ONCE_BROKEN.items() for text in texts])
def test_what_was_broken_once(family: str, text: str) -> None:
    module = crowds if family == "crowd" else FAMILIES[family][0]
    assert module.broken(module.Schedule.from_text(text)) == []


def test_a_schedule_is_the_same_every_time() -> None:
    for module, _unused_count in FAMILIES.values():
        schedule = module.drawn(7, 3)
        assert schedule == module.drawn(7, 3) == module.Schedule.from_text(schedule.as_text())
    one, two = (schedules.play(schedules.drawn(7, 6)).struck for unused in range(2))
    assert [(record.method, record.call, record.status, record.faults) for record in one.records] == [
        (record.method, record.call, record.status, record.faults) for record in two.records]
    assert one.message == two.message or "job" in one.message


@pytest.mark.parametrize("family", FAMILIES)
def test_the_short_path_of_a_request_changes_nothing(family: str) -> None:
    for number in range(FAMILIES[family][1] // 8):
        schedule = FAMILIES[family][0].drawn(2027, number)
        short = seen_of(FAMILIES[family][0].play(schedule))
        with mock.patch.object(Network, "short", False):
            assert seen_of(FAMILIES[family][0].play(schedule)) == short, schedule.as_text()


def seen_of(ended: invariants.Ended) -> list[object]:
    """Return what a schedule has led to, without what differs from run to run."""
    return [
        (run.ended, run.changed, round(run.seconds, 3),
         [(record.method, record.call, record.status, record.faults, record.executed) for record in run.records])
        for run in (ended.struck, *ended.others, ended.following, ended.last)]


def random_uuids(*unused: object, **more: object) -> list[str]:
    return [uuid.uuid4().hex]


# A defect, the task and the call that a fault strikes, and the promise that is broken then.
DEFECTS = {
    "a second object": (
        [(creating, "derived_uuids", random_uuids)], ("model_center", "none", "a"), "AddModelCenter", "other_task", {"want": "a"}, "duplicates"),
    "an unverified change": (
        [(runner, "unapplied", lambda *unused: [])], ("model", "b", "a"), "UpdateModel", "ignore_fields", {"fields": ["vendor"]}, "false ok"),
    "a change that was not made": ([(apply.Work, "_change", lambda *unused: True)], ("clone", "b", "a"), "", "", {}, "false changed"),
    "a session that stays": ([(sign_in.SignIn, "close", lambda self: None)], ("dataset", "none", "a"), "", "", {}, "sessions are left"),
    "no deadline": (
        [(jobs, "time", types.SimpleNamespace(monotonic=lambda: int(time.monotonic() / 10)))], ("model", "b", "a"), "UpdateModel", "stuck_job", {"work": True},
        "past its deadline"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_noticed(name: str) -> None:
    patches, (kind, start, want), call, fault, options, promise = DEFECTS[name]
    schedule = schedules.Schedule(kind, start, want, ())
    if call:
        number = next(record.number for record in schedules.play(schedule).struck.records if record.call == call)
        schedule = dataclasses.replace(schedule, strikes=((number, fault, options),))
    assert schedules.broken(schedule) == []
    with contextlib.ExitStack() as stack:
        for place, attribute, replacement in patches:
            stack.enter_context(mock.patch.object(place, attribute, replacement))
        found = schedules.broken(schedule)
    assert any(promise in text for text in found), found
