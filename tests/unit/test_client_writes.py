# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: writes as jobs, against a scripted node. What may be repeated is repeated, and nothing else."""

from __future__ import annotations

import dataclasses
import re

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, NotReadyError, OutcomeUnknownError, ProtocolError, ReadOnlyError, ServerError, UnreachableError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.tests.unit.support.scripted import (
    accepted, cut, error, job, lost, on, read_timeout, running, talking, unknown_job, unreachable,
)

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
JOB = re.compile(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}")
HTML = "<html><body>502 Bad Gateway</body></html>"
GIVEN = {"session_uuid": "7d1c0f3a52e84a6f9b0c1d2e3f405162"}
BODY = {"param": {"name": "n", "resourceUuid": "u1"}, "userTags": ["模"]}
CREATE = Write("AddModel", "POST", MODELS, BODY)
DELETE = Write("DeleteModel", "DELETE", MODELS + "/u1", None, (("deleteMode", "Permissive"), ("systemTags", "a"), ("systemTags", "b")))
DONE = {"inventory": {"uuid": "u1", "name": "n"}}

LOST = [
    pytest.param({"raises": lost}, id="closed"), pytest.param({"raises": cut}, id="cut"), pytest.param({"raises": read_timeout}, id="slow"),
    pytest.param({"status": 502, "body": HTML}, id="502"), pytest.param({"status": 503, "body": HTML}, id="503 page"),
    pytest.param({"status": 504, "body": ""}, id="504"), pytest.param({"status": 500, "body": ""}, id="empty 500"),
    pytest.param({"status": 200, "body": HTML}, id="200 page"), pytest.param({"status": 202, "body": '{"locat'}, id="cut 202"),
    pytest.param({"status": 202, "body": ""}, id="empty 202"),
]
DUPLICATE = [
    pytest.param({"status": 400, "body": "Duplicate job uuid[{job}]"}, id="classic"),
    pytest.param({"status": 400, "body": {"error": {"code": "SYS.1007", "details": "Duplicate job uuid[{job}]"}}}, id="diagnostic"),
]


def create(**answer):
    """Return the creating call."""
    return on("POST", MODELS, sent=BODY, query=[], **answer)


def test_a_write_becomes_a_job_that_is_asked_at_our_own_address(clock):
    with talking(accepted("POST", MODELS, sent=BODY), running(), running(), job(DONE), **GIVEN) as (client, script):
        assert client.write(CREATE) == DONE
    headers = script.seen[0].headers
    assert JOB.fullmatch(headers["X-Job-UUID"]) and headers["X-API-Timeout"] == "1800"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert script.seen[0].body.isascii()
    assert all(request.url.startswith("http://mn.example:8080/zstack/v1/api-jobs/") for request in script.seen[1:])
    assert clock.slept == sorted(clock.slept) and clock.slept[0] < 0.1


@pytest.mark.parametrize("location", [
    "http://10.0.0.5:8080/zstack/v1/api-jobs/%s", "http://localhost:8989/v1/api-jobs/%s", "/v1/api-jobs/%s", "%s", "https://mn/v1/api-jobs/%s/",
    "http://[::1]:8080/zstack/v1/api-jobs/%s?x=y", "http://10.0.0.5/v1/api-jobs/%s#f",
])
@pytest.mark.parametrize("uuid", ["{job}", "9c5b0f3a52e84a6f9b0c1d2e3f405162"])
def test_only_the_last_segment_of_the_location_counts(location, uuid):
    with talking(create(status=202, body={"location": location % uuid}), on("GET", "/v1/api-jobs/" + uuid, DONE), **GIVEN) as (client, _unused):
        assert client.write(CREATE) == DONE


@pytest.mark.parametrize("body", [{}, {"location": ""}, {"location": None}, {"apiTimeout": 1}])
def test_without_a_location_the_job_is_the_one_that_was_chosen(body):
    with talking(create(status=202, body=body), job(DONE), **GIVEN) as (client, _unused):
        assert client.write(CREATE) == DONE


