# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages of errors: each one states the request, the reason and the solution."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import perform, resource_module
from ansible_collections.zstack.aios.plugins.module_utils._protocol import client as _client
from ansible_collections.zstack.aios.plugins.module_utils._protocol import http as _http
from ansible_collections.zstack.aios.plugins.module_utils._protocol import jobs as _jobs
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL as MODEL_TABLE

from .test_cases import IMAGES, NEW_MODEL, PAGE_CLONE, SERVICE
from .test_cases import MODEL as MODEL_UUID

MODEL, CLONE = "zstack_ai_model", "zstack_ai_model_service_clone"


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch):
    monkeypatch.setattr(_jobs, "TRAVEL_SECONDS", 0.1)
    monkeypatch.setattr(_http, "BACKOFF_SECONDS", 0.02)


@pytest.fixture
def fails(collection):
    """Run a task that has to fail; the result as the module gives it."""
    def failing(module=MODEL, table=MODEL_TABLE, **given):
        if module == CLONE:
            from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE as table
        outcome = perform(resource_module(table), collection.options(table, **given), given, False, {}, _client.Client, _client.Client.close)
        assert outcome.failed
        assert "error" in outcome.result
        assert "Traceback" not in outcome.result["msg"]
        text = json.dumps([outcome.result, outcome.arguments])
        given = collection.options(table, **given)
        secrets = [given[option] or "" for option in ("account_password", "access_key_secret", "session_uuid")]
        assert not [secret for secret in secrets if len(secret) > 8 and secret in text]
        return outcome.result
    return failing


def says(result, *words):
    missing = [word for word in words if word not in result["msg"]]
    assert not missing, result["msg"]


def test_wrong_password_is_tried_once(fails, simulator):
    result = fails(uuid=MODEL_UUID, account_password="not the password")
    says(result, "Signing in as admin", "ID.1000", "account_password", "lock the account")
    assert result["error"]["code"] == "ID.1000"
    assert [entry["call"] for entry in simulator.log()] == ["LogInByAccount"]


def test_unknown_host(fails):
    says(fails(uuid=MODEL_UUID, host="no-such-host.invalid", retries=0), "no-such-host.invalid", "Could not connect", "Check host and port")


def test_nothing_listens(fails):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        says(fails(uuid=MODEL_UUID, port=unused.getsockname()[1], retries=0), "Could not connect", "refused", "management node is running")


