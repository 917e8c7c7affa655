# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Apply a plan. Each write is safe to repeat, and the outcome of a lost response is queried."""

from __future__ import annotations

import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import remember
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.creating import Creation
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import look, read_tags
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.step_requests import inventory_of, request, same, watched
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Plan, Step
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.usage import refuse_loss, users_of
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import NotReadyError, OutcomeUnknownError, ServerError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field, Observed, Resource


class Work:
    """The application of one plan.

    :param done: the steps of this run that had an effect.
    :param warnings: for the user, also after a success.
    :param refused_tags: options whose tag the server refused, with its error code; their later steps are omitted.
    """

    def __init__(self, client: Client, table: Resource, options: t.Mapping[str, t.Any], observed: Observed | None) -> None:
        self._client = client
        self._table = table
        self._options = options
        self._inventory = observed.inventory if observed else None
        self._observed = observed
        self._stale = False
        # Whether the current call has had an effect.
        self._effect = False
        self.done: list[Step] = []
        self.refused_tags: dict[str, str] = {}
        self.warnings: list[str] = []

    def carry_out(self, plan: Plan) -> Observed | None:
        """Make the calls of the plan in order; returns the resulting object, None if it no longer exists.

        :raises ZStackError: as `Client.write` does.
        :raises Superseded: if the creation was refused because another run created the object.
        """
        for step in plan.steps:
            if self.refused_tags.keys().isdisjoint(step.fields):
                self._note(step)
        if self._inventory is None:
            return None
        if self._stale:
            self._inventory = self._look(str(self._inventory["uuid"])) or self._inventory
        after = read_tags(self._client, self._inventory, self._verified(plan), self._observed)
        for field in remember.contested(self._table, self._options, plan.carried, after):
            self._note(remember.write(self._table, field, self._options))
        return after

    def _verified(self, plan: Plan) -> list[Field]:
        """Return the fields whose tags have to be read again: what the plan has sent, and what another run may have changed between two reads of this one."""
        sent = [self._table.field(option) for option in plan.carried]
        updated = any(step.call is self._table.update for step in plan.steps)
        return sent + [field for field in self._table.given(self._options) if updated and field.update and not field.attach]

    def _note(self, step: Step) -> None:
        """Make one call, and record it if it had an effect, even if a later read fails."""
        self._effect = False
        try:
            self._effect = self._carry_out(step)
        except NotReadyError:
            # The call succeeded, but the operation that it started has failed.
            self._effect = True
            raise
        finally:
            if self._effect:
                self.done.append(step)

    def _carry_out(self, step: Step) -> bool:
        """Make one call; returns True if this call had an effect."""
        if step.call is self._table.create:
            creation = Creation(self._client, self._table, self._options, self.warnings)
            try:
                self._inventory = creation.carry_out(step)
            finally:
                self._effect = creation.effect
            return True
        if step.call is self._table.delete:
            ours = self._delete(step)
            self._inventory = None
            return ours
        if step.tags == "forget":
            return self._forget(step)
        try:
            return self._change(step)
        except ServerError as error:
            if step.tags != "probe":
                raise
            field = self._table.field(step.fields[0])
            # The tag of another run, which tries the same, shows as well that the server takes tags.
            if not field.digests(error.resolved(lambda: read_tags(self._client, self._inventory or {}, [field]))):
                self.refused_tags[field.option] = error.server_code
            return False

    def _forget(self, step: Step) -> bool:
        """Delete the digests of a field that were there when the run planned."""
        field = self._table.field(step.fields[0])
        rows = remember.stale(field, self._observed, read_tags(self._client, self._inventory or {}, [field]))
        for row in rows:
            self._client.write(Write(step.call.name, step.call.method, step.path.format(tag=row["uuid"]), None, (("deleteMode", "Permissive"),)))
            self._effect = True
        return bool(rows)

    def start_from(self, observed: Observed) -> None:
        """Continue with an object that another run created."""
        self._inventory = observed.inventory
        self._observed = observed

    def _look(self, uuid: str) -> dict[str, t.Any] | None:
        return look(self._client, self._table, uuid)

    def _delete(self, step: Step) -> bool:
        """Delete an object; returns False if another run was faster."""
        uuid = urllib.parse.unquote(step.path.rsplit("/", 1)[1])
        refuse_loss(self._client, self._table, self._inventory or {}, self._options)
        try:
            self._client.write(request(self._table, self._options, step, uuid))
        except OutcomeUnknownError as error:
            if error.resolved(lambda: self._look(uuid)) is not None:
                raise
            self.warnings.append(error.considered_successful("The object no longer exists"))
        except ServerError as error:
            if error.resolved(lambda: self._look(uuid)) is not None:
                error.add(users_of(self._client, self._table, uuid))
                raise
            return False  # Only a refusal proves that someone else deleted it.
        return True

    def _change(self, step: Step) -> bool:
        """Update the object; returns False if another run was faster."""
        uuid = str((self._inventory or {}).get("uuid"))
        try:
            write = request(self._table, self._options, step, uuid)
            if step.call in (self._table.restart, self._table.update):
                write = watched(self._table, write, lambda: self._look(uuid), self._inventory)
            result = self._client.write(write)
        except OutcomeUnknownError as error:
            self._inventory = error.resolved(lambda: self._look(uuid)) or self._inventory
            if not error.resolved(lambda: self._holds(step)):
                raise
            self.warnings.append(error.considered_successful("The object has all requested values"))
            return True
        except ServerError as error:
            # A change of an entry that another run has made in the meantime may be refused, and is already the desired state.
            if step.entry is None or not error.resolved(lambda: self._has_entry(step)):
                raise
            return False
        _check_parts(step, result)
        self._effect = True
        if step.call is self._table.restart:
            self._stale = True
        elif step.call is self._table.update:
            self._inventory = (None if self._table.related else inventory_of(result)) or self._look(uuid) or self._inventory
            self._stale = False
        elif not self._table.field(step.fields[0]).needs:
            # The response to an added entry is not the object, which has changed as well.
            self._stale = True
        return True

    def _has_entry(self, step: Step) -> bool:
        field = self._table.field(step.fields[0])
        if not field.needs:
            self._inventory = self._look(str((self._inventory or {}).get("uuid"))) or self._inventory
        found = step.entry in (field.found(read_tags(self._client, self._inventory or {}, [field])) or [])
        return found is not bool(field.attach and field.attach.removes)

    def _holds(self, step: Step) -> bool:
        fields = [self._table.field(option) for option in step.fields]
        return same(fields, self._options, read_tags(self._client, self._inventory or {}, fields))


