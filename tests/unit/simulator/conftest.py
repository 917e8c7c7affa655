# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the simulator's own tests: one simulator process, reset before each test."""
from __future__ import annotations

import hashlib
import os
import sys
import time
from importlib.util import find_spec

import pytest
import requests
from simulator.testing import patience

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)

# The simulator needs more than the collection does: without that there is nothing to test here.
collect_ignore_glob = [] if find_spec("aiohttp") and find_spec("yaml") else ["test_*.py"]

CENTER = "ebf96ce1de2c46fa8af9d503c29bb93d"
CENTER_2 = "432c5fdd49374bb0a2fd7877f0a877cf"
MODEL = "059d19eb310f36d4a7f43f51eaab87b8"
SERVICE = "d76744cb53f9378abf42b907df3efb6e"
OTHER_SERVICE = "c0a1e5d37b2f4c869d0e1f2a3b4c5d6e"


class Names:
    """Uuids of the demo seed."""

    center = CENTER
    center_2 = CENTER_2
    model = MODEL
    service = SERVICE
    other_service = OTHER_SERVICE


class Answer:
    """Status, text and JSON of an answer."""

    def __init__(self, response: requests.Response) -> None:
        self.status = response.status_code
        self.text = response.content.decode()
        self.headers = response.headers
        self.response = response

    @property
    def json(self) -> dict:
        """Return the parsed body."""
        return self.response.json()

    @property
    def code(self) -> str:
        """Return the error code of the body."""
        return self.json["error"]["code"]

    @property
    def details(self) -> str:
        """Return the details of the error."""
        return self.json["error"]["details"]

    @property
    def inventory(self) -> dict:
        """Return the inventory of a success."""
        assert self.status == 200, self.text
        return self.json["inventory"]


class Client:
    """A deliberately plain client: no retries, nothing clever."""

    def __init__(self, simulator) -> None:
        self.simulator = simulator
        self.http = requests.Session()
        self.http.trust_env = False
        self.session = None

    def raw(self, method: str, path: str, **options) -> Answer:
        """Send a request as it is."""
        return Answer(self.http.request(method, self.simulator.url + path, timeout=patience(20), **options))

    def login(self, name: str = "admin", password: str = "password", **extra) -> Answer:
        """Sign in and keep the session."""
        body = {"logInByAccount": {"accountName": name, "password": hashlib.sha512(password.encode()).hexdigest()}, **extra}
        answer = self.raw("PUT", "/v1/accounts/login", json=body)
        if answer.status == 200:
            self.session = answer.inventory["uuid"]
        return answer

    def send(self, method: str, path: str, body: object = None, params: object = None, headers: dict | None = None, data: object = None) -> Answer:
        """Send a request with the session."""
        headers = {"Authorization": f"OAuth {self.session}", **(headers or {})}
        return self.raw(method, path, json=body, params=params, headers=headers, data=data)

    def get(self, path: str, *conditions: str, **params) -> Answer:
        """Query."""
        return self.send("GET", path, params=[("q", text) for text in conditions] + list(params.items()))

    def names(self, path: str, *conditions: str, **params) -> list[str]:
        """Return the sorted names that a query finds."""
        answer = self.get(path, *conditions, **params)
        assert answer.status == 200, answer.text
        return sorted(item["name"] for item in answer.json["inventories"])

    def poll(self, job: str, seconds: float = 5.0) -> Answer:
        """Poll until the job has ended or the time is over; return the last answer."""
        deadline = time.monotonic() + patience(seconds)
        while True:
            answer = self.raw("GET", f"/v1/api-jobs/{job}")
            if answer.status != 202 or time.monotonic() > deadline:
                return answer
            time.sleep(0.005)

    def do(self, method: str, path: str, body: object = None, **options) -> Answer:
        """Send a call and wait for its job."""
        answer = self.send(method, path, body, **options)
        return self.poll(answer.json["location"].rsplit("/", 1)[1]) if answer.status == 202 else answer


@pytest.fixture(scope="session", name="process")
def process_fixture():
    """One simulator for all tests."""
    from simulator.testing import RunningSimulator  # pylint: disable=import-outside-toplevel

    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture(name="sim")
def sim_fixture(process):
    """The simulator, with the demo seed and nothing else."""
    process.reset()
    return process


@pytest.fixture(name="client")
def client_fixture(sim):
    """A client which is signed in as admin."""
    client = Client(sim)
    assert client.login().status == 200
    return client


@pytest.fixture(name="make_client")
def make_client_fixture():
    """The class, for further clients."""
    return Client


@pytest.fixture(name="ids")
def ids_fixture():
    """Uuids of the demo seed."""
    return Names
