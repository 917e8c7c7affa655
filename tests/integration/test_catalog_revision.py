# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commit of a catalog: plan stores it, and apply refuses another one."""

from __future__ import annotations

import json
import subprocess
import typing as t

import pytest
import yaml

from .conftest import Collection
from .test_catalog_playbooks import Playbooks

VARIABLES = ("PROJECT_REVISION", "CI_COMMIT_SHA", "GITHUB_SHA")
ONE, TWO = "1" * 40, "2" * 40


class Committed(Playbooks):
    """Runs the playbooks in a git repository, without the variables of any pipeline."""

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment."""
        return super().environment(**{**dict.fromkeys(VARIABLES, ""), **changes})

    def commit(self, vendor: str) -> str:
        """Commit a catalog with that vendor; the commit."""
        self.write(models=[{"name": "qwen2.5-7b", "vendor": vendor}])
        self.git("add", "catalog")
        self.git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", vendor)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        """Run git."""
        return subprocess.run(["git", *arguments], cwd=self.directory, check=True, capture_output=True, encoding="utf-8").stdout

    def refused(self, planned: str, current: str, **how: t.Any) -> None:
        """Run an apply that has to be refused, with both commits in the message."""
        self.simulator.clear_log()
        output = " ".join(self.run("zstack.aios.apply", expect=2, **how).split())
        assert "The plan was created from %s " % planned in output and "is at %s." % current in output
        assert self.simulator.writes() == [] and "failed=1 " in output


@pytest.fixture
def playbooks(collection: Collection, tmp_path: t.Any) -> Committed:
    """In a repository."""
    made = Committed(collection, tmp_path)
    made.git("init", "--quiet", "--initial-branch", "main")
    return made


def test_the_commit_of_git(playbooks, simulator):
    first = playbooks.commit("Alibaba")
    playbooks.run("zstack.aios.plan", catalog_report_dir="reports")
    assert playbooks.report()["revision"] == first
    second = playbooks.commit("Someone")
    for check in ([], ["--check"]):
        playbooks.simulator.clear_log()
        output = playbooks.run("zstack.aios.apply", *check, expect=2, catalog_plan="reports/plan.json")
        assert first in output and second in output and simulator.writes() == []
    playbooks.git("checkout", "--quiet", first)
    playbooks.run("zstack.aios.apply", catalog_plan="reports/plan.json", catalog_path="catalog/all.yml")
    assert [row["vendor"] for row in simulator.state()["models"] if row["name"] == "qwen2.5-7b"] == ["Alibaba"]
    playbooks.git("checkout", "--quiet", second)
    playbooks.run("zstack.aios.apply")
    assert [row["vendor"] for row in simulator.state()["models"] if row["name"] == "qwen2.5-7b"] == ["Someone"]


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_commit_of_a_pipeline(playbooks, variable):
    playbooks.commit("Alibaba")
    playbooks.run("zstack.aios.plan", environment={variable: ONE}, catalog_report_dir="reports")
    assert playbooks.report()["revision"] == ONE
    playbooks.refused("commit " + ONE, "commit " + TWO, environment={variable: TWO}, catalog_plan="reports/plan.json")
    playbooks.run("zstack.aios.apply", environment={variable: ONE}, catalog_plan="reports/plan.json")
    assert playbooks.simulator.writes()


def test_an_unknown_commit_is_no_known_one(playbooks):
    playbooks.write(models=[{"name": "qwen2.5-7b", "vendor": "Alibaba"}])
    playbooks.run("zstack.aios.plan", catalog_report_dir="reports")
    assert playbooks.report()["revision"] is None
    playbooks.refused("an unknown commit", "commit " + ONE, environment={"CI_COMMIT_SHA": ONE}, catalog_plan="reports/plan.json")
    playbooks.run("zstack.aios.apply", catalog_plan="reports/plan.json")
    playbooks.run("zstack.aios.plan", environment={"CI_COMMIT_SHA": ONE}, catalog_report_dir="reports")
    playbooks.refused("commit " + ONE, "an unknown commit", catalog_plan="reports/plan.json")


def test_a_plan_that_cannot_be_read(playbooks, simulator):
    playbooks.commit("Alibaba")
    refusal = "catalog_plan: there is no file %s. It is" % (playbooks.directory / "reports" / "plan.json")
    assert refusal in playbooks.run("zstack.aios.apply", expect=2, catalog_plan="reports/plan.json")
    (playbooks.directory / "other.json").write_text("{}", encoding="utf-8")
    assert "is not the report of a catalog" in playbooks.run("zstack.aios.apply", expect=2, catalog_plan="other.json")
    assert simulator.writes() == []
    playbooks.run("zstack.aios.plan", catalog_plan="nowhere.json")


def test_the_artifact_of_a_workflow(playbooks):
    playbooks.commit("Alibaba")
    output = playbooks.run("zstack.aios.plan", environment={"PROJECT_REVISION": ONE})
    artifact = json.loads(output.split("RUN: ")[1].split("\n")[0])["zstack_catalog"]
    assert artifact["revision"] == artifact["hosts"]["localhost"]["revision"] == ONE
    playbooks.refused("commit " + ONE, "commit " + TWO, environment={"PROJECT_REVISION": TWO}, zstack_catalog=artifact)
    # The artifact of another slice names other hosts. AWX passes the variable of this host as well.
    elsewhere = {**artifact, "hosts": {"node-9": artifact["hosts"]["localhost"]}}
    assert "but not of this one" in playbooks.run("zstack.aios.apply", expect=2, environment={"PROJECT_REVISION": ONE}, zstack_catalog=elsewhere)
    mine = json.loads(output.split("RUN: ")[1].split("\n")[0])["zstack_catalog_host_localhost"]
    assert mine["review"][-1].startswith("Plan of the catalog") and mine["changes"].__class__ is int
    playbooks.refused(
        "commit " + ONE, "commit " + TWO, environment={"PROJECT_REVISION": TWO}, zstack_catalog=elsewhere, zstack_catalog_host_localhost=mine)
    playbooks.run("zstack.aios.apply", environment={"PROJECT_REVISION": ONE}, zstack_catalog=elsewhere, zstack_catalog_host_localhost=mine)
    assert playbooks.simulator.writes()


def test_uncommitted_changes(playbooks, simulator):
    """Only what was planned is applied, committed or not."""
    commit = playbooks.commit("Alibaba")
    playbooks.run("zstack.aios.plan", catalog_report_dir="reports")
    assert (playbooks.report()["revision"], playbooks.report()["dirty"], playbooks.report()["branch"]) == (commit, False, "main")
    playbooks.write(models=[{"name": "qwen2.5-7b", "vendor": "Someone"}])
    output = playbooks.run("zstack.aios.apply", expect=2, catalog_plan="reports/plan.json", catalog_report_dir="reports", catalog_report_name="done")
    assert "the catalog is not the expected one" in output and playbooks.report("reports/done.json")["dirty"] is True and simulator.writes() == []
    playbooks.run("zstack.aios.plan", catalog_report_dir="reports")
    assert "with uncommitted changes" in (playbooks.directory / "reports" / "plan.html").read_text(encoding="utf-8")
    # Neither prune nor another name was planned.
    for changed in ({"catalog_name": "other"}, {"catalog_name": "other", "catalog_prune": True}):
        playbooks.run("zstack.aios.apply", expect=2, catalog_plan="reports/plan.json", **changed)
    assert simulator.writes() == []
    playbooks.run("zstack.aios.apply", catalog_plan="reports/plan.json", catalog_require_plan=True)
    assert [row["vendor"] for row in simulator.state()["models"] if row["name"] == "qwen2.5-7b"] == ["Someone"]
    assert "catalog_require_plan is true" in playbooks.run("zstack.aios.apply", expect=2, catalog_require_plan=True)


def test_a_webhook_of_another_branch(playbooks, simulator):
    playbooks.commit("Alibaba")
    event = {"catalog_webhook_branch": "main", "awx_webhook_event_type": "push"}
    for playbook in ("plan", "apply"):
        output = playbooks.run("zstack.aios." + playbook, expect=2, awx_webhook_payload={"ref": "refs/heads/feature"}, **event)
        assert "is not a push to the branch main" in output and simulator.log() == []
    playbooks.run("zstack.aios.plan", awx_webhook_payload={"ref": "refs/heads/main"}, **event)


def test_each_host_has_a_plan_of_its_own(playbooks, simulator):
    playbooks.commit("Alibaba")
    connection = {
        "zstack_host": simulator.host, "zstack_port": simulator.port, "zstack_account_name": "admin", "zstack_account_password": "password"}
    inventory = {"all": {"hosts": {"node-1": {}, "node-2": {}}, "vars": connection}}
    (playbooks.directory / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    shared = {"catalog_hosts": "all", "catalog_report_dir": "reports"}
    playbooks.run("zstack.aios.plan", "-i", "hosts.yml", **shared)
    path = playbooks.directory / "reports" / "plan-node-2.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "revision": ONE}), encoding="utf-8")
    output = playbooks.run(
        "zstack.aios.apply", "-i", "hosts.yml", expect=2, catalog_plan="reports/plan.json", catalog_report_name="done", **shared)
    assert "plan-node-2.json" in output
    assert not playbooks.report("reports/done-node-1.json")["failed"]
    assert ONE in playbooks.report("reports/done-node-2.json")["errors"][0]