def test_tls_that_cannot_be_verified(fails, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        try:
            with context.wrap_socket(server.accept()[0], server_side=True):
                pass
        except OSError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    result = fails(uuid=MODEL_UUID, protocol="https", port=server.getsockname()[1], retries=0)
    server.close()
    says(result, "TLS", "self-signed", "ca_path", "validate_certs")


def test_https_to_a_plain_port(fails):
    says(fails(uuid=MODEL_UUID, protocol="https", retries=0), "does not use TLS on this port", "Set protocol to http")


def test_missing_model(fails, simulator):
    says(fails(uuid="0" * 32), "There is no model with uuid '%s'" % ("0" * 32), "name, install_path, model_center_uuid (or model_center)")
    says(fails(name="no such"), "There is no model with name 'no such'", "install_path")
    assert not simulator.writes()


def test_missing_reference_lists_what_there_is(fails):
    says(fails(name="x", model_center="centre-1"), "model_center: there is no model center named 'centre-1'",
         "'center-1' (uuid ebf96ce1de2c46fa8af9d503c29bb93d)")
    says(fails(CLONE, name="x", source_service="vlm-base"), "source_service: there is no model service named 'vlm-base'", "'vllm-base' (uuid %s)" % SERVICE)


def test_several_models_of_one_name_are_all_listed(fails, simulator):
    for letter in "abc":
        simulator.seed({"models": [{"uuid": letter * 32, "name": "twin", "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d"}]})
    result = fails(name="twin", vendor="x")
    says(result, "3 models are named", "'twin'", "a" * 32, "b" * 32, "c" * 32, "give uuid")
    assert not simulator.writes()


def test_text_over_255_characters(fails, simulator):
    says(fails(uuid=MODEL_UUID, name="x" * 256), "name: the text has 256 characters", "at most 255", "Shorten it")
    assert simulator.log() == []
    says(fails(uuid=MODEL_UUID, description="x" * 300), "description: the text has 300 characters", "UpdateModel takes at most 255")
    says(fails(uuid=MODEL_UUID, gpu_constraint_description="x" * 513), "gpu_constraint_description", "at most 512")
    assert not simulator.writes()


def test_a_bad_choice(fails, simulator):
    result = fails(CLONE, source_service_uuid=SERVICE, name="x", type="endpoint")
    says(result, "type: 'endpoint' is not one of", "Endpoint, FineTune, App, ModelEval")
    assert simulator.log() == []


@pytest.mark.parametrize("images,words", [
    ([], ("architecture_images", "empty")),
    ([{"cpu_architecture": "x86_64"}], ("x86_64", "vm_image_uuid or docker_image")),
    ([IMAGES[0], {**IMAGES[0], "cpu_architecture": "x86_64"}], ("x86_64 is given twice",)),
])
def test_bad_images(fails, simulator, images, words):
    says(fails(CLONE, source_service_uuid=SERVICE, name="x", architecture_images=images), *words)
    assert simulator.log() == []


def test_the_servers_own_refusal_reaches_the_user_whole(fails, simulator):
    simulator.configure(dialect="diagnostic")
    result = fails(CLONE, source_service_uuid=SERVICE, name="x", framework="NoSuchFramework")
    says(result, "CloneModelService (POST /v1/ai/model-services/%s)" % SERVICE, "ORG_ZSTACK_AI_10036", "vLLM")
    assert result["error"]["globalErrorCode"] == "ORG_ZSTACK_AI_10036"
    simulator.fault("error", match={"call": "UpdateModel"}, code="SYS.1006", details="it broke",
                    cause={"code": "HOST.1006", "description": "host failed", "cause": {"code": "HTTP.1", "details": "the very reason"}})
    result = fails(uuid=MODEL_UUID, vendor="z")
    says(result, "SYS.1006", "it broke", "the very reason")
    assert result["error"]["cause"]["cause"]["code"] == "HTTP.1"


def test_a_model_in_use_keeps_the_servers_reason(fails, simulator, collection):
    simulator.configure(dialect="diagnostic")
    collection.task(MODEL, **{**NEW_MODEL, "model_service_uuids": [SERVICE]})
    simulator.fault("error", match={"call": "DeleteModel"}, code="SYS.1006", details="the model is in use by group chat-prod",
                    globalErrorCode="ORG_ZSTACK_AI_10082")
    says(fails(name="qwen3-32b", state="absent"), "DeleteModel", "in use by group chat-prod", "Delete the service instance groups that use the model first")


def test_an_expired_session_is_renewed_once_and_silently(collection, simulator):
    for call in ("QueryModel", "UpdateModel"):
        simulator.reset()
        simulator.fault("expire_session", match={"call": call})
        assert collection.task(MODEL, uuid=MODEL_UUID, vendor="Alibaba")["changed"] is True
        assert [entry["call"] for entry in simulator.log()].count("LogInByAccount") == 2
        assert simulator.stats()["sessions"] == 0


def test_an_expired_session_that_cannot_be_renewed(fails):
    says(fails(uuid=MODEL_UUID, account_name=None, account_password=None, session_uuid="0" * 32), "ID.1001", "account_password")


@pytest.mark.parametrize("kind", ["not_ready", "boot_404"])
def test_a_management_node_that_is_still_starting(fails, collection, simulator, kind):
    simulator.fault(kind, times=2)
    assert collection.task(MODEL, uuid=MODEL_UUID, vendor="Alibaba", retries=3)["changed"] is True
    simulator.fault(kind, times=0)
    says(fails(uuid=MODEL_UUID, vendor="z", retries=1), "starting" if kind == "not_ready" else "no api mapping", "PUT /v1/accounts/login")


def test_a_proxys_page(fails, simulator):
    simulator.fault("html_502", times=0)
    says(fails(uuid=MODEL_UUID, retries=1), "not answered by a ZStack management node", "HTTP 502", "host, port, protocol and context_path")


def test_a_redirect_is_not_followed(fails, simulator):
    simulator.fault("redirect", match={"call": "UpdateModel"}, times=0, location="http://127.0.0.1:1/elsewhere")
    says(fails(uuid=MODEL_UUID, vendor="z"), "redirected to http://127.0.0.1:1/elsewhere", "final address")


def test_a_job_that_never_ends(fails, simulator):
    simulator.fault("stuck_job", match={"call": "UpdateModel"}, work=False)
    result = fails(uuid=MODEL_UUID, vendor="z", wait_timeout=1)
    says(result, "UpdateModel", "as job", "has not ended within 1 seconds (wait_timeout)")
    assert result["error"]["job"]


@pytest.mark.parametrize("dialect", ["classic", "diagnostic"])
def test_a_server_that_is_too_old(fails, simulator, dialect):
    simulator.configure(server_version="5.4.0", dialect=dialect)
    says(fails(uuid=MODEL_UUID, model_id="a/b", vendor="z"), "runs version 5.4.0", "model_id needs 5.5.22", "vendor needs 5.5.6", "Nothing was changed")
    assert not simulator.writes()


def test_a_field_that_the_server_drops(fails, simulator):
    simulator.configure(server_version="5.4.0")
    result = fails(uuid=MODEL_UUID, name="renamed", vendor="z", version_check=False)
    says(result, "did not apply", "vendor", "needs 5.5.6", "runs version 5.4.0")
    assert result["changed"] is True
    simulator.reset()
    simulator.fault("ignore_fields", match={"call": "UpdateModel"}, times=0, fields=["description"])
    for _unused in range(2):
        says(fails(uuid=MODEL_UUID, description="never stored"), "did not apply", "description", "5.5.22")


def test_fields_that_no_call_can_repair(fails, collection, simulator):
    collection.task(CLONE, **PAGE_CLONE)
    simulator.clear_log()
    result = fails(CLONE, **{**PAGE_CLONE, "size": 3, "conda_version": "24", "description": "repairable"})
    says(result, "size", "conda_version", "on_drift")
    assert "repairable" not in result["msg"]
    assert not simulator.writes()


def test_a_system_service_is_never_deleted(fails, simulator):
    for options in ({"state": "absent"}, {"on_drift": "replace", "size": 1, "source_service_uuid": SERVICE, "state": "present"}):
        simulator.seed({"model_services": [{"uuid": "e" * 32, "name": "builtin", "system": True, "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d"}]})
        says(fails(CLONE, name="builtin", **options), "builtin", "system service")
    assert not simulator.writes()


def test_server_side_check(collection, simulator, fails):
    planned = collection.task(MODEL, check=True, uuid=MODEL_UUID, vendor="z", server_side_check=True)
    assert planned["changed"] is True
    sent = [entry for entry in simulator.log() if entry["method"] == "PUT" and entry["call"] == "UpdateModel"]
    assert [entry["validation_only"] for entry in sent] == [True]
    assert not simulator.writes()


def test_an_access_key(collection, simulator, fails):
    key = {"account_name": None, "account_password": None, "access_key_id": "AKIDEXAMPLE000000001",
           "access_key_secret": "s3cr3tKeyForTestVectors0123456789abcdefG"}
    assert collection.task(MODEL, uuid=MODEL_UUID, vendor="k", **key)["changed"] is True
    assert collection.task(MODEL, uuid=MODEL_UUID, vendor="k", **key)["changed"] is False
    assert "LogInByAccount" not in [entry["call"] for entry in simulator.log()]
    says(fails(uuid=MODEL_UUID, vendor="k", **{**key, "access_key_secret": "x" * 40}), "wrong accessKey signature")
    simulator.configure(timezone="+05:00")
    says(fails(uuid=MODEL_UUID, vendor="k", **key), "requestTimeTooSkewed", "server_timezone")
    assert collection.task(MODEL, uuid=MODEL_UUID, vendor="k", server_timezone="+05:00", **key)["changed"] is False


def test_the_source_is_never_its_own_clone(fails, simulator):
    for source in ({"source_service": "vllm-base"}, {"source_service_uuid": SERVICE}):
        for policy in ("update", "replace"):
            says(fails(CLONE, name="x", resource_uuid=SERVICE, on_drift=policy, **source), "resource_uuid", "source")
    says(fails(CLONE, name="vllm-base", source_service="vllm-base"), "cannot both be named")
    assert not simulator.writes()


def test_a_replacement_that_would_lose_its_uuid(fails, collection, simulator):
    uuid = collection.task(CLONE, **PAGE_CLONE)["model_service"]["uuid"]
    simulator.clear_log()
    says(fails(CLONE, **{**PAGE_CLONE, "size": 1, "on_drift": "replace", "resource_uuid": uuid}), "resource_uuid", "reserved", "Nothing was changed")
    assert not simulator.writes()


def test_a_default_and_no_default(fails, simulator):
    for option in ({"default_model_service": "vllm-base"}, {"default_model_service_uuid": SERVICE}):
        says(fails(uuid=MODEL_UUID, clear_default_model_service=True, **option), "contradict")
    assert simulator.log() == []


def test_a_password_over_plain_http_warns_once_in_a_run(collection):
    # This address is also the local machine, but does not look like it.
    task = {"name": "Update", "zstack.aios.zstack_ai_model": {"uuid": MODEL_UUID, "vendor": "{{ item }}"}, "loop": ["a", "b"]}
    module = {**task, "name": "Update as a module", "vars": {"zstack_aios_execution": "module"}, "loop": ["c"]}
    how = {"connection": {"host": "0.0.0.0"}, "environment": {"no_proxy": "0.0.0.0"}}
    done = collection.playbook(task, task, module, **how)
    shown = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 0 and shown.count("account_password: its hash, which is enough to sign in") == 1, shown
    both = [result["warnings"] for result in collection.play(task, module, **how) if "results" not in result]
    assert len(both) == 3 and all(warnings == both[0] for warnings in both)
