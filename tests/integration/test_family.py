# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind from the model center to the endpoint, through its whole life: create, again, change, check mode, delete, delete again."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.tests.integration.conftest import Collection

CENTER, SERVICE, MODEL = "center-1", "vllm-base", "qwen2.5-7b"
CENTER_UUID, SERVICE_UUID = "ebf96ce1de2c46fa8af9d503c29bb93d", "d76744cb53f9378abf42b907df3efb6e"
SYSTEM_NETWORK = "3e5c7a9b1d2f4b6c8e0a2c4e6f8a0b1d"


@dataclasses.dataclass(frozen=True)
class Life:
    """A kind with all options of a creation, and for each that can change: another value and what the update sends.

    :param given: the options of the task.
    :param sent: the body of the creation, without ``resourceUuid``.
    :param changes: option to (new value, part of the update's body).
    :param deletes: the name of the deleting call.
    """

    module: str
    call: str
    wrapper: str
    given: dict[str, t.Any]
    sent: dict[str, t.Any]
    update: str
    update_wrapper: str
    changes: dict[str, tuple[t.Any, dict[str, t.Any]]]
    deletes: str

    @property
    def identity(self) -> dict[str, t.Any]:
        """The options that identify the object."""
        key = "name" if "name" in self.given else "proxy_host"
        return {key: self.given[key]}


LIVES = [
    Life(
        "zstack_ai_model_center", "AddModelCenter", "param",
        {"name": "edge", "url": "http://192.0.2.50:8000", "description": "at the edge", "parameters": "p", "management_ip": "192.0.2.50",
         "management_port": 8080, "storage_network": "service-network", "service_network": "service-network", "container_registry": "registry.example.com",
         "container_network": "net-a", "container_storage_network": "net-b"},
        {"name": "edge", "url": "http://192.0.2.50:8000", "description": "at the edge", "parameters": "p", "managementIp": "192.0.2.50",
         "managementPort": 8080, "storageNetworkUuid": SYSTEM_NETWORK, "serviceNetworkUuid": SYSTEM_NETWORK, "containerRegistry": "registry.example.com",
         "containerNetwork": "net-a", "containerStorageNetwork": "net-b"},
        "UpdateModelCenter", "updateModelCenter",
        {"url": ("http://192.0.2.51:8000", {"url": "http://192.0.2.51:8000"}), "description": ("moved", {"description": "moved"}),
         "parameters": ("q", {"parameters": "q"}), "management_ip": ("192.0.2.51", {"managementIp": "192.0.2.51"}),
         "management_port": (9090, {"managementPort": 9090}), "container_registry": ("r2.example.com", {"containerRegistry": "r2.example.com"}),
         "container_network": ("net-c", {"containerNetwork": "net-c"}), "container_storage_network": ("net-d", {"containerStorageNetwork": "net-d"})},
        "DeleteModelCenter"),
    Life(
        "zstack_ai_model_service", "AddModelService", "param",
        {"name": "own", "yaml": "services:\n- name: own\n", "model_center": CENTER, "request_cpu": 2, "request_memory": 4096, "install_path": "/services/own",
         "start_command": "serve", "description": "d", "gpu_compute_capability": "8.0", "container_command": "c", "container_args": "a",
         "python_version": "3.11", "conda_version": "24.1", "type": "Endpoint", "source": "Other", "framework": "vLLM", "models": [MODEL],
         "architecture_images": [{"cpu_architecture": "X86_64", "docker_image": "registry.example.com/own:1"}], "support_distributed": True,
         "vendor_to_spec_uuids_map": {"NVIDIA": ["9e1b3d5f7a9c4e0b8d4f6a8c0e2b4d6f"]}},
        {"name": "own", "yaml": "services:\n- name: own", "modelCenterUuid": CENTER_UUID, "requestCpu": 2, "requestMemory": 4096,
         "installPath": "/services/own", "startCommand": "serve", "description": "d", "gpuComputeCapability": "8.0", "containerCommand": "c",
         "containerArgs": "a", "pythonVersion": "3.11", "condaVersion": "24.1", "type": "Endpoint", "source": "Other", "framework": "vLLM",
         "modelUuids": ["059d19eb310f36d4a7f43f51eaab87b8"],
         "architectureImages": [{"cpuArchitecture": "X86_64", "dockerImage": "registry.example.com/own:1"}], "supportDistributed": True,
         "vendorToSpecUuidsMap": {"NVIDIA": ["9e1b3d5f7a9c4e0b8d4f6a8c0e2b4d6f"]}},
        "UpdateModelService", "updateModelService",
        {"description": ("e", {"description": "e"}), "request_cpu": (4, {"requestCpu": 4}), "request_memory": (8192, {"requestMemory": 8192}),
         "yaml": ("services:\n- name: other\n", {"yaml": "services:\n- name: other"}), "gpu_compute_capability": ("9.0", {"gpuComputeCapability": "9.0"}),
         "start_command": ("serve --fast", {"startCommand": "serve --fast"}), "container_command": ("x", {"containerCommand": "x"}),
         "container_args": ("b", {"containerArgs": "b"}), "python_version": ("3.12", {"pythonVersion": "3.12"}), "type": ("App", {"type": "App"}),
         "source": ("HuggingFace", {"source": "HuggingFace"}), "framework": ("Other", {"framework": "Other"}),
         "architecture_images": (
             [{"cpu_architecture": "x86_64", "docker_image": "registry.example.com/own:2"}],
             {"architectureImages": [{"cpuArchitecture": "x86_64", "dockerImage": "registry.example.com/own:2"}]}),
         "support_distributed": (False, {"supportDistributed": False}),
         "vendor_to_spec_uuids_map": (
             {"Huawei": ["3d5f7a9c1e3b4d4f8a8c0e2b4d6f8a0c"]}, {"vendorToSpecUuidsMap": {"Huawei": ["3d5f7a9c1e3b4d4f8a8c0e2b4d6f8a0c"]}})},
        "DeleteModelService"),
    Life(
        "zstack_ai_dataset", "CreateDataset", "params",
        {"name": "news", "description": "d", "url": "http://192.0.2.60/news.jsonl", "model_center": CENTER, "usage_scenarios": ["ModelEval", "FineTune"],
         "data_type": "Text", "token": "a-secret-token"},
        {"name": "news", "description": "d", "url": "http://192.0.2.60/news.jsonl", "modelCenterUuid": CENTER_UUID, "token": "***"},
        "UpdateDataset", "updateDataset",
        {"description": ("e", {"description": "e"}), "usage_scenarios": (["ModelEval"], {"usageScenarios": ["ModelEval"]}),
         "data_type": ("Image", {"dataType": "Image"})},
        "DeleteDataset"),
    Life(
        "zstack_ai_user_proxy_config", "CreateUserProxyConfig", "params",
        {"proxy_host": "proxy.example.com", "proxy_port": 3128, "proxy_type": "HTTP", "proxy_username": "aios", "proxy_password": "a-secret-password",
         "is_enabled": True, "proxy_protocol_version": "1.1", "use_ssl": False, "no_proxy": "localhost"},
        {"proxyHost": "proxy.example.com", "proxyPort": 3128, "proxyType": "HTTP", "proxyUsername": "aios", "proxyPassword": "***",
         "isEnabled": True, "proxyProtocolVersion": "1.1", "useSsl": False, "noProxy": "localhost"},
        "UpdateUserProxyConfig", "updateUserProxyConfig",
        {"proxy_type": ("SOCKS5", {"proxyType": "SOCKS5"}), "proxy_username": ("", {"proxyUsername": ""}), "is_enabled": (False, {"isEnabled": False}),
         "proxy_protocol_version": ("5", {"proxyProtocolVersion": "5"}), "use_ssl": (True, {"useSsl": True}), "no_proxy": ("", {"noProxy": ""})},
        "DeleteUserProxyConfig"),
]


