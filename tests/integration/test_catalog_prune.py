# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prune deletes what the catalog created and no longer lists, and nothing else."""

from __future__ import annotations

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

from .test_catalog import Runner, by_name, without
from .test_cases import CENTER, NEW_MODEL, PAGE_CLONE

MARK = "zstack.aios/catalog=production"
OURS = {"name": "production", "prune": True}


@pytest.fixture
def catalog(collection, tmp_path):
    return Runner(collection, tmp_path)


def model(name, **more):
    return {"name": name, "model_center": "center-1", "install_path": "/m/" + name, **more}


def clone(name, **more):
    return {"name": name, "source_service": "vllm-base", **more}


def marks(simulator):
    """Return the names of the objects that carry the mark."""
    state = simulator.state()
    names = {row["uuid"]: row["name"] for kind in ("models", "model_services") for row in state[kind]}
    return sorted(names[row["resourceUuid"]] for row in state["user_tags"] if row["tag"] == MARK)


def test_only_what_is_made_gets_the_mark(catalog, simulator):
    given = {"models": [model("new"), {"name": "qwen2.5-7b", "vendor": "changed"}], "model_service_clones": [
        clone("copy", user_tags=["env:prod"]), {"name": "diffusers-base", "source_service": "vllm-base", "request_cpu": 9}]}
    catalog.run(**given)
    assert marks(simulator) == []
    catalog.run(models=[model("later"), *given["models"]], model_service_clones=[clone("copy-2", user_tags=["env:prod"])], name="production")
    assert marks(simulator) == ["copy-2", "later"]
    again = catalog.run(models=[model("later"), *given["models"]], model_service_clones=given["model_service_clones"], name="production")
    assert again["changed"] is False
    assert marks(simulator) == ["copy-2", "later"]


def test_what_is_no_longer_named_goes(catalog, simulator):
    catalog.run(models=[model("a"), model("b")], model_service_clones=[clone("c"), clone("d", user_tags=["x"])], **OURS)
    before = without(simulator.state(), "jobs", "sessions")
    given = {"models": [model("a", vendor="V")], "model_service_clones": [clone("d")], **OURS}
    planned = catalog.run(check=True, **given)
    assert without(simulator.state(), "jobs", "sessions") == before
    done = catalog.run(**given)
    assert done == planned
    assert {name: entry["action"] for name, entry in by_name(done).items()} == {"a": "update", "b": "prune", "c": "prune"}
    gone = by_name(done)["c"]
    assert gone["diff"]["after"] == {} and gone["diff"]["before"]["name"] == "c" and gone["steps"][0]["call"] == "DeleteModelService"
    assert [part["after_header"] for part in done["diff"]] == ["model a: update", "model b: prune", "model service c: prune"]
    assert "b" not in catalog.names("models") and "c" not in catalog.names("model_services")
    assert {"a", "qwen2.5-7b", "deepseek-r1-7b"} <= set(catalog.names("models"))
    assert catalog.names("model_services") == ["d", "diffusers-base", "vllm-base"]
    assert catalog.run(**given)["changed"] is False


def test_a_kind_may_become_empty(catalog):
    catalog.run(models=[model("a")], model_service_clones=[clone("c")], **OURS)
    assert catalog.run(models=[model("a")], **OURS)["summary"]["prune"] == 1
    assert "c" not in catalog.names("model_services")


def test_other_catalogs_and_other_tags_do_not_count(catalog, simulator):
    catalog.run(models=[model("a")], name="production")
    catalog.run(models=[model("b")], name="Production")
    catalog.run(models=[model("c")], name="production-2")
    catalog.run(models=[model("d", user_tags=["catalog=production", "x" + MARK, MARK + "x"])])
    result = catalog.run(models=[{"name": "qwen2.5-7b"}], **OURS)
    assert {name: entry["action"] for name, entry in by_name(result).items()} == {"a": "prune"}
    assert {"b", "c", "d"} <= set(catalog.names("models"))


def test_an_adopted_object_is_never_removed(catalog, simulator):
    catalog.run(models=[{"name": "qwen2.5-7b", "vendor": "x"}], model_service_clones=[clone("diffusers-base", request_cpu=7)], **OURS)
    assert catalog.run(models=[{"name": "deepseek-r1-7b"}], **OURS)["changed"] is False
    assert "qwen2.5-7b" in catalog.names("models") and "diffusers-base" in catalog.names("model_services")


