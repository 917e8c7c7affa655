# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Getters about the server itself (REST page, 9)."""
from __future__ import annotations

import time

from .registry import Context, run


@run("GetVersion")
def version(context: Context) -> dict:
    """Return the server's version."""
    return {"version": context.world.config.server_version, "success": True}


@run("GetCurrentTime")
def current_time(unused_context: Context) -> dict:
    """Return the epoch time."""
    now = time.time()
    return {"currentTime": {"MillionSeconds": int(now * 1000), "Seconds": int(now)}, "success": True}


@run("GetSupportAPIs")
def supported(context: Context) -> dict:
    """Return the class names of the calls that this server has."""
    return {"supportApis": list(context.world.api_names), "success": True}


@run("GetManagementNodeArch")
def architecture(unused_context: Context) -> dict:
    """Return the machine architecture."""
    return {"architecture": "x86_64", "success": True}


@run("GetManagementNodeOS")
def operating_system(unused_context: Context) -> dict:
    """Return the operating system."""
    return {"name": "helix", "version": "8.4r", "success": True}


@run("IsReadyToGo")
def ready(unused_context: Context) -> dict:
    """Answer that the node is ready (the fault not_ready says otherwise)."""
    return {}


@run("IsOpensourceVersion")
def opensource(unused_context: Context) -> dict:
    """Report that the build is not open source, since the AI calls exist."""
    return {"opensource": False, "success": True}


@run("GetPlatformTimeZone")
def platform_timezone(context: Context) -> dict:
    """Return zone id and offset of the server."""
    offset = context.world.config.timezone
    names = {"+00:00": "UTC", "+08:00": "Asia/Shanghai"}
    return {"timezone": names.get(offset, "GMT" + offset), "offset": offset, "success": True}


@run("GetLicenseInfo")
def license_info(unused_context: Context) -> dict:
    """Return a licence."""
    return {"inventory": {"prodInfo": "ZStack AIOS simulator", "licenseType": "Paid", "expiredDate": "2099-12-31 23:59:59"},
            "additions": []}
