# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects that the server stores, their inventory fields and how these can be queried.

Fields are written as ``name[:type[:since]]``; the type is String unless told. Sources: AI page, 8, 9 and 11; REST page, 2.4, 5.3 and 6.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from .options import version_tuple


@dataclass(frozen=True)
class Field:
    """One inventory field: API name, type name, first server version that has it (None: always)."""

    name: str
    type: str = "String"
    since: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of object.

    :param name: snake_case plural, also the key in seeds and in /_simulator/state.
    :param vo: name used in error texts and as resourceType of tags.
    :param inventory: class name in the schema of query answers.
    :param indexes: fields with a fast lookup.
    :param expansions: nested query fields: prefix -> (kind, field of this kind, field of the other kind), or None for rows inside the object.
    :param resource: shares the uuid space of all resources.
    :param optional: references to it are checked only if any are stored, so that a seed need not describe the platform around the AI objects.
    :param table: kind whose rows these are, for a kind that shows some rows of another one with more fields.
    :param where: (field, value) that selects those rows.
    """

    name: str
    vo: str
    inventory: str
    fields: tuple[Field, ...]
    indexes: tuple[str, ...] = ()
    expansions: dict = field(default_factory=dict)
    resource: bool = True
    optional: bool = False
    table: str | None = None
    where: tuple[str, object] | None = None

    @property
    def by_name(self) -> dict[str, Field]:
        """Return the fields by name."""
        return FIELDS_BY_NAME[self.name]


def parse_fields(text: str) -> tuple[Field, ...]:
    """Return the fields of a table written as text."""
    result = []
    for item in text.split():
        parts = item.split(":")
        result.append(Field(parts[0], parts[1] if len(parts) > 1 and parts[1] else "String", version_tuple(parts[2]) if len(parts) > 2 else None))
    return tuple(result)


DATES = " createDate:Timestamp lastOpDate:Timestamp"

MODEL = """uuid name description installPath parameters modelCenterUuid logo vendor modelId::5.5.22 introduction size:Long version type
    minGpuMemory:Long recommendedGpuMemory:Long recommendedGpuNum:IntText:5.4.6 gpuConstraintDescription::5.4.6 versionSemver
    isLatestVersion:Boolean artifactChecksum artifactSizeBytes:Long architectureType frameworkVersion requiredAccelerator
    pipelineTag::5.5.22 modelServiceRefs:Computed extraGpuMemRequest:Long SAMPLE_SIZE:Computed""" + DATES

MODEL_CENTER = """uuid name description url status parameters managementIp managementPort:Integer storageNetworkUuid serviceNetworkUuid
    containerRegistry containerStorageNetwork::5.1.20 containerNetwork capacity:Map zdfs:Map""" + DATES

MODEL_SERVICE = """uuid name description readme::5.3.20 yaml requestCpu:Integer requestMemory:Long modelCenterUuid type framework source size:Long
    system:Boolean hasNewVersion:Boolean:5.5.22 gpuComputeCapability installPath pythonVersion condaVersion startCommand
    containerCommand::5.5.22 containerArgs::5.5.22 supportDistributed:Boolean:5.3.46 cpuArchitectures:List:5.3.40
    vendorToSpecUuidsMap:Map:5.5.22 modelServiceRefs:Computed modelServiceImages:Rows:5.3.40""" + DATES

GROUP = """uuid name description modelServiceUuid modelUuid instances:Rows datasetRefInventories:Rows status modelServiceType type yaml
    supportMetrics:List exportPath""" + DATES

EVAL_GROUP = " limits:Integer temperature:Float topK:Integer topP:Float maxLength:Integer maxNewTokens:Integer repetitionPenalty:Float"

EVALUATION_TASK = """uuid name type description percentage:Integer opaque status modelServiceGroupUuid evaluatedServiceGroupUuid datasetUuid
    limits:Integer maxNewTokens:Integer topK:Integer temperature:Float topP:Float prompt repetitionPenalty:Float maxLength:Integer model url
    parallel:Integer logEveryQuery:Integer api requestHeaders:Map connectTimeout:Integer readTimeout:Integer totalScore:Float
    endTime:Timestamp""" + DATES

TAG = "uuid resourceUuid resourceType tag type"

TO_CENTER = {"modelCenter": ("model_centers", "modelCenterUuid", "uuid")}
MODEL_EXPANSIONS = {"modelServiceRefs": ("model_service_refs", "uuid", "modelUuid"), **TO_CENTER}
SERVICE_EXPANSIONS = {"modelServiceRefs": ("model_service_refs", "uuid", "modelServiceUuid"), "modelServiceImages": None, **TO_CENTER}
TO_ZONE = {"zone": ("zones", "zoneUuid", "uuid")}
GROUP_EXPANSIONS = {
    "instances": None,
    "modelService": ("model_services", "modelServiceUuid", "uuid"),
    "model": ("models", "modelUuid", "uuid"),
}
TO_MODEL = {"model": ("models", "modelUuid", "uuid")}
TASK_EXPANSIONS = {"modelServiceGroup": ("instance_groups", "modelServiceGroupUuid", "uuid"), "dataset": ("datasets", "datasetUuid", "uuid")}

KINDS: dict[str, Kind] = {kind.name: kind for kind in (
    Kind("accounts", "AccountVO", "org.zstack.header.identity.AccountInventory", parse_fields("uuid name description type state" + DATES), ("name",)),
    Kind("users", "UserVO", "org.zstack.header.identity.UserInventory", parse_fields("uuid accountUuid name description" + DATES), ("name",)),
    Kind("ldap_entries", "LdapAccountRefVO", "org.zstack.ldap.LdapAccountRefInventory",
         parse_fields("uuid uid accountUuid virtualIDUuid" + DATES), ("uid",), resource=False),
    Kind("iam2_virtual_ids", "IAM2VirtualIDVO", "org.zstack.iam2.entity.IAM2VirtualIDInventory", parse_fields("uuid name description state type" + DATES),
         ("name",)),
    Kind("iam2_projects", "IAM2ProjectVO", "org.zstack.iam2.entity.IAM2ProjectInventory",
         parse_fields("uuid name description state linkedAccountUuid virtualIDUuids:List" + DATES), ("name",)),
    Kind("sessions", "SessionVO", "org.zstack.header.identity.SessionInventory",
         parse_fields("uuid accountUuid userUuid expiredDate:Timestamp createDate:Timestamp noSessionEvaluation:Boolean"), resource=False),
    Kind("access_keys", "AccessKeyVO", "org.zstack.accessKey.AccessKeyInventory",
         parse_fields("uuid description accountUuid userUuid AccessKeyID AccessKeySecret state" + DATES), ("AccessKeyID", "accountUuid")),
    Kind("models", "ModelVO", "org.zstack.ai.entity.ModelInventory", parse_fields(MODEL), ("name", "modelId", "modelCenterUuid"), MODEL_EXPANSIONS),
    Kind("model_centers", "ModelCenterVO", "org.zstack.ai.entity.ModelCenterInventory", parse_fields(MODEL_CENTER), ("name",)),
    Kind("model_services", "ModelServiceVO", "org.zstack.ai.entity.ModelServiceInventory", parse_fields(MODEL_SERVICE),
         ("name", "modelCenterUuid"), SERVICE_EXPANSIONS),
    Kind("model_service_refs", "ModelServiceRefVO", "org.zstack.ai.entity.ModelServiceRefInventory",
         parse_fields("uuid modelUuid modelServiceUuid isDefault:Boolean:5.5.22"), ("modelUuid", "modelServiceUuid"), resource=False),
    Kind("instance_groups", "ModelServiceInstanceGroupVO", "org.zstack.ai.entity.ModelServiceInstanceGroupInventory", parse_fields(GROUP),
         ("name", "modelServiceUuid", "modelUuid"), GROUP_EXPANSIONS),
    Kind("vm_model_mounts", "VmModelMountVO", "org.zstack.ai.entity.VmModelMountInventory",
         parse_fields("uuid vmInstanceUuid modelUuid modelName mountPath sourcePath status" + DATES), ("modelUuid",)),
    Kind("model_eval_groups", "ModelEvalServiceInstanceGroupVO", "org.zstack.ai.entity.ModelEvalServiceInstanceGroupInventory",
         parse_fields(GROUP + EVAL_GROUP), (), GROUP_EXPANSIONS, table="instance_groups", where=("_evaluates", True)),
    Kind("app_services", "ApplicationDevelopmentServiceVO", "org.zstack.ai.entity.ApplicationDevelopmentServiceInventory",
         parse_fields("deploymentStatus packageVersion " + GROUP), (), GROUP_EXPANSIONS, table="instance_groups", where=("_app", True)),
    Kind("zdfs", "ZdfsVO", "org.zstack.ai.entity.ZdfsInventory",
         parse_fields("uuid name description zoneUuid url status hostName sshPort:Integer storage:Map" + DATES), ("name",)),
    Kind("gateway_offerings", "AIBusinessGatewayOfferingVO", "org.zstack.ai.entity.AIBusinessGatewayOfferingInventory",
         parse_fields("uuid name description imageUuid instanceOfferingUuid managementNetworkUuid businessNetworkUuid developerAccessNetworkUuid "
                      "agentPort:Integer listenerPort:Integer" + DATES), ("name",)),
    Kind("network_profiles", "ModelCenterBusinessNetworkProfileVO", "org.zstack.ai.entity.ModelCenterBusinessNetworkProfileInventory",
         parse_fields("uuid name description modelCenterUuid zoneUuid clusterUuid nativeClusterUuid backendType modelServiceNetworkUuid "
                      "developerAccessNetworkUuid storageNetworkUuid containerNetwork containerDeveloperAccessNetwork containerStorageNetwork "
                      "businessGatewayUuid developerAccessGatewayUuid defaultProfile:Boolean status" + DATES), ("name",)),
    Kind("host_model_caches", "AiHostModelCacheVO", "org.zstack.ai.entity.AiHostModelCacheInventory",
         parse_fields("uuid hostUuid modelCenterUuid modelUuid sourceRoot sourcePath checksum contentVersion identityHash status sizeBytes:Long" + DATES),
         ("modelUuid",)),
    Kind("model_evaluation_tasks", "ModelEvaluationTaskVO", "org.zstack.ai.entity.ModelEvaluationTaskInventory", parse_fields(EVALUATION_TASK),
         ("name",), TASK_EXPANSIONS),
    Kind("trained_model_records", "TrainedModelRecordVO", "org.zstack.ai.entity.TrainedModelRecordInventory",
         parse_fields("uuid modelUuid sourceModelUuid modelServiceInstanceGroupUuid datasetUuid" + DATES), ("modelUuid",), TO_MODEL),
    Kind("user_proxy_configs", "UserProxyConfigVO", "org.zstack.ai.entity.UserProxyConfigInventory",
         parse_fields("uuid proxyType proxyHost proxyPort:Integer proxyUsername proxyPassword isEnabled:Boolean proxyProtocolVersion useSsl:Boolean noProxy"
                      + DATES)),
    Kind("datasets", "DatasetVO", "org.zstack.ai.entity.DatasetInventory",
         parse_fields("uuid name description url installPath modelCenterUuid size:Long system:Boolean" + DATES), ("name", "modelCenterUuid")),
    Kind("user_tags", "UserTagVO", "org.zstack.header.tag.UserTagInventory",
         parse_fields(TAG + " tagPatternUuid tagPattern:Computed" + DATES), ("resourceUuid", "tag", "tagPatternUuid"),
         {"tagPattern": ("tag_patterns", "tagPatternUuid", "uuid")}, resource=False),
    Kind("system_tags", "SystemTagVO", "org.zstack.header.tag.SystemTagInventory",
         parse_fields(TAG + " inherent:Boolean" + DATES), ("resourceUuid", "tag"), resource=False),
    Kind("tag_patterns", "TagPatternVO", "org.zstack.header.tag.TagPatternInventory",
         parse_fields("uuid name value description color type" + DATES), ("name",)),
    Kind("images", "ImageVO", "org.zstack.header.image.ImageInventory",
         parse_fields("uuid name description state status size:Long url mediaType format platform architecture" + DATES), ("name",)),
    Kind("gpu_specs", "GpuDeviceSpecVO", "org.zstack.pciDevice.gpu.GpuDeviceSpecInventory",
         parse_fields("uuid name description vendor vendorId deviceId type memory:Long" + DATES), ("name", "vendor")),
    Kind("zones", "ZoneVO", "org.zstack.header.zone.ZoneInventory", parse_fields("uuid name description state type" + DATES), ("name",),
         optional=True),
    Kind("clusters", "ClusterVO", "org.zstack.header.cluster.ClusterInventory",
         parse_fields("uuid name description state hypervisorType type zoneUuid" + DATES), ("name",), TO_ZONE, optional=True),
    Kind("l3_networks", "L3NetworkVO", "org.zstack.header.network.l3.L3NetworkInventory",
         parse_fields("uuid name description system:Boolean state type category zoneUuid l2NetworkUuid" + DATES), ("name",), TO_ZONE, optional=True),
    Kind("instance_offerings", "InstanceOfferingVO", "org.zstack.header.configuration.InstanceOfferingInventory",
         parse_fields("uuid name description cpuNum:Integer memorySize:Long type state" + DATES), ("name",), optional=True),
    Kind("disk_offerings", "DiskOfferingVO", "org.zstack.header.configuration.DiskOfferingInventory",
         parse_fields("uuid name description diskSize:Long type state" + DATES), ("name",), optional=True),
    Kind("primary_storages", "PrimaryStorageVO", "org.zstack.header.storage.primary.PrimaryStorageInventory",
         parse_fields("uuid name description zoneUuid url type state status" + DATES), ("name",), TO_ZONE, optional=True),
    Kind("management_nodes", "ManagementNodeVO", "org.zstack.header.managementnode.ManagementNodeInventory",
         parse_fields("uuid hostName joinDate:Timestamp heartBeat:Timestamp"), resource=False),
    Kind("jobs", "RestAPIVO", "", parse_fields("uuid call state status:Integer createDate:Timestamp"), resource=False),
)}

# Classes of the objects inside an inventory that are no kind of their own, by field (AI page, 11).
NESTED_CLASSES = {
    "capacity": "org.zstack.ai.entity.ModelCenterCapacityInventory",
    "datasetRefInventories": "org.zstack.ai.entity.ModelServiceGroupDatasetRefInventory",
    "instances": "org.zstack.ai.entity.ModelServiceInstanceInventory",
    "modelServiceImages": "org.zstack.ai.entity.ModelServiceTemplateInventory",
    "zdfs": "org.zstack.ai.entity.ZdfsInventory",
}

# Longest texts that the columns hold (AI page, 9); a longer one is an error of the database, not of the request.
COLUMNS: dict[str, dict[str, int]] = {
    "model_centers": {"name": 128, "description": 2048, "url": 2048, "parameters": 128, "managementIp": 128, "containerRegistry": 2048,
                      "containerNetwork": 2048, "containerStorageNetwork": 2048},
    "models": {"name": 255, "description": 2048, "installPath": 2048, "version": 255, "vendor": 255, "modelId": 255},
    "model_services": {"name": 255, "description": 2048, "condaVersion": 32, "gpuComputeCapability": 32, "installPath": 512, "startCommand": 1024,
                       "pythonVersion": 32},
    "datasets": {"name": 255, "description": 2048, "url": 2048, "installPath": 2048},
    "instance_groups": {"name": 255, "description": 2048},
}

FIELDS_BY_NAME: dict[str, dict[str, Field]] = {kind.name: {item.name: item for item in kind.fields} for kind in KINDS.values()}

# kinds that a seed document may hold (the generated ones aside)
SEEDABLE = tuple(name for name, kind in KINDS.items() if kind.table is None and name not in ("sessions", "jobs", "management_nodes", "model_service_refs"))

KIND_OF_VO: dict[str, str] = {kind.vo: kind.name for kind in KINDS.values() if kind.resource and kind.table is None}
