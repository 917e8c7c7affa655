# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of fault, and both dialects."""
from __future__ import annotations

import time
from uuid import uuid4

import pytest
import requests
from simulator.testing import patience

BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.fixture(name="rename")
def rename_fixture(client, ids):
    """A call that changes something; returns the answer of the request itself."""
    def rename(job=None, name="renamed"):
        return client.send("PUT", f"/v1/ai/models/{ids.model}", {"updateModel": {"name": name}}, headers={"X-Job-UUID": job or uuid4().hex})
    return rename


@pytest.fixture(name="name_of")
def name_of_fixture(client, ids):
    """The present name of the model."""
    def name_of():
        return client.get(f"/v1/ai/models/{ids.model}").json["inventories"][0]["name"]
    return name_of


def test_drop_before(sim, client, rename, name_of):
    sim.fault("drop_before", {"call": "UpdateModel"})
    job = uuid4().hex
    with pytest.raises(BROKEN):
        rename(job)
    assert client.raw("GET", f"/v1/api-jobs/{job}").status == 404
    assert name_of() == "qwen2.5-7b"
    assert [entry["status"] for entry in sim.writes()] == [None]
    assert rename(job).status == 202


def test_drop_after(sim, client, rename, name_of):
    sim.fault("drop_after", {"call": "UpdateModel"})
    job = uuid4().hex
    with pytest.raises(BROKEN):
        rename(job)
    assert client.poll(job).inventory["name"] == name_of() == "renamed"
    entry, = sim.writes()
    assert (entry["status"], entry["job"], entry["fault"]) == (None, job, "drop_after")
    assert rename(job).status == 400


def test_cut_body(sim, client, rename, name_of):
    sim.fault("cut_body", {"method": "PUT"})
    job = uuid4().hex
    with pytest.raises(BROKEN):
        rename(job)
    assert client.poll(job).status == 200
    assert name_of() == "renamed"


@pytest.mark.parametrize("kind, status, text", [
    ("html_502", 502, "<html>"), ("html_503", 503, "<html>"), ("html_504", 504, "<html>"), ("empty_500", 500, ""), ("html_200", 200, "<form"),
    ("rate_limit", 429, "Rate limit exceeded"), ("not_ready", 503, "SYS.1010"), ("boot_404", 404, "no api mapping to /v1/ai/models/"),
])
def test_answers_in_place_of_the_server(sim, rename, name_of, kind, status, text):
    sim.fault(kind, {"call": "UpdateModel"})
    answer = rename()
    assert answer.status == status
    assert text in answer.text
    assert name_of() == "qwen2.5-7b"
    sim.fault(kind, {"call": "UpdateModel"}, after=True)
    assert rename().status == status
    assert name_of() == "renamed"


def test_redirect(sim, client):
    sim.fault("redirect", location="http://192.0.2.99/login")
    answer = client.raw("GET", "/v1/zones", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "http://192.0.2.99/login")


def test_slow(sim, client):
    sim.fault("slow", ms=150)
    begun = time.monotonic()
    client.get("/v1/zones")
    assert time.monotonic() - begun >= 0.15


@pytest.mark.parametrize("work, name", [(True, "renamed"), (False, "qwen2.5-7b")])
def test_stuck_job(sim, client, rename, name_of, work, name):
    sim.fault("stuck_job", {"call": "UpdateModel"}, work=work)
    job = rename().json["location"][-32:]
    assert client.poll(job, 0.1).status == 202
    assert name_of() == name


def test_restart(sim, client, rename, name_of):
    sim.configure(job_ms=patience(60))
    running = rename().json["location"][-32:]
    sim.fault("restart", {"call": "QueryZone"})
    client.get("/v1/zones")
    assert client.poll(running, 0.2).status == 202
    assert name_of() == "qwen2.5-7b"
    assert client.poll(rename().json["location"][-32:]).status == 200


def test_expire_session(sim, client, rename):
    sim.fault("expire_session", {"call": "QueryZone"})
    assert client.get("/v1/zones").code == "ID.1001"
    client.login()
    sim.fault("expire_session", {"call": "UpdateModel"})
    assert client.poll(rename().json["location"][-32:]).code == "ID.1001"


