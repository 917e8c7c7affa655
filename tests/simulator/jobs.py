# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job store (REST page, 3.2 to 3.4)."""
from __future__ import annotations

from uuid import uuid4

from .clock import now_ms
from .errors import RestError
from .options import Config
from .serialise import schema_of, to_json
from .store import Store


class Jobs:
    """Rows of asynchronous calls. A row that is `processing` when the server dies stays so forever."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self.frozen: set[str] = set()

    def new_uuid(self, given: str | None, method: str) -> str:
        """Return the uuid of a new job; raise RestError 400 for a bad or a used X-Job-UUID."""
        if given is None:
            return uuid4().hex
        if len(given) != 32:
            raise RestError(400, "Invalid header[X-Job-UUID], it must be a UUID with '-' stripped")
        if method in ("POST", "PUT", "DELETE") and self.store.get("jobs", given) is not None:
            raise RestError(400, f"Duplicate job uuid[{given}]")
        return given

    def start(self, uuid: str, call: str) -> None:
        """Write the row of an accepted call, before anything is checked."""
        self.store.put("jobs", {"uuid": uuid, "call": call, "state": "processing", "createDate": now_ms()})
        self.store.commit()

    def finish(self, uuid: str, status: int, body: dict) -> bool:
        """Store the outcome; False when the row is gone, finished, or frozen by a fault."""
        row = self.store.get("jobs", uuid)
        if row is None or row["state"] == "done" or uuid in self.frozen:
            self.store.commit()
            return False
        self.store.put("jobs", {**row, "state": "done", "status": status, "_result": to_json(body), "_schema": to_json(schema_of(body))})
        self.store.commit()
        return True

    def freeze_running(self) -> None:
        """Make every running job stay 202, as after a restart of the server (REST page, 3.3)."""
        self.frozen.update(row["uuid"] for row in self.store.all("jobs") if row["state"] == "processing")

    def poll(self, uuid: str, with_schema: bool) -> tuple[int, str]:
        """Return status and body of a poll, on request with the schema of a result (REST page, 3.2); raise RestError 404 for an unknown or expired job."""
        row = self.store.get("jobs", uuid)
        if row is not None and row["state"] == "done" and row["createDate"] + self.config.job_retention_s * 1000 < now_ms():
            self.store.delete("jobs", uuid)
            self.store.commit()
            row = None
        if row is None:
            raise RestError(404, "the job has been expired", "ORG_ZSTACK_CORE_REST_10015")
        if row["state"] == "processing":
            return 202, "{}"
        body = row["_result"]
        if with_schema and row["status"] == 200:
            body = body[:-1] + ("," if body != "{}" else "") + f"\"schema\":{row['_schema']}}}"
        return row["status"], body
