# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The client: reads with pages, writes as jobs, one sign-in. It knows HTTP and the protocol, but no resource kind.

Reads may always be repeated (REST protocol page, section 10); `jobs` decides for writes.
"""

from __future__ import annotations

import contextlib
import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers as _answers
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, ProtocolError, ReadOnlyError, UnusableAnswerError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import Http, Reply, again, refusal
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Jobs, Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.outcomes import Outcomes, Seen
from ansible_collections.zstack.aios.plugins.module_utils._protocol.pages import read_pages
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import NOT_READY, RENEWALS, Codes, SignIn

# Errors after which a read is retried: not ready, timed out, undeliverable (REST protocol page, section 7).
PASSING = NOT_READY | {"SYS.1001", "SYS.1011", "SYS.2111"}


class Client:
    """A client of one management node, as one account. It signs in with the first call that requires it.

    :param connection: the server and the credentials.
    :param pool: maximum number of concurrent calls.
    :param watch: called with each session that it opens, with True when it is opened and False when it is closed.
    :param codes: the used two-factor codes, including those of other processes.
    """

    def __init__(
        self, connection: Connection, pool: int = 1, watch: t.Callable[[str, bool], None] | None = None, codes: Codes | None = None,
    ) -> None:
        self.connection = connection
        # A cache for callers, such as for uuids by name.
        self.memo: dict[t.Any, t.Any] = {}
        # Shows a progress line to the user, if the host of the task supports it.
        self.notify: t.Callable[[str], None] = lambda line: None
        # The lists that the items of one loop share; set if they share this client.
        self.shared: t.Any = None
        # The number of writes.
        self.write_count = 0
        # Entered while a thread only waits until an object is ready, so that another one can work in the meantime.
        self.idle: t.Callable[[], t.ContextManager[t.Any]] = contextlib.nullcontext
        self._http = Http(connection, pool)
        self._sign_in = SignIn(connection, self._http, watch, codes)
        self._jobs = Jobs(connection, self._http, self._sign_in)
        self._read_only = False
        self._version: str | None = None

    @property
    def secrets(self) -> set[str]:
        """The secrets."""
        return self._sign_in.secrets

    @contextlib.contextmanager
    def reading_only(self, on: bool) -> t.Iterator[None]:
        """Return a context in which the client refuses to send a write, except one that only validates."""
        before, self._read_only = self._read_only, on
        try:
            yield
        finally:
            self._read_only = before

    @contextlib.contextmanager
    def paced(self, pace: t.Callable[[], None]) -> t.Iterator[None]:
        """Return a context in which ``pace`` is called before each request and may wait, so that a rate limit is respected."""
        before, self._http.pace = self._http.pace, pace
        try:
            yield
        finally:
            self._http.pace = before

    @contextlib.contextmanager
    def looking_together(self) -> t.Iterator[Outcomes]:
        """Return a context in which parallel calls share the lists that show their effects."""
        outcomes = self._jobs.outcomes = Outcomes(
            lambda path, uuids: [row for text in _query.one_of("uuid", uuids) for row in self.query(path, [text])])
        try:
            yield outcomes
        finally:
            self._jobs.outcomes = None

    def unproven(self) -> t.Iterator[Seen]:
        """Yield the calls of `looking_together` that may have had no effect of their own, as `Jobs.unproven` does."""
        return self._jobs.unproven()

    def get(self, path: str, object_uuid: str) -> dict[str, t.Any] | None:
        """Return the inventory of one object, or None when it is absent or not visible (REST protocol page, section 5)."""
        # The lists of instance groups are published with a trailing slash (AI API page, section 2).
        single = "%s/%s" % (path.rstrip("/"), urllib.parse.quote(object_uuid, safe=""))
        return _answers.single("GET " + single, self._read("GET", single).body or {}, object_uuid)

    def query(self, path: str, conditions: t.Sequence[str] = (), most: int | None = None) -> list[dict[str, t.Any]]:
        """Return all inventories that meet all conditions, sorted by uuid.

        Each page continues after the last uuid and not by offset, so that creations and deletions in between neither hide nor repeat a row.

        :param conditions: from `query.condition` and similar functions.
        :param most: maximum number of objects.
        :raises LongList: if there are more.
        :raises ProtocolError: for pages of another form, and for those that repeat or never end.
        """
        return read_pages("GET " + path, conditions, lambda query: self._read("GET", path, query), most)

    def count(self, path: str, conditions: t.Sequence[str] = ()) -> int:
        """Return the number of inventories that meet all conditions, as the server compares (REST protocol page, 5.2).

        :raises ProtocolError: if the server does not report it.
        """
        asked = "GET " + path
        total = _answers.total(asked, self._read("GET", path, [*(("q", text) for text in conditions), ("count", "true")]).body or {})
        if total is None:
            raise ProtocolError("%s: the answer to a count has no total. Check the systems between Ansible and the management node." % asked)
        return total

    def version(self) -> str:
        """Return the version of the server, or an empty text if it does not report one (REST protocol page, section 9)."""
        if self._version is None:
            reply = self._read("PUT", "/v1/management-nodes/actions", body={"getVersion": {}}, signed=False)
            self._version = _answers.version("getVersion (PUT /v1/management-nodes/actions)", reply.body or {})
        return self._version

    def _read(
        self, method: str, path: str, query: t.Sequence[tuple[str, str]] = (), body: t.Any = None, signed: bool = True,
    ) -> Reply:
        """Send a read until it has a result, and return the result."""
        asked = "%s %s" % (method, path)
        policy: t.Any = self._http.policy()
        renewals = 0
        while True:
            reply: Reply | None = None
            lost: ZStackError | None = None
            used = self._sign_in.signed_in() if signed else None
            try:
                reply = self._sign_in.exchange(method, path, query, body, None) if signed else self._http.exchange(method, path, query, body)
            except UnusableAnswerError:
                raise
            except AnswerLostError as error:
                lost = error
            if reply is not None and reply.is_result:
                return reply
            if reply is not None and reply.error_code == "ID.1001" and renewals < RENEWALS and signed and self._sign_in.renew(used):
                renewals += 1
                continue
            passes = reply is None or reply.is_junk or reply.status in (404, 429) or reply.error_code in PASSING
            policy = again(policy, reply) if passes else None
            if policy is None:
                raise lost or refusal(asked, t.cast(Reply, reply))

    def write(self, write: Write, find: t.Callable[[], dict[str, t.Any] | None] | None = None) -> dict[str, t.Any]:
        """Make one call and wait for its job, as `Jobs.write` does.

        :raises ReadOnlyError: in check mode, unless the write only validates.
        """
        if self._read_only and not write.validates_only:
            raise ReadOnlyError("%s was about to be sent in check mode. This is a defect of the collection, please report it." % write.asked)
        self.write_count += 1
        return self._jobs.write(write, find)

    def read(self, path: str, query: t.Sequence[tuple[str, str]] = ()) -> dict[str, t.Any]:
        """Return the response to a read, of any form.

        :param query: pairs; a list is a repeated key.
        """
        return dict(self._read("GET", path, query).body or {})

    def hand_over_session(self) -> str:
        """Return a session that the caller closes with `close_session`, as `SignIn.hand_over` does."""
        return self._sign_in.hand_over()

    def close_session(self, session: str) -> bool:
        """Sign out of a session; True when the server has confirmed it."""
        return self._sign_in.close_session(session)

    def close(self) -> None:
        """Sign out of its own session, and close the connections. Never raises."""
        self._sign_in.close()
        self._http.close()
