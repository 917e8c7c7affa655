# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Show values to people, and the differences between two values. Pure."""

from __future__ import annotations

import re
import typing as t

import yaml
from ansible_collections.zstack.aios.plugins.plugin_utils._difference import Budget, grouped, likeness, opcodes

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible

# Maximum length of a value on one line; longer values, and values of several lines, are shown line by line.
SHORT = 120
# Unchanged lines around a change
CONTEXT = 3
# Maximum number of pairs of lines that are compared to find the most similar ones.
_PAIRS = 400
# The cost of comparing two lines, in steps of the budget.
_LIKENESS_STEPS = 200
_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
# The type as which YAML reads a plain text
_RESOLVER = yaml.resolver.Resolver()

# A part of a line: whether it differs, and its text.
Segment = tuple[bool, str]
Row = dict[str, t.Any]


def text_of(value: t.Any) -> str:
    """Return a value in YAML spelling; several lines for a long value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, (int, float)):
        return str(value)
    flow = _dumped(value, True)
    nested = any(isinstance(entry, (dict, list)) for entry in (value.values() if isinstance(value, dict) else value))
    return flow if len(flow) <= SHORT and not nested else _dumped(value, False)


def _text(value: str) -> str:
    text = visible(value.replace("\r\n", "\n").rstrip("\n"), lines=True)
    # Quotes only if YAML would not read the plain text as this text.
    plain = text.strip() and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"
    return text if plain else '"%s"' % text


def _dumped(value: t.Any, flow: bool) -> str:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True, sort_keys=False, width=float("inf"))
    return visible(text.rstrip("\n"), lines=True)


def value_diff(before: t.Any, after: t.Any) -> dict[str, t.Any]:
    """Return the differences between two values.

    :returns: ``long``; for short values ``before`` and ``after`` as segments; for long ones ``rows`` with both sides; always the numbers of ``added`` and
        ``removed`` lines.
    """
    left, right = text_of(before), text_of(after)
    if "\n" not in left + right and max(len(left), len(right)) <= SHORT:
        segments = _inline(left, right)
        return {"long": False, "before": segments[0], "after": segments[1], "rows": [], "added": 0, "removed": 0}
    rows = list(_rows([] if before in (None, "") else left.split("\n"), [] if after in (None, "") else right.split("\n")))
    return {
        "long": True, "before": [], "after": [], "rows": rows,
        "added": sum(row["kind"] in ("add", "change") for row in rows), "removed": sum(row["kind"] in ("remove", "change") for row in rows)}


def _rows(left: list[str], right: list[str]) -> t.Iterator[Row]:
    budget, within = Budget(), Budget()
    seen = 0
    for group in grouped(opcodes(left, right, budget), CONTEXT):
        start = group[0][1]
        if start > seen:
            yield _gap(start - seen)
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                for offset in range(i2 - i1):
                    yield _row("same", i1 + offset, j1 + offset, [(False, left[i1 + offset])], [(False, right[j1 + offset])])
                continue
            for i, j in _pairs(left, right, range(i1, i2), range(j1, j2), within):
                if i is not None and j is not None:
                    yield _row("change", i, j, *_inline(left[i], right[j], within))
                elif i is not None:
                    yield _row("remove", i, None, [(False, left[i])], [])
                elif j is not None:
                    yield _row("add", None, j, [], [(False, right[j])])
        seen = group[-1][2]
    if len(left) > seen:
        yield _gap(len(left) - seen)


def _pairs(left: list[str], right: list[str], ours: range, theirs: range, budget: Budget) -> t.Iterator[tuple[int | None, int | None]]:
    """Yield the lines of a replaced part, with similar lines in one row, in the order of both sides."""
    if len(ours) * len(theirs) > _PAIRS or not budget.spend(len(ours) * len(theirs) * _LIKENESS_STEPS):
        for offset in range(max(len(ours), len(theirs))):
            yield (ours[offset] if offset < len(ours) else None, theirs[offset] if offset < len(theirs) else None)
        return
    # best[i][j]: the maximum similarity from the ith and the jth line on
    alike = [[_likeness(left[i], right[j]) for j in theirs] for i in ours]
    best = [[0.0] * (len(theirs) + 1) for _unused in range(len(ours) + 1)]
    for i in reversed(range(len(ours))):
        for j in reversed(range(len(theirs))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0)
    i = j = 0
    while i < len(ours) or j < len(theirs):
        if i < len(ours) and j < len(theirs) and alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            yield ours[i], theirs[j]
            i, j = i + 1, j + 1
        elif j == len(theirs) or (i < len(ours) and best[i][j] == best[i + 1][j]):
            yield ours[i], None
            i += 1
        else:
            yield None, theirs[j]
            j += 1


def _likeness(left: str, right: str) -> float:
    """Return the similarity of two lines, 0 if they are too different for one row."""
    ratio = likeness(left[:200].strip(), right[:200].strip())
    return ratio if ratio >= 0.5 else 0.0


def _row(kind: str, left: int | None, right: int | None, before: list[Segment], after: list[Segment]) -> Row:
    return {
        "kind": kind, "before_line": None if left is None else left + 1, "after_line": None if right is None else right + 1,
        "before": before, "after": after, "count": 1}


def _gap(count: int) -> Row:
    return {"kind": "gap", "before_line": None, "after_line": None, "before": [], "after": [], "count": count}


def _inline(left: str, right: str, budget: Budget | None = None) -> tuple[list[Segment], list[Segment]]:
    """Return both lines with the differing words marked; whole lines if they have little in common, or if the comparison would take too long."""
    ours, theirs = _TOKENS.findall(left[:1000]), _TOKENS.findall(right[:1000])
    found = [] if len(left) > 1000 or len(right) > 1000 else opcodes(ours, theirs, budget or Budget())
    equal = sum(i2 - i1 for tag, i1, i2, _unused, _unused in found if tag == "equal")
    if equal * 2 < 0.4 * (len(ours) + len(theirs)):
        return [(True, left)], [(True, right)]
    before: list[Segment] = []
    after: list[Segment] = []
    for tag, i1, i2, j1, j2 in found:
        for segments, text in ((before, "".join(ours[i1:i2])), (after, "".join(theirs[j1:j2]))):
            if text:
                segments.append((tag != "equal", text))
    return before, after


def unified(rows: t.Sequence[Row], limit: int = 0) -> list[str]:
    """Return the rows as lines that begin with a blank, a minus or a plus, removals before additions.

    :param limit: maximum number of lines, after which the others are only counted; 0 for no limit.
    """
    lines: list[str] = []
    added: list[str] = []
    for row in rows:
        if row["kind"] not in ("change", "add", "remove"):
            lines.extend(added)
            added = []
        if row["kind"] == "gap":
            lines.append("@@ %s @@" % count_of(row["count"], "unchanged line"))
        elif row["kind"] == "same":
            lines.append(" " + _joined(row["before"]))
        if row["kind"] in ("change", "remove"):
            lines.append("-" + _joined(row["before"]))
        if row["kind"] in ("change", "add"):
            added.append("+" + _joined(row["after"]))
    lines.extend(added)
    return lines if not limit or len(lines) <= limit + 1 else [*lines[:limit], "@@ %d more lines @@" % (len(lines) - limit)]


def _joined(segments: t.Sequence[Segment]) -> str:
    return "".join(text for _unused, text in segments)


def count_of(count: int, noun: str) -> str:
    """Return the count with its noun, in the plural if required."""
    return "%d %s%s" % (count, noun, "" if count == 1 else "s")
