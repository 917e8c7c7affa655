# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as processes of their own against a simulator on a socket, killed at any moment: ``python -m faults.processes [--seed N] [--count N]``.

The other tests of this directory let the time pass themselves and end a run with an exception. Here the operating system ends it: in the middle of a
request, of a pause or of its own end, with the server at work meanwhile. A process that has imported everything forks the modules, so one costs
milliseconds.
"""
from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import typing as t

from ansible.module_utils import basic
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import run_module
from ansible_collections.zstack.aios.plugins.module_utils._protocol import http, transport
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from simulator.options import Config
from simulator.seeding import default_seed, load_seed
from simulator.server import Simulator
from simulator.store import Store
from simulator.testing import patience
from simulator.world import World

from . import catalogs
from .kinds import A, B, KINDS, SEED, differences, objects
from .tasks import SIGN_INS, SPECS

CATALOG = "catalog"
# Where in the exchange of a request a process is ended: before it is sent, before its answer is read, and when it was read.
BEFORE, SENT, ANSWERED = MOMENTS = ("before", "sent", "answered")
LIFETIME_S = 7200

T = t.TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Kill:
    """How a process is ended.

    :param number: the signal.
    :param request: the request at which it comes, from 1; 0 for a moment of the clock.
    :param moment: one of `MOMENTS`.
    :param seconds: after the start of the process, where ``request`` is 0.
    """

    number: int
    request: int = 0
    moment: str = SENT
    seconds: float = 0.0


@dataclasses.dataclass(frozen=True)
class Job:
    """One process: the task, and how it is ended, if it is."""

    module: str
    options: dict[str, t.Any]
    kill: Kill | None = None


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a process has ended: its status as `subprocess` gives it, and the result of the task, empty when it printed none."""

    status: int
    result: dict[str, t.Any]

    @property
    def ok(self) -> bool:
        """Whether the task succeeded."""
        return self.status == 0 and not self.result.get("failed")


class Node:
    """A simulator that listens on a port of this machine, in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._simulator: Simulator | None = None
        self.port = self._await(self._start())

    def _await(self, work: t.Coroutine[t.Any, t.Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(patience(60))

    async def _start(self) -> int:
        self._simulator = Simulator(Store(":memory:"), Config(deploy_ms=0, evaluation_ms=0, endpoints=False))
        return await self._simulator.start("127.0.0.1", 0)

    def look(self, function: t.Callable[[World], T]) -> T:
        """Return what a function finds on the platform, between two requests."""
        async def work() -> T:
            return function(self._simulator.world)
        return self._await(work())

    def reset(self, **config: t.Any) -> None:
        """Begin anew."""
        async def work() -> None:
            self._simulator.reset(default_seed())
            load_seed(self._simulator.world, SEED)
            self._simulator.world.config.merge(config)
            self._simulator.pipeline.configure()
        self._await(work())

    def settle(self) -> None:
        """Wait until everything that was started has ended."""
        quiet = 0
        deadline = time.monotonic() + patience(60)
        while quiet < 3:
            assert time.monotonic() < deadline, "a job does not end"
            running = self.look(lambda world: any(row["state"] == "processing" for row in world.store.all("jobs")))
            quiet = 0 if running else quiet + 1
            time.sleep(0.01)

    def close(self) -> None:
        """Stop."""
        self._await(self._simulator.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Forge:
    """A process without threads that has imported everything, and forks modules."""

    def __init__(self) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            [sys.executable, "-m", __spec__.name, "--forge"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path})

    def run(self, jobs: t.Sequence[Job]) -> list[Ended]:
        """Run processes at the same time, each to its end."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([dataclasses.asdict(job) for job in jobs]) + "\n")
        self._process.stdin.flush()
        return [Ended(**found) for found in json.loads(self._process.stdout.readline())]

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait(patience(60))
        self._process.stdout.close()


def forge() -> None:
    """Be that process: one line of jobs after the other."""
    # A digest that is slow on purpose would be most of the work.
    remembered._COST["n"] = 2
    for line in sys.stdin:
        print(json.dumps(_run([{**job, "kill": Kill(**job["kill"]) if job["kill"] else None} for job in json.loads(line)])), flush=True)


