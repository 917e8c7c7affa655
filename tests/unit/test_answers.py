# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of answers: whatever a server sends, a call ends with a valid result or with an error of the collection."""

from __future__ import annotations

import contextlib
import io
import json
import time
from unittest import mock

import pytest
import requests
import requests.adapters
import urllib3
from hypothesis import example, given
from hypothesis import strategies as st
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers as _answers
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    FormError, OutcomeUnknownError, UnusableAnswerError, ProtocolError, ServerError, ZStackError, describe,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import Pairs
from ansible_collections.zstack.aios.tests.unit.support.clock import fake_time
from ansible_collections.zstack.aios.tests.unit.support.scripted import (
    LOGIN_PATH, SESSION, accepted, connection, job, login, on, talking,
)

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
GIVEN = {"session_uuid": SESSION}
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})
HALF = "\ud83d"

MEMBERS = st.sampled_from((
    "inventory", "inventories", "results", "uuid", "total", "version", "location", "error", "code", "globalErrorCode", "description", "details",
    "elaboration", "cause", "causes", "success", "name", "schema"))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(HALF), st.text(max_size=8),
    st.sampled_from(("u1", "u2", SESSION, "SYS.1007", "ID.1001", "SYS.1010", "5.5.22", "http://mn/v1/api-jobs/u1", "\x1b[31m", "")))
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(MEMBERS, inner, max_size=4)), max_leaves=12)
STATUSES = st.sampled_from((200, 202, 204, 301, 400, 403, 404, 429, 500, 502, 503))


def nested(levels, inner="1"):
    """Return an error object with a chain of causes, and a list, of that many levels, as JSON text."""
    return '{"error": ' + '{"code": "SYS.1006", "cause": ' * levels + inner + "}" * levels + "}", '{"inventories": ' + "[" * levels + "]" * levels + "}"