def test_a_call_that_ends_at_once():
    with talking(create(body=DONE), **GIVEN) as (client, _unused):
        assert client.write(CREATE) == DONE


def test_a_delete_has_its_parameters_in_the_query_and_no_body():
    query = [("deleteMode", "Permissive"), ("systemTags", "a"), ("systemTags", "b")]
    with talking(accepted("DELETE", MODELS + "/u1", sent=None, query=query), job({}), **GIVEN) as (client, _unused):
        assert client.write(DELETE) == {}


def test_two_writes_have_two_jobs():
    with talking(accepted("POST", MODELS), job(DONE), accepted("POST", MODELS), job(DONE), **GIVEN) as (client, script):
        client.write(CREATE)
        client.write(CREATE)
    assert len(set(script.jobs)) == 2


@pytest.mark.parametrize("answer", LOST)
@pytest.mark.parametrize("looks", [[job(DONE)], [running(), running(), job(DONE)], [unknown_job(), job(DONE)], [unknown_job(), running(), job(DONE)]],
                         ids=["done", "running", "travelling", "travelling, running"])
def test_a_lost_answer_is_resolved_by_asking(answer, looks, clock):
    with talking(create(**answer), *looks, **GIVEN) as (client, script):
        assert client.write(CREATE) == DONE
    assert script.paths().count("POST " + MODELS) == 1
    if len(looks) == 2 and looks[0].status == 404:
        assert 2.0 in clock.slept, "a job may still be on its way"


@pytest.mark.parametrize("answer", LOST)
def test_a_write_that_never_arrived_is_sent_again_with_the_same_job(answer):
    looks = []
    with talking(create(**answer), unknown_job(), unknown_job(), accepted("POST", MODELS, sent=BODY), job(DONE), **GIVEN) as (client, script):
        assert client.write(CREATE, lambda: looks.append("look")) == DONE
    assert script.jobs[0] == script.jobs[1] and looks == ["look"]


@pytest.mark.parametrize("answer", LOST)
def test_an_object_that_is_there_is_not_made_again(answer):
    with talking(create(**answer), unknown_job(), unknown_job(), **GIVEN) as (client, _unused):
        with pytest.raises(OutcomeUnknownError) as caught:
            client.write(CREATE, lambda: {"uuid": "u1"})
    # Another run may have created it under the same uuid.
    assert caught.value.unsent and "does not know the job" in caught.value.message


@pytest.mark.parametrize("answer", LOST)
def test_a_write_that_never_arrives_is_reported_after_the_retries(answer):
    once = [create(**answer), unknown_job(), unknown_job()]
    with talking(*once * 3, retries=2, **GIVEN) as (client, script):
        with pytest.raises((AnswerLostError, ProtocolError)) as caught:
            client.write(CREATE, lambda: None)
    assert len(set(script.jobs)) == 1
    assert "POST " in caught.value.message and MODELS in caught.value.message


@pytest.mark.parametrize("answer", DUPLICATE)
def test_a_duplicate_is_asked_for(answer):
    with talking(create(raises=lost), unknown_job(), unknown_job(), create(**answer), running(), job(DONE), **GIVEN) as (client, script):
        assert client.write(CREATE) == DONE
    assert len(set(script.jobs)) == 1


@pytest.mark.parametrize("answer", DUPLICATE)
def test_a_duplicate_whose_job_failed_is_a_failure(answer):
    with talking(create(**answer), job(**error("SYS.1006", details="no")), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError, match=r"AddModel \(POST /v1/ai/models\) was refused by the server with SYS.1006: described. no."):
            client.write(CREATE)


def test_a_write_refused_for_its_rate_is_sent_again(clock):
    limited = create(status=429, body="Rate limit exceeded")
    with talking(limited, limited, accepted("POST", MODELS), job(DONE), **GIVEN) as (client, script):
        assert client.write(CREATE) == DONE
    assert len(set(script.jobs)) == 1 and clock.slept


