# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Served endpoints as hosts of an inventory: their selection, variables and safe names."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.reading import Selection, center_of, read
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import is_hidden
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS

GROUP = VIEWS["model_service_group"]
# Types of services whose groups serve no endpoint.
WORKERS = ("FineTune", "ModelEval")
_UNSAFE = re.compile(r"[^\w.-]")
# Names that Ansible reserves.
_RESERVED = frozenset(("all", "ungrouped", "localhost", "localhost.localdomain", "127.0.0.1", "implicit"))
_LONGEST = 100

Row = dict[str, t.Any]


def read_endpoints(client: Client, selection: Selection, options: t.Mapping[str, t.Any]) -> list[Row]:
    """Return the variables of each endpoint, sorted by the uuid of its group. Only deployments that serve are included, unless the filters contain their type.

    :param selection: the selection of groups.
    :param options: ``model_center_uuid`` or ``model_center``, or neither.
    """
    chosen = Selection((*selection.criteria, *center_of(client, GROUP, options)), selection.pattern)
    typed = any(criterion.name == "model_service_type" for criterion in selection.criteria)
    groups = [row for row in read(client, GROUP, chosen)[0] if typed or row.get("modelServiceType") not in WORKERS]
    if not groups:
        return []
    services = _of(client, "model_service", [group.get("modelServiceUuid") for group in groups])
    models = _of(client, "model", [group.get("modelUuid") for group in groups])
    centers = _of(client, "model_center", [service.get("modelCenterUuid") for service in services.values()])
    return [
        _variables(group, instance, services.get(str(group.get("modelServiceUuid")), {}), models.get(str(group.get("modelUuid")), {}), centers)
        for group in groups for instance in _instances(group)]


def _of(client: Client, kind: str, uuids: t.Iterable[t.Any]) -> dict[str, Row]:
    """Return the objects with some uuids: in one request, or all objects of the kind if one request cannot contain the uuids."""
    wanted = sorted({uuid for uuid in uuids if isinstance(uuid, str) and _query.is_plain("uuid", uuid)})
    conditions = list(_query.one_of("uuid", wanted))
    rows = client.query(VIEWS[kind].path, conditions if len(conditions) == 1 else []) if wanted else []
    return {str(row["uuid"]): row for row in rows}


def _instances(group: Row) -> list[Row]:
    """Return the instances of a group that serve: those with an address, else those that may receive one, else an empty one for the group."""
    instances = group.get("instances")
    found = [row for row in (instances if isinstance(instances, list) else []) if isinstance(row, dict)]
    return [row for row in found if row.get("url") or row.get("internalUrl")] or [row for row in found if not row.get("nodeRank")] or [{}]


def _variables(group: Row, instance: Row, service: Row, model: Row, centers: t.Mapping[str, Row]) -> Row:
    center = centers.get(str(service.get("modelCenterUuid")), {})
    return {
        "uuid": instance.get("uuid") or group["uuid"],
        "instance": instance.get("name"),
        "url": instance.get("url"),
        "internal_url": instance.get("internalUrl"),
        "status": instance.get("status") or group.get("status"),
        "type": group.get("type"),
        "model_service_group": group.get("name"),
        "model_service_group_uuid": group["uuid"],
        "model_service_group_status": group.get("status"),
        "model_service": service.get("name"),
        "model_service_uuid": group.get("modelServiceUuid"),
        "model_service_type": group.get("modelServiceType") or service.get("type"),
        "framework": service.get("framework"),
        "model": model.get("name"),
        "model_uuid": group.get("modelUuid"),
        "model_center": center.get("name"),
        "model_center_uuid": center.get("uuid"),
        "architecture": instance.get("architecture") or _only(service.get("cpuArchitectures")) or _only(_members(service, "cpuArchitecture")),
        "gpu_vendor": instance.get("gpuVendor") or _only(_members(service, "gpuVendor")) or _only(service.get("vendorToSpecUuidsMap")),
    }


def _members(service: Row, key: str) -> list[t.Any]:
    images = service.get("modelServiceImages")
    return [row.get(key) for row in (images if isinstance(images, list) else []) if isinstance(row, dict)]


def _only(values: t.Any) -> t.Any:
    """Return the value that is common to all instances of a service, or None if it has several."""
    found = {value for value in (values if isinstance(values, (list, dict)) else ()) if isinstance(value, str) and value}
    return found.pop() if len(found) == 1 else None


def host_names(endpoints: t.Sequence[Row], taken: t.Callable[[str, Row], bool]) -> list[str]:
    """Return a name for each endpoint: that of its group, or of the instance if the group has several endpoints, with the uuid if the name is not unique.

    :param taken: returns whether another host already has the name.
    """
    sizes: dict[str, int] = {}
    for endpoint in endpoints:
        sizes[endpoint["model_service_group_uuid"]] = sizes.get(endpoint["model_service_group_uuid"], 0) + 1
    wanted = [
        safe_name(sizes[endpoint["model_service_group_uuid"]] > 1 and endpoint["instance"] or endpoint["model_service_group"]) for endpoint in endpoints]
    counts: dict[str, int] = {}
    for name in wanted:
        counts[name.casefold()] = counts.get(name.casefold(), 0) + 1
    return [
        "%s-%s" % (name or "endpoint", safe_name(endpoint["uuid"]))
        if not name or counts[name.casefold()] > 1 or name.casefold() in _RESERVED or taken(name, endpoint) else name
        for name, endpoint in zip(wanted, endpoints)]


def safe_name(text: t.Any) -> str:
    """Return a name with letters, digits, underscores, dots and hyphens only, in any script; it begins with a letter, a digit or an underscore.

    >>> safe_name("chat [1:9], {{ x }}")
    'chat__1_9____x___'
    """
    if not isinstance(text, str) or not text:
        return ""
    safe = "".join("_" if _UNSAFE.match(character) or is_hidden(character) else character for character in text[:_LONGEST])
    return "_" + safe[1:] if safe[0] in ".-" else safe
