# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML is compared by what it means."""

from __future__ import annotations

import contextlib
import itertools
import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources import structured as _structured
from ansible_collections.zstack.aios.plugins.module_utils._resources import yaml as _yaml
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import YAML_TEXT

words = st.text(st.sampled_from("abcXYZ019 .:-_/#'\"{}[]%!&*,模型é"), max_size=8)
leaves = st.one_of(words, st.integers(-10, 10), st.booleans(), st.floats(allow_nan=False, allow_infinity=False, width=32))
documents = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)), max_leaves=12,
).filter(lambda value: isinstance(value, (dict, list)))


def same(one: str, other: str) -> bool:
    """Return whether the task's text and the server's are the same."""
    return YAML_TEXT.same(YAML_TEXT.want(one), YAML_TEXT.read(other))


def reordered(value):
    """Return the same with the keys of every map the other way round."""
    if isinstance(value, dict):
        return {key: reordered(item) for key, item in reversed(list(value.items()))}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@given(documents)
def test_spelling_does_not_count(value):
    spellings = [
        yaml.safe_dump(value, sort_keys=True),
        yaml.safe_dump(reordered(value), sort_keys=False, allow_unicode=True),
        yaml.safe_dump(value, default_flow_style=True, width=20),
        yaml.safe_dump(value, indent=6, explicit_start=True),
        "# a comment\n" + yaml.safe_dump(value) + "\n# another\n",
        "\n\n" + yaml.safe_dump(value) + "\n\n",
    ]
    for spelling in spellings:
        assert same(spellings[0], spelling), spelling
        assert same(spelling, spellings[0]), spelling


@given(documents, documents)
def test_other_meanings_differ(one, other):
    # JSON text tells 1, 1.0, "1" and true apart; -0.0 and 0.0 are left out, as they are one number.
    texts = [json.dumps(value, sort_keys=True).replace("-0.0", "0.0") for value in (one, other)]
    if texts[0] != texts[1]:
        assert not same(yaml.safe_dump(one), yaml.safe_dump(other))


@given(documents)
def test_a_diff_can_always_be_written_as_json(value):
    shown = YAML_TEXT.show(YAML_TEXT.want(yaml.safe_dump(value)))
    assert json.loads(json.dumps(shown)) == json.loads(json.dumps(value))


@pytest.mark.parametrize("text", [
    "a: .nan", "a: .inf", "d: 2025-01-02", "t: 2025-01-02 03:04:05", "b: !!binary aGVsbG8=", "s: !!set {x, y}", "1: one\ntrue: yes",
    "o: !!omap [a: 1]",
    "p: !!pairs [a: 1, a: 2]", "a: &x [1]\nb: *x", "0o17: 017",
])
def test_every_kind_of_yaml_is_shown_and_equals_itself(text):
    assert same(text, "# remark\n" + text + "\n")
    json.dumps(YAML_TEXT.show(YAML_TEXT.want(text)))


DIFFERENT = ["a: 1", 'a: "1"', "a: true", 'a: "true"', "a: 1.0", 'a: "1.0"', "a: [1]", "a: {1: 1}", "a: .nan", "a: .inf", "a: 2025-01-02",
             "a: '2025-01-02'",
             "[a, 1]", "b: 1", "1: a", "'1': a", "true: a", "a: 0x10", "a: '0x10'", "a: !!set {b}", "a: {b: 0}", "a: [2, 1]", "a: [1, 2]", "a", "17",
             "17.0"]


@pytest.mark.parametrize("one", DIFFERENT)
def test_look_alikes_differ(one):
    assert [other for other in DIFFERENT if same(one, other)] == [one]


@pytest.mark.parametrize("one, other", [
    ("a: 'x'", 'a: "x"'), ("a: x", "a: 'x'"), ("a: [1, 2]", "a:\n- 1\n- 2"), ("a: |\n  x\n", 'a: "x\\n"'), ("a: 0x10", "a: 16"),
    ("a: yes", "a: true"),
    ("a: ~", "a: null"), ("a:", "a: null"), ("a: 1e3", "a: '1e3'"), ("--- \na: 1\n...\n", "a: 1"), ("a: &x {b: 1}\nc: *x", "a: {b: 1}\nc: {b: 1}"),
    ("base: &x {b: 1}\nc:\n  <<: *x\n  d: 2", "base: {b: 1}\nc: {b: 1, d: 2}"), ("a: {b: 1, c: 2}", "a: {c: 2, b: 1}"),
])
def test_spellings_of_one_meaning(one, other):
    assert [same(*pair) for pair in itertools.permutations((one, other))] == [True, True]


@pytest.mark.parametrize("text", ["", " \n", "null", "~", "# only a comment", "''"])
def test_nothing_is_nothing_however_it_is_written(text):
    assert same(text, "")
    assert YAML_TEXT.same(YAML_TEXT.want(text), YAML_TEXT.read(None))
    assert not same(text, "a: 1")


