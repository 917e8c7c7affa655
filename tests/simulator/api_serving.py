# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of deployments, datasets and evaluations with every parameter (AI page, 6, 8 and 11). Data, as in `api_ai`."""
from __future__ import annotations

from .apis import NEWER, Api, P, action, batch_delete_params, create_params, delete_params, query_api, source, target
from .options import version_tuple

SERVICES = "/v1/ai/model-services"
GROUPS = SERVICES + "/instances/groups"
UPDATED_GROUPS = "/v1/model-service-instance-groups"
DATASETS = "/v1/ai/datasets"
TASKS = "/v1/model-evaluation-tasks"
PROXIES = "/v1/user-proxy-configs"

USAGE_SCENARIOS = ("FineTune", "Endpoint", "App", "ModelEval", "ModelPerf")
DATA_TYPES = ("Text", "Audio", "Image", "Video", "Tabular", "Geospatial", "TimeSeries")

BACKENDS = {"choices": ("VirtualMachine", "Container"), "later_choices": (("BareMetal2", version_tuple(NEWER)),)}

# What DeployModelService and the calls built on it have in common.
DEPLOY_COMMON = (
    P("name", required=True), P("zoneUuid", required=True, ref="zones"), P("type", required=True, **BACKENDS), P("description"),
    P("modelUuid", ref="models"), P("vmImageUuid", ref="images"), P("dockerImage"), P("primaryStorageUuid", ref="primary_storages"),
    P("clusterUuid", ref="clusters"), P("datasetUuids", "StringList", ref="datasets"),
    P("modelServiceGroupUuids", "StringList", ref="instance_groups"), P("cpuNum", "Integer"), P("memorySize", "Long"),
    P("l3NetworkUuids", "StringList", ref="l3_networks"), P("environmentVariables", "Map"), P("startupParameters", "Map"),
    P("serviceBootUptime", "Integer"), P("serviceLivez", max=255), P("serviceReadyz", max=255), P("rootDiskOfferingUuid", ref="disk_offerings"),
    P("rootDiskSize", "Long"),
)

DEPLOY_MORE = (
    P("requestCpuNum", "Integer"), P("requestMemorySize", "Long"), P("projectUuid"), P("businessNetworkProfileUuid", since=NEWER),
    P("enableDeveloperEndpoint", "Boolean", since=NEWER), P("placementMode", choices=("Auto", "Pinned"), since=NEWER), P("targetUuid", since=NEWER),
    P("gpuSpecUuid", ref="gpu_specs", since=NEWER), P("gpuCount", "Integer", bounds=(1, 2147483647), since=NEWER),
)

DEPLOY = (source("model_services"),) + DEPLOY_COMMON + DEPLOY_MORE + create_params()

UPDATE_GROUP = (
    target("instance_groups"), P("name", max=255), P("description", max=2048), P("environmentVariables", "Map"), P("startupParameters", "Map"),
    P("serviceLivez", max=255), P("serviceReadyz", max=255), P("serviceBootupTime", "Integer"),
)

CREATE_DATASET = (
    P("name", required=True, max=255), P("description", max=2048), P("url", required=True, max=2048),
    P("modelCenterUuid", required=True, ref="model_centers"), P("token"), P("system", "Boolean"),
) + create_params()

UPDATE_DATASET = (
    target("datasets"), P("name"), P("description"), P("usageScenarios", "StringList", choices=USAGE_SCENARIOS), P("dataType", choices=DATA_TYPES),
)

EVALUATE = (
    source("model_services"), P("taskType", required=True, choices=("Performance", "Capability")), P("limits", "Integer", required=True),
    P("temperature", "Float"), P("topK", "Integer"), P("topP", "Float"), P("maxNewTokens", "Integer"), P("repetitionPenalty", "Float"),
    P("maxLength", "Integer", bounds=(128, 128000)), P("prompt"), P("model"), P("url"), P("parallel", "Integer", bounds=(0, 1024)),
    P("logEveryQuery", "Integer", bounds=(5, 300)), P("api", choices=("openai", "dashscope")), P("requestHeaders", "Map"),
    P("connectTimeout", "Integer", bounds=(5, 120)), P("readTimeout", "Integer", bounds=(5, 120)),
) + DEPLOY_COMMON + create_params()

