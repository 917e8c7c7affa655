# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Plan each item against the platform in memory. No requests except those of the snapshot."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import Before, absent_reference
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import TAG_PATHS, Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import check_version
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.naming import Names, names_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import identified_by, observe
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids, make_plan, newest_needed
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.remember import undetectable
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import judge, predicted
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Plan
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AmbiguousError, BelowMinimumError, DriftError, MissingError, NotReadyError, OptionError, UsedError, VersionError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed

# Errors of one item, as opposed to errors of the connection.
OF_ITEM = (OptionError, MissingError, AmbiguousError, DriftError, VersionError, NotReadyError, BelowMinimumError, UsedError)


@dataclasses.dataclass(eq=False)
class Task:
    """One item, from plan to result.

    :param resolved: the options of the item with all names resolved; empty if that failed.
    :param uuid: the uuid of the object; for a new object, the uuid that it will most likely receive.
    :param error: why the item failed.
    :param failure: the arguments of the failed result, if applying the item failed.
    :param skipped: why it was not applied.
    :param held_back: whether it was skipped because ``on_error`` is ``stop`` and another item could not be planned.
    :param unready: whether the object matches the item and does not run yet.
    :param mark: the user tag that a creation of this item carries.
    :param names: how its diff is shown in the options of the item.
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
    unready: bool = False
    pruned: bool = False
    mark: str | None = None
    names: Names = Names()
    warnings: list[str] = dataclasses.field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether it failed or was skipped."""
        return self.error is not None or self.failure is not None

    @property
    def waiting(self) -> bool:
        """Whether it changes anything."""
        return self.plan.changed and not self.failed and not self.skipped

    @property
    def attends(self) -> bool:
        """Whether it only waits for the object and changes nothing."""
        return self.unready and not self.plan.changed and not self.failed and not self.skipped

    @property
    def action(self) -> str:
        """The action on the object, in one word."""
        if self.failed:
            return "failed"
        if self.skipped:
            return "skipped"
        return self.intent

    @property
    def intent(self) -> str:
        """The planned action on the object even if the item is held back, in one word."""
        return "prune" if self.pruned else self.planned

    @property
    def planned(self) -> str:
        """The action of the plan on the object, in one word."""
        if not self.plan.changed:
            return "report" if self.plan.drift else "none"
        creates = any(step.call.creates for step in self.plan.steps)
        deletes = any(step.call is self.item.table.delete for step in self.plan.steps)
        return {(True, True): "replace", (True, False): "create", (False, True): "delete", (False, False): "update"}[creates, deletes]

    def replan(self, moved: t.Mapping[str, str]) -> None:
        """Plan again if referenced objects received other uuids than predicted."""
        resolved = {option: _moved(value, moved) for option, value in self.resolved.items()}
        if resolved != self.resolved:
            self.resolved = resolved
            self.names = dataclasses.replace(self.names, names={**self.names.names, **{
                uuid: self.names.names[foreseen] for foreseen, uuid in moved.items() if foreseen in self.names.names}})
            self.plan = marked(self.item, make_plan(self.item.table, resolved, self.observed), self.mark)


def _moved(value: t.Any, moved: t.Mapping[str, str]) -> t.Any:
    if isinstance(value, list):
        return [_moved(entry, moved) for entry in value]
    return moved.get(value, value) if isinstance(value, str) else value


def marked(item: Item, plan: Plan, mark: str | None) -> Plan:
    """Return the plan with the owner tag on the object that it creates."""
    if mark is None:
        return plan
    steps = [
        dataclasses.replace(step, root={**step.root, "userTags": [*step.root.get("userTags", []), mark]}) if step.call is item.table.create else step
        for step in plan.steps]
    return dataclasses.replace(plan, steps=tuple(steps))


def paths_needed(items: t.Iterable[Item]) -> list[str]:
    """Return the paths that certainly have to be read to plan the items."""
    paths: dict[str, None] = {}
    for item in items:
        options = item.options
        paths[item.table.path] = None
        if item.table.related:
            paths[item.table.related.path] = None
        if item.present:
            for field in item.table.refs():
                if field.ref and options.get(field.ref.option) is not None and field is not item.table.source:
                    paths[field.ref.path] = None
            for field in item.table.fields:
                if field.needs and options.get(field.option) is not None:
                    paths[TAG_PATHS[field.needs]] = None
    return list(paths)


