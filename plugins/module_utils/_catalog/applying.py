# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Apply the plans in parallel, in dependency order, within a rate limit."""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import queue
import threading
import time
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import Before
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import Task, keep_what_is_used, skip_after_failure
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure, finish
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.outcomes import Outcomes

# After one of these errors, every further call would fail as well, and repeated sign-ins would lock the account.
HOPELESS = frozenset((
    "client.unreachable", "client.stopped", "ID.1000", "ID.1001", "ID.1005", "ID.1006", "ID.1007", "ID.2001", "LOGIN_CONTROL.1002"))

# Items in progress for each concurrent request: while the server works, the next calls are sent.
ITEMS_FOR_REQUEST = 4

# Items that may wait for their objects at the same time, in addition to those in progress.
MOST_WAITING = 128

Done = t.Callable[[Task], None]


class Limiter:
    """Limits the number of calls in any minute; further calls wait. Thread-safe.

    :param clock: a monotonic clock in seconds; for tests.
    """

    def __init__(self, per_minute: int, clock: t.Callable[[], float] = time.monotonic, sleep: t.Callable[[float], None] = STOP.pause) -> None:
        self._times: collections.deque[float] = collections.deque(maxlen=per_minute)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            now = self._clock()
            full = len(self._times) == self._times.maxlen
            # A call is due one minute after the call that a full minute's quota separates from it.
            moment = max(now, self._times[0] + 60) if full else now
            self._times.append(moment)
        if moment > now:
            self._sleep(moment - now)


class Slots:
    """Limits the number of threads that work at the same time. A thread that only waits releases its place.

    :param room: called with the task of a thread that releases its place.
    """

    def __init__(self, count: int, room: t.Callable[[Task], None]) -> None:
        self._free = threading.Semaphore(count)
        self._room = room
        self._mine = threading.local()

    @contextlib.contextmanager
    def work(self, task: Task) -> t.Iterator[None]:
        """Work on a task as soon as there is a free place."""
        self._mine.task = task
        with self._free:
            yield

    @contextlib.contextmanager
    def idle(self) -> t.Iterator[None]:
        """Release the place for the duration of a wait; for a thread within `work`."""
        self._room(self._mine.task)
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()


