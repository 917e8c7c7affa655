# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to sign in beside the account: users, directories, virtual IDs and projects, the second factor, captchas (REST page, 2.1)."""
from __future__ import annotations

import hashlib

import pytest

GUEST = "6b1d3c2e9a7f4d0c8e5b1a2f3c4d5e6f"
ENGINEER = "8e0b2d4f6a8c4e1b9d5f7a9c1e3b5d7f"


def hashed(text):
    return hashlib.sha512(text.encode()).hexdigest()


LOGINS = {
    "account": ("/v1/accounts/login", "logInByAccount", {"accountName": "guest", "password": hashed("guest-password")}, GUEST),
    "user": ("/v1/accounts/users/login", "logInByUser", {"accountName": "guest", "userName": "operator", "password": hashed("operator-password")}, GUEST),
    "user by uuid": ("/v1/accounts/users/login", "logInByUser", {"accountUuid": GUEST, "userName": "operator", "password": hashed("operator-password")}, GUEST),
    "ldap": ("/v1/ldap/login", "logInByLdap", {"uid": "jdoe", "password": "ldap-password"}, GUEST),
    "iam2": ("/v1/iam2/virtual-ids/login", "loginIAM2VirtualID", {"name": "engineer", "password": hashed("engineer-password")}, ENGINEER),
    "iam2 by ldap": ("/v1/iam2/login/virtual-ids/ldap", "loginIAM2VirtualIDWithLdap", {"uid": "vdoe", "password": "ldap-password"}, ENGINEER),
    "general account": ("/v1/login", "logIn", {"username": "guest", "loginType": "account", "password": hashed("guest-password")}, GUEST),
    "general ldap": ("/v1/login", "logIn", {"username": "jdoe", "loginType": "ldap", "password": "ldap-password"}, GUEST),
    "general iam2": ("/v1/login", "logIn", {"username": "engineer", "loginType": "iam2", "password": hashed("engineer-password")}, ENGINEER),
}


@pytest.fixture(name="enter")
def enter_fixture(client):
    """Sign in one of the ways, and keep the session."""
    def enter(method, changes=None, **body):
        path, wrapper, params, unused_account = LOGINS[method]
        answer = client.raw("PUT", path, json={wrapper: {**params, **(changes or {})}, **body})
        client.session = answer.inventory["uuid"] if answer.status == 200 else None
        return answer
    return enter


@pytest.mark.parametrize("method", LOGINS)
def test_signs_in(client, sim, enter, method):
    before = sim.stats()["sign_ins"]
    assert enter(method).inventory["accountUuid"] == LOGINS[method][3]
    assert client.get("/v1/ai/models").status == 200
    assert sim.stats()["sign_ins"] == before + 1
    assert "ldap-password" not in str(sim.log())


@pytest.mark.parametrize("method", LOGINS)
def test_refusals(sim, enter, method):
    for changes in ({"password": "wrong"}, {"password": hashed("wrong")}):
        assert enter(method, changes).code == "ID.1000"
    name = next(key for key in ("userName", "uid", "name", "username", "accountName") if key in LOGINS[method][2])
    assert enter(method, {name: "nobody"}).code == "ID.1000"
    assert "mandatory" in enter(method, {name: None}).details
    sim.configure(max_sessions=0)
    assert enter(method).code == "ID.1006"
    sim.configure(max_sessions=500, max_login_attempts=2)
    assert enter(method, {"password": "wrong"}).code in ("ID.1000", "LOGIN_CONTROL.1002")
    assert enter(method).code == "LOGIN_CONTROL.1002"


def test_a_directory_wants_the_password_itself(enter):
    assert enter("ldap", {"password": hashed("ldap-password")}).code == "ID.1000"
    assert enter("iam2 by ldap", {"uid": "jdoe"}).code == "ID.1000"
    assert enter("ldap", {"uid": "vdoe"}).code == "ID.1000"


def test_disabled(sim, enter):
    assert enter("iam2", {"name": "retired", "password": hashed("retired-password")}).code == "ID.1007"
    sim.seed({"accounts": [{"uuid": GUEST, "name": "guest", "password": "guest-password", "state": "Disabled"}]})
    for method in ("account", "user", "ldap", "general account", "general ldap"):
        assert enter(method).code == "ID.1007", method


def test_projects(client, enter):
    assert enter("account").status == 200
    path, body = "/v1/iam2/projects/login", {"loginIAM2Project": {"projectName": "vision"}}
    assert client.send("PUT", path, body).code == "ID.1002"
    assert enter("iam2").status == 200
    first = client.session
    assert client.raw("PUT", path, json=body).status == 400
    answer = client.send("PUT", path, body)
    assert answer.inventory["accountUuid"] == GUEST and answer.inventory["uuid"] != first and answer.inventory["userUuid"] == ENGINEER
    codes = {"nothing": "SYS.1003", "speech": "ID.1002", "closed": "SYS.1006"}
    assert {name: client.send("PUT", path, {"loginIAM2Project": {"projectName": name}}).code for name in codes} == codes
    assert "projectName" in client.send("PUT", path, {"loginIAM2Project": {}}).details
    client.session = "0" * 32
    assert client.send("PUT", path, body).code == "ID.1001"


@pytest.mark.parametrize("method", LOGINS)
def test_second_factor(sim, enter, method):
    sim.configure(two_factor_token="123456")
    assert enter(method).code == "ID.2001"
    assert enter(method, systemTags=["twofatoken::654321"]).code == "ID.2002"
    assert enter(method, systemTags=["twofatoken::123456"]).status == 200
    assert enter(method, systemTags=["twofatoken::123456"]).code == "ID.2002"
    sim.configure(two_factor_once=False, two_factor_token="111111")
    for _unused in range(2):
        assert enter(method, systemTags=["twofatoken::111111"]).status == 200


def test_wrong_codes_lock(sim, enter):
    sim.configure(two_factor_token="123456", max_login_attempts=2)
    codes = [enter("account", systemTags=["twofatoken::000000"]).code for unused in range(3)]
    assert codes == ["ID.2002", "ID.2002", "LOGIN_CONTROL.1002"]


def test_captcha(client, sim, enter):
    sim.configure(captcha="x7k2")
    assert enter("account").code == "LOGIN_CONTROL.1005"
    shown = client.raw("GET", "/v1/login/control/captcha", params={"resourceName": "guest", "loginType": "account"}).json
    assert shown["captcha"] == "x7k2"
    assert enter("account", {"captchaUuid": shown["captchaUuid"], "verifyCode": "nope"}).code == "LOGIN_CONTROL.1003"
    renewed = client.raw("GET", "/v1/captcha/refresh", params={"captchaUuid": shown["captchaUuid"]}).json
    assert enter("account", {"captchaUuid": shown["captchaUuid"], "verifyCode": "x7k2"}).code == "LOGIN_CONTROL.1003"
    assert enter("account", {"captchaUuid": renewed["captchaUuid"], "verifyCode": "x7k2"}).status == 200
    assert enter("account", {"captchaUuid": renewed["captchaUuid"], "verifyCode": "x7k2"}).code == "LOGIN_CONTROL.1003"


def test_an_unknown_login_type(enter):
    assert enter("general account", {"loginType": "kerberos"}).code == "SYS.1007"
    assert "at least one" in enter("user", {"accountName": None}).details
