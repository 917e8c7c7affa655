# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Remove an inference endpoint: its groups, and the objects that were created for it and that nothing else uses."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_objects import Endpoint
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_parts import CENTER, CLONE, EVALUATION, GROUP, MODEL_PART, PARTS, SERVICE, Managed
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_versions import Group
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.candidates import distinguished
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import find, resolve
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import DERIVATIONS, derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AmbiguousError, MissingError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import listed, title_of
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import EVALUATION_TASKS

Options = t.Mapping[str, t.Any]
Row = dict[str, t.Any]

LISTED = 3
# The parts that are deleted after the groups, each before the objects that it uses.
_ORDER = (MODEL_PART, CLONE, SERVICE, CENTER)


def remove(endpoint: Endpoint) -> None:
    """Delete the groups of the endpoint with their evaluations, then the other parts that this collection created and nothing else uses."""
    rows, options = _look(endpoint)
    groups = _groups(endpoint, rows)
    # The users of a part that are deleted with it, so that they do not keep it.
    gone = {group.uuid for group in groups}
    for group in groups:
        gone |= endpoint.delete_group(group)
    gone |= _delete_evaluations(endpoint, gone)
    for part in _ORDER:
        row = rows.get(part)
        if row is None:
            continue
        uuid = str(row["uuid"])
        with endpoint.attributing(part):
            reason = _reason_to_keep(endpoint, part, row, options[part], gone)
        if reason:
            endpoint.keep(part, row, "%s. Delete it with its own module if it is no longer required" % reason)
            continue
        gone.add(uuid)
        # In check mode, the users that were listed for deletion still exist.
        mode = "Enforcing" if endpoint.check_mode else endpoint.parts[part]["delete_mode"]
        endpoint.delete(part, uuid, "", delete_mode=mode)


def _look(endpoint: Endpoint) -> tuple[dict[str, Row], dict[str, dict[str, t.Any]]]:
    """Return the objects of the parts that exist, and the options of these parts with the names resolved."""
    rows: dict[str, Row] = {}
    resolved: dict[str, dict[str, t.Any]] = {}
    for part in (CENTER, SERVICE, CLONE, MODEL_PART):
        if part not in endpoint.parts:
            continue
        table = PARTS[part]
        scopes = {option for lookup in table.lookups for option in lookup.scope}
        with endpoint.attributing(part):
            options = endpoint.link(part)
            center = rows.get(CENTER)
            if center and "model_center_uuid" in scopes and options.get("model_center") is None and options.get("model_center_uuid") is None:
                options["model_center_uuid"] = center["uuid"]
            try:
                options = resolve(endpoint.client, options, [field for field in table.refs() if field.option in scopes])
            except MissingError:
                continue  # a model center that does not exist contains nothing
            row = find(endpoint.client, table, options)
        if row is not None:
            rows[part], resolved[part] = row, options
            endpoint.managed.append(Managed(table.path, str(row.get("name") or ""), str(row["uuid"])))
    return rows, resolved


def _groups(endpoint: Endpoint, rows: t.Mapping[str, Row]) -> list[Group]:
    """Return the groups of the endpoint.

    :raises Failure: if several groups use its bare name and no service distinguishes them.
    """
    options = endpoint.link(GROUP)
    with endpoint.attributing(GROUP):
        if options.get("uuid") is not None:
            row = endpoint.client.get(PARTS[GROUP].path, options["uuid"])
            return [Group(row, "")] if row else []
        service: str | None
        try:
            service = resolve(endpoint.client, options, [PARTS[GROUP].field("model_service_uuid")]).get("model_service_uuid")
        except MissingError:
            service = ""  # a service that does not exist has no groups
        deployed = CLONE if CLONE in endpoint.parts else SERVICE
        if service is None and deployed in endpoint.parts:
            service = str(rows[deployed]["uuid"]) if deployed in rows else ""
        groups = endpoint.groups(service)
        plain = [group.row for group in groups if not group.version]
        if len(plain) > 1:
            raise AmbiguousError("%d model service groups are named %r: %s. Give model_service or model_service_uuid." % (
                len(plain), endpoint.name, distinguished(endpoint.client, plain)))
    return groups


def _delete_evaluations(endpoint: Endpoint, gone: t.AbstractSet[str]) -> set[str]:
    """Delete the remaining evaluations, which may be those of other groups; returns the groups in which they ran."""
    name = endpoint.parts.get(EVALUATION, {}).get("name")
    if name is None:
        return set()
    with endpoint.attributing(EVALUATION):
        tasks = endpoint.client.query(EVALUATION_TASKS, [_query.equals("name", name)])
    left = [task for task in tasks if _query.matches(task, "name", name) and task.get("evaluatedServiceGroupUuid") not in gone]
    return endpoint.delete_evaluations(left)


def _reason_to_keep(endpoint: Endpoint, part: str, row: Row, options: Options, gone: t.AbstractSet[str]) -> str:
    """Return why the object of a part is not deleted; an empty text if it is deleted."""
    table = PARTS[part]
    if not _is_ours(endpoint, part, row, options):
        return "it was not created for this endpoint"
    used: list[str] = []
    for use in table.users:
        rows = endpoint.client.query(use.path, [] if use.member else [_query.equals(use.key, str(row["uuid"]))])
        used += ["%s %s" % (use.title, title_of(other)) for other in rows if use.holds(other, str(row["uuid"])) and other["uuid"] not in gone]
    return "it is used by %s" % listed(used, LISTED) if used else ""


def _is_ours(endpoint: Endpoint, part: str, row: Row, options: Options) -> bool:
    """Return whether the uuid of an object is derived from its options: nothing else proves who created it."""
    table = PARTS[part]
    filled = {**options, table.given_uuid: None, "name": options.get("name") or row.get("name") or ""}
    if table.source:
        try:
            filled = resolve(endpoint.client, filled, [table.source])
        except MissingError:
            return False
        if filled.get(table.source.option) is None:
            return False
    elif part in (MODEL_PART, SERVICE):
        filled["model_center_uuid"] = filled.get("model_center_uuid") or row.get("modelCenterUuid")
    return str(row["uuid"]) in derived_uuids(table, filled, DERIVATIONS)
