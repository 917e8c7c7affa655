# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model and model center calls."""
from __future__ import annotations

import re

import pytest

MODELS = "/v1/ai/models"


@pytest.fixture(name="update")
def update_fixture(client, ids):
    """Change the demo model."""
    def update(**body):
        return client.do("PUT", f"{MODELS}/{ids.model}", {"updateModel": body})
    return update


def add(client, ids, **extra):
    """Add a model."""
    return client.do("POST", MODELS, {"param": {"name": "new", "installPath": "/new", "modelCenterUuid": ids.center, **extra}})


def tags_of(client, uuid):
    """Return the sorted user tags of an object."""
    return sorted(item["tag"] for item in client.get("/v1/user-tags", f"resourceUuid={uuid}").json["inventories"])


def test_published_example(client, ids):
    raw = '{"updateModel":{"name":"example","vendor":"Alibaba"}}'
    model = client.do("PUT", f"{MODELS}/{ids.model}", data=raw, headers={"Content-Type": "application/json;charset=UTF-8"}).inventory
    assert (model["uuid"], model["name"], model["vendor"], model["SAMPLE_SIZE"]) == (ids.model, "example", "Alibaba", 1000)
    assert re.fullmatch(r"[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M", model["createDate"])


@pytest.mark.parametrize("name, limit", [
    ("name", 255), ("installPath", 255), ("description", 255), ("vendor", 255), ("parameters", 255), ("recommendedGpuNum", 255),
    ("gpuConstraintDescription", 512), ("modelId", 255),
])
def test_limits_of_the_update(update, name, limit):
    character = "1" if name == "recommendedGpuNum" else "x"
    assert update(**{name: character * limit}).status == 200
    refused = update(**{name: character * (limit + 1)})
    assert refused.details.endswith(f"exceeds max length of string. expected was <= {limit}, actual was {limit + 1}")


def test_gpu_number(update):
    assert update(recommendedGpuNum="1,2,4").inventory["recommendedGpuNum"] == [1, 2, 4]
    assert update(recommendedGpuNum=" 8 ").inventory["recommendedGpuNum"] == [8]
    assert update(recommendedGpuNum="").inventory["recommendedGpuNum"] == []
    assert update(recommendedGpuNum="one").code == "SYS.1007"


def test_parameters_newer_than_the_server_are_ignored(sim, update, client, ids):
    sim.configure(server_version="5.4.0")
    model = update(vendor="New", name="n", modelId="n").inventory
    assert (model["vendor"], model["name"]) == ("Qwen", "n")
    assert not {"modelId", "recommendedGpuNum", "pipelineTag"} & set(model)
    assert "isDefault" not in model["modelServiceRefs"][0]
    sim.configure(server_version="5.5.22")
    assert client.get(f"{MODELS}/{ids.model}").json["inventories"][0]["modelId"] == ids.model


def test_default_service(client, update, ids):
    def default():
        refs = client.get(f"{MODELS}/{ids.model}").json["inventories"][0]["modelServiceRefs"]
        return [ref["modelServiceUuid"] for ref in refs if ref["isDefault"]]

    assert default() == [ids.service]
    assert update(defaultModelServiceUuid=ids.other_service).code == "SYS.1007"
    bound = client.do("POST", f"{MODELS}/{ids.model}/model-services/{ids.other_service}", {"param": {}})
    assert bound.inventory["uuid"] == ids.other_service
    assert update(defaultModelServiceUuid=ids.other_service, clearDefaultModelService=True).code == "SYS.1007"
    assert update(defaultModelServiceUuid=ids.other_service).status == 200
    assert default() == [ids.other_service]
    assert update(clearDefaultModelService=True).status == 200
    assert default() == []
    client.do("DELETE", f"{MODELS}/{ids.model}/model-services/{ids.other_service}")
    assert [ref["modelServiceUuid"] for ref in update().inventory["modelServiceRefs"]] == [ids.service]


def test_classifications(client, sim, update, ids):
    assert "modelClassifications" not in update(modelClassifications=["Image-Generation", "AI::Others"]).inventory
    assert tags_of(client, ids.model) == ["AI::Image-Generation", "AI::Others"]
    tag = client.get("/v1/user-tags", f"resourceUuid={ids.model}", "tag=AI::Others").json["inventories"][0]
    assert tag["tagPattern"]["name"] == "AI::Others"
    assert tag["tagPatternUuid"] == tag["tagPattern"]["uuid"]
    assert update(modelClassifications=["Poetry"]).code == "SYS.1007"
    assert update(modelClassifications=[]).status == 200
    assert tags_of(client, ids.model) == []
    sim.configure(classification_form="bare")
    assert update(modelClassifications=["AI::Others"]).status == 503


def test_model_id(client, update, ids):
    assert update(modelId="stabilityai/sdxl").code == "SYS.1007"
    assert update(modelId="qwen/7b").inventory["modelId"] == "qwen/7b"
    assert update(modelId="qwen/7b").status == 200
    model = add(client, ids).inventory
    assert model["modelId"] == model["uuid"]
    assert add(client, ids, modelId="qwen/7b").code == "SYS.1007"


def test_model_center(client, update, ids):
    assert update(modelCenterUuid=ids.center_2).inventory["modelCenterUuid"] == ids.center_2
    assert update(modelCenterUuid="nowhere").code == "SYS.1007"


