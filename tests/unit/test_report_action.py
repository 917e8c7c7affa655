# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action that writes the files of a report, shows the review and fails if the report says so."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET

import pytest
from ansible.errors import AnsibleError

pytest.importorskip("aiohttp", reason="the simulator needs it")

from ansible_collections.zstack.aios.plugins.plugin_utils._report import make_report
from ansible_collections.zstack.aios.tests.unit.support.actions import Tasks

ENTRY = {
    "kind": "models", "name": "qwen", "uuid": "0" * 32, "file": "/c/models.yml", "line": 3, "action": "update", "changed": True,
    "diff": {"before": {"vendor": "Qwen"}, "after": {"vendor": "Alibaba"}}, "steps": [], "drift": []}
FAILED = {**ENTRY, "action": "failed", "changed": False, "msg": "There is no model center with the name edge.", "error": {"code": "client.reference"}}


def report_of(*entries, **more):
    summary = {**dict.fromkeys(("create", "update", "delete", "prune", "replace", "report", "failed", "skipped", "none"), 0)}
    for entry in entries:
        summary[entry["action"]] += 1
    result = {"changed": True, "entries": list(entries), "summary": summary, "diff": [], "warnings": [], **more}
    return make_report(result, "plan", name="prod", path="catalog", root="/c", time="2026-03-01T12:00:00Z")


@pytest.fixture(name="run")
def run_fixture(tmp_path):
    def run(**options):
        return Tasks(None, tmp_path).action("zstack_ai_catalog_report", options, {"check_mode": True}, {})

    return run


REVIEW = ["  ~ model qwen: vendor: Qwen -> Alibaba", "Plan of the catalog prod: 1 to update, 0 unchanged."]


def test_files_in_the_formats_of_their_endings_and_the_review(run, tmp_path):
    paths = [str(tmp_path / "deep" / name) for name in ("plan.json", "plan.md", "plan.html")]
    ran = run(report=report_of(ENTRY), files=paths, junit=str(tmp_path / "j.xml"), sarif=str(tmp_path / "s"), title="node-1")
    assert ran.result == {"changed": False, "files": [*paths, str(tmp_path / "j.xml"), str(tmp_path / "s")], "review": ["node-1", *REVIEW]}
    assert ran.lines == ["\n".join(["node-1", *REVIEW])]
    texts = [open(path, encoding="utf-8").read() for path in paths]
    assert json.loads(texts[0])["entries"][0]["name"] == "qwen"
    assert texts[1].startswith("#") and texts[2].startswith("<!DOCTYPE html>")
    assert ET.parse(tmp_path / "j.xml").getroot().tag == "testsuites" and json.loads((tmp_path / "s").read_text())["version"] == "2.1.0"


def test_the_limit_of_the_review(run):
    entries = [{**ENTRY, "name": "qwen-%d" % number} for number in range(3)]
    assert run(report=report_of(*entries), review_limit=1).result["review"] == [
        REVIEW[0].replace("qwen:", "qwen-0:"), "... and 2 more items, see the report files or --diff.", "Plan of the catalog prod: 3 to update, 0 unchanged."]


@pytest.mark.parametrize("callback", ["json", "ansible.posix.jsonl", "null"])
def test_nothing_is_shown_between_the_output_of_a_program(run, monkeypatch, callback):
    monkeypatch.setattr("ansible.constants.DEFAULT_STDOUT_CALLBACK", callback)
    ran = run(report=report_of(ENTRY))
    assert ran.lines == [] and ran.result["review"] == REVIEW


@pytest.mark.parametrize("entries, options, message", [
    ([FAILED], {}, "1 of 1 items failed."),
    ([ENTRY], {"fail_on_drift": True}, "The platform differs from the catalog: 1 change."),
    ([ENTRY], {}, None),
    ([], {"fail_on_drift": True}, None),
])
def test_a_report_that_fails_the_task(run, tmp_path, entries, options, message):
    path = str(tmp_path / "plan.json")
    failure = {"msg": "1 of 1 items failed.\nmodel qwen: no"} if FAILED in entries else {}
    ran = run(report=report_of(*entries, **failure), files=[path], **options)
    assert os.path.exists(path) and (ran.failed, ran.result.get("msg"), "review" in ran.result) == (message is not None, message, message is None)


@pytest.mark.parametrize("options, message", [
    ({"report": {"schema": "other"}}, "report: not the report of a catalog. Give the result of the filter zstack.aios.catalog_report."),
    ({"files": ["plan.json", "plan.txt"]}, "files: the extension of plan.txt is not one of .json, .md, .html."),
    ({"files": ["/proc/none/plan.json"]}, "files: /proc/none/plan.json cannot be written: No such file or directory."),
    ({"sarif": "/proc/none/plan"}, "sarif: /proc/none/plan cannot be written: No such file or directory."),
    ({"file": "x"}, "Unsupported parameters for "),
])
def test_what_the_task_refuses(run, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AnsibleError) as caught:
        run(**{"report": report_of(ENTRY), **options})
    assert str(caught.value).startswith(message) and (message[-1] == " " or str(caught.value) == message)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_replace_another_is_removed(run, tmp_path):
    (tmp_path / "plan.json").mkdir()
    with pytest.raises(AnsibleError, match="files: .*plan.json cannot be written: Is a directory"):
        run(report=report_of(ENTRY), files=[str(tmp_path / "plan.json")])
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]
