# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short path for requests without a fault: from the collection's `Http` to the simulator, without urllib3 and http.client.

Most of the time of a schedule would be spent in these libraries. A request that a fault strikes takes the whole path.
"""
from __future__ import annotations

import contextlib
import http.client
import json
import typing as t
import urllib.parse
from unittest import mock

import requests
import urllib3

from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers
from ansible_collections.zstack.aios.plugins.module_utils._protocol import http as product

JSON = {"Content-Type": "application/json; charset=utf-8"}
# Statuses whose headers the client does not read.
PLAIN = frozenset((200, 202))


class Prepared(t.NamedTuple):
    """The arguments of a request that may take either path."""

    method: str
    url: str
    query: t.Sequence[tuple[str, str]]
    body: t.Any
    headers: t.Mapping[str, str]

    @property
    def target(self) -> str:
        """The path and the query."""
        path = urllib.parse.urlsplit(self.url).path
        return path + "?" + urllib.parse.urlencode(self.query, quote_via=urllib.parse.quote, safe="") if self.query else path


class Shortcut:
    """The short path to a network in memory.

    :param network: a `Network`; a request that its `is_plain` refuses takes the whole path.
    """

    def __init__(self, network: t.Any) -> None:
        self.network = network
        self._prepare, self._send = product._prepared, product.Http._send  # pylint: disable=protected-access
        # The clients whose last request was answered, so that their connection is open.
        self.connected: set[product.Http] = set()

    @contextlib.contextmanager
    def open(self) -> t.Iterator[None]:
        """Return a context in which the client uses the short path."""
        def send(client: product.Http, request: Prepared, proxy: str | None, verify: str | bool) -> product.Reply:
            return self.send(client, request, proxy, verify)

        with mock.patch.object(product, "_prepared", Prepared), mock.patch.object(product.Http, "_send", send):
            yield

    def send(self, client: product.Http, request: Prepared, proxy: str | None, verify: str | bool) -> product.Reply:
        """Replace ``Http._send``."""
        connection = client._connection  # pylint: disable=protected-access
        target = request.target
        if not self.network.is_plain(connection.host, connection.port, target):
            return self._whole_path(client, request, proxy, verify)
        body = b"" if request.body is None else json.dumps(request.body, separators=(",", ":")).encode("ascii")
        try:
            answer, cut = self.network.receive(connection.port, request.method, target, {**JSON, **request.headers}, body, connection.timeout)
        except TimeoutError as error:
            raise requests.exceptions.ReadTimeout(error) from error
        # Other requests of the same run may have taken the number of this one.
        if answer is None:
            raise requests.exceptions.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "Reset")))
        if cut:
            raise http.client.IncompleteRead(b"")
        client._answered = True  # pylint: disable=protected-access
        self.connected.add(client)
        raw = None if answer.status in PLAIN else urllib3.HTTPResponse(b"", answer.headers, answer.status, preload_content=False)
        return product.Reply(answer.status, answers.parse(answer.body), answer.body, answer.headers.get("Location"), raw)

    def _whole_path(self, client: product.Http, request: Prepared, proxy: str | None, verify: str | bool) -> product.Reply:
        if client not in self.connected:
            return self._send(client, self._prepare(*request), proxy, verify)
        self.connected.discard(client)
        # An open connection is used again, also while the server accepts no new one.
        with self.network.connected(client._connection.port):  # pylint: disable=protected-access
            return self._send(client, self._prepare(*request), proxy, verify)
