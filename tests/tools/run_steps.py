# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run make targets, all of them even if one fails, and print a summary.

    run_steps.py [--work DIRECTORY] [--left-out TEXT] TARGET [TARGET ...] [--and-together TARGET ...] [VARIABLE=VALUE ...]

The first targets use all processors, and run one after the other. Those after `--and-together` use one processor each, and run in parallel
afterwards; the output of each is printed when it ends. The summary names the failed tests and the command that runs only them, and what was
left out: what TEXT says, and each line of DIRECTORY/left-out/TARGET, which a target writes. Tests of pytest are read from its cache,
DIRECTORY/pytest/TARGET, and those of ansible-test from its output.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time
import typing as t

# Failed tests of one step that the summary names
SHOWN = 20
# The steps that run ansible-test sanity, and its last lines
SANITY = ("sanity", "sanity-pylint")
SANITY_FAILED = re.compile(r"The \d+ sanity test\(s\) listed below \(out of \d+\) failed[^\n]*\n((?:[a-z0-9-]+(?: --python \S+)?\n)+)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Step(t.NamedTuple):
    """A target that was run.

    :param seconds: its duration.
    :param output: its output, if it was kept.
    """

    name: str
    passed: bool
    seconds: float
    output: str


def last_failed(cache: pathlib.Path, name: str) -> pathlib.Path:
    """Return the file in which pytest keeps the names of a step's failed tests."""
    return cache / name / "v" / "cache" / "lastfailed"


def run(name: str, variables: list[str], cache: pathlib.Path, shown: bool = True) -> Step:
    """Run one target.

    :param shown: its output goes to the terminal; otherwise it is only kept. That of ansible-test is kept in any case.
    """
    started = time.monotonic()
    # pytest keeps the names of tests that no longer exist.
    last_failed(cache, name).unlink(missing_ok=True)
    command = [os.environ.get("MAKE", "make"), "--no-print-directory", name, *variables]
    if shown and name not in SANITY:
        status = subprocess.run(command, check=False).returncode
        return Step(name, status == 0, time.monotonic() - started, "")
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout or ():
            lines.append(line)
            if shown:
                print(line, end="", flush=True)
    return Step(name, process.returncode == 0, time.monotonic() - started, "".join(lines))


def run_together(names: list[str], variables: list[str], cache: pathlib.Path) -> t.Iterator[Step]:
    """Run targets in parallel, one per processor; yields each when it ends, after its output was printed."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for future in concurrent.futures.as_completed([pool.submit(run, name, variables, cache, shown=False) for name in names]):
            step = future.result()
            print(f"\n######## {step.name}\n{step.output}", end="", flush=True)
            yield step


def left_out(work: pathlib.Path, name: str) -> list[str]:
    """Return what a step left out on this machine, and why."""
    try:
        return (work / "left-out" / name).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def failed_tests(step: Step, cache: pathlib.Path) -> list[str]:
    """Return the names of the failed tests of a step; empty if the step has no tests or ended before them."""
    if step.name in SANITY:
        found = SANITY_FAILED.search(COLOURS.sub("", step.output))
        return list(dict.fromkeys(line.split()[0] for line in found.group(1).splitlines())) if found else []
    try:
        return sorted(json.loads(last_failed(cache, step.name).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def command_for(step: Step, tests: list[str]) -> str:
    """Return the command that runs only these tests of a step, or the step if there are none."""
    if tests and step.name in SANITY:
        return "make sanity ARGS=" + shlex.quote(" ".join("--test " + name for name in tests))
    return "make %s%s" % (step.name, " ARGS=--last-failed" if tests else "")


def report(steps: list[Step], work: pathlib.Path, seconds: float, also_left_out: t.Sequence[str]) -> t.Iterator[str]:
    """Yield the lines of the summary.

    :param seconds: the duration of all steps.
    """
    for step in steps:
        if not step.passed:
            tests = failed_tests(step, work / "pytest")
            yield f"\n######## Failed: {step.name}"
            yield from ("  " + test for test in tests[:SHOWN])
            if len(tests) > SHOWN:
                yield f"  and {len(tests) - SHOWN} more"
            yield f"Run {'only these' if tests else 'this step'}: {command_for(step, tests)}"
    yield "\n######## Summary"
    for step in steps:
        yield f"{'ok    ' if step.passed else 'FAILED'}  {step.name:<20} {step.seconds:6.1f} s"
    yield f"{'':<8}{'total':<20} {seconds:6.1f} s"
    reasons = [*(f"{step.name}: {reason}" for step in steps for reason in left_out(work, step.name)), *also_left_out]
    if reasons:
        yield "Left out:"
        yield from ("  " + reason for reason in reasons)
    passed = sum(step.passed for step in steps)
    yield f"{passed} passed, {len(steps) - passed} failed"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(".work"))
    parser.add_argument("--left-out", action="append", default=[])
    parser.add_argument("words", nargs="+")
    parser.add_argument("--and-together", nargs="+", default=[])
    options = parser.parse_args(arguments)
    words = options.words + options.and_together
    variables = [word for word in words if "=" in word]
    shutil.rmtree(options.work / "left-out", ignore_errors=True)
    started, steps = time.monotonic(), []
    for name in (word for word in options.words if "=" not in word):
        print(f"\n######## {name}", flush=True)
        steps.append(run(name, variables, options.work / "pytest"))
    steps.extend(run_together([word for word in options.and_together if "=" not in word], variables, options.work / "pytest"))
    for line in report(steps, options.work, time.monotonic() - started, options.left_out):
        print(line, flush=True)
    return 0 if all(step.passed for step in steps) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
