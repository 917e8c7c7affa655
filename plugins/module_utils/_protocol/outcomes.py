# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Find the outcomes of many calls at once: one list of objects instead of one poll of each job."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError

Row = dict[str, t.Any]

# Seconds that a list waits for further calls whose outcome it could show.
PATIENCE = 0.2
# Seconds between lists for an effect; after the last one, the job is polled.
PAUSES = (0.001, 0.05, 0.15, 0.45)


@dataclasses.dataclass(frozen=True)
class Effect:
    """How an object shows that a call is completely done.

    :param path: the path at which objects of its kind are queried.
    :param uuid: the object.
    :param shows: whether its inventory, or None if it does not exist, shows the effect.
    """

    path: str
    uuid: str
    shows: t.Callable[[Row | None], bool]


class Seen(t.NamedTuple):
    """A call whose effect was seen, and whose job was not read.

    :param uuid: the object.
    :param asked: the call, as messages show it.
    """

    uuid: str
    asked: str
    job: str


@dataclasses.dataclass
class _Look:
    effect: Effect
    since: float
    ended: bool = False
    shown: bool = False
    row: Row | None = None


class Outcomes:
    """Shares lists between threads that wait for the effects of their calls.

    A list is read when all working threads wait for one, or when a thread has waited for `PATIENCE`.

    :param read: returns the inventories of the uuids that exist.
    """

    def __init__(self, read: t.Callable[[str, t.Sequence[str]], list[Row]]) -> None:
        self._read = read
        self.seen: list[Seen] = []
        # Whether the outcome of a call is not known. What ended its job, such as a restart of the management node, may have ended others.
        self.lost = False
        self._changed = threading.Condition()
        self._working = 0
        self._looks: list[_Look] = []
        self._reading = False

    @contextlib.contextmanager
    def working(self) -> t.Iterator[None]:
        """Return a context in which the thread may wait for an effect later, so the others wait for it."""
        with self._changed:
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def resting(self) -> t.Iterator[None]:
        """Return a context in which a working thread will not wait for an effect."""
        with self._changed:
            self._working -= 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._working += 1

    def look(self, effect: Effect) -> dict[str, t.Any] | None:
        """Return the result of a call, in the form of its job, if the next list shows the effect; None otherwise."""
        look = _Look(effect, time.monotonic())
        with self._changed:
            self._looks.append(look)
            self._changed.notify_all()
            while not look.ended:
                if self._reading or not self._is_time():
                    self._changed.wait(PATIENCE / 4)
                    continue
                batch, self._looks, self._reading = self._looks, [], True
                self._changed.release()
                try:
                    self._read_all(batch)
                finally:
                    self._changed.acquire()
                    self._reading = False
                    for other in batch:
                        other.ended = True
                    self._changed.notify_all()
        return {"inventory": look.row} if look.shown else None

    def _is_time(self) -> bool:
        oldest = self._looks[0].since if self._looks else time.monotonic()
        return len(self._looks) >= self._working or time.monotonic() - oldest >= PATIENCE or bool(STOP.reason)

    def _read_all(self, looks: t.Sequence[_Look]) -> None:
        """Read one list for each kind. If that fails, no effect is shown, so every job is polled."""
        for path in dict.fromkeys(look.effect.path for look in looks):
            mine = [look for look in looks if look.effect.path == path]
            try:
                rows = {str(row["uuid"]): row for row in self._read(path, [look.effect.uuid for look in mine])}
            except ZStackError:
                continue
            for look in mine:
                look.row = rows.get(look.effect.uuid)
                look.shown = look.effect.shows(look.row)
