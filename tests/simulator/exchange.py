# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its response, as the server processes it."""
from __future__ import annotations

from dataclasses import dataclass, field

from .apis import Api
from .errors import RestError

TEXT = "text/plain;charset=utf-8"
HTML = "text/html;charset=utf-8"


@dataclass
class Answer:
    """What is sent back. The type says text even for JSON: clients must not decide by it (REST page, 1)."""

    status: int
    body: str = ""
    content_type: str = TEXT
    headers: dict = field(default_factory=dict)
    error: str | None = None
    job: str | None = None


@dataclass
class Exchange:
    """One API request.

    :param path: decoded, without the context path.
    :param raw: body bytes; `body` is the parsed JSON (None when empty or unreadable).
    :param api: the call, or None; `refusal` is what routing or decoding raised.
    :param call: name for the log; also "PollJob", which is no API.
    :param key_account: account of a signed request; `session` is the session uuid of the others.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    client: str
    raw: bytes = b""
    body: object = None
    api: Api | None = None
    path_values: dict = field(default_factory=dict)
    refusal: RestError | None = None
    call: str | None = None
    key_account: str | None = None
    session: str | None = None
    faults: list = field(default_factory=list)
    entry: dict = field(default_factory=dict)

    def fault(self, *kinds: str):
        """Return the first fault of these kinds that hit this request, or None."""
        return next((fault for fault in self.faults if fault.kind in kinds), None)
