# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments: instance groups of model services (AI page, 6, 10 and 11)."""
from __future__ import annotations

from uuid import uuid4

import yaml

from ..errors import ai_error
from ..store import now_ms
from ..world import World
from .registry import Context, check, run
from .service_checks import check_vm_image, check_yaml_parts

# Least share of cpuNum and memorySize that a container must request; the absolute floors are not published.
FLOOR = 0.2


@check("DeployModelService")
def check_deploy(context: Context) -> None:
    """Check a deployment."""
    backend = context.get("type")
    if backend == "VirtualMachine" and not context.get("vmImageUuid"):
        raise ai_error(10071, "vmImageUuid is needed to deploy a VirtualMachine")
    if backend == "Container" and not context.get("dockerImage"):
        raise ai_error(10075, "dockerImage is needed to deploy a Container")
    if context.get("vmImageUuid"):
        check_vm_image(context, context.get("vmImageUuid"))
    service = context.store.get("model_services", context.get("uuid"))
    center = context.store.get("model_centers", service.get("modelCenterUuid")) or {}
    if not context.get("l3NetworkUuids") and not center.get("serviceNetworkUuid") and not center.get("storageNetworkUuid"):
        raise ai_error(10077, "no l3NetworkUuids given and the model center has no network")
    if any(value is None for value in (context.get("environmentVariables") or {}).values()):
        raise ai_error(10078, "environmentVariables cannot contain a null value")
    check_sizes(context, backend)


def check_sizes(context: Context, backend: str) -> None:
    """Check what a container requests against what it gets."""
    if context.get("cpuNum") is not None and context.get("cpuNum") <= 0:
        raise ai_error(10142, "cpuNum must be positive")
    if backend != "Container" and context.message.given("requestCpuNum", "requestMemorySize"):
        raise ai_error(10143, "requestCpuNum and requestMemorySize are for Container only")
    for above, below, name, total in ((10138, 10140, "requestCpuNum", "cpuNum"), (10139, 10141, "requestMemorySize", "memorySize")):
        request, size = context.get(name), context.get(total)
        if request is None or size is None:
            continue
        if request > size:
            raise ai_error(above, f"{name}[{request}] is above {total}[{size}]")
        if request < size * FLOOR:
            raise ai_error(below, f"{name}[{request}] is below its minimum[{size * FLOOR}]")


@run("DeployModelService")
def deploy(context: Context) -> dict:
    """Create an instance group, which is Deploying at first and Running after a moment."""
    service = context.store.get("model_services", context.get("uuid"))
    row = context.create("instance_groups", {
        **context.message.given("name", "description", "modelUuid", "type"),
        "modelServiceUuid": service["uuid"], "modelServiceType": service.get("type"), "status": "Deploying",
        "yaml": service.get("yaml"), "instances": [], "supportMetrics": [],
        "datasetRefInventories": [],
    })
    uuid = row["uuid"]
    now = now_ms()
    instance = {"uuid": uuid4().hex, "name": row["name"] + "-0", "modelServiceGroupUuid": uuid, "status": "Deploying", "nodeRank": 0,
                "accountUuid": context.owner, "createDate": now, "lastOpDate": now}
    datasets = [{"uuid": uuid4().hex, "datasetUuid": dataset, "modelServiceInstanceGroupUuid": uuid} for dataset in context.get("datasetUuids") or []]
    context.store.put("instance_groups", {**row, "instances": [instance], "datasetRefInventories": datasets})
    start(context.world, uuid)
    return context.inventory("instance_groups", uuid)


def start(world: World, uuid: str) -> None:
    """Let a group that is Deploying become Running later."""
    def running() -> None:
        row = world.store.get("instance_groups", uuid)
        if row is not None:
            instances = [{**item, "status": "Running", "url": f"http://192.0.2.20:3000/{uuid}"} for item in row.get("instances") or []]
            world.store.put("instance_groups", {**row, "status": "Running", "instances": instances})

    world.later(max(world.config.deploy_ms, 1), running)


def resume(world: World) -> None:
    """After a start of the simulator: go on with the groups that were Deploying."""
    for row in world.store.all("instance_groups"):
        if row.get("status") == "Deploying":
            start(world, row["uuid"])


@check("UpdateModelServiceInstanceGroup")
def check_update(context: Context) -> None:
    """Check a change of a group."""
    check_yaml_parts(context)
    if any(value is None for value in (context.get("environmentVariables") or {}).values()):
        raise ai_error(10078, "environmentVariables cannot contain a null value")


@run("UpdateModelServiceInstanceGroup")
def update(context: Context) -> dict:
    """Change a group; variables, probes and boot time show in its yaml only."""
    uuid = context.get("uuid")
    changes = context.message.given("name", "description")
    parts = context.message.given("environmentVariables", "startupParameters", "serviceLivez", "serviceReadyz", "serviceBootupTime")
    if parts:
        document = yaml.safe_load(context.store.get("instance_groups", uuid).get("yaml") or "")
        changes["yaml"] = yaml.safe_dump({**(document if isinstance(document, dict) else {}), **parts}, sort_keys=False)
    context.change("instance_groups", uuid, changes)
    return context.inventory("instance_groups", uuid)


@run("RestartModelServiceGroups")
def restart(context: Context) -> dict:
    """Restart groups: Deploying again, then Running."""
    for uuid in context.get("uuids"):
        context.change("instance_groups", uuid, {"status": "Deploying"})
        start(context.world, uuid)
    return {"results": [{"uuid": uuid, "success": True} for uuid in context.get("uuids")]}
