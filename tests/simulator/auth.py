# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions and who asks (REST page, 2.1 to 2.3)."""
from __future__ import annotations

import hashlib
from uuid import uuid4

from .clock import now_ms
from .errors import ApiError
from .options import Config
from .store import Store

ADMIN_UUID = "36c27e8ff05c4780bf6d2fa65700f22e"


def password_hash(clear: str) -> str:
    """Return the form in which passwords travel and are stored: lower-case hex SHA-512."""
    return hashlib.sha512(clear.encode()).hexdigest()


class Sessions:
    """Login sessions with sliding expiry; they survive a restart."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self.failures: dict[str, list[int]] = {}
        self.saved: dict[str, int] = {}

    def login(self, name: str, password: str, system_tags: list[str]) -> dict:
        """Return the row of a new session; raise ApiError as the server refuses."""
        account = next((row for row in self.store.find("accounts", "name", name) if row["name"] == name), None)
        self.check_lock(name)
        if account is None or account["_password"] != password:
            self.failures.setdefault(name, []).append(now_ms())
            raise ApiError("ID.1000", "wrong account name or password")
        if account.get("state") == "Disabled":
            raise ApiError("ID.1007", f"account[name:{name}] is disabled")
        if self.config.two_factor_token is not None:
            self.check_second_factor(system_tags)
        if self.live_count(account["uuid"]) >= self.config.max_sessions:
            raise ApiError("ID.1006", f"Login sessions hit limit of max allowed concurrent login sessions, max allowed: {self.config.max_sessions}")
        self.failures.pop(name, None)
        return self.create(account["uuid"])

    def create(self, account_uuid: str) -> dict:
        """Store a new session of an account."""
        now = now_ms()
        row = {"uuid": uuid4().hex, "accountUuid": account_uuid, "userUuid": account_uuid if self.config.dialect == "classic" else None,
               "createDate": now, "expiredDate": now + int(self.config.session_timeout_s * 1000), "noSessionEvaluation": False}
        return self.store.put("sessions", row)

    def check_lock(self, name: str) -> None:
        """Raise when too many logins failed; every failure counts (REST page, 2.1)."""
        recent = [moment for moment in self.failures.get(name, []) if moment > now_ms() - self.config.lock_s * 1000]
        if self.config.max_login_attempts and len(recent) >= self.config.max_login_attempts:
            raise ApiError("LOGIN_CONTROL.1002", f"account {name} is locked because of too many failed logins")

    def check_second_factor(self, system_tags: list[str]) -> None:
        """Raise unless the right twofatoken tag came with the login."""
        tokens = [tag.split("::", 1)[1] for tag in system_tags if tag.startswith("twofatoken::")]
        if not tokens:
            raise ApiError("ID.2001", "need two factor authentication: googleAuth")
        if tokens[0] != self.config.two_factor_token:
            raise ApiError("ID.2002", "failed to verify two factor authentication token")

    def live_count(self, account_uuid: str | None = None) -> int:
        """Return the number of sessions that have not expired."""
        now = now_ms()
        return sum(1 for row in self.store.all("sessions") if row["expiredDate"] > now and account_uuid in (None, row["accountUuid"]))

    def is_valid(self, uuid: str) -> bool:
        """Tell whether a session exists and has not expired."""
        row = self.store.get("sessions", uuid)
        return row is not None and row["expiredDate"] > now_ms()

    def account_of(self, uuid: str) -> dict:
        """Return the account of a session and move its expiry; raise ID.1001."""
        row = self.store.get("sessions", uuid)
        now = now_ms()
        if row is None or row["expiredDate"] <= now:
            raise ApiError("ID.1001", "Session expired")
        timeout = int(self.config.session_timeout_s * 1000)
        row["expiredDate"] = now + timeout
        # the file need not know every move: a twentieth of the lifetime is exact enough after a restart
        if now + timeout - self.saved.get(uuid, 0) > timeout // 20:
            self.saved[uuid] = now + timeout
            self.store.put("sessions", dict(row))
        return self.account(row["accountUuid"])

    def account(self, uuid: str) -> dict:
        """Return an account with `_admin`."""
        row = self.store.get("accounts", uuid)
        if row is None:
            raise ApiError("ID.1001", "Session expired")
        return {**row, "_admin": uuid == ADMIN_UUID}
