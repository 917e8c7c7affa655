# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report of a catalog in a browser: every kind of change, hostile and long names, and the keyboard."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest
from ansible_collections.zstack.aios.plugins.plugin_utils._pages import render
from ansible_collections.zstack.aios.plugins.plugin_utils._report import ORDER, make_report

from .conftest import problems_of

PICTURES = os.environ.get("DOCS_PICTURES")
LONG = "a-name-without-any-blank-" * 20
HOSTILE = "<img src=https://x.example/1 onerror=alert(1)></style><script>alert(1)</script>\u202e\x1b[31m"
NAMES = ("qwen2.5-7b", LONG, HOSTILE, "模型服务 🚀 مرحبا")
YAML = "services:\n  - name: chat\n" + "".join("    line_%d: %s\n" % (number, "value " * 30) for number in range(8))


def entry(name: str, action: str, before: t.Any = None, after: t.Any = None, **more: t.Any) -> dict[str, t.Any]:
    """Return an entry of the result of a catalog."""
    return {
        "kind": "models", "name": name, "uuid": "0" * 32, "file": "/c/models.yml", "line": 3, "action": action,
        "changed": action not in ("failed", "skipped", "report", "none"), "diff": {"before": before or {}, "after": after or {}},
        "steps": [{"call": "UpdateModel", "method": "PUT", "path": "/v1/ai/models/x", "fields": ["vendor"]}], "drift": [], **more}


def write(directory: pathlib.Path, entries: list[dict[str, t.Any]], **more: t.Any) -> pathlib.Path:
    """Write the report of these entries and return its path."""
    summary = dict.fromkeys(ORDER, 0)
    for item in entries:
        summary[item["action"]] += 1
    result = {"changed": True, "entries": entries, "summary": summary, "diff": [], "warnings": [], **more}
    report = make_report(
        result, name="production", path="catalog", root="/c", host="shanghai", server="192.0.2.10", time="2026-03-01T12:00:00Z", source={
            "revision": "c0ffee" * 6, "branch": LONG, "dirty": True, "commit_url": "https://git.example.com/1",
            "pipeline": {"name": "Pipeline 12", "url": "https://git.example.com/2"}})
    path = directory / "plan.html"
    path.write_text(render("html", report), encoding="utf-8")
    return path


def changes() -> list[dict[str, t.Any]]:
    """Return entries with every action, for every name."""
    found = []
    for name in NAMES:
        found += [
            entry(name, "create", {}, {"name": name, "yaml": YAML, "recommended_gpu_num": [1, 2]}),
            entry(name, "update", {"vendor": "Qwen", "description": name, "yaml": YAML}, {"vendor": name, "description": "", "yaml": YAML.replace("3", "4")}),
            entry(name, "replace", {"system": False}, {"system": True}), entry(name, "delete", {"name": name}), entry(name, "prune", {"name": name}),
            entry(name, "failed", msg="/c/models.yml:3: %s is wrong\nRemove it." % name, error={"code": "SYS.1007"}),
            entry(name, "skipped", msg="It refers to %s." % name),
            entry(name, "report", drift=[{"field": "vendor", "before": name, "after": "y"}])]
    return found


ERRORS = {"failed": True, "msg": "The catalog has 2 errors.", "catalog_errors": [
    {"file": "/c/%s.yml" % name, "line": 3, "column": 5, "item": "models[0] (%s)" % name, "option": "vender", "msg": "there is no such option"}
    for name in NAMES]}
CASES: dict[str, tuple[list[dict[str, t.Any]], dict[str, t.Any]]] = {
    "changes": (changes(), {"warnings": list(NAMES)}), "many": (changes() * 3, {}), "errors": ([], ERRORS), "no-changes": ([], {"changed": False})}


@pytest.mark.parametrize("case", CASES)
def test_the_report_in_a_browser(page: t.Any, tmp_path: pathlib.Path, case: str) -> None:
    entries, more = CASES[case]
    (tmp_path / case).mkdir()
    path = write(tmp_path / case, entries, **more)
    pictures = pathlib.Path(PICTURES) / ("report-" + case) if PICTURES else None
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    assert not problems_of(page, path, pictures)


def test_the_keyboard_is_enough(page: t.Any, tmp_path: pathlib.Path) -> None:
    page.goto(write(tmp_path, changes() * 3).as_uri())
    visible = "[...document.querySelectorAll('section.group')].filter(one => one.checkVisibility()).map(one => one.className.split(' ')[1])"
    everything = page.evaluate(visible)
    assert len(everything) == 8

    page.locator("#only-all").focus()
    assert page.evaluate("getComputedStyle(document.querySelector('.chips')).outlineStyle") == "solid", "the focus is visible"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(visible) == everything[:1]
    page.keyboard.press("ArrowUp")
    assert page.evaluate(visible) == everything

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "expand"
    closed = "[...document.querySelectorAll('details.item:not([open]) .body')].filter(one => one.checkVisibility({contentVisibilityAuto: true})).length"
    assert page.evaluate(closed) == 0
    # The browser shows the change a moment later.
    page.keyboard.press("Space")
    page.wait_for_function(closed + " > 0")
    page.keyboard.press("Space")
    page.wait_for_function(closed + " == 0")

    item = page.locator("details.item.create summary").first
    item.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "the focus is visible"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open") is True
