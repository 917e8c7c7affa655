# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in and sign-out (REST page, 2.1 and 2.2)."""
from __future__ import annotations

from ..clock import now_ms
from ..errors import ApiError, argument_error
from .registry import Context, check, run


@run("LogInByAccount")
def login_by_account(context: Context) -> dict:
    """Sign in with name and hashed password."""
    row = context.world.sessions.login(context.get("accountName"), context.get("password"), context.message.system_tags)
    return context.inventory("sessions", row["uuid"])


@run("LogIn")
def login(context: Context) -> dict:
    """Sign in by the general call; only loginType account is simulated."""
    if context.get("loginType") != "account":
        raise argument_error(f"unsupported loginType[{context.get('loginType')}]")
    row = context.world.sessions.login(context.get("username"), context.get("password"), context.message.system_tags)
    return context.inventory("sessions", row["uuid"])


@run("LogOut")
def logout(context: Context) -> dict:
    """End a session; an unknown one is a success."""
    context.store.delete("sessions", context.get("sessionUuid"))
    return {}


@run("ValidateSession")
def validate(context: Context) -> dict:
    """Tell whether a session lives."""
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
