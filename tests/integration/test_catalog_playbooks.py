# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of the catalog, called by their names against the simulator: exits, reports, output."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import typing as t

import pytest
import yaml
from simulator.testing import RunningSimulator, patience

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS

from .conftest import Collection, reset

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "hf-very-secret-token"
SECRETS = (TOKEN, "b109f3bbbc244eb8")
CATALOG = {
    "models": [
        {"name": "qwen3-32b", "model_center": "center-1", "install_path": "file:///models/qwen3-32b", "vendor": "Alibaba", "token": TOKEN,
         "user_tags": ["env:prod"], "model_service_uuids": ["d76744cb53f9378abf42b907df3efb6e"]},
        {"name": "qwen2.5-7b", "vendor": "Alibaba", "description": "A chat model\nfor everyone"},
        {"name": "stable-diffusion-xl", "vendor": "Stability"},
        {"name": "deepseek-r1-7b", "state": "absent"},
    ],
    "model_service_clones": [{"name": "chat", "source_service": "vllm-base", "request_cpu": 4}],
}
COUNTS = {"create": 2, "update": 1, "delete": 1, "none": 1, "replace": 0, "prune": 0, "report": 0, "failed": 0, "skipped": 0}


class Playbooks:
    """Runs the collection's playbooks in a separate directory."""

    def __init__(self, collection: Collection, directory: pathlib.Path) -> None:
        self.collection = collection
        self.simulator = collection.simulator
        self.directory = directory
        self.outputs: list[str] = []

    def write(self, *, name: str = "catalog/all.yml", **kinds: t.Any) -> None:
        """Write a catalog file."""
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(kinds, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment: sign-in by variables, as in a pipeline."""
        return self.collection.environment(**{
            "ZSTACK_HOST": self.simulator.host, "ZSTACK_PORT": str(self.simulator.port), "ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "password",
            "ANSIBLE_SHOW_CUSTOM_STATS": "true", **changes})

    def run(
        self, playbook: str, *arguments: str, expect: int = 0, environment: t.Mapping[str, str] | None = None, **variables: t.Any,
    ) -> str:
        """Run one; its output."""
        done = subprocess.run(
            ["ansible-playbook", playbook, *arguments, "-e", json.dumps(variables)], env=self.environment(**(environment or {})), cwd=self.directory,
            capture_output=True, encoding="utf-8", check=False, timeout=patience(300))
        output = done.stdout + done.stderr
        assert done.returncode == expect, output
        assert "Traceback" not in output and "Deprecat" not in output, output
        self.outputs.append(output)
        return output

    def report(self, name: str = "reports/plan.json") -> dict[str, t.Any]:
        """Return a report."""
        return json.loads((self.directory / name).read_text(encoding="utf-8"))

    def all_texts(self) -> str:
        """Everything that was printed or reported."""
        files = [path.read_text(encoding="utf-8") for path in (self.directory / "reports").glob("*")]
        return "\n".join(self.outputs + files)


@pytest.fixture
def playbooks(collection, tmp_path):
    return Playbooks(collection, tmp_path)


@pytest.fixture
def second():
    with RunningSimulator() as simulator:
        reset(simulator)
        yield simulator


def test_from_plan_to_no_drift(playbooks, simulator):
    playbooks.write(**CATALOG)
    output = playbooks.run("zstack.aios.plan", catalog_report_dir="reports")
    assert simulator.writes() == []
    assert sorted(os.listdir(playbooks.directory / "reports")) == ["plan.html", "plan.json", "plan.md"]
    planned = playbooks.report()
    assert planned["summary"] == COUNTS and planned["changes"] == 4 and planned["changed"] and not planned["failed"]
    assert [item["file"] for item in planned["entries"]] == ["all.yml"] * 4
    block = output.partition("catalog : Report]")[2].partition("PLAY RECAP")[0]
    lines = block.splitlines()[1:]
    # One block of text after all other tasks, whose last line is the summary
    assert block and "TASK [" not in block and output.count("TASK [") <= 7
    assert "  - model deepseek-r1-7b (delete)" in lines and "  + model service clone chat" in lines and "      vendor: Qwen -> Alibaba" in lines
    summary = "Plan of the catalog catalog: 2 to create, 1 to update, 1 to delete, 1 unchanged: review the deletion."
    assert lines[lines.index("  - model deepseek-r1-7b (delete)"):].count(summary) == block.count("Plan of the catalog") == 1
    assert '"entries"' not in output and "model_center: center-1" in output and "ebf96ce1de2c46fa8af9d503c29bb93d" not in output

    output = playbooks.run("zstack.aios.drift", "-e", "catalog_report_formats=json,html", "-e", "catalog_review_limit=50", expect=2, catalog_report_dir="drift")
    assert sorted(os.listdir(playbooks.directory / "drift")) == ["plan.html", "plan.json"]
    assert "The platform differs from the catalog: 4 changes." in output
    assert simulator.writes() == []

    output = playbooks.run("zstack.aios.apply", "--check", catalog_report_dir="reports")
    assert simulator.writes() == []
    checked = playbooks.report()
    assert {key for key in planned if planned[key] != checked[key]} <= {"action", "time"} and not checked["applied"]

    output = playbooks.run("zstack.aios.apply", "-vvvv", "--diff", catalog_report_dir="reports")
    applied = playbooks.report()
    assert {key for key in planned if planned[key] != applied[key]} <= {"action", "applied", "headline", "verdict", "time"}
    assert applied["headline"] == "2 created, 1 updated, 1 deleted, 1 unchanged." and applied["headline"] in output
    assert "Changes made by the catalog" in (playbooks.directory / "reports/plan.html").read_text(encoding="utf-8")

    marked = len(simulator.writes())
    output = playbooks.run("zstack.aios.apply")
    assert len(simulator.writes()) == marked and "changed=0 " in output
    playbooks.run("zstack.aios.drift", catalog_report_dir="reports")
    assert playbooks.report()["changes"] == 0 and playbooks.report()["entries"] == []
    assert simulator.stats()["sessions"] == 0
    for secret in SECRETS:
        assert secret not in playbooks.all_texts()
    assert str(playbooks.directory) not in "".join(path.read_text(encoding="utf-8") for path in (playbooks.directory / "reports").glob("*"))


def test_the_module_reports_the_same(playbooks):
    playbooks.write(**CATALOG)
    for execution in ("worker", "module"):
        playbooks.run(
            "zstack.aios.plan", catalog_report_dir="reports", catalog_report_name=execution, catalog_report_formats=["json"], zstack_aios_execution=execution)
    one, two = (playbooks.report("reports/%s.json" % execution) for execution in ("worker", "module"))
    assert {**one, "time": ""} == {**two, "time": ""}


def test_planning_an_export_changes_nothing(playbooks, simulator):
    output = playbooks.run("zstack.aios.export", catalog_export_path="exported", catalog_export_source_service="vllm-base")
    assert sorted(os.listdir(playbooks.directory / "exported")) == sorted(kind + ".yml" for kind in KINDS)
    assert "models: 4" in output and "vllm-base (uuid d76744cb53f9378abf42b907df3efb6e): it is a system service" in output
    playbooks.run("zstack.aios.drift", catalog_path="exported", catalog_report_dir="reports")
    assert playbooks.report()["headline"] == "No changes. The platform matches the catalog (9 items)."
    assert simulator.writes() == []
    output = playbooks.run("zstack.aios.export", catalog_path="exported", catalog_export_source_service="vllm-base")
    assert "changed=0 " in output
    (playbooks.directory / "checkout").mkdir()
    (playbooks.directory / "checkout" / "linked").symlink_to(playbooks.directory / "exported")
    for path in ("checkout/linked", str(playbooks.directory / "checkout" / "linked" / "all.yml")):
        output = playbooks.run("zstack.aios.export", expect=2, catalog_export_path=path)
        assert "checkout/linked is a link that leads out of its directory" in " ".join(output.split())
    assert sorted(os.listdir(playbooks.directory / "exported")) == sorted(kind + ".yml" for kind in KINDS)


def test_messages_name_the_variables_of_the_role(playbooks, simulator):
    playbooks.write(**CATALOG)
    for execution in ("worker", "module"):
        output = playbooks.run("zstack.aios.plan", expect=2, zstack_aios_execution=execution, zstack_port=99999, catalog_report_dir="reports")
        assert "zstack_port: 99999 is not a port." in output and playbooks.report()["errors"][0].startswith("zstack_port: ")
    output = playbooks.run("zstack.aios.export", expect=2, catalog_export_source_service="nothing")
    assert "catalog_export_source_service: there is no model service named 'nothing'." in " ".join(output.split())
    assert not simulator.writes()


def test_names_are_never_templates_nor_markup(playbooks, simulator):
    names = ["{{ 7*191 }}", "{% raw %} {{ lookup('pipe', 'id') }}", "a|b `c` <script>alert(1)</script>", "x\ny \u202e", "模型 🚀 'q' \"r\""]
    playbooks.write(models=[{"name": name, "model_center": "center-1", "install_path": "file:///x", "description": name} for name in names])
    output = playbooks.run("zstack.aios.apply", catalog_report_dir="reports")
    assert sorted(row["name"] for row in simulator.state()["models"] if row["installPath"] == "file:///x") == sorted(names)
    # Results show marks that turn the direction of writing as a programmer writes them.
    assert [item["name"] for item in playbooks.report()["entries"]] == [name.replace("\u202e", "\\u202e") for name in names]
    page = (playbooks.directory / "reports/plan.html").read_text(encoding="utf-8")
    assert "<script" not in page and "{{ 7*191 }}" in page and "模型 🚀" in page
    assert "1337" not in output + page and "uid=" not in output + page
    assert "\u202e" not in page


def test_errors_and_failures_are_reported(playbooks, simulator):
    playbooks.write(models=[{"name": "qwen2.5-7b", "vender": "x", "token": TOKEN}])
    for playbook in ("plan", "apply"):
        output = playbooks.run("zstack.aios." + playbook, expect=2, catalog_report_dir="reports")
        assert "The catalog has 1 error." in output and "did you mean vendor?" in output
    error, = playbooks.report()["catalog_errors"]
    assert (error["file"], error["option"]) == ("all.yml", "vender") and playbooks.report()["failed"]
    assert "did you mean vendor?" in (playbooks.directory / "reports/plan.md").read_text(encoding="utf-8")

    playbooks.write(**CATALOG)
    simulator.fault("error", {"call": "UpdateModel"}, times=0, code="SYS.1007", details="no <good>")
    output = playbooks.run("zstack.aios.apply", expect=2, catalog_report_dir="reports")
    assert "1 of 5 items failed" in output and re.search(r"^  ! model qwen2\.5-7b \(all\.yml:\d+, failed\): ", output, re.M) and "no <good>" in output
    report = playbooks.report()
    assert report["failed"] and report["summary"]["failed"] == 1 and report["summary"]["create"] == 2
    assert [item["error"]["code"] for item in report["entries"] if item["action"] == "failed"] == ["SYS.1007"]

    output = playbooks.run("zstack.aios.plan", expect=2, catalog_report_dir="reports", catalog_path="nowhere")
    assert "there is no directory and no file" in output
    output = playbooks.run("zstack.aios.plan", expect=2, catalog_report_dir="reports", zstack_account_password="wrong")
    assert playbooks.report()["errors"] and playbooks.report()["headline"] == "The catalog could not be compared with the platform."
    for secret in SECRETS:
        assert secret not in playbooks.all_texts()


def test_prune_and_inline_items(playbooks, simulator):
    playbooks.write(model_service_clones=[{"name": name, "source_service": "vllm-base"} for name in ("one", "two")])
    model = {"name": "inline", "model_center": "center-1", "install_path": "file:///x", "token": TOKEN}
    more = {"catalog_name": "prod", "catalog_models": [model]}
    playbooks.run("zstack.aios.apply", "-vvv", **more)
    playbooks.write(model_service_clones=[{"name": "one", "source_service": "vllm-base"}])
    playbooks.run("zstack.aios.drift", **more)
    output = playbooks.run("zstack.aios.drift", expect=2, catalog_prune=True, **more)
    assert "  - model service clone two (prune: created by this catalog and no longer in it)" in output
    assert "at most 0 may be deleted" in playbooks.run("zstack.aios.apply", expect=2, catalog_prune=True, catalog_prune_limit=0, **more)
    playbooks.run("zstack.aios.apply", catalog_prune=True, catalog_report_dir="reports", **more)
    assert "two" not in [row["name"] for row in simulator.state()["model_services"]]
    assert playbooks.report()["catalog"] == {"name": "prod", "path": "catalog"}
    playbooks.write(model_service_clones=[])
    for playbook in ("plan", "drift", "apply"):
        assert "catalog_allow_empty" in playbooks.run("zstack.aios." + playbook, expect=2, **more)
    playbooks.run("zstack.aios.drift", catalog_allow_empty=True, **more)
    assert TOKEN not in playbooks.all_texts()


def test_several_hosts(playbooks, simulator, second):
    playbooks.write(name="one/all.yml", models=CATALOG["models"][1:3])
    playbooks.write(name="two/all.yml", models=CATALOG["models"][2:3])
    hosts = {
        name: {"zstack_host": server.host, "zstack_port": server.port, "catalog_path": path}
        for name, server, path in (("node-1", simulator, "one"), ("node-2", second, "two"), ("node-3", second, "nowhere"))}
    inventory = {"all": {"hosts": hosts, "vars": {"zstack_account_name": "admin", "zstack_account_password": "password"}}}
    (playbooks.directory / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    nothing = {"ZSTACK_HOST": "", "ZSTACK_PORT": "", "ZSTACK_ACCOUNT_NAME": "", "ZSTACK_ACCOUNT_PASSWORD": ""}
    output = playbooks.run(
        "zstack.aios.apply", "-i", "hosts.yml", expect=2, environment=nothing, catalog_hosts="all", catalog_report_dir="reports", catalog_report_name="done")
    assert {path.name for path in (playbooks.directory / "reports").glob("*.json")} == {"done-node-1.json", "done-node-2.json", "done-node-3.json"}
    assert [playbooks.report("reports/done-node-%d.json" % number)["headline"] for number in (1, 2)] == [
        "1 updated, 1 unchanged.", "No changes. The platform matches the catalog (1 item)."]
    assert len(simulator.writes()) == 1 and second.writes() == []
    handed = json.loads(output.split("RUN: ")[1].split("\n")[0])["zstack_catalog"]
    assert (handed["action"], handed["changed"], handed["failed"], handed["changes"]) == ("apply", True, True, 1)
    assert handed["summary"]["update"] == 1 and handed["summary"]["none"] == 2
    assert len(handed["reports"]) == 9 and all(os.path.exists(path) for path in handed["reports"])
    assert all(host["changes"].__class__ is int for host in handed["hosts"].values())
    assert [(name, host["changed"], host["failed"]) for name, host in sorted(handed["hosts"].items())] == [
        ("node-1", True, False), ("node-2", False, False), ("node-3", False, True)]
    one = playbooks.run(
        "zstack.aios.drift", "-i", "hosts.yml", environment=nothing, catalog_hosts="node-2", catalog_report_dir="single")
    assert sorted(os.listdir(playbooks.directory / "single")) == ["plan.html", "plan.json", "plan.md"]
    assert json.loads(one.split("RUN: ")[1].split("\n")[0])["zstack_catalog"]["changed"] is False


def test_the_check_mode_of_a_play_counts(playbooks, simulator):
    playbooks.write(**CATALOG)
    play = {
        "hosts": "localhost", "connection": "local", "gather_facts": False, "check_mode": True,
        "roles": [{"role": "zstack.aios.catalog", "vars": {"catalog_action": "apply"}}]}
    (playbooks.directory / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    assert "changed=1 " in playbooks.run("play.yml")
    assert simulator.writes() == []


@pytest.mark.usefixtures("real_processes")
def test_progress_while_it_runs(playbooks, simulator):
    simulator.configure(job_ms=700)
    playbooks.write(model_service_clones=[{"name": "clone-%d" % number, "source_service": "vllm-base"} for number in range(8)])
    lines, there = [], []
    command = ["ansible-playbook", "zstack.aios.apply", "-e", "catalog_concurrency=1"]
    with subprocess.Popen(command, env=playbooks.environment(), cwd=playbooks.directory, stdout=subprocess.PIPE, encoding="utf-8") as running:
        for line in running.stdout:
            if line.startswith("zstack.aios: "):
                lines.append(line.strip())
                there.append(sum(row["name"].startswith("clone-") for row in simulator.state()["model_services"]))
    assert running.returncode == 0
    # The first line could be read while there was work left, and not every item has a line of its own.
    assert 2 <= len(lines) < 8 and there[0] < 8
    assert lines[-1] == "zstack.aios: 8 of 8 done"
    simulator.configure(job_ms=0)
    assert "zstack.aios: " not in playbooks.run("zstack.aios.apply", catalog_concurrency=1)


def test_the_example(playbooks, simulator):
    path = str(ROOT / "examples" / "catalog")
    playbooks.run("zstack.aios.apply", catalog_path=path, catalog_name="demo")
    assert simulator.writes()
    playbooks.run("zstack.aios.drift", catalog_path=path, catalog_name="demo")