PROXY = (
    P("proxyUsername", max=255), P("proxyPassword", max=255), P("isEnabled", "Boolean"), P("proxyProtocolVersion", max=255), P("useSsl", "Boolean"),
    P("noProxy", max=255),
)

SERVING_APIS: tuple[Api, ...] = (
    action("DeployModelService", "PUT", SERVICES + "/{uuid}", DEPLOY, target="instance_groups", creates=True, since="5.1.8"),
    query_api("QueryModelServiceInstanceGroup", "instance_groups", GROUPS + "/", since="5.2.1"),
    action("DeleteModelServiceInstanceGroup", "DELETE", GROUPS + "/{uuid}", delete_params(), since="5.1.8"),
    action("DeleteModelServiceInstanceGroups", "DELETE", GROUPS, batch_delete_params(), since="5.3.20"),
    action("UpdateModelServiceInstanceGroup", "PUT", UPDATED_GROUPS + "/{uuid}", UPDATE_GROUP, target="instance_groups", since="5.1.8"),
    action("RestartModelServiceGroups", "PUT", UPDATED_GROUPS,
           (P("uuids", "StringList", required=True, nonempty=True, ref="instance_groups", owned=True),), since="5.3.22"),
    action("CreateDataset", "POST", DATASETS, CREATE_DATASET, target="datasets", creates=True),
    action("UpdateDataset", "PUT", DATASETS + "/{uuid}", UPDATE_DATASET, target="datasets"),
    action("UpdateDatasets", "PUT", DATASETS, (P("updateDatasetStructs", "StructList", required=True, nonempty=True),)),
    action("DeleteDataset", "DELETE", DATASETS + "/{uuid}", delete_params()),
    action("DeleteDatasets", "DELETE", DATASETS, batch_delete_params()),
    query_api("QueryDataset", "datasets", DATASETS),
    action("DeployModelEvalService", "PUT", SERVICES + "/eval/{uuid}", EVALUATE, target="instance_groups", creates=True, since="5.1.8"),
    query_api("QueryModelEvalServiceInstanceGroup", "model_eval_groups", "/v1/ai/model-eval-services/instances/groups/"),
    action("UpdateModelEvaluationTask", "PUT", TASKS + "/{uuid}", (target("model_evaluation_tasks"), P("name"), P("description")),
           target="model_evaluation_tasks", since="5.3.20"),
    action("DeleteModelEvaluationTask", "DELETE", TASKS + "/{uuid}", delete_params()[:1]),
    action("DeleteModelEvaluationTasks", "DELETE", TASKS, batch_delete_params()[:1]),
    query_api("QueryModelEvaluationTask", "model_evaluation_tasks", TASKS),
    query_api("QueryTrainedModelRecord", "trained_model_records", "/v1/ai/trained-model/records", "/v1/ai/trained-model/record/{uuid}", since="5.1.8"),
    action("CreateUserProxyConfig", "POST", PROXIES,
           (P("proxyType", required=True, max=255), P("proxyHost", required=True, max=255), P("proxyPort", "Integer", required=True)) + PROXY
           + create_params(), target="user_proxy_configs", creates=True),
    action("UpdateUserProxyConfig", "PUT", PROXIES + "/{uuid}",
           (target("user_proxy_configs"), P("proxyType", max=255), P("proxyHost", max=255), P("proxyPort", "Integer")) + PROXY,
           target="user_proxy_configs"),
    action("DeleteUserProxyConfig", "DELETE", PROXIES + "/{uuid}", delete_params()[:1]),
    query_api("QueryUserProxyConfig", "user_proxy_configs", PROXIES),
    query_api("QueryVmModelMount", "vm_model_mounts", "/v1/vm-model-mounts"),
)
