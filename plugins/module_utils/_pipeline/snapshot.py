# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The platform in memory: it answers queries like a client, without a request for each item."""

from __future__ import annotations

import concurrent.futures
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ProtocolError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim

# Data that a field may require in addition to the inventory, and its paths.
TAG_PATHS = {"user_tags": "/v1/user-tags", "system_tags": "/v1/system-tags"}

Row = dict[str, t.Any]


class Snapshot:
    """Reads a whole resource path on its first use, and only once.

    It has the reading methods of `Client`, so objects are found here by the same rules as on the server. Planned objects can be added, so that later items
    find them.

    :param resource_types: the types whose tags are read.
    :param read: reads all inventories of a path that meet the conditions; by default `Client.query`.
    """

    def __init__(self, client: Client, resource_types: t.Sequence[str], read: t.Callable[[str, t.Sequence[str]], list[Row]] | None = None) -> None:
        self.memo: dict[t.Any, t.Any] = {}
        self._read = read or client.query
        self._resource_types = resource_types
        self._rows: dict[str, dict[str, Row]] = {}
        self._indexes: dict[tuple[str, str], dict[str, dict[str, Row]]] = {}
        # Objects that are found by another name than their own.
        self._renamed: dict[tuple[str, str], Row] = {}

    def prepare(self, paths: t.Iterable[str], concurrency: int) -> None:
        """Read several paths in parallel."""
        missing = [path for path in dict.fromkeys(paths) if path not in self._rows]
        with concurrent.futures.ThreadPoolExecutor(max(1, min(concurrency, len(missing)))) as pool:
            for _unused in pool.map(self._load, missing):
                pass

    def get(self, path: str, object_uuid: str) -> Row | None:
        """As `Client.get`."""
        rows = self._load(path)
        return rows.get(object_uuid) or rows.get(object_uuid.lower())

    def query(self, path: str, conditions: t.Sequence[str] = ()) -> list[Row]:
        """As `Client.query`, for the conditions that the collection uses."""
        rows: t.Any = None
        by_name = not conditions
        for text in conditions:
            matching = self._matching(path, text)
            by_name = by_name or (_query.split(text) or ("",))[0] == "name"
            rows = matching if rows is None else {key: row for key, row in rows.items() if key in matching}
        found = self._load(path) if rows is None else rows
        return [self._renamed.get((path, uuid), row) if by_name else self._rows[path][uuid] for uuid, row in found.items()]

    def put(self, path: str, row: Row) -> None:
        """Add an object, or replace the one of the same uuid."""
        self.drop(path, str(row["uuid"]))
        self._load(path)[str(row["uuid"])] = row
        for (indexed, field), index in self._indexes.items():
            if indexed == path:
                index.setdefault(_key(row, field), {})[str(row["uuid"])] = row
        # A name may now belong to another object, or to several.
        self._forget(path, row)

    def drop(self, path: str, object_uuid: str) -> None:
        """Remove an object."""
        old = self._load(path).pop(object_uuid, None)
        if old is not None:
            named = self._renamed.pop((path, object_uuid), old)
            for (indexed, field), index in self._indexes.items():
                if indexed == path:
                    index.get(_key(named if field == "name" else old, field), {}).pop(object_uuid, None)
            self._forget(path, named)

    def rename(self, path: str, object_uuid: str, name: str) -> None:
        """Let queries find an object by the name that it will have; `get` returns it as it is."""
        row = self._load(path).get(object_uuid)
        if row is not None and _key(row, "name") != name:
            renamed = {**row, "name": name}
            index = self._index(path, "name")
            index.get(_key(row, "name"), {}).pop(object_uuid, None)
            index.setdefault(name, {})[object_uuid] = renamed
            self._renamed[path, object_uuid] = renamed
            self._forget(path, row)
            self._forget(path, renamed)

    def _forget(self, path: str, row: Row) -> None:
        self.memo.pop((path, trim(str(row.get("name") or ""))), None)

    def _load(self, path: str) -> dict[str, Row]:
        if path not in self._rows:
            conditions = list(_query.one_of("resourceType", self._resource_types)) if path in TAG_PATHS.values() else []
            self._rows[path] = {str(row["uuid"]): row for row in self._read(path, conditions)}
        return self._rows[path]

    def _index(self, path: str, field: str) -> dict[str, dict[str, Row]]:
        index = self._indexes.get((path, field))
        if index is None:
            index = self._indexes[path, field] = {}
            for uuid, row in self._load(path).items():
                index.setdefault(_key(row, field), {})[uuid] = row
        return index

    def _matching(self, path: str, text: str) -> dict[str, Row]:
        field, operator, value = _query.split(text) or ("", "", "")
        if operator == "=":
            return self._index(path, field).get(trim(value), {})
        if operator == "?=":
            index = self._index(path, field)
            return {uuid: row for one in value.split(",") for uuid, row in index.get(trim(one), {}).items()}
        if operator == "~=":
            like = Like(trim(value))
            return {uuid: row for key, rows in self._index(path, field).items() if like.matches(key) for uuid, row in rows.items()}
        raise ProtocolError("The query %r cannot be answered from memory. This is a defect of the collection, please report it." % text)


class Like:
    """A LIKE pattern: ``_`` is one character, ``%`` any number of them; without case.

    Each part between two ``%`` is searched once, from the end of the previous part, so the time is limited by the product of both lengths. A regular
    expression would try every division of the text.
    """

    def __init__(self, pattern: str) -> None:
        parts = [re.compile("".join("." if char == "_" else re.escape(char) for char in part), re.S | re.I) for part in re.split("%+", pattern)]
        self._first, self._last = parts[0], parts[-1]
        self._middle = parts[1:-1]
        self._ends = [len(part) for part in re.split("%+", pattern)][-1]
        self._whole = len(parts) == 1

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches."""
        if self._whole:
            return bool(self._first.fullmatch(text))
        found = self._first.match(text)
        for part in self._middle:
            found = found and part.search(text, found.end())
        return bool(found and found.end() + self._ends <= len(text) and self._last.fullmatch(text, len(text) - self._ends))


def _key(row: t.Mapping[str, t.Any], field: str) -> str:
    return trim(str(row.get(field) or ""))
