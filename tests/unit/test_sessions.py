# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The register of a run: which sessions the parent of the workers closes, and what it does on a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import threading

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import SIGN_OUT_SECONDS
from ansible_collections.zstack.aios.plugins.plugin_utils import _sessions
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import END_SECONDS, Register
from ansible_collections.zstack.aios.tests.simulator.testing import patience
from ansible_collections.zstack.aios.tests.unit.support.scripted import connection

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
NUMBER = signal.SIGHUP


@pytest.fixture(name="closed")
def closed_fixture(monkeypatch):
    """What was signed out of: the sessions, and the seconds for it."""
    found = []
    monkeypatch.setattr(_sessions, "sign_out", lambda connections, seconds: found.append(([item.session_uuid for item in connections], seconds)))
    return found


@pytest.fixture(name="register")
def register_fixture():
    """A register of this process, whose signals are as before afterwards."""
    before = signal.getsignal(NUMBER)
    yield Register()
    signal.signal(NUMBER, before)


def opened(register, *sessions, by=None):
    """Report sessions, as the process `by` does."""
    for session in sessions:
        register.watcher(connection())(session, True)
        if by is not None:
            register._write({**list(register._entries())[-1], "by": by})


def test_what_was_opened_and_not_closed_is_signed_out_of(register, closed):
    opened(register, ONE, TWO, THREE)
    register.watcher(connection())(TWO, False)
    register.watcher(connection())("unknown", False)
    register.close_all()
    assert closed == [([ONE, THREE], END_SECONDS)]
    assert [(item.account_password, pid) for item, pid in register._left()] == [(None, os.getpid())] * 2


def test_a_file_without_a_name_does_where_the_system_has_none_in_memory(monkeypatch, closed):
    monkeypatch.delattr(os, "memfd_create", raising=False)
    register = Register()
    opened(register, ONE)
    os.lseek(register._file, 0, os.SEEK_SET)
    opened(register, TWO)
    register.close_all()
    assert closed == [([ONE, TWO], END_SECONDS)]


def test_another_process_closes_its_own_sessions_only(register, closed):
    opened(register, ONE)
    opened(register, TWO, by=os.getpid() + 1)
    register.close_own(1.0, orphaned=False)
    register.close_own(2.0, orphaned=True)
    assert closed == [([ONE], 1.0), ([ONE, TWO], 2.0)]
    register._owner = os.getpid() + 1
    register.close_all()
    assert len(closed) == 2


class Child:
    """A process that multiprocessing would know as a worker, until it has ended."""

    def __init__(self, monkeypatch, *command):
        self.process = subprocess.Popen(command)
        monkeypatch.setattr(_sessions.multiprocessing, "active_children", lambda: [] if self.process.poll() is not None else [self])

    @property
    def pid(self):
        return self.process.pid

    def enter(self, register, session):
        """Report a session, and that the process runs a task of ours."""
        register._write({"worker": self.pid})
        opened(register, session, by=self.pid)


def test_a_signal_ends_the_workers_before_their_sessions_are_closed(register, closed, monkeypatch):
    child = Child(monkeypatch, "sleep", "600")
    child.enter(register, ONE)
    register.close_all(by_signal=True)
    assert child.process.wait() == -signal.SIGTERM
    assert closed == [([ONE], SIGN_OUT_SECONDS)]


def test_a_worker_that_does_not_end_closes_its_session_itself(register, closed, monkeypatch):
    monkeypatch.setattr(_sessions, "WORKER_SECONDS", 0.05)
    child = Child(monkeypatch, "sleep", "600")
    child.enter(register, ONE)
    opened(register, TWO)
    register.close_all()
    assert closed == [([TWO], END_SECONDS)] and child.process.poll() is None
    child.process.kill()
    child.process.wait()
    register.close_all()
    assert closed[1:] == [([ONE, TWO], END_SECONDS)]


# -- signals


def test_a_signal_closes_the_sessions_and_then_has_its_usual_effect(register, closed):
    seen = []
    signal.signal(NUMBER, lambda number, frame: seen.append((number, list(closed))))
    register.catch_signals()
    register.catch_signals()
    opened(register, ONE)
    os.kill(os.getpid(), NUMBER)
    assert seen == [(NUMBER, [([ONE], SIGN_OUT_SECONDS)])]


def test_a_second_signal_meanwhile_changes_nothing(register, closed, monkeypatch):
    seen = []
    signal.signal(NUMBER, lambda number, frame: seen.append(number))
    register.catch_signals()
    monkeypatch.setattr(_sessions, "sign_out", lambda connections, seconds: (closed.append(seconds), os.kill(os.getpid(), NUMBER)))
    os.kill(os.getpid(), NUMBER)
    assert (closed, seen) == ([SIGN_OUT_SECONDS], [NUMBER])


@pytest.mark.parametrize("handler", [signal.SIG_DFL, lambda number, frame: signal.signal(number, signal.SIG_DFL)])
def test_a_signal_with_the_default_effect_ends_the_process(register, closed, monkeypatch, handler):
    """Also when the previous handler only restores it."""
    dead = []
    monkeypatch.setattr(_sessions, "die", dead.append)
    signal.signal(NUMBER, handler)
    register.catch_signals()
    os.kill(os.getpid(), NUMBER)
    assert dead == [NUMBER] and len(closed) == 1


@pytest.mark.parametrize("owner", [True, False])
def test_a_handler_that_fails_does_not_keep_the_run_alive(register, closed, monkeypatch, owner):
    """That of Ansible asks a worker that it has closed whether it is alive. The other workers receive the signal from us, but not from one of them."""
    def fail(number, frame):
        raise ValueError("process object is closed")

    dead = []
    child = Child(monkeypatch, "sleep", "600")
    monkeypatch.setattr(_sessions, "die", dead.append)
    signal.signal(NUMBER, fail)
    register.catch_signals()
    if not owner:
        register._owner = os.getpid() + 1
    os.kill(os.getpid(), NUMBER)
    assert dead == [NUMBER] and len(closed) == owner
    if owner:
        assert child.process.wait(patience(30)) == -NUMBER
    else:
        assert child.process.poll() is None
        child.process.kill()
        child.process.wait()


def test_a_worker_that_has_inherited_the_handler_leaves_the_sessions_to_the_parent(register, closed):
    seen = []
    signal.signal(NUMBER, lambda number, frame: seen.append(number))
    register.catch_signals()
    register._owner = os.getpid() + 1
    os.kill(os.getpid(), NUMBER)
    assert (closed, seen) == ([], [NUMBER])
    register.catch_signals()
    assert signal.getsignal(NUMBER) == register._on_signal


def test_what_is_not_caught(register):
    """Below nohup a signal is ignored and stays so. Only the main thread can catch one."""
    signal.signal(NUMBER, signal.SIG_IGN)
    register.catch_signals()
    assert signal.getsignal(NUMBER) == signal.SIG_IGN
    signal.signal(NUMBER, signal.SIG_DFL)
    thread = threading.Thread(target=register.catch_signals)
    thread.start()
    thread.join()
    assert signal.getsignal(NUMBER) == signal.SIG_DFL
