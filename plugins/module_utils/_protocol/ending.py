# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""End a process on a signal, or when nobody waits for it any more, without leaving a session on the server.

A request that was sent is finished, so that a session that was just opened is known; then nothing is sent but the sign-out.
`STOP` is one per process because signals are: the client asks it before each request, and every pause ends with it.
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

# What ends a process from outside and can be caught.
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
# Seconds that a request has to end after the signal, and then the sign-outs. Both together stay below the ten seconds after which
# a container engine kills.
GRACE_SECONDS = 3.0
SIGN_OUT_SECONDS = 3.0
# Seconds between two looks whether somebody still waits for this process.
LOOK_SECONDS = 1.0
# Seconds between two looks whether this process has let go of what others wait for.
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
        """Let pauses end early in this process.

        :param orphaned: whether the process that waits for this one is gone; called often.
        """
        self._orphaned = orphaned
        self._watched = True
        self._pipe = os.pipe()

    def request(self, reason: str) -> None:
        """Stop with the next request. Takes no lock, so a signal handler may call it."""
        if not self._reason:
            self._reason = reason
            if self._pipe is not None:
                os.write(self._pipe[1], b"x")

    @property
    def reason(self) -> str:
        """Why the process has to end; an empty text if it does not."""
        if not self._reason and self._watched and self._orphaned():
            self.request("the end of the process that waits for it")
        return self._reason

    def check(self) -> None:
        """Return if the process may go on.

        :raises StoppedError: otherwise.
        """
        if self.reason:
            raise StoppedError(
                "The task was stopped by %s. No further request was sent; a job that was started continues on the server. Run the task again." % self.reason)

    def pause(self, seconds: float) -> None:
        """Wait, at most until the process has to end."""
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
        """Whether a sign-in is under way. Its session could not be closed, because its uuid is not known yet."""
        return self._sign_ins > 0

    @contextlib.contextmanager
    def signing_in(self) -> t.Iterator[None]:
        """While this lasts, the process is not ended, and the alarm of a task's ``timeout`` waits."""
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
    """The end of this process by a signal.

    :param sign_out: closes every session of this process; with False, only by connections of its own, because locks may be held.
    :param pass_on: called when a signal comes in the middle of the work, such as to stop a process that this one waits for.
    :param may_end: False while the process holds what others would wait for without end, such as a lock.
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
        """The signal that has come; 0 for none."""
        return self._signal

    def catch(self) -> None:
        """Take the signals over. Those that the process ignores, as below nohup, stay ignored."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    @contextlib.contextmanager
    def at_work(self, seconds: float = GRACE_SECONDS) -> t.Iterator[None]:
        """While this lasts, a signal stops the work and lets it end by itself.

        :param seconds: how long that may take.
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
        """Sign out, for a few seconds at most, and die by the signal."""
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
            # The next piece of work has begun meanwhile; it stops with its first request.
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
    """Run an action after a time, whatever the process does then. There is one such timer, that of SIGALRM."""
    def ring(number: int, frame: types.FrameType | None) -> None:
        action()

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def die(number: int) -> t.NoReturn:
    """End this process by a signal, as if it had not been caught."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    # Process 1 of a container does not die by a signal that it has not caught.
    os._exit(128 + number)