def _run(jobs: t.Sequence[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    outputs = [tempfile.TemporaryFile() for unused in jobs]  # pylint: disable=consider-using-with
    pids = {_fork(job, output): number for number, (job, output) in enumerate(zip(jobs, outputs))}
    ends = sorted((job["kill"].seconds, pid, job["kill"].number) for pid, job in zip(pids, jobs) if job["kill"] and not job["kill"].request)
    begun, statuses = time.monotonic(), {}
    while len(statuses) < len(pids):
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            statuses[pids[pid]] = os.waitstatus_to_exitcode(status)
        while ends and time.monotonic() - begun >= ends[0][0]:
            unused, target, number = ends.pop(0)
            if pids[target] not in statuses:
                os.kill(target, number)
        if not pid:
            time.sleep(0.001)
    return [{"status": statuses[number], "result": _result(output)} for number, output in enumerate(outputs)]


def _result(output: t.BinaryIO) -> dict[str, t.Any]:
    with output:
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        return json.loads(text[text.index("{"):])
    return {"failed": True, "msg": text} if text else {}


def _fork(job: dict[str, t.Any], output: t.BinaryIO) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.dup2(output.fileno(), 1)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # pylint: disable=consider-using-with
        basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = json.dumps({"ANSIBLE_MODULE_ARGS": job["options"]}).encode(), "legacy"
        if job["kill"] and job["kill"].request:
            _arm(job["kill"])
        run_module(SPECS[job["module"]])
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:  # pylint: disable=broad-except
        print(traceback.format_exc())
    finally:
        sys.stdout.flush()
        os._exit(status)
    return 0


def _arm(kill: Kill) -> None:
    """Have this process end at one of its requests."""
    count = 0
    lock = threading.Lock()

    def arrived(moment: str) -> None:
        nonlocal count
        if moment == kill.moment:
            with lock:
                count += 1
                if count == kill.request:
                    os.kill(os.getpid(), kill.number)

    exchange, getresponse = http.Http.exchange, transport._Connection.getresponse

    def watched_exchange(self: t.Any, *args: t.Any, **more: t.Any) -> t.Any:
        arrived(BEFORE)
        found = exchange(self, *args, **more)
        arrived(ANSWERED)
        return found

    def watched_getresponse(self: t.Any, *args: t.Any, **more: t.Any) -> t.Any:
        arrived(SENT)
        return getresponse(self, *args, **more)

    http.Http.exchange, transport._Connection.getresponse = watched_exchange, watched_getresponse


@dataclasses.dataclass(frozen=True)
class Schedule:
    """Processes that run at the same time.

    :param kind: of the object, or ``catalog``.
    :param wants: what each process wants.
    :param kills: the number of a process, and how it is ended.
    """

    kind: str
    wants: tuple[str, ...]
    kills: tuple[tuple[int, Kill], ...] = ()
    config: dict[str, t.Any] = dataclasses.field(default_factory=dict)


def drawn(seed: int, number: int) -> Schedule:
    """Return a schedule; the same for the same numbers."""
    random_ = random.Random("processes/%d/%d" % (seed, number))
    kind = random_.choice(("clone", "clone", "model", "dataset", "group", CATALOG))
    wants = tuple(random_.choice((A, A, B)) for unused in range(random_.choice((1, 1, 2, 2, 4))))
    kills = []
    for job in range(len(wants)):
        if job == 0 or random_.random() < 0.3:
            signal_ = random_.choice((signal.SIGKILL, signal.SIGTERM))
            at_request = random_.random() < 0.5
            kills.append((job, Kill(signal_, random_.randint(1, 14), random_.choice(MOMENTS)) if at_request else Kill(
                signal_, seconds=random_.random() * (0.8 if kind == CATALOG else 0.3))))
    config = {"job_ms": random_.choice((0, 5, 40)), "latency_ms": random_.choice((0, 0, 5)), "tag_delay_ms": random_.choice((0, 30))}
    return Schedule(kind, wants, tuple(kills), config)


def broken(node: Node, forge_: Forge, schedule: Schedule) -> list[str]:
    """Run the processes of a schedule, then one alone, and once more; return the promises that were broken."""
    node.reset(**schedule.config)
    kills = dict(schedule.kills)
    ended = forge_.run([job_of(node, schedule.kind, want, kills.get(number)) for number, want in enumerate(schedule.wants)])
    node.settle()
    names = catalogs.LISTED if schedule.kind == CATALOG else [schedule.kind]
    found = ["process %d printed %r" % (number, one.result["msg"]) for number, one in enumerate(ended) if "Traceback" in str(one.result.get("msg"))]
    most = node.look(lambda world: max(len(objects(world, KINDS[name])) for name in names))
    if most > 1:
        found.append("%d objects of one name" % most)
    found += _sessions(node, [one for number, one in enumerate(ended) if number in kills and one.status == -signal.SIGKILL])
    if all(one.ok for one in ended):
        found += _mixture(node, names, set(schedule.wants))
    elif not kills and len(set(schedule.wants)) == 1:
        found += ["processes that want the same fail: %s" % next(one.result.get("msg") for one in ended if not one.ok)]
    for attempt in ("the next run", "the run after that"):
        last, = forge_.run([job_of(node, schedule.kind, A, None)])
        node.settle()
        wrong = node.look(lambda world: [text for name in names for text in differences(world, KINDS[name], A)])
        if not last.ok or wrong or (attempt != "the next run" and last.result.get("changed")):
            found.append("%s: %s %s" % (attempt, last.result.get("msg") or ("changed" if last.result.get("changed") else ""), "; ".join(wrong)))
    return found


def job_of(node: Node, kind: str, want: str, kill: Kill | None) -> Job:
    """Return the process that wants a value for an object, or for those of a catalog."""
    connection = {"host": "127.0.0.1", "port": node.port, "timeout": int(patience(30)), "wait_timeout": int(patience(60)), **SIGN_INS["password"]}
    if kind == CATALOG:
        return Job("zstack_ai_catalog", {**connection, **catalogs.catalog(dict.fromkeys(catalogs.LISTED, want))}, kill)
    return Job(KINDS[kind].module, {**connection, **KINDS[kind].task(want)}, kill)


def _sessions(node: Node, killed: t.Sequence[Ended]) -> list[str]:
    """Return what is wrong with the sessions that are left: at most one for each process that had no chance, and each ends by itself."""
    left = node.look(lambda world: world.sessions.live_count())

    def later(world: World) -> int:
        world.advance((LIFETIME_S + 1) * 1000)
        return world.sessions.live_count()

    found = ["%d sessions are left, and %d processes were killed" % (left, len(killed))] if left > len(killed) else []
    return found + (["a session outlives its lifetime"] if node.look(later) else [])


def _mixture(node: Node, names: t.Sequence[str], wants: t.Collection[str]) -> list[str]:
    """Return which objects are neither what one process wants nor what another one does."""
    found = []
    for name in names:
        wrong = {want: node.look(lambda world, name=name, want=want: differences(world, KINDS[name], want)) for want in wants}
        if all(wrong.values()):
            found.append("%s is a mixture: %s" % (name, wrong))
    return found


@contextlib.contextmanager
def at_work() -> t.Iterator[tuple[Node, Forge]]:
    """A simulator, and a process that forks modules."""
    forge_ = Forge()
    node = Node()
    try:
        yield node, forge_
    finally:
        forge_.close()
        node.close()


def main() -> int:
    """Run random schedules, and print those that break a promise."""
    parser = argparse.ArgumentParser(prog="faults.processes", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--forge", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.forge:
        forge()
        return 0
    failures = processes = kills = 0
    with at_work() as (node, forge_):
        for number in range(given.count):
            schedule = drawn(given.seed, number)
            processes, kills = processes + len(schedule.wants), kills + len(schedule.kills)
            for text in broken(node, forge_, schedule):
                failures += 1
                print("%d: %s: %s" % (number, schedule, text), flush=True)
    print("%d schedules with %d processes, %d of them killed, seed %d: %d promises broken" % (given.count, processes, kills, given.seed, failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
