# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of models, centers and services with every parameter (AI page, 8 and 11). The tables are data: nothing here has behaviour."""
from __future__ import annotations

from .apis import NEWER, Api, P, action, batch_delete_params, create_params, delete_params, query_api, source, target

SERVICE_TYPES = ("Endpoint", "FineTune", "App", "ModelEval")
SERVICE_SOURCES = ("Other", "Bentoml", "HuggingFace")

MODELS = "/v1/ai/models"
CENTERS = "/v1/ai/model-centers"
SERVICES = "/v1/ai/model-services"


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
    P("type", choices=("Endpoint", "FineTune", "ModelEval", "App"), default="Endpoint"), P("source", choices=SERVICE_SOURCES, default="Other"), P("framework"),
    P("modelUuids", "StringList", ref="models"), P("architectureImages", "StructList", since="5.3.40"),
    P("supportDistributed", "Boolean", since="5.3.46"), P("vendorToSpecUuidsMap", "Map", since="5.5.22"),
) + create_params()

CLONE_SERVICE = (
    source("model_services"), P("name"), P("description"), P("readme"), P("size", "Long", default=0), P("gpuComputeCapability"), P("installPath"),
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
    action("DeleteModelService", "DELETE", SERVICES + "/{uuid}", delete_params()),
    action("DeleteModelServices", "DELETE", SERVICES + "/", batch_delete_params()),
    query_api("QueryModelService", "model_services", SERVICES, since="5.2.1"),
)
