# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declared parameter checks, in the order of declaration (REST page, 4.3)."""
from __future__ import annotations

import re

from .apis import Param
from .body import Message
from .errors import ApiError, argument_error, java_list
from .kinds import KINDS
from .store import Store

UUID = re.compile(r"^[0-9a-f]{32}$")
RESOURCE_UUID = re.compile(r"^[0-9a-f]{12}[1-5][0-9a-f]{3}[89ab][0-9a-f]{15}$")
# REST page, 4.3: classic servers name the validator's class instead of the message's.
CLASSIC_MESSAGE = "org.zstack.portal.apimediator.ApiMessageParamValidator"


def check_parameters(message: Message, store: Store, dialect: str, version: tuple[int, ...]) -> None:
    """Raise ApiError for the first parameter that breaks its declaration.

    :param dialect: decides which name the texts give to the message.
    """
    name = CLASSIC_MESSAGE if dialect == "classic" else message.api.message
    for param in message.api.params:
        if param.since and param.since > version:
            continue
        value = message.values.get(param.name)
        if value is None:
            if param.required:
                raise argument_error(f"field[{param.name}] of message[{name}] is mandatory, can not be null")
            continue
        if isinstance(value, list):
            check_list(param, value, name)
            for item in value if param.type == "StringList" else ():
                check_text(param, item, name, version)
        elif isinstance(value, str):
            check_text(param, value, name, version)
        if param.bounds and not param.bounds[0] <= value <= param.bounds[1]:
            raise argument_error(f"field[{param.name}] must be in range of [{param.bounds[0]}, {param.bounds[1]}]")
        if param.ref:
            check_reference(param, value, store)
        elif param.name == "uuid" and not UUID.match(value):
            raise ApiError("SYS.1003", f"invalid field[uuid], [{value}] is not a valid uuid")


def check_list(param: Param, value: list, name: str) -> None:
    """Check a list parameter."""
    if param.nonempty and not value:
        raise argument_error(f"field[{param.name}] of message[{name}] must be a nonempty list")
    if None in value:
        raise argument_error(f"field[{param.name}] of message[{name}] cannot contain a NULL element")


def check_text(param: Param, value: str, name: str, version: tuple[int, ...]) -> None:
    """Check a text parameter."""
    subject = f"field[{param.name}] of message[{name}]"
    if param.max is not None and len(value) > param.max:
        raise argument_error(f"{subject} exceeds max length of string. expected was <= {param.max}, actual was {len(value)}")
    if param.min is not None and len(value) < param.min:
        raise argument_error(f"{subject} less than the min length of string. expected was >= {param.min}, actual was {len(value)}")
    choices = param.choices + tuple(choice for choice, since in param.later_choices if since <= version)
    if choices and value not in choices:
        raise argument_error(f"valid value for {subject} are [{', '.join(choices)}], but {value} found")
    if param.regex and not re.search(param.regex, value):
        raise argument_error(f"valid regex value for {subject} are {param.regex}, but {value} found")


def check_reference(param: Param, value: object, store: Store) -> None:
    """Raise SYS.1003 unless every uuid of a reference exists. An optional kind without any row is taken as not simulated."""
    kind = KINDS[param.ref]
    if kind.optional and not store.count(param.ref):
        return
    for uuid in value if isinstance(value, list) else [value]:
        if store.get(param.ref, uuid) is None:
            raise ApiError("SYS.1003", f"invalid field[{param.name}], resource[uuid:{uuid}, type:{kind.vo}] not found")


def check_resource_uuid(message: Message) -> None:
    """Check the form of the resourceUuid of a creating call (REST page, 4.5); that of a tag call names an object that exists."""
    value = message.values.get("resourceUuid") if message.api.creates else None
    if value is not None and not RESOURCE_UUID.match(value):
        raise argument_error(f"invalid value[{value}] of field[resourceUuid], it must be a valid UUID version 1 to 5 with '-' stripped")


def check_tag_uuids(message: Message, store: Store) -> None:
    """Check tagUuids: existing patterns of type simple (REST page, 4.6)."""
    uuids = message.values.get("tagUuids") or []
    for uuid in uuids:
        if store.get("tag_patterns", uuid) is None:
            raise ApiError("SYS.1003", f"invalid field[tagUuids], resource[uuid:{uuid}, type:TagPatternVO] not found")
    illegal = [uuid for uuid in uuids if store.get("tag_patterns", uuid).get("type") != "simple"]
    if illegal:
        raise argument_error(f"illegal tag uuids {java_list(illegal)}, expect type is simple")
