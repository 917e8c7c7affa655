# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Apply a plan. Each write is safe to repeat, and the outcome of a lost response is queried."""

from __future__ import annotations

import dataclasses
import functools
import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import remember
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import created, look, read_tags
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import DERIVATIONS, derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.ready import Watch
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Plan, Step
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.usage import refuse_loss, users_of
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import NotReadyError, OutcomeUnknownError, ServerError, VerifyError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import VALIDATION_ONLY, Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.outcomes import Effect
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import PREFIX, Digest
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF, SELF_IN_PATH, Field, Observed, Resource

# The error for a second object with the same uuid; its text is not stable (REST protocol page, 4.5).
TAKEN = "SYS.1000"
# A refusal before anything is changed, for example of a model ID that another run has just used.
REFUSED_BEFORE = "SYS.1007"
# Seconds between reads of an object that another run may be creating with the same uuid. Later derivations are not waited for, because the other run tries
# them in the same order and is ahead.
LOOKS, LATER_LOOKS = (0.0, 0.5, 1.5), (0.0, 0.1)
# The server refuses a uuid of its own past with the same code as it fails when an object is deleted during its creation (REST protocol page, 4.5).
_GONE = (
    "%s failed for the uuid %s, and there is no such object. If it was created and somebody deleted it before the call ended, that is not reported as "
    "changed.")


