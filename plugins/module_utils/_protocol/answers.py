# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Validate the form of each answer once, where it enters.

What passes here can be used as it is. Everything else raises an error that names the call, what was expected and what came.
An error object of the server is kept whatever its form, because it holds the reason.
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
# Entries of all lists and objects of one answer, which take up to 100 bytes of memory each. A page of 1000 rows has about 100,000.
MOST_ENTRIES = 4_000_000
# Digits of a number: those of a Java long, with room. Characters of a key in a message.
_DIGITS, _LONGEST_KEY = 40, 60

_VERSION = re.compile(r"[0-9A-Za-z._+-]{1,64}")
_STRUCTURE = re.compile(r'\\.|["\[\]{}]', re.S)

Body = t.Mapping[str, t.Any]
Row = dict[str, t.Any]


class Unusable(ValueError):
    """An answer beyond a limit; the message completes "the answer cannot be used: "."""


def parse(text: str) -> Row | None:
    """Return the JSON object that a body holds, or None when it holds something else.

    An error object that nests too deep is cut at `MOST_LEVELS`, and one that gives a key twice has the last value, so that its reason is not lost.

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
    """Refuse a result whose texts are not those of the server: the management node writes UTF-8 (REST protocol page, section 1).

    :param data: the body.
    :param text: the same, with U+FFFD in the place of what is not UTF-8.
    :raises Unusable: for a body that is not UTF-8.
    """
    if "\ufffd" in text:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unusable("it is not UTF-8, from byte %d on" % error.start) from error


def _loads(text: str, pairs: Pairs) -> t.Any:
    # Long integers take quadratic time in older versions of Python, and no later step can handle an infinite number.
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
    """Return the JSON value with null in the place of each list and object below `MOST_LEVELS`; None when it is not JSON."""
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
    """Return the rows of an answer to a query: objects with uuids (REST protocol page, section 5).

    :param asked: the call, as a message names it.
    :raises FormError: for any other form.
    """
    rows = body.get("inventories")
    if not isinstance(rows, list):
        raise _error(asked, "inventories", "a list of objects", rows)
    for number, row in enumerate(rows):
        _check_row(asked, "inventories[%d]" % number, row)
    return rows


def single(asked: str, body: Body, uuid: str) -> Row | None:
    """Return the one row of an answer to a query by uuid, or None when there is none.

    :param uuid: the uuid that was asked for; the database compares without case (REST protocol page, 5.3).
    :raises FormError: for any other form, and for another object.
    """
    rows = inventories(asked, body)
    if len(rows) > 1 or (rows and rows[0]["uuid"].lower() != uuid.lower()):
        raise _error(asked, "inventories", "a list with this one object", [row["uuid"] for row in rows[:2]] if len(rows) == 1 else rows)
    return rows[0] if rows else None


def total(asked: str, body: Body) -> int | None:
    """Return how many rows the server counts, or None if it returns no count.

    :raises FormError: for anything but a number that can be one.
    """
    count = body.get("total")
    if count is None or (isinstance(count, int) and not isinstance(count, bool) and count >= 0):
        return count
    raise _error(asked, "total", "a number from 0 on", count)


def session(asked: str, body: Body) -> str:
    """Return the session of an answer to a sign-in (REST protocol page, 2.1).

    :raises FormError: for any other form. It shows no value, since one may be the session.
    """
    inventory = body.get("inventory")
    if not isinstance(inventory, dict):
        raise _error(asked, "inventory", "an object with the uuid of the session", inventory, secret=True)
    uuid = inventory.get("uuid")
    if not isinstance(uuid, str) or not IDENTIFIER.fullmatch(uuid):
        raise _error(asked, "inventory.uuid", "the uuid of the session", uuid, secret=True)
    return uuid


def job(body: Body) -> str | None:
    """Return the job's uuid from the location of an accepted call, or None when there is no usable one.

    Only the last segment counts: the host is the server's own and may be out of reach (REST protocol page, 3.2).
    """
    location = body.get("location")
    if not isinstance(location, str):
        return None
    tail = location.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
    return tail if IDENTIFIER.fullmatch(tail) else None


def result(asked: str, body: Body) -> Row:
    """Return the result of a write (REST protocol page, section 8), with the form of its standard members checked.

    :raises FormError: for a member of another form.
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
    """Return the version of the server, or an empty text when it does not say (REST protocol page, section 9).

    :raises FormError: for anything but a version.
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
    """Return what a value is, in a few words.

    :param secret: leave the value itself out.
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