@pytest.mark.parametrize("broken", [
    "a: [1", "a: b: c", "%TAG", "\ta: 1", "a: *missing", "--- 1\n--- 2", "a: !!python/object:os.system {}", "a: !unknown 1", "d: 2025-13-45",
    "a: \x01",
    "? [a]\n: {b: [c]}\n? {d: 1}\n: 1",
])
def test_text_that_is_no_yaml_is_compared_as_text(broken):
    assert same(broken, "  " + broken + "\n\n") or broken.startswith("\t")
    assert same(broken, broken)
    assert not same(broken, broken + "x")
    json.dumps(YAML_TEXT.show(YAML_TEXT.want(broken)))


@pytest.mark.parametrize("text, key", [
    ("a: 1\na: 2", "a"), ("a: 1\nb:\n- c: x\n  c: y", "c"), ("{a: {x: 1}, a: {x: 2}}", "a"), ("a: '1'\na: 1", "a"),
    ("x: &x {b: 1}\ny:\n  a: *x\n  a: {b: 2}", "a"),
    ("a: &a [*a]\na: 1", "a"), ("1: a\n1: b", "1"),
])
def test_a_key_that_is_given_twice_with_different_values_is_refused_and_compared_as_text(text, key):
    with pytest.raises(OptionError, match="^yaml: the text gives the key '%s' twice in one place, with different values. Remove one of them.$" % key):
        YAML_TEXT.check("yaml", text)
    assert YAML_TEXT.want(text) == text and same(text, text + "\n")
    assert not same(text, text.replace("1", "7", 1).replace("x", "z"))


@pytest.mark.parametrize("text", [
    "a: 1\na: 1", "- a: 1\n- a: 2", "a: {b: 1}\nc: {b: 2}", "x: &x {b: 1}\ny:\n  <<: *x\n  b: 2", "x: &x {b: 1}\nz: &z {b: 3}\ny:\n  <<: *x\n  <<: *z",
    "a: 1\n'1': 1\n1: 2",
    "x: &x {b: 1}\na: *x\na: *x", "? [a]\n: 1\n? [b]\n: 2", "a: [1", "--- 1\n--- 2", "[" * 5000 + "]" * 5000, "a: 1\n" * 300000,
])
def test_what_gives_no_key_twice_is_not_refused(text):
    YAML_TEXT.check("yaml", text)


def test_repeated_keys_are_found_in_bounded_time():
    big = ", ".join(map(str, range(20000)))
    started = time.monotonic()
    for text in ("x: &x [%s]\ny: &y [%s]\nz: {%s}" % (big, big, ", ".join(["a: *x, a: *y"] * 20000)), "{a: 1, a: " * 2000 + "1" + "}" * 2000,
                 "\n".join(["l0: &l0 [x]", *("l%d: &l%d [*l%d, *l%d]\nl%d: [*l%d, *l%d]" % (n, n, n - 1, n - 1, n, n - 1, n - 1) for n in range(1, 2000))])):
        with contextlib.suppress(OptionError):
            YAML_TEXT.check("yaml", text)
    assert time.monotonic() - started < patience(20)


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: *a}", "a: &x\n  b: [1, *x]"])
def test_a_structure_that_holds_itself_is_compared_as_text(text):
    assert same(text, text + "\n")
    assert not same(text, text.replace("a", "z"))
    json.dumps(YAML_TEXT.show(YAML_TEXT.want(text)))


@pytest.mark.parametrize("depth", [100, 900, 5000])
def test_a_deep_structure_breaks_nothing(depth):
    text = "[" * depth + "]" * depth
    assert same(text, text + "\n")
    json.dumps(YAML_TEXT.show(YAML_TEXT.want("[" * 50 + "]" * 50)))


def test_yaml_is_sent_as_written_but_trimmed():
    assert YAML_TEXT.send("\n# keep\na: 'x'\n\n") == "# keep\na: 'x'"
    assert YAML_TEXT.stored("a: 1 \n") == "a: 1"
    assert YAML_TEXT.length(" a: 1\n") == 4


def test_without_a_yaml_reader_the_option_is_refused(monkeypatch):
    YAML_TEXT.check("yaml", "a: 1")
    monkeypatch.setattr(_structured, "HAS_YAML", False)
    with pytest.raises(OptionError, match="^yaml: .*PyYAML.*Install it"):
        YAML_TEXT.check("yaml", "a: 1")


def merges(levels):
    parts = ["a%d: &a%d {<<: [%s], k%d: 1}\n" % (level, level, ", ".join(["*a%d" % (level - 1)] * 10), level) for level in range(1, levels)]
    return "a0: &a0 {k: 1}\n" + "".join(parts)


@pytest.mark.parametrize("number", range(4))
def test_what_is_slow_to_read_is_compared_as_text(monkeypatch, number):
    text = [merges(12), "a: " + "1:" * 100000 + "1", "a: " + "x" * (2 ** 20 + 1), "a: &a {b: *a, <<: *a}"][number]
    read = []
    real = _yaml.yaml_load
    monkeypatch.setattr(_yaml, "yaml_load", lambda given: read.append(given) or real(given))
    assert _yaml.meaning(text + "\n") == text.strip()
    assert not read or number == 3


def test_usual_merges_and_times_are_read():
    assert _yaml.meaning(merges(3))["a2"] == {"k": 1, "k1": 1, "k2": 1}
    assert _yaml.meaning("{a: 1:30:00, b: '1:2:3'}") == {"a": 5400, "b": "1:2:3"}
