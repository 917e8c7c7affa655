# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Filters on inventories: their meaning, and a wider condition for the server if possible. Pure.

The server compares without case, knows no escape in lists, and splits a condition at the first operator that it finds (REST protocol page, 5.1).
So a condition only reduces the number of objects that are read; `Criterion.meets` decides.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import brief, server_date, spelling, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import INT64
from ansible_collections.zstack.aios.plugins.module_utils._resources.view import (
    DATE, DECIMAL, FLAG, INTEGER, INTEGERS, MAP, RECORD, RECORDS, TEXT, TEXTS, Column, Path,
)

EQUAL, UNEQUAL, CONTAINS, ABOVE, BELOW, IN, NULL = OPERATORS = ("=", "!=", "~=", ">", "<", "in", "null")
_WHOLE = re.compile(r"[+-]?\d{1,19}")
_NUMBER = re.compile(r"[+-]?(?:\d{1,19}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?")
_UUID = re.compile(r"[0-9a-f]{32}")
# The types of single values of a column.
_SINGLE = {TEXTS: TEXT, MAP: TEXT, INTEGERS: INTEGER}
# Maximum number of list queries for one filter; beyond that, reading all objects in pages of a thousand is cheaper.
MOST_QUERIES = 8


class Criterion:
    """One filter.

    :param place: its name in messages, such as ``filters[0]``.
    :param path: the field that is compared; a list, or a value inside a list, meets the filter if one of its entries does.
    :param operator: one of `OPERATORS`.
    :param value: the value of the task; for `NULL` true or None, or false for the opposite.
    :raises OptionError: for an operator or a value that the column does not support.
    """

    def __init__(self, place: str, path: Path, operator: str, value: t.Any) -> None:
        self.path = path
        self.operator = operator
        self._column = path[-1]
        self._type = _SINGLE.get(self._column.type, self._column.type)
        self.warning = ""
        self._check(place)
        if operator == NULL:
            self.value: t.Any = True if value is None else _flag(place, value)
        elif operator == IN:
            if not isinstance(value, (list, tuple)):
                raise OptionError("%s.value: the operator in takes a list and received %s. Write a list, such as [a, b]." % (place, _noun(value)))
            self.value = [self._parsed("%s.value[%d]" % (place, number), entry) for number, entry in enumerate(value)]
        else:
            self.value = self._parsed(place + ".value", value)

    def _check(self, place: str) -> None:
        if self._type in (RECORD, RECORDS) and self.operator != NULL:
            members = [column.name for column in self._column.members if column.name != "uuid"]
            raise OptionError("%s.field: %s contains records. Give a member, such as %s." % (
                place, self.name, " or ".join("%s.%s" % (self.name, member) for member in members[:2])))
        if self.operator == CONTAINS and self._type != TEXT:
            raise OptionError("%s.operator: ~= compares texts, and %s contains %s. Use another operator." % (place, self.name, _NOUNS[self._type]))
        if self.operator in (ABOVE, BELOW) and self._type == FLAG:
            raise OptionError("%s.operator: %s does not apply to %s, which is true or false. Use =." % (place, self.operator, self.name))

    @property
    def name(self) -> str:
        """The field, as the user writes it."""
        return ".".join(column.api if number and self.path[number - 1].type == MAP else column.name for number, column in enumerate(self.path))

    def meets(self, row: t.Mapping[str, t.Any]) -> bool:
        """Return whether an inventory meets the filter."""
        found = [value for value in _values(row, self.path) if value is not None and value != ""]
        if self.operator == CONTAINS:
            return any(self.value in text for text in found)
        if self.operator in (ABOVE, BELOW):
            return any(value > self.value if self.operator == ABOVE else value < self.value for value in found)
        # Empty text, blank text and no value are the same.
        known = {trim(value) if isinstance(value, str) else value for value in found} - {""}
        if self.operator == NULL:
            return bool(known) is not self.value
        wanted = self.value if self.operator == IN else [self.value]
        return any(not known if value == "" else value in known for value in wanted) is not (self.operator == UNEQUAL)

    def conditions(self) -> list[str] | None:
        """Return conditions, combined by "or", that match at least every row that meets the filter; None to read all rows."""
        field, value = self._column.api, self.value
        if len(self.path) > 1 or self._column.type not in (TEXT, INTEGER) or value == "":
            return None
        if self._column.type == INTEGER:
            return None if self.operator in (NULL, UNEQUAL) else self._of_number()
        if self.operator == EQUAL:
            return [_query.equals(field, value)]
        if self.operator == CONTAINS:
            return [_query.contains(field, value)]
        if self.operator == IN and "" not in value:
            plain = [entry for entry in dict.fromkeys(value) if _query.is_plain(field, entry)]
            found = [*_query.one_of(field, plain), *(_query.equals(field, entry) for entry in dict.fromkeys(value) if entry not in set(plain))]
            return found if len(found) <= MOST_QUERIES else None
        return None

    def _of_number(self) -> list[str] | None:
        field, value = self._column.api, self.value
        if any(abs(entry) > INT64 for entry in (value if self.operator == IN else [value]) if not isinstance(entry, bool)):
            return None
        if self.operator == IN:
            found = list(_query.one_of(field, ["%d" % entry for entry in dict.fromkeys(value)]))
            return found if len(found) <= MOST_QUERIES else None
        return [_query.condition(field, self.operator, "%d" % value)]

    @property
    def exact(self) -> bool:
        """Whether the server matches the same rows as `meets`: true for whole numbers and uuids."""
        if len(self.path) > 1 or self.operator not in (EQUAL, ABOVE, BELOW):
            return False
        if self._column.type == INTEGER:
            return self.conditions() is not None
        return self.operator == EQUAL and self._column.name.endswith("uuid") and bool(_UUID.fullmatch(str(self.value)))

    def _parsed(self, place: str, value: t.Any) -> t.Any:
        if value is None:
            raise OptionError("%s: a value is required. To find objects without one, set operator to 'null'." % place)
        if isinstance(value, (list, tuple, dict)):
            raise OptionError("%s: the operator %s takes one value and received %s. Use the operator in for a list." % (place, self.operator, _noun(value)))
        if self._type == TEXT:
            return self._text(place, value)
        if self._type == FLAG:
            return _flag(place, value)
        if self._type == DATE:
            return _date(place, value)
        return _number(place, self.name, value, self._type == INTEGER)

    def _text(self, place: str, value: t.Any) -> str:
        if not isinstance(value, str):
            text = str(value)
            self.warning = 'the field %s is text and received %s. It becomes the text "%s". Write the value in quotes to keep its spelling.' % (
                self.name, spelling(value), text)
            self.warning = "%s: %s" % (place, self.warning)
            value = text
        if self.operator == CONTAINS and value == "":
            raise OptionError("%s: the text is empty, which every text contains. Give the text that the field must contain." % place)
        return value if self.operator == CONTAINS else trim(value)


