# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog against the simulator: plan, apply, report."""

from __future__ import annotations

import pathlib
import time
import typing as t

import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import CATALOG
from ansible_collections.zstack.aios.plugins.module_utils._pipeline import creating as _creating
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol import jobs as _jobs
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection

from .test_cases import CASES, FULL_MODEL, NEW_MODEL, SERVICE

KINDS = {"model": "models", "clone": "model_service_clones"}
MODULES = {"model": "zstack_ai_model", "clone": "zstack_ai_model_service_clone"}


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch):
    monkeypatch.setattr(_jobs, "TRAVEL_SECONDS", 0.2)
    monkeypatch.setattr(_creating, "LOOKS", (0.0, 0.1, 0.2))


class Runner:
    """Runs catalog tasks without the cost of a process."""

    def __init__(self, collection: t.Any, directory: pathlib.Path) -> None:
        self.collection = collection
        self.simulator = collection.simulator
        self.directory = directory / "catalog"

    def write(self, name: str = "catalog.yml", **kinds: t.Any) -> str:
        """Write a catalog file; the directory."""
        self.directory.mkdir(exist_ok=True)
        (self.directory / name).write_text(yaml.safe_dump(kinds, allow_unicode=True), encoding="utf-8")
        return str(self.directory)

    def run(self, spec: ModuleSpec = CATALOG, check: bool = False, progress: t.Any = None, **given: t.Any) -> dict[str, t.Any]:
        """Run one task: the result, or a `Failure` raised."""
        defaults = {name: option.get("default") for name, option in spec.arguments["argument_spec"].items()}
        connection = {name: given.pop(name) for name in ("wait_timeout", "retries") if name in given}
        options = {**defaults, **self.collection.connection(**connection), **given}
        spec.check(options)
        client = Client(Connection.from_params(options, {}), spec.pool(options))
        try:
            return spec.run(options, client, check, *([progress] if progress else []))
        finally:
            client.close()

    def names(self, kind: str) -> list[str]:
        """Return the names of all objects of a kind on the server."""
        return sorted(row["name"] for row in self.simulator.state()[kind])


@pytest.fixture
def catalog(collection, tmp_path):
    return Runner(collection, tmp_path)


