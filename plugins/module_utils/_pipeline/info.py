# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The info modules: read the objects of one kind with filters, in the order and with the fields of the task."""

from __future__ import annotations

import dataclasses
import difflib
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.criteria import EQUAL, NULL, OPERATORS, Criterion, canonical
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import without_secrets
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.patterns import compiled
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.reading import CENTER, TAG_PATHS, Row, Selection, center_of, count, read, read_tags
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import IDENTIFIER, brief, holds_mask, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.casing import snake_case, snake_key
from ansible_collections.zstack.aios.plugins.module_utils._resources.view import SCALARS, Column, View

Options = t.Mapping[str, t.Any]

FILTERS: dict[str, t.Any] = {
    "type": "list", "elements": "dict",
    # Neither text nor choices, so that an unquoted null is kept, and an operator in another spelling results in a specific error.
    "options": {"field": {"type": "str", "required": True}, "operator": {"type": "raw", "default": EQUAL}, "value": {"type": "raw"}},
}
# Operators that the server spells differently (REST protocol page, 5.1).
_SPELLINGS = {
    "==": EQUAL, "<>": "!=", "?=": "in", "is null": NULL, "is_null": NULL, "none": NULL, "like": "~=", "contains": "~=", "not in": "!=", "gt": ">", "lt": "<",
    "eq": EQUAL, "ne": "!=", "=~": "~="}
_LISTED = 3


def info_module(view: View) -> ModuleSpec:
    """Return the info module of a kind."""
    spec: dict[str, t.Any] = {**connection_spec(), "uuid": {"type": "str"}}
    if view.named:
        spec.update({"name": {"type": "str"}, "name_regex": {"type": "str"}})
    exclusive = []
    if view.center is not None:
        spec.update({CENTER.option: {"type": "str"}, "model_center": {"type": "str"}})
        exclusive.append([CENTER.option, "model_center"])
    spec.update({
        "filters": FILTERS, "fields": {"type": "list", "elements": "str"}, "sort": {"type": "list", "elements": "str"}, "limit": {"type": "int"},
        "count_only": {"type": "bool", "default": False}, "tags": {"type": "bool", "default": False}})
    return ModuleSpec(
        {"argument_spec": spec, "mutually_exclusive": exclusive, "supports_check_mode": True},
        lambda options: check(view, options),
        lambda options, client, check_mode: run(view, options, client))


def check(view: View, options: Options) -> None:
    """Refuse invalid options before the first request.

    :raises OptionError: naming the option, the rule and the solution.
    """
    selected(view, options)
    for number, name in enumerate(options.get("fields") or ()):
        if name in TAG_PATHS:
            if not options.get("tags"):
                raise OptionError("fields[%d]: %s is not read without tags. Set tags to true." % (number, name))
        else:
            _known(view, "fields[%d]" % number, name, view.columns)
    for number, name in enumerate(options.get("sort") or ()):
        _known(view, "sort[%d]" % number, name[1:] if name[:1] in ("-", "+") else name, _sortable(view))
    limit = options.get("limit")
    if limit is not None and limit < 1:
        raise OptionError("limit: %d is too small. Give 1 or more; set count_only to true to get only the number." % limit)


def selected(view: View, options: Options) -> Selection:
    """Return the objects that the options select, without the filter for the model center.

    :raises OptionError: for an invalid field, operator, value or expression.
    """
    for option in ("uuid", "name", "name_regex", CENTER.option, "model_center"):
        value = options.get(option)
        if value is not None and not trim(value):
            raise OptionError("%s: the text is empty. Omit the option, or give a value." % option)
        if holds_mask(value):
            raise OptionError("%s: ******** is the mask that Ansible shows instead of a secret, not a value. Give the real value." % option)
    found = filters(view, options.get("filters") or ())
    uuid = options.get("uuid")
    for option in ("uuid", CENTER.option):
        if options.get(option) is not None and not IDENTIFIER.fullmatch(trim(options[option])):
            raise OptionError("%s: %s is not a uuid. Give the 32 hex digits without dashes." % (option, brief(options[option])))
    if uuid is not None:
        found.append(Criterion("uuid", _path(view, "uuid"), EQUAL, trim(uuid).lower()))
    if options.get("name") is not None:
        found.append(Criterion("name", _path(view, "name"), EQUAL, options["name"]))
    regex = options.get("name_regex")
    return Selection(tuple(found), None if regex is None else compiled("name_regex", regex))


