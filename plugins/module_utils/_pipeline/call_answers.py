# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The response to any call: mask its secret members, and find the failures that it contains. Pure."""

from __future__ import annotations

import collections.abc
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import hidden, without_variables
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ServerError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import is_secret_name, texts_in
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import listed
from ansible_collections.zstack.aios.plugins.module_utils._resources.calls import plain_names, secret_names
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import YAML_KEYS

# Added by the server to each response of a query, and of no use (REST protocol page, section 5).
_NOISE = "schema"
_NAMED = 5
# Members that only a deployment or its instances have.
_DEPLOYED = frozenset(("instances", "modelServiceGroupUuid"))


class CallFailure(ServerError):
    """A call that the server executed and that failed for some or all of its objects.

    :param some_done: whether it succeeded for others.
    """

    def __init__(self, asked: str, error: dict[str, t.Any], some_done: bool) -> None:
        super().__init__(asked, error, 200)
        self.some_done = some_done


def is_secret(name: t.Any) -> bool:
    """Return whether the member of that name is a secret, by the table or by its name."""
    return name in secret_names() or (name not in plain_names() and isinstance(name, str) and is_secret_name(name))


def secrets_in(value: t.Any) -> set[str]:
    """Return the texts of all secret members of a value; of a map, its values."""
    found: set[str] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, collections.abc.Mapping):
            for name, inner in item.items():
                if is_secret(name):
                    found |= texts_in(inner, keys=False)
                else:
                    pending.append(inner)
        elif isinstance(item, list):
            pending.extend(item)
    return found


def plain_answer(answer: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a response for the user: secret members are masked, as are secret variables in YAML texts, and all variables of a deployment."""
    return {name: _shown(name, value, False) for name, value in answer.items() if name != _NOISE}


def _shown(name: t.Any, value: t.Any, deployed: bool) -> t.Any:
    """Return the value of a member.

    :param deployed: whether it belongs to a deployment or to one of its instances.
    """
    if is_secret(name):
        return hidden(value)
    if isinstance(value, str) and name in YAML_KEYS:
        return without_variables(value, lambda variable, _unused: deployed or is_secret(variable))
    if isinstance(value, collections.abc.Mapping):
        deployed = not _DEPLOYED.isdisjoint(value)
        return {inner: _shown(inner, item, deployed) for inner, item in value.items()}
    return [_shown("", item, False) for item in value] if isinstance(value, list) else value


def failures(asked: str, answer: t.Mapping[str, t.Any]) -> CallFailure | None:
    """Return the error for objects for which a call failed although its job succeeded (AI API page, section 1: batch result); None if there are none."""
    parts = [part for part in answer.get("results") or [] if isinstance(part, dict)]
    failed = [part for part in parts if isinstance(part.get("error"), dict) or str(part.get("success")).lower() == "false"]
    if not failed:
        return None
    error = failed[0].get("error")
    made = CallFailure("%s for the object %s" % (asked, failed[0].get("uuid")), error if isinstance(error, dict) else {"details": "success: false"},
                       len(failed) < len(parts))
    if len(failed) > 1:
        made.add("It failed as well for: %s." % listed([str(part.get("uuid")) for part in failed[1:]], _NAMED))
    return made
