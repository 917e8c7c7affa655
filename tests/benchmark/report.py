# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results as text: tables for the terminal, and the same for the documentation."""

from __future__ import annotations

import dataclasses
import pathlib
import typing as t

from benchmark.plan import Cell
from benchmark.methods import METHODS

BEGIN, END = "<!-- begin: written by make bench -->", "<!-- end: written by make bench -->"
ORDER = ("empty", "loop", "loop_module", "uri", "tasks", "tasks_session", "tasks_module", "empty_script", "script")
COLUMNS = ("items", "method", "runs", "median s", "least s", "ms per item", "CPU s", "requests", "sign-ins", "connections", "peak MB")
# What the collection is held to: the first way costs that many times less than the second one.
GOALS = {("loop", "uri"): 20.0, ("tasks", "tasks_module"): 8.0}
COMPARED = (("loop", "uri"), ("loop", "loop_module"), ("tasks", "tasks_module"), ("tasks_session", "tasks_module"), ("script", "loop"))
GOAL_ITEMS, GOAL_LATENCY = 100, 0

Row = t.Sequence[str]


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the report.

    :param notes: sentences below the table.
    """

    title: str
    columns: Row
    rows: t.Sequence[Row]
    notes: t.Sequence[str] = ()


def as_text(section: Section) -> str:
    """For a terminal."""
    widths = [max(len(row[number]) for row in (section.columns, *section.rows)) for number in range(len(section.columns))]
    lines = [section.title, "-" * len(section.title)]
    for row in (section.columns, *section.rows):
        cells = (cell.ljust(width) if _is_words(number, section) else cell.rjust(width) for number, (cell, width) in enumerate(zip(row, widths)))
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, *section.notes]) + "\n"


def as_markdown(section: Section) -> str:
    """For the documentation."""
    marks = ["---" if _is_words(number, section) else "---:" for number in range(len(section.columns))]
    lines = ["| %s |" % " | ".join(row) for row in (section.columns, marks, *section.rows)]
    return "\n".join(["**%s**" % section.title, "", *lines, *(part for note in section.notes for part in ("", note))]) + "\n"


def _is_words(number: int, section: Section) -> bool:
    return not all(row[number][:1].isdigit() or row[number][:1] in "-" for row in section.rows)


def cost_sections(cells: t.Sequence[Cell]) -> list[Section]:
    """What each way costs, a table for each latency."""
    return [
        Section("%d ms server latency" % latency, COLUMNS, [
            _row(cell) for cell in sorted((cell for cell in cells if cell.latency == latency), key=lambda cell: (cell.items, ORDER.index(cell.method)))])
        for latency in sorted({cell.latency for cell in cells})]


def _row(cell: Cell) -> Row:
    return (
        str(cell.items), METHODS[cell.method].title, str(cell.runs), "%.2f" % cell.seconds, "%.2f" % cell.least,
        _number(cell.per_item_ms), "%.2f" % cell.cpu, str(cell.requests), str(cell.sign_ins), str(cell.connections),
        "%.0f" % cell.rss_mb)


def ratio_section(cells: t.Sequence[Cell]) -> Section:
    """How many times less the collection costs than the peers, over an empty play."""
    known = {(cell.latency, cell.items, cell.method): cell for cell in cells}
    rows = []
    for latency, items in sorted({(cell.latency, cell.items) for cell in cells}):
        for quick, slow in COMPARED:
            mine, theirs = known.get((latency, items, quick)), known.get((latency, items, slow))
            if not mine or not theirs:
                continue
            goal = GOALS.get((quick, slow)) if (items, latency) == (GOAL_ITEMS, GOAL_LATENCY) else None
            times, in_cpu = _ratio(theirs.per_item_ms, mine.per_item_ms), _ratio(theirs.cpu_per_item_ms, mine.cpu_per_item_ms)
            verdict = "" if goal is None else "at least %.0f: %s" % (goal, "met" if times and times >= goal else "MISSED")
            rows.append((str(latency), str(items), METHODS[quick].title, METHODS[slow].title, _number(times), _number(in_cpu), verdict))
    columns = ("latency ms", "items", "this", "than that", "times less", "times less CPU", "goal")
    return Section("How many times less one item costs", columns, rows)


def _ratio(theirs: float | None, mine: float | None) -> float | None:
    # A difference of two medians may be nothing or less, with one item on a busy machine.
    return theirs / mine if theirs and mine and theirs > 0 and mine > 0 else None


def _number(value: float | None) -> str:
    return "-" if value is None else "%.1f" % value


def catalog_sections(catalog: t.Mapping[str, t.Any]) -> list[Section]:
    """What `benchmark.catalog_bench` measured."""
    unchanged, changed = catalog["unchanged"], catalog["changed"]
    values: tuple[tuple[str, float, str, float | None], ...] = (
        ("1000 models and 300 clones, nothing differs: seconds of the play", unchanged["catalog_seconds"], "%.2f", None),
        ("... of an empty play", unchanged["empty_seconds"], "%.2f", None),
        ("... of a bare script", unchanged["script_seconds"], "%.2f", None),
        ("... play without the empty one, over the script", unchanged["times_of_the_script"], "%.2f", 1.5),
        ("... requests", unchanged["requests"], "%d", 12),
        ("500 models, all changed, 50 ms latency, 16 at a time: seconds over an empty play", changed["seconds_over_an_empty_play"], "%.2f", None),
        ("... ideal seconds: waiting alone, 4 calls in a row and 32 rounds of two", changed["ideal_seconds"], "%.2f", None),
        ("... over the ideal", changed["times_of_the_ideal"], "%.2f", 1.3),
        ("... requests", changed["requests"], "%d", None),
    )
    rows = []
    for text, value, form, goal in values:
        verdict = "" if goal is None else "at most %g: %s" % (goal, "met" if value <= goal else "MISSED")
        rows.append((text, form % value, verdict))
    grown = [(str(row["models"]), "%.2f" % row["seconds"], "%.0f" % row["mb"], str(row["requests"])) for row in catalog["growth"]]
    note = "The files are read with %s of PyYAML, by the script as well." % catalog["yaml"]
    return [
        Section("A whole catalog", ("what", "value", "goal"), rows, (note,)),
        Section("How a catalog grows, over an empty play", ("models", "seconds", "peak MB", "requests"), grown),
    ]


def update_page(page: pathlib.Path, sections: t.Sequence[Section], machine: str) -> None:
    """Put the tables between the two marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    block = "\n".join([BEGIN, "", machine, "", *(as_markdown(section) for section in sections), END])
    page.write_text(before + block + after, encoding="utf-8")
