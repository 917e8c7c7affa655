# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routing, bodies, sign-in, and the order in which a request is checked."""
from __future__ import annotations

import pytest
from simulator.testing import patience

NOBODY = {"Authorization": "OAuth 00000000000000000000000000000000"}
ACTIONS = "/v1/management-nodes/actions"


def test_unknown_paths_come_before_sign_in(client):
    answer = client.raw("GET", "/v1/nope")
    assert (answer.status, answer.text) == (404, "no api mapping to /v1/nope")
    assert client.raw("GET", "/v1/ai/models/").text == "no api mapping to /v1/ai/models/"
    assert client.raw("PATCH", "/v1/zones").status == 405
    assert "<html>" in client.raw("PATCH", "/v1/zones").text


def test_published_trailing_slash(client):
    path = "/v1/ai/model-services/instances/groups/"
    assert client.get(path).json["inventories"] == []
    # without the slash the path belongs to the batch delete alone, which then takes every verb
    assert client.do("GET", path.rstrip("/")).code == "SYS.1007"


def test_shared_paths(client, ids):
    service = f"/v1/ai/model-services/{ids.service}"
    wrong = client.raw("PUT", service, json={"renameService": {}})
    assert (wrong.status, wrong.text) == (400, f"the body doesn't contain action mapping to the URL[{service}]")
    assert client.raw("PUT", service).status == 500
    assert client.raw("HEAD", service).status == 405
    assert client.raw("POST", f"/v1/ai/models/{ids.model}", json={}).text == f"No creational API found for the path[/v1/ai/models/{ids.model}]"
    # only one call owns this path: it takes every verb
    assert client.send("DELETE", "/v1/zones").json["inventories"][0]["name"] == "zone-1"
    deploy = {"deployModelService": {"name": "x", "zoneUuid": "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e", "type": "Container"}}
    assert client.do("PUT", service, deploy).details.startswith("dockerImage is needed")
    assert client.do("PUT", service, {"updateModelService": {"name": "renamed"}}).inventory["name"] == "renamed"


def test_unique_paths_take_every_verb_and_any_key(client):
    body = {"logInByAccount": {"accountName": "admin", "password": "wrong"}}
    assert client.raw("POST", "/v1/accounts/login", json=body).code == "ID.1000"
    wrong_key = client.raw("PUT", "/v1/accounts/login", json={"logIn": body["logInByAccount"]})
    assert wrong_key.details == ("field[accountName] of message[org.zstack.portal.apimediator.ApiMessageParamValidator] is mandatory, "
                                 "can not be null")


@pytest.mark.parametrize("action, key, value", [
    ("getVersion", "version", "5.5.22"), ("getManagementNodeArch", "architecture", "x86_64"), ("getSupportAPIs", "success", True),
])
def test_getters_need_no_sign_in(client, action, key, value):
    assert client.raw("PUT", ACTIONS, json={action: {}}).json[key] == value


def test_meta(client, sim):
    assert "APICloneModelServiceMsg" in client.raw("PUT", ACTIONS, json={"getSupportAPIs": {}}).json["supportApis"]
    assert client.raw("PUT", ACTIONS, json={"getCurrentTime": {}}).json["currentTime"]["Seconds"] > 1_700_000_000
    assert client.raw("GET", "/v1/management-nodes/ready").text == "{}"
    assert client.raw("GET", "/v1/management-nodes/platform-timezone").text == "missing header 'Authorization'"
    sim.configure(timezone="+08:00")
    assert client.get("/v1/management-nodes/platform-timezone").json == {"timezone": "Asia/Shanghai", "offset": "+08:00", "success": True}


def test_calls_that_the_server_does_not_have(client, sim, ids):
    path = f"/v1/ai/model-services/{ids.service}"
    sim.configure(server_version="5.3.0")
    assert client.send("POST", path, {"params": {}}).text == f"No creational API found for the path[{path}]"
    sim.configure(server_version="5.5.22", removed_calls=["CloneModelService"])
    assert client.send("POST", path, {"params": {}}).status == 500
    assert "APICloneModelServiceMsg" not in client.raw("PUT", ACTIONS, json={"getSupportAPIs": {}}).json["supportApis"]


def test_authorization_header(client, ids):
    assert client.raw("GET", "/v1/zones").text == "missing header 'Authorization'"
    assert client.raw("GET", "/v1/zones", headers={"Authorization": "Basic x"}).text == "Authorization type must be 'OAuth'"
    assert client.raw("GET", "/v1/zones", headers={"Authorization": "oauth x"}).status == 400
    sync = client.raw("GET", "/v1/zones", headers=NOBODY)
    assert (sync.status, sync.code, sync.details) == (503, "ID.1001", "Session expired")
    accepted = client.raw("DELETE", f"/v1/ai/models/{ids.model}", headers=NOBODY)
    assert accepted.status == 202
    assert client.poll(accepted.json["location"][-32:]).code == "ID.1001"


