# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Validate the form of each response once, when it arrives.

A validated response can be used without further checks. Any other response raises an error that names the call, the expected form and the actual form. An
error object of the server is kept in any form, because it contains the reason.
"""

from __future__ import annotations

import json
import math
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import FormError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import IDENTIFIER, Pairs, outside

# An inventory has about four levels; its structured values travel as text.
MOST_LEVELS = 64
# Maximum number of entries of all lists and objects of one response, each with up to 100 bytes of memory. A page of 1000 rows has about 100,000.
MOST_ENTRIES = 4_000_000
# Maximum digits of a number: those of a Java long, with a margin. Maximum length of a key in a message.
_DIGITS, _LONGEST_KEY = 40, 60

_VERSION = re.compile(r"[0-9A-Za-z._+-]{1,64}")
_STRUCTURE = re.compile(r'\\.|["\[\]{}]', re.S)

Body = t.Mapping[str, t.Any]
Row = dict[str, t.Any]


class Unusable(ValueError):
    """A response beyond a limit; the message completes "the answer cannot be used: "."""


def parse(text: str) -> Row | None:
    """Return the JSON object in a body, or None if the body is not an object.

    An error object that is nested too deep is cut at `MOST_LEVELS`, and the last value of a repeated key applies, so that the reason is not lost.

    :raises Unusable: for a body beyond `MOST_LEVELS` or `MOST_ENTRIES`, and for an object that gives a key twice with different values.
    """
    pairs = Pairs()
    if text.count(",") + text.count("[") + text.count("{") > MOST_ENTRIES:
        raise Unusable("it has more than %d entries" % MOST_ENTRIES)
    try:
        body = _loads(text, pairs)
        deep = _is_deep(body)
    except RecursionError:
        deep = True
    except ValueError:
        return None
    if deep:
        body = _without_depth(text, pairs)
    if (deep or pairs.repeated is not None) and not (isinstance(body, dict) and isinstance(body.get("error"), dict)):
        raise Unusable("it nests deeper than %d levels" % MOST_LEVELS if deep else "an object in it gives the key %s twice, with different values" % (
            json.dumps(outside(str(pairs.repeated)[:_LONGEST_KEY]))))
    return body if isinstance(body, dict) else None


def check_encoding(data: bytes | bytearray, text: str) -> None:
    """Refuse a result that is not valid UTF-8, the encoding of the management node (REST protocol page, section 1).

    :param data: the body.
    :param text: the body decoded, with U+FFFD instead of invalid bytes.
    :raises Unusable: for a body that is not UTF-8.
    """
    if "\ufffd" in text:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unusable("it is not UTF-8, from byte %d on" % error.start) from error


def _loads(text: str, pairs: Pairs) -> t.Any:
    # Long integers take quadratic time in older versions of Python, and later steps cannot handle infinite numbers.
    return json.loads(text, object_pairs_hook=pairs, parse_int=_integer, parse_float=_finite, parse_constant=_finite)


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError("a number of %d digits" % len(text))
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number that is not finite")
    return number


def _is_deep(value: t.Any) -> bool:
    level, containers = 0, [value] if isinstance(value, (dict, list)) else []
    while containers:
        level += 1
        if level > MOST_LEVELS:
            return True
        containers = [
            inner for outer in containers for inner in (outer.values() if isinstance(outer, dict) else outer) if isinstance(inner, (dict, list))]
    return False


def _without_depth(text: str, pairs: Pairs) -> t.Any:
    """Return the JSON value with null instead of each list and object below `MOST_LEVELS`; None if it is not JSON."""
    kept: list[str] = []
    level = start = 0
    quoted = False
    for match in _STRUCTURE.finditer(text):
        found = match.group()
        if found == '"':
            quoted = not quoted
        elif quoted or found[0] == "\\":
            continue
        elif found in "[{":
            level += 1
            if level == MOST_LEVELS + 1:
                kept.append(text[start:match.start()])
        else:
            if level == MOST_LEVELS + 1:
                kept.append("null")
                start = match.end()
            level -= 1
    try:
        return _loads("".join(kept) + text[start:], pairs)
    except (ValueError, RecursionError):
        return None


def inventories(asked: str, body: Body) -> list[Row]:
    """Return the rows of a response to a query: objects with uuids (REST protocol page, section 5).

    :param asked: the name of the call in messages.
    :raises FormError: for any other form.
    """
    rows = body.get("inventories")
    if not isinstance(rows, list):
        raise _error(asked, "inventories", "a list of objects", rows)
    for number, row in enumerate(rows):
        _check_row(asked, "inventories[%d]" % number, row)
    return rows


def single(asked: str, body: Body, uuid: str) -> Row | None:
    """Return the row of a response to a query by uuid, or None if there is none.

    :param uuid: the queried uuid; the database compares without case (REST protocol page, 5.3).
    :raises FormError: for any other form, and for another object.
    """
    rows = inventories(asked, body)
    if len(rows) > 1 or (rows and rows[0]["uuid"].lower() != uuid.lower()):
        raise _error(asked, "inventories", "a list with this one object", [row["uuid"] for row in rows[:2]] if len(rows) == 1 else rows)
    return rows[0] if rows else None


def total(asked: str, body: Body) -> int | None:
    """Return the number of rows, or None if the server returns no count.

    :raises FormError: for anything except a non-negative integer.
    """
    count = body.get("total")
    if count is None or (isinstance(count, int) and not isinstance(count, bool) and count >= 0):
        return count
    raise _error(asked, "total", "a number from 0 on", count)


def session(asked: str, body: Body) -> str:
    """Return the session of a response to a sign-in (REST protocol page, 2.1).

    :raises FormError: for any other form. The error contains no value, since a value may be the session.
    """
    inventory = body.get("inventory")
    if not isinstance(inventory, dict):
        raise _error(asked, "inventory", "an object with the uuid of the session", inventory, secret=True)
    uuid = inventory.get("uuid")
    if not isinstance(uuid, str) or not IDENTIFIER.fullmatch(uuid):
        raise _error(asked, "inventory.uuid", "the uuid of the session", uuid, secret=True)
    return uuid


def job(body: Body) -> str | None:
    """Return the uuid of the job from the location of an accepted call, or None if it is not usable.

    Only the last segment is used: the host is chosen by the server and may not be reachable (REST protocol page, 3.2).
    """
    location = body.get("location")
    if not isinstance(location, str):
        return None
    tail = location.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
    return tail if IDENTIFIER.fullmatch(tail) else None


def result(asked: str, body: Body) -> Row:
    """Return the result of a write (REST protocol page, section 8), after checking the form of its standard members.

    :raises FormError: for a member with another form.
    """
    inventory = body.get("inventory")
    if inventory is not None and not isinstance(inventory, dict):
        raise _error(asked, "inventory", "an object", inventory)
    if inventory and inventory.get("uuid") is not None:
        _check_row(asked, "inventory", inventory)
    for member in ("inventories", "results"):
        rows = body.get(member)
        if rows is not None and not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            raise _error(asked, member, "a list of objects", rows)
    return dict(body)


def version(asked: str, body: Body) -> str:
    """Return the version of the server, or an empty text if it does not report one (REST protocol page, section 9).

    :raises FormError: for anything except a version.
    """
    found = body.get("version")
    if found is None or found == "":
        return ""
    if not isinstance(found, str) or not _VERSION.fullmatch(found):
        raise _error(asked, "version", "a version such as 5.3.40", found)
    return found


def _check_row(asked: str, place: str, row: t.Any) -> None:
    if not isinstance(row, dict):
        raise _error(asked, place, "an object with a uuid", row)
    uuid = row.get("uuid")
    if not isinstance(uuid, str) or not IDENTIFIER.fullmatch(uuid):
        raise _error(asked, place + ".uuid", "a uuid", uuid)


def _error(asked: str, place: str, expected: str, value: t.Any, secret: bool = False) -> FormError:
    return FormError(
        "%s: %s in the answer must be %s, but is %s. This is not an answer of a ZStack management node. Check host, port and context_path, "
        "and any proxy in between." % (asked, place, expected, described(value, secret)))


def described(value: t.Any, secret: bool = False) -> str:
    """Return the type of a value in a few words.

    :param secret: True to omit the value itself.
    """
    if value is None:
        return "missing"
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list):
        return "a list with %d entries" % len(value) if len(value) != 1 else "a list with one entry"
    kind = "a text" if isinstance(value, str) else "a boolean" if isinstance(value, bool) else "a number"
    if secret:
        return kind
    # Masked before it is cut.
    text = '"%s"' % " ".join(outside(value[:10_000]).split()) if isinstance(value, str) else json.dumps(value)
    return "%s: %s" % (kind, text if len(text) <= 60 else text[:57] + "...")
