# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""One write from request to result: the call, its job, and the handling of a lost response.

A write is repeated only if it was never sent, if it was refused because of the rate limit, or if the server does not know the job uuid of the write (REST
protocol page, sections 10 and 11).
"""

from __future__ import annotations

import dataclasses
import time
import typing as t
import urllib.parse
import uuid

from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers as _answers
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, FormError, NotReadyError, OutcomeUnknownError, ServerError, UnreachableError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import Http, Reply, again, excerpt, refusal
from ansible_collections.zstack.aios.plugins.module_utils._protocol.outcomes import PAUSES, Effect, Outcomes, Seen
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import NOT_READY, RENEWALS, SignIn

VALIDATION_ONLY = "validationOnly"
# Seconds before the first poll of a job, since most calls end immediately, and between later polls.
FIRST_LOOK, FIRST_PAUSE, PAUSE_GROWTH, LONGEST_PAUSE = 0.001, 0.01, 1.7, 5.0
# A job that is unknown immediately after a lost response may still be in transit (REST protocol page, 3.4).
TRAVEL_SECONDS = 2.0
# Seconds between reads of the object of a running job, and for which the job may still report the reason after the object has failed.
WATCH_SECONDS, REASON_SECONDS = 1.0, 2.0


@dataclasses.dataclass(frozen=True)
class Write:
    """One call that changes something.

    :param call: its name in the API.
    :param path: from ``/v1`` on.
    :param body: the JSON body; None for a DELETE.
    :param query: the parameters of a DELETE.
    :param watch: called every `WATCH_SECONDS` while the job runs; raises a `NotReadyError` if the object of the job has failed.
    :param effect: how the object shows that the call is done; None if only the job shows it.
    :param stored: False for a synchronous call: the server keeps no job for it, so the outcome of a lost response cannot be queried.
    :param note: called with the uuid of the job when the server has accepted the call.
    """

    call: str
    method: str
    path: str
    body: dict[str, t.Any] | None = None
    query: tuple[tuple[str, str], ...] = ()
    watch: t.Callable[[], None] | None = dataclasses.field(default=None, compare=False)
    effect: Effect | None = None
    stored: bool = True
    note: t.Callable[[str], None] = dataclasses.field(default=lambda job: None, compare=False, repr=False)

    @property
    def asked(self) -> str:
        """Its name in messages."""
        return "%s (%s %s)" % (self.call, self.method, self.path)

    @property
    def validates_only(self) -> bool:
        """Whether the server only validates it (REST protocol page, 4.7)."""
        tags = [value for key, value in self.query if key == "systemTags"] + list((self.body or {}).get("systemTags") or [])
        return VALIDATION_ONLY in tags


class Jobs:
    """Makes calls and waits for their jobs, as one account."""

    def __init__(self, connection: Connection, http: Http, sign_in: SignIn) -> None:
        self._connection = connection
        self._http = http
        self._sign_in = sign_in
        # For parallel calls: shared lists that show their effects.
        self.outcomes: Outcomes | None = None

    def write(self, write: Write, find: t.Callable[[], dict[str, t.Any] | None] | None = None) -> dict[str, t.Any]:
        """Make one call and wait for its job.

        :param find: for a creating call: reads the object by its chosen uuid.
        :returns: the result, such as ``{"inventory": {...}}``.
        :raises ServerError: the server refused it.
        :raises OutcomeUnknownError: it is unknown whether the call was executed.
        :raises NotReadyError: from the ``watch`` of the write, if the job does not report the reason itself.
        """
        for _unused in range(RENEWALS):
            used = self._sign_in.signed_in()
            try:
                return self._write_once(write, find)
            except OutcomeUnknownError:
                if self.outcomes is not None:
                    self.outcomes.lost = True
                raise
            except ServerError as error:
                # An expired session is refused before anything is executed (REST protocol page, 2.3); the job uuid cannot be used again.
                if error.server_code != "ID.1001" or not self._sign_in.renew(used):
                    raise
        return self._write_once(write, find)

    def _write_once(self, write: Write, find: t.Callable[[], dict[str, t.Any] | None] | None) -> dict[str, t.Any]:
        job = uuid.uuid4().hex
        wait = self._connection.wait_timeout
        headers = {"X-Job-UUID": job, "X-API-Timeout": str(wait)}
        deadline = time.monotonic() + wait
        policy: t.Any = self._http.policy()
        while True:
            reply: Reply | None = None
            lost: ZStackError | None = None
            # Before the attempt, so that a lost response of the sign-in is not treated as one of the write.
            self._sign_in.signed_in()
            try:
                reply = self._sign_in.exchange(write.method, write.path, write.query, write.body, headers)
            except AnswerLostError as error:
                lost = error
            if reply is not None and reply.is_result:
                return self._result(write, job, reply)
            if reply is not None and reply.status == 202 and reply.body is not None:
                job = _answers.job(reply.body) or job
                write.note(job)
                return self._await_job(write, job, deadline)
            # A failure of the REST layer may follow an accepted call, so only the job decides.
            broken = reply is not None and reply.status == 500 and not reply.is_junk
            if not write.stored and (reply is None or reply.is_junk or broken):
                raise OutcomeUnknownError(
                    "%s was sent and not answered, so its outcome is not known, and the server keeps no job of this call. Check the platform, then run "
                    "again." % write.asked, job, False)
            if reply is None or reply.is_junk or broken or (reply.status == 400 and job in reply.text):
                answer = self._ask(write, job, deadline, find)
                if answer is not None:
                    return answer
            elif reply.status != 429:
                raise refusal(write.asked, reply)
            if reply is not None and broken:
                raise refusal(write.asked, reply)
            policy = again(policy, reply)
            if policy is None:
                raise lost or refusal(write.asked, t.cast(Reply, reply))

    @staticmethod
    def _result(write: Write, job: str, reply: Reply) -> dict[str, t.Any]:
        try:
            return _answers.result(write.asked, reply.body or {})
        except FormError as error:
            # It was executed; the caller can read the object.
            raise OutcomeUnknownError("The server reports that the call was executed, but not its result. " + error.message, job, False) from error

    def _ask(
        self, write: Write, job: str, deadline: float, find: t.Callable[[], dict[str, t.Any] | None] | None,
    ) -> dict[str, t.Any] | None:
        """Find the outcome of a lost response by polling the job. None means that the server never received the write, so that it may be sent again.

        :raises OutcomeUnknownError: the server does not know the job, and the object of a creation exists.
        """
        for pause in (TRAVEL_SECONDS, 0):
            reply = self._poll(write, job, deadline)
            if reply.status != 404:
                write.note(job)
                return self._await_job(write, job, deadline, reply)
            STOP.pause(pause)
        unknown = OutcomeUnknownError("%s was sent as job %s, its answer was lost, and the server does not know the job." % (write.asked, job), job, False)
        unknown.unsent = True
        if find and unknown.resolved(find):
            # Created by this call, if the server no longer knows its job, or by another run with the same uuid.
            raise unknown
        return None

    def _await_job(self, write: Write, job: str, deadline: float, reply: Reply | None = None) -> dict[str, t.Any]:
        pause = FIRST_LOOK
        watched, failed = time.monotonic(), t.cast(list[NotReadyError], [])
        while True:
            shown = self._look_for_effect(write, job, deadline) if reply is None else None
            if shown is not None:
                return shown
            if reply is None:
                STOP.pause(max(0.0, min(pause, deadline - time.monotonic())))
                pause = max(FIRST_PAUSE, min(pause * PAUSE_GROWTH, LONGEST_PAUSE))
                reply = self._poll(write, job, deadline)
            if reply.is_result:
                return self._result(write, job, reply)
            if reply.status == 404:
                raise OutcomeUnknownError(
                    "%s was accepted as job %s, and the server no longer has the job, so its outcome is not known." % (write.asked, job), job, False)
            if reply.status != 202:
                raise self._job_error(write, job, reply)
            if time.monotonic() >= deadline:
                raise OutcomeUnknownError(
                    "%s was accepted as job %s, which has not ended within %d seconds (wait_timeout). A job that lost its management node never ends. "
                    "Check the object, then run again, with a longer wait_timeout if the work simply takes longer."
                    % (write.asked, job, self._connection.wait_timeout), job, True)
            now = time.monotonic()
            if failed and now >= watched + REASON_SECONDS:
                raise failed[0]
            if not failed and write.watch is not None and now >= watched + WATCH_SECONDS:
                failed, watched, pause = _failures(write.watch), now, min(pause, WATCH_SECONDS)
            reply = None

    def _look_for_effect(self, write: Write, job: str, deadline: float) -> dict[str, t.Any] | None:
        """Return the result of a call whose effect a shared list shows; None if only the job shows it."""
        if self.outcomes is None or write.effect is None:
            return None
        for pause in PAUSES:
            STOP.pause(max(0.0, min(pause, deadline - time.monotonic())))
            shown = self.outcomes.look(write.effect)
            if shown is not None:
                self.outcomes.seen.append(Seen(write.effect.uuid, write.asked, job))
                return shown
        return None

    def unproven(self) -> t.Iterator[Seen]:
        """Yield the calls whose effect was seen in a list, and whose job has no result; only if the outcome of another call is not known.

        Another run may have had the same effect.
        """
        for seen in self.outcomes.seen if self.outcomes is not None and self.outcomes.lost else ():
            try:
                proven = self._http.exchange("GET", _job_path(seen.job)).is_result
            except (AnswerLostError, UnreachableError):
                proven = False
            if not proven:
                yield seen

    @staticmethod
    def _job_error(write: Write, job: str, reply: Reply) -> ZStackError:
        error = refusal(write.asked, reply)
        if isinstance(error, ServerError) and error.server_code == "SYS.1001":
            # The server stopped waiting; the operation may still complete (REST protocol page, 3.6).
            return OutcomeUnknownError(
                "%s The server no longer waits for job %s, and the work may still end. Check the object, then run again, with a longer wait_timeout "
                "if the work takes longer." % (error.message, job), job, True, error.error)
        return error

    def _poll(self, write: Write, job: str, deadline: float) -> Reply:
        """Return the state of a job. Requires no sign-in (REST protocol page, 3.2).

        :param deadline: a time of the monotonic clock, in seconds, until which responses that are not about the job are ignored.
        :raises OutcomeUnknownError: if there is no response about the job.
        """
        policy: t.Any = self._http.policy()
        pause = FIRST_PAUSE
        while True:
            reply: Reply | None = None
            try:
                reply = self._http.exchange("GET", _job_path(job))
                if _is_about_the_job(reply):
                    return reply
                problem = "the answer was HTTP %d with %s" % (reply.status, excerpt(reply.text))
            except (AnswerLostError, UnreachableError) as error:
                problem = error.message
            if reply is not None and _is_about_the_node(reply) and time.monotonic() < deadline:
                STOP.pause(max(0.0, min(pause, deadline - time.monotonic())))
                pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
                continue
            policy = again(policy, reply)
            if policy is None:
                raise OutcomeUnknownError("%s was sent as job %s, and the job could not be read: %s" % (write.asked, job, problem), job, True)


def _job_path(job: str) -> str:
    return "/v1/api-jobs/" + urllib.parse.quote(job, safe="")


def _failures(watch: t.Callable[[], None]) -> list[NotReadyError]:
    """Return the error that a watch raises, if any."""
    try:
        watch()
    except NotReadyError as error:
        return [error]
    return []


def _is_about_the_job(reply: Reply) -> bool:
    """Return whether a response to a poll is about the job (REST protocol page, 3.2); an error of a system in between is not."""
    if reply.is_junk or _is_about_the_node(reply):
        return False
    return reply.status in (200, 202, 404) or (reply.status == 503 and reply.error is not None)


def _is_about_the_node(reply: Reply) -> bool:
    """Return whether a response to a poll is about the management node, for example one that is starting, not the job (REST protocol page, section 10)."""
    return reply.status == 500 or reply.error_code in NOT_READY or (reply.status == 404 and "no api mapping" in reply.text)
