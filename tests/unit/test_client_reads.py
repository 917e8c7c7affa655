# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: reads and their pages, against a scripted node."""

from __future__ import annotations

import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._protocol import pages as _pages
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AnswerLostError, ProtocolError, ServerError, UnreachableError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.pages import MOST_SHORT
from ansible_collections.zstack.aios.tests.unit.support.clock import fake_time
from ansible_collections.zstack.aios.tests.unit.support.scripted import (
    cut, error, lost, on, read_timeout, talking, unreachable,
)

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
HTML = "<html><body>502 Bad Gateway</body></html>"
GIVEN = {"session_uuid": "7d1c0f3a52e84a6f9b0c1d2e3f405162"}
PAGING = [("limit", "1000"), ("sort", "+uuid"), ("replyWithCount", "true")]


def uuids(count, first=0):
    """Distinct uuids in order."""
    return ["%032x" % number for number in range(first, first + count)]


def page(names, total=None, **more):
    """Return a page of a query."""
    body = {"inventories": [{"uuid": name} for name in names], "schema": {}}
    if total is not None:
        body["total"] = total
    return on("GET", MODELS, body, **more)


def read(**answer):
    """Return the reading of one object."""
    return on("GET", MODELS + "/u1", **answer)


FOUND = {"body": {"inventories": [{"uuid": "u1"}]}}


def test_one_object():
    with talking(read(query=[], **FOUND), **GIVEN) as (client, _unused):
        assert client.get(MODELS, "u1") == {"uuid": "u1"}


def test_an_object_that_is_not_there():
    with talking(read(body={"inventories": []}), **GIVEN) as (client, _unused):
        assert client.get(MODELS, "u1") is None


def test_a_uuid_cannot_leave_its_place_in_the_path():
    with talking(on("GET", MODELS + "/a%2F..%3Fq%3D1%23", {"inventories": []}, query=[]), **GIVEN) as (client, _unused):
        client.get(MODELS, "a/..?q=1#")


def test_conditions_are_encoded_whole():
    conditions = [_query.equals("name", "a=b & c+d%/#?模"), _query.condition("description", "is null")]
    with talking(page([], 0, query=[("q", "name=a=b & c+d%/#?模"), ("q", "description is null"), *PAGING]), **GIVEN) as (client, script):
        assert client.query(MODELS, conditions) == []
    raw = urllib.parse.urlsplit(script.seen[0].url).query
    assert not set(raw) & set("<>|{} ") and "q=name%3Da%3Db%20%26%20c%2Bd%25%2F%23%3F%E6%A8%A1&" in raw and "sort=%2Buuid" in raw


@pytest.mark.parametrize("count, totals", [
    (0, [0]), (1, [1]), (999, [999]), (1000, [1000]), (1001, [1001, 1]), (2500, [2500, 1500, 500]), (3000, [3000, 2000, 1000]),
])
def test_pages_with_a_total(count, totals):
    names = uuids(count)
    pages = []
    for number, total in enumerate(totals):
        after = [("q", "uuid>" + names[number * 1000 - 1])] if number else []
        pages.append(page(names[number * 1000:(number + 1) * 1000], total, query=[("q", "name=x"), *after, *PAGING]))
    with talking(*pages, **GIVEN) as (client, _unused):
        assert [row["uuid"] for row in client.query(MODELS, ["name=x"])] == names


@pytest.mark.parametrize("count, pages", [(0, 1), (999, 1), (1000, 2), (1001, 2), (2000, 3)])
def test_pages_of_a_server_that_does_not_count(count, pages):
    names = uuids(count)
    answers = [page(names[number * 1000:(number + 1) * 1000]) for number in range(pages)]
    with talking(*answers, **GIVEN) as (client, _unused):
        assert [row["uuid"] for row in client.query(MODELS)] == names


def test_a_server_with_smaller_pages_than_asked_for():
    names = uuids(250)
    answers = [page(names[start:start + 100], 250 - start) for start in (0, 100, 200)]
    with talking(*answers, **GIVEN) as (client, _unused):
        assert [row["uuid"] for row in client.query(MODELS)] == names


def test_rows_that_vanish_between_pages_hide_no_others():
    names = uuids(1500)
    # The first 500 are deleted meanwhile: an offset of 1000 would skip what is left.
    answers = [page(names[:1000], 1500), page(names[1000:], 500, query=[("q", "uuid>" + names[999]), *PAGING])]
    with talking(*answers, **GIVEN) as (client, _unused):
        assert [row["uuid"] for row in client.query(MODELS)] == names


def test_rows_that_all_vanish_end_the_query():
    names = uuids(1000)
    with talking(page(names, 1200), page([], 0), **GIVEN) as (client, _unused):
        assert len(client.query(MODELS)) == 1000
    # Counting and listing are two steps of the server, so a page may be empty by chance.
    with talking(page(names, 1200), page([], 200), page([], 0), **GIVEN) as (client, _unused):
        assert len(client.query(MODELS)) == 1000


