# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``make bench`` does: measure, print the tables, draw the plots. ``make bench ARGS=--help`` lists the options."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import shutil
import tempfile
import time
import typing as t

from ansible.release import __version__ as core_version

from benchmark import catalog_bench
from benchmark.measure import Run
from benchmark.plan import Runs, Settings, measure, summarise
from benchmark.report import Section, as_text, catalog_sections, cost_sections, ratio_section, update_page
from simulator.testing import RunningSimulator

NOTES = (
    "Each run is a whole process; the ways run in turn, and a value is the median of the runs.",
    "ms per item: over an empty play with the same variables (for the script: over an empty script).",
    "peak MB: resident memory of the largest process of the run, not the sum of all.",
    "Ways that start a process for each item do not run with 500 items with --short.",
)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the speed of the collection against the simulator.")
    parser.add_argument("--quick", action="store_true", help="few runs of few items, to try the benchmark itself")
    parser.add_argument("--short", action="store_true", help="leave out the slow ways with 500 items (saves about a quarter of an hour)")
    parser.add_argument("--parts", type=lambda text: text.split(","), default=["items", "catalog"], help="items, catalog, or both (items,catalog)")
    parser.add_argument("--items", type=_numbers, help="numbers of items, such as 1,10,100,500")
    parser.add_argument("--latency", type=_numbers, help="server latencies in ms, such as 0,50")
    parser.add_argument("--runs", type=int, help="rounds for each number of items and latency")
    parser.add_argument("--cell-seconds", type=float, default=150, help="begin no further round of a size and latency after this time")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(".work/bench"), help="where the results go (%(default)s)")
    parser.add_argument("--from-results", action="store_true", help="measure nothing; show the results that are there")
    parser.add_argument("--update-docs", action="store_true", help="put tables and plots into the documentation")
    parser.add_argument("--docs", type=pathlib.Path, default=pathlib.Path("docs"), help="where the documentation is (%(default)s)")
    return parser.parse_args()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def settings_of(given: argparse.Namespace) -> Settings:
    items, runs = ((1, 10), 1) if given.quick else ((1, 10, 100, 500), 3)
    return Settings(given.items or items, given.latency or (0, 50), given.runs or runs, given.cell_seconds, not given.short)


def machine() -> str:
    """The machine in general words."""
    return "%s, %d cores (load %.1f at the start), Python %s, ansible-core %s, %s" % (
        platform.system(), os.cpu_count() or 0, os.getloadavg()[0], platform.python_version(), core_version, time.strftime("%Y-%m-%d"))


def run_all(settings: Settings, parts: t.Sequence[str]) -> dict[str, t.Any]:
    """Measure; the results as they are stored."""
    where = machine()
    return {
        "machine": where, "settings": dataclasses.asdict(settings), "runs": run_items(settings) if "items" in parts else [],
        "catalog": catalog_bench.measure(settings.runs) if "catalog" in parts else None}


def run_items(settings: Settings) -> list[dict[str, t.Any]]:
    """Measure the costs of one item."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, RunningSimulator(db=":memory:", seed="none") as simulator:
        def say(text: str) -> None:
            print("%5.0f s  %s" % (time.monotonic() - begun, text), flush=True)

        found = measure(settings, simulator, pathlib.Path(directory), say)
    return [
        {"latency_ms": latency, "items": items, "method": method, **dataclasses.asdict(run)}
        for (latency, items, method), found_runs in found.items() for run in found_runs]


def runs_of(results: dict[str, t.Any]) -> Runs:
    """The runs out of stored results."""
    found: Runs = {}
    for entry in results["runs"]:
        values = {field.name: entry[field.name] for field in dataclasses.fields(Run)}
        found.setdefault((entry["latency_ms"], entry["items"], entry["method"]), []).append(Run(**values))
    return found


def main() -> None:
    given = parse()
    given.output.mkdir(parents=True, exist_ok=True)
    stored = given.output / "results.json"
    if not given.from_results:
        stored.write_text(json.dumps(run_all(settings_of(given), given.parts), indent=1) + "\n", encoding="utf-8")
    results = json.loads(stored.read_text(encoding="utf-8"))
    cells, catalog = summarise(runs_of(results)), results["catalog"]
    sections: list[Section] = [*(cost_sections(cells) if cells else ()), *(catalog_sections(catalog) if catalog else ())]
    sections += [ratio_section(cells)] if cells else []
    text = "\n".join([results["machine"], *NOTES, "", *(as_text(section) for section in sections)])
    (given.output / "table.txt").write_text(text, encoding="utf-8")
    print("\n" + text)
    # Only here, because importing it makes this process large while it starts others.
    from benchmark.plot import plot_costs, plot_growth

    pictures = [*(plot_costs(cells, given.output) if cells else ()), *(plot_growth(catalog["growth"], given.output) if catalog else ())]
    if given.update_docs:
        update_page(given.docs / "performance.md", sections, results["machine"] + ".")
        (given.docs / "images").mkdir(exist_ok=True)
        for picture in pictures:
            if picture.suffix == ".svg":
                shutil.copy(picture, given.docs / "images")
    print("Written to %s: results.json, table.txt, %s" % (given.output, ", ".join(picture.name for picture in pictures)))


if __name__ == "__main__":
    main()
