# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files for AWX: would AWX take them, and do they fit the collection?"""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import ENVIRONMENT, Connection, connection_spec
from ansible_collections.zstack.aios.tests.unit.support.awx import (
    FIELD_KEYS, RESERVED, ROOT, STRING_ONLY, inject, load, option_problems, sliced,
)

KIND = load("credential_type.yml")
FIELDS = {field["id"]: field for field in KIND["inputs"]["fields"]}
PLAY = load("awx.yml")[0]
FACTS = yaml.safe_load((pathlib.Path(__file__).parent / "awx_modules.yml").read_text(encoding="utf-8"))
# The module of a task, and its options
TASKS: dict[str, tuple[str, dict[str, t.Any]]] = {
    task["name"]: next((key, value) for key, value in task.items() if key.startswith("awx.awx."))
    for task in PLAY["tasks"] if any(key.startswith("awx.awx.") for key in task)}
PASSWORD = {"host": "192.0.2.10", "account_name": "ansible", "account_password": "s3cr3t-0fAccount"}


def options_of(module: str) -> dict[str, t.Any]:
    """Return the options of the one task with that module."""
    found = [options for name, options in TASKS.values() if name == "awx.awx." + module]
    assert len(found) == 1
    return found[0]


def connection_of(environment: t.Mapping[str, str], **given: t.Any) -> Connection:
    """Return what a task connects to."""
    return Connection.from_params({**{name: option.get("default") for name, option in connection_spec().items()}, **given}, environment)


class TestCredentialType:
    def test_awx_takes_the_fields(self) -> None:
        assert set(KIND["inputs"]) == {"fields", "required"} and KIND["kind"] in ("cloud", "net")
        assert len(FIELDS) == len(KIND["inputs"]["fields"]) and "tower" not in FIELDS
        for field in FIELDS.values():
            assert set(field) <= FIELD_KEYS and field["label"] and field["type"] in ("string", "boolean")
            assert field["type"] == "string" or not STRING_ONLY.intersection(field)
        assert set(KIND["inputs"]["required"]) <= set(FIELDS)

    def test_awx_takes_the_injectors(self, tmp_path: pathlib.Path) -> None:
        assert set(KIND["injectors"]) == {"env", "file"}
        for name, text in KIND["injectors"]["env"].items():
            assert not name.startswith("ANSIBLE_") and name not in RESERVED and text.isascii()
        assert all(name.startswith("template.") for name in KIND["injectors"]["file"])
        inject(KIND, dict.fromkeys(FIELDS, "EXAMPLE"), tmp_path, strict=True)

    def test_every_variable_of_the_collection_but_those_that_cannot_be_stored(self) -> None:
        # A session and a two-factor code end before the next job.
        assert set(KIND["injectors"]["env"]) == set(ENVIRONMENT.values()) - {"ZSTACK_SESSION_UUID", "ZSTACK_TWO_FACTOR_CODE"}

    def test_secrets_are_secret(self) -> None:
        secret = {name for name, field in FIELDS.items() if field.get("secret")}
        assert secret == {name for name, option in connection_spec().items() if option.get("no_log")} - {"session_uuid", "two_factor_code"}

    def test_password(self, tmp_path: pathlib.Path) -> None:
        connection = connection_of(inject(KIND, PASSWORD, tmp_path).environment)
        assert (connection.base_url, connection.account_name, connection.account_password) == (
            "http://192.0.2.10:8080/zstack", "ansible", "s3cr3t-0fAccount")
        assert connection.validate_certs and connection.ca_path is None

    def test_access_key_and_certificate(self, tmp_path: pathlib.Path) -> None:
        given = {
            "host": "mn.example.com", "port": "8443", "protocol": "https", "context_path": "/api", "access_key_id": "AK1",
            "access_key_secret": "s3cr3t-0fKey", "server_timezone": "+08:00", "ca_certificate": "-----BEGIN CERTIFICATE-----\n",
            "skip_certificate_check": False}
        injected = inject(KIND, given, tmp_path)
        connection = connection_of(injected.environment)
        assert (connection.base_url, connection.access_key_id, connection.access_key_secret, connection.server_timezone) == (
            "https://mn.example.com:8443/api", "AK1", "s3cr3t-0fKey", "+08:00")
        assert connection.validate_certs and connection.ca_path == str(injected.files["ca_certificate"])
        assert injected.files["ca_certificate"].read_text(encoding="utf-8").startswith("-----BEGIN CERTIFICATE-----")

    def test_the_check_of_certificates_can_be_left_out(self, tmp_path: pathlib.Path) -> None:
        injected = inject(KIND, {**PASSWORD, "protocol": "https", "skip_certificate_check": True}, tmp_path)
        assert connection_of(injected.environment).validate_certs is False

    def test_the_inventory_can_give_the_address(self, tmp_path: pathlib.Path) -> None:
        environment = inject(KIND, {**PASSWORD, "host": ""}, tmp_path).environment
        assert connection_of(environment, host="192.0.2.11").host == "192.0.2.11"


