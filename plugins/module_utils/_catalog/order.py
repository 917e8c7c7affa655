# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""What depends on what: the order in which items are planned and applied. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import Mistake
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim

# For each item, by number, the numbers of the items that have to come before it.
Before = t.Dict[int, t.Set[int]]


def dependencies(items: t.Sequence[Item]) -> Before:
    """The items that each present item refers to, by name or by a uuid that the catalog gives."""
    named: dict[tuple[str, str], list[int]] = {}
    given: dict[str, int] = {}
    for item in items:
        if item.present:
            if item.options.get("name") is not None:
                named.setdefault((item.table.path, trim(item.options["name"])), []).append(item.number)
            if item.options.get(item.table.given_uuid):
                given[item.options[item.table.given_uuid]] = item.number
    before: Before = {}
    for item in items:
        found = set(_by_name(item, named)) | (set(_by_uuid(item, given)) if given else set()) if item.present else set()
        found.discard(item.number)
        before[item.number] = found
    return before


def _by_name(item: Item, named: t.Mapping[tuple[str, str], list[int]]) -> t.Iterator[int]:
    for field in item.table.refs():
        name = item.options.get(field.ref.option) if field.ref else None
        if field.ref and name is not None:
            for text in name if field.many else [name]:
                yield from named.get((field.ref.path, trim(text)), ())


def _by_uuid(item: Item, given: t.Mapping[str, int]) -> t.Iterator[int]:
    own = {item.table.given_uuid}
    for option, value in item.options.items():
        if option not in own:
            for text in value if isinstance(value, list) else (value,):
                if isinstance(text, str) and text in given:
                    yield given[text]


def in_order(items: t.Sequence[Item], before: Before) -> tuple[list[Item], list[Mistake]]:
    """The items so that each comes after what it refers to, else in catalog order; and the circles, which have no such order."""
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


def _circles(items: t.Sequence[Item], before: Before, left: set[int]) -> list[Mistake]:
    """One mistake for each circle among the items that are left over."""
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
            found.append(Mistake(items[circle[0]].place, "the items refer to each other in a circle: %s" % names, items[circle[0]].label))
    return found


def deletion_order(items: t.Sequence[Item]) -> list[list[Item]]:
    """Items whose objects go, in groups: what refers to others goes before what it refers to.

    Within a kind that refers to itself, an item that names another one goes first.
    """
    kinds = list(dict.fromkeys(item.kind for item in items))
    tables = {item.kind: item.table for item in items}
    paths = {kind: {field.ref.path for field in tables[kind].refs() if field.ref} for kind in kinds}
    refers = {kind: {other for other in kinds if other != kind and tables[other].path in paths[kind]} for kind in kinds}
    groups = []
    while kinds:
        # A kind that no other remaining one refers to; in a circle of kinds, the first.
        free = next((kind for kind in kinds if not any(kind in refers[other] for other in kinds)), kinds[0])
        kinds.remove(free)
        groups.extend(_levels([item for item in items if item.kind == free]))
    return groups


def _levels(items: list[Item]) -> list[list[Item]]:
    names = {trim(item.options["name"]): item for item in items if item.options.get("name")}
    depth: dict[int, int] = {}
    for item in items:
        step: Item | None = item
        chain = []
        while step is not None and step.number not in depth and step not in chain:
            chain.append(step)
            source = step.table.source
            name = step.options.get(source.ref.option) if source and source.ref and source.ref.path == step.table.path else None
            step = names.get(trim(name)) if name else None
        base = depth[step.number] + 1 if step is not None and step.number in depth else 0
        for offset, link in enumerate(reversed(chain)):
            depth[link.number] = base + offset
    levels: dict[int, list[Item]] = {}
    for item in items:
        levels.setdefault(depth[item.number], []).append(item)
    return [levels[level] for level in sorted(levels, reverse=True)]
