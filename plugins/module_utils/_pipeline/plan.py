# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Desired and observed in, ordered steps and a diff out. Pure: no I/O, no clock, no randomness."""

from __future__ import annotations

import dataclasses
import re
import typing as t
import urllib.parse
import uuid

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import FIRST_VERSION, check_given_uuid, check_length, parse_version
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import DriftError, MissingError, OptionError, VerifyError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import brief, quoted, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF_IN_PATH, Call, Field, Observed, Resource

# An option in the path of a creating call.
_VARIABLE = re.compile(r"\{(\w+)\}")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://zstack.io/ansible/zstack.aios")


@dataclasses.dataclass(frozen=True)
class Step:
    """One call to make.

    :param fields: the options that it carries.
    :param params: what goes into the wrapper; `Self` stands for the object's uuid.
    :param root: what stands beside the wrapper, or in the query of a DELETE.
    :param path: the call's path; still with ``{uuid}`` when the object is not there yet.
    :param entry: for a call that adds one entry of a field: that entry.
    """

    call: Call
    path: str
    fields: tuple[str, ...] = ()
    params: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    root: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    entry: str | None = None

    def as_result(self) -> dict[str, t.Any]:
        """The step as the user sees it: ``call``, ``method``, ``path``, ``fields``."""
        return {"call": self.call.name, "method": self.call.method, "path": self.path, "fields": list(self.fields)}


