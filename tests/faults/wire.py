# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets in memory, for urllib3 and http.client."""
from __future__ import annotations

import io
import typing as t


class Wire:
    """The client's end of a connection: what http.client and urllib3 need of a socket.

    :param end: a descriptor that is never readable, since urllib3 checks for unexpected data.
    """

    def __init__(self, network: t.Any, run: int, end: int) -> None:
        self._network = network
        self._run = run
        self._end = end
        self._sent = bytearray()
        self._received = io.BytesIO()
        self._seconds = 60.0
        self.closed = False

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._end

    def settimeout(self, seconds: float | None) -> None:
        """Set how long a read may take."""
        self._seconds = 60.0 if seconds is None else seconds

    def setsockopt(self, *unused: t.Any) -> None:
        """Accept every option."""

    def shutdown(self, unused: int) -> None:
        """Accept the end."""

    def close(self) -> None:
        """Close the connection."""
        self.closed = True

    def sendall(self, data: t.Any, *unused: t.Any) -> None:
        """Send bytes."""
        self._network.refuse_dead(self._run)
        self._sent += data

    def makefile(self, *unused: t.Any, **more: t.Any) -> _File:
        """Return the file of the answer."""
        return _File(self)

    def readinto(self, buffer: t.Any) -> int:
        """Receive bytes; with the first read, the request is processed."""
        if self._sent:
            sent, self._sent = bytes(self._sent), bytearray()
            self._received = io.BytesIO(self._answer(sent))
        return self._received.readinto(buffer)

    def _answer(self, sent: bytes) -> bytes:
        head, unused_blank, body = sent.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, unused_version = first.split(" ", 2)
        headers = dict(line.split(": ", 1) for line in lines)
        answer, cut = self._network.exchange(self._run, method, target, headers, body, self._seconds)
        if isinstance(answer, bytes):
            return answer
        if answer is None:
            raise ConnectionResetError(104, "Connection reset by peer")
        data = answer.body.encode()
        fields = {"Content-Type": answer.content_type, "Content-Length": str(len(data)), "Server": "ZStack-simulator", **answer.headers}
        start = "HTTP/1.1 %d Status\r\n%s\r\n\r\n" % (answer.status, "\r\n".join("%s: %s" % field for field in fields.items()))
        return start.encode() + (data[:len(data) // 2] if cut else data)


class _File(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        return self._wire.readinto(buffer)
