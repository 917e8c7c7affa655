# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a task runs, what it takes with it, and what it leaves on the server: nothing."""

from __future__ import annotations

import getpass
import os
import sys
import venv

import pytest

from .test_cases import MODEL, NEW_MODEL, PATTERN, SERVICE

pytestmark = pytest.mark.core

UPDATE = {"name": "Update", "zstack.aios.zstack_ai_model": {"uuid": MODEL, "vendor": "Alibaba"}}
SESSION_DEFAULTS = {"account_name": None, "account_password": None, "session_uuid": "{{ zstack.session_uuid | default(omit) }}"}
SIGN_IN = {"name": "Sign in", "zstack.aios.zstack_session": {"account_name": "admin", "account_password": "password"}, "register": "zstack"}
SIGN_OUT = {"name": "Sign out", "zstack.aios.zstack_session": {"state": "absent"}}


def ran_as_module(done):
    """Return whether the task said that it hands over, and why."""
    return "running as a module" in done.stdout


# -- where it runs


def test_a_local_task_runs_in_the_worker(collection):
    done = collection.playbook(UPDATE, arguments=["-vvv"])
    assert done.returncode == 0 and not ran_as_module(done)


@pytest.mark.parametrize("change,reason", [
    ({"vars": {"zstack_aios_execution": "module"}}, "zstack_aios_execution requires it"),
    ({"async": 30, "poll": 1}, "it is asynchronous"),
    ({"vars": {"ansible_connection": "ansible.legacy.local", "ansible_python_interpreter": "{{ other_python }}"}}, "ansible_python_interpreter is"),
])
def test_it_hands_over(collection, simulator, change, reason, tmp_path):
    other = tmp_path / "python"
    other.symlink_to(sys.executable)
    done = collection.playbook({**UPDATE, **change}, arguments=["-vvv"], vars={"other_python": str(other), **change.get("vars", {})},
                               environment={"PYTHONPATH": os.pathsep.join([*sys.path, os.environ.get("PYTHONPATH", "")])})
    assert "running as a module: %s" % reason in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout
    assert [entry["call"] for entry in simulator.writes()] == ["UpdateModel"]
    assert simulator.stats()["sessions"] == 0


def test_it_hands_over_to_another_user_and_not_to_itself(collection):
    # A become method that is there on every machine, changes nothing and needs no rights.
    become = {"become": True, "become_user": "someone-else", "become_method": "ansible.builtin.sudo", "become_exe": "/bin/false"}
    assert "it becomes another user" in collection.playbook({**UPDATE, **become}, arguments=["-vvv"]).stdout
    done = collection.playbook({**UPDATE, "become": True, "become_user": getpass.getuser(), "become_exe": "/bin/false"}, arguments=["-vvv"])
    assert done.returncode == 0 and not ran_as_module(done), done.stdout


def test_it_hands_over_to_a_remote_host(collection, tmp_path):
    inventory = tmp_path / "hosts"
    inventory.write_text("far ansible_host=127.0.0.1 ansible_port=1 ansible_ssh_common_args='-o ConnectTimeout=1'\n", encoding="utf-8")
    done = collection.playbook(UPDATE, arguments=["-vvv", "-i", str(inventory)], hosts="far", connection_type=None)
    assert "its connection is ssh" in done.stdout, done.stdout
    done = collection.playbook({**UPDATE, "delegate_to": "localhost"}, arguments=["-vvv", "-i", str(inventory)], hosts="far", connection_type=None)
    assert done.returncode == 0 and not ran_as_module(done), done.stdout


def test_an_impossible_execution_is_an_error(collection, simulator):
    done = collection.playbook({**UPDATE, "async": 5, "poll": 1, "vars": {"zstack_aios_execution": "worker"}})
    assert done.returncode != 0 and "cannot run in the worker: it is asynchronous" in done.stdout.replace("\n", " ")
    done = collection.playbook({**UPDATE, "vars": {"zstack_aios_execution": "fast"}})
    assert done.returncode != 0 and "is not one of auto, worker, module" in done.stdout.replace("\n", " ")
    assert not simulator.writes()


# -- the four traps


@pytest.mark.parametrize("execution", ["worker", "module"])
def test_secrets_are_masked_in_the_result(collection, execution):
    task = {"name": "Leak", "zstack.aios.zstack_ai_model": {**NEW_MODEL, "token": "zebra-crossing", "description": "the zebra-crossing token"}}
    result = collection.play(task, vars={"zstack_aios_execution": execution})[0]
    assert result["changed"] and "zebra-crossing" not in str(result)
    assert result["model"]["description"] == "the ******** token"


