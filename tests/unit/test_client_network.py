# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client on real connections: what requests does on its own, and how failures of the network are reported."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, OptionError, OutcomeUnknownError, ProtocolError, UnreachableError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.tests.simulator.testing import patience
from ansible_collections.zstack.aios.tests.unit.support.local_server import answer, closed_port, cut_body, hang_up, self_signed, serving
from ansible_collections.zstack.aios.tests.unit.support.scripted import connection

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
SESSION = "7d1c0f3a52e84a6f9b0c1d2e3f405162"
MODELS = "/v1/ai/models"
ONE = "/zstack/v1/ai/models/u1"
FOUND = {"inventories": [{"uuid": "u1"}]}
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})


@contextlib.contextmanager
def client(port, **options):
    """A client of a server on this machine."""
    values = {"host": "127.0.0.1", "port": port, "session_uuid": SESSION, "retries": 0, "timeout": 5, **options}
    found = Client(connection(**values))
    try:
        yield found
    finally:
        found.close()


def test_the_password_of_a_netrc_is_not_used(monkeypatch, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving(answer(FOUND)) as seen, client(seen.port) as one:
        one.get(MODELS, "u1")
    assert [headers["Authorization"] for headers in seen.headers] == ["OAuth " + SESSION]


def test_cookies_are_not_kept():
    with serving(answer(FOUND, Set_Cookie="JSESSIONID=abc; Path=/")) as seen, client(seen.port) as one:
        one.get(MODELS, "u1")
        one.get(MODELS, "u1")
    assert len(seen.headers) == 2 and not [headers for headers in seen.headers if "Cookie" in headers]


def test_one_connection_serves_many_calls(monkeypatch):
    made = []
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *args, **more: made.append(args) or connect(*args, **more))
    from urllib3.util import connection as urllib3_connection

    create = urllib3_connection.create_connection
    monkeypatch.setattr(urllib3_connection, "create_connection", lambda *args, **more: made.append(args) or create(*args, **more))
    with serving(answer(FOUND)) as seen, client(seen.port) as one:
        for _unused in range(3):
            one.get(MODELS, "u1")
    assert len(seen.requests) == 3 and len(made) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_by_a_read(status):
    with serving(answer({"text": "moved"}, status, Location="/zstack/v1/elsewhere")) as seen, client(seen.port) as one:
        with pytest.raises(ProtocolError, match="was redirected to /zstack/v1/elsewhere"):
            one.get(MODELS, "u1")
    assert set(seen.requests) == {"GET " + ONE}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_by_a_write(status):
    with serving(answer({"text": "moved"}, status, Location="/zstack/v1/elsewhere")) as seen, client(seen.port) as one:
        with pytest.raises(ProtocolError, match="was redirected to /zstack/v1/elsewhere"):
            one.write(UPDATE)
    assert seen.requests == ["PUT " + ONE]


@pytest.mark.parametrize("broken", [cut_body, hang_up])
def test_a_read_survives_a_broken_connection(broken):
    with serving(broken, broken, answer(FOUND)) as seen, client(seen.port, retries=3) as one:
        assert one.get(MODELS, "u1") == {"uuid": "u1"}
    assert seen.requests == ["GET " + ONE] * 3


@pytest.mark.parametrize("broken", [cut_body, hang_up])
def test_a_broken_connection_is_reported(broken):
    with serving(broken) as seen, client(seen.port) as one:
        with pytest.raises(AnswerLostError, match=r"^GET http://127\.0\.0\.1:\d+/zstack/v1/ai/models/u1 was sent, and the answer was lost: "):
            one.get(MODELS, "u1")
    assert len(seen.requests) == 1


@pytest.mark.parametrize("broken", [cut_body, hang_up])
def test_a_write_on_a_broken_connection_is_asked_for_and_not_repeated(broken):
    with serving(broken, answer({"inventory": {"uuid": "u1"}})) as seen, client(seen.port, retries=3) as one:
        assert one.write(UPDATE) == {"inventory": {"uuid": "u1"}}
    job = seen.headers[0]["X-Job-UUID"]
    assert seen.requests == ["PUT " + ONE, "GET /zstack/v1/api-jobs/" + job]


