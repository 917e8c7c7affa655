# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diffs in the options that the user gave: names where names were given, and nothing that only follows from them."""

from __future__ import annotations

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.naming import names_of
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL

KNOWN = {"u1": "vllm-base", "u2": "vllm-qwen3", "u3": "vllm-base"}
DEFAULT, BOUND = "default_model_service_uuid", "model_service_uuids"


def shown(options, before, after, resolved=None):
    names = names_of(MODEL, options, {**options, **(resolved or {})}, [before, after], lambda path, uuid: KNOWN.get(uuid))
    return names.diff(before, after)


def test_both_sides_have_names_and_what_follows_is_left_out():
    before, after = {DEFAULT: "u1", BOUND: ["u1"], "vendor": "a"}, {DEFAULT: "u2", BOUND: ["u1", "u2"], "vendor": "b"}
    assert shown({"default_model_service": "vllm-qwen3", "vendor": "b"}, before, after, {DEFAULT: "u2"}) == (
        {"default_model_service": "vllm-base", "vendor": "a"}, {"default_model_service": "vllm-qwen3", "vendor": "b"})


def test_a_uuid_that_the_user_gave_stays():
    before, after = {DEFAULT: "u1", BOUND: ["u1"]}, {DEFAULT: "u2", BOUND: ["u1", "u2"]}
    assert shown({DEFAULT: "u2", BOUND: ["u1"]}, before, after) == (before, after)


def test_a_command_shows_the_name_of_what_it_clears():
    assert shown({"clear_default_model_service": True}, {DEFAULT: "u1, u2"}, {DEFAULT: None}) == (
        {"default_model_service": "vllm-base, vllm-qwen3"}, {"default_model_service": None})


@pytest.mark.parametrize(("old", "expected"), [
    ("u9", "u9"), ("u3", "vllm-base (u3)"), (None, None),
])
def test_unknown_and_equal_names(old, expected):
    before, after = shown({"default_model_service": "vllm-base"}, {DEFAULT: old}, {DEFAULT: "u1"}, {DEFAULT: "u1"})
    assert before == {"default_model_service": expected}
    assert after == {"default_model_service": "vllm-base (u1)" if old == "u3" else "vllm-base"}


def test_what_the_user_named_is_not_looked_up():
    def refuse(path, uuid):
        raise AssertionError("looked up %s" % uuid)
    names = names_of(MODEL, {"model_center": "center-1"}, {"model_center_uuid": "c1"}, [{}, {"model_center_uuid": "c1"}], refuse)
    assert names.diff({}, {"model_center_uuid": "c1"}) == ({}, {"model_center": "center-1"})


def test_a_deletion_shows_what_identifies_the_object():
    before = {"uuid": "m1", "name": "n"}
    assert shown({"state": "absent", "uuid": "m1"}, before, {}) == (before, {})


def test_drift_has_names_as_well():
    names = names_of(MODEL, {"default_model_service": "vllm-qwen3"}, {DEFAULT: "u2"}, [{DEFAULT: "u1"}, {DEFAULT: "u2"}], lambda path, uuid: KNOWN[uuid])
    assert names.drift({"field": DEFAULT, "before": "u1", "after": "u2"}) == {
        "field": "default_model_service", "before": "vllm-base", "after": "vllm-qwen3"}
