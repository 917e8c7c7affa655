# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A loop over many models with a distant server: unchanged, and with a few changes, compared with a loop of `debug`."""

from __future__ import annotations

import pathlib
import statistics
import typing as t

from benchmark.measure import Run, run_once
from benchmark.methods import Model, loop, models_of, play_of
from simulator.testing import RunningSimulator

ITEMS, LATENCY_MS, CHANGES = 500, 50, 5
CASES = ("debug", "unchanged", "changes")


def measure(simulator: RunningSimulator, directory: pathlib.Path, rounds: int) -> dict[str, t.Any]:
    """Run each case once per round.

    :returns: medians of seconds and CPU seconds, and the most requests of a run.
    """
    simulator.reset({"generate": {"models": ITEMS}})
    models = models_of(simulator)
    runs: dict[str, list[Run]] = {case: [] for case in CASES}
    for number in range(rounds):
        for case in CASES:
            simulator.configure(latency_ms=LATENCY_MS)
            run = run_once(_command(case, models, number, simulator, directory), simulator, directory)
            simulator.configure(latency_ms=0)
            if run.differing != (CHANGES if case == "changes" else 0):
                raise RuntimeError("a loop with %s reports %d changes" % (case, run.differing))
            runs[case].append(run)
    rows = {case: {
        "seconds": statistics.median(run.seconds for run in found), "cpu": statistics.median(run.cpu for run in found),
        "requests": max(run.requests for run in found)} for case, found in runs.items()}
    limit = 2 * rows["debug"]["seconds"] + 10 * LATENCY_MS / 1000
    return {"items": ITEMS, "latency_ms": LATENCY_MS, "changes": CHANGES, "rows": rows, "limit_seconds": limit}


def _command(case: str, models: list[Model], number: int, simulator: RunningSimulator, directory: pathlib.Path) -> list[str]:
    if case == "changes":
        # Updated models stay updated, so each round changes other values.
        models[:CHANGES] = [{**model, "description": "round %d" % number} for model in models[:CHANGES]]
    tasks = loop(models)
    if case == "debug":
        task = {key: value for key, value in tasks[0].items() if key.startswith("loop")}
        tasks = [{"name": "Print", "ansible.builtin.debug": {"msg": "{{ item }}"}, **task}]
    return play_of("loop-" + case, tasks, simulator, directory, {"models": models})
