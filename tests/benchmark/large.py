# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large catalogs: unchanged, with some changes, and exported, over the number of objects.

    python -m benchmark.large SIZE [SIZE ...]
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
import tempfile
import typing as t

from benchmark.catalog_bench import Catalog, catalog_of, write_catalog
from benchmark.measure import Run, run_once
from benchmark.methods import play_of
from simulator.testing import RunningSimulator

# Numbers of models; there is a clone for each five of them.
SIZES = (1000, 10_000, 100_000)
MODELS_PER_CLONE = 5
CHANGES = 100
CASES = ("unchanged", "100 changes", "export")
_LENGTH = re.compile(r"result of (\d+) bytes")


def measure(simulator: RunningSimulator, directory: pathlib.Path, sizes: t.Sequence[int], say: t.Callable[[str], None]) -> list[dict[str, t.Any]]:
    """One row for each size and case: seconds, CPU seconds and megabytes in addition to an empty play, requests, and bytes of the result."""
    rows = []
    empty = run_once(play_of("empty", [], simulator, directory), simulator, directory)
    for size in sizes:
        say("a catalog of %d models" % size)
        clones = size // MODELS_PER_CLONE
        simulator.reset()
        simulator.seed({"generate": {"models": size, "model_services": clones}})
        catalog, files = catalog_of(size, clones), directory / ("large-%d" % size)
        write_catalog(catalog, files)
        for case in CASES:
            if case == "100 changes":
                _change(catalog, files)
            run = run_once(play_of("large", _tasks(case, files), simulator, directory), simulator, directory)
            found = _LENGTH.search((directory / "output.txt").read_text(encoding="utf-8"))
            rows.append({"models": size, "clones": clones, "case": case, "result_bytes": int(found.group(1)) if found else 0, **_over(run, empty)})
            say("%s: %.1f s" % (case, run.seconds))
    return rows


def _tasks(case: str, files: pathlib.Path) -> list[dict[str, t.Any]]:
    """Return the task, and one that prints how large its result is: AWX stores results in its database."""
    name, options = ("zstack_ai_catalog_export", {"path": str(files) + "-export", "kinds": ["models", "model_service_clones"], "source_service": "vllm-base"}
                     ) if case == "export" else ("zstack_ai_catalog", {"path": str(files), "concurrency": 16})
    return [
        {"name": "Run", "zstack.aios." + name: options, "register": "found"},
        {"name": "Print the size", "ansible.builtin.debug": {"msg": "result of {{ found | to_json | length }} bytes"}},
    ]


def _change(catalog: Catalog, files: pathlib.Path) -> None:
    for model in catalog["models"][:CHANGES]:
        model["description"] += ", changed"
    write_catalog(catalog, files)


def _over(run: Run, empty: Run) -> dict[str, t.Any]:
    return {
        "seconds": run.seconds - empty.seconds, "cpu": run.cpu - empty.cpu, "mb": run.rss_mb - empty.rss_mb, "requests": run.requests}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, RunningSimulator(db=":memory:") as node:
        print(json.dumps(measure(node, pathlib.Path(name), [int(word) for word in sys.argv[1:]] or SIZES, lambda text: print(text, flush=True)), indent=1))
