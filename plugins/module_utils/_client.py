# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The client: sign-in, reads with pages, writes as jobs. It knows HTTP and the protocol, and no resource kind.

What may be repeated follows the REST protocol page, sections 10 and 11: reads always; a write only when it never
left, when it was refused for its rate, or when the server, asked for the write's job uuid, knows nothing of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import re
import threading
import time
import typing as t
import urllib.parse
import uuid

from ansible_collections.zstack.aios.plugins.module_utils import _auth, _query
from ansible_collections.zstack.aios.plugins.module_utils._errors import (
    AnswerLostError, OutcomeUnknownError, ProtocolError, ReadOnlyError, ServerError, UnreachableError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._http import Http, Reply, again, excerpt, refusal
from ansible_collections.zstack.aios.plugins.module_utils._options import Connection

# What the server hands out when no limit is given; asked for in so many words (REST protocol page, 5.2).
PAGE = 1000
# Refusals that pass (REST protocol page, section 7): not ready, no route, undeliverable, timed out.
PASSING = frozenset(("SYS.1001", "SYS.1008", "SYS.1009", "SYS.1010", "SYS.1011", "SYS.1012", "SYS.2111"))
NOT_READY = frozenset(("SYS.1008", "SYS.1009", "SYS.1010", "SYS.1012"))
VALIDATION_ONLY = "validationOnly"
# Seconds before the first look at a job, since most calls end at once, and between two looks later on.
FIRST_LOOK, FIRST_PAUSE, PAUSE_GROWTH, LONGEST_PAUSE = 0.001, 0.01, 1.7, 5.0
# A job that is not known right after a lost answer may still be on its way (REST protocol page, 3.4).
TRAVEL_SECONDS = 2.0

_JOB_TAIL = re.compile(r"([^/?#]+)/?(?:[?#].*)?$")


@dataclasses.dataclass(frozen=True)
class Write:
    """One call that changes something.

    :param call: its name in the API.
    :param path: from ``/v1`` on.
    :param body: the JSON body; None for a DELETE.
    :param query: the parameters of a DELETE.
    """

    call: str
    method: str
    path: str
    body: dict[str, t.Any] | None = None
    query: tuple[tuple[str, str], ...] = ()

    @property
    def asked(self) -> str:
        """How a message names it."""
        return "%s (%s %s)" % (self.call, self.method, self.path)

    @property
    def validates_only(self) -> bool:
        """Whether the server is told to check it and not to do it (REST protocol page, 4.7)."""
        tags = [value for key, value in self.query if key == "systemTags"] + list((self.body or {}).get("systemTags") or [])
        return VALIDATION_ONLY in tags


class Client:
    """Talks to one management node as one account. Sign-in happens with the first call that needs it.

    :param connection: where and who.
    :param pool: how many calls may be under way at once.
    :param watch: told of each session of ours, with True when it is opened and False when it is closed.
    """

    def __init__(self, connection: Connection, pool: int = 1, watch: t.Callable[[str, bool], None] | None = None) -> None:
        self.connection = connection
        self._watch = watch or (lambda session, opened: None)
        self.secrets: set[str] = set(connection.secrets)
        # For what a caller has looked up once and needs again, such as a uuid by name.
        self.memo: dict[t.Any, t.Any] = {}
        self._http = Http(connection, pool)
        self._lock = threading.Lock()
        self._session_uuid = connection.session_uuid
        self._read_only = False
        self._version: str | None = None
        self._refused: ZStackError | None = None
        self._keys = self._access_keys()
        if connection.account_password:
            self.secrets.add(_auth.hash_password(connection.account_password))

    def _access_keys(self) -> list[_auth.AccessKey]:
        connection = self.connection
        if not connection.access_key_id or not connection.access_key_secret:
            return []
        if connection.server_timezone:
            zones = [_auth.parse_timezone(connection.server_timezone)]
        else:
            # The server compares wall clocks (REST protocol page, 2.4): ours first, then the usual ones.
            local = datetime.datetime.now().astimezone().tzinfo or datetime.timezone.utc
            zones = [datetime.timezone.utc, local, datetime.timezone(datetime.timedelta(hours=8))]
        return [_auth.AccessKey(connection.access_key_id, connection.access_key_secret, zone) for zone in zones]

    @contextlib.contextmanager
    def reading_only(self, on: bool) -> t.Iterator[None]:
        """While this lasts, the client itself refuses to send a write, but for one that only validates."""
        before, self._read_only = self._read_only, on
        try:
            yield
        finally:
            self._read_only = before

    @contextlib.contextmanager
    def paced(self, pace: t.Callable[[], None]) -> t.Iterator[None]:
        """While this lasts, ``pace`` is called before each request and may wait, so that a rate is kept to."""
        before, self._http.pace = self._http.pace, pace
        try:
            yield
        finally:
            self._http.pace = before

    # -- reads

    def get(self, path: str, object_uuid: str) -> dict[str, t.Any] | None:
        """The inventory of one object, or None when it is absent or not visible (REST protocol page, section 5)."""
        rows = self._read("GET", "%s/%s" % (path, urllib.parse.quote(object_uuid, safe=""))).get("inventories") or []
        return rows[0] if rows else None

    def query(self, path: str, conditions: t.Sequence[str] = ()) -> list[dict[str, t.Any]]:
        """All inventories that meet all conditions, sorted by uuid.

        Pages go on after the last uuid and not by offset, so that what comes or goes meanwhile neither hides nor doubles a row.

        :param conditions: made with `_query`.
        """
        rows: list[dict[str, t.Any]] = []
        while True:
            after = [_query.condition("uuid", ">", str(rows[-1]["uuid"]))] if rows else []
            query = [("q", text) for text in (*conditions, *after)]
            query += [("limit", str(PAGE)), ("sort", "+uuid"), ("replyWithCount", "true")]
            body = self._read("GET", path, query)
            page = body.get("inventories") or []
            rows.extend(page)
            total = body.get("total")
            left = total - len(page) if isinstance(total, int) else len(page) - PAGE + 1
            if not page or left <= 0:
                return rows

    def version(self) -> str:
        """The version that the server runs, or an empty text when it does not say (REST protocol page, section 9)."""
        if self._version is None:
            body = self._read("PUT", "/v1/management-nodes/actions", body={"getVersion": {}}, signed=False)
            self._version = str(body.get("version") or "")
        return self._version

    def _read(
        self, method: str, path: str, query: t.Sequence[tuple[str, str]] = (), body: t.Any = None, signed: bool = True,
    ) -> dict[str, t.Any]:
        asked = "%s %s" % (method, path)
        policy: t.Any = self._http.policy()
        fresh = True
        while True:
            reply: Reply | None = None
            lost: ZStackError | None = None
            used = self._signed_in() if signed else None
            try:
                reply = self._exchange(method, path, query, body, None) if signed else self._http.exchange(method, path, query, body)
            except AnswerLostError as error:
                lost = error
            if reply is not None and reply.status == 200 and reply.body is not None:
                return reply.body
            if reply is not None and reply.error_code == "ID.1001" and fresh and signed and self._renew(used):
                fresh = False
                continue
            passes = reply is None or reply.is_junk or reply.status in (404, 429) or reply.error_code in PASSING
            policy = again(policy, reply) if passes else None
            if policy is None:
                raise lost or refusal(asked, t.cast(Reply, reply))

    # -- writes

    def write(self, write: Write, find: t.Callable[[], dict[str, t.Any] | None] | None = None) -> dict[str, t.Any]:
        """Make one call and wait for its job.

        :param find: for a creating call: looks for the object by the uuid that we chose.
        :returns: the result, such as ``{"inventory": {...}}``.
        :raises ServerError: the server refused it.
        :raises OutcomeUnknownError: it is not known whether it was done.
        :raises ReadOnlyError: in check mode, unless the write only validates.
        """
        if self._read_only and not write.validates_only:
            raise ReadOnlyError("%s was about to be sent in check mode. This is a defect of the collection, please report it." % write.asked)
        used = self._signed_in()
        try:
            return self._write_once(write, find)
        except ServerError as error:
            # An expired session is refused before anything is done (REST protocol page, 2.3); the job uuid is spent.
            if error.server_code != "ID.1001" or not self._renew(used):
                raise
        return self._write_once(write, find)

    def _write_once(self, write: Write, find: t.Callable[[], dict[str, t.Any] | None] | None) -> dict[str, t.Any]:
        job = uuid.uuid4().hex
        wait = self.connection.wait_timeout
        headers = {"X-Job-UUID": job, "X-API-Timeout": str(wait)}
        deadline = time.monotonic() + wait
        policy: t.Any = self._http.policy()
        while True:
            reply: Reply | None = None
            lost: ZStackError | None = None
            # Before the attempt, so that a sign-in whose answer is lost is not taken for the write.
            self._signed_in()
            try:
                reply = self._exchange(write.method, write.path, write.query, write.body, headers)
            except AnswerLostError as error:
                lost = error
            if reply is not None and reply.status == 200 and reply.body is not None:
                return reply.body
            if reply is not None and reply.status == 202 and reply.body is not None:
                return self._await_job(write, self._job_of(reply, job), deadline)
            if reply is None or reply.is_junk or (reply.status == 400 and job in reply.text):
                answer = self._ask(write, job, deadline, find)
                if answer is not None:
                    return answer
            elif reply.status != 429:
                raise refusal(write.asked, reply)
            policy = again(policy, reply)
            if policy is None:
                raise lost or refusal(write.asked, t.cast(Reply, reply))

    @staticmethod
    def _job_of(reply: Reply, job: str) -> str:
        # Only the last segment counts: the host is the server's own and may be out of reach (REST protocol page, 3.2).
        found = _JOB_TAIL.search(str((reply.body or {}).get("location") or ""))
        return found.group(1) if found else job

    def _ask(
        self, write: Write, job: str, deadline: float, find: t.Callable[[], dict[str, t.Any] | None] | None,
    ) -> dict[str, t.Any] | None:
        """Resolve a lost answer by asking. None means that the server never took the write, so that it may go again."""
        for pause in (TRAVEL_SECONDS, 0):
            reply = self._poll(write, job)
            if reply.status != 404:
                return self._await_job(write, job, deadline, reply)
            time.sleep(pause)
        found = find() if find else None
        return {"inventory": found} if found else None

    def _await_job(self, write: Write, job: str, deadline: float, reply: Reply | None = None) -> dict[str, t.Any]:
        pause = FIRST_LOOK
        while True:
            if reply is None:
                time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
                pause = max(FIRST_PAUSE, min(pause * PAUSE_GROWTH, LONGEST_PAUSE))
                reply = self._poll(write, job)
            if reply.status == 200 and reply.body is not None:
                return reply.body
            if reply.status == 404:
                raise OutcomeUnknownError(
                    "%s was accepted as job %s, and the server has forgotten the job, so its outcome is not known." % (write.asked, job), job, False)
            if reply.status != 202:
                raise self._job_error(write, job, reply)
            if time.monotonic() >= deadline:
                raise OutcomeUnknownError(
                    "%s was accepted as job %s, which has not ended within %d seconds (wait_timeout). A job that lost its management node never ends. "
                    "Look at the object, then run again, with a longer wait_timeout if the work simply takes longer."
                    % (write.asked, job, self.connection.wait_timeout), job, True)
            reply = None

    @staticmethod
    def _job_error(write: Write, job: str, reply: Reply) -> ZStackError:
        error = refusal(write.asked, reply)
        if isinstance(error, ServerError) and error.server_code == "SYS.1001":
            # The server gave up waiting; the work itself may still end (REST protocol page, 3.6).
            return OutcomeUnknownError(error.message, job, True, error.error)
        return error

    def _poll(self, write: Write, job: str) -> Reply:
        """One look at a job. It needs no sign-in (REST protocol page, 3.2)."""
        policy: t.Any = self._http.policy()
        while True:
            reply: Reply | None = None
            try:
                reply = self._http.exchange("GET", "/v1/api-jobs/" + urllib.parse.quote(job, safe=""))
                if not reply.is_junk and reply.status != 429:
                    return reply
                problem = "the answer was HTTP %d with %s" % (reply.status, excerpt(reply.text))
            except (AnswerLostError, UnreachableError) as error:
                problem = error.message
            policy = again(policy, reply)
            if policy is None:
                raise OutcomeUnknownError("%s was sent as job %s, and the job could not be asked for: %s" % (write.asked, job, problem), job, True)

    # -- sign-in

    def _exchange(
        self, method: str, path: str, query: t.Sequence[tuple[str, str]], body: t.Any, headers: t.Mapping[str, str] | None,
    ) -> Reply:
        while True:
            keys = self._keys
            signed = keys[0].headers(method, path) if keys else _auth.session_header(str(self._signed_in()))
            reply = self._http.exchange(method, path, query, body, {**(headers or {}), **signed})
            if reply.status != 403 or "requestTimeTooSkewed" not in reply.text or not keys:
                return reply
            # Refused for the clock before anything else is looked at, so the next zone may be tried.
            if len(keys) < 2:
                raise ProtocolError(
                    "%s %s was refused with requestTimeTooSkewed: the management node compares the time of a signed call with its own wall clock. "
                    "Set server_timezone to its time zone (see `date +%%:z` there), and check the clocks on both sides." % (method, path))
            self._keys = keys[1:]

    def _signed_in(self) -> str | None:
        """The session's uuid, after signing in if need be; None for an access key, which has no session."""
        if self._keys:
            return None
        with self._lock:
            if self._refused is not None:
                # Each further try would count towards the lock of the account.
                raise self._refused
            if self._session_uuid is None:
                try:
                    self._session_uuid = self._sign_in()
                except (ServerError, AnswerLostError) as error:
                    if not isinstance(error, ServerError) or error.server_code.startswith(("ID.", "LOGIN_CONTROL.")):
                        self._refused = error
                    raise
            return self._session_uuid

    def _renew(self, used: str | None) -> bool:
        """Forget an expired session, so that the next call signs in again. False when there is no password to do it with."""
        if not self.connection.account_password:
            return False
        with self._lock:
            if self._session_uuid == used:
                self._session_uuid = None
        return True

    def _sign_in(self) -> str:
        connection = self.connection
        asked = "Signing in as %s (PUT /v1/accounts/login)" % connection.account_name
        body = _auth.login_body(str(connection.account_name), str(connection.account_password))
        policy: t.Any = self._http.policy()
        while True:
            try:
                reply = self._http.exchange("PUT", "/v1/accounts/login", body=body)
            except AnswerLostError as error:
                raise AnswerLostError(error.message + " It is not tried again, because failed sign-ins lock the account; run again.") from error
            session = ((reply.body or {}).get("inventory") or {}).get("uuid")
            if reply.status == 200 and session:
                self.secrets.add(str(session))
                self._watch(str(session), True)
                return str(session)
            # Only a refusal that comes before the password is looked at may be followed by another try.
            policy = again(policy, reply) if reply.status in (404, 429) or reply.error_code in NOT_READY else None
            if policy is None:
                raise refusal(asked, reply)

    def hand_over_session(self) -> str:
        """Sign in, and give the session to the caller, who closes it with `close_session`.

        :raises ProtocolError: for an access key, which has no session.
        """
        session = self._signed_in()
        if session is None:
            raise ProtocolError("An access key signs each call by itself and has no session. Use account_name and account_password for one.")
        if self.connection.session_uuid:
            return session
        with self._lock:
            self._session_uuid = None
        self.secrets.discard(session)
        return session

    def close_session(self, session: str) -> bool:
        """Sign out. True when the server has confirmed it; needs no sign-in and may be repeated (REST protocol page, 2.2)."""
        for dummy in range(self.connection.retries + 1):
            try:
                if self._http.exchange("DELETE", "/v1/accounts/sessions/" + urllib.parse.quote(session, safe="")).status == 200:
                    self._watch(session, False)
                    return True
            except ZStackError:
                continue
        return False

    def close(self) -> None:
        """Sign out of a session of our own, and close the connections. Never raises."""
        with self._lock:
            session, self._session_uuid = self._session_uuid, None
        if session and not self.connection.session_uuid:
            self.close_session(session)
        self._http.close()
