# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access-key calls (REST page, 2.4)."""
from __future__ import annotations

import secrets
import string

from ..auth import ADMIN_UUID
from ..errors import ApiError, argument_error
from .registry import Context, check, run
from .tags import delete_resource

LETTERS = string.ascii_letters + string.digits


def generated(length: int) -> str:
    """Return random letters and digits."""
    return "".join(secrets.choice(LETTERS) for number in range(length))


@check("CreateAccessKey")
def check_create(context: Context) -> None:
    """Check custom values and the number of keys of an account."""
    key_id, secret = context.get("AccessKeyID"), context.get("AccessKeySecret")
    if (key_id is None) != (secret is None):
        raise argument_error("AccessKeyID and AccessKeySecret must be given together")
    if key_id is not None and ":" in key_id + secret:
        raise argument_error("AccessKeyID and AccessKeySecret must not contain ':'")
    if key_id is not None and context.store.find("access_keys", "AccessKeyID", key_id):
        raise argument_error(f"AccessKeyID[{key_id}] already exists")
    account = context.get("accountUuid")
    if account != ADMIN_UUID and len(context.store.find("access_keys", "accountUuid", account)) >= 2:
        raise ApiError("SYS.1006", f"account[uuid:{account}] has 2 access keys already")


@run("CreateAccessKey")
def create(context: Context) -> dict:
    """Create a key pair; the secret is part of every answer."""
    row = context.create("access_keys", {
        "description": context.get("description"),
        "accountUuid": context.get("accountUuid"),
        "userUuid": context.get("userUuid") or context.get("accountUuid"),
        "AccessKeyID": context.get("AccessKeyID") or generated(20),
        "AccessKeySecret": context.get("AccessKeySecret") or generated(40),
        "state": "Enabled",
    })
    return context.inventory("access_keys", row["uuid"])


@run("ChangeAccessKeyState")
def change_state(context: Context) -> dict:
    """Enable or disable a key."""
    context.store.update("access_keys", context.get("uuid"), {"state": "Enabled" if context.get("stateEvent") == "enable" else "Disabled"})
    return context.inventory("access_keys", context.get("uuid"))


@run("DeleteAccessKey")
def delete(context: Context) -> dict:
    """Delete a key."""
    delete_resource(context.world, "access_keys", context.get("uuid"))
    return {}
