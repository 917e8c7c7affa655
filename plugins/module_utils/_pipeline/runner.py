# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The pipeline: options, observe, plan, apply, verify, result. The only place that knows check mode."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import remember
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.apply import Work, validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import check_version, mask_warnings
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.creating import Superseded
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import secrets_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.naming import named_result
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import look, observe, read_tags
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import (
    derived_uuids, make_plan, newest_needed, overtaken, overtaken_error, unapplied, verify_error,
)
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.ready import failure_of, wait_until_ready
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.shared import SharedReads
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Drift, Plan, Step
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.usage import refuse_loss
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import current
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import brief
from ansible_collections.zstack.aios.plugins.module_utils._resources.casing import snake_case
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed, Resource

DELETE_MODES = ("Permissive", "Enforcing")
ON_DRIFT = ("update", "replace", "report")
RESTART = ("never", "on_change", "always")
# Maximum number of attempts to create an object while other runs keep replacing it.
CREATIONS = 3


class Failure(Exception):
    """A failure with the result until then.

    :param result: the keyword arguments for ``fail_json``: ``msg``, ``error``, ``changed``, ``steps``, ``diff``.
    """

    def __init__(self, result: dict[str, t.Any]) -> None:
        super().__init__(result["msg"])
        self.result = result


def module_arguments(table: Resource) -> dict[str, t.Any]:
    """Return the keyword arguments for ``AnsibleModule`` from the table and the connection options."""
    spec: dict[str, t.Any] = {
        **connection_spec(),
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "version_check": {"type": "bool", "default": True},
        "server_side_check": {"type": "bool", "default": False},
        "share_reads": {"type": "bool", "default": True},
    }
    if table.on_drift:
        spec["on_drift"] = {"type": "str", "choices": list(ON_DRIFT), "default": ON_DRIFT[0]}
    if table.delete.modes:
        spec["delete_mode"] = {"type": "str", "choices": list(DELETE_MODES), "default": DELETE_MODES[0]}
    if table.ready:
        spec["wait"] = {"type": "bool", "default": True}
    if table.restart:
        spec["restart"] = {"type": "str", "choices": list(RESTART), "default": RESTART[0]}
    for option, offered in (("recreate", table.recreates), ("rerun", table.reruns)):
        if offered:
            spec[option] = {"type": "bool", "default": False}
    spec.update({option: dict(argument) for option, argument in table.extra.items()})
    arguments: dict[str, t.Any] = {"supports_check_mode": True, "mutually_exclusive": [], "required_if": []}
    for lookup in table.lookups:
        spec[lookup.option] = {"type": "str"}
    for field in (*([table.source] if table.source else []), *table.fields):
        spec[field.option] = dict(field.type.argument)
        if field.choices:
            spec[field.option]["choices"] = list(field.choices)
        if field.secret or "token" in field.option:
            # Set for both values, since Ansible warns about any option with such a name.
            spec[field.option]["no_log"] = field.secret
        if field.ref:
            spec[field.ref.option] = {"type": "list", "elements": "str"} if field.many else {"type": "str"}
            arguments["mutually_exclusive"].append([field.option, field.ref.option])
    if table.source and table.source.ref:
        arguments["required_if"].append(["state", "present", [table.source.option, table.source.ref.option], True])
    arguments["required_one_of"] = [[lookup.option for lookup in table.lookups]]
    arguments["argument_spec"] = spec
    return arguments


def run(
    table: Resource, options: t.Mapping[str, t.Any], client: Client, check_mode: bool, shared: SharedReads | None = None,
) -> dict[str, t.Any]:
    """Run one task, or one item of its loop.

    :param options: the validated options of the module.
    :param check_mode: True to predict and send no write.
    :param shared: the lists that the items of the loop share.
    :returns: ``changed``, the object under the table's kind, ``diff``, ``steps``, ``drift``, ``warnings``.
    :raises Failure: for whatever goes wrong.
    """
    with client.reading_only(check_mode):
        result = _run_shared(table, options, client, check_mode, shared) if shared and options["share_reads"] else None
        if result is None:
            result = _run_alone(table, options, client, check_mode, shared)
    result["warnings"] += ["%s." % warning for warning in mask_warnings(table, options)]
    return result


def _run_shared(
    table: Resource, options: t.Mapping[str, t.Any], client: Client, check_mode: bool, shared: SharedReads,
) -> dict[str, t.Any] | None:
    """Return the result of an item that is in sync according to a shared list; None for any other item, including failures."""
    found = shared.unchanged(table, options)
    if found is None:
        return None
    resolved, observed, plan = found
    try:
        return finish_named(client, table, plan, options, resolved, observed, check_mode)
    except Failure:
        return None


