# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The report of a catalog for people: lines for a terminal, and groups of items for a page. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible
from ansible_collections.zstack.aios.plugins.plugin_utils._report import ORDER, WORDS, Report
from ansible_collections.zstack.aios.plugins.plugin_utils._values import count_of, text_of, unified, value_diff

SIGNS = {"failed": "!", "skipped": "!", "delete": "-", "prune": "-", "replace": "-/+", "update": "~", "create": "+", "report": "?", "none": " "}
# The suffix of items whose sign alone is not sufficient.
NOTES = {
    "failed": "failed", "skipped": "skipped", "delete": "delete", "prune": "prune: created by this catalog and no longer in it",
    "replace": "replace: delete and clone again", "report": "reported only, not changed",
}
# Maximum length of a value, and maximum number of lines of a difference, on the terminal.
_CLIP = 72
_DIFF_LINES = 12
# Maximum length of a value in a closed row of a page, and in a row of a short table.
_GLANCE = 60


def title_of(report: Report) -> str:
    """Return the kind of the report: a plan, drift, or changes."""
    if report["action"] == "validate":
        return "Validation of"
    return "Changes made by" if report["applied"] else "Drift from" if report["action"] == "drift" else "Plan of"


def review(report: Report, limit: int = 0) -> list[str]:
    """Return the report as lines for a terminal; the summary is the last one.

    :param limit: maximum number of items; 0 for all.
    """
    ordered = sorted((item for item in report["entries"] if item["action"] != "none"), key=lambda item: ORDER.index(item["action"]))
    shown = ordered[:limit] if limit else ordered
    lines = [line for item in shown for line in _item_lines(item)]
    if len(shown) < len(ordered):
        lines.append("... and %s, see the report files or --diff." % count_of(len(ordered) - len(shown), "more item"))
    if report["errors"] and not any(item["msg"] for item in report["entries"]):
        # The first line of the errors of a catalog only repeats the summary.
        lines.extend("! %s" % visible(line) for line in report["errors"][1 if report["catalog_errors"] else 0:])
    lines.extend("Warning: %s" % visible(line) for line in report["warnings"])
    return [*lines, summary_of(report)]


def summary_of(report: Report) -> str:
    """Return the last line of the review."""
    quiet = not (report["entries"] or report["catalog_errors"] or report["failed"])
    name = visible(str(report["catalog"]["name"] or report["catalog"]["path"] or "")).strip()
    return report["headline"] if quiet else "%s the catalog%s: %s" % (title_of(report), " " + name if name else "", report["headline"])


def place_of(item: t.Mapping[str, t.Any]) -> str:
    """Return file and line of an item; empty if it is in no file."""
    return "%s:%s" % (item["file"], item["line"]) if item["file"] else ""


def _item_lines(item: t.Mapping[str, t.Any]) -> list[str]:
    note = NOTES.get(item["action"])
    place = place_of(item) if item["action"] in ("failed", "skipped") else ""
    notes = ", ".join(filter(None, (place, note)))
    head = "%3s %s %s%s" % (SIGNS[item["action"]], item["title"], name_of(item), " (%s)" % notes if notes else "")
    if item["msg"]:
        first, *more = item["msg"].split("\n")
        return ["%s: %s" % (head, first), *("      %s" % line for line in more)]
    fields = [] if item["action"] in ("delete", "prune") else _beside_name(item)
    listed = [_field_lines(field, item["action"] == "create") for field in fields]
    for drift in item["drift"] or []:
        first, *more = _field_lines({**drift, "name": drift["field"], "change": "change"})
        listed.append([first if item["action"] == "report" else "%s (not changed)" % first, *more])
    if item["action"] == "update" and len(listed) == 1 and len(listed[0]) == 1:
        return ["%s: %s" % (head, listed[0][0])]
    return [head, *("      %s" % line for lines in listed for line in lines)]


def _field_lines(field: t.Mapping[str, t.Any], new: bool = False) -> list[str]:
    compared = value_diff(field["before"], field["after"])
    name = visible(str(field["name"]))
    if not compared["long"] and new:
        return ["%s: %s" % (name, text_of(field["after"]))]
    if not compared["long"]:
        return ["%s: %s -> %s" % (name, text_of(field["before"]), text_of(field["after"]))]
    if field["change"] == "add":
        lines = text_of(field["after"]).split("\n")
        more = " (%d lines)" % len(lines) if len(lines) > 1 else ""
        return ["%s: %s%s" % (name, _clipped(lines[0], _CLIP), more)]
    return ["%s:" % name, *("  %s" % _clipped(line, _CLIP) for line in unified(compared["rows"], _DIFF_LINES))]


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length - 3] + "..."


def view(report: Report, limit: int = 0) -> list[dict[str, t.Any]]:
    """Return the items for a page: in groups of one ``action`` each, with the texts of each field and their differences.

    :param limit: maximum number of items; 0 for all.
    """
    groups = []
    left = limit or len(report["entries"])
    for action in ORDER:
        items = [_viewed(item) for item in [item for item in report["entries"] if item["action"] == action][:left]]
        left -= len(items)
        if items:
            groups.append({"action": action, "title": WORDS[action][int(report["applied"])], "sign": SIGNS[action], "items": items})
    return groups


def _viewed(item: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    fields = [_viewed_field(field) for field in _beside_name(item)]
    drift = [_viewed_field({**drift, "name": drift["field"], "change": "change"}) for drift in item["drift"] or []]
    gist = [] if item["action"] in ("delete", "prune") else [*fields, *drift]
    return {
        **item, "name": name_of(item), "place": place_of(item), "fields": fields, "drift": drift,
        "uuids": [_viewed_field(field) for field in item["uuids"]],
        # An update whose values all fit into the row of a table
        "short": item["action"] == "update" and not item["drift"] and not item["msg"] and all(not field["diff"]["long"] for field in fields),
        "gist": gist[:3], "rest": len(gist[3:]),
        "calls": [visible("%s (%s %s)" % (step["call"], step["method"], step["path"])) for step in item["steps"]],
    }


def name_of(item: t.Mapping[str, t.Any]) -> str:
    """Return the name of the item for people."""
    return visible(str(item["name"] if item["name"] is not None else item["uuid"]))


def _beside_name(item: t.Mapping[str, t.Any]) -> list[t.Any]:
    """Return the fields of an item without the name, which its title already shows."""
    sides = {"create": ("after",), "delete": ("before",), "prune": ("before",)}.get(item["action"], ())
    return [field for field in item["fields"] if field["name"] != "name" or item["name"] not in [field[side] for side in sides]]


def _viewed_field(field: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    compared = value_diff(field["before"], field["after"])
    before, after = text_of(field["before"]), text_of(field["after"])
    added = field["change"] == "add"
    return {
        "name": visible(str(field["name"])), "change": field["change"], "before": before, "after": after,
        "unset": field["before"] in (None, ""), "reset": field["after"] in (None, ""), "diff": compared,
        "glance": ["" if added else _glance(before), _glance(after)],
        "lines": after.count("\n") + 1 if added else 0,
        "unified": unified(compared["rows"]) if compared["long"] and not added else [],
    }


def _glance(text: str) -> str:
    first, _line, more = text.partition("\n")
    return _clipped(first, _GLANCE) if not more else "%s (%d lines)" % (_clipped(first, _GLANCE // 2), text.count("\n") + 1)
