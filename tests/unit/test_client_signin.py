# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: sign-in, sessions and access keys, against a scripted node."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._protocol import auth as _auth
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, OptionError, OutcomeUnknownError, ProtocolError, ServerError, UnreachableError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import RENEWALS
from ansible_collections.zstack.aios.tests.unit.support.scripted import (
    ADMIN, LOGIN_PATH, SESSION, accepted, connection, cut, error, expired, job, login, lost, on, read_timeout, talking, unreachable,
)

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
SESSIONS = "/v1/accounts/sessions/"
SECOND = "8e2d" + SESSION[4:]
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})
KEY = {"access_key_id": "AKIDEXAMPLE000000001", "access_key_secret": "s3cr3tKeyForTestVectors0123456789abcdefG"}


def signed_with(session):
    """Checks the session of a request."""
    def check(request):
        assert request.headers["Authorization"] == "OAuth " + session
    return check


def unsigned(request):
    """Checks that a request shows no session."""
    assert "Authorization" not in request.headers


def found(uuid="u1", **more):
    """Return a read of one object that works."""
    return on("GET", MODELS + "/" + uuid, {"inventories": [{"uuid": uuid}], "schema": {}}, **more)


def test_signing_in_sends_the_hash_and_the_session_is_used():
    body = {"logInByAccount": {"accountName": ADMIN["account_name"], "password": _auth.hash_password(ADMIN["account_password"])}}
    with talking(login(sent=body, check=unsigned), found(check=signed_with(SESSION)), found(check=signed_with(SESSION))) as (client, script):
        assert client.get(MODELS, "u1") == {"uuid": "u1"}
        assert client.get(MODELS, "u1") == {"uuid": "u1"}
        assert SESSION in client.secrets and _auth.hash_password(ADMIN["account_password"]) in client.secrets
    assert script.seen[0].headers["Content-Type"] == "application/json; charset=utf-8"


def test_nothing_is_sent_before_it_is_needed():
    with talking() as (client, script):
        assert client.secrets >= {ADMIN["account_password"]}
    assert not script.seen


def test_a_given_session_is_used_and_left_open():
    with talking(found(check=signed_with("given")), session_uuid="given") as (client, _unused):
        client.get(MODELS, "u1")
        client.close()


def test_an_expired_session_is_renewed_once_for_a_read():
    with talking(login(), on("GET", MODELS + "/u1", check=signed_with(SESSION), **expired()), login(SECOND),
                 found(check=signed_with(SECOND))) as (client, _unused):
        assert client.get(MODELS, "u1") == {"uuid": "u1"}
        assert {SESSION, SECOND} <= client.secrets


def test_a_read_that_stays_refused_ends_after_a_few_sign_ins():
    with talking(*[step for number in range(RENEWALS + 1) for step in (login("%032x" % number), refused_read())]) as (client, _unused):
        with pytest.raises(ServerError, match="ID.1001.*Session expired"):
            client.get(MODELS, "u1")


def refused_read():
    """Return a read refused for its session."""
    return on("GET", MODELS + "/u1", **expired())


def test_an_expired_session_is_renewed_once_for_a_write_refused_at_once():
    with talking(
        login(), on("PUT", UPDATE.path, check=signed_with(SESSION), **expired()), login(SECOND),
        accepted("PUT", UPDATE.path, check=signed_with(SECOND)),
        job({"inventory": {"uuid": "u1"}}),
    ) as (client, script):
        assert client.write(UPDATE) == {"inventory": {"uuid": "u1"}}
    assert len(set(script.jobs)) == 2


def test_an_expired_session_is_renewed_once_for_a_write_refused_in_its_job():
    with talking(
        login(), accepted("PUT", UPDATE.path), job(**expired()), login(SECOND), accepted("PUT", UPDATE.path, check=signed_with(SECOND)), job({}),
    ) as (client, script):
        assert client.write(UPDATE) == {}
    # The first job uuid is spent: the server would call it a duplicate.
    assert len(set(script.jobs)) == 2


