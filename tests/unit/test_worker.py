# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A worker of Ansible: what it does before, during and after a task, and what ends it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import threading
import types

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import GRACE_SECONDS, SIGN_OUT_SECONDS, Ending, Stop
from ansible_collections.zstack.aios.plugins.plugin_utils import _worker
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import Register
from ansible_collections.zstack.aios.plugins.plugin_utils._worker import MODULE_SECONDS, Worker, descendants, is_orphaned, may_end


class Ended(Exception):
    """Replaces the end of the process; whether gently."""


@pytest.fixture(name="stop")
def stop_fixture(monkeypatch):
    found = Stop()
    monkeypatch.setattr(_worker, "STOP", found)
    return found


@pytest.fixture(name="events")
def events_fixture(monkeypatch):
    """What happens to the process of a worker: signals are not caught, nothing ends, and no thread is started."""
    found = []

    class Noted(Ending):
        def catch(self):
            found.append("catch")

        def at_work(self, seconds=GRACE_SECONDS):
            found.append(("at work", seconds))
            return super().at_work(seconds)

        def end(self, gently=True):
            self._sign_out(gently)
            raise Ended

    monkeypatch.setattr(_worker, "Ending", Noted)
    monkeypatch.setattr(_worker.threading, "Thread", lambda target, **more: types.SimpleNamespace(start=lambda: found.append(target.__name__)))
    return found


@pytest.fixture(name="register")
def register_fixture(monkeypatch):
    found = Register()
    monkeypatch.setattr(_worker, "REGISTER", found)
    monkeypatch.setattr(found, "close_own", lambda seconds, orphaned: found._write({"closed own": seconds, "orphaned": orphaned}))
    return found


def parent(monkeypatch, pid):
    """Make this process a worker of the parent with that pid; None for no worker."""
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: None if pid is None else types.SimpleNamespace(pid=pid))


def test_another_process_is_not_changed(monkeypatch, stop, events, register):
    parent(monkeypatch, None)
    worker = Worker()
    with worker.at_work():
        stop.request("SIGTERM")
    with worker.at_work_as_module():
        pass
    assert events == [("at work", GRACE_SECONDS), ("at work", MODULE_SECONDS)] and list(register._entries()) == []


def test_a_worker_gets_ready_once(monkeypatch, stop, events, register):
    parent(monkeypatch, os.getppid())
    worker = Worker()
    for _time in range(2):
        with worker.at_work():
            pass
    assert events == ["catch", "_watch_parent", ("at work", GRACE_SECONDS), ("at work", GRACE_SECONDS)]
    assert list(register._entries()) == [{"worker": os.getpid()}]
    assert stop.reason == ""
    parent(monkeypatch, os.getppid() + 1)
    assert stop.reason == "the end of the process that waits for it"


def test_another_thread_of_a_worker_catches_no_signal(monkeypatch, stop, events, register):
    parent(monkeypatch, os.getppid())
    worker = Worker()
    monkeypatch.setattr(_worker.threading, "current_thread", lambda: None)
    worker.enter()
    assert events == [] and list(register._entries()) == [{"worker": os.getpid()}]


@pytest.mark.parametrize("orphaned", [False, True])
def test_a_worker_that_was_stopped_ends_with_its_task(monkeypatch, stop, events, register, orphaned):
    parent(monkeypatch, os.getppid())
    worker, closed = Worker(), []
    worker.on_end(lambda: closed.append("lost"))
    worker.enter()
    # What a worker closes is its own, not what it has inherited.
    worker.on_end(lambda: closed.append("clients"))
    with pytest.raises(Ended):
        with worker.at_work():
            if orphaned:
                parent(monkeypatch, os.getppid() + 1)
            stop.request("SIGTERM")
    assert closed == ["clients"]
    assert list(register._entries())[1:] == ([{"closed own": SIGN_OUT_SECONDS, "orphaned": True}] if orphaned else [])


