# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules as processes on real connections, at the same time and killed at any moment: one object, complete values, no session that stays."""

from __future__ import annotations

import signal
import typing as t

import pytest

pytest.importorskip("aiohttp", reason="the simulator needs it")

from faults import processes
from faults.kinds import A, B
from faults.processes import ANSWERED, BEFORE, CATALOG, SENT, Forge, Kill, Node, Schedule

KILL, TERM = signal.SIGKILL, signal.SIGTERM


@pytest.fixture(scope="module", name="platform")
def fixture_platform() -> t.Iterator[tuple[Node, Forge]]:
    """A simulator, and a process that forks modules."""
    with processes.at_work() as found:
        yield found


@pytest.mark.parametrize("number, moment, request_number", [
    *((KILL, SENT, number) for number in range(1, 12)), *((KILL, ANSWERED, number) for number in (1, 4, 5, 6, 8)),
    *((TERM, SENT, number) for number in (1, 3, 5, 6, 8))])
def test_a_clone_whose_process_is_ended_at_any_request_is_completed_by_the_next_run(
    platform: tuple[Node, Forge], number: int, moment: str, request_number: int,
) -> None:
    schedule = Schedule("clone", (A,), ((0, Kill(number, request_number, moment)),), {"job_ms": 5})
    assert processes.broken(*platform, schedule) == []


@pytest.mark.parametrize("kind, number", [("clone", 4), (CATALOG, 2)])
def test_processes_that_are_ended_at_random_moments(platform: tuple[Node, Forge], kind: str, number: int) -> None:
    schedules = (processes.drawn(2026, index) for index in range(1000))
    for schedule in [one for one in schedules if one.kind == kind][:number]:
        assert processes.broken(*platform, schedule) == [], schedule


@pytest.mark.parametrize("kind", ["clone", CATALOG])
def test_sixteen_processes_create_one_object(platform: tuple[Node, Forge], kind: str) -> None:
    assert processes.broken(*platform, Schedule(kind, (A,) * 16, (), {"job_ms": 5})) == []


def test_two_processes_with_different_values_leave_no_mixture(platform: tuple[Node, Forge]) -> None:
    for job_ms in (0, 20):
        assert processes.broken(*platform, Schedule("clone", (A, B), (), {"job_ms": job_ms})) == []


@pytest.mark.parametrize("moment", [BEFORE, SENT])
def test_a_process_that_is_told_to_end_signs_out(platform: tuple[Node, Forge], moment: str) -> None:
    """At each request from the second on: the first one is the sign-in, after which there is a session."""
    node, forge = platform
    for request_number in range(2, 6):
        node.reset()
        ended, = forge.run([processes.job_of(node, "clone", A, Kill(TERM, request_number, moment))])
        assert "stopped by SIGTERM" in ended.result["msg"] and ended.result["error"]["code"] == "client.stopped"
        assert node.look(lambda world: world.sessions.live_count()) == 0
