# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random schedules of faults: what they are, how they run, and how one that breaks a promise is made smaller."""
from __future__ import annotations

import dataclasses
import json
import random
import typing as t

from .invariants import Ended, violations
from .kinds import A, ABSENT, B, KINDS, NONE, SEED, Kind, differences, objects
from .network import Network, Strike
from .tasks import SIGN_INS, Outcome, run_task

# Numbers of the runs of one schedule.
PREPARING, STRUCK, OTHER, NEXT, LAST = range(5)
AFTER = {"after": True}
# Faults of the simulator and of the network: kind, options that are drawn from, and how often in comparison.
DRAWN: tuple[tuple[str, tuple[dict[str, t.Any], ...], int], ...] = (
    ("drop_before", ({},), 3), ("drop_after", ({},), 4), ("cut_body", ({},), 3), ("html_502", ({}, AFTER), 2), ("html_503", ({}, AFTER), 2),
    ("html_504", ({}, AFTER), 2), ("empty_500", ({}, AFTER), 3), ("html_200", ({}, AFTER), 2), ("rate_limit", ({},), 2), ("not_ready", ({},), 2),
    ("boot_404", ({},), 2), ("redirect", ({},), 1), ("slow", ({"ms": 3000}, {"ms": 15000}, {"ms": 45000}), 4),
    ("stuck_job", ({"work": True}, {"work": False}), 4), ("restart", ({"work": True}, {"work": False}), 2), ("expire_session", ({},), 4),
    ("error", ({"code": "SYS.1006"}, {"code": "SYS.1001"}, {"code": "SYS.1012"}, {"code": "SYS.1000"}, {"code": "ID.1002"}), 3),
    ("late_row", ({"ms": 300}, {"ms": 400}), 2), ("ignore_fields", ({},), 2), ("refused", ({"seconds": 1}, {"seconds": 30}), 2),
    ("restarted", ({"seconds": 4}, {"seconds": 40}), 2), ("forget_jobs", ({},), 2), ("expire_sessions", ({}, AFTER), 3),
)
MEDDLING: tuple[tuple[str, int], ...] = (("other_task", 4), ("foreign_update", 2), ("foreign_tag", 2), ("foreign_delete", 2))
KILLS = ("kill_before", "kill_after")
CONFIGS: tuple[tuple[str, tuple[t.Any, ...]], ...] = (
    ("job_ms", (0, 0, 40, 3000, 20000, 90000)), ("tag_delay_ms", (0, 0, 1500)), ("latency_ms", (0, 0, 20)), ("dialect", ("classic", "diagnostic")),
    ("timestamp_style", ("java8", "comma", "narrow")), ("deploy_job_waits", (False, True)), ("update_redeploys", (False, True)),
)
PAUSES = (0, 0, 5, 200)


