# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server would hold for every option of both tables, written by hand from the AI API page (sections 3 and 4).

It shares nothing with the tables, so that a field that reads back or compares wrongly is found.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed, Resource

UUID = "0f1e2d3c4b5a49788695a4b3c2d1e0f1"
CENTER = "1c1c2d3c4b5a49788695a4b3c2d1e0f1"
SOURCE = "2b2b2d3c4b5a49788695a4b3c2d1e0f1"
ONE, TWO = "3a3a2d3c4b5a49788695a4b3c2d1e0f1", "4a4a2d3c4b5a49788695a4b3c2d1e0f1"

Shown = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Sample:
    """Two values of an option that differ, and how they travel.

    :param one: what the object has.
    :param two: what else the user may want.
    :param api: the parameter's name.
    :param sent: the parameter's value for ``two``; the value itself when None.
    :param shows: the part of inventory and tags that shows a value; None when nothing does.
    :param update: whether an update can bring about ``two``: ``params``, ``root`` (beside the wrapper), ``attach`` (calls of its own) or nothing.
    :param create: the same for the creating call.
    """

    one: t.Any
    two: t.Any
    api: str
    shows: t.Callable[[t.Any], Shown] | None
    sent: t.Any = None
    update: str = "params"
    create: str = "params"


def key(name: str) -> t.Callable[[t.Any], Shown]:
    """Shown under a key of the inventory as it is."""
    return lambda value: {name: value}


def text(api: str, one: str = "a text", two: str = "another text", **more: t.Any) -> Sample:
    """Return a text that the inventory shows as it is."""
    return Sample(one, two, api, key(api), **more)


def user_tags(texts: t.Iterable[str]) -> Shown:
    """Tags of free text."""
    return {"user_tags": [{"uuid": "t", "tag": tag, "type": "User"} for tag in texts]}


def classes(names: t.Iterable[str]) -> Shown:
    """Classes: user tags that a tag pattern of the platform made."""
    return {"user_tags": [{"tag": "AI::" + name, "tagPatternUuid": "p" + name, "tagPattern": {"name": "AI::" + name}} for name in names]}


def patterns(uuids: t.Iterable[str]) -> Shown:
    """Tag patterns: user tags with the pattern's value."""
    return {"user_tags": [{"tag": "value of " + uuid, "tagPatternUuid": uuid, "tagPattern": {"name": "env"}} for uuid in uuids]}


def system_tags(texts: t.Iterable[str]) -> Shown:
    """System tags."""
    return {"system_tags": [{"tag": tag, "type": "System"} for tag in texts]}


def bound(uuids: t.Iterable[str], default: bool = False) -> Shown:
    """Services that are bound to a model."""
    return {"modelServiceRefs": [{"uuid": "r", "modelServiceUuid": uuid, "isDefault": default} for uuid in uuids]}


def images(records: t.Sequence[dict[str, str]]) -> Shown:
    """Images of a service, with the keys of the answer and in lower case."""
    names = {"cpu_architecture": "cpuArchitecture", "vm_image_uuid": "vmImageUuid", "docker_image": "dockerImage"}
    rows = [{names[name]: value for name, value in record.items()} for record in records]
    return {"modelServiceImages": [{**row, "uuid": "i", "cpuArchitecture": row["cpuArchitecture"].lower(),
                                    "createDate": "Nov 25, 2025"} for row in rows]}


TAGS = {
    "system_tags": Sample(["st::1"], ["st::2", "st::1"], "systemTags", system_tags, sent=["st::2"], update="root", create="root"),
    "tag_uuids": Sample([ONE], [ONE, TWO], "tagUuids", patterns, update="attach", create="attach"),
}

MODEL_SAMPLES: dict[str, Sample] = {
    "name": text("name"),
    "install_path": text("installPath"),
    "description": text("description"),
    "vendor": text("vendor"),
    "parameters": text("parameters"),
    "model_center_uuid": text("modelCenterUuid", CENTER, ONE),
    "model_classifications": Sample(["Text-Generation"], ["Others"], "modelClassifications", classes, create=""),
    "recommended_gpu_num": Sample([1, 2], [8, 4], "recommendedGpuNum", key("recommendedGpuNum"), sent="4,8"),
    "gpu_constraint_description": text("gpuConstraintDescription"),
    "model_id": text("modelId"),
    "default_model_service_uuid": Sample(ONE, TWO, "defaultModelServiceUuid", lambda uuid: bound([uuid], True)),
    "clear_default_model_service": Sample(False, True, "clearDefaultModelService", lambda value: {}, create=""),
    "logo": text("logo", update=""),
    "introduction": text("introduction", update=""),
    "size": Sample(5, 2 ** 40, "size", key("size"), update=""),
    "version": text("version", update=""),
    "model_service_uuids": Sample([ONE], [TWO], "modelServiceUuids", bound, update="attach"),
    "token": Sample("a", "b", "token", None, update=""),
    "share_mode": Sample("Public", "Public", "shareMode", None, update=""),
    "user_tags": Sample(["a"], ["b", "a"], "userTags", user_tags, sent=["b"], update="root", create="root"),
    **TAGS,
}