def test_objects_that_are_counted_and_not_listed_are_refused():
    names = uuids(1000)
    with talking(page(names, 1200), *[page([], 200)] * 4, **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="the list does not end. The server still counts 200 objects after 1000 objects were read"):
            client.query(MODELS)


def test_a_full_page_with_a_smaller_total_is_not_the_last_one():
    names = uuids(1001)
    with talking(page(names[:1000], 3), page(names[1000:], 1), **GIVEN) as (client, _unused):
        assert [row["uuid"] for row in client.query(MODELS)] == names


def test_rows_that_appear_between_pages_are_not_doubled():
    names = uuids(1200)
    answers = [page(names[:1000], 1200), page(names[1000:] + uuids(3, 5000), 203)]
    with talking(*answers, **GIVEN) as (client, _unused):
        rows = [row["uuid"] for row in client.query(MODELS)]
    assert len(rows) == len(set(rows)) == 1203


@given(st.integers(0, 40), st.integers(1, 7), st.booleans())
def test_every_row_comes_once_whatever_the_page(count, size, counts):
    names = uuids(count)
    answers, rest = [], list(names)
    while True:
        answers.append(page(rest[:size], len(rest) if counts else None))
        if not counts or len(rest) <= size:
            break
        rest = rest[size:]
    with fake_time(), talking(*answers, **GIVEN) as (client, _unused):
        assert [row["uuid"] for row in client.query(MODELS)] == (names if counts else names[:size])


TRANSIENT = [
    pytest.param({"raises": lost}, id="closed"), pytest.param({"raises": cut}, id="cut"), pytest.param({"raises": read_timeout}, id="slow"),
    pytest.param({"status": 502, "body": HTML}, id="502"), pytest.param({"status": 503, "body": HTML}, id="503 page"),
    pytest.param({"status": 504, "body": ""}, id="504"), pytest.param({"status": 500, "body": ""}, id="empty 500"),
    pytest.param({"status": 200, "body": HTML}, id="200 page"), pytest.param({"status": 200, "body": '{"inventories": ['}, id="cut JSON"),
    pytest.param({"status": 200, "body": ""}, id="empty 200"),
    pytest.param({"status": 404, "body": "no api mapping to /v1/ai/models/u1"}, id="boot 404"),
    pytest.param({"status": 429, "body": "Rate limit exceeded"}, id="429"),
    *[pytest.param(error(code), id=code) for code in ("SYS.1001", "SYS.1008", "SYS.1009", "SYS.1010", "SYS.1011", "SYS.1012", "SYS.2111")],
]


@pytest.mark.parametrize("answer", TRANSIENT)
def test_a_read_is_repeated_after_what_passes(answer, clock):
    with talking(read(**answer), read(**answer), read(**FOUND), **GIVEN) as (client, _unused):
        assert client.get(MODELS, "u1") == {"uuid": "u1"}
    assert clock.slept and max(clock.slept) <= 10


@pytest.mark.parametrize("answer", TRANSIENT)
@pytest.mark.parametrize("retries", [0, 3])
def test_a_read_is_repeated_as_often_as_asked(answer, retries):
    with talking(*[read(**answer) for _unused in range(retries + 1)], retries=retries, **GIVEN) as (client, _unused):
        with pytest.raises((ServerError, ProtocolError, AnswerLostError)) as caught:
            client.get(MODELS, "u1")
    assert "GET " in caught.value.message and "/v1/ai/models/u1" in caught.value.message


def test_the_pauses_grow(clock):
    answers = [read(status=502, body=HTML) for _unused in range(5)]
    with talking(*answers, **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError):
            client.get(MODELS, "u1")
    assert clock.slept == sorted(clock.slept) and len(clock.slept) >= 3 and clock.slept[-1] > clock.slept[0]


def test_a_server_that_says_how_long_is_obeyed(clock):
    with talking(read(status=429, body="Rate limit exceeded", headers={"Retry-After": "7"}), read(**FOUND), **GIVEN) as (client, _unused):
        client.get(MODELS, "u1")
    assert clock.slept == [7]


@pytest.mark.parametrize("code", ["SYS.1000", "SYS.1003", "SYS.1006", "SYS.1007", "ID.1002", "ID.1003", "UNKNOWN.1"])
def test_a_read_is_not_repeated_after_a_refusal(code, clock):
    with talking(read(**error(code, details="because")), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError) as caught:
            client.get(MODELS, "u1")
    assert caught.value.server_code == code and caught.value.status == 503
    assert caught.value.message.startswith("GET /v1/ai/models/u1 was refused by the server with %s: described. because." % code)
    assert not clock.slept


@pytest.mark.parametrize("status, text", [(400, "Invalid query parameter."), (403, "forbidden"), (405, "no"),
                                          (500, "No query API found for the path[/v1]")])
def test_a_read_is_not_repeated_after_a_text(status, text):
    with talking(read(status=status, body=text), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError, match="HTTP %d: " % status) as caught:
            client.get(MODELS, "u1")
    assert text.rstrip(".") in caught.value.message


