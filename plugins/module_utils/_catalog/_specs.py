# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The catalog's modules, for the hosts that run them."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog._items import inline_secrets
from ansible_collections.zstack.aios.plugins.module_utils._catalog._kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog._run import check_options, run_catalog
from ansible_collections.zstack.aios.plugins.module_utils._module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._options import connection_spec


def _catalog_options() -> dict[str, t.Any]:
    return {
        **connection_spec(),
        "path": {"type": "path"},
        # Items are checked by the catalog itself, which tells all mistakes at once.
        **{kind: {"type": "list", "elements": "dict"} for kind in KINDS},
        "catalog": {"type": "str"},
        "prune": {"type": "bool", "default": False},
        "prune_limit": {"type": "int", "default": 10},
        "concurrency": {"type": "int", "default": 8},
        "rate_limit": {"type": "int", "default": 6000},
        "report": {"type": "str", "choices": ["changed", "all"], "default": "changed"},
        "version_check": {"type": "bool", "default": True},
        "server_side_check": {"type": "bool", "default": False},
    }


CATALOG = ModuleSpec(
    arguments={"argument_spec": _catalog_options(), "supports_check_mode": True},
    check=check_options,
    run=run_catalog,
    pool=lambda options: max(1, options["concurrency"]),
    secrets=inline_secrets,
)
