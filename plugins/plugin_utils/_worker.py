# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""End a worker of Ansible on a signal, or if its parent has ended.

In ansible-core 2.16, a worker continues if its parent was ended by a signal; newer versions end a worker by a signal immediately.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import threading
import time
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import GRACE_SECONDS, SIGN_OUT_SECONDS, STOP, Ending
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import REGISTER

# Seconds for a module, which stops in the same way.
MODULE_SECONDS = GRACE_SECONDS + SIGN_OUT_SECONDS
# Seconds between checks of the parent while the client does not check it: during a module, or a pause of Ansible between two items.
PARENT_SECONDS = 0.1
# Seconds for another thread of this worker to finish sending to the parent.
SEND_SECONDS = 1.0


class Worker:
    """The worker, if this process is one."""

    def __init__(self) -> None:
        self._pid = 0
        self._children = False
        self._close: t.Callable[[], None] = _nothing
        self._ending = Ending(self._sign_out, self._pass_on, may_end)

    def enter(self) -> None:
        """Get ready for a task. A process other than a worker of Ansible is not changed."""
        if self._pid == os.getpid() or multiprocessing.parent_process() is None:
            return
        self._pid = os.getpid()
        self._close = _nothing
        REGISTER.add_worker()
        STOP.watch(is_orphaned)
        if threading.current_thread() is threading.main_thread():
            self._ending = Ending(self._sign_out, self._pass_on, may_end)
            self._ending.catch()
            threading.Thread(target=_watch_parent, name="zstack.aios parent", daemon=True).start()

    @contextlib.contextmanager
    def at_work(self) -> t.Iterator[None]:
        """Return a context in which a signal only stops the client; afterwards, the process ends."""
        self.enter()
        try:
            with self._ending.at_work():
                yield
        finally:
            self._leave()

    @contextlib.contextmanager
    def at_work_as_module(self) -> t.Iterator[None]:
        """Return the same context for a module in another process, which then stops in the same way."""
        self.enter()
        self._children = True
        try:
            with self._ending.at_work(MODULE_SECONDS):
                yield
        finally:
            self._children = False
            self._leave()

    def on_end(self, close: t.Callable[[], None]) -> None:
        """Close the clients of this process when it ends."""
        self._close = close

    def _leave(self) -> None:
        if self._pid == os.getpid() and STOP.reason:
            self._ending.end()

    def _sign_out(self, gently: bool) -> None:
        orphaned = is_orphaned()
        if gently:
            self._close()
        # A session that was returned to the play is closed by the parent, if there is one.
        if orphaned or not gently:
            REGISTER.close_own(SIGN_OUT_SECONDS, orphaned)

    def _pass_on(self) -> None:
        for pid in descendants(os.getpid()) if self._children else ():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGTERM)


def _watch_parent() -> None:
    while not is_orphaned():
        time.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def is_orphaned() -> bool:
    """Return whether the parent of this worker has ended."""
    parent = multiprocessing.parent_process()
    return parent is not None and os.getppid() != parent.pid


def may_end() -> bool:
    """Return whether this worker is not sending to its parent: if it ended with the lock of the queue held, the parent would wait forever."""
    lock = getattr(getattr(multiprocessing.current_process(), "_final_q", None), "_wlock", None)
    if lock is None or is_orphaned():
        return True
    if lock._semlock._is_mine():
        return False
    if lock.acquire(timeout=SEND_SECONDS):
        lock.release()
    return True


def descendants(pid: int) -> list[int]:
    """Return the processes below a process, parents first."""
    children: dict[int, list[int]] = {}
    for child, parent in _processes():
        children.setdefault(parent, []).append(child)
    found = list(children.get(pid, ()))
    for child in found:
        found.extend(children.get(child, ()))
    return found


def _processes() -> t.Iterator[tuple[int, int]]:
    """Yield every process with its parent; from /proc if it exists, because small images have no ps."""
    if os.path.exists("/proc/self/stat"):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open("/proc/%s/stat" % name, encoding="utf-8", errors="replace") as file:
                yield int(name), int(file.read().rpartition(")")[2].split()[1])
    else:
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
        for line in listed.splitlines():
            child, parent = line.split()
            yield int(child), int(parent)


def _nothing() -> None:
    """No client exists."""


WORKER = Worker()
at_work, at_work_as_module, on_end = WORKER.at_work, WORKER.at_work_as_module, WORKER.on_end
