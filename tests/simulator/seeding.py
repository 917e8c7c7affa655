# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seed documents: what a server starts with."""
from __future__ import annotations

import json
import os
from copy import deepcopy
from datetime import datetime
from uuid import NAMESPACE_URL, uuid4, uuid5

import yaml

from . import evaluation, lifecycle
from .auth import ADMIN_UUID, password_hash
from .clock import now_ms
from .handlers.models import give_model_ids
from .handlers.tags import kind_of_resource
from .kinds import KINDS, SEEDABLE
from .serialise import MONTHS
from .world import World

DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "seeds", "demo.yml")

# Values of fields that a seed leaves out.
DEFAULTS: dict[str, dict] = {
    "accounts": {"type": "Normal", "state": "Enabled"},
    "access_keys": {"accountUuid": ADMIN_UUID, "state": "Enabled"},
    "iam2_virtual_ids": {"state": "Enabled", "type": "ZStack"},
    "iam2_projects": {"state": "Enabled", "virtualIDUuids": []},
    "models": {"type": "Custom", "size": 0},
    "model_centers": {"status": "Connected", "url": "http://192.0.2.40:8000", "managementIp": "192.0.2.40", "managementPort": 22},
    "model_services": {"type": "Endpoint", "framework": "Other", "source": "Other", "size": 0, "system": False, "hasNewVersion": False,
                       "requestCpu": 1, "requestMemory": 1024, "yaml": "", "installPath": "/", "startCommand": "",
                       "modelServiceImages": [], "cpuArchitectures": []},
    "instance_groups": {"status": "Running", "type": "VirtualMachine", "modelServiceType": "Endpoint", "instances": [],
                        "datasetRefInventories": [], "supportMetrics": []},
    "user_tags": {"type": "User"},
    "system_tags": {"type": "System", "inherent": False},
    "tag_patterns": {"type": "simple", "color": "#1A1A1A"},
    "images": {"state": "Enabled", "status": "Ready", "mediaType": "RootVolumeTemplate", "format": "qcow2", "platform": "Linux"},
    "zones": {"state": "Enabled", "type": "zstack"},
    "clusters": {"state": "Enabled", "type": "zstack", "hypervisorType": "KVM"},
    "l3_networks": {"state": "Enabled", "system": False, "type": "L3BasicNetwork", "category": "Private"},
    "instance_offerings": {"state": "Enabled", "type": "UserVm"},
    "disk_offerings": {"state": "Enabled", "type": "zstack"},
    "primary_storages": {"state": "Enabled", "status": "Connected"},
    "datasets": {"size": 0, "system": False},
    "model_evaluation_tasks": {"type": "Capability", "status": "Completed", "percentage": 100},
    "user_proxy_configs": {"isEnabled": False, "useSsl": False},
    "zdfs": {"status": "Connected", "sshPort": 22},
    "network_profiles": {"status": "Enabled", "defaultProfile": False},
}


def read_seed(path: str) -> dict:
    """Return the document of a YAML or JSON file."""
    with open(path, encoding="utf-8") as file:
        return json.load(file) if path.endswith(".json") else yaml.safe_load(file) or {}


def default_seed() -> dict:
    """Return the built-in demo seed."""
    return read_seed(DEMO)


def load_seed(world: World, document: dict) -> None:
    """Add or replace what a seed document names; raise ValueError for unknown keys.

    The administrator account is always there, with the password "password" unless the seed gives another.
    """
    unknown = set(document) - set(SEEDABLE) - {"generate"}
    if unknown:
        raise ValueError(f"unknown seed keys {sorted(unknown)}; known: {sorted(SEEDABLE)} and generate")
    ensure_base(world)
    for kind in SEEDABLE:
        for item in document.get(kind) or []:
            add_row(world, kind, item)
    generate(world, document.get("generate") or {})
    give_model_ids(world)
    resume_all(world)
    world.store.commit()


def resume_all(world: World) -> None:
    """Continue all operations that take time."""
    lifecycle.resume(world)
    evaluation.resume(world)


def ensure_base(world: World) -> None:
    """Store the objects of every server: the administrator and the server itself."""
    if world.store.get("accounts", ADMIN_UUID) is None:
        add_row(world, "accounts", {"uuid": ADMIN_UUID, "name": "admin", "password": "password", "type": "SystemAdmin"})
    if not world.store.count("management_nodes"):
        uuid = uuid5(NAMESPACE_URL, "management-node").hex
        world.store.put("management_nodes", {"uuid": uuid, "hostName": "192.0.2.10", "joinDate": now_ms(), "heartBeat": now_ms()})


def add_row(world: World, kind: str, item: dict) -> None:
    """Store one row of a seed."""
    now = now_ms()
    row = {"uuid": uuid4().hex, "createDate": now, "lastOpDate": now, "_owner": ADMIN_UUID, **deepcopy(DEFAULTS.get(kind, {})), **deepcopy(item)}
    for name, field in KINDS[kind].by_name.items():
        value = row.get(name)
        if field.type == "Timestamp" and isinstance(value, str):
            row[name] = epoch_of(value, world)
        elif field.type == "IntText" and isinstance(value, list):
            row[name] = ",".join(str(number) for number in value)
        elif field.type == "String" and value is not None and not isinstance(value, str):
            row[name] = str(value)
    store_special(world, kind, row)
    world.store.put(kind, row)


