# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The open sessions of the workers of one Ansible run, so that none remains open after the run.

A worker signs out when it ends. A killed worker cannot, and a session of M(zstack.aios.zstack_session) belongs to no worker.
So each session that is opened or closed is reported to the process that loaded this module first. It is the parent of all workers, and closes the remaining
sessions when it ends, also by a signal. The reports go through an anonymous file without a
name, which no other process can open and which is gone with the last of them.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import fcntl
import json
import multiprocessing
import os
import signal
import tempfile
import threading
import time
import types
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import GRACE_SECONDS, SIGN_OUT_SECONDS, SIGNALS, die
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sessions import session_only, sign_out

# Seconds for workers to end after a signal: their own two periods and a margin.
WORKER_SECONDS = GRACE_SECONDS + SIGN_OUT_SECONDS + 0.5
# Seconds for the sign-outs at the normal end of the run.
END_SECONDS = 30.0


class Register:
    """The workers of this collection, and the sessions that were opened and closed, in order, one line of JSON each."""

    def __init__(self) -> None:
        self._file = _anonymous_file()
        self._owner = os.getpid()
        self._ending = False
        self._previous: dict[int, t.Any] = {}

    def catch_signals(self) -> None:
        """Sign out before this process dies by a signal. Ansible itself ends immediately, or leaves its workers running.

        This has an effect only in the main thread of the process that created this register.
        """
        if os.getpid() != self._owner or threading.current_thread() is not threading.main_thread():
            return
        for number in SIGNALS:
            handler = signal.getsignal(number)
            # Under nohup, a signal stays ignored; None is a handler that was not installed by Python.
            if handler not in (signal.SIG_IGN, None, self._on_signal):
                self._previous[number] = handler
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: types.FrameType | None) -> None:
        if os.getpid() == self._owner:
            if self._ending:
                return
            self._ending = True
            try:
                self.close_all(by_signal=True)
            finally:
                self._ending = False
        # Otherwise, a worker that runs no task of this collection has inherited this handler.
        previous = self._previous[number]
        if callable(previous):
            try:
                previous(number, frame)
            except Exception:  # Between two tasks, the list of workers of Ansible contains one that it has closed already, and its handler fails.
                self._pass_on(number)
            else:
                if signal.getsignal(number) != signal.SIG_DFL:
                    return
        die(number)

    def _pass_on(self, number: int) -> None:
        for child in multiprocessing.active_children() if os.getpid() == self._owner else ():
            if child.pid:
                with contextlib.suppress(OSError):
                    os.kill(child.pid, number)

    def add_worker(self) -> None:
        """Record that this process runs a task of this collection, so that the parent stops it and waits for it."""
        self._write({"worker": os.getpid()})

    def watcher(self, connection: Connection) -> t.Callable[[str, bool], None]:
        """Return the function to which a client of that connection reports its sessions."""
        def watch(session: str, opened: bool) -> None:
            if opened:
                self._write({"opened": session, "by": os.getpid(), "connection": dataclasses.asdict(session_only(connection, session, 10))})
            else:
                self._write({"closed": session})
        return watch

    def close_all(self, by_signal: bool = False) -> None:
        """Close every session that is still open, in the process that created this register. Never raises.

        :param by_signal: True to also stop the workers, and to take at most a few seconds.
        """
        if os.getpid() != self._owner:
            return
        working = self._working()
        for pid in working if by_signal else ():
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + WORKER_SECONDS
        while working and time.monotonic() < deadline:
            time.sleep(0.02)
            working = self._working()
        seconds = SIGN_OUT_SECONDS if by_signal else END_SECONDS
        # A worker that is still running after that signs out by itself.
        sign_out([connection for connection, pid in self._left() if pid not in working], seconds)

    def close_own(self, seconds: float, orphaned: bool) -> None:
        """Close the sessions of this worker.

        :param orphaned: True to close all sessions, because there is no parent that could.
        """
        sign_out([connection for connection, pid in self._left() if orphaned or pid == os.getpid()], seconds)

    def _working(self) -> set[int]:
        """Return the processes that currently run a task of this collection."""
        children = {child.pid for child in multiprocessing.active_children() if child.pid}
        return children and children & {entry["worker"] for entry in self._entries() if "worker" in entry}

    def _left(self) -> list[tuple[Connection, int]]:
        """Return the connections of the sessions that were opened and not closed, each with the process that opened it."""
        found: dict[str, tuple[Connection, int]] = {}
        for entry in self._entries():
            if "opened" in entry:
                found[entry["opened"]] = (Connection(**entry["connection"]), entry["by"])
            elif "closed" in entry:
                found.pop(entry["closed"], None)
        return list(found.values())

    def _entries(self) -> t.Iterator[dict[str, t.Any]]:
        return map(json.loads, os.pread(self._file, os.fstat(self._file).st_size, 0).decode("utf-8").splitlines())

    def _write(self, entry: dict[str, t.Any]) -> None:
        os.write(self._file, (json.dumps(entry) + "\n").encode("utf-8"))


def _anonymous_file() -> int:
    """Return a file in memory, or an unnamed file if the system has none; several processes can append to it concurrently."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("zstack-sessions")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_APPEND)
    return descriptor


REGISTER = Register()
atexit.register(REGISTER.close_all)