def test_a_write_that_stays_refused_ends_after_a_few_sign_ins():
    with talking(*[
        step for number in range(RENEWALS + 1) for step in (login("%032x" % number), accepted("PUT", UPDATE.path), job(**expired()))
    ]) as (client, _unused):
        with pytest.raises(ServerError, match="ID.1001"):
            client.write(UPDATE)


def test_a_write_survives_two_expiries_in_a_row():
    third = "3" * 32
    with talking(
        login(), accepted("PUT", UPDATE.path), job(**expired()), login(SECOND), on("PUT", UPDATE.path, **expired()),
        login(third), accepted("PUT", UPDATE.path, check=signed_with(third)), job(status=200, body={"inventory": {"uuid": "u1"}}),
    ) as (client, _unused):
        assert client.write(UPDATE) == {"inventory": {"uuid": "u1"}}


def test_a_given_session_cannot_be_renewed():
    with talking(refused_read(), session_uuid="given") as (client, _unused):
        with pytest.raises(ServerError, match="ID.1001.*Give account_name and account_password"):
            client.get(MODELS, "u1")
    with talking(accepted("PUT", UPDATE.path), job(**expired()), session_uuid="given") as (client, _unused):
        with pytest.raises(ServerError, match="ID.1001"):
            client.write(UPDATE)


@pytest.mark.parametrize("code", ["ID.1000", "ID.1005", "ID.1006", "ID.1007", "ID.2001", "LOGIN_CONTROL.1002", "SYS.1007", "SYS.1000", "SYS.1001"])
@pytest.mark.parametrize("act", [lambda client: client.get(MODELS, "u1"), lambda client: client.write(UPDATE)], ids=["read", "write"])
def test_a_refused_sign_in_is_tried_once(code, act):
    with talking(on("PUT", LOGIN_PATH, **error(code, details="wrong"))) as (client, script):
        with pytest.raises(ServerError) as caught:
            act(client)
    assert caught.value.server_code == code
    assert caught.value.message.startswith("Signing in as admin (PUT /v1/accounts/login) was refused by the server with " + code)
    assert len(script.seen) == 1


def test_a_refused_sign_in_is_remembered():
    with talking(on("PUT", LOGIN_PATH, **error("ID.1000", details="wrong"))) as (client, script):
        for act in (lambda: client.get(MODELS, "u1"), lambda: client.write(UPDATE), lambda: client.query(MODELS)):
            with pytest.raises(ServerError, match="ID.1000"):
                act()
    assert len(script.seen) == 1


@pytest.mark.parametrize("failure", [lost, cut, read_timeout], ids=lambda failure: failure.__name__)
@pytest.mark.parametrize("act", [lambda client: client.get(MODELS, "u1"), lambda client: client.write(UPDATE)], ids=["read", "write"])
def test_a_lost_sign_in_is_not_repeated(failure, act):
    with talking(on("PUT", LOGIN_PATH, raises=failure)) as (client, script):
        with pytest.raises(AnswerLostError, match="It is not tried again, because failed sign-ins lock the account"):
            act(client)
    assert len(script.seen) == 1


def test_a_lost_renewal_is_not_repeated_for_a_read():
    with talking(login(), refused_read(), on("PUT", LOGIN_PATH, raises=lost)) as (client, _unused):
        with pytest.raises(AnswerLostError, match="It is not tried again"):
            client.get(MODELS, "u1")


@pytest.mark.parametrize("status, body", [(200, {}), (200, {"inventory": {}}), (502, "<html>Bad Gateway</html>"), (200, ""), (500, ""), (302, "")])
def test_a_sign_in_without_session_is_tried_once(status, body):
    with talking(on("PUT", LOGIN_PATH, body, status)) as (client, script):
        with pytest.raises((ServerError, ProtocolError)):
            client.get(MODELS, "u1")
    assert len(script.seen) == 1


