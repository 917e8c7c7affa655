# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Sign in, sign each request, and sign out: one account at one management node.

A refused sign-in is never repeated, because failed sign-ins lock the account (REST protocol page, 2.1).
"""

from __future__ import annotations

import datetime
import threading
import time
import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers as _answers
from ansible_collections.zstack.aios.plugins.module_utils._protocol import auth
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, FormError, ProtocolError, ServerError, SpentCodeError, UnreachableError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import Http, Reply, again, refusal
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import current

# Errors of a node that is not ready, raised before it processes the call (REST protocol page, section 7).
NOT_READY = frozenset(("SYS.1008", "SYS.1009", "SYS.1010", "SYS.1012"))
# Maximum number of new sign-ins of one call because of an expired session.
RENEWALS = 3


_AGAIN = ("Sign in once for the whole play with zstack.aios.zstack_session, run again with a new code, or use an access key, which needs no second "
          "factor.")
SPENT = "two_factor_code: this run has signed in with the code already, and a code is valid for one sign-in. " + _AGAIN
EXPIRED = "two_factor_code: the session has expired, and the code that opened it is valid for one sign-in, so the task cannot sign in again. " + _AGAIN


class Codes(t.Protocol):
    """The used two-factor codes, including those of other processes of the same run."""

    def is_spent(self, connection: Connection) -> bool:
        """Return whether the code of this connection was sent."""

    def spend(self, connection: Connection) -> None:
        """Record that the code of this connection was sent."""


class SignIn:
    """One account. The sign-in happens with the first request that needs it.

    :param watch: called with each session that it opens, with True when it is opened and False when it is closed.
    :param codes: the used two-factor codes.
    """

    def __init__(
        self, connection: Connection, http: Http, watch: t.Callable[[str, bool], None] | None = None, codes: Codes | None = None,
    ) -> None:
        self._connection = connection
        self._http = http
        self._watch = watch or (lambda session, opened: None)
        self._codes = codes
        # The session of a virtual ID, while its project session is used.
        self._outer: str | None = None
        self.secrets: set[str] = set(connection.secrets)
        self._lock = threading.Lock()
        self._session_uuid = connection.session_uuid
        self._refused: ZStackError | None = None
        self._keys = self._access_keys()
        if connection.account_password:
            self.secrets.add(auth.hash_password(connection.account_password))

    def _access_keys(self) -> list[auth.AccessKey]:
        connection = self._connection
        if not connection.access_key_id or not connection.access_key_secret:
            return []
        if connection.server_timezone:
            zones = [auth.parse_timezone(connection.server_timezone, connection.names.get("server_timezone", "server_timezone"))]
        else:
            # The server compares wall clocks (REST protocol page, 2.4): first the local time zone, then common ones.
            local = datetime.datetime.now().astimezone().tzinfo or datetime.timezone.utc
            zones = [datetime.timezone.utc, local, datetime.timezone(datetime.timedelta(hours=8))]
        return [auth.AccessKey(connection.access_key_id, connection.access_key_secret, zone) for zone in zones]

    def exchange(
        self, method: str, path: str, query: t.Sequence[tuple[str, str]], body: t.Any, headers: t.Mapping[str, str] | None,
    ) -> Reply:
        """Send one request as the account.

        :raises ProtocolError: for an access key whose time the server refuses in all known time zones.
        """
        while True:
            keys = self._keys
            signed = keys[0].headers(method, path) if keys else auth.session_header(str(self.signed_in()))
            if keys:
                current().add_signature(signed["Authorization"].rpartition(":")[2])
            reply = self._http.exchange(method, path, query, body, {**(headers or {}), **signed})
            if reply.status != 403 or "requestTimeTooSkewed" not in reply.text or not keys:
                return reply
            # The clock is checked before anything else, so the next time zone can be tried.
            if len(keys) < 2:
                raise ProtocolError(
                    "%s %s was refused with requestTimeTooSkewed: the management node compares the time of a signed call with its own wall clock. "
                    "Set server_timezone to its time zone (see `date +%%:z` there), and check the clocks on both sides." % (method, path))
            self._keys = keys[1:]

    def signed_in(self) -> str | None:
        """Return the uuid of the session, after signing in if necessary; None for an access key, which has no session."""
        if self._keys:
            return None
        with self._lock:
            if self._refused is not None:
                # Each further attempt could lock the account.
                raise self._refused
            if self._session_uuid is None:
                try:
                    with STOP.signing_in():
                        self._session_uuid = self._sign_in()
                except (ServerError, AnswerLostError, FormError, SpentCodeError) as error:
                    if not isinstance(error, ServerError) or error.server_code.startswith(("ID.", "LOGIN_CONTROL.")):
                        self._refused = error
                    raise
            return self._session_uuid

    def renew(self, used: str | None) -> bool:
        """Discard an expired session, so that the next call signs in again. Returns False if there is no password.

        :raises SpentCodeError: for a session that a two-factor code has opened.
        """
        connection = self._connection
        if not connection.account_password:
            return False
        with self._lock:
            if self._session_uuid == used:
                self._session_uuid = None
                if connection.two_factor_code:
                    self._refused = SpentCodeError(EXPIRED)
            if self._refused is not None and self._session_uuid is None:
                raise self._refused
        return True

    def _sign_in(self) -> str:
        connection = self._connection
        self._close_outer()
        if connection.two_factor_code and self._codes and self._codes.is_spent(connection):
            raise SpentCodeError(SPENT)
        session = self._log_in(auth.login(connection), {})
        if connection.project_name:
            self._outer = session
            try:
                session = self._log_in(auth.project_login(connection.project_name), auth.session_header(session))
            except ServerError as error:
                self._close_outer()
                # For any reason, the same sign-in would be refused again.
                self._refused = error
                raise
        return session

    def _log_in(self, login: auth.Login, headers: t.Mapping[str, str]) -> str:
        """Make one call that signs in, and return its session."""
        policy: t.Any = self._http.policy()
        while True:
            try:
                reply = self._http.exchange("PUT", login.path, body=login.body, headers=headers)
            except AnswerLostError as error:
                self._spend()
                raise AnswerLostError(error.message + " It is not tried again, because failed sign-ins lock the account; run again.") from error
            if reply.is_result:
                self._spend()
                session = _answers.session(login.asked, reply.body or {})
                self.secrets.add(session)
                current().add((session,))
                self._watch(session, True)
                return session
            # Retry only a refusal that precedes the check of the password.
            is_early = reply.status in (404, 429) or reply.error_code in NOT_READY
            if not is_early:
                self._spend()
            policy = again(policy, reply) if is_early else None
            if policy is None:
                raise refusal(login.asked, reply)

    def _spend(self) -> None:
        """Record that the server has checked the two-factor code, so that it is never sent again."""
        if self._connection.two_factor_code and self._codes:
            self._codes.spend(self._connection)

    def _close_outer(self) -> None:
        session, self._outer = self._outer, None
        if session:
            self.close_session(session)

    def hand_over(self) -> str:
        """Sign in, and return the session to the caller, who closes it with `close_session`.

        :raises ProtocolError: for an access key, which has no session.
        """
        session = self.signed_in()
        if session is None:
            raise ProtocolError("An access key signs each call by itself and has no session. Use account_name and account_password for one.")
        if self._connection.session_uuid:
            return session
        with self._lock:
            self._session_uuid = None
        self.secrets.discard(session)
        current().discard(session)
        return session

    def close_session(self, session: str) -> bool:
        """Sign out. Returns True if the server has confirmed it; requires no sign-in and may be repeated (REST protocol page, 2.2)."""
        policy: t.Any = self._http.policy()
        while policy is not None:
            reply: Reply | None = None
            try:
                reply = self._http.exchange("DELETE", "/v1/accounts/sessions/" + urllib.parse.quote(session, safe=""), last=True)
                if reply.is_result:
                    self._watch(session, False)
                    return True
            except UnreachableError:
                return False  # the connection was already retried, with pauses
            except ZStackError:
                pass
            policy = again(policy, reply, time.sleep)
        return False

    def close(self) -> None:
        """Sign out of its own session. Never raises."""
        with self._lock:
            session, self._session_uuid = self._session_uuid, None
        if session and not self._connection.session_uuid:
            self.close_session(session)
        self._close_outer()
