# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a catalog costs: against a bare script, against the ideal when much has changed, and how it grows.

    python -m benchmark.catalog_bench

`measure` is for ``make bench``.
"""

from __future__ import annotations

import json
import math
import pathlib
import statistics
import sys
import tempfile
import typing as t

import yaml

from benchmark.catalog_script import KINDS, LOADER
from benchmark.measure import Run, run_once
from simulator.seeding import generated_model, generated_service
from simulator.testing import RunningSimulator

SCRIPT = pathlib.Path(__file__).with_name("catalog_script.py")
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
CENTER = "center-generated"
# An update is a call and, since its job has ended by then, one look at the job.
CALLS_PER_UPDATE = 2
# One after another, because each needs the one before: sign-in, model centers, models, and sign-out at the end.
CALLS_IN_A_ROW = 4

Catalog = dict[str, list[dict[str, t.Any]]]


def catalog_of(models: int, services: int) -> Catalog:
    """A catalog that says what the simulator's own generator makes, field by field."""
    found: Catalog = {"models": [], "model_service_clones": []}
    for kind, count, generated in (("models", models, generated_model), ("model_service_clones", services, generated_service)):
        for number in range(1, count + 1):
            row = generated(number, CENTER)
            item = {"name": row["name"], **{ours: row[theirs] for ours, theirs in KINDS[kind][1].items()}}
            item.update({"model_center": CENTER, "recommended_gpu_num": [1, 2, 4]} if kind == "models" else {"source_service": "vllm-base"})
            found[kind].append(item)
    return found


def write_catalog(catalog: Catalog, directory: pathlib.Path) -> None:
    """One file for each kind."""
    directory.mkdir(exist_ok=True)
    for kind, items in catalog.items():
        (directory / (kind + ".yml")).write_text(yaml.dump({kind: items}, Dumper=DUMPER, sort_keys=False), encoding="utf-8")


def play(simulator: RunningSimulator, directory: pathlib.Path, catalog: pathlib.Path | None, concurrency: int = 8) -> list[str]:
    """The command of a play with the catalog, or of an empty play."""
    connection = {"host": simulator.host, "port": simulator.port, "account_name": "admin", "account_password": "password"}
    task = {"name": "Have the catalog", "zstack.aios.zstack_ai_catalog": {"path": str(catalog), "concurrency": concurrency, **connection}}
    file = directory / ("play-%s.yml" % (catalog.name if catalog else "empty"))
    file.write_text(yaml.safe_dump([{
        "name": "Measure", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task] if catalog else [],
    }]), encoding="utf-8")
    return [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), str(file)]


def median(runs: t.Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def unchanged(simulator: RunningSimulator, directory: pathlib.Path, rounds: int) -> dict[str, t.Any]:
    """1000 models and 300 clones that are as they should be."""
    simulator.reset()
    simulator.seed({"generate": {"models": 1000, "model_services": 300}})
    files = directory / "unchanged"
    write_catalog(catalog_of(1000, 300), files)
    commands = {
        "script": [sys.executable, str(SCRIPT), str(files), simulator.url], "empty": play(simulator, directory, None),
        "catalog": play(simulator, directory, files)}
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _unused in range(rounds):
        for name, command in commands.items():
            runs[name].append(run_once(command, simulator, directory))
            if runs[name][-1].differing:
                raise RuntimeError("%s found differences where there are none" % name)
    seconds = {name: median(found) for name, found in runs.items()}
    return {
        **{"%s_seconds" % name: value for name, value in seconds.items()}, "requests": runs["catalog"][-1].requests,
        "times_of_the_script": (seconds["catalog"] - seconds["empty"]) / seconds["script"]}


def changed(simulator: RunningSimulator, directory: pathlib.Path, rounds: int) -> dict[str, t.Any]:
    """500 of 500 models to be changed, at 50 ms for each call."""
    files = directory / "changed"
    results = []
    for number in range(rounds):
        simulator.reset()
        simulator.seed({"generate": {"models": 500}})
        catalog = catalog_of(500, 0)
        for item in catalog["models"]:
            item["description"] = "changed %d" % number
        write_catalog(catalog, files)
        simulator.configure(latency_ms=0)
        base = run_once(play(simulator, directory, None), simulator, directory)
        simulator.configure(latency_ms=50)
        results.append((run_once(play(simulator, directory, files, 16), simulator, directory), base))
    # What the waiting alone takes, for a client that needs no time of its own: 500 updates are 32 rounds of at most 16.
    ideal = (CALLS_IN_A_ROW + math.ceil(500 / 16) * CALLS_PER_UPDATE) * 0.05
    net = statistics.median(run.seconds - base.seconds for run, base in results)
    return {"seconds_over_an_empty_play": net, "ideal_seconds": ideal, "times_of_the_ideal": net / ideal, "requests": results[-1][0].requests}


def growth(simulator: RunningSimulator, directory: pathlib.Path, sizes: t.Sequence[int] = (1000, 5000, 10000)) -> list[dict[str, t.Any]]:
    """Time and memory with ever more models that are as they should be."""
    rows = []
    empty = run_once(play(simulator, directory, None), simulator, directory)
    for size in sizes:
        simulator.reset()
        simulator.seed({"generate": {"models": size}})
        files = directory / ("growth-%d" % size)
        write_catalog(catalog_of(size, 0), files)
        run = run_once(play(simulator, directory, files), simulator, directory)
        rows.append({"models": size, "seconds": run.seconds - empty.seconds, "mb": run.rss_mb - empty.rss_mb, "requests": run.requests})
    return rows


def measure(rounds: int = 3) -> dict[str, t.Any]:
    """All of it, with a simulator of its own."""
    with tempfile.TemporaryDirectory() as name, RunningSimulator(db=":memory:") as simulator:
        directory = pathlib.Path(name)
        run_once(play(simulator, directory, None), simulator, directory)
        return {
            "unchanged": unchanged(simulator, directory, rounds), "changed": changed(simulator, directory, rounds),
            "growth": growth(simulator, directory), "yaml": LOADER.__name__}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
