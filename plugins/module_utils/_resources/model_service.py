# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The table of model services: AddModelService, UpdateModelService, DeleteModelService (AI API page, sections 4, 9 and 11)."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import (
    GROUPS, MODEL_CENTER_REF, MODELS, SERVICES, ZONES, adopt_any, check_tags, plain_tags,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import FLAG, INTEGER, LONG, MEMBERS, NAME_SET_MAP, TEXT, FieldType, Records
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import YAML_TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import (
    Attach, Call, Field, Lookup, Observed, Param, Ref, Resource, Use,
)

TYPES = ("Endpoint", "FineTune", "App", "ModelEval")
SOURCES = ("Other", "Bentoml", "HuggingFace")
IMAGES = Records(
    {"cpu_architecture": "cpuArchitecture", "vm_image_uuid": "vmImageUuid", "docker_image": "dockerImage"},
    needs=("vm_image_uuid", "docker_image"),
)
# The pages publish no since-version for most parameters of UpdateModelService; the verification detects a parameter that the server ignores.
UNKNOWN = Param()
BIND = Attach(Call("BindModelToService", "POST", MODELS + "/{value}/model-services/{uuid}", "param", "5.1.8"))
UPDATE = Call("UpdateModelService", "PUT", SERVICES + "/{uuid}", "updateModelService", "5.1.8")
DELETE = Call("DeleteModelService", "DELETE", SERVICES + "/{uuid}", None)
USERS = (
    Use("model service group", GROUPS, "modelServiceUuid"),
    Use("model", MODELS, "modelServiceRefs", "modelServiceUuid"),
)


def models(observed: Observed) -> list[t.Any]:
    """Return the uuids of the models that a service is bound to (AI API page, section 11)."""
    return [ref.get("modelUuid") for ref in observed.inventory.get("modelServiceRefs") or []]


def keeps(observed: Observed) -> str | None:
    """Return why a service is never deleted, or None."""
    if FLAG.read(observed.inventory.get("system")):
        return "it is a system service, which belongs to the platform (ORG_ZSTACK_AI_10084)"
    return None


def _fields() -> tuple[Field, ...]:
    def plain(option: str, api: str, since: str | None, type: FieldType = TEXT, update: Param | None = UNKNOWN, **more: t.Any) -> Field:
        return Field(option, api, type, Param(since), update, inventory=more.pop("inventory", api), **more)

    return (
        plain("name", "name", "5.1.8", longest=255),
        plain("description", "description", "5.1.8", longest=2048),
        plain("yaml", "yaml", "5.1.8", YAML_TEXT, alone=True),
        plain("model_center_uuid", "modelCenterUuid", "5.1.8", update=None, ref=MODEL_CENTER_REF),
        plain("request_cpu", "requestCpu", "5.1.8", INTEGER),
        plain("request_memory", "requestMemory", "5.1.8", LONG),
        plain("gpu_compute_capability", "gpuComputeCapability", None, longest=32),
        plain("install_path", "installPath", None, update=None, longest=512),
        plain("system", "system", None, FLAG, None),
        plain("start_command", "startCommand", None, longest=1024),
        plain("container_command", "containerCommand", None),
        plain("container_args", "containerArgs", None),
        plain("python_version", "pythonVersion", None, longest=32),
        plain("conda_version", "condaVersion", None, update=None, longest=32),
        Field("zone_uuid", "zoneUuid", TEXT, Param(), ref=Ref("zone", "zone", ZONES)),
        plain("type", "type", None, choices=TYPES),
        plain("source", "source", None, choices=SOURCES),
        plain("framework", "framework", None, longest=255),
        Field("model_uuids", "modelUuids", MEMBERS, Param(), attach=BIND, reads=models, ref=Ref("models", "model", MODELS), mirrors=MODELS),
        plain("architecture_images", "architectureImages", "5.3.40", IMAGES, inventory="modelServiceImages"),
        plain("support_distributed", "supportDistributed", "5.3.46", FLAG),
        plain("vendor_to_spec_uuids_map", "vendorToSpecUuidsMap", None, NAME_SET_MAP),
        *plain_tags(),
    )


MODEL_SERVICE = Resource(
    kind="model_service",
    title="model service",
    path=SERVICES,
    vo="ModelServiceVO",
    fields=_fields(),
    lookups=(Lookup("uuid", "uuid", final=True), Lookup("name", "name", scope=("model_center_uuid",))),
    create=Call("AddModelService", "POST", SERVICES, "param", "5.1.8", creates=True),
    update=UPDATE,
    delete=DELETE,
    required=("name", "yaml", "model_center_uuid", "request_cpu", "request_memory", "install_path", "start_command"),
    seed=lambda options: "\n".join(("model_service", str(options["model_center_uuid"]), trim(options["name"]))),
    given_uuid="uuid",
    adopts=adopt_any,
    rules=check_tags,
    keeps=keeps,
    users=USERS,
)
