# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Text in the form of the server, and in the form of messages."""

from __future__ import annotations

import collections.abc
import datetime
import json
import re
import typing as t
import unicodedata

from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import MASK, WHOLE, current

# The characters that java.lang.String.trim removes. The server trims strings with it (REST protocol page, 4.1); str.strip removes further blanks, such as the
# ideographic space.
_JAVA_BLANKS = "".join(map(chr, range(33)))


def trim(text: str) -> str:
    """Return the text as the server stores it."""
    return text.strip(_JAVA_BLANKS)


def java_length(text: str) -> int:
    """Return the length as the server counts it: UTF-16 units, so a character outside the basic plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# Everything except plain text of common scripts; `_is_hidden` decides about each of these characters.
_RARE = re.compile("[^ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u05ff\u0904-\u0939\u0e01-\u0e3a\u2030-\u205e\u20a0-\u20bf\u2190-\u2bff\u3000-\u3163\u3165-\ud7ff]")
_HIDDEN_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Letters and marks without a visible shape.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_CODES = frozenset(("code", "globalErrorCode"))
# A uuid, a session or a job becomes part of addresses, headers and conditions (REST protocol page, section 8).
IDENTIFIER = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINER = "\u200d"
_DATE = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d{2}):(\d{2})\s([AP])M")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LETTERS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, lines: bool = False) -> str:
    """Return the text with everything written out that a terminal or a browser would obey and not show.

    These are control characters, escape sequences, bidirectional marks, zero-width characters, and surrogates. A joiner is kept where emoji and scripts
    require it.

    :param lines: keep line breaks and tabs.
    """
    if text.isascii() and text.isprintable():
        return text

    def shown(found: re.Match[str]) -> str:
        character = found.group()
        return escaped(character) if is_hidden(character) and not (lines and character in "\n\t") and not _joins(text, found.start()) else character
    return _RARE.sub(shown, text)


def is_hidden(character: str) -> bool:
    """Return whether a character is invisible, so that the displayed text differs from the real one."""
    return unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _BLANK_LETTERS


def _joins(text: str, place: int) -> bool:
    """Return whether the character at a position is a joiner between two parts of an emoji, or after a sign of a script with ligatures."""
    if text[place] != _JOINER or not 0 < place < len(text) - 1:
        return False
    before, after = unicodedata.category(text[place - 1]), unicodedata.category(text[place + 1])
    return (before in ("So", "Sk", "Mn") and after == "So") or (before in ("Mn", "Mc") and after == "Lo")


def escaped(character: str) -> str:
    """Return the character as an escape sequence."""
    code = ord(character)
    return _LETTERS.get(character) or ("\\x%02x" if code < 0x100 else "\\u%04x" if code < 0x10000 else "\\U%08x") % code


def outside(text: str) -> str:
    """Return a text from a server or a library for a message: without secrets and control characters. Lines may end as in HTTP."""
    return visible(current().outside(text).replace("\r\n", "\n"), lines=True)


def outside_value(value: t.Any) -> t.Any:
    """Return the same for all texts inside an object of a server. Keys, codes and numbers are not words, so short secrets are not masked in them."""
    if isinstance(value, str):
        return outside(value)
    if isinstance(value, dict):
        return {
            visible(current().composed(str(key))): visible(current().composed(item)) if key in _CODES and isinstance(item, str) else outside_value(item)
            for key, item in value.items()}
    return [outside_value(item) for item in value] if isinstance(value, list) else value


def shortened(text: str, longest: int) -> str:
    """Return the text without secrets, shortened to a number of characters."""
    text = current().data(text)
    return text if len(text) <= longest else "%s... (%d characters)" % (text[:longest], len(text))


def holds_mask(value: t.Any) -> bool:
    """Return whether a value, or one inside it, is the mask that Ansible shows instead of a secret."""
    return any(trim(text) in (MASK, WHOLE) for text in _texts(value))


def stray_surrogate(value: t.Any) -> str | None:
    """Return a surrogate that a value, or one inside it, contains; None if there is none."""
    found = (_SURROGATE.search(text) for text in _texts(value) if not text.isascii())
    return next((match.group() for match in found if match), None)


def _texts(value: t.Any) -> t.Iterator[str]:
    """Yield all texts of a value, keys included."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            pending.extend((*item, *item.values()))
        elif isinstance(item, (list, tuple)):
            pending.extend(item)


class Pairs:
    """Creates the objects of one JSON text for ``json.loads``, and records repeated keys.

    :ivar repeated: a key that one object gives twice with different values; None if there is none. Readers of JSON disagree which value applies
        (RFC 8259, section 4).
    """

    def __init__(self) -> None:
        self.repeated: str | None = None

    def __call__(self, pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
        found = dict(pairs)
        if len(found) < len(pairs) and self.repeated is None:
            # As text, because true equals 1. Only up to the first difference, so that values are not compared again at each level.
            self.repeated = next((key for key, value in pairs if value is not found[key] and json.dumps(value) != json.dumps(found[key])), None)
        return found


def title_of(row: t.Mapping[str, t.Any], key: str = "name") -> str:
    """Return how a message names a row: its name and uuid.

    :param key: the inventory field that names objects of the kind.
    """
    return "%s (uuid %s)" % (quoted(row.get(key)), row.get("uuid"))


def spelling(value: t.Any) -> str:
    """Return a value in YAML spelling, on one line; text in quotes.

    >>> spelling({"stop": None, "n": [True, 1.5]})
    "{'stop': null, 'n': [true, 1.5]}"
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, collections.abc.Mapping):
        return "{%s}" % ", ".join("%s: %s" % (spelling(key), spelling(entry)) for key, entry in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[%s]" % ", ".join(map(spelling, value))
    return repr(value)


def quoted(value: t.Any) -> str:
    """Return a value for a message, without secrets."""
    return current().data(spelling(value))


def brief(value: t.Any) -> str:
    """Return the same, shortened if necessary."""
    text = quoted(value)
    return text if len(text) <= 80 else shortened(text, 60)


def listed(items: t.Sequence[t.Any], count: int, name: t.Callable[[t.Any], str] = str) -> str:
    """Return the names of the first items of a list, and the number of the others.

    :param count: number of names.
    """
    more = ", and %d more" % (len(items) - count) if len(items) > count else ""
    return ", ".join(name(item) for item in items[:count]) + more


def server_date(text: t.Any) -> datetime.datetime | None:
    """Return a date of the server, in its own time zone; None for another form (REST protocol page, section 8).

    Newer Java versions write a comma after the year and a narrow blank before AM and PM. The month names are English in every locale.
    """
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    if not found or found.group(1) not in _MONTHS:
        return None
    month, day, year, hour, minute, second, half = found.groups()
    try:
        return datetime.datetime(
            int(year), 1 + _MONTHS.index(month), int(day), int(hour) % 12 + (12 if half == "P" else 0), int(minute), int(second))
    except ValueError:
        return None
