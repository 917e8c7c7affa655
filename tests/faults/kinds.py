# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task of each kind with two values for everything that it manages, and what the server then holds, written by hand from the AI API page.

It shares nothing with the tables of the collection, so what the collection reports is compared with something else than itself.
"""
from __future__ import annotations

import dataclasses
import json
import typing as t

from simulator.kinds import KINDS as SIMULATED
from simulator.world import World

CENTER = "ebf96ce1de2c46fa8af9d503c29bb93d"
VLLM = "d76744cb53f9378abf42b907df3efb6e"
EVAL_SERVICE = {"uuid": "0a1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d", "name": "eval-base", "type": "ModelEval", "modelCenterUuid": CENTER}
QUESTIONS = {"uuid": "7d3c2b1a0f9e4d8c9b7a6f5e4d3c2b1a", "name": "questions", "modelCenterUuid": CENTER, "url": "http://192.0.2.60/q",
             "usageScenarios": ["ModelEval"], "dataType": "Text"}
SEED = {"model_services": [EVAL_SERVICE], "datasets": [QUESTIONS]}
# What the user wants: one value or the other, or nothing.
A, B, ABSENT, NONE = "a", "b", "absent", "none"
GROUPS = "/v1/ai/model-services/instances/groups"

Options = dict[str, t.Any]
Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of object.

    :param module: the module's name; `rows` is the kind's name in the simulator.
    :param given: the options that every task has.
    :param values: A and B: the options that differ.
    :param shows: A and B: what the inventory then shows.
    :param tags: A and B: user tags that the object then has.
    :param delete: the path of the deleting call.
    :param droppable: parameters that a server may silently ignore.
    :param foreign: method, path and body of an update by somebody else, of a field that no task manages; `foreign_shows` is what it leads to.
    :param catalog: the key of a catalog, empty for a kind that no catalog has.
    """

    module: str
    rows: str
    given: Options
    values: dict[str, Options]
    shows: dict[str, Row]
    delete: str
    droppable: list[str]
    tags: dict[str, set[str]] = dataclasses.field(default_factory=lambda: {A: set(), B: set()})
    foreign: tuple[str, str, dict[str, t.Any]] | None = None
    foreign_shows: Row = dataclasses.field(default_factory=dict)
    catalog: str = ""
    # The option and the column by which an object is found.
    key: tuple[str, str] = ("name", "name")

    @property
    def vo(self) -> str:
        """The type of the object in tags."""
        return str(SIMULATED[self.rows].vo)

    @property
    def name(self) -> str:
        """The name of the object."""
        return str(self.given[self.key[0]])

    def task(self, want: str) -> Options:
        """Return the options of a task."""
        if want == ABSENT:
            return {self.key[0]: self.name, "state": "absent"}
        return {**self.given, **self.values[want], "state": "present"}


def images(tag: str) -> list[Row]:
    """Return the images of a service, as an option."""
    return [{"cpu_architecture": "X86_64", "docker_image": "registry.example.com/own:" + tag}]


