# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Mask secrets in texts.

A secret of eight characters or more is masked by value, in every encoding, including pieces of it where text was cut. A shorter secret would match in many
words, so it is masked by position, and by value only as a whole word of text from outside. Credentials inside URLs are always masked.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import re
import sys
import types
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.escapes import CONTROLS, LEVELS, Reading, base64_cores, readings, spellings

MASK = "*" * 8
# The mask of AnsibleModule for a secret value.
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Minimum length of a secret, or of a piece of one, that is masked by value.
SHORTEST = 8
# Number of remembered signatures: each belongs to one request, and only the response to that request can contain it.
_SIGNATURES = 64
# Maximum number of texts in an option that are collected.
_MOST_TEXTS = 10000
# Bits of a number that is no secret and expensive to convert to text.
_LONGEST_NUMBER = 400
# Number of secrets from which on a text is searched for all of them in one pass.
_MANY = 64

_USER = re.compile(r"(?:\\?/){2}([^\s/?#\"'<>\\]+)@")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):$")
_ESCAPED_USER = re.compile(r"(%3A%2F%2F)((?:(?!%2F|%3F|%23|%40)[^\s/?#&\"'<>\\])+)(?=%40)", re.I)
# Schemes in which a user name alone is a credential, such as a token of a Git host.
_TOKEN_SCHEMES = ("http", "https", "ftp", "ftps", "ws", "wss")
_PARAMETER = re.compile(r"(?:[?&;#]|\\u00(?:26|3f)|%3F|%26)([A-Za-z0-9_.\[\]-]{1,64})(?:=|\\u003d|%3D)", re.I)
_VALUE = re.compile(r"(?:(?!%26|%23)[^\s&;#\"'<>\\])+", re.I)
_SECRET_NAME = re.compile(
    r"token|secret|passw|passphrase|pwd|signature|credential|api[-_.]?key|access[-_.]?key|auth(?!or)|session|cookie|jwt|^(?:sig|pw|pass|key|sas)$", re.I)
_AUTHORIZATION = re.compile(
    r"(\bAuthorization[\"']?\s*[:=]\s*[\"']?)[^\s\"'<>]+(?: [^\s\"'<>]+)?|(\bOAuth )[0-9a-f]{32}|(\bZStack )[^\s:\"'<>]+:[A-Za-z0-9+/]{26,27}="
    r"|(\b(?:Bearer|Basic) )[A-Za-z0-9+/=_.~-]{16,}", re.I)
_CUT = re.compile(r"(?:\.\.\.|\u2026)+")
# The length of the longest cut escape.
_TORN = 16
_WORD = re.compile(r"[A-Za-z0-9_]+")
_OURS = __name__.rpartition("_protocol.")[0]

Span = tuple[int, int]


