# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The start-up: what a play with one task costs in addition to an empty play."""

from __future__ import annotations

import pathlib
import statistics
import typing as t

from benchmark.measure import Run, run_once
from benchmark.methods import METHODS, Task, command_of, loop, models_of, play_of
from simulator.testing import RunningSimulator

# In this order in each round, so that a change of the machine's speed affects all of them.
CASES = ("empty play", "debug", "one model, unchanged", "one model, updated")


def measure(simulator: RunningSimulator, directory: pathlib.Path, rounds: int) -> list[dict[str, t.Any]]:
    """Run each case once per round, and one unmeasured round first, which fills the caches of Python and the system.

    :returns: a row for each case, with the median of the differences to the empty play of the same round.
    """
    simulator.reset({"generate": {"models": 10}})
    model = models_of(simulator)[0]
    runs: dict[str, list[Run]] = {case: [] for case in CASES}
    for number in range(rounds + 1):
        for case in CASES:
            run = run_once(_command(case, {**model, "description": "round %d" % number}, model, simulator, directory), simulator, directory)
            if number:
                runs[case].append(run)
        simulator.reset({"generate": {"models": 10}})
    return [_row(case, runs[case], runs["empty play"]) for case in CASES]


def _command(case: str, updated: Task, unchanged: Task, simulator: RunningSimulator, directory: pathlib.Path) -> list[str]:
    if case == "debug":
        return play_of("debug", [{"name": "Print", "ansible.builtin.debug": {"msg": "one line"}}], simulator, directory)
    if case == "empty play":
        return command_of(METHODS["empty"], [unchanged], simulator, directory)
    models = [updated if case == "one model, updated" else unchanged]
    return play_of("one", loop(models), simulator, directory, {"models": models})


def _row(case: str, runs: list[Run], empty: list[Run]) -> dict[str, t.Any]:
    def over(attribute: str) -> float:
        return statistics.median(getattr(run, attribute) - getattr(base, attribute) for run, base in zip(runs, empty)) * 1000

    return {
        "case": case, "runs": len(runs), "seconds": statistics.median(run.seconds for run in runs), "cpu": statistics.median(run.cpu for run in runs),
        "over_ms": over("seconds"), "cpu_over_ms": over("cpu"), "requests": runs[-1].requests, "connections": runs[-1].connections}
