# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Two-factor codes of tasks that run as modules: a process of its own cannot know which codes the rest of the run has sent."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import conclude
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, SpentCodeError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import SPENT
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import REGISTER

Result = t.Dict[str, t.Any]


def once_per_code(action: t.Any, variables: t.Mapping[str, t.Any], run: t.Callable[[], Result]) -> Result:
    """Run a task as a module, unless it would send a two-factor code that this run has sent already.

    :param action: the action plugin of the task.
    """
    options = action._validated(action._given()).validated_parameters
    connection = _connection_with_code(action, options)
    if connection is None:
        return run()
    if REGISTER.is_spent(connection):
        error = SpentCodeError(SPENT)
        outcome = conclude(action.spec, options, {"msg": error.message, "error": error.error, "changed": False}, True)
        invocation = {"invocation": {"module_args": outcome.arguments}} if action._injects_invocation(variables) else {}
        return {**outcome.result, "failed": True, **invocation}
    result = run()
    # A task whose options are refused has sent nothing.
    if (result.get("error") or {}).get("code") != OptionError.code:
        REGISTER.spend(connection)
    return result


def _connection_with_code(action: t.Any, options: t.Mapping[str, t.Any]) -> Connection | None:
    """Return the connection of a task that signs in with a two-factor code, as far as options and environment tell here."""
    environ = {**(os.environ if action._connection.transport == "local" else {}), **action._own_environment()}
    if not options.get("two_factor_code") and not environ.get("ZSTACK_TWO_FACTOR_CODE"):
        return None
    try:
        connection = Connection.from_params(action.spec.prepare(options, environ), environ)
    except ZStackError:
        return None
    return connection if connection.two_factor_code else None
