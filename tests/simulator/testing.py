# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Help for tests: run the simulator as a process of its own. Needs requests; the simulator's Python needs aiohttp and PyYAML."""
from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import requests

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ADMIN = {"account_name": "admin", "account_password": "password"}
ACCESS_KEY = {"access_key_id": "AKIDEXAMPLE000000001", "access_key_secret": "s3cr3tKeyForTestVectors0123456789abcdefG"}
READY = re.compile(r"^ZStack simulator on (http://([^:/]+):(\d+)(\S*)) ")


def patience(seconds: float) -> float:
    """Return a duration of a test on this machine, in the unit that it is given in.

    Every time limit of a test passes through here, and so does every delay that a test compares with a limit. The variable TEST_TIME_FACTOR
    multiplies all of them; without it they suit a machine that has two processors and nothing else to do.

    :raises ValueError: the variable is not a positive number.
    """
    given = os.environ.get("TEST_TIME_FACTOR") or "1"
    try:
        factor = float(given)
    except ValueError:
        factor = 0.0
    if not 0 < factor < float("inf"):
        raise ValueError(f"TEST_TIME_FACTOR: {given!r} is not a positive number")
    return seconds * factor


class RunningSimulator:
    """A simulator in a subprocess; a context manager, ready when entered.

    Options of the command line are given as keywords: ``RunningSimulator(seed="none", latency_ms=5, dialect="diagnostic")``.

    :param python: interpreter to run it with; default the one that runs the tests.
    :param db: database file; default a temporary one, so that `restart` finds everything again.
    :param start_timeout: seconds to wait for the line which says that it is ready.
    """

    def __init__(self, python: str | None = None, db: str | None = None, start_timeout: float = 20.0, **options: object) -> None:
        self.python = python or sys.executable
        self.options = dict(options)
        self.start_timeout = start_timeout
        self.directory = tempfile.mkdtemp(prefix="zstack-simulator-")
        self.db = db or os.path.join(self.directory, "simulator.sqlite3")
        self.host = str(self.options.pop("host", "127.0.0.1"))
        self.port = int(self.options.pop("port", 0))
        self.context_path = "/zstack"
        self.process: subprocess.Popen | None = None
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> RunningSimulator:
        return self.start()

    def __exit__(self, *unused_exception: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Return the base URL with the context path, e.g. http://127.0.0.1:41234/zstack."""
        return f"http://{self.host}:{self.port}{self.context_path}"

    def start(self) -> RunningSimulator:
        """Start the process and wait until it is ready."""
        command = [self.python, "-m", "simulator", "--host", self.host, "--port", str(self.port), "--db", self.db]
        for name, value in self.options.items():
            command += ["--" + name.replace("_", "-") + "=" + str(value)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (TESTS, os.environ.get("PYTHONPATH"))))}
        errors = open(os.path.join(self.directory, "stderr.txt"), "ab")  # pylint: disable=consider-using-with
        with errors:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                command, stdout=subprocess.PIPE, stderr=errors, env=environment, cwd=self.directory, encoding="utf-8")
        matched = READY.match(self.process.stdout.readline())
        if not matched:
            self.kill()
            raise RuntimeError(f"the simulator did not start: {self.errors()}")
        self.port = int(matched.group(3))
        self.context_path = matched.group(4)
        self._wait_for_port()
        return self

    def _wait_for_port(self) -> None:
        deadline = time.monotonic() + patience(self.start_timeout)
        while True:
            try:
                self.control("GET", "config")
                return
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def errors(self) -> str:
        """Return what the process wrote to stderr."""
        with open(os.path.join(self.directory, "stderr.txt"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self) -> None:
        """End the process with SIGTERM and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process with SIGKILL: jobs that are running then stay `processing` forever."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(patience(10))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(patience(10))
        self.process.stdout.close()
        self.process = None
        self._http.close()

    def restart(self, kill: bool = False) -> RunningSimulator:
        """Stop (or kill) and start again on the same port with the same database; configuration, log and faults are lost."""
        if kill:
            self.kill()
        else:
            self.stop()
        return self.start()

    def close(self) -> None:
        """Stop and remove the temporary files."""
        self.stop()
        self._http.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def control(self, method: str, path: str, json: object = None) -> dict:
        """Call the control API, e.g. ``control("PUT", "config", {"job_ms": 50})``; raise ValueError with its message on 400."""
        address = f"http://{self.host}:{self.port}/_simulator/{path.removeprefix('/_simulator/').lstrip('/')}"
        answer = self._http.request(method, address, json=json, timeout=patience(60))
        document = answer.json()
        if answer.status_code != 200:
            raise ValueError(document.get("error", answer.text))
        return document

    def log(self, since: int = 0) -> list[dict]:
        """Return the entries of the request log after a sequence number."""
        return self.control("GET", f"log?since={since}")["requests"]

    def clear_log(self) -> None:
        """Forget the request log and the counts."""
        self.control("DELETE", "log")

    def writes(self, validation_only: bool = False) -> list[dict]:
        """Return the entries of calls that can change the platform; dry runs (validationOnly) only when asked for, and then with the others."""
        return [entry for entry in self.log() if entry["write"] and (validation_only or not entry["validation_only"])]

    def stats(self) -> dict:
        """Return sessions, sign_ins, connections, requests and calls."""
        return self.control("GET", "stats")

    def state(self, internal: bool = False) -> dict:
        """Return every stored kind as a list of inventories; `internal` adds what no query shows, such as `_settings` of a group."""
        return self.control("GET", "state?internal=1" if internal else "state")

    def advance(self, milliseconds: float) -> None:
        """Move the server's clock forward: deployments, evaluations and late tags that are due then end at once."""
        self.control("POST", "advance", {"ms": milliseconds})

    def endpoints(self) -> list[dict]:
        """Return what listens for deployed instances: group, instance, url, ready, requests."""
        return self.control("GET", "endpoints")["endpoints"]

    def reset(self, seed: object = "default") -> None:
        """Wipe everything (also faults, log and configuration) and load a seed: a dict, "default", or None."""
        self.control("POST", "reset", {"seed": seed})

    def seed(self, document: dict) -> None:
        """Add or replace objects."""
        self.control("POST", "seed", document)

    def fault(self, kind: str, match: dict | None = None, times: int = 1, **options: object) -> dict:
        """Arm a fault, e.g. ``fault("drop_after", {"call": "UpdateModel"})``."""
        return self.control("POST", "faults", {"kind": kind, "match": match or {}, "times": times, **options})

    def faults(self) -> list[dict]:
        """Return the armed faults and how often each fired."""
        return self.control("GET", "faults")["faults"]

    def clear_faults(self) -> None:
        """Disarm all faults."""
        self.control("DELETE", "faults")

    def configure(self, **changes: object) -> dict:
        """Change the configuration; return all of it."""
        return self.control("PUT", "config", changes)
