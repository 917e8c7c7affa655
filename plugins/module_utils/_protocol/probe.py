# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Probe whether the endpoint of a deployed model is ready."""

from __future__ import annotations

import dataclasses
import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AnswerLostError, OptionError, ProtocolError, UnreachableError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.failures import reason_of
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import Http, Reply, excerpt, is_page
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import outside

READYZ, MODELS = "/readyz", "/v1/models"
# Seconds for one probe, and maximum length of a response in a message.
PROBE_SECONDS, SHOWN = 10, 100
# Statuses of a server that does not know a path.
_UNKNOWN_PATH = (404, 405, 501)


@dataclasses.dataclass(frozen=True)
class Probe:
    """What an endpoint answered.

    :param ready: whether it serves.
    :param path: the path whose response decides; empty if none does.
    :param answers: the response of each path, for a message.
    """

    ready: bool
    path: str
    answers: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.answers)


def probe(connection: Connection, url: str, readiness_path: str | None = None) -> Probe:
    """Probe an endpoint once.

    The first path that the server knows decides: the path of the deployment if it is known, else ``/readyz``, then ``/v1/models`` of the OpenAI API.

    :param connection: of the management node; its certificates, proxies and time limit are used, but not its account.
    :param url: the base address of the endpoint, with or without ``/v1`` and ``http://``.
    :param readiness_path: the path of the readiness probe that the deployment sets.
    :raises OptionError: for certificates or a proxy that cannot be used.
    """
    try:
        parts = urllib.parse.urlsplit(url if "://" in url else "http://" + url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        host = parts.hostname or ""
    except (ValueError, KeyError):
        host = ""
    if not host:
        return Probe(False, "", ("%s is not an http address" % outside(url),))
    base = parts.path.rstrip("/")
    root = base[:-len("/v1")] if base.endswith("/v1") else base
    http = Http(dataclasses.replace(
        connection, host=host, port=port, protocol=parts.scheme, context_path=root, retries=0, timeout=min(connection.timeout, PROBE_SECONDS)))
    try:
        return _first_known(http, [readiness_path] if readiness_path else [READYZ, MODELS], readiness_path is not None)
    finally:
        http.close()


def _first_known(http: Http, paths: t.Sequence[str], chosen: bool) -> Probe:
    answers: list[str] = []
    for path in paths:
        try:
            reply = http.exchange("GET", path)
        except (AnswerLostError, UnreachableError, ProtocolError, OptionError) as error:
            if isinstance(error, OptionError) and not error.message.startswith("host:"):
                raise
            # The server would not respond on another path either.
            return Probe(False, "", (*answers, "no answer (%s)" % reason_of(error)))
        answers.append("GET %s: %s" % (path, _words(reply)))
        verdict = _verdict(path, reply, chosen)
        if verdict is not None:
            return Probe(verdict, path, tuple(answers))
    return Probe(False, "", tuple(answers))


def _verdict(path: str, reply: Reply, chosen: bool) -> bool | None:
    """Return whether a response means ready; None if it is not from the probe of the model server."""
    if chosen:
        return 200 <= reply.status < 300
    if reply.status in _UNKNOWN_PATH or reply.is_redirect or (reply.status < 400 and is_page(reply.text)):
        return None
    if path == READYZ:
        return 200 <= reply.status < 300
    if reply.status != 200:
        return False
    models = (reply.body or {}).get("data")
    return None if not isinstance(models, list) else bool(models)


def _words(reply: Reply) -> str:
    if reply.is_redirect:
        return "HTTP %d, a redirect to %s" % (reply.status, outside(reply.location or "nowhere")[:SHOWN])
    key = ", which requires a key" if reply.status in (401, 403) else ""
    return "HTTP %d%s%s" % (reply.status, key, " (%s)" % excerpt(reply.text, SHOWN) if reply.text.strip() else "")
