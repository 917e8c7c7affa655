# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Parse YAML text into values that can be compared and shown. No I/O."""

from __future__ import annotations

import functools
import hashlib
import re
import typing as t

try:
    import yaml as _pyyaml
except ImportError:
    _pyyaml = None

from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim

# Levels of a document that are compared by meaning; Python's own recursion limit differs between versions.
DEEPEST = 100
# Maximum number of values of a document in a diff; aliases can represent any number.
MOST_SHOWN = 10000
# Maximum length of a text, and maximum number of entries from merges (<<), for a text to be parsed.
LONGEST, MOST_MERGED = 2 ** 20, 100000
# Parsing a sexagesimal number takes quadratic time.
_LONG_BASE_60 = re.compile(r"(?::[0-5]?[0-9]){40}")
_MERGE = "tag:yaml.org,2002:merge"
_LOADER: t.Any = _pyyaml and getattr(_pyyaml, "CSafeLoader", _pyyaml.SafeLoader)


def meaning(text: str) -> t.Any:
    """Return the value of a YAML text, or the trimmed text itself if it is not a single YAML document."""
    try:
        _check_cost(text)
        if repeated_key(text) is not None:
            raise ValueError("a key is given twice")
        found = yaml_load(text)
        digest(found)
    except Exception:  # a parser error, an invalid date, a structure that contains itself: compared by spelling
        return trim(text)
    return trim(found) if isinstance(found, str) else found


@functools.lru_cache(maxsize=64)
def repeated_key(text: str) -> str | None:
    """Return a key that occurs twice in a mapping of a YAML text with different values; None if there is none, or if the text is not parsed.

    YAML parsers disagree on which value applies, and some refuse such a text.
    """
    if len(text) > LONGEST or _pyyaml is None:
        return None
    try:
        return next(_repeated_keys(_pyyaml.compose(text, Loader=_LOADER)), None)
    except (_pyyaml.YAMLError, ValueError, RecursionError):
        return None


def _repeated_keys(root: t.Any) -> t.Iterator[str]:
    seen: set[int] = set()
    known: dict[int, str] = {}
    pending = [root]
    while pending:
        node = pending.pop()
        if id(node) in seen or not isinstance(getattr(node, "value", None), list):
            continue
        seen.add(id(node))
        pending.extend(part for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,)))
        if node.id == "mapping":
            first: dict[tuple[str, str], t.Any] = {}
            for key, value in node.value:
                if key.id == "scalar" and key.tag != _MERGE:
                    other = first.setdefault((key.tag, key.value), value)
                    if other is not value and _node_digest(other, known) != _node_digest(value, known):
                        yield key.value


def _node_digest(node: t.Any, known: dict[int, str]) -> str:
    """Return a text that is the same for two nodes exactly if they are written in the same way. A node that aliases repeat is visited once."""
    if id(node) not in known:
        known[id(node)] = "itself"
        parts = [node.value] if isinstance(node.value, str) else [
            _node_digest(part, known) for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,))]
        known[id(node)] = _hash([node.id, node.tag, *parts])
    return known[id(node)]


def _check_cost(text: str) -> None:
    """Refuse a text that takes disproportionate time or memory to parse.

    Aliases cost nothing, but the parser copies merged entries, and merges can be nested.

    :raises ValueError: for such a text.
    """
    if len(text) > LONGEST or _LONG_BASE_60.search(text):
        raise ValueError("too long")
    if "*" in text and ("<<" in text or "merge" in text):
        sizes: dict[int, int] = {}
        seen: set[int] = set()
        pending = [_pyyaml.compose(text, Loader=_LOADER)]
        while pending:
            node = pending.pop()
            if id(node) not in seen and isinstance(getattr(node, "value", None), list):
                seen.add(id(node))
                pending.extend(part for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,)))
                if node.id == "mapping":
                    _merged_size(node, sizes)
        if sum(sizes.values()) > MOST_MERGED:
            raise ValueError("its merges expand to too many values")


def _merged_size(node: t.Any, sizes: dict[int, int]) -> int:
    """Return the number of entries of a mapping after all merges."""
    if id(node) not in sizes:
        sizes[id(node)] = 0
        total = 0
        for key, value in node.value:
            others = [] if key.tag != _MERGE else value.value if value.id == "sequence" else [value]
            total += sum(_merged_size(other, sizes) for other in others if getattr(other, "id", "") == "mapping") if key.tag == _MERGE else 1
        sizes[id(node)] = total
    return sizes[id(node)]


def digest(value: t.Any) -> str:
    """Return a text that is equal for two values exactly if they are equivalent.

    1, 1.0, true and "1" differ, not-a-number equals itself, and the order of keys is ignored. A value that aliases repeat is visited once.

    :raises ValueError: for a structure that is nested too deep, or that contains itself.
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
    """Return the same value in JSON types, for a diff; only a summary for a value that aliases expand too far."""
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
