# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The query API: conditions, paging, sorting (REST page, 5)."""
from __future__ import annotations

import re
from dataclasses import dataclass, field

from .errors import ApiError, RestError, java_list

# REST page, 5.1: scanned in this order over the whole condition, not from the left.
OPERATORS = ("!=", ">=", "<=", "!?=", "!~=", "~=", "?=", "=", ">", "<", "is null", "not null")
FIELD_NAME = re.compile(r"^[A-Za-z0-9_.]+$")
KEYWORDS = frozenset(("limit", "offset", "from", "count", "sum", "query", "where", "and", "or", "order", "by", "asc", "desc", "in", "not", "is",
                      "null", "like", "distinct", "return", "with", "filter", "named", "restrict"))


@dataclass(frozen=True)
class Condition:
    """One condition: field name (trimmed), operator, value (not trimmed)."""

    name: str
    operator: str
    value: str


@dataclass
class Query:
    """A decoded query request."""

    conditions: list[Condition] = field(default_factory=list)
    limit: int = 1000
    start: int = 0
    count: bool = False
    reply_with_count: bool = False
    sort: str | None = None
    descending: bool = False
    fields: list[str] | None = None


def parse_condition(text: str) -> Condition:
    """Split a condition at the first occurrence of the first operator of OPERATORS that it contains; raise RestError 400."""
    for operator in OPERATORS:
        position = text.find(operator)
        if position < 0:
            continue
        name = text[:position].strip()
        if not name:
            raise RestError(400, f"Invalid query parameter. The '{text}' in parameter[q] is not a key-value pair split by {operator}.")
        value = text[position + len(operator):]
        # the splitter takes adjacent separators as one: name==x has the value x
        while operator not in ("is null", "not null") and value.startswith(operator):
            value = value[len(operator):]
        return Condition(name, operator, value)
    raise RestError(400, f"Invalid query parameter. The '{text}' in the parameter[q] doesn't contain any query operator. "
                         f"Valid query operators are [{java_list(OPERATORS)}]")


def parse_query(pairs: list[tuple[str, str]], uuid: str | None) -> Query:
    """Return the query of a request; raise RestError 400 for a text that cannot be read.

    :param uuid: of the single-object path; every parameter is ignored then.
    """
    if uuid is not None:
        return Query([Condition("uuid", "=", uuid)])
    first: dict[str, str] = {}
    conditions = []
    for key, value in pairs:
        if key == "q":
            condition = parse_condition(value)
            if condition not in conditions:
                conditions.append(condition)
        else:
            first.setdefault(key, value)
    query = Query(conditions)
    query.limit = whole(first, "limit", 1000)
    query.start = whole(first, "start", 0)
    query.count = first.get("count", "").lower() == "true"
    query.reply_with_count = first.get("replyWithCount", "").lower() == "true"
    if first.get("fields") is not None:
        query.fields = [name.strip() for name in first["fields"].split(",")]
    if first.get("filterName") is not None and ":" not in first["filterName"]:
        raise ApiError("SYS.1007", f"invalid filterName[{first['filterName']}], expected type:condition")
    sort = first.get("sort")
    if sort is not None:
        query.descending = sort.startswith("-")
        query.sort = sort.strip().lstrip("+-").strip()
    return query


def whole(values: dict[str, str], key: str, default: int) -> int:
    """Return a number of the query string."""
    if key not in values:
        return default
    try:
        return int(values[key])
    except ValueError:
        raise RestError(400, f"Invalid query parameter. '{key}' must be an integer, but was [{values[key]}]") from None


def check_grammar(query: Query) -> None:
    """Raise SYS.1000 for what the query language cannot parse: quotes, backslashes, keywords as names (REST page, 5.1 and 5.3)."""
    names = [condition.name for condition in query.conditions] + (query.fields or []) + ([query.sort] if query.sort is not None else [])
    for name in names:
        if not FIELD_NAME.match(name) or name.lower() in KEYWORDS:
            raise ApiError("SYS.1000", f"query syntax error near '{name}'")
    for condition in query.conditions:
        if "'" in condition.value or "\\" in condition.value:
            raise ApiError("SYS.1000", f"query syntax error near '{condition.value}'")
    if query.limit < 0 or query.start < 0:
        raise ApiError("SYS.1000", "query syntax error near 'limit'")


def like_pattern(value: str) -> re.Pattern:
    """Return SQL LIKE as a regular expression: % and _, without regard to case."""
    parts = [".*" if character == "%" else "." if character == "_" else re.escape(character) for character in value]
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def text_test(operator: str, value: str):
    """Return a test for texts, positive form of the operator, case-insensitive as the database compares."""
    folded = value.casefold()
    if operator in ("=", "!="):
        return lambda text: text.casefold() == folded
    if operator in ("~=", "!~="):
        pattern = like_pattern(value)
        return lambda text: pattern.fullmatch(text) is not None
    if operator in ("?=", "!?="):
        wanted = {part.casefold() for part in value.split(",")}
        return lambda text: text.casefold() in wanted
    return {
        ">": lambda text: text.casefold() > folded,
        ">=": lambda text: text.casefold() >= folded,
        "<": lambda text: text.casefold() < folded,
        "<=": lambda text: text.casefold() <= folded,
    }[operator]


def number_test(operator: str, value: str):
    """Return a test for numbers, positive form of the operator; text that is no number never matches."""
    if operator in ("~=", "!~=", "?=", "!?="):
        as_text = text_test(operator, value)
        return lambda number: as_text(str(number))
    try:
        wanted = float(value)
    except ValueError:
        return lambda number: False
    return {
        "=": lambda number: number == wanted, "!=": lambda number: number == wanted,
        ">": lambda number: number > wanted, ">=": lambda number: number >= wanted,
        "<": lambda number: number < wanted, "<=": lambda number: number <= wanted,
    }[operator]


def row_test(operator: str, value: str, type_name: str):
    """Return a test of a stored value, null included: a comparison with null is never true, as in SQL."""
    if operator == "is null":
        return lambda stored: stored is None
    if operator == "not null":
        return lambda stored: stored is not None
    negative = operator.startswith("!")
    positive = number_test(operator, value) if type_name in ("Integer", "Long", "Float") else text_test(operator, value)
    return lambda stored: stored is not None and positive(stored) is not negative
