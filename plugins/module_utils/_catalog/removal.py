# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The tasks that must succeed before an object is deleted: those of its users. No requests except those of the snapshot."""

from __future__ import annotations

import datetime
import heapq
import itertools
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import Before, same_path
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import Task, references
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import DERIVATIONS, derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import server_date, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

# Maximum number of comparisons of an object with a possible source in one run, about half a second; each derives `DERIVATIONS` uuids.
MOST_COMPARISONS = 10000
_DERIVED = re.compile(r"[0-9a-f]{12}5[0-9a-f]{19}")

Row = t.Mapping[str, t.Any]
# A path and a uuid.
Key = tuple[str, str]


class Sources:
    """Finds the object that another one was created from, such as the source of a clone.

    No inventory shows it (AI API page, section 4), but the uuid of the new object is derived from the source and the name. It is unknown for an object whose
    uuid was given by the user, or that was renamed.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._left = MOST_COMPARISONS
        self._recent: dict[str, None] = {}
        self._found: dict[Key, tuple[bool, Key | None]] = {}

    def of(self, path: str, row: Row) -> Key | None:
        """Return the path and uuid of the source; None if it is unknown or does not exist."""
        return self._look(path, row)[1]

    def unknown(self, path: str, row: Row) -> bool:
        """Return whether the object may have been created from an unknown source."""
        return not self._look(path, row)[0]

    def _look(self, path: str, row: Row) -> tuple[bool, Key | None]:
        key = (path, str(row["uuid"]))
        if key not in self._found:
            tables = [table for table in KINDS.values() if same_path(table.path, path)]
            makers = [table for table in tables if table.source and table.source.ref]
            derived = bool(_DERIVED.fullmatch(key[1]) and row.get("name"))
            source = next(filter(None, (self._search(table, row) for table in makers)), None) if derived else None
            known = not makers or source is not None or (derived and any(_is_made(table, row) for table in tables if not table.source))
            self._found[key] = known, source
        return self._found[key]

    def _search(self, table: Resource, row: Row) -> Key | None:
        source = t.cast(t.Any, table.source)
        # Most objects have one of a few sources, so the sources found last are tried first.
        for uuid in itertools.chain(list(reversed(self._recent)), (str(other["uuid"]) for other in self._snapshot.query(source.ref.path))):
            if not self._left:
                return None
            self._left -= 1
            if row["uuid"] in derived_uuids(table, {source.option: uuid, "name": row["name"]}, DERIVATIONS):
                self._recent.pop(uuid, None)
                self._recent[uuid] = None
                return source.ref.path, uuid
        return None


def _is_made(table: Resource, row: Row) -> bool:
    """Return whether the uuid was derived for a kind without a source."""
    return row["uuid"] in derived_uuids(table, {field.option: row.get(field.inventory) for field in table.fields if field.inventory}, DERIVATIONS)


def may_mean(task: Task, snapshot: Snapshot) -> list[Row]:
    """Return the objects that an unresolved item may identify: those with which it shares any value."""
    table, options = task.item.table, task.item.options
    rows: dict[str, Row] = {}
    for lookup in table.lookups:
        text = options.get(lookup.option)
        if text is not None:
            found = snapshot.query(table.path, [_query.equals(lookup.api, str(text))])
            rows.update({str(row["uuid"]): row for row in found if _query.matches(row, lookup.api, str(text))})
    whole = {**options, **task.resolved}
    if all(whole.get(option) is not None for option in table.required):
        for row in (snapshot.get(table.path, uuid) for uuid in derived_uuids(table, whole, DERIVATIONS)):
            if row:
                rows[str(row["uuid"])] = row
    return list(rows.values())


def is_lost(task: Task) -> bool:
    """Return whether it is unknown which object the item identifies."""
    return not task.resolved or (task.failed and not task.observed)


def _used(path: str, row: Row, sources: Sources) -> t.Iterator[Key]:
    """Yield the objects that an object uses, according to its inventory, and its source."""
    for table in KINDS.values():
        for use in table.users:
            if same_path(use.path, path):
                for uuid in use.uuids(row):
                    yield table.path, uuid
    source = sources.of(path, row)
    if source:
        yield source


def users_of(goers: t.Sequence[Task], tasks: t.Iterable[Task], snapshot: Snapshot, sources: Sources) -> Before:
    """Find, for each object to be deleted, the tasks that use it now or refer to it.

    :param goers: tasks that delete or replace their object.
    """
    found: Before = {task.item.number: set() for task in goers}
    targets: dict[Key, int] = {}
    names: dict[Key, list[int]] = {}
    for task in goers:
        if task.observed:
            targets[task.item.table.path, task.observed.uuid] = task.item.number
            names.setdefault((task.item.table.path, trim(str(task.observed.inventory.get("name") or ""))), []).append(task.item.number)
    for task in tasks:
        path = task.item.table.path
        rows = [task.observed.inventory, *task.observed.others] if task.observed else may_mean(task, snapshot) if is_lost(task) else []
        used = {key for row in rows for key in _used(path, row, sources)}
        numbers = {targets[key] for key in used if key in targets}
        for place, text, named in references(task):
            numbers.update(names.get((place, text), ()) if named else [targets[place, text]] if (place, text) in targets else ())
        for number in numbers - {task.item.number}:
            found[number].add(task.item.number)
    return found


def one_after_the_other(group: t.Sequence[Task], users: Before, sources: Sources) -> Before:
    """Find, for each task of a group, the tasks of the group that have to end first, successfully or not.

    Users are deleted first. An object with an unknown source is deleted before everything that is older, because a source is older than its clones.
    """
    waits = {task.item.number: users.get(task.item.number, set()) & {other.item.number for other in group} for task in group}
    unknown = {task.item.number for task in group if task.observed and sources.unknown(task.item.table.path, task.observed.inventory)}
    newest_first = {task.item.number: _age(task, task.item.number in unknown) for task in group}
    order: Before = {}
    last: int | None = None
    for number in _sorted(waits, newest_first):
        order[number] = waits[number] & order.keys()
        if last is not None:
            order[number].add(last)
        if number in unknown:
            last = number
    return order


def _sorted(waits: Before, rank: t.Mapping[int, t.Any]) -> list[int]:
    """Return the numbers in an order in which each follows those that it waits for, otherwise by rank; a circular reference is broken at the lowest rank."""
    left = {number: set(others) for number, others in waits.items()}
    after: dict[int, list[int]] = {}
    for number, others in waits.items():
        for other in others:
            after.setdefault(other, []).append(number)
    ready = [(rank[number], number) for number, others in left.items() if not others]
    heapq.heapify(ready)
    ordered: dict[int, None] = {}
    while len(ordered) < len(waits):
        if not ready:
            ready.append(min((rank[number], number) for number in waits if number not in ordered))
        number = heapq.heappop(ready)[1]
        if number in ordered:
            continue
        ordered[number] = None
        for other in after.get(number, ()):
            left[other].discard(number)
            if not left[other]:
                heapq.heappush(ready, (rank[other], other))
    return list(ordered)


def _age(task: Task, unknown: bool) -> tuple[float, bool]:
    """Return a sort key that puts the newest object first. A kind with sources treats an object without a date as new."""
    found = server_date((task.observed.inventory if task.observed else {}).get("createDate"))
    if found is None:
        return (float("-inf") if unknown else float("inf")), not unknown
    return -(found - datetime.datetime.min).total_seconds(), not unknown
