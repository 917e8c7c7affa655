# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The plan of each item, made against the platform in memory. No requests but those of the snapshot."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import Before
from ansible_collections.zstack.aios.plugins.module_utils._catalog.snapshot import TAG_PATHS, Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import check_version
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import observe
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import Plan, derived_uuids, make_plan, newest_needed
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import predicted
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AmbiguousError, DriftError, MissingError, OptionError, VersionError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed

# What is wrong with one item and not with the way to the server.
OF_ITEM = (OptionError, MissingError, AmbiguousError, DriftError, VersionError)


@dataclasses.dataclass(eq=False)
class Task:
    """One item on its way from plan to result.

    :param resolved: the item's options with every name resolved; empty when that failed.
    :param uuid: the object's; for one that is still to be made, the one that it will most likely get.
    :param error: why the item failed.
    :param failure: the arguments for a failed result, of an item that failed while it was applied.
    :param skipped: why it was not applied.
    :param held_back: whether it was skipped because ``on_error`` is ``stop`` and another item could not be planned.
    :param mark: the user tag that a creation of this item carries.
    """

    item: Item
    plan: Plan = Plan()
    resolved: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    observed: Observed | None = None
    uuid: str | None = None
    error: ZStackError | None = None
    failure: dict[str, t.Any] | None = None
    skipped: str = ""
    held_back: bool = False
    pruned: bool = False
    mark: str | None = None
    warnings: list[str] = dataclasses.field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something went wrong with it."""
        return self.error is not None or self.failure is not None

    @property
    def waiting(self) -> bool:
        """Whether there is something to apply."""
        return self.plan.changed and not self.failed and not self.skipped

    @property
    def action(self) -> str:
        """What happens to the object, in a word."""
        if self.failed:
            return "failed"
        if self.skipped:
            return "skipped"
        return self.intent

    @property
    def intent(self) -> str:
        """What would happen to the object if nothing stopped it, in a word."""
        return "prune" if self.pruned else self.planned

    @property
    def planned(self) -> str:
        """What the plan does to the object, in a word."""
        if not self.plan.changed:
            return "report" if self.plan.drift else "none"
        creates = any(step.call.creates for step in self.plan.steps)
        deletes = any(step.call is self.item.table.delete for step in self.plan.steps)
        return {(True, True): "replace", (True, False): "create", (False, True): "delete", (False, False): "update"}[creates, deletes]

    def replan(self, moved: t.Mapping[str, str]) -> None:
        """Plan again when objects that the item refers to got other uuids than foreseen."""
        resolved = {option: _moved(value, moved) for option, value in self.resolved.items()}
        if resolved != self.resolved:
            self.resolved = resolved
            self.plan = marked(self.item, make_plan(self.item.table, resolved, self.observed), self.mark)


def _moved(value: t.Any, moved: t.Mapping[str, str]) -> t.Any:
    if isinstance(value, list):
        return [_moved(entry, moved) for entry in value]
    return moved.get(value, value) if isinstance(value, str) else value


def marked(item: Item, plan: Plan, mark: str | None) -> Plan:
    """The plan with the mark on the object that it makes."""
    if mark is None:
        return plan
    steps = [
        dataclasses.replace(step, root={**step.root, "userTags": [*step.root.get("userTags", []), mark]}) if step.call is item.table.create else step
        for step in plan.steps]
    return dataclasses.replace(plan, steps=tuple(steps))


def paths_needed(items: t.Iterable[Item]) -> list[str]:
    """What has to be read to plan the items, as far as that is certain."""
    paths: dict[str, None] = {}
    for item in items:
        options = item.options
        paths[item.table.path] = None
        if item.present:
            for field in item.table.refs():
                if field.ref and options.get(field.ref.option) is not None and field is not item.table.source:
                    paths[field.ref.path] = None
            for field in item.table.fields:
                if field.needs and options.get(field.option) is not None:
                    paths[TAG_PATHS[field.needs]] = None
    return list(paths)


def plan_items(ordered: t.Sequence[Item], snapshot: Snapshot) -> list[Task]:
    """A task for each item.

    Each item is planned against the platform as the items before it will have left it. So names are found in the catalog
    and on the server alike, and by the same rules.
    """
    tasks: list[Task] = []
    claimed: dict[tuple[str, str], Task] = {}
    # Deletions come last: until then, what goes can still be referred to.
    for item in sorted(ordered, key=lambda item: not item.present):
        task = Task(item)
        tasks.append(task)
        try:
            _plan(task, snapshot)
        except OF_ITEM as error:
            task.error = error
        if task.uuid:
            other = claimed.setdefault((item.table.path, task.uuid), task)
            if other is not task:
                _contradict(task, other)
        if item.present and task.waiting:
            _put(task, snapshot)
    return tasks


def _plan(task: Task, snapshot: Snapshot) -> None:
    table = task.item.table
    resolved, task.observed = observe(snapshot, table, task.item.options)  # type: ignore[arg-type]
    task.resolved = resolved
    task.uuid = task.observed.uuid if task.observed else None
    if task.observed is not None and task.item.present and all(field.same(resolved[field.option], task.observed) for field in table.given(resolved)):
        return
    task.plan = make_plan(table, resolved, task.observed)
    if any(step.call.creates for step in task.plan.steps):
        task.uuid = derived_uuids(table, resolved, 1)[0]


def _contradict(task: Task, other: Task) -> None:
    """Neither of two items for one object is applied."""
    message = "%s and %s mean the same %s with the uuid %s. Remove one of them." % (other.item, task.item, task.item.table.title, task.uuid)
    for one in (task, other):
        one.error = one.error or AmbiguousError(message)


def _put(task: Task, snapshot: Snapshot) -> None:
    path = task.item.table.path
    if task.observed:
        snapshot.drop(path, task.observed.uuid)
    after = predicted(task.item.table, task.plan, task.resolved, task.observed)
    if after is not None:
        snapshot.put(path, dict(after.inventory))


def check_versions(tasks: t.Sequence[Task], version: t.Callable[[], str]) -> None:
    """Refuse what the server's version does not have, before anything is applied.

    :param version: asks the server; called only when it matters.
    """
    for task in tasks:
        needed = newest_needed(task.item.table, task.plan) if task.waiting and task.item.options["version_check"] else {}
        if needed:
            try:
                check_version(needed, version())
            except VersionError as error:
                task.error = error


def settle(tasks: t.Sequence[Task], before: Before) -> None:
    """Skip what refers to an item that failed."""
    by_number = {task.item.number: task for task in tasks}
    for task in tasks:
        skip_after_failure(task, [by_number[number] for number in before.get(task.item.number, ())])


def hold_back(tasks: t.Sequence[Task], before: Before) -> None:
    """Delete and replace nothing if items could not be planned, as ``on_error: stop`` requires; what refers to those is skipped as well."""
    lost = next((task for task in tasks if task.failed), None)
    if lost is None:
        return
    for task in tasks:
        if task.waiting and task.planned in ("delete", "replace"):
            task.skipped = "Held back (%s): on_error is stop, and %s failed." % (task.intent, lost.item)
            task.held_back = True
    settle(tasks, before)


def skip_after_failure(task: Task, needed: t.Sequence[Task]) -> None:
    """Skip the task when one that it needs did not come about."""
    lost = next((other for other in needed if other.failed or other.skipped), None)
    if lost and (task.waiting or isinstance(task.error, MissingError)):
        task.error = None
        task.skipped = "It refers to %s, which %s." % (lost.item, "failed" if lost.failed else "was skipped")
