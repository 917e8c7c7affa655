# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Create an object once, whatever happens to the call and to its response."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import created, look
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import DERIVATIONS, derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.step_requests import inventory_of, request, shows, watched
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Step
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import TAKEN, OutcomeUnknownError, ServerError, VerifyError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import PREFIX, Digest
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

# A refusal before anything is changed, for example of a model ID that another run has just used.
REFUSED_BEFORE = "SYS.1007"
# Seconds between reads of an object that another run may be creating with the same uuid. Later derivations are not waited for, because the other run tries
# them in the same order and is ahead.
LOOKS, LATER_LOOKS = (0.0, 0.5, 1.5), (0.0, 0.1)
# The server refuses a uuid of its own past with the same code as it fails when an object is deleted during its creation (REST protocol page, 4.5).
_GONE = (
    "%s failed for the uuid %s, and there is no such object. If it was created and somebody deleted it before the call ended, that is not reported as "
    "changed.")
_UNREAD = "%s failed for the uuid %s, and a read to see whether the object was created failed as well. If it was, that is not reported as changed."


class Superseded(Exception):
    """Another run created the object first, so the plan is outdated.

    :param inventory: that object.
    :param refusal: the error of this run's own creation.
    """

    def __init__(self, inventory: dict[str, t.Any], refusal: ZStackError) -> None:
        super().__init__("another run created the object first")
        self.inventory = inventory
        self.refusal = refusal


class Creation:
    """The creation of one object.

    :param warnings: receives what the user has to know, also after a success.
    :ivar effect: whether a call of this run has created the object.
    """

    def __init__(self, client: Client, table: Resource, options: t.Mapping[str, t.Any], warnings: list[str]) -> None:
        self._client = client
        self._table = table
        self._options = options
        self._warnings = warnings
        self.effect = False

    def _look(self, uuid: str) -> dict[str, t.Any] | None:
        return look(self._client, self._table, uuid)

    def _created(self, uuid: str) -> dict[str, t.Any] | None:
        return created(self._client, self._table, uuid)

    def carry_out(self, step: Step) -> dict[str, t.Any]:
        """Create the object with the first free derived uuid; never a second object."""
        gone: list[str] = []
        try:
            return self._create_with_free_uuid(step, gone)
        except (ZStackError, Superseded):
            if gone:
                self._warnings.append(_GONE % (step.call.name, ", ".join(gone)))
            raise

    def _create_with_free_uuid(self, step: Step, gone: list[str]) -> dict[str, t.Any]:
        """Create the object.

        :param gone: receives the uuids with which the creation failed, and with which there is no object.
        :raises Superseded: if another run created it.
        """
        refused: ServerError | None = None
        looks: tuple[float, ...] = LOOKS
        for uuid in derived_uuids(self._table, self._options, DERIVATIONS, step.after):
            try:
                return self._create_as(step, uuid)
            except ServerError as error:
                if self.effect:
                    raise  # by a read after the creation, which is unrelated to the uuid
                if error.server_code not in (TAKEN, REFUSED_BEFORE):
                    # The object may exist, although the operation that its creation started has failed.
                    self.effect = bool(self._table.ready and self._seen(error, step, uuid, (0.0,)))
                    raise
                refused = refused or error
                taken = error.server_code == TAKEN
            # Another run of the same task may have just created it, which results in one of several refusals. A uuid that is in use without an object belongs
            # to a deleted object, so the next derivation can be tried.
            found = self._seen(refused, step, uuid, looks if taken else looks[:2])
            if found:
                raise Superseded(found, refused)
            if not taken:
                break
            looks = LATER_LOOKS
            gone.append(uuid)
        raise t.cast(ServerError, refused)

    def _seen(self, error: ServerError, step: Step, uuid: str, pauses: t.Iterable[float]) -> dict[str, t.Any] | None:
        """Return the object with the uuid of a creation that failed, or None.

        :param pauses: in seconds, before each read.
        """
        try:
            return error.resolved(lambda: _soon(functools.partial(self._created, uuid), pauses))
        except ZStackError:
            if error.server_code != REFUSED_BEFORE:
                self._warnings.append(_UNREAD % (step.call.name, uuid))
            raise

    def _create_as(self, step: Step, uuid: str) -> dict[str, t.Any]:
        try:
            return self._create_once(step, uuid)
        except ServerError as error:
            # Refused before anything was changed, because of a tag: the object matters more than the tag that remembers its values.
            if self.effect or error.server_code == TAKEN or not _has_digest(step) or "tag" not in error.message.lower():
                raise
        return self._create_once(_without_digests(step), uuid)

    def _create_once(self, step: Step, uuid: str) -> dict[str, t.Any]:
        write = watched(self._table, request(self._table, self._options, step, uuid), lambda: self._created(uuid))
        try:
            result = self._client.write(write, lambda: self._created(uuid))
        except OutcomeUnknownError as error:
            found = error.resolved(lambda: self._created(uuid))
            if found and error.unsent and not shows(self._table, self._options, step, found):
                raise Superseded(found, error) from error
            # An object whose operation continues after the call shows its own state.
            if found and (self._table.ready or not error.running):
                self._warnings.append(error.considered_successful("The object exists"))
                return found
            raise error.of_creation(uuid, bool(found)) from error
        self.effect = True
        if self._table.created_key == "uuid":
            return inventory_of(result) or self._look(uuid) or {"uuid": uuid}
        return _appeared(lambda: self._created(uuid), "%s succeeded, but there is no %s with the %s %s. Check the platform, then run again." % (
            write.asked, self._table.title, self._table.created_key, uuid))


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


def _has_digest(step: Step) -> bool:
    return any(_is_digest(tag) for tag in step.root.get("userTags") or [])


def _is_digest(tag: t.Any) -> bool:
    return isinstance(tag, Digest) or tag.startswith(PREFIX)


def _without_digests(step: Step) -> Step:
    return dataclasses.replace(step, root={**step.root, "userTags": [tag for tag in step.root["userTags"] if not _is_digest(tag)]})