class TestPlaybook:
    @pytest.mark.parametrize("task", TASKS)
    def test_the_options_are_those_of_the_module(self, task: str) -> None:
        name, options = TASKS[task]
        assert not option_problems(FACTS[name.rpartition(".")[2]], options, name)

    def test_a_wrong_option_would_be_noticed(self) -> None:
        wrong = {"name": "x", "kind": "clowd", "inputs": [], "injector": {}}
        assert option_problems(FACTS["credential_type"], wrong, "type") == [
            "type.kind is none of ['ssh', 'vault', 'net', 'scm', 'cloud', 'insights']", "type.inputs is no dict", "type.injector is no option"]
        nodes = {"name": "x", "workflow_nodes": [{"related": {"success_nodes": [{"id": "plan"}]}}]}
        assert option_problems(FACTS["workflow_job_template"], nodes, "flow") == [
            "flow.workflow_nodes[0] lacks identifier", "flow.workflow_nodes[0].related[0].success_nodes[0].id is no option"]

    def test_the_modules_are_known_to_ansible_lint(self) -> None:
        settings = ROOT / ".ansible-lint"
        if not settings.exists():
            pytest.skip("not in this tree")
        mocked = yaml.safe_load(settings.read_text(encoding="utf-8"))["mock_modules"]
        assert sorted(mocked) == sorted({name for name, options in TASKS.values()}) == sorted("awx.awx." + name for name in FACTS)

    def test_plan_approval_apply(self) -> None:
        nodes = {node["identifier"]: node for node in options_of("workflow_job_template")["workflow_nodes"]}
        path, node = [], nodes["commit"]
        while node:
            path.append((node["identifier"], node["unified_job_template"]["type"]))
            following = node.get("related", {}).get("success_nodes", [])
            assert not set(node.get("related", {})) - {"success_nodes"} and len(following) <= 1
            node = nodes[following[0]["identifier"]] if following else None
        assert path == [
            ("commit", "project"), ("inventory", "inventory_source"), ("plan", "job_template"), ("approval", "workflow_approval"),
            ("apply", "job_template")]

    def test_running_it_again_denies_no_waiting_plan(self) -> None:
        options = options_of("workflow_job_template")
        assert options["destroy_current_nodes"] is False and "state" not in options
        assert not any("state" in node for node in options["workflow_nodes"])

    def test_plan_and_apply_see_the_same_commit(self) -> None:
        assert options_of("project")["scm_update_on_launch"] is False and options_of("inventory_source")["update_on_launch"] is False

    def test_only_apply_writes(self) -> None:
        assert {job["name"]: job["job_type"] for job in PLAY["vars"]["__jobs"]} == {"plan": "check", "apply": "run", "drift": "check"}

    def test_the_playbooks_are_in_the_sample_repository(self) -> None:
        repository = ROOT / "examples" / "gitops" / "repository"
        for job in PLAY["vars"]["__jobs"]:
            assert (repository / (job["name"] + ".yml")).is_file()
        assert (repository / options_of("inventory_source")["source_path"]).is_file()

    def test_an_update_of_the_project_needs_no_galaxy(self) -> None:
        repository = ROOT / "examples" / "gitops" / "repository"
        for name in ("collections/requirements", "roles/requirements", "requirements"):
            assert not any((repository / (name + ending)).exists() for ending in (".yml", ".yaml"))

    def test_drift_is_looked_for_once_a_day(self) -> None:
        schedule = options_of("schedule")
        assert schedule["unified_job_template"].endswith(": drift") and "FREQ=DAILY;INTERVAL=1" in PLAY["vars"]["awx_drift_rrule"]

    def test_secrets_are_not_shown(self) -> None:
        task = next(task for task in PLAY["tasks"] if "awx.awx.credential" in task)
        assert task["no_log"] is True


def test_slices_are_dealt_out_by_name() -> None:
    hosts = dict.fromkeys(("d", "a", "c", "b", "e"))
    assert [list(sliced(hosts, number, 2)) for number in (1, 2)] == [["a", "c", "e"], ["b", "d"]]


def test_the_execution_environment_has_the_collection() -> None:
    definition = load("execution-environment.yml")
    collections = load(definition["dependencies"]["galaxy"])["collections"]
    assert definition["version"] == 3 and [collection["name"] for collection in collections] == ["zstack.aios"]
