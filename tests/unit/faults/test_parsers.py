# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that reads input of others, with generated input; ``make fuzz`` does the same with more examples, and measures them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from simulator.testing import patience

pytest.importorskip("aiohttp", reason="the simulator needs it")

from faults import parsers


@pytest.mark.parametrize("parser", parsers.PARSERS, ids=lambda parser: parser.name)
def test_any_input_leads_to_a_value_or_an_error_of_ours(parser: parsers.Parser) -> None:
    @settings(max_examples=30, phases=parsers.PHASES)
    @given(parser.inputs)
    def read(value: object) -> None:
        parser.read(parsers.Case(parsers.shortened(value, 5000)))

    read()


def test_a_reader_that_fails_is_found_and_its_input_is_short() -> None:
    def strict(text: str) -> None:
        assert "aaa" not in text

    with pytest.raises(AssertionError):
        parsers.measure(parsers.Parser("strict", parsers.texts("a"), strict), 100, 1)
    assert repr(parsers.Case("b" + "a" * 100_000)) == "'b<100000 times a>'"
    figures = parsers.measure(parsers.Parser("lax", parsers.texts("a"), lambda text: [text] * 10_000), 100, 1)
    assert figures.examples >= 100 and figures.size > 80_000 and figures.seconds < patience(5)
