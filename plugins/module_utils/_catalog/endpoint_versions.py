# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The versions of an endpoint: the version that a task describes, and the groups of a platform that are versions of the endpoint. Pure.

With the strategy side_by_side a group is named ``<endpoint>-<version>``. The version is a slow digest of everything that only a new deployment
changes, so that the platform itself shows what is deployed, and the name does not reveal a value.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_parts import CLONE, GROUP, MODEL_PART, PARTS, SERVICE, VERSION_LENGTH
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import DERIVATIONS, derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import server_date, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources import yaml as _yaml
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field

Options = t.Mapping[str, t.Any]
Row = dict[str, t.Any]

# The options of a model that change how it answers; the others only describe it.
_OF_MODEL = ("install_path", "parameters", "version", "model_id")
# The options of a service that do not affect its deployments.
_NOT_OF_SERVICE = (
    "name", "description", "readme", "resource_uuid", "model_center_uuid", "model_uuids", "zone_uuid", "size", "system",
    "user_tags", "system_tags", "tag_uuids")
# About 16 MiB and 40 ms for each guess, as for the digests of remembered options.
_COST = {"n": 2 ** 14, "r": 8, "p": 1}
_VERSION = re.compile("v[0-9a-f]{%d}" % (VERSION_LENGTH - 1))


def is_of_version(field: Field) -> bool:
    """Return whether a field of a group is one that only a new deployment changes."""
    return field.option == "model_service_uuid" or bool(field.create and not field.update and not field.attach and not field.remembered)


def version_options() -> t.Iterator[tuple[str, str]]:
    """Yield the options of a group that belong to its version, each under its own name and the name of its sibling."""
    for field in PARTS[GROUP].fields:
        if is_of_version(field):
            yield field.option, field.option
            if field.ref:
                yield field.option, field.ref.option


def version_of(name: str, parts: t.Mapping[str, Options]) -> str:
    """Return the version that the options describe.

    :param name: of the endpoint.
    :param parts: the options of each part; those of the group with all names resolved.
    """
    group = parts[GROUP]
    described: dict[str, t.Any] = {
        GROUP: {field.option: field.type.want(group[field.option]) for field in PARTS[GROUP].given(group) if is_of_version(field)}}
    if MODEL_PART in parts:
        described[MODEL_PART] = _wanted(MODEL_PART, parts[MODEL_PART], lambda option: option in _OF_MODEL)
    deployed = CLONE if CLONE in parts else SERVICE
    if deployed in parts:
        # Both kinds share one key: it is the same service, however it was created.
        described[SERVICE] = _wanted(deployed, parts[deployed], lambda option: option not in _NOT_OF_SERVICE)
    salt = ("zstack.aios/endpoint/" + trim(name)).encode("utf-8", "surrogatepass")
    return "v" + hashlib.scrypt(_yaml.digest(described).encode("ascii"), salt=salt, dklen=VERSION_LENGTH // 2, **_COST).hex()


def _wanted(part: str, options: Options, counts: t.Callable[[str], bool]) -> dict[str, t.Any]:
    return {field.option: field.type.want(options[field.option]) for field in PARTS[part].given(options) if counts(field.option)}


@dataclasses.dataclass(frozen=True)
class Group:
    """A group that is a version of an endpoint.

    :param version: empty for a group with the bare name of the endpoint.
    """

    row: Row
    version: str

    @property
    def uuid(self) -> str:
        """Its uuid."""
        return str(self.row["uuid"])

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.row["name"])

    @property
    def service_uuid(self) -> str:
        """The uuid of the service that it deploys."""
        return str(self.row.get("modelServiceUuid") or "")


def groups_of(rows: t.Sequence[Row], name: str, service_uuid: str | None) -> list[Group]:
    """Return the groups of an endpoint, oldest first.

    A group with the bare name has to be one of its service. A group with the name of a version has to be created by this collection, which its uuid proves.

    :param rows: groups of the platform.
    :param service_uuid: of the service that the endpoint deploys; None if that is not known.
    """
    found = []
    for row in rows:
        title = trim(str(row.get("name") or ""))
        if title == trim(name) and service_uuid in (None, row.get("modelServiceUuid")):
            found.append(Group(row, ""))
        elif title.startswith(trim(name) + "-") and _VERSION.fullmatch(title[len(trim(name)) + 1:]) and _is_derived(row):
            found.append(Group(row, title[-VERSION_LENGTH:]))
    return sorted(found, key=lambda group: (str(server_date(group.row.get("createDate")) or ""), group.uuid))


def _is_derived(row: Row) -> bool:
    service = row.get("modelServiceUuid")
    return bool(service) and row["uuid"] in derived_uuids(PARTS[GROUP], {"model_service_uuid": service, "name": row["name"]}, DERIVATIONS)


def current_of(groups: t.Sequence[Group], service_uuid: str, version: str) -> Group | None:
    """Return the group that a deployment in place updates: the group with the bare name, else the described version, else the oldest group."""
    mine = [group for group in groups if group.service_uuid == service_uuid]
    plain = [group for group in mine if not group.version]
    fitting = [group for group in mine if group.version == version]
    return next(iter([*plain, *fitting, *mine]), None)


def is_evaluation_of(task: t.Mapping[str, t.Any], group: Group, evaluation: str | None) -> bool:
    """Return whether an evaluation task is the one of the endpoint for a group.

    :param evaluation: the name of the evaluation in the options, or None.
    """
    if task.get("evaluatedServiceGroupUuid") != group.uuid:
        return False
    name = trim(str(task.get("name") or ""))
    return name == trim(evaluation or "") or (bool(group.version) and name.endswith("-" + group.version))
