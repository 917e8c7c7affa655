# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Mask the secrets in inventories by position, so that a common word in one object is not masked in all others. Pure."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import MASK, SHORTEST, is_secret_name
from ansible_collections.zstack.aios.plugins.module_utils._resources.casing import MAPS
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import YAML_KEYS, shown_variables, variables_in
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource
from ansible_collections.zstack.aios.plugins.module_utils._resources.view import View

# Maximum number of variables of one text; each is searched in the whole text.
_MOST = 1000
# A member that every YAML or JSON text with variables contains.
_ENV = re.compile(r"(?:^|[\s{,\"'-])env[\"']?\s*:", re.M)


def secrets_of(table: Resource, inventory: t.Mapping[str, t.Any]) -> set[str]:
    """Return the secret values in an inventory.

    These are the ones that the table declares, such as all variables of a deployment, and the variables in YAML texts whose names indicate a secret.
    """
    return table.hides(inventory) | {value for name, value in shown_variables(inventory) if is_secret_name(name)}


def secrets_in_options(table: Resource, options: t.Mapping[str, t.Any]) -> set[str]:
    """Return the secret values inside YAML options, which may have any form. Options that are secret as a whole are not considered."""
    given = {field.api: options.get(field.option) for field in table.fields if field.api in YAML_KEYS}
    return secrets_of(table, {key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in given.items() if value})


def without_secrets(view: View, row: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return an inventory in which secrets are masked.

    These are members with secret names, columns that the view marks, and variables in YAML texts: all variables of a deployment, and those with secret names
    in other objects.
    """
    secret = {column.api for column in view.columns if column.secret}
    return {key: hidden(value) if key in secret else _shown(view, key, value) for key, value in row.items()}


def _shown(view: View, key: str, value: t.Any) -> t.Any:
    if isinstance(value, str) and key in YAML_KEYS:
        return without_variables(value, lambda name, _unused: key in view.hides or is_secret_name(name))
    if key in MAPS:
        return value
    if is_secret_name(key) and not isinstance(value, (int, float)):
        return hidden(value)
    if isinstance(value, dict):
        return {name: _shown(view, name, item) for name, item in value.items()}
    return [_shown(view, "" if isinstance(item, str) else key, item) for item in value] if isinstance(value, list) else value


def hidden(value: t.Any) -> t.Any:
    """Return a secret value with each text and number replaced by the mask; keys are kept."""
    if isinstance(value, dict):
        return {key: hidden(item) for key, item in value.items()}
    if isinstance(value, list):
        return [hidden(item) for item in value]
    return value if value is None or value == "" or isinstance(value, bool) else MASK


def without_variables(text: str, secret: t.Callable[[str, str], bool]) -> str:
    """Return a YAML text with the values of its secret variables masked; only the mask if that is not possible.

    :param secret: whether the variable of a name and a value is secret.
    """
    if not _ENV.search(text):
        return text
    found = variables_in(text)
    if found is None:
        return MASK
    if len(found) > _MOST:
        return MASK
    pairs = sorted({pair for pair in found if pair[1] and secret(*pair)}, key=lambda pair: -len(pair[1]))
    masked = text
    for name, value in pairs:
        for before, after in ((re.escape(name) + r"[\"']?\s*[:=]", ""), (r"\bvalue[\"']?\s*:", r"(?=[\"']?\s*(?:$|[,}#]))")):
            masked = re.sub(r"(%s)(\s*)([\"']?)%s%s" % (before, re.escape(value), after), _in_place, masked, flags=re.M)
        if len(value) >= SHORTEST:
            masked = masked.replace(value, MASK)
    if not pairs:
        return text
    left = variables_in(masked)
    values = {value for _unused, value in pairs}
    return MASK if left is None or any(value in values and secret(name, value) for name, value in left) else masked


def _in_place(found: re.Match[str]) -> str:
    # A plain scalar that begins with an asterisk is an alias.
    mask = '"%s"' % MASK if found.group(2) and not found.group(3) else MASK
    return "".join((*found.groups(), mask))
