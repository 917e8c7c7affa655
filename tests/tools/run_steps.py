# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run make targets one after the other, all of them even if one fails, and print a summary.

    run_steps.py [--work DIRECTORY] TARGET [TARGET ...] [VARIABLE=VALUE ...]

The summary names the failed tests and the command that runs only them. Tests of pytest are read from its cache,
DIRECTORY/pytest/TARGET, and those of ansible-test from its output.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time
import typing as t

# Failed tests of one step that the summary names
SHOWN = 20
# The last lines of ansible-test sanity
SANITY_FAILED = re.compile(r"The \d+ sanity test\(s\) listed below \(out of \d+\) failed[^\n]*\n((?:[a-z0-9-]+(?: --python \S+)?\n)+)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Step(t.NamedTuple):
    """A target that was run.

    :param seconds: its duration.
    :param output: its output, where that names the failed tests.
    """

    name: str
    passed: bool
    seconds: float
    output: str


def last_failed(cache: pathlib.Path, name: str) -> pathlib.Path:
    """Return the file in which pytest keeps the names of a step's failed tests."""
    return cache / name / "v" / "cache" / "lastfailed"


def run(name: str, variables: list[str], cache: pathlib.Path) -> Step:
    """Run one target; its output goes to the terminal, and that of ansible-test is kept as well."""
    started = time.monotonic()
    # pytest keeps the names of tests that no longer exist.
    last_failed(cache, name).unlink(missing_ok=True)
    command = [os.environ.get("MAKE", "make"), "--no-print-directory", name, *variables]
    lines: list[str] = []
    if name == "sanity":
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
            for line in process.stdout or ():
                lines.append(line)
                print(line, end="", flush=True)
        status = process.returncode
    else:
        status = subprocess.run(command, check=False).returncode
    return Step(name, status == 0, time.monotonic() - started, COLOURS.sub("", "".join(lines)))


def failed_tests(step: Step, cache: pathlib.Path) -> list[str]:
    """Return the names of the failed tests of a step; empty if the step has no tests or ended before them."""
    if step.name == "sanity":
        found = SANITY_FAILED.search(step.output)
        return list(dict.fromkeys(line.split()[0] for line in found.group(1).splitlines())) if found else []
    try:
        return sorted(json.loads(last_failed(cache, step.name).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def command_for(step: Step, tests: list[str]) -> str:
    """Return the command that runs only these tests of a step, or the step if there are none."""
    if tests and step.name == "sanity":
        return "make sanity ARGS=" + shlex.quote(" ".join("--test " + name for name in tests))
    return "make %s%s" % (step.name, " ARGS=--last-failed" if tests else "")


def report(steps: list[Step], cache: pathlib.Path) -> t.Iterator[str]:
    """Yield the lines of the summary."""
    for step in steps:
        if not step.passed:
            tests = failed_tests(step, cache)
            yield f"\n######## Failed: {step.name}"
            yield from ("  " + test for test in tests[:SHOWN])
            if len(tests) > SHOWN:
                yield f"  and {len(tests) - SHOWN} more"
            yield f"Run {'only these' if tests else 'this step'}: {command_for(step, tests)}"
    yield "\n######## Summary"
    for step in steps:
        yield f"{'ok    ' if step.passed else 'FAILED'}  {step.name:<16} {step.seconds:6.1f} s"
    yield f"{'':<8}{'total':<16} {sum(step.seconds for step in steps):6.1f} s"
    passed = sum(step.passed for step in steps)
    yield f"{passed} passed, {len(steps) - passed} failed"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(".work"))
    parser.add_argument("words", nargs="+")
    options = parser.parse_args(arguments)
    variables = [word for word in options.words if "=" in word]
    cache = options.work / "pytest"
    steps = []
    for name in (word for word in options.words if "=" not in word):
        print(f"\n######## {name}", flush=True)
        steps.append(run(name, variables, cache))
    for line in report(steps, cache):
        print(line, flush=True)
    return 0 if all(step.passed for step in steps) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