@contextlib.contextmanager
def node(answer):
    """A management node that gives ``answer(method, path)``, a status and a text, to each request."""
    def send(adapter, request, **kwargs):
        status, text = answer(request.method, request.path_url.partition("?")[0].replace("/zstack", "", 1))
        raw = urllib3.HTTPResponse(body=io.BytesIO(text.encode("utf-8", "surrogatepass")), status=status, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    with fake_time(), mock.patch.object(requests.adapters.HTTPAdapter, "send", send):
        yield


def signed_in(status, text):
    """Return the answers of a node that lets everybody sign in and answers everything else alike."""
    good = json.dumps({"inventory": {"uuid": SESSION}})
    return lambda method, path: (200, good) if path == LOGIN_PATH else (status, text)


def at_the_job(status, text):
    """Return the answers of a node that takes each write, and answers alike when it is asked for the job."""
    return lambda method, path: (status, text) if "/api-jobs/" in path else (202, '{"location": "/v1/api-jobs/' + "a" * 32 + '"}')


def is_list(found):
    return isinstance(found, list) and all(isinstance(row, dict) and isinstance(row["uuid"], str) for row in found)


CALLS = {
    "sign-in": (lambda status, text: lambda method, path: (status, text), lambda client: client.hand_over_session(), lambda found: found.isascii()),
    "get": (signed_in, lambda client: client.get(MODELS, "u1"), lambda found: found is None or found["uuid"].lower() == "u1"),
    "query": (signed_in, lambda client: client.query(MODELS), is_list),
    "version": (signed_in, lambda client: client.version(), lambda found: isinstance(found, str)),
    "write": (signed_in, lambda client: client.write(UPDATE), lambda found: isinstance(found, dict)),
    "poll": (at_the_job, lambda client: client.write(UPDATE), lambda found: isinstance(found, dict)),
    "sign-out": (signed_in, lambda client: client.close_session(SESSION), lambda found: isinstance(found, bool)),
}


@pytest.mark.parametrize("call", CALLS)
@given(STATUSES, st.one_of(
    VALUES.map(json.dumps), st.fixed_dictionaries({}, optional={
        "inventory": VALUES, "inventories": VALUES, "results": VALUES, "total": VALUES, "version": VALUES, "location": VALUES, "error": VALUES,
    }).map(json.dumps), st.text(max_size=20)))
@example(503, nested(900)[0])
@example(503, nested(100000)[0])
@example(200, nested(900)[1])
@example(200, nested(100000)[1])
@example(200, "1" * 100000)
@example(200, '{"inventories": [{"uuid": "u1", "n": %s}]}' % ("9" * 100000))
@example(200, '{"inventories": [{"uuid": "u1", "n": 1e999}], "total": NaN}')
@example(503, '{"error": {"code": {"a": 1}, "causes": 7, "cause": "text", "details": ["\\ud83d"]}}')
@example(503, '{"error": {"code": "SYS.1006", "causes": ["text", 1, null, {"code": ["x"]}]}}')
def test_any_answer_leads_to_a_result_or_an_error_of_ours(call, status, text):
    answer, act, right = CALLS[call]
    given_session = {} if call == "sign-in" else GIVEN
    with node(answer(status, text)):
        client = Client(connection(retries=1, wait_timeout=int(patience(20)), **given_session))
        try:
            found = act(client)
        except ZStackError as error:
            assert error.message and json.loads(json.dumps(error.error)) == error.error
        else:
            assert right(found), found


@pytest.mark.parametrize("body, place", [
    ({"inventory": "text"}, "inventory"), ({"inventory": [1]}, "inventory"), ({"inventory": {}}, "inventory.uuid"), ({}, "inventory"),
    ({"inventory": {"uuid": 5}}, "inventory.uuid"), ({"inventory": {"uuid": {"a": 1}}}, "inventory.uuid"), ({"inventory": {"uuid": HALF}}, "inventory.uuid"),
    ({"inventory": {"uuid": "a\r\nHost: b"}}, "inventory.uuid"), ({"inventory": {"uuid": "x" * 65}}, "inventory.uuid"),
])
def test_a_sign_in_without_a_session_is_not_repeated_and_shows_no_value(body, place):
    with talking(on("PUT", LOGIN_PATH, json.dumps(body))) as (client, _unused):
        for _unused in range(2):
            with pytest.raises(FormError) as caught:
                client.get(MODELS, "u1")
    message = caught.value.message
    assert message.startswith("Signing in as admin (PUT /v1/accounts/login): %s in the answer must be " % place)
    assert "Host: b" not in message and "x" * 60 not in message and caught.value.error["code"] == "client.protocol"


@pytest.mark.parametrize("row, expected", [
    ("u1", 'inventories[0] in the answer must be an object with a uuid, but is a text: "u1"'), ({"name": "n"}, "inventories[0].uuid"),
    ({"uuid": 5}, "inventories[0].uuid in the answer must be a uuid, but is a number: 5"), ({"uuid": HALF}, r'but is a text: "\ud83d"'),
    ({"uuid": "a'b"}, "inventories[0].uuid"), ({"uuid": "x" * 999}, "..."), ({"uuid": True}, "but is a boolean: true"),
])
def test_a_row_that_is_no_object_is_named(row, expected):
    with talking(on("GET", MODELS, json.dumps({"inventories": [row]})), **GIVEN) as (client, _unused):
        with pytest.raises(FormError) as caught:
            client.query(MODELS)
    assert caught.value.message.startswith("GET /v1/ai/models: ") and expected in caught.value.message and len(caught.value.message) < 400


@pytest.mark.parametrize("result, place", [
    ({"inventory": "text"}, "inventory"), ({"inventory": [1]}, "inventory"), ({"inventory": {"uuid": 7}}, "inventory.uuid"),
    ({"inventories": "text"}, "inventories"), ({"results": [1]}, "results"), ({"results": {"a": 1}}, "results"),
])
def test_a_job_that_ended_with_an_unusable_result_is_done_and_not_refused(result, place):
    for answers in ([accepted("PUT", UPDATE.path), job(result)], [on("PUT", UPDATE.path, result)]):
        with talking(*answers, **GIVEN) as (client, _unused):
            expected = r"the call was executed, but not its result. UpdateModel \(PUT .*: %s in the answer must be" % place
            with pytest.raises(OutcomeUnknownError, match=expected) as caught:
                client.write(UPDATE)
        assert not caught.value.running and caught.value.job


def test_an_error_in_a_result_is_a_refusal():
    refused = {"error": {"code": "SYS.1006", "details": "no"}}
    with talking(accepted("PUT", UPDATE.path), job(refused), on("PUT", UPDATE.path, refused), on("GET", MODELS, refused), **GIVEN) as (client, _unused):
        for act in (lambda: client.write(UPDATE), lambda: client.write(UPDATE), lambda: client.query(MODELS)):
            with pytest.raises(ServerError, match="SYS.1006: no."):
                act()


@pytest.mark.parametrize("location", [
    5, ["/v1/api-jobs/x"], {"a": 1}, "/v1/api-jobs/" + HALF, "/v1/api-jobs/a b", "/" * 200000 + "?", "x/" * 100000 + "y z", "#", "?a/b",
    "/v1/api-jobs/" + "x" * 65])
def test_a_location_that_names_no_job_is_ignored(location):
    started = time.monotonic()
    with talking(on("PUT", UPDATE.path, json.dumps({"location": location}), 202), job({}), **GIVEN) as (client, _unused):
        assert client.write(UPDATE) == {}
    assert time.monotonic() - started < patience(5)


@pytest.mark.parametrize("version", [7, True, ["5.5"], {"a": "5.5"}, "5.5\n", HALF, "x" * 65, "5 5"])
def test_a_version_that_is_none_is_refused(version):
    with talking(on("PUT", "/v1/management-nodes/actions", json.dumps({"version": version})), **GIVEN) as (client, _unused):
        with pytest.raises(FormError, match=r"^getVersion \(PUT /v1/management-nodes/actions\): version in the answer must be a version such as 5.3.40"):
            client.version()


@pytest.mark.parametrize("levels", [900, 100000])
def test_an_error_that_nests_deep_keeps_its_reason(levels):
    text = nested(levels)[0].replace('"SYS.1006"', '"SYS.1007"', 1)
    with talking(accepted("PUT", UPDATE.path), job(text, 503), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError) as caught:
            client.write(UPDATE)
    assert caught.value.server_code == "SYS.1007" and len(caught.value.message) < 400
    depth, inner = 0, caught.value.error
    while isinstance(inner, dict):
        depth, inner = depth + 1, inner.get("cause")
    assert _answers.MOST_LEVELS - 2 <= depth <= _answers.MOST_LEVELS


def test_a_result_that_nests_deep_is_refused_and_not_cut():
    for levels in (900, 100000):
        with talking(on("GET", MODELS, nested(levels)[1]), **GIVEN) as (client, _unused):
            with pytest.raises(UnusableAnswerError, match="^GET http://.*/v1/ai/models: the answer cannot be used: it nests deeper than 64 levels"):
                client.query(MODELS)
    with talking(on("GET", MODELS, nested(_answers.MOST_LEVELS - 1)[1]), **GIVEN) as (client, _unused):
        with pytest.raises(FormError):
            client.query(MODELS)


@pytest.mark.parametrize("text", ['{"a": [' + "0," * 50 + "0]}", '{"a": [' + "[]," * 30 + "{}]}"])
def test_a_result_with_too_many_entries_is_refused(text, monkeypatch):
    monkeypatch.setattr(_answers, "MOST_ENTRIES", 40)
    with talking(on("GET", MODELS, text), **GIVEN) as (client, _unused):
        with pytest.raises(UnusableAnswerError, match="it has more than 40 entries"):
            client.query(MODELS)


def test_a_write_whose_answer_is_too_large_is_asked_for():
    with talking(on("PUT", UPDATE.path, nested(900)[1], 202), job({}), **GIVEN) as (client, script):
        assert client.write(UPDATE) == {}
    assert script.paths().count("PUT " + UPDATE.path) == 1


REPEATED = [
    ('{"inventories": [], "inventories": [{"uuid": "u1"}]}', "inventories"), ('{"inventories": [{"uuid": "u1", "name": "a", "name": "b"}]}', "name"),
    ('{"total": 1, "total": true, "inventories": []}', "total"), ('{"inventories": [{"uuid": "u1", "a": {"b": {}, "b": {"c": 1}}}]}', "b"),
    ('{"error": {"code": "SYS.1006"}, "error": null, "inventories": []}', "error"), ('{"x\\u001b": 1, "inventories": [], "x\\u001b": 2}', "x\\\\x1b"),
]


@pytest.mark.parametrize("text, key", REPEATED)
def test_a_result_that_gives_a_key_twice_with_different_values_is_refused(text, key):
    """Whoever is in between may have read the other value."""
    with talking(on("GET", MODELS, text), **GIVEN) as (client, _unused):
        with pytest.raises(UnusableAnswerError) as caught:
            client.query(MODELS)
    assert 'an object in it gives the key "%s" twice, with different values. ' % key in caught.value.message
    with talking(on("PUT", UPDATE.path, text), job({}), **GIVEN) as (client, script):
        assert client.write(UPDATE) == {}
    assert script.paths().count("PUT " + UPDATE.path) == 1


def test_a_key_that_is_given_twice_with_one_value_counts_once():
    text = '{"inventories": [{"uuid": "u1", "name": "a", "name": "a", "b": [{"c": 1}], "b": [{"c": 1}]}]}'
    with talking(on("GET", MODELS, text), **GIVEN) as (client, _unused):
        assert client.query(MODELS) == [{"uuid": "u1", "name": "a", "b": [{"c": 1}]}]


def test_an_error_that_gives_a_key_twice_keeps_its_reason():
    with talking(on("PUT", UPDATE.path, '{"error": {"code": "SYS.1006", "details": "x", "details": "no"}}', 503), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError, match="SYS.1006: no."):
            client.write(UPDATE)


def test_keys_at_every_level_are_compared_in_bounded_time():
    started = time.monotonic()
    for text in ('{"a":1,"a":' * 900 + '"%s"' % ("x" * 10 ** 6) + "}" * 900, '{"error":' + '{"a":1,"a":' * 60 + '"%s"' % ("x" * 10 ** 6) + "}" * 61):
        with contextlib.suppress(_answers.Unusable):
            _answers.parse(text)
    assert time.monotonic() - started < patience(5)


@given(VALUES, VALUES)
def test_a_text_is_cut_only_below_the_limit(upper, lower):
    value = {"error": {"a": upper, "b": ["]}\\\"[{", upper]}}
    text = json.dumps(value)
    assert _answers._without_depth(text, Pairs()) == value == _answers.parse(text)
    for _unused in range(_answers.MOST_LEVELS):
        lower = [lower]
    cut = _answers.parse(json.dumps({"error": {"a": upper, "deep": lower, "b": upper}}))
    assert cut["error"]["a"] == cut["error"]["b"] == upper


@pytest.mark.parametrize("text", [
    "", "[]", "7", '"text"', "null", "{", '{"a": NaN}', '{"a": -Infinity}', '{"a": 1e999}', '{"a": %s}' % ("1" * 41), "[" * 99999])
def test_what_is_no_usable_object_is_none_or_too_large(text):
    try:
        assert _answers.parse(text) is None
    except _answers.Unusable:
        assert text.startswith("[[")


@pytest.mark.parametrize("error, expected", [
    ({"code": {"a": 1}}, "HTTP 503."), ({"code": ["SYS.1006"], "details": {"b": None}}, 'HTTP 503: {"b": null}.'), ({"code": 1006}, "1006."),
    ({"code": "X.1", "causes": 7}, "X.1."), ({"code": "X.1", "causes": ["a", {"code": "C.1", "details": "d"}]}, "X.1. Cause: C.1 d."),
    ({"code": "X.1", "cause": {"code": "C.1", "details": True}}, "X.1. Cause: C.1 true."),
    ({"code": "X.1", "causes": [{"code": "C.%d" % number} for number in range(7)]}, "X.1. Cause: C.0. Cause: C.1. Cause: C.2. Cause: C.3. Cause: C.4. "
     "Causes not shown: 2."),
])
def test_an_error_of_an_unusual_form_is_described(error, expected):
    assert describe("UpdateModel", error, 503) == "UpdateModel was refused by the server with " + expected


def test_a_sign_out_counts_only_when_the_server_itself_confirms_it():
    path = "/v1/accounts/sessions/" + SESSION
    with talking(on("DELETE", path, "<html>signed out</html>"), on("DELETE", path, {}), retries=1, **GIVEN) as (client, _unused):
        assert client.close_session(SESSION)
    with talking(on("DELETE", path, "<html>signed out</html>"), retries=0, **GIVEN) as (client, _unused):
        assert not client.close_session(SESSION)


def test_a_sign_in_that_a_proxy_answers_may_be_tried_by_the_next_task():
    with talking(on("PUT", LOGIN_PATH, "<html>Bad Gateway</html>", 502), login(), on("GET", MODELS, {"inventories": []})) as (client, _unused):
        with pytest.raises(ProtocolError):
            client.query(MODELS)
        assert client.query(MODELS) == []