def test_order_of_checks(client, sim, ids):
    path = f"/v1/ai/models/{ids.model}"

    def code(body, headers=None):
        answer = client.raw("PUT", path, json={"updateModel": body}, headers=headers)
        return client.poll(answer.json["location"][-32:]).code if answer.status == 202 else answer.status

    unknown_center = {"modelCenterUuid": "0" * 32}
    assert code({"clearDefaultModelService": "maybe", "name": "x" * 300}, NOBODY) == 400
    assert code({"name": "x" * 300, **unknown_center}, NOBODY) == "SYS.1007"
    assert code(unknown_center, NOBODY) == "ID.1001"
    missing = client.raw("PUT", "/v1/ai/models/" + "0" * 32, json={"updateModel": {}}, headers=NOBODY)
    assert client.poll(missing.json["location"][-32:]).code == "SYS.1003"
    clone = client.raw("POST", f"/v1/ai/model-services/{ids.service}", json={"params": {"resourceUuid": "f" * 32, "framework": "No"}}, headers=NOBODY)
    assert client.poll(clone.json["location"][-32:]).code == "ID.1001"
    # the tags come last
    both = {"updateModel": {"modelClassifications": ["No"]}, "systemTags": ["no::such::tag"]}
    assert "classification" in client.do("PUT", path, both).details
    assert client.do("PUT", path, {"updateModel": {}, "systemTags": ["no::such::tag"]}).details.startswith("no system tag matches[no::such::tag]")
    assert [entry["call"] for entry in sim.writes()][-1] == "UpdateModel"


def test_bad_json_and_missing_wrapper(client, ids):
    path = f"/v1/ai/models/{ids.model}"
    assert client.send("PUT", path, data='{"updateModel":').status == 500
    assert client.send("PUT", path, {"updateModel": "text"}).status == 500
    added = client.do("POST", "/v1/ai/models", {"params": {"name": "x"}})
    assert added.details.startswith("field[name] of message[") and added.details.endswith("is mandatory, can not be null")


@pytest.mark.parametrize("value, status", [("5", 202), (5, 202), (5.0, 202), ("two", 400), (True, 400), (5.5, 400), ({}, 500)])
def test_whole_numbers(client, ids, value, status):
    answer = client.send("POST", f"/v1/ai/model-services/{ids.service}", {"params": {"requestCpu": value}})
    assert answer.status == status
    if status == 400:
        shown = {True: "true"}.get(value, value)
        assert answer.text == f"[requestCpu] field is excepted an int or long, but was [{shown}]."


@pytest.mark.parametrize("value, status", [("True", 202), (False, 202), ("1", 400), (1, 400), ("yes", 400)])
def test_booleans(client, ids, value, status):
    assert client.send("POST", f"/v1/ai/model-services/{ids.service}", {"params": {"system": value}}).status == status


def test_values(client, ids):
    path = f"/v1/ai/models/{ids.model}"
    body = {"updateModel": {"name": "  padded ", "vendor": None, "uuid": ids.center, "nonsense": [1], "description": 5}}
    model = client.do("PUT", path, body).inventory
    assert (model["uuid"], model["name"], model["vendor"], model["description"]) == (ids.model, "padded", "Qwen", "5.0")


def test_charset(client, ids):
    path = f"/v1/ai/models/{ids.model}"
    raw = '{"updateModel":{"name":"模型"}}'.encode()
    assert client.do("PUT", path, data=raw, headers={"Content-Type": "application/json; charset=utf-8"}).inventory["name"] == "模型"
    assert client.do("PUT", path, data=raw, headers={"Content-Type": "application/json"}).inventory["name"] != "模型"


@pytest.mark.parametrize("body, details", [
    ({"installPath": "/x", "modelCenterUuid": "x"}, "field[name] of message[M] is mandatory, can not be null"),
    ({"name": "x", "installPath": "/x", "modelCenterUuid": "0"}, "invalid field[modelCenterUuid], resource[uuid:0, type:ModelCenterVO] not found"),
    ({"shareMode": "Private"}, "valid value for field[shareMode] of message[M] are [Public], but Private found"),
    ({"modelId": "x" * 256}, "field[modelId] of message[M] exceeds max length of string. expected was <= 255, actual was 256"),
    ({"modelServiceUuids": [None]}, "field[modelServiceUuids] of message[M] cannot contain a NULL element"),
    ({"resourceUuid": "0" * 32}, "invalid value[" + "0" * 32 + "] of field[resourceUuid], it must be a valid UUID version 1 to 5 with '-' stripped"),
    ({"tagUuids": ["nope"]}, "invalid field[tagUuids], resource[uuid:nope, type:TagPatternVO] not found"),
])
def test_declared_checks(client, ids, body, details):
    given = {"name": "x", "installPath": "/x", "modelCenterUuid": ids.center, **body}
    if "name" not in body and "installPath" in body:
        del given["name"]
    answer = client.do("POST", "/v1/ai/models", {"param": given})
    assert answer.status == 503
    assert answer.details == details.replace("[M]", "[org.zstack.portal.apimediator.ApiMessageParamValidator]")


