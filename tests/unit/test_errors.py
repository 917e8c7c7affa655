# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages of errors."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._protocol import errors as _errors
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import HINTS, OutcomeUnknownError, ServerError, ZStackError, deepest_cause, describe
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import Reply, excerpt, refusal

ASKED = "UpdateModel (PUT /v1/ai/models/u1)"
FAMILY = [
    kind for _unused, kind in inspect.getmembers(_errors, inspect.isclass) if issubclass(kind, ZStackError) and kind.__module__ == _errors.__name__
]

words = st.text(st.sampled_from("abc XYZ0.:<>é模"), min_size=1, max_size=12).filter(str.strip)
# Envelopes as both dialects make them, nested by cause.
envelopes = st.recursive(
    st.fixed_dictionaries(
        {"code": st.sampled_from(("SYS.1006", "SYS.1007", "HOST.1006"))},
        optional={"description": words, "details": words, "elaboration": words, "globalErrorCode": st.just("ORG_ZSTACK_AI_10036"),
                  "opaque": st.just({})}),
    lambda inner: st.tuples(inner, inner).map(lambda pair: {**pair[0], "cause": pair[1]}), max_leaves=4)


def test_the_classic_dialect_reaches_the_message_whole():
    error = {
        "code": "SYS.1006", "description": "An operation failed", "details": "cannot delete zone", "elaboration": "The host is away.",
        "cause": {"code": "SYS.1000", "details": "between", "cause": {"code": "HOST.1006", "description": "no way", "details": "connection refused"}},
    }
    assert describe(ASKED, error, 503) == (
        ASKED + " was refused by the server with SYS.1006: An operation failed. cannot delete zone. The host is away. "
        "Cause: HOST.1006 no way connection refused.")


def test_the_diagnostic_dialect_reaches_the_message_whole():
    error = {
        "code": "SYS.1007", "globalErrorCode": "ORG_ZSTACK_AI_10036", "description": "One or more API argument is invalid",
        "details": "bad framework",
        "cause": {"code": "SYS.1007", "globalErrorCode": "ORG_ZSTACK_AI_10125", "details": "deep"},
    }
    assert describe(ASKED, error, 503) == (
        ASKED + " was refused by the server with SYS.1007 (ORG_ZSTACK_AI_10036): One or more API argument is invalid. bad framework. "
        "Cause: SYS.1007 ORG_ZSTACK_AI_10125 deep. " + HINTS["ORG_ZSTACK_AI_10036"])


def test_repeated_texts_appear_once():
    message = describe(ASKED, {"code": "SYS.1006", "description": "same", "details": "same", "elaboration": "same."}, 503)
    assert message.endswith("SYS.1006: same.")


@pytest.mark.parametrize("error, expected", [
    ({}, "with HTTP 500."), ({"details": "text"}, "with HTTP 500: text."), ({"code": "SYS.1006"}, "with SYS.1006."),
    ({"code": None, "details": ""}, "with HTTP 500."),
    ({"code": "X.1", "details": "really?"}, "with X.1: really?"), ({"code": "X.1", "details": 5}, "with X.1: 5."),
])
def test_errors_with_little_in_them(error, expected):
    assert describe(ASKED, error, 500) == ASKED + " was refused by the server " + expected


@given(envelopes)
def test_everything_of_an_error_is_reported(error):
    message = describe(ASKED, error, 503)
    assert message.startswith(ASKED)
    root = error
    while isinstance(root.get("cause"), dict):
        root = root["cause"]
    for part in (error, root):
        for key in ("code", "globalErrorCode", "description", "details"):
            assert str(part.get(key, "")).strip() in message
    assert deepest_cause(error) == (None if root is error else root)


@pytest.mark.parametrize("cause", [None, {}, [], "text", 5])
def test_a_cause_that_is_none(cause):
    assert deepest_cause({"code": "x", "cause": cause}) is None


@pytest.mark.parametrize("code", sorted(HINTS))
def test_every_hint_says_what_to_do(code):
    key = "globalErrorCode" if code.startswith("ORG_") else "code"
    message = describe(ASKED, {key: code, "details": "d"}, 503)
    assert message.endswith(" " + HINTS[code])
    assert HINTS[code].endswith(".")


def test_the_more_specific_hint_wins():
    message = describe(ASKED, {"code": "SYS.1003", "globalErrorCode": "ORG_ZSTACK_AI_10082"}, 503)
    assert message.endswith(HINTS["ORG_ZSTACK_AI_10082"]) and HINTS["SYS.1003"] not in message


