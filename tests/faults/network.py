# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A network in memory and in virtual time between the collection's client and a simulator in the same process.

The whole client takes part, down to http.client; only the sockets and the clock are replaced. A pause moves the clock, and the work of the
simulator that is due by then is done. So hours cost milliseconds, and a run depends on nothing but its schedule.
"""
from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import json
import os
import socket
import threading
import time
import traceback
import typing as t
from unittest import mock

import urllib3.util.connection

from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from simulator.auth import password_hash
from simulator.exchange import Answer, Exchange
from simulator.faults import KINDS as SIMULATED
from simulator.faults import Fault, Faults
from simulator.options import Config
from simulator.pipeline import Pipeline
from simulator.seeding import default_seed, load_seed, resume_all
from simulator.server import Simulator

from .shortcut import Shortcut
from .virtual import Clock, Indexes, Loop, MemoryStore, Rows
from .wire import Wire

HOST = "mn.example"
# The clients that the network serves, by port.
FIRST_PORT = 20000
# After these the client has no answer.
SILENT = frozenset(("drop_before", "drop_after", "cut_body", "refused", "timeout"))


class Killed(BaseException):
    """The process of a client was killed: nothing of it runs any more."""


@dataclasses.dataclass
class Strike:
    """One fault of a schedule.

    :param request: which request of its run it strikes, from 1.
    :param kind: of the simulator, or of `Network`.
    :param options: of the fault.
    :param act: for the kind `act`: what happens before the request is processed (with ``after``: when it was).
    """

    request: int
    kind: str
    options: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    act: t.Callable[[], None] | None = None


@dataclasses.dataclass
class Record:
    """One request of one run, and its outcome."""

    run: int
    number: int
    begun: float
    method: str
    target: str
    job: str | None
    call: str | None = None
    path: str = ""
    faults: list[str] = dataclasses.field(default_factory=list)
    status: int | None = None
    ended: float = 0.0
    executed: bool = False
    # Seconds in which another user acted in the middle of it.
    away: float = 0.0


demo_seed = functools.lru_cache(maxsize=None)(default_seed)
# What seed documents lead to.
_SEEDED: dict[str, tuple[Rows, Indexes]] = {}


class _Pipeline(Pipeline):
    """Notes which calls were really executed."""

    def __init__(self, world: t.Any) -> None:
        super().__init__(world)
        self.under_way: dict[int, Record] = {}

    async def execute(self, job: str, exchange: Exchange, message: t.Any, timeout_ms: int) -> dict:
        record = exchange.entry.get("record")
        if record is None or message.validation_only:
            return await super().execute(job, exchange, message, timeout_ms)
        self.under_way[id(message)] = record
        try:
            body = await super().execute(job, exchange, message, timeout_ms)
            record.executed = True
            return body
        finally:
            self.under_way.pop(id(message), None)

    async def ended(self, context: t.Any, timeout_ms: int) -> dict:
        # A call that goes on after its first step has had its effect by then.
        record = self.under_way.get(id(context.message))
        if record is not None:
            record.executed = True
        return await super().ended(context, timeout_ms)


class _Faults(Faults):
    """The faults of the schedule that affect the current request."""

    def __init__(self) -> None:
        super().__init__()
        self.current: list[Fault] = []

    def striking(self, exchange: Exchange) -> list[Fault]:
        return [*super().striking(exchange), *self.current]


class _Served:
    """The other end of a connection to a model that is deployed: it is ready."""

    def refuse_dead(self, unused: int) -> None:
        pass

    def exchange(self, *unused: t.Any) -> tuple[Answer, bool]:
        return Answer(200, "{}"), False


class Network:
    """A simulator and the clients that reach it.

    :param config: changes to the configuration of the simulator.
    """

    # Whether requests that no fault strikes take the short path.
    short = True

    def __init__(self, **config: t.Any) -> None:
        self.clock = Clock()
        self.lock = threading.RLock()
        self.loop = Loop(self.clock)
        self.records: list[Record] = []
        self.strikes: dict[int, list[Strike]] = {}
        self.counts: dict[int, int] = {}
        self.dead: set[int] = set()
        # Called before each request, and instead of each pause, if several runs take turns.
        self.switch: t.Callable[[int], None] = lambda run: None
        self.pause: t.Callable[[float], None] | None = None
        # Until when no connection is made, and until when the node answers that it starts.
        self.down_until = self.boot_until = 0.0
        self.simulator = Simulator(MemoryStore(), Config(endpoints=False, deploy_ms=2000.0, evaluation_ms=3000.0))
        self.simulator.faults = self.faults = _Faults()
        self.simulator.pipeline = _Pipeline(self.simulator.world)
        self.simulator.world.config.merge(config)
        self.simulator.pipeline.configure()
        self._ends = os.pipe()
        # Runs whose connection is open, although none was made here.
        self._connected: set[int] = set()

    @property
    def world(self) -> t.Any:
        """What the simulator has stored."""
        return self.simulator.world

    @contextlib.contextmanager
    def serving(self, seed: dict[str, t.Any] | None = None) -> t.Iterator[Network]:
        """Return a context in which time is virtual and every connection leads to the simulator."""
        with contextlib.ExitStack() as patches:
            for name, function in (("sleep", self.sleep), ("monotonic", self.clock.time), ("time", self.clock.time)):
                patches.enter_context(mock.patch.object(time, name, function))
            patches.enter_context(mock.patch.object(urllib3.util.connection, "create_connection", self.connect))
            patches.enter_context(mock.patch.object(socket, "create_connection", self.refuse))
            # The server itself is not disturbed by a call whose object is gone when its turn comes.
            patches.enter_context(mock.patch.object(traceback, "print_exc", lambda: None))
            # A digest that is slow on purpose would be most of the work.
            patches.enter_context(mock.patch.dict(remembered._COST, n=2))  # pylint: disable=protected-access
            if self.short:
                patches.enter_context(Shortcut(self).open())
            try:
                self.run(self.seed(seed or {}))
                yield self
            finally:
                self.world.forget_timers()
                self.simulator.pipeline.cancel()
                self.run(asyncio.sleep(0))
                self.loop.close()
                for end in self._ends:
                    os.close(end)

    async def seed(self, document: dict[str, t.Any]) -> None:
        """Store the demo seed and another document; once for all networks."""
        key = json.dumps(document)
        if key in _SEEDED and self.world.config.timezone == Config().timezone:
            self.world.store.restore(*_SEEDED[key])
            resume_all(self.world)
            return
        load_seed(self.world, demo_seed())
        load_seed(self.world, document)
        _SEEDED[key] = self.world.store.copied()

    def run(self, work: t.Coroutine[t.Any, t.Any, t.Any]) -> t.Any:
        """Let the simulator work until something has ended."""
        with self.lock:
            return self.loop.run_until_complete(work)

    def sleep(self, seconds: float) -> None:
        """Replace ``time.sleep``."""
        if self.pause is not None:
            self.pause(seconds)
            return
        self.wait(max(0.0, seconds))

    def wait(self, seconds: float) -> None:
        """Let the time pass, and the simulator do what is due."""
        with self.lock:
            if self.short and not self.loop.is_busy(self.clock.now + seconds):
                self.clock.now += seconds
            else:
                self.run(asyncio.sleep(seconds))

    def connect(self, address: tuple[str, int], *unused: t.Any, **more: t.Any) -> Wire:
        """Replace urllib3's ``create_connection``."""
        if address[0] != HOST:
            return Wire(_Served(), 0, self._ends[0])
        run = address[1] - FIRST_PORT
        self.refuse_dead(run)
        if self.clock.now < self.down_until and run not in self._connected:
            raise ConnectionRefusedError(111, "Connection refused")
        self._connected.discard(run)
        return Wire(self, run, self._ends[0])

    @contextlib.contextmanager
    def connected(self, port: int) -> t.Iterator[None]:
        """Return a context in which the first connection of a run replaces one that was open before."""
        run = port - FIRST_PORT
        self._connected.add(run)
        try:
            yield
        finally:
            self._connected.discard(run)

    def is_plain(self, host: str, port: int, target: str) -> bool:
        """Return whether a request goes to the management node, and nothing strikes it."""
        run = port - FIRST_PORT
        if type(self).exchange is not Network.exchange or host != HOST or self.clock.now < self.down_until:
            return False
        return not self._striking(run, self.counts.get(run, 0) + 1, target)

    def receive(self, port: int, *request: t.Any) -> tuple[Answer | None, bool]:
        """Return what `exchange` returns for a request on the short path."""
        return self.exchange(port - FIRST_PORT, *request)

    def _striking(self, run: int, number: int, target: str) -> list[Strike]:
        return [strike for strike in self.strikes.get(run, ()) if strike.request == number and _is_possible(strike, target)]

    @staticmethod
    def refuse(*unused: t.Any, **more: t.Any) -> t.NoReturn:
        """Replace ``socket.create_connection``, which only looks for TLS."""
        raise ConnectionRefusedError(111, "Connection refused")

    def refuse_dead(self, run: int) -> None:
        """Let nothing of a killed run go on."""
        if run in self.dead:
            raise Killed

    def exchange(self, run: int, method: str, target: str, headers: dict[str, str], body: bytes, seconds: float) -> tuple[Answer | bytes | None, bool]:
        """Return the answer to a request, or its bytes, and whether its body is cut; no answer for an aborted connection.

        :param seconds: after which the client gives up.
        :raises TimeoutError: when it has.
        :raises Killed: when a strike ends the run.
        """
        self.refuse_dead(run)
        self.switch(run)
        self.refuse_dead(run)
        with self.lock:
            number = self.counts[run] = self.counts.get(run, 0) + 1
            record = Record(run, number, self.clock.now, method, target, headers.get("X-Job-UUID"))
            self.records.append(record)
            strikes = self._striking(run, number, target)
            record.faults = [strike.kind for strike in strikes]
        for strike in strikes:
            if strike.kind == "kill_before":
                self.dead.add(run)
                raise Killed
            if not strike.options.get("after"):
                self.act(strike, record)
        try:
            return self._process(record, [strike for strike in strikes if strike.kind in SIMULATED], headers, body, seconds)
        finally:
            for strike in strikes:
                if strike.options.get("after"):
                    self.act(strike, record)
            record.ended = self.clock.now
            if any(strike.kind == "kill_after" for strike in strikes):
                self.dead.add(run)
                raise Killed

    def act(self, strike: Strike, record: Record) -> None:
        """Do what a fault of the network does around a request."""
        options = strike.options
        if strike.act is not None:
            begun = self.clock.now
            strike.act()
            record.away += self.clock.now - begun
        elif strike.kind == "refused":
            self.down_until = self.clock.now + options["seconds"]
        elif strike.kind == "restarted":
            self.down_until = self.clock.now + options["seconds"] / 2
            self.boot_until = self.clock.now + options["seconds"]
            self.simulator.pipeline.freeze(False)
            self.run(asyncio.sleep(0))
        elif strike.kind == "forget_jobs":
            for row in self.world.store.all("jobs"):
                self.world.store.delete("jobs", row["uuid"])
        elif strike.kind == "expire_sessions":
            for row in self.world.store.all("sessions"):
                self.world.store.delete("sessions", row["uuid"])

    def _process(self, record: Record, strikes: list[Strike], headers: dict[str, str], body: bytes, seconds: float) -> tuple[Answer | None, bool]:
        with self.lock:
            if self.clock.now < self.down_until:
                record.faults.append("down")
                return None, False
            faults = [Fault(strike.kind, {}, 1, dict(strike.options)) for strike in strikes]
            if self.clock.now < self.boot_until:
                record.faults.append("boot")
                faults.append(Fault(("not_ready", "boot_404")[record.number % 2], {}))
            exchange, answer = self._answer(record, faults, headers, body, seconds)
            record.call, record.path = (exchange.call, exchange.path) if exchange else (None, record.target)
            if answer is None or (exchange and exchange.fault("drop_after")):
                return None, False
            record.status = answer.status
            return answer, bool(exchange and exchange.fault("cut_body"))

    def _answer(self, record: Record, faults: list[Fault], headers: dict[str, str], body: bytes, seconds: float) -> t.Any:
        async def work() -> t.Any:
            exchange, answer = await self.simulator.exchange(record.method, record.target, headers, body, "127.0.0.1", record.run)
            if exchange is not None:
                exchange.entry["record"] = record
                record.call = exchange.call
            return exchange, answer

        if faults or self.world.config.latency_ms or not self.short:
            return self.loop.run_until_complete(self._answered(work(), faults, seconds))
        if self.loop.is_busy(self.clock.now):
            self.run(asyncio.sleep(0))
        done = self.loop.at_once(work())
        if self.loop.is_busy(self.clock.now):
            self.run(asyncio.sleep(0))
        return done

    async def _answered(self, work: t.Coroutine[t.Any, t.Any, t.Any], faults: list[Fault], seconds: float) -> t.Any:
        self.faults.current = faults
        task = self.loop.create_task(work)
        done, unused_left = await asyncio.wait({task}, timeout=seconds)
        self.faults.current = []
        if not done:
            raise socket.timeout("timed out")
        return task.result()

    def call(self, method: str, target: str, body: bytes = b"") -> tuple[int, str]:
        """Make a call as another client that is signed in as the administrator; returns status and text of the response of the job, or of the call."""
        store = self.world.store
        kept = {row["uuid"] for row in store.all("sessions")}
        headers = {"Content-Type": "application/json; charset=utf-8"}
        sign_in = json.dumps({"logInByAccount": {"accountName": "admin", "password": password_hash("password")}}).encode()

        async def work() -> tuple[int, str]:
            unused_exchange, answer = await self.simulator.exchange("PUT", "/zstack/v1/accounts/login", headers, sign_in, "127.0.0.9")
            signed = {**headers, "Authorization": "OAuth " + json.loads(answer.body)["inventory"]["uuid"]}
            unused_exchange, answer = await self.simulator.exchange(method, "/zstack" + target, signed, body, "127.0.0.9")
            while answer.job and store.get("jobs", answer.job)["state"] == "processing":
                await asyncio.sleep(0.1)
            row = store.get("jobs", answer.job) if answer.job else None
            return (row["status"], row["_result"]) if row else (answer.status, answer.body)

        try:
            return self.run(work())
        finally:
            for row in store.all("sessions"):
                if row["uuid"] not in kept:
                    store.delete("sessions", row["uuid"])


def _is_possible(strike: Strike, target: str) -> bool:
    """Return whether a server can fail like that: a poll has an error of the job or of the node, and never one of another call."""
    return strike.kind != "error" or "/api-jobs/" not in target or strike.options.get("code") == "SYS.1012"
