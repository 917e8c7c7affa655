# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AI calls with every parameter (AI page, 8 and 11). The tables are data: nothing here has behaviour."""
from __future__ import annotations

from .apis import NEWER, Api, P, Param, action, batch_delete_params, create_params, delete_params, query_api

SERVICE_TYPES = ("Endpoint", "FineTune", "App", "ModelEval")
SERVICE_SOURCES = ("Other", "Bentoml", "HuggingFace")

MODELS = "/v1/ai/models"
CENTERS = "/v1/ai/model-centers"
SERVICES = "/v1/ai/model-services"
GROUPS = "/v1/ai/model-services/instances/groups"


def target(kind: str) -> Param:
    """Return the uuid parameter of a call on an existing object of a kind."""
    return P("uuid", required=True, ref=kind)


ADD_MODEL = (
    P("name", required=True), P("installPath", required=True), P("description"), P("parameters"),
    P("modelCenterUuid", required=True, ref="model_centers"), P("logo"), P("vendor"), P("introduction"), P("size", "Long"), P("version"),
    P("token"), P("modelServiceUuids", "StringList", ref="model_services"),
    P("recommendedGpuNum", max=255, since="5.4.6"), P("gpuConstraintDescription", max=512, since="5.4.6"), P("modelId", max=255, since="5.5.22"),
    P("shareMode", choices=("Public",)), P("defaultModelServiceUuid", since="5.5.22"),
    P("fineTuningGroupUuid", since=NEWER), P("fineTuningExportFingerprint", max=64, since=NEWER), P("fineTuningSourceModelUuid", since=NEWER),
    P("fineTuningSourceModelInstallPath", since=NEWER), P("fineTuningSourceFramework", since=NEWER),
    P("fineTuningSourceArchitecture", since=NEWER),
) + create_params()

UPDATE_MODEL = (
    target("models"), P("name", max=255), P("installPath", max=255), P("description", max=255), P("vendor", max=255, since="5.5.6"),
    P("parameters", max=255), P("modelCenterUuid", max=255), P("modelClassifications", "StringList", since="5.4.6"),
    P("recommendedGpuNum", max=255, since="5.4.6"), P("gpuConstraintDescription", max=512, since="5.4.6"), P("modelId", max=255, since="5.5.22"),
    P("defaultModelServiceUuid", since="5.5.22"), P("clearDefaultModelService", "Boolean", since="5.5.22"),
)

PAIR = (P("modelUuid", required=True, ref="models"), P("modelServiceUuid", required=True, ref="model_services"))

CENTER_COMMON = (
    P("storageNetworkUuid", ref="l3_networks"), P("serviceNetworkUuid", ref="l3_networks"), P("containerRegistry"), P("containerNetwork"),
    P("containerStorageNetwork", since="5.1.20"),
)

ADD_CENTER = (
    P("name", required=True), P("url", required=True), P("description"), P("parameters"), P("managementIp", required=True),
    P("managementPort", "Integer", required=True),
) + CENTER_COMMON + (P("zoneUuid", required=True, since=NEWER),) + create_params()

UPDATE_CENTER = (
    target("model_centers"), P("name", max=255), P("url", max=255), P("description", max=255), P("parameters", max=255), P("managementIp"),
    P("managementPort", "Integer"),
) + CENTER_COMMON

ADD_SERVICE = (
    P("name", required=True), P("description"), P("yaml", required=True), P("modelCenterUuid", required=True, ref="model_centers"),
    P("requestCpu", "Integer", required=True), P("requestMemory", "Long", required=True), P("gpuComputeCapability"),
    P("installPath", required=True), P("system", "Boolean"), P("startCommand", required=True),
    P("containerCommand", since="5.5.22"), P("containerArgs", since="5.5.22"), P("pythonVersion"), P("condaVersion"), P("zoneUuid"),
    P("type", choices=SERVICE_TYPES, default="Endpoint"), P("source", choices=SERVICE_SOURCES, default="Other"), P("framework"),
    P("modelUuids", "StringList", ref="models"), P("architectureImages", "StructList", since="5.3.40"),
    P("supportDistributed", "Boolean", since="5.3.46"), P("vendorToSpecUuidsMap", "Map", since="5.5.22"),
) + create_params()

CLONE_SERVICE = (
    target("model_services"), P("name"), P("description"), P("readme"), P("size", "Long", default=0), P("gpuComputeCapability"), P("installPath"),
    P("startCommand"), P("pythonVersion"), P("condaVersion"), P("system", "Boolean", default=False), P("type", choices=SERVICE_TYPES), P("yaml"),
    P("source", choices=SERVICE_SOURCES), P("framework"), P("requestCpu", "Integer"), P("requestMemory", "Long"),
    P("cpuArchitectures", "StringList", since="5.3.40"), P("architectureImages", "StructList", since="5.3.40"),
    P("supportDistributed", "Boolean", since="5.3.46"), P("containerCommand", since="5.5.22"), P("containerArgs", since="5.5.22"),
    P("vendorToSpecUuidsMap", "Map", since="5.5.22"),
) + create_params()

