# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Run a table as an Ansible module."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.zstack.aios.plugins.module_utils._client import Client
from ansible_collections.zstack.aios.plugins.module_utils._errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._http import REQUESTS_TRACEBACK
from ansible_collections.zstack.aios.plugins.module_utils._options import Connection
from ansible_collections.zstack.aios.plugins.module_utils._runner import Failure, check_options, module_arguments, run
from ansible_collections.zstack.aios.plugins.module_utils._table import Resource


def run_module(table: Resource) -> None:
    """The whole of a module's ``main``."""
    module = AnsibleModule(**module_arguments(table))
    if REQUESTS_TRACEBACK:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_TRACEBACK)
    try:
        check_options(table, module.params)
        connection = Connection.from_params(module.params, os.environ)
    except Failure as failure:
        module.fail_json(**failure.result)
    except ZStackError as error:
        module.fail_json(msg=error.message, error=error.error)
    module.no_log_values.update(connection.secrets)
    result, failed = _run(table, module, connection)
    if failed:
        module.fail_json(**result)
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


def _run(table: Resource, module: AnsibleModule, connection: Connection) -> tuple[dict[str, t.Any], bool]:
    try:
        client = Client(connection)
    except ZStackError as error:
        return {"msg": error.message, "error": error.error}, True
    try:
        return run(table, module.params, client, module.check_mode), False
    except Failure as failure:
        return failure.result, True
    finally:
        # Signed in or not, failed or not: no session of ours stays behind, and no secret of the session is shown.
        client.close()
        module.no_log_values.update(client.secrets)
