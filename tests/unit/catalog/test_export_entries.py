# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From objects to catalog entries: each reference once, no defaults, and the empty values that mean something."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog.entries import UNKNOWN_SOURCE, Exporter, identify
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import read_catalog
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, ItemSpec
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import dependencies, in_order
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import plan_items
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient
from ansible_collections.zstack.aios.tests.unit.support.samples import CENTER, ONE, SOURCE, TWO, UUID

CENTERS, MODELS, SERVICES = "/v1/ai/model-centers", KINDS["models"].path, KINDS["model_service_clones"].path
FULL_SOURCE = {
    "uuid": SOURCE, "name": "base", "description": "of the source", "readme": "# Base", "yaml": "a: 1", "type": "App", "source": "Other", "framework": "vLLM",
    "gpuComputeCapability": "7.5", "installPath": "/base", "startCommand": "python b.py", "pythonVersion": "3.8", "condaVersion": "23", "requestCpu": 2,
    "requestMemory": 1024, "supportDistributed": True, "containerCommand": "sh", "containerArgs": "-c", "cpuArchitectures": ["x86_64"],
    "modelServiceImages": [{"cpuArchitecture": "x86_64", "dockerImage": "r/a"}], "vendorToSpecUuidsMap": {"NVIDIA": [ONE]}, "size": 9, "system": True,
}


def snapshot_of(models=(), services=()):
    """Return the platform in memory: one center, and these objects."""
    store = {CENTERS: [{"uuid": CENTER, "name": "center-1"}], MODELS: list(models), SERVICES: list(services)}
    return Snapshot(FakeClient(store), ["ModelVO", "ModelServiceVO"])


def model(uuid=UUID, name="qwen", **more):
    """Return a model of the center."""
    return {"uuid": uuid, "name": name, "modelCenterUuid": CENTER, "installPath": "/m", "size": 0, **more}


def refs(*services, default=()):
    """Return the bindings of a model."""
    return {"modelServiceRefs": [{"modelServiceUuid": uuid, "isDefault": uuid in default} for uuid in services]}


def entries_of(kind, rows, snapshot, source=None):
    """Return the entries of some objects, as `run_export` makes them."""
    given = ({"source_service_uuid": source["uuid"]}, source) if source else ({}, None)
    exporter = Exporter(KINDS[kind], ItemSpec(KINDS[kind]), snapshot, *given)
    return [exporter.entry(row) for row in rows]


def clone_of(row, source=None):
    """Return the entry of a clone."""
    row = {"uuid": UUID, "name": "copy", **row}
    return entries_of("model_service_clones", [row], snapshot_of(services=[row, *([source] if source else [])]), source)[0]


@pytest.mark.parametrize("bound, default, expected", [
    ((ONE,), (ONE,), {"default_model_service": "one"}),
    ((ONE, TWO), (TWO,), {"default_model_service": "two", "model_services": ["one"]}),
    ((TWO, ONE), (), {"model_services": ["one", "two"]}),
    ((SOURCE, ONE), (ONE,), {"default_model_service": "one", "model_service_uuids": [SOURCE]}),
    ((SOURCE,), (SOURCE,), {"default_model_service_uuid": SOURCE}),
])
def test_each_reference_is_written_once(bound, default, expected):
    """SOURCE has no name that would mean it."""
    services = [{"uuid": ONE, "name": "one"}, {"uuid": TWO, "name": "two"}, {"uuid": SOURCE, "name": "same"}, {"uuid": CENTER, "name": "same"}]
    row = model(**refs(*bound, default=default))
    entry, = entries_of("models", [row], snapshot_of([row], services))
    assert {option: value for option, value in entry.options.items() if "service" in option} == expected
    assert entry.comments == []


def test_several_defaults_are_noted():
    services = [{"uuid": ONE, "name": "one"}, {"uuid": TWO, "name": "two"}]
    row = model(**refs(ONE, TWO, default=(ONE, TWO)))
    entry, = entries_of("models", [row], snapshot_of([row], services))
    assert "default_model_service" not in entry.options and entry.options["model_services"] == ["one", "two"]
    assert entry.comments == ["default_model_service_uuid is omitted: the server's value cannot be given in a catalog"]