def test_add(client, ids):
    bound = {"modelServiceUuids": [ids.service, ids.other_service], "defaultModelServiceUuid": ids.service}
    model = add(client, ids, description="x" * 2000, **bound).inventory
    assert {ref["modelServiceUuid"]: ref["isDefault"] for ref in model["modelServiceRefs"]} == {ids.service: True, ids.other_service: False}
    assert len(model["description"]) == 2000
    assert add(client, ids, defaultModelServiceUuid=ids.service).code == "SYS.1007"


def test_root_tags(client, ids):
    for turn in range(2):
        body = {"updateModel": {}, "userTags": ["env:prod"], "systemTags": ["ai::team::vision", "ephemeral::x"]}
        assert client.do("PUT", f"{MODELS}/{ids.model}", body).status == 200, turn
    assert tags_of(client, ids.model) == ["AI::Text-Generation", "env:prod"]
    assert [tag["tag"] for tag in client.get("/v1/system-tags", f"resourceUuid={ids.model}").json["inventories"]] == ["ai::team::vision"]


def test_delete(client, sim, ids):
    assert client.do("DELETE", f"{MODELS}/{'0' * 32}").code == "SYS.1006"
    assert client.do("DELETE", f"{MODELS}/nonsense").code == "SYS.1003"
    assert client.do("DELETE", f"{MODELS}/{ids.model}", params={"deleteMode": "Gently"}).code == "SYS.1007"
    system = client.get(MODELS, "name=system-embedding").json["inventories"][0]["uuid"]
    assert "system model" in client.do("DELETE", f"{MODELS}/{system}").details
    sim.seed({"vm_model_mounts": [{"modelUuid": ids.model}]})
    assert "in use" in client.do("DELETE", f"{MODELS}/{ids.model}").details
    mount = sim.state()["vm_model_mounts"][0]["uuid"]
    assert mount and tags_of(client, ids.model)


def test_delete_cascades(client, ids, sim):
    assert client.do("DELETE", f"{MODELS}/{ids.model}", params={"deleteMode": "Enforcing"}).text == "{}"
    assert tags_of(client, ids.model) == []
    assert ids.model not in {ref["modelUuid"] for ref in sim.state()["model_service_refs"]}


@pytest.mark.parametrize("form", ["query", "indexed", "body"])
def test_batch_delete(client, ids, form):
    uuids = [ids.model, "0" * 32]
    options = {
        "query": {"params": [("uuids", uuid) for uuid in uuids]},
        "indexed": {"params": [(f"uuids.{number}", uuid) for number, uuid in enumerate(uuids)]},
        "body": {"body": {"uuids": uuids}},
    }[form]
    results = client.do("DELETE", MODELS, **options).json["results"]
    assert [(item["uuid"], item["success"]) for item in results] == [(ids.model, True), ("0" * 32, False)]
    assert results[1]["error"]["code"] == "SYS.1006"
    assert client.get(f"{MODELS}/{ids.model}").json["inventories"] == []


def test_batch_delete_of_nothing(client):
    assert client.do("DELETE", MODELS).code == "SYS.1007"


def test_scalar_parameters_may_not_repeat(client, ids):
    answer = client.send("DELETE", f"{MODELS}/{ids.model}", params=[("deleteMode", "Permissive"), ("deleteMode", "Enforcing")])
    assert answer.status == 400


def test_centers(client, ids):
    body = {"param": {"name": "c", "url": "http://192.0.2.1", "managementIp": "192.0.2.1", "managementPort": 22, "resourceUuid": None}}
    center = client.do("POST", "/v1/ai/model-centers", body).inventory
    assert (center["status"], center["managementPort"]) == ("Connected", 22)
    changed = client.do("PUT", f"/v1/ai/model-centers/{center['uuid']}", {"updateModelCenter": {"name": "d"}}).inventory
    assert changed["name"] == "d"
    assert client.do("DELETE", f"/v1/ai/model-centers/{ids.center}").text == "{}"
    assert client.names(MODELS) == ["deepseek-r1-7b", "system-embedding"]
    assert client.names("/v1/ai/model-services") == ["diffusers-base", "vllm-base"]
    assert client.do("DELETE", f"/v1/ai/model-centers/{ids.center}").text == "{}"


def test_serialisation(client, sim, ids):
    name = "<a> & 'b' = c"
    answer = client.do("PUT", f"{MODELS}/{ids.model}", {"updateModel": {"name": name}})
    assert '"name":"\\u003ca\\u003e \\u0026 \\u0027b\\u0027 \\u003d c"' in answer.text
    assert answer.inventory["name"] == name
    assert "logo" not in answer.inventory
    sim.seed({"models": [{"uuid": "a" * 32, "name": "dated", "modelCenterUuid": ids.center, "createDate": "Nov 25, 2025 11:51:50 PM"}]})

    def created():
        return client.get(f"{MODELS}/{'a' * 32}").json["inventories"][0]["createDate"]

    assert created() == "Nov 25, 2025 11:51:50 PM"
    sim.configure(timezone="+08:00")
    assert created() == "Nov 26, 2025 7:51:50 AM"
    sim.configure(timestamp_style="comma")
    assert created() == "Nov 26, 2025, 7:51:50 AM"
    sim.configure(timestamp_style="narrow")
    assert created() == "Nov 26, 2025, 7:51:50\u202fAM"
