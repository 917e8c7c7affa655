# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of task three times: check mode, the run, the run again."""

from __future__ import annotations

import typing as t

import pytest

from .conftest import reset

CENTER = "ebf96ce1de2c46fa8af9d503c29bb93d"
OTHER_CENTER = "432c5fdd49374bb0a2fd7877f0a877cf"
MODEL = "059d19eb310f36d4a7f43f51eaab87b8"
SERVICE = "d76744cb53f9378abf42b907df3efb6e"
X86_IMAGE = "21cb9f654e9d3feab962ce3f5eec5796"
ARM_IMAGE = "1d919fda666b3bdcb5f4925f1cf17c71"
A100 = "9e1b3d5f7a9c4e0b8d4f6a8c0e2b4d6f"
L40S = "1b3d5f7a9c1e4b2d8f6a8c0e2b4d6f8a"
PATTERN = "6c8e0a2c4e6f4a0b9d3e5c7a9b1d2f4b"

YAML = "services:\n- name: chat\n  ports: [3000]\n  livez: /livez\nenv:\n- key: value\n"
IMAGES = [
    {"cpu_architecture": "X86_64", "vm_image_uuid": X86_IMAGE, "docker_image": "registry.example.com/x86_64/myimage:latest"},
    {"cpu_architecture": "AARCH64", "vm_image_uuid": ARM_IMAGE, "docker_image": "registry.example.com/aarch64/myimage:latest"},
]
# Nothing but what the clone page of the vendor sends.
PAGE_CLONE = {
    "source_service_uuid": SERVICE, "name": "example", "description": "This is an example description.", "size": 0, "gpu_compute_capability": "7.5",
    "start_command": "python start.py", "python_version": "3.8", "system": False, "type": "Endpoint", "yaml": "example-yaml-configuration",
    "framework": "HuggingFace", "request_cpu": 4, "request_memory": 8192, "cpu_architectures": ["X86_64", "AARCH64"], "architecture_images": IMAGES,
}
FULL_CLONE = {
    **PAGE_CLONE, "readme": "# Chat", "install_path": "/opt/chat", "conda_version": "23.7.4", "source": "HuggingFace", "framework": "vLLM",
    "support_distributed": True, "container_command": "/bin/sh", "container_args": "-c start", "yaml": YAML, "size": 4096,
    "vendor_to_spec_uuids_map": {"NVIDIA": [A100, L40S]}, "user_tags": ["env:prod", "team:search"], "system_tags": ["ai::owner::gitops"],
    "tag_uuids": [PATTERN],
}
NEW_MODEL = {
    "name": "qwen3-32b", "model_center": "center-1", "install_path": "file:///models/qwen3-32b", "description": "Chat model", "vendor": "Alibaba",
    "parameters": "32B", "recommended_gpu_num": [4, 2, 2], "gpu_constraint_description": "80 GB each", "model_id": "Qwen/Qwen3-32B",
}
FULL_MODEL = {
    **NEW_MODEL, "logo": "aGVsbG8=", "introduction": "# Qwen", "size": 65536, "version": "1.0", "token": "hf-very-secret-token", "share_mode": "Public",
    "model_service_uuids": [SERVICE], "default_model_service_uuid": SERVICE, "model_classifications": ["Text-Generation"], "user_tags": ["env:prod"],
    "system_tags": ["ai::owner::gitops"], "tag_uuids": [PATTERN],
}

Options = dict[str, t.Any]

