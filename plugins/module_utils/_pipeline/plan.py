# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Derive ordered steps and a diff from desired and observed state. Pure: no I/O, no clock, no randomness."""

from __future__ import annotations

import dataclasses
import re
import typing as t
import urllib.parse
import uuid

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import remember
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import FIRST_VERSION, check_given_uuid, check_length, parse_version
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Drift, Plan, Step
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import DriftError, MissingError, OptionError, VerifyError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import brief, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF, SELF_IN_PATH, Call, Field, Observed, Resource

# An option in the path of a creating call.
_VARIABLE = re.compile(r"\{(\w+)\}")
# Maximum number of derived uuids to look up and to try: each deleted object of the same derivation may have used one.
DERIVATIONS = 16
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://zstack.io/ansible/zstack.aios")


def derived_uuids(table: Resource, options: t.Mapping[str, t.Any], count: int, after: str = "") -> list[str]:
    """Return the uuids that a new object may receive, in order: only the given one, or the derivations.

    The same task derives the same uuids on every machine, so that two concurrent jobs cannot create two objects.

    :param after: the uuid of the object that the new one replaces, if that object is kept.
    """
    given = options.get(table.given_uuid)
    if given is not None:
        return [given]
    seed = table.seed(options) + ("\n" + after if after else "")
    return [uuid.uuid5(NAMESPACE, "%s\n%d" % (seed, number)).hex for number in range(count)]


def make_plan(table: Resource, options: t.Mapping[str, t.Any], observed: Observed | None) -> Plan:
    """Return the steps from the current to the desired state.

    :param options: the options of the module, with all names resolved to uuids.
    :raises MissingError: if the object does not exist and the options do not suffice to create it.
    :raises DriftError: if a difference exists that no call can repair, and ``on_drift`` is neither ``replace`` nor ``report``.
    :raises OptionError: if a value is not valid for the call that would send it.
    """
    if options["state"] == "absent":
        return _plan_absent(table, options, observed)
    if observed is None:
        return _plan_create(table, options)
    return _plan_update(table, options, observed)


def _plan_absent(table: Resource, options: t.Mapping[str, t.Any], observed: Observed | None) -> Plan:
    if observed is None:
        return Plan()
    _check_deletable(table, observed)
    before = _shown(table, options, observed)
    before.update({"uuid": observed.uuid, table.named_by.option: observed.inventory.get(table.named_by.api)})
    going = [observed, *map(Observed, observed.others)]
    return Plan(tuple(_delete_step(table, options, one) for one in going), before, {})


def _check_deletable(table: Resource, observed: Observed) -> None:
    reason = table.keeps(observed)
    if reason:
        raise DriftError("The %s %s is not deleted: %s." % (table.title, table.title_of(observed.inventory), reason))


def _delete_step(table: Resource, options: t.Mapping[str, t.Any], observed: Observed) -> Step:
    return Step(
        table.delete, table.delete.path.format(uuid=_in_path(observed.uuid)), root={"deleteMode": options["delete_mode"]} if table.delete.modes else {})


def _plan_create(table: Resource, options: t.Mapping[str, t.Any]) -> Plan:
    missing = [option for option in table.required if options.get(option) is None]
    if not table.given_uuid and options.get(table.lookups[0].option) is not None:
        raise MissingError("There is no %s with the uuid %r, and the server chooses the uuid of a new one. Omit uuid, or correct it." % (
            table.title, options[table.lookups[0].option]))
    if missing:
        looked = ", ".join("%s %r" % (lookup.option, options[lookup.option]) for lookup in table.lookups if options.get(lookup.option) is not None)
        raise MissingError(
            "There is no %s with %s. To create it, also give: %s." % (table.title, looked, ", ".join(option_names(table, missing))))
    check_given_uuid(table, options)
    return Plan(tuple(_create_steps(table, options)), {}, _wanted(table, options, None))


