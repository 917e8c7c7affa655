# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs at the same time on one object or one catalog, some of them killed: their requests take turns in an order from a seed."""
from __future__ import annotations

import dataclasses
import random
import threading
import typing as t

from . import catalogs
from .invariants import Outcome, of_a_run
from .kinds import A, B, KINDS, SEED, differences, objects
from .network import Network, Strike
from .schedules import LAST, NEXT, Written, shrink
from .tasks import run_task

CATALOG = "catalog"
# The first number of a job.
FIRST = 100
CONFIGS: tuple[tuple[str, tuple[t.Any, ...]], ...] = (("job_ms", (0, 40, 3000)), ("latency_ms", (0, 20)), ("tag_delay_ms", (0, 1500)))


@dataclasses.dataclass(frozen=True)
class Schedule(Written):
    """What happens.

    :param kind: of the object, or ``catalog``.
    :param wants: what each job wants.
    :param kills: number of a job, and the request at which its process dies; ``after`` the server has processed it or before.
    :param order: the seed of the order of requests.
    """

    kind: str
    wants: tuple[str, ...]
    kills: tuple[tuple[int, int, bool], ...]
    order: int
    config: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def strikes(self) -> tuple[tuple[int, int, bool], ...]:
        """The faults, for the count."""
        return self.kills


def drawn(seed: int, number: int, jobs: int = 16) -> Schedule:
    """Return a schedule; the same for the same numbers."""
    random_ = random.Random("crowd/%d/%d" % (seed, number))
    kind = random_.choice([*sorted(KINDS), "clone", "clone", CATALOG, CATALOG])
    if random_.random() < 0.4:
        wants = (A,) * random_.choice((2, 4, jobs))
    else:
        wants = tuple(random_.choice((A, B)) for unused in range(random_.choice((2, 2, 3, 8))))
    kills = tuple(
        (job, random_.randint(1, 14), random_.random() < 0.5) for job in range(len(wants)) if random_.random() < 0.2)
    config = {key: value for key, values in CONFIGS for value in (random_.choice(values),) if value != values[0]}
    return Schedule(kind, wants, kills, random_.randint(0, 10 ** 6), config)


class Turns:
    """Lets one job at a time continue, from one request or pause to the next. The order comes from a seed.

    :param order: the seed.
    """

    def __init__(self, network: Network, order: int) -> None:
        self.network = network
        self.random = random.Random(order)
        self.lock = threading.RLock()
        # One for each job, so that only the next one wakes up.
        self.changed: dict[int, threading.Condition] = {}
        # The time at which each job may continue, in virtual seconds.
        self.wake: dict[int, float] = {}
        self.turn: int | None = None
        self.local = threading.local()

    def start(self, jobs: t.Iterable[int], work: t.Callable[[int], None]) -> None:
        """Run all jobs to their end."""
        self.wake = dict.fromkeys(jobs, self.network.clock.now)
        self.changed = {job: threading.Condition(self.lock) for job in self.wake}
        threads = [threading.Thread(target=self._live, args=(job, work), daemon=True) for job in self.wake]
        for thread in threads:
            thread.start()
        with self.lock:
            self._choose()
        for thread in threads:
            thread.join()

    def _live(self, job: int, work: t.Callable[[int], None]) -> None:
        self.local.job = job
        self._await(job)
        try:
            work(job)
        finally:
            with self.lock:
                del self.wake[job]
                self._choose()

    def _await(self, job: int) -> None:
        with self.lock:
            while self.turn != job:
                self.changed[job].wait()

    def _choose(self) -> None:
        """Select a job that may continue; if there is none, let the time pass."""
        if not self.wake:
            self.turn = None
            return
        first = min(self.wake.values())
        if first > self.network.clock.now:
            self.network.wait(first - self.network.clock.now)
        ready = sorted(job for job, moment in self.wake.items() if moment <= self.network.clock.now + 1e-6)
        self.turn = self.random.choice(ready)
        self.changed[self.turn].notify_all()

    def switch(self, job: int) -> None:
        """Let another job continue before a request of this one."""
        self.local.job = job
        self.pause(0.0)

    def pause(self, seconds: float) -> None:
        """Replace ``time.sleep`` in the jobs."""
        job = getattr(self.local, "job", None)
        if job not in self.wake:
            self.network.wait(max(0.0, seconds))
            return
        with self.lock:
            self.wake[job] = self.network.clock.now + max(0.0, seconds)
            self._choose()
        self._await(job)


@dataclasses.dataclass
class Ended:
    """How a schedule has ended: the outcome of each job, then of a run alone, and of the last one."""

    outcomes: list[Outcome]
    most: int
    sessions: int
    last_writer: int | None
    wrong_then: list[str]
    following: Outcome
    wrong: list[str]
    last: Outcome

    @property
    def struck(self) -> Outcome:
        """The first job, for the count."""
        return self.outcomes[0]


