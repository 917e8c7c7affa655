# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""What a YAML text means, in a form that can be compared and shown. No I/O."""

from __future__ import annotations

import hashlib
import typing as t

from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim

# Levels of a document that are compared by meaning; Python's own recursion limit differs between versions.
DEEPEST = 100
# Values of a document that a diff shows; aliases can stand for any number of them.
MOST_SHOWN = 10000


def meaning(text: str) -> t.Any:
    """What a YAML text says; the trimmed text itself when it cannot be read as one YAML document."""
    try:
        found = yaml_load(text)
        digest(found)
    except Exception:  # a parser error, an impossible date, a structure that holds itself: then only the spelling is left
        return trim(text)
    return trim(found) if isinstance(found, str) else found


def digest(value: t.Any) -> str:
    """A text that is the same for two values exactly when they mean the same.

    1, 1.0, true and "1" differ, not-a-number equals itself, and the order of keys does not count. A value that aliases
    repeat is looked at once.

    :raises ValueError: for a structure that is deeper than any configuration, or that holds itself.
    """
    return _digest(value, {}, 0)


def _digest(value: t.Any, known: dict[int, str], depth: int) -> str:
    if depth > DEEPEST:
        raise ValueError("nested deeper than %d levels" % DEEPEST)
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, dict):
        parts = ["map", *sorted(_digest(key, known, depth + 1) + _digest(item, known, depth + 1) for key, item in value.items())]
    elif isinstance(value, (list, tuple)):
        parts = ["list", *(_digest(item, known, depth + 1) for item in value)]
    elif isinstance(value, (set, frozenset)):
        parts = ["set", *sorted(_digest(item, known, depth + 1) for item in value)]
    else:
        return _hash([type(value).__name__, repr(value)])
    known[id(value)] = _hash(parts)
    return known[id(value)]


def _hash(parts: t.Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def plain(value: t.Any) -> t.Any:
    """The same value in JSON types, for a diff; only a name for one that unfolds without end."""
    count = _count(value, {})
    if count > MOST_SHOWN:
        return "YAML of %d values, sha256 %s" % (count, digest(value))
    return _plain(value)


def _count(value: t.Any, known: dict[int, int]) -> int:
    if id(value) not in known:
        items = [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, (list, tuple, set, frozenset)) else ()
        known[id(value)] = 1 + sum(_count(item, known) for item in items)
    return known[id(value)]


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item) for item in value), key=repr)
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
