# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The objects of an inference endpoint: each one goes through the pipeline of its own kind, with one result for all."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_parts import (
    EVALUATION, GROUP, PARTS, Managed, linked, read_parts, shared, spec_of,
)
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_versions import Group, groups_of, is_evaluation_of, version_options
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import resolve
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import make_plan
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure, finish_named, run
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import EVALUATION_TASKS

Options = t.Mapping[str, t.Any]


class Endpoint:
    """One task on an endpoint, and its changes so far.

    :param options: the validated options of the module.
    """

    def __init__(self, options: Options, client: Client, check_mode: bool) -> None:
        self.options = options
        self.client = client
        self.check_mode = check_mode
        self.parts = read_parts(options)
        self.name = trim(self.parts[GROUP]["name"])
        # As given, by name or by uuid.
        self._given = dict(self.parts[GROUP])
        self.managed: list[Managed] = []
        self.url: str | None = None
        self.version: str | None = None
        self.warnings: list[str] = []
        self._objects: dict[str, t.Any] = {}
        self._kept: list[dict[str, t.Any]] = []
        self._steps: list[dict[str, t.Any]] = []
        self._drift: list[dict[str, t.Any]] = []
        self._before: dict[str, t.Any] = {}
        self._after: dict[str, t.Any] = {}

    def apply(self, part: str, options: Options, title: str = "", anew: bool = False) -> dict[str, t.Any]:
        """Apply the options of a part and return its object.

        :param title: the key of the part in the diff, if it is not the name of the part.
        :param anew: True in check mode for an object that an earlier step would delete, so that it would be created.
        :raises Failure: with all changes made until then.
        """
        table, title = PARTS[part], title or part
        try:
            result = self._foreseen(part, options) if anew else run(table, options, self.client, self.check_mode)
        except Failure as failure:
            self._note(title, failure.result)
            self._warn(title, failure.result)
            raise Failure(self.failed({**failure.result, "msg": "%s: %s" % (title, failure.result["msg"])})) from failure.__cause__
        self._note(title, result)
        self._warn(title, result)
        self._drift += [{**item, "field": "%s.%s" % (title, item["field"])} for item in result["drift"]]
        found = result[table.kind]
        if title == part:
            self._objects[table.kind] = found
        return t.cast(dict[str, t.Any], found or {})

    @property
    def changed(self) -> bool:
        """Whether anything was changed, or would be in check mode."""
        return bool(self._steps)

    def changes(self, title: str) -> bool:
        """Return whether a part was changed, or would be in check mode."""
        return title in self._before

    def present(self, part: str, **more: t.Any) -> dict[str, t.Any]:
        """Ensure that the object of a part exists, with references by name to the earlier parts; returns the object.

        :param more: options in addition to those of the part.
        """
        found = self.apply(part, {**self.link(part), **more})
        self.managed.append(Managed(PARTS[part].path, str(self.parts[part].get("name") or found.get("name") or ""), str(found["uuid"])))
        return found

    def link(self, part: str, later: t.Sequence[Managed] = ()) -> dict[str, t.Any]:
        """Return the options of a part with the uuids of the objects that it refers to by name.

        :raises Failure: for a name that matches no object, or several.
        """
        with self.attributing(part):
            return linked(self.client, part, self.parts[part], self.managed, later)

    def attributing(self, title: str) -> Attribution:
        """Return a context in which an error of the platform becomes a failure of a part, with all changes made until then."""
        return Attribution(self, title)

    def delete(self, part: str, uuid: str, title: str, **more: t.Any) -> None:
        """Delete one object."""
        table = PARTS[part]
        lookup = table.lookups[0].option
        completed = spec_of(part).validate({lookup: uuid, "state": "absent"})[0]
        self.apply(part, {**completed, **shared(self.options), **more}, " ".join(filter(None, (part, title))))

    def keep(self, part: str, row: t.Mapping[str, t.Any], reason: str) -> None:
        """Record an object that is not deleted when the endpoint is removed."""
        table = PARTS[part]
        self._kept.append({"part": part, "uuid": row["uuid"], "name": row.get("name"), "reason": reason})
        self.warnings.append("%s: the %s %s is not deleted: %s." % (part, table.title, table.title_of(row), reason))

    def inventory(self, part: str, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Return the object of a part as the server shows it now; for a planned object, the fields that are known."""
        with self.attributing(part):
            return self.client.get(PARTS[part].path, str(found["uuid"])) or dict(found)

    def groups(self, service_uuid: str | None) -> list[Group]:
        """Return the groups of the endpoint that are on the platform."""
        rows = self.client.query(PARTS[GROUP].path, [_query.begins("name", self.name)])
        return groups_of(rows, self.name, service_uuid)

    def delete_group(self, group: Group) -> set[str]:
        """Delete a group with its evaluations of this endpoint, which keep it in use; returns the groups in which they ran."""
        ran_in = self.delete_evaluations_of(group)
        self.delete(GROUP, group.uuid, group.name, delete_mode=self.parts[GROUP]["delete_mode"])
        return ran_in

    def delete_evaluations_of(self, group: Group) -> set[str]:
        """Delete the evaluations of this endpoint for a group; returns the groups in which they ran."""
        evaluation = self.parts.get(EVALUATION, {}).get("name")
        with self.attributing(GROUP):
            tasks = self.client.query(EVALUATION_TASKS, [_query.equals("evaluatedServiceGroupUuid", group.uuid)])
        return self.delete_evaluations([task for task in tasks if is_evaluation_of(task, group, evaluation)])

    def delete_evaluations(self, tasks: t.Sequence[t.Mapping[str, t.Any]]) -> set[str]:
        """Delete evaluation tasks, and the groups in which they ran unless the server deletes these itself; returns the uuids of these groups."""
        for task in tasks:
            self.delete(EVALUATION, str(task["uuid"]), str(task.get("name")))
        ran_in = {str(task["modelServiceGroupUuid"]): str(task.get("name")) for task in tasks if task.get("modelServiceGroupUuid")}
        for uuid, name in ran_in.items() if not self.check_mode else ():
            with self.attributing(EVALUATION):
                left = self.client.get(PARTS[GROUP].path, uuid) and not self.client.query(EVALUATION_TASKS, [_query.equals("modelServiceGroupUuid", uuid)])
            if left:
                self.delete(GROUP, uuid, name)
        return set(ran_in)

    def describe_deployment(self) -> None:
        """Add the create-only options of a new group to the diff; the server does not show them afterwards."""
        if GROUP in self._after and not self._before[GROUP]:
            shown = self._after[GROUP]
            sent = {name: self._given[name] for option, name in version_options() if self._given.get(name) is not None and option not in shown}
            self._after[GROUP] = {**sent, **shown}

    def result(self) -> dict[str, t.Any]:
        """Return the result of the task."""
        return {
            "changed": self.changed, "url": self.url, "version": self.version, **self._objects, "kept": self._kept, "steps": self._steps, "drift": self._drift,
            "diff": {"before": self._before, "after": self._after}, "warnings": self.warnings}

    def failed(self, result: Options) -> dict[str, t.Any]:
        """Return the result of a failure, with all changes made until then."""
        done = {"changed": self.changed, "steps": self._steps, "diff": {"before": self._before, "after": self._after}}
        return {**result, **done, "warnings": self.warnings}

    def _foreseen(self, part: str, options: Options) -> dict[str, t.Any]:
        """Return the result of creating the object of a part, even if it exists now."""
        table = PARTS[part]
        with self.attributing(part):
            resolved = table.complete(resolve(self.client, options, table.refs()))
            plan = make_plan(table, resolved, None)
        return finish_named(self.client, table, plan, options, resolved, None, True)

    def _note(self, title: str, result: Options) -> None:
        self._steps += result.get("steps") or []
        if result.get("changed"):
            for side, key in ((self._before, "before"), (self._after, "after")):
                side[title] = (result.get("diff") or {}).get(key, {})

    def _warn(self, title: str, result: Options) -> None:
        self.warnings += ["%s: %s" % (title, warning) for warning in result.get("warnings", [])]


class Attribution:
    """Turns a `ZStackError` into a `Failure` of the task."""

    def __init__(self, endpoint: Endpoint, title: str) -> None:
        self._endpoint = endpoint
        self._title = title

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: t.Any, error: BaseException | None, trace: t.Any) -> None:
        if isinstance(error, ZStackError):
            raise Failure(self._endpoint.failed({"msg": "%s: %s" % (self._title, error.message), "error": error.error})) from error
