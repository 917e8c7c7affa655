# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The table of deployments: DeployModelService, UpdateModelServiceInstanceGroup, RestartModelServiceGroups,
DeleteModelServiceInstanceGroup (AI API page, sections 6, 10 and 11)."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import (
    CLUSTERS, DATASETS_REF, EVALUATION_TASKS, GROUPS, IMAGES, L3_NETWORKS, MODEL_REF, SERVICES, ZONES, adopt_any, check_tags, plain_tags,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import INTEGER, LONG, NAME_SET, PORT, POSITIVE, TEXT, FieldType
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import ServicePart, Shown, Variables, documents, variables_of
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Call, Field, Lookup, Observed, Param, Readiness, Ref, Resource, Use
from ansible_collections.zstack.aios.plugins.module_utils._resources.trained_model_record import TRAINED_MODEL_RECORD

BACKENDS = ("VirtualMachine", "Container")
# The two published values (AI API page, section 6).
DEPLOYING, RUNNING = "Deploying", "Running"


def datasets(observed: Observed) -> list[t.Any]:
    """Return the uuids of the datasets that a group refers to."""
    return [ref.get("datasetUuid") for ref in observed.inventory.get("datasetRefInventories") or []]


def readiness(inventory: t.Mapping[str, t.Any]) -> Readiness:
    """Return the state of a group: ready if the group and its instances run and each instance has a URL."""
    status = str(inventory.get("status") or "")
    instances = [row for row in inventory.get("instances") or [] if isinstance(row, dict)]
    for name, value in (("", status), *(("instance %s: " % row.get("name"), str(row.get("status") or "")) for row in instances)):
        if value not in ("", DEPLOYING, RUNNING):
            return Readiness(status, failure="%sstatus %s" % (name, value))
    ends = [row for row in instances if row.get("status") == RUNNING and (row.get("url") or row.get("nodeRank"))]
    return Readiness(status, done=status == RUNNING and bool(instances) and len(ends) == len(instances))


def deploying_fields() -> tuple[Field, ...]:
    """Return the fields that every deploying call accepts and no inventory shows: sent once, never compared."""
    def once(option: str, api: str, type: FieldType = TEXT, longest: int | None = None, **more: t.Any) -> Field:
        return Field(option, api, type, Param(longest=longest), **more)

    return (
        once("zone_uuid", "zoneUuid", ref=Ref("zone", "zone", ZONES)),
        once("vm_image_uuid", "vmImageUuid", ref=Ref("vm_image", "image", IMAGES)),
        once("docker_image", "dockerImage"),
        once("primary_storage_uuid", "primaryStorageUuid"),
        once("cluster_uuid", "clusterUuid", ref=Ref("cluster", "cluster", CLUSTERS)),
        once("model_service_group_uuids", "modelServiceGroupUuids", NAME_SET),
        once("cpu_num", "cpuNum", POSITIVE),
        once("memory_size", "memorySize", LONG),
        once("l3_network_uuids", "l3NetworkUuids", NAME_SET, ref=Ref("l3_networks", "L3 network", L3_NETWORKS)),
        once("root_disk_offering_uuid", "rootDiskOfferingUuid"),
        once("root_disk_size", "rootDiskSize", LONG),
    )


def _fields() -> tuple[Field, ...]:
    def kept(option: str, api: str, type: Shown, create: Param, update: Param, secret: bool = False) -> Field:
        return Field(
            option, api, type, create, update, reads=lambda observed: documents(observed.inventory), needs="user_tags", secret=secret, remembered=True)

    return (
        Field("name", "name", TEXT, Param(), Param(longest=255), inventory="name", longest=255),
        Field("description", "description", TEXT, Param(), Param(longest=2048), inventory="description", longest=2048),
        # In the path of the deploying call.
        Field("model_service_uuid", "modelServiceUuid", TEXT, inventory="modelServiceUuid", ref=Ref("model_service", "model service", SERVICES)),
        Field("model_uuid", "modelUuid", TEXT, Param(), inventory="modelUuid", ref=MODEL_REF),
        Field("type", "type", TEXT, Param(), inventory="type", choices=BACKENDS),
        *deploying_fields(),
        Field("request_cpu_num", "requestCpuNum", INTEGER, Param()),
        Field("request_memory_size", "requestMemorySize", LONG, Param()),
        Field("project_uuid", "projectUuid", TEXT, Param()),
        Field("dataset_uuids", "datasetUuids", NAME_SET, Param(), reads=datasets, ref=DATASETS_REF),
        kept("environment_variables", "environmentVariables", Variables(), Param(), Param(), secret=True),
        kept("startup_parameters", "startupParameters", Variables(shown=False), Param(), Param(), secret=True),
        kept("service_livez", "serviceLivez", ServicePart("livez", TEXT), Param(longest=255), Param(longest=255)),
        kept("service_readyz", "serviceReadyz", ServicePart("readyz", TEXT), Param(longest=255), Param(longest=255)),
        kept("service_bootup_time", "serviceBootupTime", ServicePart("serviceBootupTime", PORT), Param(api="serviceBootUptime"), Param()),
        *plain_tags(),
    )


