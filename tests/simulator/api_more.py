# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of the AI calls: distributed and application deployments, matching, synchronisation, and the newest families (AI page, 6 and 11)."""
from __future__ import annotations

from .api_serving import DEPLOY_COMMON, DEPLOY_MORE
from .apis import NEWER, Api, P, action, create_params, query_api, target
from .options import version_tuple

SERVICES = "/v1/ai/model-services"


def newest(api: Api) -> Api:
    """Return a call that only the versions after the published pages have."""
    return Api(**{**vars(api), "since": version_tuple(NEWER), "by_name": {}})


MORE_APIS: tuple[Api, ...] = (
    action("GenerateModelMetadata", "PUT", "/v1/ai/model/metadata/generate",
           (P("modelCenterUuid", required=True, ref="model_centers"), P("modelUuids", "StringList", ref="models"))),
    action("GetModelCenterServices", "GET", "/v1/ai/model-centers/services", (P("modelCenterUuids", "StringList", ref="model_centers"),),
           sync=True, write=False),
    action("SyncAINginxConfiguration", "POST", "/v1/ai/nginx/sync",
           (P("groupUuids", "StringList", ref="instance_groups"), P("dryRun", "Boolean"), P("syncAll", "Boolean", default=False)), wrapper="param", sync=True),
    action("MatchModelServiceTemplateWithModel", "POST", SERVICES + "/templates",
           (P("modelUuids", "StringList", required=True, nonempty=True, ref="models"),
            P("modelServiceUuids", "StringList", required=True, nonempty=True, ref="model_services"), P("instanceNumber", "Integer", required=True),
            P("uuid", ref="model_services")) + DEPLOY_COMMON + DEPLOY_MORE + create_params(), wrapper="param", since="5.4.0"),
    action("DeployDistributedModelService", "PUT", SERVICES,
           (P("name", required=True), P("description"), P("modelServices", "StructList", required=True, nonempty=True),
            P("serviceCreationStrategy", required=True, choices=("parallel", "sequential"))), target="instance_groups", creates=True),
    action("DeployAppDevelopmentService", "PUT", SERVICES + "/app/", (P("uuid", ref="model_services"),) + DEPLOY_COMMON + DEPLOY_MORE + create_params(),
           target="instance_groups", creates=True),
    query_api("QueryApplicationDevelopmentService", "app_services", SERVICES + "/app/"),
    query_api("QueryZdfs", "zdfs", "/v1/zdfs"),
    action("ReconnectZdfs", "PUT", "/v1/zdfs/{uuid}/actions", (target("zdfs"),), target="zdfs"),
    newest(action("MountModelToVmInstance", "POST", "/v1/vm-model-mounts",
                  (P("vmInstanceUuid", required=True), P("modelUuid", required=True, ref="models"), P("mountPath", max=512)),
                  target="vm_model_mounts", creates=True)),
    newest(query_api("QueryAIBusinessGatewayOffering", "gateway_offerings", "/v1/ai/business-gateway-offerings")),
    newest(query_api("QueryModelCenterBusinessNetworkProfile", "network_profiles", "/v1/ai/model-center-business-network-profiles")),
    newest(query_api("QueryAiHostModelCache", "host_model_caches", "/v1/ai/host-model-caches")),
    newest(action("UpdateAiHostModelCachePolicy", "PUT", "/v1/ai/host-model-cache-policies/{hostUuid}/actions",
                  (P("hostUuid", required=True), P("sourceRoot"), P("primaryStorageUuid", ref="primary_storages"), P("enabled", "Boolean"),
                   P("maxSizeBytes", "Long"), P("highWatermarkPercent", "Integer", bounds=(0, 100)), P("lowWatermarkPercent", "Integer", bounds=(0, 100)),
                   P("disabledReason", max=1024)))),
    newest(action("UpdateZsDatasetModelProfile", "POST", "/v1/ai/zsdataset/model-profiles/{modelProfileId}/actions",
                  (P("modelProfileId", required=True, regex="^[A-Za-z0-9_-]{1,128}$"), P("name", max=128), P("endpoint", max=1024), P("apiKey", max=4096),
                   P("clearApiKey", "Boolean"), P("modelId", max=256), P("status", choices=("ENABLED", "DISABLED")), P("projectUuid", max=32)))),
)
