# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The errors of a report in the formats that Git servers show in a diff: SARIF 2.1.0 and JUnit XML. Pure."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t
import urllib.parse
import xml.etree.ElementTree as ET

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible
from ansible_collections.zstack.aios.plugins.plugin_utils._report import Report

# The rules that an error can violate, as SARIF lists them.
RULES = {
    "file": "A catalog file is readable, valid YAML, and a mapping of lists",
    "unknown-option": "An item has only options of its kind",
    "value": "Options have values that the API accepts, and are consistent",
    "duplicate": "Each object and each key is given once",
    "reference": "References lead to items that exist",
    "circular-reference": "Items have no circular references",
    "version": "The server version supports the item",
    "catalog": "The catalog can be read and planned",
}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_DOCUMENTATION = "https://github.com/zstack-aios/zstack.aios/blob/main/docs/catalog.md"


class Finding(t.NamedTuple):
    """One error.

    :param path: relative to the current directory, or absolute outside of it; empty if the error is in no file.
    :param item: the label of the item; empty for a file as a whole.
    """

    path: str
    line: int
    column: int
    item: str
    text: str
    rule: str


def findings(report: Report) -> list[Finding]:
    """Return the errors of a report: those of the catalog, or the items that failed, or why there is neither."""
    found = [
        Finding(error.get("path") or "", error.get("line") or 1, error.get("column") or 1, error.get("item") or "",
                ": ".join(filter(None, (error.get("item"), error.get("option"), error["msg"]))), error.get("rule") or "value")
        for error in report["catalog_errors"]]
    found += [
        Finding(item.get("path") or "", item["line"] or 1, 1, "%s %s" % (item["title"], item["name"]), str(item["msg"]), "catalog")
        for item in report["entries"] if item["action"] == "failed"]
    if report["failed"] and not found:
        found.append(Finding("", 1, 1, "", "\n".join(report["errors"]), "catalog"))
    return found


def sarif(report: Report) -> str:
    """Return the errors as a SARIF file. Paths are relative to the current directory."""
    # GitHub shows no result without a location: an error without a file is shown at the catalog.
    place = report["catalog"]["path"] or "."
    used = findings(report)
    rules = [rule for rule in RULES if any(finding.rule == rule for finding in used)]
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "zstack.aios", "informationUri": _DOCUMENTATION,
                "rules": [{"id": rule, "shortDescription": {"text": RULES[rule]}, "defaultConfiguration": {"level": "error"}} for rule in rules]}},
            "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The current directory of the playbook, usually the checkout."}}},
            "columnKind": "unicodeCodePoints",
            "results": [{
                "ruleId": finding.rule, "ruleIndex": rules.index(finding.rule), "level": "error",
                "message": {"text": visible(finding.text, lines=True)},
                "locations": [{"physicalLocation": {
                    "artifactLocation": _location(finding.path or place), "region": {"startLine": finding.line, "startColumn": finding.column}}}],
            } for finding in used],
        }],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _location(path: str) -> dict[str, str]:
    if os.path.isabs(path):
        return {"uri": pathlib.PurePosixPath(path).as_uri()}
    return {"uri": urllib.parse.quote(os.fsencode(os.path.normpath(path)), safe="/"), "uriBaseId": "SRCROOT"}


def junit(report: Report) -> str:
    """Return the items as JUnit XML: one suite for each file, one case for each item, and one for each file with errors outside of items."""
    cases: dict[str, dict[str, list[Finding]]] = {}
    place = visible(report["catalog"]["path"] or "") or "catalog"
    for entry in report.get("checked") or []:
        cases.setdefault(visible(entry["path"] or "") or place, {})[visible(entry["item"])] = []
    for finding in findings(report):
        path = visible(finding.path) or place
        cases.setdefault(path, {}).setdefault(visible(finding.item or path), []).append(finding)
    root = ET.Element("testsuites", _counts(cases.values()), name=visible("Validation of the catalog %s" % (report["catalog"]["name"] or place)))
    for path, suite in cases.items():
        parent = ET.SubElement(root, "testsuite", {**_counts([suite]), "skipped": "0"}, name=path, file=path, timestamp=report["time"].rstrip("Z"))
        for name, found in suite.items():
            # The schema of Jenkins has no file and no line of a test, so the text begins with both.
            case = ET.SubElement(parent, "testcase", name=name, classname=path, time="0")
            if found:
                lines = ["%s:%d:%d: %s" % (path, finding.line, finding.column, visible(finding.text, lines=True)) for finding in found]
                failure = ET.SubElement(case, "failure", message=visible(found[0].text), type=found[0].rule)
                failure.text = "\n".join(lines)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(('<?xml version="1.0" encoding="utf-8"?>\n', "\n"))


def _counts(suites: t.Iterable[t.Mapping[str, t.Sequence[Finding]]]) -> dict[str, str]:
    listed = [found for suite in suites for found in suite.values()]
    return {"tests": str(len(listed)), "failures": str(sum(bool(found) for found in listed)), "errors": "0", "time": "0"}
