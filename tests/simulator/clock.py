# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of the server, which the control API can move forward, and the postponed work."""
from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass


class Clock:
    """The time in milliseconds since the epoch; `offset` is how far it was moved forward."""

    offset = 0

    @classmethod
    def now(cls) -> int:
        """Return the time."""
        return int(time.time() * 1000) + cls.offset


now_ms = Clock.now


@dataclass(eq=False)
class Timer:
    """Postponed work."""

    due: float
    work: Callable[[], None]
    handle: asyncio.TimerHandle | None = None


class Timers:
    """All postponed work.

    :param done: called after each piece of work, to write its changes.
    """

    def __init__(self, done: Callable[[], None]) -> None:
        self.done = done
        self.waiting: set[Timer] = set()

    def later(self, delay_ms: float, work: Callable[[], None]) -> None:
        """Run a function after a delay; immediately without a delay."""
        if delay_ms <= 0:
            work()
            return
        timer = Timer(now_ms() + delay_ms, work)
        timer.handle = asyncio.get_running_loop().call_later(delay_ms / 1000, self._run, timer)
        self.waiting.add(timer)

    def advance(self, milliseconds: float) -> None:
        """Move the clock forward, and do what is due then, in order."""
        Clock.offset += int(milliseconds)
        while True:
            due = [timer for timer in self.waiting if timer.due <= now_ms()]
            if not due:
                return
            self._run(min(due, key=lambda timer: timer.due))

    def clear(self) -> None:
        """Drop everything, and go back to the real time."""
        for timer in self.waiting:
            timer.handle.cancel()
        self.waiting.clear()
        Clock.offset = 0

    def _run(self, timer: Timer) -> None:
        timer.handle.cancel()
        self.waiting.discard(timer)
        timer.work()
        self.done()
