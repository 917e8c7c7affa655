# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What options and environment say about a connection: proxies, certificates, plain http. Each message blames what was really given."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import perform
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.session import SESSION as SESSION_MODULE
from ansible_collections.zstack.aios.plugins.module_utils._protocol import failures as _failures
from ansible_collections.zstack.aios.plugins.module_utils._protocol import proxies as _proxies
from ansible_collections.zstack.aios.plugins.module_utils._protocol.certificates import trusted
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, UnreachableError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.proxies import is_excepted, proxy_for, shown
from ansible_collections.zstack.aios.tests.unit.support.local_server import raw_serving, self_signed
from ansible_collections.zstack.aios.tests.unit.support.scripted import SESSION, Script, connection, login, on

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})
VARIABLES = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


@pytest.mark.parametrize("host, exceptions", [
    ("::1", "[::1]"), ("::1", "::1"), ("::1", "::1/128"), ("::1", "[::1]:8080"), ("::1", "0:0:0:0:0:0:0:1"), ("::1", "[::1]/128"), ("fd00::5", "fd00::/8"),
    ("10.0.0.5", "10.0.0.5"), ("10.0.0.5", "10.0.0.5:8080"), ("10.0.0.5", "10.0.0.0/8"), ("10.0.0.5", "x, 10.0.0.5"), ("10.0.0.5", "x 10.0.0.5"),
    ("10.0.0.5", "*"), ("mn.example", "*"), ("mn.example", "mn.example"), ("mn.example", "mn.example:8080"), ("mn.example", "example"),
    ("mn.example", ".example"), ("mn.example", "*.example"), ("MN.example", "mn.EXAMPLE"), ("mn.example.", "mn.example"), ("fe80::1%eth0", "fe80::1"),
    ("mn.example", ".example:8080"),
])
def test_a_host_that_no_proxy_names(host, exceptions, monkeypatch):
    assert is_excepted(host, 8080, exceptions)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
        monkeypatch.setenv(name, exceptions)
        assert proxy_for(connection(host=host)) is None
        monkeypatch.delenv(name)
    assert proxy_for(connection(host=host)) == "http://proxy.example:3128"


@pytest.mark.parametrize("host, exceptions", [
    ("::1", "[::2]"), ("::1", "::2/128"), ("::1", "[::1]:8443"), ("::1", "10.0.0.0/8"), ("10.0.0.5", "10.0.0.5:8443"), ("10.0.0.5", "10.0.0.50"),
    ("10.0.0.5", "11.0.0.0/8"), ("10.0.0.5", "::/0"), ("10.0.0.5", "0.5"), ("mn.example", "n.example"), ("mn.example", "mn.example:8443"), ("mn.example", ""),
    ("mn.example", ",, ."), ("mn.example", "example.mn"), ("mn.example", "10.0.0.0/8"), ("10.0.0.5", "10.0.0.0/99"), ("10.0.0.5", "a/b"), ("mn.example", "[x"),
    ("mn.example", "mn.example:٨٠٨٠"),
])
def test_a_host_that_no_proxy_does_not_name(host, exceptions):
    assert not is_excepted(host, 8080, exceptions)


@pytest.mark.parametrize("text, address", [
    ("http://proxy.example:3128", None), ("proxy.example:3128", "http://proxy.example:3128"), ("http://user:word@[fd00::1]:3128/", None),
    ("https://proxy.example", None), ("HTTP://proxy.example:3128", None), (" http://proxy.example ", "http://proxy.example"),
])
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_proxy_of_the_environment(text, address, variable, monkeypatch):
    monkeypatch.setenv(variable, text)
    assert proxy_for(connection()) == (address or text)
    assert proxy_for(connection(protocol="https")) == ((address or text) if variable.lower() == "all_proxy" else None)


@pytest.mark.parametrize("text", [
    "http://[::1", "http://", "http://:3128", "http://proxy:99999", "http://proxy:x", "http://a b:1", "://", "http://user:word@:1"])
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_that_holds_no_proxy_is_blamed(text, variable, monkeypatch):
    monkeypatch.setenv(variable, text)
    client = Client(connection(session_uuid=SESSION))
    problem = "^The environment variable %s does not contain the address of a proxy: .*add mn.example to no_proxy" % variable
    for act in (lambda: client.get(MODELS, "u1"), lambda: client.write(UPDATE)):
        with pytest.raises(OptionError, match=problem) as caught:
            act()
        assert "word" not in caught.value.message


def test_a_proxy_with_an_unknown_protocol_is_blamed(monkeypatch):
    monkeypatch.setenv("http_proxy", "ftp://proxy.example")
    with pytest.raises(OptionError, match="^The environment variable http_proxy names a proxy with the protocol ftp, which is not one of http, https, socks4"):
        proxy_for(connection())


