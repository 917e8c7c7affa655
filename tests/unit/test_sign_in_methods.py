# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identities that a name and a password can be of, and the second factor, against a scripted node (REST protocol page, 2.1)."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._protocol import auth as _auth
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AnswerLostError, OptionError, ServerError, SpentCodeError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.plugin_utils._codes import SpentCodes
from ansible_collections.zstack.aios.tests.unit.support.scripted import LOGIN_PATH, SESSION, accepted, error, expired, job, lost, on, talking

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
PROJECT_PATH = "/v1/iam2/projects/login"
SECOND = "8e2d" + SESSION[4:]
PASSWORD = "s3cret-Passw0rd"
HASH = _auth.hash_password(PASSWORD)
CODE = "081263"
BASE = {"host": "mn.example", "timeout": 60, "wait_timeout": 1800, "retries": 4}
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})
METHODS = {
    "account": ({}, LOGIN_PATH, {"logInByAccount": {"accountName": "jdoe", "password": HASH}}),
    "user": ({"user_name": "operator"}, "/v1/accounts/users/login", {"logInByUser": {"accountName": "jdoe", "userName": "operator", "password": HASH}}),
    "ldap": ({}, "/v1/ldap/login", {"logInByLdap": {"uid": "jdoe", "password": PASSWORD}}),
    "iam2": ({}, "/v1/iam2/virtual-ids/login", {"loginIAM2VirtualID": {"name": "jdoe", "password": HASH}}),
    "iam2_ldap": ({}, "/v1/iam2/login/virtual-ids/ldap", {"loginIAM2VirtualIDWithLdap": {"uid": "jdoe", "password": PASSWORD}}),
}


def given(kind, **more):
    """Return the options of a sign-in."""
    return {"account_name": "jdoe", "account_password": PASSWORD, "login_type": kind, **METHODS[kind][0], **more}


def session(uuid=SESSION):
    return {"inventory": {"uuid": uuid, "accountUuid": "a" * 32}}


def found(**more):
    return on("GET", MODELS + "/u1", {"inventories": [{"uuid": "u1"}], "schema": {}}, **more)


def signed_with(uuid):
    def check(request):
        assert request.headers["Authorization"] == "OAuth " + uuid
    return check


def unsigned(request):
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize("code", [None, CODE])
def test_each_kind_signs_in_with_its_own_call(kind, code):
    _unused, path, body = METHODS[kind]
    body = {**body, "systemTags": ["twofatoken::" + CODE]} if code else body
    with talking(on("PUT", path, session(), sent=body, check=unsigned), found(check=signed_with(SESSION)), found(), **given(kind, two_factor_code=code)) as (
            client, _unused):
        assert client.get(MODELS, "u1") == client.get(MODELS, "u1") == {"uuid": "u1"}
        assert {PASSWORD, SESSION} <= client.secrets and (code is None or CODE in client.secrets)


@pytest.mark.parametrize("kind", ["iam2", "iam2_ldap"])
def test_a_project_follows_the_virtual_id_and_both_sessions_are_closed(kind):
    path = METHODS[kind][1]
    with talking(
        on("PUT", path, session()), on("PUT", PROJECT_PATH, session(SECOND), sent={"loginIAM2Project": {"projectName": "vision"}}, check=signed_with(SESSION)),
        found(check=signed_with(SECOND)), on("DELETE", "/v1/accounts/sessions/" + SECOND, {}), on("DELETE", "/v1/accounts/sessions/" + SESSION, {}),
        **given(kind, project_name="vision"),
    ) as (client, _unused):
        client.get(MODELS, "u1")
        client.close()


def test_a_refused_project_closes_the_session_and_is_not_tried_again():
    with talking(
        on("PUT", METHODS["iam2"][1], session()), on("PUT", PROJECT_PATH, **error("SYS.1003", details="project[name:visoin] not found")),
        on("DELETE", "/v1/accounts/sessions/" + SESSION, {}), **given("iam2", project_name="visoin"),
    ) as (client, script):
        for _unused in range(2):
            with pytest.raises(ServerError, match=r"Signing in to the project visoin \(PUT /v1/iam2/projects/login\) was refused .*SYS\.1003.*not found"):
                client.get(MODELS, "u1")
        client.close()
    assert len(script.seen) == 3


