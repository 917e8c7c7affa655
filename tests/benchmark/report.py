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
COLUMNS = ("items", "method", "runs", "median s", "minimum s", "ms per item", "CPU s", "requests", "sign-ins", "connections", "peak MB")
# Goals: the first method costs that many times less than the second one.
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
    """Return the cost of each method, a table for each latency."""
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
    """Return how many times less the collection costs than the peers, over an empty play."""
    known = {(cell.latency, cell.items, cell.method): cell for cell in cells}
    rows = []
    for latency, items in sorted({(cell.latency, cell.items) for cell in cells}):
        for quick, slow in COMPARED:
            mine, theirs = known.get((latency, items, quick)), known.get((latency, items, slow))
            if not mine or not theirs:
                continue
            goal = GOALS.get((quick, slow)) if (items, latency) == (GOAL_ITEMS, GOAL_LATENCY) else None
            times, in_cpu = _ratio(theirs.per_item_ms, mine.per_item_ms), _ratio(theirs.cpu_per_item_ms, mine.cpu_per_item_ms)
            verdict = "" if goal is None else "at least %.0f: %s" % (goal, _verdict(bool(times and times >= goal)))
            rows.append((str(latency), str(items), METHODS[quick].title, METHODS[slow].title, _number(times), _number(in_cpu), verdict))
    columns = ("latency ms", "items", "this", "than that", "times less", "times less CPU", "goal")
    return Section("How many times less one item costs", columns, rows)


def _ratio(theirs: float | None, mine: float | None) -> float | None:
    # A difference of two medians may be nothing or less, with one item on a busy machine.
    return theirs / mine if theirs and mine and theirs > 0 and mine > 0 else None


def _number(value: float | None) -> str:
    return "-" if value is None else "%.1f" % value


def start_up_section(rows: t.Sequence[t.Mapping[str, t.Any]]) -> Section:
    """Return what `benchmark.start_up` measured."""
    columns = ("play", "runs", "median s", "CPU s", "ms over the empty play", "CPU ms over the empty play", "requests", "connections")
    found = [(
        row["case"], str(row["runs"]), "%.2f" % row["seconds"], "%.2f" % row["cpu"], "%.0f" % row["over_ms"], "%.0f" % row["cpu_over_ms"],
        str(row["requests"]), str(row["connections"])) for row in rows]
    empty, unchanged = rows[0], rows[2]
    share = unchanged["cpu_over_ms"] / 1000 / empty["cpu"]
    note = "One unchanged model costs %.0f%% of the processor time of an empty play (at most 18%%, such as 80 of 450 ms: %s)." % (
        100 * share, "met" if share <= 0.18 else "MISSED")
    return Section("Start-up", columns, found, (note,))


def loops_section(found: t.Mapping[str, t.Any]) -> Section:
    """Return what `benchmark.loops` measured."""
    rows, requests = found["rows"], 10 + 2
    titles = {"debug": "debug", "unchanged": "models, unchanged", "changes": "models, %d updated" % found["changes"]}
    goals = {"unchanged": "at most %.1f s and %d requests: %s" % (
        found["limit_seconds"], requests,
        _verdict(rows["unchanged"]["seconds"] <= found["limit_seconds"] and rows["unchanged"]["requests"] <= requests))}
    return Section(
        "A loop over %d items, %d ms server latency" % (found["items"], found["latency_ms"]), ("loop", "median s", "CPU s", "requests", "goal"),
        [(titles[case], "%.2f" % row["seconds"], "%.2f" % row["cpu"], str(row["requests"]), goals.get(case, "")) for case, row in rows.items()],
        ("The requests include sign-in and sign-out.",))


