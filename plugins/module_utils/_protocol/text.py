# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Text as the server handles it, and as a message shows it."""

from __future__ import annotations

import typing as t

# What java.lang.String.trim removes: the server trims strings (REST protocol page, 4.1), but not the
# wider set of blanks that str.strip knows, such as the ideographic space.
_JAVA_BLANKS = "".join(map(chr, range(33)))


def trim(text: str) -> str:
    """The text as the server stores it."""
    return text.strip(_JAVA_BLANKS)


def java_length(text: str) -> int:
    """The length as the server counts it: UTF-16 units, so a character outside the basic plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def brief(value: t.Any) -> str:
    """A value as a message shows it: the whole of a short one, the start of a long one."""
    text = repr(value)
    return text if len(text) <= 80 else "%s... (%d characters)" % (text[:60], len(text))