def test_every_error_is_of_one_family_with_a_code_of_its_own():
    codes = [kind.code for kind in FAMILY if "code" in vars(kind)]
    assert len(codes) == len(set(codes)) and all(code.startswith("client.") for code in codes)
    assert {kind.__name__ for kind in FAMILY} >= {
        "AmbiguousError", "AnswerLostError", "DriftError", "MissingError", "OptionError", "OutcomeUnknownError", "ProtocolError", "ReadOnlyError",
        "ServerError", "UnreachableError", "VerifyError", "VersionError"}


@pytest.mark.parametrize("kind", [kind for kind in FAMILY if kind not in (ServerError, OutcomeUnknownError)], ids=lambda kind: kind.__name__)
def test_a_message_makes_an_error(kind):
    error = kind("what happened")
    assert str(error) == error.message == "what happened"
    assert error.error == {"code": kind.code, "details": "what happened"}
    assert kind("m", {"own": 1}).error == {"own": 1}


def test_a_server_error_keeps_the_whole_object():
    given_error = {"code": "SYS.1007", "globalErrorCode": "ORG_X", "details": "d", "opaque": {"a": 1}}
    error = ServerError(ASKED, given_error, 503)
    assert error.error == given_error
    assert (error.server_code, error.global_code, error.status) == ("SYS.1007", "ORG_X", 503)
    bare = ServerError(ASKED, {"details": "text"}, 400)
    assert (bare.server_code, bare.global_code) == ("", "")


def test_an_unknown_outcome_names_its_job():
    error = OutcomeUnknownError("m", "j1", True)
    assert error.error == {"code": "client.outcome_unknown", "details": "m", "job": "j1"}
    assert (error.job, error.running) == ("j1", True)


def text_reply(status, text, location=None):
    return Reply(status, None, text, location)


@pytest.mark.parametrize("status, text", [
    (400, "missing header 'Authorization'"), (403, "wrong accessKey signature"), (404, "no api mapping to /v1/nope"),
    (500, "Unexpected end of input"),
    (429, "Rate limit exceeded"),
])
def test_texts_of_the_classic_dialect(status, text):
    error = refusal(ASKED, text_reply(status, text))
    assert isinstance(error, ServerError)
    assert error.message == "%s was refused by the server with HTTP %d: %s." % (ASKED, status, text)


PROXY_PAGE = "<html><head><title>502 Bad Gateway</title><style>p {x}</style><script>alert('<b>')</script></head><body>nginx</body></html>"


@pytest.mark.parametrize("status, text, expected", [
    (502, PROXY_PAGE, "HTTP 502 and 502 Bad Gateway nginx."), (200, "", "HTTP 200 and an empty page."), (500, "  ", "HTTP 500 and an empty page."),
    (200, "[1]", "HTTP 200 and [1]."), (404, "<HTML>Not Found</HTML>", "HTTP 404 and Not Found."),
    (404, "<html>\r\n<body>\r\n<h1>404</h1>\r\n</body>\r\n</html>\r\n", "HTTP 404 and 404."), (502, "bad\r\ngate\rway", "HTTP 502 and bad gate\\rway."),
])
def test_a_page_of_something_else_is_reported_as_such(status, text, expected):
    error = refusal(ASKED, text_reply(status, text))
    assert isinstance(error, _errors.ProtocolError)
    assert expected in error.message and "Check host, port, protocol and context_path" in error.message


@pytest.mark.parametrize("location, expected", [("https://mn.example/zstack", "to https://mn.example/zstack."), (None, "to nowhere.")])
@pytest.mark.parametrize("text", ["", PROXY_PAGE, "moved"])
def test_a_redirect_names_its_target(location, expected, text):
    error = refusal(ASKED, text_reply(301, text, location))
    assert isinstance(error, _errors.ProtocolError)
    assert expected in error.message and "set protocol, host, port and context_path" in error.message


@given(st.text(max_size=600))
def test_an_excerpt_is_one_short_line(text):
    found = excerpt(text)
    assert found and len(found) <= 303 and "\n" not in found


def test_a_reply_reads_its_error():
    reply = Reply(503, {"error": {"code": "SYS.1000"}}, "{...}")
    assert reply.error == {"code": "SYS.1000"} and reply.error_code == "SYS.1000" and not reply.is_junk
    for body in (None, {}, {"error": None}, {"error": "text"}):
        assert Reply(503, body, "x").error is None and Reply(503, body, "x").error_code == ""


@pytest.mark.parametrize("part", ["<", "<script", "<style>", "</script ", "<a ", "<script><style>", "< >", "<!--"])
def test_the_words_of_any_page_are_found_in_one_pass(part):
    """Two million characters: what looks from each of them to the end would not come back."""
    found = excerpt("<html>seen " + part * (2000000 // len(part)))
    assert found.startswith("seen") and len(found) <= 303


def test_scripts_and_styles_are_no_words():
    page = "<html><STYLE a='b'>p {}</style ><p>one<script>if (a < b) {}</SCRIPT>two<script>three</style>"
    assert excerpt(page) == "one two three"
