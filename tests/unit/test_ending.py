# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a process: what is still sent, and what a signal does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._catalog.applying import Applier
from ansible_collections.zstack.aios.plugins.module_utils._pipeline import module
from ansible_collections.zstack.aios.plugins.module_utils._protocol import ending, http, jobs
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import Ending, Stop
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AnswerLostError, StoppedError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sessions import OpenSessions, session_only, sign_out

from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient
from ansible_collections.zstack.aios.tests.unit.support.local_server import answer, closed_port, hang_up, serving
from ansible_collections.zstack.aios.tests.unit.support.scripted import connection

SIGNED_IN = answer({"inventory": {"uuid": "5" * 32}})
JOB = answer({"location": "http://x/zstack/v1/api-jobs/1"}, 202)
RUNNING = answer({}, 202)


@pytest.fixture
def stop(monkeypatch):
    """A separate `Stop` instead of that of the process."""
    found = Stop()
    for user in (ending, http, jobs):
        monkeypatch.setattr(user, "STOP", found)
    monkeypatch.setattr("ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in.STOP", found)
    monkeypatch.setattr("ansible_collections.zstack.aios.plugins.module_utils._catalog.applying.STOP", found)
    return found


def client_for(port, **options):
    return module.Client(connection(host="127.0.0.1", port=port, **options))


# -- whether to continue


def test_nothing_stops_an_ordinary_process(stop):
    stop.check()
    assert stop.reason == ""


def test_a_pause_ends_with_the_request_to_stop(stop):
    stop.watch(lambda: False)
    started = time.monotonic()
    threading.Timer(0.1, stop.request, ["SIGTERM"]).start()
    stop.pause(patience(60))
    assert time.monotonic() - started < patience(30)
    with pytest.raises(StoppedError) as caught:
        stop.check()
    assert "stopped by SIGTERM" in caught.value.message and caught.value.error["code"] == "client.stopped"
    stop.pause(patience(60))  # returns at once


def test_a_pause_without_a_request_lasts(stop):
    stop.watch(lambda: False)
    started = time.monotonic()
    stop.pause(0.05)
    assert time.monotonic() - started >= 0.05


def test_a_pause_ends_when_nobody_waits_any_more(stop, monkeypatch):
    monkeypatch.setattr(ending, "LOOK_SECONDS", 0.05)
    looks = []
    stop.watch(lambda: looks.append(1) or len(looks) > 2)
    started = time.monotonic()
    stop.pause(patience(60))
    assert time.monotonic() - started < patience(30)
    with pytest.raises(StoppedError, match="the end of the process that waits for it"):
        stop.check()


# -- what is still sent


def test_only_the_sign_out_is_sent(stop):
    with serving(SIGNED_IN, answer({"inventories": []}), answer({})) as seen:
        client = client_for(seen.port)
        assert client.get("/v1/ai/models", "1" * 32) is None
        stop.request("SIGTERM")
        for call in (lambda: client.get("/v1/ai/models", "1" * 32), lambda: client.write(Write("UpdateModel", "PUT", "/v1/ai/models/1", {}))):
            with pytest.raises(StoppedError):
                call()
        client.close()
    assert [request.split()[0] for request in seen.requests] == ["PUT", "GET", "DELETE"]


def test_no_sign_in_after_the_signal(stop):
    with serving(SIGNED_IN) as seen:
        client = client_for(seen.port)
        stop.request("SIGTERM")
        with pytest.raises(StoppedError):
            client.get("/v1/ai/models", "1" * 32)
        client.close()
    assert seen.requests == []


def test_a_job_is_not_awaited_after_the_signal(stop):
    stop.watch(lambda: False)
    with serving(SIGNED_IN, JOB, RUNNING) as seen:
        client = client_for(seen.port, wait_timeout=600)
        threading.Timer(0.3, stop.request, ["SIGTERM"]).start()
        started = time.monotonic()
        with pytest.raises(StoppedError, match="a job that was started continues"):
            client.write(Write("UpdateModel", "PUT", "/v1/ai/models/1", {}))
        assert time.monotonic() - started < patience(30)
        client.close()
    assert len([request for request in seen.requests if "/v1/ai/models" in request]) == 1
    assert seen.requests[-1].startswith("DELETE /zstack/v1/accounts/sessions/")


def test_no_connection_is_tried_again_after_the_signal(stop):
    stop.watch(lambda: False)
    stop_later = threading.Timer(0.3, stop.request, ["SIGTERM"])
    stop_later.start()
    started = time.monotonic()
    with pytest.raises(StoppedError):
        client_for(closed_port(), retries=9).get("/v1/ai/models", "1" * 32)
    assert time.monotonic() - started < patience(30)


