# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an API call is described: path, verb, wrapper, parameters with their declared limits."""
from __future__ import annotations

from dataclasses import dataclass, field

from .options import version_tuple

# First version of the "newer" entries of the AI page; the published pages end at 5.5.22.
NEWER = "5.5.38"
DELETE_MODES = ("Permissive", "Enforcing")


@dataclass(frozen=True)
class Param:
    """One declared parameter of a call.

    :param type: String, Integer, Long, Float, Boolean, StringList, IntegerList, StructList, Map.
    :param max: longest string; `choices`: closed list; `later_choices`: (choice, first version that has it); `bounds`: lowest and highest number.
    :param ref: kind that a uuid must exist in, else SYS.1003 (REST page, 4.3).
    :param owned: the referenced objects must belong to the account that asks, else ID.1002 (operationTarget: REST page, 4.3).
    :param since: servers before this version do not know the parameter and ignore it.
    """

    name: str
    type: str = "String"
    required: bool = False
    max: int | None = None
    min: int | None = None
    choices: tuple[str, ...] = ()
    later_choices: tuple[tuple[str, tuple[int, ...]], ...] = ()
    bounds: tuple[int, int] | None = None
    regex: str | None = None
    ref: str | None = None
    owned: bool = False
    since: tuple[int, ...] | None = None
    nonempty: bool = False
    trim: bool = True
    default: object = None


@dataclass(frozen=True)
class Api:
    """One API call.

    :param name: API name without the prefix API and the suffix Msg.
    :param path: path with {variables}; `single` is the path of one object for queries.
    :param wrapper: key of the body that holds the parameters; "" means that the call has no body of its own.
    :param target: kind of the object that is changed (`{uuid}`) or created, which systemTags and userTags go to.
    :param sync: answered in the same exchange (REST page, 3.1).
    :param auth: needs an Authorization header.
    """

    name: str
    method: str
    path: str
    wrapper: str = ""
    params: tuple[Param, ...] = ()
    sync: bool = False
    auth: bool = True
    write: bool = True
    target: str | None = None
    creates: bool = False
    query: str | None = None
    single: str | None = None
    since: tuple[int, ...] | None = None
    by_name: dict = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self.by_name.update({param.name: param for param in self.params})

    @property
    def message(self) -> str:
        """Return the class name of the message."""
        return f"API{self.name}Msg"

    @property
    def body(self) -> bool:
        """Return whether parameters come in the body (otherwise in the query string)."""
        return self.method in ("POST", "PUT")


def P(name: str, type_name: str = "String", **options) -> Param:  # pylint: disable=invalid-name
    """Return a parameter; `since` is given as text."""
    if "since" in options:
        options["since"] = version_tuple(options["since"])
    return Param(name, type_name, **options)


def source(kind: str) -> Param:
    """Return the uuid parameter of a call that only uses an existing object of a kind."""
    return P("uuid", required=True, ref=kind)


def target(kind: str) -> Param:
    """Return the uuid parameter of a call that changes an existing object of a kind."""
    return P("uuid", required=True, ref=kind, owned=True)


def create_params() -> tuple[Param, ...]:
    """Return the parameters that every creating call has (REST page, 4.5 and 4.6)."""
    return (P("resourceUuid"), P("tagUuids", "StringList"))


def delete_params() -> tuple[Param, ...]:
    """Return the parameters of a delete by uuid (REST page, 4.1)."""
    return (P("uuid", required=True), P("deleteMode", choices=DELETE_MODES, default="Permissive"))


def batch_delete_params() -> tuple[Param, ...]:
    """Return the parameters of a batch delete (AI page, 1)."""
    return (P("uuids", "StringList", required=True, nonempty=True), P("deleteMode", choices=DELETE_MODES, default="Permissive"))


def query_api(name: str, kind: str, path: str, single: str | None = None, since: str | None = None) -> Api:
    """Return a query call; the path of one object is the list path plus the uuid unless told."""
    return Api(name, "GET", path, sync=True, write=False, query=kind, single=single or path.rstrip("/") + "/{uuid}",
               since=version_tuple(since) if since else None)


def action(name: str, method: str, path: str, params: tuple[Param, ...], **options) -> Api:
    """Return a call; the wrapper of a PUT is the call's name with a small first letter (REST page, 4.1)."""
    if method == "PUT":
        options.setdefault("wrapper", name[0].lower() + name[1:])
    elif method == "POST":
        options.setdefault("wrapper", "params")
    if "since" in options:
        options["since"] = version_tuple(options["since"])
    return Api(name, method, path, params=params, **options)
