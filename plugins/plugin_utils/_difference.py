# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The differences between two sequences, in bounded time. Pure.

The comparison of the standard library takes cubic time for repeated elements: two texts of a thousand equal lines take minutes.
"""

from __future__ import annotations

import bisect
import collections
import difflib
import typing as t

Opcode = tuple[str, int, int, int, int]

# Maximum number of pairs of equal elements in one comparison, about half a second.
MOST_STEPS = 2_000_000


class Budget:
    """The remaining steps for the comparisons of one value."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self.left = steps

    def takes(self, left: t.Sequence[str], right: t.Sequence[str]) -> bool:
        """Return whether the two sequences can be compared exactly; if so, subtract the steps."""
        return self.spend(steps_of(left, right))

    def spend(self, steps: int) -> bool:
        """Return whether that many steps are left; if so, subtract them."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


def steps_of(left: t.Sequence[str], right: t.Sequence[str]) -> int:
    """Return the maximum number of steps of `difflib`: for each equal block, all pairs of equal elements."""
    ours, theirs = collections.Counter(left), collections.Counter(right)
    pairs = sum(count * theirs[element] for element, count in ours.items())
    blocks = min(sum((ours & theirs).values()), len(left), len(right)) + 1
    return (pairs + len(left)) * blocks


def opcodes(left: t.Sequence[str], right: t.Sequence[str], budget: Budget) -> list[Opcode]:
    """Return the operations that convert the left sequence to the right one, as `difflib.SequenceMatcher.get_opcodes` does.

    If an exact comparison would take too long, the sequences are divided at the elements that occur once on both sides; a part that can be neither compared
    nor divided is replaced as a whole.
    """
    start = _common(left, right, len(left), len(right), 1)
    end = _common(left, right, len(left) - start, len(right) - start, -1)
    found: list[Opcode] = [("equal", 0, start, 0, start)] if start else []
    found.extend(_between(left, right, start, len(left) - end, start, len(right) - end, budget))
    if end:
        found.append(("equal", len(left) - end, len(left), len(right) - end, len(right)))
    return _joined(found)


def _common(left: t.Sequence[str], right: t.Sequence[str], ours: int, theirs: int, step: int) -> int:
    """Return the number of equal elements at the start (step 1) or the end (step -1)."""
    count, most = 0, min(ours, theirs)
    while count < most and left[count if step > 0 else -1 - count] == right[count if step > 0 else -1 - count]:
        count += 1
    return count


def _between(left: t.Sequence[str], right: t.Sequence[str], i1: int, i2: int, j1: int, j2: int, budget: Budget) -> t.Iterator[Opcode]:
    if i1 == i2 or j1 == j2:
        if i1 < i2 or j1 < j2:
            yield ("delete" if i1 < i2 else "insert", i1, i2, j1, j2)
        return
    ours, theirs = left[i1:i2], right[j1:j2]
    if budget.takes(ours, theirs):
        for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
            yield tag, i1 + a1, i1 + a2, j1 + b1, j1 + b2
        return
    at, other = i1, j1
    for i, j in _anchors(ours, theirs):
        if i1 + i >= at and j1 + j >= other:
            # Divided once: a part that is still too large and has no such element is replaced.
            yield from _part(left, right, at, i1 + i, other, j1 + j, budget)
            yield "equal", i1 + i, i1 + i + 1, j1 + j, j1 + j + 1
            at, other = i1 + i + 1, j1 + j + 1
    yield from _part(left, right, at, i2, other, j2, budget)


def _part(left: t.Sequence[str], right: t.Sequence[str], i1: int, i2: int, j1: int, j2: int, budget: Budget) -> t.Iterator[Opcode]:
    ours, theirs = left[i1:i2], right[j1:j2]
    if ours and theirs and not budget.takes(ours, theirs):
        yield "replace", i1, i2, j1, j2
    elif ours or theirs:
        for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
            yield tag, i1 + a1, i1 + a2, j1 + b1, j1 + b2


def _anchors(left: t.Sequence[str], right: t.Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest list of pairs of elements that occur once on each side, in the order of both sides."""
    ours, theirs = collections.Counter(left), collections.Counter(right)
    where = {element: index for index, element in enumerate(right) if theirs[element] == 1}
    pairs = [(index, where[element]) for index, element in enumerate(left) if ours[element] == 1 and element in where]
    return _rising(pairs)


def _rising(pairs: t.Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence of the pairs whose second numbers increase, in n log n steps."""
    tails: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for index, (_unused, value) in enumerate(pairs):
        place = bisect.bisect_left(tails, value)
        before.append(places[place - 1] if place else -1)
        tails[place:place + 1] = [value]
        places[place:place + 1] = [index]
    found: list[tuple[int, int]] = []
    index = places[-1] if places else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]


def _joined(found: t.Sequence[Opcode]) -> list[Opcode]:
    """Return the operations with adjacent operations of the same kind joined."""
    joined: list[Opcode] = []
    for tag, i1, i2, j1, j2 in found:
        if joined and joined[-1][0] == tag:
            joined[-1] = (tag, joined[-1][1], i2, joined[-1][3], j2)
        else:
            joined.append((tag, i1, i2, j1, j2))
    return joined


def grouped(found: t.Sequence[Opcode], context: int) -> t.Iterator[list[Opcode]]:
    """Yield the operations in groups with a limited number of equal elements around each change."""
    group: list[Opcode] = []
    for number, (tag, i1, i2, j1, j2) in enumerate(found):
        if tag != "equal":
            group.append((tag, i1, i2, j1, j2))
            continue
        is_last = number == len(found) - 1
        if group and (is_last or i2 - i1 > 2 * context):
            group.append((tag, i1, min(i2, i1 + context), j1, min(j2, j1 + context)))
            yield group
            group = []
        elif group:
            group.append((tag, i1, i2, j1, j2))
            continue
        if not is_last:
            group = [(tag, max(i1, i2 - context), i2, max(j1, j2 - context), j2)]
    if any(tag != "equal" for tag, *_unused in group):
        yield group


def likeness(left: str, right: str) -> float:
    """Return the similarity of two lines, from 0 to 1: their common characters in any order, in linear time."""
    return difflib.SequenceMatcher(None, left, right, autojunk=False).quick_ratio()
