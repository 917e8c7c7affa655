# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files for AWX at work: jobs run with ansible-runner as AWX runs them, the execution environment, and the playbook that sets AWX up."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest
import yaml
from simulator.testing import ACCESS_KEY, RunningSimulator, patience

from ansible_collections.zstack.aios.tests.unit.support.awx import EXAMPLES, inject, load, sliced

from .pipelines import GITOPS, PASSWORD, ROOT, Machine, build_collection, set_password

pytest.importorskip("ansible_runner")

FACTS = yaml.safe_load((ROOT / "tests" / "unit" / "awx_modules.yml").read_text(encoding="utf-8"))
KEY = ACCESS_KEY["access_key_secret"]
# A module of awx.awx that takes what the real one takes, and only writes it down.
STAND_IN = '''#!/usr/bin/python
import dataclasses
import json
import os
from ansible.module_utils.basic import AnsibleModule

FACTS = json.loads(%r)


def spec(facts):
    names = {name: kind for kind in ("bool", "dict", "float", "int", "list", "str") for name in facts.get(kind, ())}
    return {
        name: {
            "type": kind, "required": name in facts.get("required", ()), "choices": facts.get("choices", {}).get(name), "no_log": False,
            **({"elements": "dict"} if kind == "list" and name in facts.get("options", {}) else {}),
            **({"options": spec(facts["options"][name])} if name in facts.get("options", {}) else {})}
        for name, kind in names.items()}


module = AnsibleModule(spec(FACTS), supports_check_mode=True)
with open(os.environ["AWX_RECORD"], "a", encoding="utf-8") as record:
    record.write(json.dumps([%r, module.params]) + "\\n")
module.exit_json(changed=False)
'''

