# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The kinds that a catalog can contain, and the options of their items.

To add a kind, add one line to `KINDS`. Everything else here works on the tables.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_mutually_exclusive, check_required_if, check_required_one_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import secrets_in_options
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import structured_options, text_maps
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import module_arguments
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import expand_lists, inspect, nearest, with_suggestions
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import texts_in
from ansible_collections.zstack.aios.plugins.module_utils._resources.dataset import DATASET
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import MODEL_EVALUATION
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

# The key in a catalog, and the table. The order is that of the result.
KINDS: dict[str, Resource] = {
    "model_centers": MODEL_CENTER,
    "models": MODEL,
    "model_services": MODEL_SERVICE,
    "model_service_clones": MODEL_SERVICE_CLONE,
    "model_service_groups": MODEL_SERVICE_GROUP,
    "datasets": DATASET,
    "model_evaluations": MODEL_EVALUATION,
}

# Options of a module that a catalog gives once, for all items.
SHARED = ("version_check", "server_side_check")
# Options of a module that have no effect on an item, since a catalog reads everything once.
NOT_FOR_ITEMS = ("share_reads",)

Messages = list[tuple[str, str]]


class ItemSpec:
    """The options of an item of one kind: those of the kind's module without those of the connection.

    :param table: the kind's table.
    :ivar options: the argument specification of an item.
    :ivar rules: its rules over several options, such as ``mutually_exclusive``.
    """

    def __init__(self, table: Resource) -> None:
        arguments = module_arguments(table)
        arguments.pop("supports_check_mode")
        self._foreign = set(connection_spec()).union(SHARED, NOT_FOR_ITEMS)
        self.options: dict[str, dict[str, t.Any]] = {
            name: option for name, option in arguments.pop("argument_spec").items() if name not in self._foreign}
        self.rules = arguments
        self._table = table
        self._secret = {name for name, option in self.options.items() if option.get("no_log")}
        self._defaults = {name: option.get("default") for name, option in self.options.items()}
        self._checks = {name: _exact(option) for name, option in self.options.items()}
        self._structured = structured_options(table)
        self._maps = text_maps(table)

    def secrets(self, given: t.Mapping[str, t.Any]) -> set[str]:
        """Return the secret values."""
        # The keys of a map, such as the names of environment variables, are not secret.
        found = {text for name in self._secret for text in texts_in(given.get(name), keys=self.options[name]["type"] != "dict")}
        return found | secrets_in_options(self._table, given)

    def warnings(self, given: t.Mapping[str, t.Any]) -> list[str]:
        """Return warnings about values that Ansible's YAML parser changed before they became text."""
        return [str(finding) for finding in inspect(self.options, expand_lists(self.options, given), self._structured, self._maps)
                if not finding.refused]

    def validate(self, given: t.Mapping[str, t.Any]) -> tuple[dict[str, t.Any], Messages]:
        """Return all options of the item, converted and with their defaults, and its errors as (option, message).

        If there are errors, only the valid options are returned.
        """
        # An option without a value is not given.
        given = {name: value for name, value in given.items() if value is not None or name not in self.options}
        if self._is_exact(given):
            options = dict(self._defaults)
            for name, value in given.items():
                options[name] = self._filled(name, value)
            return options, []
        return self._validate(given)

    def _is_exact(self, given: t.Mapping[str, t.Any]) -> bool:
        """Return whether no value has to be converted and no error reported: the usual case, which is a hundred times faster to detect."""
        checks = self._checks
        if not all(name in checks and checks[name](value) for name, value in given.items()):
            return False
        present = set(given)
        if any(len(present.intersection(group)) > 1 for group in self.rules.get("mutually_exclusive") or []):
            return False
        if not all(present.intersection(group) for group in self.rules.get("required_one_of") or []):
            return False
        for option, value, names, *_unused in self.rules.get("required_if") or []:
            if given.get(option, self._defaults[option]) == value and not present.intersection(names):
                return False
        return True

    def _filled(self, name: str, value: t.Any) -> t.Any:
        members = self.options[name].get("options")
        return [{member: record.get(member) for member in members} for record in value] if members else value

    def _validate(self, given: t.Mapping[str, t.Any]) -> tuple[dict[str, t.Any], Messages]:
        unknown: Messages = [(name, self._unknown(name)) for name in given if name not in self.options]
        messages = list(unknown)
        known = expand_lists(self.options, {name: value for name, value in given.items() if name in self.options})
        refused = [finding for finding in inspect(self.options, known, self._structured) if finding.refused]
        messages.extend((finding.option, finding.message) for finding in refused)
        options = dict(self._defaults)
        wrong = {finding.path[0] for finding in refused}
        for name in [name for name in known if name not in wrong]:
            # Separately, so that each message is about one option.
            value, texts = self._convert(name, known[name])
            messages.extend((name, text) for text in texts)
            if not texts:
                options[name] = value
        if messages:
            return options, messages + self._broken_rules(known, bool(unknown))
        whole = ArgumentSpecValidator(self.options, **self.rules).validate(known)
        return whole.validated_parameters, [("", text) for text in whole.error_messages]

    def _broken_rules(self, given: t.Mapping[str, t.Any], incomplete: bool) -> Messages:
        """Return the errors of the options in combination, if single options have errors as well.

        :param incomplete: whether an unknown name may be a misspelled option, so that a required option may be present.
        """
        checks: list[t.Callable[[], t.Any]] = [lambda: check_mutually_exclusive(self.rules.get("mutually_exclusive"), given)]
        if not incomplete:
            checks.append(lambda: check_required_one_of(self.rules.get("required_one_of"), given))
            checks.append(lambda: check_required_if(self.rules.get("required_if"), {**self._defaults, **given}))
        messages: Messages = []
        for check in checks:
            try:
                check()
            except TypeError as error:
                messages.append(("", str(error)))
        return messages

    def convert(self, name: str, value: t.Any) -> tuple[t.Any, list[str]]:
        """Return the value of one option converted by Ansible, and its error."""
        given = expand_lists(self.options, {name: value})
        refused = [str(finding) for finding in inspect(self.options, given, self._structured) if finding.refused]
        return (None, refused) if refused else self._convert(name, given[name])

    def _convert(self, name: str, value: t.Any) -> tuple[t.Any, list[str]]:
        spec = {name: {**self.options[name], "required": False}}
        alone = ArgumentSpecValidator(spec).validate({name: value})
        messages = list(alone.error_messages)
        if alone.unsupported_parameters:
            messages[-1] = with_suggestions(messages[-1], spec, alone.unsupported_parameters)
        if messages and name in self._secret:
            messages = ["the value does not match the type %s" % self.options[name]["type"]]
        return alone.validated_parameters.get(name), messages

    def _unknown(self, name: str) -> str:
        if name in self._foreign:
            return "this is an option of the task, not of an item"
        near = nearest(name, self.options)
        return "there is no such option%s" % (", did you mean %s?" % near if near else "")


