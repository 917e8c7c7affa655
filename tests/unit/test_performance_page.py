# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about performance lists the requests of each case as the playbook tests pin them."""

from __future__ import annotations

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
TESTS = ROOT / "tests" / "integration" / "test_execution.py"
HEADLINE = "| Case | Requests | Calls |"

pytestmark = pytest.mark.skipif(not TESTS.is_file(), reason="the playbook tests are not here, as in a built collection")


def pinned() -> list[str]:
    """Return the table that the page should have, out of REQUESTS; read and not imported, since it needs nothing of the rest."""
    tree = ast.parse(TESTS.read_text(encoding="utf-8"))
    table = next(
        node.value for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "REQUESTS")
    assert isinstance(table, ast.Dict)
    rows = []
    for key, case in zip(table.keys, table.values):
        assert isinstance(case, ast.Tuple) and key is not None
        calls = ast.literal_eval(case.elts[2])
        rows.append("| %s | %d | %s |" % (ast.literal_eval(key), len(calls), ", ".join(calls)))
    return [HEADLINE, "|---|---:|---|", *rows]


def on_the_page() -> list[str]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = lines[lines.index(HEADLINE):]
    end = next((number for number, line in enumerate(rows) if not line.startswith("|")), len(rows))
    return rows[:end]


def test_the_table_of_requests_is_what_the_tests_pin():
    expected = pinned()
    assert len(expected) > 10
    assert on_the_page() == expected, "put this table into docs/performance.md:\n" + "\n".join(expected)


def test_the_tables_of_the_benchmark_have_their_place():
    text = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- begin: written by make bench -->", "<!-- end: written by make bench -->"
    assert text.count(begin) == text.count(end) == 1 and text.index(begin) < text.index(end)


def test_the_plots_are_there():
    text = PAGE.read_text(encoding="utf-8")
    pictures = [line.split("(images/")[1].split(")")[0] for line in text.splitlines() if "](images/" in line]
    assert pictures
    for name in pictures:
        assert (ROOT / "docs" / "images" / name).stat().st_size < 200_000