def _create_steps(table: Resource, options: t.Mapping[str, t.Any]) -> t.Iterator[Step]:
    given = table.given(options)
    first = [field for field in given if field.create]
    step = _step(table, table.create, _VARIABLE.sub(lambda found: _in_path(options[found.group(1)]), table.create.path), first, options, None)
    tags = remember.creation_tags(table, given, options)
    if tags:
        step.root["userTags"] = [*step.root.get("userTags", []), *tags]
    yield step
    later = [field for field in given if not field.create and field.update and not field.same(options[field.option], Observed({}))]
    yield from _change_steps(table, options, [*later, *(field for field in given if field.attach and not field.create)], None)


def _plan_update(table: Resource, options: t.Mapping[str, t.Any], observed: Observed) -> Plan:
    ours = _made_by_us(table, options, observed)
    differing = [
        field for field in table.given(options)
        if not field.same(options[field.option], observed) and not (ours and remember.unsure(field, options, observed))]
    fixed = [field for field in differing if not _repairable(field, differing, options)]
    policy = options.get("on_drift") or "update"
    before, after = _shown(table, options, observed), _wanted(table, options, observed)
    if policy == "report":
        drift = tuple(_drift(field, before, after) for field in differing)
        return Plan((), before, before, drift)
    if options.get("recreate") or (policy == "replace" and any(not field.attach for field in differing)):
        return _plan_replace(table, options, observed, before)
    if table.reruns and options.get("rerun") and (fixed or (table.ready and table.ready(observed.inventory).failure)):
        return _plan_rerun(table, options, observed, before)
    if fixed and (table.on_drift or table.reruns):
        raise DriftError(_unrepairable(table, observed, [_drift(field, before, after) for field in fixed]))
    steps = [*_change_steps(table, options, differing, observed)]
    if options.get("restart") == "always" and not any(step.call is table.restart for step in steps):
        steps.extend(_restart_steps(table))
    drift = tuple(_drift(field, before, after) for field in fixed)
    after.update({item.field: item.before for item in drift})
    return Plan(tuple(steps), before, after, drift)


def _made_by_us(table: Resource, options: t.Mapping[str, t.Any], observed: Observed) -> bool:
    """Return whether the object has a uuid that this task derives and no tag of its creation: then the creation sent every value."""
    seeds = [table.named_by.option, *(option for lookup in table.lookups for option in lookup.scope)]
    if not any(field.remembered for field in table.fields) or any(options.get(option) is None for option in seeds):
        return False
    return not remember.takes_tags(observed) and observed.uuid in derived_uuids(table, {**options, table.given_uuid: None}, DERIVATIONS)


def _plan_replace(table: Resource, options: t.Mapping[str, t.Any], observed: Observed, before: dict[str, t.Any]) -> Plan:
    _check_deletable(table, observed)
    missing = [option for option in table.required if options.get(option) is None]
    if missing:
        raise MissingError("%s: the %s %s cannot be created again without: %s. Also give them. Nothing was changed." % (
            "recreate" if options.get("recreate") else "on_drift", table.title, table.title_of(observed.inventory), ", ".join(option_names(table, missing))))
    check_given_uuid(table, options)
    if options.get(table.given_uuid) == observed.uuid:
        leave = "omit recreate" if options.get("recreate") else "set on_drift to update or report"
        raise OptionError(
            "%s: the server may keep the uuid of a deleted object reserved, so the replacement may not receive %s again. "
            "Omit %s, give a new one, or %s. Nothing was changed." % (table.given_uuid, observed.uuid, table.given_uuid, leave))
    return Plan((_delete_step(table, options, observed), *_create_steps(table, options)), before, _wanted(table, options, None))


def _plan_rerun(table: Resource, options: t.Mapping[str, t.Any], observed: Observed, before: dict[str, t.Any]) -> Plan:
    create, *rest = _create_steps(table, options)
    return Plan((dataclasses.replace(create, after=observed.uuid), *rest), before, _wanted(table, options, None))


def _restart_steps(table: Resource) -> t.Iterator[Step]:
    if table.restart:
        yield Step(table.restart, table.restart.path, (), {"uuids": [SELF]})


def _repairable(field: Field, differing: t.Sequence[Field], options: t.Mapping[str, t.Any]) -> bool:
    if field.update or field.attach:
        return True
    # A field that depends on another one needs no step of its own if both receive the same value.
    leader = next((other for other in differing if other.option == field.follows), None)
    return leader is not None and set(field.type.want(options[field.option])) == set(leader.type.want(options[leader.option]))