def test_an_expired_project_session_is_renewed_by_both_calls():
    third, fourth = "3" * 32, "4" * 32
    with talking(
        on("PUT", METHODS["iam2"][1], session()), on("PUT", PROJECT_PATH, session(SECOND)), on("GET", MODELS + "/u1", **expired()),
        on("DELETE", "/v1/accounts/sessions/" + SESSION, {}), on("PUT", METHODS["iam2"][1], session(third)),
        on("PUT", PROJECT_PATH, session(fourth), check=signed_with(third)), found(check=signed_with(fourth)), **given("iam2", project_name="vision"),
    ) as (client, _unused):
        assert client.get(MODELS, "u1") == {"uuid": "u1"}


@pytest.mark.parametrize("act", [lambda client: client.get(MODELS, "u1"), lambda client: client.write(UPDATE)], ids=["read", "write"])
@pytest.mark.parametrize("in_job", [False, True])
def test_a_used_code_is_never_sent_again(act, in_job):
    refused = [accepted("PUT", UPDATE.path), job(**expired())] if in_job else [on("PUT", UPDATE.path, **expired())]
    steps = [on("GET", MODELS + "/u1", **expired())] if "get" in act.__code__.co_names else refused
    with talking(on("PUT", LOGIN_PATH, session()), *steps, **given("account", two_factor_code=CODE)) as (client, script):
        for _unused in range(3):
            with pytest.raises(SpentCodeError) as caught:
                act(client)
            message = caught.value.message
            assert message.startswith("two_factor_code: the session has expired") and "zstack_session" in message and CODE not in message
    assert len([request for request in script.seen if request.url.endswith(LOGIN_PATH)]) == 1


@pytest.mark.parametrize("code", ["ID.2000", "ID.2001", "ID.2002", "ID.2003", "ID.1000", "LOGIN_CONTROL.1005", "LOGIN_CONTROL.1003", "LOGIN_CONTROL.1000"])
@pytest.mark.parametrize("kind", METHODS)
def test_a_refused_sign_in_is_tried_once_and_says_what_to_do(kind, code):
    with talking(on("PUT", METHODS[kind][1], **error(code, details="refused")), **given(kind, two_factor_code=CODE)) as (client, script):
        for _unused in range(2):
            with pytest.raises(ServerError) as caught:
                client.get(MODELS, "u1")
    assert len(script.seen) == 1 and caught.value.message.count(".") > 3 and CODE not in caught.value.message
    if code == "LOGIN_CONTROL.1005":
        assert "No program can answer a captcha" in caught.value.message


def codes_of(directory):
    """Return the codes that the processes of a run have sent."""
    return SpentCodes(lambda: str(directory))


def test_a_lost_answer_is_not_followed_by_another_sign_in(tmp_path):
    register = codes_of(tmp_path)
    with talking(on("PUT", "/v1/ldap/login", raises=lost), **given("ldap", two_factor_code=CODE)) as (client, script):
        client = Client(client.connection, codes=register)
        for _unused in range(2):
            with pytest.raises(AnswerLostError, match="not tried again"):
                client.get(MODELS, "u1")
    # The server may have checked the code.
    assert len(script.seen) == 1 and register.is_spent(client.connection)


def test_a_code_that_another_process_of_the_run_has_sent_is_refused(tmp_path):
    register = codes_of(tmp_path)
    with talking(on("PUT", LOGIN_PATH, session()), found(), **given("account", two_factor_code=CODE)) as (first, script):
        first = Client(first.connection, codes=register)
        first.get(MODELS, "u1")
        with pytest.raises(SpentCodeError, match="two_factor_code: this run has signed in with the code already, .*zstack_session"):
            Client(first.connection, codes=codes_of(tmp_path)).get(MODELS, "u1")
        assert len(script.seen) == 2
    shown = "".join(path.read_text(encoding="ascii") for path in tmp_path.iterdir())
    assert shown and CODE not in shown and [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]
    with talking(on("PUT", LOGIN_PATH, session()), found(), **given("account", two_factor_code="999999")) as (other, _unused):
        Client(other.connection, codes=register).get(MODELS, "u1")


@pytest.mark.parametrize("answer", [{"status": 429, "body": "Rate limit exceeded"}, error("SYS.1010", details="not ready")])
def test_a_code_that_was_not_looked_at_is_still_good(answer, tmp_path):
    register = codes_of(tmp_path)
    with talking(on("PUT", LOGIN_PATH, **answer), on("PUT", LOGIN_PATH, session()), found(), **given("account", two_factor_code=CODE)) as (client, _unused):
        Client(client.connection, codes=register).get(MODELS, "u1")
    assert register.is_spent(client.connection)