def test_a_lost_answer_is_not_asked_for_after_the_signal(stop):
    def lose(request):
        stop.request("SIGTERM")
        hang_up(request)

    with serving(SIGNED_IN, lose) as seen:
        client = client_for(seen.port)
        with pytest.raises((StoppedError, AnswerLostError)):
            client.write(Write("UpdateModel", "PUT", "/v1/ai/models/1", {}))
    assert len(seen.requests) == 2


def test_the_apply_of_a_catalog_starts_nothing_more(stop):
    """The first item that ends after the signal ends the apply."""
    class Task:
        """An item that is replaced by what it does."""

        waiting, failed, failure, skipped, error, uuid = True, False, None, None, None, None

        def __init__(self, number):
            self.item = type("Item", (), {"number": number})()

    done, applied = [], []
    applier = Applier(FakeClient(), False, 1, done.append)

    def carry_out(task):
        applied.append(task)
        stop.request("SIGTERM")

    applier._carry_out = carry_out
    with pytest.raises(StoppedError):
        applier.apply([Task(number) for number in range(50)], {})
    assert len(applied) == 1 and not done


# -- sign-outs from outside


def test_a_silent_server_is_left_alone_and_the_others_are_not(stop):
    with serving(answer({})) as seen:
        silent, other = (connection(host="127.0.0.1", port=port) for port in (closed_port(), seen.port))
        sessions = [session_only(silent, "a" * 32, 1), session_only(silent, "b" * 32, 1), session_only(other, "c" * 32, 1)]
        assert all(item.account_password is None and item.timeout == 1 for item in sessions)
        sign_out(sessions, patience(30))
        sign_out(sessions, -1)  # no time left
    assert seen.requests == ["DELETE /zstack/v1/accounts/sessions/" + "c" * 32]


def test_open_sessions_are_known_until_they_are_closed():
    with serving(answer({})) as seen:
        sessions = OpenSessions()
        watch = sessions.watcher(connection(host="127.0.0.1", port=seen.port))
        watch("a" * 32, True)
        watch("b" * 32, True)
        watch("a" * 32, False)
        sessions.sign_out(patience(30))
    assert seen.requests == ["DELETE /zstack/v1/accounts/sessions/" + "b" * 32]


# -- signals


def test_an_alarm_during_a_sign_in_rings_after_it(stop):
    """A task's timeout would lose a session whose uuid is not known yet."""
    rung = []

    def ring(number, frame):
        rung.append(number)
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with pytest.raises(TimeoutError):
            with stop.signing_in():
                assert stop.signs_in
                os.kill(os.getpid(), signal.SIGALRM)
                time.sleep(0.01)
                assert not rung
        assert rung == [signal.SIGALRM] and not stop.signs_in
        assert signal.getsignal(signal.SIGALRM) is ring
    finally:
        signal.signal(signal.SIGALRM, before)


PROCESS = """
    import os, signal, sys, time
    from ansible_collections.zstack.aios.plugins.module_utils._protocol import ending
    from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP, Ending
    ending.GRACE_SECONDS, ending.SIGN_OUT_SECONDS, ending.LOOK_SECONDS = 0.2, 0.2, 0.1
    STOP.watch(lambda: False)
    def sign_out(gently):
        print("signed out", gently, flush=True)
    # A test run in the background starts with some of them ignored.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    end = Ending(sign_out)
    end.catch()
    def hit(number=signal.SIGTERM):
        os.kill(os.getpid(), number)
"""
ENDS = {
    "idle": ("hit()\nprint('not reached')", "signed out True\n", signal.SIGTERM),
    "at work": ("with end.at_work():\n    hit()\n    STOP.pause(60)\n    print(STOP.reason)\nend.end()", "SIGTERM\nsigned out True\n", signal.SIGTERM),
    "at work, and too long": ("with end.at_work(0.2):\n    hit()\n    time.sleep(60)", "signed out False\n", signal.SIGTERM),
    "a sign-in is awaited": (
        "with end.at_work(0.2):\n    with STOP.signing_in():\n        hit()\n        time.sleep(0.6)\n        print('known')\n    time.sleep(60)",
        "known\nsigned out False\n", signal.SIGTERM),
    "a sign-out that hangs": (
        "end._sign_out = lambda gently: (print('hangs', flush=True), time.sleep(60))\nhit()", "hangs\n", signal.SIGTERM),
    "what others wait for is let go first": (
        "held = [1]\nend._may_end = lambda: not held\nhit()\ntime.sleep(0.1)\nprint('sent', flush=True)\nheld.clear()\ntime.sleep(60)",
        "sent\nsigned out True\n", signal.SIGTERM),
    "let go first, when the work takes too long": (
        "held = [1]\nend._may_end = lambda: not held\nwith end.at_work(0.1):\n    hit()\n    time.sleep(0.3)\n"
        "    print('sent', flush=True)\n    held.clear()\n    time.sleep(60)", "sent\nsigned out False\n", signal.SIGTERM),
    "the next work begins meanwhile": (
        "end._may_end = lambda: False\nhit()\nwith end.at_work():\n    STOP.pause(60)\n    print(STOP.reason)\nend.end()",
        "SIGTERM\nsigned out True\n", signal.SIGTERM),
    "twice": ("with end.at_work():\n    hit(signal.SIGINT)\n    hit()\nend.end()", "signed out True\n", signal.SIGINT),
    "done in time": ("with end.at_work(0.2):\n    hit()\ntime.sleep(0.4)\nprint('went on')", "went on\n", 0),
    "hangup": ("hit(signal.SIGHUP)", "signed out True\n", signal.SIGHUP),
    "quit": ("import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nhit(signal.SIGQUIT)", "signed out True\n", signal.SIGQUIT),
}


