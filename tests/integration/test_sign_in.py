# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way to sign in against the simulator, with its refusals; two-factor codes over the tasks of a play."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ServerError, SpentCodeError

CENTERS = "/v1/ai/model-centers"
METHODS = {
    "account": {"account_name": "guest", "account_password": "guest-password"},
    "user": {"login_type": "user", "account_name": "guest", "user_name": "operator", "account_password": "operator-password"},
    "ldap": {"login_type": "ldap", "account_name": "jdoe", "account_password": "ldap-password"},
    "iam2": {"login_type": "iam2", "account_name": "engineer", "account_password": "engineer-password"},
    "iam2 project": {"login_type": "iam2", "account_name": "engineer", "account_password": "engineer-password", "project_name": "vision"},
    "iam2_ldap": {"login_type": "iam2_ldap", "account_name": "vdoe", "account_password": "ldap-password", "project_name": "vision"},
}
CODE = "123456"
GUEST = {"login_type": "ldap", "account_name": "jdoe", "account_password": "ldap-password"}
QUERY = {"name": "Query", "zstack.aios.zstack_ai_call": {"call": "QueryModelCenter"}, "ignore_errors": True}
SIGN_IN = {"name": "Sign in", "zstack.aios.zstack_session": {**GUEST, "two_factor_code": CODE}, "register": "zstack"}
SHARED = {"account_name": None, "account_password": None, "session_uuid": "{{ zstack.session_uuid | default(omit) }}"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("code", [None, CODE])
def test_signs_in_and_leaves_no_session(collection, simulator, method, code):
    simulator.configure(two_factor_token=code)
    client = collection.client(**METHODS[method], two_factor_code=code)
    assert isinstance(client.query(CENTERS), list)
    assert simulator.stats()["sessions"] == 1 + ("project_name" in METHODS[method])
    client.close()
    assert simulator.stats()["sessions"] == 0


@pytest.mark.parametrize("method", METHODS)
def test_refusals(collection, simulator, method):
    simulator.configure(max_login_attempts=4)
    for changes, expected in (({"account_password": "wrong"}, "ID.1000"), ({"account_name": "nobody"}, "ID.1000")):
        client = collection.client(**{**METHODS[method], **changes})
        for _unused in range(5):
            with pytest.raises(ServerError) as caught:
                client.query(CENTERS)
            assert caught.value.server_code == expected
        client.close()
    simulator.configure(two_factor_token=CODE)
    for code, expected, words in ((None, "ID.2001", "Give two_factor_code"), ("000000", "ID.2002", "Give a new two_factor_code")):
        client = collection.client(**METHODS[method], two_factor_code=code)
        for _unused in range(5):
            with pytest.raises(ServerError) as caught:
                client.query(CENTERS)
            assert caught.value.server_code == expected and words in caught.value.message
        client.close()
    simulator.configure(captcha="x7k2")
    with pytest.raises(ServerError, match="No program can answer a captcha"):
        collection.client(**METHODS[method]).query(CENTERS)
    assert simulator.stats()["sessions"] == 0


@pytest.mark.parametrize("changes, code", [
    ({"project_name": "nothing"}, "SYS.1003"), ({"project_name": "speech"}, "ID.1002"), ({"project_name": "closed"}, "SYS.1006"),
    ({"account_name": "retired", "account_password": "retired-password"}, "ID.1007"),
])
def test_refused_projects_and_virtual_ids(collection, simulator, changes, code):
    client = collection.client(**{**METHODS["iam2 project"], **changes})
    simulator.clear_log()
    for _unused in range(3):
        with pytest.raises(ServerError) as caught:
            client.query(CENTERS)
        assert caught.value.server_code == code
    client.close()
    assert simulator.stats()["sessions"] == 0
    assert [entry["call"] for entry in simulator.log()].count("LoginIAM2VirtualID") == 1


@pytest.mark.parametrize("method", METHODS)
def test_an_expired_session_is_renewed_unless_a_code_has_opened_it(collection, simulator, method):
    simulator.fault("expire_session", {"call": "QueryModelCenter"})
    client = collection.client(**METHODS[method])
    assert isinstance(client.query(CENTERS), list)
    client.close()
    simulator.configure(two_factor_token=CODE)
    simulator.fault("expire_session", {"call": "QueryModelCenter"})
    client = collection.client(**METHODS[method], two_factor_code=CODE)
    simulator.clear_log()
    for _unused in range(3):
        with pytest.raises(SpentCodeError, match="two_factor_code: the session has expired"):
            client.query(CENTERS)
    client.close()
    assert sum(entry["call"].startswith("Log") and "Out" not in entry["call"] for entry in simulator.log()) == 1 + ("project_name" in METHODS[method])
    assert simulator.stats()["sessions"] == 0


def test_a_code_is_sent_once_in_a_whole_play(collection, simulator):
    """A second task would send it again: refused here, before the server counts a failed sign-in."""
    def prepare():
        simulator.configure(two_factor_token=CODE)

    loop = {**QUERY, "loop": [1, 2]}
    results = collection.worker_and_module(QUERY, QUERY, prepare=prepare, connection={**GUEST, "two_factor_code": CODE})
    assert [result["failed"] for result in results[:2]] == [False, True]
    assert results[1]["error"]["code"] == "client.two_factor_code" and "zstack_session" in results[1]["msg"]
    assert len([entry for entry in simulator.log() if entry["call"] == "LogInByLdap"]) == 1
    assert CODE not in str(results)
    # The session of a whole play takes one code, in the worker and as a module.
    results = collection.worker_and_module(SIGN_IN, QUERY, loop, prepare=prepare, connection=SHARED)
    assert not any(result["failed"] for result in results)
    assert len([entry for entry in simulator.log() if entry["call"] == "LogInByLdap"]) == 1


def test_a_lookup_does_not_send_the_code_of_another_task_again(collection, simulator):
    simulator.configure(two_factor_token=CODE)
    options = {**collection.connection(**GUEST, two_factor_code=CODE), "kind": "model_center", "errors": "warn"}
    term = "lookup('zstack.aios.zstack_ai', 'nothing', %s)" % ", ".join("%s=%r" % pair for pair in options.items())
    debug = {"name": "Look up", "ansible.builtin.debug": {"msg": "{{ %s }}" % term}, "ignore_errors": True}
    collection.playbook(debug, debug, {**QUERY, "zstack.aios.zstack_ai_call": {"call": "QueryModelCenter", **GUEST, "two_factor_code": CODE}})
    assert [entry["call"] for entry in simulator.log()].count("LogInByLdap") == 1
    assert simulator.stats()["sessions"] == 0


def test_a_session_of_a_project_lasts_for_a_whole_play(collection, simulator):
    sign_in = {**SIGN_IN, "zstack.aios.zstack_session": METHODS["iam2 project"]}
    results = collection.worker_and_module(sign_in, QUERY, QUERY, connection=SHARED)
    assert not any(result["failed"] for result in results)
    calls = [entry["call"] for entry in simulator.log()]
    assert calls.count("LoginIAM2VirtualID") == calls.count("LoginIAM2Project") == 1 and calls.count("LogOut") == 2


def test_the_environment_and_the_defaults_of_a_play(collection, simulator):
    environment = {"ZSTACK_LOGIN_TYPE": "iam2", "ZSTACK_PROJECT_NAME": "vision", "ZSTACK_ACCOUNT_NAME": "engineer",
                   "ZSTACK_ACCOUNT_PASSWORD": "engineer-password"}
    results = collection.worker_and_module({**QUERY, "environment": environment}, connection={"account_name": None, "account_password": None})
    assert not results[0]["failed"]
    assert [entry["call"] for entry in simulator.log()][:2] == ["LoginIAM2VirtualID", "LoginIAM2Project"]