def connect(environ=None, **params):
    return Connection.from_params({**BASE, **params}, environ or {})


def refused(environ=None, **params):
    with pytest.raises(OptionError) as caught:
        connect(environ, **params)
    return caught.value.message


NAMED = {"account_name": "jdoe", "account_password": PASSWORD}
KEY = {"access_key_id": "AKID", "access_key_secret": "keysecret"}
IN_ENVIRONMENT = {"ZSTACK_ACCOUNT_NAME": "jdoe", "ZSTACK_ACCOUNT_PASSWORD": PASSWORD}


def test_the_kind_is_account_unless_it_is_given():
    assert connect(**NAMED).login_type == "account"
    assert connect({"ZSTACK_LOGIN_TYPE": "ldap"}, **NAMED).login_type == "ldap"
    assert connect({"ZSTACK_LOGIN_TYPE": "ldap"}, login_type="iam2", **NAMED).login_type == "iam2"
    assert connect({"ZSTACK_LOGIN_TYPE": "iam2", "ZSTACK_PROJECT_NAME": "p", "ZSTACK_TWO_FACTOR_CODE": "123 456"}, **NAMED).two_factor_code == "123456"
    assert connect(IN_ENVIRONMENT, login_type="ldap").account_name == "jdoe"


def test_the_details_of_other_methods_are_left_out():
    environ = {"ZSTACK_LOGIN_TYPE": "iam2", "ZSTACK_PROJECT_NAME": "p", "ZSTACK_TWO_FACTOR_CODE": CODE, "ZSTACK_USER_NAME": "u"}
    found = connect(environ, **KEY)
    assert (found.login_type, found.project_name, found.two_factor_code, found.user_name) == (None, None, None, None)


@pytest.mark.parametrize("params, message", [
    ({"login_type": "user"}, "user_name: required with login_type user. Give it, or set ZSTACK_USER_NAME."),
    ({"user_name": "u"}, "user_name: it applies to login_type user only, and login_type is account. Remove it, or set login_type."),
    ({"login_type": "ldap", "project_name": "p"}, "project_name: it applies to login_type iam2 and iam2_ldap only, and login_type is ldap."),
    ({"two_factor_code": "12345"}, "two_factor_code: a code has six digits. Write it in quotes"),
    ({"two_factor_code": "12345a"}, "two_factor_code: a code has six digits."),
    ({"two_factor_code": "１２３４５６"}, "two_factor_code: a code has six digits."),
    ({"two_factor_code": "*" * 8}, "two_factor_code: ******** is the mask that Ansible shows instead of a secret"),
    ({"login_type": "ldap", "account_password": "\udc80"}, None),
])
def test_what_the_kind_lacks_or_does_not_take_is_refused(params, message):
    if message is None:
        with pytest.raises(OptionError, match="account_password: it contains a character that cannot be sent"):
            _auth.login(connect(**{**NAMED, **params}))
    else:
        assert refused(**{**NAMED, **params}).startswith(message)


def test_details_without_a_name_and_a_password_are_refused():
    assert refused(login_type="ldap") == "account_name: required with login_type. Give it, or set ZSTACK_ACCOUNT_NAME."
    message = refused(project_name="p", **KEY)
    assert message.startswith("project_name: it needs account_name and account_password, and access_key_id/access_key_secret are given")
    assert refused({"ZSTACK_LOGIN_TYPE": "kerberos"}, **NAMED) == (
        "ZSTACK_LOGIN_TYPE: 'kerberos' is not one of account, user, ldap, iam2, iam2_ldap.")
    assert refused({"ZSTACK_PROJECT_NAME": "p"}, **NAMED).startswith("ZSTACK_PROJECT_NAME: it applies to login_type iam2")
    assert refused({"ZSTACK_TWO_FACTOR_CODE": "1"}, **NAMED).startswith("ZSTACK_TWO_FACTOR_CODE: a code has six digits.")


@pytest.mark.parametrize("kind, words", [("account", "its hash"), ("ldap", "in clear text"), ("iam2", "its hash"), ("iam2_ldap", "in clear text")])
def test_the_warning_says_what_is_sent_over_plain_http(kind, words):
    warnings = connect(**given(kind)).warnings
    assert len(warnings) == 1 and words in warnings[0]
    assert connect(protocol="https", **given(kind)).warnings == []


def test_no_secret_is_in_a_representation():
    found = connect(**given("ldap", two_factor_code=CODE))
    assert CODE not in repr(found) and PASSWORD not in repr(found) and {CODE, PASSWORD} <= found.secrets