UPDATE_SERVICE = (
    target("model_services"), P("name"), P("description"), P("yaml"), P("requestCpu", "Integer"), P("requestMemory", "Long"),
    P("gpuComputeCapability"), P("startCommand"), P("pythonVersion"), P("type", choices=SERVICE_TYPES), P("framework"),
    P("source", choices=SERVICE_SOURCES, since="5.3.20"), P("architectureImages", "StructList", since="5.3.40"),
    P("supportDistributed", "Boolean", since="5.3.46"), P("environmentParameters", "Map"), P("startupParameters", "Map"),
    P("inferenceParams", "Map"), P("serviceName"), P("servicePorts", "IntegerList"), P("serviceLivez"), P("serviceReadyz"),
    P("serviceBootupTime", "Integer"), P("serviceInstallPath"), P("serviceStartCommand"), P("containerCommand", since="5.5.22"),
    P("containerArgs", since="5.5.22"), P("vendorToSpecUuidsMap", "Map", since="5.5.22"),
)

DEPLOY = (
    target("model_services"), P("name", required=True), P("zoneUuid", required=True, ref="zones"),
    P("type", required=True, choices=("VirtualMachine", "Container")), P("description"), P("modelUuid", ref="models"), P("vmImageUuid", ref="images"),
    P("dockerImage"), P("primaryStorageUuid"), P("clusterUuid"), P("datasetUuids", "StringList"), P("modelServiceGroupUuids", "StringList"),
    P("cpuNum", "Integer"), P("memorySize", "Long"), P("requestCpuNum", "Integer"), P("requestMemorySize", "Long"),
    P("l3NetworkUuids", "StringList", ref="l3_networks"), P("environmentVariables", "Map"), P("startupParameters", "Map"),
    P("serviceBootUptime", "Integer"), P("serviceLivez", max=255), P("serviceReadyz", max=255), P("rootDiskOfferingUuid"), P("rootDiskSize", "Long"),
    P("projectUuid"), P("businessNetworkProfileUuid", since=NEWER), P("enableDeveloperEndpoint", "Boolean", since=NEWER),
    P("placementMode", choices=("Auto", "Pinned"), since=NEWER), P("targetUuid", since=NEWER), P("gpuSpecUuid", since=NEWER),
    P("gpuCount", "Integer", bounds=(1, 2147483647), since=NEWER),
) + create_params()

UPDATE_GROUP = (
    target("instance_groups"), P("name", max=255), P("description", max=2048), P("environmentVariables", "Map"), P("startupParameters", "Map"),
    P("serviceLivez", max=255), P("serviceReadyz", max=255), P("serviceBootupTime", "Integer"),
)

AI_APIS: tuple[Api, ...] = (
    action("AddModel", "POST", MODELS, ADD_MODEL, wrapper="param", target="models", creates=True, since="5.1.8"),
    action("UpdateModel", "PUT", MODELS + "/{uuid}", UPDATE_MODEL, target="models", since="5.1.8"),
    action("DeleteModel", "DELETE", MODELS + "/{uuid}", delete_params()),
    action("DeleteModels", "DELETE", MODELS, batch_delete_params(), since="5.2.1"),
    query_api("QueryModel", "models", MODELS, since="5.1.8"),
    action("BindModelToService", "POST", MODELS + "/{modelUuid}/model-services/{modelServiceUuid}", PAIR, wrapper="param", since="5.1.8"),
    action("UnbindModelFromService", "DELETE", MODELS + "/{modelUuid}/model-services/{modelServiceUuid}", PAIR),
    action("AddModelCenter", "POST", CENTERS, ADD_CENTER, wrapper="param", target="model_centers", creates=True, since="5.1.8"),
    action("UpdateModelCenter", "PUT", CENTERS + "/{uuid}", UPDATE_CENTER, target="model_centers", since="5.1.8"),
    action("DeleteModelCenter", "DELETE", CENTERS + "/{uuid}", delete_params()),
    query_api("QueryModelCenter", "model_centers", CENTERS),
    action("AddModelService", "POST", SERVICES, ADD_SERVICE, wrapper="param", target="model_services", creates=True, since="5.1.8"),
    action("CloneModelService", "POST", SERVICES + "/{uuid}", CLONE_SERVICE, target="model_services", creates=True, since="5.3.20"),
    action("UpdateModelService", "PUT", SERVICES + "/{uuid}", UPDATE_SERVICE, target="model_services", since="5.1.8"),
    action("DeployModelService", "PUT", SERVICES + "/{uuid}", DEPLOY, target="instance_groups", creates=True, since="5.1.8"),
    action("DeleteModelService", "DELETE", SERVICES + "/{uuid}", delete_params()),
    action("DeleteModelServices", "DELETE", SERVICES + "/", batch_delete_params()),
    query_api("QueryModelService", "model_services", SERVICES, since="5.2.1"),
    query_api("QueryModelServiceInstanceGroup", "instance_groups", GROUPS + "/", since="5.2.1"),
    action("DeleteModelServiceInstanceGroup", "DELETE", GROUPS + "/{uuid}", delete_params(), since="5.1.8"),
    action("DeleteModelServiceInstanceGroups", "DELETE", GROUPS, batch_delete_params(), since="5.3.20"),
    action("UpdateModelServiceInstanceGroup", "PUT", "/v1/model-service-instance-groups/{uuid}", UPDATE_GROUP, target="instance_groups",
           since="5.1.8"),
    action("RestartModelServiceGroups", "PUT", "/v1/model-service-instance-groups",
           (P("uuids", "StringList", required=True, nonempty=True, ref="instance_groups"),), since="5.3.22"),
    query_api("QueryDataset", "datasets", "/v1/ai/datasets"),
    query_api("QueryModelEvaluationTask", "model_evaluation_tasks", "/v1/model-evaluation-tasks"),
    query_api("QueryVmModelMount", "vm_model_mounts", "/v1/vm-model-mounts"),
)
