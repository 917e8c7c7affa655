# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The calls of the AI API with their parameters, for M(zstack.aios.zstack_ai_call). No I/O.

The data is in `api_calls`, generated from the reference page. This is its only user, so that no other module has to load it.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._resources.api_calls import CALLS, STRUCTS

# The published pages describe the API up to this version; everything else requires a later one (AI API page, introduction).
PUBLISHED = "5.5.22"
# Types of parameters in an argument specification.
_TYPES = {"String": "str", "Integer": "int", "Long": "int", "Float": "float", "Boolean": "bool", "List": "list", "Map": "dict"}
# Members that are secret everywhere, in addition to those that a call marks.
_SECRET_NAMES = ("password", "secret", "accessKeySecret", "AccessKeySecret", "apiToken", "accessToken", "userPassword", "accountPassword")
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter of a call, or one member of a structure.

    :param place: ``path``, ``query`` or ``body``.
    :param type: String, Integer, Long, Float, Boolean, List or Map.
    :param items: the type of the entries of a list, the name of a structure, or ``List of String`` for the values of a map; texts by default.
    :param longest: the maximum length of a text.
    :param later_choices: choices that only versions after `PUBLISHED` accept.
    :param range: the minimum and the maximum of a number.
    :param since: the first version that has the parameter, where it is published.
    :param inferred: the first version that has a parameter of this name in another call.
    :param newer: whether only versions after `PUBLISHED` have it.
    :param secret: whether the value must never be shown.
    """

    name: str
    place: str = "body"
    type: str = "String"
    items: str = "String"
    required: bool = False
    longest: int | None = None
    choices: tuple[str, ...] = ()
    later_choices: tuple[str, ...] = ()
    range: tuple[int, int] | None = None
    since: str | None = None
    inferred: str | None = None
    newer: bool = False
    secret: bool = False

    @property
    def members(self) -> dict[str, Parameter] | None:
        """The members of the structures in a list, or None for a list of plain values."""
        return structure(self.items) if self.items in STRUCTS else None

    @property
    def argument(self) -> dict[str, t.Any]:
        """The parameter as an argument specification."""
        argument: dict[str, t.Any] = {"type": _TYPES[self.type], "no_log": self.secret}
        if self.type == "List":
            members = self.members
            argument["elements"] = "dict" if members is not None else _TYPES[self.items]
            if members is not None:
                argument["options"] = {name: member.argument for name, member in members.items()}
        return argument


@dataclasses.dataclass(frozen=True)
class ApiCall:
    """One call.

    :param wrapper: the key of the body that holds the parameters; None for a call without a body.
    :param path_one: the path of a query for one object.
    :param job: whether the server executes it as a job.
    :param newer: whether only versions after `PUBLISHED` support this write.
    :param found: for a call that creates an object with a uuid of the caller: the path of the query for the object.
    """

    name: str
    method: str
    path: str
    parameters: dict[str, Parameter]
    wrapper: str | None = None
    path_one: str | None = None
    since: str | None = None
    job: bool = False
    newer: bool = False
    found: str | None = None

    @property
    def reads(self) -> bool:
        """Whether the call changes nothing."""
        return self.method == "GET"


def _parameters(entries: t.Mapping[str, t.Any]) -> dict[str, Parameter]:
    return {
        name: Parameter(name, **{"place" if key == "in" else key: value for key, value in entry.items()}) for name, entry in entries.items()}


@functools.cache
def structure(name: str) -> dict[str, Parameter]:
    """Return the members of a structure."""
    return _parameters(STRUCTS[name])


@functools.cache
def find(name: str) -> ApiCall | None:
    """Return the call with that name, or None if the AI API has none."""
    entry = CALLS.get(name)
    return None if entry is None else ApiCall(name, **{**entry, "parameters": _parameters(entry["parameters"])})


def names() -> list[str]:
    """Return the names of all calls."""
    return list(CALLS)


@functools.lru_cache(maxsize=1)
def secret_names() -> frozenset[str]:
    """Return the names of all parameters and members that are secret, in the API's spelling and in snake_case."""
    tables = [*(entry["parameters"] for entry in CALLS.values()), *STRUCTS.values()]
    found = {name for table in tables for name, entry in table.items() if entry.get("secret")}.union(_SECRET_NAMES)
    return frozenset(found.union(_CAPITAL.sub(r"_\1", name).lower() for name in found))


@functools.lru_cache(maxsize=1)
def plain_names() -> frozenset[str]:
    """Return the names of all parameters and members that are not secret, including those that look secret (maxNewTokens)."""
    return frozenset(name for table in (*(entry["parameters"] for entry in CALLS.values()), *STRUCTS.values()) for name in table).difference(secret_names())
