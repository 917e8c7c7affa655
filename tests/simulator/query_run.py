# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluation of queries on the stored rows (REST page, 5.2 and 5.3)."""
from __future__ import annotations

import itertools
from collections.abc import Callable

from .clock import now_ms
from .errors import ApiError
from .kinds import KINDS, Field
from .options import Config
from .query import Condition, Query, check_grammar, row_test
from .serialise import Inventory, Renderer, schema_of, sql_timestamp
from .store import Store

# pseudo field -> (kind of the tags, field that is compared)
TAG_FIELDS = {
    "__userTag__": ("user_tags", "tag"),
    "__systemTag__": ("system_tags", "tag"),
    "__tagUuid__": ("user_tags", "tagPatternUuid"),
}
Predicate = Callable[[dict], bool]


class QueryEngine:
    """Answers query calls.

    :param renderer: makes the inventories.
    """

    def __init__(self, store: Store, config: Config, renderer: Renderer) -> None:
        self.store = store
        self.config = config
        self.renderer = renderer
        self._turn = itertools.count(1)

    def run(self, kind: str, query: Query, account: dict | None) -> dict:
        """Return the body of the answer.

        :param account: who asks; other accounts than admin see their own and shared rows only. None sees everything.
        """
        check_grammar(query)
        predicates = [self.predicate(kind, condition) for condition in query.conditions]
        if query.sort is not None:
            self.simple_field(kind, query.sort, f"invalid order by clause, inventory[{KINDS[kind].inventory}] doesn't have field[{query.sort}]")
        for name in query.fields or ():
            self.simple_field(kind, name, f"inventory[{KINDS[kind].inventory}] has no field[{name}]")
        candidates = (self.shown(row) for row in self.candidates(kind, query) if self.belongs(kind, row))
        rows = [row for row in candidates if self.visible(row, account) and all(test(row) for test in predicates)]
        if query.count:
            return {"total": len(rows), "schema": {}}
        page = self.ordered(kind, rows, query)[query.start:query.start + query.limit]
        inventories = [self.renderer.inventory(kind, row) for row in page]
        if query.fields:
            wanted = set(query.fields)
            inventories = [Inventory(item.class_name, {key: value for key, value in item.items() if key in wanted}) for item in inventories]
        body: dict = {"inventories": inventories}
        if query.reply_with_count:
            body["total"] = len(rows)
        body["schema"] = schema_of(body)
        return body

    @staticmethod
    def belongs(kind: str, row: dict) -> bool:
        """Return whether a row of the table is one of a kind that shows only some of them."""
        where = KINDS[kind].where
        return where is None or row.get(where[0]) == where[1]

    @staticmethod
    def shown(row: dict) -> dict:
        """Return a row as queries see it: for a while, perhaps, as it was before (fault stale_status)."""
        stale = row.get("_stale")
        return stale["row"] if stale and stale["until"] > now_ms() else row

    @staticmethod
    def visible(row: dict, account: dict | None) -> bool:
        """Return whether a row can be seen at all, and by this account."""
        if "_hidden_until" in row and row["_hidden_until"] > now_ms():
            return False
        return account is None or account["_admin"] or row.get("_shared", False) or row.get("_owner") == account["uuid"]

    def candidates(self, kind: str, query: Query) -> list[dict]:
        """Return the fewest rows that an index gives for the conditions, in no particular order."""
        best: list[dict] | None = None
        kind = KINDS[kind].table or kind
        for condition in query.conditions:
            if condition.operator not in ("=", "?="):
                continue
            values = condition.value.split(",") if condition.operator == "?=" else [condition.value]
            if condition.name == "uuid":
                found = [self.store.get(kind, value.casefold()) or self.store.get(kind, value) for value in values]
            elif condition.name in self.store.indexes[kind]:
                found = [row for value in values for row in self.store.find(kind, condition.name, value)]
            else:
                continue
            rows = list({row["uuid"]: row for row in found if row}.values())
            if best is None or len(rows) < len(best):
                best = rows
        return self.store.all(kind) if best is None else best

    def ordered(self, kind: str, rows: list[dict], query: Query) -> list[dict]:
        """Return the rows sorted, or, without sort, in an order that differs from query to query (REST page, 5.2)."""
        if len(rows) < 2:
            return rows
        table_name = KINDS[kind].table or kind
        if query.sort == "uuid" and len(rows) == self.store.count(table_name):
            uuids = self.store.sorted_uuids(table_name)
            table = self.store.rows[table_name]
            rows = [self.shown(table[uuid]) for uuid in uuids]
            return rows[::-1] if query.descending else rows
        turn = next(self._turn) * 7919 % len(rows)
        rows = rows[turn:] + rows[:turn]
        if query.sort is None:
            return rows
        field = KINDS[kind].by_name[query.sort]
        return sorted(rows, key=lambda row: sort_key(row.get(field.name)), reverse=query.descending)

    def simple_field(self, kind: str, name: str, refusal: str) -> Field:
        """Return a field of the inventory; raise SYS.1000 with a text when this server does not have it."""
        field = KINDS[kind].by_name.get(name)
        if field is None or (field.since and field.since > self.config.version):
            raise ApiError("SYS.1000", refusal)
        return field

    def predicate(self, kind: str, condition: Condition) -> Predicate:
        """Return the test of one condition."""
        if condition.name in TAG_FIELDS:
            return self.tag_predicate(condition)
        return self.field_predicate(kind, condition.name, condition)

    def field_predicate(self, kind: str, name: str, condition: Condition) -> Predicate:
        """Return the test of a field, which may be nested: a.b means that some b of the a's fits."""
        refusal = f"inventory class[class {KINDS[kind].inventory}] not having field[{name}]"
        head, dot, rest = name.partition(".")
        if not dot:
            field = self.simple_field(kind, name, refusal)
            if field.type in ("Computed", "Rows"):
                raise ApiError("SYS.1000", refusal)
            test = row_test(condition.operator, condition.value, field.type)
            return lambda row: test(self.comparable(field, row))
        if head not in KINDS[kind].expansions:
            raise ApiError("SYS.1000", refusal)
        expansion = KINDS[kind].expansions[head]
        if expansion is None:
            test = row_test(condition.operator, condition.value, "String")
            return lambda row: any(test(item.get(rest)) for item in row.get(head) or ())
        other, own_field, other_field = expansion
        nested = self.field_predicate(other, rest, condition)
        if other_field == "uuid":
            def to_one(row: dict) -> bool:
                target = self.store.get(other, row.get(own_field))
                return target is not None and nested(target)
            return to_one
        return lambda row: any(nested(item) for item in self.store.find(other, other_field, row[own_field]))

    def comparable(self, field: Field, row: dict) -> object:
        """Return a stored value as the database compares it."""
        value = row.get(field.name)
        if value is None:
            return None
        if field.type == "Timestamp":
            return sql_timestamp(value, self.config.tzinfo)
        if field.type == "Boolean":
            return "true" if value else "false"
        if field.type in ("List", "Map"):
            return ",".join(value)
        return value

    def tag_predicate(self, condition: Condition) -> Predicate:
        """Return the test of a tag pseudo field; negative operators take the rows without any such tag (REST page, 5.3)."""
        kind, name = TAG_FIELDS[condition.name]
        operator = condition.operator
        if operator in ("is null", "not null"):
            tagged = {row["resourceUuid"] for row in self.store.all(kind) if row.get(name) is not None}
            return (lambda row: row["uuid"] not in tagged) if operator == "is null" else (lambda row: row["uuid"] in tagged)
        negative = operator.startswith("!")
        test = row_test(operator.lstrip("!") if operator != "!=" else "=", condition.value, "String")
        rows = self.store.find(kind, name, condition.value) if operator in ("=", "!=") else self.store.all(kind)
        tagged = {row["resourceUuid"] for row in rows if test(row.get(name))}
        return lambda row: (row["uuid"] in tagged) is not negative


def sort_key(value: object) -> tuple:
    """Return a key that sorts nulls first and texts without regard to case."""
    if value is None:
        return (0, "")
    if isinstance(value, str):
        return (1, value.casefold())
    return (1, value) if isinstance(value, (int, float)) else (1, str(value))
