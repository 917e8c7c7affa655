# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of API requests: how tests count calls."""
from __future__ import annotations

import time
from collections import Counter, deque
from urllib.parse import unquote

from .exchange import Exchange

MASKED = ("password", "token", "accesskeysecret", "proxypassword", "apikey")
MASK = "***"
KEPT = 200_000


def masked(value: object) -> object:
    """Return a body with the values of secrets replaced."""
    if isinstance(value, dict):
        return {key: MASK if key.lower() in MASKED and item is not None else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str) and value.startswith("twofatoken::"):
        return "twofatoken::" + MASK
    return value


class RequestLog:
    """The received requests, in order of arrival."""

    def __init__(self) -> None:
        self.sequence = 0
        self.clear()

    def clear(self) -> None:
        """Forget the entries and the counts; the sequence goes on."""
        self.entries: deque[dict] = deque(maxlen=KEPT)
        self.calls: Counter = Counter()
        self.connections: set[int] = set()
        self.requests = 0
        self.sign_ins = 0

    def open(self, exchange: Exchange, connection: int) -> dict:
        """Add the entry of a request; the answer is filled in later."""
        self.sequence += 1
        self.requests += 1
        self.connections.add(connection)
        if exchange.call:
            self.calls[exchange.call] += 1
        headers = dict(exchange.headers)
        if "authorization" in headers:
            headers["authorization"] = headers["authorization"].split(" ")[0] + " " + MASK
        entry = {
            "seq": self.sequence, "time": time.time(), "connection": connection, "method": exchange.method, "path": exchange.path,
            "query": [list(pair) for pair in exchange.query], "headers": headers, "body": masked(exchange.body), "call": exchange.call,
            "write": bool(exchange.api and exchange.api.write), "validation_only": asks_validation_only(exchange), "status": None, "error": None,
            "job": None, "fault": "+".join(fault.kind for fault in exchange.faults) or None,
        }
        self.entries.append(entry)
        return entry

    def since(self, sequence: int) -> list[dict]:
        """Return the entries after a sequence number."""
        return [entry for entry in self.entries if entry["seq"] > sequence]


def asks_validation_only(exchange: Exchange) -> bool:
    """Return whether a request carries the system tag of a dry run, beside the wrapper, in it, or in the query string."""
    if ("systemTags", "validationOnly") in exchange.query:
        return True
    if not exchange.api or not isinstance(exchange.body, dict):
        return False
    for part in (exchange.body, exchange.body.get(exchange.api.wrapper)):
        if isinstance(part, dict) and isinstance(part.get("systemTags"), list):
            return "validationOnly" in part["systemTags"]
    return False


def decoded_pairs(query: str) -> list[tuple[str, str]]:
    """Return a query string as decoded pairs; '+' is a space, a key without '=' has an empty value."""
    pairs = []
    for part in query.split("&"):
        if part:
            key, equals, value = part.partition("=")
            pairs.append((unquote(key.replace("+", " ")), unquote(value.replace("+", " "))))
    return pairs
