# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random schedules against a whole catalog: six kinds in one task, with an owner tag and prune."""
from __future__ import annotations

import dataclasses
import random
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS as LISTABLE

from .invariants import Ended
from .invariants import violations as of_a_task
from .kinds import A, ABSENT, B, KINDS, NONE, SEED, differences, objects
from .network import Network
from .schedules import CONFIGS, PAUSES, Play, Written, draw_strike, shrink, smaller
from .tasks import Outcome, run_task

LISTED = sorted(name for name, kind in KINDS.items() if kind.catalog in LISTABLE)
# Where the catalog has centers, its dataset belongs to its own one, so that is always there.
CENTER = "model_center"
# Requests of one run, at most.
LONG = 12 * len(LISTED)


@dataclasses.dataclass(frozen=True)
class Schedule(Written):
    """The faults and changes of one catalog.

    :param start: kind to value: what an earlier run of the catalog created; `want` is what the catalog lists now.
    :param strikes: request number, kind and options of each fault.
    """

    start: dict[str, str]
    want: dict[str, str]
    strikes: tuple[tuple[int, str, dict[str, t.Any]], ...]
    config: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    sign_in: str = "password"
    pause: float = 0
    concurrency: int = 1


def catalog(want: dict[str, str]) -> dict[str, t.Any]:
    """Return the options of the task that applies a catalog."""
    options: dict[str, t.Any] = {"name": "team", "prune": True}
    for name in LISTED:
        if want.get(name, NONE) != NONE:
            item = KINDS[name].task(want[name])
            if name == "dataset" and CENTER in LISTED:
                item["model_center"] = KINDS[CENTER].name
            options.setdefault(KINDS[name].catalog, []).append(item)
    return options


def drawn(seed: int, number: int) -> Schedule:
    """Return a schedule; the same for the same numbers."""
    random_ = random.Random("catalog/%d/%d" % (seed, number))
    start = {name: random_.choice((NONE, A, B)) for name in LISTED} if random_.random() < 0.7 else {}
    want = {name: random_.choice((A, A, A, B, B, NONE, ABSENT)) for name in LISTED}
    kept = CENTER if CENTER in LISTED else random_.choice(LISTED)
    want[kept] = random_.choice((A, B))
    if any(value != NONE for value in start.values()):
        start[kept] = random_.choice((A, B))
    else:
        start = {}
    strikes = []
    for _unused in range(random_.choice((1, 2, 3, 4, 6))):
        name = random_.choice(LISTED)
        request, kind, options = draw_strike(random_, KINDS[name], random_.randint(1, LONG))
        if kind == "other_task":
            options["want"] = {**want, name: random_.choice((A, B))}
        elif kind.startswith("foreign"):
            options["kind"] = name
        strikes.append((request, kind, options))
    config = {key: value for key, values in CONFIGS for value in (random_.choice(values),) if value != values[0]}
    return Schedule(start, want, tuple(strikes), config, random_.choice(("password", "password", "access_key")), random_.choice(PAUSES))


class CatalogPlay(Play):
    """One running schedule."""

    kind: t.Any = None

    def task(self, run: int, want: t.Any, sign_in: str = "password") -> Outcome:
        """Apply the catalog."""
        return run_task(self.network, run, "zstack_ai_catalog", {**catalog(want), "concurrency": self.schedule.concurrency, "list_unchanged": True}, sign_in)

    def differences(self, want: t.Any) -> list[str]:
        """Return what is not as the catalog lists it; what it does not list is pruned."""
        return ["%s: %s" % (name, text) for name in LISTED for text in differences(self.network.world, KINDS[name], _effective(want.get(name, NONE)))]

    def rows(self) -> list[dict[str, t.Any]]:
        """Return the objects of the kind that has most."""
        return max((objects(self.network.world, KINDS[name]) for name in LISTED), key=len)

    def lost(self) -> list[str]:
        """Return which changes of others are gone."""
        if any(name in ("foreign_delete", "other_task") for unused, name in self.meddled):
            return []
        return [text for name in LISTED if self.schedule.want.get(name) in (A, B) for text in self.lost_of(name)]


def _effective(value: str) -> str:
    return ABSENT if value == NONE else value


def play(schedule: Schedule) -> Ended:
    """Run a schedule on a platform of its own."""
    network = Network()
    with network.serving(SEED):
        return CatalogPlay(schedule, network).run()


def violations(schedule: Schedule, ended: Ended) -> list[str]:
    """Return the promises that were broken, each with what shows it."""
    start = {name: _effective(schedule.start.get(name, NONE)) for name in LISTED}
    want = {name: _effective(schedule.want.get(name, NONE)) for name in LISTED}
    return of_a_task(dataclasses.replace(schedule, start=start, want=want), ended)


def broken(schedule: Schedule) -> list[str]:
    """Return the promises that a schedule breaks."""
    return violations(schedule, play(schedule))


def shrunk(schedule: Schedule) -> Schedule:
    """Return a smaller schedule that still breaks a promise."""
    return shrink(schedule, lambda one: smaller(one, _fewer(one)), broken)


def _fewer(schedule: Schedule) -> t.Iterator[Schedule]:
    if schedule.start:
        yield dataclasses.replace(schedule, start={})
    for name in LISTED:
        if name != CENTER and schedule.want[name] != NONE and sum(value != NONE for value in schedule.want.values()) > 1:
            yield dataclasses.replace(schedule, want={**schedule.want, name: NONE}, start={**schedule.start, name: NONE} if schedule.start else {})