class Applier:
    """Applies tasks and records their outcome.

    :param check_mode: only let the server validate the calls, if the task requires it.
    :param concurrency: number of concurrent requests.
    :param stop: start no further item after the first failure.
    :param done: called in the caller's thread with each task that has ended.
    """

    def __init__(self, client: Client, check_mode: bool, concurrency: int, done: Done, stop: bool = False) -> None:
        self._client = client
        self._check_mode = check_mode
        # With stop, or without concurrency, the number of items in progress is limited as well.
        self._concurrency = concurrency if stop or check_mode or concurrency == 1 else concurrency * ITEMS_FOR_REQUEST
        self._done = done
        self._stop = stop
        # Why no further item is started; empty otherwise.
        self._stopped = ""
        # Predicted uuid -> the actual uuid of the object.
        self._moved: dict[str, str] = {}

    def apply(self, tasks: t.Sequence[Task], before: Before, order: Before | None = None) -> None:
        """Apply the tasks that change something, each after the tasks that it requires, and wait for the objects that do not run yet.

        :param before: the tasks that each task requires: if one of them fails, the task is skipped.
        :param order: the tasks that have to end before each task, successfully or not, if they differ from ``before``; without circular references.
        :raises StoppedError: if the process has to end; the items in progress have ended by then.
        """
        waiting = {task.item.number: task for task in tasks if task.waiting or task.attends}
        needs = {number: before.get(number, set()) & waiting.keys() for number in waiting}
        after: dict[int, list[int]] = {}
        open_needs = dict.fromkeys(waiting, 0)
        for number in waiting:
            for other in (before if order is None else order).get(number, set()) & waiting.keys():
                after.setdefault(other, []).append(number)
                open_needs[number] += 1
        ready = collections.deque(number for number in waiting if not open_needs[number])
        # A number represents an item that waits for its object, so that another item may start.
        ended: queue.SimpleQueue[Task | int] = queue.SimpleQueue()
        slots = Slots(self._concurrency, lambda task: ended.put(task.item.number))
        idle: set[int] = set()
        threads = concurrent.futures.ThreadPoolExecutor(self._concurrency + MOST_WAITING)
        with threads as pool, self._client.looking_together() as outcomes, self._idling(slots, outcomes):
            left, running = len(waiting), 0
            while left:
                while ready and running < self._concurrency and len(idle) < MOST_WAITING:
                    running += 1
                    pool.submit(self._one, waiting[ready.popleft()], ended, slots, outcomes)
                task = ended.get()
                STOP.check()
                if isinstance(task, int):
                    running -= task not in idle
                    idle.add(task)
                    continue
                running -= task.item.number not in idle
                idle.discard(task.item.number)
                left -= 1
                left -= self._end(task, waiting, needs, after, open_needs, ready)
            self._doubt(tasks)

    def _doubt(self, tasks: t.Sequence[Task]) -> None:
        """Warn about the items whose change may be the one of another run."""
        for seen in self._client.unproven():
            for task in tasks:
                if task.uuid == seen.uuid:
                    task.warnings.append(
                        "%s was accepted as job %s, which has no result. The object has all requested values, so the call is considered successful."
                        % (seen.asked, seen.job))

    @contextlib.contextmanager
    def _idling(self, slots: Slots, outcomes: Outcomes) -> t.Iterator[None]:
        """Return a context for an item that waits for its object, in which another item may work."""
        @contextlib.contextmanager
        def idle() -> t.Iterator[None]:
            with outcomes.resting(), slots.idle():
                yield

        self._client.idle = idle
        try:
            yield
        finally:
            self._client.idle = contextlib.nullcontext

    def _end(
        self, task: Task, waiting: t.Mapping[int, Task], needs: t.Mapping[int, set[int]], after: t.Mapping[int, list[int]],
        open_needs: dict[int, int], ready: collections.deque[int],
    ) -> int:
        """Record a task that has ended, and release the tasks that waited for it; returns how many of them end with it."""
        ended = 0
        pending = [task]
        while pending:
            one = pending.pop()
            if one is not task:
                ended += 1
            self._done(one)
            for number in after.get(one.item.number, ()):
                open_needs[number] -= 1
                if not open_needs[number]:
                    skip = skip_after_failure if waiting[number].item.present else keep_what_is_used
                    skip(waiting[number], [waiting[other] for other in needs[number]])
                    if waiting[number].skipped:
                        pending.append(waiting[number])
                    else:
                        ready.append(number)
        return ended

    def _note_failure(self, task: Task) -> None:
        """Called in the thread of the task, so that no other task starts once it has failed."""
        code = str((task.failure or {}).get("error", {}).get("code", ""))
        if self._stopped or not task.failed:
            return
        if code in HOPELESS:
            self._stopped = "Skipped, because %s failed with %s, which would also affect this item." % (task.item, code)
        elif self._stop:
            self._stopped = "Skipped, because %s failed and on_error is stop." % task.item

    def _one(self, task: Task, ended: queue.SimpleQueue[Task | int], slots: Slots, outcomes: Outcomes) -> None:
        try:
            with slots.work(task):
                try:
                    if self._stopped:
                        task.skipped = self._stopped
                    else:
                        with outcomes.working():
                            self._try(task)
                finally:
                    self._note_failure(task)
        finally:
            ended.put(task)

    def _try(self, task: Task) -> None:
        """Apply a task; an error is recorded in it."""
        try:
            self._carry_out(task)
        except Failure as failure:
            task.failure = failure.result
            task.warnings.extend(failure.result.get("warnings", []))
        except ZStackError as error:
            task.error = error
        except Exception as error:  # any failure: the other items continue, and the result reports them
            task.failure = {"msg": "Unexpected failure, please report it: %s: %s" % (type(error).__name__, error), "error": {"code": "client.defect"}}

    def _carry_out(self, task: Task) -> None:
        foreseen = task.uuid
        if self._moved:
            task.replan(self._moved)
        # Another run may have done the work, or a part of it.
        result, task.plan = finish(self._client, task.item.table, task.plan, task.resolved, task.observed, self._check_mode)
        task.warnings.extend(result["warnings"])
        found = (result[task.item.table.kind] or {}).get("uuid")
        if found and foreseen and found != foreseen:
            self._moved[foreseen] = found
        task.uuid = found or foreseen
