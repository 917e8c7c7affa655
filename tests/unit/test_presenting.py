# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a result is masked, what is written out, and what stays as it is."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import secrets_in_options
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import conclude, resource_module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.presenting import present, presented_arguments
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ServerError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import MASK, WHOLE, Masker, masking
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import CATALOG
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from hypothesis import given
from hypothesis import strategies as st
from simulator.testing import patience

STEP = {"call": "UpdateModel", "method": "PUT", "path": "/v1/ai/models/u1", "fields": ["description"]}
RESULT = {
    "changed": True, "model": {"uuid": "u1", "name": "update 1", "description": "true e ok", "size": 1, "system": True, "parameters": None},
    "diff": {"before": {"description": "e"}, "after": {"description": "true e ok"}}, "steps": [STEP], "drift": [],
    "summary": {"update": 1, "create": 0}, "msg": "1 of 1 items: update ok.",
    "entries": [{"kind": "models", "name": "update 1", "action": "update", "changed": True, "line": 1, "diff": {"before": {}, "after": {"size": 1}},
                 "steps": [STEP], "drift": [{"field": "description", "before": 1, "after": "e"}]}],
}
HOSTILE = "\x1b]8;;http://x\x07a\x1b[2J\x9b1m\u202eb\u2066\u200b\ufeff\x7f\x85\u2028\ud800\U000e0041"


@pytest.mark.parametrize("secret", ["1", "e", "update", "true", "ok", "models", "u1", "UpdateModel", "description"])
def test_a_weak_secret_changes_nothing_of_ours(secret):
    shown, warnings = present(RESULT, Masker([secret]))
    assert shown == RESULT and warnings == []


def test_data_is_masked_and_a_warning_names_the_place():
    result = {
        "changed": False, "model": {"description": "reset the password by mail", "install_path": "/m/password/x", "tags": ["a", "password"], "size": 5},
        "steps": [{**STEP, "fields": ["account_password"]}], "msg": "Check account_password.", "diff": {"before": {}, "after": {"password": "x"}}}
    shown, warnings = present(result, Masker(["password"]))
    assert shown["model"] == {"description": "reset the ******** by mail", "install_path": "/m/********/x", "tags": ["a", MASK], "size": 5}
    assert {key: shown[key] for key in ("steps", "msg", "diff")} == {key: result[key] for key in ("steps", "msg", "diff")}
    assert warnings == [
        "The result is masked in model.description, model.install_path, model.tags[1]: a secret of this task, or a credential in a URL, occurs there. "
        "Do not use the masked text as data."]


def test_a_secret_in_its_own_place_does_not_warn():
    shown, warnings = present({"changed": True, "config": {"proxy_password": "a-secret", "no_proxy": "x"}}, Masker(["a-secret"]))
    assert shown["config"] == {"proxy_password": MASK, "no_proxy": "x"} and not warnings
    assert len(present({"config": {"proxy_password": "from a-secret on", "no_proxy": "a-secret"}}, Masker(["a-secret"]))[1]) == 1


def test_a_number_that_is_a_secret():
    shown, warnings = present({"model": {"parameters": {"pin": 12345678}, "size": 1234567}, "entries": [{"line": 12}]}, Masker(["12345678", "1234567"]))
    assert shown["model"] == {"parameters": {"pin": MASK}, "size": 1234567} and len(warnings) == 1


@pytest.mark.parametrize(("before", "after", "shown"), [
    ("https://u:one@h/x", "https://u:two@h/x", ("https://********@h/x", "https://********@h/x (differs in what is masked)")),
    ("https://u:one@h/x", "https://u:two@h/y", ("https://********@h/x", "https://********@h/y")),
    (["a", "s?token=1"], ["a", "s?token=2"], (["a", "s?token=********"], ["a", "s?token=******** (differs in what is masked)"])),
    ({"env": {"u": "s?sig=1"}}, {"env": {"u": "s?sig=2"}}, ({"env": {"u": "s?sig=********"}}, {"env": {"u": "s?sig=******** (differs in what is masked)"}})),
    ("a\nu?token=1\nb", "a\nu?token=2\nb", ("a\nu?token=********\nb", "a\nu?token=******** (differs in what is masked)\nb")),
    ("s?token=1", "s?token=1", ("s?token=********", "s?token=********")), (None, "s?token=1", (None, "s?token=********")),
    ("\x1b", "\\x1b", ("\\x1b", "\\x1b (differs in what is masked)")),
])
def test_a_difference_in_what_is_masked_stays_a_difference(before, after, shown):
    for result in ({"diff": {"before": {"v": before}, "after": {"v": after}}}, {"diff": [{"before": {"v": before}, "after": {"v": after}}]},
                   {"entries": [{"drift": [{"field": "v", "before": before, "after": after}]}]}):
        text = json.dumps(present(result, Masker())[0])
        assert json.dumps(shown[0])[1:-1] in text and json.dumps(shown[1])[1:-1] in text


