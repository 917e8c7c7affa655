# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The inference endpoint: from options to a model that answers requests, and the release of a new version without an outage."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_objects import Endpoint
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_parts import (
    CENTER, CLONE, EVALUATION, GROUP, IN_PLACE, MODEL_PART, PARTS, SERVICE, SIDE_BY_SIDE, Managed, read_parts, secrets_in, shared, spec_of,
    warnings_of,
)
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_removal import remove
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_versions import Group, current_of, version_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import resolve
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.serving import addresses, ask, wait_until_served
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import BelowMinimumError, NotReadyError, ServerError, VerifyError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import NOT_READY

Options = t.Mapping[str, t.Any]


def run_endpoint(options: Options, client: Client, check_mode: bool) -> dict[str, t.Any]:
    """Run one task.

    :param options: the validated options of the module.
    :param check_mode: True to predict and send no write.
    :raises Failure: for any error.
    """
    with client.reading_only(check_mode):
        endpoint = Endpoint(options, client, check_mode)
        if options["state"] == "absent":
            remove(endpoint)
        else:
            _serve(endpoint)
        return endpoint.result()


def _serve(endpoint: Endpoint) -> None:
    """Create and update everything up to the deployment, then deploy."""
    parts = endpoint.parts
    center = endpoint.present(CENTER) if CENTER in parts else None
    in_center = {"model_center_uuid": center["uuid"]} if center else {}
    deployed: str | None = None
    if SERVICE in parts:
        later = [Managed(PARTS[MODEL_PART].path, str(parts[MODEL_PART].get("name") or ""), "")] if MODEL_PART in parts else []
        parts[SERVICE] = endpoint.link(SERVICE, later)
        deployed = endpoint.present(SERVICE, **_unless_given(parts[SERVICE], in_center))["uuid"]
    if CLONE in parts:
        deployed = endpoint.present(CLONE)["uuid"]
    group = endpoint.link(GROUP)
    with endpoint.attributing(GROUP):
        # Looked up now, so that an unknown name is reported before the first change of the model.
        group = {**group, **_unless_given(group, {"model_service_uuid": deployed} if deployed else {})}
        group = resolve(endpoint.client, group, [PARTS[GROUP].field("model_service_uuid")])
    model = _bind(endpoint, group, group["model_service_uuid"], in_center)
    endpoint.parts[GROUP] = {**group, **_unless_given(group, {"model_uuid": model} if model else {})}
    _deploy(endpoint)


def _unless_given(options: Options, more: Options) -> dict[str, t.Any]:
    """Return the options that are given neither by uuid nor by name."""
    return {option: value for option, value in more.items() if options.get(option) is None and options.get(option[:-len("_uuid")]) is None}


def _bind(endpoint: Endpoint, group: Options, service: str, in_center: Options) -> str | None:
    """Ensure that the model exists and is bound to its service; returns its uuid, or None for an endpoint without a model."""
    if MODEL_PART in endpoint.parts:
        options = endpoint.link(MODEL_PART)
        options.update(_unless_given(options, in_center))
    else:
        field = PARTS[GROUP].field("model_uuid")
        with endpoint.attributing(GROUP):
            uuid = resolve(endpoint.client, group, [field]).get("model_uuid")
        if uuid is None:
            return None
        options = {**spec_of(MODEL_PART).validate({"uuid": uuid})[0], **shared(endpoint.options)}
    field = PARTS[MODEL_PART].field("model_service_uuids")
    with endpoint.attributing(MODEL_PART):
        bound = resolve(endpoint.client, options, [field]).get("model_service_uuids") or []
    options.update({"model_services": None, "model_service_uuids": [*bound, *([] if service in bound else [service])]})
    found = endpoint.apply(MODEL_PART, options)
    endpoint.managed.append(Managed(PARTS[MODEL_PART].path, str(options.get("name") or found.get("name") or ""), str(found["uuid"])))
    return str(found["uuid"])


def _deploy(endpoint: Endpoint) -> None:
    """Deploy the version that the options describe, check it, and delete the others."""
    with endpoint.attributing(GROUP):
        options = endpoint.link(GROUP)
        options = resolve(endpoint.client, options, PARTS[GROUP].refs())
        for field in PARTS[GROUP].refs():
            if field.ref:
                options[field.ref.option] = None
        version = version_of(endpoint.name, {**endpoint.parts, GROUP: options})
        groups = [] if options.get("uuid") is not None else endpoint.groups(options["model_service_uuid"])
    side_by_side = endpoint.options["strategy"] == SIDE_BY_SIDE
    current = None if side_by_side else current_of(groups, options["model_service_uuid"], version)
    if current and current.version and options["recreate"]:
        current = None  # its name would describe a version that the new deployment is not
    options["name"] = "%s-%s" % (endpoint.name, version) if side_by_side else current.name if current else endpoint.name
    endpoint.version = version if side_by_side else None
    others = [group for group in groups if (group.name, group.service_uuid) != (options["name"], options["model_service_uuid"])]
    suffix = "-" + version if side_by_side else ""
    rerun = False
    for group in groups if options["recreate"] else ():
        # The evaluation would keep the group in use, and is irrelevant for the next group.
        rerun = group not in others and bool(endpoint.delete_evaluations_of(group)) or rerun
    try:
        deployed = _check(endpoint, options, suffix, rerun)
    except Failure as failure:
        if side_by_side and others and not endpoint.check_mode and _is_verdict(failure):
            _take_back(endpoint, failure, options, others)
        raise
    if others:
        _delete_others(endpoint, deployed, others)