def test_a_replaced_object_keeps_its_owner(catalog, simulator):
    catalog.collection.task("zstack_ai_model_service_clone", **{**PAGE_CLONE, "name": "by hand"})
    catalog.run(model_service_clones=[clone("ours", size=1)], **OURS)
    given = [{**PAGE_CLONE, "name": "by hand", "size": 5, "on_drift": "replace"}, clone("ours", size=2, on_drift="replace")]
    result = catalog.run(model_service_clones=given, **OURS)
    assert result["summary"]["replace"] == 2
    assert marks(simulator) == ["ours"]
    assert catalog.run(models=[{"name": "qwen2.5-7b"}], **OURS)["summary"]["prune"] == 1
    assert "by hand" in catalog.names("model_services")


def test_a_mark_on_a_system_object_does_not_help(catalog, simulator):
    state = simulator.state()
    system = next(row["uuid"] for row in state["models"] if row["name"] == "system-embedding")
    base = next(row["uuid"] for row in state["model_services"] if row["name"] == "vllm-base")
    simulator.seed({"user_tags": [{"resourceUuid": uuid, "tag": MARK} for uuid in (system, base)]})
    result = catalog.run(models=[{"name": "qwen2.5-7b"}], **OURS)
    assert result["changed"] is False and not simulator.writes()
    assert len(result["warnings"]) == 2 and all("is not deleted" in text for text in result["warnings"])


def test_the_limit_stops_everything(catalog, simulator):
    catalog.run(models=[model("m%d" % number) for number in range(12)], **OURS)
    mark = len(simulator.writes())
    for check in (True, False):
        with pytest.raises(OptionError, match="prune_limit: .* 11 objects .* at most 10 .*'m10'"):
            catalog.run(check=check, models=[model("m0", vendor="changed"), model("new")], **OURS)
    assert len(simulator.writes()) == mark
    assert catalog.run(models=[model("m0"), model("m1")], **OURS)["summary"]["prune"] == 10


def test_an_empty_checkout_removes_nothing(catalog, simulator):
    catalog.run(models=[model("a")], **OURS)
    catalog.directory.mkdir()
    (catalog.directory / "README.md").write_text("gone", encoding="utf-8")
    simulator.clear_log()
    for given in ({"path": str(catalog.directory)}, {"models": []}, {"path": catalog.write("empty.yml", models=[])}):
        with pytest.raises(OptionError, match="empty"):
            catalog.run(prune_limit=1000, **given, **OURS)
        with pytest.raises(OptionError, match="empty"):
            catalog.run(check=True, **given)
    assert not simulator.log()
    # Permitted, an empty catalog still respects the limit.
    with pytest.raises(OptionError, match="prune_limit"):
        catalog.run(models=[], allow_empty=True, prune_limit=0, **OURS)
    assert catalog.run(models=[], allow_empty=True)["changed"] is False
    assert catalog.run(models=[], allow_empty=True, **OURS)["summary"]["prune"] == 1
    with pytest.raises(OptionError, match="there is no directory"):
        catalog.run(path=str(catalog.directory / "missing"), **OURS)


def test_without_prune_nothing_goes(catalog, simulator):
    catalog.run(models=[model("a")], name="production")
    assert catalog.run(models=[{"name": "qwen2.5-7b"}], name="production")["changed"] is False
    with pytest.raises(OptionError, match="^name: required with prune"):
        catalog.run(models=[model("b")], prune=True)
    with pytest.raises(OptionError, match="^name: "):
        catalog.run(models=[model("b")], prune=True, name="a b")


def test_what_a_failed_item_may_mean_stays(catalog, simulator):
    catalog.run(models=[model("a"), model("b"), model("c", model_id="id/c")], **OURS)
    with pytest.raises(Failure) as caught:
        catalog.run(models=[model("a", model_center="center-9"), model("renamed", model_id="id/c", model_center="center-9")], **OURS)
    found = by_name(caught.value.result)
    assert {name: entry["action"] for name, entry in found.items()} == {"a": "failed", "renamed": "failed", "b": "prune"}
    assert {"a", "c"} <= set(catalog.names("models")) and "b" not in catalog.names("models")
    assert len(caught.value.result["warnings"]) == 2


def test_an_item_that_fails_while_it_is_applied_is_still_named(catalog, simulator):
    catalog.run(models=[model("a"), model("b")], **OURS)
    simulator.fault("error", {"call": "UpdateModel"}, code="SYS.1006", details="no")
    with pytest.raises(Failure) as caught:
        catalog.run(models=[model("a", vendor="changed")], **OURS)
    assert {name: entry["action"] for name, entry in by_name(caught.value.result).items()} == {"a": "failed", "b": "prune"}
    assert "a" in catalog.names("models")