PROBES = {A: "/livez", B: "/alive"}
KINDS: dict[str, Kind] = {
    "model_center": Kind(
        "zstack_ai_model_center", "model_centers",
        {"name": "edge", "management_ip": "192.0.2.50", "management_port": 8080, "storage_network": "service-network", "service_network": "service-network"},
        {A: {"url": "http://192.0.2.50:8000", "description": "at the edge"}, B: {"url": "http://192.0.2.51:8000", "description": "moved"}},
        {A: {"url": "http://192.0.2.50:8000", "description": "at the edge"}, B: {"url": "http://192.0.2.51:8000", "description": "moved"}},
        "/v1/ai/model-centers/{uuid}", ["description"],
        foreign=("PUT", "/v1/ai/model-centers/{uuid}", {"updateModelCenter": {"parameters": "theirs"}}),
        foreign_shows={"parameters": "theirs"}, catalog="model_centers"),
    "model": Kind(
        "zstack_ai_model", "models",
        {"name": "qwen3-32b", "model_id": "Qwen/Qwen3-32B", "model_center": "center-1", "install_path": "file:///models/qwen3-32b"},
        {A: {"vendor": "Alibaba", "recommended_gpu_num": [2, 4], "model_classifications": ["Text-Generation"], "user_tags": ["stage:a"],
             "default_model_service": "vllm-base"},
         B: {"vendor": "Qwen", "recommended_gpu_num": [8], "model_classifications": ["Others"], "user_tags": ["stage:b"],
             "default_model_service": "diffusers-base"}},
        {A: {"vendor": "Alibaba", "recommendedGpuNum": [2, 4]}, B: {"vendor": "Qwen", "recommendedGpuNum": [8]}},
        "/v1/ai/models/{uuid}", ["vendor", "userTags"], {A: {"stage:a", "AI::Text-Generation"}, B: {"stage:b", "AI::Others"}},
        foreign=("PUT", "/v1/ai/models/{uuid}", {"updateModel": {"gpuConstraintDescription": "theirs"}}),
        foreign_shows={"gpuConstraintDescription": "theirs"}, catalog="models"),
    "model_service": Kind(
        "zstack_ai_model_service", "model_services",
        {"name": "own", "model_center": "center-1", "install_path": "/services/own", "type": "Endpoint", "framework": "vLLM",
         "request_memory": 4096, "start_command": "serve"},
        {A: {"yaml": "services:\n- name: a\n", "request_cpu": 2, "description": "a", "architecture_images": images("1")},
         B: {"yaml": "services:\n- name: b\n", "request_cpu": 4, "description": "b", "architecture_images": images("2")}},
        {A: {"yaml": "services:\n- name: a", "requestCpu": 2, "description": "a"}, B: {"yaml": "services:\n- name: b", "requestCpu": 4, "description": "b"}},
        "/v1/ai/model-services/{uuid}", ["requestCpu", "yaml"],
        foreign=("PUT", "/v1/ai/model-services/{uuid}", {"updateModelService": {"pythonVersion": "3.12"}}),
        foreign_shows={"pythonVersion": "3.12"}, catalog="model_services"),
    "clone": Kind(
        "zstack_ai_model_service_clone", "model_services",
        {"name": "chat-prod", "source_service": "vllm-base", "size": 0, "system": False},
        {A: {"yaml": "services:\n- name: a\n", "request_cpu": 2, "start_command": "serve a", "user_tags": ["stage:a"], "architecture_images": images("1")},
         B: {"yaml": "services:\n- name: b\n", "request_cpu": 4, "start_command": "serve b", "user_tags": ["stage:b"], "architecture_images": images("2")}},
        {A: {"yaml": "services:\n- name: a", "requestCpu": 2, "startCommand": "serve a", "readme": "# vLLM"},
         B: {"yaml": "services:\n- name: b", "requestCpu": 4, "startCommand": "serve b", "readme": "# vLLM"}},
        "/v1/ai/model-services/{uuid}", ["requestCpu", "yaml"], {A: {"stage:a"}, B: {"stage:b"}},
        foreign=("PUT", "/v1/ai/model-services/{uuid}", {"updateModelService": {"description": "theirs"}}),
        foreign_shows={"description": "theirs"}, catalog="model_service_clones"),
    "dataset": Kind(
        "zstack_ai_dataset", "datasets",
        {"name": "news", "url": "http://192.0.2.60/news.jsonl", "model_center": "center-1"},
        {A: {"description": "a", "usage_scenarios": ["ModelEval", "FineTune"], "data_type": "Text"},
         B: {"description": "b", "usage_scenarios": ["ModelEval"], "data_type": "Image"}},
        {A: {"description": "a"}, B: {"description": "b"}}, "/v1/ai/datasets/{uuid}", ["description"], catalog="datasets"),
    "group": Kind(
        "zstack_ai_model_service_group", "instance_groups",
        {"name": "chat", "model_service": "vllm-base", "model": "qwen2.5-7b", "zone": "zone-1", "type": "Container", "docker_image": "i:1", "cpu_num": 4,
         "memory_size": 4096, "restart": "on_change"},
        {A: {"description": "a", "environment_variables": {"TOKEN": "secret-a"}, "service_livez": PROBES[A]},
         B: {"description": "b", "environment_variables": {"TOKEN": "secret-b"}, "service_livez": PROBES[B]}},
        {A: {"description": "a", "status": "Running"}, B: {"description": "b", "status": "Running"}},
        GROUPS + "/{uuid}", ["description"], catalog="model_service_groups"),
    "evaluation": Kind(
        "zstack_ai_model_evaluation", "model_evaluation_tasks",
        {"name": "release-7", "model_service": "eval-base", "model": "qwen2.5-7b", "datasets": ["questions"], "zone": "zone-1", "type": "Container",
         "docker_image": "registry.example.com/eval:1", "l3_networks": ["inference-network"], "task_type": "Capability", "limits": 10},
        {A: {"description": "a"}, B: {"description": "b"}},
        {A: {"description": "a", "status": "Completed", "totalScore": 85.0}, B: {"description": "b", "status": "Completed", "totalScore": 85.0}},
        "/v1/model-evaluation-tasks/{uuid}", ["description"], catalog="model_evaluations"),
    "user_proxy_config": Kind(
        "zstack_ai_user_proxy_config", "user_proxy_configs",
        {"proxy_host": "proxy.example.com", "proxy_port": 3128, "proxy_type": "HTTP"},
        {A: {"proxy_username": "a", "proxy_password": "secret-a", "no_proxy": "localhost", "is_enabled": True, "user_tags": ["stage:a"]},
         B: {"proxy_username": "b", "proxy_password": "secret-b", "no_proxy": "registry.example.com", "is_enabled": False, "user_tags": ["stage:b"]}},
        {A: {"proxyUsername": "a", "noProxy": "localhost", "isEnabled": True},
         B: {"proxyUsername": "b", "noProxy": "registry.example.com", "isEnabled": False}},
        "/v1/user-proxy-configs/{uuid}", ["proxyUsername", "noProxy"], {A: {"stage:a"}, B: {"stage:b"}},
        foreign=("PUT", "/v1/user-proxy-configs/{uuid}", {"updateUserProxyConfig": {"proxyProtocolVersion": "theirs"}}),
        foreign_shows={"proxyProtocolVersion": "theirs"}, key=("proxy_host", "proxyHost")),
}