def test_what_every_new_object_has_is_not_written():
    row = model(recommendedGpuNum=[], description="", modelId=UUID, parameters=None)
    entry, = entries_of("models", [row], snapshot_of([row]))
    assert entry.options == {"name": "qwen", "install_path": "/m", "model_center": "center-1"}
    assert clone_of({"size": 0, "system": False}).options == {"name": "copy", "source_service": UNKNOWN_SOURCE}
    assert clone_of({"size": 7, "system": False}).options["size"] == 7


TEXTS = {
    "description": "description", "readme": "readme", "yaml": "yaml", "framework": "framework", "gpu_compute_capability": "gpuComputeCapability",
    "install_path": "installPath", "start_command": "startCommand", "python_version": "pythonVersion", "conda_version": "condaVersion",
    "container_command": "containerCommand", "container_args": "containerArgs",
}


@pytest.mark.parametrize("option", TEXTS)
def test_an_empty_text_is_written_where_a_clone_would_inherit_another(option):
    api = TEXTS[option]
    equal = {key: value for key, value in FULL_SOURCE.items() if key not in ("uuid", "name", "system")}
    for row in ({**equal, api: ""}, {key: value for key, value in equal.items() if key != api}):
        assert clone_of(row, FULL_SOURCE).options[option] == ""
    assert option not in clone_of({**equal, api: ""}, {**FULL_SOURCE, api: ""}).options
    # What is not known about a source may be inherited from it, unless the clone has been emptied.
    assert clone_of({api: ""}).options[option] == ""
    assert option not in clone_of({}).options


def test_a_flag_and_zero_are_written_where_a_clone_would_inherit_another():
    equal = {key: value for key, value in FULL_SOURCE.items() if key not in ("uuid", "name", "system", "supportDistributed")}
    assert clone_of(equal, FULL_SOURCE).options["support_distributed"] is False
    assert clone_of({**equal, "supportDistributed": False, "requestCpu": 0}, FULL_SOURCE).options["request_cpu"] == 0
    assert "support_distributed" not in clone_of({**equal, "supportDistributed": False}, {**FULL_SOURCE, "supportDistributed": False}).options


@pytest.mark.parametrize("option, change", [
    ("cpu_architectures", {"cpuArchitectures": [], "modelServiceImages": []}), ("architecture_images", {"modelServiceImages": []}),
    ("vendor_to_spec_uuids_map", {"vendorToSpecUuidsMap": {}}), ("type", {"type": ""}), ("source", {"source": None}),
])
def test_what_the_api_cannot_empty_is_noted(option, change):
    row = {key: value for key, value in FULL_SOURCE.items() if key not in ("uuid", "name", "system")}
    entry = clone_of({**row, **change}, FULL_SOURCE)
    assert option not in entry.options
    assert "%s is empty here, which the API cannot express: a new clone takes it from its source" % option in entry.comments


def test_the_source_itself_has_no_source():
    entry = clone_of({}, {"uuid": UUID, "name": "copy", "description": "x"})
    assert entry.options["source_service"] == UNKNOWN_SOURCE and "source_service_uuid" not in entry.options


def identified(models=(), services=()):
    """Return the uuids that the entries of a platform give, by name; several of a name in the order of the rows."""
    snapshot = snapshot_of(models, services)
    kinds = {"models": entries_of("models", models, snapshot), "model_service_clones": entries_of("model_service_clones", services, snapshot)}
    identify(kinds)
    return [entry.options.get(KINDS[kind].given_uuid) for kind, entries in kinds.items() for entry in entries]


