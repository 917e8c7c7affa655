# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which items are planned, applied and deleted."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import Place
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import absent_references, deletion_order, dependencies, in_order
from ansible_collections.zstack.aios.plugins.module_utils._resources.dataset import DATASET
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from hypothesis import given


def items(*entries):
    found = []
    for number, (kind, options) in enumerate(entries):
        found.append(Item(number, kind, number, Place("c.yml", number + 1, 1), KINDS[kind], {"state": "present", **options}))
    return found


def clone(name, source=None, **more):
    return "model_service_clones", {"name": name, "source_service": source, **more}


def model(name, **more):
    return "models", {"name": name, **more}


def names(ordered):
    return [item.name for item in ordered]


def test_what_is_referred_to_comes_first():
    found = items(model("m", default_model_service="b"), clone("c", "b"), clone("b", "a"), clone("a", "outside"), model("n"))
    before = dependencies(found)
    assert before == {0: {2}, 1: {2}, 2: {3}, 3: set(), 4: set()}
    ordered, circles = in_order(found, before)
    assert not circles
    assert names(ordered) == ["a", "b", "m", "c", "n"]


def test_without_references_the_order_is_that_of_the_catalog():
    found = items(*(model("m%d" % number) for number in range(20)))
    assert in_order(found, dependencies(found)) == (found, [])


def test_uuids_that_the_catalog_gives_are_references():
    found = items(
        model("m", model_service_uuids=["u1"]), model("n", default_model_service_uuid="u1"), clone("c", source_service_uuid="u1"),
        clone("b", "x", resource_uuid="u1"))
    assert dependencies(found) == {0: {3}, 1: {3}, 2: {3}, 3: set()}


def test_what_is_to_go_is_no_reference():
    found = items(clone("a", "x", state="absent"), clone("b", "a"), clone("c", "b", state="absent"))
    assert dependencies(found) == {0: set(), 1: set(), 2: set()}


def test_a_model_and_a_clone_of_one_name_are_not_mixed_up():
    found = items(model("a"), clone("b", "a"))
    assert dependencies(found) == {0: set(), 1: set()}


def test_circles_are_reported():
    found = items(clone("a", "b"), clone("b", "c"), clone("c", "a"), clone("d", "a"), clone("e", "x"), clone("f", "g"), clone("g", "f"))
    ordered, circles = in_order(found, dependencies(found))
    assert names(ordered) == ["e"]
    assert [str(error) for error in circles] == [
        "c.yml:1:1: model_service_clones[0] (a): circular reference: c.yml:1:1: model_service_clones[0] (a) -> "
        "c.yml:2:1: model_service_clones[1] (b) -> c.yml:3:1: model_service_clones[2] (c) -> c.yml:1:1: model_service_clones[0] (a)",
        "c.yml:6:1: model_service_clones[5] (f): circular reference: c.yml:6:1: model_service_clones[5] (f) -> "
        "c.yml:7:1: model_service_clones[6] (g) -> c.yml:6:1: model_service_clones[5] (f)"]


@given(st.lists(st.integers(-1, 14), max_size=15))
def test_any_order_is_complete_and_right(sources):
    found = items(*(clone("c%d" % number, "c%d" % source) for number, source in enumerate(sources) if source != number))
    before = dependencies(found)
    ordered, circles = in_order(found, before)
    place = {item.number: index for index, item in enumerate(ordered)}
    assert len(place) == len(ordered)
    for number, others in before.items():
        if number in place:
            assert all(place[other] < place[number] for other in others)
    assert bool(circles) == (len(ordered) < len(found))


def test_deletions_go_from_what_uses_others_to_what_is_used(monkeypatch):
    found = items(clone("a", "x"), model("m"), clone("b", "a"))
    assert [names(group) for group in deletion_order(found)] == [["m"], ["a", "b"]]
    assert deletion_order([]) == []
    # Every kind joins by its table alone, and kinds of one path go together.
    for kind, table in (("model_centers", MODEL_CENTER), ("model_services", MODEL_SERVICE), ("datasets", DATASET)):
        monkeypatch.setitem(KINDS, kind, table)
    found = items(*((kind, {"name": kind}) for kind in ("model_centers", "datasets", "model_services", "models", "model_service_clones")))
    order = [names(group) for group in deletion_order(found)]
    assert order[-1] == ["model_centers"] and ["model_services", "model_service_clones"] in order
    assert order.index(["models"]) < order.index(["model_services", "model_service_clones"])


@pytest.mark.parametrize("entries", [
    [clone("a", "x", state="absent"), clone("b", "a")], [clone("b", "a"), clone("a", "x", state="absent")],
    [clone("b", source_service_uuid="u1"), clone(None, resource_uuid="u1", state="absent")],
    [model("m", model_service_uuids=["u1", "u2"]), clone("b", "x", resource_uuid="u2", state="absent")],
    [model("m", default_model_service="a"), clone("a", state="absent")], [model("m", model_services=["x", "a"]), clone("a", state="absent")],
])
def test_a_reference_to_what_goes_is_an_error_that_names_both(entries):
    found = items(*entries)
    refers, = [item for item in found if item.present]
    goes, = [item for item in found if not item.present]
    error, = absent_references(found)
    assert refers.options[error.option] is not None and error.rule == "reference"
    assert str(error) == "%s: %s: it refers to %s, which has state: absent. Remove the reference, or set that item to state: present" % (
        refers, error.option, goes)


def test_what_goes_may_refer_to_what_goes_and_a_name_may_be_taken_again():
    assert not list(absent_references(items(clone("a", "x", state="absent"), clone("b", "a", state="absent"), clone("c", "x"))))
    assert not list(absent_references(items(clone("a", resource_uuid="u1", state="absent"), clone("a", "x"), clone("b", "a"))))