def validate(client: Client, table: Resource, options: t.Mapping[str, t.Any], observed: Observed | None, plan: Plan) -> list[str]:
    """Let the server check the calls of a plan without doing them (REST protocol page, 4.7).

    :returns: warnings: a call that depends on an earlier one of the same plan cannot be checked.
    :raises ZStackError: when the server refuses one.
    """
    skipped: list[Step] = []
    for number, step in enumerate(plan.steps):
        if _depends(table, options, step, plan.steps[:number]):
            skipped.append(step)
        else:
            uuid = derived_uuids(table, options, 1)[0] if step.call.creates else str(observed.inventory.get("uuid") if observed else None)
            client.write(request(table, options, step, uuid, validate=True))
    names = ", ".join("%s (%s)" % (step.call.name, ", ".join(step.fields)) for step in skipped)
    text = "server_side_check: the server cannot validate calls that depend on an earlier call of the same plan. Not validated: %s."
    return [text % names] if skipped else []


def _check_parts(step: Step, result: t.Mapping[str, t.Any]) -> None:
    """Raise the error of a part of a result that failed."""
    for part in result.get("results") or []:
        if isinstance(part.get("error"), dict) or str(part.get("success")).lower() == "false":
            raise ServerError("%s (%s %s)" % (step.call.name, step.call.method, step.path), part.get("error") or {"details": "success: false"}, 200)


def _depends(table: Resource, options: t.Mapping[str, t.Any], step: Step, earlier: t.Sequence[Step]) -> bool:
    """Return whether a call requires the effect of an earlier one: the object, the deletion of the old object, or an entry that it refers to."""
    if any(other.call.creates or other.call is table.delete for other in earlier):
        return True
    entries = {other.entry for other in earlier if other.entry is not None}
    return any(isinstance(options.get(option), str) and options[option] in entries for option in step.fields)
