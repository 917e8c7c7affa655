# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS on real connections: nothing is sent to a server whose certificate is refused, and no credential reaches another host."""

from __future__ import annotations

import json
import ssl
import typing as t

import pytest

pytest.importorskip("cryptography")

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import perform
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.session import SESSION as SESSION_MODULE
from ansible_collections.zstack.aios.plugins.module_utils._protocol import transport as _transport
from ansible_collections.zstack.aios.plugins.module_utils._protocol.certificates import trusted
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection, connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, ProtocolError, UnreachableError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.probe import probe
from ansible_collections.zstack.aios.tests.unit.support.certificates import FAR, FARTHER, SOON_AFTER, Authority
from ansible_collections.zstack.aios.tests.unit.support.local_server import Seen, answer, raw_serving, relay_to, serving
from ansible_collections.zstack.aios.tests.unit.support.scripted import ADMIN, SESSION, connection

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
FOUND = answer({"inventories": [{"uuid": "u1"}]})
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})
KEY = {"access_key_id": "AKIDEXAMPLE000000001", "access_key_secret": "s3cr3tKeyForTestVectors0123456789abcdefG"}
IDENTITIES: dict[str, dict[str, t.Any]] = {"password": {}, "access key": KEY, "session": {"session_uuid": SESSION}}
# What a client can be asked for.
ACTS: dict[str, t.Callable[[Client], t.Any]] = {
    "get": lambda client: client.get(MODELS, "u1"),
    "query": lambda client: client.query(MODELS),
    "count": lambda client: client.count(MODELS),
    "read": lambda client: client.read("/v1/anything"),
    "version": lambda client: client.version(),
    "write": lambda client: client.write(UPDATE),
}


