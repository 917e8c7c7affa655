# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What belongs to accounts: proxy configurations, quotas, and kinds that cannot be tagged."""
from __future__ import annotations

import pytest

PROXIES = "/v1/user-proxy-configs"
BODY = {"proxyType": "http", "proxyHost": "proxy.example.com", "proxyPort": 3128}
MORE = {"proxyUsername": "u", "proxyPassword": "p", "isEnabled": True, "proxyProtocolVersion": "1.1", "useSsl": True, "noProxy": "localhost"}
GROUP = "b" * 32
GROUP_VO = "ModelServiceInstanceGroupVO"


@pytest.fixture(name="create")
def create_fixture(client):
    """Create a proxy configuration."""
    def create(**params):
        return client.do("POST", PROXIES, {"params": {**BODY, **params}})
    return create


def test_proxy_configuration(client, create, sim):
    proxy = create(**MORE).inventory
    assert {key: value for key, value in proxy.items() if key != "uuid" and not key.endswith("Date")} == {**BODY, **MORE}
    changed = {"proxyType": "socks5", "proxyHost": "other.example.com", "proxyPort": 1080, "isEnabled": False, "noProxy": "*.local"}
    updated = client.do("PUT", f"{PROXIES}/{proxy['uuid']}", {"updateUserProxyConfig": changed}).inventory
    assert {key: value for key, value in updated.items() if key != "lastOpDate"} == {
        key: value for key, value in {**proxy, **changed}.items() if key != "lastOpDate"}
    assert client.get(PROXIES, "proxyPort=1080").json["inventories"] == client.get(f"{PROXIES}/{proxy['uuid']}").json["inventories"] == [updated]
    assert [entry["body"]["params"]["proxyPassword"] for entry in sim.writes() if entry["call"] == "CreateUserProxyConfig"] == ["***"]
    for _unused in range(2):
        assert client.do("DELETE", f"{PROXIES}/{proxy['uuid']}").text == "{}"
    assert client.get(PROXIES).json["inventories"] == []


@pytest.mark.parametrize("name", list(BODY))
def test_required(create, name):
    assert f"field[{name}]" in create(**{name: None}).details


@pytest.mark.parametrize("name", ["proxyType", "proxyHost", "proxyUsername", "proxyPassword", "proxyProtocolVersion", "noProxy"])
def test_limits(client, create, name):
    uuid = create(**{name: "x" * 255}).inventory["uuid"]
    assert create(**{name: "x" * 256}).code == "SYS.1007"
    assert client.do("PUT", f"{PROXIES}/{uuid}", {"updateUserProxyConfig": {name: "x" * 256}}).code == "SYS.1007"


def test_quota(sim, make_client, client, ids):
    guest = make_client(sim)
    guest.login("guest", "guest-password")
    sim.configure(quotas={"user_proxy_configs": 1, "model_services": 0})
    uuid = guest.do("POST", PROXIES, {"params": BODY}).inventory["uuid"]
    answer = guest.do("POST", PROXIES, {"params": BODY, "systemTags": ["validationOnly"]})
    assert (answer.code, "user_proxy_configs, value: 1" in answer.details) == ("ID.1003", True)
    assert guest.do("POST", f"/v1/ai/model-services/{ids.service}", {"params": {"name": "copy"}}).code == "ID.1003"
    assert client.do("POST", PROXIES, {"params": BODY}).status == client.do("POST", PROXIES, {"params": BODY}).status == 200
    assert client.do("PUT", f"{PROXIES}/{uuid}", {"updateUserProxyConfig": {"noProxy": "x"}}).status == 200
    assert guest.do("DELETE", f"{PROXIES}/{uuid}").text == "{}"
    assert guest.do("POST", PROXIES, {"params": BODY}).status == 200


def test_kinds_that_cannot_be_tagged(client, sim, ids):
    sim.configure(untaggable=[GROUP_VO])
    sim.seed({"instance_groups": [{"uuid": GROUP, "name": "g"}]})
    tag = {"params": {"resourceType": GROUP_VO, "resourceUuid": GROUP, "tag": "digest"}}
    assert "no resource type" in client.do("POST", "/v1/user-tags", tag).details
    pattern = next(item["uuid"] for item in sim.state()["tag_patterns"] if item["name"] == "AI::Others")
    results = client.do("POST", f"/v1/tags/{pattern}/resources", {"params": {"resourceUuids": [GROUP, ids.model]}}).json["results"]
    assert [item["success"] for item in results] == [False, True]
    body = {"updateModelServiceInstanceGroup": {"name": "h"}, "userTags": ["digest"]}
    assert client.do("PUT", f"/v1/model-service-instance-groups/{GROUP}", body).inventory["name"] == "h"
    assert client.get("/v1/user-tags", f"resourceUuid={GROUP}").json["inventories"] == []
    sim.configure(untaggable=[])
    assert client.do("POST", "/v1/user-tags", tag).inventory["resourceType"] == GROUP_VO


@pytest.mark.parametrize("kind, resource_type", [
    ("model_centers", "ModelCenterVO"), ("model_services", "ModelServiceVO"), ("instance_groups", GROUP_VO), ("datasets", "DatasetVO"),
    ("model_evaluation_tasks", "ModelEvaluationTaskVO"), ("user_proxy_configs", "UserProxyConfigVO")])
def test_every_kind_has_tags(client, sim, kind, resource_type):
    sim.seed({kind: [{"uuid": "d" * 32, "name": "tagged"}]})
    for path, tag in (("/v1/user-tags", "env:prod"), ("/v1/system-tags", "ai::team::vision")):
        body = {"params": {"resourceType": resource_type, "resourceUuid": "d" * 32, "tag": tag}}
        assert client.do("POST", path, body).inventory["tag"] == tag
        assert len(client.get(path, f"resourceUuid={'d' * 32}").json["inventories"]) == 1
