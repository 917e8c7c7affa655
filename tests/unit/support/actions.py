# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run action plugins as a worker of Ansible does, and the modules that they start, in the process of the tests and over the network in memory."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import os
import shlex
import types
import typing as t
from unittest import mock

from ansible.module_utils.common.parameters import PASS_VARS
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import get_shell_plugin
from ansible.template import Templar

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.plugin_utils import _clients, _codes, _sessions
from faults.modules import run_as_module
from faults.network import FIRST_PORT, HOST, Network
from faults.tasks import RETRIES, SIGN_INS, TIMEOUT, WAIT_TIMEOUT

ACTIONS = "ansible_collections.zstack.aios.plugins.action."


@dataclasses.dataclass
class Ran:
    """What came of one task.

    :param result: as Ansible gets it from the action plugin.
    :param lines: what was shown meanwhile.
    :param reason: why the task ran as a module; None for one that ran in the worker.
    :param calls: the API calls that the task has sent, without those that look at jobs.
    """

    result: dict[str, t.Any]
    lines: list[str]
    reason: str | None
    calls: list[str]
    passed: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    variables: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the task failed."""
        return bool(self.result.get("failed"))

    @property
    def message(self) -> str:
        """The message of a failure."""
        return str(self.result["msg"])


class Tasks:
    """Runs tasks one after the other, as one worker does for the items of a loop.

    :param network: answers the requests; None for tasks that send none.
    :param directory: the temporary directory of the run.
    """

    def __init__(self, network: Network | None, directory: t.Any) -> None:
        self.network = network
        self._directory = str(directory)

    @contextlib.contextmanager
    def working(self) -> t.Iterator[Tasks]:
        """While this lasts, clients, sessions and codes are those of this worker. In the end it signs out."""
        with contextlib.ExitStack() as patches:
            patches.enter_context(mock.patch.object(_sessions.REGISTER, "_file", _sessions._anonymous_file()))
            codes = _codes.SpentCodes(lambda: self._directory)
            for user in (_codes, _clients):
                patches.enter_context(mock.patch.object(user, "CODES", codes))
            kept = {name: value for name, value in os.environ.items() if not name.startswith("ZSTACK_") and not name.lower().endswith("_proxy")}
            # Results have an invocation in every version of ansible-core.
            patches.enter_context(mock.patch.dict(os.environ, {**kept, "ANSIBLE_INJECT_INVOCATION": "1"}, clear=True))
            try:
                yield self
            finally:
                _clients.close_clients()

    def run(self, module: str, run: int = 1, sign_in: str = "password", **how: t.Any) -> Ran:
        """Run one task.

        :param run: a number of its own, by which strikes find it.
        :param how: the options of the task, and in ``task`` its keywords, such as ``environment``; in ``variables`` its variables.
        """
        keywords, variables = how.pop("task", {}), how.pop("variables", {})
        connection = {"host": HOST, "port": FIRST_PORT + run, "retries": RETRIES, "timeout": TIMEOUT, "wait_timeout": WAIT_TIMEOUT, **SIGN_INS[sign_in]}
        given = {option: value for option, value in {**connection, **how}.items() if value is not None}
        return self.action(module, given, keywords, variables)

    def action(self, module: str, given: dict[str, t.Any], keywords: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any]) -> Ran:
        """Run an action plugin with exactly these options, keywords and variables."""
        task = Task()
        task.action = task._resolved_action = "zstack.aios." + module
        task.args = given
        for keyword, value in {"async_val": 0, "check_mode": False, "environment": [], "until": [], **keywords}.items():
            if keyword not in ("transport", "become"):
                setattr(task, keyword, value)
        connection = types.SimpleNamespace(
            transport=keywords.get("transport", "local"), become=keywords.get("become"), _shell=get_shell_plugin(executable="/bin/sh"))
        action = importlib.import_module(ACTIONS + module).ActionModule(task, connection, PlayContext(), DataLoader(), Templar(DataLoader()), None)
        ran = Ran({}, [], None, [])
        action._load_name = task.action
        action._display = types.SimpleNamespace(display=ran.lines.append, vvv=ran.lines.append)
        action._execute_module = lambda **arguments: self._module(ran, action, **arguments)
        records = self.network.records if self.network else []
        first = len(records)
        ran.result = action.run(task_vars={**variables})
        ran.calls = [str(record.call) for record in records[first:] if "/api-jobs/" not in record.path]
        return ran

    def _module(self, ran: Ran, action: t.Any, module_args: dict[str, t.Any], task_vars: t.Any, wrap_async: t.Any) -> dict[str, t.Any]:
        """Replace ``_execute_module``, which starts a process with the environment of the task on its command line."""
        ran.reason = next((line.partition("module: ")[2] for line in ran.lines if "running as a module" in line), "")
        complete: dict[str, str] = {}
        ran.passed, ran.variables = module_args, dict(pair.split("=", 1) for pair in shlex.split(action._compute_environment_string(complete)))
        assert ran.variables.items() <= complete.items()
        with mock.patch.dict(os.environ, ran.variables):
            if action._connection.become:
                # sudo does not pass the environment on.
                for name in [name for name in os.environ if name.startswith("ZSTACK_")]:
                    del os.environ[name]
            arguments = {**module_args, "_ansible_module_name": action._task.action, "_ansible_verbosity": 0, "_ansible_debug": False}
            if "inject_invocation" in PASS_VARS:
                # Without it, ansible-core 2.20 and older add the invocation.
                arguments["_ansible_inject_invocation"] = True
            printed = run_as_module(t.cast(ModuleSpec, action.spec), arguments, action._task.check_mode)
        return {**json.loads(printed.result), **({"warnings": printed.warnings} if printed.warnings else {})}
