# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a catalog comes from, and whether that is what was planned."""

from __future__ import annotations

import json
import pathlib

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.zstack.aios.plugins.filter.catalog import FilterModule
from ansible_collections.zstack.aios.plugins.plugin_utils._source import VARIABLES, refusal, source_of, webhook_refusal

FILTERS = FilterModule().filters()
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHA = "1a2b3c4d" * 5
OTHER = "f" * 40
GIT = ["# branch.oid %s" % SHA, "# branch.head main", "# branch.upstream origin/main"]


def test_the_role_reads_every_variable():
    text = yaml.safe_load((ROOT / "roles" / "catalog" / "vars" / "main.yml").read_text(encoding="utf-8"))
    assert text["__catalog_variables"] == list(VARIABLES)


@pytest.mark.parametrize(("environment", "branch", "expected"), [
    ({"PROJECT_REVISION": OTHER, "JOB_ID": "12", "AWX_HOST": "https://awx.example.com/"}, "release", {
        "revision": OTHER, "branch": "release", "commit_url": None, "pipeline": {"name": "AWX job 12", "url": "https://awx.example.com/#/jobs/playbook/12"}}),
    ({"PROJECT_REVISION": OTHER}, "", {"revision": OTHER, "branch": "main", "commit_url": None, "pipeline": None}),
    ({"CI_COMMIT_SHA": OTHER, "CI_COMMIT_REF_NAME": "main", "CI_PROJECT_URL": "https://git.example.com/g/p", "CI_PIPELINE_ID": "7",
      "CI_PIPELINE_URL": "https://git.example.com/g/p/-/pipelines/7"}, "", {
        "revision": OTHER, "branch": "main", "commit_url": "https://git.example.com/g/p/-/commit/" + OTHER,
        "pipeline": {"name": "GitLab pipeline 7", "url": "https://git.example.com/g/p/-/pipelines/7"}}),
    ({"CI_COMMIT_SHA": OTHER, "CI_COMMIT_REF_NAME": "refs/merge-requests/1/head", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature"}, "", {
        "revision": OTHER, "branch": "feature", "commit_url": None, "pipeline": None}),
    ({"GITHUB_SHA": OTHER, "GITHUB_REF_NAME": "3/merge", "GITHUB_HEAD_REF": "feature", "GITHUB_SERVER_URL": "https://github.com",
      "GITHUB_REPOSITORY": "o/p", "GITHUB_RUN_ID": "9"}, "", {
        "revision": OTHER, "branch": "feature", "commit_url": "https://github.com/o/p/commit/" + OTHER,
        "pipeline": {"name": "GitHub run 9", "url": "https://github.com/o/p/actions/runs/9"}}),
    ({"CI_COMMIT_SHA": OTHER, "CI_PIPELINE_ID": "7", "CI_PIPELINE_URL": "javascript:alert(1)"}, "", {
        "revision": OTHER, "branch": "main", "commit_url": None, "pipeline": {"name": "GitLab pipeline 7", "url": None}}),
    ({}, "", {"revision": SHA, "branch": "main", "commit_url": None, "pipeline": None}),
])
def test_the_pipeline_comes_before_git(environment, branch, expected):
    given = {**dict.fromkeys(VARIABLES, ""), **environment}
    assert source_of(given, GIT, branch) == {**expected, "dirty": False}


@pytest.mark.parametrize(("lines", "dirty"), [
    ([], False),
    (["1 .M N... 100644 100644 100644 %s %s catalog/models.yml" % (SHA, SHA)], True),
    (["1 D. N... 100644 000000 000000 %s %s catalog/models.yaml" % (SHA, SHA)], True),
    (["? catalog/new.yml"], True),
    (["? \"catalog/\\346\\250\\241.yml\""], True),
    (["! catalog/ignored.yml"], True),
    (["? reports/plan.html", "! catalog/.cache/", "? catalog/README.md"], False),
])
def test_uncommitted_changes_of_the_catalog(lines, dirty):
    assert source_of({}, GIT + lines)["dirty"] is dirty


def test_git_without_a_commit_or_branch():
    assert source_of({}, ["# branch.oid (initial)", "# branch.head (detached)"]) == {
        "revision": None, "branch": None, "dirty": False, "commit_url": None, "pipeline": None}
    assert source_of({})["dirty"] is None


def test_only_the_planned_commit_is_applied():
    here = source_of({}, GIT)
    assert refusal(here, "catalog", {"revision": SHA, "digest": "d"}, "plan.json") == ""
    message = refusal(here, "catalog", {"revision": OTHER}, "plan.json")
    assert message.startswith("The plan was created from commit %s (plan.json), but the catalog catalog is at commit %s. Nothing was changed" % (OTHER, SHA))
    assert "an unknown commit" in refusal(here, "catalog", {"revision": None, "digest": "d"}, "plan.json")
    assert refusal(source_of({}), "catalog", {"revision": None, "digest": "d"}, "plan.json") == ""
    assert "but not of this one" in refusal(here, "catalog", {}, "the artifact zstack_catalog")


def test_the_plan_is_a_json_report():
    report = {"schema": "zstack.aios/catalog-report", "revision": SHA, "digest": "d", "entries": []}
    read = FILTERS["catalog_planned"]
    assert read(json.dumps(report), "plan.json") == {"revision": SHA, "digest": "d"}
    assert read(json.dumps({**report, "revision": None}), "plan.json")["revision"] is None
    for text in ("", "no json", "[]", "{}", json.dumps({**report, "revision": 7}), json.dumps({**report, "schema": "other"})):
        with pytest.raises(AnsibleFilterError, match="catalog_plan: plan.json is not"):
            read(text, "plan.json")


@pytest.mark.parametrize(("branch", "event", "payload", "refused"), [
    ("main", "push", {"ref": "refs/heads/main", "after": SHA}, False),
    ("main", "Push Hook", {"ref": "refs/heads/main", "after": SHA}, False),
    ("main", "push", {"ref": "refs/heads/feature", "after": SHA}, True),
    ("main", "Push Hook", {"ref": "refs/heads/maintenance"}, True),
    ("main", "push", {"ref": "refs/tags/main"}, True),
    ("main", "push", {"ref": "refs/heads/main", "after": "0" * 40}, True),
    ("main", "pull_request", {"action": "opened"}, True),
    ("main", "Tag Push Hook", {"ref": "refs/tags/v1"}, True),
    ("main", "push", "no mapping", True),
    ("", "push", {"ref": "refs/heads/feature"}, False),
    ("main", None, {}, False),
    ("main", "", {}, False),
])
def test_a_webhook_starts_work_for_its_branch_only(branch, event, payload, refused):
    message = webhook_refusal(branch, event, payload)
    assert bool(message) is refused
    assert not refused or "branch main (catalog_webhook_branch)" in message
