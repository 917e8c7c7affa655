# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: limits, choices, versions and uuids."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import check_version, parse_version, validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids, make_plan, newest_needed
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, VersionError
from ansible_collections.zstack.aios.tests.unit.support.samples import CENTER, KINDS, ONE, TWO, UUID, holding, wanting

MODEL, CLONE = KINDS["model"], KINDS["clone"]
# The server's own rule (REST protocol page, 4.5).
RULE = re.compile(r"^[0-9a-f]{12}[1-5][0-9a-f]{3}[89ab][0-9a-f]{15}$")
NEW = {"name": "n", "install_path": "p", "model_center_uuid": CENTER}

# What UpdateModel takes (AI API page, section 3).
UPDATE_MODEL = {
    "name": 255, "install_path": 255, "description": 255, "vendor": 255, "parameters": 255, "model_center_uuid": 255, "model_id": 255,
    "gpu_constraint_description": 512}
# What AddModel takes, by its own limit or by the column (sections 3 and 9); a center's uuid is a uuid.
ADD_MODEL = {"name": 255, "install_path": 2048, "description": 2048, "vendor": 255, "model_id": 255, "gpu_constraint_description": 512,
             "version": 255}
CLONE_SERVICE = {
    "name": 255, "description": 2048, "gpu_compute_capability": 32, "install_path": 512, "start_command": 1024, "python_version": 32,
    "conda_version": 32,
    "framework": 255}


