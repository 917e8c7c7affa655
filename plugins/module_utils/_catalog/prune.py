# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Delete objects that the same catalog created and no longer lists. Ownership is a user tag on the object."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import Place
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import Task, references
from ansible_collections.zstack.aios.plugins.module_utils._catalog.removal import Sources, is_lost, may_mean
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import secrets_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import make_plan
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.usage import refuse_loss
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, UsedError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import current
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import listed
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed, Resource

MARK = "zstack.aios/catalog="
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
_LISTED = 20


def mark_of(name: str | None) -> str | None:
    """Return the user tag of the objects that the catalog of that name creates."""
    return None if name is None else MARK + name


def check_prune(options: t.Mapping[str, t.Any]) -> None:
    """Refuse contradictory options.

    :raises OptionError: naming the option and the rule.
    """
    name = options["name"]
    if name is not None and not _NAME.fullmatch(name):
        raise OptionError("name: %r cannot be the name of a catalog. Use up to 64 letters, digits, dots, dashes, underscores and slashes." % name)
    if options["prune"] and name is None:
        raise OptionError("name: required with prune, which deletes only objects that the catalog of that name created.")
    if options["prune_limit"] < 0:
        raise OptionError("prune_limit: %d is not a number of objects. Give 0 or more." % options["prune_limit"])


def owned(client: Client, mark: str) -> set[tuple[str, str]]:
    """Return the resource type and uuid of every object with the owner tag."""
    rows = client.query("/v1/user-tags", [_query.equals("tag", mark)])
    return {(str(row.get("resourceType")), str(row.get("resourceUuid"))) for row in rows if _query.matches(row, "tag", mark)}


def plan_prune(
    owned_objects: t.Iterable[tuple[str, str]], tasks: t.Sequence[Task], snapshot: Snapshot, sources: Sources, number: int, warnings: list[str],
) -> list[Task]:
    """Return the deletions: each object with the owner tag that no item identifies or refers to, except those that belong to the platform.

    :param number: the first free number of an item.
    :param warnings: receives a line for each object that is kept although no item identifies it.
    """
    meant = _meant(tasks, snapshot)
    stays = _Stays(tasks, snapshot)
    found = []
    for vo, uuid in sorted(owned_objects):
        for kind, row in _objects(vo, uuid, snapshot, sources):
            if (KINDS[kind].path, str(row["uuid"])) in meant:
                continue
            reason = stays.reason(KINDS[kind], row)
            if reason:
                warnings.append("The %s %s is not deleted, although the catalog does not list it: %s." % (KINDS[kind].title, KINDS[kind].title_of(row), reason))
            else:
                found.append((kind, KINDS[kind], row))
    found.sort(key=lambda entry: (list(KINDS).index(entry[0]), str(entry[2].get("name")), str(entry[2]["uuid"])))
    return [_removal(kind, table, row, number + offset) for offset, (kind, table, row) in enumerate(found)]


def _meant(tasks: t.Sequence[Task], snapshot: Snapshot) -> set[tuple[str, str]]:
    """Return the path and uuid of each object that an item identifies; for a kind that keeps older runs of an object, those of the runs as well."""
    found: set[tuple[str, str]] = set()
    for task in tasks:
        table = task.item.table
        uuids = [task.uuid, task.observed.uuid if task.observed else None]
        if table.reruns and task.item.present and task.item.name:
            uuids.extend(str(row["uuid"]) for row in snapshot.query(table.path, [_query.equals("name", task.item.name)]))
        found.update((table.path, uuid) for uuid in uuids if uuid)
    return found


def _objects(vo: str, uuid: str, snapshot: Snapshot, sources: Sources) -> list[tuple[str, dict[str, t.Any]]]:
    """Return the objects of an owner tag, each with its kind: usually one, none if it no longer exists.

    :param vo: the resource type of the tagged object.
    """
    for kind, table in KINDS.items():
        if table.created_key != "uuid":
            # The tag is on the object that the creating call created, and the objects of the kind refer to it.
            rows = snapshot.query(table.path, [_query.equals(table.created_key, uuid)])
            if rows:
                return [(kind, row) for row in rows]
    kinds = [kind for kind, table in KINDS.items() if table.vo == vo]
    row = snapshot.get(KINDS[kinds[0]].path, uuid) if kinds else None
    if row is None:
        return []
    # Several kinds share one resource type of the server; the source identifies clones.
    made = bool(sources.of(KINDS[kinds[0]].path, row))
    return [(next((kind for kind in kinds if bool(KINDS[kind].source) is made), kinds[0]), row)]