def plan_items(ordered: t.Sequence[Item], snapshot: Snapshot) -> list[Task]:
    """Return a task for each item.

    Each item is planned against the platform as the earlier items will leave it. Names are therefore resolved in the catalog and on the server by the same
    rules.
    """
    tasks: list[Task] = []
    claimed: dict[tuple[str, str], Task] = {}
    identified = _identify(ordered, snapshot)
    # Deletions are planned last: until then, the objects can still be referred to.
    for item in sorted(ordered, key=lambda item: not item.present):
        task = Task(item)
        tasks.append(task)
        try:
            _plan(task, snapshot, identified.get(item.table.path, frozenset()) if item.options.get(item.table.given_uuid) else frozenset())
        except OF_ITEM as error:
            task.error = error
        if task.uuid:
            other = claimed.setdefault((item.table.path, task.uuid), task)
            if other is not task:
                _contradict(task, other)
        if item.present and task.waiting:
            _put(task, snapshot)
    _refuse_absent_references(tasks)
    return tasks


def _identify(items: t.Iterable[Item], snapshot: Snapshot) -> dict[str, set[str]]:
    """Return the uuids, for each path, of the objects that present items identify by more than their names, whether they exist or not.

    From here on, such an object is found by the name in its item, in whatever order the items are planned.
    """
    found: dict[str, set[str]] = {}
    for item in items:
        try:
            row = identified_by(snapshot, item.table, item.options) if item.present else None  # type: ignore[arg-type]
        except OF_ITEM:
            continue  # the item itself will fail with this error
        # A new object has the uuid of its item, if given.
        uuid = str(row["uuid"]) if row else item.options.get(item.table.given_uuid) if item.present else None
        if uuid:
            found.setdefault(item.table.path, set()).add(uuid)
        if row:
            name = item.options.get("name")
            if name is not None and item.options.get("on_drift") != "report":
                snapshot.rename(item.table.path, str(row["uuid"]), trim(name))
    return found


def _plan(task: Task, snapshot: Snapshot, others: t.AbstractSet[str]) -> None:
    table = task.item.table
    resolved, task.observed = observe(snapshot, table, task.item.options, others)  # type: ignore[arg-type]
    task.resolved = resolved
    task.uuid = task.observed.uuid if task.observed else None
    acts = table.restart or table.recreates or table.reruns  # even where nothing differs
    if task.observed is not None and task.item.present and not acts and all(
            field.same(resolved[field.option], task.observed) for field in table.given(resolved)):
        return
    task.plan = make_plan(table, resolved, task.observed)
    if any(step.call.creates for step in task.plan.steps):
        # If the creating call creates a second object, only the server knows the uuid of that object.
        task.uuid = derived_uuids(table, resolved, 1)[0] if table.created_key == "uuid" else None
    _attend(task)
    task.names = names_of(table, task.item.options, resolved, _sides(task.plan), lambda path, uuid: _name_of(snapshot, path, uuid))


def _attend(task: Task) -> None:
    """Check an unchanged object in the same way as its own module.

    :raises ZStackError: if it has failed, or does not meet the requirements of the item.
    """
    table, observed = task.item.table, task.observed
    if task.item.present and observed is not None and not task.plan.changed:
        task.warnings.extend(undetectable(table, task.resolved, observed, {}))
        task.unready = not judge(table, task.plan, task.resolved, observed)


def _sides(plan: Plan) -> list[t.Mapping[str, t.Any]]:
    """Return the part of a plan that reports show."""
    return [plan.before, plan.after, *({item.field: value} for item in plan.drift for value in (item.before, item.after))]


def _name_of(snapshot: Snapshot, path: str, uuid: str) -> str | None:
    """Return the name of an object after the items planned so far."""
    name = (snapshot.get(path, uuid) or {}).get("name")
    return name if isinstance(name, str) and name.strip() else None


def references(task: Task) -> t.Iterator[tuple[str, str, bool]]:
    """Yield the references of the item: the path, a uuid or an unresolved name, and True for a name."""
    options = task.item.options
    for field in task.item.table.refs():
        if field.ref:
            value, named = task.resolved.get(field.option) or options.get(field.option), False
            if value is None:
                value, named = options.get(field.ref.option), True
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    yield field.ref.path, trim(text), named