def check_backend(options: t.Mapping[str, t.Any]) -> None:
    """Refuse options that the backend does not support (AI API page, section 10: 10071, 10075, 10138 to 10143).

    :raises OptionError: naming the option and the solution.
    """
    backend = options.get("type")
    if options["state"] == "absent" or backend is None:
        return
    image = {"VirtualMachine": ("vm_image_uuid", "vm_image"), "Container": ("docker_image",)}[backend]
    # Without a zone, the task cannot deploy anyway, and no inventory shows the image of a running group.
    deploys = any(options.get(option) is not None for option in ("zone_uuid", "zone"))
    if deploys and all(options.get(option) is None for option in image):
        raise OptionError("%s: required with type %s. Give the image to deploy." % (" or ".join(image), backend))
    for request, total in (("request_cpu_num", "cpu_num"), ("request_memory_size", "memory_size")):
        if options.get(request) is None:
            continue
        if backend != "Container":
            raise OptionError("%s: supported only with type Container (ORG_ZSTACK_AI_10143). Omit it, or set type to Container." % request)
        if options.get(total) is not None and options[request] > options[total]:
            raise OptionError("%s: %d is greater than %s, which is %d. Decrease it." % (request, options[request], total, options[total]))
        if options.get(total) is not None and options[request] * 5 < options[total]:
            raise OptionError("%s: %d is below a fifth of %s, which is %d. The server refuses that; give more." % (
                request, options[request], total, options[total]))


def check_probes(options: t.Mapping[str, t.Any]) -> None:
    """Refuse a probe path that the server refuses (AI API page, section 10: 10037 and 10038).

    :raises OptionError: naming the option and the solution.
    """
    for option in ("service_livez", "service_readyz"):
        path = trim(options.get(option) or "/")
        if not path.startswith("/") or any(character.isspace() for character in path):
            raise OptionError("%s: the path has to start with / and must not contain blanks. Give a path such as /readyz." % option)


def _rules(options: t.Mapping[str, t.Any]) -> None:
    check_tags(options)
    check_probes(options)
    check_backend(options)
    if options.get("recreate") and options.get("restart") == "always":
        raise OptionError("restart: always has no effect with recreate, which deploys the group again. Omit one of them.")


MODEL_SERVICE_GROUP = Resource(
    kind="model_service_group",
    title="model service group",
    path=GROUPS,
    vo="ModelServiceInstanceGroupVO",
    fields=_fields(),
    lookups=(Lookup("uuid", "uuid", final=True), Lookup("name", "name", scope=("model_service_uuid",))),
    create=Call("DeployModelService", "PUT", SERVICES + "/{model_service_uuid}", "deployModelService", "5.1.8", creates=True),
    update=Call("UpdateModelServiceInstanceGroup", "PUT", "/v1/model-service-instance-groups/{uuid}", "updateModelServiceInstanceGroup", "5.1.8"),
    restart=Call("RestartModelServiceGroups", "PUT", "/v1/model-service-instance-groups", "restartModelServiceGroups", "5.3.22"),
    delete=Call("DeleteModelServiceInstanceGroup", "DELETE", GROUPS + "{uuid}", None, "5.1.8"),
    required=("name", "model_service_uuid", "zone_uuid", "type"),
    seed=lambda options: "\n".join(("model_service_group", str(options["model_service_uuid"]), trim(options["name"]))),
    given_uuid="uuid",
    adopts=adopt_any,
    rules=_rules,
    ready=readiness,
    recreates=True,
    hides=variables_of,
    users=(
        Use("model evaluation task", EVALUATION_TASKS, "evaluatedServiceGroupUuid"),
        Use("model evaluation task", EVALUATION_TASKS, "modelServiceGroupUuid"),
        Use("trained model record", TRAINED_MODEL_RECORD.path, "modelServiceInstanceGroupUuid"),
    ),
)
