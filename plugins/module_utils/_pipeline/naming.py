# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Convert a diff to the options of the task: names where names were given, and no values that only follow from them. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field, Resource

Values = t.Mapping[str, t.Any]
# Return the name of the object with this uuid below this path; None if it is unknown.
NameOf = t.Callable[[str, str], t.Optional[str]]

# A diff shows several uuids of a single-valued option as one text.
_SEPARATOR = ", "


@dataclasses.dataclass(frozen=True)
class Names:
    """The keys of the diff of one item.

    :param keys: key of the diff to the option that the user gave; None if the user gave neither.
    :param names: uuid to name.
    """

    keys: t.Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    names: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def diff(self, before: Values, after: Values) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
        """Return both sides in the options of the task."""
        shown: tuple[dict[str, t.Any], dict[str, t.Any]] = ({}, {})
        for key in dict.fromkeys([*before, *after]):
            option = self.keys.get(key, key)
            if option is None:
                continue
            pair = self._pair(key, before.get(key), after.get(key))
            for side, values, value in zip(shown, (before, after), pair):
                if key in values:
                    side[option] = value
        return shown

    def drift(self, drift: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Return one entry of the drift in the options of the task."""
        key = drift["field"]
        before, after = self._pair(key, drift["before"], drift["after"])
        return {**drift, "field": self.keys.get(key) or key, "before": before, "after": after}

    def _pair(self, key: str, before: t.Any, after: t.Any) -> tuple[t.Any, t.Any]:
        if self.keys.get(key) is None:
            return before, after
        old, new = self._named(before), self._named(after)
        if old == new and before != after:
            # Two objects of the same name: only their uuids differ.
            return self._named(before, True), self._named(after, True)
        return old, new

    def _named(self, value: t.Any, both: bool = False) -> t.Any:
        if isinstance(value, (list, tuple)):
            return [self._named(entry, both) for entry in value]
        if not isinstance(value, str):
            return value
        named = {uuid: self.names.get(uuid, uuid) for uuid in value.split(_SEPARATOR)}
        return _SEPARATOR.join("%s (%s)" % (name, uuid) if both and name != uuid else name for uuid, name in named.items())


def names_of(table: Resource, options: Values, resolved: Values, sides: t.Sequence[Values], name_of: NameOf) -> Names:
    """Return the keys and names for the diff of an item.

    :param options: as given, without resolved names.
    :param resolved: the same with all names resolved.
    :param sides: the values to be shown: before and after of the diff and of the drift, with the keys of a diff.
    :param name_of: looks a name up.
    """
    keys: dict[str, str | None] = {}
    names: dict[str, str] = {}
    own = {field.option for field in table.fields if options.get(field.option) is not None}
    for field in table.fields:
        key = field.shown_as
        if key in keys or key in own or not any(key in side for side in sides):
            continue
        given = _given_by_another(table, field, options)
        if given is None:
            # A deletion shows the uuid and name of the object, whatever option identifies it.
            if options.get("state") != "absent":
                keys[key] = None
        elif field.ref:
            keys[key] = given
            names.update(zip(_uuids(resolved.get(field.option)), _entries(options.get(field.ref.option))))
            for uuid in {uuid for side in sides for uuid in _uuids(side.get(key))}.difference(names):
                name = name_of(field.ref.path, uuid)
                if name:
                    names[uuid] = name
    return Names(keys, names)


def named_result(table: Resource, options: Values, resolved: Values, result: Values, name_of: NameOf) -> dict[str, t.Any]:
    """Return the result of one task with its diff and drift in the options of the task.

    :param options: as given, without resolved names.
    :param resolved: the same with all names resolved.
    :param result: may contain ``diff`` and ``drift``; where a name replaces a uuid, their ``uuids`` contain that uuid.
    :param name_of: looks a name up.
    """
    diff, drift = result.get("diff") or {"before": {}, "after": {}}, result.get("drift") or []
    sides = [diff["before"], diff["after"], *({entry["field"]: entry[side]} for entry in drift for side in ("before", "after"))]
    names = names_of(table, options, resolved, sides, name_of)
    found = dict(result)
    if "diff" in result:
        found["diff"] = _with_uuids(dict(zip(("before", "after"), names.diff(diff["before"], diff["after"]))), diff)
    if "drift" in result:
        found["drift"] = [_with_uuids(names.drift(entry), {side: {entry["field"]: entry[side]} for side in ("before", "after")}, entry) for entry in drift]
    return found


def _with_uuids(shown: dict[str, t.Any], raw: Values, same: Values | None = None) -> dict[str, t.Any]:
    """Return the shown value, with the original value under ``uuids`` if it differs.

    :param same: the value that is compared; by default ``raw``.
    """
    if shown == (same if same is not None else raw):
        return shown
    missing = object()
    sides = {
        side: {key: value for key, value in raw[side].items() if same is not None or shown[side].get(key, missing) != value} for side in ("before", "after")}
    return {**shown, "uuids": sides}


def _given_by_another(table: Resource, field: Field, options: Values) -> str | None:
    """Return the option under which a field is shown if its own option is not given; None if no option requires it."""
    if field.ref and options.get(field.ref.option) is not None:
        return field.ref.option
    if any(other.label == field.shown_as and options.get(other.option) is not None for other in table.fields):
        return field.ref.option if field.ref else field.shown_as
    return None


def _uuids(value: t.Any) -> list[str]:
    return [uuid for entry in _entries(value) for uuid in entry.split(_SEPARATOR) if uuid]


def _entries(value: t.Any) -> list[str]:
    return [entry for entry in (value if isinstance(value, (list, tuple)) else [value]) if isinstance(entry, str)]
