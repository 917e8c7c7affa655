# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The views of all readable kinds (AI API page, sections 2 and 11)."""

from __future__ import annotations

from ansible_collections.zstack.aios.plugins.module_utils._resources.common import SERVICES
from ansible_collections.zstack.aios.plugins.module_utils._resources.dataset import DATASET
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import EVALUATION_GROUPS, MODEL_EVALUATION
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP
from ansible_collections.zstack.aios.plugins.module_utils._resources.trained_model_record import TRAINED_MODEL_RECORD
from ansible_collections.zstack.aios.plugins.module_utils._resources.view import View, view_of

_REFS = {"modelServiceRefs": "uuid modelUuid modelServiceUuid isDefault:bool"}
_IMAGES = {"modelServiceImages": "uuid modelServiceUuid cpuArchitecture vmImageUuid dockerImage gpuVendor createDate:date lastOpDate:date"}
_INSTANCES = {
    "instances": "uuid name modelServiceGroupUuid yaml k8sResourceYaml status url urlMaps:map internalUrl jupyterUrl vmInstanceUuid nodeRank:int accountUuid "
                 "architecture gpuVendor createDate:date lastOpDate:date"}
_DATASETS = {"datasetRefInventories": "uuid datasetUuid modelServiceInstanceGroupUuid"}
_CAPACITY = {
    "capacity": "uuid modelUsedCapacity:int modelServiceUsedCapacity:int datasetUsedCapacity:int fineTuneUsedCapacity:int modelEvaluationUsedCapacity:int "
                "temporaryUsedCapacity:int cacheUsedCapacity:int",
    "zdfs": "uuid name description zoneUuid url status hostName sshPort:int createDate:date lastOpDate:date"}

VIEWS: dict[str, View] = {view.kind: view for view in (
    # SAMPLE_SIZE of a model is a constant and not a property (AI API page, section 11).
    view_of(
        MODEL, "models",
        "type minGpuMemory:int recommendedGpuMemory:int versionSemver isLatestVersion:bool "
        "artifactChecksum artifactSizeBytes:int architectureType frameworkVersion requiredAccelerator pipelineTag modelServiceRefs:records "
        "extraGpuMemRequest:int", _REFS),
    view_of(MODEL_CENTER, "model_centers", "status capacity:record zdfs:record", _CAPACITY, None),
    view_of(
        MODEL_SERVICE, "model_services",
        "readme size:int hasNewVersion:bool cpuArchitectures:texts modelServiceRefs:records modelServiceImages:records", {**_REFS, **_IMAGES}),
    view_of(
        MODEL_SERVICE_GROUP, "model_service_groups",
        "modelServiceUuid modelUuid instances:records datasetRefInventories:records status modelServiceType type yaml supportMetrics:texts exportPath",
        {**_INSTANCES, **_DATASETS}, (("modelServiceUuid", SERVICES),), ("yaml", "k8sResourceYaml")),
    view_of(DATASET, "datasets", "installPath size:int"),
    view_of(
        MODEL_EVALUATION, "model_evaluation_tasks",
        "type percentage:int opaque status modelServiceGroupUuid evaluatedServiceGroupUuid datasetUuid totalScore:float endTime:date",
        center=(("modelServiceGroupUuid", EVALUATION_GROUPS), ("modelServiceUuid", SERVICES))),
    TRAINED_MODEL_RECORD,
)}
