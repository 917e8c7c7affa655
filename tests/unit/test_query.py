# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions that cannot mis-split, held against a server's parser that was written from the protocol page (5.1) and shares nothing with the core."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.tests.unit.support.query_server import FRAGMENTS, Refused, names, server_finds, server_reads

# Names that every trimming leaves as they are; those with other blanks around them are in test_corners.py.
tight_names = names.filter(lambda text: text == text.strip())


@given(tight_names)
@example("a=b")
@example("=x")
@example("a>=b")
@example("x!=y")
@example("what?=")
@example("is null")
@example("O'Neil")
@example("C:\\models")
@example("100%")
@example("a_b")
@example("it's \U0001f600 == fine")
@example("~")
@example("!")
def test_every_name_is_found(name):
    condition = _query.equals("name", name)
    assert server_finds(condition, "name", name)
    assert _query.matches({"name": name}, "name", name)


@given(tight_names, tight_names)
def test_no_other_name_passes_the_filter(name, other):
    assert _query.matches({"name": other}, "name", name) is (name == other)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=10).filter(lambda text: not set(text) & set("'\\=!<>~?")))
def test_a_plain_name_is_asked_for_exactly(name):
    assert _query.equals("name", name) == "name=" + name


def test_blanks_around_a_name_do_not_count():
    assert _query.equals("name", " \tx y\n") == "name=x y"
    assert _query.matches({"name": " x "}, "name", "x")
    assert not _query.matches({}, "name", "x")
    assert not _query.matches({"name": "X"}, "name", "x")


@pytest.mark.parametrize("value, condition", [
    ("it's", "name~=it_s"), ("a\\b", "name~=a_b"), ("a>=b", "name~=a__b"), ("=x", "name~=_x"), ("a\nb", "name~=a_b"), ("a_'b%c", "name~=a__b_c"),
    ("\U0001f600'", "name~=%_"), ("x=y", "name=x=y"), ("is null", "name=is null"), ("a_b", "name=a_b"), ("a<b", "name=a<b"), ("", "name="),
])
def test_the_widest_condition_is_used_only_where_needed(value, condition):
    assert _query.equals("name", value) == condition


@given(st.sampled_from(_query.OPERATORS), st.lists(st.sampled_from(FRAGMENTS), max_size=5).map("".join))
def test_a_condition_is_read_as_meant_or_refused(operator, value):
    value = "" if operator.endswith("null") else value
    try:
        text = _query.condition("name", operator, value)
    except OptionError as error:
        assert error.message.startswith("The query ") and "misread" in error.message
        return
    # What follows "=" directly is `equals`' matter; everything else has to come out as it went in.
    if operator == "=" and value.startswith("="):
        return
    assert server_reads(text) == ("name", operator, value)


@pytest.mark.parametrize("operator, value", [
    ("=", "a>=b"), ("=", "a!=b"), ("=", "a~=b"), (">", "a=b"), (">", "a>=b"), ("<", "a>b"), ("is null", "="), ("=", "it's"), ("=", "a\\b"),
    ("?=", "a!=b"),
    ("?=", "it's"), ("~=", "!="), ("==", "x"), ("is not null", ""), ("like", "x"), ("", "x"),
])
def test_what_the_server_would_misread_is_refused(operator, value):
    with pytest.raises(OptionError):
        _query.condition("name", operator, value)


@pytest.mark.parametrize("field", ["", "na me", "name=", "name'", "name;", "na-me", "name\n", "имя", "a,b", "name ", "%"])
def test_a_field_has_to_be_a_name(field):
    with pytest.raises(OptionError, match="not a name"):
        _query.condition(field, "=", "x")
    with pytest.raises(OptionError, match="not a name"):
        _query.equals(field, "x'")


@pytest.mark.parametrize("field", ["name", "__userTag__", "vmNics.ip", "modelId", "a1"])
def test_names_of_fields_pass(field):
    assert _query.condition(field, "=", "x") == field + "=x"
    assert server_reads(_query.condition(field, "is null")) == (field, "is null", "")
    assert server_reads(_query.condition(field, "not null")) == (field, "not null", "")


@pytest.mark.parametrize("count", [0, 1, 2, 99, 100, 101, 199, 200, 201, 350])
def test_lists_come_in_chunks_that_fit(count):
    values = ["%032x" % (number * 7919) for number in range(count)]
    conditions = list(_query.one_of("uuid", values))
    chunks = [server_reads(text) for text in conditions]
    assert all(chunk[:2] == ("uuid", "?=") for chunk in chunks)
    found = [chunk[2].split(",") for chunk in chunks]
    assert all(1 <= len(chunk) <= 100 for chunk in found)
    assert list(itertools.chain(*found)) == values
    assert len(conditions) == -(-len(values) // 100)
    assert all(len(text) < 4096 for text in conditions)


@pytest.mark.parametrize("values", [["a", "b,c"], ["x"] * 150 + [","]])
def test_a_comma_in_a_list_is_refused(values):
    with pytest.raises(OptionError, match="contains a comma"):
        list(_query.one_of("name", values))


@pytest.mark.parametrize("value", ["a!=b", "it's", "a\\b"])
def test_a_list_never_holds_what_would_be_misread(value):
    with pytest.raises(OptionError, match="misread"):
        list(_query.one_of("name", ["x", value]))


@given(names)
def test_splitting_is_that_of_the_server(name):
    try:
        expected = server_reads(name)
    except Refused:
        return
    found = _query.split(name)
    assert found is not None
    assert found[:2] == expected[:2]


def test_a_text_without_operator_is_none():
    assert _query.split("name") is None


def test_the_order_of_the_operators_is_that_of_the_page():
    assert _query.OPERATORS == ("!=", ">=", "<=", "!?=", "!~=", "~=", "?=", "=", ">", "<", "is null", "not null")
