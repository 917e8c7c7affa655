# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of the AI calls (AI page, 6, 10 and 11). What the page leaves open is listed in the README."""
from __future__ import annotations

from uuid import uuid4

from ..errors import ai_error, argument_error
from ..kinds import KINDS
from ..lifecycle import KIND
from .deploy_checks import check_deployment
from .groups import create_group, deploy
from .registry import Context, check, run


@run("GenerateModelMetadata", "UpdateAiHostModelCachePolicy", "UpdateZsDatasetModelProfile")
def accept(unused_context: Context) -> dict:
    """Do what no inventory of the page shows."""
    return {}


@run("GetModelCenterServices")
def center_services(context: Context) -> dict:
    """Return the services of some centers, or of all."""
    centers = context.get("modelCenterUuids") or [row["uuid"] for row in context.store.all("model_centers")]
    rows = [row for row in context.store.all("model_services") if row.get("modelCenterUuid") in centers]
    return {"inventories": [context.world.renderer.inventory("model_services", row) for row in rows]}


@check("SyncAINginxConfiguration")
def check_sync(context: Context) -> None:
    """Refuse a synchronisation of nothing."""
    if not context.get("groupUuids") and not context.get("syncAll"):
        raise ai_error(10115, "groupUuids or syncAll is needed")


@run("SyncAINginxConfiguration")
def sync(unused_context: Context) -> dict:
    """Answer as calls do that map all fields."""
    return {"success": True}


@run("MatchModelServiceTemplateWithModel")
def match(context: Context) -> dict:
    """Return the images of the services, for each model."""
    results = []
    for model in context.get("modelUuids"):
        for service in context.get("modelServiceUuids"):
            row = context.store.get("model_services", service)
            results.append({"modelUuid": model, "modelServiceUuid": service, "templates": [dict(image) for image in row.get("modelServiceImages") or []]})
    return {"results": results}


@check("DeployDistributedModelService")
def check_distributed(context: Context) -> None:
    """Check the nodes: ranks from 0 without gaps or repeats, one model and one zone, a boot time for each (AI page, 6)."""
    nodes = context.get("modelServices")
    if sorted(str(node.get("nodeRank")) for node in nodes) != sorted(str(rank) for rank in range(len(nodes))):
        raise argument_error("nodeRank must be unique and go from 0 without gaps")
    for name in ("modelUuid", "zoneUuid"):
        if len({node.get(name) for node in nodes}) > 1:
            raise argument_error(f"all nodes must have the same {name}")
    if any(node.get("serviceBootUptime") is None for node in nodes):
        raise argument_error("serviceBootUptime must be set for every node")
    for node in nodes:
        if context.store.get("model_services", node.get("uuid")) is None:
            raise argument_error(f"model service[uuid:{node.get('uuid')}] not found")


@run("DeployDistributedModelService")
def deploy_distributed(context: Context) -> dict:
    """Create one group with an instance for each node."""
    nodes = sorted(context.get("modelServices"), key=lambda node: node["nodeRank"])
    service = context.store.get("model_services", nodes[0]["uuid"])
    row = context.create(KIND, {
        **context.message.given("name", "description"), "modelUuid": nodes[0].get("modelUuid"), "modelServiceUuid": service["uuid"],
        "modelServiceType": service.get("type"), "type": nodes[0].get("type") or "VirtualMachine", "status": "Deploying", "supportMetrics": [],
        "yaml": service.get("yaml")})
    instances = [{"uuid": uuid4().hex, "name": node.get("name") or f"{row['name']}-{node['nodeRank']}", "modelServiceGroupUuid": row["uuid"],
                  "nodeRank": node["nodeRank"], "accountUuid": context.owner, "createDate": row["createDate"], "lastOpDate": row["lastOpDate"]}
                 for node in nodes]
    context.store.put(KIND, {**row, "instances": instances, "datasetRefInventories": []})
    return deploy(context, row["uuid"], lambda: context.inventory(KIND, row["uuid"]))


@check("DeployAppDevelopmentService")
def check_app(context: Context) -> None:
    """Check an application deployment, which takes its service from the body."""
    if context.get("uuid") is None:
        raise argument_error("uuid of the model service is needed")
    check_deployment(context)


@run("DeployAppDevelopmentService")
def deploy_app(context: Context) -> dict:
    """Create an instance group that the query of applications shows as well."""
    uuid = create_group(context, _app=True)["uuid"]
    return deploy(context, uuid, lambda: context.inventory(KIND, uuid))


@run("ReconnectZdfs")
def reconnect(context: Context) -> dict:
    """Connect again."""
    context.change("zdfs", context.get("uuid"), {"status": "Connected"})
    return context.inventory("zdfs", context.get("uuid"))


@run("MountModelToVmInstance")
def mount(context: Context) -> dict:
    """Mount a model."""
    model = context.store.get("models", context.get("modelUuid"))
    values = {**context.message.given("vmInstanceUuid", "modelUuid", "mountPath"), "modelName": model.get("name"), "sourcePath": model.get("installPath"),
              "status": "Mounted"}
    row = context.create("vm_model_mounts", {name: value for name, value in values.items() if name in KINDS["vm_model_mounts"].by_name})
    return context.inventory("vm_model_mounts", row["uuid"])
