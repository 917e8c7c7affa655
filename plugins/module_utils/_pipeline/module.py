# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The specification of a module, and how it runs as an Ansible module.

The same `ModuleSpec` runs in two ways: here as a module in its own process, and in the action plugin inside the Ansible worker.
Everything that determines a result is in `perform`, so that both return the same.
"""

from __future__ import annotations

import dataclasses
import os
import select
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import secrets_in_options
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.presenting import present, presented_arguments
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.private import Private, seal
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure, module_arguments, run
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import accept, expand_lists, split_refused, with_suggestions
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import SIGN_OUT_SECONDS, STOP, Ending
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import REQUESTS_TRACEBACK, REQUIRED
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import Masker, masking, texts_in
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sessions import OpenSessions
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import StructuredText
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

Options = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class ModuleSpec:
    """One module.

    :param arguments: the keyword arguments for ``AnsibleModule``.
    :param check: refuses bad options before there is a connection; raises `ZStackError`.
    :param run: executes the task with (options, client, check mode); its result may contain ``warnings``; raises `ZStackError` or `Failure`.
    :param pool: maximum number of concurrent calls.
    :param prepare: changes options before they are validated, given the environment variables.
    :param secrets: returns secrets in the options, in addition to the options that the argument specification marks.
    :param inspect: the warnings about values inside the options, which the user gets whatever becomes of the task.
    :param secret_members: the names of such options inside other options.
    :param structured: the options that take text or a structure, see `texts.inspect`.
    :param maps: the options that take a map with texts.
    :param offline: True for a module that sends nothing; its ``run`` gets None instead of a client.
    :param items: for options that hold items of a catalog, the specification with the options of an item.
    :param sealed: the keys of a result that are secrets, and that the user needs in a variable.
    """

    arguments: dict[str, t.Any]
    check: t.Callable[[Options], None]
    run: t.Callable[[Options, t.Any, bool], dict[str, t.Any]]
    pool: t.Callable[[Options], int] = lambda options: 1
    prepare: t.Callable[[Options, t.Mapping[str, str]], Options] = lambda options, environ: options
    secrets: t.Callable[[Options], set[str]] = lambda options: set()
    inspect: t.Callable[[Options], list[str]] = lambda options: []
    secret_members: frozenset[str] = frozenset()
    structured: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()
    offline: bool = False
    items: Options = dataclasses.field(default_factory=dict)
    sealed: frozenset[str] = frozenset()

    @property
    def options(self) -> dict[str, t.Any]:
        """The argument specification alone: option to type, default and the like."""
        return t.cast(dict[str, t.Any], self.arguments["argument_spec"])

    @property
    def secret_options(self) -> frozenset[str]:
        """The names of all secret options."""
        return self.secret_members.union(name for name, option in self.arguments["argument_spec"].items() if option.get("no_log"))

    def masker(self, options: Options) -> Masker:
        """Return a masker that knows the secrets of the options."""
        return Masker({*self.secrets(options), *(text for name in self.secret_options for text in texts_in(options.get(name), keys=False))})

    def presented(self, options: Options, masker: Masker) -> dict[str, t.Any]:
        """Return the options for ``invocation`` and the system log."""
        return presented_arguments(options, self.secret_options, masker, {**self.options, **self.items})


@dataclasses.dataclass
class Outcome:
    """The outcome of a task, without secrets. ``result`` and ``arguments`` are for ``exit_json`` or ``fail_json``.

    :param arguments: the options, for ``invocation``.
    """

    result: dict[str, t.Any]
    failed: bool
    warnings: list[str]
    arguments: dict[str, t.Any]


def resource_module(table: Resource) -> ModuleSpec:
    """Return the module of a resource kind."""
    return ModuleSpec(
        module_arguments(table),
        lambda options: validate(table, options),
        lambda options, client, check_mode: run(table, options, client, check_mode, client.shared),
        secrets=lambda options: secrets_in_options(table, options),
        structured=structured_options(table),
        maps=text_maps(table))


def structured_options(table: Resource) -> frozenset[str]:
    """Return the options of a kind that accept text or a structure."""
    return frozenset(field.option for field in table.fields if isinstance(field.type, StructuredText))


def text_maps(table: Resource) -> frozenset[str]:
    """Return the options of a kind that accept a map of texts."""
    return frozenset(field.option for field in table.fields if field.type.argument["type"] == "dict")


def perform(
    spec: ModuleSpec, options: Options, given: Options, check_mode: bool, environ: t.Mapping[str, str],
    open_client: t.Callable[[Connection, int], Client], done: t.Callable[[Client], None],
) -> Outcome:
    """Run one task from validated options to its outcome. Never raises for errors that a user can cause.

    :param given: the options before Ansible converted them, after `texts.expand_lists`.
    :param environ: the environment variables of the task.
    :param open_client: creates or reuses the client for a connection.
    :param done: called with the client at the end, also after a failure.
    """
    client: Client | None = None
    failed, warnings = True, t.cast(list[str], [])
    with masking(spec.masker(options)) as masker:
        try:
            warnings = accept(spec.options, given, spec.structured, spec.maps)
            warnings = [*warnings, *spec.inspect(options)]
            prepared = spec.prepare(options, environ)
            spec.check(prepared)
            if not spec.offline:
                connection = Connection.from_params(prepared, environ)
                masker.add(connection.secrets)
                warnings = [*warnings, *connection.warnings]
                client = open_client(connection, spec.pool(prepared))
                masker.add(client.secrets)
            result = spec.run(prepared, client, check_mode)
            failed = False
        except Failure as failure:
            result = failure.result
        except ZStackError as error:
            result = error_result(error)
        finally:
            if client is not None:
                done(client)
        if warnings:
            result["warnings"] = [*warnings, *result.get("warnings", [])]
        return conclude(spec, options, result, failed, masker)


def error_result(error: ZStackError) -> dict[str, t.Any]:
    """Return the result of a task that failed without a call that had an effect."""
    return {"msg": error.message, "error": error.error, "changed": False}


def conclude(spec: ModuleSpec, options: Options, result: dict[str, t.Any], failed: bool, masker: Masker | None = None) -> Outcome:
    """Return the outcome of a result.

    :param result: may hold ``warnings``.
    :param masker: by default one that knows the secrets of the options.
    """
    masker = masker or spec.masker(options)
    shown, warnings = present(result, masker)
    return Outcome(shown, failed, [*shown.pop("warnings", []), *warnings], spec.presented(options, masker))


def run_module(spec: ModuleSpec) -> None:
    """Run the ``main`` of a module."""
    class Module(AnsibleModule):
        given: dict[str, t.Any]
        params: dict[str, t.Any]
        private: Private
        refused: OptionError | None

        def _load_params(self) -> None:
            super()._load_params()
            self.private = Private.from_arguments(self.params)
            os.environ.update(self.private.environment)
            # The next step of the constructor converts the options in place.
            self.params, self.refused = split_refused(spec.options, expand_lists(spec.options, self.params))
            self.given = dict(self.params)

        def _log_invocation(self) -> None:
            # The options are written to the system log, where AnsibleModule does not find a secret with a quote or a backslash inside a structure.
            given, self.params = self.params, spec.presented(self.params, spec.masker(self.params))
            try:
                super()._log_invocation()
            finally:
                self.params = given

        def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
            """Fail, also if Ansible itself refuses the options."""
            if "invocation" not in kwargs:
                unknown = self.validation_result.unsupported_parameters if hasattr(self, "validation_result") else ()
                failed = error_result(self.refused) if self.refused else {"msg": with_suggestions(str(msg), spec.options, unknown)}
                outcome = conclude(spec, self.params, failed, True)
                msg = outcome.result.pop("msg")
                kwargs.update(outcome.result, invocation={"module_args": outcome.arguments})
            self._rest_is_presented()
            super().fail_json(msg, **kwargs)
            raise AssertionError("fail_json ends the process")

        def exit_json(self, **kwargs: t.Any) -> t.NoReturn:
            """Succeed."""
            self._rest_is_presented()
            super().exit_json(**kwargs)
            raise AssertionError("exit_json ends the process")

        def _rest_is_presented(self) -> None:
            # AnsibleModule would mask every occurrence of a short secret, in keys of our results, numbers and words as well.
            self.no_log_values.clear()

    module = Module(**spec.arguments)
    if module.refused:
        module.fail_json(msg=module.refused.message)
    if REQUESTS_TRACEBACK and not spec.offline:
        module.fail_json(msg=missing_required_lib(REQUIRED), exception=REQUESTS_TRACEBACK)
    # The session is closed at the end of the process, failed or not, so that none remains on the server.
    sessions = OpenSessions()
    ending = Ending(lambda gently: sessions.sign_out(SIGN_OUT_SECONDS))
    STOP.watch(_has_no_reader)
    ending.catch()
    with ending.at_work():
        outcome = perform(
            spec, module.params, module.given, module.check_mode, os.environ,
            lambda connection, pool: Client(connection, pool, sessions.watcher(connection)), Client.close)
    for warning in outcome.warnings:
        module.warn(warning)
    result = {**outcome.result, "invocation": {"module_args": outcome.arguments}}
    if module.private.key:
        result.update((name, seal(result[name], module.private.key)) for name in spec.sealed if result.get(name))
    if outcome.failed:
        module.fail_json(**result)
    module.exit_json(**result)


def _has_no_reader() -> bool:
    """Return whether nothing reads the output of this module any more, because its worker or its connection has ended."""
    poll = select.poll()
    poll.register(1, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for descriptor, events in poll.poll(0))
