# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the server after a signal has ended a run: no open session, and no write that was not started before."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import time
import typing as t

import pytest
from simulator.testing import patience

from .conftest import Collection, reset
from .test_catalog import Runner
from .test_cases import MODEL

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("real_processes")]

CENTER = "ebf96ce1de2c46fa8af9d503c29bb93d"
UPDATE = {"name": "Update", "zstack.aios.zstack_ai_model": {"uuid": MODEL, "vendor": "{{ item }}"}, "loop": ["a", "b", "c"]}
SESSION_DEFAULTS = {"account_name": None, "account_password": None, "session_uuid": "{{ zstack.session_uuid | default(omit) }}"}
SIGN_IN = {"name": "Sign in", "zstack.aios.zstack_session": {"account_name": "admin", "account_password": "password"}, "register": "zstack"}
SLEEP = {"name": "Sleep", "ansible.builtin.command": "sleep 60"}
MANY = 400
APPLY = {"name": "Apply", "zstack.aios.zstack_ai_catalog": {
    "concurrency": 16, "rate_limit": 60000,
    "models": [{"name": "m%d" % number, "model_id": "m%d" % number, "model_center_uuid": CENTER, "install_path": "file:///m"} for number in range(MANY)]}}


def wait_for(condition, seconds=100.0):
    deadline = time.monotonic() + patience(seconds)
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within %s seconds" % patience(seconds)
        time.sleep(0.02)


def calls(simulator, name):
    return simulator.stats()["calls"].get(name, 0)


def has_fired(simulator):
    return any(fault["fired"] for fault in simulator.faults())


# The moment of the signal: the tasks, the faults of the simulator, and how to detect the moment.
MOMENTS = {
    "sign-in": ([UPDATE], lambda simulator: simulator.fault("slow", match={"call": "LogInByAccount"}, ms=patience(700)), has_fired),
    "write": ([UPDATE], lambda simulator: simulator.fault("slow", match={"call": "UpdateModel"}, ms=patience(700)), has_fired),
    "job": ([UPDATE], lambda simulator: simulator.configure(job_ms=patience(60000)), lambda simulator: calls(simulator, "PollJob") > 1),
    "pause": ([{**UPDATE, "loop_control": {"pause": 60}}], lambda simulator: None, lambda simulator: calls(simulator, "PollJob") > 0),
    "catalog": ([APPLY], lambda simulator: simulator.configure(job_ms=patience(400)), lambda simulator: calls(simulator, "AddModel") > 20),
    "session": ([SIGN_IN, SLEEP], lambda simulator: None, lambda simulator: simulator.stats()["sessions"] == 1),
}
ALONE, GROUP = os.kill, os.killpg


@pytest.mark.parametrize("execution,moment,number,send", [
    ("worker", "sign-in", signal.SIGTERM, ALONE),
    ("worker", "catalog", signal.SIGTERM, GROUP),
    ("worker", "catalog", signal.SIGKILL, ALONE),
    ("worker", "write", signal.SIGINT, ALONE),
    ("worker", "job", signal.SIGHUP, ALONE),
    ("worker", "pause", signal.SIGQUIT, ALONE),
    ("worker", "pause", signal.SIGKILL, ALONE),
    ("worker", "session", signal.SIGTERM, ALONE),
    ("module", "sign-in", signal.SIGTERM, GROUP),
    ("module", "write", signal.SIGHUP, ALONE),
    ("module", "job", signal.SIGINT, ALONE),
    ("module", "pause", signal.SIGQUIT, GROUP),
    ("module", "catalog", signal.SIGKILL, ALONE),
    ("module", "catalog", signal.SIGTERM, ALONE),
    ("module", "session", signal.SIGINT, GROUP),
])
def test_a_signal_leaves_no_session_and_starts_no_write(collection: Collection, simulator, tmp_path, execution, moment, number, send):
    tasks, prepare, is_time = MOMENTS[moment]
    prepare(simulator)
    path = collection.write_playbook(*tasks, connection=SESSION_DEFAULTS if moment == "session" else {}, vars={"zstack_aios_execution": execution})
    with started(collection, path) as process:
        wait_for(lambda: is_time(simulator))
        send(process.pid, number)
        status = process.wait(patience(100))
        # A process that is ended by SIGKILL cannot wait for its workers.
        if number != signal.SIGKILL:
            assert simulator.stats()["sessions"] == 0
    assert status == (99 if number == signal.SIGINT else -number)
    wait_for(lambda: simulator.stats()["sessions"] == 0)
    writes = len(simulator.writes())
    time.sleep(0.5)
    assert len(simulator.writes()) == writes
    assert simulator.stats()["sign_ins"] == 1
    assert writes <= (MANY / 2 if moment == "catalog" else 1)
    if number == signal.SIGKILL:
        assert_completed(collection, simulator, tmp_path)


