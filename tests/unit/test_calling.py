# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task of zstack_ai_call from its options to its result, against a scripted node."""

from __future__ import annotations

import json

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.calling import CALL
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import perform
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import UnreachableError
from ansible_collections.zstack.aios.tests.unit.support.scripted import (
    ADMIN, Script, accepted, error, expired, job, login, lost, on, running, unknown_job,
)

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
UUID = "0f1e2d3c4b5a49788695a4b3c2d1e0f1"
OTHER = "1c1c2d3c4b5a49788695a4b3c2d1e0f1"
MASK = "*" * 8
MODELS, GROUPS, PROXIES = "/v1/ai/models", "/v1/ai/model-services/instances/groups", "/v1/user-proxy-configs"
VERSION = "/v1/management-nodes/actions"
PROXY = {"proxyType": "HTTP", "proxyHost": "proxy.example", "proxyPort": 3128}


def run(call, parameters=None, *expected, check_mode=False, **more):
    """Perform a task; the outcome, and the script that it talked to."""
    options = {option: argument.get("default") for option, argument in CALL.options.items()}
    options.update(ADMIN, host="mn.example", call=call, parameters=parameters or {}, **more)
    script = Script(*expected)
    with script.playing():
        outcome = perform(CALL, options, dict(options), check_mode, {}, Client, lambda client: None)
    return outcome, script


def version(text="5.5.22"):
    """Return the answer to the question for the version."""
    return on("PUT", VERSION, {"version": text, "success": True}, sent={"getVersion": {}})


def body_of(request):
    return json.loads(request.body)


def test_a_write_returns_its_result_and_its_job():
    outcome, script = run("UpdateModel", {"uuid": UUID, "name": "n"}, login(),
                          accepted("PUT", MODELS + "/" + UUID, sent={"updateModel": {"name": "n"}, "userTags": ["a"]}), running(),
                          job({"inventory": {"uuid": UUID, "name": "n"}}), user_tags=["a", "a"])
    assert not outcome.failed and outcome.warnings == [outcome.warnings[0]] and "plain http" in outcome.warnings[0]
    assert outcome.result == {
        "changed": True, "result": {"inventory": {"uuid": UUID, "name": "n"}}, "job_uuid": script.jobs[0],
        "steps": [{"call": "UpdateModel", "method": "PUT", "path": MODELS + "/" + UUID, "fields": ["uuid", "name"]}]}


def test_check_mode_sends_no_write_and_says_so():
    outcome, script = run("UpdateModel", {"uuid": UUID, "name": "n"}, check_mode=True)
    assert not script.seen and not outcome.failed
    assert outcome.result == {
        "changed": True, "result": None, "job_uuid": None, "msg": "Check mode: UpdateModel (PUT %s/%s) was not sent." % (MODELS, UUID),
        "steps": [{"call": "UpdateModel", "method": "PUT", "path": MODELS + "/" + UUID, "fields": ["uuid", "name"]}]}


def test_a_read_answers_in_check_mode():
    outcome, _unused = run("GetModelCenterServices", {"modelCenterUuids": [UUID, OTHER]}, login(), on(
        "GET", "/v1/ai/model-centers/services", {"services": [1], "schema": {}}, query=[("modelCenterUuids", UUID), ("modelCenterUuids", OTHER)]),
        check_mode=True)
    assert outcome.result["result"] == {"services": [1]} and outcome.result["changed"] is False and outcome.result["job_uuid"] is None
    assert "msg" not in outcome.result


def test_the_server_checks_a_call_in_check_mode_on_request():
    outcome, script = run(
        "CreateUserProxyConfig", PROXY, login(), accepted("POST", PROXIES), job({}), check_mode=True, server_side_check=True, system_tags=["a::b"])
    sent = body_of(script.seen[1])
    assert sent["systemTags"] == ["a::b", "validationOnly"] and len(sent["params"]["resourceUuid"]) == 32
    assert outcome.result["changed"] is True and outcome.result["msg"].endswith("was validated by the server and not executed.")
    outcome, script = run("SyncAINginxConfiguration", {"syncAll": True}, check_mode=True, server_side_check=True)
    assert not script.seen and any("Not validated: SyncAINginxConfiguration" in warning for warning in outcome.warnings)
    outcome, _unused = run("DeleteModel", {"uuid": UUID}, login(), accepted("DELETE", MODELS + "/" + UUID, query=[("systemTags", "validationOnly")]),
                           job(**error("SYS.1003", details="not found")), check_mode=True, server_side_check=True)
    assert outcome.failed and "SYS.1003" in outcome.result["msg"]


