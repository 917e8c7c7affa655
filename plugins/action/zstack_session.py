# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.session import SESSION
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.plugin_utils._action import InProcessAction
from ansible_collections.zstack.aios.plugins.plugin_utils._plain import plain
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import REGISTER


class ActionModule(InProcessAction):
    spec = SESSION
    # The module async_status would print the session.
    _supports_async = False

    def _note_module(self, result: t.Mapping[str, t.Any]) -> None:
        """Report the session to the parent process, which closes it at the end of the run. Another host's address may not be reachable from here."""
        if result.get("failed") or self._connection.transport != "local":
            return
        options = self._validated(self._given()[0]).validated_parameters
        environ = {**os.environ, **self._own_environment()}
        session = options["session_uuid"] if options["state"] == "absent" else result.get("session_uuid")
        try:
            connection = Connection.from_params(self.spec.prepare(options, environ), environ)
        except ZStackError:
            return
        if session:
            REGISTER.watcher(connection)(plain(session), options["state"] == "present")
