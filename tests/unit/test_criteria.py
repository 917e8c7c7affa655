# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters: what each means, and that the condition for the server finds at least every row that meets it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.criteria import OPERATORS, Criterion
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS
from ansible_collections.zstack.aios.tests.unit.support.query_server import java_trim, names, server_finds, server_reads

MODEL, SERVICE, TASK = VIEWS["model"], VIEWS["model_service"], VIEWS["model_evaluation_task"]


def criterion(field, operator, value=None, view=MODEL):
    """Return a filter as an option gives it."""
    return Criterion("filters[0]", view.find(field), operator, value)


def meets(field, operator, value, row, view=MODEL):
    """Return whether a row meets the filter."""
    return criterion(field, operator, value, view).meets(row)


@given(names, names, st.sampled_from(["=", "~=", "in"]))
@example("100%", "100% sure", "~=")
@example("a,b", "a,b", "in")
@example("it's", "it's", "in")
@example("a>=b", "x a>=b y", "~=")
@example("is null", "is null", "=")
@example("_", "a", "~=")
@example("\n", "a\nb", "~=")
@example("\U0001f600", "\U0001f600", "in")
def test_the_server_finds_every_row_that_meets_a_filter_on_text(value, stored, operator):
    filtered = criterion("name", operator, [value] if operator == "in" else value)
    expected = value in stored if operator == "~=" else java_trim(stored) == java_trim(value)
    assert filtered.meets({"name": stored}) is expected
    if expected:
        for text in filtered.conditions():
            field, found, listed = server_reads(text)
            assert stored.lower() in listed.lower().split(",") if found == "?=" else server_finds(text, "name", stored), text


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=3000), st.sampled_from(["=", "~="]))
@example("模" * 3000, "=")
@example("\U0001f600" * 3000, "~=")
def test_a_long_text_fits_into_a_request_line(value, operator):
    for text in criterion("description", operator, value).conditions() or ():
        assert len(_query.encoded(text)) < 2200
        if operator == "~=" or java_trim(value):
            assert server_finds(text, "description", value if operator == "~=" else java_trim(value))


@pytest.mark.parametrize("operator, value, stored, expected", [
    ("=", "Qwen", "Qwen", True), ("=", "Qwen", "qwen", False), ("=", " Qwen\n", "Qwen", True), ("=", "Q%", "Qwen", False), ("=", "", None, True),
    ("=", "", "", True), ("=", "", "x", False), ("!=", "Qwen", None, True), ("!=", "Qwen", "", True), ("!=", "Qwen", "Qwen", False),
    ("!=", "", None, False), ("!=", "", "x", True), ("~=", "we", "Qwen", True), ("~=", "WE", "Qwen", False), ("~=", "Q%n", "Qwen", False),
    ("~=", "Q_en", "Qwen", False), ("~=", "a", None, False), ("~=", "a,b", "x a,b", True), (">", "b", "c", True), (">", "b", "b", False),
    ("<", "b", "a", True), ("<", "b", None, False), ("in", ["a", "b"], "b", True), ("in", [], "b", False), ("in", ["a,b"], "a", False),
    ("in", ["a,b"], "a,b", True), ("in", ["", "a"], None, True), ("in", ["a"], None, False), ("null", None, None, True), ("null", True, "", True),
    ("null", "true", " ", True), ("null", None, "x", False), ("null", False, "x", True), ("null", "no", None, False),
])
def test_texts(operator, value, stored, expected):
    row = {} if stored is None else {"vendor": stored}
    assert meets("vendor", operator, value, row) is expected


@pytest.mark.parametrize("operator, value, stored, expected", [
    ("=", 5, 5, True), ("=", "5", 5, True), ("=", 5, 6, False), ("!=", 5, None, True), (">", 5, 6, True), (">", 5, 5, False), (">", "+4", 5, True),
    ("<", 0, -1, True), ("<", 5, None, False), ("in", [1, "2"], 2, True), ("null", None, 0, False), ("null", None, None, True), ("=", 0, 0, True),
    (">", 1, "7", True), (">", 1, "many", False), ("=", 1, True, False),
])
def test_whole_numbers(operator, value, stored, expected):
    row = {} if stored is None else {"size": stored}
    assert meets("size", operator, value, row) is expected


def test_fractions_flags_and_dates():
    assert meets("temperature", ">", "0.5", {"temperature": 0.7}, TASK) and not meets("temperature", ">", 0.7, {"temperature": 0.7}, TASK)
    assert meets("system", "=", "yes", {"system": True}, SERVICE) and meets("system", "!=", True, {}, SERVICE)
    assert meets("system", "=", False, {"system": "false"}, SERVICE) and not meets("system", "=", False, {}, SERVICE)
    for date in ("Nov 25, 2025 1:51:50 PM", "Nov 25, 2025, 1:51:50 PM", "Nov 25, 2025, 1:51:50\u202fPM"):
        assert meets("create_date", ">", "2025-11-25", {"createDate": date}) and meets("create_date", "=", "2025-11-25T13:51:50", {"createDate": date})
        assert not meets("create_date", "<", "2025-11-25 13:51", {"createDate": date}) and meets("create_date", "<", "2025-11-26", {"createDate": date})
    assert not meets("create_date", ">", "2025-11-25", {"createDate": "yesterday"})


