# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replaces the client in tests of what uses it: a store of objects, and a script of answers to writes."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ServerError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.outcomes import Outcomes, Seen
from ansible_collections.zstack.aios.tests.unit.support.query_server import server_finds, server_reads

Rows = list[dict[str, t.Any]]


class FakeClient:
    """Answers reads from ``store`` (path to rows) and writes from a script.

    :param answers: for each write: a result, an exception, or a function of the write that gives or raises one.
    """

    def __init__(self, store: dict[str, Rows] | None = None, answers: t.Sequence[t.Any] = ()) -> None:
        self.store = store if store is not None else {}
        self.answers = list(answers)
        self.writes: list[Write] = []
        self.reads: list[str] = []
        self.memo: dict[t.Any, t.Any] = {}

    @contextlib.contextmanager
    def looking_together(self) -> t.Iterator[Outcomes]:
        """Lists that never show an effect."""
        yield Outcomes(lambda path, uuids: [])

    def unproven(self) -> t.Iterator[Seen]:
        """No effect was seen."""
        return iter(())

    def get(self, path: str, object_uuid: str) -> dict[str, t.Any] | None:
        """Return one object."""
        self.reads.append("%s/%s" % (path, object_uuid))
        return next((dict(row) for row in self.store.get(path, []) if row["uuid"] == object_uuid), None)

    def query(self, path: str, conditions: t.Sequence[str] = ()) -> Rows:
        """Return the rows that the server would give for the conditions, as it reads them."""
        self.reads.append(" ".join((path, *conditions)))
        return [dict(row) for row in self.store.get(path, []) if all(self._meets(row, text) for text in conditions)]

    def count(self, path: str, conditions: t.Sequence[str] = ()) -> int:
        """Return how many rows `query` would give; a count transfers none of them."""
        found = len(self.query(path, conditions))
        self.reads[-1] = "count " + self.reads[-1]
        return found

    @staticmethod
    def _meets(row: dict[str, t.Any], condition: str) -> bool:
        field, operator, value = server_reads(condition)
        stored = str(row.get(field) or "")
        if operator in (">", "<"):
            number = row.get(field)
            return number is not None and (number > int(value) if operator == ">" else number < int(value))
        return stored.lower() in value.lower().split(",") if operator == "?=" else server_finds(condition, field, stored)

    def write(self, write: Write, find: t.Callable[[], t.Any] | None = None) -> dict[str, t.Any]:
        """Remember the write and give its answer."""
        self.writes.append(write)
        assert self.answers, "an unexpected %s" % write.asked
        answer = self.answers.pop(0)
        if callable(answer):
            answer = answer(write)
        if isinstance(answer, Exception):
            raise answer
        return answer


def refused(code: str, **more: t.Any) -> ServerError:
    """Return a refusal of the server."""
    return ServerError("asked", {"code": code, "details": "because", **more}, 503)
