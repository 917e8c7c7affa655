# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The report of a catalog: one data structure from the module's result. Pure."""

from __future__ import annotations

import datetime
import os
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible
from ansible_collections.zstack.aios.plugins.plugin_utils._source import SCHEMA
from ansible_collections.zstack.aios.plugins.plugin_utils._values import count_of

SCHEMA_VERSION = 1

# Sorted by the attention that they require.
ORDER = ("failed", "skipped", "delete", "prune", "replace", "update", "create", "report", "none")
CHANGES = ("create", "update", "replace", "delete", "prune")
# The words for each action, in the future and in the past.
WORDS = {
    "failed": ("failed", "failed"), "skipped": ("skipped", "skipped"), "delete": ("to delete", "deleted"), "prune": ("to prune", "pruned"),
    "replace": ("to replace", "replaced"), "update": ("to update", "updated"), "create": ("to create", "created"),
    "report": ("only reported", "only reported"), "none": ("unchanged", "unchanged"),
}
# Maximum number of lines of the review in an artifact, which becomes a variable of each later job of a workflow.
REVIEW_LINES = 100

Report = dict[str, t.Any]


def make_report(
    result: t.Mapping[str, t.Any], action: str = "plan", applied: bool = False, name: str | None = None, path: str | None = None,
    root: str | None = None, host: str | None = None, server: str | None = None, time: str | None = None, revision: str | None = None,
    source: t.Mapping[str, t.Any] | None = None, directory: str | None = None,
) -> Report:
    """Return the report.

    :param result: of ``zstack_ai_catalog``, successful or not.
    :param action: the action of the playbook.
    :param applied: whether the changes were applied, and not only planned.
    :param name: the name of the catalog.
    :param path: directory of the catalog, as the user wrote it.
    :param root: the same directory as passed to the module; paths below it are shown relative to it.
    :param host: the inventory host.
    :param server: address of the management node.
    :param time: when; None for now.
    :param revision: the commit of the catalog; None or empty if it is not known.
    :param directory: the current directory; the member ``path`` of items and errors is relative to it, as Git servers need it.
    :param source: where the catalog comes from, as `source_of` returns it; its commit is used if ``revision`` is not given.
    """
    failed = "msg" in result or "entries" not in result
    origin = source or {}
    validated = action == "validate"
    entries = [{**entry, "path": _below(entry.get("file"), directory)} for entry in result.get("entries") or []]
    items = [_item(entry, root) for entry in entries] if not validated else []
    summary = {name: int((result.get("summary") or {}).get(name, 0)) for name in ORDER}
    catalog_errors = [
        {**{key: visible(value) if isinstance(value, str) else value for key, value in entry.items()}, "file": _relative(entry.get("file"), root),
         "msg": _short(str(entry["msg"]), root), "path": _below(entry.get("file"), directory)}
        for entry in result.get("catalog_errors") or []]
    report = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "action": action,
        "applied": applied,
        "time": time or datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "catalog": {"name": visible(name or "") or None, "path": visible(path or "") or None},
        "revision": visible(revision or origin.get("revision") or "") or None,
        "branch": visible(origin.get("branch") or "") or None,
        "dirty": origin.get("dirty"),
        "commit_url": origin.get("commit_url"),
        "pipeline": origin.get("pipeline"),
        "digest": result.get("digest"),
        "host": visible(host or "") or None,
        "server": {"address": visible(server or "") or None, "version": result.get("server_version")},
        "changed": bool(result.get("changed")),
        "failed": failed,
        "summary": summary,
        "changes": sum(summary[name] for name in CHANGES),
        "entries": items,
        # The validated items without errors
        **({"checked": [{key: entry.get(key) for key in ("kind", "name", "item", "path", "line")} for entry in entries]} if validated else {}),
        "catalog_errors": catalog_errors,
        "warnings": _warnings(result, root),
        "errors": _short(str(result.get("msg") or "The task failed without a message."), root).split("\n") if failed else [],
    }
    report["headline"] = headline(report)
    report["verdict"] = verdict(report)
    return report


