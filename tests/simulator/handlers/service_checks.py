# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that the service calls share (AI page, 7 and 10)."""
from __future__ import annotations

from ..errors import ai_error, java_list
from .registry import Context

# AI page, 7, plus HuggingFace: the published clone example sends it and shows a success.
FRAMEWORKS = ("vLLM", "Diffusers", "Transformers", "SentenceTransformers", "LlamaCpp", "BentoML", "Ollama", "Other", "SGLang", "MindIE",
              "HuggingFace")
ARCHITECTURES = ("x86_64", "aarch64", "mips64el", "loongarch64")
# Parameters of an update which edit parts of the yaml; they are refused together with yaml.
YAML_PARTS = ("environmentParameters", "startupParameters", "inferenceParams", "serviceName", "servicePorts", "serviceLivez", "serviceReadyz",
              "serviceBootupTime", "serviceInstallPath", "serviceStartCommand")
# Whether these are treated as single service parameters is not published; the strict reading is the default.
YAML_RELATED = ("requestCpu", "requestMemory", "gpuComputeCapability", "startCommand", "pythonVersion", "containerCommand", "containerArgs")
HIGHEST = 65535


def check_service(context: Context) -> None:
    """Run every check on the parameters of a service."""
    framework = context.get("framework")
    if framework is not None and framework not in FRAMEWORKS:
        raise ai_error(10036, f"framework[{framework}] is not supported, supported are {java_list(FRAMEWORKS)}")
    for name in context.get("cpuArchitectures") or []:
        check_architecture(name)
    if context.get("architectureImages") is not None:
        check_images(context, context.get("architectureImages"))
    if context.get("vendorToSpecUuidsMap") is not None:
        check_vendors(context, context.get("vendorToSpecUuidsMap"))


def check_architecture(name: str) -> None:
    """Refuse an unknown CPU architecture; case does not matter."""
    if name.lower() not in ARCHITECTURES:
        raise ai_error(10050, f"cpuArchitecture[{name}] is not supported, supported are {java_list(ARCHITECTURES)}")


def check_images(context: Context, images: list[dict | None]) -> None:
    """Check architectureImages."""
    if not images:
        raise ai_error(10056, "architectureImages cannot be empty")
    seen = set()
    for image in images:
        name = (image or {}).get("cpuArchitecture")
        if not name:
            raise ai_error(10049, "cpuArchitecture of architectureImages cannot be empty")
        check_architecture(name)
        if not image.get("vmImageUuid") and not image.get("dockerImage"):
            raise ai_error(10051, f"vmImageUuid or dockerImage is needed for cpuArchitecture[{name}]")
        if image.get("vmImageUuid"):
            check_vm_image(context, image["vmImageUuid"])
        if name.lower() in seen:
            raise ai_error(10055, f"cpuArchitecture[{name}] is given more than once")
        seen.add(name.lower())


def check_vm_image(context: Context, uuid: str) -> None:
    """Refuse an image that is unknown, disabled or not ready."""
    row = context.store.get("images", uuid)
    if row is None:
        raise ai_error(10052, f"image[uuid:{uuid}] not found")
    if row.get("state") != "Enabled":
        raise ai_error(10053, f"image[uuid:{uuid}] is not enabled")
    if row.get("status") != "Ready":
        raise ai_error(10054, f"image[uuid:{uuid}] is not ready")


def check_vendors(context: Context, vendors: dict) -> None:
    """Check vendorToSpecUuidsMap."""
    if not vendors:
        raise ai_error(10044, "vendorToSpecUuidsMap cannot be empty")
    for vendor, uuids in vendors.items():
        if not vendor.strip():
            raise ai_error(10045, "vendor of vendorToSpecUuidsMap cannot be empty")
        if not isinstance(uuids, list) or not uuids:
            raise ai_error(10046, f"vendor[{vendor}] has no GPU spec uuids")
        for uuid in uuids:
            if context.store.get("gpu_specs", uuid) is None:
                raise ai_error(10047, f"GPU spec[uuid:{uuid}] of vendor[{vendor}] not found")


def check_yaml_alone(context: Context) -> None:
    """Refuse yaml together with single service parameters."""
    names = YAML_PARTS + (YAML_RELATED if context.world.config.yaml_exclusive == "all" else ())
    others = list(context.message.given(*names))
    if context.message.values.get("yaml") is not None and others:
        raise ai_error(10043, f"yaml cannot be updated together with {others}")


def check_probes(context: Context) -> None:
    """Check the paths of the probes."""
    for number, name in ((10037, "serviceLivez"), (10038, "serviceReadyz")):
        path = context.get(name)
        if path is not None and (not path.startswith("/") or any(character.isspace() for character in path) or len(path) > 512):
            raise ai_error(number, f"{name}[{path}] must start with '/', contain no blanks and have at most 512 characters")


def check_boot_time(context: Context, name: str) -> None:
    """Check the boot time, which the deploying calls spell differently."""
    seconds = context.get(name)
    if seconds is not None and not 1 <= seconds <= HIGHEST:
        raise ai_error(10041, f"{name}[{seconds}] must be in range of [1, {HIGHEST}]")


def check_yaml_parts(context: Context) -> None:
    """Check the parameters that edit parts of the yaml."""
    check_probes(context)
    ports = context.get("servicePorts")
    if ports is not None:
        wrong = [port for port in ports if not 1 <= port <= HIGHEST]
        if wrong:
            raise ai_error(10039, f"servicePorts{wrong} must be in range of [1, {HIGHEST}]")
        if len(set(ports)) != len(ports):
            raise ai_error(10040, f"servicePorts{ports} contain a duplicate")
    check_boot_time(context, "serviceBootupTime")