def filters(view: View, given: t.Iterable[t.Mapping[str, t.Any]]) -> list[Criterion]:
    """Return the filters of an option ``filters``."""
    found = []
    for number, entry in enumerate(given):
        place = "filters[%d]" % number
        path = view.find(trim(entry["field"]))
        if path is None:
            raise _unknown(view, place + ".field", entry["field"], view.columns)
        if any(column.secret for column in path):
            raise OptionError("%s.field: %s may contain secrets and cannot be used in a filter. Use another field." % (place, entry["field"]))
        # YAML reads an unquoted operator null as no value.
        operator = NULL if entry["operator"] is None else trim(str(entry["operator"]))
        if operator not in OPERATORS:
            # YAML reads an unquoted > as the start of a block scalar.
            resembling = difflib.get_close_matches(operator[:20].lower(), OPERATORS, 1)
            near = "'>' in quotes" if operator == "" else _SPELLINGS.get(operator.lower()) or next(iter(resembling), None)
            raise OptionError("%s.operator: %s is not one of %s.%s" % (
                place, brief(operator), ", ".join(OPERATORS), " Did you mean %s?" % near if near else ""))
        value = entry.get("value")
        if operator == NULL and entry["operator"] is None and value is not None:
            raise OptionError("%s.operator: null takes no value. Omit value to find objects without %s, or omit operator to compare." % (
                place, entry["field"]))
        if holds_mask(value):
            raise OptionError("%s.value: ******** is the mask that Ansible shows instead of a secret, not a value. Give the real value." % place)
        found.append(Criterion(place, path, operator, value))
    return found


def _path(view: View, name: str) -> tuple[Column, ...]:
    return t.cast(tuple[Column, ...], view.find(name))


def _sortable(view: View) -> list[Column]:
    return [column for column in view.columns if column.type in SCALARS and not column.secret]


def _known(view: View, place: str, name: str, columns: t.Sequence[Column]) -> None:
    if name not in [column.name for column in columns]:
        column = view.column(name)
        if not column and view.find(name):
            raise OptionError("%s: %s is a member of the field %s and can be used only in filters. Give the field itself." % (
                place, name, name.partition(".")[0]))
        if column:
            raise OptionError("%s: objects cannot be sorted by %s, which is not a single value. Use one of %s." % (
                place, name, ", ".join(column.name for column in columns)))
        raise _unknown(view, place, name, columns)


def _unknown(view: View, place: str, name: str, columns: t.Sequence[Column]) -> OptionError:
    head, dot, rest = name.partition(".")
    outer = view.column(head) if dot else None
    prefix, missing = ("%s." % head, rest) if outer and outer.members else ("", name)
    names = [column.name for column in (outer.members if outer and prefix else columns)]
    wanted = snake_key(missing) if missing else ""
    near = [wanted] if wanted in names else difflib.get_close_matches(wanted[:100], names, _LISTED)
    hint = "Did you mean %s?" % " or ".join(prefix + entry for entry in near) if near else "The fields are %s." % ", ".join(prefix + entry for entry in names)
    return OptionError("%s: a %s has no field %s. %s" % (place, view.title, brief(name), hint))


def run(view: View, options: Options, client: Client) -> dict[str, t.Any]:
    """Run one task: the objects under the plural of the kind, and ``total``, the number of all matching objects."""
    selection = selected(view, options)
    warnings = [criterion.warning for criterion in selection.criteria if criterion.warning]
    selection = dataclasses.replace(selection, criteria=(*selection.criteria, *center_of(client, view, options)))
    if options["count_only"]:
        return {"changed": False, view.plural: [], "total": count(client, view, selection), "warnings": warnings}
    found, among = read(client, view, selection)
    rows = ordered(view, found, options.get("sort") or ())[:options.get("limit")]
    tags = read_tags(client, view, rows, among) if options["tags"] and rows else {}
    shown = [_shown(view, row, options.get("fields") or None, tags.get(str(row["uuid"]), {})) for row in rows]
    return {"changed": False, view.plural: shown, "total": len(found), "warnings": warnings}


def ordered(view: View, rows: t.Sequence[Row], names: t.Sequence[str]) -> list[Row]:
    """Return the rows sorted; rows without a value come last, and rows with equal values keep their order."""
    found = list(rows)
    for name in reversed(names):
        column = t.cast(Column, view.column(name.lstrip("+-")))
        values = {id(row): _key(column, row) for row in found}
        with_value = [row for row in found if values[id(row)] is not None]
        without = [row for row in found if values[id(row)] is None]
        with_value.sort(key=lambda row: values[id(row)], reverse=name.startswith("-"))
        found = with_value + without
    return found


def _key(column: Column, row: Row) -> t.Any:
    value = canonical(column, row.get(column.api))
    # The second key makes the order of texts that differ only in case deterministic.
    return ((value.casefold(), value) if isinstance(value, str) else value) if value != "" else None


def _shown(view: View, row: Row, names: t.Sequence[str] | None, tags: t.Mapping[str, list[str]]) -> dict[str, t.Any]:
    if names is None:
        return {**snake_case(without_secrets(view, row)), **tags}
    apis = {column.api: column.name for column in view.columns if column.name in names}
    shown = snake_case(without_secrets(view, {api: row[api] for api in apis if api in row}))
    return {**{name: shown.get(name) for name in dict.fromkeys(names) if name not in TAG_PATHS}, **tags}
