# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A management node made of a script: each request is checked against the next expected one and gets its answer."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import io
import json
import typing as t
import urllib.parse
from unittest import mock

import requests
import requests.adapters
import urllib3

from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection

ADMIN = {"account_name": "admin", "account_password": "s3cret-Passw0rd"}
SESSION = "7d1c0f3a52e84a6f9b0c1d2e3f405162"
LOGIN_PATH = "/v1/accounts/login"


@dataclasses.dataclass
class Expected:
    """One request that has to come, and its answer.

    :param path: from ``/v1`` on, without the query; ``{job}`` represents the job uuid of the last write.
    :param sent: the JSON body that the request must have; `Ellipsis` for any.
    :param query: the pairs that the request must have; `Ellipsis` for any.
    :param body: a dictionary for JSON, or text; ``{job}`` in it is replaced.
    :param raises: makes the exception that is raised instead of an answer.
    :param headers: of the answer.
    :param check: called with the request.
    """

    method: str
    path: str
    body: t.Any = None
    status: int = 200
    sent: t.Any = ...
    query: t.Any = ...
    raises: t.Callable[[], BaseException] | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    check: t.Callable[[requests.PreparedRequest], None] | None = None


on = Expected


class Script:
    """The expected requests in order. Anything else is a failure, and so is one that never came."""

    def __init__(self, *expected: Expected, base: str = "http://mn.example:8080/zstack") -> None:
        self._left = list(expected)
        self._base = base
        self.seen: list[requests.PreparedRequest] = []
        self.jobs: list[str] = []
        self.failures: list[str] = []

    def __call__(self, adapter: t.Any, request: requests.PreparedRequest, **kwargs: t.Any) -> requests.Response:
        """Replaces ``HTTPAdapter.send``."""
        self.seen.append(request)
        job = request.headers.get("X-Job-UUID")
        if job:
            self.jobs.append(job)
        try:
            assert self._left, "an unexpected %s %s" % (request.method, request.url)
            expected = self._left.pop(0)
            self._compare(expected, request)
        except AssertionError as error:
            # Kept as well, in case the code under test swallows it.
            self.failures.append(str(error))
            raise
        if expected.raises is not None:
            raise expected.raises()
        return self._answer(expected, request)

    def _filled(self, text: str) -> str:
        return text.replace("{job}", self.jobs[-1] if self.jobs else "no-job")

    def _compare(self, expected: Expected, request: requests.PreparedRequest) -> None:
        parts = urllib.parse.urlsplit(str(request.url))
        asked = "%s %s" % (request.method, str(request.url))
        assert str(request.url).startswith(self._base + "/v1/"), asked
        path = "%s://%s%s" % (parts.scheme, parts.netloc, parts.path)
        wanted = (expected.method, self._base + self._filled(expected.path))
        assert (request.method, path) == wanted, "%s %s came, and %s %s was expected" % (request.method, path, *wanted)
        if expected.query is not ...:
            found = urllib.parse.parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
            assert found == list(expected.query), "%s has the query %r" % (asked, found)
        if expected.sent is not ...:
            found = None if request.body is None else json.loads(request.body)
            assert found == expected.sent, "%s has the body %r" % (asked, found)
        if expected.check is not None:
            expected.check(request)

    def _answer(self, expected: Expected, request: requests.PreparedRequest) -> requests.Response:
        text = "" if expected.body is None else expected.body if isinstance(expected.body, str) else json.dumps(expected.body)
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(self._filled(text).encode("utf-8")), headers=expected.headers, status=expected.status, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    @contextlib.contextmanager
    def playing(self) -> t.Iterator[Script]:
        """Return a context in which no request leaves the process. At its end, all expected requests must have been sent."""
        def send(adapter: t.Any, request: requests.PreparedRequest, **kwargs: t.Any) -> requests.Response:
            return self(adapter, request, **kwargs)

        with mock.patch.object(requests.adapters.HTTPAdapter, "send", send):
            yield self
        assert not self.failures, self.failures
        assert not self._left, "never asked: %s" % ["%s %s" % (item.method, item.path) for item in self._left]

    def forget(self) -> None:
        """Drop the expected requests that were not sent yet."""
        self._left.clear()

    def paths(self) -> list[str]:
        """Return what was asked, for a count."""
        return ["%s %s" % (request.method, urllib.parse.urlsplit(str(request.url)).path.replace("/zstack", "", 1)) for request in self.seen]


def connection(**options: t.Any) -> Connection:
    """Return a connection to the scripted node. The default sign-in uses an account name and password."""
    values: dict[str, t.Any] = {
        "host": "mn.example", "port": 8080, "protocol": "http", "context_path": "/zstack", "validate_certs": True, "timeout": 60,
        "wait_timeout": 1800,
        "retries": 4}
    if not {"session_uuid", "access_key_id"} & set(options):
        values.update(ADMIN)
    return Connection(**{**values, **options})


@contextlib.contextmanager
def talking(*expected: Expected, **options: t.Any) -> t.Iterator[tuple[Client, Script]]:
    """A client that talks to a script. It is not closed: closing signs out, which the script would have to expect."""
    script = Script(*expected)
    with script.playing():
        yield Client(connection(**options)), script


def login(session: str = SESSION, **more: t.Any) -> Expected:
    """Return a sign-in that works."""
    return on("PUT", LOGIN_PATH, {"inventory": {"uuid": session, "accountUuid": "a" * 32}}, **more)


def accepted(method: str, path: str, **more: t.Any) -> Expected:
    """Return a write that becomes a job. The location names a host that the client cannot reach."""
    body = {"location": "http://10.255.255.1:8080/zstack/v1/api-jobs/{job}", "apiTimeout": 1800000}
    return on(method, path, body, 202, **more)


def job(body: t.Any = None, status: int = 200, **more: t.Any) -> Expected:
    """Return one look at the job of the last write."""
    return on("GET", "/v1/api-jobs/{job}", {} if body is None else body, status, **more)


def running() -> Expected:
    """Return a look at a job that runs."""
    return job({}, 202)


def unknown_job() -> Expected:
    """Return a look at a job that the server does not know."""
    return job("the job has been expired", 404)


def error(code: str, status: int = 503, **more: t.Any) -> dict[str, t.Any]:
    """Return the answer of a refusal, as keyword arguments of `Expected`."""
    return {"status": status, "body": {"error": {"code": code, "description": "described", **more}}}


def expired() -> dict[str, t.Any]:
    """Return the answer for a session that the server does not know."""
    return error("ID.1001", details="Session expired")


def lost() -> requests.exceptions.RequestException:
    """Return the failure of requests when the other side closes the connection without an answer."""
    inner = http.client.RemoteDisconnected("Remote end closed connection without response")
    return requests.exceptions.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", inner))


def cut() -> requests.exceptions.RequestException:
    """Return the failure of requests when a body ends too early."""
    return requests.exceptions.ChunkedEncodingError(urllib3.exceptions.ProtocolError("Connection broken", http.client.IncompleteRead(b"{", 100)))


def read_timeout() -> requests.exceptions.RequestException:
    """Return the failure of requests when no answer comes in time."""
    return requests.exceptions.ReadTimeout(urllib3.exceptions.ReadTimeoutError(None, "/", "Read timed out. (read timeout=60)"))


def unreachable() -> requests.exceptions.RequestException:
    """Return the failure of requests when no connection is made."""
    inner = urllib3.exceptions.NewConnectionError(None, "Failed to establish a new connection: [Errno 111] Connection refused")
    return requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(None, "/zstack", inner))