class Superseded(Exception):
    """Another run created the object first, so the plan is outdated.

    :param inventory: that object.
    :param refusal: the error of this run's own creation.
    """

    def __init__(self, inventory: dict[str, t.Any], refusal: ZStackError) -> None:
        super().__init__("another run created the object first")
        self.inventory = inventory
        self.refusal = refusal


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
        after = read_tags(self._client, self._inventory, [self._table.field(option) for option in plan.carried], self._observed)
        for field in remember.contested(self._table, self._options, plan.carried, after):
            self._note(remember.write(self._table, field, self._options))
        return after

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
            self._inventory = self._create(step)
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
            if not field.digests(read_tags(self._client, self._inventory or {}, [field])):
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

    def _created(self, uuid: str) -> dict[str, t.Any] | None:
        return created(self._client, self._table, uuid)

    def _create(self, step: Step) -> dict[str, t.Any]:
        """Create the object with the first free derived uuid; never a second object."""
        refused: ServerError | None = None
        looks: tuple[float, ...] = LOOKS
        gone: list[str] = []
        for uuid in derived_uuids(self._table, self._options, DERIVATIONS, step.after):
            try:
                return self._create_as(step, uuid)
            except ServerError as error:
                if self._effect:
                    raise  # by a read after the creation, which is unrelated to the uuid
                if error.server_code not in (TAKEN, REFUSED_BEFORE):
                    # The object may exist, although the operation that its creation started has failed.
                    self._effect = bool(self._table.ready and self._created(uuid))
                    raise
                refused = refused or error
                taken = error.server_code == TAKEN
            # Another run of the same task may have just created it, which results in one of several refusals. A uuid that is in use without an object belongs
            # to a deleted object, so the next derivation can be tried.
            found = _soon(functools.partial(self._created, uuid), looks if taken else looks[:2])
            if found or not taken:
                break
            looks = LATER_LOOKS
            gone.append(uuid)
        if gone:
            self.warnings.append(_GONE % (step.call.name, ", ".join(gone)))
        if found:
            raise Superseded(found, t.cast(ServerError, refused))
        raise t.cast(ServerError, refused)

    def _create_as(self, step: Step, uuid: str) -> dict[str, t.Any]:
        try:
            return self._create_once(step, uuid)
        except ServerError as error:
            # Refused before anything was changed, because of a tag: the object matters more than the tag that remembers its values.
            if self._effect or error.server_code == TAKEN or not _has_digest(step) or "tag" not in error.message.lower():
                raise
        return self._create_once(_without_digests(step), uuid)

    def _create_once(self, step: Step, uuid: str) -> dict[str, t.Any]:
        write = _watched(self._table, _request(self._table, self._options, step, uuid), lambda: self._created(uuid))
        try:
            result = self._client.write(write, lambda: self._created(uuid))
        except OutcomeUnknownError as error:
            found = error.resolved(lambda: self._created(uuid))
            if found and error.unsent and not _shows(self._table, self._options, step, found):
                raise Superseded(found, error) from error
            # An object whose operation continues after the call shows its own state.
            if found and (self._table.ready or not error.running):
                self.warnings.append(error.considered_successful("The object exists"))
                return found
            raise error.of_creation(uuid, bool(found)) from error
        self._effect = True
        if self._table.created_key == "uuid":
            return _inventory(result) or self._look(uuid) or {"uuid": uuid}
        return _appeared(lambda: self._created(uuid), "%s succeeded, but there is no %s with the %s %s. Check the platform, then run again." % (
            write.asked, self._table.title, self._table.created_key, uuid))

    def _delete(self, step: Step) -> bool:
        """Delete an object; returns False if another run was faster."""
        uuid = urllib.parse.unquote(step.path.rsplit("/", 1)[1])
        refuse_loss(self._client, self._table, self._inventory or {}, self._options)
        try:
            self._client.write(_request(self._table, self._options, step, uuid))
        except OutcomeUnknownError as error:
            if error.resolved(lambda: self._look(uuid)) is not None:
                raise
            self.warnings.append(error.considered_successful("The object no longer exists"))
        except ServerError as error:
            if self._look(uuid) is not None:
                error.add(users_of(self._client, self._table, uuid))
                raise
            return False  # Only a refusal proves that someone else deleted it.
        return True

    def _change(self, step: Step) -> bool:
        """Update the object; returns False if another run was faster."""
        uuid = str((self._inventory or {}).get("uuid"))
        try:
            write = _request(self._table, self._options, step, uuid)
            if step.call in (self._table.restart, self._table.update):
                write = _watched(self._table, write, lambda: self._look(uuid), self._inventory)
            result = self._client.write(write)
        except OutcomeUnknownError as error:
            self._inventory = error.resolved(lambda: self._look(uuid)) or self._inventory
            if not error.resolved(lambda: self._holds(step)):
                raise
            self.warnings.append(error.considered_successful("The object has all requested values"))
            return True
        except ServerError:
            # A change of an entry that another run has made in the meantime may be refused, and is already the desired state.
            if step.entry is None or not self._has_entry(step):
                raise
            return False
        _check_parts(step, result)
        self._effect = True
        if step.call is self._table.restart:
            self._stale = True
        elif step.call is self._table.update:
            self._inventory = (None if self._table.related else _inventory(result)) or self._look(uuid) or self._inventory
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
        return _same(fields, self._options, read_tags(self._client, self._inventory or {}, fields))


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
            client.write(_request(table, options, step, uuid, validate=True))
    names = ", ".join("%s (%s)" % (step.call.name, ", ".join(step.fields)) for step in skipped)
    text = "server_side_check: the server cannot validate calls that depend on an earlier call of the same plan. Not validated: %s."
    return [text % names] if skipped else []


def _request(table: Resource, options: t.Mapping[str, t.Any], step: Step, uuid: str, validate: bool = False) -> Write:
    """Return the call of a step for the object with a uuid; with ``validate``, a call that the server only validates."""
    root = dict(step.root)
    if validate:
        root["systemTags"] = [*root.get("systemTags", []), VALIDATION_ONLY]
    if step.call.wrapper is None:
        query = tuple((key, text) for key, value in root.items() for text in (value if isinstance(value, list) else [value]))
        return Write(step.call.name, step.call.method, step.path.replace(SELF_IN_PATH, uuid), None, query)
    root = {key: _filled(value, uuid) for key, value in root.items()}
    params = {key: _filled(value, uuid) for key, value in step.params.items()}
    if step.call.creates:
        params["resourceUuid"] = uuid
    return Write(step.call.name, step.call.method, step.path.replace(SELF_IN_PATH, uuid), {step.call.wrapper: params, **root},
                 effect=None if validate else _effect(table, options, step, uuid))


