# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How values are shown and compared for a person."""

from __future__ import annotations

import time

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible
from ansible_collections.zstack.aios.plugins.plugin_utils._values import text_of, unified, value_diff
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.testing import patience


@pytest.mark.parametrize(("value", "text"), [
    (None, "null"), ("", '""'), ([], "[]"), ({}, "{}"), ("null", '"null"'), ("3.10", '"3.10"'), ("yes", '"yes"'), ("a: b", "a: b"),
    (True, "true"), (False, "false"), (0, "0"), (1.5, "1.5"), ("x\n", "x"),

    ("a\r\nb", "a\nb"), ([1, 2], "[1, 2]"), ({"a": ["b"]}, "a:\n- b"), (["模"], "[模]"), ("\x1b[0m", "\\x1b[0m"),
    ("\u202e", "\\u202e"), ("👩\u200d🚀", "👩\u200d🚀"),
    ("\ud800", "\\ud800"), ("a\tb", "a\tb"),
])
def test_texts(value, text):
    assert text_of(value) == text


def test_names_stay_on_their_line():
    assert visible("a\nb\tc\r") == "a\\nb\\tc\\r"


def test_words_that_differ_are_marked():
    diff = value_diff("A chat model for all", "A chat model for the team")
    assert not diff["long"]
    assert diff["before"] == [(False, "A chat model for "), (True, "all")]
    assert diff["after"] == [(False, "A chat model for "), (True, "the team")]
    assert value_diff("Qwen", "Alibaba")["before"] == [(True, "Qwen")]


def test_lines_that_are_alike_stand_side_by_side():
    diff = value_diff("a: 1\nlivez: /livez\nz: 1", "a: 1\n- 3001\nlivez: /healthz\nz: 1")
    assert [(row["kind"], row["before_line"], row["after_line"]) for row in diff["rows"]] == [
        ("same", 1, 1), ("add", None, 2), ("change", 2, 3), ("same", 3, 4)]
    assert (diff["added"], diff["removed"]) == (2, 1)
    assert unified(diff["rows"]) == [" a: 1", "-livez: /livez", "+- 3001", "+livez: /healthz", " z: 1"]


def test_unchanged_lines_are_counted():
    left = [str(number) for number in range(100)]
    right = [*left[:50], "new", *left[51:]]
    diff = value_diff("\n".join(left), "\n".join(right))
    assert [row["count"] for row in diff["rows"] if row["kind"] == "gap"] == [47, 46]
    assert unified(diff["rows"])[0] == "@@ 47 unchanged lines @@"
    assert unified(diff["rows"], 3)[-1] == "@@ 7 more lines @@"


def test_long_texts_do_not_take_long():
    start = time.monotonic()
    value_diff("\n".join("line %d" % number for number in range(5000)), "\n".join("row %d" % number for number in range(5000)))
    value_diff("word " * 20000, "work " * 20000)
    assert time.monotonic() - start < patience(5)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "ab", "", "abc d"]), max_size=12), st.lists(st.sampled_from(["a", "b", "ab", "", "abc d"]), max_size=12))
def test_both_sides_can_be_put_together_again(left, right):
    diff = value_diff("\n".join(left) + "\nend", "\n".join(right) + "\nend")
    if diff["long"] and not any(row["kind"] == "gap" for row in diff["rows"]):
        for side, lines in (("before", left), ("after", right)):
            rows = [row for row in diff["rows"] if row[side + "_line"]]
            assert [row[side + "_line"] for row in rows] == list(range(1, len(rows) + 1))
            if rows:
                assert "\n".join("".join(text for _unused, text in row[side]) for row in rows) == "\n".join(lines) + "\nend"
