# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often each method runs, in which order, and the statistics of its runs."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
import statistics
import time
import typing as t

from benchmark.measure import BrokenRun, Run, run_once
from benchmark.methods import METHODS, Method, command_of, models_of
from simulator.testing import RunningSimulator

# Within one round the quick methods run twice, between the others, so that a change of the machine's speed affects all of them.
QUICK = ("empty", "empty_script", "script", "loop")
ROUND = (*QUICK, "uri", "tasks_session", "tasks", *QUICK, "loop_module", "tasks_module")
# The most items of separate tasks, and of methods that start a process for each item: more items cost the same per item. With
# latency, the slow methods only wait longer.
MOST = 100
MOST_SLOW_WITH_LATENCY = 10


@dataclasses.dataclass(frozen=True)
class Settings:
    """What to measure.

    :param runs: the most rounds for one number of items at one latency.
    :param cell_seconds: after that time no further round is started.
    """

    items: tuple[int, ...]
    latencies: tuple[int, ...]
    runs: int
    cell_seconds: float


@dataclasses.dataclass(frozen=True)
class Cell:
    """Statistics of the runs of one method.

    :param seconds: the median.
    :param cpu: processor time, with that of all children; other work on the machine changes it less.
    :param per_item_ms: the median over that of the empty play or script, for one item; None for these themselves.
    :param cpu_per_item_ms: the same of the processor time.
    :param rss_mb: the highest peak of the largest process.
    """

    method: str
    items: int
    latency: int
    runs: int
    seconds: float
    least: float
    cpu: float
    per_item_ms: float | None
    cpu_per_item_ms: float | None
    requests: int
    sign_ins: int
    connections: int
    rss_mb: float


Runs = dict[tuple[int, int, str], list[Run]]


def is_measured(method: Method, items: int, latency: int) -> bool:
    """Return whether a method is measured with that many items."""
    if method.name.startswith("tasks") and items > MOST:
        return False
    return not method.slow or items <= (MOST_SLOW_WITH_LATENCY if latency else MOST)


def check_methods(simulator: RunningSimulator, directory: pathlib.Path) -> None:
    """Each method has to detect the one model of three that differs; otherwise their times cannot be compared.

    :raises BrokenRun: when one does not.
    """
    for method in METHODS.values():
        if method.base is None:
            continue
        simulator.reset({"generate": {"models": 3}})
        models = models_of(simulator)
        models[1]["description"] += ", changed"
        found = run_once(command_of(method, models, simulator, directory), simulator, directory)
        if found.differing != 1:
            raise BrokenRun("%s found %d of 1 difference" % (method.title, found.differing))


def measure(settings: Settings, simulator: RunningSimulator, directory: pathlib.Path, say: t.Callable[[str], None]) -> Runs:
    """Run everything. The server holds the same models all the time, and nothing differs."""
    check_methods(simulator, directory)
    simulator.reset({"generate": {"models": max(settings.items)}})
    models = models_of(simulator)
    found: Runs = {}
    for latency, items in itertools.product(settings.latencies, settings.items):
        simulator.configure(latency_ms=latency)
        begun = time.monotonic()
        for number in range(settings.runs):
            if number and time.monotonic() - begun > settings.cell_seconds:
                break
            say("%d items at %d ms, round %d of at most %d" % (items, latency, number + 1, settings.runs))
            for name in ROUND:
                if not is_measured(METHODS[name], items, latency):
                    continue
                run = run_once(command_of(METHODS[name], models[:items], simulator, directory), simulator, directory)
                if run.differing:
                    raise BrokenRun("%s found %d differences where there are none" % (METHODS[name].title, run.differing))
                found.setdefault((latency, items, name), []).append(run)
    simulator.configure(latency_ms=0)
    return found


def summarise(found: Runs) -> list[Cell]:
    """Return one cell for each method, number of items and latency."""
    return [_cell(found, key) for key in found]


def _cell(found: Runs, key: tuple[int, int, str]) -> Cell:
    latency, items, name = key
    runs, base = found[key], METHODS[name].base

    def middle(attribute: str, of: str = name) -> float:
        return statistics.median(getattr(run, attribute) for run in found[latency, items, of])

    def per_item(attribute: str) -> float | None:
        return None if base is None else (middle(attribute) - middle(attribute, base)) / items * 1000

    return Cell(
        name, items, latency, len(runs), middle("seconds"), min(run.seconds for run in runs), middle("cpu"), per_item("seconds"), per_item("cpu"),
        round(middle("requests")), round(middle("sign_ins")), round(middle("connections")), max(run.rss_mb for run in runs))