def objects(world: World, kind: Kind) -> list[Row]:
    """Return what is stored of the kind's object: one row, none, or duplicates."""
    found = [world.renderer.inventory(kind.rows, row) for row in world.store.all(kind.rows) if row.get(kind.key[1]) == kind.name]
    return found


def differences(world: World, kind: Kind, want: str) -> list[str]:
    """Return what the stored object has other than the task wants, as text; nothing if it is right."""
    rows = objects(world, kind)
    if want == ABSENT:
        return ["it exists"] if rows else []
    if len(rows) != 1:
        return ["%d objects" % len(rows)]
    row = rows[0]
    problems = ["%s is %r" % (key, row.get(key)) for key, value in kind.shows[want].items() if row.get(key) != value]
    have = {tag["tag"] for tag in world.store.find("user_tags", "resourceUuid", row["uuid"])}
    problems += ["no tag %s" % tag for tag in sorted(kind.tags[want] - have)]
    return problems + SPECIAL.get(kind.module, lambda *unused: [])(world, row, want, kind)


def _model(world: World, row: Row, want: str, kind: Kind) -> list[str]:
    default = [ref["modelServiceUuid"] for ref in row.get("modelServiceRefs") or [] if ref.get("isDefault")]
    name = kind.values[want]["default_model_service"]
    services = [world.store.get("model_services", uuid)["name"] for uuid in default]
    classes = {tag["tag"] for tag in world.store.find("user_tags", "resourceUuid", row["uuid"]) if tag["tag"].startswith("AI::")}
    return (["default service is %s" % services] if services != [name] else []) + (
        ["classes are %s" % sorted(classes)] if classes != {tag for tag in kind.tags[want] if tag.startswith("AI::")} else [])


def _images(unused: World, row: Row, want: str, kind: Kind) -> list[str]:
    found = [image.get("dockerImage") for image in row.get("modelServiceImages") or []]
    return [] if found == [kind.values[want]["architecture_images"][0]["docker_image"]] else ["images are %s" % found]


def _group(world: World, row: Row, want: str, kind: Kind) -> list[str]:
    settings = world.store.get(kind.rows, row["uuid"]).get("_settings") or {}
    problems = []
    if settings.get("environmentVariables") != kind.values[want]["environment_variables"]:
        problems.append("environment is %s" % json.dumps(settings.get("environmentVariables")))
    if settings.get("serviceLivez") != PROBES[want]:
        problems.append("livez is %s" % settings.get("serviceLivez"))
    return problems


def _user_proxy_config(world: World, row: Row, want: str, kind: Kind) -> list[str]:
    stored = world.store.get(kind.rows, row["uuid"]).get("proxyPassword")
    return [] if stored == kind.values[want]["proxy_password"] else ["password is %s" % stored]


def _dataset(world: World, row: Row, want: str, kind: Kind) -> list[str]:
    values = kind.values[want]
    wanted = {"dataset::datatype::" + values["data_type"], *("dataset::usage::scenarios::" + text for text in values["usage_scenarios"])}
    have = {tag["tag"] for tag in world.store.find("system_tags", "resourceUuid", row["uuid"])}
    return [] if wanted == have else ["system tags are %s" % sorted(have)]


SPECIAL = {"zstack_ai_dataset": _dataset, "zstack_ai_model": _model, "zstack_ai_model_service": _images, "zstack_ai_model_service_clone": _images,
           "zstack_ai_model_service_group": _group, "zstack_ai_user_proxy_config": _user_proxy_config}