def _exact(option: t.Mapping[str, t.Any]) -> t.Callable[[t.Any], bool]:
    """Return a check whether Ansible's conversion would leave a value unchanged."""
    kind = option["type"]
    choices = option.get("choices")
    if kind == "list":
        return _exact_list(option)
    if choices:
        return lambda value: value.__class__ is str and value in choices
    if kind == "raw":
        return lambda value: value.__class__ in (str, dict, list)
    exact = {"str": str, "int": int, "float": float, "bool": bool, "dict": dict}[kind]
    return lambda value: value.__class__ is exact


def _exact_list(option: t.Mapping[str, t.Any]) -> t.Callable[[t.Any], bool]:
    elements = option["elements"]
    if elements == "dict":
        members, groups = option.get("options") or {}, option.get("required_one_of") or []
        needed = [name for name, member in members.items() if member.get("required")]

        def exact_record(record: t.Any) -> bool:
            return (
                record.__class__ is dict and members.keys() >= record.keys() and all(value.__class__ is str for value in record.values())
                and all(name in record for name in needed) and all(any(name in record for name in group) for group in groups))
        return lambda value: value.__class__ is list and all(map(exact_record, value))
    exact, choices = {"str": str, "int": int}[elements], option.get("choices")
    return lambda value: value.__class__ is list and all(entry.__class__ is exact and (not choices or entry in choices) for entry in value)


def item_specs(kinds: t.Mapping[str, Resource] | None = None) -> dict[str, ItemSpec]:
    """Return the specification of each kind."""
    return {kind: ItemSpec(table) for kind, table in (kinds or KINDS).items()}