def test_a_read_that_could_not_be_sent_is_reported_at_once():
    with talking(read(raises=unreachable), **GIVEN) as (client, _unused):
        with pytest.raises(UnreachableError, match="Could not connect to mn.example port 8080: .*Connection refused"):
            client.get(MODELS, "u1")


def test_a_redirect_with_a_text_is_refused():
    answer = {"status": 301, "body": "Moved", "headers": {"Location": "https://mn.example/zstack/v1/ai/models/u1"}}
    with talking(read(**answer), **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="was redirected to https://mn.example/.*set protocol, host, port and context_path"):
            client.get(MODELS, "u1")


def test_the_diagnostic_dialect_is_read():
    body = {
        "error": {"code": "SYS.1003", "globalErrorCode": "ORG_ZSTACK_CORE_REST_10015", "details": "no api mapping to /v1/foo",
                  "cause": {"code": "SYS.1006", "cause": {"code": "SYS.1000", "details": "at the bottom"}}},
        "id": "x", "success": "false", "diagnostic": {"component": "Cloud"},
    }
    with talking(read(status=503, body=body), **GIVEN) as (client, _unused):
        with pytest.raises(ServerError) as caught:
            client.get(MODELS, "u1")
    for part in ("SYS.1003", "ORG_ZSTACK_CORE_REST_10015", "no api mapping to /v1/foo", "SYS.1000 at the bottom"):
        assert part in caught.value.message
    assert caught.value.error == body["error"]


def test_the_answer_is_decided_by_its_content_and_not_by_its_type():
    answer = {"headers": {"Content-Type": "text/html; charset=iso-8859-1"}, "body": '{"inventories":[{"uuid":"u1","name":"\\u003c模\\u003e"}]}'}
    with talking(read(**answer), **GIVEN) as (client, _unused):
        assert client.get(MODELS, "u1")["name"] == "<模>"


@pytest.mark.parametrize("body", [
    {}, {"inventories": None}, {"inventories": "text"}, {"inventories": 7}, {"inventories": {"uuid": "u1"}}, {"inventories": ["u1"]},
    {"inventories": [{"name": "n"}]}, {"inventories": [{"uuid": 5}]}, {"inventories": [{"uuid": ""}]}])
def test_an_answer_of_another_shape_is_no_empty_platform(body):
    with talking(on("GET", MODELS, body=body), on("GET", MODELS + "/u1", body=body), **GIVEN) as (client, _unused):
        for read in (lambda: client.query(MODELS), lambda: client.get(MODELS, "u1")):
            with pytest.raises(ProtocolError, match="inventories.*Check host, port and context_path"):
                read()


@pytest.mark.parametrize("names, problem", [
    (["u1", "u1"], "repeats the object with the uuid u1"), (["u1", "U1"], "repeats the object with the uuid U1"),
    (["u2", "u1"], "lists the uuid u1 after u2"),
])
def test_a_page_that_is_not_sorted_is_refused(names, problem):
    with talking(page(names, 2), **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match=problem + ".*such as a cache"):
            client.query(MODELS)


@pytest.mark.parametrize("total", [5, 1000000, 10 ** 12])
def test_pages_that_go_on_with_the_same_total_are_refused(total):
    answers = [page(uuids(1, number), total) for number in range(4)]
    with talking(*answers, **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="the list does not end. The server still counts %d objects after 4 objects were read" % total):
            client.query(MODELS)


def test_pages_of_one_object_each_are_refused_although_their_total_falls():
    answers = [page(uuids(1, number), 10 ** 6 - number) for number in range(MOST_SHORT + 1)]
    with talking(*answers, **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="the list does not end"):
            client.query(MODELS)


def test_full_pages_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(_pages, "MOST_CHARACTERS", 200000)
    answers = [page(uuids(1000, 1000 * number)) for number in range(5)]
    with talking(*answers, **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="the list does not end. The server still counts more objects after 5000 objects were read"):
            client.query(MODELS)


@pytest.mark.parametrize("total", ["5", True, -1, 5.0, [], {}, "x" * 1000])
def test_a_total_that_is_none_is_refused(total):
    with talking(page(["u1"], total), **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="^GET /v1/ai/models: total in the answer must be a number from 0 on, but is a") as caught:
            client.query(MODELS)
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("rows", [[{"uuid": "u2"}], [{"uuid": "u1"}, {"uuid": "u2"}]])
def test_another_object_than_the_one_asked_for_is_refused(rows):
    with talking(read(body={"inventories": rows}), **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="^GET /v1/ai/models/u1: inventories in the answer must be a list with this one object"):
            client.get(MODELS, "u1")


def test_pages_that_repeat_are_refused():
    page = {"inventories": [{"uuid": "u1"}], "total": 5}
    with talking(on("GET", MODELS, body=page), on("GET", MODELS, body=page), **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="repeats the object with the uuid u1"):
            client.query(MODELS)
