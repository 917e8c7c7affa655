# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Run a module of this collection inside the Ansible worker, or hand over to the module.

A module requires the start of a process; in the worker, only the request takes time. Both results are identical.
"""

from __future__ import annotations

import collections.abc
import contextlib
import datetime
import getpass
import os
import secrets
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec, conclude, error_result, perform
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.private import ARGUMENT, Private, is_private, unseal
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.shared import SharedReads
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import expand_lists, inspect, split_refused, with_suggestions
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import REQUESTS_TRACEBACK
from ansible_collections.zstack.aios.plugins.plugin_utils._clients import open_client
from ansible_collections.zstack.aios.plugins.plugin_utils._codes import once_per_code
from ansible_collections.zstack.aios.plugins.plugin_utils._plain import plain
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import REGISTER
from ansible_collections.zstack.aios.plugins.plugin_utils._variables import VARIABLES, in_variables
from ansible_collections.zstack.aios.plugins.plugin_utils._worker import at_work, at_work_as_module

# The variable that selects the execution, and its values.
VARIABLE = "zstack_aios_execution"
AUTO, WORKER, MODULE = "auto", "worker", "module"

# Ansible loads this file in the parent process of the workers, after it has installed its own signal handlers.
REGISTER.catch_signals()


class HandOver(Exception):
    """The task has to run as a module; the reason is the message."""


class _Arguments(dict[str, t.Any]):
    """The arguments of a module, whose values are hidden where Ansible prints them with ANSIBLE_DEBUG."""

    def __repr__(self) -> str:
        return "arguments %s" % ", ".join(sorted(self))


class InProcessAction(ActionBase):
    """The action plugin of a module; a subclass names its ``spec``."""

    spec: t.ClassVar[ModuleSpec]

    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run one task, or one item of its loop."""
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            environment = self._check_local(variables)
        except HandOver:
            result.update(once_per_code(self, variables, lambda: self._run_as_module(variables)))
        else:
            with at_work():
                result.update(self._run_here(environment, variables))
        moments = self._moments()
        if moments:
            result["warnings"] = [*(result.get("warnings") or []), *moments]
        if variables.get("__zstack_aios_review_warnings") and result.get("warnings"):
            # A report shows them, so Ansible does not have to.
            result["reviewed_warnings"] = [str(getattr(warning, "details", [warning])[0]) for warning in result.pop("warnings")]
        result = in_variables(result, self._variables_of_role(variables))
        if self.spec.sealed and not result.get("failed"):
            result["_ansible_no_log"] = True
        return result

    def _run_as_module(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        wrap_async = self._task.async_val
        environment = {name: value for name, value in self._own_environment().items() if is_private(name)}
        private = Private(environment, secrets.token_hex(32) if self.spec.sealed else "")
        arguments = _Arguments({**self._task.args, ARGUMENT: private.as_argument()})
        with at_work_as_module():
            result = self._execute_module(module_args=arguments, task_vars=variables, wrap_async=wrap_async)
            result.update((name, unseal(result[name], private.key)) for name in self.spec.sealed if result.get(name) and not result.get("failed"))
            self._note_module(result)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return t.cast(dict[str, t.Any], result)

    def _variables_of_role(self, variables: t.Mapping[str, t.Any]) -> dict[str, str]:
        """Option to variable, if a role passes its variables to this task."""
        return {str(option): str(name) for option, name in (self._templar.template(variables.get(VARIABLES)) or {}).items()}

    def _moments(self) -> list[str]:
        """Return warnings about dates with a time, which are converted to text before a module receives them."""
        given = {str(key): _only_moments(value) for key, value in self._task.args.items()}
        found = inspect({**self.spec.options, **self.spec.items}, given, self.spec.structured, self.spec.maps)
        return [str(finding) for finding in found if not finding.refused]

    def _check_local(self, variables: t.Mapping[str, t.Any]) -> dict[str, str]:
        """Return the environment of the task.

        :raises HandOver: if the task cannot run in this process, or must not.
        """
        execution = str(self._templar.template(variables.get(VARIABLE, AUTO)))
        if execution not in (AUTO, WORKER, MODULE):
            raise AnsibleError("%s: %r is not one of %s, %s, %s." % (VARIABLE, execution, AUTO, WORKER, MODULE))
        reason = "%s requires it" % VARIABLE if execution == MODULE else self._obstacle(variables)
        if reason:
            if execution == WORKER:
                raise AnsibleError("%s is %s, and the task cannot run in the worker: %s." % (VARIABLE, WORKER, reason))
            self._display.vvv("zstack.aios: running as a module: %s" % reason)
            raise HandOver(reason)
        return self._own_environment()

    def _own_environment(self) -> dict[str, str]:
        environment: dict[str, str] = {}
        super()._compute_environment_string(environment)
        return {str(key): to_text(value) for key, value in environment.items()}

    def _compute_environment_string(self, raw_environment_out: dict[str, t.Any] | None = None) -> str:
        """Return the environment for the command line of a module, without the variables that are passed as an argument."""
        environment: dict[str, t.Any] = {}
        super()._compute_environment_string(environment)
        if raw_environment_out is not None:
            raw_environment_out.clear()
            raw_environment_out.update(environment)
        return str(self._connection._shell.env_prefix(**{name: value for name, value in environment.items() if not is_private(str(name))}))

    def _obstacle(self, variables: t.Mapping[str, t.Any]) -> str | None:
        if self._task.async_val:
            return "it is asynchronous"
        if self._connection.transport != "local":
            return "its connection is %s" % self._connection.transport
        become = self._connection.become
        if become and become.get_option("become_user", playcontext=self._play_context) != getpass.getuser():
            return "it becomes another user"
        if REQUESTS_TRACEBACK and not self.spec.offline:
            return "the Python of Ansible has no requests"
        interpreter = str(self._templar.template(variables.get("ansible_python_interpreter") or "auto"))
        if os.path.isabs(interpreter) and not _same_interpreter(interpreter, variables.get("ansible_playbook_python")):
            return "ansible_python_interpreter is %s" % interpreter
        return None

    def _run_here(self, environment: dict[str, str], variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        given, refused = self._given()
        checked = self._validated(given)
        params = checked.validated_parameters
        if refused:
            outcome = conclude(self.spec, params, error_result(refused), True)
        elif checked.error_messages:
            message = with_suggestions(self._argument_error(checked.errors), self.spec.options, checked.unsupported_parameters)
            outcome = conclude(self.spec, params, {"msg": message}, True)
        else:
            with _environment(environment):
                outcome = perform(self._spec_here(variables), params, given, self._task.check_mode, os.environ, self._opener(environment), _keep)
        result = {**outcome.result, **({"failed": True} if outcome.failed else {}), **({"warnings": outcome.warnings} if outcome.warnings else {})}
        if self._injects_invocation(variables):
            result["invocation"] = {"module_args": outcome.arguments}
        return result

    def _opener(self, environment: dict[str, str]) -> t.Callable[[Connection, int], Client]:
        """Return a function that opens a client which shows its progress immediately, which a module cannot do."""
        opened = open_client(environment)

        def with_progress(connection: Connection, pool: int) -> Client:
            client = opened(connection, pool)
            # A task with until must read again on each attempt.
            client.shared = None if self._task.until else client.shared or SharedReads(client)
            client.notify = lambda line: self._display.display("zstack.aios: %s" % line)
            return client

        return with_progress

    def _note_module(self, result: t.Mapping[str, t.Any]) -> None:
        """Record the effects of a module that the end of the run depends on."""

    def _validated(self, given: t.Mapping[str, t.Any]) -> t.Any:
        """Return the options of the task in the form of AnsibleModule, with its errors.

        :param given: from `_given`.
        """
        arguments = {key: value for key, value in self.spec.arguments.items() if key != "supports_check_mode"}
        return ModuleArgumentSpecValidator(**arguments).validate(given)

    def _given(self) -> tuple[dict[str, t.Any], OptionError | None]:
        """Return the options of the task without those that cannot be read, and the error about these, if any."""
        return split_refused(self.spec.options, expand_lists(self.spec.options, {str(key): plain(value) for key, value in self._task.args.items()}))

    def _spec_here(self, variables: t.Mapping[str, t.Any]) -> ModuleSpec:
        """Return the specification that runs in the worker; a subclass may extend it beyond a module."""
        return self.spec

    def _argument_error(self, errors: t.Any) -> str:
        if isinstance(errors[0], UnsupportedError):
            return "Unsupported parameters for (%s) module: %s" % (self._task.resolved_action or self._task.action, errors.msg)
        return errors.msg

    @staticmethod
    def _injects_invocation(variables: t.Mapping[str, t.Any]) -> bool:
        # ansible-core 2.20 and older always add it, newer ones depending on a setting.
        try:
            return bool(C.config.get_config_value("INJECT_INVOCATION", variables=variables))
        except AnsibleError:
            return True


def _only_moments(value: t.Any) -> t.Any:
    """Return the value with each scalar replaced by empty text, except dates with a time."""
    if isinstance(value, collections.abc.Mapping):
        return {str(key): _only_moments(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_only_moments(item) for item in value]
    return value if isinstance(value, datetime.datetime) else ""


def _keep(client: Client) -> None:
    """Do nothing: the worker closes its clients when it ends."""


@contextlib.contextmanager
def _environment(changes: t.Mapping[str, str]) -> t.Iterator[None]:
    """Return a context in which the process has the environment of the task. The worker runs one task at a time, so no other task is affected."""
    before = {key: os.environ.get(key) for key in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _same_interpreter(interpreter: str, ours: t.Any) -> bool:
    # By path, without resolving links: two virtual environments may share one binary but not their libraries.
    return interpreter == ours
