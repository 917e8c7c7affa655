# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Write options as YAML, with the same bytes for the same options on every machine, and without a library."""

from __future__ import annotations

import json
import re
import typing as t

# Texts that need no quotes and that every version of YAML reads as text.
_PLAIN = re.compile(r"(?:[A-Za-z]|/[A-Za-z0-9])(?:[A-Za-z0-9 _./@+-]*[A-Za-z0-9_/@+-])?")
_WORDS = frozenset("y n yes no true false on off null none nan inf".split())
# Characters that a quoted text has to escape and that a block cannot contain: those that YAML does not allow, and those that a terminal or an editor
# interprets or does not show (Unicode's categories Cc, Cf, Cs, Co, Zl and Zp). Written out, so that every version of Python writes the same bytes.
_SPECIAL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|[^\x00-\uffff]")
_FLOW_WIDTH = 120


def write_list(kind: str, items: t.Sequence[tuple[t.Sequence[str], t.Mapping[str, t.Any]]], remarks: t.Sequence[str] = ()) -> str:
    """Return one key of a catalog with its items.

    :param items: each with the comments above it.
    :param remarks: comments after the last item.
    """
    lines = [kind + ":" if items else kind + ": []"]
    for comments, options in items:
        lines.extend("  # " + one_line(text) for text in comments)
        lead = "  - "
        for option, value in options.items():
            lines.append(lead + _scalar(option) + ":" + _value(value, 4))
            lead = "    "
    lines.extend("  # " + one_line(text) for text in remarks)
    return "\n".join(lines) + "\n"


def one_line(text: str) -> str:
    """Return a text as one line that is safe in a comment."""
    return " ".join(_SPECIAL.sub(" ", text).split())


def _value(value: t.Any, indent: int) -> str:
    """Return the text after the colon of a key whose line is indented by that many blanks."""
    pad = "\n" + " " * (indent + 2)
    if isinstance(value, dict):
        return "".join("%s%s:%s" % (pad, _scalar(str(key)), _value(entry, indent + 2)) for key, entry in value.items()) or " {}"
    if isinstance(value, list):
        flow = " [%s]" % ", ".join(map(_scalar, value)) if not any(isinstance(entry, (dict, list)) for entry in value) else None
        if flow is not None and len(flow) <= _FLOW_WIDTH and "\n" not in flow:
            return flow
        return "".join("%s-%s" % (pad, _entry(entry, indent + 2)) for entry in value)
    if isinstance(value, str) and _fits_block(value):
        end = "-" if not value.endswith("\n") else "+" if value.endswith("\n\n") else ""
        body = value[:-1] if value.endswith("\n") else value
        return " |%s\n%s" % (end, "\n".join(" " * (indent + 2) + line if line else "" for line in body.split("\n")))
    return " " + _scalar(value)


def _entry(entry: t.Any, indent: int) -> str:
    """Return the text after the dash of a list entry."""
    if isinstance(entry, dict) and entry:
        pad = "\n" + " " * (indent + 2)
        return " " + pad.join("%s:%s" % (_scalar(str(key)), _value(value, indent + 2)) for key, value in entry.items())
    return " " + (json.dumps(entry) if isinstance(entry, (dict, list)) else _scalar(entry))


def _fits_block(text: str) -> bool:
    return "\n" in text and text[0] not in "\n \t" and not _SPECIAL.search(text) and bool(text.strip())


def _scalar(value: t.Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return json.dumps(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    escaped = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t")
    return '"%s"' % _SPECIAL.sub(lambda found: _escape(found.group()), escaped)


def _escape(character: str) -> str:
    code = ord(character)
    return "\\x%02x" % code if code < 0x100 else "\\u%04x" % code if code < 0x10000 else "\\U%08x" % code
