# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual time, and a store without a file: what a simulator in the same process runs on."""
from __future__ import annotations

import asyncio
import selectors
import typing as t

from simulator.store import Store

START = 1_764_000_000.0
Rows = dict[str, dict[str, dict[str, t.Any]]]
Indexes = dict[str, dict[str, dict[str, dict[str, None]]]]


class Clock:
    """Seconds since the epoch, which pass only in pauses."""

    def __init__(self) -> None:
        self.now = START

    def time(self) -> float:
        """Return the time; for every clock that the client and the simulator look at."""
        return self.now


class _Selector(selectors.SelectSelector):
    """Lets the time pass where an event loop would wait."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def select(self, timeout: float | None = None) -> list[t.Any]:
        if timeout is None:
            raise RuntimeError("nothing can happen any more")
        if timeout > 0:
            self.clock.now += timeout
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        super().__init__(_Selector(clock))
        # The resolution of a float of this size.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self.clock.now

    def is_busy(self, until: float) -> bool:
        """Return whether an event is due by then."""
        return bool(self._ready) or bool(self._scheduled and self._scheduled[0].when() <= until)

    def at_once(self, work: t.Coroutine[t.Any, t.Any, t.Any]) -> t.Any:
        """Return the result of a coroutine that does not wait, without an iteration of the loop."""
        asyncio._set_running_loop(self)
        try:
            work.send(None)
        except StopIteration as end:
            return end.value
        finally:
            asyncio._set_running_loop(None)
        raise RuntimeError("the work waits for something")


class MemoryStore(Store):
    """Rows in memory only."""

    def __init__(self) -> None:
        super().__init__(":memory:")

    def commit(self) -> None:
        """Discard the data for a file."""
        self._pending.clear()

    def copied(self) -> tuple[Rows, Indexes]:
        """Return everything that is stored. Rows are never changed in place, so they need no copy."""
        indexes = {kind: {field: {value: dict(uuids) for value, uuids in index.items()} for field, index in fields.items()}
                   for kind, fields in self.indexes.items()}
        return {kind: dict(rows) for kind, rows in self.rows.items()}, indexes

    def restore(self, rows: Rows, indexes: Indexes) -> None:
        """Store what `copied` returned."""
        self.rows, self.indexes = rows, indexes
        self.rows, self.indexes = self.copied()
