# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of ``make bench``, from results as it stores them. The measurement itself takes too long for a test."""

from __future__ import annotations

import pytest

# A built collection is without the benchmark.
measure, methods, plan, report = (pytest.importorskip("benchmark.%s" % name) for name in ("measure", "methods", "plan", "report"))


def run(seconds, requests=4):
    return measure.Run(seconds=seconds, cpu=seconds, rss_mb=60.0, requests=requests, sign_ins=1, connections=1, differing=0)


def start_up(case, over):
    return {"case": case, "runs": 3, "seconds": 0.5, "cpu": 0.4, "over_ms": over, "cpu_over_ms": over, "requests": 3, "connections": 1}


def large(models, case, cpu):
    return {
        "models": models, "clones": models // 5, "case": case, "seconds": cpu, "cpu": cpu, "mb": models / 100, "requests": 7, "result_bytes": 2000}


LOOPS = {
    "items": 500, "latency_ms": 50, "changes": 5, "limit_seconds": 5.5, "rows": {
        "debug": {"seconds": 2.5, "cpu": 2.4, "requests": 0}, "unchanged": {"seconds": 3.0, "cpu": 2.9, "requests": 5},
        "changes": {"seconds": 4.0, "cpu": 3.0, "requests": 21}}}
CATALOG = {
    "yaml": "CSafeLoader", "unchanged": {
        "catalog_seconds": 0.9, "empty_seconds": 0.5, "script_seconds": 0.3, "times_of_the_script": 1.3, "requests": 6},
    "changed": {
        "seconds_over_an_empty_play": 3.0, "script_seconds": 4.0, "times_of_the_script": 0.75, "ideal_seconds": 1.85, "requests": 721,
        "script_requests": 1003, "cpu_seconds": 1.5, "script_cpu_seconds": 0.9}}
RESULTS = {
    "start_up": [start_up("empty play", 0), start_up("debug", 20), start_up("one model, unchanged", 80), start_up("one model, updated", 90)],
    "loops": LOOPS, "catalog": CATALOG, "large": [large(1000, "unchanged", 1.0), large(100_000, "unchanged", 150.0)]}
CELLS = plan.summarise({
    (0, 100, method): [run(seconds)] for method, seconds in (("empty", 0.5), ("loop", 1.0), ("uri", 30.5), ("empty_script", 0.01), ("script", 0.1))})


def test_each_part_has_a_table_and_its_goals_are_checked():
    sections = {section.title: report.as_text(section) for section in report.sections_of(RESULTS, CELLS)}
    assert list(sections) == [
        "Start-up", "A loop over 500 items, 50 ms server latency", "0 ms server latency", "How many times less one item costs", "A whole catalog",
        "Large catalogs"]
    assert "20% of the processor time of an empty play (at most 18%, such as 80 of 450 ms: MISSED)" in sections["Start-up"]
    assert "12 requests: met" in sections["A loop over 500 items, 50 ms server latency"]
    assert "at least 20: met" in sections["How many times less one item costs"]
    assert "at most 1: met" in sections["A whole catalog"] and "at most 600: MISSED" in sections["A whole catalog"]
    assert "1.50 times the CPU time of one of the smallest (at most 1.3: MISSED) and 8.5 KB (25: met)" in sections["Large catalogs"]


def test_parts_that_were_not_measured_are_left_out():
    assert report.sections_of({**dict.fromkeys(RESULTS), "loops": LOOPS}, []) == [report.sections_of(RESULTS, [])[1]]


def test_the_tables_replace_those_of_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n%s\nold\n%s\nafter\n" % (report.BEGIN, report.END), encoding="utf-8")
    report.update_page(page, report.sections_of(RESULTS, CELLS), "A machine.")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text and report.as_markdown(report.sections_of(RESULTS, [])[0]) in text


@pytest.mark.parametrize("method, items, latency, expected", [
    ("loop", 500, 50, True), ("uri", 100, 0, True), ("uri", 500, 0, False), ("uri", 100, 50, False), ("uri", 10, 50, True), ("tasks", 500, 0, False),
])
def test_slow_methods_run_with_few_items(method, items, latency, expected):
    assert plan.is_measured(methods.METHODS[method], items, latency) is expected
