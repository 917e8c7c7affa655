# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for catalogs of every kind: references, names, deletion, failures and interruptions."""

from __future__ import annotations

import copy
import typing as t

import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import EXPORT
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure

from .test_catalog import Runner, by_name
from .test_catalog_platform import AI_KINDS, OWNED, empty, objects


def center(name: str = "c", **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "url": "http://192.0.2.41:8000", "management_ip": "192.0.2.41", "management_port": 22, "service_network": "service-network", **more}


def service(name: str = "s", **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "model_center": "c", "yaml": "services:\n- name: x\n  ports: [3000]\n", "request_cpu": 1, "request_memory": 1024,
            "install_path": "/s", "start_command": "serve", **more}


def model(name: str = "m", **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "model_center": "c", "install_path": "/m", **more}


def dataset(name: str = "d", **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "model_center": "c", "url": "http://192.0.2.60/d", "usage_scenarios": ["ModelEval"], "data_type": "Text", **more}


def group(name: str = "g", **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "model_service": "s", "zone": "zone-1", "type": "Container", "docker_image": "r/i:1", "cpu_num": 1, "memory_size": 1024, **more}


def evaluation(name: str = "e", **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "model_service": "s", "model_service_groups": ["g"], "datasets": ["d"], "zone": "zone-1", "type": "Container",
            "docker_image": "r/i:1", "task_type": "Capability", "limits": 10, **more}


WHOLE: dict[str, t.Any] = {
    "model_centers": [center()], "models": [model(default_model_service="s")], "model_services": [service()],
    "model_service_clones": [{"name": "k", "source_service": "s"}],
    "model_service_groups": [group(environment_variables={"TOKEN": "a-secret-value"})], "datasets": [dataset()], "model_evaluations": [evaluation()],
}


@pytest.fixture
def catalog(collection, tmp_path):
    collection.simulator.reset(empty())
    collection.simulator.configure(deploy_ms=10, evaluation_ms=10)
    return Runner(collection, tmp_path)


def failing(runner, **given):
    with pytest.raises(Failure) as caught:
        runner.run(**given)
    return caught.value.result


def actions(result) -> dict[str, str]:
    return {entry["name"]: entry["action"] for entry in result["entries"]}


def test_two_services_of_one_name_in_two_centers(catalog, simulator):
    whole = {"model_centers": [center("c"), center("b")], "model_services": [service("s"), service("s", model_center="b")],
             "model_service_groups": [group("g")]}
    result = failing(catalog, **whole)
    assert [entry["action"] for entry in result["entries"]] == ["create", "create", "create", "create", "failed"]
    assert "model_service: 2 " in by_name(result)["g"]["msg"] and "model_service_uuid" in by_name(result)["g"]["msg"]
    services = simulator.state()["model_services"]
    fixed = {**whole, "model_service_groups": [{**group("g"), "model_service": None, "model_service_uuid": services[0]["uuid"]}]}
    assert catalog.run(**fixed)["summary"]["create"] == 1
    assert catalog.run(check=True, **fixed)["changed"] is False
    exported = yaml.safe_load(catalog.run(EXPORT)["content"])
    assert catalog.run(check=True, list_unchanged=True, **exported)["changed"] is False


def test_objects_of_every_kind_are_renamed_by_uuid(catalog, simulator):
    catalog.run(**WHOLE, **OWNED)
    first = {(entry["kind"], entry["name"]): entry["uuid"] for entry in catalog.run(list_unchanged=True, **WHOLE)["entries"]}
    # The references use the new names.
    renamed = copy.deepcopy(WHOLE)
    for kind, items in renamed.items():
        for item in items:
            item[KINDS[kind].lookups[0].option] = first[kind, item["name"]]
            item["name"] += "2"
            for ref in ("model_center", "model_service", "source_service", "default_model_service"):
                if ref in item:
                    item[ref] += "2"
            for ref in ("model_service_groups", "datasets"):
                if ref in item:
                    item[ref] = [name + "2" for name in item[ref]]
    planned = catalog.run(check=True, **renamed, **OWNED)
    assert planned["summary"]["update"] == 7
    done = catalog.run(**renamed, **OWNED)
    assert {entry["kind"]: entry["steps"] for entry in done["entries"]} == {entry["kind"]: entry["steps"] for entry in planned["entries"]}
    assert catalog.run(**renamed, **OWNED)["changed"] is False


def test_a_circular_reference_between_kinds_is_refused(catalog, simulator):
    result = failing(catalog, model_centers=[center()], models=[model(model_services=["s"])], model_services=[service(models=["m"])])
    assert "circular reference" in result["msg"] and not simulator.writes()


