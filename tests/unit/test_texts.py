# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options as they were given: what a text option takes, what it warns about, and what it refuses."""

from __future__ import annotations

import datetime

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import item_specs
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import CATALOG, EXPORT
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import resource_module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.session import SESSION
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import (
    accept, expand_lists, inspect, split_refused, with_suggestions,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import MODEL_EVALUATION
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP

MODULES = {
    "model": resource_module(MODEL), "clone": resource_module(MODEL_SERVICE_CLONE), "catalog": CATALOG, "export": EXPORT, "session": SESSION,
}
# Every option of every module that takes text, as (module, option)
TEXTS = [(name, option) for name, spec in MODULES.items() for option, entry in spec.options.items() if entry["type"] in ("str", "path")]
TEXT_LISTS = [(name, option) for name, spec in MODULES.items() for option, entry in spec.options.items() if entry.get("elements") == "str"]
STRUCTURED = [(name, option) for name, spec in MODULES.items() for option in spec.structured]


class TaggedText(str):
    """Text with something to it, as ansible-core has it before 2.19 (where it stood) and since (its tags)."""


def found(module, **given):
    spec = MODULES[module]
    return [(finding.option, finding.refused) for finding in inspect(spec.options, given, spec.structured)]


def warnings(module, **given):
    return accept(MODULES[module].options, given, MODULES[module].structured)


def test_there_is_something_to_check():
    assert {("model", "model_center"), ("model", "token"), ("clone", "source_service"), ("session", "host"), ("catalog", "path")} <= set(TEXTS)
    assert {("model", "user_tags"), ("clone", "cpu_architectures"), ("export", "kinds")} <= set(TEXT_LISTS)
    assert set(STRUCTURED) == {("model", "parameters"), ("clone", "yaml")}


@pytest.mark.parametrize("name,option", TEXTS)
def test_every_text_option_takes_text_and_nothing_else(name, option):
    for value in ("", "x", "true", "3.10", "{'a': 1}", '["a"]', TaggedText("x"), b"x", datetime.date(2026, 11, 25), None):
        assert found(name, **{option: value}) == []
    for value in ({}, {"a": 1}, [], ["a"], ("a",), {"a"}, object()):
        assert found(name, **{option: value}) == [(option, True)]
    for value in (True, False, 0, 7, 3.10, 1e30, datetime.datetime(2026, 11, 25, 10)):
        assert found(name, **{option: value}) == [(option, False)]


@pytest.mark.parametrize("name,option", TEXT_LISTS)
def test_every_entry_of_a_list_of_texts(name, option):
    values = ["x", TaggedText("y"), {"a": 1}, ["a"], None, 3.10, True]
    assert found(name, **{option: values}) == [(option + "[%d]" % number, number < 5) for number in range(2, 7)]
    assert found(name, **{option: "a,b"}) == found(name, **{option: []}) == []
    # Ansible takes a number as a list of one.
    assert found(name, **{option: 5}) == [(option, False)]


@pytest.mark.parametrize("name,option", STRUCTURED)
def test_a_structure_is_welcome_where_it_becomes_json(name, option):
    for value in ("", "text", {}, {"a": None}, [], [1.5, None]):
        assert found(name, **{option: value}) == []
    for value, text in ((True, "true"), (3.10, "3.1"), (0, "0"), (1e-05, "1.0e-05")):
        warning, = warnings(name, **{option: value})
        assert 'It becomes the text "%s".' % text in warning


def test_members_of_records():
    images = [
        {"cpu_architecture": "X86_64", "docker_image": {"a": 1}}, {"cpu_architecture": 64, "docker_image": "r/i:1", "vm_image_uuid": None},
        'cpu_architecture=X86_64 docker_image=x', '{"cpu_architecture": ["x"], "docker_image": "y"}', "junk", 5]
    assert found("clone", architecture_images=images) == [
        ("architecture_images[0].docker_image", True), ("architecture_images[1].cpu_architecture", False), ("architecture_images[3].cpu_architecture", True),
        ("architecture_images[4]", True), ("architecture_images[5]", True)]


@pytest.mark.parametrize("value,path,noun", [
    ("junk", "architecture_images", "a list of mappings and received text"), ("", "architecture_images", "a list of mappings and received text"),
    ("a,b", "architecture_images", "a list of mappings and received text"), (5, "architecture_images", "a mapping and received a number"),
    (True, "architecture_images", "a mapping and received a boolean"), (["junk"], "architecture_images[0]", "a mapping and received text"),
    ([{}, [1]], "architecture_images[1]", "a mapping and received a list"),
])
def test_what_is_no_record_is_refused_before_ansible_reads_it(value, path, noun):
    spec = MODULES["clone"].options
    given, refused = split_refused(spec, {"architecture_images": value, "name": "x"})
    assert given == {"name": "x"}
    assert refused.message == "%s: the option takes %s. Its members are cpu_architecture, docker_image, vm_image_uuid." % (path, noun)
    for fine in (None, [], [{"cpu_architecture": "x"}], "cpu_architecture=x", '{"cpu_architecture": "x"}'):
        assert split_refused(spec, {"architecture_images": fine, "unknown": 1}) == ({"architecture_images": fine, "unknown": 1}, None)


def test_a_number_is_no_boolean():
    assert found("model", port=False, recommended_gpu_num=[True, 1, None], size=True) == [
        ("port", True), ("recommended_gpu_num[0]", True), ("recommended_gpu_num[2]", True), ("size", True)]
    assert found("model", size=5, port="80", validate_certs=1) == []


@pytest.mark.parametrize("value,shown,text", [
    (True, "the boolean true", "True"), (False, "the boolean false", "False"), (3.10, "the number 3.1", "3.1"), (8, "the number 8", "8"),
    (datetime.datetime(2026, 11, 25, 10), "the date and time 2026-11-25T10:00:00", "2026-11-25T10:00:00"),
])
def test_a_warning_shows_what_ansible_stores(value, shown, text):
    assert warnings("model", vendor=value) == [
        'vendor: the option takes text and received %s. It becomes the text "%s". Write the value in quotes to keep its spelling.' % (shown, text)]
    if not isinstance(value, datetime.datetime):
        checked = ArgumentSpecValidator({"vendor": {"type": "str"}}).validate({"vendor": value})
        assert checked.validated_parameters["vendor"] == text


def test_a_refusal_names_every_option_and_the_solution():
    with pytest.raises(OptionError) as caught:
        warnings("model", name=["x", "y"], install_path={"a": 1}, vendor=5)
    assert caught.value.message == (
        "name: the option takes text and received a list. Write the text itself in quotes; in a template, end the expression with a filter that "
        "returns text, such as to_json, join or string. install_path: the option takes text and received a mapping. Write the text itself in quotes; "
        "in a template, end the expression with a filter that returns text, such as to_json, join or string.")


@pytest.mark.parametrize("option", ["account_password", "token", "access_key_secret", "session_uuid"])
def test_a_secret_is_never_shown(option):
    for value in (123456789, 1.23456789, True, datetime.datetime(2026, 11, 25, 10)):
        warning, = warnings("model", **{option: value})
        assert warning.startswith(option + ": the option takes text and received a ") and "secret" in warning
        assert not any(part in warning for part in ("123456789", "rue", "2026"))
    for value in ({"a": "s3cret"}, ["s3cret"], {"s3cret": [1]}):
        with pytest.raises(OptionError) as caught:
            warnings("model", **{option: value})
        assert "s3cret" not in str(caught.value.error)


@pytest.mark.parametrize("given,expected", [
    ({"user_tags": '["a", "b"]'}, {"user_tags": ["a", "b"]}), ({"user_tags": ' [1, null]\n'}, {"user_tags": [1, None]}),
    ({"user_tags": "a,b"}, {"user_tags": "a,b"}), ({"user_tags": "[a, b]"}, {"user_tags": "[a, b]"}), ({"user_tags": ["[1]"]}, {"user_tags": ["[1]"]}),
    ({"container_args": "[1]", "unknown": "[1]", "yaml": "[1]"}, {"container_args": "[1]", "unknown": "[1]", "yaml": "[1]"}),
    ({"architecture_images": '[{"cpu_architecture": "x"}]'}, {"architecture_images": [{"cpu_architecture": "x"}]}),
    ({"user_tags": "[" * 100000}, {"user_tags": "[" * 100000}), ({"user_tags": None}, {"user_tags": None}),
])
def test_a_list_may_be_json_text(given, expected):
    assert expand_lists(MODULES["clone"].options, given) == expected


def test_a_list_inside_a_record_may_be_json_text():
    spec = {"rows": {"type": "list", "elements": "dict", "options": {"names": {"type": "list", "elements": "str"}}},
            "one": {"type": "dict", "options": {"names": {"type": "list", "elements": "str"}}}}
    assert expand_lists(spec, {"rows": '[{"names": "[\\"a\\"]"}]', "one": {"names": '["b"]'}}) == {"rows": [{"names": ["a"]}], "one": {"names": ["b"]}}
    findings = inspect(spec, {"rows": [{"names": ["a", {}]}], "one": {"names": [None]}})
    assert [finding.option for finding in findings] == ["rows[0].names[1]", "one.names[0]"]


@pytest.mark.parametrize("text", ["['a', 'b']", "[a, b]", '["a",]', " [x] "])
def test_a_list_in_another_spelling_is_refused_and_not_cut_at_its_commas(text):
    finding, = inspect(MODULES["model"].options, expand_lists(MODULES["model"].options, {"user_tags": text}))
    assert finding.refused and finding.message == (
        "the option takes a list, and the text in brackets is not valid JSON. Write a YAML list, or JSON with double quotes.")


@pytest.mark.parametrize("option, text", [
    ("user_tags", '[{"a": 1, "a": 2}]'), ("rows", '[{"name": "x", "a": "1", "a": "2"}]'), ("one", '{"name": "x", "a": "1", "a": "2"}'),
    ("map", ' {"a": 1, "a": 2} ')])
def test_json_that_gives_a_key_twice_with_different_values_is_refused(option, text):
    members = {"name": {"type": "str"}, "a": {"type": "str"}}
    spec = {"user_tags": {"type": "list", "elements": "str"}, "rows": {"type": "list", "elements": "dict", "options": members},
            "one": {"type": "dict", "options": members}, "map": {"type": "dict"}}
    finding, = inspect(spec, expand_lists(spec, {option: text}))
    assert finding.refused and str(finding) == (
        "%s: the JSON text gives the key 'a' twice in one place, with different values. Remove one of them." % option)
    once = text.replace("2", "1")
    assert not [finding for finding in inspect(spec, expand_lists(spec, {option: once})) if "twice" in finding.message]


@pytest.mark.parametrize("unknown,text", [
    ({"vender"}, " Did you mean vendor instead of vender?"), ({"nmae", "vender"}, " Did you mean name instead of nmae? Did you mean vendor instead of vender?"),
    ({"xyzzy"}, ""), (set(), ""), ({("architecture_images", "docker_imag")}, " Did you mean architecture_images.docker_image instead of "
                                   "architecture_images.docker_imag?"),
])
def test_a_misspelt_option_is_answered_with_the_nearest(unknown, text):
    spec = {**MODULES["model"].options, **MODULES["clone"].options}
    assert with_suggestions("Refused", spec, unknown) == ("Refused." if text else "Refused") + text
    assert with_suggestions("Refused.", spec, unknown) == "Refused." + text


def test_every_scalar_of_a_secret_is_known():
    assert CATALOG.secrets({"models": [{"token": {"a": ["x", {"b": 12}], "c": None, "d": "", "e": True, "f": 1.5}}]}) >= {"x", "12", "1.5"}
    assert not {"True", "None", ""} & CATALOG.secrets({"models": [{"token": [True, None, ""]}]})
    assert CATALOG.secrets({"models": [{"token": {"a": ["s3cret"]}}, {"token": 12345}], "model_service_clones": "junk"}) >= {"s3cret", "12345"}


def test_values_of_a_map_with_texts_warn_like_texts():
    group, evaluation = resource_module(MODEL_SERVICE_GROUP), resource_module(MODEL_EVALUATION)
    given = {"environment_variables": {"ON": True, "OFF": "off", "VERSION": 3.10}, "startup_parameters": {"at": datetime.datetime(2026, 11, 25)}}
    warnings = accept(group.options, given, group.structured, group.maps)
    assert [warning.partition(", which")[0] for warning in warnings] == [
        "%s: the option takes text and received a %s" % pair for pair in (
            ("environment_variables.ON", "boolean"), ("environment_variables.VERSION", "number"), ("startup_parameters.at", "date and time"))]
    warning, = accept(evaluation.options, {"request_headers": {"X-Debug": False}}, evaluation.structured, evaluation.maps)
    assert warning.startswith("request_headers.X-Debug: the option takes text and received a boolean, which YAML may have changed.")
    assert MODEL_EVALUATION.field("request_headers").type.send({"X-Debug": False}) == {"X-Debug": "false"}
    assert MODEL_SERVICE_GROUP.field("environment_variables").type.send({"ON": True, "V": 3.10}) == {"ON": "true", "V": "3.1"}
    assert item_specs()["model_service_groups"].warnings(given) == warnings
