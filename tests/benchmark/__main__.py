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

from benchmark import catalog_bench, large, loops, start_up
from benchmark.measure import Run
from benchmark.plan import Runs, Settings, measure, summarise
from benchmark.report import as_text, sections_of, update_page
from simulator.testing import RunningSimulator

PARTS = ("start-up", "loops", "items", "catalog", "large")
NOTES = (
    "Each run is a whole process; the methods run in turn, and a value is the median of the runs.",
    "ms per item: in addition to an empty play with the same variables (for the script: to an empty script).",
    "peak MB: resident memory of the largest process of the run, not the sum of all.",
)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the speed of the collection against the simulator.")
    parser.add_argument("--quick", action="store_true", help="few runs of few items, to try the benchmark itself")
    parser.add_argument("--parts", type=_names, default=list(PARTS), help="the parts to measure, from %s" % ",".join(PARTS))
    parser.add_argument("--items", type=_numbers, help="numbers of items of the part items, such as 1,10,100,500")
    parser.add_argument("--latency", type=_numbers, help="server latencies of the part items in ms, such as 0,50")
    parser.add_argument("--sizes", type=_numbers, help="numbers of models of the part large, such as 1000,10000,100000")
    parser.add_argument("--runs", type=int, help="rounds of each case")
    parser.add_argument("--cell-seconds", type=float, default=30, help="start no further round of a number of items and a latency after this time")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(".work/bench"), help="directory of the results (%(default)s)")
    parser.add_argument("--from-results", action="store_true", help="measure nothing; show the results of the directory")
    parser.add_argument("--update-docs", action="store_true", help="put tables and plots into the documentation")
    parser.add_argument("--docs", type=pathlib.Path, default=pathlib.Path("docs"), help="directory of the documentation (%(default)s)")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= set(PARTS):
        raise argparse.ArgumentTypeError("%s is not from %s" % (text, ",".join(PARTS)))
    return names


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def settings_of(given: argparse.Namespace) -> Settings:
    items, runs = ((1, 10), 1) if given.quick else ((1, 10, 100, 500), 3)
    return Settings(given.items or items, given.latency or (0, 50), given.runs or runs, given.cell_seconds)


def machine() -> str:
    """Return the machine in general words."""
    return "%s, %d cores (load %.1f at the start), Python %s, ansible-core %s, %s" % (
        platform.system(), os.cpu_count() or 0, os.getloadavg()[0], platform.python_version(), core_version, time.strftime("%Y-%m-%d"))


def run_all(given: argparse.Namespace, store: t.Callable[[dict[str, t.Any]], None]) -> None:
    """Measure part by part.

    :param store: called with all results after each part, so that a part that fails does not lose the others.
    """
    settings, started = settings_of(given), time.monotonic()
    results: dict[str, t.Any] = {
        "machine": machine(), "settings": dataclasses.asdict(settings), "start_up": None, "loops": None, "runs": [], "catalog": None, "large": None}
    sizes = given.sizes or ((1000, 5000) if given.quick else large.SIZES)

    def say(text: str) -> None:
        print("%5.0f s  %s" % (time.monotonic() - started, text), flush=True)

    # Each part with its key in the results, the options of its simulator, and its measurement.
    parts: dict[str, tuple[str, dict[str, str], t.Callable[[RunningSimulator, pathlib.Path], t.Any]]] = {
        "start-up": ("start_up", {"seed": "none"}, lambda *where: start_up.measure(*where, 5 * settings.runs)),
        "loops": ("loops", {"seed": "none"}, lambda *where: loops.measure(*where, settings.runs)),
        "items": ("runs", {"seed": "none"}, lambda *where: _as_entries(measure(settings, *where, say))),
        "catalog": ("catalog", {}, lambda *where: catalog_bench.measure(*where, settings.runs)),
        "large": ("large", {}, lambda *where: large.measure(*where, sizes, say)),
    }
    for name in given.parts:
        key, options, run = parts[name]
        say("part %s" % name)
        with tempfile.TemporaryDirectory() as directory, RunningSimulator(db=":memory:", **options) as simulator:
            results[key] = run(simulator, pathlib.Path(directory))
        store({**results, "seconds": time.monotonic() - started})


def _as_entries(found: Runs) -> list[dict[str, t.Any]]:
    return [
        {"latency_ms": latency, "items": items, "method": method, **dataclasses.asdict(run)}
        for (latency, items, method), runs in found.items() for run in runs]


def runs_of(results: dict[str, t.Any]) -> Runs:
    """Return the runs out of stored results."""
    found: Runs = {}
    for entry in results["runs"]:
        values = {field.name: entry[field.name] for field in dataclasses.fields(Run)}
        found.setdefault((entry["latency_ms"], entry["items"], entry["method"]), []).append(Run(**values))
    return found


def _store(file: pathlib.Path, results: dict[str, t.Any]) -> None:
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    given = parse()
    given.output.mkdir(parents=True, exist_ok=True)
    stored = given.output / "results.json"
    if not given.from_results:
        run_all(given, lambda results: _store(stored, results))
    results = json.loads(stored.read_text(encoding="utf-8"))
    cells = summarise(runs_of(results))
    sections = sections_of(results, cells)
    text = "\n".join([results["machine"], *NOTES, "", *(as_text(section) for section in sections)])
    (given.output / "table.txt").write_text(text, encoding="utf-8")
    print("\n" + text)
    # Only here, because importing it makes this process large while it starts others.
    from benchmark.plot import plot_costs, plot_large

    pictures = [*(plot_costs(cells, given.output) if cells else ()), *(plot_large(results["large"], given.output) if results["large"] else ())]
    if given.update_docs:
        update_page(given.docs / "performance.md", sections, results["machine"] + ".")
        (given.docs / "images").mkdir(exist_ok=True)
        for picture in pictures:
            if picture.suffix == ".svg":
                shutil.copy(picture, given.docs / "images")
    print("Written to %s: results.json, table.txt, %s" % (given.output, ", ".join(picture.name for picture in pictures)))
    print("The measurement took %.0f minutes." % (results["seconds"] / 60))


if __name__ == "__main__":
    main()