def test_a_query_reads_all_pages_and_one_with_a_limit_reads_one():
    page = [{"uuid": "%032x" % number} for number in range(1000)]
    rest = [{"uuid": "f" * 32}]
    outcome, script = run("QueryModel", {"q": ["vendor=x"]}, login(), on("GET", MODELS, {"inventories": page, "total": 1001}),
                          on("GET", MODELS, {"inventories": rest, "total": 1}))
    assert len(outcome.result["result"]["inventories"]) == 1001 and "schema" not in outcome.result["result"]
    outcome, _unused = run("QueryModel", {"limit": 1, "sort": "+name"}, login(), on(
        "GET", MODELS, {"inventories": rest, "schema": {"inventories[0]": "x"}}, query=[("limit", "1"), ("sort", "+name")]))
    assert outcome.result["result"] == {"inventories": rest}
    outcome, _unused = run("QueryModel", {"count": True}, login(), on("GET", MODELS, {"total": 7, "schema": {}}, query=[("count", "true")]))
    assert outcome.result["result"] == {"total": 7}
    outcome, _unused = run("QueryModel", {"fields": "uuid"}, login(), on("GET", MODELS, {"inventories": page}, query=[("fields", "uuid")]))
    assert any("QueryModel returned 1000 objects" in warning for warning in outcome.warnings)
    outcome, _unused = run("QueryModelServiceInstanceGroup", {"uuid": UUID}, version(), login(), on("GET", GROUPS + "/" + UUID, {"inventories": []}))
    assert outcome.result["result"] == {"inventories": []}


def test_a_creation_gets_a_uuid_and_a_lost_answer_is_resolved_by_asking():
    outcome, script = run("CreateUserProxyConfig", PROXY, login(), on("POST", PROXIES, raises=lost), job({"inventory": {"uuid": OTHER}}))
    uuid = body_of(script.seen[1])["params"]["resourceUuid"]
    assert len(uuid) == 32 and uuid[12] == "4"
    assert outcome.result["result"] == {"inventory": {"uuid": OTHER}} and outcome.result["job_uuid"] == script.jobs[0]
    assert len([request for request in script.seen if request.method == "POST"]) == 1


def test_a_creation_that_the_server_never_took_goes_again_with_the_same_ids():
    outcome, script = run("CreateUserProxyConfig", {**PROXY, "resourceUuid": UUID}, login(), on("POST", PROXIES, raises=lost), unknown_job(), unknown_job(),
                          on("GET", PROXIES + "/" + UUID, {"inventories": []}), accepted("POST", PROXIES), job({"inventory": {"uuid": UUID}}))
    first, second = [request for request in script.seen if request.method == "POST"]
    assert first.body == second.body and first.headers["X-Job-UUID"] == second.headers["X-Job-UUID"]
    assert not outcome.failed and outcome.result["job_uuid"] == first.headers["X-Job-UUID"]


def test_an_object_with_our_uuid_is_ours():
    outcome, script = run_with_find(error("SYS.1000", details="Duplicate entry"), lambda uuid: [{"uuid": uuid, "proxyPassword": "hunter2-secret"}])
    assert not outcome.failed and outcome.result["changed"] is True
    assert outcome.result["result"]["inventory"]["proxyPassword"] == MASK


def run_with_find(refusal, rows, **parameters):
    """A creation whose job is refused, and then a look at the object with the uuid of the request."""
    class Finding(Script):
        def _compare(self, expected, request):
            if request.method == "GET" and "/user-proxy-configs/" in request.url:
                uuid = request.url.rpartition("/")[2]
                expected.path, expected.body = "%s/%s" % (PROXIES, uuid), {"inventories": rows(uuid)}
            super()._compare(expected, request)

    options = {option: argument.get("default") for option, argument in CALL.options.items()}
    options.update(ADMIN, host="mn.example", call="CreateUserProxyConfig", parameters={**PROXY, **parameters})
    script = Finding(login(), accepted("POST", PROXIES), job(**refusal), on("GET", PROXIES))
    with script.playing():
        outcome = perform(CALL, options, dict(options), False, {}, Client, lambda client: None)
    return outcome, script


def test_an_object_with_the_uuid_of_the_task_may_be_another_one():
    outcome, script = run_with_find(error("SYS.1000", details="Duplicate entry"), lambda uuid: [{"uuid": uuid}], resourceUuid=UUID)
    assert outcome.failed and outcome.result["changed"] is False
    assert outcome.result["msg"].endswith("There is an object with the uuid %s already." % UUID)
    assert outcome.result["error"]["code"] == "SYS.1000" and outcome.result["job_uuid"] == script.jobs[0]


def test_a_read_that_fails_after_a_refusal_does_not_hide_it():
    def fails(uuid):
        raise UnreachableError("Could not connect.")

    outcome, _unused = run_with_find(error("SYS.1000", details="Duplicate entry"), fails)
    assert outcome.failed and outcome.result["error"]["code"] == "SYS.1000"
    assert outcome.result["msg"].endswith("to see whether it was done: Could not connect.")


