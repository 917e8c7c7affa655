# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The kind as which an export writes each object: each object is written once, even if several kinds share a path."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import same_path
from ansible_collections.zstack.aios.plugins.module_utils._catalog.removal import Sources
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import newest
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

Row = dict[str, t.Any]


class Shares:
    """Assigns the objects of a platform to the kinds of an export.

    Several kinds may share a path, such as created services and cloned services. An object is written as a kind with a source only if its source is known,
    and as the other kind otherwise. If the export contains only one of the kinds, all objects are assigned to it.

    :param kinds: those of the export.
    :param sourced: whether the task names a source for the objects whose source is unknown.
    """

    def __init__(self, kinds: t.Sequence[str], snapshot: Snapshot, sourced: t.Callable[[Resource, Row], bool]) -> None:
        self._kinds = kinds
        self._snapshot = snapshot
        self._sources = Sources(snapshot)
        self._sourced = sourced

    def source_of(self, kind: str, row: Row) -> str | None:
        """Return the uuid of the source of an object, if known."""
        source = self._sources.of(KINDS[kind].path, row) if KINDS[kind].source else None
        return source[1] if source else None

    def of(self, kind: str) -> list[Row]:
        """Return the objects that are written as a kind, by name and uuid."""
        table = KINDS[kind]
        others = [other for other in self._kinds if same_path(KINDS[other].path, table.path)]
        hidden = self._parts(table)
        rows = [row for row in self._snapshot.query(table.path) if str(row["uuid"]) not in hidden and self._kind_of(row, others) == kind]
        rows.sort(key=lambda row: (str(row.get("name")), str(row["uuid"])))
        return _runs(table, rows) if table.reruns else rows

    def _kind_of(self, row: Row, kinds: t.Sequence[str]) -> str:
        made = [kind for kind in kinds if KINDS[kind].source]
        plain = [kind for kind in kinds if not KINDS[kind].source]
        if not made or not plain:
            return kinds[0]
        table = KINDS[made[0]]
        unknown = self._sources.unknown(table.path, row)
        return made[0] if self._sources.of(table.path, row) or (unknown and self._sourced(table, row)) else plain[0]

    def _parts(self, table: Resource) -> set[str]:
        """Return the uuids of objects in the list of a kind that are parts of other objects: the groups of evaluations are listed among all groups."""
        related = [other.related for other in KINDS.values() if other.related and other.related.listed == table.path]
        return {str(row["uuid"]) for one in related for row in self._snapshot.query(one.path)}


def _runs(table: Resource, rows: t.Sequence[Row]) -> list[Row]:
    """Keep one object of each run, such as an evaluation with several datasets, and only the newest run of each name."""
    names: dict[t.Any, list[Row]] = {}
    for row in rows:
        names.setdefault(row.get("name"), []).append(row)
    found: list[Row] = []
    for same in names.values():
        last, = newest(table, same, {})
        found.extend({**{row.get(table.created_key): row for row in same}, last.get(table.created_key): last}.values())
    return found