def last_write(collection: Collection) -> dict[str, t.Any]:
    """Return the last write that the server got."""
    return collection.simulator.writes()[-1]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.module)
def test_the_life_of_an_object(collection: Collection, life: Life) -> None:
    def task(check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        return collection.task(life.module, check, **options)

    predicted = task(True, **life.given)
    assert predicted["changed"] and not collection.simulator.writes()
    result = task(**life.given)
    assert (result["changed"], result["diff"], result["steps"]) == (True, predicted["diff"], predicted["steps"])
    creation = collection.simulator.writes()[0]
    assert creation["call"] == life.call
    body = creation["body"][life.wrapper]
    assert {key: value for key, value in body.items() if key != "resourceUuid"} == life.sent and len(body["resourceUuid"]) == 32
    kind = next(key for key in result if key.startswith(("model", "dataset", "user_proxy")))
    assert result[kind]["uuid"] == predicted[kind]["uuid"]

    count = len(collection.simulator.writes())
    again = task(**life.given)
    assert (again["changed"], again["steps"]) == (False, []) and again["diff"]["before"] == again["diff"]["after"]
    assert len(collection.simulator.writes()) == count

    for option, (value, sent) in life.changes.items():
        options = {**life.given, option: value}
        foreseen = task(True, **options)
        assert len(collection.simulator.writes()) == count, option
        changed = task(**options)
        assert (changed["changed"], changed["diff"], changed["steps"]) == (True, foreseen["diff"], foreseen["steps"]), option
        assert changed["steps"] == [{"call": life.update, "method": "PUT", "path": changed["steps"][0]["path"], "fields": [option]}], option
        assert last_write(collection)["body"] == {life.update_wrapper: sent}, option
        assert not task(**options)["changed"], option
        task(**life.given)
        count = len(collection.simulator.writes())

    foreseen = task(True, state="absent", **life.identity)
    assert foreseen["changed"] and len(collection.simulator.writes()) == count
    gone = task(state="absent", **life.identity)
    assert (gone["changed"], gone["steps"], gone[kind]) == (True, foreseen["steps"], None) and last_write(collection)["call"] == life.deletes
    count = len(collection.simulator.writes())
    assert not task(state="absent", **life.identity)["changed"] and len(collection.simulator.writes()) == count
    assert collection.simulator.stats()["sessions"] == 0


def test_a_center_with_content_is_not_deleted_unless_enforced(collection: Collection) -> None:
    for check in (True, False):
        with pytest.raises(Failure, match="would delete with it: model '.*delete_mode to Enforcing"):
            collection.task("zstack_ai_model_center", check, state="absent", name=CENTER)
    assert not collection.simulator.writes()


def test_a_refused_deletion_names_what_uses_the_object(collection: Collection) -> None:
    group = {"name": "g", "model_service": "diffusers-base", "zone": "zone-1", "type": "Container", "docker_image": "i", "cpu_num": 1, "memory_size": 1}
    collection.task("zstack_ai_model_service_group", **group)
    with pytest.raises(Failure, match="It is used by: model service group 'g'"):
        collection.task("zstack_ai_model_service", state="absent", name="diffusers-base")


def test_scenarios_and_data_type_of_a_dataset_travel_as_system_tags(collection: Collection) -> None:
    collection.task("zstack_ai_dataset", **LIVES[2].given, system_tags=["ai::own::tag"])
    assert collection.simulator.writes()[0]["body"]["systemTags"] == [
        "dataset::usage::scenarios::ModelEval", "dataset::usage::scenarios::FineTune", "dataset::datatype::Text", "ai::own::tag"]
    with pytest.raises(OptionError, match="^usage_scenarios: 'None' is not one of"):
        collection.task("zstack_ai_dataset", name="x", usage_scenarios=["None"])


@pytest.mark.parametrize("passwords", ["shown", "masked", "hidden"])
def test_the_password_of_a_proxy_is_changed_once_however_the_server_shows_it(collection: Collection, passwords: str) -> None:
    collection.simulator.control("PUT", "config", {"passwords": passwords})
    given = {**LIVES[3].given, "proxy_password": "first-password"}

    def task(check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        result = collection.task("zstack_ai_user_proxy_config", check, **{**given, **options})
        assert "first-password" not in str(result["diff"]) and "second-password" not in str(result["diff"])
        return result

    assert task()["changed"] and not task()["changed"]
    predicted = task(True, proxy_password="second-password")
    changed = task(proxy_password="second-password")
    assert (changed["changed"], changed["diff"], changed["steps"]) == (True, predicted["diff"], predicted["steps"])
    assert [step["fields"] for step in changed["steps"] if step["call"] == "UpdateUserProxyConfig"] == [["proxy_password"]]
    again = task(proxy_password="second-password")
    assert (again["changed"], again["warnings"]) == (False, [])
    collection.simulator.control("PUT", "config", {"passwords": "shown"})
    assert collection.simulator.state()["user_proxy_configs"][0]["proxyPassword"] == "second-password"


def test_a_proxy_is_found_by_host_and_port_and_named_in_messages(collection: Collection) -> None:
    given = LIVES[3].given
    first = collection.task("zstack_ai_user_proxy_config", **given)["user_proxy_config"]["uuid"]
    second = collection.task("zstack_ai_user_proxy_config", **{**given, "proxy_port": 3129})["user_proxy_config"]["uuid"]
    assert first != second
    with pytest.raises(Failure, match="2 user proxy configurations are named 'proxy.example.com': port 3128(, created [^()]+)? .uuid %s" % first):
        collection.task("zstack_ai_user_proxy_config", proxy_host="proxy.example.com", is_enabled=False)
    moved = collection.task("zstack_ai_user_proxy_config", uuid=second, proxy_port=8080)
    assert moved["diff"] == {"before": {"proxy_port": 3129}, "after": {"proxy_port": 8080}}
    with pytest.raises(Failure, match="but there is 'proxy.example.com'"):
        collection.task("zstack_ai_user_proxy_config", **given, uuid="5f1d0a6c3b2e4f7a9c8d1e2f3a4b5c6d")
    gone = collection.task("zstack_ai_user_proxy_config", uuid=second, state="absent")
    assert gone["diff"] == {"before": {"uuid": second, "proxy_host": "proxy.example.com"}, "after": {}}
    assert [row["uuid"] for row in collection.simulator.state()["user_proxy_configs"]] == [first]