@pytest.mark.parametrize("answer", [
    error("SYS.1010"), error("SYS.1008"), error("SYS.1009"), error("SYS.1012"), {"status": 404, "body": "no api mapping to /v1/accounts/login"},
    {"status": 429, "body": "Rate limit exceeded"},
])
def test_a_refusal_before_the_password_is_looked_at_may_pass(answer, clock):
    with talking(on("PUT", LOGIN_PATH, **answer), on("PUT", LOGIN_PATH, **answer), login(), found()) as (client, _unused):
        assert client.get(MODELS, "u1") == {"uuid": "u1"}
    assert clock.slept


def test_a_node_that_never_gets_ready_is_reported():
    refusals = [on("PUT", LOGIN_PATH, **error("SYS.1010", details="not ready")) for _unused in range(3)]
    with talking(*refusals, retries=2) as (client, _unused):
        with pytest.raises(ServerError, match="SYS.1010.*management-nodes/ready"):
            client.get(MODELS, "u1")


def test_a_node_that_cannot_be_reached_is_reported():
    with talking(on("PUT", LOGIN_PATH, raises=unreachable)) as (client, _unused):
        with pytest.raises(UnreachableError, match="Could not connect to mn.example port 8080: .*Connection refused.*Check host and port"):
            client.get(MODELS, "u1")


def test_closing_signs_out_once():
    with talking(login(), found(), on("DELETE", SESSIONS + SESSION, {})) as (client, _unused):
        client.get(MODELS, "u1")
        client.close()
        client.close()


def test_closing_without_a_session_sends_nothing():
    with talking() as (client, _unused):
        client.close()


def test_closing_an_access_key_sends_nothing():
    with talking(found(), **KEY) as (client, _unused):
        client.get(MODELS, "u1")
        client.close()


def test_closing_never_raises():
    outs = [on("DELETE", SESSIONS + SESSION, raises=failure) for failure in (lost, unreachable)]
    with talking(login(), found(), *outs, retries=1) as (client, _unused):
        client.get(MODELS, "u1")
        client.close()


def test_sessions_are_watched():
    seen = []
    with talking(login(), found(), on("DELETE", SESSIONS + SESSION, {})) as (_unused, script):
        client = Client(connection(), watch=lambda session, opened: seen.append((session, opened)))
        client.get(MODELS, "u1")
        assert seen == [(SESSION, True)]
        client.close()
    assert seen == [(SESSION, True), (SESSION, False)] and len(script.seen) == 3


def test_a_session_that_is_handed_over_is_the_callers():
    with talking(login()) as (client, _unused):
        assert client.hand_over_session() == SESSION
        client.close()
    with talking(on("DELETE", SESSIONS + SESSION, {})) as (client, _unused):
        assert client.close_session(SESSION)
    with talking(*[on("DELETE", SESSIONS + SESSION, raises=lost)] * 2, retries=1) as (client, _unused):
        assert not client.close_session(SESSION)
    with talking(**KEY) as (client, _unused):
        with pytest.raises(ProtocolError, match="An access key signs each call by itself and has no session"):
            client.hand_over_session()


def test_a_rate_is_kept_to_before_each_request():
    waits = []
    with talking(login(), found(), accepted("PUT", UPDATE.path), job({}), found()) as (client, script):
        with client.paced(lambda: waits.append(len(script.seen))):
            client.get(MODELS, "u1")
            client.write(UPDATE)
        client.get(MODELS, "u1")
    assert waits == [0, 1, 2, 3]


# -- access keys

