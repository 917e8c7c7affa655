# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary of `make test` names the failed tests and the command that runs only them."""

from __future__ import annotations

import pathlib
import subprocess
import sys

TOOL = pathlib.Path(__file__).parents[1] / "tools" / "run_steps.py"
# A make whose tests fail: "unit" two of them, "playbooks" many, "sanity" as ansible-test prints it, "build" without tests.
MAKE = """#!%s
import json, pathlib, sys
step = sys.argv[2]
failed = {"unit": ["tests/unit/test_b.py::test_x[a b]", "tests/unit/test_a.py"], "playbooks": ["t%%02d" %% n for n in range(25)]}.get(step)
if failed:
    folder = pathlib.Path("work/pytest", step, "v/cache")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lastfailed").write_text(json.dumps(dict.fromkeys(failed, True)))
if step == "sanity":
    print("\\033[31mFATAL: The 3 sanity test(s) listed below (out of 45) failed. See error output above for details.")
    print("import --python 3.12\\nimport --python 3.13\\npep8\\033[0m\\nmake: *** [Makefile:1: sanity] Error 1")
if step == "licences":
    folder = pathlib.Path("work/left-out")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / step).write_text("no Python 3.11 on this machine")
sys.exit(step not in ("docs-lint", "licences"))
"""


def run(directory: pathlib.Path, *steps: str) -> subprocess.CompletedProcess:
    make = directory / "make"
    make.write_text(MAKE % sys.executable, encoding="utf-8")
    make.chmod(0o755)
    return subprocess.run(
        [sys.executable, str(TOOL), "--work", "work", *steps, "READY=1"], cwd=directory, env={"MAKE": str(make), "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, check=False)


def test_failed_tests_are_named_with_the_command_for_them(tmp_path):
    done = run(tmp_path, "unit", "playbooks", "docs-lint", "sanity", "build")
    assert done.returncode == 1, done.stderr
    summary = done.stdout[done.stdout.index("######## Failed: unit"):]
    assert ("Failed: unit\n  tests/unit/test_a.py\n  tests/unit/test_b.py::test_x[a b]\nRun only these: make unit ARGS=--last-failed\n") in summary
    assert "  t19\n  and 5 more\nRun only these: make playbooks ARGS=--last-failed\n" in summary
    assert "Failed: sanity\n  import\n  pep8\nRun only these: make sanity ARGS='--test import --test pep8'\n" in summary
    assert "Failed: build\nRun this step: make build\n" in summary
    assert "Failed: docs-lint" not in summary and summary.endswith("1 passed, 4 failed\n")


def test_tests_that_failed_in_an_earlier_run_are_not_named(tmp_path):
    earlier = tmp_path / "work" / "pytest" / "build" / "v" / "cache" / "lastfailed"
    earlier.parent.mkdir(parents=True)
    earlier.write_text('{"tests/unit/test_gone.py::test_x": true}', encoding="utf-8")
    assert "test_gone" not in run(tmp_path, "build").stdout


def test_nothing_is_named_when_all_pass(tmp_path):
    done = run(tmp_path, "docs-lint", "licences")
    assert done.returncode == 0 and "Failed" not in done.stdout and done.stdout.endswith("2 passed, 0 failed\n")


def test_steps_side_by_side_are_printed_one_after_the_other(tmp_path):
    done = run(tmp_path, "docs-lint", "--and-together", "sanity", "licences")
    assert done.returncode == 1 and "FAILED  sanity " in done.stdout and "ok      licences " in done.stdout and done.stdout.endswith("2 passed, 1 failed\n")
    block = done.stdout.split("######## sanity\n")[1]
    assert block.startswith("\033[31mFATAL: ") and "make: *** [Makefile:1: sanity] Error 1" in block.partition("########")[0]


def test_what_was_left_out_is_listed(tmp_path):
    done = run(tmp_path, "--left-out", "all other versions", "licences")
    assert "Left out:\n  licences: no Python 3.11 on this machine\n  all other versions\n1 passed, 0 failed\n" in done.stdout
    assert "Left out" not in run(tmp_path, "docs-lint").stdout
