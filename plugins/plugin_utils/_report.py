# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The report of a catalog: one data structure from the module's result, and its text for the terminal. Pure."""

from __future__ import annotations

import datetime
import os
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible
from ansible_collections.zstack.aios.plugins.plugin_utils._values import count_of, text_of, unified, value_diff

SCHEMA = "zstack.aios/catalog-report"
SCHEMA_VERSION = 1

# What needs attention first stands first.
ORDER = ("failed", "skipped", "delete", "prune", "replace", "update", "create", "report", "none")
CHANGES = ("create", "update", "replace", "delete", "prune")
SIGNS = {"failed": "!", "skipped": "!", "delete": "-", "prune": "-", "replace": "-/+", "update": "~", "create": "+", "report": "?", "none": " "}
# For each action the words in the future, in the past, and beside the name of an item where the sign alone does not say it.
WORDS = {
    "failed": ("failed", "failed", "FAILED"),
    "skipped": ("skipped", "skipped", "skipped"),
    "delete": ("to delete", "deleted", "delete"),
    "prune": ("to prune", "pruned", "prune: the catalog made it and no longer names it"),
    "replace": ("to replace", "replaced", "replace: deleted and made again"),
    "update": ("to update", "updated", ""),
    "create": ("to create", "created", ""),
    "report": ("only reported", "only reported", "differs and is left as it is"),
    "none": ("unchanged", "unchanged", ""),
}
# The terminal shows this much of a value, and this many lines of a difference.
_CLIP = 72
_DIFF_LINES = 12

Report = t.Dict[str, t.Any]


def make_report(
    result: t.Mapping[str, t.Any], action: str = "plan", applied: bool = False, catalog: str | None = None, path: str | None = None,
    root: str | None = None, host: str | None = None, server: str | None = None, time: str | None = None, revision: str | None = None,
) -> Report:
    """The report.

    :param result: of ``zstack_ai_catalog``, successful or not.
    :param action: what the playbook was asked for.
    :param applied: whether the changes were made, and not only planned.
    :param catalog: name of the catalog.
    :param path: directory of the catalog, as the user wrote it.
    :param root: the same as the module got it; what stands below it is shown relative to it.
    :param host: the inventory host.
    :param server: address of the management node.
    :param time: when; None for now.
    :param revision: the commit of the catalog; None or empty if it is not known.
    """
    failed = "msg" in result or "entries" not in result
    items = [_item(entry, root) for entry in result.get("entries") or []]
    summary = {name: int((result.get("summary") or {}).get(name, 0)) for name in ORDER}
    mistakes = [
        {**{key: visible(value) if isinstance(value, str) else value for key, value in entry.items()}, "file": _relative(entry.get("file"), root)}
        for entry in result.get("mistakes") or []]
    report = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "action": action,
        "applied": applied,
        "time": time or datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "catalog": {"name": visible(catalog or "") or None, "path": visible(path or "") or None},
        "revision": visible(revision or "") or None,
        "host": visible(host or "") or None,
        "server": {"address": visible(server or "") or None, "version": result.get("server_version")},
        "changed": bool(result.get("changed")),
        "failed": failed,
        "summary": summary,
        "changes": sum(summary[name] for name in CHANGES),
        "items": items,
        "mistakes": mistakes,
        "warnings": [_short(line, root) for line in result.get("warnings") or []],
        "errors": _short(str(result.get("msg") or "The task failed without a message."), root).split("\n") if failed else [],
    }
    report["headline"] = headline(report)
    return report


def _item(entry: t.Mapping[str, t.Any], root: str | None) -> dict[str, t.Any]:
    message = entry.get("msg")
    return {
        **{key: entry.get(key) for key in ("kind", "name", "uuid", "line", "action", "changed", "drift")},
        "title": str(entry.get("kind") or "").rstrip("s").replace("_", " "),
        "file": _relative(entry.get("file"), root),
        "fields": fields_of(entry.get("diff") or {}),
        "steps": [dict(step) for step in entry.get("steps") or []],
        "message": None if message is None else _short(str(message), root),
        "error": entry.get("error"),
    }