def test_a_write_that_stays_refused_for_its_rate_is_reported():
    with talking(*[create(status=429, body="Rate limit exceeded")] * 3, retries=2, **GIVEN) as (client, _unused):
        with pytest.raises(ServerError, match="HTTP 429: Rate limit exceeded"):
            client.write(CREATE)


@pytest.mark.parametrize("status, body", [
    (400, "[cpuNum] field is excepted an int or long, but was [two]."), (403, "wrong accessKey signature"), (404, "no api mapping to /v1/ai/models"),
    (503, {"error": {"code": "SYS.1010", "details": "d"}}), (503, {"error": {"code": "SYS.1007", "details": "d"}}),
    (400, "Invalid header[X-Job-UUID], it must be a UUID with '-' stripped"), (404, {"error": {"code": "SYS.1003", "details": "no api mapping"}}),
])
def test_a_refused_write_is_not_sent_again(status, body):
    with talking(create(status=status, body=body), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError) as caught:
            client.write(CREATE)
    assert caught.value.status == status
    assert caught.value.message.startswith("AddModel (POST /v1/ai/models) was refused by the server with ")


def test_a_refusal_that_names_the_job_is_not_sent_again():
    """The diagnostic dialect adds the id of the call to each refusal (REST protocol page, section 7)."""
    body = {"error": {"code": "SYS.1007", "details": "d"}, "id": "{job}", "success": "false"}
    with talking(create(status=503, body=body), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError, match="SYS.1007"):
            client.write(CREATE)


def test_a_write_that_the_rest_layer_broke_is_resolved_by_its_job(clock):
    with talking(create(status=500, body="lock wait"), running(), job(status=200, body={"inventory": {"uuid": "u1"}}), **GIVEN) as (client, _unused):
        assert client.write(CREATE) == {"inventory": {"uuid": "u1"}}


def test_a_write_that_the_rest_layer_refused_is_not_sent_again(clock):
    gone = {"status": 404, "body": "the job has been expired"}
    with talking(create(status=500, body="Unexpected end of input"), job(**gone), job(**gone), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError, match="HTTP 500: Unexpected end of input"):
            client.write(CREATE)


ABOUT_THE_NODE = [*(error(code, details="boot") for code in ("SYS.1008", "SYS.1009", "SYS.1010", "SYS.1012")),
                  {"status": 500, "body": "java.lang.NullPointerException"}, {"status": 500, "body": {"error": {"code": "SYS.1000", "details": "d"}}},
                  {"status": 404, "body": "no api mapping to /v1/api-jobs/x"}]


@pytest.mark.parametrize("answer", ABOUT_THE_NODE)
def test_an_answer_about_the_node_says_nothing_of_the_job(clock, answer):
    with talking(accepted("POST", MODELS), *[job(**answer)] * 7, running(), job(status=200, body={"inventory": {"uuid": "u1"}}), **GIVEN) as (client, _unused):
        assert client.write(CREATE) == {"inventory": {"uuid": "u1"}}


def test_a_node_that_never_gets_ready_leaves_the_outcome_unknown(clock):
    answer = error("SYS.1010", details="boot")
    with talking(accepted("POST", MODELS), *[job(**answer)] * 50, wait_timeout=3, **GIVEN) as (client, script):
        with pytest.raises(OutcomeUnknownError, match="could not be read") as caught:
            client.write(CREATE)
        assert caught.value.running
        script.forget()


def test_a_write_that_could_not_be_sent_is_reported_at_once():
    with talking(create(raises=unreachable), **GIVEN) as (client, _unused):
        with pytest.raises(UnreachableError, match="Could not connect to mn.example"):
            client.write(CREATE)