def text(length):
    """Return a text of that length for the server; every other character counts twice there."""
    return "\U0001f600" * (length // 2) + "x" * (length % 2)


@pytest.mark.parametrize("option, longest", UPDATE_MODEL.items())
def test_the_limits_of_an_update(option, longest):
    options = wanting(MODEL, {option: text(longest)})
    assert make_plan(MODEL.table, options, holding(MODEL, {})).changed
    options[option] = text(longest + 1)
    with pytest.raises(OptionError) as caught:
        validate(MODEL.table, options)
        make_plan(MODEL.table, options, holding(MODEL, {}))
    assert re.fullmatch(
        "%s: the text has %d characters, and (UpdateModel|the API) takes at most %d. Shorten it." % (option, longest + 1, longest),
        caught.value.message)


@pytest.mark.parametrize("option", ["install_path", "description"])
def test_a_longer_text_that_is_there_already_is_left_alone(option):
    values = {option: text(2048)}
    validate(MODEL.table, wanting(MODEL, values))
    assert not make_plan(MODEL.table, wanting(MODEL, values), holding(MODEL, values)).changed


@pytest.mark.parametrize("kind, option, longest", [
    *[(MODEL, option, longest) for option, longest in ADD_MODEL.items()], *[(CLONE, option, longest) for option, longest in CLONE_SERVICE.items()],
])
def test_the_limits_of_a_creation(kind, option, longest):
    values = {**(NEW if kind is MODEL else {"name": "n"}), option: text(longest)}
    validate(kind.table, wanting(kind, values))
    assert make_plan(kind.table, wanting(kind, values), None).changed
    values[option] = text(longest + 1)
    with pytest.raises(OptionError, match="^%s: the text has %d characters, and .* takes at most %d" % (option, longest + 1, longest)):
        validate(kind.table, wanting(kind, values))
        make_plan(kind.table, wanting(kind, values), None)


def test_a_limit_counts_what_is_sent():
    # 100 numbers and 99 commas fit, also when they were given twice over; blanks around a text are ignored.
    numbers = list(range(1, 10)) + list(range(10, 89))
    assert len(",".join(map(str, numbers))) == 254
    for given_numbers, fits in ((numbers * 2, True), (numbers + [89], False)):
        options = wanting(MODEL, {"recommended_gpu_num": given_numbers})
        if fits:
            assert make_plan(MODEL.table, options, holding(MODEL, {})).changed
        else:
            with pytest.raises(OptionError, match="^recommended_gpu_num: the text has 257 characters"):
                validate(MODEL.table, options)
    assert make_plan(MODEL.table, wanting(MODEL, {"name": " " * 99 + text(255) + "\n"}), holding(MODEL, {})).changed


@pytest.mark.parametrize("option", ["parameters", "readme", "yaml", "container_args", "introduction", "logo"])
def test_long_texts_have_room_on_creation(option):
    kind = MODEL if option in ("parameters", "introduction", "logo") else CLONE
    options = wanting(kind, {**(NEW if kind is MODEL else {"name": "n"}), option: "x" * 100000})
    validate(kind.table, options)
    assert make_plan(kind.table, options, None).changed


@pytest.mark.parametrize("kind, option, choices", [
    (MODEL, "share_mode", ["Public"]), (CLONE, "type", ["Endpoint", "FineTune", "App", "ModelEval"]),
    (CLONE, "source", ["Other", "Bentoml", "HuggingFace"]),
])
def test_choices(kind, option, choices):
    for value in choices:
        validate(kind.table, wanting(kind, {option: value}))
        with pytest.raises(OptionError) as caught:
            validate(kind.table, wanting(kind, {option: value.upper()}))
        assert caught.value.message == "%s: %r is not one of the values that the API accepts: %s." % (option, value.upper(), ", ".join(choices))


@pytest.mark.parametrize("kind, option, largest", [
    (MODEL, "size", 2 ** 63 - 1), (CLONE, "size", 2 ** 63 - 1), (CLONE, "request_cpu", 2 ** 31 - 1), (CLONE, "request_memory", 2 ** 63 - 1),
])
def test_numbers_have_the_range_of_the_api(kind, option, largest):
    validate(kind.table, wanting(kind, {option: largest}))
    for value in (largest + 1, -1):
        with pytest.raises(OptionError, match="^%s: .* out of range" % option):
            validate(kind.table, wanting(kind, {option: value}))


# -- versions

UPDATE_SINCE = {
    "model_classifications": "5.4.6", "recommended_gpu_num": "5.4.6", "gpu_constraint_description": "5.4.6", "vendor": "5.5.6", "model_id": "5.5.22",
    "default_model_service_uuid": "5.5.22", "clear_default_model_service": "5.5.22"}
CLONE_SINCE = {
    "cpu_architectures": "5.3.40", "architecture_images": "5.3.40", "support_distributed": "5.3.46", "container_command": "5.5.22",
    "container_args": "5.5.22",
    "vendor_to_spec_uuids_map": "5.5.22"}


@pytest.mark.parametrize("option", [option for option, sample in MODEL.samples.items() if sample.update == "params"])
def test_what_an_update_needs(option):
    default = {"default_model_service_uuid": ONE} if option == "clear_default_model_service" else {}
    plan = make_plan(MODEL.table, wanting(MODEL, {option: MODEL.samples[option].two}), holding(MODEL, default))
    assert newest_needed(MODEL.table, plan) == ({option: UPDATE_SINCE[option]} if option in UPDATE_SINCE else {})


@pytest.mark.parametrize("option", [option for option, sample in CLONE.samples.items() if sample.create == "params"])
def test_what_a_clone_needs(option):
    plan = make_plan(CLONE.table, wanting(CLONE, {"name": "n", option: CLONE.samples[option].two}), None)
    since = CLONE_SINCE.get(option, "5.3.20")
    assert newest_needed(CLONE.table, plan) == {"the call CloneModelService": "5.3.20", "name": "5.3.20", option: since}


def test_what_is_the_same_already_needs_nothing():
    values = {option: MODEL.samples[option].one for option in UPDATE_SINCE}
    assert newest_needed(MODEL.table, make_plan(MODEL.table, wanting(MODEL, values), holding(MODEL, values))) == {}


def test_what_a_service_update_carries_has_no_published_version():
    plan = make_plan(CLONE.table, wanting(CLONE, {option: CLONE.samples[option].two for option in ("container_args", "description")}),
                     holding(CLONE, {}))
    assert newest_needed(CLONE.table, plan) == {}


@pytest.mark.parametrize("running, refused", [
    ("5.5.22", False), ("5.5.22.1", False), ("5.6", False), ("6", False), ("5.10.0", False), ("5.5.22-beta", False), ("5.5.21", True),
    ("5.5.9", True),
    ("5.5", True), ("5", True), ("4.99.99", True), ("", False), ("unknown", False), ("zsv 5.0.0", False),
])
def test_versions_compare_by_number(running, refused):
    needed = {"model_id": "5.5.22", "vendor": "4.0"}
    if not refused:
        check_version(needed, running)
        return
    with pytest.raises(VersionError) as caught:
        check_version(needed, running)
    assert caught.value.message.startswith("The server runs version %s: model_id needs 5.5.22. Omit these options" % running)
    assert "Nothing was changed." in caught.value.message


def test_every_option_that_lacks_is_named():
    with pytest.raises(VersionError, match="a needs 5.4.6, b needs 5.5.22"):
        check_version({"a": "5.4.6", "b": "5.5.22", "c": "5.1.8"}, "5.3.0")


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.sampled_from(("", "-SNAPSHOT", " build 3", "+1", "rc1")))
def test_a_version_is_its_numbers(numbers, rest):
    assert parse_version(".".join(map(str, numbers)) + rest) == tuple(numbers)


