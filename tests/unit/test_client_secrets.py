# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret is in any text of an error of the client."""

from __future__ import annotations

import json
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._protocol import auth as _auth
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import RENEWALS
from ansible_collections.zstack.aios.tests.unit.support.clock import fake_time
from ansible_collections.zstack.aios.tests.unit.support.scripted import (
    LOGIN_PATH, accepted, cut, error, job, login, lost, on, read_timeout, talking, unknown_job, unreachable,
)

pytestmark = pytest.mark.usefixtures("bare_environment")
MODELS = "/v1/ai/models"
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})
HTML = "<html><body>502 Bad Gateway</body></html>"

# Long enough not to be part of a message by chance.
few = settings(max_examples=25)
secrets = st.text(st.sampled_from("abcdefXYZ0123456789!$%&/()=?{}^~#'\"\\ "), min_size=12, max_size=30).map(lambda text: "k" + text.strip() + "K9x")
hexadecimal = st.text(st.sampled_from("0123456789abcdef"), min_size=32, max_size=32)

ANSWERS = {
    "closed": {"raises": lost}, "cut": {"raises": cut}, "slow": {"raises": read_timeout}, "unreachable": {"raises": unreachable},
    "page": {"status": 502, "body": HTML}, "empty": {"status": 500, "body": ""}, "text": {"status": 400, "body": "missing header 'Authorization'"},
    "moved": {"status": 302, "body": "moved", "headers": {"Location": "http://elsewhere/"}}, "refused": error("SYS.1006", details="no"),
    "expired": error("ID.1001"), "wrong": error("ID.1000"), "skewed": {"status": 403, "body": "requestTimeTooSkewed"},
}


def texts_of(failure: BaseException) -> str:
    """Everything that a log could show of a failure and of what it came from."""
    texts = list(traceback.format_exception(type(failure), failure, failure.__traceback__))
    current: BaseException | None = failure
    while current is not None:
        texts += [str(current), repr(current), repr(current.args)]
        if isinstance(current, ZStackError):
            texts.append(json.dumps(current.error))
        current = current.__cause__ or current.__context__
    return "\n".join(texts)


def assert_silent(failure: BaseException, hidden) -> None:
    """Check that none of the texts is shown."""
    texts = texts_of(failure)
    for secret in hidden:
        assert secret not in texts and repr(secret)[1:-1] not in texts and json.dumps(secret)[1:-1] not in texts


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@few
@given(password=secrets)
def test_a_failed_sign_in_does_not_reveal_the_password(answer, password):
    with fake_time(), talking(on("PUT", LOGIN_PATH, **answer), account_name="admin", account_password=password) as (client, _unused):
        with pytest.raises(ZStackError) as caught:
            client.get(MODELS, "u1")
        assert_silent(caught.value, (password, _auth.hash_password(password)))
        assert password not in repr(client) + repr(client.connection) + str(client.connection)
        assert {password, _auth.hash_password(password)} <= client.secrets


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@few
@given(password=secrets, session=hexadecimal)
def test_a_failed_read_does_not_reveal_the_session(answer, password, session):
    renewal = [login(session), on("GET", MODELS + "/u1", **answer)] * RENEWALS if answer is ANSWERS["expired"] else []
    with fake_time(), talking(
        login(session), on("GET", MODELS + "/u1", **answer), *renewal, account_name="admin", account_password=password, retries=0,
    ) as (client, _unused):
        with pytest.raises(ZStackError) as caught:
            client.get(MODELS, "u1")
        assert_silent(caught.value, (password, session))
        assert session in client.secrets


@pytest.mark.parametrize("answer", [answer for name, answer in ANSWERS.items() if name != "expired"],
                         ids=[name for name in ANSWERS if name != "expired"])
@few
@given(session=hexadecimal)
def test_a_failed_write_does_not_reveal_the_session(answer, session):
    # What is lost is asked for.
    looks = [unknown_job(), unknown_job()] if answer in [ANSWERS[name] for name in ("closed", "cut", "slow", "page", "empty")] else []
    with fake_time(), talking(on("PUT", UPDATE.path, **answer), *looks, session_uuid=session, retries=0) as (client, _unused):
        with pytest.raises(ZStackError) as caught:
            client.write(UPDATE)
        assert_silent(caught.value, (session,))


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@few
@given(secret=secrets)
def test_a_failed_call_does_not_reveal_the_access_key(answer, secret):
    with fake_time(), talking(
        on("GET", MODELS + "/u1", **answer), access_key_id="AKIDEXAMPLE000000001", access_key_secret=secret, server_timezone="UTC", retries=0,
    ) as (client, _unused):
        with pytest.raises(ZStackError) as caught:
            client.get(MODELS, "u1")
        assert_silent(caught.value, (secret,))


@few
@given(session=hexadecimal, password=secrets)
def test_a_failed_job_does_not_reveal_the_session(session, password):
    for last in (job(status=503, body="<html></html>"), unknown_job(), job(**error("SYS.1006")), job(**error("SYS.1001"))):
        with fake_time(), talking(
            login(session), accepted("PUT", UPDATE.path), last, account_name="admin", account_password=password, retries=0,
        ) as (client, _unused):
            with pytest.raises(ZStackError) as caught:
                client.write(UPDATE)
            assert_silent(caught.value, (session, password))


@few
@given(token=secrets)
def test_a_failed_write_does_not_reveal_its_body(token):
    write = Write("AddModel", "POST", MODELS, {"param": {"token": token}})
    for answer, looks in ((ANSWERS["closed"], 2), (ANSWERS["refused"], 0), (ANSWERS["unreachable"], 0), (ANSWERS["page"], 2)):
        with fake_time(), talking(
            on("POST", MODELS, **answer), *[unknown_job()] * looks, session_uuid="0" * 32, retries=0,
        ) as (client, _unused):
            with pytest.raises(ZStackError) as caught:
                client.write(write)
            assert_silent(caught.value, (token,))