def test_a_server_that_does_not_answer_in_time():
    def wait(request):
        time.sleep(1.5)
        request.close_connection = True

    with serving(wait) as seen, client(seen.port, timeout=1) as one:
        with pytest.raises(AnswerLostError, match="answer was lost: .*timed out"):
            one.get(MODELS, "u1")
    assert len(seen.requests) == 1


def test_a_port_on_which_nothing_listens():
    port = closed_port()
    with client(port, retries=2) as one:
        for act in (lambda: one.get(MODELS, "u1"), lambda: one.write(UPDATE)):
            with pytest.raises(UnreachableError) as caught:
                act()
            assert caught.value.message.startswith("Could not connect to 127.0.0.1 port %d: " % port)
            assert "refused" in caught.value.message and "Check host and port, and that the management node is running." in caught.value.message


def test_a_name_that_nobody_knows(monkeypatch):
    def unknown(*args, **more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with client(8080, host="mn.invalid") as one:
        with pytest.raises(UnreachableError, match="Could not connect to mn.invalid port 8080: .*Name or service not known.*Check host and port"):
            one.get(MODELS, "u1")


def test_a_connection_that_is_not_made_in_time(monkeypatch):
    def slow(self, address):
        raise socket.timeout("timed out")

    monkeypatch.setattr(socket.socket, "connect", slow)
    with client(8080) as one:
        with pytest.raises(UnreachableError, match="Could not connect to 127.0.0.1 port 8080: .*timed out"):
            one.write(UPDATE)


def test_a_proxy_that_cannot_be_reached(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:%d" % closed_port())
    with client(8080, host="mn.example") as one:
        with pytest.raises(UnreachableError, match="The proxy to mn.example port 8080 failed: .*add the host to no_proxy"):
            one.get(MODELS, "u1")
    with serving(answer(FOUND)) as seen, client(seen.port) as one:
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert one.get(MODELS, "u1") == {"uuid": "u1"}


@pytest.fixture(scope="module", name="certificate")
def fixture_certificate(tmp_path_factory):
    """TLS settings of a server, and the certificate that vouches for it."""
    pytest.importorskip("cryptography")
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_a_certificate_that_is_not_looked_at(certificate, monkeypatch, recwarn, tmp_path):
    # The environment would ask for a check again, with a CA that does not vouch for it.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", self_signed(tmp_path)[1])
    with serving(answer(FOUND), tls=certificate[0]) as seen, client(seen.port, protocol="https", validate_certs=False) as one:
        assert one.get(MODELS, "u1") == {"uuid": "u1"}
    assert not [warning for warning in recwarn if "Unverified" in str(warning.message)]


def test_a_server_without_tls():
    with serving(answer(FOUND)) as seen, client(seen.port, protocol="https") as one:
        with pytest.raises((UnreachableError, AnswerLostError)) as caught:
            one.get(MODELS, "u1")
    assert not seen.requests
    assert "The TLS connection to" in caught.value.message
    assert "the server does not use TLS on this port" in caught.value.message and "Set protocol to http" in caught.value.message
    assert "ca_path" not in caught.value.message and "validate_certs" not in caught.value.message


def test_a_ca_that_is_not_there(tmp_path):
    with client(8443, protocol="https", ca_path=str(tmp_path / "none.pem")) as one:
        with pytest.raises(OptionError, match="^ca_path: .*none.pem"):
            one.get(MODELS, "u1")


def test_a_server_that_goes_away_while_a_job_runs():
    def accept_and_go(request):
        answer({"location": "http://127.0.0.1/v1/api-jobs/" + request.headers["X-Job-UUID"]}, 202)(request)

    with serving(accept_and_go, hang_up) as seen, client(seen.port, retries=1) as one:
        with pytest.raises(OutcomeUnknownError, match="the job could not be read: "):
            one.write(UPDATE)
    assert seen.requests[0] == "PUT " + ONE and set(seen.requests[1:]) == {"GET /zstack/v1/api-jobs/" + seen.headers[0]["X-Job-UUID"]}


def test_an_urllib3_that_is_too_old_counts_as_missing():
    program = (
        "import urllib3.exceptions; del urllib3.exceptions.InvalidChunkLength; urllib3.__version__ = '1.25.11'; "
        "from ansible_collections.zstack.aios.plugins.module_utils._protocol import http; print(http.REQUESTS_TRACEBACK)")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=patience(60), check=False)
    assert "urllib3 1.25.11 is too old" in done.stdout, done.stderr