class _Needles:
    """Search patterns of secrets. Immutable, so that threads can share it.

    :param secrets: in plain text.
    """

    def __init__(self, secrets: t.Iterable[str]) -> None:
        needles: set[str] = set()
        self.words: list[re.Pattern[str]] = []
        for secret in secrets:
            if len(secret) < SHORTEST:
                self.words.append(re.compile(r"(?<![A-Za-z0-9_])%s(?![A-Za-z0-9_])" % re.escape(secret)))
                continue
            digits = secret.encode("utf-8", "surrogatepass").hex()
            # YAML doubles an apostrophe inside of apostrophes.
            needles.update((secret, secret.replace("'", "''"), digits, digits.upper(), *base64_cores(secret)))
            if re.fullmatch("[0-9a-f]+", secret, re.I):
                needles.update((secret.lower(), secret.upper()))
            if re.fullmatch("[0-9a-f]{32}", secret):
                needles.add("-".join((secret[:8], secret[8:12], secret[12:16], secret[16:20], secret[20:])))
        self.all = sorted(needles)
        self._blanks = any(" " in needle for needle in needles)
        self._joined = "\0".join(self.all)
        self._longest = max(map(len, needles), default=0)
        self._grams = {needle[place:place + SHORTEST] for needle in needles for place in range(len(needle) - SHORTEST + 1)}

    def readings(self, text: str, levels: int = LEVELS) -> list[Reading]:
        """Return all readings of a text."""
        return readings(text, self._blanks, levels)

    def search(self, texts: t.Sequence[str]) -> list[str] | None:
        """As `Masker.search`."""
        blob = "\0".join(texts)
        found = self.readings(blob)
        if self.all and any(self._is_piece(text) for text in {text for reading in found for text in _cut_parts(reading.text)}):
            return self.all
        candidates = self._candidates(found)
        return candidates if candidates or any(True for _unused in _in_urls(blob)) else None

    def spans(self, text: str, needles: t.Sequence[str] | None = None, levels: int = LEVELS) -> t.Iterator[Span]:
        """Return the positions of secrets, and of pieces of them at cuts, in a text.

        :param needles: from `search`.
        """
        if not self.all or len(text) < SHORTEST or (needles is not None and not needles):
            return
        found = self.readings(text, levels)
        candidates = self._candidates(found) if needles is None else needles
        pieces = needles is None or len(needles) == len(self.all)
        for reading in found:
            segments = _segments(reading.text)
            for start, end in segments if pieces else ():
                if self._is_piece(reading.text[start:end]):
                    yield reading.place(start), reading.place(end)
            for needle in candidates:
                for start, end in _whole(reading.text, needle):
                    yield reading.place(start), reading.place(end)
                if needle[:SHORTEST] in reading.text or needle[-SHORTEST:] in reading.text:
                    for start, end in _pieces(reading.text, needle, segments):
                        yield reading.place(start), reading.place(end)

    def _is_piece(self, text: str) -> bool:
        """Return whether a text that was cut on both sides is a piece of a secret, except for cut escapes."""
        if not SHORTEST <= len(text) < self._longest + 2 * _TORN:
            return False
        # Whatever is cut, this part is complete.
        starts = (_TORN,) if len(text) >= SHORTEST + 2 * _TORN else range(min(_TORN, len(text) - SHORTEST) + 1)
        if not any(text[start:start + SHORTEST] in self._grams for start in starts):
            return False
        return any(
            self._is_torn(text[:start], text[start:end], text[end:])
            for end in (len(text), *_torn_ends(text)) for start in range(_TORN + 1) if end - start >= SHORTEST)

    def _is_torn(self, start: str, middle: str, end: str) -> bool:
        """Return whether the middle is in a secret, between the end of one cut escape and the start of another."""
        place = self._joined.find(middle)
        while place >= 0:
            before, after = self._joined[max(0, place - 1):place], self._joined[place + len(middle):][:1]
            if (not start or _has_spelling(before, start, str.endswith)) and (not end or _has_spelling(after, end, str.startswith)):
                return True
            place = self._joined.find(middle, place + 1)
        return False

    def _candidates(self, found: t.Sequence[Reading]) -> list[str]:
        """Return the needles whose first or last characters are in a reading: all that occur completely or at a cut."""
        if len(self.all) <= _MANY:
            return [needle for needle in self.all if any(needle[:SHORTEST] in reading.text or needle[-SHORTEST:] in reading.text for reading in found)]
        ends = {end for needle in self.all for end in (needle[:SHORTEST], needle[-SHORTEST:])}
        seen = {
            reading.text[place:place + SHORTEST] for reading in found for place in range(len(reading.text) - SHORTEST + 1)
            if reading.text[place:place + SHORTEST] in ends}
        return [needle for needle in self.all if needle[:SHORTEST] in seen or needle[-SHORTEST:] in seen]


