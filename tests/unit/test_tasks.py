# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugins make of a task: where it runs, what it takes with it, and what its result contains."""

from __future__ import annotations

import datetime
import getpass
import os
import types

import pytest

pytest.importorskip("aiohttp", reason="the simulator needs it")

from ansible.errors import AnsibleError
from ansible_collections.zstack.aios.plugins.action import zstack_ai_catalog
from ansible_collections.zstack.aios.plugins.plugin_utils import _action, _progress
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import REGISTER
from ansible_collections.zstack.aios.tests.unit.support.actions import Tasks
from faults.kinds import A, ABSENT, B, KINDS, SEED
from faults.network import FIRST_PORT, HOST, Network, Strike

DATASET, MODEL = KINDS["dataset"], "059d19eb310f36d4a7f43f51eaab87b8"
AS_MODULE = {"zstack_aios_execution": "module"}
PLAIN_HTTP = "account_password: its hash, which is enough to sign in, is sent to mn.example over plain http."
ADMIN = {"ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "password"}


@pytest.fixture(name="tasks")
def tasks_fixture(tmp_path):
    network = Network()
    with network.serving(SEED), Tasks(network, tmp_path).working() as found:
        yield found


def become(user):
    return types.SimpleNamespace(get_option=lambda option, playcontext: {"become_user": user}[option])


# -- the same result in the worker and as a module


# The options of a task, what is checked only, whether it has changed something, and the message of a failure. One after the other.
SEQUENCE = [
    ({**DATASET.task(A)}, True, True, ""),
    ({**DATASET.task(A)}, False, True, ""),
    ({**DATASET.task(A)}, False, False, ""),
    ({**DATASET.task(B)}, True, True, ""),
    ({**DATASET.task(B), "description": 7}, False, True, ""),
    ({**DATASET.task(B), "descripton": "x"}, False, False, "Did you mean description instead of descripton?"),
    ({**DATASET.task(B), "retries": "many"}, False, False, "argument 'retries' is of type "),
    ({**DATASET.task(B), "account_password": "wrong-password"}, False, False, "ID.1000"),
    ({**DATASET.task(B), "data_type": ["Image"]}, False, False, "value of data_type must be one of"),
    ({**DATASET.task(A)}, False, False, "SYS.1006"),
    ({**DATASET.task(ABSENT)}, True, True, ""),
    ({**DATASET.task(ABSENT)}, False, True, ""),
    ({**DATASET.task(ABSENT)}, False, False, ""),
]


def test_worker_and_module_give_the_same_result(tmp_path):
    results = {}
    for execution in ("worker", "module"):
        network = Network()
        with network.serving(SEED), Tasks(network, tmp_path).working() as tasks:
            results[execution] = []
            for number, (options, check, changed, message) in enumerate(SEQUENCE, 1):
                if "SYS.1006" in message:
                    network.strikes[number] = [Strike(request, "error", {"code": "SYS.1006"}) for request in range(2, 9)]
                ran = tasks.run(
                    DATASET.module, number, task={"check_mode": check}, variables={"zstack_aios_execution": execution}, **options)
                found = ran.result.get("changed", False), message in ran.result.get("msg", ""), ran.failed, ran.reason is None
                assert found == (changed, True, bool(message), execution == "worker"), ran
                results[execution].append(ran.result)
    for options, mine, theirs in zip(SEQUENCE, results["worker"], results["module"]):
        assert mine == theirs, options
        assert mine["invocation"]["module_args"]["account_password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


# -- where a task runs


@pytest.mark.parametrize("keywords, variables, reason", [
    ({}, {}, None),
    ({}, {"zstack_aios_execution": "worker"}, None),
    ({}, AS_MODULE, "zstack_aios_execution requires it"),
    ({"async_val": 30}, {}, "it is asynchronous"),
    ({"transport": "ssh"}, {}, "its connection is ssh"),
    ({"become": become("someone-else")}, {}, "it becomes another user"),
    ({"become": become(getpass.getuser())}, {}, None),
    ({}, {"ansible_python_interpreter": "/opt/python", "ansible_playbook_python": "/usr/bin/python"}, "ansible_python_interpreter is /opt/python"),
    ({}, {"ansible_python_interpreter": "/usr/bin/python", "ansible_playbook_python": "/usr/bin/python"}, None),
    ({}, {"ansible_python_interpreter": "auto_silent", "ansible_playbook_python": "/usr/bin/python"}, None),
])
def test_where_a_task_runs(tasks, keywords, variables, reason):
    ran = tasks.run("zstack_ai_model_info", uuid=MODEL, task=keywords, variables=variables)
    assert ran.reason == reason and ran.result["total"] == 1, ran
    assert ran.lines == (["zstack.aios: running as a module: %s" % reason] if reason else [])


@pytest.mark.parametrize("keywords, variables, message", [
    ({"async_val": 5}, {"zstack_aios_execution": "worker"}, "zstack_aios_execution is worker, and the task cannot run in the worker: it is asynchronous."),
    ({}, {"zstack_aios_execution": "fast"}, "zstack_aios_execution: 'fast' is not one of auto, worker, module."),
])
def test_an_execution_that_is_not_possible(tasks, keywords, variables, message):
    with pytest.raises(AnsibleError, match=message):
        tasks.run("zstack_ai_model_info", uuid=MODEL, task=keywords, variables=variables)


def test_without_requests_only_tasks_that_send_nothing_run_in_the_worker(tasks, monkeypatch):
    monkeypatch.setattr(_action, "REQUESTS_TRACEBACK", "ImportError: no requests")
    assert tasks.run("zstack_ai_model_info").reason == "the Python of Ansible has no requests"
    ran = tasks.action("zstack_ai_catalog_validate", {"models": [{"name": "a"}]}, {}, {})
    assert ran.reason is None and not ran.failed, ran


def test_a_module_without_requests_names_the_library(tasks, monkeypatch):
    monkeypatch.setattr("ansible_collections.zstack.aios.plugins.module_utils._pipeline.module.REQUESTS_TRACEBACK", "ImportError: no requests")
    ran = tasks.run("zstack_ai_model_info", variables=AS_MODULE)
    assert ran.failed and ran.message.startswith("Failed to import the required Python library (requests >= 2.25 with urllib3 >= 1.26)"), ran


# -- what a task takes with it


@pytest.mark.parametrize("variables", [{}, AS_MODULE])
def test_the_environment_of_the_task_counts(tasks, variables, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    environment = {"ZSTACK_HOST": HOST, "ZSTACK_PORT": FIRST_PORT + 1, "LANGUAGE": "C", **ADMIN}
    before = dict(os.environ)
    ran = tasks.action("zstack_ai_model_info", {"uuid": MODEL}, {"environment": [{"LANGUAGE": "xx"}, environment]}, variables)
    assert ran.result["total"] == 1 and dict(os.environ) == before, ran
    if variables:
        # What may be a secret is neither on the command line nor in what Ansible prints of the arguments.
        assert ran.variables == {"LANGUAGE": "C"}
        assert ran.passed["_zstack_aios_private"] == {
            "environment": {"ZSTACK_HOST": HOST, "ZSTACK_PORT": str(FIRST_PORT + 1), **ADMIN}, "key": ""}
        assert repr(ran.passed) == "arguments _zstack_aios_private, uuid"
    wrong = tasks.action("zstack_ai_model_info", {"uuid": MODEL}, {"environment": [{**environment, "ZSTACK_PORT": "none"}]}, variables)
    assert wrong.failed and wrong.message.startswith("ZSTACK_PORT: 'none' is not an integer"), wrong


def test_the_items_of_a_loop_share_a_sign_in(tasks):
    ran = [tasks.run("zstack_ai_dataset_info", name=name) for name in ("questions", "nothing", "questions")]
    assert [item.calls for item in ran] == [["LogInByAccount", "QueryDataset"], ["QueryDataset"], ["QueryDataset"]]
    assert [item.result["total"] for item in ran] == [1, 0, 1]
    # Another environment may lead elsewhere, so it has a connection of its own.
    other = tasks.run("zstack_ai_dataset_info", name="questions", task={"environment": [{"no_proxy": "*"}]})
    assert other.calls == ["LogInByAccount", "QueryDataset"]


def test_a_long_wait_shows_its_progress(tasks):
    tasks.network.world.config.merge({"deploy_ms": 40000.0})
    ran = tasks.run(KINDS["group"].module, **KINDS["group"].task(A))
    assert ran.result["changed"] and ran.lines == ["zstack.aios: model service group chat: Deploying, 31 s so far"]


# -- what a result contains


def test_a_result_has_an_invocation_unless_ansible_leaves_it_out(tasks, monkeypatch):
    assert tasks.run("zstack_ai_model_info").result["invocation"]["module_args"]["uuid"] is None

    def get_config_value(name, **unused):
        raise AnsibleError("Requested entry (INJECT_INVOCATION) was not defined in configuration.")

    monkeypatch.setattr(_action.C.config, "get_config_value", get_config_value)
    assert "invocation" in tasks.run("zstack_ai_model_info").result
    monkeypatch.setattr(_action.C.config, "get_config_value", lambda name, **unused: False)
    assert "invocation" not in tasks.run("zstack_ai_model_info").result


@pytest.mark.parametrize("variables", [{}, AS_MODULE])
def test_a_date_with_a_time_warns_where_it_becomes_text(tasks, variables):
    moment = datetime.datetime(2026, 3, 1, 12, 30)
    options = {"uuid": MODEL, "user_tags": ["a", moment], "description": datetime.date(2026, 3, 1)}
    ran = tasks.run("zstack_ai_model", task={"check_mode": True}, variables=variables, **options)
    assert [text for text in ran.result["warnings"] if "date" in text] == [
        'user_tags[1]: the option takes text and received the date and time 2026-03-01T12:30:00. It becomes the text "2026-03-01T12:30:00". '
        "Write the value in quotes to keep its spelling."], ran.result["warnings"]


def test_a_review_shows_the_warnings_instead_of_ansible(tasks):
    assert tasks.run("zstack_ai_model_info").result["warnings"][0].startswith(PLAIN_HTTP)
    result = tasks.run("zstack_ai_model_info", variables={"__zstack_aios_review_warnings": True}).result
    assert "warnings" not in result and result["reviewed_warnings"][0].startswith(PLAIN_HTTP)


def test_the_messages_of_a_role_name_its_variables(tasks):
    ran = tasks.run("zstack_ai_model_info", retries=-1, variables={"__zstack_aios_variables": {"retries": "zstack_retries"}})
    assert ran.failed and ran.message.startswith("zstack_retries: -1 is too small."), ran


# -- sessions and codes


@pytest.mark.parametrize("variables", [{}, AS_MODULE])
def test_a_session_of_a_play_is_known_until_it_is_closed(tasks, variables):
    def left():
        return [connection.session_uuid for connection, unused_pid in REGISTER._left()]

    opened = tasks.run("zstack_session", variables=variables)
    session = opened.result["session_uuid"]
    assert opened.result["_ansible_no_log"] and left() == [session] and opened.calls == ["LogInByAccount"]
    used = tasks.run("zstack_ai_dataset_info", account_name=None, account_password=None, session_uuid=session)
    assert used.calls == ["QueryDataset"]
    closed = tasks.run("zstack_session", state="absent", session_uuid=session, variables=variables)
    assert closed.result["session_uuid"] is None and left() == [] and closed.calls == ["LogOut"]
    again = tasks.run("zstack_session", account_name=None, account_password=None, variables=variables)
    assert again.failed and again.message.startswith("No credentials given.") and "_ansible_no_log" not in again.result


def test_a_session_that_the_play_leaves_is_closed_at_the_end(tasks):
    for execution in ("worker", "module"):
        tasks.run("zstack_session", variables={"zstack_aios_execution": execution})
    assert tasks.network.world.sessions.live_count() == 2
    REGISTER.close_all()
    assert tasks.network.world.sessions.live_count() == 0


@pytest.mark.parametrize("keywords", [{"transport": "ssh"}, {"become": become("someone-else")}])
def test_a_session_of_a_host_that_is_not_reached_from_here_is_left_to_it(tasks, keywords, monkeypatch):
    """Another user has another environment, in which this variable is not set."""
    monkeypatch.setenv("ZSTACK_VALIDATE_CERTS", "maybe")
    ran = tasks.run("zstack_session", task={"environment": [{"ZSTACK_VALIDATE_CERTS": "true"}] if "transport" in keywords else [], **keywords})
    assert tasks.network.world.store.get("sessions", ran.result["session_uuid"]) and REGISTER._left() == []


CODE = "081263"


def test_a_module_sends_a_two_factor_code_once(tasks):
    tasks.network.world.config.merge({"two_factor_token": CODE})
    calls = ["LogInByAccount", "QueryDataset", "LogOut"]
    refused = tasks.run("zstack_ai_dataset_info", two_factor_code=CODE, limit=0, variables=AS_MODULE)
    assert refused.failed and refused.calls == []
    assert tasks.run("zstack_ai_dataset_info", two_factor_code=CODE, variables=AS_MODULE).calls == calls
    for how in ({"two_factor_code": CODE}, {"task": {"environment": [{"ZSTACK_TWO_FACTOR_CODE": CODE}]}}):
        again = tasks.run("zstack_ai_dataset_info", variables=AS_MODULE, **how)
        assert again.failed and again.calls == [] and again.reason is None
        assert again.message.startswith("two_factor_code: this run has signed in with the code already") and "invocation" in again.result
    # An access key requires no code, and refused options send none.
    assert tasks.run("zstack_ai_dataset_info", sign_in="access_key", variables=AS_MODULE).calls == ["QueryDataset"]
    with_variable = {"task": {"environment": [{"ZSTACK_TWO_FACTOR_CODE": CODE}]}, "variables": AS_MODULE}
    assert tasks.run("zstack_ai_dataset_info", sign_in="access_key", **with_variable).calls == ["QueryDataset"]
    assert tasks.run("zstack_ai_dataset_info", port=0, **with_variable).message.startswith("port: 0")


# -- catalogs


@pytest.mark.parametrize("host, title", [(None, "zstack.aios"), ("127.0.0.1", "zstack.aios"), ("node-1", "zstack.aios: node-1")])
def test_a_catalog_shows_its_progress(tasks, monkeypatch, host, title):
    times = iter(range(0, 10 ** 6, 2))
    monkeypatch.setattr(zstack_ai_catalog, "Progress", lambda *given: _progress.Progress(*given, clock=lambda: float(next(times))))
    items = [{"name": name, "url": "http://192.0.2.60/x", "model_center": "center-1", "usage_scenarios": ["ModelEval"], "data_type": "Text"}
             for name in ("one", "two")]
    ran = tasks.run("zstack_ai_catalog", datasets=items, concurrency=1, variables={"inventory_hostname": host} if host else {})
    assert ran.result["summary"]["create"] == 2
    assert ran.lines == ["%s: %d of 2 done" % (title, done) for done in (1, 2)], ran
