# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every call of the reference page is there as the page describes it; and what the rest of them refuse."""
from __future__ import annotations

import pytest
from simulator.api_ai import AI_APIS
from simulator.api_more import MORE_APIS
from simulator.api_serving import SERVING_APIS

from ansible_collections.zstack.aios.tests.unit.support.reference import api

APIS = {item.name: item for item in AI_APIS + SERVING_APIS + MORE_APIS}
# Ranges whose errors the catalogue of the page names.
OWN_RANGES = ("servicePorts", "serviceBootupTime")
TYPES = {"StringList": "List", "IntegerList": "List", "StructList": "List"}
ZONE, IMAGE = "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e", "21cb9f654e9d3feab962ce3f5eec5796"


def test_every_call_is_that_of_the_page():
    pages = {name: page for section in api()["resources"].values() for name, page in section["actions"].items()}
    assert set(APIS) == set(pages)
    for name, page in pages.items():
        found = APIS[name]
        assert (found.method, found.path, found.sync) == (page["method"], page["path"], not page["async"]), name
        if page["method"] in ("POST", "PUT"):
            assert found.wrapper == page["wrapper"], name
        if page["method"] == "GET" and page.get("path_one"):
            assert found.single == page["path_one"], name
            continue
        assert set(found.by_name) == {parameter["name"] for parameter in page["params"]}, name
        for parameter in page["params"]:
            mine = found.by_name[parameter["name"]]
            assert TYPES.get(mine.type, mine.type) == parameter["type"], (name, mine.name)
            # what a rule of the server itself checks has an error of its own
            own = "server rule" in parameter.get("note", "")
            assert (mine.max, set(mine.choices)) == (None if own else parameter.get("max_length"), set(parameter.get("choices", []))), (name, mine.name)
            if "range" in parameter and mine.name not in OWN_RANGES:
                assert mine.bounds == tuple(parameter["range"]), (name, mine.name)


@pytest.fixture(name="newest")
def newest_fixture(client, sim):
    """A client of a server that has the newest calls."""
    sim.configure(server_version="5.5.38")
    return client


def test_newest_calls_come_with_their_version(client, sim, ids):
    body = {"params": {"vmInstanceUuid": "7" * 32, "modelUuid": ids.model}}
    assert client.get("/v1/ai/host-model-caches").status == 404
    # the query owns the path alone, so that it answers every verb
    assert client.send("POST", "/v1/vm-model-mounts", body).json["inventories"] == []
    sim.configure(server_version="5.5.38")
    assert client.do("POST", "/v1/vm-model-mounts", body).inventory["modelUuid"] == ids.model
    assert client.get("/v1/ai/host-model-caches").status == 200


def node(rank, **changes):
    return {"nodeRank": rank, "uuid": "d76744cb53f9378abf42b907df3efb6e", "zoneUuid": ZONE, "modelUuid": "m", "serviceBootUptime": 60, **changes}


@pytest.mark.parametrize("nodes, words", [
    ([node(0), node(0)], "nodeRank"), ([node(1), node(2)], "nodeRank"), ([node(0), node(1, modelUuid="n")], "modelUuid"),
    ([node(0), node(1, zoneUuid="z")], "zoneUuid"), ([node(0, serviceBootUptime=None)], "serviceBootUptime"), ([node(0, uuid="x")], "not found"),
    ([], "nonempty"),
])
def test_distributed_refusals(client, nodes, words):
    body = {"deployDistributedModelService": {"name": "d", "modelServices": nodes, "serviceCreationStrategy": "parallel"}}
    assert words in client.do("PUT", "/v1/ai/model-services", body).details


def test_distributed(client, sim):
    body = {"deployDistributedModelService": {"name": "d", "modelServices": [node(1), node(0)], "serviceCreationStrategy": "sequential"}}
    group = client.do("PUT", "/v1/ai/model-services", body).inventory
    assert [instance["nodeRank"] for instance in group["instances"]] == [0, 1] and group["status"] == "Deploying"
    sim.advance(10_000)
    rows = client.get("/v1/ai/model-services/instances/groups/").json["inventories"]
    assert [row["status"] for row in rows if row["uuid"] == group["uuid"]] == ["Running"]


def test_applications(client, ids):
    given = {"name": "app", "zoneUuid": ZONE, "type": "VirtualMachine", "vmImageUuid": IMAGE}
    assert "uuid" in client.do("PUT", "/v1/ai/model-services/app/", {"deployAppDevelopmentService": given}).details
    group = client.do("PUT", "/v1/ai/model-services/app/", {"deployAppDevelopmentService": {**given, "uuid": ids.service}}).inventory
    rows = client.get("/v1/ai/model-services/app/").json["inventories"]
    assert [row["uuid"] for row in rows] == [group["uuid"]]


def test_nginx(client):
    answer = client.send("POST", "/v1/ai/nginx/sync", {"param": {}})
    assert (answer.status, answer.code) == (503, "SYS.1007")
    assert client.send("POST", "/v1/ai/nginx/sync", {"param": {"syncAll": True}}).status == 200


def test_matching_and_centers(client, ids):
    body = {"param": {"modelUuids": [ids.model], "modelServiceUuids": [ids.service], "instanceNumber": 1, "name": "n", "zoneUuid": ZONE, "type": "Container"}}
    results = client.do("POST", "/v1/ai/model-services/templates", body).json["results"]
    assert [(row["modelUuid"], row["modelServiceUuid"]) for row in results] == [(ids.model, ids.service)]
    services = client.send("GET", "/v1/ai/model-centers/services", params=[("modelCenterUuids", ids.center)]).json["inventories"]
    assert ids.service in [row["uuid"] for row in services]


def test_profiles_and_policies(newest, sim):
    path = "/v1/ai/zsdataset/model-profiles/%s/actions"
    assert newest.do("POST", path % "p_1", {"params": {"apiKey": "geheim", "status": "ENABLED"}}).text == "{}"
    assert newest.do("POST", path % ("p" * 129), {"params": {}}).code == "SYS.1007"
    assert newest.do("POST", path % "p", {"params": {"status": "on"}}).code == "SYS.1007"
    assert "geheim" not in str(sim.log())
    policy = "/v1/ai/host-model-cache-policies/%s/actions" % ("8" * 32)
    assert "range" in newest.do("PUT", policy, {"updateAiHostModelCachePolicy": {"highWatermarkPercent": 101}}).details
    assert newest.do("PUT", policy, {"updateAiHostModelCachePolicy": {"highWatermarkPercent": 100}}).text == "{}"
