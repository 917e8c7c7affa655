# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in and sign-out (REST page, 2.1 and 2.2)."""
from __future__ import annotations

from ..auth import Identity, Proof
from ..clock import now_ms
from ..errors import ApiError, argument_error
from .registry import Context, check, run


def proof_of(context: Context) -> Proof:
    """Return what a sign-in shows beside its password."""
    return Proof(context.get("captchaUuid"), context.get("verifyCode"), tuple(context.message.system_tags))


def sign_in(context: Context, identity: Identity) -> dict:
    """Open a session for an identity."""
    row = context.world.sessions.login(identity, context.get("password"), proof_of(context))
    return context.inventory("sessions", row["uuid"])


def by_account(context: Context, name: str) -> Identity:
    """Return the identity of an account."""
    return Identity("account", name, context.world.sessions.named("accounts", "name", name))


def by_ldap(context: Context, uid: str) -> Identity:
    """Return the identity of a directory entry that is bound to an account."""
    row = context.world.sessions.named("ldap_entries", "uid", uid)
    if row is not None and context.store.get("accounts", row.get("accountUuid")) is None:
        row = None
    account = context.store.get("accounts", row["accountUuid"]) if row else {}
    return Identity("LDAP", uid, row and {**row, "state": account.get("state")}, row and row["accountUuid"])


def by_virtual_id(context: Context, name: str) -> Identity:
    """Return the identity of a virtual ID."""
    return Identity("virtual ID", name, context.world.sessions.named("iam2_virtual_ids", "name", name))


@run("LogInByAccount")
def login_by_account(context: Context) -> dict:
    """Sign in with name and hashed password."""
    return sign_in(context, by_account(context, context.get("accountName")))


@check("LogInByUser")
def check_user(context: Context) -> None:
    """Refuse a sign-in that names no account."""
    if not context.get("accountUuid") and not context.get("accountName"):
        raise argument_error("accountName and accountUuid cannot both be null, you must specify at least one")


@run("LogInByUser")
def login_by_user(context: Context) -> dict:
    """Sign in as a user of an account."""
    sessions, name = context.world.sessions, context.get("userName")
    account = context.store.get("accounts", context.get("accountUuid")) if context.get("accountUuid") else sessions.named(
        "accounts", "name", context.get("accountName"))
    row = sessions.named("users", "name", name, accountUuid=account["uuid"]) if account else None
    return sign_in(context, Identity("account or user", name, row and {**row, "state": account.get("state")}, row and account["uuid"]))


@run("LogInByLdap")
def login_by_ldap(context: Context) -> dict:
    """Sign in with the clear password of a directory."""
    return sign_in(context, by_ldap(context, context.get("uid")))


@run("LoginIAM2VirtualID")
def login_virtual_id(context: Context) -> dict:
    """Sign in as a virtual ID."""
    return sign_in(context, by_virtual_id(context, context.get("name")))


@run("LoginIAM2VirtualIDWithLdap")
def login_virtual_id_with_ldap(context: Context) -> dict:
    """Sign in as a virtual ID that a directory knows."""
    row = context.world.sessions.named("ldap_entries", "uid", context.get("uid"))
    virtual = context.store.get("iam2_virtual_ids", row.get("virtualIDUuid")) if row else None
    return sign_in(context, Identity("LDAP", context.get("uid"), virtual and {**virtual, "_password": row["_password"]}))


LOGIN_TYPES = {"account": by_account, "ldap": by_ldap, "iam2": by_virtual_id}


@run("LogIn")
def login(context: Context) -> dict:
    """Sign in by the general call."""
    if context.get("loginType") not in LOGIN_TYPES:
        raise argument_error(f"unsupported loginType[{context.get('loginType')}]")
    return sign_in(context, LOGIN_TYPES[context.get("loginType")](context, context.get("username")))


@run("LoginIAM2Project")
def login_project(context: Context) -> dict:
    """Exchange the session of a virtual ID for one of a project that it belongs to."""
    name = context.get("projectName")
    if not context.account["_virtual"]:
        raise ApiError("ID.1002", "only a virtual ID can log in to a project")
    project = context.world.sessions.named("iam2_projects", "name", name)
    if project is None:
        raise ApiError("SYS.1003", f"project[name:{name}] not found")
    if context.account["uuid"] not in project["virtualIDUuids"]:
        raise ApiError("ID.1002", f"virtual ID[uuid:{context.account['uuid']}] does not belong to the project[name:{name}]")
    if project["state"] == "Disabled":
        raise ApiError("SYS.1006", f"project[name:{name}] is disabled, nobody can log in")
    row = context.world.sessions.create(project["linkedAccountUuid"], context.account["uuid"])
    return context.inventory("sessions", row["uuid"])


@run("GetLoginCaptcha", "RefreshCaptcha")
def captcha(context: Context) -> dict:
    """Return a captcha; a refreshed one replaces the old one."""
    context.world.sessions.captchas.discard(context.get("captchaUuid"))
    return context.world.sessions.new_captcha()


@run("LogOut")
def logout(context: Context) -> dict:
    """End a session; an unknown one is a success."""
    context.store.delete("sessions", context.get("sessionUuid"))
    return {}


@run("ValidateSession")
def validate(context: Context) -> dict:
    """Return whether a session lives."""
    return {"valid": context.world.sessions.is_valid(context.get("sessionUuid"))}


@check("RenewSession")
def check_renew(context: Context) -> None:
    """Refuse sessions that do not live."""
    if not context.world.sessions.is_valid(context.get("sessionUuid")):
        raise ApiError("ID.1001", "Session expired")


@run("RenewSession")
def renew(context: Context) -> dict:
    """Move the expiry of a session to now plus a duration in seconds."""
    row = context.store.get("sessions", context.get("sessionUuid"))
    seconds = context.get("duration") or context.world.config.session_timeout_s
    context.store.put("sessions", {**row, "expiredDate": now_ms() + int(seconds * 1000)})
    return context.inventory("sessions", row["uuid"])