# Return the objects that match all of the given values.
LOOKUP = '''
import json
import os
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, query_params=None):
        found = json.loads(os.environ["AWX_ANSWERS"]).get(terms[0], [])
        return [entry for entry in found if all(entry[name] == value for name, value in query_params.items())]
'''


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The collection, installed as a project update of AWX does it."""
    directory = tmp_path_factory.mktemp("awx")
    machine = Machine(directory / "machine")
    machine.run("ansible-galaxy collection install -p '%s' '%s'" % (directory / "collections", build_collection(directory)), directory)
    return directory / "collections"


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """An execution environment has none of the settings of this process."""
    for name in [name for name in os.environ if name.startswith(("ANSIBLE_", "ZSTACK_", "PYTHON"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", os.pathsep.join((str(pathlib.Path(sys.executable).parent), os.environ["PATH"])))


@dataclasses.dataclass
class Job:
    """A job that was started.

    :param artifacts: the directory of what the runner leaves.
    """

    process: subprocess.Popen
    artifacts: pathlib.Path

    def ended(self) -> tuple[str, str, str]:
        """Wait for the job; the output of the runner and of the job, and the status."""
        console, _errors = self.process.communicate(timeout=patience(120))
        return console, *((self.artifacts / name).read_text(encoding="utf-8") for name in ("stdout", "status"))

    def finished(self, *secrets: str) -> dict[str, t.Any]:
        """Wait for a job that is to succeed, and look for secrets in what AWX stores of it; the data of its last event, with the artifacts."""
        console, output, status = self.ended()
        assert status == "successful", console + output
        texts = [path.read_text(encoding="utf-8") for path in (self.artifacts / "job_events").glob("*.json")]
        for secret in secrets:
            assert not any(secret in text for text in (output, console, *texts))
        (stats,) = (event for event in map(json.loads, texts) if event["event"] == "playbook_on_stats")
        return stats["event_data"]


class Awx:
    """Runs jobs: a private data directory for each, with what AWX puts into it.

    :param collections: what the project's requirements brought.
    """

    def __init__(self, directory: pathlib.Path, collections: pathlib.Path) -> None:
        self.directory = directory
        self.collections = collections
        self._jobs = 0

    def inventory(self, hosts: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return what the inventory source reads from the repository: the variables of all, and those of each host."""
        source = self.directory / "inventory"
        shutil.copytree(GITOPS / "repository" / "inventory", source, dirs_exist_ok=True)
        if hosts:
            content = load("hosts.yml")
            assert set(content["all"]["hosts"]) == set(hosts)
            content["all"]["hosts"] = hosts
            (source / "hosts.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        command = ["ansible-inventory", "-i", str(source / "hosts.yml"), "--list", "--export"]
        read = json.loads(subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout)
        names = [name for group in read.values() for name in group.get("hosts", ())]
        return {"vars": read["all"]["vars"], "hosts": {name: read["_meta"]["hostvars"].get(name, {}) for name in names}}

    def job(
        self, playbook: str, inventory: t.Mapping[str, t.Any], inputs: t.Mapping[str, t.Any], check: bool, part: tuple[int, int] = (1, 1),
        revision: str = "1" * 40, artifacts: t.Mapping[str, t.Any] | None = None,
    ) -> Job:
        """Start a job.

        :param inputs: of the credential.
        :param check: the job type.
        :param part: which slice, of how many.
        :param revision: of the project.
        :param artifacts: of the earlier nodes of a workflow; they become extra variables.
        """
        self._jobs += 1
        private = self.directory / ("job-%d" % self._jobs)
        for name in ("env", "inventory"):
            (private / name).mkdir(parents=True)
        shutil.copytree(GITOPS / "repository", private / "project")
        injected = inject(load("credential_type.yml"), inputs, private / "env")
        hosts = sliced(inventory["hosts"], *part)
        script = private / "inventory" / "hosts"
        content = json.dumps({"all": {"hosts": list(hosts), "vars": inventory["vars"]}, "_meta": {"hostvars": hosts}})
        script.write_text("#!%s\nprint(%r)\n" % (sys.executable, content), encoding="utf-8")
        script.chmod(0o700)
        environment = {
            **injected.environment, "ANSIBLE_COLLECTIONS_PATH": str(self.collections), "JOB_ID": str(self._jobs), "PROJECT_REVISION": revision,
            "ANSIBLE_RETRY_FILES_ENABLED": "False"}
        for name, content in (("envvars", environment), ("settings", {"suppress_env_files": True}), ("extravars", artifacts or {})):
            (private / "env" / name).write_text(json.dumps(content), encoding="utf-8")
        command = [
            sys.executable, "-m", "ansible_runner", "run", str(private), "--ident", str(self._jobs), "--playbook", playbook,
            "--inventory", str(script), "--cmdline", " ".join([*(["--check"] if check else []), "-u root --diff -vvv"]), "--quiet"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        return Job(process, private / "artifacts" / str(self._jobs))


@pytest.fixture
def awx(tmp_path: pathlib.Path, collections: pathlib.Path, no_settings: None) -> Awx:
    """AWX, as far as a job can tell."""
    return Awx(tmp_path, collections)


def test_check_and_run(awx: Awx, simulator: RunningSimulator) -> None:
    inputs = {
        "host": simulator.host, "port": str(simulator.port), "protocol": "http", **ACCESS_KEY, "ca_certificate": "-----BEGIN CERTIFICATE-----\n",
        "account_name": "", "account_password": "", "skip_certificate_check": False}
    inventory = awx.inventory()
    planned = awx.job("plan.yml", inventory, inputs, check=True).finished(KEY)["artifact_data"]
    assert planned["zstack_catalog"]["changed"] is True and simulator.writes() == []
    applied = awx.job("apply.yml", inventory, inputs, check=False).finished(KEY)["artifact_data"]
    assert applied["zstack_catalog"]["changed"] is True and applied["zstack_catalog"]["summary"] == planned["zstack_catalog"]["summary"]
    assert "vllm-qwen3" in [row["name"] for row in simulator.state()["model_services"]]


def test_apply_refuses_a_commit_that_was_not_planned(awx: Awx, simulator: RunningSimulator) -> None:
    set_password(simulator)
    inputs = {"host": simulator.host, "port": str(simulator.port), "account_name": "admin", "account_password": PASSWORD}
    inventory = awx.inventory()
    planned = awx.job("plan.yml", inventory, inputs, check=True).finished()["artifact_data"]
    _console, output, status = awx.job("apply.yml", inventory, inputs, check=False, revision="2" * 40, artifacts=planned).ended()
    assert status == "failed" and "1" * 40 in output and "2" * 40 in output and simulator.writes() == []
    awx.job("apply.yml", inventory, inputs, check=False, artifacts=planned).finished()
    assert simulator.writes()


def test_slices_of_an_inventory(awx: Awx) -> None:
    names = sorted(load("hosts.yml")["all"]["hosts"])
    simulators = {name: RunningSimulator() for name in names}
    try:
        for simulator in simulators.values():
            simulator.start()
            set_password(simulator)
        hosts = {name: {"zstack_host": simulator.host, "zstack_port": simulator.port} for name, simulator in simulators.items()}
        inputs = {"account_name": "admin", "account_password": PASSWORD}
        inventory = awx.inventory(hosts)
        started = [awx.job("apply.yml", inventory, inputs, check=False, part=(number, 2)) for number in (1, 2)]
        ended = [job.finished(PASSWORD) for job in started]
        assert [sorted(stats["ok"]) for stats in ended] == [[names[0], names[2]], [names[1]]]
        for simulator in simulators.values():
            assert sum(entry["call"] == "CloneModelService" for entry in simulator.writes()) == 1
            assert simulator.stats()["sessions"] == 0
    finally:
        for simulator in simulators.values():
            simulator.close()


class Setup:
    """Runs awx.yml against stand-ins for the modules and the lookup of awx.awx.

    :param answers: endpoint to the objects that the API has there.
    """

    def __init__(self, directory: pathlib.Path, **answers: list[dict[str, t.Any]]) -> None:
        plugins = directory / "collections" / "ansible_collections" / "awx" / "awx" / "plugins"
        for name in ("modules", "lookup"):
            (plugins / name).mkdir(parents=True)
        for name, facts in FACTS.items():
            (plugins / "modules" / (name + ".py")).write_text(STAND_IN % (json.dumps(facts), name), encoding="utf-8")
        (plugins / "lookup" / "controller_api.py").write_text(LOOKUP, encoding="utf-8")
        self.record = directory / "record.jsonl"
        self.environment = {
            **os.environ, "ANSIBLE_COLLECTIONS_PATH": str(directory / "collections"), "ANSIBLE_PIPELINING": "true", "AWX_RECORD": str(self.record),
            "AWX_ANSWERS": json.dumps(answers)}

    def run(self, expect: int = 0, settings_file: bool = True, **settings: t.Any) -> str:
        """Run it; the output."""
        variables = {"vault_account_password": "s3cr3t-0fAccount", **settings}
        command = ["ansible-playbook", "awx.yml", *(["-e", "@settings.yml"] if settings_file else []), "-e", json.dumps(variables), "-v"]
        done = subprocess.run(command, cwd=EXAMPLES, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        assert done.returncode == expect, done.stdout
        assert "s3cr3t-0fAccount" not in done.stdout
        return done.stdout

    def taken(self) -> dict[str, list[dict[str, t.Any]]]:
        """Return what the modules were called with, by module."""
        found: dict[str, list[dict[str, t.Any]]] = {}
        for line in self.record.read_text(encoding="utf-8").splitlines() if self.record.exists() else ():
            name, params = json.loads(line)
            found.setdefault(name, []).append(params)
        return found


@pytest.mark.parametrize(("projects", "update"), [([], True), ([{"scm_revision": ""}], True), ([{"scm_revision": "1" * 40}], False)])
def test_the_project_is_updated_until_it_has_a_commit(
    tmp_path: pathlib.Path, no_settings: None, projects: list[dict[str, t.Any]], update: bool,
) -> None:
    setup = Setup(tmp_path, projects=[{"name": "AIOS catalog", "organization__name": "Default", **project} for project in projects])
    setup.run()
    assert [project["update_project"] for project in setup.taken()["project"]] == [update]


@pytest.mark.parametrize(("settings", "message"), [
    ({"awx_zstack_inputs": {"port": 8443}}, "awx_zstack_inputs: port is not text, and AWX accepts only text. Quote the value."),
    ({"awx_zstack_inputs": {"account_password": None}}, "awx_zstack_inputs: account_password is not text"),
    ({"awx_zstack_inputs": {"host": {"name": "x"}, "port": True}}, "awx_zstack_inputs: port is not text"),
    ({"awx_zstack_inputs": {"host": ["192.0.2.1"]}}, "awx_zstack_inputs: host is not text"),
    ({"awx_zstack_inputs": {"host": []}}, "awx_zstack_inputs: host is not text"),
    ({"awx_zstack_inputs": [{"host": "192.0.2.1"}]}, "awx_zstack_inputs is not a mapping of fields to values"),
    ({"awx_zstack_inputs": "host"}, "awx_zstack_inputs is not a mapping of fields to values"),
    ({"awx_zstack_inputs": {"skip_certificate_check": ["yes"]}}, "awx_zstack_inputs: skip_certificate_check must be true or false."),
    ({"awx_zstack_inputs": {"skip_certificate_check": "yes"}}, "awx_zstack_inputs: skip_certificate_check must be true or false."),
    ({"awx_zstack_inputs": {"host": "h", "protocol": "ftp", "login_type": "Account", "account_name": "a", "access_key_id": "b"}, "awx_slices": 0,
      "awx_webhook_service": "bitbucket", "awx_approval_timeout": "soon"},
     "awx_zstack_inputs: protocol must be one of http, https. awx_zstack_inputs: login_type must be one of account, user, ldap, iam2, iam2_ldap. "
     "awx_zstack_inputs contains an account and an access key, and a job accepts only one of them. awx_webhook_service must be one of github, gitlab. "
     "awx_slices must be 1 or more. awx_approval_timeout must be 1 or more. Nothing was changed in AWX."),
    ({"awx_zstack_inputs": {"hosts": "192.0.2.1"}}, "awx_zstack_inputs: hosts is not a field of the credential type."),
    ({"awx_zstack_inputs": {}}, "awx_zstack_inputs is empty, and the organization Default of AWX has no credential AIOS catalog"),
])
def test_settings_are_checked_first(tmp_path: pathlib.Path, no_settings: None, settings: dict[str, t.Any], message: str) -> None:
    setup = Setup(tmp_path, credentials=[{"name": "AIOS catalog", "organization__name": "Other"}])
    output = " ".join(setup.run(expect=2, **settings).split())
    assert message in output and "Nothing was changed in AWX." in output and setup.taken() == {}


def test_missing_settings_are_named(tmp_path: pathlib.Path, no_settings: None) -> None:
    setup = Setup(tmp_path)
    output = setup.run(expect=2, settings_file=False)
    assert "awx_image is not set. awx_scm_url is not set. Nothing was changed in AWX." in output and setup.taken() == {}


def test_a_credential_of_the_web_interface(tmp_path: pathlib.Path, no_settings: None) -> None:
    setup = Setup(tmp_path, credentials=[{"name": "AIOS catalog", "organization__name": "Default"}])
    setup.run(awx_zstack_inputs={})
    assert set(setup.taken()) == set(FACTS) - {"credential"}


def test_the_playbook_sets_awx_up(tmp_path: pathlib.Path, no_settings: None) -> None:
    setup = Setup(tmp_path)
    setup.run(awx_slices=2)
    taken = setup.taken()
    assert set(taken) == set(FACTS)
    kind = load("credential_type.yml")
    assert {name: taken["credential_type"][0][name] for name in kind} == kind
    assert taken["credential"][0]["inputs"] == {"host": "192.0.2.10", "account_name": "ansible", "account_password": "s3cr3t-0fAccount"}
    assert [(job["name"], job["job_type"], job["playbook"], job["job_slice_count"]) for job in taken["job_template"]] == [
        ("AIOS catalog: %s" % name, mode, name + ".yml", 2) for name, mode in (("plan", "check"), ("apply", "run"), ("drift", "check"))]
    assert all(job["ask_limit_on_launch"] and job["extra_vars"] == {"catalog_webhook_branch": "main"} for job in taken["job_template"])
    assert taken["workflow_job_template"][0]["ask_limit_on_launch"] is True
    nodes = taken["workflow_job_template"][0]["workflow_nodes"]
    assert [node["unified_job_template"]["name"] for node in nodes][2:] == ["AIOS catalog: plan", "AIOS catalog: approval", "AIOS catalog: apply"]
    assert taken["schedule"][0]["unified_job_template"] == "AIOS catalog: drift"


def test_the_execution_environment(tmp_path: pathlib.Path, collections: pathlib.Path, no_settings: None) -> None:
    pytest.importorskip("ansible_builder")

    def builder(*arguments: str) -> str:
        done = subprocess.run(
            ["ansible-builder", *arguments], cwd=EXAMPLES, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout
        return done.stdout

    context = tmp_path / "context"
    builder("create", "--output-filename", "Containerfile", "--context", str(context))
    assert yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8")) == load("requirements.yml")
    recipe = (context / "Containerfile").read_text(encoding="utf-8")
    assert load("execution-environment.yml")["images"]["base_image"]["name"] in recipe and "ansible-galaxy collection install" in recipe
    # What the build does inside of the image: it reads the requirements of the collections that were installed.
    found = yaml.safe_load(builder("introspect", str(collections)).partition("---")[2])
    assert any(line.startswith("requests>=") for line in found["python"])