def test_lists_and_records_meet_a_filter_with_one_of_their_entries():
    refs = {"modelServiceRefs": [{"isDefault": False, "modelServiceUuid": "a"}, {"isDefault": True, "modelServiceUuid": "b"}]}
    assert meets("model_service_refs.is_default", "=", True, refs) and not meets("model_service_refs.is_default", "!=", True, refs)
    assert meets("model_service_refs.is_default", "!=", True, {}) and meets("model_service_refs.is_default", "!=", True, {"modelServiceRefs": []})
    assert meets("model_service_refs.model_service_uuid", "in", ["b", "c"], refs)
    assert meets("model_service_refs", "null", None, {"modelServiceRefs": []}) and not meets("model_service_refs", "null", None, refs)
    assert meets("recommended_gpu_num", "=", 4, {"recommendedGpuNum": [1, 4]}) and meets("recommended_gpu_num", ">", 3, {"recommendedGpuNum": [1, 4]})
    assert meets("cpu_architectures", "=", "x86_64", {"cpuArchitectures": ["aarch64", "x86_64"]}, SERVICE)
    vendors = {"vendorToSpecUuidsMap": {"NVIDIA": ["u1"], "Huawei": []}}
    assert meets("vendor_to_spec_uuids_map", "=", "NVIDIA", vendors, SERVICE) and meets("vendor_to_spec_uuids_map.NVIDIA", "=", "u1", vendors, SERVICE)
    assert meets("vendor_to_spec_uuids_map.Huawei", "null", None, vendors, SERVICE)


@pytest.mark.parametrize("value", [7, [7], {"a": 1}, None, True, [None, {}], "x"])
@pytest.mark.parametrize("field, given", [("name", "x"), ("size", 1), ("is_latest_version", True), ("create_date", "2026-01-01"), ("recommended_gpu_num", 1),
                                          ("model_service_refs.is_default", True)])
def test_values_of_another_form_do_not_break_a_filter(value, field, given):
    for operator in OPERATORS:
        try:
            filtered = criterion(field, operator, None if operator == "null" else [given] if operator == "in" else given)
        except OptionError:
            continue
        api = filtered.path[0].api
        assert filtered.meets({api: value}) in (True, False)


@pytest.mark.parametrize("field, operator, value, message", [
    ("size", "=", "5GB", "filters[0].value: '5GB' is not a whole number, and size is one. Write it without a unit."),
    ("size", "=", True, "filters[0].value: true is not a whole number"), ("size", "=", 1.5, "filters[0].value: 1.5 is not a whole number"),
    ("size", "=", "9" * 5000, "is not a whole number"),
    ("is_latest_version", "=", "maybe", "filters[0].value: 'maybe' is neither true nor false"),
    ("is_latest_version", ">", True, "filters[0].operator: > does not apply to is_latest_version, which is true or false. Use =."),
    ("create_date", ">", "25.11.2026", "filters[0].value: '25.11.2026' is not a date. Write it as 2026-11-25"),
    ("create_date", ">", "2026-02-30", "is not a date"), ("create_date", "~=", "Nov", "filters[0].operator: ~= compares texts, and create_date contains dates"),
    ("size", "~=", "1", "filters[0].operator: ~= compares texts, and size contains numbers"),
    ("name", "=", None, "filters[0].value: a value is required. To find objects without one, set operator to 'null'."),
    ("name", "=", ["a"], "filters[0].value: the operator = takes one value and received a list. Use the operator in for a list."),
    ("name", "=", {"a": 1}, "received a mapping"), ("name", "in", "a", "filters[0].value: the operator in takes a list and received 'a'"),
    ("name", "in", [None], "filters[0].value[0]: a value is required"), ("name", "in", None, "received null"),
    ("name", "~=", "", "filters[0].value: the text is empty, which every text contains"),
    ("name", "null", "x", "filters[0]: 'x' is neither true nor false"),
    ("model_service_refs", "=", "x", "filters[0].field: model_service_refs contains records. Give a member, such as model_service_refs.model_uuid or"),
])
def test_what_cannot_be_is_refused(field, operator, value, message):
    with pytest.raises(OptionError) as caught:
        criterion(field, operator, value)
    assert message in caught.value.message


@pytest.mark.parametrize("field, operator, value, conditions", [
    ("name", "=", "a", ["name=a"]), ("name", "~=", "a_b%", ["name~=%a_b_%"]), ("name", "!=", "a", None), ("name", "null", None, None), ("name", ">", "a", None),
    ("name", "in", ["a", "b", "a"], ["name?=a,b"]), ("name", "in", ["a", "b,c", "d'e"], ["name?=a", "name=b,c", "name~=d_e"]), ("name", "in", ["a", ""], None),
    ("name", "in", ["%d,x" % number for number in range(20)], None), ("name", "in", [], []), ("name", "=", "", None),
    ("size", "=", 5, ["size=5"]), ("size", ">", 5, ["size>5"]), ("size", "in", [1, 2], ["size?=1,2"]), ("size", "!=", 5, None),
    ("size", "=", 10 ** 18 * 9, ["size=9" + "0" * 18]),
    ("size", "<", "9" * 19, None), ("is_latest_version", "=", True, None), ("create_date", ">", "2026-01-01", None), ("recommended_gpu_num", "=", 1, None),
    ("model_service_refs.is_default", "=", True, None),
])
def test_conditions_are_sent_where_the_protocol_is_known(field, operator, value, conditions):
    assert criterion(field, operator, value).conditions() == conditions


def test_lists_of_long_names_fit_into_request_lines():
    found = criterion("name", "in", ["%d" % number + "模" * 200 for number in range(6)]).conditions()
    assert len(found) == 3 and all(len(_query.encoded(text)) < 4200 for text in found)


@pytest.mark.parametrize("value, text", [(3.10, '3.1'), (True, "True"), (7, "7")])
def test_a_number_for_a_text_is_taken_with_a_warning(value, text):
    filtered = criterion("version", "=", value)
    assert filtered.value == text and "Write the value in quotes" in filtered.warning
