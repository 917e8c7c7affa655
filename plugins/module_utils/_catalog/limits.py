# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The limits of a catalog: far above the size of real catalogs, and low enough for any machine."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import shortened

# Values in one file, values repeated by aliases in all files together, and values in one option of an inline item.
MOST_VALUES, MOST_INLINE = 1_000_000, 100_000
# Levels of lists and mappings inside an option.
DEEPEST = 100
# Number of errors after which reading ends.
MOST_ERRORS = 1000
# Length of a number, of an inline text, and of a text that a message repeats.
LONGEST_NUMBER, LONGEST_TEXT, LONGEST_SHOWN = 100, 8 * 2 ** 20, 1000

_TOO_MANY = "there are more than %d values, including the values repeated by aliases (*name, <<). Use fewer aliases"
TOO_MANY, TOO_MANY_INLINE = _TOO_MANY % MOST_VALUES, _TOO_MANY % MOST_INLINE
TOO_DEEP = "the value is nested deeper than %d levels" % DEEPEST


def number_problem(text: str) -> str:
    """Return the error in the spelling of a YAML number; empty if it is valid."""
    if ":" in text:
        return "YAML reads %s as a sexagesimal number. Write a plain number, or put it in quotes if it is text" % shown(text)
    if len(text) > LONGEST_NUMBER:
        return "the number has %d characters, and no option accepts such a number" % len(text)
    return ""


def value_problem(value: t.Any) -> str:
    """Return why an inline value cannot be used in any option; empty if it can."""
    count = 0
    pending = [(value, 0)]
    while pending:
        one, depth = pending.pop()
        count += 1
        if count > MOST_INLINE:
            return TOO_MANY_INLINE
        if isinstance(one, (dict, list, tuple)):
            if depth >= DEEPEST:
                return TOO_DEEP
            members = [*one, *one.values()] if isinstance(one, dict) else one
            if len(members) + len(pending) > MOST_INLINE:
                return TOO_MANY_INLINE
            pending.extend((member, depth + 1) for member in members)
        elif isinstance(one, str) and len(one) > LONGEST_TEXT:
            return "the text has %d characters, but at most %d are allowed" % (len(one), LONGEST_TEXT)
        elif isinstance(one, float) and not math.isfinite(one):
            return "%s is not a number that the API accepts" % one
        elif isinstance(one, int) and one.bit_length() > 4 * LONGEST_NUMBER:
            return "the number has more than %d digits, and no option accepts such a number" % LONGEST_NUMBER
    return ""


def shown(text: str) -> str:
    """Return a text for a message, shortened if necessary."""
    return shortened(text, LONGEST_SHOWN)