def test_one_uuid_space_for_all_kinds(client, ids):
    body = {"param": {"name": "x", "installPath": "/x", "modelCenterUuid": ids.center, "resourceUuid": ids.other_service}}
    assert client.do("POST", "/v1/ai/models", body).code == "SYS.1000"


def test_session_life(client, sim):
    session = client.session
    valid = f"/v1/accounts/sessions/{session}/valid"
    assert client.raw("GET", valid).json == {"valid": True}
    renewed = client.do("PUT", f"/v1/accounts/sessions/{session}/renew", {"renewSession": {"duration": 30}})
    assert renewed.details == "field[duration] must be in range of [60, 31536000]"
    assert sim.stats()["sessions"] == 1
    assert client.raw("DELETE", f"/v1/accounts/sessions/{session}").text == "{}"
    assert client.raw("GET", valid).json == {"valid": False}
    assert client.get("/v1/zones").code == "ID.1001"
    assert sim.stats()["sessions"] == 0


def test_sliding_expiry(client, sim):
    import time  # pylint: disable=import-outside-toplevel

    sim.configure(session_timeout_s=patience(0.4))
    client.login()
    for turn in range(4):
        time.sleep(patience(0.15))
        assert client.get("/v1/zones").status == 200, turn
    time.sleep(patience(0.5))
    assert client.get("/v1/zones").code == "ID.1001"


def test_login_refusals(client, sim):
    assert client.login(password="wrong").code == "ID.1000"
    sim.configure(max_sessions=1)
    assert client.login().code == "ID.1006"
    sim.configure(max_sessions=500, two_factor_token="123456")
    assert client.login().code == "ID.2001"
    assert client.login(systemTags=["twofatoken::000000"]).code == "ID.2002"
    assert client.login(systemTags=["twofatoken::123456"]).status == 200
    sim.configure(max_login_attempts=2)
    for code in ("ID.1000", "ID.1000", "LOGIN_CONTROL.1002"):
        assert client.login("guest", "wrong").code == code
    assert client.login("guest", "guest-password").code == "LOGIN_CONTROL.1002"


def test_other_accounts(sim, make_client, ids):
    guest = make_client(sim)
    guest.login("guest", "guest-password")
    assert guest.do("PUT", f"/v1/ai/models/{ids.model}", {"updateModel": {"name": "mine"}}).code == "ID.1002"


def test_rate_limit_counts_polls(client, sim):
    sim.configure(rate_limit_per_minute=3)
    statuses = [client.raw("GET", "/v1/api-jobs/" + "0" * 32).status for turn in range(5)]
    if statuses[-1] != 429:  # a minute has begun meanwhile
        statuses = [client.raw("GET", "/v1/api-jobs/" + "0" * 32).status for turn in range(5)]
    assert statuses[-1] == 429
    assert client.raw("GET", "/v1/zones").text == "Rate limit exceeded"


def test_log_hides_secrets(client, sim, ids):
    client.do("POST", "/v1/ai/models", {"param": {"name": "x", "installPath": "/x", "modelCenterUuid": ids.center, "token": "hf_secret"}})
    text = str(sim.log())
    assert "hf_secret" not in text and client.session not in text
    assert "b109f3bb" not in text
    assert "hf_secret" not in str(sim.state())
    entry = next(item for item in sim.log() if item["call"] == "AddModel")
    assert entry["body"]["param"]["token"] == "***"
    assert (entry["headers"]["authorization"], entry["write"], entry["status"]) == ("OAuth ***", True, 202)
    assert sim.stats()["sign_ins"] == 1
    assert sim.stats()["calls"]["AddModel"] == 1


def test_control_refuses_what_it_does_not_know(sim):
    for method, path, body in (("PUT", "config", {"foo": 1}), ("POST", "faults", {"kind": "foo"}), ("POST", "seed", {"foo": []}),
                               ("PUT", "config", {"dialect": "foo"})):
        with pytest.raises(ValueError):
            sim.control(method, path, body)
