# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Wait for an object whose operation continues after its call has ended, such as a deployment."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import look
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError,
    NotReadyError,
    ServerError,
    StoppedError,
    UnreachableError,
    ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import NOT_READY
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Readiness, Resource

Inventory = dict[str, t.Any]

# Seconds between reads: short at first, to detect a short restart, then longer.
FIRST_PAUSE, PAUSE_GROWTH, LONGEST_PAUSE = 0.1, 1.5, 5.0
# Seconds within which a restart has to become visible, and after which a change without visible effect is treated as done.
RESTART_SECONDS, CHANGE_SECONDS = 30.0, 3.0
# Seconds between progress lines.
SILENCE = 30.0


def failure_of(table: Resource, inventory: t.Mapping[str, t.Any]) -> NotReadyError | None:
    """Return the error for an object that will never be ready, or None."""
    readiness = _readiness(table, inventory)
    if not readiness.failure:
        return None
    advice = " Set recreate to true to delete and create it again." if table.recreates else " Set rerun to true to start again." if table.reruns else ""
    return _not_ready("The %s %s has failed: %s.%s" % (table.title, table.title_of(inventory), readiness.failure, advice), readiness.status)


class Watch:
    """Reads an object while the job of its call runs: some jobs continue although the object has failed.

    :param find: reads the object; None while it does not exist.
    :param before: the inventory before the call, whose state is ignored; None for a new object.
    """

    def __init__(self, table: Resource, find: t.Callable[[], Inventory | None], before: t.Mapping[str, t.Any] | None = None) -> None:
        self._table = table
        self._find = find
        self._before = before

    def __call__(self) -> None:
        """Read the object once.

        :raises NotReadyError: if the object has failed since the call.
        """
        try:
            inventory = self._find()
        except StoppedError:
            raise
        except ZStackError:
            return  # The job decides. A failed read in between is unrelated to the call, and would hide its outcome.
        failure = failure_of(self._table, inventory) if inventory else None
        if failure and (self._before is None or _traces(t.cast(Inventory, inventory)) != _traces(self._before)):
            raise failure


def wait_until_ready(
    client: Client, table: Resource, inventory: Inventory, before: t.Mapping[str, t.Any] | None = None, restarted: bool = False,
) -> Inventory:
    """Return the inventory of an object once it is ready.

    :param inventory: the last known one.
    :param before: the inventory before a restart or a change, whose state is ignored.
    :param restarted: True for a restart, which has to become visible.
    :raises NotReadyError: as soon as the object fails, if a restart does not become visible, and after ``wait_timeout`` seconds.
    """
    started = reported = time.monotonic()
    limit, pause, evidence, problem = client.connection.wait_timeout, FIRST_PAUSE, before is None, ""
    while True:
        readiness = _readiness(table, inventory)
        evidence = evidence or not readiness.done or _traces(inventory) != _traces(before or {})
        waited = time.monotonic() - started
        if not evidence and waited >= min(RESTART_SECONDS if restarted else CHANGE_SECONDS, limit):
            if restarted:
                raise _not_ready(
                    "The server accepted the restart of the %s %s, but %d seconds later nothing shows it: status, instances and dates are unchanged. "
                    "Check the platform; restart: always restarts it again." % (table.title, table.title_of(inventory), waited), readiness.status)
            evidence = True
        failure = failure_of(table, inventory) if evidence else None
        if failure:
            raise failure
        if evidence and readiness.done:
            return inventory
        if waited >= limit:
            raise _not_ready(
                "The %s %s is not ready after %d seconds (wait_timeout). Its last status is %s.%s The server continues. Run the task again to "
                "continue waiting, with a longer wait_timeout if the work takes longer."
                % (table.title, table.title_of(inventory), limit, readiness.status or "unknown", problem), readiness.status)
        if time.monotonic() - reported >= SILENCE:
            reported = time.monotonic()
            client.notify("%s %s: %s, %d s so far" % (table.title, inventory.get(table.named_by.api), readiness.status or "unknown", waited))
        with client.idle():
            STOP.pause(max(0.01, min(pause, limit - waited)))
        pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
        inventory, problem = _look(client, table, inventory)


def latest(client: Client, table: Resource, inventory: Inventory) -> Inventory:
    """Return the current inventory; the last known one while the management node does not answer.

    :raises NotReadyError: if the object no longer exists.
    """
    return _look(client, table, inventory)[0]


def _look(client: Client, table: Resource, inventory: Inventory) -> tuple[Inventory, str]:
    """Return the current inventory; the last known one, with the reason, while the management node does not answer."""
    try:
        found = look(client, table, str(inventory["uuid"]))
    except (AnswerLostError, UnreachableError) as error:
        return inventory, " The last read failed: %s" % error.message
    except ServerError as error:
        if error.server_code not in NOT_READY:
            raise
        return inventory, " The last read failed: %s" % error.message
    if found is None:
        raise _not_ready("The %s %s was deleted while the task waited for it." % (table.title, table.title_of(inventory)), "")
    return found, ""


def _readiness(table: Resource, inventory: t.Mapping[str, t.Any]) -> Readiness:
    return t.cast(t.Callable[[t.Mapping[str, t.Any]], Readiness], table.ready)(inventory)


def _traces(inventory: t.Mapping[str, t.Any]) -> t.Any:
    """Return the values that a restart changes: date and configuration of the object, and uuids and dates of its instances."""
    instances = [row for row in inventory.get("instances") or [] if isinstance(row, dict)]
    kept = ("uuid", "vmInstanceUuid", "yaml", "createDate", "lastOpDate")
    return [inventory.get("lastOpDate"), inventory.get("yaml"), sorted(str([row.get(key) for key in kept]) for row in instances)]


def _not_ready(message: str, status: str) -> NotReadyError:
    return NotReadyError(message, {"code": NotReadyError.code, "details": message, "status": status})
