# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""End a process on a signal, or if no process waits for it any more, without leaving a session on the server.

A request that was sent is completed, so that the uuid of a new session is known; then only the sign-out is sent. There is one `STOP` per process, like the
signals: the client checks it before each request, and it ends every pause.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
import types
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import StoppedError

# The signals that end a process and can be caught.
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
# Seconds for a request to complete after the signal, and then for the sign-outs. Together they are less than the ten seconds after which a container engine
# kills a process.
GRACE_SECONDS = 3.0
SIGN_OUT_SECONDS = 3.0
# Seconds between checks whether another process still waits for this one.
LOOK_SECONDS = 1.0
# Seconds between checks whether this process still holds a lock that others wait for.
HOLD_SECONDS = 0.01


class Stop:
    """Whether this process has to end."""

    def __init__(self) -> None:
        self._reason = ""
        self._orphaned: t.Callable[[], bool] = lambda: False
        self._watched = False
        self._pipe: tuple[int, int] | None = None
        self._sign_ins = 0

    def watch(self, orphaned: t.Callable[[], bool]) -> None:
        """Allow pauses to end early in this process.

        :param orphaned: returns whether the process that waits for this one has ended; called often.
        """
        self._orphaned = orphaned
        self._watched = True
        self._pipe = os.pipe()

    def request(self, reason: str) -> None:
        """Stop before the next request. Takes no lock, so a signal handler may call it."""
        if not self._reason:
            self._reason = reason
            if self._pipe is not None:
                os.write(self._pipe[1], b"x")

    @property
    def reason(self) -> str:
        """Why the process has to end; empty if it does not."""
        if not self._reason and self._watched and self._orphaned():
            self.request("the end of the process that waits for it")
        return self._reason

    def check(self) -> None:
        """Return if the process may continue.

        :raises StoppedError: otherwise.
        """
        if self.reason:
            raise StoppedError(
                "The task was stopped by %s. No further request was sent; a job that was started continues on the server. Run the task again." % self.reason)

    def pause(self, seconds: float) -> None:
        """Wait until the time is over or the process has to end."""
        if not self._watched or self._pipe is None:
            time.sleep(seconds)
            return
        poll = select.poll()
        poll.register(self._pipe[0], select.POLLIN)
        deadline = time.monotonic() + seconds
        while not self.reason:
            left = deadline - time.monotonic()
            if left <= 0 or poll.poll(min(left, LOOK_SECONDS) * 1000):
                return

    @property
    def signs_in(self) -> bool:
        """Whether a sign-in is in progress. Its session cannot be closed, because its uuid is not known yet."""
        return self._sign_ins > 0

    @contextlib.contextmanager
    def signing_in(self) -> t.Iterator[None]:
        """Return a context in which the process is not ended, and the alarm of a task's ``timeout`` is deferred."""
        alarm = signal.getsignal(signal.SIGALRM) if threading.current_thread() is threading.main_thread() else None
        rung: list[tuple[int, types.FrameType | None]] = []

        def ring(number: int, frame: types.FrameType | None) -> None:
            rung.append((number, frame))

        if callable(alarm):
            signal.signal(signal.SIGALRM, ring)
        self._sign_ins += 1
        try:
            yield
        finally:
            self._sign_ins -= 1
            if callable(alarm) and signal.getsignal(signal.SIGALRM) is ring:
                signal.signal(signal.SIGALRM, alarm)
                if rung:
                    alarm(*rung[0])


STOP = Stop()


class Ending:
    """Ends this process on a signal.

    :param sign_out: closes every session of this process; with False, only with separate connections, because locks may be held.
    :param pass_on: called if a signal arrives during the work, for example to stop a process that this one waits for.
    :param may_end: returns False while the process holds a lock that others would wait for forever.
    """

    def __init__(
        self, sign_out: t.Callable[[bool], None], pass_on: t.Callable[[], None] = lambda: None, may_end: t.Callable[[], bool] = lambda: True,
    ) -> None:
        self._sign_out = sign_out
        self._pass_on = pass_on
        self._may_end = may_end
        self._seconds = GRACE_SECONDS
        self._busy = 0
        self._signal = 0

    @property
    def signal(self) -> int:
        """The received signal; 0 for none."""
        return self._signal

    def catch(self) -> None:
        """Install the signal handlers. Signals that the process ignores, for example under nohup, stay ignored."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    @contextlib.contextmanager
    def at_work(self, seconds: float = GRACE_SECONDS) -> t.Iterator[None]:
        """Return a context in which a signal stops the work and lets it end by itself.

        :param seconds: maximum time for that.
        """
        self._busy += 1
        self._seconds = seconds
        try:
            yield
        finally:
            self._busy -= 1
            if self._signal:
                signal.setitimer(signal.ITIMER_REAL, 0)

    def end(self, gently: bool = True) -> t.NoReturn:
        """Sign out, within a few seconds, and end by the signal."""
        number = self._signal or signal.SIGTERM
        _after(SIGN_OUT_SECONDS, lambda: die(number))
        self._sign_out(gently)
        die(number)

    def _on_signal(self, number: int, frame: types.FrameType | None) -> None:
        if self._signal:
            return
        self._signal = number
        STOP.request(signal.Signals(number).name)
        if self._busy:
            _after(self._seconds, self._give_up)
            self._pass_on()
        else:
            self._end_when_possible()

    def _end_when_possible(self) -> None:
        if self._busy:
            # The next task has started in the meantime; it stops before its first request.
            _after(self._seconds, self._give_up)
        elif self._may_end():
            self.end()
        else:
            _after(HOLD_SECONDS, self._end_when_possible)

    def _give_up(self) -> None:
        if STOP.signs_in:
            _after(LOOK_SECONDS, self._give_up)
        elif self._may_end():
            self.end(gently=False)
        else:
            _after(HOLD_SECONDS, self._give_up)


def _after(seconds: float, action: t.Callable[[], t.Any]) -> None:
    """Run an action after a time, whatever the process does then. There is only one such timer, that of SIGALRM."""
    def ring(number: int, frame: types.FrameType | None) -> None:
        action()

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def die(number: int) -> t.NoReturn:
    """End this process by a signal, as if it had not been caught."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    # Process 1 of a container is not ended by a signal that it does not handle.
    os._exit(128 + number)
