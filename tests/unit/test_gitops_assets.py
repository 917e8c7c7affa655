# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pipelines of GitLab and GitHub: what they download is fixed, and they pass on every variable."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.zstack.aios.plugins.module_utils._catalog.export import SCHEMA_URL
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import ENVIRONMENT

GITOPS = pathlib.Path(__file__).parents[2] / "examples" / "gitops"
TEXT = (GITOPS / "github-actions.yml").read_text(encoding="utf-8")
GITHUB = yaml.safe_load(TEXT)
GITLAB = yaml.safe_load((GITOPS / "gitlab-ci.yml").read_text(encoding="utf-8"))
ACTIONS: dict[str, dict[str, t.Any]] = {
    step["uses"].partition("@")[0]: step for job in GITHUB["jobs"].values() for step in job["steps"] if "uses" in step}


def test_actions_are_pinned_by_digest() -> None:
    lines = re.findall(r"uses: (.*)", TEXT)
    assert len(lines) == len(ACTIONS) == 5
    for line in lines:
        assert re.fullmatch(r"(actions/[a-z-]+|github/codeql-action/upload-sarif)@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_the_token_of_the_checkout_is_not_kept() -> None:
    assert ACTIONS["actions/checkout"]["with"]["persist-credentials"] is False
    assert GITHUB["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("name", ["validate", "plan", "apply", "drift"])
def test_every_job_ends(name: str) -> None:
    assert 0 < GITHUB["jobs"][name]["timeout-minutes"] <= 120
    assert {**GITLAB["default"], **GITLAB[name]}["timeout"] in ("30 minutes", "2 hours")


@pytest.mark.parametrize("name", ["plan", "apply", "drift"])
def test_a_job_knows_every_variable_of_the_collection_but_those_that_cannot_be_stored(name: str) -> None:
    assert set(GITHUB["jobs"][name]["env"]) == set(ENVIRONMENT.values()) - {"ZSTACK_SESSION_UUID", "ZSTACK_TWO_FACTOR_CODE"} | {"ZSTACK_AIOS_SOURCE"}
    for variable, value in GITHUB["jobs"][name]["env"].items():
        source = "secrets" if "ACCOUNT" in variable or "KEY" in variable else "vars"
        assert value == "${{ %s.%s }}" % (source, variable)


def test_a_fork_is_validated_without_any_secret() -> None:
    job = GITHUB["jobs"]["validate"]
    assert set(job["env"]) == {"ZSTACK_AIOS_SOURCE"} and "environment" not in job and job["permissions"] == {"contents": "read", "security-events": "write"}
    assert not any("secrets" in str(step) for step in job["steps"]) and "environment" not in GITLAB["validate"]
    upload = ACTIONS["github/codeql-action/upload-sarif"]
    playbook = yaml.safe_load((GITOPS / "repository" / "validate.yml").read_text(encoding="utf-8"))[0]["vars"]
    assert upload["with"]["sarif_file"] == playbook["catalog_sarif"] and upload["if"] == "always() && github.job == 'validate'"
    assert GITLAB["validate"]["artifacts"]["reports"]["junit"] == playbook["catalog_junit"]


def test_pre_commit_uses_the_published_schema_and_the_playbook() -> None:
    text = (GITOPS / "repository" / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    schema, whole = [repo["hooks"][0] for repo in yaml.safe_load(text)["repos"]]
    assert schema["args"] == ["--schemafile", SCHEMA_URL] and whole["entry"] == "ansible-playbook validate.yml"
    for name, expected in (("catalog/models.yml", True), ("catalog/a/b.yaml", True), ("plan.yml", False), ("catalog/notes.md", False)):
        assert bool(re.search(schema["files"], name)) == expected
    assert re.search(whole["files"], "catalog/x.yml") and not re.search(whole["files"], "plan.yml")


def test_the_steps_are_written_once() -> None:
    jobs = GITHUB["jobs"]
    assert jobs["validate"]["steps"] is jobs["plan"]["steps"] is jobs["apply"]["steps"] is jobs["drift"]["steps"]
    # GitHub knows anchors, but no merge keys.
    assert "<<:" not in TEXT


def test_versions_are_pinned() -> None:
    assert re.fullmatch(r"docker\.io/library/python:\d+\.\d+\.\d+-[a-z]+@sha256:[0-9a-f]{64}", GITLAB["default"]["image"])
    assert {job["runs-on"] for job in GITHUB["jobs"].values()} == {"ubuntu-24.04"}
    lines = [line for line in (GITOPS / "repository" / "requirements.txt").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert sorted(line.partition("==")[0] for line in lines) == ["ansible-core", "requests"]
    assert all(re.fullmatch(r"[a-z-]+==\d+(\.\d+)+", line) for line in lines)
    (collection,) = yaml.safe_load((GITOPS / "repository" / "requirements-galaxy.yml").read_text(encoding="utf-8"))["collections"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", collection["version"])
    installs = [line for text in (TEXT, "\n".join(GITLAB["default"]["before_script"])) for line in text.splitlines() if "pip install" in line]
    assert len(installs) == 2 and all(line.endswith("--requirement requirements.txt") for line in installs)
