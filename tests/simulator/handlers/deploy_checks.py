# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that the deploying calls share (AI page, 6, 10 and 11)."""
from __future__ import annotations

from ..errors import ai_error
from .registry import Context
from .service_checks import check_boot_time, check_probes, check_vm_image

# Least share of cpuNum and memorySize that a container must request; the absolute floors are not published.
FLOOR = 0.2


def check_deployment(context: Context) -> None:
    """Check what every deployment needs: an image for its backend, a network, sizes that fit."""
    backend = context.get("type")
    if backend == "VirtualMachine" and not context.get("vmImageUuid"):
        raise ai_error(10071, "vmImageUuid is needed to deploy a VirtualMachine")
    if backend == "Container" and not context.get("dockerImage"):
        raise ai_error(10075, "dockerImage is needed to deploy a Container")
    if context.get("vmImageUuid"):
        check_vm_image(context, context.get("vmImageUuid"))
    service = context.store.get("model_services", context.get("uuid"))
    center = context.store.get("model_centers", service.get("modelCenterUuid")) or {}
    if not context.get("l3NetworkUuids") and not center.get("serviceNetworkUuid") and not center.get("storageNetworkUuid"):
        raise ai_error(10077, "no l3NetworkUuids given and the model center has no network")
    check_environment(context)
    check_probes(context)
    check_boot_time(context, "serviceBootUptime")
    check_sizes(context, backend)


def check_environment(context: Context) -> None:
    """Refuse a null among the environment variables."""
    if any(value is None for value in (context.get("environmentVariables") or {}).values()):
        raise ai_error(10078, "environmentVariables cannot contain a null value")


def check_sizes(context: Context, backend: str) -> None:
    """Check what a container requests against what it gets."""
    if context.get("cpuNum") is not None and context.get("cpuNum") <= 0:
        raise ai_error(10142, "cpuNum must be positive")
    if backend != "Container" and context.message.given("requestCpuNum", "requestMemorySize"):
        raise ai_error(10143, "requestCpuNum and requestMemorySize are for Container only")
    for above, below, name, total in ((10138, 10140, "requestCpuNum", "cpuNum"), (10139, 10141, "requestMemorySize", "memorySize")):
        request, size = context.get(name), context.get(total)
        if request is None or size is None:
            continue
        if request > size:
            raise ai_error(above, f"{name}[{request}] is above {total}[{size}]")
        if request < size * FLOOR:
            raise ai_error(below, f"{name}[{request}] is below its minimum[{size * FLOOR}]")
