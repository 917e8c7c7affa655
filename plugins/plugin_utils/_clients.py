# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Clients that the items of one loop share: one sign-in and one connection for all that a worker does."""

from __future__ import annotations

import atexit
import multiprocessing.util
import os
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.plugin_utils import _worker
from ansible_collections.zstack.aios.plugins.plugin_utils._codes import CODES
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import REGISTER

_clients: dict[t.Any, Client] = {}
_owner = 0


def open_client(environment: t.Mapping[str, str]) -> t.Callable[[Connection, int], Client]:
    """A way to get the worker's client for a connection, made on its first use.

    :param environment: the task's own environment, which may change how a connection is made (proxies, certificates).
    """
    def opened(connection: Connection, pool: int) -> Client:
        global _owner
        if _owner != os.getpid():
            # A forked child must not use the sockets of its parent. A worker leaves without atexit before core 2.20,
            # but it does run multiprocessing's finalizers.
            _clients.clear()
            _owner = os.getpid()
            multiprocessing.util.Finalize(None, _finish, exitpriority=100)
            _worker.on_end(close_clients)
        key = (connection, pool, tuple(sorted(environment.items())))
        if key not in _clients:
            _clients[key] = Client(connection, pool, _watcher(connection), CODES)
        return _clients[key]
    return opened


def _watcher(connection: Connection) -> t.Callable[[str, bool], None]:
    """Report each session to the parent, and sign out before urllib3 closes the connection that the session was opened on."""
    report = REGISTER.watcher(connection)

    def watch(session: str, opened: bool) -> None:
        report(session, opened)
        if opened:
            # Exit functions run in reverse order, and urllib3 has registered its own with the first connection.
            atexit.unregister(_finish)
            atexit.register(_finish)

    return watch


def close_clients() -> None:
    """Sign out of everything that this process has open."""
    while _clients:
        _clients.popitem()[1].close()


def _finish() -> None:
    with _worker.at_work():
        close_clients()
