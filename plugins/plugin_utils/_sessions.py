# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Sessions that the workers of one Ansible run have open, so that none outlives the run.

A worker signs out when it ends. One that is killed cannot, and a session of M(zstack.aios.zstack_session) belongs to no worker.
So each session that is opened or closed is told to the process that loaded this module first, which is the parent of all
workers, and that one signs out of what is left when it ends. They tell it through an anonymous file without a name, which
no other process can open and which is gone with the last of them.
"""

from __future__ import annotations

import atexit
import dataclasses
import fcntl
import json
import os
import tempfile
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection

_SECRETS = ("account_name", "account_password", "access_key_id", "access_key_secret")


class Register:
    """The sessions that were opened and closed, in order, one line of JSON each."""

    def __init__(self) -> None:
        self._file = _anonymous_file()
        self._owner = os.getpid()

    def watcher(self, connection: Connection) -> t.Callable[[str, bool], None]:
        """What a client of that connection tells its sessions to."""
        values = {**dataclasses.asdict(connection), **dict.fromkeys(_SECRETS), "timeout": min(connection.timeout, 10), "retries": 1}

        def watch(session: str, opened: bool) -> None:
            line = json.dumps({"opened": opened, "connection": {**values, "session_uuid": session}}) + "\n"
            os.write(self._file, line.encode("utf-8"))
        return watch

    def close_all(self) -> None:
        """Sign out of every session that is still open, in the process that made this register. Never raises."""
        if os.getpid() != self._owner:
            return
        for connection in self.left():
            client = Client(connection)
            client.close_session(str(connection.session_uuid))
            client.close()

    def left(self) -> list[Connection]:
        """The connections of the sessions that were opened and not closed."""
        found: dict[str, Connection] = {}
        text = os.pread(self._file, os.fstat(self._file).st_size, 0).decode("utf-8")
        for line in text.splitlines():
            entry = json.loads(line)
            connection = Connection(**entry["connection"])
            if entry["opened"]:
                found[str(connection.session_uuid)] = connection
            else:
                found.pop(str(connection.session_uuid), None)
        return list(found.values())


def _anonymous_file() -> int:
    """A file in memory, or without a name where the system has none in memory; several processes can append to it at once."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("zstack-sessions")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_APPEND)
    return descriptor


REGISTER = Register()
atexit.register(REGISTER.close_all)
