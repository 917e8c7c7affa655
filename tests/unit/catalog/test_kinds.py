# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quick check of items has the result of the validation by Ansible."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, ItemSpec
from hypothesis import given

SPECS = {kind: ItemSpec(table) for kind, table in KINDS.items()}
VALUES = {
    "str": st.text(max_size=3), "int": st.integers(0, 9), "float": st.floats(0, 9), "bool": st.booleans(),
    "dict": st.dictionaries(st.text(max_size=2), st.just(["x"]), max_size=2),
    "raw": st.one_of(st.text(max_size=3), st.just({"a": None}), st.just([1.5])),
}
JUNK = st.one_of(
    st.none(), st.integers(), st.text(max_size=3), st.booleans(), st.lists(st.text(max_size=2), max_size=2), st.just({"a": 1}), st.just(1.5))


def fitting(option):
    if option.get("choices"):
        entry = st.sampled_from(option["choices"])
        return st.lists(entry, max_size=3) if option["type"] == "list" else entry
    if option["type"] != "list":
        return VALUES[option["type"]]
    if option["elements"] == "dict":
        return st.lists(st.fixed_dictionaries({"cpu_architecture": st.text(max_size=2), "docker_image": st.text(max_size=2)}), max_size=2)
    return st.lists(VALUES[option["elements"]], max_size=3)


@st.composite
def items(draw, kind):
    options = SPECS[kind].options
    names = draw(st.lists(st.sampled_from(sorted(options)), max_size=6, unique=True))
    found = {name: draw(fitting(options[name])) for name in names}
    if draw(st.booleans()):
        found.update(name="n", **({"source_service": "s"} if kind == "model_service_clones" and "source_service_uuid" not in names else {}))
    if draw(st.integers(0, 3)) == 0:
        found[draw(st.sampled_from([*sorted(options), "unknown"]))] = draw(JUNK)
    return found


@pytest.mark.parametrize("kind", SPECS)
def test_quick_and_thorough_agree(kind):
    spec = SPECS[kind]
    quick = set()

    @given(items(kind))
    def agree(given_options):
        exact = spec._is_exact(given_options)
        quick.add(exact)
        if exact:
            options, messages = spec._validate(given_options)
            assert not messages
            assert spec.validate(given_options) == (options, [])

    agree()
    assert quick == {True, False}


def test_exact_items_take_the_quick_path():
    spec = SPECS["model_service_clones"]
    given_options = {
        "name": "x", "source_service": "s", "request_cpu": 4, "support_distributed": False, "cpu_architectures": ["x86_64"],
        "architecture_images": [{"cpu_architecture": "x86_64", "docker_image": "r/i:1"}], "vendor_to_spec_uuids_map": {"NVIDIA": ["a"]}}
    assert spec._is_exact(given_options)
    assert spec.validate(given_options)[0]["architecture_images"] == [{"cpu_architecture": "x86_64", "vm_image_uuid": None, "docker_image": "r/i:1"}]


def test_an_option_without_a_value_is_not_given():
    options, messages = SPECS["models"].validate({"name": "n", "share_mode": None, "state": None, "vender": None})
    assert messages == [("vender", "there is no such option, did you mean vendor?")]
    options, messages = SPECS["models"].validate({"name": "n", "share_mode": None, "state": None})
    assert not messages and options["state"] == "present" and options["share_mode"] is None


def test_values_are_converted_as_in_a_task():
    options, messages = SPECS["models"].validate({"name": 5, "size": "7", "clear_default_model_service": "yes", "user_tags": "a,b"})
    assert not messages
    assert (options["name"], options["size"], options["clear_default_model_service"], options["user_tags"]) == ("5", 7, True, ["a", "b"])


def test_what_belongs_to_the_task_is_no_option_of_an_item():
    for kind, spec in SPECS.items():
        assert not {"host", "account_password", "version_check", "server_side_check", "timeout"} & set(spec.options)
        assert {"state", "name"} <= set(spec.options) and ("delete_mode" in spec.options) is KINDS[kind].delete.modes
