# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Read the current state with as few requests as possible: uuids of names, the object, its tags. Read-only."""

from __future__ import annotations

import datetime
import difflib
import os.path
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.candidates import LISTED, distinguished
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import secrets_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import DERIVATIONS, derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AmbiguousError, MissingError, OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import current
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import IDENTIFIER, listed, server_date, title_of, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field, Lookup, Observed, Ref, Resource

# Maximum number and length of names that are compared letter by letter for one message: the comparison takes up to cubic time.
_COMPARED, _COMPARED_LENGTH = 50, 100
_WORD = re.compile(r"[^\W_]+")


def observe(
    client: Client, table: Resource, options: t.Mapping[str, t.Any], others: t.AbstractSet[str] = frozenset(),
) -> tuple[dict[str, t.Any], Observed | None]:
    """Return the options with all required names resolved, and the object that they identify.

    :param others: uuids of objects that other items identify, and that are therefore never found by name.
    :raises MissingError: for an unknown name.
    :raises AmbiguousError: for a name of several objects.
    """
    present = options["state"] == "present"
    scopes = {option for lookup in table.lookups for option in lookup.scope}
    fields = [field for field in table.refs() if field is not table.source and (present or field.option in scopes)]
    resolved = resolve(client, options, fields)
    if table.source and options.get("on_drift") == "replace":
        resolved = resolve(client, resolved, [table.source])
    row = find(client, table, resolved, others)
    if row is None and present and all(_has(table, resolved, option) for option in table.required):
        resolved = resolve(client, resolved, [table.source] if table.source else [])
        row = _find_renamed(client, table, resolved, others)
    resolved = table.complete(resolved)
    if row is not None:
        # They are secrets of other users, which the task does not know.
        current().add(secrets_of(table, row))
    if row is not None and table.reruns and not present:
        return resolved, Observed(row, others=_other_runs(client, table, resolved, row))
    return resolved, None if row is None else read_tags(client, with_related(client, table, row), table.given(options) if present else [])


def look(client: Client, table: Resource, uuid: str) -> dict[str, t.Any] | None:
    """Return the inventory of the object with a uuid, including the fields of a related object; None if it does not exist."""
    row = client.get(table.path, uuid)
    return None if row is None else with_related(client, table, row)


def created(client: Client, table: Resource, uuid: str) -> dict[str, t.Any] | None:
    """Return the object that the creating call created with its uuid, or None."""
    if table.created_key == "uuid":
        return look(client, table, uuid)
    rows = [row for row in client.query(table.path, [_query.equals(table.created_key, uuid)]) if row.get(table.created_key) == uuid]
    return with_related(client, table, rows[0]) if rows else None


def with_related(client: Client, table: Resource, row: dict[str, t.Any]) -> dict[str, t.Any]:
    related = table.related
    uuid = row.get(related.key) if related else None
    if related is None or not isinstance(uuid, str) or not uuid:
        return row
    other = client.get(related.path, uuid) or {}
    return {**{field: other[field] for field in related.fields if field in other}, **row}


def _has(table: Resource, options: t.Mapping[str, t.Any], option: str) -> bool:
    ref = next((field.ref for field in table.refs() if field.option == option), None)
    return options.get(option) is not None or bool(ref and options.get(ref.option) is not None)


def resolve(client: Client, options: t.Mapping[str, t.Any], fields: t.Sequence[Field]) -> dict[str, t.Any]:
    """Return a copy of the options in which each field that is given by name has its uuid."""
    resolved = dict(options)
    for field in fields:
        name = options.get(field.ref.option) if field.ref else None
        if field.ref and name is not None:
            resolved[field.option] = [uuid_of(client, field, entry) for entry in name] if field.many else uuid_of(client, field, name)
    return resolved


def uuid_of(client: Client, field: Field, name: str) -> str:
    """Return the uuid of the only object with that name, for a field with a `Ref`."""
    ref = t.cast(Ref, field.ref)
    key = (ref.path, trim(name))
    if key not in client.memo:
        rows = [row for row in client.query(ref.path, [_query.equals("name", name)]) if _query.matches(row, "name", name)]
        client.memo[key] = str(only_one(client, rows, ref.option, ref.title, name, lambda: client.query(ref.path), field.option)["uuid"])
    return client.memo[key]