@pytest.mark.parametrize("code", ["SYS.1006", "SYS.1007", "SYS.1000", "ID.1002", "SYS.1003"])
def test_a_failed_job_is_the_failure_of_the_write(code):
    answer = error(code, details="because", globalErrorCode="ORG_ZSTACK_AI_10084", cause={"code": "HOST.1006", "details": "deep"})
    with talking(accepted("POST", MODELS), running(), job(**answer), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError) as caught:
            client.write(CREATE)
    assert caught.value.message == (
        "AddModel (POST /v1/ai/models) was refused by the server with %s (ORG_ZSTACK_AI_10084): described. because. Cause: HOST.1006 deep. "
        "System objects belong to the platform and are never deleted." % code)
    assert caught.value.error["cause"] == {"code": "HOST.1006", "details": "deep"}


def test_a_job_that_the_server_gave_up_on_may_still_end():
    with talking(accepted("POST", MODELS), job(**error("SYS.1001", details="timed out")), **GIVEN) as (client, script):
        with pytest.raises(OutcomeUnknownError, match="SYS.1001") as caught:
            client.write(CREATE)
    assert caught.value.running and caught.value.job == script.jobs[0] and caught.value.error["code"] == "SYS.1001"


@pytest.mark.parametrize("body", ["the job has been expired", {"error": {"code": "SYS.1003", "details": "the job has been expired"}}])
def test_a_job_that_the_server_forgot_has_an_unknown_outcome(body):
    with talking(accepted("POST", MODELS), running(), job(body, 404), **GIVEN) as (client, script):
        with pytest.raises(OutcomeUnknownError, match="the server no longer has the job") as caught:
            client.write(CREATE)
    assert not caught.value.running and script.jobs[0] in caught.value.message


def test_a_job_that_never_ends_is_given_up_in_time(clock):
    begin = clock.now
    looks = [running() for _unused in range(26)]
    with talking(accepted("POST", MODELS), *looks, wait_timeout=60, **GIVEN) as (client, script):
        with pytest.raises(OutcomeUnknownError) as caught:
            client.write(CREATE)
        script.forget()
    assert 60 <= clock.now - begin <= 66 and 10 < len(script.seen) <= 26
    assert caught.value.running and script.jobs[0] in caught.value.message
    assert "has not ended within 60 seconds (wait_timeout)" in caught.value.message


@pytest.mark.parametrize("answer", [
    {"raises": lost}, {"raises": unreachable}, {"raises": cut}, {"status": 502, "body": HTML}, {"status": 503, "body": ""},
    {"status": 200, "body": "{"},
    {"status": 429, "body": "Rate limit exceeded"},
], ids=["closed", "unreachable", "cut", "502", "empty", "cut JSON", "429"])
def test_a_look_at_a_job_is_repeated(answer):
    look = on("GET", "/v1/api-jobs/{job}", **answer)
    with talking(accepted("POST", MODELS), look, look, running(), look, job(DONE), **GIVEN) as (client, _unused):
        assert client.write(CREATE) == DONE
    with talking(accepted("POST", MODELS), *[look] * 3, retries=2, **GIVEN) as (client, script):
        with pytest.raises(OutcomeUnknownError, match="the job could not be read: ") as caught:
            client.write(CREATE)
    assert caught.value.running and script.jobs[0] in caught.value.message


def test_a_job_needs_no_sign_in():
    def unsigned(request):
        assert "Authorization" not in request.headers

    with talking(accepted("POST", MODELS), job(DONE, check=unsigned), **GIVEN) as (client, _unused):
        client.write(CREATE)


# -- check mode

VALIDATES = [
    Write("AddModel", "POST", MODELS, {"param": {}, "systemTags": ["a", "validationOnly"]}),
    Write("DeleteModel", "DELETE", MODELS + "/u1", None, (("systemTags", "validationOnly"),)),
]