def _warnings(result: t.Mapping[str, t.Any], root: str | None) -> list[str]:
    """Return the warnings except those that repeat the drift of an item."""
    repeated = {entry.get("drift_warning") for entry in result.get("entries") or []}
    lines = [str(line) for line in result.get("reviewed_warnings") or result.get("warnings") or []]
    return [_short(line, root) for line in lines if line not in repeated]


def _item(entry: t.Mapping[str, t.Any], root: str | None) -> dict[str, t.Any]:
    message = entry.get("msg")
    diff = entry.get("diff") or {}
    review = entry.get("review") or {**diff, "drift": entry.get("drift")}
    fields, raw = fields_of(review), fields_of(diff)
    return {
        **{key: entry.get(key) for key in ("kind", "name", "uuid", "line", "path", "action", "changed")},
        "title": str(entry.get("kind") or "").rstrip("s").replace("_", " "),
        "file": _relative(entry.get("file"), root),
        "fields": fields,
        # Shown as names in the fields, or omitted because it follows from them
        "uuids": [field for field in raw if field not in fields],
        "steps": [dict(step) for step in entry.get("steps") or []],
        "drift": review.get("drift"),
        "msg": None if message is None else _short(str(message), root),
        "error": entry.get("error"),
    }


def fields_of(diff: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the fields that differ, each with ``name``, ``change`` (add, change, remove), ``before`` and ``after``."""
    before, after = diff.get("before") or {}, diff.get("after") or {}
    fields = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old != new or type(old) is not type(new):
            change = "add" if name not in before or old is None else "remove" if name not in after or new is None else "change"
            fields.append({"name": name, "change": change, "before": old, "after": new})
    return fields


def _relative(file: str | None, root: str | None) -> str | None:
    if not file or not root:
        return visible(file) if file else None
    file, root = visible(file), visible(root)
    return os.path.relpath(file, root) if file.startswith(root.rstrip("/") + "/") else os.path.basename(file) if file == root else file


def _below(file: str | None, directory: str | None) -> str | None:
    """Return a path relative to a parent directory, with links resolved; otherwise unchanged."""
    inside = file and directory and file.startswith(directory.rstrip("/") + "/")
    return os.path.relpath(str(file), directory) if inside else file


def _short(text: str, root: str | None) -> str:
    if root:
        text = text.replace(root.rstrip("/") + "/", "").replace(root + ":", os.path.basename(root) + ":")
    return visible(text, lines=True)


def headline(report: Report) -> str:
    """Return the planned or applied changes by action, and what to review, in one sentence."""
    if report["catalog_errors"]:
        return "The catalog has %s." % count_of(len(report["catalog_errors"]), "error")
    if report["action"] == "validate":
        files = len({entry["path"] for entry in report["checked"]} - {None})
        count = count_of(len(report["checked"]), "item") + (" in %s" % count_of(files, "file") if files else "")
        return "The catalog could not be validated." if report["failed"] else "The catalog is valid (%s)." % count
    counts = report["summary"]
    if report["failed"] and not any(counts.values()):
        return "The catalog could not be compared with the platform."
    listed = [name for name in (*CHANGES, "report", "failed", "skipped") if counts[name]]
    if not listed:
        return "No changes. The platform matches the catalog (%s)." % count_of(counts["none"], "item")
    past = int(report["applied"])
    return _sentence([*("%d %s" % (counts[name], WORDS[name][past]) for name in listed), "%d unchanged" % counts["none"]], report)


def verdict(report: Report) -> str:
    """Return the number of changes and of deletions, and what to review, in one sentence."""
    counts = report["summary"]
    if report["catalog_errors"] or not any(counts[name] for name in ORDER if name != "none"):
        return headline(report)
    gone = ", ".join(count_of(count, noun) for noun, count in _removals(report).items() if count)
    parts = []
    if report["changes"] or not counts["report"]:
        parts.append("%s%s%s" % (count_of(report["changes"], "change"), " made" if report["applied"] else "", " (%s)" % gone if gone else ""))
    parts.extend("%d %s" % (counts[name], WORDS[name][0]) for name in ("failed", "skipped") if counts[name])
    if not report["changes"] and counts["report"]:
        parts.append("%s only reported" % count_of(counts["report"], "difference"))
    return _sentence(parts, report)


def _removals(report: Report) -> dict[str, int]:
    counts = report["summary"]
    return {"deletion": counts["delete"] + counts["prune"], "replacement": counts["replace"]}


def _sentence(parts: t.Sequence[str], report: Report) -> str:
    advice = []
    gone = [("the %s" % noun if count == 1 else "the %d %ss" % (count, noun)) for noun, count in _removals(report).items() if count]
    if gone and not report["applied"]:
        advice.append("review %s" % " and ".join(gone))
    failed = report["summary"]["failed"]
    if failed:
        what = "the failed item" if failed == 1 else "the %d failed items" % failed
        advice.append("correct %s and apply again" % what if report["applied"] else "correct %s" % what)
    return "%s%s." % (", ".join(parts), ": %s" % "; ".join(advice) if advice else "")


def failure_of(report: Report, fail_on_drift: bool = False) -> str:
    """Return why a task with this report fails; empty if it succeeds.

    :param fail_on_drift: whether changes that were not made are a failure.
    """
    if report["failed"]:
        return str(report["errors"][0])
    if fail_on_drift and report["changes"] and not report["applied"]:
        return "The platform differs from the catalog: %s" % count_of(report["changes"], "change") + "."
    return ""


def artifact_name(host: str) -> str:
    """Return the name of the variable with the outcome of one host."""
    return "zstack_catalog_host_%s" % re.sub("[^A-Za-z0-9_]", "_", host)


def artifacts(reports: t.Sequence[Report], files: t.Sequence[t.Sequence[str]], reviews: t.Sequence[t.Sequence[str]]) -> dict[str, t.Any]:
    """Return the data for ``set_stats``: the aggregate, and one variable for each host.

    AWX passes the artifacts of all slices to a later job, but of each variable only that of the slice that ended last. The variables of the hosts have unique
    names, so that none of them is lost.

    :param files: the report files of each host.
    :param reviews: the lines of each host.
    """
    outcomes = [_outcome(report, paths, lines) for report, paths, lines in zip(reports, files, reviews)]
    return {"zstack_catalog": stats(outcomes), **{artifact_name(str(one["host"])): one for one in outcomes}}


def _outcome(report: Report, files: t.Sequence[str], lines: t.Sequence[str]) -> dict[str, t.Any]:
    names = ("host", "action", "changed", "failed", "changes", "summary", "revision", "dirty", "digest", "headline")
    more = ["... and %d more lines, see the output of the job." % (len(lines) - REVIEW_LINES)] if len(lines) > REVIEW_LINES else []
    return {**{name: report[name] for name in names}, "reports": list(files), "review": [*lines[:REVIEW_LINES], *more]}


def stats(outcomes: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Return the aggregated results of several hosts.

    :param outcomes: the variables of the hosts, as `artifacts` names them.
    """
    listed = [dict(one) for one in outcomes]
    summary: dict[str, int] = {}
    for one in listed:
        for name, count in one["summary"].items():
            summary[name] = summary.get(name, 0) + int(count)
    revisions = {one["revision"] or None for one in listed}
    return {
        "action": listed[-1]["action"] if listed else None,
        # Hosts with catalogs of different repositories have no common commit; each has its own commit below `hosts`.
        "revision": revisions.pop() if len(revisions) == 1 else None,
        "changed": any(one["changed"] for one in listed),
        "failed": any(one["failed"] for one in listed),
        "changes": sum(int(one["changes"]) for one in listed),
        "summary": summary,
        "reports": [path for one in listed for path in one["reports"]],
        # The review of each host is in the host's own variable.
        "hosts": {one["host"]: {name: value for name, value in one.items() if name not in ("host", "review")} for one in listed},
    }