@pytest.mark.parametrize("scheme", ["socks4", "socks5", "socks5h", "SOCKS5"])
def test_a_socks_proxy_needs_a_library(scheme, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", scheme + "://user:word@127.0.0.1:1080")
    monkeypatch.setattr(_proxies.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match="^The environment variable ALL_PROXY names a SOCKS proxy .* needs the Python library PySocks") as caught:
        Client(connection(session_uuid=SESSION)).get(MODELS, "u1")
    assert "word" not in caught.value.message and "host:" not in caught.value.message
    monkeypatch.setattr(_proxies.importlib.util, "find_spec", lambda name: name)
    assert proxy_for(connection()) == scheme + "://user:word@127.0.0.1:1080"


def test_an_address_is_shown_without_credentials():
    assert shown("http://user:p@ss@proxy:1") == "http://***@proxy:1" and shown("http://proxy:1") == "http://proxy:1"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_variable_with_a_missing_certificate_file_is_blamed(variable, monkeypatch, tmp_path):
    path = str(tmp_path / "none.pem")
    monkeypatch.setenv(variable, path)
    with pytest.raises(OptionError, match="^The environment variable %s: there is no file or directory %s. Give the path" % (variable, path)):
        Client(connection(session_uuid=SESSION, protocol="https")).get(MODELS, "u1")
    # It has no effect if no certificate is verified.
    assert trusted(connection()) == path and trusted(connection(protocol="https", validate_certs=False)) is False


def test_an_option_with_a_missing_certificate_file_is_blamed(monkeypatch, tmp_path):
    path = str(tmp_path / "none.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/dev/null")
    with pytest.raises(OptionError, match="^ca_path: there is no file or directory "):
        trusted(connection(protocol="https", ca_path=path))
    monkeypatch.setenv("ZSTACK_CA_PATH", path)
    with pytest.raises(OptionError, match=r"^ca_path \(or ZSTACK_CA_PATH\): there is no file or directory "):
        trusted(connection(protocol="https", ca_path=path))


def test_a_file_without_certificates_is_blamed(tmp_path):
    path = tmp_path / "ca.pem"
    path.write_text("no certificate", encoding="utf-8")
    with pytest.raises(OptionError, match="^ca_path: .*ca.pem contains no readable certificates: .* PEM"):
        trusted(connection(protocol="https", ca_path=str(path)))
    assert trusted(connection(protocol="https")) is True


def ended(answer):
    """Return an act that sends that and closes."""
    return lambda sock: sock.sendall(answer)


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 84\r\n\r\n<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head>  ",
    b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
    b"HTTP/1.1 400 \r\nConnection: close\r\n\r\nBad Request\r\nThis combination of host and port requires TLS.\r\n",
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nReason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    b"\x15\x03\x03\x00\x02\x02\x46",
])
def test_plain_http_to_a_port_for_tls(answer):
    with raw_serving(ended(answer)) as seen:
        for act in (lambda client: client.get(MODELS, "u1"), lambda client: client.write(UPDATE)):
            client = Client(connection(host="127.0.0.1", port=seen.port, session_uuid=SESSION, retries=0))
            with pytest.raises(UnreachableError, match=r"^127.0.0.1 port %d requires TLS, but .* Set protocol to https \(or ZSTACK_PROTOCOL\)" % seen.port):
                act(client)


def test_plain_http_to_a_port_for_tls_that_hangs_up(tmp_path):
    pytest.importorskip("cryptography")
    with raw_serving(ended(b""), tls=self_signed(tmp_path)[0], reads=False) as seen:
        client = Client(connection(host="127.0.0.1", port=seen.port, session_uuid=SESSION, retries=0))
        with pytest.raises(UnreachableError, match="requires TLS, but the request was sent over plain http"):
            client.write(UPDATE)


def test_a_server_that_has_answered_before_is_not_probed(monkeypatch):
    def act(sock):
        sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{"inventories":[]}')
        sock.recv(65536)

    monkeypatch.setattr(_failures, "_is_tls_answer", lambda *args: pytest.fail("probed"))
    with raw_serving(act) as seen:
        client = Client(connection(host="127.0.0.1", port=seen.port, session_uuid=SESSION, retries=1))
        assert client.get(MODELS, "u1") is None
        assert client.get(MODELS, "u1") is None


def options(**more):
    """Return the options of a task that signs in."""
    given = {"host": "mn.example", "account_name": "admin", "account_password": "s3cret-Passw0rd", "state": "present", **more}
    return {**{name: option.get("default") for name, option in connection_spec().items()}, **given}


def outcome(script, **more):
    """Return the outcome of a task that signs in."""
    with script.playing():
        return perform(SESSION_MODULE, options(**more), more, False, {}, Client, lambda client: None)


@pytest.mark.parametrize("host", ["mn.example", "10.0.0.5", "fd00::5", "localhost.example"])
def test_a_password_over_plain_http_gives_a_warning(host):
    base = "http://%s:8080/zstack" % ("[%s]" % host if ":" in host else host)
    for answer in (login(), on("PUT", "/v1/accounts/login", {"error": {"code": "ID.1000"}}, 503)):
        found = outcome(Script(answer, base=base), host=host)
        assert len(found.warnings) == 1, "also when the task fails"
        assert found.warnings[0].startswith("account_password: its hash, which is enough to sign in, is sent to %s over plain http. " % host)
        assert "Set protocol to https" in found.warnings[0] and "access key" in found.warnings[0]


@pytest.mark.parametrize("more, base", [
    ({"host": "127.0.0.1"}, "http://127.0.0.1:8080/zstack"), ({"host": "127.9.9.9"}, "http://127.9.9.9:8080/zstack"),
    ({"host": "::1"}, "http://[::1]:8080/zstack"), ({"host": "localhost"}, "http://localhost:8080/zstack"),
    ({"host": "LOCALHOST"}, "http://localhost:8080/zstack"),
    ({"host": "zs.localhost"}, "http://zs.localhost:8080/zstack"), ({"protocol": "https"}, "https://mn.example:8080/zstack"),
])
def test_a_password_that_stays_here_or_is_encrypted_gives_none(more, base):
    assert outcome(Script(login(), base=base), **more).warnings == []


def test_other_methods_give_no_warning():
    for method in ({"session_uuid": SESSION}, {"access_key_id": "k" * 20, "access_key_secret": "s" * 40}):
        assert connection(**method).warnings == []