def fields_of(diff: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The fields that differ, each with ``name``, ``change`` (add, change, remove), ``before`` and ``after``."""
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


def _short(text: str, root: str | None) -> str:
    return visible(text.replace(root.rstrip("/") + "/", "") if root else text, lines=True)


def headline(report: Report) -> str:
    """What is to be done or was done, in one sentence."""
    if report["mistakes"]:
        return "The catalog has %s." % count_of(len(report["mistakes"]), "mistake")
    counts = report["summary"]
    if report["failed"] and not any(counts.values()):
        return "The catalog could not be compared with the platform."
    told = [name for name in (*CHANGES, "report", "failed", "skipped") if counts[name]]
    unchanged = "%d unchanged" % counts["none"]
    if not told:
        return "Nothing to do: the platform is as the catalog says, %s." % unchanged
    past = int(report["applied"])
    return ", ".join([*("%d %s" % (counts[name], WORDS[name][past]) for name in told), unchanged]) + "."


def review(report: Report, limit: int = 0) -> list[str]:
    """The report as lines for a terminal.

    :param limit: how many items to show; 0 for all.
    """
    name = "catalog %s" % visible(str(report["catalog"]["name"] or report["catalog"]["path"] or "")).strip()
    noun = "Changes made by" if report["applied"] else "Drift from" if report["action"] == "drift" else "Plan of"
    lines = ["%s the %s: %s" % (noun, name.strip(), report["headline"])]
    ordered = sorted((item for item in report["items"] if item["action"] != "none"), key=lambda item: ORDER.index(item["action"]))
    shown = ordered[:limit] if limit else ordered
    for item in shown:
        lines.extend(_item_lines(item))
    if len(shown) < len(ordered):
        lines.append("... and %s, see the reports or --diff." % count_of(len(ordered) - len(shown), "more item"))
    if report["errors"] and not any(item["message"] for item in report["items"]):
        lines.extend("! %s" % visible(line) for line in report["errors"])
    lines.extend("Warning: %s" % visible(line) for line in report["warnings"])
    return lines


def _item_lines(item: t.Mapping[str, t.Any]) -> list[str]:
    word = WORDS[item["action"]][2]
    head = "%3s %s %s%s" % (SIGNS[item["action"]], item["title"], _name_of(item), " (%s)" % word if word else "")
    if item["message"]:
        first, *more = item["message"].split("\n")
        return ["%s: %s" % (head, first), *("      %s" % line for line in more)]
    fields = [field for field in item["fields"] if item["action"] not in ("delete", "prune")]
    told = [_field_lines(field) for field in fields]
    for drift in item["drift"] or []:
        told.append([*_field_lines({**drift, "name": drift["field"], "change": "change"}), "  (stays as it is)"])
    if item["action"] == "update" and not item["drift"] and len(told) == 1 and len(told[0]) == 1:
        return ["%s: %s" % (head, told[0][0])]
    return [head, *("      %s" % line for lines in told for line in lines)]


def _field_lines(field: t.Mapping[str, t.Any]) -> list[str]:
    compared = value_diff(field["before"], field["after"])
    if not compared["long"] and field["change"] == "add":
        return ["%s: %s" % (field["name"], text_of(field["after"]))]
    if not compared["long"]:
        return ["%s: %s -> %s" % (field["name"], text_of(field["before"]), text_of(field["after"]))]
    if field["change"] == "add":
        lines = text_of(field["after"]).split("\n")
        more = " (%d lines)" % len(lines) if len(lines) > 1 else ""
        return ["%s: %s%s" % (field["name"], _clipped(lines[0]), more)]
    return ["%s:" % field["name"], *("  %s" % _clipped(line) for line in unified(compared["rows"], _DIFF_LINES))]


def _clipped(text: str) -> str:
    return text if len(text) <= _CLIP else text[:_CLIP - 3] + "..."


def view(report: Report, limit: int = 0) -> list[dict[str, t.Any]]:
    """The items as a page shows them: in groups of one ``action`` each, every field with its texts and what differs.

    :param limit: how many items at most; 0 for all.
    """
    groups = []
    left = limit or len(report["items"])
    for action in ORDER:
        items = [_viewed(item) for item in [item for item in report["items"] if item["action"] == action][:left]]
        left -= len(items)
        if items:
            groups.append({"action": action, "title": WORDS[action][int(report["applied"])], "sign": SIGNS[action], "items": items})
    return groups


def _viewed(item: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        **item, "name": _name_of(item),
        "fields": [_viewed_field(field) for field in item["fields"]],
        "drift": [_viewed_field({**drift, "name": drift["field"], "change": "change"}) for drift in item["drift"] or []],
        "calls": [visible("%s (%s %s)" % (step["call"], step["method"], step["path"])) for step in item["steps"]],
    }


def _name_of(item: t.Mapping[str, t.Any]) -> str:
    return visible(str(item["name"] if item["name"] is not None else item["uuid"]))


def _viewed_field(field: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    compared = value_diff(field["before"], field["after"])
    added = field["change"] == "add"
    return {
        "name": visible(str(field["name"])), "change": field["change"], "before": text_of(field["before"]), "after": text_of(field["after"]),
        "unset": field["before"] in (None, ""), "reset": field["after"] in (None, ""), "diff": compared,
        "lines": text_of(field["after"]).count("\n") + 1 if added else 0,
        "unified": unified(compared["rows"]) if compared["long"] and not added else [],
    }


def stats(outcomes: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """What several hosts came to, for ``set_stats``.

    :param outcomes: for each host ``host``, ``action``, ``changed``, ``failed``, ``changes``, ``summary``, ``reports``, ``revision``.
    """
    listed = [dict(outcome) for outcome in outcomes]
    summary: dict[str, int] = {}
    for outcome in listed:
        for name, count in outcome["summary"].items():
            summary[name] = summary.get(name, 0) + int(count)
    revisions = {outcome["revision"] or None for outcome in listed}
    return {
        "action": listed[-1]["action"] if listed else None,
        # Hosts with catalogs of different repositories have no common commit; each of them has its own below `hosts`.
        "revision": revisions.pop() if len(revisions) == 1 else None,
        "changed": any(outcome["changed"] for outcome in listed),
        "failed": any(outcome["failed"] for outcome in listed),
        "changes": sum(int(outcome["changes"]) for outcome in listed),
        "summary": summary,
        "reports": [path for outcome in listed for path in outcome["reports"]],
        "hosts": {outcome.pop("host"): outcome for outcome in listed},
    }
