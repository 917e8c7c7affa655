# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchanges end in bounded time and memory, whatever is on the other side."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
import tracemalloc
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._protocol import transport as _transport
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, UnreachableError, UnusableAnswerError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.tests.unit.support.clock import fake_time
from ansible_collections.zstack.aios.tests.unit.support.local_server import raw_serving, self_signed
from ansible_collections.zstack.aios.tests.unit.support.scripted import SESSION, connection

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})
FOUND = {"inventories": [{"uuid": "u1"}]}
DONE = {"inventory": {"uuid": "u1"}}
# Seconds for one exchange in these tests, and after which a test fails: machines that are busy are slow.
TIMEOUT, LATE = patience(0.5), patience(20)
MEGABYTE = 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\n"


def slowly(start, unit):
    """Return an act that sends a unit each tenth of the time limit of an exchange."""
    def act(sock):
        sock.sendall(start)
        while True:
            sock.sendall(unit)
            time.sleep(TIMEOUT / 10)
    return act


def endlessly(start, unit):
    """Return an act that sends as fast as possible."""
    def act(sock):
        sock.sendall(start)
        block = unit * (65536 // len(unit) + 1)
        while True:
            sock.sendall(block)
    return act


def sending(data):
    """Return an act that sends that, and then waits for the other side to close."""
    def act(sock):
        sock.sendall(data)
        while sock.recv(65536):
            pass
    return act


def whole(body, status=b"200 OK", **headers):
    """Return the bytes of a complete answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = b"".join(b"%s: %s\r\n" % (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(data), more, data)


def zeros(count, header=b"\x1f\x8b\x08" + bytes(6) + b"\x03"):
    """Compressed zeros, as many megabytes, without the checksum that nobody will reach."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return header + (packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)) * count + b"\x03\x00"


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SLOW = {
    "nothing": sending(b""),
    "status line": slowly(b"", b"H"),
    "headers": slowly(HEAD, b"X"),
    "many headers": slowly(HEAD, b"X: y\r\n"),
    "100 Continue": slowly(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": slowly(HEAD + b"Content-Length: 100000\r\n\r\n", b"{"),
    "body without length": slowly(HEAD + b"\r\n", b"{"),
    "chunks": slowly(CHUNKED, b"1\r\n{\r\n"),
    "chunk size": slowly(CHUNKED, b"0"),
    "trailers": slowly(CHUNKED + b"0\r\n", b"X: y\r\n"),
    "error": slowly(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100000\r\n\r\n", b"{"),
    "redirect": slowly(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 100000\r\n\r\n", b"{"),
}
# As fast as the machine can, so only a limit ends them: the time of an exchange is a minute here.
ENDLESS = {
    "100 Continue": endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers": endlessly(HEAD, b"X: y\r\n"),
    "one header": endlessly(HEAD + b"X: ", b"y"),
    "status line": endlessly(b"HTTP/1.1 200 ", b"O"),
    "body": endlessly(HEAD + b"\r\n", b" "),
    "body with length": endlessly(HEAD + b"Content-Length: 1000000000000\r\n\r\n", b" "),
    "chunks": endlessly(CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n"),
    "chunk size": endlessly(CHUNKED, b"0"),
    "trailers": endlessly(CHUNKED + b"0\r\n", b"X: y\r\n"),
    "error": endlessly(b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b" "),
    "redirect": endlessly(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", b" "),
    "gzip": sending(whole(zeros(300), Content_Encoding="gzip")),
    "x-gzip": sending(whole(zeros(300), Content_Encoding="x-gzip")),
    "deflate": sending(whole(zeros(300, b"\x78\x9c"), Content_Encoding="deflate")),
    "bare deflate": sending(whole(zeros(300, b""), Content_Encoding="deflate")),
    "gzip of a redirect": sending(whole(zeros(300), b"302 Found", Content_Encoding="gzip", Location="/x")),
    "gzip of gzip": sending(whole(gzip.compress(zeros(300)), Content_Encoding="gzip, gzip")),
    "brotli": sending(whole(b"x", Content_Encoding="br")),
}


@contextlib.contextmanager
def client(port, **options):
    """A client of a server on this machine."""
    found = Client(connection(**{"host": "127.0.0.1", "port": port, "session_uuid": SESSION, "retries": 0, "timeout": TIMEOUT, **options}))
    started = time.monotonic()
    try:
        yield found
    finally:
        found.close()
    assert time.monotonic() - started < LATE


@contextlib.contextmanager
def little_memory(most=200 * MEGABYTE):
    """Fails when much memory is taken meanwhile."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def assert_asked_for(seen):
    """A write was sent once, and then its job was asked for: again if that took too long on a busy machine."""
    first, *more = seen.requests
    assert first.startswith("PUT ") and more and all(request.startswith("GET /zstack/v1/api-jobs/") for request in more)


@pytest.mark.parametrize("data, problem", [
    (b"HTTP/1.1 You said %s\r\n\r\n", "it does not begin with a status line of HTTP"), (b"%s\r\n\r\n", "it does not begin with a status line of HTTP"),
    (b"\xff\xfe %s\r\n", "it does not begin with a status line of HTTP"), (CHUNKED + b"%s;\r\n{}\r\n", "a part of the body has no valid length"),
    (CHUNKED + b"-1 %s\r\n{}\r\n", "a part of the body has no valid length"),
])
def test_a_line_that_cannot_be_read_is_not_quoted(data, problem):
    """In Latin-1, as a library quotes it, a text in UTF-8 has another spelling."""
    with raw_serving(sending(data % "Zürich".encode())) as seen, client(seen.port) as one:
        with pytest.raises(AnswerLostError, match="was sent, and the answer was lost: %s.$" % problem) as caught:
            one.get(MODELS, "u1")
    assert "rich" not in str(caught.value.error) + caught.value.message


@pytest.mark.parametrize("case", SLOW)
def test_a_slow_answer_ends_with_the_timeout(case):
    with raw_serving(SLOW[case]) as seen, client(seen.port) as one:
        with pytest.raises(AnswerLostError, match="was sent, and the answer was lost: it timed out.*timeout"):
            one.get(MODELS, "u1")


@pytest.mark.parametrize("case", SLOW)
def test_a_write_with_a_slow_answer_is_asked_for(case):
    with raw_serving(SLOW[case], sending(whole(DONE))) as seen, client(seen.port, retries=5) as one:
        assert one.write(UPDATE) == DONE
    assert_asked_for(seen)


@pytest.mark.parametrize("case", ENDLESS)
def test_an_endless_answer_ends_with_a_limit(case):
    with raw_serving(ENDLESS[case]) as seen, client(seen.port, timeout=patience(60), retries=3) as one, little_memory():
        # Newer versions of urllib3 have a limit of their own for this one.
        problem = "chunk size|its body is too long" if case == "chunk size" else "^GET http://127.0.0.1:.*: the answer cannot be used: .*Check host, port"
        with pytest.raises(AnswerLostError, match=problem) as caught:
            one.get(MODELS, "u1")
    assert len(seen.requests) == 1 or not isinstance(caught.value, UnusableAnswerError), "reading it again gives the same"


@pytest.mark.parametrize("case", ENDLESS)
def test_a_write_with_an_endless_answer_is_asked_for(case):
    with raw_serving(ENDLESS[case], sending(whole(DONE))) as seen, client(seen.port, timeout=patience(60)) as one:
        assert one.write(UPDATE) == DONE
    assert_asked_for(seen)


def test_an_answer_in_many_chunks_takes_little_memory():
    def act(sock):
        sock.sendall(CHUNKED)
        for _unused in range(20):
            sock.sendall(b"1\r\n \r\n" * 5000)
        data = json.dumps(FOUND).encode()
        sock.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))

    with raw_serving(act) as seen, client(seen.port, timeout=patience(60)) as one, little_memory(10 * MEGABYTE):
        assert one.get(MODELS, "u1") == {"uuid": "u1"}


def test_a_large_result_is_read():
    text = "x" * (_transport.MOST_BODY - 1000)
    for more in ({}, {"Content_Encoding": "gzip"}):
        data = json.dumps({"inventories": [{"uuid": "u1", "yaml": text}]}).encode()
        with raw_serving(sending(whole(gzip.compress(data, 1) if more else data, **more))) as seen, client(seen.port, timeout=patience(60)) as one:
            assert one.get(MODELS, "u1")["yaml"] == text


DATA = json.dumps({"inventories": [{"uuid": "u1", "name": "模" * 50000}]}).encode()
PACKED = gzip.compress(DATA, mtime=0)
HALVES = gzip.compress(DATA[:1000], mtime=0) + gzip.compress(DATA[1000:], mtime=0)


@pytest.mark.parametrize("encoding, data", [
    ("gzip", PACKED), ("x-gzip", PACKED), ("GZIP", PACKED), ("gzip", HALVES), ("gzip", PACKED + bytes(100)),
    ("deflate", zlib.compress(DATA)), ("deflate", zlib.compress(DATA)[2:-4]), ("identity", DATA), ("", DATA),
])
@pytest.mark.parametrize("chunk", [1, 7, 100000])
def test_a_compressed_answer_is_decoded(encoding, data, chunk):
    pieces = [data[start:start + chunk] for start in range(0, len(data), chunk)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    head = CHUNKED[:-2] + b"Content-Encoding: %s\r\n\r\n" % encoding.encode()
    with raw_serving(sending(head + chunks + b"0\r\n\r\n")) as seen, client(seen.port, timeout=patience(60)) as one:
        assert one.get(MODELS, "u1") == json.loads(DATA)["inventories"][0]


@pytest.mark.parametrize("answer", [
    whole(PACKED[:-20], Content_Encoding="gzip"), whole(PACKED[:5], Content_Encoding="gzip"), whole(PACKED[:1], Content_Encoding="gzip"),
    whole(DATA)[:-5],
    CHUNKED + b"5\r\n{\"inv", CHUNKED + b"2\r\n{}\r\n", CHUNKED + b"nonsense\r\n{}\r\n0\r\n\r\n",
    b"nonsense\r\n\r\n",
], ids=["gzip 1", "gzip 2", "gzip 3", "body", "chunk", "last chunk", "chunk size", "status line"])
def test_an_answer_that_is_cut_is_lost(answer):
    def act(sock):
        sock.sendall(answer)

    with raw_serving(act, sending(whole(DONE))) as seen, client(seen.port, timeout=patience(60), retries=5) as one:
        assert one.write(UPDATE) == DONE
    assert_asked_for(seen)
    with raw_serving(act) as seen, client(seen.port, timeout=patience(60)) as one:
        with pytest.raises(AnswerLostError, match="was sent, and the answer was lost: "):
            one.get(MODELS, "u1")


def test_a_head_that_is_cut_is_no_answer():
    def act(sock):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")

    with raw_serving(act, sending(whole(DONE))) as seen, client(seen.port, timeout=patience(60), retries=5) as one:
        assert one.write(UPDATE) == DONE
    assert_asked_for(seen)


def test_a_body_that_is_not_compressed_as_it_claims():
    with raw_serving(sending(whole(DATA, Content_Encoding="gzip"))) as seen, client(seen.port, timeout=patience(60)) as one:
        with pytest.raises(AnswerLostError, match="not encoded as gzip, although it claims to be"):
            one.get(MODELS, "u1")


@pytest.mark.parametrize("data, problem", [
    (b'{"inventories": [{"uuid": "u1", "name": "caf\xe9"}]}', "the answer cannot be used: it is not UTF-8, from byte 44 on. "),
    (b'{"inventories": [{"uuid": "u1", "name": "\xed\xa0\x80"}]}', "the answer cannot be used: it is not UTF-8, from byte 41 on. "),
    (json.dumps(FOUND).encode("utf-16"), "not answered by a ZStack management node but with HTTP 200 and \ufffd\ufffd{\\x00\"\\x00i\\x00n"),
    (json.dumps(FOUND).encode("utf-16-be"), "not answered by a ZStack management node but with HTTP 200 and \\x00{\\x00\"\\x00i"),
    (json.dumps(FOUND).encode("utf-8-sig"), "not answered by a ZStack management node but with HTTP 200 and \\ufeff{\"inventories\""),
])
def test_a_result_in_another_encoding_is_refused(data, problem):
    """Its texts would be others than those of the server."""
    with raw_serving(sending(whole(data))) as seen, client(seen.port, timeout=patience(60)) as one:
        with pytest.raises(ZStackError) as caught:
            one.get(MODELS, "u1")
        assert problem in caught.value.message, caught.value.message
    text = json.dumps({"inventories": [{"uuid": "u1", "name": "\ufffd"}]}, ensure_ascii=False).encode()
    with raw_serving(sending(whole(text))) as seen, client(seen.port, timeout=patience(60)) as one:
        assert one.get(MODELS, "u1")["name"] == "\ufffd", "a character like any other"


def test_each_exchange_of_a_kept_connection_has_its_own_time():
    def act(sock):
        for _unused in range(3):
            time.sleep(patience(0.8))
            sock.sendall(whole(FOUND))
            sock.recv(65536)

    with raw_serving(act) as seen, client(seen.port, timeout=patience(2)) as one:
        for _unused in range(3):
            assert one.get(MODELS, "u1") == {"uuid": "u1"}
    assert len(seen.requests) == 1


def test_a_server_that_does_not_read_is_late():
    def act(sock):
        time.sleep(LATE)

    large = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"yaml": "x" * 32 * MEGABYTE}})
    with raw_serving(act, sending(whole(DONE)), reads=False) as seen, client(seen.port, retries=5) as one:
        assert one.write(large) == DONE


HEADS = st.sampled_from((
    HEAD, b"HTTP/1.1 ", b"HTTP/9.9 200\r\n", b"HTTP/1.0 503 x\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 101 x\r\n\r\n", b"HTTP/1.1 204 x\r\n",
    b"HTTP/1.1 304 x\r\n", b"HTTP/1.1 302 x\r\n", CHUNKED))
PARTS = st.sampled_from((
    b"Location: http://[::1\r\n", b"Location: \xff\0\r\n", b"Content-Length: 5\r\n", b"Content-Length: -5\r\n", b"Content-Length: 5, 7\r\n",
    b"Content-Length: 99999999999999999999999\r\n", b"Content-Length: \xb2\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: \xff\r\n", b"Set-Cookie: a=b; expires=\xff; domain=x\r\n", b"Retry-After: " + b"9" * 5000 + b"\r\n",
    b"Retry-After: Wed, 99 Foo 99999 99:99:99 GMT\r\n", b"Retry-After: -1\r\n", b": empty\r\n", b" folded\r\n", b"nocolon\r\n", b"\r\n", b"\n", b"\0",
    b"\xff\xff", b"{}", b"5\r\n{}   \r\n", b"0\r\n\r\n", b"-5\r\n", b"fffffffffffffffffff\r\n", b"\x1f\x8b\x08", b'{"inventories": []}',
    b'{"error": {"code": "SYS.1010"}}', b"Content-Type: multipart/x; boundary=\xff\r\n", b"Connection: close\r\n"))


@pytest.fixture(scope="module", name="anything")
def fixture_anything():
    """A server that sends the given bytes in the given pieces."""
    response = [b""]
    with raw_serving(lambda sock: sock.sendall(response[0])) as seen:
        yield seen, response


@given(HEADS, st.lists(PARTS, max_size=7).map(b"".join))
@example(HEAD, b"Content-Length: \xb2\r\n\r\n")
@example(b"HTTP/1.1 503 x\r\n", b"Retry-After: " + b"9" * 5000 + b"\r\n\r\n")
def test_any_bytes_lead_to_a_result_or_an_error_of_ours(anything, head, parts):
    seen, response = anything
    response[0] = head + parts
    with fake_time(), client(seen.port, timeout=patience(60), retries=1, wait_timeout=5) as one:
        one._http._answered = True  # it is plain HTTP
        for act in (lambda: one.get(MODELS, "u1"), lambda: one.write(UPDATE), lambda: one.close_session(SESSION)):
            with contextlib.suppress(ZStackError):
                assert isinstance(act(), (dict, bool, type(None)))


@pytest.fixture(scope="module", name="certificate")
def fixture_certificate(tmp_path_factory):
    """TLS settings of a server, and the certificate that vouches for it."""
    pytest.importorskip("cryptography")
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("case", ["headers", "100 Continue", "body", "chunks"])
def test_a_slow_answer_through_tls_ends_with_the_timeout(case, certificate):
    with raw_serving(SLOW[case], tls=certificate[0]) as seen, client(seen.port, protocol="https", ca_path=certificate[1]) as one:
        with pytest.raises(AnswerLostError, match="it timed out"):
            one.get(MODELS, "u1")
    assert len(seen.requests) == 1


def test_an_endless_answer_through_tls_ends_with_a_limit(certificate):
    options = {"protocol": "https", "ca_path": certificate[1], "timeout": 60}
    with raw_serving(ENDLESS["chunks"], tls=certificate[0]) as seen, client(seen.port, **options) as one:
        with pytest.raises(UnusableAnswerError, match="longer than 64 MB"):
            one.get(MODELS, "u1")


def test_several_calls_through_tls_share_a_connection(certificate):
    def act(sock):
        for _unused in range(3):
            sock.sendall(whole(FOUND))
            sock.recv(65536)

    with raw_serving(act, tls=certificate[0]) as seen, client(seen.port, protocol="https", ca_path=certificate[1], timeout=patience(60)) as one:
        for _unused in range(3):
            assert one.get(MODELS, "u1") == {"uuid": "u1"}
    assert len(seen.requests) == 1


@pytest.mark.parametrize("act", [sending(b""), slowly(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xf0", b"\x00")])
def test_a_slow_tls_handshake_ends_with_the_timeout_and_nothing_was_sent(act):
    with raw_serving(act, reads=False) as seen, client(seen.port, protocol="https") as one:
        with pytest.raises(UnreachableError, match=r"The TLS connection to 127.0.0.1 port \d+ failed: .*timed out"):
            one.write(UPDATE)


@pytest.mark.parametrize("act", [
    slowly(b"", b"H"), slowly(HEAD, b"X: y\r\n"), endlessly(HEAD, b"X: y\r\n"), sending(b"HTTP/1.1 403 Forbidden\r\n\r\n"), lambda sock: None])
def test_a_slow_or_broken_proxy_ends_with_the_timeout_and_nothing_was_sent(act, monkeypatch):
    with raw_serving(act) as seen, client(8443, host="mn.example", protocol="https") as one:
        monkeypatch.setenv("https_proxy", "http://user:s3cret@127.0.0.1:%d" % seen.port)
        with pytest.raises(UnreachableError, match="^The proxy to mn.example port 8443 failed: ") as caught:
            one.write(UPDATE)
    assert "s3cret" not in caught.value.message and set(seen.requests) == {"CONNECT mn.example:8443"}


def test_a_proxy_for_http_is_used_and_its_answers_are_limited_as_well(monkeypatch):
    with raw_serving(SLOW["body"], ENDLESS["gzip"], sending(whole(FOUND))) as seen:
        monkeypatch.setenv("http_proxy", "127.0.0.1:%d" % seen.port)
        for timeout, problem in ((TIMEOUT, "it timed out"), (60, "longer than 64 MB")):
            with client(8080, host="mn.example", timeout=timeout) as one, pytest.raises(AnswerLostError, match=problem):
                one.get(MODELS, "u1")
        with client(8080, host="mn.example", timeout=patience(60)) as one:
            assert one.get(MODELS, "u1") == {"uuid": "u1"}
    assert seen.requests == ["GET http://mn.example:8080/zstack/v1/ai/models/u1"] * 3


def test_a_proxy_for_https_is_used(monkeypatch, certificate):
    """A tunnel: the proxy says yes, and then there is TLS with the server."""
    def act(sock):
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with certificate[0].wrap_socket(sock, server_side=True) as inner:
            inner.recv(65536)
            SLOW["body"](inner)

    with raw_serving(act) as seen, client(8443, host="127.0.0.1", protocol="https", ca_path=certificate[1]) as one:
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:%d" % seen.port)
        with pytest.raises(AnswerLostError, match="it timed out"):
            one.get(MODELS, "u1")
    assert seen.requests == ["CONNECT 127.0.0.1:8443"]
