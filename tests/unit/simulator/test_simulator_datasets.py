# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dataset calls."""
from __future__ import annotations

from uuid import uuid4

import pytest

DATASETS = "/v1/ai/datasets"
SCENARIO = "dataset::usage::scenarios::"
TYPE = "dataset::datatype::"
TAGS = [SCENARIO + "FineTune", TYPE + "Text"]
DATASET = "8d0f2b4c6e8a4d0c9b2e4f6a8c0d2e4f"
PRESET = "0f2b4c6e8a0d4f2e8d4f6a8c0e2f4a6b"


@pytest.fixture(name="create")
def create_fixture(client, ids):
    """Create a dataset."""
    def create(tags=tuple(TAGS), **params):
        body = {"name": "d", "url": "http://192.0.2.1/d", "modelCenterUuid": ids.center, **params}
        return client.do("POST", DATASETS, {"params": body, "systemTags": list(tags)})
    return create


@pytest.fixture(name="update")
def update_fixture(client):
    """Change the dataset of the demo seed."""
    def update(**params):
        return client.do("PUT", f"{DATASETS}/{DATASET}", {"updateDataset": params})
    return update


def tags_of(client, uuid):
    """Return the sorted system tags of a dataset."""
    return sorted(tag["tag"] for tag in client.get("/v1/system-tags", f"resourceUuid={uuid}").json["inventories"])


def test_create(client, create, ids):
    uuid = uuid4().hex
    dataset = create(description="what it holds", token="secret", resourceUuid=uuid).inventory
    assert {key: value for key, value in dataset.items() if not key.endswith("Date")} == {
        "uuid": uuid, "name": "d", "description": "what it holds", "url": "http://192.0.2.1/d", "installPath": f"/datasets/{uuid}",
        "modelCenterUuid": ids.center, "size": 1048576, "system": False}
    assert tags_of(client, uuid) == sorted(TAGS)
    assert create(resourceUuid=uuid).code == "SYS.1000"


@pytest.mark.parametrize("name", ["name", "url", "modelCenterUuid"])
def test_required(create, name):
    assert f"field[{name}]" in create(**{name: None}).details


@pytest.mark.parametrize("name, limit", [("name", 255), ("description", 2048), ("url", 2048)])
def test_limits(create, name, limit):
    assert create(**{name: "x" * limit}).status == 200
    assert create(**{name: "x" * (limit + 1)}).code == "SYS.1007"


@pytest.mark.parametrize("tags, number", [([], 10057), ([TYPE + "Text"], 10057), ([SCENARIO + "App"], 10058),
                                          ([*TAGS, TYPE + "Image"], 10059)])
def test_scenario_and_data_type(sim, create, tags, number):
    sim.configure(dialect="diagnostic")
    assert create(tags).json["error"]["globalErrorCode"] == f"ORG_ZSTACK_AI_{number}"


def test_unknown_scenarios_and_types_are_no_tags(create, client, ids):
    assert "no system tag matches" in create([SCENARIO + "finetune", TYPE + "Text"]).details
    assert "no system tag matches" in create([*TAGS, "dataset::colour::red"]).details
    assert "no system tag matches" in client.do("PUT", f"/v1/ai/models/{ids.model}", {"updateModel": {}, "systemTags": TAGS}).details


def test_update_replaces_scenarios_and_type(client, update):
    dataset = update(name="renamed", description="d", usageScenarios=["App", "Endpoint"], dataType="Image").inventory
    assert (dataset["name"], dataset["description"]) == ("renamed", "d")
    assert tags_of(client, DATASET) == [TYPE + "Image", SCENARIO + "App", SCENARIO + "Endpoint"]
    update(dataType="Text")
    assert tags_of(client, DATASET) == [TYPE + "Text", SCENARIO + "App", SCENARIO + "Endpoint"]
    assert not {"usageScenarios", "dataType", "token"} & set(dataset)


@pytest.mark.parametrize("params", [{"usageScenarios": ["app"]}, {"usageScenarios": ["App", None]}, {"dataType": "text"}])
def test_choices(update, params):
    assert update(**params).code == "SYS.1007"


def test_url_and_center_cannot_be_changed(update, ids):
    assert update(url="http://192.0.2.2", modelCenterUuid=ids.center_2).inventory["modelCenterUuid"] == ids.center


def test_update_of_several(client):
    def send(*items):
        return client.do("PUT", DATASETS, {"updateDatasets": {"updateDatasetStructs": list(items)}})

    assert send({"uuid": DATASET, "usageScenarios": ["ModelPerf"], "dataType": "Video"}).text == "{}"
    assert tags_of(client, DATASET) == [TYPE + "Video", SCENARIO + "ModelPerf"]
    assert send().code == send({"uuid": DATASET, "dataType": "video"}).code == "SYS.1007"
    assert send({"uuid": "0" * 32}).code == "SYS.1003"
    assert "preset" in send({"uuid": PRESET, "dataType": "Text"}).details


def test_datasets_of_the_platform(client, sim):
    sim.configure(dialect="diagnostic")
    answer = client.do("PUT", f"{DATASETS}/{PRESET}", {"updateDataset": {"name": "x"}})
    assert answer.json["error"]["globalErrorCode"] == "ORG_ZSTACK_AI_10065"
    answer = client.do("DELETE", f"{DATASETS}/{PRESET}", params={"deleteMode": "Enforcing"})
    assert answer.json["error"]["globalErrorCode"] == "ORG_ZSTACK_AI_10084"


def test_delete(client, sim):
    sim.configure(dialect="diagnostic")
    sim.seed({"instance_groups": [{"uuid": "b" * 32, "name": "g", "datasetRefInventories": [{"uuid": "c" * 32, "datasetUuid": DATASET}]}]})
    answer = client.do("DELETE", f"{DATASETS}/{DATASET}")
    assert answer.json["error"]["globalErrorCode"] == "ORG_ZSTACK_AI_10062" and "instance groups" in answer.details
    assert client.do("DELETE", f"{DATASETS}/{DATASET}", params={"deleteMode": "Enforcing"}).text == "{}"
    assert tags_of(client, DATASET) == []
    assert client.get(f"/v1/ai/model-services/instances/groups/{'b' * 32}").json["inventories"][0]["datasetRefInventories"] == []
    results = client.do("DELETE", DATASETS, params=[("uuids", PRESET), ("uuids", DATASET)]).json["results"]
    assert [item["success"] for item in results] == [False, True]


def test_datasets_go_with_their_center(client, ids):
    assert client.do("DELETE", f"/v1/ai/model-centers/{ids.center}").text == "{}"
    assert client.names(DATASETS) == []
    assert tags_of(client, DATASET) == []
