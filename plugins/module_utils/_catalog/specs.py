# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The specifications of the catalog's modules."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.export import SCHEMA_URL, check_export, filter_warnings, run_export
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import inline_secrets
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, item_specs
from ansible_collections.zstack.aios.plugins.module_utils._catalog.run import check_options, run_catalog
from ansible_collections.zstack.aios.plugins.module_utils._catalog.validating import check_validation, run_validation
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec


def _catalog_options() -> dict[str, t.Any]:
    return {
        **connection_spec(),
        "path": {"type": "path"},
        # The catalog itself validates its items, and reports all errors together.
        **{kind: {"type": "list", "elements": "dict"} for kind in KINDS},
        "name": {"type": "str"},
        "allow_empty": {"type": "bool", "default": False},
        "prune": {"type": "bool", "default": False},
        "prune_limit": {"type": "int", "default": 10},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "expected_digest": {"type": "str"},
        "concurrency": {"type": "int", "default": 8},
        "rate_limit": {"type": "int", "default": 6000},
        "list_unchanged": {"type": "bool", "default": False},
        "version_check": {"type": "bool", "default": True},
        "server_side_check": {"type": "bool", "default": False},
    }


def _export_options() -> dict[str, t.Any]:
    sources = {
        name: {"type": "str"}
        for table in KINDS.values() if table.source and table.source.ref
        for name in (table.source.option, table.source.ref.option)}
    return {
        **connection_spec(),
        "path": {"type": "path"},
        "overwrite": {"type": "bool", "default": True},
        "kinds": {"type": "list", "elements": "str", "choices": list(KINDS)},
        "model_center_uuid": {"type": "str"},
        "model_center": {"type": "str"},
        "filter": {"type": "dict"},
        **sources,
        "schema": {"type": "str", "default": SCHEMA_URL},
        "concurrency": {"type": "int", "default": 8},
    }


def _pool(options: t.Mapping[str, t.Any]) -> int:
    return max(1, int(options["concurrency"]))


def _validation_options() -> dict[str, t.Any]:
    return {
        "path": {"type": "path"},
        **{kind: {"type": "list", "elements": "dict"} for kind in KINDS},
        "allow_empty": {"type": "bool", "default": False},
        "server_version": {"type": "str"},
        "external_names": {"type": "list", "elements": "str", "default": []},
    }


_ITEMS: dict[str, t.Any] = {
    "secrets": inline_secrets,
    "secret_members": frozenset(field.option for table in KINDS.values() for field in table.fields if field.secret),
    "items": {kind: {"type": "list", "elements": "dict", "options": spec.options} for kind, spec in item_specs().items()},
}

CATALOG = ModuleSpec(
    arguments={"argument_spec": _catalog_options(), "supports_check_mode": True},
    check=check_options,
    run=run_catalog,
    pool=_pool,
    **_ITEMS,
)

VALIDATION = ModuleSpec(
    arguments={"argument_spec": _validation_options(), "supports_check_mode": True},
    check=check_validation,
    run=run_validation,
    offline=True,
    **_ITEMS,
)

EXPORT = ModuleSpec(
    arguments={
        "argument_spec": _export_options(),
        "mutually_exclusive": [["model_center_uuid", "model_center"], ["source_service_uuid", "source_service"]],
        "supports_check_mode": True,
    },
    check=check_export,
    run=run_export,
    inspect=filter_warnings,
    pool=_pool,
)
