# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Convert structures to JSON text, and parse JSON text. No I/O."""

from __future__ import annotations

import collections.abc
import json
import math
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import Pairs, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.yaml import DEEPEST, digest

# JSON allows these characters in a string; YAML rejects them or reads them as line breaks. Both accept their escapes.
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def text_of(value: t.Any) -> str:
    """Return the value of an option as text: text unchanged, everything else as JSON with the same meaning in YAML 1.1.

    :raises ValueError: for a value that JSON cannot express; the message is a clause for the user.
    """
    if isinstance(value, str):
        return value
    return _NOT_IN_YAML.sub(lambda found: "\\u%04x" % ord(found.group()), _json(value, 0))


def _json(value: t.Any, depth: int) -> str:
    if depth > DEEPEST:
        raise ValueError("it is nested deeper than %d levels" % DEEPEST)
    if isinstance(value, collections.abc.Mapping):
        keys = [key_text(key) for key in value]
        if len(set(keys)) < len(keys):
            # YAML distinguishes the keys 1 and "1", JSON does not.
            raise ValueError("it has the key %s twice, as a text and as another value" % next(key for key in keys if keys.count(key) > 1))
        return "{%s}" % ", ".join("%s: %s" % (_json(key, depth), _json(item, depth + 1)) for key, item in zip(keys, value.values()))
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(_json(item, depth + 1) for item in value)
    if isinstance(value, float):
        return _number(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        # Python limits the digits of a number that it writes; other objects do not occur in YAML or JSON.
        raise ValueError("it holds a %s that JSON cannot express" % type(value).__name__) from error


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError("JSON has no notation for .nan and .inf")
    # YAML 1.1 reads a number with an exponent and without a dot as text.
    return re.sub(r"^(-?\d+)e", r"\1.0e", float.__repr__(value))


def key_text(key: t.Any) -> str:
    """Return the key of a mapping after a conversion to JSON, which only has text keys."""
    if isinstance(key, str):
        return key
    return json.dumps(key) if key is None or isinstance(key, (bool, int, float)) else str(key)


def meaning(text: str) -> t.Any:
    """Return the value of a JSON object or list; for any other text, the text as the server stores it."""
    trimmed = trim(text)
    if trimmed[:1] not in ("{", "["):
        return trimmed
    try:
        found = json.loads(trimmed, object_pairs_hook=_object, parse_constant=_refuse)
        digest(found)
    except (ValueError, RecursionError):  # not JSON, or too deep to compare by meaning: compared by spelling
        return trimmed
    return found


def repeated_key(text: str) -> str | None:
    """Return a key that occurs twice in an object of a JSON text with different values; None if there is none, or if the text is not JSON."""
    pairs = Pairs()
    try:
        json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return None
    return pairs.repeated


def _object(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _refuse(name: str) -> t.NoReturn:
    raise ValueError("%s is not JSON" % name)