class Masker:
    """Masks the secrets that it knows. Threads may share it.

    :param secrets: the first of them.
    """

    def __init__(self, secrets: t.Iterable[str] = ()) -> None:
        self._secrets = frozenset(filter(None, secrets))
        self._signatures: collections.deque[str] = collections.deque(maxlen=_SIGNATURES)
        self._prepared: _Needles | None = None

    def add(self, secrets: t.Iterable[str]) -> None:
        """Add secrets."""
        more = self._secrets.union(filter(None, secrets))
        if more != self._secrets:
            self._secrets, self._prepared = more, None

    def add_signature(self, signature: str) -> None:
        """Mask the signature of a request during that request and some further ones."""
        self._signatures.append(signature)
        self._prepared = None

    def knows(self, text: str) -> bool:
        """Return whether a text is one of the secrets that are masked by value."""
        return len(text) >= SHORTEST and text in self._secrets

    def discard(self, secret: str) -> None:
        """Remove a secret."""
        self._secrets, self._prepared = self._secrets - {secret}, None

    @property
    def _needles(self) -> _Needles:
        prepared = self._prepared
        if prepared is None:
            self._prepared = prepared = _Needles({*self._secrets, *tuple(self._signatures)})
        return prepared

    def search(self, texts: t.Sequence[str]) -> list[str] | None:
        """Return the encodings of secrets that may occur in any of the texts, completely or in part; None if there is nothing to mask.

        For many texts, this is much faster than masking each of them.
        """
        return self._needles.search(texts)

    def data(self, text: str, needles: t.Sequence[str] | None = None) -> str:
        """Return a text of the platform or of a user, without secrets.

        :param needles: from `search`, to search only for these.
        """
        return _masked(text, [*self._needles.spans(text, needles), *_in_urls(text)])

    def composed(self, text: str, needles: t.Sequence[str] | None = None) -> str:
        """Return a text that this collection has composed, without secrets; its own words are never masked."""
        spans = [span for span in self._needles.spans(text, needles) if not _is_own(text, span)]
        return _masked(text, [*spans, *_in_urls(text)])

    def outside(self, text: str) -> str:
        """Return a text from a server or a library, without secrets, including short secrets and signed headers."""
        needles = self._needles
        # A library may quote the response of a server.
        spans = [*needles.spans(text, levels=LEVELS + 1), *_in_urls(text)]
        for found in _AUTHORIZATION.finditer(text):
            spans.append((found.start() + len(next(filter(None, found.groups()))), found.end()))
        for reading in needles.readings(text, LEVELS + 1) if needles.words else ():
            spans.extend((reading.place(found.start()), reading.place(found.end())) for word in needles.words for found in word.finditer(reading.text))
        return _masked(text, spans)


def _whole(text: str, needle: str) -> t.Iterator[Span]:
    start = text.find(needle)
    while start >= 0:
        yield start, start + len(needle)
        start = text.find(needle, start + len(needle))


def _segments(text: str) -> list[Span]:
    """Return the parts of a text between cuts."""
    cuts = [found.span() for found in _CUT.finditer(text)]
    return list(zip([0, *(end for _unused, end in cuts)], [*(start for start, _unused in cuts), len(text)]))


def _cut_parts(text: str) -> t.Iterator[str]:
    return (part for whole in text.split("\0") for part in (_CUT.split(whole) if "..." in whole or "\u2026" in whole else (whole,)))


def _torn_ends(text: str) -> list[int]:
    """Return the possible ends of a text without a cut escape."""
    return [place for place in range(max(0, len(text) - _TORN), len(text)) if text[place] in "\\%&"]


def _pieces(text: str, needle: str, segments: t.Sequence[Span]) -> t.Iterator[Span]:
    """Yield the positions where a segment ends with the start of the needle, or starts with its end."""
    head, tail = needle[:SHORTEST], needle[-SHORTEST:]
    for start, end in segments:
        if end - start < SHORTEST:
            continue
        # One further escape may be cut, which has several characters and represents one.
        first = max(start, end - len(needle) - _TORN)
        window = text[first:end]
        torn = _torn_ends(window)
        place = window.find(head)
        while place >= 0:
            if needle.startswith(window[place:]) or any(_begins(needle, window[place:whole], window[whole:]) for whole in torn):
                yield first + place, end
                break
            place = window.find(head, place + 1)
        window = text[start:start + len(needle) + _TORN]
        # The second half of an escaped backslash may start another escape.
        for begun in (window, CONTROLS[window[0]] + window[1:]) if window[0] in CONTROLS else (window,):
            place = begun.rfind(tail)
            while place >= 0:
                piece = begun[:place + SHORTEST]
                if needle.endswith(piece) or any(_ends(needle, piece[:rest], piece[rest:]) for rest in range(1, min(_TORN, place) + 1)):
                    yield start, start + len(piece)
                    break
                place = begun.rfind(tail, 0, place + SHORTEST - 1)


