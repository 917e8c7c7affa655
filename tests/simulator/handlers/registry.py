# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registration of calls, and the context of a call."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from ..body import Message
from ..clock import now_ms
from ..errors import ApiError
from ..faults import error_of
from ..kinds import COLUMNS, KINDS
from ..world import World

CHECKS: dict[str, Callable[[Context], None]] = {}
RUNS: dict[str, Callable[[Context], dict]] = {}


@dataclass
class Context:
    """One call in progress.

    :param account: who asks (None for calls without sign-in).
    :param hidden_ms: a created row stays invisible to queries for that long (fault late_row).
    :param faults: that strike this request.
    :param pending: set by a call whose job goes on; awaiting it gives the answer or raises ApiError.
    """

    world: World
    message: Message
    account: dict | None = None
    hidden_ms: float = 0.0
    created: str | None = None
    faults: tuple = ()
    pending: Awaitable[dict] | None = None

    def get(self, name: str) -> object:
        """Return a parameter, its default, or None."""
        return self.message.get(name)

    def fault(self, kind: str):
        """Return the fault of a kind that strikes this request, or None."""
        return next((fault for fault in self.faults if fault.kind == kind), None)

    def error_inventory(self, fault) -> dict:
        """Return the error object that a fault asks for."""
        return error_of(fault).inventory(self.world.config.shows_global_codes)

    @property
    def store(self):
        """Return the store."""
        return self.world.store

    @property
    def owner(self) -> str | None:
        """Return the uuid of the account that asks."""
        return self.account["uuid"] if self.account else None

    def create(self, kind: str, values: dict) -> dict:
        """Insert a row with resourceUuid or a new uuid; SYS.1000 when that uuid is taken or still reserved (REST page, 4.5)."""
        uuid = self.message.values.get("resourceUuid") or uuid4().hex
        check_columns(kind, values)
        check_quota(self, kind)
        reserved = self.world.config.reserve_deleted_uuids and uuid in self.store.reserved
        if self.store.taken(uuid) or reserved:
            raise ApiError("SYS.1000", f"Duplicate entry '{uuid}' for key 'PRIMARY'")
        now = now_ms()
        row = {"uuid": uuid, **values, "createDate": now, "lastOpDate": now, "_owner": self.owner}
        if self.hidden_ms:
            row["_hidden_until"] = now + int(self.hidden_ms)
        self.created = uuid
        return self.store.put(kind, row)

    def change(self, kind: str, uuid: str, changes: dict) -> dict:
        """Change fields of a row; SYS.1000 when a text is too long for its column."""
        check_columns(kind, changes)
        return self.store.update(kind, uuid, changes)

    def inventory(self, kind: str, uuid: str) -> dict:
        """Return the usual answer: {"inventory": {...}}."""
        return {"inventory": self.world.renderer.inventory(kind, self.store.get(KINDS[kind].table or kind, uuid))}


def check_columns(kind: str, values: dict) -> None:
    """Raise SYS.1000 for a text that is longer than its column (AI page, 9)."""
    for name, limit in COLUMNS.get(kind, {}).items():
        if len(values.get(name) or "") > limit:
            raise ApiError("SYS.1000", f"Data truncation: Data too long for column '{name}' at row 1")


def check(*names: str) -> Callable:
    """Register the business checks of calls; they run before the call is executed and also in a dry run."""
    def register(function: Callable[[Context], None]) -> Callable[[Context], None]:
        CHECKS.update(dict.fromkeys(names, function))
        return function
    return register


def run(*names: str) -> Callable:
    """Register what calls do."""
    def register(function: Callable[[Context], dict]) -> Callable[[Context], dict]:
        RUNS.update(dict.fromkeys(names, function))
        return function
    return register


def check_quota(context: Context, kind: str) -> None:
    """Raise ID.1003 when an account other than admin has as many objects of a kind as it may (REST page, 7)."""
    limit, account = context.world.config.quotas.get(kind), context.account
    if limit is None or account is None or account["_admin"]:
        return
    used = sum(row.get("_owner") == account["uuid"] for row in context.store.all(kind))
    if used >= limit:
        raise ApiError("ID.1003", f"quota exceeding. The account[uuid: {account['uuid']}] exceeds a quota[name: {kind}, value: {limit}], "
                                  f"current used: {used}, request: 1")


def check_targets(context: Context) -> None:
    """Raise ID.1002 unless every object that the call changes belongs to the account that asks (REST page, 4.3)."""
    for param in context.message.api.params:
        value = context.message.values.get(param.name)
        if param.owned and value is not None:
            for uuid in value if isinstance(value, list) else [value]:
                check_owner(context, param.ref, uuid)


def check_owner(context: Context, kind: str, uuid: str) -> None:
    """Raise ID.1002 when the object belongs to another account (REST page, 4.3)."""
    row = context.store.get(kind, uuid)
    account = context.account
    if row is None or account is None or account["_admin"] or row.get("_owner") == account["uuid"]:
        return
    owner = context.store.get("accounts", row.get("_owner")) or {"name": "admin", "uuid": row.get("_owner")}
    raise ApiError("ID.1002", f"operation denied. The resource[uuid: {uuid}, type: {KINDS[kind].vo},ownerAccountName:{owner['name']}, "
                              f"ownerAccountUuid:{owner['uuid']}] doesn't belong to the account[uuid: {account['uuid']}]")
