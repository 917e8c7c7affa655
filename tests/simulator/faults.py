# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switchable faults: answers lost before or after the work, stuck jobs, pages of a proxy and the like."""
from __future__ import annotations

import re
from dataclasses import dataclass, field

from .errors import ApiError, RestError, html_page
from .exchange import HTML, Answer, Exchange

LOGIN_PAGE = "<html><head><title>Sign in</title></head><body><form action=\"/login\"><input name=\"user\"></form></body></html>\r\n"
PAGES = {"html_502": (502, "Bad Gateway"), "html_503": (503, "Service Temporarily Unavailable"), "html_504": (504, "Gateway Time-out")}
# kinds that answer in place of the server; with `after` the request is processed first
SUBSTITUTES = (*PAGES, "empty_500", "html_200", "rate_limit", "not_ready", "boot_404", "redirect")
KINDS = SUBSTITUTES + ("drop_before", "drop_after", "cut_body", "slow", "stuck_job", "expire_session", "error", "ignore_fields", "late_row",
                       "restart", "fail_deployment", "fail_restart", "old_configuration", "stale_status", "fail_evaluation")
MATCHES = ("call", "method", "path", "nth")


@dataclass
class Fault:
    """One armed fault.

    :param match: call, method, path (regular expression on the decoded path without context path), nth (first match that counts, from 1).
    :param times: how often it fires; 0 means forever.
    :param seen: requests that matched apart from nth; `fired`: how often it struck.
    """

    kind: str
    match: dict
    times: int = 1
    options: dict = field(default_factory=dict)
    seen: int = 0
    fired: int = 0

    def hits(self, exchange: Exchange) -> bool:
        """Return whether this request is struck, and count it."""
        match = self.match
        if self.times and self.fired >= self.times:
            return False
        if "call" in match and match["call"] != exchange.call or "method" in match and match["method"] != exchange.method:
            return False
        if "path" in match and not re.search(match["path"], exchange.path):
            return False
        self.seen += 1
        if self.seen < match.get("nth", 1):
            return False
        self.fired += 1
        return True

    def as_dict(self) -> dict:
        """Return the fault for the control API."""
        return {"kind": self.kind, "match": self.match, "times": self.times, **self.options, "seen": self.seen, "fired": self.fired}


class Faults:
    """The armed faults."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []

    def add(self, document: dict) -> Fault:
        """Arm a fault from the control API; raise ValueError for an unknown kind or match."""
        options = dict(document)
        kind, match, times = options.pop("kind", None), options.pop("match", None) or {}, options.pop("times", 1)
        if kind not in KINDS:
            raise ValueError(f"unknown fault kind {kind!r}; known: {sorted(KINDS)}")
        unknown = set(match) - set(MATCHES)
        if unknown:
            raise ValueError(f"unknown match {sorted(unknown)}; known: {MATCHES}")
        fault = Fault(kind, match, times, options)
        self.armed.append(fault)
        return fault

    def striking(self, exchange: Exchange) -> list[Fault]:
        """Return the faults that strike a request."""
        return [fault for fault in self.armed if fault.hits(exchange)]


def substitute(fault: Fault) -> Answer:
    """Return the answer of a fault that takes the server's place; RestError and ApiError are raised for those in the server's own form."""
    kind = fault.kind
    if kind in PAGES:
        return Answer(PAGES[kind][0], html_page(*PAGES[kind]), HTML)
    if kind == "empty_500":
        return Answer(500)
    if kind == "html_200":
        return Answer(200, LOGIN_PAGE, HTML)
    if kind == "redirect":
        return Answer(302, html_page(302, "Found"), HTML, {"Location": fault.options.get("location", "http://192.0.2.30/login")})
    if kind == "not_ready":
        raise ApiError("SYS.1010", "management node is not ready")
    if kind == "rate_limit":
        raise RestError(429, "Rate limit exceeded")
    raise RestError(404, fault.options.get("text", ""))


def error_of(fault: Fault) -> ApiError:
    """Return the error that a fault of kind `error` asks for."""
    options = fault.options
    details = options.get("details", "simulated failure")
    return ApiError(options.get("code", "SYS.1006"), details, options.get("globalErrorCode"), options.get("cause"))