def _change_steps(table: Resource, options: t.Mapping[str, t.Any], fields: t.Sequence[Field], observed: Observed | None) -> t.Iterator[Step]:
    attached = [field for field in fields if field.attach]
    yield from _attach_steps(table, options, [field for field in attached if field.attach and field.attach.first], observed)
    kept = [field for field in fields if field.remembered and field.update]
    unsure = [field for field in kept if remember.unsure(field, options, observed)]
    yield from (remember.write(table, field, options) for field in kept if field not in unsure)
    yield from _update_steps(table, options, [field for field in fields if field.update and field not in unsure], observed)
    for field in unsure:
        yield remember.probe(table, field)
        yield from _update_steps(table, options, [field], observed)
        yield remember.write(table, field, options)
    if kept and observed is not None and options.get("restart") in ("on_change", "always"):
        yield from _restart_steps(table)
    yield from (remember.forget(field) for field in kept if field in unsure or field.digests(observed))
    yield from _attach_steps(table, options, [field for field in attached if field.attach and not field.attach.first], observed)


def _update_steps(table: Resource, options: t.Mapping[str, t.Any], fields: t.Sequence[Field], observed: Observed | None) -> t.Iterator[Step]:
    path = table.update.path.format(uuid=_own_uuid(observed))
    groups = [[field] for field in fields if field.alone] + [[field for field in fields if not field.alone]]
    for group in groups:
        if group:
            yield _step(table, table.update, path, group, options, observed)


def _attach_steps(table: Resource, options: t.Mapping[str, t.Any], fields: t.Sequence[Field], observed: Observed | None) -> t.Iterator[Step]:
    for field in fields:
        for value in field.type.repair(options[field.option], field.found(observed)):
            if field.attach:
                call = field.attach.call
                path = call.path.format(value=_in_path(value), uuid=_own_uuid(observed))
                yield Step(call, path, (field.option,), field.attach.params(value, table.vo), entry=value)


def _own_uuid(observed: Observed | None) -> str:
    return _in_path(observed.uuid) if observed else SELF_IN_PATH


def _in_path(value: str) -> str:
    return urllib.parse.quote(trim(value), safe="")


def _step(
    table: Resource, call: Call, path: str, fields: t.Sequence[Field], options: t.Mapping[str, t.Any], observed: Observed | None,
) -> Step:
    params: dict[str, t.Any] = {}
    root: dict[str, t.Any] = {}
    for field in fields:
        param = field.param(call, table)
        if param is None:
            continue
        value = options[field.option]
        if param.longest:
            check_length(field, value, param.longest, call.name)
        sent = field.type.repair(value, field.found(observed)) if observed else field.type.send(value)
        if param.tag:
            root.setdefault("systemTags", []).extend(param.tag + text for text in (sent if isinstance(sent, list) else [sent]))
        elif param.root:
            root.setdefault(field.api, []).extend(sent)
        else:
            params[param.api or field.api] = sent
    return Step(call, path, tuple(field.option for field in fields), params, root)


def _shown(table: Resource, options: t.Mapping[str, t.Any], observed: Observed) -> dict[str, t.Any]:
    return {
        field.shown_as: remember.display(field, options, observed, False) if field.remembered or field.secret else field.type.show(field.found(observed))
        for field in table.given(options) if field.readable and _has_value(field, options)}


def _wanted(table: Resource, options: t.Mapping[str, t.Any], observed: Observed | None) -> dict[str, t.Any]:
    shown = {}
    for field in table.given(options):
        if field.remembered or (field.secret and field.readable):
            shown[field.shown_as] = remember.display(field, options, observed, True)
        elif field.readable and _has_value(field, options):
            value, found = options[field.option], field.found(observed)
            same = observed is not None and field.same(value, observed)
            shown[field.shown_as] = field.type.show(found if same else field.type.after(field.type.want(value), found))
    return shown


def _has_value(field: Field, options: t.Mapping[str, t.Any]) -> bool:
    # A command that is not given, such as clear_default_model_service: false, is not shown in a diff.
    return field.type.want(options[field.option]) is not None


