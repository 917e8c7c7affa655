# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model service calls (AI page, 4, 7, 10 and 11)."""
from __future__ import annotations

from uuid import uuid4

from ..clock import now_ms
from ..errors import ApiError
from .models import bind_pair
from .registry import Context, check, run
from .service_checks import YAML_PARTS, check_service, check_yaml_alone, check_yaml_parts
from .yaml_parts import edited_yaml

ADD_FIELDS = ("name", "description", "yaml", "modelCenterUuid", "requestCpu", "requestMemory", "gpuComputeCapability", "installPath", "system",
              "startCommand", "containerCommand", "containerArgs", "pythonVersion", "condaVersion", "framework", "supportDistributed",
              "vendorToSpecUuidsMap")
CLONE_FIELDS = ("name", "description", "readme", "gpuComputeCapability", "installPath", "startCommand", "pythonVersion", "condaVersion", "type",
                "yaml", "source", "framework", "requestCpu", "requestMemory", "supportDistributed", "containerCommand", "containerArgs",
                "vendorToSpecUuidsMap")
UPDATE_FIELDS = ("name", "description", "yaml", "requestCpu", "requestMemory", "gpuComputeCapability", "startCommand", "pythonVersion", "type",
                 "framework", "source", "supportDistributed", "containerCommand", "containerArgs", "vendorToSpecUuidsMap")
# what a clone takes over from its source where the request does not say otherwise
INHERITED = CLONE_FIELDS + ("modelCenterUuid", "hasNewVersion")
IMAGE_FIELDS = ("vmImageUuid", "dockerImage")


def images_of(mappings: list[dict]) -> list[dict]:
    """Return the stored images of architectureImages; architectures in lower case."""
    now = now_ms()
    return [{
        "uuid": uuid4().hex,
        "cpuArchitecture": mapping["cpuArchitecture"].lower(),
        **{name: mapping[name] for name in IMAGE_FIELDS if mapping.get(name)},
        "createDate": now,
        "lastOpDate": now,
    } for mapping in mappings]


def put_images(context: Context, uuid: str, mappings: list[dict]) -> None:
    """Store the images of a service; its cpuArchitectures follow them."""
    images = [{**image, "modelServiceUuid": uuid} for image in images_of(mappings)]
    row = context.store.get("model_services", uuid)
    context.store.put("model_services", {**row, "modelServiceImages": images, "cpuArchitectures": [image["cpuArchitecture"] for image in images]})


@check("AddModelService")
def check_add(context: Context) -> None:
    """Check a new service."""
    check_service(context)


@run("AddModelService")
def add(context: Context) -> dict:
    """Create a service."""
    values = {"framework": "Other", "system": False, "size": 0, "hasNewVersion": False, **context.message.given(*ADD_FIELDS)}
    values.update(type=context.get("type"), source=context.get("source"), modelServiceImages=[], cpuArchitectures=[])
    row = context.create("model_services", values)
    if context.get("architectureImages"):
        put_images(context, row["uuid"], context.get("architectureImages"))
    for model in dict.fromkeys(context.get("modelUuids") or []):
        bind_pair(context.store, model, row["uuid"], False)
    return context.inventory("model_services", row["uuid"])


@check("CloneModelService")
def check_clone(context: Context) -> None:
    """Check a clone."""
    check_service(context)


@run("CloneModelService")
def clone(context: Context) -> dict:
    """Copy a service: what is not given is inherited, but size is 0 and system false; bindings and tags are not copied (AI page, 4)."""
    source = context.store.get("model_services", context.get("uuid"))
    if source is None:
        raise ApiError("SYS.1003", f"model service[uuid:{context.get('uuid')}] not found")
    values = {name: source[name] for name in INHERITED if source.get(name) is not None}
    values.update(context.message.given(*CLONE_FIELDS))
    values.update(size=context.get("size"), system=context.get("system"), modelServiceImages=[],
                  cpuArchitectures=[name.lower() for name in context.get("cpuArchitectures") or source.get("cpuArchitectures") or []])
    row = context.create("model_services", values)
    mappings = context.get("architectureImages") or source.get("modelServiceImages")
    if mappings:
        put_images(context, row["uuid"], mappings)
    return context.inventory("model_services", row["uuid"])


@check("UpdateModelService")
def check_update(context: Context) -> None:
    """Check a change of a service."""
    check_yaml_alone(context)
    check_service(context)
    check_yaml_parts(context)


@run("UpdateModelService")
def update(context: Context) -> dict:
    """Change a service."""
    uuid = context.get("uuid")
    changes = context.message.given(*UPDATE_FIELDS)
    parts = context.message.given(*YAML_PARTS)
    if parts:
        changes["yaml"] = edited_yaml(context.store.get("model_services", uuid).get("yaml"), parts)
    context.change("model_services", uuid, changes)
    if context.get("architectureImages"):
        put_images(context, uuid, context.get("architectureImages"))
    return context.inventory("model_services", uuid)
