# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Reads that the items of one loop share: one list in pages, instead of one read per item.

A list is only used to show that an item is in sync. Otherwise, the item reads the object itself and plans again.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import observe, resolve
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import make_plan
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import TAG_PATHS, Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Plan
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.pages import LongList
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed, Resource

# Number of items with their own reads before a list is read.
ITEMS_ALONE = 2
# Maximum number of objects in a list, which requires one request per thousand. Above it, single reads are cheaper for most loops.
MOST_OBJECTS = 10_000
# Seconds after which a list is read again.
LONGEST_AGE = 30.0

Options = t.Mapping[str, t.Any]
# Resolved options, the object, and a plan without steps.
Unchanged = tuple[dict[str, t.Any], t.Optional[Observed], Plan]


class SharedReads:
    """The lists of one process, by kind. The process runs one task.

    :param client: for reads that a list cannot answer.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kinds: dict[str, _Kind] = {}

    def unchanged(self, table: Resource, options: Options) -> Unchanged | None:
        """Return the plan of an item that is in sync according to a list; None if the item has to read for itself.

        Never raises for errors of the platform or of a user: the item then reads for itself and reports the error.
        """
        kind = self._kinds.setdefault(table.kind, _Kind())
        kind.items += 1
        if kind.items <= kind.alone or kind.off:
            return None
        try:
            return self._unchanged(kind, table, options)
        except LongList:
            kind.off = True
        except ZStackError:
            pass
        return None

    def _unchanged(self, kind: _Kind, table: Resource, options: Options) -> Unchanged | None:
        scope = self._scope(table, options)
        listed = kind.lists.get(scope)
        if listed is None or time.monotonic() - listed.since > LONGEST_AGE:
            listed = kind.lists[scope] = _List(self._client, table, scope)
        resolved, observed = observe(t.cast(Client, listed), table, options)
        plan = make_plan(table, resolved, observed)
        if plan.changed or _is_unsure(table, options, observed, scope) or (observed and observed.uuid in kind.touched):
            return None
        return resolved, observed, plan

    def _scope(self, table: Resource, options: Options) -> tuple[str, ...]:
        """Return the condition that limits the list; empty for the whole list.

        A list with a condition must give the same answers as the whole list, so each lookup has to be limited by it. A uuid needs no condition: it identifies
        one object, and an object that is not in the list is read separately.
        """
        if any(field.ref and field.ref.path == table.path for field in table.refs()):
            return ()
        narrowed = [set(lookup.scope) for lookup in table.lookups if lookup.api != "uuid" and options.get(lookup.option) is not None]
        for option in sorted(set.intersection(*narrowed)) if narrowed else ():
            field = table.field(option)
            uuid = resolve(self._client, options, [field] if field.ref else []).get(option)
            if uuid is not None:
                return (_query.equals(field.api, uuid),)
        return ()

    def wrote(self, table: Resource, plan: Plan, observed: Observed | None) -> None:
        """Record that an item has sent writes.

        An updated object is read separately from now on. A write that may change which object a name identifies discards the lists of the kind; each time,
        twice as many items read for themselves before the next list.

        :param observed: the object before.
        """
        kind = self._kinds.setdefault(table.kind, _Kind())
        if observed is not None and not any(step.call in (table.create, table.delete) or "name" in step.fields for step in plan.steps):
            kind.touched.add(observed.uuid)
        else:
            kind.lists.clear()
            kind.items, kind.alone = 0, kind.alone * 2


@dataclasses.dataclass
class _Kind:
    """The state of one kind.

    :param items: number of items since the start, or since the lists were discarded.
    :param alone: number of items that have to read for themselves.
    :param off: True if there are too many objects for a list.
    :param touched: uuids of objects that this process has changed.
    """

    items: int = 0
    alone: int = ITEMS_ALONE
    off: bool = False
    touched: set[str] = dataclasses.field(default_factory=set)
    lists: dict[tuple[str, ...], _List] = dataclasses.field(default_factory=dict)


class _List:
    """The reading methods of a client: the kind and its tags are read once, as lists; everything else is queried as usual."""

    def __init__(self, client: Client, table: Resource, scope: tuple[str, ...]) -> None:
        self.since = time.monotonic()
        self.memo = client.memo
        self._client = client
        self._snapshot = Snapshot(client, [table.vo], lambda path, conditions: client.query(
            path, [*conditions, *(scope if path == table.path else ())], most=MOST_OBJECTS))
        self._paths = {table.path, *TAG_PATHS.values(), *([table.related.path] if table.related else [])}

    def _source(self, path: str) -> t.Any:
        return self._snapshot if path in self._paths else self._client

    def get(self, path: str, object_uuid: str) -> dict[str, t.Any] | None:
        """As `Client.get`."""
        return self._source(path).get(path, object_uuid)

    def query(self, path: str, conditions: t.Sequence[str] = ()) -> list[dict[str, t.Any]]:
        """As `Client.query`."""
        return self._source(path).query(path, conditions)


def _is_unsure(table: Resource, options: Options, observed: Observed | None, scope: tuple[str, ...]) -> bool:
    """Return whether a list is not sufficient: the object may be missing in it, or is not ready."""
    if observed is None:
        return bool(scope)
    if options["state"] == "absent" or not table.ready or not options["wait"]:
        return False
    return not table.ready(observed.inventory).done