def _drift(field: Field, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> Drift:
    return Drift(field.shown_as, before.get(field.shown_as), after.get(field.shown_as))


def _unrepairable(table: Resource, observed: Observed, drift: t.Sequence[Drift]) -> str:
    differences = "; ".join("%s is %s and should be %s" % (item.field, brief(item.before), brief(item.after)) for item in drift)
    advice = (
        "Set rerun to true to start a new one, which is then used, or choose another name" if table.reruns else
        "Set on_drift to replace to delete it and clone it again, to report to leave it unchanged, or change the task to match")
    return "The %s %s differs in what %s cannot change: %s. %s." % (table.title, table.title_of(observed.inventory), table.update.name, differences, advice)


def option_names(table: Resource, options: t.Sequence[str]) -> list[str]:
    """Return the names of options in messages, with the sibling that accepts a name."""
    refs = {field.option: field.ref.option for field in table.refs() if field.ref}
    return ["%s (or %s)" % (option, refs[option]) if option in refs else option for option in options]


def newest_needed(table: Resource, plan: Plan) -> dict[str, str]:
    """Return what the calls of the plan contain that the first AIOS version does not support: name to since-version."""
    needed = {}
    first = parse_version(FIRST_VERSION) or ()
    for step in plan.steps:
        if step.call.since:
            needed["the call " + step.call.name] = step.call.since
        for option in step.fields:
            param = table.field(option).param(step.call, table)
            if param and param.since:
                needed[option] = param.since
    return {name: since for name, since in needed.items() if (parse_version(since) or ()) > first}


def unapplied(table: Resource, plan: Plan, options: t.Mapping[str, t.Any], observed: Observed | None) -> list[Field]:
    """Return the fields that the plan sent and that the object still does not have."""
    carried = plan.carried
    carried.update(field.option for field in table.fields if field.follows in carried)
    return [
        field for field in table.given(options)
        if field.option in carried and not field.same(options[field.option], observed) and not remember.unsure(field, options, observed)]


def overtaken(table: Resource, plan: Plan, options: t.Mapping[str, t.Any], observed: Observed) -> list[Field]:
    """Return the fields that were equal when the plan was created, and that differ now."""
    carried = plan.carried | {field.option for field in table.fields if field.follows in plan.carried}
    drift = {item.field for item in plan.drift}
    return [
        field for field in table.given(options)
        if field.update and not field.attach and field.option not in carried and field.shown_as not in drift
        and (remember.differs(field, options, observed) if field.remembered else
             field.readable and not field.secret and not field.same(options[field.option], observed))]


def overtaken_error(table: Resource, fields: t.Sequence[Field], options: t.Mapping[str, t.Any], observed: Observed) -> VerifyError:
    """Return the failure for fields that changed while the task was applied."""
    differences = [
        "%s (another run sent another value)" % field.option if field.remembered else
        "%s (is %s, should be %s)" % (
            field.option, brief(field.type.show(field.found(observed))), brief(field.type.show(field.type.want(options[field.option]))))
        for field in fields]
    return VerifyError(
        "The %s %s changed during the task, and now differs in: %s. Another run or another user changes the same object. Run again." % (
            table.title, table.title_of(observed.inventory), ", ".join(differences)), {"code": VerifyError.code, "fields": [field.option for field in fields]})


def verify_error(table: Resource, plan: Plan, fields: t.Sequence[Field], observed: Observed, running: str) -> VerifyError:
    """Return the failure for fields that the server accepted and did not store."""
    values = []
    for field in fields:
        sinces = [param.since for step in plan.steps for param in (field.param(step.call, table),) if param and param.since and field.option in step.fields]
        needs = ", needs %s" % sinces[-1] if sinces else ""
        # The server's value of a secret may be the secret of another user, which no masker knows.
        still = "another value" if field.secret else brief(field.type.show(field.found(observed)))
        values.append("%s (still %s%s)" % (field.option, still, needs))
    return VerifyError(
        "The server accepted the change of the %s %s but did not apply: %s. It runs version %s. Omit these options or upgrade the server. "
        "All other changes were applied." % (table.title, table.title_of(observed.inventory), ", ".join(values), running or "unknown"),
        {"code": VerifyError.code, "fields": [field.option for field in fields], "version": running})
