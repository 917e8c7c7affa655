# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Dependencies: the order in which items are planned and applied. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import CatalogError
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim

# For each item, by number, the numbers of the items that it requires.
Before = dict[int, set[int]]


def dependencies(items: t.Sequence[Item]) -> Before:
    """Return the items that each present item refers to, by name or by a uuid that the catalog gives."""
    named: dict[tuple[str, str], list[int]] = {}
    given: dict[str, int] = {}
    _index((item for item in items if item.present), named, given)
    before: Before = {}
    for item in items:
        found = {number for option, number in _references(item, named, given)} if item.present else set()
        found.discard(item.number)
        before[item.number] = found
    return before


def _index(items: t.Iterable[Item], named: dict[tuple[str, str], list[int]], given: dict[str, int]) -> None:
    """Index the numbers of the items by name and by given uuid."""
    for item in items:
        if item.options.get("name") is not None:
            named.setdefault((item.table.path, trim(item.options["name"])), []).append(item.number)
        if item.options.get(item.table.given_uuid):
            given[item.options[item.table.given_uuid]] = item.number


def _references(item: Item, named: t.Mapping[tuple[str, str], list[int]], given: t.Mapping[str, int]) -> t.Iterator[tuple[str, int]]:
    """Yield the options that refer to other items, each with the number of such an item."""
    yield from _by_name(item, named)
    if given:
        yield from _by_uuid(item, given)


def _by_name(item: Item, named: t.Mapping[tuple[str, str], list[int]]) -> t.Iterator[tuple[str, int]]:
    for field in item.table.refs():
        name = item.options.get(field.ref.option) if field.ref else None
        if field.ref and name is not None:
            for text in name if field.many else [name]:
                for number in named.get((field.ref.path, trim(text)), ()):
                    yield field.ref.option, number


def _by_uuid(item: Item, given: t.Mapping[str, int]) -> t.Iterator[tuple[str, int]]:
    own = {item.table.given_uuid}
    for option, value in item.options.items():
        if option not in own:
            for text in value if isinstance(value, list) else (value,):
                if isinstance(text, str) and text in given:
                    yield option, given[text]


def in_order(items: t.Sequence[Item], before: Before) -> tuple[list[Item], list[CatalogError]]:
    """Return the items in an order in which each follows its references, otherwise in catalog order; and the circular references, which have no such order."""
    after: dict[int, list[int]] = {}
    waits = {}
    for number, numbers in before.items():
        waits[number] = len(numbers)
        for other in numbers:
            after.setdefault(other, []).append(number)
    ordered: list[Item] = []
    ready = [item.number for item in reversed(items) if not waits[item.number]]
    while ready:
        number = ready.pop()
        ordered.append(items[number])
        freed = []
        for other in after.get(number, ()):
            waits[other] -= 1
            if not waits[other]:
                freed.append(other)
        ready.extend(sorted(freed, reverse=True))
    if len(ordered) == len(items):
        return ordered, []
    return ordered, _circles(items, before, {item.number for item in items} - {item.number for item in ordered})


def _circles(items: t.Sequence[Item], before: Before, left: set[int]) -> list[CatalogError]:
    """Return one error for each circular reference among the remaining items."""
    found = []
    while left:
        path: list[int] = []
        number = min(left)
        while number not in path:
            path.append(number)
            number = min(before[number] & left, default=number)
        circle = path[path.index(number):]
        left = left.difference(path)
        if len(circle) > 1:
            names = " -> ".join(str(items[step]) for step in (*circle, circle[0]))
            message = "circular reference: %s" % names
            found.append(CatalogError(items[circle[0]].place, message, items[circle[0]].label, rule="circular-reference"))
    return found


def absent_references(items: t.Sequence[Item]) -> t.Iterator[CatalogError]:
    """Yield the references to items with ``state: absent``: they would work in this run only."""
    named: dict[tuple[str, str], list[int]] = {}
    given: dict[str, int] = {}
    _index((item for item in items if not item.present), named, given)
    if not named and not given:
        return
    created: dict[tuple[str, str], list[int]] = {}
    _index((item for item in items if item.present), created, {})
    going = {key: numbers for key, numbers in named.items() if key not in created}
    for item in items:
        if item.present:
            found = {number: option for option, number in _references(item, going, given) if number != item.number}
            for number, option in sorted(found.items()):
                yield CatalogError(item.place_of(option), absent_reference(items[number]), item.label, option, "reference")


def absent_reference(item: Item) -> str:
    """Return the message for an item that refers to this one, which is deleted."""
    return "it refers to %s, which has state: absent. Remove the reference, or set that item to state: present" % item


def same_path(one: str, other: str) -> bool:
    """Return whether two paths belong to the same kind; some list paths are published with a trailing slash."""
    return one.rstrip("/") == other.rstrip("/")


def deletion_order(items: t.Sequence[Item]) -> list[list[Item]]:
    """Group the items whose objects are deleted by path, users before the objects that they use."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.table.path.rstrip("/"), []).append(item)
    tables = {path: [table for table in KINDS.values() if same_path(table.path, path)] or [groups[path][0].table] for path in groups}
    users = {path: {use.path.rstrip("/") for table in tables[path] for use in table.users} for path in groups}
    for path in groups:
        # A reference of a table is used if no table documents the use in either direction.
        for field in [field for table in tables[path] for field in table.refs()]:
            other = field.ref.path.rstrip("/") if field.ref else path
            if other in users and other not in users[path]:
                users[other].add(path)
    ordered = []
    left = list(groups)
    while left:
        # No remaining path uses it; in a circular reference, the first path.
        free = next((path for path in left if not users[path].intersection(left) - {path}), left[0])
        left.remove(free)
        ordered.append(groups[free])
    return ordered