def test_error(sim, client, rename):
    sim.fault("error", {"call": "QueryZone"}, code="SYS.1012", details="gone", cause={"code": "HOST.1006", "details": "refused"})
    assert client.get("/v1/zones").json["error"]["cause"]["code"] == "HOST.1006"
    sim.fault("error", {"call": "UpdateModel"}, code="SYS.1006", details="no")
    assert client.poll(rename().json["location"][-32:]).details == "no"
    assert sim.writes()[-1]["error"] == "SYS.1006"


def test_ignore_fields(sim, client, rename, name_of):
    sim.fault("ignore_fields", {"call": "UpdateModel"}, fields=["name"])
    assert client.poll(rename().json["location"][-32:]).status == 200
    assert name_of() == "qwen2.5-7b"


def test_late_row(sim, client, ids):
    sim.fault("late_row", {"call": "AddModel"}, ms=patience(150))
    model = client.do("POST", "/v1/ai/models", {"param": {"name": "late", "installPath": "/x", "modelCenterUuid": ids.center}}).inventory
    assert client.get(f"/v1/ai/models/{model['uuid']}").json["inventories"] == []
    assert client.names("/v1/ai/models", "name=late") == []
    time.sleep(patience(0.2))
    assert client.names("/v1/ai/models", "name=late") == ["late"]


def test_matching(sim, client):
    sim.fault("empty_500", {"call": "PollJob"}, times=2)
    sim.fault("empty_500", {"path": "^/v1/zo", "nth": 2})
    polls = [client.raw("GET", "/v1/api-jobs/" + "0" * 32).status for turn in range(3)]
    assert polls == [500, 500, 404]
    assert [client.get("/v1/zones").status for turn in range(3)] == [200, 500, 200]
    assert [(fault["kind"], fault["fired"]) for fault in sim.faults()] == [("empty_500", 2), ("empty_500", 1)]
    sim.fault("empty_500", times=0)
    assert {client.get("/v1/zones").status for turn in range(5)} == {500}
    sim.clear_faults()
    assert client.get("/v1/zones").status == 200


def test_latency_overlaps(sim, make_client):
    from concurrent.futures import ThreadPoolExecutor  # pylint: disable=import-outside-toplevel

    sim.configure(latency_ms=patience(500))
    clients = [make_client(sim) for number in range(5)]
    begun = time.monotonic()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda one: one.raw("GET", "/v1/management-nodes/ready"), clients))
    # One after the other, they would take 2.5 seconds.
    assert patience(0.5) <= time.monotonic() - begun < patience(2.4)


def test_classic_dialect(client, ids):
    error = client.get("/v1/zones", "foo=1").json["error"]
    assert set(error) == {"code", "description", "details"}
    assert set(client.do("DELETE", "/v1/ai/models/" + "0" * 32).json) == {"error"}
    assert client.login().inventory["userUuid"] == client.login().inventory["accountUuid"]
    assert ids.model


def test_diagnostic_dialect(sim, client, ids):
    sim.configure(dialect="diagnostic")
    unknown = client.raw("GET", "/v1/foo")
    assert unknown.status == 404
    assert unknown.json["error"]["globalErrorCode"] == "ORG_ZSTACK_CORE_REST_10015"
    assert (unknown.code, unknown.details, unknown.json["success"]) == ("SYS.1003", "no api mapping to /v1/foo", "false")
    assert client.raw("GET", "/v1/zones").code == "SYS.1007"
    assert client.raw("GET", "/v1/api-jobs/" + "0" * 32).code == "SYS.1003"
    failure = client.do("DELETE", "/v1/ai/models/" + "0" * 32).json
    assert failure["error"]["globalErrorCode"] == "ORG_ZSTACK_AI_10083"
    assert set(failure) == {"error", "id", "success", "diagnostic"}
    assert len(failure["diagnostic"]["code"]) == 5
    long = client.do("PUT", f"/v1/ai/models/{ids.model}", {"updateModel": {"name": "x" * 256}})
    assert "of message[APIUpdateModelMsg]" in long.details
    assert "userUuid" not in client.login().inventory
    sim.fault("rate_limit")
    assert client.raw("GET", "/v1/zones").code == "SYS.1006"


def test_global_codes_can_be_shown_by_a_classic_server(sim, client):
    sim.configure(global_error_codes=True)
    assert client.do("DELETE", "/v1/ai/models/" + "0" * 32).json["error"]["globalErrorCode"] == "ORG_ZSTACK_AI_10083"
