# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The answer of any call: its secret members masked, and the failures inside it. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ServerError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import MASK, is_secret_name, texts_in
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import listed
from ansible_collections.zstack.aios.plugins.module_utils._resources.calls import plain_names, secret_names
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import Variables, documents

# Added to each answer of a query, and of no use to anybody (REST protocol page, section 5).
_NOISE = "schema"
_NAMED = 5


class CallFailure(ServerError):
    """A call that the server did, and that failed for some or all of its objects.

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
        if isinstance(item, t.Mapping):
            for name, inner in item.items():
                if is_secret(name):
                    found |= texts_in(inner, keys=False)
                else:
                    pending.append(inner)
        elif isinstance(item, list):
            pending.extend(item)
    return found


def plain_answer(answer: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return an answer as the user gets it: secret members are masked, and so are the variables that the YAML of a deployment shows."""
    return {name: _masked(name, value) for name, value in answer.items() if name != _NOISE}


def _masked(name: t.Any, value: t.Any) -> t.Any:
    if is_secret(name):
        return _hidden(value)
    if isinstance(value, t.Mapping):
        return {inner: _masked(inner, item) for inner, item in _without_variables(value).items()}
    return [_masked("", item) for item in value] if isinstance(value, list) else value


def _hidden(value: t.Any) -> t.Any:
    """Return a secret value in its form, so that it shows what is set, and not to what."""
    if isinstance(value, t.Mapping):
        return {name: _hidden(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return value if value in (None, "") or isinstance(value, bool) else MASK


def _without_variables(row: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """Return a deployment, or an instance of one, with the values of the variables in its YAML masked."""
    text = row.get("yaml")
    if not isinstance(text, str) or not {"instances", "modelServiceGroupUuid"}.intersection(row):
        return row
    for values in Variables().read(documents(row)):
        for name, value in values.items():
            if value:
                text = text.replace("%s:%s" % (name, value), "%s:%s" % (name, MASK)).replace(value, MASK if len(value) >= len(MASK) else value)
    return {**row, "yaml": text}


def failures(asked: str, answer: t.Mapping[str, t.Any]) -> CallFailure | None:
    """Return the error for objects for which a call failed although its job succeeded (AI API page, section 1: batch result); None without such."""
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
