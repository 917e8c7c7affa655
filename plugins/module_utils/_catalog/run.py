# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The pipeline of a catalog: read, check, observe, plan, apply, report."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.applying import Applier, Limiter
from ansible_collections.zstack.aios.plugins.module_utils._catalog.checking import check_catalog, check_source, failed_result, require_items
from ansible_collections.zstack.aios.plugins.module_utils._catalog.digest import check_digest, digest_of
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Catalog
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import Before, deletion_order
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import (
    Task, check_versions, hold_back, keep_what_is_used, marked, paths_needed, plan_items, settle,
)
from ansible_collections.zstack.aios.plugins.module_utils._catalog.prune import check_limit, check_prune, keep_losses, mark_of, owned, plan_prune
from ansible_collections.zstack.aios.plugins.module_utils._catalog.remembering import prepare_digests
from ansible_collections.zstack.aios.plugins.module_utils._catalog.removal import Sources, one_after_the_other, users_of
from ansible_collections.zstack.aios.plugins.module_utils._catalog.report import ACTIONS, as_result, failure_text, item_result
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

Options = t.Mapping[str, t.Any]
# Called for each item that has ended, with the number of ended items, the number of all items, and the item's result.
Progress = t.Callable[[int, int, dict[str, t.Any]], None]


def check_options(options: Options) -> None:
    """Refuse invalid options of the task.

    :raises OptionError: naming the option and the rule.
    """
    check_source(options)
    for option in ("concurrency", "rate_limit"):
        if options[option] < 1:
            raise OptionError("%s: %d is too small. Give 1 or more." % (option, options[option]))
    check_prune(options)


def run_catalog(options: Options, client: Client, check_mode: bool, progress: Progress | None = None) -> dict[str, t.Any]:
    """Run one task.

    :param options: the validated options of the module.
    :param check_mode: True to predict and send no write.
    :param progress: called in this thread.
    :returns: ``changed``, ``entries``, ``summary``, ``diff``, ``digest``, ``warnings``.
    :raises Failure: for errors in the catalog, and if an item failed.
    :raises ZStackError: if the server cannot be read.
    """
    with _no_collections():
        checked = check_catalog(options)
        catalog = checked.catalog
        if checked.errors:
            raise Failure({**failed_result(checked.errors, " Nothing was sent."), "summary": dict.fromkeys(ACTIONS, 0), "diff": []})
        digest = digest_of(catalog.items, options)
    require_items(options, catalog, " Nothing was sent.")
    check_digest(digest, options["expected_digest"])
    warnings = list(catalog.warnings)
    with client.reading_only(check_mode), client.paced(Limiter(options["rate_limit"])):
        with _no_collections():
            planned = _plan(options, client, catalog, checked.ordered, checked.before, warnings)
        if not check_mode or options["server_side_check"]:
            _apply(options, client, check_mode, planned, progress)
        if check_mode:
            planned.settle(options["on_error"] == "stop")
    tasks = planned.tasks
    tasks.sort(key=lambda task: task.item.number)
    result = {**as_result(tasks, warnings, options["list_unchanged"]), "digest": digest}
    if any(task.failed or task.skipped for task in tasks):
        text = failure_text(tasks)
        raise Failure({**result, "msg": text, "error": {"code": "client.catalog", "details": text}})
    return result


@contextlib.contextmanager
def _no_collections() -> t.Iterator[None]:
    """Disable garbage collection while many permanent objects are created: repeated collections take a third of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@dataclasses.dataclass
class Planned:
    """The plan of the whole catalog.

    :param before: for each item, those that it refers to.
    :param users: for each object to be deleted, the tasks that use it.
    :param sources: the sources of objects.
    """

    tasks: list[Task]
    before: Before
    users: Before
    sources: Sources

    def settle(self, hold: bool) -> None:
        """Skip tasks that cannot or must not be applied, because others failed or were skipped.

        :param hold: delete and replace nothing if an item failed.
        """
        settle(self.tasks, self.before, self.users)
        if hold:
            hold_back(self.tasks, self.before, self.users)


def _plan(
    options: Options, client: Client, catalog: Catalog, ordered: t.Sequence[t.Any], before: Before, warnings: list[str],
) -> Planned:
    """Return the tasks of all items and removals, ready to be applied."""
    tables = [table for kind, table in KINDS.items() if options["prune"] or any(item.kind == kind for item in catalog.items)]
    snapshot = Snapshot(client, list(dict.fromkeys(table.vo for table in tables)))
    snapshot.prepare([*paths_needed(ordered), *(table.path for table in tables)], options["concurrency"])
    prepare_digests(ordered, snapshot)
    tasks = plan_items(ordered, snapshot)
    mark = mark_of(options["name"])
    sources = Sources(snapshot)
    removals: list[Task] = []
    if mark is not None:
        replaces = any(task.planned == "replace" for task in tasks if task.waiting)
        ours = owned(client, mark) if options["prune"] or replaces else set()
        for task in tasks:
            # The replacement of an adopted object does not become the catalog's own.
            if task.planned == "create" or (task.planned == "replace" and task.observed and (task.item.table.vo, task.observed.uuid) in ours):
                task.mark = mark
                task.plan = marked(task.item, task.plan, mark)
        if options["prune"]:
            removals = plan_prune(ours, tasks, snapshot, sources, len(catalog.items), warnings)
            check_limit(removals, options["prune_limit"])
    check_versions(tasks, client.version)
    goers = [task for task in tasks + removals if task.waiting and task.planned in ("delete", "replace")]
    kept = keep_losses(goers, snapshot, warnings)
    goers = [task for task in kept if task.waiting]
    everything = tasks + [task for task in removals if task in kept]
    planned = Planned(everything, before, users_of(goers, everything, snapshot, sources) if goers else {}, sources)
    planned.settle(options["on_error"] == "stop")
    return planned


def _apply(options: Options, client: Client, check_mode: bool, planned: Planned, progress: Progress | None) -> None:
    """Create and update first, then delete: until then, a deleted name may still be referred to."""
    total = sum(task.waiting or (task.attends and not check_mode) for task in planned.tasks)
    ended = 0

    def done(task: Task) -> None:
        nonlocal ended
        ended += 1
        if progress:
            progress(ended, total, item_result(task))

    # Check mode ignores on_error, so that one plan shows every failure.
    applier = Applier(client, check_mode, options["concurrency"], done, options["on_error"] == "stop" and not check_mode)
    by_number = {task.item.number: task for task in planned.tasks}
    present = [task for task in planned.tasks if task.item.present]
    if check_mode:
        present = [task for task in present if task.waiting]
        # The server cannot validate a call that refers to an object that does not exist yet.
        present = [task for task in present if not any(
            by_number[number].planned in ("create", "replace") for number in planned.before[task.item.number])]
    applier.apply(present, planned.before)
    for items in deletion_order([task.item for task in planned.tasks if not task.item.present]):
        group = [by_number[item.number] for item in items if by_number[item.number].waiting]
        for task in group:
            keep_what_is_used(task, [by_number[number] for number in planned.users.get(task.item.number, ())])
            if task.skipped:
                done(task)
        applier.apply(group, planned.users, one_after_the_other(group, planned.users, planned.sources))
