# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The table of cloned model services: CloneModelService, UpdateModelService, DeleteModelService (AI API page, section 4)."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import SERVICES, check_tags, plain_tags
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import FLAG, FOLDED_NAME_SET, INTEGER, LONG, NAME_SET_MAP, TEXT, FieldType
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import (
    DELETE, IMAGES, SOURCES, TYPES, UNKNOWN, UPDATE, USERS, keeps,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import YAML_TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Call, Field, Lookup, Param, Ref, Resource


def _fields() -> tuple[Field, ...]:
    def plain(option: str, api: str, since: str, type: FieldType = TEXT, update: Param | None = UNKNOWN, **more: t.Any) -> Field:
        return Field(option, api, type, Param(since), update, inventory=more.pop("inventory", api), **more)

    return (
        plain("name", "name", "5.3.20", longest=255),
        plain("description", "description", "5.3.20", longest=2048),
        plain("readme", "readme", "5.3.20", update=None),
        # A clone does not inherit size and system (AI API page, section 4).
        plain("size", "size", "5.3.20", LONG, None, default=0),
        plain("gpu_compute_capability", "gpuComputeCapability", "5.3.20", longest=32),
        plain("install_path", "installPath", "5.3.20", update=None, longest=512),
        plain("start_command", "startCommand", "5.3.20", longest=1024),
        plain("python_version", "pythonVersion", "5.3.20", longest=32),
        plain("conda_version", "condaVersion", "5.3.20", update=None, longest=32),
        plain("system", "system", "5.3.20", FLAG, None, default=False),
        plain("type", "type", "5.3.20", choices=TYPES),
        plain("yaml", "yaml", "5.3.20", YAML_TEXT, alone=True),
        plain("source", "source", "5.3.20", choices=SOURCES),
        plain("framework", "framework", "5.3.20", longest=255),
        plain("request_cpu", "requestCpu", "5.3.20", INTEGER),
        plain("request_memory", "requestMemory", "5.3.20", LONG),
        plain("cpu_architectures", "cpuArchitectures", "5.3.40", FOLDED_NAME_SET, None, follows="architecture_images"),
        plain("architecture_images", "architectureImages", "5.3.40", IMAGES, inventory="modelServiceImages"),
        plain("support_distributed", "supportDistributed", "5.3.46", FLAG),
        plain("container_command", "containerCommand", "5.5.22"),
        plain("container_args", "containerArgs", "5.5.22"),
        plain("vendor_to_spec_uuids_map", "vendorToSpecUuidsMap", "5.5.22", NAME_SET_MAP),
        # Set once: the uuid of the clone. The creating step adds it to the body, so no call accepts it here.
        Field("resource_uuid", "resourceUuid", TEXT, inventory="uuid"),
        *plain_tags(),
    )


def _seed(options: t.Mapping[str, t.Any]) -> str:
    return "\n".join(("model_service_clone", str(options["source_service_uuid"]), trim(options["name"])))


def _adopts(options: t.Mapping[str, t.Any], row: t.Mapping[str, t.Any]) -> bool:
    # Any service with the name is adopted, except the source, which is never its own clone.
    name = options.get("source_service")
    is_source = row.get("uuid") == options.get("source_service_uuid") or (name is not None and trim(str(row.get("name") or "")) == trim(name))
    if is_source and row.get("uuid") == options.get("resource_uuid"):
        raise OptionError("resource_uuid: this is the uuid of the source service. Choose another one for the clone, or omit it.")
    # With a given uuid, a clone cannot be the platform's own service with that name, which keeps its uuid and is never deleted.
    is_platform = options.get("resource_uuid") not in (None, row.get("uuid")) and FLAG.read(row.get("system"))
    return not is_source and not is_platform


def _rules(options: t.Mapping[str, t.Any]) -> None:
    check_tags(options)
    images, architectures = options.get("architecture_images"), options.get("cpu_architectures")
    if images is not None and architectures is not None and set(IMAGES.want(images)) != set(FOLDED_NAME_SET.want(architectures)):
        raise OptionError("cpu_architectures: they must be those of architecture_images. Omit the option; the server derives it.")
    source = options.get("source_service")
    if source is not None and trim(source) == trim(options.get("name") or ""):
        raise OptionError("name: the clone and its source cannot both be named %r. Choose another name for the clone." % source)
    if options.get("resource_uuid") is not None and options["resource_uuid"] == options.get("source_service_uuid"):
        raise OptionError("resource_uuid: this is the uuid of the source service. Choose another one for the clone, or omit it.")


MODEL_SERVICE_CLONE = Resource(
    kind="model_service",
    title="model service",
    path=SERVICES,
    vo="ModelServiceVO",
    fields=_fields(),
    lookups=(
        Lookup("resource_uuid", "uuid"),
        Lookup("name", "name"),
    ),
    create=Call("CloneModelService", "POST", SERVICES + "/{source_service_uuid}", "params", "5.3.20", creates=True),
    update=UPDATE,
    delete=DELETE,
    required=("name", "source_service_uuid"),
    seed=_seed,
    given_uuid="resource_uuid",
    adopts=_adopts,
    rules=_rules,
    source=Field("source_service_uuid", "uuid", TEXT, ref=Ref("source_service", "model service", SERVICES)),
    inherits=("modelCenterUuid",),
    keeps=keeps,
    users=USERS,
    on_drift=True,
)