@pytest.mark.parametrize("case", ENDS)
def test_a_signal_ends_the_process(case):
    code, printed, number = ENDS[case]
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(PROCESS) + code], capture_output=True, encoding="utf-8", timeout=patience(30), check=False)
    assert (done.stdout, done.returncode) == (printed, -number), done.stderr


class Died(BaseException):
    """Replaces the end of the process; the signal."""


# What the process does, how often it cannot end yet, and what is signed out of: gently, or by connections of its own.
COURSES = {
    "idle": (lambda end: hit(), 0, [True]),
    "idle, and others wait": (lambda end: (hit(), time.sleep(patience(10))), 3, [True]),
    "at work": (lambda end: work(end, lambda: (hit(signal.SIGINT), hit(), ending.STOP.pause(patience(10)))), 0, [True]),
    "at work, and too long": (lambda end: work(end, lambda: (hit(), time.sleep(patience(10)))), 0, [False]),
    "at work, too long, and others wait": (lambda end: work(end, lambda: (hit(), time.sleep(patience(10)))), 3, [False]),
}


def hit(number=signal.SIGTERM):
    os.kill(os.getpid(), number)


def work(end, what):
    with end.at_work(0.02):
        what()
    end.end()


@pytest.mark.parametrize("course", COURSES)
def test_the_end_of_this_process(stop, monkeypatch, course):
    """As in a process of its own, which does not show what it has run."""
    action, held, expected = COURSES[course]
    handlers = {number: signal.getsignal(number) for number in (*ending.SIGNALS, signal.SIGALRM)}
    signed_out, looks, passed_on = [], [], []

    def die(number):
        raise Died(number)

    monkeypatch.setattr(ending, "die", die)
    stop.watch(lambda: False)
    end = Ending(signed_out.append, lambda: passed_on.append(True), lambda: looks.append(1) or len(looks) > held)
    try:
        end.catch()
        with pytest.raises(Died) as caught:
            action(end)
        assert caught.value.args == (end.signal,) and stop.reason == signal.Signals(end.signal).name
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert signed_out == expected and passed_on == [True] * ("at work" in course)


def test_a_worker_that_is_ended_leaves_no_lock_behind():
    """The queue to the parent has a lock that all workers share. The parent takes it as well, when it has ended them."""
    code = """
        import multiprocessing, os, signal, threading, time
        from ansible_collections.zstack.aios.plugins.plugin_utils._worker import at_work
        context = multiprocessing.get_context("fork")
        class WorkerProcess(context.Process):
            def __init__(self, queue, ready, other):
                super().__init__()
                self._final_q, self._ready, self._other = queue, ready, other
            def run(self):
                with at_work():
                    pass
                if self._other:
                    threading.Thread(target=self.send).start()
                else:
                    self.send()
                time.sleep(60)
            def send(self):
                with self._final_q._wlock:
                    self._ready.set()
                    time.sleep(0.3)
        for other in (False, True):
            queue, ready = context.SimpleQueue(), context.Event()
            worker = WorkerProcess(queue, ready, other)
            worker.start()
            ready.wait()
            worker.terminate()
            worker.join()
            print(queue._wlock.acquire(timeout=1), worker.exitcode)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, encoding="utf-8", timeout=patience(30), check=False)
    assert done.stdout == "True -15\n" * 2, done.stdout + done.stderr


def test_an_ignored_signal_stays_ignored():
    code = textwrap.dedent(PROCESS).replace("end.catch()", "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nend.catch()") + "hit(signal.SIGHUP)\nprint('on')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=patience(30), check=False)
    assert (done.stdout, done.returncode) == ("on\n", 0)


def test_a_module_sees_that_nobody_reads_its_result():
    code = "from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import _has_no_reader\nimport sys, time\n"
    code += "print(_has_no_reader(), flush=True)\nsys.stdin.readline()\nprint(_has_no_reader(), file=sys.stderr)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout.readline() == "False\n"
        process.stdout.close()
        process.stdin.write("\n")
        process.stdin.close()
        assert process.stderr.read() == "True\n"