def catalog_section(catalog: t.Mapping[str, t.Any]) -> Section:
    """Return what `benchmark.catalog_bench` measured."""
    unchanged, changed = catalog["unchanged"], catalog["changed"]
    values: tuple[tuple[str, float, str, float | None], ...] = (
        ("1000 models and 300 clones, unchanged: seconds of the play", unchanged["catalog_seconds"], "%.2f", None),
        ("... of an empty play", unchanged["empty_seconds"], "%.2f", None),
        ("... of a bare script", unchanged["script_seconds"], "%.2f", None),
        ("... play without the empty one, divided by the script", unchanged["times_of_the_script"], "%.2f", 1.5),
        ("... requests", unchanged["requests"], "%d", 12),
        ("500 models, all updated, 50 ms latency, 16 in parallel: seconds over an empty play", changed["seconds_over_an_empty_play"], "%.2f", None),
        ("... of a bare script with the same concurrency", changed["script_seconds"], "%.2f", None),
        ("... divided by the script", changed["times_of_the_script"], "%.2f", 1.0),
        ("... of the latency alone, 32 rounds of one call and 5 requests in sequence", changed["ideal_seconds"], "%.2f", None),
        ("... requests", changed["requests"], "%d", 600),
        ("... requests of the script", changed["script_requests"], "%d", None),
        ("... CPU seconds over an empty play", changed["cpu_seconds"], "%.2f", None),
        ("... CPU seconds of the script", changed["script_cpu_seconds"], "%.2f", None),
    )
    rows = [(text, form % value, "" if goal is None else "at most %g: %s" % (goal, _verdict(value <= goal))) for text, value, form, goal in values]
    return Section("A whole catalog", ("measure", "value", "goal"), rows, ("%s of PyYAML reads the files, also in the scripts." % catalog["yaml"],))


def large_section(rows: t.Sequence[t.Mapping[str, t.Any]]) -> Section:
    """Return what `benchmark.large` measured."""
    columns = ("models", "clones", "case", "s", "CPU ms per object", "KB per object", "requests", "result KB")
    found = [(
        str(row["models"]), str(row["clones"]), row["case"], "%.1f" % row["seconds"], "%.2f" % cost(row), "%.1f" % memory(row), str(row["requests"]),
        "%.0f" % (row["result_bytes"] / 1000)) for row in rows]
    notes = ["Seconds, processor time and memory are in addition to an empty play. The result is what AWX stores."]
    for case in dict.fromkeys(row["case"] for row in rows):
        of_case = [row for row in rows if row["case"] == case]
        growth = cost(of_case[-1]) / cost(of_case[0])
        notes.append("%s: an object of the largest catalog costs %.2f times the CPU time of one of the smallest (at most 1.3: %s) and %.1f KB (25: %s)." % (
            case, growth, _verdict(growth <= 1.3), memory(of_case[-1]), _verdict(memory(of_case[-1]) < 25)))
    return Section("Large catalogs", columns, found, [" ".join(notes)])


def cost(row: t.Mapping[str, t.Any]) -> float:
    """CPU milliseconds per object."""
    return t.cast(float, row["cpu"] * 1000 / (row["models"] + row["clones"]))


def memory(row: t.Mapping[str, t.Any]) -> float:
    """Kilobytes per object."""
    return t.cast(float, row["mb"] * 1024 / (row["models"] + row["clones"]))


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def sections_of(results: t.Mapping[str, t.Any], cells: t.Sequence[Cell]) -> list[Section]:
    """Return all parts of the report that were measured."""
    sections = []
    if results["start_up"]:
        sections.append(start_up_section(results["start_up"]))
    if results["loops"]:
        sections.append(loops_section(results["loops"]))
    if cells:
        sections += [*cost_sections(cells), ratio_section(cells)]
    if results["catalog"]:
        sections.append(catalog_section(results["catalog"]))
    if results["large"]:
        sections.append(large_section(results["large"]))
    return sections


def update_page(page: pathlib.Path, sections: t.Sequence[Section], machine: str) -> None:
    """Put the tables between the two marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    block = "\n".join([BEGIN, "", machine, "", *(as_markdown(section) for section in sections), END])
    page.write_text(before + block + after, encoding="utf-8")
