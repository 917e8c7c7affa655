# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The open sessions, and how to close them without the clients that use them."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import DETAILS, Connection

_SECRETS = ("account_name", "account_password", "access_key_id", "access_key_secret", *DETAILS)


def session_only(connection: Connection, session: str, timeout: int) -> Connection:
    """Return a connection that can close a session, and contains no other secret.

    :param timeout: of a request, in seconds.
    """
    without: dict[str, t.Any] = dict.fromkeys(_SECRETS)
    return dataclasses.replace(connection, session_uuid=session, timeout=min(connection.timeout, timeout), retries=1, **without)


def sign_out(connections: t.Iterable[Connection], seconds: float) -> None:
    """Close the session of each connection. A server that does not answer is skipped. Never raises.

    :param seconds: after this time, no further session is closed.
    """
    deadline = time.monotonic() + seconds
    silent: set[str] = set()
    for connection in connections:
        if connection.base_url in silent or time.monotonic() > deadline:
            continue
        client = Client(connection)
        if not client.close_session(str(connection.session_uuid)):
            silent.add(connection.base_url)
        client.close()


class OpenSessions:
    """The open sessions of this process."""

    def __init__(self) -> None:
        self._open: dict[str, Connection] = {}

    def watcher(self, connection: Connection) -> t.Callable[[str, bool], None]:
        """Return the function to which a client of that connection reports its sessions."""
        def watch(session: str, opened: bool) -> None:
            if opened:
                self._open[session] = session_only(connection, session, 2)
            else:
                self._open.pop(session, None)
        return watch

    def sign_out(self, seconds: float) -> None:
        """Close them all."""
        sign_out(list(self._open.values()), seconds)
