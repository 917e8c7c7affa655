# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the body, the query string and the path to a message: wrapper, types, trimming (REST page, 4.1 and 4.2)."""
from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from .apis import Api, Param
from .errors import RestError

WHOLE = re.compile(r"^\s*[+-]?\d+(\.0+)?\s*$")
LIMITS = {"Integer": 2 ** 31, "Long": 2 ** 63}
# What Java trims.
BLANKS = "".join(map(chr, range(33)))


@dataclass
class Message:
    """A decoded request: the call, its given parameters, and the tags beside them."""

    api: Api
    values: dict = field(default_factory=dict)
    system_tags: list = field(default_factory=list)
    user_tags: list = field(default_factory=list)

    @property
    def validation_only(self) -> bool:
        """Return whether only the checks are asked for (REST page, 4.7)."""
        return "validationOnly" in self.system_tags

    def get(self, name: str) -> object:
        """Return a parameter, its declared default, or None."""
        value = self.values.get(name)
        return self.api.by_name[name].default if value is None and name in self.api.by_name else value

    def given(self, *names: str) -> dict:
        """Return those of the named parameters that were given."""
        return {name: self.values[name] for name in names if self.values.get(name) is not None}


def decode_body(raw: bytes, charset: str | None) -> object:
    """Return the parsed JSON of a body, None for an empty one; raise RestError 500 for anything else.

    Without a charset the container reads ISO-8859-1, which mangles other text (REST page, 1).
    """
    try:
        text = raw.decode(charset or "iso-8859-1")
    except (LookupError, UnicodeDecodeError) as error:
        raise RestError(500, str(error)) from error
    if not text.strip():
        return None
    try:
        body = json.loads(text)
    except ValueError as error:
        raise RestError(500, f"com.google.gson.JsonSyntaxException: {error}") from error
    if not isinstance(body, dict):
        raise RestError(500, "com.google.gson.JsonSyntaxException: Expected BEGIN_OBJECT")
    return body


def build_message(api: Api, body: dict | None, query: list[tuple[str, str]], path_values: dict[str, str], version: tuple[int, ...],
                  ignored: tuple[str, ...] = ()) -> Message:
    """Return the message of a request; raise RestError for values of the wrong type.

    :param version: parameters that a server of this version does not have are ignored.
    :param ignored: further parameters to drop (fault ignore_fields).
    """
    body = body or {}
    if api.body:
        given = body.get(api.wrapper)
        given = {} if given is None else given
        if not isinstance(given, dict):
            raise RestError(500, f"java.lang.ClassCastException: {json.dumps(given)} cannot be cast to java.util.Map")
        tags = {key: body[key] if body.get(key) is not None else given.get(key) for key in ("systemTags", "userTags")}
    else:
        given = query_values(api, query, body)
        tags = {key: [value for name, value in query if name == key] for key in ("systemTags", "userTags")}
    values = {}
    for param in api.params:
        if param.name in path_values:
            values[param.name] = path_values[param.name]
        elif param.name in ignored or (param.since and param.since > version) or given.get(param.name) is None:
            continue
        else:
            values[param.name] = convert(param, given[param.name])
    return Message(api, values, text_list(tags["systemTags"], "systemTags"), text_list(tags["userTags"], "userTags"))


def query_values(api: Api, query: list[tuple[str, str]], body: dict) -> dict:
    """Return the parameters of a call without body: lists as repeated keys or k.0, maps as k.sub (REST page, 4.1).

    Batch deletes also take the JSON body of their published examples (AI page, 1).
    """
    result: dict = {}
    for param in api.params:
        texts = [value for name, value in query if name == param.name]
        indexed = sorted((name, value) for name, value in query if name.startswith(param.name + "."))
        if param.type.endswith("List"):
            items = texts + [value for dotted, value in indexed]
            if items:
                result[param.name] = items
            elif api.method == "DELETE":
                parts = [part for part in (body, *body.values()) if isinstance(part, dict)]
                result[param.name] = next((part[param.name] for part in parts if param.name in part), None)
        elif len(texts) > 1:
            raise RestError(400, f"Invalid query parameter[{param.name}], only one value is allowed")
        elif texts:
            result[param.name] = texts[0]
    return result


def convert(param: Param, value: object) -> object:
    """Return a value as its declared type; TypeVerifier's texts for numbers and booleans (REST page, 4.2)."""
    converter = {"Integer": whole_number, "Long": whole_number, "Float": number_of, "Boolean": boolean, "String": text}.get(param.type)
    if converter is not None:
        return converter(param, value)
    if param.type == "Map":
        if not isinstance(value, dict):
            raise RestError(500, f"com.google.gson.JsonSyntaxException: Expected BEGIN_OBJECT for {param.name}")
        return value
    if not isinstance(value, list):
        raise RestError(500, f"com.google.gson.JsonSyntaxException: Expected BEGIN_ARRAY for {param.name}")
    if param.type == "StringList":
        return [None if item is None else scalar_text(item, param.name) for item in value]
    if param.type == "IntegerList":
        return [None if item is None else whole_number(param, item) for item in value]
    if any(item is not None and not isinstance(item, dict) for item in value):
        raise RestError(500, f"com.google.gson.JsonSyntaxException: Expected BEGIN_OBJECT in {param.name}")
    return value


def whole_number(param: Param, value: object) -> int:
    """Return an int or long."""
    if isinstance(value, (dict, list)):
        raise RestError(500, f"com.google.gson.JsonSyntaxException: Expected a number for {param.name}")
    written = scalar_text(value, param.name)
    if not WHOLE.match(written):
        raise RestError(400, f"[{param.name}] field is excepted an int or long, but was [{written}].")
    number = int(float(written)) if "." in written else int(written)
    limit = LIMITS.get(param.type, LIMITS["Integer"])
    if not -limit <= number < limit:
        raise RestError(500, f"java.lang.NumberFormatException: {written}")
    return number


def number_of(param: Param, value: object) -> float:
    """Return a float or double; the JSON library reads it, TypeVerifier does not look at it (REST page, 4.2)."""
    try:
        return float("" if isinstance(value, (bool, dict, list)) else value)
    except ValueError:
        raise RestError(500, f"com.google.gson.JsonSyntaxException: java.lang.NumberFormatException for {param.name}") from None


def boolean(param: Param, value: object) -> bool:
    """Return a boolean; text in any case is accepted, numbers are not."""
    if isinstance(value, (dict, list)):
        raise RestError(500, f"com.google.gson.JsonSyntaxException: Expected a boolean for {param.name}")
    written = scalar_text(value, param.name)
    if written.lower() not in ("true", "false"):
        raise RestError(400, f"Invalid value for boolean field [{param.name}], [{written}] is not a valid boolean string[true, false].")
    return written.lower() == "true"


def text(param: Param, value: object) -> str:
    """Return a string, trimmed unless the parameter is exempt."""
    written = scalar_text(value, param.name, floats=True)
    return written.strip(BLANKS) if param.trim else written


def scalar_text(value: object, name: str, floats: bool = False) -> str:
    """Return a JSON scalar as text; with `floats` a number reads as Gson makes it from untyped JSON: 5 becomes '5.0'."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(float(value)) if floats else str(value)
    raise RestError(500, f"com.google.gson.JsonSyntaxException: Expected a string for {name}")


def text_list(value: object, name: str) -> list[str]:
    """Return systemTags or userTags as a list of texts."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise RestError(500, f"com.google.gson.JsonSyntaxException: Expected BEGIN_ARRAY for {name}")
    return [scalar_text(item, name) for item in value if item is not None]