def _run_alone(
    table: Resource, options: t.Mapping[str, t.Any], client: Client, check_mode: bool, shared: SharedReads | None,
) -> dict[str, t.Any]:
    try:
        resolved, observed = observe(client, table, options)
        plan = make_plan(table, resolved, observed)
        _check_server(client, table, plan, options)
        if check_mode and any(step.call is table.delete for step in plan.steps):
            refuse_loss(client, table, t.cast(Observed, observed).inventory, options)
    except ZStackError as error:
        raise Failure(_failed(error, Plan(), [])) from error
    writes = client.write_count
    try:
        return finish_named(client, table, plan, options, resolved, observed, check_mode)
    finally:
        if shared and client.write_count != writes:
            shared.wrote(table, plan, observed)


def finish_named(
    client: Client, table: Resource, plan: Plan, options: t.Mapping[str, t.Any], resolved: dict[str, t.Any], observed: Observed | None, check_mode: bool,
) -> dict[str, t.Any]:
    """Finish, with a result in the options of the task."""
    try:
        return _named(client, table, options, resolved, finish(client, table, plan, resolved, observed, check_mode)[0])
    except Failure as failure:
        failure.result = _named(client, table, options, resolved, failure.result)
        raise


def _named(
    client: Client, table: Resource, options: t.Mapping[str, t.Any], resolved: t.Mapping[str, t.Any], result: dict[str, t.Any],
) -> dict[str, t.Any]:
    """Return the result of a task in the options of the task: names where names were given."""
    def name_of(path: str, uuid: str) -> str | None:
        try:
            name = (client.get(path, uuid) or {}).get("name")
        except ZStackError:
            return None  # The uuid is shown; the outcome of the task does not depend on it.
        return name if isinstance(name, str) and name.strip() else None

    found = named_result(table, options, resolved, result, name_of)
    before, after = ([Drift(*(entry[key] for key in ("field", "before", "after"))) for entry in side.get("drift", ())] for side in (result, found))
    if before:
        found["warnings"] = [line for line in result["warnings"] if line not in drift_warnings(table, before, options)]
        found["warnings"] += drift_warnings(table, after, options)
    return found


def finish(
    client: Client, table: Resource, plan: Plan, options: t.Mapping[str, t.Any], observed: Observed | None, check_mode: bool,
) -> tuple[dict[str, t.Any], Plan]:
    """Return the second half of `run`: from the plan to the result.

    :param options: with all names resolved.
    :returns: the result, and the plan reduced to the effects of this run's own calls.
    :raises Failure: for whatever goes wrong.
    """
    work = Work(client, table, options, observed)
    try:
        if check_mode:
            if options["server_side_check"]:
                work.warnings += validate(client, table, options, observed, plan)
            after = predicted(table, plan, options, observed)
        else:
            plan, after = _apply(client, table, plan, options, work)
            after = _await(client, table, options, observed, after, work.done)
            _verify(client, table, plan, options, after)
            plan = _effective(plan, work.done)
        if after is not None and options["state"] == "present":
            judge(table, plan, options, after)
    except ZStackError as error:
        raise Failure(_failed(error, plan, work.done, work.warnings)) from error
    warnings = work.warnings + drift_warnings(table, plan.drift, options)
    if after is not None and options["state"] == "present" and not (check_mode and plan.changed):
        warnings += remember.undetectable(table, options, after, work.refused_tags)
    current().add(secrets_of(table, after.inventory) if after else set())
    return {**_result(table, plan, after), "warnings": warnings}, plan


def _apply(
    client: Client, table: Resource, plan: Plan, options: t.Mapping[str, t.Any], work: Work,
) -> tuple[Plan, Observed | None]:
    """Apply the plan; if another run created the object in the meantime, plan again against that object, and apply the new plan.

    :returns: the last plan, and the object.
    """
    before, refused = plan.before, 0
    while True:
        try:
            return plan, work.carry_out(plan)
        except Superseded as superseded:
            refused += 1
            if refused == CREATIONS:
                raise superseded.refusal from superseded
            theirs = read_tags(client, superseded.inventory, table.given(options))
        plan = make_plan(table, options, theirs)
        _check_server(client, table, plan, options)
        work.start_from(theirs)
        if work.done:  # a replacement has already deleted the old object
            plan = dataclasses.replace(plan, before=before)