def _delete_others(endpoint: Endpoint, group: Options, others: t.Sequence[Group]) -> None:
    """Delete the groups that a group replaces, unless another run has deleted that group in the meantime.

    :raises Failure: stating which group serves.
    """
    own = "%s (uuid %s)" % (group.get("name"), group["uuid"])
    with endpoint.attributing(GROUP):
        if not endpoint.check_mode and endpoint.client.get(PARTS[GROUP].path, str(group["uuid"])) is None:
            message = "The group %s was deleted during this run, so no other group is deleted. Run again." % own
            raise NotReadyError(message, {"code": NotReadyError.code, "details": message})
    for other in others:
        try:
            endpoint.delete_group(other)
        except Failure as failure:
            text = "%s The group %s is already serving. Run again once %s can be deleted, or set delete_mode of model_service_group to Enforcing." % (
                failure.result["msg"], own, other.name)
            raise Failure(endpoint.failed({**failure.result, "msg": text})) from failure.__cause__


def _check(endpoint: Endpoint, options: Options, suffix: str, rerun: bool) -> dict[str, t.Any]:
    """Deploy a group, and check that it is ready and that its model reaches the minimum score; returns the group.

    :param suffix: the suffix of the name of the evaluation.
    :param rerun: whether its last evaluation was deleted; in check mode it still exists.
    """
    group = endpoint.apply(GROUP, options)
    endpoint.describe_deployment()
    inventory = endpoint.inventory(GROUP, group)
    path = options.get("service_readyz")
    with endpoint.attributing(GROUP):
        if not endpoint.check_mode:
            endpoint.url = wait_until_served(endpoint.client, inventory, path, endpoint.options["ready_timeout"]).url
        else:
            endpoint.url = next(iter(addresses(inventory)), None)
            served = ask(endpoint.client, inventory, path) if endpoint.url and not endpoint.changes(GROUP) else None
            if served and not served.ready:
                endpoint.warnings.append("model_service_group: the endpoint is not ready now. %s." % served)
    if EVALUATION in endpoint.parts:
        path = PARTS[GROUP].path
        endpoint.managed += [Managed(path, name, str(group["uuid"])) for name in dict.fromkeys((endpoint.name, options["name"]))]
        evaluation = endpoint.link(EVALUATION)
        evaluation.update(_unless_given(evaluation, {"model_service_group_uuids": [str(group["uuid"])]}))
        if evaluation.get("name") is not None:
            evaluation["name"] += suffix
        endpoint.apply(EVALUATION, evaluation, anew=rerun and endpoint.check_mode)
    return group


def _is_verdict(failure: Failure) -> bool:
    """Return whether a failure says something about the new version, and not about the options, the connection or the management node."""
    cause = failure.__cause__
    if isinstance(cause, ServerError):
        return cause.server_code not in NOT_READY
    return isinstance(cause, (NotReadyError, BelowMinimumError, VerifyError))


def _take_back(endpoint: Endpoint, failure: Failure, options: Options, others: t.Sequence[Group]) -> None:
    """Delete a version that failed a check; the older versions continue to serve.

    :raises Failure: always, with the reason.
    """
    failed = [group for group in endpoint.groups(options["model_service_uuid"]) if group.name == options["name"]]
    serving = ", ".join("%s (uuid %s)" % (group.name, group.uuid) for group in others)
    try:
        for group in failed:
            endpoint.delete_group(group)
    except Failure as second:
        text = "%s The new version %s could not be deleted: %s Run again. Still serving: %s." % (
            failure.result["msg"], options["name"], second.result["msg"], serving)
        raise Failure(endpoint.failed({**failure.result, "msg": text})) from failure.__cause__
    deleted = "The new version %s was deleted." % options["name"] if failed else "There is no group of the new version %s." % options["name"]
    raise Failure(endpoint.failed({**failure.result, "msg": "%s %s Still serving: %s." % (failure.result["msg"], deleted, serving)})) from failure.__cause__


def _arguments() -> dict[str, t.Any]:
    return {
        **connection_spec(),
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **{part: {"type": "dict"} for part in PARTS},
        "strategy": {"type": "str", "choices": [IN_PLACE, SIDE_BY_SIDE], "default": IN_PLACE},
        "ready_timeout": {"type": "int", "default": 600},
        "version_check": {"type": "bool", "default": True},
    }


def _check_options(options: Options) -> None:
    read_parts(options)


ENDPOINT = ModuleSpec(
    arguments={"argument_spec": _arguments(), "supports_check_mode": True},
    check=_check_options,
    run=run_endpoint,
    inspect=warnings_of,
    secrets=secrets_in,
    secret_members=frozenset(field.option for table in PARTS.values() for field in table.fields if field.secret),
    items={part: {"type": "dict", "options": spec_of(part).options} for part in PARTS},
)
