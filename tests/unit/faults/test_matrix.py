# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the fault matrix shows what happens now. It plays a few cells of thousands; ``make faults`` plays all of them and writes the page."""

from __future__ import annotations

import pathlib

import pytest

pytest.importorskip("aiohttp", reason="the simulator needs it")

from faults import matrix
from faults.kinds import KINDS
from faults.others import OTHERS
from faults.plugins import modules, readers

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "faults.md"
HINT = "run make faults"
# Every so many-th cell is played.
STEP = 400


@pytest.fixture(scope="module", name="shown")
def shown_fixture() -> dict[tuple[str, str, str], str]:
    if not PAGE.exists():
        pytest.skip("the installed collection has no docs")
    text = PAGE.read_text(encoding="utf-8")
    return matrix.read_page(text[text.index(matrix.BEGIN):text.index(matrix.END)])


def test_the_page_has_every_fault_of_every_task(shown) -> None:
    places = matrix.columns()
    now = {(matrix.heading(place.kind, place.action), fault.title) for place in places for fault in matrix.FAULTS}
    assert {(heading, fault) for heading, fault, unused_call in shown if heading != matrix.WHOLE_HEADING} == now, HINT
    calls = {(matrix.heading(place.kind, place.action), place.call) for place in places}
    assert len(calls - {(heading, call) for heading, unused_fault, call in shown}) <= len(calls) // 10, HINT


@pytest.mark.parametrize("part", range(2))
def test_cells_of_the_page(shown, part: int) -> None:
    places = [place for place in matrix.columns() if (matrix.heading(place.kind, place.action), matrix.FAULTS[0].title, place.call) in shown]
    cells = [(place, fault) for place in places for fault in matrix.FAULTS]
    for place, fault in cells[part * STEP // 2::STEP]:
        outcome, broken = matrix.played(place.schedule(fault))
        assert broken == [], place.schedule(fault).as_text()
        result = matrix.OK if outcome.ok else matrix.ERROR
        assert shown[matrix.heading(place.kind, place.action), fault.title, place.call] == result, "%s: %s; %s" % (place, fault.title, HINT)


def test_every_plugin_is_in_the_matrix() -> None:
    covered = {*(kind.module for kind in KINDS.values()), "zstack_ai_catalog", *(other.plugin for other in OTHERS.values()), *matrix.silent()}
    assert covered == {*modules(), "lookup", "inventory"}
    assert readers() == sorted(name.partition(", ")[0] for name, other in OTHERS.items() if other.plugin in ("lookup", "inventory"))


def test_no_promise_is_broken_on_the_page() -> None:
    if PAGE.exists():
        assert "Promises broken: 0." in PAGE.read_text(encoding="utf-8")
