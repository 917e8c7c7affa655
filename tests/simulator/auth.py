# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions and who asks (REST page, 2.1 to 2.3)."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import uuid4

from .clock import now_ms
from .errors import ApiError
from .options import Config
from .store import Store

ADMIN_UUID = "36c27e8ff05c4780bf6d2fa65700f22e"


def password_hash(clear: str) -> str:
    """Return the form in which passwords travel and are stored: lower-case hex SHA-512."""
    return hashlib.sha512(clear.encode()).hexdigest()


@dataclass(frozen=True)
class Identity:
    """Who a sign-in is for.

    :param label: what error texts call it; `name` is locked after failures.
    :param row: the stored object with `_password` and `state`, or None for an unknown one.
    :param account: uuid of the account, or of the virtual ID, in whose name calls are made.
    """

    label: str
    name: str
    row: dict | None
    account: str | None = None


@dataclass(frozen=True)
class Proof:
    """What a sign-in shows beside its password: the captcha and the system tags."""

    captcha_uuid: str | None = None
    verify_code: str | None = None
    system_tags: tuple[str, ...] = ()


class Sessions:
    """Login sessions with sliding expiry; they survive a restart."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self.failures: dict[str, list[int]] = {}
        self.saved: dict[str, int] = {}
        self.captchas: set[str] = set()
        self.used_tokens: set[str] = set()

    def forget(self) -> None:
        """Forget failures, captchas and used codes."""
        for memory in (self.failures, self.saved, self.captchas, self.used_tokens):
            memory.clear()

    def named(self, kind: str, field: str, name: str, **more: object) -> dict | None:
        """Return the stored object with exactly this name."""
        rows = self.store.find(kind, field, name)
        return next((row for row in rows if row[field] == name and all(row.get(key) == value for key, value in more.items())), None)

    def login(self, identity: Identity, password: str, proof: Proof) -> dict:
        """Return the row of a new session; raise ApiError as the server refuses (REST page, 2.1)."""
        self.check_lock(identity.name)
        self.check_captcha(proof)
        row = identity.row
        if row is None or row["_password"] != password:
            self.fail(identity.name)
            raise ApiError("ID.1000", f"wrong {identity.label} name or password")
        if row.get("state") == "Disabled":
            raise ApiError("ID.1007", f"{identity.label}[name:{identity.name}] is disabled")
        if self.config.two_factor_token is not None:
            self.check_second_factor(identity.name, proof.system_tags)
        account = identity.account or row["uuid"]
        if self.live_count(account) >= self.config.max_sessions:
            raise ApiError("ID.1006", f"Login sessions hit limit of max allowed concurrent login sessions, max allowed: {self.config.max_sessions}")
        self.failures.pop(identity.name, None)
        return self.create(account, row["uuid"])

    def create(self, account_uuid: str, user_uuid: str) -> dict:
        """Store a new session in the name of an account."""
        now = now_ms()
        row = {"uuid": uuid4().hex, "accountUuid": account_uuid, "userUuid": user_uuid if self.config.dialect == "classic" else None,
               "createDate": now, "expiredDate": now + int(self.config.session_timeout_s * 1000), "noSessionEvaluation": False}
        return self.store.put("sessions", row)

    def fail(self, name: str) -> None:
        """Count a failed sign-in."""
        self.failures.setdefault(name, []).append(now_ms())

    def new_captcha(self) -> dict:
        """Return a captcha; what a real one shows as a picture is its text here."""
        uuid = uuid4().hex
        self.captchas.add(uuid)
        return {"captchaUuid": uuid, "captcha": self.config.captcha or ""}

    def check_captcha(self, proof: Proof) -> None:
        """Raise unless the right text of a known captcha came with the sign-in, if one is needed. A captcha is valid once."""
        if self.config.captcha is None:
            return
        if not proof.captcha_uuid or not proof.verify_code:
            raise ApiError("LOGIN_CONTROL.1005", "captcha is required to log in")
        if proof.captcha_uuid not in self.captchas or proof.verify_code != self.config.captcha:
            raise ApiError("LOGIN_CONTROL.1003", "wrong verify code")
        self.captchas.discard(proof.captcha_uuid)

    def check_lock(self, name: str) -> None:
        """Raise when too many logins failed; every failure counts (REST page, 2.1)."""
        recent = [moment for moment in self.failures.get(name, []) if moment > now_ms() - self.config.lock_s * 1000]
        if self.config.max_login_attempts and len(recent) >= self.config.max_login_attempts:
            raise ApiError("LOGIN_CONTROL.1002", f"account {name} is locked because of too many failed logins")

    def check_second_factor(self, name: str, system_tags: tuple[str, ...]) -> None:
        """Raise unless the right twofatoken tag came with the login; a wrong one is treated as a failed sign-in."""
        tokens = [tag.split("::", 1)[1] for tag in system_tags if tag.startswith("twofatoken::")]
        if not tokens:
            raise ApiError("ID.2001", "need two factor authentication: googleAuth")
        if tokens[0] != self.config.two_factor_token or tokens[0] in self.used_tokens:
            self.fail(name)
            raise ApiError("ID.2002", "failed to verify two factor authentication token")
        if self.config.two_factor_once:
            self.used_tokens.add(tokens[0])

    def live_count(self, account_uuid: str | None = None) -> int:
        """Return the number of sessions that have not expired."""
        now = now_ms()
        return sum(1 for row in self.store.all("sessions") if row["expiredDate"] > now and account_uuid in (None, row["accountUuid"]))

    def is_valid(self, uuid: str) -> bool:
        """Return whether a session exists and has not expired."""
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
        virtual = self.store.get("iam2_virtual_ids", uuid) if row is None else None
        if row is None and virtual is None:
            raise ApiError("ID.1001", "Session expired")
        return {**(row or virtual), "_admin": uuid == ADMIN_UUID, "_virtual": virtual is not None}
