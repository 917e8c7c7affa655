# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find secrets in output: whole or in part, plain or in another spelling. Shares no code with the masking of the collection."""
from __future__ import annotations

import base64
import hashlib
import html
import json
import pathlib
import random
import re
import shlex
import string
import typing as t
import urllib.parse

# Characters of a secret that must not appear together. Eight hexadecimal ones appear in other UUIDs by chance.
PART, HEXADECIMAL_PART = 8, 12
# Between these is at least one letter or digit, so that no part of a secret consists of escapes.
ODD = "\"\\'<>&%+/ =#éü€"


def random_secret(random_: random.Random, odd: str = ODD) -> str:
    """Return a secret of random letters and digits with each of some odd characters in it. No part of it appears by chance."""
    pieces = ["".join(random_.choices(string.ascii_letters + string.digits, k=5)) for unused in range(len(odd) + 3)]
    signs = random_.sample(odd, len(odd))
    return pieces[0] + "".join(sign + piece for sign, piece in zip([*signs, "", ""], pieces[1:]))


def random_hex(random_: random.Random, length: int = 32) -> str:
    """Return a secret such as the UUID of a session."""
    return "%0*x" % (length, random_.getrandbits(4 * length))


def sha512(password: str) -> str:
    """Return what is sent instead of a password."""
    return hashlib.sha512(password.encode()).hexdigest()


def _base64(text: str) -> t.Iterator[str]:
    """Yield the base64 characters that depend on the text alone, at each alignment and in both alphabets."""
    data = text.encode()
    for shift in range(3):
        code = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        core = code[(shift * 8 + 5) // 6:(shift + len(data)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")


def _json(text: str) -> t.Iterator[str]:
    for code in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield code
        yield code.replace("/", "\\/")
        # A JSON text inside a JSON text.
        yield json.dumps(code)[1:-1]


def _html(text: str) -> t.Iterator[str]:
    yield html.escape(text)
    yield html.escape(text, quote=False)
    for form in ("&#%d;", "&#x%x;"):
        yield "".join(sign if sign.isalnum() and sign.isascii() else form % ord(sign) for sign in text)
        yield "".join(form % ord(sign) for sign in text)


def _url(text: str) -> t.Iterator[str]:
    for code in (urllib.parse.quote(text), urllib.parse.quote(text, safe=""), urllib.parse.quote_plus(text)):
        yield code
        yield re.sub("%..", lambda found: found.group().lower(), code)


def _hexadecimal(text: str) -> t.Iterator[str]:
    yield text.encode().hex()
    yield text.encode().hex().upper()


def _plain(text: str) -> t.Iterator[str]:
    yield text
    yield repr(text)[1:-1]
    yield text.upper() if re.fullmatch("[0-9a-f]+", text) else text
    # What a shell reads as the text, also inside of another such text.
    yield shlex.quote(text)[1:-1] if "'" in text else text
    yield shlex.quote(shlex.quote(text))[1:-1] if "'" in text else text


SPELLINGS: dict[str, t.Callable[[str], t.Iterator[str]]] = {
    "plain": _plain, "JSON": _json, "HTML": _html, "URL": _url, "base64": _base64, "hexadecimal": _hexadecimal}


class Scanner:
    """Knows secrets, and finds them.

    :param secrets: name to secret. One of fewer than eight characters is found as a whole word only.
    """

    def __init__(self, secrets: t.Mapping[str, str] | None = None) -> None:
        # The beginning of each spelling of each part, with the rest and what it is.
        self._starts: dict[str, dict[str, str]] = {}
        self._words: dict[str, re.Pattern[str]] = {}
        self._known: set[tuple[str, str]] = set()
        for name, secret in (secrets or {}).items():
            self.add(name, secret)

    def add(self, name: str, secret: str) -> None:
        """Look for one more secret."""
        if not secret or (name, secret) in self._known:
            return
        self._known.add((name, secret))
        if len(secret) < PART:
            self._words["%s (whole)" % name] = re.compile(r"(?<![\w.:-])%s(?![\w.:-])" % re.escape(secret))
            return
        length = min(len(secret), HEXADECIMAL_PART if re.fullmatch("[0-9a-f-]+", secret) else PART)
        for place in range(len(secret) - length + 1):
            for spelling, codes in SPELLINGS.items():
                for code in codes(secret[place:place + length]):
                    self._starts.setdefault(code[:PART], {}).setdefault(code, "%s (%s)" % (name, spelling))

    def find(self, text: str) -> list[str]:
        """Return what was found: the secret and its spelling, with the text around it."""
        found: dict[str, str] = {}
        for start in {text[place:place + PART] for place in range(len(text) - PART + 1)} & self._starts.keys():
            for code, label in self._starts[start].items():
                place = text.find(code)
                if place >= 0:
                    found.setdefault(label, _around(text, place, len(code)))
        for label, pattern in self._words.items():
            match = pattern.search(text)
            if match:
                found.setdefault(label, _around(text, match.start(), len(match.group())))
        return ["%s: ...%s..." % pair for pair in sorted(found.items())]

    def find_in_files(self, directory: pathlib.Path, but: t.Collection[str] = ()) -> list[str]:
        """Return what was found in the files below a directory and in their names.

        :param but: names of files that are not read.
        """
        found = []
        for path in sorted(directory.rglob("*")):
            if path.name not in but:
                text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
                found += ["%s: %s" % (path, hit) for hit in self.find("%s\n%s" % (path.name, text))]
        return found


def _around(text: str, place: int, length: int) -> str:
    return repr(text[max(0, place - 60):place + length + 30])
