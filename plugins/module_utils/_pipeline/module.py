# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""What a module of this collection is, and how it runs as an Ansible module.

The same `ModuleSpec` runs in two hosts: here as a module of its own process, and in the action plugin inside the Ansible
worker. Everything that decides a result is in `perform`, so that both give the same.
"""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure, module_arguments, run
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import REQUESTS_TRACEBACK
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

Options = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class ModuleSpec:
    """One module.

    :param arguments: the keyword arguments for ``AnsibleModule``.
    :param check: refuses bad options before there is a connection; raises `ZStackError`.
    :param run: does the work with (options, client, check mode); its result may hold ``warnings``; raises `ZStackError` or `Failure`.
    :param pool: how many calls may be under way at once.
    :param prepare: changes options before they are looked at, knowing the environment variables.
    :param secrets: what must never be shown of the options, beside those that the argument specification marks.
    """

    arguments: dict[str, t.Any]
    check: t.Callable[[Options], None]
    run: t.Callable[[Options, Client, bool], dict[str, t.Any]]
    pool: t.Callable[[Options], int] = lambda options: 1
    prepare: t.Callable[[Options, t.Mapping[str, str]], Options] = lambda options, environ: options
    secrets: t.Callable[[Options], set[str]] = lambda options: set()


@dataclasses.dataclass
class Outcome:
    """What came of a task. ``result`` is for ``exit_json`` or ``fail_json``; ``secrets`` have to be masked in it."""

    result: dict[str, t.Any]
    failed: bool
    warnings: list[str]
    secrets: set[str]


def resource_module(table: Resource) -> ModuleSpec:
    """The module of a resource kind."""
    return ModuleSpec(
        module_arguments(table),
        lambda options: validate(table, options),
        lambda options, client, check_mode: run(table, options, client, check_mode))


def perform(
    spec: ModuleSpec, options: Options, check_mode: bool, environ: t.Mapping[str, str],
    open_client: t.Callable[[Connection, int], Client], done: t.Callable[[Client], None],
) -> Outcome:
    """One task from validated options to its outcome. Never raises for what a user can cause.

    :param environ: the environment variables that count.
    :param open_client: makes or finds the client for a connection.
    :param done: called with the client at the end, whatever happened.
    """
    secrets = spec.secrets(options)
    client: Client | None = None
    try:
        options = spec.prepare(options, environ)
        spec.check(options)
        connection = Connection.from_params(options, environ)
        secrets.update(connection.secrets)
        client = open_client(connection, spec.pool(options))
        result = spec.run(options, client, check_mode)
        return Outcome(result, False, result.pop("warnings", []), secrets)
    except Failure as failure:
        return Outcome(failure.result, True, [], secrets)
    except ZStackError as error:
        return Outcome({"msg": error.message, "error": error.error, "changed": False}, True, [], secrets)
    finally:
        if client is not None:
            done(client)
            secrets.update(client.secrets)


def run_module(spec: ModuleSpec) -> None:
    """The whole of a module's ``main``."""
    class Module(AnsibleModule):
        def _log_invocation(self) -> None:
            # The options are written to the system log before anyone else sees them.
            self.no_log_values.update(spec.secrets(self.params))
            super()._log_invocation()

    module = Module(**spec.arguments)
    if REQUESTS_TRACEBACK:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_TRACEBACK)
    # The session ends with the process, failed or not: none of ours stays behind on the server.
    outcome = perform(spec, module.params, module.check_mode, os.environ, Client, Client.close)
    module.no_log_values.update(outcome.secrets)
    for warning in outcome.warnings:
        module.warn(warning)
    if outcome.failed:
        module.fail_json(**outcome.result)
    module.exit_json(**outcome.result)
