# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""HTTP connections with bounded exchanges: one deadline for each exchange as a whole, and size limits for responses.

The timeouts of requests and urllib3 apply to each read of a socket, so a server that sends one byte per second never times out. Here the socket itself knows
the deadline of the exchange, which covers the response of a proxy, the TLS handshake, the request, 100 Continue, the head and the body.
"""

from __future__ import annotations

import http.client
import io
import json
import socket
import ssl
import time
import typing as t
import zlib

from ansible_collections.zstack.aios.plugins.module_utils._protocol.answers import Unusable
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import outside

HTTPAdapter: t.Any = object
try:
    from requests import adapters as _adapters

    HTTPAdapter = _adapters.HTTPAdapter
except ImportError:
    pass

# Maximum bytes of a status line, its headers, and all preceding 100 Continue. The management node sends less than 1 kB.
MOST_HEAD = 256 * 1024
# Maximum bytes of a decoded result: a page of 1000 objects with 60 kB each.
MOST_BODY = 64 * 1024 * 1024
# Maximum bytes of a decoded response that is not a result: an error, or the page of a proxy.
MOST_REFUSAL = 4 * 1024 * 1024
# Maximum bytes received for one part of a body of at most `_CHUNK`: the part itself, chunk sizes, and trailers.
MOST_BETWEEN = 1024 * 1024
# The accepted encodings: those that can be decoded in bounded memory.
ENCODINGS = "gzip, deflate"

# The reason of the error for such a connection, in the style of OpenSSL.
VERSION_TOO_LOW = "VERSION_TOO_LOW"
_OLD_TLS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1")

_CHUNK = 64 * 1024


class Excess(http.client.HTTPException):
    """More bytes than a response may have; the message names the part."""


class Deadline:
    """The deadline of an exchange.

    :param seconds: maximum time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = 0.0

    def start(self) -> None:
        """Begin a new exchange."""
        self._end = time.monotonic() + self._seconds

    def left(self) -> float:
        """Return the seconds that are left.

        :raises TimeoutError: if none are left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        return left


class BoundedSocket:
    """A socket of any kind (plain, TLS, TLS in TLS) that limits each operation to the time left for the exchange.

    :param sock: the underlying socket.
    """

    def __init__(self, sock: t.Any, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._part, self._room = "head", MOST_HEAD

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._sock, name)

    def expect(self, part: str, room: int) -> None:
        """Limit what may be received from here on.

        :param part: the part of the response, for the message.
        :param room: maximum number of bytes.
        """
        self._part, self._room = part, room

    def gettimeout(self) -> float:
        """Return the socket that a TLS socket around this one may use for its handshake."""
        return self._deadline.left()

    def sendall(self, data: t.Any, *args: t.Any) -> None:
        """Send everything."""
        view = memoryview(data).cast("B")
        # In parts, because a TLS socket applies its timeout to each record.
        for start in range(0, len(view), _CHUNK):
            self._sock.settimeout(self._deadline.left())
            self._sock.sendall(view[start:start + _CHUNK], *args)

    def recv(self, *args: t.Any) -> bytes:
        """Receive bytes."""
        self._sock.settimeout(self._deadline.left())
        data = self._sock.recv(*args)
        self.count(len(data))
        return data

    def recv_into(self, *args: t.Any, **more: t.Any) -> int:
        """Receive bytes into a buffer."""
        return self.receive(lambda: self._sock.recv_into(*args, **more))

    def receive(self, act: t.Callable[[], int | None]) -> int:
        """Receive with ``act``, and count the bytes."""
        self._sock.settimeout(self._deadline.left())
        received = act() or 0
        self.count(received)
        return received

    def count(self, received: int) -> None:
        """Count received bytes.

        :raises Excess: if there are more than allowed.
        """
        self._room -= received
        if self._room < 0:
            raise Excess("its %s is too long" % self._part)

    def makefile(self, *args: t.Any, **more: t.Any) -> io.BufferedReader:
        """Return the file from which a response is read."""
        return io.BufferedReader(_Reader(self._sock.makefile("rb", buffering=0), self))


class _Reader(io.RawIOBase):
    def __init__(self, file: t.Any, owner: BoundedSocket) -> None:
        super().__init__()
        self._file = file
        self._owner = owner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        return self._owner.receive(lambda: self._file.readinto(buffer))

    def close(self) -> None:
        # The socket stays open until the last file on it is closed.
        self._file.close()
        super().close()


def _check_tls(sock: t.Any) -> None:
    """Refuse a version of TLS that is too old. Newer versions of urllib3 do that themselves, older ones rely on the settings of OpenSSL.

    :raises ssl.SSLError: whose reason is `VERSION_TOO_LOW`.
    """
    version = getattr(sock, "version", None)
    spoken = version() if callable(version) else None
    if spoken in _OLD_TLS:
        error = ssl.SSLError(1, "the server speaks %s" % spoken)
        error.reason = VERSION_TOO_LOW
        raise error


class _Connection:
    """A mixin for the connection classes of urllib3."""

    deadline: Deadline

    def _new_conn(self) -> BoundedSocket:
        self.deadline.left()
        return BoundedSocket(super()._new_conn(), self.deadline)  # type: ignore[misc]

    def _connect_tls_proxy(self, *args: t.Any, **more: t.Any) -> BoundedSocket:
        return BoundedSocket(super()._connect_tls_proxy(*args, **more), self.deadline)  # type: ignore[misc]

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
            _check_tls(self.sock)
        except Exception as error:
            error.nothing_sent = True  # type: ignore[attr-defined]
            raise
        if not isinstance(self.sock, BoundedSocket):
            self.sock: t.Any = BoundedSocket(self.sock, self.deadline)

    def getresponse(self, *args: t.Any, **more: t.Any) -> t.Any:
        # Kept, because a connection that the server will close no longer has a socket after the head was read.
        sock = self.sock
        sock.expect("head", MOST_HEAD)
        response = super().getresponse(*args, **more)  # type: ignore[misc]
        sock.expect("body", MOST_BETWEEN)
        response.bounded = sock
        return response


class _Pool:
    """A mixin for the connection pool classes of urllib3."""

    seconds: float

    def _get_conn(self, *args: t.Any, **more: t.Any) -> t.Any:
        # Called at the start of each attempt, including attempts that urllib3 repeats because no connection was established.
        connection = super()._get_conn(*args, **more)  # type: ignore[misc]
        if not hasattr(connection, "deadline"):
            connection.deadline = Deadline(self.seconds)
        connection.deadline.start()
        return connection


def _bounded(pool: t.Any, seconds: float) -> t.Any:
    connection = type("Bounded" + pool.ConnectionCls.__name__, (_Connection, pool.ConnectionCls), {})
    return type("Bounded" + pool.__name__, (_Pool, pool), {"ConnectionCls": connection, "seconds": seconds})


class BoundedAdapter(HTTPAdapter):
    """An adapter of requests for bounded exchanges, with or without a proxy of any kind.

    :param seconds: maximum time of one exchange as a whole.
    """

    def __init__(self, seconds: float, **more: t.Any) -> None:
        self._seconds = seconds
        super().__init__(**more)

    def init_poolmanager(self, *args: t.Any, **more: t.Any) -> None:
        """Create the pools of direct connections."""
        super().init_poolmanager(*args, **more)
        self._bind(self.poolmanager)

    def proxy_manager_for(self, *args: t.Any, **more: t.Any) -> t.Any:
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(*args, **more)
        self._bind(manager)
        return manager

    def _bind(self, manager: t.Any) -> None:
        manager.pool_classes_by_scheme = {
            scheme: pool if issubclass(pool, _Pool) else _bounded(pool, self._seconds) for scheme, pool in manager.pool_classes_by_scheme.items()}


def read_body(raw: t.Any, most: int) -> bytearray:
    """Return the decoded body of a response.

    :param raw: urllib3's response, from which nothing was read.
    :param most: maximum number of bytes.
    :raises Unusable: for a body that is longer or cannot be decoded.
    :raises http.client.IncompleteRead: for a body that ends too early.
    """
    encoding = str(raw.headers.get("Content-Encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise Unusable("it has the encoding %s, which was not asked for" % json.dumps(outside(encoding)[:40]))
    inflate = None if encoding == "identity" else _Inflate()
    # urllib3 1.26 wraps the response that the connection has returned.
    sock = getattr(raw, "bounded", None) or getattr(getattr(raw, "_original_response", None), "bounded", None)
    body = bytearray()
    received = 0
    try:
        for chunk in raw.stream(_CHUNK, decode_content=False):
            received += len(chunk)
            for piece in inflate.feed(chunk) if inflate else (chunk,):
                body += piece
                if max(len(body), received) > most:
                    raise Unusable("it is longer than %d MB" % (most // 1024 // 1024))
            if sock is not None:
                sock.expect("body", MOST_BETWEEN)
    except zlib.error as error:
        raise Unusable("it is not encoded as %s, although it claims to be (%s)" % (encoding, error)) from error
    length = str(raw.headers.get("Content-Length") or "")
    # urllib3 1.26 does not compare the lengths.
    short = length.isascii() and length.isdigit() and len(length) < 20 and "Transfer-Encoding" not in raw.headers and received < int(length)
    if short or (inflate and received and not inflate.complete):
        raise http.client.IncompleteRead(b"", int(length) - received if short else None)
    return body


class _Inflate:
    """Decodes gzip and deflate in pieces of bounded size, in all versions of urllib3."""

    def __init__(self) -> None:
        self._stream: t.Any = None
        self._head = b""
        self._started = False
        self._over = False

    @property
    def complete(self) -> bool:
        """Whether every started part has ended."""
        return self._started and self._stream is None

    def feed(self, data: bytes) -> t.Iterator[bytes]:
        """Yield the decoded bytes."""
        while not self._over:
            if self._stream is None:
                data, self._head = self._head + data, b""
                if len(data) < 2:  # too short to detect the format
                    self._head = data
                    return
                # A gzip file may be followed by another one, or by padding.
                self._over = self._started and data[:2] != b"\x1f\x8b"
                if self._over:
                    return
                # 32: the header says whether it is gzip or zlib.
                self._stream = zlib.decompressobj(32 + zlib.MAX_WBITS)
            try:
                piece = self._stream.decompress(data, _CHUNK)
            except zlib.error:
                if self._started:
                    raise
                # Some servers send raw deflate data.
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
                piece = self._stream.decompress(data, _CHUNK)
            self._started = True
            yield piece
            if self._stream.eof:
                data, self._stream = self._stream.unused_data, None
            else:
                data = self._stream.unconsumed_tail
                if not data and len(piece) < _CHUNK:
                    return