def test_people_see_no_control_characters_and_data_keeps_them():
    error = {"code": "SYS.1006", "details": HOSTILE}
    result = {
        "msg": HOSTILE, "warnings": [HOSTILE], "model": {"name": HOSTILE}, "diff": {"before": {HOSTILE: [HOSTILE]}, "after": {"a": HOSTILE}}, "error": error,
        "entries": [{"name": HOSTILE, "msg": HOSTILE, "diff": {"before": {}, "after": {"a": HOSTILE}}, "drift": [{"before": HOSTILE, "after": 1}]}],
        "omitted": [{"name": HOSTILE, "reason": HOSTILE}], "content": HOSTILE}
    shown, warnings = present(result, Masker())
    assert shown.pop("model") == {"name": HOSTILE} and shown.pop("content") == HOSTILE and not warnings
    assert json.dumps(shown, ensure_ascii=False).isprintable()
    assert shown["msg"] == "\\x1b]8;;http://x\\x07a\\x1b[2J\\x9b1m\\u202eb\\u2066\\u200b\\ufeff\\x7f\\x85\\u2028\\ud800\\U000e0041"


def test_an_error_of_the_server_is_masked_and_written_out_where_it_enters():
    with masking(Masker(["hunter2", "s3cr3tKeyForTest"])):
        error = ServerError("Asked", {
            "code": "SYS.1006", "details": "no hunter2 " + HOSTILE, "cause": {"description": "s3cr3tKeyForTe...", "n": 1},
            "opaque": {"x": ["hunter2", "xhunter2"]}}, 503)
    assert error.message.startswith("Asked was refused by the server with SYS.1006: no ******** \\x1b") and "Cause: ********..." in error.message
    assert error.message.isprintable() and error.error["opaque"] == {"x": [MASK, "xhunter2"]} and error.error["cause"]["n"] == 1


def test_the_arguments_are_masked_by_place():
    spec = resource_module(MODEL)
    options = {"account_password": "1", "token": "e", "name": "1 e", "size": 1, "install_path": "https://u:p@h/x", "session_uuid": None, "description": "a"}
    assert conclude(spec, options, {}, False).arguments == {
        **options, "account_password": WHOLE, "token": WHOLE, "install_path": "https://********@h/x"}
    options = {"account_password": "longpassword", "models": [{"name": "m", "token": "1", "description": "a longpassword"}], "model_service_clones": None}
    assert conclude(CATALOG, options, {}, False).arguments == {
        "account_password": WHOLE, "models": [{"name": "m", "token": WHOLE, "description": "a ********"}], "model_service_clones": None}


@pytest.mark.parametrize(("text", "shown"), [
    ("👩\u200d🚀", "👩\u200d🚀"), ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"), ("क्\u200dष", "क्\u200dष"), ("a\u200db", "a\\u200db"), ("\u200d", "\\u200d"),
    ("pass\u200bword", "pass\\u200bword"), ("\u3164", "\\u3164"), ("模型 é ß €", "模型 é ß €"), ("a\tb\nc", "a\tb\nc"), ("\r", "\\r"),
])
def test_what_has_no_shape_is_written_out(text, shown):
    assert visible(text, lines=True) == shown


@given(st.text())
def test_what_is_shown_obeys_nothing(text):
    shown = visible(text).replace("\u200d", "")
    assert shown.replace("\u3000", " ").isprintable() or all(character.isprintable() or character.isspace() for character in shown)
    assert not [character for character in shown if character < " " or "\x7f" <= character <= "\x9f" or "\u202a" <= character <= "\u202e"
                or "\u2066" <= character <= "\u2069" or "\ud800" <= character <= "\udfff"]


def test_a_large_result_does_not_take_long():
    result = {"entries": [
        {"name": "m%d" % number, "diff": {"before": {}, "after": {"description": "a model " * 5, "size": number}}} for number in range(20000)]}
    start = time.process_time()
    assert present(result, Masker(["s3cr3tKeyForTest", "password"]))[0] == result
    assert time.process_time() - start < patience(5)


def test_values_of_what_is_no_option_are_masked():
    spec = {"name": {"type": "str"}, "token": {"no_log": True}, "items": {"type": "list", "options": {"name": {}, "sub": {"options": {"a": {}}}}}, "raw": {}}
    given = {"name": "n", "nam": "secret", "token": "t", "raw": {"any": ["x"]}, "empty": None,
             "items": [{"name": "n", "tokken": ["s"], "sub": {"a": 1, "b": "s"}}]}
    assert presented_arguments(given, {"token"}, Masker(), spec) == {
        "name": "n", "nam": WHOLE, "token": WHOLE, "raw": {"any": ["x"]}, "empty": None,
        "items": [{"name": "n", "tokken": WHOLE, "sub": {"a": 1, "b": WHOLE}}]}


@pytest.mark.parametrize("text", [
    "env:\n- 'TOKEN:it''s a long secret'\n", "env:\n  TOKEN: it's a\n    long secret\n", '{"env": [{"name": "TOKEN", "value": "it\'s a long secret"}]}',
])
def test_a_variable_in_yaml_is_masked_in_every_form(text):
    masker = Masker(secrets_in_options(MODEL_SERVICE, {"yaml": text}))
    shown, _unused = present({"model_service": {"yaml": text}, "diff": {"before": {"yaml": text}, "after": {"yaml": text + "a: 1\n"}}}, masker)
    assert "long" not in str(shown) and "secret" not in str(shown)
    assert presented_arguments({"yaml": text}, (), masker, {"yaml": {}})["yaml"].count("long") == 0


def test_only_variables_with_the_name_of_a_secret_are_masked_in_the_yaml_of_a_service():
    assert secrets_in_options(MODEL_SERVICE, {"yaml": {"env": ["API_KEY:one-of-them", "MODEL:none-of-them"]}}) == {"one-of-them"}
    assert secrets_in_options(MODEL_SERVICE, {"yaml": 7}) == secrets_in_options(MODEL_SERVICE, {"yaml": None}) == set()