@pytest.fixture(scope="module", name="ca")
def fixture_ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority whose certificate is in ca_path."""
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module", name="other")
def fixture_other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("other"), "other")


def client(port: int, ca: Authority | None, **options: t.Any) -> Client:
    """Return a client of a server on this machine."""
    values = {"host": "127.0.0.1", "port": port, "retries": 0, "timeout": 5, "protocol": "https", "ca_path": ca.path if ca else None}
    return Client(connection(**{**values, **options}))


def reaches(port: int, ca: Authority | None, **options: t.Any) -> bool:
    """Return whether a server on this machine is trusted; when it is not, nothing may be sent."""
    try:
        assert client(port, ca, session_uuid=SESSION, **options).get(MODELS, "u1") == {"uuid": "u1"}
    except UnreachableError as error:
        assert error.message.startswith("The TLS certificate of "), error.message
        return False
    return True


NAMES = "Set host to a name or address that the certificate contains; it is "
CLOCK = "Check the clock of the machine where the task runs, and renew the certificate."
# What is wrong: the server, options, the reason, and what to do.
REFUSED: dict[str, tuple[t.Callable[[Authority, Authority], ssl.SSLContext], dict[str, t.Any], str, str]] = {
    "address": (lambda ca, other: ca.server("10.0.0.9"), {}, "it was issued for another host name or address", NAMES + "127.0.0.1."),
    "host name": (lambda ca, other: ca.server("mn.example"), {"host": "localhost"}, "it was issued for another host name or address", NAMES + "localhost."),
    "part of a name": (lambda ca, other: ca.server("localhost.example"), {"host": "localhost"},
                       "it was issued for another host name or address", NAMES + "localhost."),
    "expired": (lambda ca, other: ca.server(end=SOON_AFTER), {}, "it has expired, or the certificate of its CA has", CLOCK),
    "not yet valid": (lambda ca, other: ca.server(begin=FAR, end=FARTHER), {}, "it is not valid yet", CLOCK),
    "self-signed": (lambda ca, other: ca.server(self_signed=True), {}, "it is self-signed and not among the trusted certificates",
                    "ca_path {ca} does not contain it. Set ca_path to a file with this certificate or with the one of a CA."),
    "unknown CA": (lambda ca, other: other.server(), {}, "its CA is not trusted",
                   "ca_path {ca} does not contain its issuer. Set ca_path to the certificate of the CA, together with intermediate ones that the server does "
                   "not send."),
    "unknown CA, sent along": (lambda ca, other: other.server(chain=[other]), {}, "its CA is not trusted", "ca_path {ca} does not contain its issuer."),
    "no intermediate": (lambda ca, other: Authority(ca.folder, "middle", ca).server(), {}, "its CA is not trusted", "with intermediate ones that the server"),
    "no ca_path": (lambda ca, other: ca.server(), {"ca_path": None}, "its CA is not trusted",
                   "The certificates of the Python library requests do not contain its issuer. Set ca_path to the certificate of the CA"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_nothing_is_sent_to_a_server_whose_certificate_is_refused(case: str, ca: Authority, other: Authority) -> None:
    make, options, reason, advice = REFUSED[case]
    host = options.get("host", "127.0.0.1")
    with serving(FOUND, tls=make(ca, other)) as seen:
        for identity in IDENTITIES.values():
            for act in ACTS.values():
                with pytest.raises(UnreachableError) as caught:
                    act(client(seen.port, ca, **identity, **options))
                message = caught.value.message
                assert message.startswith("The TLS certificate of %s port %d was refused: %s. " % (host, seen.port, reason))
                assert advice.replace("{ca}", ca.path) in message and message.endswith(" To accept any certificate, set validate_certs to false.")
                assert "[SSL" not in message and "_ssl.c" not in message and len(message) < 500
                assert not any(secret in message for secret in (SESSION, ADMIN["account_password"], KEY["access_key_secret"]))
        assert not client(seen.port, ca, session_uuid=SESSION, **options).close_session(SESSION)
    assert seen.requests == []


@pytest.mark.parametrize("act", ACTS)
def test_each_request_looks_at_the_certificate_of_its_own_connection(act: str, ca: Authority, other: Authority) -> None:
    """A server that is exchanged meanwhile."""
    with serving(lambda request: (FOUND(request), setattr(request, "close_connection", True)), tls=ca.server()) as seen:
        one = client(seen.port, ca, session_uuid=SESSION)
        assert one.get(MODELS, "u1") == {"uuid": "u1"}
    with serving(FOUND, tls=other.server(), port=seen.port) as exchanged:
        with pytest.raises(UnreachableError, match="its CA is not trusted"):
            ACTS[act](one)
    assert exchanged.requests == []


def test_a_ca_of_ones_own_as_file_and_as_directory(ca: Authority) -> None:
    middle = Authority(ca.folder, "middle", ca)
    for server in (ca.server(), middle.server(chain=[middle])):
        with serving(FOUND, tls=server) as seen:
            assert reaches(seen.port, ca) and reaches(seen.port, None, ca_path=ca.hashed())
    with serving(FOUND, tls=ca.server("localhost")) as seen:
        assert reaches(seen.port, ca, host="localhost")


def test_a_directory_that_openssl_does_not_read_is_blamed(ca: Authority) -> None:
    with pytest.raises(OptionError) as caught:
        trusted(connection(protocol="https", ca_path=str(ca.folder)))
    assert caught.value.message == (
        "ca_path: the directory %s contains no certificate under the hash of its subject, and OpenSSL reads no other files. Run \"openssl rehash %s\", or give "
        "a file in PEM format." % (ca.folder, ca.folder))
    assert trusted(connection(protocol="https", ca_path=ca.hashed())) == ca.hashed()


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_no_variable_weakens_the_verification(variable: str, ca: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(FOUND, tls=other.server()) as seen:
        for value in ("", "0", "false", "/dev/null", "/"):
            monkeypatch.setenv(variable, value)
            assert not reaches(seen.port, ca), "ca_path decides"
            if not value or variable.startswith("SSL_"):
                assert not reaches(seen.port, None), "an empty value does not switch anything off"
        # A CA that only the environment names is ignored beside ca_path.
        monkeypatch.setenv(variable, other.hashed() if variable == "SSL_CERT_DIR" else other.path)
        assert not reaches(seen.port, ca)
        assert reaches(seen.port, None) == (not variable.startswith("SSL_"))
    assert len(seen.requests) == (not variable.startswith("SSL_"))


def test_a_variable_that_names_the_wrong_ca_is_blamed(ca: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", other.path)
    with serving(FOUND, tls=ca.server()) as seen, pytest.raises(UnreachableError, match="The environment variable REQUESTS_CA_BUNDLE %s does not contain its "
                                                                                        "issuer. Set ca_path to" % other.path):
        client(seen.port, None, session_uuid=SESSION).get(MODELS, "u1")


# -- versions


def old(ca: Authority) -> ssl.SSLContext:
    """Return the settings of a server that speaks TLS 1.1 at most."""
    context = ca.server()
    # The names of the module are deprecated, and OpenSSL refuses such versions at its default level of security.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize("validate_certs", [True, False])
def test_a_server_with_only_old_versions_is_refused(validate_certs: bool, ca: Authority) -> None:
    with serving(FOUND, tls=old(ca)) as seen:
        for act in ACTS.values():
            with pytest.raises(UnreachableError, match=r"^The TLS connection to 127.0.0.1 port \d+ failed, because the server does not support TLS 1.2 "
                                                       r"or later: .*\. Enable TLS 1.2 or 1.3 on the server\.$"):
                act(client(seen.port, ca, validate_certs=validate_certs))
    assert seen.requests == []


def test_an_old_version_is_refused_whatever_the_library_accepts(ca: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """As urllib3 1.26 does with an OpenSSL whose settings allow TLS 1.1."""
    def lax(context: ssl.SSLContext, wrap: t.Any = ssl.SSLContext.wrap_socket, **more: t.Any) -> t.Any:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
        return wrap(context, **more)

    tls = old(ca)
    with serving(FOUND, tls=tls) as seen:
        monkeypatch.setattr(ssl.SSLContext, "wrap_socket", lambda context, sock, server_side=False, **more: (
            ssl.SSLSocket._create(sock=sock, server_side=True, context=context, **more) if server_side else lax(context, sock=sock, **more)))
        with pytest.raises(UnreachableError, match="the server does not support TLS 1.2 or later: .*the server speaks TLSv1.1"):
            client(seen.port, ca).write(UPDATE)
        monkeypatch.setattr(_transport, "_OLD_TLS", ())
        assert reaches(seen.port, ca), "only our own look at the version refuses it"


# -- redirects and other hosts


def moved(status: int, location: str) -> t.Callable[..., None]:
    """Return a handler that answers with a redirect."""
    return answer({"text": "moved"}, status, Location=location)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_credential_follows_a_redirect(status: int, ca: Authority) -> None:
    with serving(FOUND) as plain, serving(FOUND, tls=ca.server()) as second:
        for target in ("http://127.0.0.1:%d/zstack/v1/x" % plain.port, "https://127.0.0.1:%d/zstack/v1/x" % second.port,
                       "//127.0.0.1:%d/x" % second.port, "http://localhost:%d/x" % plain.port, "/zstack/v1/elsewhere"):
            for tls in (ca.server(), None):
                _follows_nothing(status, target, tls, ca)
    assert plain.requests == second.requests == []


def _follows_nothing(status: int, target: str, tls: ssl.SSLContext | None, ca: Authority) -> None:
    with serving(moved(status, target), tls=tls) as seen:
        for identity in IDENTITIES.values():
            one = client(seen.port, ca, protocol="https" if tls else "http", **identity)
            for act in ("get", "query", "write"):
                with pytest.raises(ProtocolError, match="was redirected to ") as caught:
                    ACTS[act](one)
                assert target in caught.value.message
            one.close()
        assert not client(seen.port, ca, protocol="https" if tls else "http", session_uuid=SESSION).close_session(SESSION)
        # The first redirect of a sign-in ends the task; it is the same server that is asked each time.
        assert seen.requests and not any("elsewhere" in request or request.endswith("/x") for request in seen.requests)


def test_a_job_is_asked_for_at_the_same_server_whatever_its_address_says(ca: Authority) -> None:
    with serving(FOUND) as foreign:
        for address in ("http://127.0.0.1:%d/zstack/v1/api-jobs/%s", "https://127.0.0.1:%d/zstack/v1/api-jobs/%s", "//user:word@127.0.0.1:%d/%s"):
            location = {"location": address % (foreign.port, "a" * 32), "next": "http://127.0.0.1:%d/next" % foreign.port}
            with serving(answer(location, 202), answer({"inventory": {"uuid": "u1"}}), tls=ca.server()) as seen:
                assert client(seen.port, ca, session_uuid=SESSION).write(UPDATE) == {"inventory": {"uuid": "u1"}}
            assert seen.requests == ["PUT /zstack%s" % UPDATE.path, "GET /zstack/v1/api-jobs/" + "a" * 32]
    assert foreign.requests == []


def test_pages_are_asked_for_at_the_same_server_whatever_an_answer_links_to(ca: Authority) -> None:
    with serving(FOUND) as foreign:
        rows = [{"uuid": "%032x" % number} for number in range(1001)]
        links = {"next": "http://127.0.0.1:%d/2" % foreign.port, "links": {"next": "http://127.0.0.1:%d/3" % foreign.port}, "total": 1001}
        first = answer({"inventories": rows[:1000], **links}, Link="<http://127.0.0.1:%d/4>; rel=next" % foreign.port)
        with serving(first, answer({"inventories": rows[1000:], "total": 1}), tls=ca.server()) as seen:
            assert len(client(seen.port, ca, session_uuid=SESSION).query(MODELS)) == 1001
        assert len(seen.requests) == 2
    assert foreign.requests == []


def test_the_probe_of_an_endpoint_verifies_as_well_and_carries_no_credential(ca: Authority, other: Authority) -> None:
    node = Connection.from_params({"host": "192.0.2.10", **ADMIN, "timeout": 5, "wait_timeout": 9, "retries": 0, "ca_path": ca.path}, {})
    with serving(FOUND) as foreign, serving(moved(302, "http://127.0.0.1:%d/x" % foreign.port), tls=ca.server()) as seen:
        assert not probe(node, "https://127.0.0.1:%d" % seen.port).ready
    assert foreign.requests == [] and seen.requests == ["GET /readyz", "GET /v1/models"]
    assert not any("Authorization" in headers for headers in seen.headers)
    with serving(FOUND, tls=other.server()) as seen:
        assert str(probe(node, "https://127.0.0.1:%d" % seen.port)) == "no answer (its TLS certificate was refused, because its CA is not trusted)"
    assert seen.requests == []


# -- proxies


def through(proxy: Seen, scheme: str = "http") -> str:
    """Return the address of a proxy with credentials."""
    return "%s://robot:pr0xy-Passw0rd@127.0.0.1:%d" % (scheme, proxy.port)


def assert_hidden(error: ZStackError) -> None:
    """No credential is in an error."""
    assert not any(secret in json.dumps([error.message, error.error]) for secret in ("pr0xy-Passw0rd", "cHIweHk", SESSION, ADMIN["account_password"]))


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_proxy_gets_its_own_credentials_and_the_server_the_others(variable: str, ca: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(FOUND, tls=ca.server()) as seen, raw_serving(relay_to(seen.port)) as proxy:
        monkeypatch.setenv(variable, through(proxy))
        one = client(seen.port, ca, session_uuid=SESSION)
        assert one.get(MODELS, "u1") == {"uuid": "u1"}
        one.close()
        assert proxy.requests == ["CONNECT 127.0.0.1:%d" % seen.port] and proxy.headers[0]["Proxy-Authorization"].startswith("Basic ")
        assert not any(SESSION in text for headers in proxy.headers for text in headers.values())
        assert [headers["Authorization"] for headers in seen.headers] == ["OAuth " + SESSION]
        assert not any("Proxy-Authorization" in headers for headers in seen.headers)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert reaches(seen.port, ca) and len(proxy.requests) == 1


def test_a_proxy_does_not_weaken_the_verification(ca: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(FOUND, tls=other.server()) as seen, raw_serving(relay_to(seen.port)) as proxy:
        monkeypatch.setenv("https_proxy", through(proxy))
        with pytest.raises(UnreachableError, match=r"^The TLS certificate of 127.0.0.1 port \d+ was refused: its CA is not trusted. ") as caught:
            client(seen.port, ca).write(UPDATE)
        assert_hidden(caught.value)
    assert proxy.requests and seen.requests == []


def test_a_proxy_whose_own_certificate_is_refused_gets_nothing(ca: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    # The second reason is the one of urllib3 1.26, which supports no such proxies with new versions of Python.
    with raw_serving(relay_to(1), tls=other.server()) as proxy:
        monkeypatch.setenv("https_proxy", through(proxy, "https"))
        with pytest.raises(UnreachableError, match=r"^The proxy to mn.example port 8443 failed: (its TLS certificate was refused, because its CA "
                                                   r"is not trusted|check_hostname requires server_hostname). Check https://\*\*\*@127.0.0.1:") as caught:
            client(8443, ca, host="mn.example").write(UPDATE)
        assert_hidden(caught.value)
    assert proxy.requests == []


def test_a_proxy_that_refuses_its_credentials(ca: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_serving(lambda sock: sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("https_proxy", through(proxy))
        with pytest.raises(UnreachableError, match="^The proxy to mn.example port 8443 failed: .*407") as caught:
            client(8443, ca, host="mn.example").write(UPDATE)
        assert_hidden(caught.value)
    assert proxy.requests == ["CONNECT mn.example:8443"]


# -- the warning


def warnings_of(ca: Authority, environ: dict[str, str], **given: t.Any) -> list[str]:
    """Return the warnings of a task that signs in."""
    with serving(answer({"inventory": {"uuid": SESSION}}), tls=ca.server()) as seen:
        given = {"host": "127.0.0.1", "port": seen.port, "protocol": "https", "state": "present", **ADMIN, **given}
        options = {**{name: option.get("default") for name, option in connection_spec().items()}, **given}
        outcome = perform(SESSION_MODULE, options, given, False, environ, lambda found, pool: Client(found), lambda one: None)
    assert not outcome.failed
    return outcome.warnings


def test_a_task_that_does_not_verify_warns_once_and_names_what_the_user_gave(ca: Authority) -> None:
    expected = ": the TLS certificate of 127.0.0.1 is not verified, so whoever is in between can read the credentials and act as the account. Set ca_path to "
    for name, environ, given in (("validate_certs", {}, {"validate_certs": False}), ("ZSTACK_VALIDATE_CERTS", {"ZSTACK_VALIDATE_CERTS": "no"}, {})):
        warning, = warnings_of(ca, environ, **given)
        assert warning.startswith(name + expected)
    assert warnings_of(ca, {}, ca_path=ca.path) == warnings_of(ca, {"ZSTACK_VALIDATE_CERTS": "no"}, ca_path=ca.path, validate_certs=True) == []
