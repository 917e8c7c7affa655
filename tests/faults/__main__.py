# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run many random schedules: ``python -m faults --state FILE [--seed N] [--count N]``. An interrupted run continues where it stopped."""
from __future__ import annotations

import argparse
import collections
import json
import logging
import os
import pathlib
import sys
import time
import typing as t

from . import catalogs, crowds, schedules

# Schedules between two savings of the state.
STEP = 20
FAMILIES: dict[str, t.Any] = {"task": schedules, "catalog": catalogs, "crowd": crowds}


def main() -> int:
    """Run the remaining schedules, and print those that break a promise, minimized."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--state", type=pathlib.Path, required=True, help="file that remembers how far the run came")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10000, help="schedules in all")
    parser.add_argument("--family", choices=sorted(FAMILIES), default="task")
    given = parser.parse_args()
    logging.disable(logging.ERROR)
    family = FAMILIES[given.family]
    state = load(given.state)
    mine = state.setdefault("%s/%d" % (given.family, given.seed), {"done": 0, "strikes": 0, "broken": [], "ended": {}})
    begun = time.perf_counter()
    while mine["done"] < given.count:
        for number in range(mine["done"], min(mine["done"] + STEP, given.count)):
            schedule = family.drawn(given.seed, number)
            ended = family.play(schedule)
            broken = family.violations(schedule, ended)
            mine["strikes"] += len(schedule.strikes)
            mine["ended"] = dict(collections.Counter(mine["ended"]) + collections.Counter([ended.struck.ended]))
            if broken:
                small = family.shrunk(schedule)
                mine["broken"].append({"number": number, "schedule": schedule.as_text(), "small": small.as_text(), "broken": family.broken(small) or broken})
                print("%d: %s\n    %s" % (number, small.as_text(), "\n    ".join(mine["broken"][-1]["broken"])), flush=True)
            mine["done"] = number + 1
        save(given.state, state)
    print("%d schedules of %s with %d faults, seed %d: %d break a promise (%s; %.0f seconds)" % (
        mine["done"], given.family, mine["strikes"], given.seed, len(mine["broken"]),
        ", ".join("%d %s" % (count, name) for name, count in sorted(mine["ended"].items())), time.perf_counter() - begun))
    return 1 if mine["broken"] else 0


def load(path: pathlib.Path) -> dict[str, t.Any]:
    """Return the saved state, or an empty one."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def save(path: pathlib.Path, state: dict[str, t.Any]) -> None:
    """Save the state atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    other = path.with_suffix(".new")
    other.write_text(json.dumps(state, indent=1), encoding="utf-8")
    os.replace(other, path)


if __name__ == "__main__":
    sys.exit(main())
