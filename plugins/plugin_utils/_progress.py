# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Lines that show the progress of a long task."""

from __future__ import annotations

import io
import sys
import threading
import time
import types
import typing as t

# Seconds between two lines while items end, and before the first line.
INTERVAL = 2.0
# Seconds after which a line is printed although no item has ended, to show that the task is running.
SILENCE = 30.0

Clock = t.Callable[[], float]


def print_lines_at_once() -> None:
    """Flush standard output after each line. By default, Python buffers full blocks if the output is a pipe."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.line_buffering:
        sys.stdout.reconfigure(line_buffering=True)


class Progress:
    """A context that prints lines such as ``zstack.aios: 120 of 500 done, 1 failed``.

    :param show: prints a line; called from several threads, but not concurrently.
    :param title: the start of the line.
    """

    def __init__(self, show: t.Callable[[str], None], title: str = "zstack.aios", clock: Clock = time.monotonic) -> None:
        self._show = show
        self._title = title
        self._clock = clock
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive, name="zstack.aios progress", daemon=True)
        self._started = self._shown_at = clock()
        self._done = self._total = self._failed = self._skipped = 0
        self._shown = ""

    def __enter__(self) -> Progress:
        self._started = self._shown_at = self._clock()
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None) -> None:
        self._stopped.set()
        self._watch.join()
        # If lines were printed, the last one is printed as well.
        if self._shown and self._line() != self._shown:
            self._print(self._line())

    def __call__(self, done: int, total: int, item: t.Mapping[str, t.Any]) -> None:
        """Count an item that has ended."""
        with self._lock:
            self._done, self._total = done, total
            self._failed += item.get("action") == "failed"
            self._skipped += item.get("action") == "skipped"
            if self._clock() - self._shown_at >= INTERVAL:
                self._print(self._line())

    def _line(self) -> str:
        counts = "".join(", %d %s" % (count, word) for count, word in ((self._failed, "failed"), (self._skipped, "skipped")) if count)
        return "%s: %d of %d done%s" % (self._title, self._done, self._total, counts)

    def _print(self, line: str) -> None:
        self._shown_at = self._clock()
        self._shown = line
        self._show(line)

    def _keep_alive(self) -> None:
        while not self._stopped.wait(min(INTERVAL, SILENCE) / 2):
            with self._lock:
                if self._clock() - self._shown_at >= SILENCE:
                    seconds = int(self._clock() - self._started)
                    line = self._line() if self._total else "%s: at work" % self._title
                    self._print("%s, %d s so far" % (line, seconds))
