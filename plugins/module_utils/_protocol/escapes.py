# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Decode the escapes of JSON, Python, HTML, URLs and base64, and keep the positions in the original text. Pure.

A secret may occur in a text in any of these encodings, or in nested encodings, such as JSON inside JSON.
"""

from __future__ import annotations

import base64
import bisect
import functools
import html
import re
import typing as t

_BACKSLASH = re.compile(
    # Bytes, as Python writes them.
    r"(?:\\x[89a-fA-F][0-9a-fA-F]){2,4}"
    r"|\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[^uUx])", re.S)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_PERCENT_OR_PLUS = re.compile(r"(?:%[0-9a-fA-F]{2})+|\+")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
# The characters that those letters stand for.
CONTROLS = {character: letter for letter, character in _LETTERS.items()}
# Maximum depth of nested escapes.
LEVELS = 2

# Each decoded character with the length of its escape.
_Units = list[tuple[str, int]]


class Reading:
    """One way to read a text.

    :param text: the text as it reads.
    :param inner: the reading that was decoded; None for the text itself.
    :param pattern: finds the escapes in it.
    :param units: returns the characters of an escape.
    """

    def __init__(
        self, text: str, inner: Reading | None = None, pattern: re.Pattern[str] | None = None, units: t.Callable[[str], _Units] | None = None,
    ) -> None:
        self.text = text
        self._inner = inner
        self._pattern = pattern
        self._units = units
        # The start of each escape in this reading, and its start and end in the inner reading.
        self._places: list[int] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def place(self, position: int) -> int:
        """Return the position in the original text of a position in this reading."""
        if self._inner is None:
            return position
        if not self._places:
            self._note_places()
        number = bisect.bisect_right(self._places, position) - 1
        if number >= 0:
            begins = position == self._places[number]
            position = self._starts[number] if begins else self._ends[number] + position - self._places[number] - 1
        return self._inner.place(position)

    def decoded(self, pattern: re.Pattern[str], units: t.Callable[[str], _Units]) -> Reading:
        """Return this reading with one kind of escape decoded."""
        cached = functools.lru_cache(maxsize=4096)(lambda escape: "".join(character for character, _unused in units(escape)))
        return Reading(pattern.sub(lambda found: cached(found.group()), self.text), self, pattern, units)

    def _note_places(self) -> None:
        end = length = 0
        for found in t.cast("re.Pattern[str]", self._pattern).finditer(t.cast(Reading, self._inner).text):
            start = found.start()
            length += start - end
            for _unused, width in t.cast("t.Callable[[str], _Units]", self._units)(found.group()):
                self._places.append(length)
                self._starts.append(start)
                start += width
                self._ends.append(start)
                length += 1
            end = found.end()


def readings(text: str, blanks: bool = False, levels: int = LEVELS) -> list[Reading]:
    """Return all readings of a text, beginning with the text itself.

    :param blanks: also read a plus as a blank, as in forms.
    :param levels: maximum depth of nested escapes.
    """
    found = [Reading(text)]
    level = list(found)
    for _unused in range(levels):
        level = [other for reading in level for other in _decodings(reading, blanks)]
        found.extend(level)
    return found


def _decodings(reading: Reading, blanks: bool) -> t.Iterator[Reading]:
    kinds = [("\\", _BACKSLASH, _of_backslash), ("&", _ENTITY, _of_entity), ("%", _PERCENT, _of_percent)]
    if blanks:
        kinds.append(("+", _PERCENT_OR_PLUS, _of_percent))
    for sign, pattern, units in kinds:
        if sign in reading.text:
            other = reading.decoded(pattern, units)
            if other.text != reading.text:
                yield other


def _of_backslash(escape: str) -> _Units:
    kind = escape[1]
    if kind == "x" and len(escape) > 4:
        return _of_bytes(bytes.fromhex(escape.replace("\\x", "")))
    if kind in "uxU":
        first, *second = (int(digits, 16) for digits in re.split(r"\\[uxU]", escape)[1:])
        code = 0x10000 + ((first & 0x3FF) << 10) + (second[0] & 0x3FF) if second else first
        return [(chr(code) if code <= 0x10FFFF else "\ufffd", len(escape))]
    return [(_LETTERS.get(kind, kind), 2)]


def _of_bytes(data: bytes) -> _Units:
    units: _Units = []
    for character in data.decode("utf-8", "surrogateescape"):
        if "\udc80" <= character <= "\udcff":  # not UTF-8, so each byte is a character of Latin-1
            units.append((chr(ord(character) & 0xFF), 4))
        else:
            units.append((character, 4 * len(character.encode("utf-8"))))
    return units


def _of_entity(escape: str) -> _Units:
    character = html.unescape(escape)
    return [(character, len(escape))] if len(character) == 1 else [(sign, 1) for sign in escape]


def _of_percent(escape: str) -> _Units:
    if escape == "+":
        return [(" ", 1)]
    units: _Units = []
    for character in bytes.fromhex(escape.replace("%", "")).decode("utf-8", "surrogateescape"):
        if "\udc80" <= character <= "\udcff":  # half a character, cut off or invalid: it is read literally
            units.extend((sign, 1) for sign in "%%%02X" % (ord(character) & 0xFF))
        else:
            units.append((character, 3 * len(character.encode("utf-8", "surrogateescape"))))
    return units


@functools.lru_cache(maxsize=1024)
def spellings(character: str) -> list[str]:
    """Return the escapes of a character, in lower case."""
    code = ord(character)
    units = character.encode("utf-16-be", "surrogatepass")
    found = ["".join("\\u" + units[place:place + 2].hex() for place in range(0, len(units), 2)), "&#%d;" % code, "&#x%x;" % code, "\\u%08x" % code]
    found.append("".join("%%%02x" % byte for byte in character.encode("utf-8", "surrogateescape" if 0xDC80 <= code <= 0xDCFF else "surrogatepass")))
    found.extend("\\" + letter for letter, meaning in _LETTERS.items() if meaning == character)
    if code >= 128:
        found.append("".join("\\x%02x" % byte for byte in character.encode("utf-8", "surrogateescape" if 0xDC80 <= code <= 0xDCFF else "surrogatepass")))
    if code < 256:
        found += ["\\x%02x" % code, "\\" + character.lower(), html.escape(character)]
    # The same inside another JSON text, and inside a URL.
    return [*found, *("\\" + spelling for spelling in found), *(spelling.replace("\\", "%5c") for spelling in found)]


def base64_cores(secret: str) -> set[str]:
    """Return the base64 encodings of a secret inside a text, for the three alignments: the characters that depend only on the secret."""
    data = secret.encode("utf-8", "surrogatepass")
    cores: set[str] = set()
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + data).decode("ascii").rstrip("=")
        core = whole[(0, 2, 3)[shift]:(shift + len(data)) * 8 // 6]
        cores.update((core, core.replace("+", "-").replace("/", "_")))
    return cores
