# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the model center calls (AI page, 10)."""
from __future__ import annotations

from ..errors import ai_error
from .registry import Context, check


@check("AddModelCenter", "UpdateModelCenter")
def check_networks(context: Context) -> None:
    """Refuse networks that are no system networks."""
    for number, name in ((10026, "serviceNetworkUuid"), (10027, "storageNetworkUuid")):
        row = context.store.get("l3_networks", context.get(name))
        if row is not None and not row.get("system"):
            raise ai_error(number, f"{name}[{row['uuid']}] is not a system L3 network")
