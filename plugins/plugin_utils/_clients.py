# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Clients that the items of one loop share: one sign-in and one connection per worker."""

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
    """Return a function that returns the worker's client for a connection, which is created on its first use.

    :param environment: the environment of the task, which may affect connections (proxies, certificates).
    """
    def opened(connection: Connection, pool: int) -> Client:
        global _owner
        if _owner != os.getpid():
            # A forked child must not use the sockets of its parent. Before ansible-core 2.20, a worker exits without atexit functions, but it runs the
            # finalizers of multiprocessing.
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
    """Report each session to the parent, and sign out before urllib3 closes the connection on which the session was opened."""
    report = REGISTER.watcher(connection)

    def watch(session: str, opened: bool) -> None:
        report(session, opened)
        if opened:
            # Exit functions run in reverse order, and urllib3 registers its own with the first connection.
            atexit.unregister(_finish)
            atexit.register(_finish)

    return watch


def close_clients() -> None:
    """Close all sessions of this process."""
    while _clients:
        _clients.popitem()[1].close()


def _finish() -> None:
    with _worker.at_work():
        close_clients()