@pytest.mark.parametrize("write", [
    CREATE, DELETE, Write("X", "PUT", "/v1/x", {"x": {"systemTags": ["validationOnly"]}}),
    Write("X", "PUT", "/v1/x", {"userTags": ["validationOnly"]}),
    Write("X", "POST", "/v1/x"), Write("X", "DELETE", "/v1/x", None, (("validationOnly", "true"),)), Write("X", "PUT", "/v1/x", {"systemTags": None}),
    Write("X", "PUT", "/v1/x", {"systemTags": ["validationOnly2"]}),
], ids=repr)
def test_a_client_that_only_reads_sends_no_write(write):
    with talking() as (client, script):
        with client.reading_only(True):
            with pytest.raises(ReadOnlyError, match="was about to be sent in check mode. This is a defect of the collection"):
                client.write(write)
    assert not script.seen


@pytest.mark.parametrize("write", VALIDATES, ids=["body", "query"])
def test_a_client_that_only_reads_may_ask_for_a_validation(write):
    with talking(accepted(write.method, write.path), job({}), **GIVEN) as (client, _unused):
        with client.reading_only(True):
            assert client.write(write) == {}


def test_a_client_that_only_reads_reads_and_then_writes_again():
    with talking(on("GET", MODELS + "/u1", {"inventories": []}), accepted("POST", MODELS), job(DONE), **GIVEN) as (client, _unused):
        with pytest.raises(RuntimeError):
            with client.reading_only(True):
                with client.reading_only(True):
                    client.get(MODELS, "u1")
                with pytest.raises(ReadOnlyError):
                    client.write(CREATE)
                raise RuntimeError
        with client.reading_only(False):
            client.write(CREATE)


@pytest.mark.parametrize("answer", [
    {"status": 301, "body": "Moved", "headers": {"Location": "https://mn.example/"}}, {"status": 400, "body": "no"}, {"status": 401, "body": "Sign in first"},
    {"status": 403, "body": "not from this address"}, {"status": 405, "body": "no"}, {"status": 400, "body": {"error": {"code": "SYS.1007"}}},
], ids=lambda answer: str(answer["status"]))
def test_a_poll_that_is_refused_in_between_says_nothing_about_the_job(answer):
    with talking(accepted("POST", MODELS), job(**answer), running(), job(DONE), retries=1, **GIVEN) as (client, _unused):
        assert client.write(CREATE) == DONE
    with talking(accepted("POST", MODELS), job(**answer), job(**answer), retries=1, **GIVEN) as (client, _unused):
        with pytest.raises(OutcomeUnknownError, match="the job could not be read: the answer was HTTP %d with " % answer["status"]) as caught:
            client.write(CREATE)
    assert caught.value.running


class TestAWatch:
    """While a job runs, its write's watch looks at what the job works on."""

    failure = NotReadyError("the group has failed")

    def write(self, looks):
        """Return a creating call whose watch returns the given values, one after the other."""
        def watch():
            self.count += 1
            found = looks.pop(0) if looks else None
            if found is not None:
                raise found

        self.count = 0
        return dataclasses.replace(CREATE, watch=watch)

    def test_a_job_that_ends_soon_needs_no_look(self):
        with talking(accepted("POST", MODELS), *[running() for _unused in range(5)], job(DONE), **GIVEN) as (client, _unused):
            assert client.write(self.write([self.failure])) == DONE
        assert self.count == 0

    def test_a_failure_ends_the_wait_for_a_job_that_goes_on(self, clock):
        with talking(accepted("POST", MODELS), *[running() for _unused in range(14)], **GIVEN) as (client, _unused):
            with pytest.raises(NotReadyError, match="the group has failed"):
                client.write(self.write([None, None, self.failure]))
        assert self.count == 3 and sum(clock.slept) < 20

    def test_the_reason_of_the_job_is_better(self):
        reason = job({"error": {"code": "SYS.1006", "details": "no host has enough memory"}}, 503)
        with talking(accepted("POST", MODELS), *[running() for _unused in range(11)], reason, **GIVEN) as (client, _unused):
            with pytest.raises(ServerError, match="no host has enough memory"):
                client.write(self.write([self.failure]))
        assert self.count == 1