def test_a_center_that_is_used_is_not_deleted(catalog, simulator):
    catalog.run(**WHOLE, **OWNED)
    simulator.clear_log()
    for check in (True, False):
        result = failing(catalog, check=check, model_centers=[{"name": "c", "state": "absent"}])
        assert "would delete with it" in result["msg"], result["msg"]
    assert not simulator.writes()
    result = failing(catalog, model_centers=[{"name": "c", "state": "absent"}], models=WHOLE["models"])
    assert "state: absent" in result["msg"]
    # With all that it contains it goes, in one run.
    gone = {kind: [{"name": item["name"], "state": "absent", **({"source_service": "s"} if kind == "model_service_clones" else {})} for item in items]
            for kind, items in WHOLE.items()}
    planned = catalog.run(check=True, **gone)
    done = catalog.run(**gone)
    assert planned["summary"]["delete"] == done["summary"]["delete"] == 7
    assert objects(simulator) == dict.fromkeys(AI_KINDS, [])
    assert catalog.run(**gone)["changed"] is False


def test_a_pruned_center_stays_with_what_others_put_into_it(catalog, simulator):
    catalog.run(model_centers=[center()], **OWNED)
    catalog.collection.task("zstack_ai_dataset", **dataset("foreign"))
    given = {"model_centers": [center("other")], **OWNED}
    for check in (True, False):
        result = catalog.run(check=check, **given)
        assert result["summary"]["prune"] == 0 and "dataset 'foreign'" in result["warnings"][0] and result["warnings"][0].endswith("it is not deleted.")
    catalog.collection.task("zstack_ai_dataset", state="absent", name="foreign")
    assert catalog.run(**given)["summary"]["prune"] == 1


@pytest.mark.parametrize("kind", ["models", "model_service_clones", "model_evaluations"])
def test_what_is_no_longer_named_is_pruned(catalog, simulator, kind):
    catalog.run(**WHOLE, **OWNED)
    result = catalog.run(**{other: items for other, items in WHOLE.items() if other != kind}, **OWNED)
    assert result["summary"]["prune"] == 1 and result["entries"][-1]["kind"] == kind
    assert simulator.writes()[-1]["call"] == KINDS[kind].delete.name


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_after_failures_of_each_kind_converges(catalog, simulator, kind):
    call = {"call": KINDS[kind].create.name}
    simulator.fault("error", call, code="SYS.1006", details="no")
    lost = failing(catalog, **WHOLE, **OWNED)["summary"]
    assert lost["failed"] == 1 and lost["create"] + lost["failed"] + lost["skipped"] == 7
    simulator.clear_faults()
    # The answer to the call is lost, which must not create a second object.
    simulator.fault("drop_after", call)
    try:
        again = catalog.run(**WHOLE, **OWNED)
    except Failure as failure:
        again = failure.result
    assert again["summary"]["create"] + again["summary"]["failed"] + again["summary"]["skipped"] == lost["failed"] + lost["skipped"]
    simulator.clear_faults()
    catalog.run(**WHOLE, **OWNED)
    assert catalog.run(**WHOLE, **OWNED)["changed"] is False
    assert {kind: len(names) for kind, names in objects(simulator).items()} == {
        "model_centers": 1, "models": 1, "model_services": 2, "instance_groups": 2, "datasets": 1, "model_evaluation_tasks": 1}


def test_secret_values_are_compared_and_never_shown(catalog, simulator):
    result = catalog.run(**WHOLE, **OWNED)
    assert "a-secret-value" not in str(result) and "TOKEN" not in str(result["entries"][0])
    changed = copy.deepcopy(WHOLE)
    changed["model_service_groups"][0]["environment_variables"]["TOKEN"] = "another-secret"
    planned = catalog.run(check=True, **changed, **OWNED)
    assert actions(planned) == {"g": "update"} and "secret" not in str(planned["entries"][0]["diff"])
    done = catalog.run(**changed, **OWNED)
    assert done["entries"][0]["steps"] == planned["entries"][0]["steps"]
    assert not catalog.run(**changed, **OWNED)["changed"]


def test_a_low_score_fails_the_item_in_every_run(catalog, simulator):
    simulator.configure(evaluation_score=0.1)
    whole = {**WHOLE, "model_evaluations": [evaluation(minimum_score=0.5)]}
    result = failing(catalog, **whole, **OWNED)
    assert actions(result)["e"] == "failed" and "minimum_score" in by_name(result)["e"]["msg"]
    for check in (True, False):
        result = failing(catalog, check=check, **whole, **OWNED)
        assert actions(result) == {"e": "failed"}, actions(result)


