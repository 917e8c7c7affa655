# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Which object an export writes as which kind: each one once, whatever several kinds have in common."""

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
    """Divides the objects of a platform among the kinds of an export.

    Several kinds may share a path, such as services that were added and services that were cloned. An object is written as a kind that is made from
    another object only if that one is known, and as the other kind otherwise. If the export has only one of the kinds, this one gets all.

    :param kinds: those of the export.
    :param sourced: whether the task names a source for the objects whose source is not known.
    """

    def __init__(self, kinds: t.Sequence[str], snapshot: Snapshot, sourced: t.Callable[[Resource, Row], bool]) -> None:
        self._kinds = kinds
        self._snapshot = snapshot
        self._sources = Sources(snapshot)
        self._sourced = sourced

    def source_of(self, kind: str, row: Row) -> str | None:
        """Return the uuid of what an object was made from, if that is known."""
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
        """The uuids of objects in the list of a kind that are parts of other objects: what runs an evaluation is listed among the groups."""
        related = [other.related for other in KINDS.values() if other.related and other.related.listed == table.path]
        return {str(row["uuid"]) for one in related for row in self._snapshot.query(one.path)}


def _runs(table: Resource, rows: t.Sequence[Row]) -> list[Row]:
    """Of the objects of one run, such as an evaluation with several datasets, one: of the newest run of a name the one that counts."""
    names: dict[t.Any, list[Row]] = {}
    for row in rows:
        names.setdefault(row.get("name"), []).append(row)
    found: list[Row] = []
    for same in names.values():
        last, = newest(table, same, {})
        found.extend({**{row.get(table.created_key): row for row in same}, last.get(table.created_key): last}.values())
    return found