class _Stays:
    """Finds the reason why an object with the owner tag is not deleted, if there is one."""

    def __init__(self, tasks: t.Sequence[Task], snapshot: Snapshot) -> None:
        self._lost: dict[tuple[str, str], Task] = {}
        self._referred: dict[tuple[str, str, bool], Task] = {}
        for task in tasks:
            path = task.item.table.path
            for row in may_mean(task, snapshot) if is_lost(task) else ():
                self._lost.setdefault((path, str(row["uuid"])), task)
            for key in references(task) if task.item.present else ():
                self._referred.setdefault(key, task)

    def reason(self, table: Resource, row: dict[str, t.Any]) -> str | None:
        """Return why the object is not deleted, or None if it is."""
        kept = table.keeps(Observed(row))
        if kept:
            return kept
        if row.get("system") is True or row.get("type") == "System":
            return "it belongs to the platform"
        lost = self._lost.get((table.path, str(row["uuid"])))
        if lost:
            return "it may be the object of %s, which failed" % lost.item
        name = trim(str(row.get("name") or ""))
        referring = self._referred.get((table.path, str(row["uuid"]), False)) or self._referred.get((table.path, name, True))
        return "%s refers to it" % referring.item if referring else None


def _removal(kind: str, table: Resource, row: dict[str, t.Any], number: int) -> Task:
    options = {"state": "absent", "delete_mode": "Permissive", "name": row.get("name"), "version_check": True, "server_side_check": False}
    item = Item(number, kind, -1, Place(), table, options)
    observed = Observed(row)
    current().add(secrets_of(table, row))
    return Task(item, make_plan(table, options, observed), options, observed, str(row["uuid"]), pruned=True)


class _Remaining:
    """The platform without the objects that are deleted in this run."""

    def __init__(self, snapshot: Snapshot, going: t.Container[tuple[str, str]]) -> None:
        self._snapshot = snapshot
        self._going = going

    def query(self, path: str, conditions: t.Sequence[str] = ()) -> list[dict[str, t.Any]]:
        """As `Client.query`."""
        return [row for row in self._snapshot.query(path, conditions) if (path, str(row["uuid"])) not in self._going]


def keep_losses(tasks: t.Sequence[Task], snapshot: Snapshot, warnings: list[str]) -> list[Task]:
    """Return the tasks without the pruning deletions that would also delete other objects; explicit deletions of that sort fail.

    :param tasks: all tasks that delete an object: those of items and those of `plan_prune`.
    :param warnings: receives a line for each object that is not deleted.
    """
    going = {(task.item.table.path, task.observed.uuid) for task in tasks if task.observed}
    remaining = t.cast(Client, _Remaining(snapshot, going))
    kept = []
    for task in tasks:
        try:
            refuse_loss(remaining, task.item.table, task.observed.inventory if task.observed else {}, task.item.options)
        except UsedError as error:
            if task.pruned:
                warnings.append("%s The catalog does not list it; it is not deleted." % error.message)
                continue
            task.error = error
        kept.append(task)
    return kept


def check_limit(removals: t.Sequence[Task], limit: int) -> None:
    """Refuse to delete more objects than the limit allows.

    :raises OptionError: naming the objects.
    """
    if len(removals) > limit:
        names = listed(removals, _LISTED, lambda task: "%s %r" % (task.item.kind, task.item.name))
        raise OptionError(
            "prune_limit: the catalog no longer lists %d objects that it created, and at most %d may be deleted in one run: %s. Nothing was changed. "
            "Check that the checkout is complete, or raise prune_limit to delete them." % (len(removals), limit, names))