@pytest.mark.parametrize("text_without", ["", "v5", "latest", ".5", "-1"])
def test_a_text_that_begins_with_no_number_is_no_version(text_without):
    assert parse_version(text_without) is None


# -- uuids

anything = st.text(max_size=12)


@given(anything, anything, anything, st.one_of(st.none(), anything))
def test_uuids_of_new_objects(center, name, source, model_id):
    found = [
        *derived_uuids(MODEL.table, {"model_center_uuid": center, "name": name, "model_id": model_id}, 8),
        *derived_uuids(CLONE.table, {"source_service_uuid": source, "name": name}, 8),
    ]
    assert len(set(found)) == 16
    assert all(RULE.match(item) and uuid.UUID(item).version == 5 for item in found)
    assert derived_uuids(MODEL.table, {"model_center_uuid": center, "name": name, "model_id": model_id}, 3) == found[:3]


def test_uuids_are_the_same_on_every_machine():
    """They are stored on servers: another derivation would make every clone a second time."""
    assert derived_uuids(CLONE.table, {"source_service_uuid": ONE, "name": "chat"}, 2) == [
        "92bde22c2fcb549790211b8c55faddce", "43264594d0a453d8a0fda47ddc45dab1"]


@pytest.mark.parametrize("kind, one, two", [
    (MODEL, {"model_center_uuid": ONE, "name": "a"}, {"model_center_uuid": TWO, "name": "a"}),
    (MODEL, {"model_center_uuid": ONE, "name": "a"}, {"model_center_uuid": ONE, "name": "b"}),
    (MODEL, {"model_center_uuid": ONE, "name": "a", "model_id": "x"}, {"model_center_uuid": ONE, "name": "a", "model_id": "y"}),
    (CLONE, {"source_service_uuid": ONE, "name": "a"}, {"source_service_uuid": TWO, "name": "a"}),
    (CLONE, {"source_service_uuid": ONE, "name": "a"}, {"source_service_uuid": ONE, "name": "b"}),
    (CLONE, {"source_service_uuid": ONE, "name": "A"}, {"source_service_uuid": ONE, "name": "a"}),
])
def test_other_objects_have_other_uuids(kind, one, two):
    assert not set(derived_uuids(kind.table, one, 8)) & set(derived_uuids(kind.table, two, 8))


def test_a_model_keeps_its_uuid_under_another_name_when_its_id_stays():
    one, two = ({"model_center_uuid": ONE, "name": name, "model_id": "x"} for name in "ab")
    assert derived_uuids(MODEL.table, one, 8) == derived_uuids(MODEL.table, two, 8)


@pytest.mark.parametrize("kind, option", [(MODEL, "uuid"), (CLONE, "resource_uuid")])
def test_a_given_uuid_is_the_only_one(kind, option):
    assert derived_uuids(kind.table, {option: UUID}, 8) == [UUID]


@pytest.mark.parametrize("value, fits", [
    (UUID, True), ("0" * 32, False), (UUID.upper(), False), (UUID[:-1], False), (UUID + "0", False), (UUID + "\n", False), ("", False),
    (str(uuid.UUID(UUID)), False), ("d41d8cd98f00b204e9800998ecf8427e", False),
])
def test_a_uuid_for_a_new_clone_has_to_be_one(value, fits):
    options = wanting(CLONE, {"resource_uuid": value, "name": "n"})
    if fits:
        validate(CLONE.table, options)
        assert make_plan(CLONE.table, options, None).changed
    else:
        with pytest.raises(OptionError, match="^resource_uuid: "):
            validate(CLONE.table, options)
            make_plan(CLONE.table, options, None)


@pytest.mark.parametrize("option, value", [
    ("name", "caf\udce9"), ("description", "\ud83d"), ("user_tags", ["a", "b\udfff"]), ("vendor_to_spec_uuids_map", {"N\ud800": []}),
    ("architecture_images", [{"cpu_architecture": "x86_64", "docker_image": "i\udc80"}])])
def test_text_that_is_not_utf8_is_refused(option, value):
    with pytest.raises(OptionError, match=r"^%s: the text contains U\+D.*UTF-8" % option):
        validate(CLONE.table, {**wanting(KINDS["clone"], {"name": "n"}), option: value})
