# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The two-factor codes that an Ansible run has sent. A second use could lock the account.

Tasks, lookups and inventories sign in from several processes, which share the temporary directory of the run. A file there contains slow digests, and is
removed with the directory when Ansible ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import typing as t

from ansible import constants as C
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import conclude, error_result
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, SpentCodeError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import SPENT

Result = dict[str, t.Any]
_FILE = "zstack-aios-codes"


class SpentCodes:
    """The codes that any process of a run has sent.

    :param directory: returns the directory that the processes share.
    """

    def __init__(self, directory: t.Callable[[], str]) -> None:
        self._directory = directory
        self._here: set[str] = set()

    def is_spent(self, connection: Connection) -> bool:
        """Return whether the code of this connection was sent."""
        mark = self._mark(connection)
        with contextlib.suppress(OSError):
            with open(self._path(), encoding="ascii") as file:
                self._here.update(file.read().split())
        return mark in self._here

    def spend(self, connection: Connection) -> None:
        """Record that the code of this connection was sent."""
        mark = self._mark(connection)
        self._here.add(mark)
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, mark.encode("ascii") + b"\n")
            finally:
                os.close(descriptor)

    def _path(self) -> str:
        return os.path.join(self._directory(), _FILE)

    def _mark(self, connection: Connection) -> str:
        text = json.dumps([connection.base_url, connection.login_type, connection.account_name, connection.user_name, connection.two_factor_code])
        return hashlib.scrypt(text.encode("ascii"), salt=self._directory().encode("utf-8", "surrogateescape"), n=2 ** 12, r=8, p=1, dklen=24).hex()


CODES = SpentCodes(lambda: str(C.DEFAULT_LOCAL_TMP))


def once_per_code(action: t.Any, variables: t.Mapping[str, t.Any], run: t.Callable[[], Result]) -> Result:
    """Run a task as a module, unless it would send a two-factor code that this run has sent already.

    :param action: the action plugin of the task.
    """
    options = action._validated(action._given()[0]).validated_parameters
    connection = _connection_with_code(action, options)
    if connection is None:
        return run()
    if CODES.is_spent(connection):
        error = SpentCodeError(SPENT)
        outcome = conclude(action.spec, options, error_result(error), True)
        invocation = {"invocation": {"module_args": outcome.arguments}} if action._injects_invocation(variables) else {}
        return {**outcome.result, "failed": True, **invocation}
    result = run()
    # A task with refused options has sent nothing.
    if (result.get("error") or {}).get("code") != OptionError.code:
        CODES.spend(connection)
    return result


def _connection_with_code(action: t.Any, options: t.Mapping[str, t.Any]) -> Connection | None:
    """Return the connection of a task that signs in with a two-factor code, as far as options and environment are known here."""
    environ = {**(os.environ if action._connection.transport == "local" else {}), **action._own_environment()}
    if not options.get("two_factor_code") and not environ.get("ZSTACK_TWO_FACTOR_CODE"):
        return None
    try:
        connection = Connection.from_params(action.spec.prepare(options, environ), environ)
    except ZStackError:
        return None
    return connection if connection.two_factor_code else None
