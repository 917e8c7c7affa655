# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two values are compared line by line and word by word in bounded time."""

from __future__ import annotations

import difflib

import hypothesis.strategies as st
import pytest
from ansible_collections.zstack.aios.plugins.plugin_utils import _difference
from ansible_collections.zstack.aios.plugins.plugin_utils._difference import MOST_STEPS, Budget, grouped, opcodes, steps_of
from ansible_collections.zstack.aios.plugins.plugin_utils._values import unified, value_diff
from hypothesis import given

TEXTS = st.lists(st.sampled_from("abcd"), max_size=14)


def check(left, right, found):
    """The operations lead from one to the other, without a gap, and what is called equal is."""
    at = other = 0
    for tag, i1, i2, j1, j2 in found:
        assert (i1, j1) == (at, other) and i2 >= i1 and j2 >= j1
        assert (left[i1:i2] == right[j1:j2]) == (tag == "equal") or tag == "replace"
        assert {"insert": i1 == i2, "delete": j1 == j2}.get(tag, i1 < i2 and j1 < j2)
        at, other = i2, j2
    assert (at, other) == (len(left), len(right))


@given(TEXTS, TEXTS, st.sampled_from([0, 5, 30, MOST_STEPS]))
def test_operations_lead_from_one_to_the_other(left, right, steps):
    check(left, right, opcodes(left, right, Budget(steps)))


@given(TEXTS, TEXTS, st.integers(0, 3))
def test_groups_are_those_of_the_standard_library(left, right, context):
    exact = difflib.SequenceMatcher(None, left, right, autojunk=False)
    assert list(grouped(exact.get_opcodes(), context)) == ([] if left == right else list(exact.get_grouped_opcodes(context)))


HOSTILE = {
    "equal lines": (["same"] * 1000, ["same"] * 990),
    "equal lines around a change": (["same"] * 500 + ["x"] + ["same"] * 499, ["same"] * 480 + ["y"] + ["same"] * 510),
    "two lines in turn": (["a", "b"] * 500, ["a"] * 1000),
    "shifted": (["a", "b", "c"] * 400, ["b", "a", "c"] * 400),
    "no line in common": ([str(number) for number in range(3000)], [str(-number - 1) for number in range(3000)]),
    "every other line": ([str(number) for number in range(40000)], [str(number if number % 2 else -number) for number in range(40000)]),
    "lines of equal words": (["a " * 400 + "x"] * 30, ["a b " * 200 + "y"] * 30),
    "many lines of equal words": (["a " * 90 + str(number) for number in range(2000)], ["a b " * 45 + str(-number) for number in range(2000)]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_more_than_its_share(monkeypatch, name):
    spent = []

    class Matcher(difflib.SequenceMatcher):
        def __init__(self, isjunk, left, right, autojunk):
            super().__init__(isjunk, left, right, autojunk)
            self.sides = left, right

        def get_opcodes(self):
            spent.append(steps_of(*self.sides))
            return super().get_opcodes()

        def ratio(self):
            raise AssertionError("this takes as much as the operations")

    monkeypatch.setattr(_difference.difflib, "SequenceMatcher", Matcher)
    left, right = HOSTILE[name]
    compared = value_diff("\n".join(left), "\n".join(right))
    assert sum(spent) <= 2 * MOST_STEPS
    assert compared["long"] and compared["added"] + compared["removed"] > 0
    # What is shown is what differs, down to the last line.
    changed = sum(1 for line in unified(compared["rows"]) if line[0] in "+-")
    assert changed == compared["added"] + compared["removed"]


def test_unique_lines_divide_what_cannot_be_compared_as_a_whole():
    left = ["same"] * 300 + ["one"] + ["same"] * 300 + ["two"] + ["same"] * 300
    right = ["same"] * 290 + ["one"] + ["same"] * 310 + ["new", "two"] + ["same"] * 300
    found = opcodes(left, right, Budget(1000))
    check(left, right, found)
    assert ("insert", 601, 601, 601, 602) in found or any(tag == "equal" and left[i1:i2] == ["one"] for tag, i1, i2, _unused, _unused in found)
