# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Detect misspelled names. Pure."""

from __future__ import annotations

import re
import typing as t

_WORD = re.compile(r"[A-Za-z]+")
_NOT_WORD = re.compile(r"[\W_]+")
# Length of the shortest word in which two swapped letters, an additional letter or a different letter is an error and not another name.
_SWAPPED, _MORE, _OTHER = 4, 5, 6
# Length of the longest word that is compared.
_LONGEST = 40

Key = tuple[str, tuple[str, ...], str]


class Spellings:
    """Finds the name of which a text is a misspelling, without comparing it with every name.

    :param names: the names that exist.
    """

    def __init__(self, names: t.Iterable[str]) -> None:
        self._flat: dict[str, str] = {}
        self._near: dict[Key, list[str]] = {}
        for name in names:
            self._flat.setdefault(_flat(name), name)
            for key in _keys(name):
                self._near.setdefault(key, []).append(name)

    def nearest(self, text: str) -> str | None:
        """Return the first name that the text is a misspelling of."""
        candidates = [self._flat[_flat(text)]] if _flat(text) in self._flat else []
        candidates.extend(name for key in _keys(text) for name in self._near.get(key, ()))
        return next((name for name in dict.fromkeys(candidates) if is_misspelling(text, name)), None)


def is_misspelling(text: str, name: str) -> bool:
    """Return whether a text is almost certainly a misspelling of a name.

    That is so if only case, blanks and punctuation differ, or one word of several letters has one error. Names that differ in a number, such as
    ``qwen3-8b`` and ``qwen3-32b``, are different names.
    """
    if _flat(text) == _flat(name):
        return bool(_flat(text)) and re.findall(r"\d+", text) == re.findall(r"\d+", name)
    ours, theirs = text.casefold(), name.casefold()
    if _WORD.sub("", ours) != _WORD.sub("", theirs):
        return False
    differing = [pair for pair in zip(_WORD.findall(ours), _WORD.findall(theirs)) if pair[0] != pair[1]]
    return len(differing) == 1 and _has_one_error(*differing[0])


def _flat(text: str) -> str:
    return _NOT_WORD.sub("", text).casefold()


def _keys(text: str) -> t.Iterator[Key]:
    """Yield keys; two texts share a key if one of their words differs in one letter, or in two swapped letters.

    Such words become the same when at most one letter of each is removed.
    """
    folded = text.casefold()
    rest, words = _WORD.sub("", folded), _WORD.findall(folded)
    for number, word in enumerate(words):
        if _SWAPPED <= len(word) <= _LONGEST:
            others = (*words[:number], "", *words[number + 1:])
            yield rest, others, word
            for place in range(len(word)):
                yield rest, others, word[:place] + word[place + 1:]


def _has_one_error(one: str, other: str) -> bool:
    """Return whether two words differ by two swapped letters, one missing or additional letter, or one different letter."""
    start = next((index for index, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
    ours, theirs = one[start:], other[start:]
    if max(len(one), len(other)) > _LONGEST:
        return False
    if len(one) == len(other):
        if ours[2:] == theirs[2:] and ours[:2] == theirs[1::-1]:
            return len(one) >= _SWAPPED
        return ours[1:] == theirs[1:] and len(one) >= _OTHER
    longer, shorter = sorted((ours, theirs), key=len, reverse=True)
    return longer[1:] == shorter and max(len(one), len(other)) >= _MORE
