# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments: instance groups of model services (AI page, 6, 10 and 11)."""
from __future__ import annotations

from uuid import uuid4

from ..clock import now_ms
from ..lifecycle import KIND, RUNNING, Outcome, begin, reverted, settled_body
from .deploy_checks import check_deployment, check_environment
from .registry import Context, check, run
from .service_checks import check_yaml_parts
from .yaml_parts import edited_yaml

# What an update can change and no field of the inventory shows; the configuration says which of them the yaml shows.
SETTINGS = ("environmentVariables", "startupParameters", "serviceLivez", "serviceReadyz", "serviceBootupTime")
# The values of a deployment that belong to the virtual machines of its instances.
VM_FIELDS = ("cpuNum", "memorySize", "zoneUuid", "clusterUuid", "primaryStorageUuid")


def configured(context: Context, base: str | None, settings: dict) -> dict:
    """Return the changes of a group that has these settings; its yaml shows some of them."""
    shown = context.world.config.group_yaml_shows
    text = edited_yaml(base, {name: value for name, value in settings.items() if name in shown})
    return {"_base": base, "_settings": settings, "yaml": text}


def new_instance(context: Context, row: dict, rank: int) -> dict:
    """Return an instance of a group, with its virtual machine if the backend has one."""
    now = now_ms()
    image = context.store.get("images", context.get("vmImageUuid")) or {}
    instance = {"uuid": uuid4().hex, "name": f"{row['name']}-{rank}", "modelServiceGroupUuid": row["uuid"], "yaml": row.get("yaml"), "nodeRank": rank,
                "accountUuid": context.owner, "architecture": image.get("architecture"), "createDate": now, "lastOpDate": now}
    if row["type"] == "VirtualMachine":
        uuid = uuid4().hex
        instance["vmInstanceUuid"] = uuid
        instance["vm"] = {"uuid": uuid, "name": instance["name"], "imageUuid": context.get("vmImageUuid"), **context.message.given(*VM_FIELDS)}
    return instance


def create_group(context: Context, **more: object) -> dict:
    """Create a group that is about to deploy; return its row."""
    service = context.store.get("model_services", context.get("uuid"))
    settings = context.message.given(*SETTINGS)
    if context.get("serviceBootUptime") is not None:
        settings["serviceBootupTime"] = context.get("serviceBootUptime")
    row = context.create(KIND, {
        **context.message.given("name", "description", "modelUuid", "type"),
        "modelServiceUuid": service["uuid"], "modelServiceType": service.get("type"), "status": "Deploying", "supportMetrics": [],
        **configured(context, service.get("yaml"), settings), **more,
    })
    uuid = row["uuid"]
    datasets = [{"uuid": uuid4().hex, "datasetUuid": dataset, "modelServiceInstanceGroupUuid": uuid}
                for dataset in dict.fromkeys(context.get("datasetUuids") or [])]
    return context.store.put(KIND, {**row, "instances": [new_instance(context, row, 0)], "datasetRefInventories": datasets,
                                    "_groups": context.get("modelServiceGroupUuids") or []})


def outcome_of(context: Context) -> tuple[Outcome, bool]:
    """Return how the deployments of this call end, and whether the job waits for that."""
    fault = context.fault("fail_deployment")
    options = fault.options if fault else {}
    status = options.get("status", "Failed") if fault else RUNNING
    waits = bool(options.get("job", context.world.config.deploy_job_waits))
    error = None
    if status != RUNNING and waits:
        error = (options.get("code", "SYS.1006"), options.get("details", "the instance did not start in time"),
                 options.get("globalErrorCode", "ORG_ZSTACK_AI_10159"))
    return Outcome(status, options.get("instance_status", status), options.get("endpoint", "ready"), error), waits


def deploy(context: Context, uuid: str, body) -> dict:
    """Begin a deployment; return the answer, which comes later if the job waits."""
    outcome, waits = outcome_of(context)
    settled = begin(context.world, uuid, outcome)
    if waits:
        context.pending = settled_body(settled, outcome, body)
    return body()


def keep_stale(context: Context, uuid: str) -> None:
    """Let queries see a group for a while as it is now (fault stale_status)."""
    fault = context.fault("stale_status")
    if fault:
        row = {key: value for key, value in context.store.get(KIND, uuid).items() if key != "_stale"}
        context.store.put(KIND, {**row, "_stale": {"until": now_ms() + int(fault.options.get("ms", 1000)), "row": row}})


@check("DeployModelService")
def check_deploy(context: Context) -> None:
    """Check a deployment."""
    check_deployment(context)


@run("DeployModelService")
def deploy_service(context: Context) -> dict:
    """Create an instance group, which is Deploying at first and Running after a while."""
    uuid = create_group(context)["uuid"]
    return deploy(context, uuid, lambda: context.inventory(KIND, uuid))


@check("UpdateModelServiceInstanceGroup")
def check_update(context: Context) -> None:
    """Check a change of a group."""
    check_yaml_parts(context)
    check_environment(context)


@run("UpdateModelServiceInstanceGroup")
def update(context: Context) -> dict:
    """Change a group; maps are replaced as a whole, and take effect with the next deployment."""
    uuid = context.get("uuid")
    keep_stale(context, uuid)
    changes = context.message.given("name", "description")
    given = context.message.given(*SETTINGS)
    row = context.store.get(KIND, uuid)
    if given:
        base = row.get("_base", row.get("yaml"))
        changes["_previous"] = {"_base": base, "_settings": row.get("_settings") or {}, "yaml": row.get("yaml")}
        changes.update(configured(context, base, {**(row.get("_settings") or {}), **given}))
    context.change(KIND, uuid, changes)
    if given:
        forget_update(context, uuid)
    if given and context.world.config.update_redeploys:
        return deploy(context, uuid, lambda: context.inventory(KIND, uuid))
    return context.inventory(KIND, uuid)


def forget_update(context: Context, uuid: str) -> None:
    """Let the last update be lost when the group runs again, or without a new deployment after a while (fault old_configuration)."""
    fault = context.fault("old_configuration")
    if not fault:
        return
    context.store.put(KIND, {**context.store.get(KIND, uuid), "_revert": True})
    if context.message.api.name == "UpdateModelServiceInstanceGroup" and not context.world.config.update_redeploys and "ms" in fault.options:
        def revert() -> None:
            row = context.store.get(KIND, uuid)
            if row is not None and row.get("_revert"):
                context.store.put(KIND, reverted(row))

        context.world.later(max(fault.options["ms"], 1), revert)


@run("RestartModelServiceGroups")
def restart(context: Context) -> dict:
    """Restart groups: Deploying again, then Running. Every group has its own result."""
    fault = context.fault("fail_restart")
    failing = set(fault.options.get("uuids") or context.get("uuids")) if fault else set()
    results = []
    for uuid in dict.fromkeys(context.get("uuids")):
        if uuid in failing:
            results.append({"uuid": uuid, "success": False, "error": context.error_inventory(fault)})
            continue
        keep_stale(context, uuid)
        forget_update(context, uuid)
        deploy(context, uuid, dict)
        results.append({"uuid": uuid, "success": True})
    if context.pending:
        context.pending = answered_later(context.pending, {"results": results})
    return {"results": results}


async def answered_later(pending, body: dict) -> dict:
    """Wait for the last deployment of a call; return the answer of the whole."""
    await pending
    return body