def test_the_error_of_the_server_is_complete():
    details = {"globalErrorCode": "ORG_ZSTACK_AI_10082", "details": "in use", "cause": {"code": "X.1", "details": "by a group"}}
    outcome, script = run("DeleteModel", {"uuid": UUID}, login(), accepted("DELETE", MODELS + "/" + UUID, query=[]), job(**error("SYS.1006", **details)))
    assert outcome.failed and outcome.result["changed"] is False and outcome.result["steps"] == []
    assert outcome.result["error"] == {"code": "SYS.1006", "description": "described", **details}
    assert outcome.result["job_uuid"] == script.jobs[0] and outcome.result["result"] is None
    for part in ("DeleteModel (DELETE %s/%s)" % (MODELS, UUID), "SYS.1006", "in use", "by a group"):
        assert part in outcome.result["msg"]


def test_an_expired_session_is_renewed_and_the_job_is_the_last_one():
    outcome, script = run("DeleteModel", {"uuid": UUID}, login(), accepted("DELETE", MODELS + "/" + UUID), job(**expired()), login("8" * 32),
                          accepted("DELETE", MODELS + "/" + UUID), job({}))
    assert outcome.result["result"] == {} and outcome.result["job_uuid"] == script.jobs[-1] != script.jobs[0]


def test_failures_inside_a_batch_fail_the_task():
    rows = [{"uuid": UUID, "success": True}, {"uuid": OTHER, "success": False, "error": {"code": "SYS.1006", "details": "in use"}},
            {"uuid": "e" * 32, "success": "false"}]
    outcome, script = run("DeleteModels", {"uuids": [UUID, OTHER, "e" * 32]}, version(), login(), accepted("DELETE", MODELS), job({"results": rows}))
    assert outcome.failed and outcome.result["changed"] is True and outcome.result["job_uuid"] == script.jobs[0]
    assert "for the object %s" % OTHER in outcome.result["msg"] and "in use" in outcome.result["msg"]
    assert outcome.result["msg"].endswith("It failed as well for: %s." % ("e" * 32))
    assert outcome.result["result"] == {"results": rows} and outcome.result["error"]["code"] == "SYS.1006"
    outcome, _unused = run("DeleteModels", {"uuids": [OTHER]}, version(), login(), accepted("DELETE", MODELS), job({"results": rows[1:2]}))
    assert outcome.failed and outcome.result["changed"] is False


def test_a_synchronous_write_has_no_job():
    outcome, _unused = run("SyncAINginxConfiguration", {"syncAll": True}, login(), on(
        "POST", "/v1/ai/nginx/sync", {"success": True}, sent={"param": {"syncAll": True}}))
    assert outcome.result["changed"] is True and outcome.result["result"] == {"success": True} and outcome.result["job_uuid"] is None


def test_a_lost_answer_of_a_synchronous_write_is_not_sent_again():
    outcome, script = run("SyncAINginxConfiguration", {"syncAll": True}, login(), on("POST", "/v1/ai/nginx/sync", raises=lost))
    assert outcome.failed and outcome.result["error"]["code"] == "client.outcome_unknown" and len(script.seen) == 2
    assert "the server keeps no job of this call" in outcome.result["msg"]


@pytest.mark.parametrize("call, parameters, running_version, message", [
    ("UpdateModel", {"uuid": UUID, "modelId": "m"}, "5.4.0", "The server runs version 5.4.0: parameters.modelId needs 5.5.22"),
    ("CloneModelService", {"uuid": UUID}, "5.2.0", "CloneModelService needs 5.3.20"),
    ("UpdateModelCenter", {"uuid": UUID, "containerStorageNetwork": "n"}, "5.1.8", "parameters.containerStorageNetwork needs 5.1.20"),
    ("AddModel", {"name": "n", "installPath": "/p", "modelCenterUuid": UUID, "fineTuningSourceFramework": "f"}, "5.5.22",
     "parameters.fineTuningSourceFramework needs a version after 5.5.22"),
    ("DeployModelService", {"uuid": UUID, "name": "n", "zoneUuid": UUID, "type": "BareMetal2"}, "5.5.22", "parameters.type needs a version after 5.5.22"),
])
def test_what_the_version_lacks_is_refused_before_the_call(call, parameters, running_version, message):
    for check_mode in (False, True):
        outcome, script = run(call, parameters, version(running_version), check_mode=check_mode)
        assert outcome.failed and message in outcome.result["msg"] and outcome.result["error"]["code"] == "client.version"
        assert len(script.seen) == 1
    outcome, script = run(call, parameters, check_mode=True, version_check=False)
    assert not outcome.failed and not script.seen


