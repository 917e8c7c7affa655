# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs: acceptance, polls, duplicates, dry runs, restarts."""
from __future__ import annotations

import hashlib
import time
from uuid import uuid4

import pytest
from simulator.testing import RunningSimulator, patience


def update(ids, name="renamed"):
    """Return path and body of a small asynchronous call."""
    return f"/v1/ai/models/{ids.model}", {"updateModel": {"name": name}}


def test_accepted_then_done(client, sim, ids):
    sim.configure(job_ms=patience(80))
    path, body = update(ids)
    answer = client.send("PUT", path, body)
    assert answer.status == 202
    job = answer.json["location"].rsplit("/", 1)[1]
    assert answer.json == {"location": f"http://192.0.2.10:8080/zstack/v1/api-jobs/{job}", "apiTimeout": 1800000}
    running = client.raw("GET", f"/v1/api-jobs/{job}")
    assert (running.status, running.text) == (202, "{}")
    assert client.names("/v1/ai/models", f"uuid={ids.model}") == ["qwen2.5-7b"]
    done = client.poll(job)
    assert (done.status, done.inventory["name"]) == (200, "renamed")
    assert "schema" not in done.json
    assert client.poll(job).text == done.text
    typed = client.raw("GET", f"/v1/api-jobs/{job}", headers={"X-JSON-Schema": "true"}).json
    assert {key: value for key, value in typed.items() if key != "schema"} == done.json
    references = range(len(done.inventory["modelServiceRefs"]))
    assert references and list(typed["schema"].items()) == [
        ("inventory", "org.zstack.ai.entity.ModelInventory"),
        *((f"inventory.modelServiceRefs[{number}]", "org.zstack.ai.entity.ModelServiceRefInventory") for number in references)]


def test_schema_of_other_results(client, ids):
    pattern = client.do("POST", "/v1/tags", {"params": {"name": "env", "value": "prod", "color": "#1A2B3C"}}).inventory["uuid"]
    answer = client.send("POST", f"/v1/tags/{pattern}/resources", {"params": {"resourceUuids": [ids.model, "0" * 32]}})
    job = answer.json["location"].rsplit("/", 1)[1]
    client.poll(job)
    typed = client.raw("GET", f"/v1/api-jobs/{job}", headers={"X-JSON-Schema": "1"}).json
    assert list(typed["schema"].items()) == [
        ("results[0].inventory", "org.zstack.header.tag.UserTagInventory"), ("results[0].inventory.tagPattern", "org.zstack.header.tag.TagPatternInventory"),
        ("results[1].error", "org.zstack.header.errorcode.ErrorCode")]
    deleted = client.send("DELETE", f"/v1/tags/{pattern}").json["location"].rsplit("/", 1)[1]
    assert client.poll(deleted).text == "{}"
    assert client.raw("GET", f"/v1/api-jobs/{deleted}", headers={"X-JSON-Schema": "1"}).text == "{\"schema\":{}}"
    refused = client.send("PUT", *update(ids, "x" * 256)).json["location"].rsplit("/", 1)[1]
    assert client.poll(refused).status == 503
    assert "schema" not in client.raw("GET", f"/v1/api-jobs/{refused}", headers={"X-JSON-Schema": "1"}).json
    signed_in = {"logInByAccount": {"accountName": "admin", "password": hashlib.sha512(b"password").hexdigest()}}
    typed = client.raw("PUT", "/v1/accounts/login", json=signed_in, headers={"X-JSON-Schema": "1"}).json
    assert typed["schema"] == {"inventory": "org.zstack.header.identity.SessionInventory"}


def test_polls_of_other_kinds(client):
    unknown = client.raw("GET", f"/v1/api-jobs/{'0' * 32}")
    assert (unknown.status, unknown.text) == (404, "the job has been expired")
    refused = client.raw("DELETE", f"/v1/api-jobs/{'0' * 32}")
    assert (refused.status, refused.text) == (405, "only GET method is allowed for querying job status")


def test_job_uuid_of_the_client(client, ids):
    path, body = update(ids)
    short = client.send("PUT", path, body, headers={"X-Job-UUID": "abc"})
    assert (short.status, short.text) == (400, "Invalid header[X-Job-UUID], it must be a UUID with '-' stripped")
    job = "Z" * 32
    assert client.send("PUT", path, body, headers={"X-Job-UUID": job}).json["location"].endswith(job)
    assert client.poll(job).status == 200
    again = client.send("PUT", path, {"updateModel": {"name": "twice"}}, headers={"X-Job-UUID": job})
    assert (again.status, again.text) == (400, f"Duplicate job uuid[{job}]")
    assert client.names("/v1/ai/models", f"uuid={ids.model}") == ["renamed"]
    assert client.get("/v1/zones").status == 200
    assert client.send("GET", "/v1/zones", headers={"X-Job-UUID": "abc"}).status == 200