# name -> (module, options of the task, options of a task that is run first or None)
CASES: dict[str, tuple[str, Options, Options | None]] = {
    "model page": ("model", {"uuid": MODEL, "name": "example", "vendor": "Alibaba"}, None),
    "model by name": ("model", {"name": "qwen3-32b", "model_center": "center-1", "vendor": "Other"}, NEW_MODEL),
    "model by id": ("model", {"model_id": "Qwen/Qwen3-32B", "name": "renamed"}, NEW_MODEL),
    "model moves": ("model", {"uuid": MODEL, "model_center": "center-2"}, None),
    "model gpu numbers": ("model", {"uuid": MODEL, "recommended_gpu_num": [8, 1]}, None),
    "model classes": ("model", {"uuid": MODEL, "model_classifications": ["AI::Text-Generation", "Others"]}, None),
    "model tags": ("model", {"uuid": MODEL, "user_tags": ["a", "b"], "system_tags": ["ai::owner::x"], "tag_uuids": [PATTERN]}, None),
    "model id": ("model", {"uuid": MODEL, "model_id": "my/model"}, None),
    "model new": ("model", NEW_MODEL, None),
    "model full": ("model", FULL_MODEL, None),
    "model default": ("model", {**NEW_MODEL, "default_model_service": "vllm-base"}, {**NEW_MODEL, "model_service_uuids": [SERVICE]}),
    "model new default": ("model", {**NEW_MODEL, "default_model_service": "vllm-base"}, None),
    "model binds a default": ("model", {**NEW_MODEL, "default_model_service": "vllm-base"}, NEW_MODEL),
    "model binds": ("model", {**NEW_MODEL, "model_service_uuids": [SERVICE]}, NEW_MODEL),
    "model no default": ("model", {**NEW_MODEL, "clear_default_model_service": True},
                         {**NEW_MODEL, "model_service_uuids": [SERVICE], "default_model_service_uuid": SERVICE}),
    "model gone": ("model", {**NEW_MODEL, "state": "absent"}, NEW_MODEL),
    "model never there": ("model", {"name": "nothing", "state": "absent"}, None),
    "model odd name": ("model", {**NEW_MODEL, "name": "o'dd, \"n\\ame\" >= 名字 % _ !~= x"}, None),
    "clone page": ("clone", PAGE_CLONE, None),
    "clone full": ("clone", FULL_CLONE, None),
    "clone by source name": ("clone", {"source_service": "vllm-base", "name": "my-vllm"}, None),
    "clone own uuid": ("clone", {"source_service_uuid": SERVICE, "name": "my-own-vllm", "resource_uuid": "0f1e2d3c4b5a49788695a4b3c2d1e0f1"}, None),
    "clone update": ("clone", {**PAGE_CLONE, "description": "new", "request_cpu": 8, "type": "App", "start_command": "python other.py"}, PAGE_CLONE),
    "clone yaml": ("clone", {**PAGE_CLONE, "yaml": YAML, "description": "and a parameter"}, PAGE_CLONE),
    "clone images": ("clone", {**PAGE_CLONE, "architecture_images": IMAGES[:1], "cpu_architectures": ["x86_64"]}, PAGE_CLONE),
    "clone tags": ("clone", {**PAGE_CLONE, "user_tags": ["x", "y"], "system_tags": ["ai::owner::gitops"], "tag_uuids": [PATTERN]},
                   {**PAGE_CLONE, "user_tags": ["x"]}),
    "clone vendors": ("clone", {**PAGE_CLONE, "vendor_to_spec_uuids_map": {"NVIDIA": [L40S]}}, PAGE_CLONE),
    "clone replace": ("clone", {**PAGE_CLONE, "size": 9, "readme": "new", "on_drift": "replace"}, PAGE_CLONE),
    "clone report": ("clone", {**PAGE_CLONE, "size": 9, "description": "new", "on_drift": "report"}, PAGE_CLONE),
    "clone gone": ("clone", {"name": "example", "state": "absent", "delete_mode": "Enforcing"}, PAGE_CLONE),
    "clone odd name": ("clone", {"source_service_uuid": SERVICE, "name": "a=b>=c 'x', y"}, None),
}
MODULES = {"model": "zstack_ai_model", "clone": "zstack_ai_model_service_clone"}


def _without(options: Options, names: t.Iterable[str]) -> Options:
    return {key: value for key, value in options.items() if key not in names}