_NOUNS = {INTEGER: "numbers", DECIMAL: "numbers", FLAG: "true or false", DATE: "dates", TEXT: "texts"}


def _noun(value: t.Any) -> str:
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a mapping" if isinstance(value, dict) else brief(value)


def _flag(place: str, value: t.Any) -> bool:
    try:
        return bool(boolean(value))
    except TypeError as error:
        raise OptionError("%s: %s is neither true nor false. Write true or false." % (place, brief(value))) from error


def _number(place: str, name: str, value: t.Any, whole: bool) -> t.Any:
    text = trim(str(value))
    if isinstance(value, bool) or not (_WHOLE if whole else _NUMBER).fullmatch(text):
        raise OptionError("%s: %s is not a %snumber, and %s is one. Write it without a unit." % (place, brief(value), "whole " if whole else "", name))
    return int(text) if whole else float(text)


def _date(place: str, value: t.Any) -> datetime.datetime:
    found = _DATE.fullmatch(trim(str(value)))
    try:
        if found:
            return datetime.datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
    except ValueError:
        pass
    raise OptionError("%s: %s is not a date. Write it as 2026-11-25 or '2026-11-25 13:45:00', in the time zone of the management node." % (
        place, brief(value)))


def _values(row: t.Mapping[str, t.Any], path: Path) -> t.Iterator[t.Any]:
    """Yield the values of a row in the column, converted to the type of the column; None for a value of another type."""
    found: list[t.Any] = [row]
    for column in path:
        held = [item.get(column.api) for item in found if isinstance(item, dict)]
        found = [entry for value in held for entry in (value if isinstance(value, list) else [value])]
    for value in found:
        if isinstance(value, dict) and path[-1].type == MAP:
            yield from map(str, value)
        else:
            yield canonical(path[-1], value)


def canonical(column: Column, value: t.Any) -> t.Any:
    """Return one value of an inventory converted to the type of its column; None for no value or a value of another type."""
    kind = _SINGLE.get(column.type, column.type)
    if value is None:
        return None
    if kind == FLAG:
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    if kind == DATE:
        return server_date(value)
    if kind in (INTEGER, DECIMAL):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None
    if kind in (RECORD, RECORDS):
        return True if value else None
    return value if isinstance(value, str) else None if isinstance(value, (dict, list)) else spelling(value)