@pytest.mark.parametrize("models, services, expected", [
    ([model(ONE), model(TWO)], [], [ONE, TWO]),
    ([model(ONE), model(TWO, name="llama")], [], [None, None]),
    ([model(ONE), model(TWO, modelCenterUuid=SOURCE)], [], [None, None]),
    ([model(ONE, modelId="a"), model(TWO, modelId="b")], [], [None, None]),
    # One is found by its model_id and the other one by its uuid: without both uuids, the two items would mean one object.
    ([model(ONE, modelId="a"), model(TWO)], [], [ONE, TWO]),
    ([], [{"uuid": ONE, "name": "copy"}, {"uuid": TWO, "name": "copy"}], [ONE, TWO]),
    # A service that is referred to by uuid keeps its uuid, others get one that is derived from their name.
    ([model(UUID, **refs(SOURCE, ONE))], [{"uuid": ONE, "name": "one"}, {"uuid": TWO, "name": "two"}], [None, ONE, None]),
    ([model(UUID, **refs(ONE))], [{"uuid": ONE, "name": "one"}], [None, None]),
])
def test_a_uuid_is_written_only_where_nothing_else_identifies(models, services, expected):
    assert identified(models, services) == expected


def planned(snapshot, **kinds):
    """Return what the plan does to each item of an inline catalog, and with which uuid."""
    options = {"path": None, "version_check": True, "server_side_check": False, **dict.fromkeys(KINDS), **kinds}
    catalog = read_catalog(options)
    assert catalog.errors == []
    ordered = in_order(catalog.items, dependencies(catalog.items))[0]
    return sorted((task.item.number, str(task.error) if task.error else task.planned, task.uuid) for task in plan_items(ordered, snapshot))


def orders(items):
    """Return the items in any order."""
    return [list(order) for order in itertools.permutations(items)]


@pytest.mark.parametrize("order", orders([ONE, TWO, UUID]))
def test_twins_with_uuids_are_all_created(order):
    items = [{"uuid": uuid, "name": "twin", "install_path": "/m", "model_center": "center-1"} for uuid in order]
    assert planned(snapshot_of(), models=items) == [(number, "create", uuid) for number, uuid in enumerate(order)]
    # One of them is there already.
    some = planned(snapshot_of([model(ONE, name="twin")]), models=items)
    assert some == [(number, "none" if uuid == ONE else "create", uuid) for number, uuid in enumerate(order)]
    clones = [{"resource_uuid": uuid, "name": "twin", "source_service_uuid": SOURCE} for uuid in order]
    services = [FULL_SOURCE, {"uuid": TWO, "name": "twin"}]
    assert planned(snapshot_of(services=services), model_service_clones=clones) == [
        (number, "none" if uuid == TWO else "create", uuid) for number, uuid in enumerate(order)]


def test_a_model_of_the_name_that_no_item_identifies_blocks_the_creation():
    item = {"uuid": ONE, "name": "qwen", "install_path": "/m", "model_center": "center-1"}
    (number, text, uuid), = planned(snapshot_of([model(TWO)]), models=[item])
    assert "There is no model with the uuid %s" % ONE in text and uuid is None


@pytest.mark.parametrize("turned", [False, True])
def test_a_rename_by_uuid_frees_the_name_in_any_order(turned):
    """One item renames an object by its uuid, another one wants a new object of the old name."""
    items = [{"uuid": ONE, "name": "new"}, {"name": "old", "install_path": "/m", "model_center": "center-1"}]
    result = planned(snapshot_of([model(ONE, name="old")]), models=items[::-1] if turned else items)
    assert sorted(entry[1] for entry in result) == ["create", "update"]
    assert next(entry[2] for entry in result if entry[1] == "update") == ONE


def test_items_that_mean_one_object_are_not_taken_for_twins():
    for options in ({"vendor": "B"}, {"name": "qwen", "vendor": "B"}):
        result = planned(snapshot_of([model(ONE)]), models=[{"name": "qwen", "model_center": "center-1", "vendor": "A"}, {"uuid": ONE, **options}])
        assert ["identify the same model" in entry[1] for entry in result] == [True, True]


def test_a_clone_with_a_uuid_is_not_the_platforms_service_of_its_name():
    item = {"resource_uuid": ONE, "name": "base", "source_service_uuid": TWO}
    services = [FULL_SOURCE, {"uuid": TWO, "name": "other"}]
    assert planned(snapshot_of(services=services), model_service_clones=[item]) == [(0, "create", ONE)]
    # A service that was created manually is compared as well.
    (_unused, text, uuid), = planned(snapshot_of(services=[{**FULL_SOURCE, "system": False}, services[1]]), model_service_clones=[item])
    assert "resource_uuid" in text and uuid == SOURCE
