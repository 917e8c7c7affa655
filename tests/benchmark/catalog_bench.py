# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cost of a catalog: compared with a plain script, compared with the ideal for many changes, and by size.

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
CHANGE_SCRIPT = pathlib.Path(__file__).with_name("change_script.py")
CENTER = "center-generated"
# In sequence, because each request requires the previous one: sign-in, model centers, models, the list of the last updates, sign-out.
CALLS_IN_A_ROW = 5
CONCURRENCY = 16
ITEMS_PER_FILE = 1000

Catalog = dict[str, list[dict[str, t.Any]]]


def catalog_of(models: int, services: int) -> Catalog:
    """Return a catalog that matches the objects of the simulator's generator, field by field."""
    found: Catalog = {"models": [], "model_service_clones": []}
    for kind, count, generated in (("models", models, generated_model), ("model_service_clones", services, generated_service)):
        for number in range(1, count + 1):
            row = generated(number, CENTER)
            item = {"name": row["name"], **{ours: row[theirs] for ours, theirs in KINDS[kind][1].items()}}
            item.update({"model_center": CENTER, "recommended_gpu_num": [1, 2, 4]} if kind == "models" else {"source_service": "vllm-base"})
            found[kind].append(item)
    return found


def write_catalog(catalog: Catalog, directory: pathlib.Path) -> None:
    """Files of a thousand items each. A value is written as JSON, which YAML includes: a dump of YAML takes minutes for large catalogs."""
    directory.mkdir(exist_ok=True)
    for kind, items in catalog.items():
        for start in range(0, len(items), ITEMS_PER_FILE):
            with open(directory / ("%s-%06d.yml" % (kind, start)), "w", encoding="utf-8") as file:
                file.write("%s:\n" % kind)
                for item in items[start:start + ITEMS_PER_FILE]:
                    file.write("- %s\n" % "\n  ".join("%s: %s" % (option, json.dumps(value)) for option, value in item.items()))


def play(simulator: RunningSimulator, directory: pathlib.Path, catalog: pathlib.Path | None, concurrency: int = 8) -> list[str]:
    """Return the command of a play with the catalog, or of an empty play."""
    connection = {"host": simulator.host, "port": simulator.port, "account_name": "admin", "account_password": "password"}
    task = {"name": "Apply the catalog", "zstack.aios.zstack_ai_catalog": {"path": str(catalog), "concurrency": concurrency, **connection}}
    file = directory / ("play-%s.yml" % (catalog.name if catalog else "empty"))
    file.write_text(yaml.safe_dump([{
        "name": "Measure", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task] if catalog else [],
    }]), encoding="utf-8")
    return [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), str(file)]


def median(runs: t.Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def unchanged(simulator: RunningSimulator, directory: pathlib.Path, rounds: int) -> dict[str, t.Any]:
    """Measure 1000 unchanged models and 300 unchanged clones."""
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
    """Measure 500 updates of 500 models with 50 ms latency; the script runs directly before the catalog, with the same concurrency."""
    files = directory / "changed"
    runs: dict[str, list[Run]] = {"script": [], "empty": [], "catalog": []}
    for number in range(rounds):
        catalog = catalog_of(500, 0)
        for item in catalog["models"]:
            item["description"] = "changed %d" % number
        write_catalog(catalog, files)
        commands = {
            "empty": play(simulator, directory, None),
            "script": [sys.executable, str(CHANGE_SCRIPT), str(files / "models-000000.yml"), simulator.url, str(CONCURRENCY)],
            "catalog": play(simulator, directory, files, CONCURRENCY)}
        for name, command in commands.items():
            simulator.reset()
            simulator.seed({"generate": {"models": 500}})
            simulator.configure(latency_ms=50)
            runs[name].append(run_once(command, simulator, directory))
            simulator.configure(latency_ms=0)
    net = statistics.median(run.seconds - base.seconds for run, base in zip(runs["catalog"], runs["empty"]))
    script = median(runs["script"])
    # Return the time of the waiting alone, for a client without any processing time.
    ideal = (CALLS_IN_A_ROW + math.ceil(500 / CONCURRENCY)) * 0.05
    return {
        "seconds_over_an_empty_play": net, "script_seconds": script, "times_of_the_script": net / script, "ideal_seconds": ideal,
        "requests": runs["catalog"][-1].requests, "script_requests": runs["script"][-1].requests,
        "cpu_seconds": statistics.median(run.cpu - base.cpu for run, base in zip(runs["catalog"], runs["empty"])),
        "script_cpu_seconds": statistics.median(run.cpu for run in runs["script"])}


def measure(simulator: RunningSimulator, directory: pathlib.Path, rounds: int) -> dict[str, t.Any]:
    """Run all of these measurements."""
    run_once(play(simulator, directory, None), simulator, directory)
    return {"unchanged": unchanged(simulator, directory, rounds), "changed": changed(simulator, directory, rounds), "yaml": LOADER.__name__}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, RunningSimulator(db=":memory:") as node:
        print(json.dumps(measure(node, pathlib.Path(name), 3), indent=2))
