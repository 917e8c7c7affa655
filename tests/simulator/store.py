# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stored objects: rows in memory with indexes, written through to SQLite."""
from __future__ import annotations

import json
import sqlite3

from .clock import now_ms
from .kinds import KINDS

UPSERT = "INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT (kind, uuid) DO UPDATE SET data = excluded.data"


class Store:
    """All rows of all kinds. Rows are plain dicts and are replaced, never changed in place; keys that start with '_' are internal.

    :param path: SQLite file or ``:memory:``.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.rows: dict[str, dict[str, dict]] = {name: {} for name in KINDS}
        self.indexes: dict[str, dict[str, dict[str, dict[str, None]]]] = {}
        self.reserved: set[str] = set()
        self._sorted: dict[str, list[str]] = {}
        # statements with their values; a row becomes text when it is written
        self._pending: list[tuple[str, tuple]] = []
        self._reset_indexes()
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=OFF")
        self.database.execute("CREATE TABLE IF NOT EXISTS objects (kind TEXT, uuid TEXT, data TEXT, PRIMARY KEY (kind, uuid))")
        self.database.execute("CREATE TABLE IF NOT EXISTS reserved (uuid TEXT PRIMARY KEY)")
        self._load()

    def _reset_indexes(self) -> None:
        self.indexes = {name: {field: {} for field in kind.indexes} for name, kind in KINDS.items()}

    def _load(self) -> None:
        for kind, uuid, data in self.database.execute("SELECT kind, uuid, data FROM objects ORDER BY rowid"):
            row = json.loads(data)
            self.rows[kind][uuid] = row
            self._index(kind, row)
        self.reserved = {uuid for (uuid,) in self.database.execute("SELECT uuid FROM reserved")}

    def _index(self, kind: str, row: dict) -> None:
        for field, index in self.indexes[kind].items():
            value = row.get(field)
            if value is not None:
                index.setdefault(value.casefold(), {})[row["uuid"]] = None

    def _unindex(self, kind: str, row: dict) -> None:
        for field, index in self.indexes[kind].items():
            value = row.get(field)
            if value is not None:
                bucket = index[value.casefold()]
                bucket.pop(row["uuid"], None)
                if not bucket:
                    del index[value.casefold()]

    def get(self, kind: str, uuid: str | None) -> dict | None:
        """Return a row, or None."""
        return self.rows[kind].get(uuid)

    def all(self, kind: str) -> list[dict]:
        """Return every row of a kind in the order of creation."""
        return list(self.rows[kind].values())

    def count(self, kind: str) -> int:
        """Return the number of rows of a kind."""
        return len(self.rows[kind])

    def find(self, kind: str, field: str, value: str) -> list[dict]:
        """Return the rows whose indexed field equals a text, without regard to case (as MySQL compares, REST page, 5.3)."""
        rows = self.rows[kind]
        return [rows[uuid] for uuid in self.indexes[kind][field].get(value.casefold(), ())]

    def sorted_uuids(self, kind: str) -> list[str]:
        """Return the uuids of a kind in ascending order; kept until the kind changes."""
        cached = self._sorted.get(kind)
        if cached is None:
            cached = self._sorted[kind] = sorted(self.rows[kind])
        return cached

    def put(self, kind: str, row: dict) -> dict:
        """Insert or replace a row."""
        uuid = row["uuid"]
        old = self.rows[kind].get(uuid)
        if old is not None:
            self._unindex(kind, old)
        else:
            self._sorted.pop(kind, None)
        self.rows[kind][uuid] = row
        self._index(kind, row)
        self._pending.append((UPSERT, (kind, uuid, row)))
        return row

    def update(self, kind: str, uuid: str, changes: dict) -> dict:
        """Replace some fields of a row and its lastOpDate."""
        row = {**self.rows[kind][uuid], **changes}
        if "lastOpDate" in KINDS[kind].by_name:
            row["lastOpDate"] = now_ms()
        return self.put(kind, row)

    def delete(self, kind: str, uuid: str, reserve: bool = False) -> None:
        """Remove a row; with `reserve` its uuid cannot be used again."""
        row = self.rows[kind].pop(uuid, None)
        if row is None:
            return
        self._unindex(kind, row)
        self._sorted.pop(kind, None)
        self._pending.append(("DELETE FROM objects WHERE kind = ? AND uuid = ?", (kind, uuid)))
        if reserve:
            self.reserved.add(uuid)
            self._pending.append(("INSERT OR IGNORE INTO reserved VALUES (?)", (uuid,)))

    def taken(self, uuid: str) -> bool:
        """Return whether a resource of any kind has this uuid (REST page, 4.5: one uuid space)."""
        return any(uuid in self.rows[name] for name, kind in KINDS.items() if kind.resource)

    def commit(self) -> None:
        """Write what has changed to the database file."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        self.database.execute("BEGIN")
        for statement, values in pending:
            self.database.execute(statement, [json.dumps(value) if isinstance(value, dict) else value for value in values])
        self.database.execute("COMMIT")

    def wipe(self) -> None:
        """Forget everything."""
        self._pending = []
        for rows in self.rows.values():
            rows.clear()
        self._reset_indexes()
        self._sorted.clear()
        self.reserved.clear()
        self.database.execute("DELETE FROM objects")
        self.database.execute("DELETE FROM reserved")

    def is_empty(self) -> bool:
        """Return whether nothing was ever stored."""
        return not any(self.rows.values())

    def close(self) -> None:
        """Write the rest and close the file."""
        self.commit()
        self.database.close()
