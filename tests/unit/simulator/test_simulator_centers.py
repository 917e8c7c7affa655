# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model center calls, and what every deletion has in common."""
from __future__ import annotations

import pytest

CENTERS = "/v1/ai/model-centers"
SERVICES = "/v1/ai/model-services"
GROUPS = "/v1/ai/model-services/instances/groups"
NETWORK = "3e5c7a9b1d2f4b6c8e0a2c4e6f8a0b1d"
BODY = {"name": "c", "url": "http://192.0.2.1", "managementIp": "192.0.2.1", "managementPort": 22}


@pytest.fixture(name="add")
def add_fixture(client):
    """Add a model center."""
    def add(**params):
        return client.do("POST", CENTERS, {"param": {**BODY, **params}})
    return add


@pytest.fixture(name="update")
def update_fixture(client, ids):
    """Change the first model center of the demo seed."""
    def update(**params):
        return client.do("PUT", f"{CENTERS}/{ids.center}", {"updateModelCenter": params})
    return update


def test_every_parameter_is_read_back(add, update):
    values = {"description": "d", "parameters": "p", "storageNetworkUuid": NETWORK, "serviceNetworkUuid": NETWORK, "containerRegistry": "r",
              "containerNetwork": "n", "containerStorageNetwork": "s"}
    center = add(**values).inventory
    assert {name: center[name] for name in {**BODY, **values}} == {**BODY, **values}
    changed = {**{name: value + "2" for name, value in values.items() if "Uuid" not in name}, "name": "e", "url": "http://192.0.2.2",
               "managementIp": "192.0.2.2", "managementPort": 23}
    center = update(**changed).inventory
    assert {name: center[name] for name in changed} == changed


@pytest.mark.parametrize("name", list(BODY))
def test_required(add, name):
    answer = add(**{name: None})
    assert answer.code == "SYS.1007" and f"field[{name}]" in answer.details


@pytest.mark.parametrize("name", ["name", "url", "description", "parameters"])
def test_limits_of_the_update(update, name):
    assert f"field[{name}]" in update(**{name: "x" * 256}).details


def test_columns_are_shorter_than_the_limits(add, update, client):
    assert update(name="x" * 128).status == 200
    assert update(name="x" * 129).code == add(name="x" * 129).code == add(description="x" * 2049).code == "SYS.1000"
    assert sorted(len(name) for name in client.names(CENTERS)) == [8, 128]


def test_networks(sim, add, update):
    sim.configure(dialect="diagnostic")
    sim.seed({"l3_networks": [{"uuid": "a" * 32, "name": "user-network"}]})
    for call in (add, update):
        assert call(serviceNetworkUuid="a" * 32).json["error"]["globalErrorCode"] == "ORG_ZSTACK_AI_10026"
        assert call(storageNetworkUuid="a" * 32).json["error"]["globalErrorCode"] == "ORG_ZSTACK_AI_10027"
        assert call(serviceNetworkUuid="b" * 32).code == "SYS.1003"


def test_versions(sim, add):
    sim.configure(server_version="5.1.8")
    assert "containerStorageNetwork" not in add(containerStorageNetwork="s").inventory
    sim.configure(server_version="5.5.38")
    assert "field[zoneUuid]" in add().details
    zone = sim.state()["zones"][0]["uuid"]
    assert "zoneUuid" not in add(zoneUuid=zone).inventory


def test_other_accounts(sim, make_client, ids):
    guest = make_client(sim)
    guest.login("guest", "guest-password")
    path = f"{CENTERS}/{ids.center}"
    assert guest.do("PUT", path, {"updateModelCenter": {"name": "mine"}}).code == "ID.1002"
    assert guest.do("DELETE", path).code == "ID.1002"
    assert guest.do("DELETE", f"{SERVICES}/{ids.other_service}").code == "ID.1002"
    sim.seed({"instance_groups": [{"uuid": "b" * 32, "name": "g", "modelServiceUuid": ids.service}]})
    assert guest.do("PUT", "/v1/model-service-instance-groups", {"restartModelServiceGroups": {"uuids": ["b" * 32]}}).code == "ID.1002"
    assert guest.do("POST", f"{SERVICES}/{ids.service}", {"params": {"name": "copy"}}).inventory["name"] == "copy"


def test_unknown_objects(client):
    nobody = "0" * 32
    assert client.do("PUT", f"{CENTERS}/{nobody}", {"updateModelCenter": {"name": "x"}}).code == "SYS.1003"
    assert client.do("DELETE", f"{CENTERS}/{nobody}").text == "{}"
    assert client.do("DELETE", f"{CENTERS}/nonsense").code == "SYS.1003"


def test_objects_in_use_are_kept_unless_enforcing(client, sim, ids):
    sim.configure(dialect="diagnostic")
    sim.seed({"instance_groups": [{"uuid": "b" * 32, "name": "g", "modelServiceUuid": ids.other_service, "modelUuid": ids.model}]})
    for path, code in ((f"{SERVICES}/{ids.other_service}", 10086), (f"/v1/ai/models/{ids.model}", 10082)):
        answer = client.do("DELETE", path)
        assert answer.json["error"]["globalErrorCode"] == f"ORG_ZSTACK_AI_{code}" and "in use by instance groups" in answer.details
        assert client.do("DELETE", path, {"deleteMode": "Enforcing"}).status == 503, "a body is no place for deleteMode"
        assert client.do("DELETE", path, params={"deleteMode": "Enforcing"}).text == "{}"
    group = client.get(f"{GROUPS}/{'b' * 32}").json["inventories"][0]
    assert "modelServiceUuid" not in group and "modelUuid" not in group


def test_objects_of_the_platform_are_kept_even_when_enforcing(client, ids):
    answer = client.do("DELETE", f"{SERVICES}/{ids.service}", params={"deleteMode": "Enforcing"})
    assert "system model service" in answer.details


def test_a_dry_run_makes_the_checks_of_a_deletion(client, sim, ids):
    sim.seed({"instance_groups": [{"name": "g", "modelServiceUuid": ids.other_service}]})
    assert "in use" in client.do("DELETE", f"{SERVICES}/{ids.other_service}", params={"systemTags": "validationOnly"}).details
    assert client.do("DELETE", f"{CENTERS}/{ids.center}", params={"systemTags": "validationOnly"}).text == "{}"
    assert "center-1" in client.names(CENTERS)