def test_a_version_that_another_call_needs_is_a_warning():
    parameters = {"name": "n", "installPath": "/p", "modelCenterUuid": UUID, "defaultModelServiceUuid": OTHER}
    outcome, _unused = run("AddModel", parameters, version("5.4.6"), check_mode=True)
    assert not outcome.failed
    assert any("parameters.defaultModelServiceUuid: the server runs version 5.4.6" in warning for warning in outcome.warnings)


@pytest.mark.parametrize("call, parameters", [
    ("AddModel", {"name": "n", "installPath": "/p", "modelCenterUuid": UUID, "token": "hf_S3cretToken"}),
    ("AddModel", {"name": "n", "token": {"nested": ["hf_S3cretToken"]}}),
    ("AddModel", {"name": "n", "tokn": "x", "accessToken": "hf_S3cretToken"}),
    ("AddModle", {"password": "hf_S3cretToken"}),
    ("CreateUserProxyConfig", {**PROXY, "proxyPassword": "hf_S3cretToken", "proxyHost": 5}),
    ("UpdateZsDatasetModelProfile", {"modelProfileId": "p1", "apiKey": "hf_S3cretToken"}),
    ("UpdateZsDatasetModelProfile", {"modelProfileId": "p/1", "apiKey": "hf_S3cretToken"}),
    ("UpdateModelServiceInstanceGroup", {"uuid": UUID, "environmentVariables": {"A": "hf_S3cretToken"}}),
    ("UpdateModelServiceInstanceGroup", {"uuid": UUID, "environmentVariables": "hf_S3cretToken"}),
    ("UpdateModelService", {"uuid": UUID, "environmentParameters": {"A": ["hf_S3cretToken"]}}),
    ("DeployDistributedModelService", {"modelServices": [{"environmentVariables": {"A": "hf_S3cretToken"}}]}),
    ("UpdateModelServiceInstanceGroup", '{"uuid": "x/y", "environmentVariables": {"A": "hf_S3cretToken"}}'),
])
def test_no_secret_is_shown(call, parameters):
    outcome, _unused = run(call, parameters if isinstance(parameters, dict) else json.loads(parameters), check_mode=True, version_check=False)
    shown = json.dumps([outcome.result, outcome.warnings, outcome.arguments])
    assert "S3cret" not in shown
    assert "S3cret" not in json.dumps(CALL.masker({"parameters": parameters}).data(json.dumps(parameters)))


def test_short_secrets_are_masked_by_their_place():
    outcome, _unused = run("CreateUserProxyConfig", {**PROXY, "proxyPassword": "abc"}, login(), accepted("POST", PROXIES),
                           job({"inventory": {"uuid": UUID, "proxyPassword": "abc", "proxyUsername": ""}}))
    assert outcome.result["result"]["inventory"] == {"uuid": UUID, "proxyPassword": MASK, "proxyUsername": ""}
    assert outcome.arguments["parameters"]["proxyPassword"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert outcome.arguments["parameters"]["proxyHost"] == "proxy.example"


def test_secret_members_of_other_peoples_objects_are_masked():
    rows = [{"uuid": UUID, "proxyPassword": "geheim", "maxNewTokens": 5, "requestHeaders": {"Authorization": "Bearer abc", "X": ""}}]
    outcome, _unused = run("QueryUserProxyConfig", {}, login(), on("GET", PROXIES, {"inventories": rows, "total": 1}))
    assert outcome.result["result"]["inventories"] == [
        {"uuid": UUID, "proxyPassword": MASK, "maxNewTokens": 5, "requestHeaders": {"Authorization": MASK, "X": ""}}]


def test_variables_in_the_yaml_of_a_deployment_are_masked():
    yaml = 'env: ["KEY:top-secret-value", "PIN:1234"]\nname: top\n'
    rows = [{"uuid": UUID, "yaml": yaml, "instances": [{"uuid": OTHER, "modelServiceGroupUuid": UUID, "yaml": yaml}]}]
    outcome, _unused = run("QueryModelServiceInstanceGroup", {}, version(), login(), on("GET", GROUPS + "/", {"inventories": rows, "total": 1}))
    group = outcome.result["result"]["inventories"][0]
    expected = 'env: ["KEY:********", "PIN:********"]\nname: top\n'
    assert group["yaml"] == expected and group["instances"][0]["yaml"] == expected


def test_the_yaml_of_a_service_keeps_what_is_no_secret():
    yaml = 'env: ["MODEL_PATH:/opt/models", "API_TOKEN:abc"]\n'
    outcome, _unused = run("QueryModelService", {}, version(), login(), on("GET", "/v1/ai/model-services", {"inventories": [{"uuid": UUID, "yaml": yaml}]}))
    assert outcome.result["result"]["inventories"][0]["yaml"] == 'env: ["MODEL_PATH:/opt/models", "API_TOKEN:********"]\n'
    assert not [warning for warning in outcome.warnings if "masked" in warning]