def test_a_deployment_that_has_failed_fails_the_item_in_every_run(catalog, simulator):
    simulator.fault("fail_deployment", {"call": "DeployModelService"})
    result = failing(catalog, **WHOLE, **OWNED)
    assert actions(result)["g"] == "failed" and "has failed" in by_name(result)["g"]["msg"]
    for check in (True, False):
        result = failing(catalog, check=check, **WHOLE, **OWNED)
        assert actions(result) == {"g": "failed", "e": "skipped"} and "Set recreate to true" in by_name(result)["g"]["msg"]
    exported = yaml.safe_load(catalog.run(EXPORT)["content"])
    assert exported["model_service_groups"][0]["wait"] is False
    assert catalog.run(check=True, **exported)["changed"] is False
    simulator.clear_faults()
    again = copy.deepcopy(WHOLE)
    again["model_service_groups"][0]["recreate"] = True
    again["model_evaluations"] = []
    assert actions(catalog.run(**again, **OWNED))["g"] == "replace"
    assert catalog.run(**WHOLE, **OWNED)["summary"]["create"] == 1


def test_what_is_still_being_deployed_is_waited_for(catalog, simulator):
    simulator.configure(deploy_ms=1500)
    whole = {**WHOLE, "model_evaluations": [], "model_service_groups": [group(wait=False)]}
    catalog.run(**whole)
    assert simulator.state()["instance_groups"][0]["status"] == "Deploying"
    waiting = {**WHOLE, "model_service_groups": [group()]}
    simulator.configure(deploy_ms=100)
    planned = catalog.run(check=True, **waiting)
    assert actions(planned) == {"e": "create"}
    done = catalog.run(list_unchanged=True, **waiting)
    assert simulator.state()["instance_groups"][0]["status"] == "Running"
    assert actions(done)["g"] == "none" and actions(done)["e"] == "create"


def test_an_evaluation_of_several_datasets_is_one_item(catalog, simulator):
    whole = {**WHOLE, "datasets": [dataset("d"), dataset("d2")], "model_evaluations": [evaluation(datasets=["d", "d2"])]}
    catalog.run(**whole, **OWNED)
    assert len(simulator.state()["model_evaluation_tasks"]) == 2
    exported = yaml.safe_load(catalog.run(EXPORT)["content"])
    assert len(exported["model_evaluations"]) == 1 and exported["model_evaluations"][0]["datasets"] == ["d", "d2"]
    assert catalog.run(check=True, **exported)["changed"] is False
    gone = {"model_evaluations": [{"name": "e", "state": "absent"}], "datasets": [{"name": name, "state": "absent"} for name in ("d", "d2")]}
    assert catalog.run(check=True, **gone)["entries"][0]["steps"] == catalog.run(**gone)["entries"][0]["steps"]
    assert not catalog.run(**gone)["changed"] and [row["name"] for row in simulator.state()["instance_groups"]] == ["g"]
    catalog.run(**whole, **OWNED)
    result = catalog.run(**{**whole, "model_evaluations": []}, **OWNED)
    assert simulator.state()["model_evaluation_tasks"] == [] and result["summary"]["prune"] == 2
    assert not catalog.run(**{**whole, "model_evaluations": []}, **OWNED)["changed"]


def test_older_runs_of_an_evaluation_stay_and_are_not_exported(catalog, simulator):
    catalog.run(**WHOLE, **OWNED)
    changed = {**WHOLE, "model_evaluations": [evaluation(limits=20)]}
    result = failing(catalog, **changed, **OWNED)
    assert actions(result) == {"e": "failed"}
    simulator.advance(2000)  # dates have no fractions of a second, and the newest task counts
    rerun = {**WHOLE, "model_evaluations": [evaluation(limits=20, rerun=True)]}
    assert actions(catalog.run(**rerun, **OWNED)) == {"e": "create"}
    assert not catalog.run(**rerun, **OWNED)["changed"]
    exported = catalog.run(EXPORT)
    assert [entry["reason"] for entry in exported["omitted"]] == ["a newer model evaluation task has this name, and only the newest is used"]
    document = yaml.safe_load(exported["content"])
    assert [item["limits"] for item in document["model_evaluations"]] == [20]
    assert catalog.run(check=True, **document)["changed"] is False
    catalog.run(allow_empty=True, models=[], prune_limit=20, **OWNED)
    assert objects(simulator) == dict.fromkeys(AI_KINDS, [])


def test_the_export_of_one_center_has_all_that_is_in_it(catalog, simulator):
    catalog.run(**WHOLE)
    catalog.run(model_centers=[center("other")], datasets=[dataset("x", model_center="other")])
    document = yaml.safe_load(catalog.run(EXPORT, model_center="c")["content"])
    assert {kind: [item["name"] for item in items] for kind, items in document.items()} == {
        kind: [item["name"] for item in items] for kind, items in WHOLE.items()}
    document = yaml.safe_load(catalog.run(EXPORT, model_center="other")["content"])
    assert {kind: [item["name"] for item in items] for kind, items in document.items() if items} == {"model_centers": ["other"], "datasets": ["x"]}


def test_tags_of_an_evaluation_are_on_its_task(catalog, simulator):
    whole = {**WHOLE, "model_evaluations": [evaluation(user_tags=["team:a"])]}
    catalog.run(**whole, **OWNED)
    assert not catalog.run(**whole, **OWNED)["changed"]
