# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of deletions, and the items that depend on each other, against the simulator."""

from __future__ import annotations

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure

from .test_catalog import Runner, by_name
from .test_catalog_prune import OURS, clone, model
from .test_cases import CENTER

U1, U2, U3, U4 = ("%012x4%03x8%015x" % (number, number, number) for number in range(1, 5))


@pytest.fixture
def catalog(collection, tmp_path):
    return Runner(collection, tmp_path)


def deletions(simulator):
    """Return the uuids of the deleted objects, in the order of their deletions."""
    return [entry["path"].rsplit("/", 1)[1] for entry in simulator.writes() if entry["method"] == "DELETE"]


def failing(runner, **given):
    with pytest.raises(Failure) as caught:
        runner.run(**given)
    return caught.value.result


CHAIN = [clone("a"), clone("b", source_service="a"), clone("c", source_service="b"), clone("d", source_service="a", resource_uuid=U1)]


@pytest.mark.parametrize("given", [
    {"models": [{"name": "qwen2.5-7b"}]}, {"model_service_clones": [{**item, "state": "absent"} for item in CHAIN]},
    {"model_service_clones": [{"name": item["name"], "state": "absent", "source_service": "vllm-base"} for item in reversed(CHAIN)]},
], ids=["prune", "absent", "absent without the source"])
def test_clones_go_before_their_sources(catalog, simulator, given):
    made = {entry["name"]: entry["uuid"] for entry in catalog.run(model_service_clones=CHAIN, **OURS)["entries"]}
    # In which order of a second they were made cannot be seen, so what got its uuid from the user has to be newer.
    row = next(row for row in simulator.state()["model_services"] if row["name"] == "d")
    simulator.seed({"model_services": [{**{key: row[key] for key in ("uuid", "name", "yaml", "modelCenterUuid")}, "createDate": "Dec 31, 2030 11:59:59 PM"}]})
    simulator.clear_log()
    catalog.run(**OURS, **given)
    order = deletions(simulator)
    assert sorted(order) == sorted(made.values())
    assert order.index(made["c"]) < order.index(made["b"]) < order.index(made["a"]) and order.index(made["d"]) < order.index(made["a"])


@pytest.mark.parametrize("method", ["prune", "absent"])
def test_a_source_stays_while_its_clone_cannot_go(catalog, simulator, method):
    made = {entry["name"]: entry["uuid"] for entry in catalog.run(model_service_clones=CHAIN[:3], **OURS)["entries"]}
    simulator.fault("error", {"method": "DELETE", "path": made["b"]}, code="SYS.1006", details="in use")
    given = {"models": [{"name": "qwen2.5-7b"}]} if method == "prune" else {"model_service_clones": [{**item, "state": "absent"} for item in CHAIN[:3]]}
    result = failing(catalog, **given, **OURS)
    assert {name: entry["action"] for name, entry in by_name(result).items()} == {
        "a": "skipped", "b": "failed", "c": "prune" if method == "prune" else "delete"}
    assert "may still use it" in by_name(result)["a"]["msg"]
    assert {"a", "b"} <= set(catalog.names("model_services")) and "c" not in catalog.names("model_services")


@pytest.mark.parametrize("bound", [{"default_model_service": "old"}, {"model_services": ["old"]}], ids=["default", "bound"])
def test_what_a_failed_model_still_uses_stays(catalog, simulator, bound):
    catalog.run(models=[model("m", **bound)], model_service_clones=[clone("old"), clone("new")], **OURS)
    simulator.fault("error", {"call": "UpdateModel"}, code="SYS.1006", details="no")
    given = {"models": [model("m", vendor="x", default_model_service="new")], "model_service_clones": [clone("new")], **OURS}
    result = failing(catalog, **given)
    assert {name: entry["action"] for name, entry in by_name(result).items()} == {"m": "failed", "old": "skipped"}
    assert by_name(result)["old"]["msg"] == "It is kept, because models[0] (m) failed and may still use it."
    simulator.clear_faults()
    assert catalog.run(**given)["summary"]["prune"] == 1