IMAGES = [{"cpu_architecture": "X86_64", "docker_image": "repo/a:1"}]
OTHER_IMAGES = [{"cpu_architecture": "X86_64", "docker_image": "repo/a:2"}]

CLONE_SAMPLES: dict[str, Sample] = {
    "name": text("name"),
    "description": text("description"),
    "readme": text("readme", update=""),
    "size": Sample(0, 7, "size", key("size"), update=""),
    "gpu_compute_capability": text("gpuComputeCapability"),
    "install_path": text("installPath", update=""),
    "start_command": text("startCommand"),
    "python_version": text("pythonVersion"),
    "conda_version": text("condaVersion", update=""),
    "system": Sample(False, True, "system", key("system"), update=""),
    "type": text("type", "Endpoint", "App"),
    "yaml": text("yaml", "a: 1\nb: [x]", "a: '1'"),
    "source": text("source", "Other", "HuggingFace"),
    "framework": text("framework"),
    "request_cpu": Sample(2, 4, "requestCpu", key("requestCpu")),
    "request_memory": Sample(1024, 2 ** 33, "requestMemory", key("requestMemory")),
    "cpu_architectures": Sample(["X86_64"], ["aarch64"], "cpuArchitectures", lambda names: {"cpuArchitectures": [name.lower() for name in names]},
                                update=""),
    "architecture_images": Sample(
        IMAGES, OTHER_IMAGES, "architectureImages", images, sent=[{"cpuArchitecture": "X86_64", "dockerImage": "repo/a:2"}]),
    "support_distributed": Sample(False, True, "supportDistributed", key("supportDistributed")),
    "container_command": text("containerCommand"),
    "container_args": text("containerArgs"),
    "vendor_to_spec_uuids_map": Sample({"NVIDIA": [ONE]}, {"NVIDIA": [TWO, ONE]}, "vendorToSpecUuidsMap", key("vendorToSpecUuidsMap")),
    "resource_uuid": Sample(UUID, ONE, "resourceUuid", key("uuid"), update="", create=""),
    "user_tags": Sample(["a"], ["b", "a"], "userTags", user_tags, update="attach", create="root"),
    **TAGS,
}


@dataclasses.dataclass(frozen=True)
class Kind:
    """A table with its samples and the options that every task of it has."""

    table: Resource
    samples: dict[str, Sample]
    base: dict[str, t.Any]
    update: str
    update_path: str
    wrapper: str


KINDS = {
    "model": Kind(MODEL, MODEL_SAMPLES, {"state": "present", "delete_mode": "Permissive"}, "UpdateModel", "/v1/ai/models/" + UUID, "updateModel"),
    "clone": Kind(
        MODEL_SERVICE_CLONE, CLONE_SAMPLES, {"state": "present", "delete_mode": "Permissive", "on_drift": "update", "source_service_uuid": SOURCE},
        "UpdateModelService", "/v1/ai/model-services/" + UUID, "updateModelService"),
}


def holding(kind: Kind, values: t.Mapping[str, t.Any]) -> Observed:
    """Return what the server shows of an object that has these options' values."""
    inventory: dict[str, t.Any] = {"uuid": UUID, "createDate": "Nov 25, 2025 11:51:50 AM"}
    tags: dict[str, list[t.Any]] = {"user_tags": [], "system_tags": []}
    for option, value in values.items():
        shows = kind.samples[option].shows
        for name, part in (shows(value) if shows else {}).items():
            if name in tags:
                tags[name] += part
            elif name == "modelServiceRefs":
                inventory[name] = inventory.get(name, []) + part
            else:
                inventory[name] = part
    return Observed(inventory, tags["user_tags"], tags["system_tags"])


def wanting(kind: Kind, values: t.Mapping[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    """Return the options of a task."""
    return {**kind.base, **values, **more}


def all_of(kind: Kind, which: str = "one") -> dict[str, t.Any]:
    """Return a value for every option that the server shows, none of which contradicts another."""
    return {option: getattr(sample, which) for option, sample in kind.samples.items() if sample.shows}