def _begins(needle: str, piece: str, torn: str) -> bool:
    """Return whether the needle starts with the piece, followed by the character whose escape was cut."""
    return needle.startswith(piece) and _has_spelling(needle[len(piece):][:1], torn, str.startswith)


def _ends(needle: str, torn: str, piece: str) -> bool:
    """Return whether the needle ends with the piece, preceded by the character whose escape was cut."""
    return needle.endswith(piece) and _has_spelling(needle[:-len(piece)][-1:], torn, str.endswith)


def _has_spelling(character: str, torn: str, fits: t.Callable[[str, str], bool]) -> bool:
    return character not in ("", "\0") and any(fits(spelling, torn.lower()) for spelling in spellings(character))


def _in_urls(text: str) -> t.Iterator[Span]:
    """Yield the positions of credentials in URLs."""
    if "@" in text:
        for found in _USER.finditer(text):
            scheme = _SCHEME.search(text[max(0, found.start() - 32):found.start()])
            if ":" in found.group(1) or (scheme and scheme.group(1).lower() in _TOKEN_SCHEMES):
                yield found.span(1)
    if "%" in text:
        for found in _ESCAPED_USER.finditer(text):
            yield found.span(2)
    end = 0
    for found in _PARAMETER.finditer(text):
        value = _VALUE.match(text, found.end()) if found.end() >= end and _SECRET_NAME.search(found.group(1)) else None
        if value:
            yield value.span()
            end = value.end()


def _masked(text: str, spans: t.Iterable[Span]) -> str:
    parts: list[str] = []
    end = 0
    masked = 0
    for start, stop in sorted(spans):
        if stop <= masked:
            continue
        # Overlapping or adjacent matches are one secret in several encodings.
        if start > masked or not parts:
            parts += [text[end:start], MASK]
        end = masked = stop
    return "".join((*parts, text[end:])) if parts else text


def _is_own(text: str, span: Span) -> bool:
    """Return whether the text at a position is a word of our own messages."""
    start, end = span
    while start and _WORD.match(text[start - 1]):
        start -= 1
    while end < len(text) and _WORD.match(text[end]):
        end += 1
    return text[start:end] in _own_words()


@functools.lru_cache(maxsize=1)
def _own_words() -> frozenset[str]:
    """Return every word in the texts of the loaded modules: those of all messages, and all names of options and calls."""
    words: set[str] = set()
    for name, module in list(sys.modules.items()):
        loader: t.Any = getattr(getattr(module, "__spec__", None), "loader", None)
        if name.startswith(_OURS) and hasattr(loader, "get_code"):
            words.update(word for text in _texts(loader.get_code(name)) for word in _WORD.findall(text))
    return frozenset(words)


def _texts(code: t.Any) -> t.Iterator[str]:
    pending = [code]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, types.CodeType):
            pending.extend((*item.co_consts, *item.co_names))
        elif isinstance(item, (tuple, frozenset)):
            pending.extend(item)


def is_secret_name(name: str) -> bool:
    """Return whether the name of a member or a parameter indicates a secret, such as ``apiKey`` or ``access_token``."""
    return bool(_SECRET_NAME.search(name))


def texts_in(value: t.Any, keys: bool = True) -> set[str]:
    """Return the texts and numbers in the value of a secret option, of any form.

    :param keys: whether the keys of maps are secret as well, for a value of the wrong form.
    """
    found: set[str] = set()
    pending = [value]
    for _unused in range(_MOST_TEXTS):
        if not pending:
            break
        one = pending.pop()
        if isinstance(one, dict):
            pending.extend([*one, *one.values()] if keys else one.values())
        elif isinstance(one, list):
            pending.extend(one)
        elif one not in (None, "") and not isinstance(one, bool) and not (isinstance(one, int) and one.bit_length() > _LONGEST_NUMBER):
            found.add(str(one))
    return found


_current: Masker | None = None


def current() -> Masker:
    """Return the masker of the current task; outside of a task, a new one without secrets."""
    return _current or Masker()


@contextlib.contextmanager
def masking(masker: Masker) -> t.Iterator[Masker]:
    """Return a context in which the masker is the current one. A process runs one task at a time; its threads share the masker."""
    global _current
    before, _current = _current, masker
    try:
        yield masker
    finally:
        _current = before