def store_special(world: World, kind: str, row: dict) -> None:
    """Turn what a seed writes in the form of an inventory into the stored form (changes `row`)."""
    if kind == "ldap_entries":
        # a directory knows the password itself
        row["_password"] = str(row.pop("password", ""))
    elif kind in ("accounts", "users", "iam2_virtual_ids"):
        clear = row.pop("password", None)
        row["_password"] = password_hash(clear) if clear is not None else row.pop("passwordHash", "")
    elif kind == "access_keys":
        row.setdefault("userUuid", row["accountUuid"])
    elif kind in ("user_tags", "system_tags"):
        found = kind_of_resource(world.store, row["resourceUuid"])
        row.setdefault("resourceType", KINDS[found].vo if found else "ModelVO")
        row.pop("tagPattern", None)
        row["_shared"] = True
    elif kind == "model_services":
        for image in row["modelServiceImages"]:
            image.setdefault("uuid", uuid4().hex)
            image["cpuArchitecture"] = image["cpuArchitecture"].lower()
            image.update(modelServiceUuid=row["uuid"], createDate=row["createDate"], lastOpDate=row["lastOpDate"])
        if row["modelServiceImages"]:
            row["cpuArchitectures"] = [image["cpuArchitecture"] for image in row["modelServiceImages"]]
    elif kind == "instance_groups":
        for instance in row["instances"]:
            instance.setdefault("uuid", uuid4().hex)
            instance.setdefault("name", row.get("name"))
            instance.setdefault("status", row["status"])
            instance.update(modelServiceGroupUuid=row["uuid"], createDate=row["createDate"], lastOpDate=row["lastOpDate"])
    if kind in ("models", "model_services"):
        row.pop("SAMPLE_SIZE", None)
        store_refs(world, "modelUuid" if kind == "models" else "modelServiceUuid", row)


def store_refs(world: World, own: str, row: dict) -> None:
    """Store the bindings that a model or a service of a seed names in modelServiceRefs."""
    refs = row.pop("modelServiceRefs", None)
    if refs is None:
        return
    for old in world.store.find("model_service_refs", own, row["uuid"]):
        world.store.delete("model_service_refs", old["uuid"])
    for ref in refs:
        world.store.put("model_service_refs", {"uuid": uuid4().hex, "isDefault": False, **ref, own: row["uuid"]})


def epoch_of(text: str, world: World) -> int:
    """Return the milliseconds of a date written as in an inventory (java8 style) or in ISO form, in the server's zone."""
    words = text.replace(",", "").replace("\u202f", " ").split()
    if words and words[0] in MONTHS:
        moment = datetime.strptime(" ".join(words), "%b %d %Y %I:%M:%S %p")
    else:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=world.config.tzinfo)
    return int(moment.timestamp() * 1000)


def generated_uuid(kind: str, number: int) -> str:
    """Return the uuid of a generated row; the same every time, and of a form that resourceUuid accepts."""
    return uuid5(NAMESPACE_URL, f"zstack-simulator/{kind}/{number}").hex


def generate(world: World, request: dict) -> None:
    """Add many rows with every field set: {"models": N, "model_services": N, "model_center": uuid}."""
    unknown = set(request) - {"models", "model_services", "model_center"}
    if unknown:
        raise ValueError(f"unknown keys in generate: {sorted(unknown)}")
    if not request:
        return
    center = request.get("model_center") or generated_uuid("center", 1)
    if world.store.get("model_centers", center) is None:
        add_row(world, "model_centers", {"uuid": center, "name": "center-generated"})
    for number in range(1, int(request.get("models", 0)) + 1):
        add_row(world, "models", generated_model(number, center))
    for number in range(1, int(request.get("model_services", 0)) + 1):
        add_row(world, "model_services", generated_service(number, center))


def generated_model(number: int, center: str) -> dict:
    """Return the seed of a generated model."""
    name = f"model-{number:04d}"
    return {
        "uuid": generated_uuid("model", number), "name": name, "description": f"Generated model {number}", "installPath": f"/models/{name}",
        "parameters": "{\"layers\": 32}", "modelCenterUuid": center, "logo": "iVBORw0KGgo", "vendor": ("Alibaba", "Meta", "Mistral")[number % 3],
        "modelId": f"generated/{name}", "introduction": f"# {name}", "size": 1024 ** 3 + number, "version": "1.0", "type": "Custom",
        "minGpuMemory": 8 * 1024 ** 3, "recommendedGpuMemory": 16 * 1024 ** 3, "recommendedGpuNum": "1,2,4",
        "gpuConstraintDescription": "one GPU of 16 GiB", "versionSemver": "1.0.0", "isLatestVersion": True,
        "artifactChecksum": f"{number:064x}", "artifactSizeBytes": 1024 ** 3, "architectureType": "Qwen3MoeForCausalLM",
        "frameworkVersion": "PyTorch 2.3.0", "requiredAccelerator": "cuda:12.1", "pipelineTag": "text-generation",
        "extraGpuMemRequest": 2 * 1024 ** 3,
    }


def generated_service(number: int, center: str) -> dict:
    """Return the seed of a generated service."""
    name = f"service-{number:04d}"
    return {
        "uuid": generated_uuid("service", number), "name": name, "description": f"Generated service {number}", "readme": f"# {name}",
        "yaml": f"services:\n- ports:\n  - 3000\n  name: {name}\n", "requestCpu": 4, "requestMemory": 8192, "modelCenterUuid": center,
        "framework": "vLLM", "size": 1024, "gpuComputeCapability": "7.5", "installPath": f"/services/{name}", "pythonVersion": "3.10",
        "condaVersion": "23.7.4", "startCommand": "python start.py", "containerCommand": "/bin/sh", "containerArgs": "-c start",
        "supportDistributed": False,
        "modelServiceImages": [{"cpuArchitecture": "x86_64", "dockerImage": f"registry.example.com/{name}:1"}],
    }
