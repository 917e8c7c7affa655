# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the server reads a query condition, written from the protocol page (5.1); it shares nothing with the core."""

from __future__ import annotations

import re

from hypothesis import strategies as st

FRAGMENTS = (
    "!=", ">=", "<=", "!?=", "!~=", "~=", "?=", "=", ">", "<", "is null", "not null", "'", "\\", '"', "%", "_", ",", " ", "!", "?", "~", "a", "B",
    "7", "-",
    ".", "模", "é", "\U0001f600", "\t", "\n", "\u3000", "\u00a0", "(", ")", "&", "#", "+", "/", ":",
)


def java_trim(text: str) -> str:
    """Return what is left when the server has trimmed a text."""
    return re.sub(r"\A[\x00-\x20]+|[\x00-\x20]+\Z", "", text)


names = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=6).map("".join),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12),
).map(java_trim).filter(bool)


class Refused(Exception):
    """The server's refusal of a condition."""


def server_reads(condition: str):
    """Field, operator and value as the server takes them: the first operator of the list that occurs anywhere."""
    ranked = "!= >= <= !?= !~= ~= ?= = > <".split() + ["is null", "not null"]
    for operator in ranked:
        if operator in condition:
            field, value = condition.split(operator, 1)
            if not field.strip():
                raise Refused("not a key-value pair")
            if "'" in value or "\\" in value:
                raise Refused("parse error")
            # Only one that directly follows is swallowed: name==x asks for x.
            if operator == "=" and value.startswith("="):
                value = value[1:]
            return field.strip(), operator, value
    raise Refused("no operator")


def like(pattern: str, text: str) -> bool:
    """SQL's LIKE of a database that ignores case and stores characters outside the basic plane as one, two or no characters."""
    tokens = "".join(".*" if character == "%" else "." if character == "_" else re.escape(character) for character in pattern)
    stored = (text, text.encode("utf-16-le").decode("utf-16-le"), re.sub("[\U00010000-\U0010ffff]", "??", text),
              re.sub("[\U00010000-\U0010ffff]", "", text))
    return all(re.fullmatch(tokens, form, re.S | re.I) for form in stored)


def server_finds(condition: str, field: str, stored: str) -> bool:
    """Return whether the server returns the row whose field holds the stored text."""
    found, operator, value = server_reads(condition)
    assert found == field, condition
    if operator == "=":
        return value.lower() == stored.lower()
    assert operator == "~=", condition
    return like(value, stored)
