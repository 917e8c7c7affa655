# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Query conditions that the server cannot split in the wrong place.

The server scans a whole condition for the first operator of a fixed list and splits there, regardless of the position (REST protocol page, 5.1). A value that
contains an earlier operator, a quote or a backslash therefore cannot be queried with ``=``. For such a value, the condition is a wider LIKE, and the caller
keeps the rows that match exactly; this is always necessary, because the database compares without case (5.3).
"""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim

# In the order in which the server searches for them (REST protocol page, 5.1).
OPERATORS = ("!=", ">=", "<=", "!?=", "!~=", "~=", "?=", "=", ">", "<", "is null", "not null")
# 100 uuids of 32 characters stay well below the 8 KiB that the container accepts as a request line (5.5).
CHUNK = 100

_FIELD = re.compile(r"[A-Za-z0-9_.]+")
# Maximum length of one encoded value, so that several conditions fit into that line.
LONGEST = 2000
# Characters that are no part of an operator, quote, escape or wildcard.
_UNSAFE = re.compile(r"[^\w .:/@+#()\[\]{}$&^;*|-]|_")


def condition(field: str, operator: str, value: str = "") -> str:
    """Return one value for the parameter ``q``, not yet percent-encoded.

    :param field: an inventory field, such as ``name``.
    :param operator: one of the server's operators.
    :param value: the value to compare with; empty for ``is null`` and ``not null``.
    :raises OptionError: for a condition that the server would split elsewhere.
    """
    if not _FIELD.fullmatch(field):
        raise OptionError("The query field %r is not a name that the server can parse." % field)
    text = "%s %s" % (field, operator) if operator.endswith("null") else field + operator + value
    if split(text) != (field, operator, value) or "'" in value or "\\" in value:
        raise OptionError("The query %r would be misread by the server." % text)
    return text


def split(text: str) -> tuple[str, str, str] | None:
    """Return how the server parses a condition: (field, operator, value), or None if it finds no operator."""
    for operator in OPERATORS:
        at = text.find(operator)
        if at >= 0:
            return text[:at].strip(), operator, text[at + len(operator):]
    return None


def equals(field: str, value: str) -> str:
    """Return a condition that finds at least every row whose field equals the value; filter the rows with `matches`."""
    text = trim(value)
    if split(field + "=" + text) == (field, "=", text) and not _needs_like(text) and len(encoded(text)) <= LONGEST:
        return condition(field, "=", text)
    return condition(field, "~=", _pattern(text))


def contains(field: str, value: str) -> str:
    """Return a condition that finds at least every row whose field contains the value; filter the rows."""
    pattern = _pattern(value)
    return condition(field, "~=", "%" + pattern + ("" if pattern.endswith("%") else "%"))


def encoded(text: str) -> str:
    """Return the text encoded for a URL."""
    return urllib.parse.quote(text, safe="", errors="replace")


def is_plain(field: str, value: str) -> bool:
    """Return whether a list query can contain the value: no comma, and nothing that the server would misread."""
    text = field + "?=" + value
    return "," not in value and split(text) == (field, "?=", value) and not _needs_like(value) and value == trim(value) != ""


def begins(field: str, value: str) -> str:
    """Return a condition that finds at least every row whose field begins with the value; filter the rows."""
    return condition(field, "~=", "".join(_wildcard(character) for character in trim(value)) + "%")


def matches(row: t.Mapping[str, t.Any], field: str, value: str) -> bool:
    """Return whether the row's field equals the value exactly, case-sensitive."""
    return trim(str(row.get(field) or "")) == trim(value)


def one_of(field: str, values: t.Sequence[str]) -> t.Iterator[str]:
    """Yield conditions that together find every row whose field is one of the values, in chunks that fit into a URL.

    :raises OptionError: for a value with a comma, which the server cannot escape (REST protocol page, 5.1).
    """
    for value in values:
        if "," in value:
            raise OptionError("The value %r contains a comma and cannot be part of a list query." % value)
    chunk: list[str] = []
    length = 0
    for value in values:
        size = len(encoded(value)) + 3
        if chunk and (len(chunk) == CHUNK or length + size > 2 * LONGEST):
            yield condition(field, "?=", ",".join(chunk))
            chunk, length = [], 0
        chunk.append(value)
        length += size
    if chunk:
        yield condition(field, "?=", ",".join(chunk))


def _needs_like(text: str) -> bool:
    # The server ignores an "=" after the operator; control characters are not valid in a condition.
    return text.startswith("=") or any(character in "'\\" or ord(character) < 32 for character in text)


def _pattern(text: str) -> str:
    """Return a LIKE pattern that the text matches; one that is too long for a request line ends early."""
    parts = [_wildcard(character) for character in text]
    length = 0
    for number, part in enumerate(parts):
        length += len(encoded(part))
        if length > LONGEST:
            return "".join(parts[:number]) + "%"
    return "".join(parts)


def _wildcard(character: str) -> str:
    if ord(character) > 0xFFFF:
        return "%"  # one character here, two or none in a database with a three-byte character set
    return "_" if _UNSAFE.match(character) else character