def only_one(
    client: Client, rows: t.Sequence[dict[str, t.Any]], option: str, title: str, name: str,
    candidates: t.Callable[[], t.Sequence[dict[str, t.Any]]], instead: str,
) -> dict[str, t.Any]:
    """Return the only object with a name.

    :param rows: the objects with that name.
    :param candidates: reads all possible objects, for the message.
    :param instead: what to give instead of an ambiguous name.
    :raises MissingError: with the objects with the most similar names.
    :raises AmbiguousError: with the objects.
    """
    if not rows:
        raise MissingError("%s: there is no %s named %r.%s" % (option, title, name, _near(client, title, name, candidates())))
    if len(rows) > 1:
        raise AmbiguousError("%s: %d %ss are named %r: %s. Give %s instead." % (
            option, len(rows), title, name, distinguished(client, rows), instead))
    return rows[0]


def _near(client: Client, title: str, name: str, rows: t.Sequence[dict[str, t.Any]]) -> str:
    if not rows:
        return " This account cannot see any %s." % title
    rows = nearest_first(name, rows)
    twins = len({str(row.get("name")) for row in rows[:LISTED]}) < len(rows[:LISTED])
    return " %s: %s." % ("There are" if len(rows) <= LISTED else "The nearest are", distinguished(client, rows, "name") if twins else _list(rows))


