# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many jobs at the same time, whose requests take turns, some of them killed: one object, and the last writer wins completely."""

from __future__ import annotations

import pytest

pytest.importorskip("aiohttp", reason="the simulator needs it")

from faults import crowds
from faults.crowds import Schedule


@pytest.mark.parametrize("part", range(2))
def test_random_crowds(part: int) -> None:
    for number in range(part, 8, 2):
        schedule = crowds.drawn(2026, number, jobs=6)
        assert crowds.broken(schedule) == [], schedule.as_text()


@pytest.mark.parametrize("kind", ["clone", "catalog"])
def test_sixteen_jobs_make_one_object(kind: str) -> None:
    schedule = Schedule(kind, ("a",) * 16, (), 7)
    ended = crowds.play(schedule)
    assert crowds.violations(schedule, ended) == []
    creations = [record.call for outcome in ended.outcomes for record in outcome.executed if record.call == "CloneModelService"]
    assert creations == ["CloneModelService"]


@pytest.mark.parametrize("request_number", range(1, 12))
@pytest.mark.parametrize("after", [False, True])
def test_a_clone_that_is_killed_at_any_request_is_completed_by_the_next_run(request_number: int, after: bool) -> None:
    schedule = Schedule("clone", ("a",), ((0, request_number, after),), 1, {"job_ms": 40})
    ended = crowds.play(schedule)
    assert crowds.violations(schedule, ended) == []
    assert ended.sessions <= (ended.outcomes[0].ended == "killed")


def test_two_jobs_with_different_values_leave_no_mixture() -> None:
    for order in range(6):
        schedule = Schedule("model_service", ("a", "b"), (), order, {"latency_ms": 20})
        assert crowds.broken(schedule) == [], schedule.as_text()