def _task(network: Network, run: int, kind: str, want: str) -> Outcome:
    if kind == CATALOG:
        return run_task(network, run, "zstack_ai_catalog", catalogs.catalog(dict.fromkeys(catalogs.LISTED, want)) | {"concurrency": 1})
    return run_task(network, run, KINDS[kind].module, KINDS[kind].task(want))


def _differences(network: Network, kind: str, want: str) -> list[str]:
    names = catalogs.LISTED if kind == CATALOG else [kind]
    return ["%s: %s" % (name, text) for name in names for text in differences(network.world, KINDS[name], want)]


def play(schedule: Schedule) -> Ended:
    """Run a schedule on a platform of its own."""
    network = Network(**schedule.config)
    outcomes: dict[int, Outcome] = {}
    for job, request, after in schedule.kills:
        network.strikes[FIRST + job] = [Strike(request, "kill_after" if after else "kill_before")]
    with network.serving(SEED):
        turns = Turns(network, schedule.order)
        network.switch, network.pause = turns.switch, turns.pause

        def work(run: int) -> None:
            outcomes[run] = _task(network, run, schedule.kind, schedule.wants[run - FIRST])

        turns.start(range(FIRST, FIRST + len(schedule.wants)), work)
        network.switch, network.pause = (lambda run: None), None
        sessions = network.world.sessions.live_count()
        # What a killed job had started ends by itself.
        network.sleep(60)
        names = catalogs.LISTED if schedule.kind == CATALOG else [schedule.kind]
        most = max(len(objects(network.world, KINDS[name])) for name in names)
        writers = [record.run for record in network.records if record.executed]
        last_writer = writers[-1] - FIRST if writers else None
        # A job may write a tag after another one has changed everything else, so any job that has succeeded may be the one that has won.
        wanted = {schedule.wants[run - FIRST] for run, outcome in outcomes.items() if outcome.ok} or {schedule.wants[last_writer or 0]}
        wrong_then = min((_differences(network, schedule.kind, want) for want in sorted(wanted)), key=len) if last_writer is not None else []
        following = _task(network, NEXT, schedule.kind, A)
        wrong = _differences(network, schedule.kind, A)
        last = _task(network, LAST, schedule.kind, A)
        return Ended([outcomes[run] for run in sorted(outcomes)], most, sessions, last_writer, wrong_then, following, wrong, last)


def violations(schedule: Schedule, ended: Ended) -> list[str]:
    """Return the promises that were broken, each with what shows it."""
    found = ["job %d: %s" % (number, text) for number, outcome in enumerate(ended.outcomes) for text in of_a_run(outcome)]
    if ended.most > 1:
        found.append("duplicates: %d" % ended.most)
    killed = sum(outcome.ended == "killed" for outcome in ended.outcomes)
    if ended.sessions > killed:
        found.append("%d sessions are left, and %d jobs were killed" % (ended.sessions, killed))
    # A job that found out that it was overtaken fails, and what it has changed until then stays.
    overtaken = any(not outcome.ok and outcome.executed for outcome in ended.outcomes)
    if ended.last_writer is not None and ended.wrong_then and ended.outcomes[ended.last_writer].ok and not overtaken:
        if schedule.kind != CATALOG or len(set(schedule.wants)) == 1:
            found.append("the last writer, job %d, succeeded and has not won: %s" % (ended.last_writer, "; ".join(ended.wrong_then)))
    if len(set(schedule.wants)) == 1 and not killed and not all(outcome.ok for outcome in ended.outcomes):
        found.append("jobs that want the same fail: %s" % next(outcome.message for outcome in ended.outcomes if not outcome.ok))
    if ended.wrong_then and all(outcome.ok for outcome in ended.outcomes) and len(set(schedule.wants)) > 1 and schedule.kind != CATALOG:
        found.append("all jobs succeed and the record is mixed: %s" % "; ".join(ended.wrong_then))
    if not ended.following.ok or ended.wrong:
        found.append("the next run does not converge: %s %s" % (ended.following.message, "; ".join(ended.wrong)))
    if not ended.last.ok or ended.last.changed or ended.last.executed:
        found.append("the last run is not quiet: %s %s" % (ended.last.ended, ended.last.message))
    return found


def broken(schedule: Schedule) -> list[str]:
    """Return the promises that a schedule breaks."""
    return violations(schedule, play(schedule))


def shrunk(schedule: Schedule) -> Schedule:
    """Return a smaller schedule that still breaks a promise."""
    return shrink(schedule, _smaller, broken)


def _smaller(schedule: Schedule) -> t.Iterator[Schedule]:
    for number in range(len(schedule.kills)):
        yield dataclasses.replace(schedule, kills=schedule.kills[:number] + schedule.kills[number + 1:])
    if len(schedule.wants) > 2:
        for number in range(len(schedule.wants)):
            kills = tuple((job - (job > number), request, after) for job, request, after in schedule.kills if job != number)
            yield dataclasses.replace(schedule, wants=schedule.wants[:number] + schedule.wants[number + 1:], kills=kills)
    for key in schedule.config:
        yield dataclasses.replace(schedule, config={name: value for name, value in schedule.config.items() if name != key})
