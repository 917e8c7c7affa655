# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Sessions that the workers of one Ansible run have open, so that none outlives the run.

A worker signs out when it ends. One that is killed cannot, and a session of M(zstack.aios.zstack_session) belongs to no worker.
So each open session stands in a private file below Ansible's own temporary directory, and the process that loaded this
module first, which is the parent of all workers, signs out of what is left when it ends.
"""

from __future__ import annotations

import atexit
import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
import typing as t

from ansible import constants as C
from ansible_collections.zstack.aios.plugins.module_utils._client import Client
from ansible_collections.zstack.aios.plugins.module_utils._options import Connection

_SECRETS = ("account_name", "account_password", "access_key_id", "access_key_secret")


class Register:
    """A directory with one file per open session; only this user can read it."""

    def __init__(self, parent: str | None) -> None:
        self._directory = tempfile.mkdtemp(prefix="zstack-sessions-", dir=parent)
        self._owner = os.getpid()

    def watcher(self, connection: Connection) -> t.Callable[[str, bool], None]:
        """What a client of that connection tells its sessions to."""
        def watch(session: str, opened: bool) -> None:
            path = os.path.join(self._directory, hashlib.sha256(session.encode("utf-8")).hexdigest())
            if opened:
                values = {**dataclasses.asdict(connection), **dict.fromkeys(_SECRETS), "session_uuid": session, "timeout": min(connection.timeout, 10), "retries": 1}
                with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                    json.dump(values, file)
            elif os.path.exists(path):
                os.unlink(path)
        return watch

    def close_all(self) -> None:
        """Sign out of every session that is still open, in the process that made this register. Never raises."""
        if os.getpid() != self._owner:
            return
        try:
            for name in os.listdir(self._directory):
                with open(os.path.join(self._directory, name), encoding="utf-8") as file:
                    connection = Connection(**json.load(file))
                client = Client(connection)
                client.close_session(str(connection.session_uuid))
                client.close()
        except (OSError, ValueError, TypeError):
            pass  # the run is over, and no one could act on it; the session ends by itself after its lifetime
        finally:
            shutil.rmtree(self._directory, ignore_errors=True)


REGISTER = Register(C.DEFAULT_LOCAL_TMP if os.path.isdir(C.DEFAULT_LOCAL_TMP or "") else None)
atexit.register(REGISTER.close_all)