def nearest_first(name: str, rows: t.Sequence[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return the rows, most similar names first; of many rows, only those with the most letters in common are compared."""
    wanted = name[:_COMPARED_LENGTH].lower()
    words = set(_WORD.findall(wanted))

    def common(row: dict[str, t.Any]) -> tuple[int, int]:
        text = str(row.get("name"))[:_COMPARED_LENGTH].lower()
        return len(words.intersection(_WORD.findall(text))), len(os.path.commonprefix([wanted, text]))

    def likeness(row: dict[str, t.Any]) -> float:
        return difflib.SequenceMatcher(None, wanted, str(row.get("name"))[:_COMPARED_LENGTH].lower()).ratio()

    ordered = sorted(rows, key=common, reverse=True) if len(rows) > _COMPARED else rows
    return [*sorted(ordered[:_COMPARED], key=likeness, reverse=True), *ordered[_COMPARED:]]


def _list(rows: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    return listed(rows, LISTED, title_of)


def identified_by(client: Client, table: Resource, options: t.Mapping[str, t.Any]) -> dict[str, t.Any] | None:
    """Return the only object that the options identify by another option than the name, or None."""
    for lookup in table.lookups:
        value = options.get(lookup.option)
        if value is not None and lookup is not table.named_by:
            rows = [row for row in _rows(client, table, lookup, value, options) if lookup.final or table.adopts(options, row)]
            if rows or lookup.final:
                return rows[0] if len(rows) == 1 else None
    return None


def find(
    client: Client, table: Resource, options: t.Mapping[str, t.Any], others: t.AbstractSet[str] = frozenset(),
) -> dict[str, t.Any] | None:
    """Return the inventory of the object that the options identify, or None.

    :param others: uuids of objects that are never found by name.
    :raises AmbiguousError: if several match.
    """
    for lookup in table.lookups:
        value = options.get(lookup.option)
        if value is None:
            continue
        # With a uuid, all other options are values.
        rows = [row for row in _rows(client, table, lookup, value, options) if lookup.final or table.adopts(options, row)]
        if lookup is table.named_by:
            rows = [row for row in rows if row["uuid"] not in others]
        if table.reruns:
            rows = newest(table, rows, options)
        if len(rows) > 1:
            named = lookup is table.named_by
            raise AmbiguousError("%d %ss %s %r: %s. Delete the duplicates, or give %s to identify one of them." % (
                len(rows), table.title, "are named" if named else "have the " + lookup.option, value,
                distinguished(client, rows, "" if named else table.named_by.api), table.lookups[0].option))
        if rows:
            return rows[0]
        if lookup.final:
            return None
    return None


def _other_runs(
    client: Client, table: Resource, options: t.Mapping[str, t.Any], row: dict[str, t.Any],
) -> tuple[dict[str, t.Any], ...]:
    """Return the other objects with the name in the options: one run creates several, and an older run would be found once the newest is deleted."""
    if any(options.get(lookup.option) is not None for lookup in table.lookups if lookup.final):
        return ()
    rows = _rows(client, table, table.named_by, options[table.named_by.option], options)
    return tuple(other for other in rows if other["uuid"] != row["uuid"])


def newest(table: Resource, rows: list[dict[str, t.Any]], options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return only the newest row. Of several from the same second, the one that has the values of the task."""
    dates = [server_date(row.get("createDate")) or datetime.datetime.min for row in rows]
    last = max(dates, default=None)
    rows = [row for row, date in zip(rows, dates) if date == last]
    fitting = [row for row in rows if all(field.same(options[field.option], Observed(row)) for field in table.given(options) if field.inventory)]
    return (fitting or rows)[:1]


def _rows(client: Client, table: Resource, lookup: Lookup, value: str, options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    if lookup.api == "uuid":
        if not IDENTIFIER.fullmatch(trim(value)):
            raise OptionError("%s: %r is not a uuid. Give the 32 hex digits without dashes." % (lookup.option, value))
        row = client.get(table.path, trim(value))
        return [row] if row else []
    wanted = {lookup.api: value}
    for option in lookup.scope:
        if options.get(option) is not None:
            wanted[table.field(option).api] = str(options[option])
    rows = client.query(table.path, [_query.equals(api, text) for api, text in wanted.items()])
    return [row for row in rows if all(_query.matches(row, api, text) for api, text in wanted.items())]


def _find_renamed(client: Client, table: Resource, options: t.Mapping[str, t.Any], others: t.AbstractSet[str]) -> dict[str, t.Any] | None:
    """Return the object that an earlier run created for the same task and that was renamed since."""
    uuids = derived_uuids(table, options, DERIVATIONS)
    if options.get(table.given_uuid) is not None:
        _refuse_twin(client, table, options, others)
        return None
    rows = [row for text in _query.one_of(table.created_key, uuids) for row in client.query(table.path, [text])]
    if table.reruns:
        rows = newest(table, rows, options)
    if len(rows) > 1:
        raise AmbiguousError("%d objects were created for this %s and renamed later: %s. Delete the duplicates, or restore the name of one of them." % (
            len(rows), table.title, distinguished(client, rows, table.named_by.api)))
    return rows[0] if rows else None


def _refuse_twin(client: Client, table: Resource, options: t.Mapping[str, t.Any], others: t.AbstractSet[str]) -> None:
    """Refuse to create a second object with a name if the task identifies an object by a uuid that does not exist."""
    if not table.lookups[0].final:
        return
    rows = [row for row in _rows(client, table, table.named_by, options[table.named_by.option], options) if row["uuid"] not in others]
    if rows:
        raise AmbiguousError("There is no %s with the uuid %s, but there is %s. Omit uuid to manage that one, or choose another name." % (
            table.title, options["uuid"], distinguished(client, rows, table.named_by.api)))


def read_tags(client: Client, row: dict[str, t.Any], fields: t.Sequence[Field], known: Observed | None = None) -> Observed:
    """Return the object with the tags that the fields require (REST protocol page, section 6).

    :param known: the same object with tags that were read earlier, which are kept if they are not read again.
    """
    needed = {field.needs for field in fields}
    of_object = [_query.condition("resourceUuid", "=", str(row["uuid"]))]
    before = known if known and known.uuid == row["uuid"] else Observed(row)
    return Observed(
        row,
        client.query("/v1/user-tags", of_object) if "user_tags" in needed else before.user_tags,
        client.query("/v1/system-tags", of_object) if "system_tags" in needed else before.system_tags)
