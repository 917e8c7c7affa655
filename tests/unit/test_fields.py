# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Field types: the desired value, the observed value, and when both are equal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import FormError, OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources import fields as _fields
from ansible_collections.zstack.aios.plugins.module_utils._resources import structured as _structured
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import (
    FLAG, FOLDED_NAME_SET, INT32, INT64, INTEGER, LONG, MEMBERS, NAME_SET, NAME_SET_MAP, NUMBER_SET_TEXT, TEXT, Records, java_length, trim,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed

IMAGES = Records(
    {"cpu_architecture": "cpuArchitecture", "vm_image_uuid": "vmImageUuid", "docker_image": "dockerImage"}, needs=("vm_image_uuid", "docker_image"))

# Everything up to and including the space is a blank for Java, and nothing else is.
JAVA_BLANK = st.text(st.characters(max_codepoint=32), max_size=3)
NOT_JAVA_BLANKS = "\u00a0\u0085\u2003\u3000\ufeff\u200b"

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
names = st.text(st.characters(min_codepoint=33, exclude_categories=("Cs",)), min_size=1, max_size=8)
gpu_numbers = st.lists(st.integers(1, 64), max_size=6)
name_maps = st.dictionaries(names, st.lists(names, min_size=1, max_size=4), min_size=1, max_size=4)


@st.composite
def image_lists(draw):
    architectures = draw(st.lists(st.sampled_from(("X86_64", "aarch64", "mips64el", "LoongArch64")), min_size=1, unique=True))
    return [
        {
            "cpu_architecture": architecture,
            **draw(st.sampled_from(({"vm_image_uuid": "u1"}, {"docker_image": "repo/a:1"}, {"vm_image_uuid": "u2", "docker_image": "repo/b:2"}))),
        }
        for architecture in architectures
    ]


ROUND_TRIPS = [
    pytest.param(TEXT, texts, id="text"),
    pytest.param(INTEGER, st.integers(0, INT32), id="integer"),
    pytest.param(LONG, st.integers(0, INT64), id="long"),
    pytest.param(FLAG, st.booleans(), id="flag"),
    pytest.param(NUMBER_SET_TEXT, gpu_numbers, id="number set"),
    pytest.param(NAME_SET, st.lists(names, max_size=5), id="name set"),
    pytest.param(FOLDED_NAME_SET, st.lists(names, max_size=5), id="folded name set"),
    pytest.param(MEMBERS, st.lists(names, max_size=5), id="members"),
    pytest.param(NAME_SET_MAP, name_maps, id="name set map"),
    pytest.param(IMAGES, image_lists(), id="records"),
]


@pytest.mark.parametrize("kind, values", ROUND_TRIPS)
@given(data=st.data())
def test_what_was_stored_is_what_was_wanted(kind, values, data):
    value = data.draw(values)
    kind.check("option", value)
    assert kind.same(kind.want(value), kind.read(kind.stored(value)))
    # The reading is stable: the same text of the server always gives the same form, also after a trip through JSON.
    assert kind.read(json.loads(json.dumps(kind.stored(value)))) == kind.read(kind.stored(value)) == kind.want(value)


@pytest.mark.parametrize("kind, values", ROUND_TRIPS)
@given(data=st.data())
def test_a_repair_leads_to_what_was_wanted(kind, values, data):
    value, other = data.draw(values), data.draw(values)
    wanted, found = kind.want(value), kind.read(kind.stored(other))
    assert kind.same(wanted, kind.after(wanted, found))
    json.dumps(kind.show(kind.after(wanted, found)))


@pytest.mark.parametrize("kind, values", ROUND_TRIPS[5:8] + ROUND_TRIPS[4:5])
@given(data=st.data())
def test_order_and_repetition_do_not_count(kind, values, data):
    value = data.draw(values)
    shuffled = data.draw(st.permutations(value + value[:2]))
    assert kind.want(shuffled) == kind.want(value)
    assert kind.same(kind.want(value), kind.read(shuffled))


@pytest.mark.parametrize("kind, values", [item for item in ROUND_TRIPS if item.values[0] is not MEMBERS])
@given(data=st.data())
def test_other_values_differ(kind, values, data):
    value, other = data.draw(values), data.draw(values)
    different = kind.want(value) != kind.want(other)
    assert kind.same(kind.want(value), kind.read(kind.stored(other))) is not different


@given(texts, JAVA_BLANK, JAVA_BLANK)
def test_text_is_trimmed_as_the_server_trims(text, before, after):
    padded = before + text + after
    expected = list(padded)
    while expected and expected[0] <= " ":
        expected.pop(0)
    while expected and expected[-1] <= " ":
        expected.pop()
    assert trim(padded) == "".join(expected)
    assert TEXT.send(padded) == TEXT.want(padded) == TEXT.read(padded) == "".join(expected)
    assert TEXT.same(TEXT.want(padded), TEXT.read("".join(expected)))


@pytest.mark.parametrize("blank", NOT_JAVA_BLANKS)
def test_blanks_that_the_server_keeps_are_kept(blank):
    assert trim(blank + "name" + blank) == blank + "name" + blank
    assert not TEXT.same(TEXT.want("name" + blank), TEXT.read("name"))


def test_absent_and_empty_text_are_the_same():
    assert TEXT.same(TEXT.want(""), TEXT.read(None))
    assert TEXT.same(TEXT.want("  "), TEXT.read(""))
    assert not TEXT.same(TEXT.want("x"), TEXT.read(None))
    assert not TEXT.same(TEXT.want(""), TEXT.read("x"))


@given(texts)
def test_length_counts_as_java_does(text):
    assert java_length(text) == sum(2 if ord(character) > 0xFFFF else 1 for character in text)
    assert TEXT.length("\t " + text + "\n") == java_length(trim(text))


def test_length_of_half_a_character_and_of_a_picture():
    assert java_length("\ud83d") == 1
    assert java_length("\U0001f600") == 2
    assert TEXT.length("模型") == 2


@pytest.mark.parametrize("kind, value, fits", [
    (INTEGER, 0, True), (INTEGER, INT32, True), (INTEGER, INT32 + 1, False), (INTEGER, -1, False),
    (LONG, INT32 + 1, True), (LONG, INT64, True), (LONG, INT64 + 1, False), (LONG, -1, False),
])
def test_numbers_have_a_range(kind, value, fits):
    if fits:
        kind.check("size", value)
    else:
        with pytest.raises(OptionError, match=r"^size: %d is out of range.* to \d+\.$" % value):
            kind.check("size", value)
    assert kind.length(value) is None


def test_numbers_read_from_text_and_floats():
    assert INTEGER.read("5") == INTEGER.read(5.0) == 5
    assert INTEGER.read(None) is None
    assert not INTEGER.same(INTEGER.want(0), INTEGER.read(None))


@pytest.mark.parametrize("raw, found", [(True, True), ("true", True), ("True", True), (False, False), ("false", False), (None, False), ("", False)])
def test_a_flag_that_is_not_there_is_false(raw, found):
    assert FLAG.read(raw) is found


def test_gpu_numbers_are_one_text_in_the_request_and_a_list_in_the_inventory():
    assert NUMBER_SET_TEXT.send([8, 1, 2, 1]) == "1,2,8"
    assert NUMBER_SET_TEXT.stored([8, 1, 2, 1]) == [1, 2, 8]
    for raw in ([8, 2, 1], "1,2,8", " 8, 2,1,", ["1", "2", "8"]):
        assert NUMBER_SET_TEXT.same(NUMBER_SET_TEXT.want([1, 2, 8]), NUMBER_SET_TEXT.read(raw))
    assert NUMBER_SET_TEXT.same(NUMBER_SET_TEXT.want([]), NUMBER_SET_TEXT.read(None))
    assert NUMBER_SET_TEXT.same(NUMBER_SET_TEXT.want([]), NUMBER_SET_TEXT.read(""))
    assert not NUMBER_SET_TEXT.same(NUMBER_SET_TEXT.want([1]), NUMBER_SET_TEXT.read(None))
    assert NUMBER_SET_TEXT.length([10, 2]) == len("2,10")


@pytest.mark.parametrize("number", [0, -1, INT32 + 1])
def test_gpu_numbers_have_a_range(number):
    with pytest.raises(OptionError, match=r"^recommended_gpu_num: %d is not a number of GPUs\." % number):
        NUMBER_SET_TEXT.check("recommended_gpu_num", [1, number])


@given(st.lists(names, max_size=5), st.sampled_from((str.upper, str.lower, str.title)))
def test_case_counts_only_where_the_server_keeps_it(value, change):
    # A change of case that does not come back, such as that of a German sharp s, is another name.
    ascii_names = [name for name in value if name.isascii()]
    changed = [change(name) for name in ascii_names]
    assert FOLDED_NAME_SET.same(FOLDED_NAME_SET.want(ascii_names), FOLDED_NAME_SET.read(changed))
    assert NAME_SET.same(NAME_SET.want(ascii_names), NAME_SET.read(changed)) is (set(ascii_names) == set(changed))


def test_names_are_trimmed_and_never_empty():
    assert NAME_SET.want([" b", "a\n"]) == ["a", "b"]
    assert NAME_SET.send([" b", "a\n"]) == ["b", "a"]
    assert NAME_SET.same(NAME_SET.want([]), NAME_SET.read(None))
    with pytest.raises(OptionError, match=r"^tags: an entry is empty"):
        NAME_SET.check("tags", ["a", " \t"])


@given(st.lists(names, max_size=5), st.one_of(st.none(), st.lists(names, max_size=5)))
def test_members_add_what_is_missing_and_leave_the_rest_alone(value, raw):
    wanted, found = MEMBERS.want(value), MEMBERS.read(raw)
    missing = MEMBERS.repair(value, found)
    assert set(missing) == set(value) - set(raw or [])
    assert len(missing) == len(set(missing))
    assert MEMBERS.same(wanted, found) is (not missing)
    assert set(MEMBERS.after(wanted, found)) == set(value) | set(raw or [])


def test_a_map_of_sets_compares_by_key_and_set():
    wanted = NAME_SET_MAP.want({"NVIDIA": ["u2", " u1", "u2"], "Huawei": ["u3"]})
    assert NAME_SET_MAP.same(wanted, NAME_SET_MAP.read({"Huawei": ["u3"], "NVIDIA": ["u1", "u2"]}))
    assert not NAME_SET_MAP.same(wanted, NAME_SET_MAP.read({"Huawei": ["u3"], "nvidia": ["u1", "u2"]}))
    assert not NAME_SET_MAP.same(wanted, NAME_SET_MAP.read({"NVIDIA": ["u1", "u2"]}))
    assert not NAME_SET_MAP.same(wanted, NAME_SET_MAP.read(None))
    assert NAME_SET_MAP.read({"NVIDIA": None}) == {"NVIDIA": []}


@pytest.mark.parametrize("value, expected", [
    ({}, "10044"), ({" ": ["u1"]}, "10045"), ({"NVIDIA": []}, "10046"), ({"NVIDIA": "u1"}, "10046"), ({"NVIDIA": None}, "10046"),
    ({"NVIDIA": [""]}, "10046"), ({"NVIDIA": ["u1", 5]}, "10046"),
])
def test_a_map_that_the_server_refuses_is_refused_first(value, expected):
    with pytest.raises(OptionError, match=r"^gpus: .*ORG_ZSTACK_AI_%s\)" % expected):
        NAME_SET_MAP.check("gpus", value)


@given(image_lists(), st.data())
def test_images_compare_as_a_set_keyed_by_architecture_without_case(value, data):
    stored = [
        {"uuid": "x", "cpuArchitecture": image["cpu_architecture"].swapcase(), "vmImageUuid": image.get("vm_image_uuid"),
         "createDate": "Nov 25, 2025",
         **({"dockerImage": image["docker_image"]} if "docker_image" in image else {})}
        for image in data.draw(st.permutations(value))
    ]
    assert IMAGES.same(IMAGES.want(value), IMAGES.read(stored))
    stored[0]["vmImageUuid"] = "another"
    assert not IMAGES.same(IMAGES.want(value), IMAGES.read(stored))
    assert not IMAGES.same(IMAGES.want(value), IMAGES.read(stored[1:]))


def test_images_are_sent_in_the_names_of_the_api():
    value = [{"cpu_architecture": " X86_64 ", "vm_image_uuid": None, "docker_image": "repo/a:1"}]
    assert IMAGES.send(value) == [{"cpuArchitecture": "X86_64", "dockerImage": "repo/a:1"}]
    assert IMAGES.show(IMAGES.want(value)) == {"x86_64": {"docker_image": "repo/a:1"}}
    assert IMAGES.argument["options"]["cpu_architecture"] == {"type": "str", "required": True}
    assert IMAGES.argument["required_one_of"] == [["vm_image_uuid", "docker_image"]]


@pytest.mark.parametrize("value, expected", [
    ([], "10056"),
    ([{"cpu_architecture": " ", "docker_image": "a"}], "10049"),
    ([{"cpu_architecture": "x86_64"}], "10051"),
    ([{"cpu_architecture": "x86_64", "docker_image": "", "vm_image_uuid": None}], "10051"),
    ([{"cpu_architecture": "x86_64", "docker_image": "a"}, {"cpu_architecture": "X86_64 ", "docker_image": "b"}], "10055"),
])
def test_images_that_the_server_refuses_are_refused_first(value, expected):
    with pytest.raises(OptionError, match=r"^architecture_images: .*ORG_ZSTACK_AI_%s\)" % expected):
        IMAGES.check("architecture_images", value)


def test_the_types_of_ansible_options():
    expected = {
        "TEXT": {"type": "str"}, "YAML_TEXT": {"type": "raw"}, "JSON_TEXT": {"type": "raw"},
        "INTEGER": {"type": "int"}, "LONG": {"type": "int"}, "FLAG": {"type": "bool"},
        "NUMBER_SET_TEXT": {"type": "list", "elements": "int"}, "NAME_SET": {"type": "list", "elements": "str"},
        "FOLDED_NAME_SET": {"type": "list", "elements": "str"}, "MEMBERS": {"type": "list", "elements": "str"}, "NAME_SET_MAP": {"type": "dict"},
    }
    assert {name: getattr(_structured if name in ("YAML_TEXT", "JSON_TEXT") else _fields, name).argument for name in expected} == expected


@pytest.mark.parametrize(("module", "option", "raw"), [
    ("model", "size", [None]), ("model", "size", "["), ("model", "size", 3.5), ("model", "size", True),
    ("model", "vendor", {"a": 1}), ("model", "vendor", ["a"]),
    ("model", "recommended_gpu_num", 5), ("model", "recommended_gpu_num", ["x"]), ("clone", "cpu_architectures", "x86_64"),
    ("clone", "cpu_architectures", [["x86_64"]]), ("clone", "vendor_to_spec_uuids_map", []),
    ("clone", "vendor_to_spec_uuids_map", {"NVIDIA": "abc"}), ("clone", "architecture_images", {"a": 1}), ("clone", "architecture_images", ["x"]),
])
def test_a_form_that_the_api_does_not_have_is_an_error_and_no_value(module, option, raw):
    field = {"model": MODEL, "clone": MODEL_SERVICE_CLONE}[module].field(option)
    observed = Observed({"uuid": "u1", field.inventory: raw})
    with pytest.raises(FormError, match="^%s: the answer shows it in a form that the API does not have" % option):
        field.found(observed)