def test_the_invocation_is_there_and_masked(collection):
    task = {"name": "x", "zstack.aios.zstack_ai_model": {"uuid": MODEL, "vendor": "x"}}
    result = collection.worker_and_module(task, environment={"ANSIBLE_INJECT_INVOCATION": "1"})[0]
    arguments = result["invocation"]["module_args"]
    assert arguments["vendor"] == "x" and arguments["account_password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_the_environment_of_the_task_counts(collection, simulator):
    variables = {"ZSTACK_HOST": simulator.host, "ZSTACK_PORT": str(simulator.port), "ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "password"}
    nothing = dict.fromkeys(("host", "port", "account_name", "account_password"))
    results = collection.worker_and_module({**UPDATE, "environment": variables}, connection=nothing)
    assert results[0]["changed"] is True
    variables["ZSTACK_ACCOUNT_PASSWORD"] = "wrong"
    wrong = collection.worker_and_module({**UPDATE, "environment": variables, "ignore_errors": True}, connection=nothing)
    assert wrong[0]["failed"] and "ID.1000" in wrong[0]["msg"]
    # Not only our own variables: a proxy that does not exist breaks the connection.
    proxied = collection.worker_and_module(
        {**UPDATE, "environment": {"http_proxy": "http://127.0.0.1:1", "no_proxy": "", "NO_PROXY": ""}, "ignore_errors": True}, connection={"retries": 0})
    assert proxied[0]["failed"] and "proxy" in proxied[0]["msg"].lower()


def test_requests_is_imported_in_the_parent(collection, tmp_path):
    """The workers find it loaded; importing it in each would cost more than the request."""
    plugins = tmp_path / "callbacks"
    plugins.mkdir()
    (plugins / "loaded.py").write_text("""
import os, sys
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME, CALLBACK_NEEDS_ENABLED = 2.0, "notification", "loaded", True
    def v2_runner_on_start(self, host, task):
        with open(os.environ["LOADED_FILE"], "a", encoding="utf-8") as file:
            file.write("%d %s\\n" % (os.getpid(), "requests" in sys.modules))
""", encoding="utf-8")
    record = tmp_path / "loaded"
    environment = {"ANSIBLE_CALLBACK_PLUGINS": str(plugins), "ANSIBLE_CALLBACKS_ENABLED": "loaded", "LOADED_FILE": str(record)}
    done = collection.playbook(UPDATE, UPDATE, environment=environment)
    assert done.returncode == 0
    lines = [line.split() for line in record.read_text(encoding="utf-8").splitlines()]
    assert len({pid for pid, _unused in lines}) == 1 and lines[-1][1] == "True"


# -- sessions and connections


def test_the_items_of_a_loop_share_one_sign_in_and_one_connection(collection, simulator):
    loop = {"name": "Loop", "zstack.aios.zstack_ai_model": {"uuid": MODEL, "vendor": "{{ item }}"}, "loop": ["a", "b", "b", "c"]}
    results = collection.play(loop)
    assert [result["changed"] for result in results[:4]] == [True, True, False, True]
    stats = simulator.stats()
    assert (stats["sign_ins"], stats["sessions"]) == (1, 0)
    # A worker that is stopped while it signs out leaves that to the parent, which has a connection of its own.
    assert len({entry["connection"] for entry in simulator.log() if entry["call"] != "LogOut"}) == 1


def test_a_wrong_password_in_a_loop_is_tried_once(collection, simulator):
    loop = {"name": "Loop", "zstack.aios.zstack_ai_model": {"uuid": MODEL, "vendor": "x", "account_password": "wrong"}, "loop": [1, 2, 3]}
    assert all(result["failed"] for result in collection.play(loop)[:3])
    assert [entry["call"] for entry in simulator.log()] == ["LogInByAccount"]


def test_one_sign_in_for_a_whole_play(collection, simulator):
    block = {"name": "Work", "block": [SIGN_IN, UPDATE, {**UPDATE, "loop": [1, 2]}], "always": [SIGN_OUT]}
    done = collection.playbook(block, arguments=["-vvvvv"], connection=SESSION_DEFAULTS)
    assert done.returncode == 0, done.stdout
    assert simulator.stats()["sign_ins"] == 1 and simulator.stats()["sessions"] == 0
    session = next(entry["path"].rsplit("/", 1)[1] for entry in simulator.log() if entry["call"] == "LogOut")
    assert session not in done.stdout + done.stderr


@pytest.mark.parametrize("tasks", [
    [SIGN_IN, UPDATE],
    [SIGN_IN, {"name": "Fail", "ansible.builtin.fail": {}}],
    [SIGN_IN, {"name": "Bad", "zstack.aios.zstack_ai_model": {"uuid": "0" * 32}}],
], ids=["forgotten", "failed", "bad"])
def test_a_session_that_the_play_leaves_is_closed(collection, simulator, tasks):
    collection.playbook(*tasks, connection=SESSION_DEFAULTS)
    assert simulator.stats()["sign_ins"] == 1 and simulator.stats()["sessions"] == 0


# -- no request that is not needed; the table is in docs/performance.md


BY_NAME = {"name": "qwen3-32b", "model_center_uuid": "ebf96ce1de2c46fa8af9d503c29bb93d"}
CLONE_OPTIONS = {"source_service_uuid": SERVICE, "name": "my-vllm"}
REQUESTS = {
    "model by uuid, unchanged": ("zstack_ai_model", {"uuid": MODEL, "vendor": "Qwen"}, ["QueryModel"]),
    "model by name, unchanged": ("zstack_ai_model", {**BY_NAME, "vendor": "Alibaba"}, ["QueryModel"]),
    "model by name in a center by name": (
        "zstack_ai_model", {"name": "qwen3-32b", "model_center": "center-1", "vendor": "Alibaba"}, ["QueryModelCenter", "QueryModel"]),
    "model with user tags": ("zstack_ai_model", {"uuid": MODEL, "user_tags": []}, ["QueryModel", "QueryUserTag"]),
    "model with system tags": ("zstack_ai_model", {"uuid": MODEL, "system_tags": []}, ["QueryModel", "QuerySystemTag"]),
    "model with both and a pattern": (
        "zstack_ai_model", {"uuid": MODEL, "user_tags": [], "system_tags": [], "tag_uuids": []}, ["QueryModel", "QueryUserTag", "QuerySystemTag"]),
    "model, one field differs": ("zstack_ai_model", {"uuid": MODEL, "description": "x"}, ["QueryModel", "UpdateModel", "PollJob"]),
    "model, a newer field differs": ("zstack_ai_model", {"uuid": MODEL, "vendor": "x"}, ["QueryModel", "GetVersion", "UpdateModel", "PollJob"]),
    "model, a tag is missing": (
        "zstack_ai_model", {"uuid": MODEL, "user_tags": ["x"]}, ["QueryModel", "QueryUserTag", "UpdateModel", "PollJob", "QueryUserTag"]),
    "model, absent and not there": ("zstack_ai_model", {"name": "nothing", "state": "absent"}, ["QueryModel"]),
    "model, absent and there": ("zstack_ai_model", {"uuid": MODEL, "state": "absent", "delete_mode": "Enforcing"}, ["QueryModel", "DeleteModel", "PollJob"]),
    "clone, unchanged": ("zstack_ai_model_service_clone", {"name": "vllm-base", "source_service_uuid": "1" * 32}, ["QueryModelService"]),
    "clone, created": (
        "zstack_ai_model_service_clone", CLONE_OPTIONS, ["QueryModelService", "QueryModelService", "GetVersion", "CloneModelService", "PollJob"]),
    "clone, created from a name": (
        "zstack_ai_model_service_clone", {"source_service": "vllm-base", "name": "my-vllm"},
        ["QueryModelService", "QueryModelService", "QueryModelService", "GetVersion", "CloneModelService", "PollJob"]),
    "clone, created with a pattern": (
        "zstack_ai_model_service_clone", {**CLONE_OPTIONS, "tag_uuids": [PATTERN]},
        ["QueryModelService", "QueryModelService", "GetVersion", "CloneModelService", "PollJob", "AttachTagToResources", "PollJob", "QueryUserTag"]),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_requests(collection, simulator, case):
    module, options, expected = REQUESTS[case]
    if "qwen3-32b" in options.values():
        collection.task("zstack_ai_model", **NEW_MODEL)
    if "in use" not in case and options.get("state") == "absent":
        simulator.seed({"models": [{"uuid": MODEL, "name": "unbound", "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d"}]})
    simulator.clear_log()
    client = collection.client()
    try:
        collection.task(module, client=client, **options)
    finally:
        client.close()
    calls = [entry["call"] for entry in simulator.log()]
    assert calls[0] == "LogInByAccount" and calls[-1] == "LogOut"
    # A job may need a second look; the benchmark counts those.
    looks = [call for number, call in enumerate(calls[1:-1]) if call != "PollJob" or calls[number] != "PollJob"]
    assert looks == expected


def test_a_python_without_requests_says_so(collection, tmp_path):
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False)
    done = collection.playbook(UPDATE, vars={"ansible_python_interpreter": str(bare / "bin" / "python")}, environment={"PYTHONPATH": ""})
    assert done.returncode != 0
    assert "requests" in done.stdout and "required Python library" in done.stdout.replace("\n", " ")
