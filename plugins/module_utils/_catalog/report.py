# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The result of the tasks, as the user sees it. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import Task
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import drift_warnings
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Drift
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import listed

ACTIONS = ("none", "create", "update", "replace", "delete", "prune", "report", "failed", "skipped")
LISTED = 20


def as_result(tasks: t.Sequence[Task], warnings: t.Sequence[str], everything: bool) -> dict[str, t.Any]:
    """Return the result of a catalog.

    :param everything: also list the unchanged items.
    """
    summary = dict.fromkeys(ACTIONS, 0)
    entries, diff, collected = [], [], list(warnings)
    for task in tasks:
        action = task.action
        summary[action] += 1
        lines, about_drift = task_warnings(task)
        collected.extend(lines)
        if everything or action != "none" or lines:
            entry = item_result(task)
            if about_drift:
                entry["drift_warning"] = about_drift
            entries.append(entry)
            if entry["changed"]:
                diff.append(_reviewed(task, entry))
    return {"changed": bool(diff), "entries": entries, "summary": summary, "diff": diff, "warnings": _capped(collected)}


def task_warnings(task: Task) -> tuple[list[str], str | None]:
    """Return the warnings of one task with the name of its item, and the warning that repeats its drift."""
    raw = drift_warnings(task.item.table, task.plan.drift, task.item.options)
    drift = [Drift(**task.names.drift(entry.as_result())) for entry in task.plan.drift]
    named = [] if task.failed else drift_warnings(task.item.table, drift, task.item.options)
    lines = ["%s: %s" % (task.item, line) for line in [*(line for line in task.warnings if line not in raw), *named]]
    return lines, lines[-1] if named else None


def item_result(task: Task) -> dict[str, t.Any]:
    """Return one item in the form of the result."""
    plan, failure = task.plan, task.failure or {}
    done = not task.failed and not task.skipped
    result: dict[str, t.Any] = {
        "kind": task.item.kind, "name": task.item.name, "uuid": task.uuid, "file": task.item.place.file, "line": task.item.place.line,
        "action": task.action, "changed": plan.changed if done else bool(failure.get("changed")),
        "diff": {"before": plan.before, "after": plan.after} if done else failure.get("diff") or {"before": {}, "after": {}},
        "steps": [step.as_result() for step in plan.steps] if done else failure.get("steps") or [],
        "drift": [item.as_result() for item in plan.drift] if done else [],
    }
    if task.skipped:
        result["msg"] = task.skipped
    elif task.error:
        result.update(msg=task.error.message, error=task.error.error)
    elif task.failure:
        result.update(msg=failure["msg"], error=failure.get("error"))
    if task.names.keys:
        before, after = task.names.diff(**result["diff"])
        result["review"] = {"before": before, "after": after, "drift": [task.names.drift(item) for item in result["drift"]]}
    return result


def _reviewed(task: Task, entry: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    title = "%s %s" % (task.item.table.title, entry["name"])
    where = " (%s:%s)" % (entry["file"], entry["line"]) if entry["file"] else ""
    sides = entry.get("review") or entry["diff"]
    return {"before": sides["before"], "after": sides["after"], "before_header": title + where, "after_header": "%s: %s" % (title, entry["action"])}


def failure_text(tasks: t.Sequence[Task]) -> str:
    """Return one line for each item that failed or was skipped."""
    lost = [task for task in tasks if task.failed or task.skipped]
    lost.sort(key=lambda task: bool(task.skipped))
    failed = sum(task.failed for task in tasks)
    lines = ["%d of %d items failed, %d skipped.%s" % (failed, len(tasks), len(lost) - failed, _held_back(tasks))]
    for task in lost[:LISTED]:
        lines.append("%s: %s" % (task.item, task.skipped or (task.error.message if task.error else (task.failure or {})["msg"])))
    if len(lost) > LISTED:
        lines.append("... and %d more, see entries." % (len(lost) - LISTED))
    return "\n".join(lines)


def _held_back(tasks: t.Sequence[Task]) -> str:
    held = ["%s %s" % (task.intent, task.item.label) for task in tasks if task.held_back]
    if not held:
        return ""
    return " on_error is stop, so nothing is deleted, replaced or pruned. Held back: %s." % listed(held, LISTED)


def _capped(lines: list[str]) -> list[str]:
    return lines if len(lines) <= LISTED else [*lines[:LISTED], "... and %d more warnings, see entries." % (len(lines) - LISTED)]
