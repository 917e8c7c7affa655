# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Prepare a result for output: without secrets, and without control characters in the parts that people read. Pure.

The kind of each part decides. Words, keys, enumerations and numbers of this collection are not changed. Messages, diffs and plans are for people, so their
control characters are escaped. Objects of the server are data: they keep every character that is not secret, and a warning names the places where a secret
was masked.
"""

from __future__ import annotations

import collections.abc
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import without_variables
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import MASK, WHOLE, Masker, is_secret_name
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible

# The keys of a result that are for people; all others contain objects.
_FOR_PEOPLE = frozenset((
    "msg", "warnings", "error", "diff", "steps", "drift", "entries", "catalog_errors", "summary", "omitted", "files", "changed", "failed"))
# Members whose texts are composed by this collection, or one of its own words.
_COMPOSED = frozenset((
    "msg", "warnings", "error", "steps", "summary", "files", "call", "method", "path", "fields", "field", "action", "kind", "option", "file", "item", "rule",
    "before_header", "after_header"))
# Already checked by the export, and returned unchanged.
_CHECKED = frozenset(("content",))
_DIFFERS = " (differs in what is masked)"
_LISTED = 3


def present(result: t.Mapping[str, t.Any], masker: Masker) -> tuple[dict[str, t.Any], list[str]]:
    """Return the result for output, and a warning if data was masked."""
    presenter = _Presenter(masker, masker.search(_texts(result)))
    shown = {key: value if key in _CHECKED else presenter.member(key, value, key, key in _FOR_PEOPLE) for key, value in result.items()}
    return shown, presenter.warnings()


def presented_arguments(
    arguments: t.Mapping[str, t.Any], secret: t.Collection[str], masker: Masker, options: t.Mapping[str, t.Any],
) -> dict[str, t.Any]:
    """Return the arguments of a module for ``invocation``.

    :param secret: the names of the options, at any level, whose values are always masked.
    :param options: the argument specification. Unknown options are masked as well, because they may be misspelled secret options.
    """
    presenter = _Presenter(masker, masker.search(_texts(arguments)))
    return t.cast(dict[str, t.Any], presenter.argument("", arguments, secret, {"options": options}))


def _texts(value: t.Any) -> list[str]:
    """Return each text, key and number once: most keys of a result and many of its values are repeated."""
    found: dict[str, None] = {}
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            found[item] = None
        elif isinstance(item, collections.abc.Mapping):
            found.update((str(key), None) for key in item)
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
        elif isinstance(item, (int, float)) and not isinstance(item, bool):
            found[str(item)] = None
    return list(found)


class _Presenter:
    """Converts one result.

    :param needles: from `Masker.search`; None if there is nothing to mask.
    """

    def __init__(self, masker: Masker, needles: list[str] | None) -> None:
        self._masker = masker
        self._needles = needles
        self._places: dict[str, None] = {}

    def warnings(self) -> list[str]:
        """Return a warning for the data that was masked."""
        places = list(self._places)
        if not places:
            return []
        more = " and %d more" % (len(places) - _LISTED) if len(places) > _LISTED else ""
        return [
            "The result is masked in %s%s: a secret of this task, or a credential in a URL, occurs there. Do not use the masked text as data."
            % (", ".join(visible(place) for place in places[:_LISTED]), more)]

    def member(self, key: str, value: t.Any, place: str, shown: bool) -> t.Any:
        """Return the value of a key of the result.

        :param place: its name in a warning.
        :param shown: True for parts that people read.
        """
        if shown and key in _COMPOSED:
            return self._composed(value)
        if isinstance(value, list):
            return [self.member("", item, "%s[%d]" % (place, number), shown) for number, item in enumerate(value)]
        if isinstance(value, collections.abc.Mapping):
            if shown and "before" in value and "after" in value:
                return self._compared(value, place)
            return {self._key(name, shown): self.member(str(name), item, "%s.%s" % (place, name), shown) for name, item in value.items()}
        return self._leaf(key, value, place, shown)

    def argument(self, key: str, value: t.Any, secret: t.Collection[str], spec: t.Mapping[str, t.Any] | None) -> t.Any:
        """Return the value of an option.

        :param spec: its specification; None for an unknown option.
        """
        if (key in secret or spec is None) and value is not None:
            return WHOLE
        if isinstance(value, list):
            return [self.argument("", item, secret, spec) for item in value]
        if isinstance(value, collections.abc.Mapping):
            inner = (spec or {}).get("options")
            return {
                name: self.argument(str(name), item, secret, {} if inner is None else inner.get(name)) for name, item in value.items()}
        return self._without_secrets(value)

    def _key(self, key: t.Any, shown: bool) -> t.Any:
        if not isinstance(key, str):
            return key
        text = key if self._needles is None else self._masker.composed(key, self._needles)
        return visible(text) if shown else text

    def _composed(self, value: t.Any) -> t.Any:
        if isinstance(value, str):
            return visible(value if self._needles is None else self._masker.composed(value, self._needles), lines=True)
        if isinstance(value, collections.abc.Mapping):
            return {self._key(key, True): self._composed(item) for key, item in value.items()}
        return [self._composed(item) for item in value] if isinstance(value, (list, tuple)) else value

    def _leaf(self, key: str, value: t.Any, place: str, shown: bool) -> t.Any:
        masked = self._without_secrets(value)
        # Nobody takes the mask of a password for data.
        if masked is not value and masked != value and not (masked == MASK and is_secret_name(key)):
            self._places[place] = None
        return visible(masked, lines=True) if shown and isinstance(masked, str) else masked

    def _without_secrets(self, value: t.Any) -> t.Any:
        if self._needles is None or value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._masker.data(without_variables(value, self._is_known), self._needles)
        # A number is masked as a whole, since a part of it would be another number.
        return MASK if isinstance(value, (int, float)) and self._masker.data(str(value), self._needles) != str(value) else value

    def _is_known(self, _unused: str, value: str) -> bool:
        return self._masker.knows(value)

    def _compared(self, pair: t.Mapping[str, t.Any], place: str) -> dict[str, t.Any]:
        """Return both sides of a difference, kept distinct if they differ only in masked parts."""
        before, after = self._sides(pair["before"], pair["after"], place)
        rest = {key: self.member(key, value, "%s.%s" % (place, key), True) for key, value in pair.items() if key not in ("before", "after")}
        return {**rest, "before": before, "after": after}

    def _sides(self, before: t.Any, after: t.Any, place: str) -> tuple[t.Any, t.Any]:
        if isinstance(before, collections.abc.Mapping) and isinstance(after, collections.abc.Mapping):
            sides: tuple[dict[t.Any, t.Any], dict[t.Any, t.Any]] = ({}, {})
            for key in dict.fromkeys((*before, *after)):
                both = self._sides(before.get(key), after.get(key), "%s.%s" % (place, key))
                for side, given, value in zip(sides, (before, after), both):
                    if key in given:
                        side[self._key(key, True)] = value
            return sides
        if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
            pairs = [self._sides(*items, "%s[%d]" % (place, number)) for number, items in enumerate(zip(before, after))]
            return [left for left, _unused in pairs], [right for _unused, right in pairs]
        if isinstance(before, str) and isinstance(after, str) and self._needles is not None and before.count("\n") == after.count("\n") > 0:
            lines = [self._sides(*items, place) for items in zip(before.split("\n"), after.split("\n"))]
            # A value may continue on the next line.
            left, right = (without_variables("\n".join(side), self._is_known) for side in zip(*lines))
            return left, right
        left, right = self.member("", before, place, True), self.member("", after, place, True)
        if isinstance(before, str) and isinstance(after, str) and before != after and left == right:
            right += _DIFFERS
        return left, right