@pytest.mark.parametrize("name", CASES)
def test_three_times(collection, simulator, name):
    kind, options, first = CASES[name]
    module = MODULES[kind]
    # Where a deleted object keeps its uuid, a replacement needs a further try; test_exactly_once looks at that.
    simulator.configure(reserve_deleted_uuids=False)
    if first:
        assert collection.task(module, **first)["changed"]
    before = simulator.state()
    mark = len(simulator.log())

    planned = collection.task(module, check=True, **options)
    sent = simulator.log()[mark:]
    assert sent and not [entry for entry in sent if entry["write"]]
    after = simulator.state()
    assert _without(after, ["jobs", "sessions"]) == _without(before, ["jobs", "sessions"])

    done = collection.task(module, **options)
    for key in ("changed", "diff", "steps", "drift", "warnings"):
        assert done[key] == planned[key], key
    writes = [entry["call"] for entry in simulator.log()[mark:] if entry["write"]]
    assert writes == [step["call"] for step in done["steps"]]

    mark = len(simulator.log())
    again = collection.task(module, **options)
    assert again["changed"] is False
    assert again["steps"] == []
    assert again["diff"]["before"] == again["diff"]["after"]
    assert not [entry for entry in simulator.log()[mark:] if entry["write"]]
    assert again[kind if kind == "model" else "model_service"] == done[kind if kind == "model" else "model_service"]
    assert simulator.stats()["sessions"] == 0


def test_expectations_of_the_cases(collection):
    """That the cases do what their names say."""
    changed = {}
    steps = {}
    for name, (kind, options, first) in CASES.items():
        reset(collection.simulator)
        if first:
            collection.task(MODULES[kind], **first)
        result = collection.task(MODULES[kind], check=True, **options)
        changed[name] = result["changed"]
        steps[name] = [step["call"] for step in result["steps"]]
    assert [name for name, value in changed.items() if not value] == ["model never there", "clone report"]
    assert steps["model page"] == ["UpdateModel"]
    assert steps["model new"] == ["AddModel"]
    assert steps["model full"] == ["AddModel", "UpdateModel", "AttachTagToResources"]
    assert steps["model tags"] == ["UpdateModel", "AttachTagToResources"]
    assert steps["model new default"] == ["AddModel"]
    assert steps["model binds a default"] == ["BindModelToService", "UpdateModel"]
    assert steps["model binds"] == ["BindModelToService"]
    assert steps["model gone"] == ["DeleteModel"]
    assert steps["clone page"] == ["CloneModelService"]
    assert steps["clone yaml"] == ["UpdateModelService", "UpdateModelService"]
    assert steps["clone replace"] == ["DeleteModelService", "CloneModelService"]
    assert steps["clone tags"] == ["UpdateModelService", "CreateUserTag", "AttachTagToResources"]


def test_one_put_with_only_the_differing_fields(collection, simulator):
    collection.task("zstack_ai_model", uuid=MODEL, name="example", vendor="Alibaba", description="test model")
    simulator.clear_log()
    collection.task("zstack_ai_model", uuid=MODEL, name="example", vendor="ZStack", description=" test model ")
    writes = simulator.writes()
    assert [entry["body"] for entry in writes] == [{"updateModel": {"vendor": "ZStack"}}]
    assert writes[0]["method"] == "PUT"
    assert writes[0]["path"] == "/v1/ai/models/" + MODEL


def test_what_is_stored_is_what_was_asked(collection, simulator):
    collection.task("zstack_ai_model", **FULL_MODEL)
    collection.task("zstack_ai_model_service_clone", **FULL_CLONE)
    state = simulator.state()
    model = next(row for row in state["models"] if row["name"] == "qwen3-32b")
    assert model["recommendedGpuNum"] == [2, 4]
    assert [ref["modelServiceUuid"] for ref in model["modelServiceRefs"] if ref["isDefault"]] == [SERVICE]
    assert {tag["tag"] for tag in state["user_tags"] if tag["resourceUuid"] == model["uuid"]} >= {"env:prod", "AI::Text-Generation"}
    clone = next(row for row in state["model_services"] if row["name"] == "example")
    assert {image["cpuArchitecture"]: image["vmImageUuid"] for image in clone["modelServiceImages"]} == {"x86_64": X86_IMAGE, "aarch64": ARM_IMAGE}
    assert clone["vendorToSpecUuidsMap"] == {"NVIDIA": [A100, L40S]}
    assert clone["readme"] == "# Chat"