@dataclasses.dataclass(frozen=True)
class Drift:
    """One field that differs and that no call of this plan repairs; ``before`` and ``after`` as in the diff."""

    field: str
    before: t.Any
    after: t.Any

    def as_result(self) -> dict[str, t.Any]:
        """The drift as the user sees it: ``field``, ``before``, ``after``."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What has to happen, and what it changes. ``before`` and ``after`` are in option names."""

    steps: tuple[Step, ...] = ()
    before: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    after: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    drift: tuple[Drift, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything would be called."""
        return bool(self.steps)

    @property
    def carried(self) -> set[str]:
        """The options that the steps carry."""
        return {option for step in self.steps for option in step.fields}


def derived_uuids(table: Resource, options: t.Mapping[str, t.Any], count: int) -> list[str]:
    """The uuids that a new object may get, in order: the given one alone, or the derivations.

    The same task derives the same uuids on every machine, so that two jobs at the same time cannot make two objects.
    """
    given = options.get(table.given_uuid)
    if given is not None:
        return [given]
    seed = table.seed(options)
    return [uuid.uuid5(NAMESPACE, "%s\n%d" % (seed, number)).hex for number in range(count)]


def make_plan(table: Resource, options: t.Mapping[str, t.Any], observed: Observed | None) -> Plan:
    """The steps from what is to what the user wants.

    :param options: the module's options, with every name resolved to a uuid.
    :raises MissingError: when there is nothing and the options do not suffice to make it.
    :raises DriftError: when something differs that no call can repair, and the user did not ask for less.
    :raises OptionError: when a value does not fit into the call that would carry it.
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
    before.update({key: observed.inventory.get(key) for key in ("uuid", "name")})
    return Plan((_delete_step(table, options, observed),), before, {})


def _check_deletable(table: Resource, observed: Observed) -> None:
    reason = table.keeps(observed)
    if reason:
        raise DriftError("The %s %s is not deleted: %s." % (table.title, title_of(observed.inventory), reason))


def _delete_step(table: Resource, options: t.Mapping[str, t.Any], observed: Observed) -> Step:
    return Step(table.delete, table.delete.path.format(uuid=_in_path(observed.uuid)), root={"deleteMode": options["delete_mode"]})


def _plan_create(table: Resource, options: t.Mapping[str, t.Any]) -> Plan:
    missing = [option for option in table.required if options.get(option) is None]
    if missing:
        looked = ", ".join("%s %r" % (lookup.option, options[lookup.option]) for lookup in table.lookups if options.get(lookup.option) is not None)
        raise MissingError(
            "There is no %s with %s. To have it created, give also: %s." % (table.title, looked, ", ".join(_option_names(table, missing))))
    check_given_uuid(table, options)
    return Plan(tuple(_create_steps(table, options)), {}, _wanted(table, options, None))


def _create_steps(table: Resource, options: t.Mapping[str, t.Any]) -> t.Iterator[Step]:
    given = table.given(options)
    first = [field for field in given if field.create]
    yield _step(table, table.create, _VARIABLE.sub(lambda found: _in_path(options[found.group(1)]), table.create.path), first, options, None)
    later = [field for field in given if not field.create and field.update and not field.same(options[field.option], Observed({}))]
    yield from _change_steps(table, options, [*later, *(field for field in given if field.attach and not field.create)], None)


def _plan_update(table: Resource, options: t.Mapping[str, t.Any], observed: Observed) -> Plan:
    differing = [field for field in table.given(options) if not field.same(options[field.option], observed)]
    fixed = [field for field in differing if not _repairable(field, differing, options)]
    policy = options.get("on_drift") or "update"
    before, after = _shown(table, options, observed), _wanted(table, options, observed)
    if policy == "report":
        drift = tuple(_drift(field, before, after) for field in differing)
        return Plan((), before, before, drift)
    if policy == "replace" and any(not field.attach for field in differing):
        _check_deletable(table, observed)
        check_given_uuid(table, options)
        if options.get(table.given_uuid) == observed.uuid:
            raise OptionError(
                "%s: the server may keep the uuid of a deleted object reserved, so a replacement cannot be promised to get %s again. "
                "Leave %s out or give a new one, or set on_drift to update or report. Nothing was changed." % (
                    table.given_uuid, observed.uuid, table.given_uuid))
        return Plan((_delete_step(table, options, observed), *_create_steps(table, options)), before, _wanted(table, options, None))
    if fixed and table.on_drift:
        raise DriftError(_unrepairable(table, observed, [_drift(field, before, after) for field in fixed]))
    steps = _change_steps(table, options, differing, observed)
    drift = tuple(_drift(field, before, after) for field in fixed)
    after.update({item.field: item.before for item in drift})
    return Plan(tuple(steps), before, after, drift)


def _repairable(field: Field, differing: t.Sequence[Field], options: t.Mapping[str, t.Any]) -> bool:
    if field.update or field.attach:
        return True
    # A field that follows another one is repaired with it, when both say the same.
    leader = next((other for other in differing if other.option == field.follows), None)
    return leader is not None and set(field.type.want(options[field.option])) == set(leader.type.want(options[leader.option]))


def _change_steps(table: Resource, options: t.Mapping[str, t.Any], fields: t.Sequence[Field], observed: Observed | None) -> t.Iterator[Step]:
    attached = [field for field in fields if field.attach]
    yield from _attach_steps(table, options, [field for field in attached if field.attach and field.attach.first], observed)
    yield from _update_steps(table, options, [field for field in fields if field.update], observed)
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
            params[field.api] = sent
    return Step(call, path, tuple(field.option for field in fields), params, root)


def _shown(table: Resource, options: t.Mapping[str, t.Any], observed: Observed) -> dict[str, t.Any]:
    return {field.shown_as: field.type.show(field.found(observed)) for field in table.given(options) if field.readable and _speaks(field, options)}


def _wanted(table: Resource, options: t.Mapping[str, t.Any], observed: Observed | None) -> dict[str, t.Any]:
    shown = {}
    for field in table.given(options):
        if field.readable and _speaks(field, options):
            value, found = options[field.option], field.found(observed)
            same = observed is not None and field.same(value, observed)
            shown[field.shown_as] = field.type.show(found if same else field.type.after(field.type.want(value), found))
    return shown


def _speaks(field: Field, options: t.Mapping[str, t.Any]) -> bool:
    # A command that is not given, such as clear_default_model_service: false, has no place in a diff.
    return field.type.want(options[field.option]) is not None


def _drift(field: Field, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> Drift:
    return Drift(field.shown_as, before.get(field.shown_as), after.get(field.shown_as))


def _unrepairable(table: Resource, observed: Observed, drift: t.Sequence[Drift]) -> str:
    told = "; ".join("%s is %s and should be %s" % (item.field, brief(item.before), brief(item.after)) for item in drift)
    return (
        "The %s %s differs in what %s cannot change: %s. Set on_drift to replace to delete it and clone it again, "
        "or to report to leave it, or make the task say what is there." % (table.title, title_of(observed.inventory), table.update.name, told))


def title_of(row: t.Mapping[str, t.Any]) -> str:
    """How a message names an object: its name and uuid."""
    return "%s (uuid %s)" % (quoted(row.get("name")), row.get("uuid"))


def _option_names(table: Resource, options: t.Sequence[str]) -> list[str]:
    refs = {field.option: field.ref.option for field in table.refs() if field.ref}
    return ["%s (or %s)" % (option, refs[option]) if option in refs else option for option in options]


def newest_needed(table: Resource, plan: Plan) -> dict[str, str]:
    """What the plan's calls carry that the first AIOS version does not have: name to since-version."""
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
    """The fields that the plan carried and that the object still does not have."""
    carried = plan.carried
    carried.update(field.option for field in table.fields if field.follows in carried)
    return [field for field in table.given(options) if field.option in carried and not field.same(options[field.option], observed)]


def verify_error(table: Resource, plan: Plan, fields: t.Sequence[Field], observed: Observed, running: str) -> VerifyError:
    """The failure for fields that the server accepted and did not store."""
    told = []
    for field in fields:
        sinces = [param.since for step in plan.steps for param in (field.param(step.call, table),) if param and param.since and field.option in step.fields]
        needs = ", needs %s" % sinces[-1] if sinces else ""
        told.append("%s (still %s%s)" % (field.option, brief(field.type.show(field.found(observed))), needs))
    return VerifyError(
        "The server accepted the change of the %s %s and did not apply: %s. It runs version %s. Leave these options out or upgrade the server; "
        "the rest of the change was made." % (table.title, title_of(observed.inventory), ", ".join(told), running or "unknown"),
        {"code": VerifyError.code, "fields": [field.option for field in fields], "version": running})