def assert_completed(collection: Collection, simulator, directory: pathlib.Path):
    """Check that the next run completes the work of a killed one, and creates nothing twice."""
    simulator.configure(job_ms=0)
    runner = Runner(collection, directory)
    assert runner.run(**APPLY["zstack.aios.zstack_ai_catalog"])["changed"]
    names = [row["name"] for row in simulator.state()["models"] if row["name"] in {"m%d" % number for number in range(MANY)}]
    assert len(names) == len(set(names)) == MANY
    assert not runner.run(**APPLY["zstack.aios.zstack_ai_catalog"])["changed"]


def test_a_module_that_is_stopped_says_so(collection: Collection, simulator, tmp_path: pathlib.Path):
    """The signal reaches only the module; the play continues with a failed task."""
    simulator.configure(job_ms=patience(60000))
    task = {**UPDATE, "loop": ["a"]}
    output = tmp_path / "output"
    with started(collection, collection.write_playbook(task, vars={"zstack_aios_execution": "module"}), output) as process:
        wait_for(lambda: calls(simulator, "PollJob") > 1)
        for pid in modules_below(process.pid):
            os.kill(pid, signal.SIGTERM)
        status = process.wait(patience(100))
        assert status == 2, output.read_text(encoding="utf-8")
    text = " ".join(output.read_text(encoding="utf-8").split())
    assert "stopped by SIGTERM" in text and "a job that was started continues on the server" in text
    assert simulator.stats()["sessions"] == 0


@pytest.mark.parametrize("execution", ["worker", "module"])
def test_a_timeout_leaves_no_session(collection: Collection, simulator, execution):
    """The alarm rings in the middle of the sign-in."""
    # On a busy machine, a short time is over before the sign-in begins.
    for seconds in (3, 10, 30):
        reset(simulator)
        simulator.fault("slow", match={"call": "LogInByAccount"}, ms=1500 * seconds)
        # The answer comes within the time limit of a request. If it did not, the sign-in would be lost, and its session with it.
        done = collection.playbook(
            {**UPDATE, "loop": ["a"], "timeout": seconds, "ignore_errors": True}, vars={"zstack_aios_execution": execution},
            connection={"timeout": 300})
        if has_fired(simulator):
            break
    # Ansible-core words it in one of two ways.
    assert done.returncode == 0 and any(words in done.stdout.lower() for words in ("timeout", "expected time frame (%d)" % seconds)), done.stdout
    assert has_fired(simulator)
    # Until the sign-in ends at the server, if its client is still there.
    time.sleep(1.5 * seconds)
    wait_for(lambda: simulator.stats()["sessions"] == 0)


def test_a_worker_that_is_killed_leaves_no_session(collection: Collection, simulator):
    simulator.fault("slow", match={"call": "UpdateModel"}, times=0, ms=patience(20000))
    with started(collection, collection.write_playbook(UPDATE)) as process:
        wait_for(lambda: has_fired(simulator))
        for pid in below(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait(patience(100))
    assert simulator.stats()["sessions"] == 0


def listen() -> None:
    """Restore signals that a test run in the background ignores, because its child processes would ignore them as well."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def started(collection: Collection, path: pathlib.Path, output: pathlib.Path | None = None) -> t.Iterator[subprocess.Popen]:
    with open(output or os.devnull, "w", encoding="utf-8") as file:
        process = subprocess.Popen(["ansible-playbook", str(path)], env=collection.environment(), stdout=file, stderr=file, start_new_session=True,
                                   preexec_fn=listen)
    with process:
        try:
            yield process
        finally:
            process.kill()


def below(pid: int) -> dict[int, str]:
    """Return the processes below a process, with their commands."""
    rows = [line.split(None, 2) for line in subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, encoding="utf-8", check=True).stdout.splitlines()]
    found, parents = {}, [pid]
    for parent in parents:
        children = {int(row[0]): row[2] for row in rows if int(row[1]) == parent}
        found.update(children)
        parents.extend(children)
    return found


def modules_below(pid: int) -> list[int]:
    return [found for found, command in below(pid).items() if "ansible-playbook" not in command and not command.split()[0].endswith("sh")]