def by_name(result: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    return {entry["name"]: entry for entry in result["entries"]}


def without(state: dict[str, t.Any], *names: str) -> dict[str, t.Any]:
    return {key: value for key, value in state.items() if key not in names}


@pytest.mark.parametrize("name", CASES)
def test_every_case_three_times(catalog, simulator, name):
    kind, options, first = CASES[name]
    simulator.configure(reserve_deleted_uuids=False)
    if first:
        catalog.collection.task(MODULES[kind], **first)
    alone = catalog.collection.task(MODULES[kind], check=True, **options)
    before = without(simulator.state(), "jobs", "sessions")
    mark = len(simulator.log())
    given = {KINDS[kind]: [options], "list_unchanged": True}

    planned = catalog.run(check=True, **given)
    assert not [entry for entry in simulator.log()[mark:] if entry["write"]]
    assert without(simulator.state(), "jobs", "sessions") == before
    done = catalog.run(**given)
    assert done == planned
    entry, = done["entries"]
    assert entry["steps"] == alone["steps"] and entry["drift"] == alone["drift"]
    if entry["changed"]:
        # A task shows references by name, with their UUIDs beside the names; an entry has them the other way round.
        named = entry.get("review") or entry["diff"]
        for side in ("before", "after"):
            assert named[side] == alone["diff"][side]
            assert entry["diff"][side].items() >= alone["diff"].get("uuids", {}).get(side, {}).items()
    assert [call["call"] for call in simulator.log()[mark:] if call["write"]] == [step["call"] for step in entry["steps"]]

    again = catalog.run(**given)
    assert again["changed"] is False and again["diff"] == []
    assert again["entries"][0]["action"] in ("none", "report")
    assert simulator.stats()["sessions"] == 0


def test_names_are_found_in_the_catalog_and_on_the_server(catalog, simulator):
    path = catalog.write(
        model_service_clones=[
            {"name": "third", "source_service": "second"},
            {"name": "second", "source_service": "first"},
            {"name": "first", "source_service": "vllm-base"},
        ],
        models=[NEW_MODEL])
    planned = catalog.run(check=True, path=path)
    done = catalog.run(path=path)
    assert done == planned
    assert {entry["name"]: entry["action"] for entry in done["entries"]} == dict.fromkeys(("third", "second", "first", "qwen3-32b"), "create")
    dates = {row["name"]: row["createDate"] for row in simulator.state()["model_services"]}
    assert set(dates) >= {"first", "second", "third"}
    paths = [entry["path"] for entry in simulator.writes() if entry["call"] == "CloneModelService"]
    uuids = {entry["name"]: entry["uuid"] for entry in done["entries"]}
    assert [path.rsplit("/", 1)[1] for path in paths] == [SERVICE, uuids["first"], uuids["second"]]
    assert catalog.run(path=path)["changed"] is False


def test_a_reserved_uuid_moves_what_refers_to_it(catalog, simulator):
    """The object gets another uuid than foreseen, and what refers to it follows."""
    clones = [{"name": "base", "source_service": "vllm-base"}, {"name": "derived", "source_service": "base"}]
    first = catalog.run(model_service_clones=clones)
    catalog.run(model_service_clones=[{**clone, "state": "absent"} for clone in clones])
    assert catalog.names("model_services") == ["diffusers-base", "vllm-base"]
    again = catalog.run(model_service_clones=clones)
    uuids = {entry["name"]: entry["uuid"] for entry in again["entries"]}
    assert uuids["base"] != first["entries"][0]["uuid"]
    assert catalog.names("model_services") == ["base", "derived", "diffusers-base", "vllm-base"]
    assert {row["uuid"] for row in simulator.state()["model_services"]} >= set(uuids.values())
    assert [entry["path"].rsplit("/", 1)[1] for entry in simulator.writes() if entry["call"] == "CloneModelService"][-1] == uuids["base"]
    assert catalog.run(model_service_clones=clones)["changed"] is False


def test_a_thousand_objects_without_drift_take_few_requests(catalog, simulator):
    simulator.seed({"generate": {"models": 1000, "model_services": 300}})
    path = catalog.write(
        models=[{"name": "model-%04d" % number, "model_center": "center-generated", "vendor": ("Alibaba", "Meta", "Mistral")[number % 3]}
                for number in range(1, 1001)],
        model_service_clones=[{"name": "service-%04d" % number, "source_service": "vllm-base", "request_cpu": 4} for number in range(1, 301)])
    simulator.clear_log()
    result = catalog.run(path=path, concurrency=4)
    assert result["changed"] is False and result["entries"] == [] and result["summary"]["none"] == 1300
    assert len(simulator.log()) <= 12


def test_a_failed_item_does_not_stop_the_others(catalog, simulator):
    models = [{**NEW_MODEL, "name": "m%d" % number, "model_id": "id/%d" % number} for number in range(8)]
    simulator.fault("error", {"call": "AddModel", "nth": 3}, code="SYS.1006", details="the disk is full")
    with pytest.raises(Failure) as caught:
        catalog.run(path=catalog.write(models=models), concurrency=3)
    result = caught.value.result
    assert result["summary"]["create"] == 7 and result["summary"]["failed"] == 1
    assert result["changed"] is True
    lost, = [entry for entry in result["entries"] if entry["action"] == "failed"]
    assert "the disk is full" in lost["msg"] and lost["error"]["code"] == "SYS.1006"
    assert "models[%s] (%s): AddModel" % (lost["name"][1:], lost["name"]) in result["msg"] and "catalog.yml:" in result["msg"]
    assert len([name for name in catalog.names("models") if name in {model["name"] for model in models}]) == 7
    assert catalog.run(path=catalog.write(models=models))["summary"]["create"] == 1


def test_what_refers_to_a_failed_item_is_skipped(catalog, simulator):
    clones = [
        {"name": "a", "source_service": "vllm-base"}, {"name": "b", "source_service": "a"}, {"name": "c", "source_service": "b"},
        {"name": "other", "source_service": "vllm-base"},
    ]
    simulator.fault("error", {"call": "CloneModelService", "path": SERVICE}, code="SYS.1006", details="no")
    with pytest.raises(Failure) as caught:
        catalog.run(model_service_clones=clones, concurrency=1)
    found = by_name(caught.value.result)
    assert [found[name]["action"] for name in "abc"] == ["failed", "skipped", "skipped"]
    assert found["b"]["msg"] == "It refers to model_service_clones[0] (a), which failed."
    assert found["other"]["action"] == "create"
    assert catalog.run(model_service_clones=clones)["summary"]["create"] == 3


@pytest.mark.parametrize("check", [True, False])
def test_an_item_that_cannot_be_planned_fails_alone(catalog, simulator, check):
    with pytest.raises(Failure) as caught:
        catalog.run(
            check=check,
            models=[{**NEW_MODEL, "model_center": "center-9"}, {"name": "no such model", "vendor": "x"}, {"name": "qwen2.5-7b", "vendor": "V"}],
            model_service_clones=[
                {"name": "lost", "source_service": "nowhere"}, {"name": "child", "source_service": "lost"},
                {"name": "fine", "source_service": "vllm-base"}])
    found = by_name(caught.value.result)
    assert {name: entry["action"] for name, entry in found.items()} == {
        "qwen3-32b": "failed", "no such model": "failed", "qwen2.5-7b": "update", "lost": "failed", "child": "skipped", "fine": "create"}
    assert "center-1" in found["qwen3-32b"]["msg"]
    assert len(simulator.writes()) == (0 if check else 2)


def test_check_mode_foresees_failures(catalog, simulator):
    simulator.configure(server_version="5.4.0")
    given = {"models": [{"name": "deepseek-r1-7b", "vendor": "x"}, {"name": "qwen2.5-7b", "vendor": "y", "model_id": "x/y"}]}
    results = []
    for check in (True, False):
        with pytest.raises(Failure) as caught:
            catalog.run(check=check, **given)
        results.append(caught.value.result)
    assert results[0] == results[1]
    assert "5.4.0" in by_name(results[0])["qwen2.5-7b"]["msg"]
    assert catalog.run(version_check=False, check=True, **given)["changed"]


def test_two_items_for_one_object_are_not_applied(catalog, simulator):
    uuid = "059d19eb310f36d4a7f43f51eaab87b8"
    with pytest.raises(Failure) as caught:
        catalog.run(models=[{"name": "qwen2.5-7b", "vendor": "A"}, {"uuid": uuid, "vendor": "B"}, {"name": "deepseek-r1-7b", "vendor": "C"}])
    assert caught.value.result["summary"]["failed"] == 2 and caught.value.result["summary"]["update"] == 1
    assert "identify the same model" in caught.value.result["msg"] and uuid in caught.value.result["msg"]


def test_the_errors_of_all_files_are_reported_before_anything_is_sent(catalog, simulator):
    catalog.write("a.yml", models=[{**NEW_MODEL, "vender": "x", "size": "big"}], clones=[])
    catalog.write("b.yml", models=[{**NEW_MODEL, "name": "n" * 300}, NEW_MODEL], model_service_clones=[{"name": "x"}])
    simulator.clear_log()
    with pytest.raises(Failure) as caught:
        catalog.run(path=str(catalog.directory))
    assert not simulator.log()
    lines = caught.value.result["msg"].splitlines()
    assert lines[0].startswith("The catalog has ")
    assert len(lines) - 1 == len(caught.value.result["catalog_errors"]) >= 5
    assert any("a.yml" in line and "vender: there is no such option, did you mean vendor?" in line for line in lines)
    assert caught.value.result["changed"] is False


def test_deletions_come_last_and_in_order(catalog, simulator):
    clones = [{"name": "a", "source_service": "vllm-base"}, {"name": "b", "source_service": "a"}]
    catalog.run(models=[NEW_MODEL], model_service_clones=clones)
    mark = len(simulator.writes())
    catalog.run(
        model_service_clones=[*({**clone, "state": "absent"} for clone in clones), {"name": "new", "source_service": "vllm-base"}],
        models=[{"name": NEW_MODEL["name"], "state": "absent"}])
    assert [entry["call"] for entry in simulator.writes()[mark:]] == ["CloneModelService", "DeleteModel", "DeleteModelService", "DeleteModelService"]
    uuids = [entry["path"] for entry in simulator.writes()[mark:]]
    assert len(set(uuids)) == 4


def test_unchanged_items_are_listed_on_request(catalog):
    models = [{"name": "qwen2.5-7b", "vendor": "Qwen"}, {"name": "deepseek-r1-7b", "vendor": "changed"}]
    assert [entry["name"] for entry in catalog.run(check=True, models=models)["entries"]] == ["deepseek-r1-7b"]
    assert [entry["action"] for entry in catalog.run(check=True, models=models, list_unchanged=True)["entries"]] == ["none", "update"]


def test_progress_is_reported(catalog):
    calls = []
    catalog.run(progress=lambda *what: calls.append(what), models=[{**NEW_MODEL, "name": "m%d" % number, "model_id": None} for number in range(5)])
    assert [(done, total) for done, total, entry in calls] == [(number, 5) for number in range(1, 6)]
    assert all(entry["action"] == "create" for done, total, entry in calls)


def test_the_server_checks_what_it_can(catalog, simulator):
    given = {
        "model_service_clones": [
            {"name": "a", "source_service": "vllm-base", "framework": "no such framework"}, {"name": "b", "source_service": "a"}],
        "models": [{"name": "qwen2.5-7b", "vendor": "x"}]}
    assert catalog.run(check=True, **given)["changed"]
    with pytest.raises(Failure) as caught:
        catalog.run(check=True, server_side_check=True, **given)
    assert {name: entry["action"] for name, entry in by_name(caught.value.result).items()} == {"a": "failed", "b": "skipped", "qwen2.5-7b": "update"}
    assert not simulator.writes()


FAULTS = ["drop_before", "drop_after", "cut_body", "html_502", "rate_limit", "expire_session", "html_503"]


@pytest.mark.parametrize("kind", FAULTS)
def test_faults_while_applying_make_no_twins(catalog, simulator, kind):
    models = [{**NEW_MODEL, "name": "m%d" % number, "model_id": "id/%d" % number} for number in range(6)]
    clones = [{"name": "c%d" % number, "source_service": "vllm-base"} for number in range(6)]
    for call in ("AddModel", "CloneModelService", "PollJob"):
        simulator.fault(kind, {"call": call, "nth": 2}, times=2)
    result = catalog.run(models=models, model_service_clones=clones, concurrency=4)
    assert result["summary"]["create"] == 12
    for prefix, kind_of_rows in (("m", "models"), ("c", "model_services")):
        assert [name for name in catalog.names(kind_of_rows) if len(name) == 2] == ["%s%d" % (prefix, number) for number in range(6)]
    assert catalog.run(models=models, model_service_clones=clones)["changed"] is False
    assert simulator.stats()["sessions"] == 0


def test_a_refused_sign_in_stops_the_rest(catalog, simulator):
    """The session ends in the middle and the account is locked out: no item tries the password again."""
    models = [{**NEW_MODEL, "name": "m%d" % number, "model_id": "id/%d" % number} for number in range(30)]
    simulator.configure(latency_ms=5)
    simulator.fault("expire_session", {"call": "AddModel", "nth": 5}, times=1)
    simulator.fault("error", {"path": "accounts/login", "nth": 2}, times=0, code="ID.1000", details="wrong password")
    with pytest.raises(Failure) as caught:
        catalog.run(models=models, concurrency=4)
    simulator.clear_faults()
    assert caught.value.result["summary"]["skipped"] >= 10
    assert len([entry for entry in simulator.log() if "login" in entry["path"]]) <= 2


def test_requests_keep_to_the_rate(catalog, simulator, monkeypatch):
    from ansible_collections.zstack.aios.plugins.module_utils._catalog import applying as _applying

    waited = []
    monkeypatch.setattr(_applying.Limiter.__init__, "__defaults__", (time.monotonic, waited.append))
    catalog.run(models=[{**NEW_MODEL, "name": "m%d" % number, "model_id": None} for number in range(10)], rate_limit=15)
    # One request per minute would be over the rate: each one past the fifteenth waits.
    sent = len(simulator.log()) - 1
    assert len(waited) == sent - 15
    assert all(50 < seconds <= 120 for seconds in waited)


@pytest.mark.parametrize("execution", ["worker", "module"])
def test_a_secret_in_a_file_is_in_no_result(catalog, simulator, execution):
    secret = "hf-Very-Secret-Token"
    other = {**NEW_MODEL, "name": "other", "model_id": None, "token": secret, "size": "x" + secret}
    path = catalog.write(models=[{**FULL_MODEL, "token": secret}, other])
    for options in ({"path": path}, {"models": [{**NEW_MODEL, "token": secret, "vendor": [secret]}]}, {"models": [{**NEW_MODEL, "token": secret}]}):
        task = {"zstack.aios.zstack_ai_catalog": options, "diff": True}
        done = catalog.collection.playbook(task, arguments=["-vvv"], vars={"zstack_aios_execution": execution})
        assert secret not in done.stdout + done.stderr
        assert "catalog" in done.stdout


def test_the_result_is_the_same_in_the_worker_and_as_a_module(catalog, simulator):
    catalog.write(models=[{"name": "qwen2.5-7b", "vendor": "Alibaba"}, NEW_MODEL])
    options = {"path": str(catalog.directory), "model_service_clones": [{"name": "x", "source_service": "vllm-base"}], "name": "a", "prune": True}
    results = catalog.collection.worker_and_module(
        {"zstack.aios.zstack_ai_catalog": options, "diff": True}, {"zstack.aios.zstack_ai_catalog": {**options, "list_unchanged": True}},
        {"zstack.aios.zstack_ai_catalog": {"models": [{"nope": 1}]}, "ignore_errors": True},
        {"zstack.aios.zstack_ai_catalog_export": {}})
    assert [result["changed"] for result in results] == [True, False, False, False]
    assert results[2]["failed"] and results[2]["catalog_errors"][0]["option"] == "nope"


def test_a_playbook_shows_a_review(catalog, simulator):
    path = catalog.write(models=[
        {"name": "qwen2.5-7b", "vendor": "Alibaba", "description": "A chat model"}, {"name": "deepseek-r1-7b", "vendor": "DeepSeek"}])
    done = catalog.collection.playbook({"zstack.aios.zstack_ai_catalog": {"path": path}}, arguments=["--diff", "--check"])
    assert "--- before: model qwen2.5-7b (%s/catalog.yml:" % path in done.stdout
    assert "+++ after: model qwen2.5-7b: update" in done.stdout
    assert '-    "vendor": "Qwen"' in done.stdout and '+    "vendor": "Alibaba"' in done.stdout
    assert "deepseek" not in done.stdout
    assert done.returncode == 0
