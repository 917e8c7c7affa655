# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One factor scales every time limit of the tests, so that they also pass on a busy machine."""

from __future__ import annotations

import ast
import pathlib
import typing as t

import pytest
from simulator.testing import patience

TESTS = pathlib.Path(__file__).parents[1]
FILES = [*sorted(TESTS.glob("unit/**/*.py")), *sorted(TESTS.glob("integration/**/*.py")), TESTS / "simulator" / "testing.py"]
CLOCKS = {"monotonic", "perf_counter", "process_time"}
# What waits for another process or for an answer. The option `timeout` of a client under test is another matter.
WAITING = {"run", "check_output", "check_call", "communicate", "wait", "join", "result", "get", "post", "put", "request", "urlopen", "HTTPConnection"}


def called(node: ast.AST) -> str:
    """Return the last part of the name of what a node calls."""
    function = getattr(node, "func", None)
    return getattr(function, "attr", getattr(function, "id", "")) if isinstance(node, ast.Call) else ""


def fixed(node: ast.AST) -> bool:
    """Return whether the node is a number that is written out."""
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)


def reads_clock(node: ast.AST) -> bool:
    """Return whether the node is a call such as time.monotonic()."""
    return called(node) in CLOCKS and getattr(getattr(node.func, "value", None), "id", "") == "time"


def limits(tree: ast.AST) -> t.Iterator[tuple[int, str]]:
    """Yield the line and the kind of each time limit that does not pass through `patience`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in WAITING:
            named = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
            if any(map(fixed, named)) or (called(node) == "wait" and any(map(fixed, node.args))):
                yield node.lineno, "timeout of %s()" % called(node)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and reads_clock(node.left) and called(node.right) != "patience":
            yield node.lineno, "deadline"
        elif isinstance(node, ast.Compare):
            elapsed = node.left
            for operator, right in zip(node.ops, node.comparators):
                if isinstance(operator, (ast.Lt, ast.LtE)) and isinstance(elapsed, ast.BinOp) and reads_clock(elapsed.left) and fixed(right):
                    yield node.lineno, "elapsed time"
                elapsed = right


def test_every_time_limit_is_scaled():
    found = [
        "%s:%d: %s" % (path.relative_to(TESTS), line, kind) for path in FILES for line, kind in limits(ast.parse(path.read_text(encoding="utf-8")))]
    assert found == [], "wrap the number in simulator.testing.patience()"


@pytest.mark.parametrize("text", [
    "subprocess.run(x, timeout=3)", "process.wait(3)", "process.wait(timeout=3)", "requests.get(url, timeout=0.5)", "d = time.monotonic() + 5",
    "d = time.monotonic() + seconds", "assert time.monotonic() - start < 5", "assert 0 <= time.process_time() - start <= 5.0", "future.result(timeout=1)",
])
def test_a_fixed_time_limit_is_detected(text):
    assert list(limits(ast.parse(text)))


@pytest.mark.parametrize("text", [
    "subprocess.run(x, timeout=patience(3))", "process.wait(patience(3))", "d = time.monotonic() + patience(seconds)", "Client(timeout=3)",
    "assert time.monotonic() - start < patience(5)", "assert time.monotonic() - start > 5", "threads.join()",
])
def test_others_are_accepted(text):
    assert not list(limits(ast.parse(text)))


def test_the_factor(monkeypatch):
    for given, seconds in (("", 10), ("1", 10), ("2.5", 25), ("0.1", 1)):
        monkeypatch.setenv("TEST_TIME_FACTOR", given)
        assert patience(10) == seconds
    monkeypatch.delenv("TEST_TIME_FACTOR")
    assert patience(10) == 10
    for given in ("x", "0", "-1", "nan", "inf"):
        monkeypatch.setenv("TEST_TIME_FACTOR", given)
        with pytest.raises(ValueError, match="TEST_TIME_FACTOR: '%s' is not a positive number" % given):
            patience(10)