def test_a_worker_that_takes_too_long_closes_its_sessions_from_outside(monkeypatch, stop, events, register):
    parent(monkeypatch, os.getppid())
    worker, closed = Worker(), []
    worker.enter()
    worker.on_end(lambda: closed.append("clients"))
    worker._sign_out(False)
    assert closed == [] and list(register._entries())[1:] == [{"closed own": SIGN_OUT_SECONDS, "orphaned": False}]


def test_a_signal_is_passed_on_to_the_module_only(monkeypatch, stop, events, register):
    parent(monkeypatch, os.getppid())
    worker, killed = Worker(), []
    monkeypatch.setattr(_worker, "descendants", lambda pid: [1, 2] if pid == os.getpid() else [])

    def kill(pid, number):
        killed.append((pid, number))
        raise ProcessLookupError

    monkeypatch.setattr(_worker.os, "kill", kill)
    with worker.at_work():
        worker._pass_on()
    with worker.at_work_as_module():
        worker._pass_on()
    worker._pass_on()
    assert killed == [(1, signal.SIGTERM), (2, signal.SIGTERM)]


def test_a_worker_ends_when_its_parent_is_gone(monkeypatch):
    killed, looks = [], []
    monkeypatch.setattr(_worker.os, "kill", lambda pid, number: killed.append((pid, number)))
    monkeypatch.setattr(_worker, "is_orphaned", lambda: looks.append(1) or len(looks) > 2)
    monkeypatch.setattr(_worker, "PARENT_SECONDS", 0.001)
    _worker._watch_parent()
    assert (killed, len(looks)) == ([(os.getpid(), signal.SIGTERM)], 3)


def test_whether_the_parent_has_ended(monkeypatch):
    for pid, orphaned in ((None, False), (os.getppid(), False), (os.getppid() + 1, True)):
        parent(monkeypatch, pid)
        assert is_orphaned() is orphaned


def test_a_worker_does_not_end_while_it_sends(monkeypatch):
    """If it died with the lock of the queue to its parent, the parent would wait for ever."""
    assert may_end()
    lock = multiprocessing.get_context("fork").Lock()
    monkeypatch.setattr(multiprocessing, "current_process", lambda: types.SimpleNamespace(_final_q=types.SimpleNamespace(_wlock=lock)))
    monkeypatch.setattr(_worker, "SEND_SECONDS", 0.01)
    parent(monkeypatch, os.getppid())
    assert may_end() and lock.acquire(block=False)
    assert not may_end()
    parent(monkeypatch, os.getppid() + 1)
    assert may_end()
    lock.release()
    parent(monkeypatch, os.getppid())
    # Another thread sends.
    held, done = threading.Event(), threading.Event()

    def send():
        with lock:
            held.set()
            done.wait()

    thread = threading.Thread(target=send)
    thread.start()
    held.wait()
    assert may_end()
    done.set()
    thread.join()
    assert lock.acquire(block=False)


def test_the_processes_below_one_come_parents_first():
    with subprocess.Popen(["sh", "-c", "sleep 600 & echo $!; wait"], stdout=subprocess.PIPE, encoding="ascii") as shell:
        sleeper = int(shell.stdout.readline())
        below = descendants(os.getpid())
        assert below.index(shell.pid) < below.index(sleeper) and descendants(sleeper) == []
        for pid in (sleeper, shell.pid):
            os.kill(pid, signal.SIGKILL)


def test_a_system_without_proc_lists_its_processes_by_ps(monkeypatch, tmp_path):
    (tmp_path / "ps").write_text("#!/bin/sh\n[ \"$*\" = '-A -o pid=,ppid=' ] && printf '    1     0\\n  902   901\\n  901     1\\n'\n", encoding="ascii")
    (tmp_path / "ps").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(_worker.os.path, "exists", lambda path: False)
    assert descendants(1) == [901, 902] and descendants(902) == []