class Written:
    """A schedule that can be written as one line."""

    def as_text(self) -> str:
        """Return it as one line that `from_text` reads."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> t.Any:
        """Return the schedule of a line; the lists of JSON are tuples here."""
        return cls(**{name: tuple(tuple(one) if isinstance(one, list) else one for one in value) if isinstance(value, list) else value
                      for name, value in json.loads(text).items()})


@dataclasses.dataclass(frozen=True)
class Schedule(Written):
    """What happens to one task.

    :param start: what exists before: a value or nothing.
    :param want: what the task wants.
    :param strikes: request number, kind and options of each fault.
    :param pause: seconds until the task runs again.
    """

    kind: str
    start: str
    want: str
    strikes: tuple[tuple[int, str, dict[str, t.Any]], ...]
    config: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    sign_in: str = "password"
    pause: float = 0


_LENGTHS: dict[tuple[str, str, str], int] = {}


def length(kind: str, start: str, want: str) -> int:
    """Return how many requests the task takes without faults."""
    key = (kind, start, want)
    if key not in _LENGTHS:
        _LENGTHS[key] = len(play(Schedule(kind, start, want, ())).struck.records)
    return _LENGTHS[key]


def drawn(seed: int, number: int) -> Schedule:
    """Return a schedule; the same for the same numbers."""
    random_ = random.Random("%d/%d" % (seed, number))
    name = random_.choice(sorted(KINDS))
    kind = KINDS[name]
    start, want = random_.choice((NONE, NONE, A, B)), random_.choice((A, A, A, B, ABSENT))
    requests = length(name, start, want)
    strikes = [draw_strike(random_, kind, random_.randint(1, requests + 3)) for unused in range(random_.choice((1, 2, 2, 3, 4)))]
    config = {key: value for key, values in CONFIGS for value in (random_.choice(values),) if value != values[0]}
    return Schedule(name, start, want, tuple(strikes), config, random_.choice(("password", "password", "access_key")), random_.choice(PAUSES))


def draw_strike(random_: random.Random, kind: Kind, request: int) -> tuple[int, str, dict[str, t.Any]]:
    """Return a fault at a request: its number, the kind of fault, and its options."""
    form = random_.random()
    if form < 0.06:
        return request, random_.choice(KILLS), {}
    if form < 0.22:
        name = random_.choices([item for item, unused in MEDDLING], [weight for unused, weight in MEDDLING])[0]
        options: dict[str, t.Any] = {"after": random_.random() < 0.5}
        if name == "other_task":
            options["want"] = random_.choice((A, B, B, ABSENT))
            if random_.random() < 0.3:
                options["strike"] = [random_.randint(1, 12), random_.choice(KILLS + ("drop_after", "stuck_job", "slow")), {}]
        return request, name, options
    fault, choices, unused_weight = random_.choices(DRAWN, [weight for unused, unused_choices, weight in DRAWN])[0]
    options = dict(random_.choice(choices))
    if fault == "ignore_fields":
        options["fields"] = [random_.choice(kind.droppable)]
    return request, fault, options


class Play:
    """One schedule under way.

    :param network: in which everything happens.
    """

    def __init__(self, schedule: t.Any, network: Network) -> None:
        self.schedule = schedule
        self.network = network
        self.others: list[Outcome] = []
        # Index of the last record, and the actions of other users.
        self.meddled: list[tuple[int, str]] = []

    def run(self) -> Ended:
        """Prepare the platform, run the task under the faults, then twice without."""
        schedule, network = self.schedule, self.network
        if schedule.start and schedule.start != NONE:
            prepared = self.task(PREPARING, schedule.start)
            assert prepared.ok, prepared.message
        network.simulator.world.config.merge(schedule.config)
        network.strikes[STRUCK] = [self.strike(*strike) for strike in schedule.strikes]
        struck = self.task(STRUCK, schedule.want, schedule.sign_in)
        sessions = network.world.sessions.live_count()
        rows_then = self.rows()
        wrong_then = self.differences(schedule.want)
        network.sleep(schedule.pause)
        self.settle()
        following = self.task(NEXT, schedule.want)
        # What an earlier run had started may end only now.
        network.sleep(300)
        wrong = self.differences(schedule.want)
        theirs = self.lost()
        if wrong and not self.quiet():
            following = self.task(NEXT + 10, schedule.want)
            wrong = self.differences(schedule.want)
        last = self.task(LAST, schedule.want)
        return Ended(struck, following, last, sessions, rows_then, wrong_then, wrong, theirs, self.others, self.meddled)

    @property
    def kind(self) -> Kind:
        """The kind of the object."""
        return KINDS[self.schedule.kind]

    def task(self, run: int, want: t.Any, sign_in: str = "password") -> Outcome:
        """Run the task of the schedule."""
        return run_task(self.network, run, self.kind.module, self.kind.task(want), sign_in)

    def rows(self) -> list[dict[str, t.Any]]:
        """Return the existing objects."""
        return objects(self.network.world, self.kind)

    def settle(self) -> None:
        """End the faults of the network: the next run has none."""
        self.network.down_until = self.network.boot_until = 0.0
        self.network.world.config.merge({"job_ms": min(40, self.schedule.config.get("job_ms", 0))})

    def quiet(self) -> bool:
        """Return whether no run could leave a job behind that ended after the next run."""
        return self.schedule.config.get("job_ms", 0) <= 40 and not any(
            kind == "slow" for unused, kind, unused_options in self.schedule.strikes) and not self.others

    def differences(self, want: t.Any) -> list[str]:
        """Return what is not as wanted."""
        return differences(self.network.world, self.kind, want)

    def lost(self) -> list[str]:
        """Return which changes of others, of what no task manages, are gone."""
        if self.schedule.want == ABSENT or any(name in ("foreign_delete", "other_task") for unused, name in self.meddled):
            return []
        return self.lost_of(self.schedule.kind)

    def lost_of(self, name: str) -> list[str]:
        """Return which changes of others to the object of a kind are gone."""
        kind, world = KINDS[name], self.network.world
        row = objects(world, kind)[:1]
        done = [what for unused, what in self.meddled if what.endswith(" " + kind.module)]
        lost = [key for key, value in kind.foreign_shows.items() if done and "foreign_update " + kind.module in done and not (row and row[0].get(key) == value)]
        tags = {tag["tag"] for tag in world.store.find("user_tags", "resourceUuid", row[0]["uuid"])} if row else set()
        return lost + (["tag theirs of %s" % name] if "foreign_tag " + kind.module in done and "theirs" not in tags else [])

    def strike(self, request: int, kind: str, options: dict[str, t.Any]) -> Strike:
        """Return a strike of the schedule."""
        act = {"other_task": self.other_task, "foreign_update": self.foreign_update, "foreign_tag": self.foreign_tag,
               "foreign_delete": self.foreign_delete}.get(kind)
        return Strike(request, kind, options, (lambda: act(options)) if act else None)

    def other_task(self, options: dict[str, t.Any]) -> None:
        """Let another run happen in the middle of the first one."""
        run = OTHER + 10 * (1 + len(self.others))
        if "strike" in options:
            request, kind, more = options["strike"]
            self.network.strikes[run] = [Strike(request, kind, {"ms": 15000} if kind == "slow" else more)]
        self.meddle("other_task")
        self.others.append(self.task(run, options["want"]))

    def meddle(self, name: str) -> None:
        """Record the actions of other users."""
        self.meddled.append((len(self.network.records), name))

    def meant(self, options: dict[str, t.Any]) -> Kind:
        """Return the kind that another user changes."""
        return KINDS[options["kind"]] if "kind" in options else self.kind

    def foreign_update(self, options: dict[str, t.Any]) -> None:
        """Let another user change a field that no task manages."""
        kind = self.meant(options)
        rows = objects(self.network.world, kind)
        if rows and kind.foreign:
            method, path, body = kind.foreign
            status, unused_text = self.network.call(method, path.format(uuid=rows[0]["uuid"]), json.dumps(body).encode())
            if status == 200:
                self.meddle("foreign_update " + kind.module)

    def foreign_tag(self, options: dict[str, t.Any]) -> None:
        """Let another user add a tag."""
        kind = self.meant(options)
        rows = objects(self.network.world, kind)
        if rows:
            body = {"params": {"resourceType": kind.vo, "resourceUuid": rows[0]["uuid"], "tag": "theirs"}}
            status, unused_text = self.network.call("POST", "/v1/user-tags", json.dumps(body).encode())
            if status == 200:
                self.meddle("foreign_tag " + kind.module)

    def foreign_delete(self, options: dict[str, t.Any]) -> None:
        """Let another user delete the object."""
        kind = self.meant(options)
        rows = objects(self.network.world, kind)
        if rows:
            status, unused_text = self.network.call("DELETE", kind.delete.format(uuid=rows[0]["uuid"]))
            if status == 200:
                self.meddle("foreign_delete")


def play(schedule: Schedule) -> Ended:
    """Run a schedule on a platform of its own."""
    network = Network()
    with network.serving(SEED):
        return Play(schedule, network).run()


def broken(schedule: Schedule) -> list[str]:
    """Return the promises that a schedule breaks."""
    return violations(schedule, play(schedule))


def shrunk(schedule: Schedule) -> Schedule:
    """Return a smaller schedule that still breaks a promise."""
    return shrink(schedule, lambda one: smaller(one, [dataclasses.replace(one, start=NONE)] if one.start != NONE else []), broken)


def shrink(schedule: t.Any, fewer: t.Callable[[t.Any], t.Iterable[t.Any]], is_broken: t.Callable[[t.Any], t.Any]) -> t.Any:
    """Return a smaller schedule that is still broken, none of whose own smaller ones is."""
    again = True
    while again:
        again = False
        for less in fewer(schedule):
            if is_broken(less):
                schedule, again = less, True
                break
    return schedule


def smaller(schedule: t.Any, more: t.Iterable[t.Any]) -> t.Iterator[t.Any]:
    """Yield schedules with one element less, finally those that the caller adds."""
    for number in range(len(schedule.strikes)):
        yield dataclasses.replace(schedule, strikes=schedule.strikes[:number] + schedule.strikes[number + 1:])
    for key in schedule.config:
        yield dataclasses.replace(schedule, config={name: value for name, value in schedule.config.items() if name != key})
    for number, (request, kind, options) in enumerate(schedule.strikes):
        for key in ("strike", "after"):
            if options.get(key):
                less = {name: value for name, value in options.items() if name != key}
                yield dataclasses.replace(schedule, strikes=(*schedule.strikes[:number], (request, kind, less), *schedule.strikes[number + 1:]))
    if schedule.pause:
        yield dataclasses.replace(schedule, pause=0)
    simplest = list(SIGN_INS)[0]
    if schedule.sign_in != simplest:
        yield dataclasses.replace(schedule, sign_in=simplest)
    yield from more
