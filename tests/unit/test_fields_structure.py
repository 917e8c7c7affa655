# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A structure becomes JSON text, and JSON text is compared by what it means."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import JSON_TEXT, YAML_TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed

words = st.text(max_size=8)
leaves = st.one_of(st.none(), st.booleans(), words, st.integers(), st.floats(allow_nan=False, allow_infinity=False))
structures = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)), max_leaves=12,
).filter(lambda value: isinstance(value, (dict, list)))
BOTH = pytest.mark.parametrize("field", [JSON_TEXT, YAML_TEXT], ids=["json", "yaml"])


def same(wanted, found, field=JSON_TEXT):
    return field.same(field.want(wanted), field.read(found))


@given(structures)
def test_a_structure_is_sent_as_json_that_yaml_reads_alike(value):
    text = JSON_TEXT.send(value)
    assert text == YAML_TEXT.send(value)
    assert json.loads(text) == value
    assert repr(yaml.safe_load(text)) == repr(json.loads(text))


@BOTH
@given(value=structures)
def test_a_structure_equals_its_text_in_any_spelling(field, value):
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2), json.dumps(value, separators=(",", ":")), "\n" + field.send(value) + " "):
        assert same(value, text, field) and same(text, field.send(value), field), text
    assert field.stored(value) == field.send(value) and json.loads(json.dumps(field.show(field.want(value)))) == value


@given(structures, structures)
def test_other_structures_differ(one, other):
    texts = [json.dumps(value, sort_keys=True).replace("-0.0", "0.0") for value in (one, other)]
    if texts[0] != texts[1]:
        assert not same(one, json.dumps(other))


@pytest.mark.parametrize("value", [{"k" * 2000: 1}, ["\x7f\x85\u2028\ufeff\ud800\U0001f600"], {"": ""}, {"<<": {"=": None}}])
def test_json_that_yaml_reads_differently_or_not_at_all(value):
    for text in (json.dumps(value), YAML_TEXT.send(value)):
        assert same(value, text, YAML_TEXT) and same(text, json.dumps(value, indent=1), YAML_TEXT)
    assert not same(value, json.dumps([value]), YAML_TEXT)


def test_numbers_and_nulls_are_those_of_the_user():
    value = {"temperature": 0.2, "stop": None, "stream": True, "seed": 7, "rate": 1e-05, "big": 1e22, "名": "值", "more": [1, 2.0, "3.10"]}
    assert JSON_TEXT.send(value) == (
        '{"temperature": 0.2, "stop": null, "stream": true, "seed": 7, "rate": 1.0e-05, "big": 1.0e+22, "名": "值", "more": [1, 2.0, "3.10"]}')
    assert JSON_TEXT.send({True: 3, None: 4, 2: 5, 1.5: 6}) == '{"true": 3, "null": 4, "2": 5, "1.5": 6}'


@pytest.mark.parametrize("one,other", [
    ({"a": 1}, '{"a": 1.0}'), ({"a": 1}, '{"a": true}'), ({"a": 1}, '{"a": "1"}'), ({"a": None}, "{}"), ([1, 2], "[2, 1]"), ({"a": 1}, "8B"),
    ("8B", "8b"), ("1", "1.0"), ("true", "True"), ("{'a': 1}", '{"a": 1}'), ('{"a": 1, "a": 2}', '{"a": 2}'), ('{"a": NaN}', '{"a": null}'),
])
def test_these_differ(one, other):
    assert not same(one, other)


@pytest.mark.parametrize("text", ["8B", "{'a': 1}", '{"a": 1, "a": 1}', "[1", "{{ x }}", '{"a": NaN}', "[" * 5000, '[%s]' % ("1" * 5000)])
def test_text_that_is_no_json_is_text(text):
    assert same(text, " %s\n" % text)
    assert JSON_TEXT.send(text) == JSON_TEXT.show(JSON_TEXT.want(text)) == text
    JSON_TEXT.check("parameters", text)


def test_absent_and_empty_are_the_same_and_an_empty_structure_is_not():
    assert same("", None) and not same({}, None) and not same([], "") and same({}, " { } ")


@BOTH
@pytest.mark.parametrize("value,reason", [
    ({"a": float("nan")}, "JSON has no notation for .nan and .inf"), ([float("inf")], "JSON has no notation for .nan and .inf"),
    (float("-inf"), "JSON has no notation for .nan and .inf"), ([10 ** 5000], "it holds a int that JSON cannot express"),
    ({1: "a", "1": "b"}, "it has the key 1 twice, as a text and as another value"),
    ([{None: 1, "null": 1}], "it has the key null twice, as a text and as another value"),
])
def test_what_json_cannot_express_is_refused(field, value, reason):
    with pytest.raises(OptionError) as caught:
        field.check("parameters", value)
    assert caught.value.message == "parameters: the structure cannot be sent as JSON: %s. Write it as text." % reason


@BOTH
def test_a_structure_without_end_is_refused(field):
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(OptionError, match="it is nested deeper than 100 levels"):
        field.check("yaml", endless)


@BOTH
@pytest.mark.parametrize("text, key", [
    ('{"a": 1, "a": 2}', "a"), ('{"x": [{"b": {"c": 1}, "b": {"c": 2}}]}', "b"), ('{"a": true, "a": 1}', "a"), ('{"a": "1", "a": 1}', "a")])
def test_a_text_that_gives_a_key_twice_with_different_values_is_refused_and_compared_as_text(field, text, key):
    with pytest.raises(OptionError) as caught:
        field.check("parameters", text)
    assert caught.value.message == "parameters: the text gives the key '%s' twice in one place, with different values. Remove one of them." % key
    assert field.want(text) == text and field.read(" %s\n" % text) == text
    # Neither reader may choose a value without notice.
    assert not field.same(field.want(text), field.read(text.replace("1", "7", 1)))


@BOTH
def test_a_text_that_gives_a_key_twice_with_one_value_is_none_of_these(field):
    for text in ('{"a": 1, "a": 1}', '[{"a": 1}, {"a": 2}]', '{"a": {"b": 1}, "c": {"b": 2}}', '{"a": [{"b": "x"}], "a": [{"b": "x"}]}', "a: 1", "[", ""):
        field.check("parameters", text)


@pytest.mark.parametrize("value,text", [(3.10, "3.1"), (True, "true"), (0, "0")])
def test_a_scalar_is_its_json_text(value, text):
    assert JSON_TEXT.send(value) == JSON_TEXT.want(value) == text and same(value, text)


def test_the_length_is_that_of_the_json_text():
    assert JSON_TEXT.length({"a": None}) == len('{"a": null}') and JSON_TEXT.length("\U0001f600 ") == 2


@BOTH
def test_an_export_has_the_server_s_own_text(field):
    assert field.express(' {"b": null,\n "a": 1}\n') == '{"b": null,\n "a": 1}' and field.express(None) is None


def test_an_answer_that_is_no_text_is_read_as_a_structure():
    assert same({"a": None}, {"a": None}) and same("5", 5)
    assert JSON_TEXT.read({"a": float("nan")}) is not None


@pytest.mark.parametrize("table", [MODEL, MODEL_CENTER], ids=["model", "center"])
def test_parameters_of_every_kind(table):
    field = table.field("parameters")
    assert field.same({"stop": None}, Observed({"parameters": '{"stop":null}'})) and not field.same({"stop": None}, Observed({}))
