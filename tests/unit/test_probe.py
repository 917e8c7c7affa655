# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an endpoint is ready: which path decides, and how a message describes the answers."""

from __future__ import annotations

import http.server
import pathlib
import typing as t

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.probe import probe
from ansible_collections.zstack.aios.tests.unit.support.local_server import Handle, answer, closed_port, hang_up, self_signed, serving

pytestmark = pytest.mark.usefixtures("bare_environment")
LISTED = answer({"object": "list", "data": [{"id": "qwen3"}]})
UNKNOWN = answer({"detail": "Not Found"}, 404)
CONNECTION: dict[str, t.Any] = {
    "host": "192.0.2.10", "account_name": "admin", "account_password": "s3cret-Passw0rd", "timeout": 2, "wait_timeout": 9, "retries": 0}


def connection(**options: t.Any) -> Connection:
    """Return the connection to the management node, which is somewhere else."""
    return Connection.from_params({**CONNECTION, **options}, {})


def page(request: http.server.BaseHTTPRequestHandler) -> None:
    """A page for a browser, as a portal answers every path."""
    data = b"<!doctype html><html><body>Sign in</body></html>"
    request.send_response(200)
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    request.wfile.write(data)


@pytest.mark.parametrize("handlers, ready, path, asked", [
    ([answer("ok")], True, "/readyz", ["/readyz"]),
    ([answer({}, 202)], True, "/readyz", ["/readyz"]),
    ([answer({"status": "starting"}, 503)], False, "/readyz", ["/readyz"]),
    ([UNKNOWN, LISTED], True, "/v1/models", ["/readyz", "/v1/models"]),
    ([answer({}, 405), LISTED], True, "/v1/models", ["/readyz", "/v1/models"]),
    ([page, LISTED], True, "/v1/models", ["/readyz", "/v1/models"]),
    ([answer({}, 307, Location="/login"), LISTED], True, "/v1/models", ["/readyz", "/v1/models"]),
    ([UNKNOWN, answer({"data": []})], False, "/v1/models", ["/readyz", "/v1/models"]),
    ([UNKNOWN, answer({"error": "loading"}, 503)], False, "/v1/models", ["/readyz", "/v1/models"]),
    ([UNKNOWN, answer({}, 401)], False, "/v1/models", ["/readyz", "/v1/models"]),
    ([UNKNOWN, answer(["qwen3"])], False, "", ["/readyz", "/v1/models"]),
    ([page], False, "", ["/readyz", "/v1/models"]), ([UNKNOWN], False, "", ["/readyz", "/v1/models"]), ([hang_up], False, "", ["/readyz"]),
])
def test_the_first_path_that_the_server_knows_decides(handlers: list[Handle], ready: bool, path: str, asked: list[str]) -> None:
    with serving(*handlers) as seen:
        found = probe(connection(), "http://127.0.0.1:%d" % seen.port)
    assert (found.ready, found.path) == (ready, path)
    assert seen.requests == ["GET " + name for name in asked]
    assert not any({"Authorization", "Cookie"} & headers.keys() for headers in seen.headers)


@pytest.mark.parametrize("base, paths", [
    ("/", ["/readyz", "/v1/models"]), ("/v1", ["/readyz", "/v1/models"]), ("/v1/", ["/readyz", "/v1/models"]),
    ("/serving/chat/v1", ["/serving/chat/readyz", "/serving/chat/v1/models"]), ("/chat?x=1#y", ["/chat/readyz", "/chat/v1/models"]),
])
def test_the_address_may_have_a_path(base: str, paths: list[str]) -> None:
    with serving(UNKNOWN, LISTED) as seen:
        assert probe(connection(), "http://127.0.0.1:%d%s" % (seen.port, base)).ready
    assert seen.requests == ["GET " + path for path in paths]


def test_the_address_may_have_no_protocol() -> None:
    with serving(answer({})) as seen:
        assert probe(connection(), "127.0.0.1:%d" % seen.port).ready


@pytest.mark.parametrize("handler, ready", [(page, True), (answer({}), True), (UNKNOWN, False), (answer({}, 302, Location="/"), False)])
def test_a_path_of_the_deployment_decides_alone(handler: Handle, ready: bool) -> None:
    with serving(handler) as seen:
        assert probe(connection(), "http://127.0.0.1:%d" % seen.port, "/health").ready is ready
    assert seen.requests == ["GET /health"]


def test_a_message_says_what_each_path_answered() -> None:
    with serving(UNKNOWN, answer({"error": "loading"}, 503)) as seen:
        found = probe(connection(), "http://127.0.0.1:%d" % seen.port)
    assert str(found) == 'GET /readyz: HTTP 404 ({"detail": "Not Found"}); GET /v1/models: HTTP 503 ({"error": "loading"})'
    found = probe(connection(), "http://127.0.0.1:%d" % closed_port())
    assert not found.ready and "Connection refused" in str(found) and "management node" not in str(found)
    with serving(UNKNOWN, answer({}, 401)) as seen:
        assert "requires a key" in str(probe(connection(), "http://127.0.0.1:%d" % seen.port))


@pytest.mark.parametrize("url", [
    "", "ftp://127.0.0.1/", "http://127.0.0.1:99999/", "http://[::1", "javascript:alert(1)", "http://", "http://exa mple/", "http://a..b/"])
def test_what_is_no_address_is_not_ready(url: str) -> None:
    found = probe(connection(), url)
    assert not found.ready and str(found)


def test_the_certificate_is_checked_as_the_connection_says(tmp_path: pathlib.Path) -> None:
    tls, ca_path = self_signed(tmp_path)
    with serving(answer({}), tls=tls) as seen:
        url = "https://127.0.0.1:%d" % seen.port
        assert "certificate" in str(probe(connection(), url)).lower()
        assert probe(connection(ca_path=ca_path), url).ready and probe(connection(validate_certs=False), url).ready
