# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task arguments as a module would get them: plain values, whatever the templates left."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.zstack.aios.plugins.plugin_utils._plain import plain


class TaggedText(str):
    """A text as core tags it."""


class TaggedInteger(int):
    """A number as core 2.19 tags it."""


class TaggedFraction(float):
    """The same with a fraction."""


@pytest.mark.parametrize("value, expected", [
    (TaggedText("a"), "a"), (TaggedInteger(4), 4), (TaggedFraction(0.5), 0.5), (True, True), (None, None), (datetime.date(2026, 11, 25), "2026-11-25"),
    ({"a": [TaggedInteger(4), (TaggedText("b"),)]}, {"a": [4, ["b"]]}),
])
def test_values_have_the_types_of_json(value: t.Any, expected: t.Any) -> None:
    def types(part: t.Any) -> t.Any:
        """Return the value with the type of each part."""
        if isinstance(part, dict):
            return {key: types(item) for key, item in part.items()}
        return [types(item) for item in part] if isinstance(part, list) else (type(part), part)

    assert types(plain(value)) == types(expected)