def _refuse_absent_references(tasks: t.Sequence[Task]) -> None:
    """Fail items that refer to an object that another item deletes, if only the platform shows the reference."""
    going: dict[tuple[str, str, bool], Task] = {}
    for task in tasks:
        if not task.item.present and task.observed:
            going[task.item.table.path, task.observed.uuid, False] = task
            going[task.item.table.path, trim(str(task.observed.inventory.get("name") or "")), True] = task
    for task in tasks if going else ():
        other = next((going[key] for key in references(task) if key in going), None) if task.item.present and not task.failed else None
        if other:
            task.error = OptionError("%s: %s." % (task.item.label, absent_reference(other.item)))


def _contradict(task: Task, other: Task) -> None:
    """If two items identify the same object, neither is applied."""
    message = "%s and %s identify the same %s with the uuid %s. Remove one of them." % (other.item, task.item, task.item.table.title, task.uuid)
    for one in (task, other):
        one.error = one.error or AmbiguousError(message)


def _put(task: Task, snapshot: Snapshot) -> None:
    path = task.item.table.path
    if task.observed and not any(step.after for step in task.plan.steps):
        snapshot.drop(path, task.observed.uuid)
    after = predicted(task.item.table, task.plan, task.resolved, task.observed)
    if after is not None and after.uuid:
        snapshot.put(path, {**_inherited(task, snapshot), **after.inventory})


def _inherited(task: Task, snapshot: Snapshot) -> dict[str, t.Any]:
    """Return the values that a new object takes over from its source."""
    source = task.item.table.source
    if source is None or source.ref is None or not any(step.call.creates for step in task.plan.steps):
        return {}
    row = snapshot.get(source.ref.path, str(task.resolved.get(source.option))) or {}
    return {key: row[key] for key in task.item.table.inherits if key in row}


def check_versions(tasks: t.Sequence[Task], version: t.Callable[[], str]) -> None:
    """Refuse options that the server version does not support, before anything is applied.

    :param version: queries the server; called only if required.
    """
    for task in tasks:
        needed = newest_needed(task.item.table, task.plan) if task.waiting and task.item.options["version_check"] else {}
        if needed:
            try:
                check_version(needed, version())
            except VersionError as error:
                task.error = error


def settle(tasks: t.Sequence[Task], before: Before, users: Before) -> None:
    """Skip items that refer to a failed item, and keep the objects that such an item still uses."""
    by_number = {task.item.number: task for task in tasks}
    skipped = True
    while skipped:
        skipped = False
        for task in tasks:
            if not task.skipped:
                skip_after_failure(task, [by_number[number] for number in before.get(task.item.number, ())])
                keep_what_is_used(task, [by_number[number] for number in users.get(task.item.number, ())])
                skipped = skipped or bool(task.skipped)


def hold_back(tasks: t.Sequence[Task], before: Before, users: Before) -> None:
    """Delete and replace nothing if items could not be planned, as ``on_error: stop`` requires; items that refer to those are skipped as well."""
    lost = next((task for task in tasks if task.failed), None)
    if lost is None:
        return
    for task in tasks:
        if task.waiting and task.planned in ("delete", "replace"):
            task.skipped = "Held back (%s): on_error is stop, and %s failed." % (task.intent, lost.item)
            task.held_back = True
    settle(tasks, before, users)


def skip_after_failure(task: Task, needed: t.Sequence[Task]) -> None:
    """Skip the task if one that it refers to failed or was skipped."""
    lost = next((other for other in needed if other.failed or other.skipped), None)
    if lost and (task.waiting or isinstance(task.error, MissingError)):
        task.error = None
        task.skipped = "It refers to %s, which %s." % (lost.item, _fate(lost))


def keep_what_is_used(task: Task, users: t.Sequence[Task]) -> None:
    """Skip the deletion of an object that a failed or skipped item uses."""
    lost = next((other for other in users if other.failed or other.skipped), None)
    if lost and task.waiting:
        task.skipped = "It is kept, because %s %s and may still use it." % (lost.item, _fate(lost))


def _fate(task: Task) -> str:
    return "failed" if task.failed else "was skipped"
