# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User tags, system tags and tag patterns."""
from __future__ import annotations

import pytest


@pytest.fixture(name="pattern")
def pattern_fixture(client):
    """A tag pattern."""
    return client.do("POST", "/v1/tags", {"params": {"name": "env", "value": "prod", "color": "#1A2B3C"}}).inventory


def tag_body(ids, tag, resource_type="ModelVO", **extra):
    """Return the body of a new tag."""
    return {"params": {"resourceType": resource_type, "resourceUuid": ids.model, "tag": tag, **extra}}


def test_user_tags(client, ids):
    tag = client.do("POST", "/v1/user-tags", tag_body(ids, "team:a")).inventory
    assert (tag["type"], tag["resourceType"], tag["resourceUuid"]) == ("User", "ModelVO", ids.model)
    again = client.do("POST", "/v1/user-tags", tag_body(ids, "team:a"))
    assert (again.code, again.details) == ("SYS.1006", "Duplicated Tag[tag:team:a]")
    assert client.do("POST", "/v1/user-tags", tag_body(ids, "x", "NoSuchVO")).code == "SYS.1007"
    assert client.do("DELETE", f"/v1/tags/{tag['uuid']}").text == "{}"
    assert client.do("DELETE", f"/v1/tags/{tag['uuid']}").text == "{}"
    assert client.get("/v1/user-tags", f"uuid={tag['uuid']}").json["inventories"] == []


def test_system_tags(client, ids):
    tag = client.do("POST", "/v1/system-tags", tag_body(ids, "ai::a::b")).inventory
    assert (tag["type"], tag["inherent"]) == ("System", False)
    assert client.do("POST", "/v1/system-tags", tag_body(ids, "ai::a::b")).text == "{}"
    refused = client.do("POST", "/v1/system-tags", tag_body(ids, "nonsense"))
    assert (refused.code, refused.details) == ("SYS.1007", "no system tag matches[nonsense] for resourceType[ModelVO]")
    many = client.do("POST", f"/v1/system-tags/{ids.model}/tags", {"params": {"resourceType": "ModelVO", "tags": ["ai::c::d", "ai::a::b"]}})
    assert [item["tag"] for item in many.json["inventories"]] == ["ai::c::d"]
    changed = client.do("PUT", f"/v1/system-tags/{tag['uuid']}/actions", {"updateSystemTag": {"tag": "ai::a::z"}}).inventory
    assert changed["tag"] == "ai::a::z"
    assert client.names("/v1/ai/models", "__systemTag__~=ai::%") == ["qwen2.5-7b"]


def test_inherent_tags_stay(client, sim, ids):
    sim.seed({"system_tags": [{"uuid": "d" * 32, "resourceUuid": ids.model, "tag": "ai::a::b", "inherent": True}]})
    assert client.do("DELETE", f"/v1/tags/{'d' * 32}").code == "SYS.1006"


def test_patterns(client, pattern):
    body = {"params": {"name": "env", "value": "other", "color": "#1A2B3C"}}
    assert client.do("POST", "/v1/tags", body).code == "TAG.1001"
    assert client.do("POST", "/v1/tags", {"params": {**body["params"], "color": "red"}}).code == "SYS.1007"
    assert client.do("PUT", f"/v1/tags/{pattern['uuid']}/actions", {"updateTag": {"value": "dev"}}).code == "SYS.1007"
    assert client.do("PUT", f"/v1/tags/{pattern['uuid']}/actions", {"updateTag": {"name": "stage"}}).inventory["name"] == "stage"


def test_attach_and_detach(client, ids, pattern):
    path = f"/v1/tags/{pattern['uuid']}/resources"
    body = client.do("POST", path, {"params": {"resourceUuids": [ids.model, "0" * 32, ids.service]}}).json
    assert [item["success"] for item in body["results"]] == [True, False, True]
    assert body["results"][1]["error"]["code"] == "TAG.1000"
    first = body["results"][0]["inventory"]
    assert (first["tag"], first["tagPatternUuid"]) == ("prod", pattern["uuid"])
    again = client.do("POST", path, {"params": {"resourceUuids": [ids.model]}}).json
    assert again["results"][0]["inventory"]["uuid"] == first["uuid"]
    assert client.names("/v1/ai/models", f"__tagUuid__={pattern['uuid']}") == ["qwen2.5-7b"]
    assert client.do("DELETE", path, params=[("resourceUuids", ids.model), ("resourceUuids", "0" * 32)]).text == "{}"
    assert client.names("/v1/ai/models", f"__tagUuid__={pattern['uuid']}") == []
    assert client.names("/v1/ai/model-services", f"__tagUuid__={pattern['uuid']}") == ["vllm-base"]
    client.do("DELETE", f"/v1/tags/{pattern['uuid']}")
    assert client.names("/v1/ai/model-services", f"__tagUuid__={pattern['uuid']}") == []


def test_pattern_with_tokens(client, ids):
    body = {"params": {"name": "cost", "value": "cost::{center}", "type": "withToken"}}
    uuid = client.do("POST", "/v1/tags", body).inventory["uuid"]
    result = client.do("POST", f"/v1/tags/{uuid}/resources", {"params": {"resourceUuids": [ids.model], "tokens": {"center": "42"}}})
    assert result.json["results"][0]["inventory"]["tag"] == "cost::42"
    clone = client.do("POST", f"/v1/ai/model-services/{ids.service}", {"params": {"tagUuids": [uuid]}})
    assert clone.details.startswith("illegal tag uuids")