def hours_from_now(request):
    """Return how far the Date of a request is from the moment, in hours."""
    moment = datetime.datetime.strptime(request.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=datetime.timezone.utc)
    return round((moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 3600, 1)


def signed(hours=None):
    """Checks the signature of a request against the text that it must be made of."""
    def check(request):
        path = request.url.split("/zstack", 1)[1].split("?", 1)[0]
        expected = _auth.signature(KEY["access_key_secret"], request.method, request.headers["Date"], path)
        assert request.headers["Authorization"] == "ZStack %s:%s" % (KEY["access_key_id"], expected)
        assert hours is None or hours_from_now(request) == hours
    return check


def skewed(**more):
    """Return the refusal for a clock that is elsewhere."""
    return on("GET", MODELS + "/u1", "requestTimeTooSkewed", 403, **more)


def test_every_call_of_an_access_key_is_signed_and_none_signs_in():
    with talking(found(check=signed(0)), accepted("PUT", UPDATE.path, check=signed(0)), job({}, check=unsigned), **KEY) as (client, _unused):
        client.get(MODELS, "u1")
        client.write(UPDATE)


def test_the_server_time_zone_is_used():
    with talking(found(check=signed(5.5)), server_timezone="+05:30", **KEY) as (client, _unused):
        client.get(MODELS, "u1")


def test_a_clock_that_is_elsewhere_is_found_and_remembered():
    with talking(skewed(check=signed(0)), skewed(check=signed()), found(check=signed(8)), found(check=signed(8)), **KEY) as (client, _unused):
        client.get(MODELS, "u1")
        client.get(MODELS, "u1")


def test_a_write_refused_for_its_clock_is_sent_again_with_the_same_job():
    refusal = on("PUT", UPDATE.path, "requestTimeTooSkewed", 403)
    with talking(refusal, refusal, accepted("PUT", UPDATE.path, check=signed(8)), job({}), **KEY) as (client, script):
        client.write(UPDATE)
    assert len(set(script.jobs)) == 1


@pytest.mark.parametrize("options, tries", [({}, 3), ({"server_timezone": "UTC"}, 1)])
def test_no_clock_that_fits_is_reported_with_the_option(options, tries):
    with talking(*[skewed() for _unused in range(tries)], **KEY, **options) as (client, _unused):
        with pytest.raises(ProtocolError, match=r"requestTimeTooSkewed.*Set server_timezone.*`date \+%:z`"):
            client.get(MODELS, "u1")


@pytest.mark.parametrize("text", ["wrong accessKey signature", "access key id: AKID does not existed or disabled"])
def test_a_refused_access_key_is_reported_at_once(text):
    with talking(on("GET", MODELS + "/u1", text, 403), **KEY) as (client, _unused):
        with pytest.raises(ServerError, match="HTTP 403: .*(wrong accessKey signature|disabled)"):
            client.get(MODELS, "u1")


def test_an_access_key_has_no_session_to_renew():
    with talking(refused_read(), **KEY) as (client, _unused):
        with pytest.raises(ServerError, match="ID.1001"):
            client.get(MODELS, "u1")


def test_an_unknown_time_zone_is_refused_before_anything_is_sent():
    with pytest.raises(OptionError, match="^server_timezone: 'Mars' is not"):
        Client(connection(server_timezone="Mars", **KEY))


def test_the_version_needs_no_sign_in():
    answer = on("PUT", "/v1/management-nodes/actions", {"version": "5.5.22", "success": True}, sent={"getVersion": {}}, check=unsigned)
    with talking(answer) as (client, _unused):
        assert client.version() == "5.5.22"
        assert client.version() == "5.5.22"
    with talking(on("PUT", "/v1/management-nodes/actions", {"success": True})) as (client, _unused):
        assert client.version() == ""


def test_an_unresolved_job_of_an_expired_session_is_not_sent_again():
    with talking(login(), accepted("PUT", UPDATE.path), job("the job has been expired", 404)) as (client, _unused):
        with pytest.raises(OutcomeUnknownError):
            client.write(UPDATE)


def test_sign_out_pauses_between_its_tries(clock):
    boot = {"status": 503, "body": {"error": {"code": "SYS.1010", "details": "boot"}}}
    path = "/v1/accounts/sessions/" + SESSION
    with talking(on("DELETE", path, **boot), on("DELETE", path, **boot), on("DELETE", path, body={}), session_uuid="given", retries=3) as (client, _unused):
        assert client.close_session(SESSION)
    assert len([seconds for seconds in clock.slept if seconds > 0]) >= 1