def test_nothing_goes_if_an_item_cannot_be_planned_and_errors_stop(catalog, simulator):
    catalog.run(models=[model("a"), model("old"), model("pruned")], model_service_clones=[clone("c", size=1), clone("d")], **OURS)
    given = {
        "models": [
            model("a", model_center="center-9"), {"name": "old", "state": "absent"}, {"name": "qwen2.5-7b", "vendor": "changed"}, model("new"),
            model("user", default_model_service="c")],
        "model_service_clones": [clone("c", size=2, on_drift="replace"), clone("d", request_cpu=3)], **OURS}
    actions = {
        "a": "failed", "old": "skipped", "pruned": "skipped", "c": "skipped", "user": "skipped", "qwen2.5-7b": "update", "new": "create", "d": "update"}
    results = []
    for check in (True, False):
        with pytest.raises(Failure) as caught:
            catalog.run(check=check, on_error="stop", **given)
        results.append(caught.value.result)
    assert results[0] == results[1]
    assert {name: entry["action"] for name, entry in by_name(results[1]).items()} == actions
    assert results[1]["msg"].startswith(
        "1 of 8 items failed, 4 skipped. on_error is stop, so nothing is deleted, replaced or pruned. "
        "Held back: delete models[1] (old), replace model_service_clones[0] (c), prune models (pruned).\nmodels[0] (a): ")
    assert by_name(results[1])["old"]["msg"] == "Held back (delete): on_error is stop, and models[0] (a) failed."
    assert "refers to model_service_clones[0] (c), which was skipped" in by_name(results[1])["user"]["msg"]
    assert {"a", "old", "pruned", "new"} <= set(catalog.names("models"))
    assert not any(entry["method"] == "DELETE" for entry in simulator.writes())
    # The same with continue: only what refers to the failed item waits.
    with pytest.raises(Failure) as caught:
        catalog.run(**given)
    assert {"old": "delete", "pruned": "prune", "c": "replace", "user": "create"}.items() <= {
        name: entry["action"] for name, entry in by_name(caught.value.result).items()}.items()


def test_nothing_goes_after_a_failure_if_errors_stop(catalog, simulator):
    catalog.run(models=[model("a"), model("b"), model("c")], **OURS)
    simulator.fault("error", {"call": "UpdateModel"}, code="SYS.1006", details="no")
    given = {"models": [model("a", vendor="changed"), {"name": "b", "state": "absent"}], **OURS}
    with pytest.raises(Failure) as caught:
        catalog.run(on_error="stop", **given)
    assert {name: entry["action"] for name, entry in by_name(caught.value.result).items()} == {"a": "failed", "b": "skipped", "c": "skipped"}
    assert {"a", "b", "c"} <= set(catalog.names("models"))


def test_an_object_that_cannot_be_removed_fails_alone(catalog, simulator):
    catalog.run(models=[model("a"), model("b"), model("c")], **OURS)
    simulator.fault("error", {"method": "DELETE", "path": "ai/models", "nth": 1}, code="SYS.1006", details="model is in use")
    with pytest.raises(Failure) as caught:
        catalog.run(models=[model("c")], **OURS)
    assert caught.value.result["summary"]["prune"] == 1 and caught.value.result["summary"]["failed"] == 1
    assert catalog.run(models=[model("c")], **OURS)["summary"]["prune"] == 1


def test_a_renamed_object_is_still_ours(catalog, simulator):
    catalog.run(models=[model("a", model_id="id/a")], **OURS)
    result = catalog.run(models=[model("b", model_id="id/a")], **OURS)
    assert result["summary"]["update"] == 1 and result["summary"]["prune"] == 0
    uuid = result["entries"][0]["uuid"]
    simulator.seed({"models": [{"uuid": uuid, "name": "by hand", "modelCenterUuid": CENTER, "installPath": "/m/b", "modelId": "id/a"}]})
    assert catalog.run(models=[model("b", model_id="id/a")], **OURS)["summary"]["update"] == 1
    assert marks(simulator) == ["b"]


def test_a_lost_answer_leaves_the_mark(catalog, simulator):
    simulator.fault("drop_after", {"call": "AddModel"})
    catalog.run(models=[model("a"), NEW_MODEL], **OURS)
    assert marks(simulator) == ["a", "qwen3-32b"]


def test_an_adopted_object_can_be_handed_over(catalog, simulator):
    catalog.run(models=[{"name": "deepseek-r1-7b", "user_tags": [MARK]}], **OURS)
    assert marks(simulator) == ["deepseek-r1-7b"]
    assert catalog.run(models=[{"name": "qwen2.5-7b"}], **OURS)["summary"]["prune"] == 1
    assert "deepseek-r1-7b" not in catalog.names("models")