def _await(
    client: Client, table: Resource, options: t.Mapping[str, t.Any], observed: Observed | None, after: Observed | None, done: t.Sequence[Step],
) -> Observed | None:
    """Wait until the object is ready, if its kind and the task require it."""
    if after is None or not table.ready or not options["wait"]:
        return after
    restarted = any(step.call is table.restart for step in done)
    configured = any(table.field(option).remembered for step in done if step.call is table.update for option in step.fields)
    created = any(step.call is table.create for step in done)
    before = observed.inventory if observed and (restarted or configured) and not created else None
    inventory = wait_until_ready(client, table, after.inventory, before, restarted)
    return dataclasses.replace(after, inventory=inventory)


def judge(table: Resource, plan: Plan, options: t.Mapping[str, t.Any], after: Observed) -> bool:
    """Refuse an object that has failed, or that does not meet the requirements of the task; a predicted object is not checked.

    :returns: False for an object that the task has to wait for.
    :raises ZStackError: with the reason.
    """
    ready = True
    if table.ready and options["wait"]:
        failure = None if plan.changed else failure_of(table, after.inventory)
        if failure:
            raise failure
        ready = table.ready(after.inventory).done
    if ready and after.inventory.get("uuid"):
        table.accepts(options, after.inventory)
    return ready


def _effective(plan: Plan, done: t.Sequence[Step]) -> Plan:
    """Return the plan reduced to the effects of this run's own calls."""
    return dataclasses.replace(plan, steps=tuple(done), before=plan.before if done else plan.after)


def _check_server(client: Client, table: Resource, plan: Plan, options: t.Mapping[str, t.Any]) -> None:
    needed = newest_needed(table, plan)
    if needed and options["version_check"]:
        check_version(needed, client.version())


def _verify(client: Client, table: Resource, plan: Plan, options: t.Mapping[str, t.Any], after: Observed | None) -> None:
    if after is None or not plan.changed:
        return
    contested = remember.contested(table, options, plan.carried, after)
    missing = [field for field in unapplied(table, plan, options, after) if field not in contested]
    if missing:
        raise verify_error(table, plan, missing, after, client.version())
    if contested:
        raise overtaken_error(table, contested, options, after)
    if options["state"] == "present" and overtaken(table, plan, options, after):
        # The response of a call may be older than the object.
        latest = dataclasses.replace(after, inventory=look(client, table, after.uuid) or after.inventory)
        others = overtaken(table, plan, options, latest)
        if others:
            raise overtaken_error(table, others, options, latest)


def predicted(table: Resource, plan: Plan, options: t.Mapping[str, t.Any], observed: Observed | None) -> Observed | None:
    """Return the predicted object, as far as it is known without the server."""
    if not plan.changed:
        return observed
    if options["state"] == "absent":
        return None
    creation = next((step for step in plan.steps if step.call.creates), None)
    if creation or observed is None:
        inventory = {table.created_key: derived_uuids(table, options, 1, creation.after if creation else "")[0]}
    else:
        inventory = dict(observed.inventory)
    carried = plan.carried
    if creation:
        carried.update(field.option for field in table.fields if "{%s}" % field.option in table.create.path)
    for field in table.fields:
        if field.inventory and field.option in carried and not field.secret:
            inventory[field.inventory] = field.type.stored(options[field.option])
    return Observed(inventory)


def _result(table: Resource, plan: Plan, after: Observed | None) -> dict[str, t.Any]:
    return {
        "changed": plan.changed,
        table.kind: None if after is None else snake_case(after.inventory),
        "diff": {"before": plan.before, "after": plan.after},
        "steps": [step.as_result() for step in plan.steps],
        "drift": [item.as_result() for item in plan.drift],
    }


def drift_warnings(table: Resource, drift: t.Sequence[Drift], options: t.Mapping[str, t.Any]) -> list[str]:
    if not drift:
        return []
    names = ", ".join("%s (is %s, should be %s)" % (item.field, brief(item.before), brief(item.after)) for item in drift)
    if options.get("on_drift") == "report":
        return ["The %s differs and was not changed, because on_drift is report: %s." % (table.title, names)]
    return ["%s cannot change these options of an existing %s, so they still differ: %s." % (table.update.name, table.title, names)]


def _failed(error: ZStackError, plan: Plan, done: t.Sequence[t.Any], warnings: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """Return the result of a failure.

    :param warnings: about the steps that were done, such as an unknown outcome of a job.
    """
    result: dict[str, t.Any] = {"msg": error.message, "error": error.error, "changed": bool(done), "steps": [step.as_result() for step in done]}
    if done:
        result["msg"] += " Done before that: %s." % ", ".join(step.call.name for step in done)
        result["diff"] = {"before": plan.before, "after": plan.after}
    if warnings:
        result["warnings"] = list(warnings)
    return result