def test_what_an_item_refers_to_is_not_pruned(catalog):
    catalog.run(model_service_clones=CHAIN[:2], **OURS)
    result = catalog.run(model_service_clones=CHAIN[1:2], **OURS)
    assert result["changed"] is False and "model_service_clones[0] (b) refers to it" in result["warnings"][0]
    assert "a" in catalog.names("model_services")


@pytest.mark.parametrize("reverse", [False, True])
def test_a_reference_to_what_goes_is_refused_whatever_the_order(catalog, simulator, reverse):
    catalog.run(model_service_clones=CHAIN[:2])
    simulator.clear_log()
    items = [{**CHAIN[0], "state": "absent"}, CHAIN[1]]
    catalog.write("%d.yml" % reverse, model_service_clones=items[:1])
    path = catalog.write("%d.yml" % (not reverse), model_service_clones=items[1:])
    result = failing(catalog, path=path)
    assert len(result["catalog_errors"]) == 1 and "0.yml:" in result["msg"] and "1.yml:" in result["msg"] and not simulator.log()


def test_a_reference_by_name_to_what_goes_by_uuid_is_refused(catalog, simulator):
    simulator.seed({"model_services": [{"uuid": U1, "name": "svc"}]})
    result = failing(
        catalog, models=[model("m", default_model_service="svc")], model_service_clones=[{"resource_uuid": U1, "state": "absent"}])
    assert by_name(result)["m"]["action"] == "failed" and "which has state: absent" in by_name(result)["m"]["msg"]
    assert "svc" in catalog.names("model_services")


@pytest.mark.parametrize("reverse", [False, True])
def test_a_rename_by_uuid_is_seen_whatever_the_order(catalog, simulator, reverse):
    simulator.seed({"models": [{"uuid": U1, "name": "old", "modelCenterUuid": CENTER}], "model_services": [{"uuid": U2, "name": "svc"}]})
    models = [{"uuid": U1, "name": "new"}, model("old"), model("user", default_model_service="renamed"), model("late", default_model_service="svc")]
    clones = [clone("renamed", resource_uuid=U2), clone("copy", source_service="renamed")]
    given = {"models": models[::-1] if reverse else models, "model_service_clones": clones[::-1] if reverse else clones}
    results = [failing(catalog, check=check, **given) for check in (True, False)]
    assert results[0] == results[1]
    assert {name: entry["action"] for name, entry in by_name(results[1]).items()} == {
        "new": "update", "old": "create", "user": "create", "late": "failed", "renamed": "update", "copy": "create"}
    assert "there is no model service named 'svc'" in by_name(results[1])["late"]["msg"]
    assert {"new", "old", "user"} <= set(catalog.names("models"))
    row = next(row for row in simulator.state()["models"] if row["name"] == "user")
    assert [ref["modelServiceUuid"] for ref in row["modelServiceRefs"]] == [U2]


@pytest.mark.parametrize("reverse", [False, True])
def test_a_twin_that_another_item_identifies_does_not_block_a_creation(catalog, simulator, reverse):
    simulator.seed({
        "models": [{"uuid": U1, "name": "twin", "modelCenterUuid": CENTER}], "model_services": [{"uuid": U3, "name": "twin"}]})
    models = [{"uuid": U1, "name": "twin"}, model("twin", uuid=U2)]
    clones = [clone("twin", resource_uuid=U3), clone("twin", resource_uuid=U4)]
    given = {"models": models[::-1] if reverse else models, "model_service_clones": clones[::-1] if reverse else clones}
    assert catalog.run(**given)["summary"]["create"] == 2
    assert catalog.run(**given)["changed"] is False
    assert catalog.names("models").count("twin") == 2 and catalog.names("model_services").count("twin") == 2
    # Without its item, the twin blocks as before.
    simulator.seed({"models": [{"uuid": U3, "name": "other", "modelCenterUuid": CENTER}]})
    result = failing(catalog, models=[model("other", uuid=U2[:-1] + "f")])
    assert "Omit uuid" in result["msg"]