def _check_parts(step: Step, result: t.Mapping[str, t.Any]) -> None:
    """Raise the error of a part of a result that failed."""
    for part in result.get("results") or []:
        if isinstance(part.get("error"), dict) or str(part.get("success")).lower() == "false":
            raise ServerError("%s (%s %s)" % (step.call.name, step.call.method, step.path), part.get("error") or {"details": "success: false"}, 200)


def _watched(table: Resource, write: Write, find: t.Callable[[], dict[str, t.Any] | None], before: dict[str, t.Any] | None = None) -> Write:
    """Return the write with a watch on its object, if the operation continues after the call."""
    return dataclasses.replace(write, watch=Watch(table, find, before)) if table.ready else write


def _depends(table: Resource, options: t.Mapping[str, t.Any], step: Step, earlier: t.Sequence[Step]) -> bool:
    """Return whether a call requires the effect of an earlier one: the object, the deletion of the old object, or an entry that it refers to."""
    if any(other.call.creates or other.call is table.delete for other in earlier):
        return True
    entries = {other.entry for other in earlier if other.entry is not None}
    return any(isinstance(options.get(option), str) and options[option] in entries for option in step.fields)


def _effect(table: Resource, options: t.Mapping[str, t.Any], step: Step, uuid: str) -> Effect | None:
    """Return how the inventory shows that an update is done; None if it cannot show everything, such as tags or operations that continue.

    If two runs do the same, only the job shows which run created or deleted the object.
    """
    if step.call is not table.update or table.ready or table.related or step.tags or "userTags" in step.root or "systemTags" in step.root:
        return None
    fields = [field for field in table.fields if field.option in step.fields]
    if not fields or any(not field.readable or field.needs or field.remembered for field in fields):
        return None
    return Effect(table.path, uuid, lambda row: row is not None and all(field.same(options[field.option], Observed(row)) for field in fields))


def _shows(table: Resource, options: t.Mapping[str, t.Any], step: Step, inventory: dict[str, t.Any]) -> bool:
    """Return whether an object has the values of its creation, as far as its inventory shows them."""
    fields = [field for field in table.fields if field.option in step.fields and field.readable and not field.needs and not field.remembered]
    return _same(fields, options, Observed(inventory))


def _same(fields: t.Sequence[Field], options: t.Mapping[str, t.Any], observed: Observed) -> bool:
    return all(field.readable and field.same(options[field.option], observed) for field in fields)


def _appeared(find: t.Callable[[], dict[str, t.Any] | None], message: str) -> dict[str, t.Any]:
    """Return an object that may become visible shortly after its creation.

    :raises VerifyError: with the message, if it does not.
    """
    found = _soon(find, (0.0, *LOOKS[1:]))
    if not found:
        raise VerifyError(message)
    return found


def _soon(find: t.Callable[[], dict[str, t.Any] | None], pauses: t.Iterable[float]) -> dict[str, t.Any] | None:
    """Return what is found after one of the pauses, in seconds; None if it does not exist even then."""
    for pause in pauses:
        STOP.pause(pause)
        found = find()
        if found:
            return found
    return None


def _inventory(result: dict[str, t.Any]) -> dict[str, t.Any] | None:
    """Return the object in the response to a call; None if it has no uuid."""
    inventory = result.get("inventory")
    return inventory if inventory and inventory.get("uuid") else None


def _filled(value: t.Any, uuid: str) -> t.Any:
    if isinstance(value, list):
        return [_filled(item, uuid) for item in value]
    return uuid if value is SELF else value.text() if isinstance(value, Digest) else value


def _has_digest(step: Step) -> bool:
    return any(_is_digest(tag) for tag in step.root.get("userTags") or [])


def _is_digest(tag: t.Any) -> bool:
    return isinstance(tag, Digest) or tag.startswith(PREFIX)


def _without_digests(step: Step) -> Step:
    return dataclasses.replace(step, root={**step.root, "userTags": [tag for tag in step.root["userTags"] if not _is_digest(tag)]})
