# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The table of model centers: AddModelCenter, UpdateModelCenter, DeleteModelCenter (AI API page, sections 9 and 11)."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import (
    CENTERS, DATASETS, L3_NETWORKS, MODELS, SERVICES, ZONES, adopt_any, check_tags, plain_tags,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import PORT, TEXT, FieldType
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import JSON_TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Call, Field, Lookup, Param, Ref, Resource, Use


def _fields() -> tuple[Field, ...]:
    def plain(
        option: str, api: str, longest: int | None = None, update: int | None = None, since: str = "5.1.8", type: FieldType = TEXT, **more: t.Any,
    ) -> Field:
        return Field(option, api, type, Param(since), Param(since, update), inventory=api, longest=longest, **more)

    return (
        plain("name", "name", 128, 255),
        plain("url", "url", 2048, 255),
        plain("description", "description", 2048, 255),
        plain("parameters", "parameters", 128, 255, type=JSON_TEXT),
        plain("management_ip", "managementIp", 128),
        plain("management_port", "managementPort", type=PORT),
        plain("storage_network_uuid", "storageNetworkUuid", ref=Ref("storage_network", "L3 network", L3_NETWORKS)),
        plain("service_network_uuid", "serviceNetworkUuid", ref=Ref("service_network", "L3 network", L3_NETWORKS)),
        plain("container_registry", "containerRegistry", 2048),
        plain("container_network", "containerNetwork", 2048),
        plain("container_storage_network", "containerStorageNetwork", 2048, since="5.1.20"),
        # Required by the newest servers, unknown to those of the published pages (AI API page, section 11).
        Field("zone_uuid", "zoneUuid", TEXT, Param(), ref=Ref("zone", "zone", ZONES)),
        *plain_tags(),
    )


MODEL_CENTER = Resource(
    kind="model_center",
    title="model center",
    path=CENTERS,
    vo="ModelCenterVO",
    fields=_fields(),
    lookups=(Lookup("uuid", "uuid", final=True), Lookup("name", "name")),
    create=Call("AddModelCenter", "POST", CENTERS, "param", "5.1.8", creates=True),
    update=Call("UpdateModelCenter", "PUT", CENTERS + "/{uuid}", "updateModelCenter", "5.1.8"),
    delete=Call("DeleteModelCenter", "DELETE", CENTERS + "/{uuid}", None),
    required=("name", "url", "management_ip", "management_port"),
    seed=lambda options: "\n".join(("model_center", trim(options["name"]))),
    given_uuid="uuid",
    adopts=adopt_any,
    rules=check_tags,
    users=(
        # The server deletes these with their center (AI API page, section 5).
        Use("model", MODELS, "modelCenterUuid", lost=True),
        Use("dataset", DATASETS, "modelCenterUuid", lost=True),
        Use("model service", SERVICES, "modelCenterUuid"),
    ),
)