def test_row_is_written_before_validation(client, ids):
    job = uuid4().hex
    path = f"/v1/ai/models/{ids.model}"
    assert client.send("PUT", path, {"updateModel": {"name": "x" * 256}}, headers={"X-Job-UUID": job}).status == 202
    assert client.poll(job).code == "SYS.1007"
    assert client.send("PUT", path, {"updateModel": {"name": "x"}}, headers={"X-Job-UUID": job}).status == 400


def test_rest_layer_refusal_leaves_no_job(client, ids):
    job = uuid4().hex
    body = {"params": {"size": "many"}}
    assert client.send("POST", f"/v1/ai/model-services/{ids.service}", body, headers={"X-Job-UUID": job}).status == 400
    assert client.raw("GET", f"/v1/api-jobs/{job}").status == 404


def test_validation_only(client, sim, ids):
    before = sim.state()
    path, body = update(ids)
    dry = client.do("PUT", path, {**body, "systemTags": ["validationOnly"]})
    assert (dry.status, dry.text) == (200, "{}")
    bad = client.do("PUT", path, {"updateModel": {"modelClassifications": ["Nonsense"]}, "systemTags": ["validationOnly"]})
    assert bad.code == "SYS.1007"
    assert client.do("DELETE", path, params={"systemTags": "validationOnly"}).text == "{}"
    after = sim.state()
    assert (after["models"], after["system_tags"]) == (before["models"], before["system_tags"])
    assert [entry["validation_only"] for entry in sim.log() if entry["write"]] == [True, True, True]
    assert sim.writes() == []


def test_api_timeout(client, sim, ids):
    path, body = update(ids)
    assert client.send("PUT", path, body, headers={"X-API-Timeout": "90"}).json["apiTimeout"] == 90000
    assert client.send("PUT", path, body, headers={"X-API-Timeout": "soon"}).status == 500
    sim.configure(job_ms=patience(100))
    answer = client.send("PUT", path, {"updateModel": {"name": "late"}}, headers={"X-API-Timeout": "0"})
    job = answer.json["location"].rsplit("/", 1)[1]
    assert client.poll(job).code == "SYS.1001"
    time.sleep(patience(0.2))
    # the work ends later all the same
    assert client.names("/v1/ai/models", f"uuid={ids.model}") == ["late"]
    assert client.poll(job).code == "SYS.1001"


def test_expired_results(client, sim, ids):
    job = client.send("PUT", *update(ids)).json["location"].rsplit("/", 1)[1]
    assert client.poll(job).status == 200
    sim.configure(job_retention_s=-1)
    assert client.raw("GET", f"/v1/api-jobs/{job}").status == 404


def test_long_job_makes_its_row_at_its_end(client, sim, ids):
    sim.configure(job_ms_by_call={"AddModel": patience(80)})
    body = {"param": {"name": "slow", "installPath": "/slow", "modelCenterUuid": ids.center}}
    job = client.send("POST", "/v1/ai/models", body).json["location"].rsplit("/", 1)[1]
    assert client.names("/v1/ai/models", "name=slow") == []
    assert client.poll(job).status == 200
    assert client.names("/v1/ai/models", "name=slow") == ["slow"]


@pytest.fixture(name="own")
def own_fixture(make_client):
    """A simulator that a test may kill, and a client of it."""
    with RunningSimulator() as simulator:
        client = make_client(simulator)
        client.login()
        yield simulator, client


def test_restarts(own, ids):
    sim, client = own
    done = client.send("PUT", *update(ids)).json["location"].rsplit("/", 1)[1]
    result = client.poll(done)
    sim.configure(job_ms=5000)
    stuck = client.send("PUT", *update(ids, "never")).json["location"].rsplit("/", 1)[1]
    sim.restart(kill=True)
    # sessions, results and objects survive; what was running stays so forever
    assert client.poll(done).text == result.text
    assert client.raw("GET", f"/v1/api-jobs/{stuck}").status == 202
    assert client.names("/v1/ai/models", f"uuid={ids.model}") == ["renamed"]
    assert client.send("PUT", *update(ids), headers={"X-Job-UUID": stuck}).text == f"Duplicate job uuid[{stuck}]"
    assert client.do("DELETE", "/v1/ai/models/" + "0" * 12 + "4" + "0" * 3 + "8" + "0" * 15).status == 503
    sim.restart()
    assert client.raw("GET", f"/v1/api-jobs/{stuck}").status == 202
    assert client.poll(done, 0).status == 200


def test_reserved_uuids_survive_a_restart(own, ids):
    sim, client = own
    uuid = uuid4().hex
    body = {"param": {"name": "once", "installPath": "/once", "modelCenterUuid": ids.center, "resourceUuid": uuid}}
    assert client.do("POST", "/v1/ai/models", body).inventory["uuid"] == uuid
    assert client.do("DELETE", f"/v1/ai/models/{uuid}").status == 200
    sim.restart()
    assert client.do("POST", "/v1/ai/models", body).code == "SYS.1000"
    sim.configure(reserve_deleted_uuids=False)
    assert client.do("POST", "/v1/ai/models", body).status == 200
