# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""One write from request to result: the call, its job, and the handling of a lost answer.

A write is repeated only when it never left, when it was refused for its rate, or when the server, asked for the write's
job uuid, knows nothing of it (REST protocol page, sections 10 and 11).
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
from ansible_collections.zstack.aios.plugins.module_utils._protocol.outcomes import PAUSES, Effect, Outcomes
from ansible_collections.zstack.aios.plugins.module_utils._protocol.sign_in import NOT_READY, RENEWALS, SignIn

VALIDATION_ONLY = "validationOnly"
# Seconds before the first look at a job, since most calls end at once, and between two looks later on.
FIRST_LOOK, FIRST_PAUSE, PAUSE_GROWTH, LONGEST_PAUSE = 0.001, 0.01, 1.7, 5.0
# A job that is not known right after a lost answer may still be on its way (REST protocol page, 3.4).
TRAVEL_SECONDS = 2.0
# Seconds between two looks at what a running job works on, and for which the job may still give the reason once that has failed.
WATCH_SECONDS, REASON_SECONDS = 1.0, 2.0


@dataclasses.dataclass(frozen=True)
class Write:
    """One call that changes something.

    :param call: its name in the API.
    :param path: from ``/v1`` on.
    :param body: the JSON body; None for a DELETE.
    :param query: the parameters of a DELETE.
    :param watch: called every `WATCH_SECONDS` while the job runs; raises a `NotReadyError` when what the job works on has failed.
    :param effect: how the object shows that the call has done its work; None when only the job can tell.
    :param stored: False for a synchronous call: the server keeps no job of it, so a lost answer cannot be resolved.
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
        """How a message names it."""
        return "%s (%s %s)" % (self.call, self.method, self.path)

    @property
    def validates_only(self) -> bool:
        """Whether the server only checks it (REST protocol page, 4.7)."""
        tags = [value for key, value in self.query if key == "systemTags"] + list((self.body or {}).get("systemTags") or [])
        return VALIDATION_ONLY in tags


class Jobs:
    """Makes calls and waits for their jobs, in the name of one account."""

    def __init__(self, connection: Connection, http: Http, sign_in: SignIn) -> None:
        self._connection = connection
        self._http = http
        self._sign_in = sign_in
        # For parallel calls: lists that show their effects.
        self.outcomes: Outcomes | None = None

    def write(self, write: Write, find: t.Callable[[], dict[str, t.Any] | None] | None = None) -> dict[str, t.Any]:
        """Make one call and wait for its job.

        :param find: for a creating call: looks for the object by the uuid that we chose.
        :returns: the result, such as ``{"inventory": {...}}``.
        :raises ServerError: the server refused it.
        :raises OutcomeUnknownError: it is not known whether it was done.
        :raises NotReadyError: what the write's ``watch`` raises, if the job does not give the reason itself.
        """
        for _unused in range(RENEWALS):
            used = self._sign_in.signed_in()
            try:
                return self._write_once(write, find)
            except ServerError as error:
                # An expired session is refused before anything is done (REST protocol page, 2.3); the job uuid is spent.
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
            # Before the attempt, so that a sign-in whose answer is lost is not taken for the write.
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
            # A failure of the REST layer can come after the call was accepted, so only the job decides.
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
            # It was done; whoever knows the object can look at it.
            raise OutcomeUnknownError("The server reports that the call was executed, but not its result. " + error.message, job, False) from error

    def _ask(
        self, write: Write, job: str, deadline: float, find: t.Callable[[], dict[str, t.Any] | None] | None,
    ) -> dict[str, t.Any] | None:
        """Resolve a lost answer by asking. None means that the server never took the write, so that it may go again.

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
            # Created by this call, if the server has forgotten its job, or by another run with the same uuid.
            raise unknown
        return None

    def _await_job(self, write: Write, job: str, deadline: float, reply: Reply | None = None) -> dict[str, t.Any]:
        pause = FIRST_LOOK
        watched, failed = time.monotonic(), t.cast(list[NotReadyError], [])
        while True:
            shown = self._look_for_effect(write, deadline) if reply is None else None
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

    def _look_for_effect(self, write: Write, deadline: float) -> dict[str, t.Any] | None:
        """Return the result of a call whose effect shows in a list that others share; None when only the job can tell."""
        if self.outcomes is None or write.effect is None:
            return None
        for pause in PAUSES:
            STOP.pause(max(0.0, min(pause, deadline - time.monotonic())))
            shown = self.outcomes.look(write.effect)
            if shown is not None:
                return shown
        return None

    @staticmethod
    def _job_error(write: Write, job: str, reply: Reply) -> ZStackError:
        error = refusal(write.asked, reply)
        if isinstance(error, ServerError) and error.server_code == "SYS.1001":
            # The server gave up waiting; the work itself may still end (REST protocol page, 3.6).
            return OutcomeUnknownError(
                "%s The server no longer waits for job %s, and the work may still end. Check the object, then run again, with a longer wait_timeout "
                "if the work takes longer." % (error.message, job), job, True, error.error)
        return error

    def _poll(self, write: Write, job: str, deadline: float) -> Reply:
        """Return what the server knows of a job. It needs no sign-in (REST protocol page, 3.2).

        :param deadline: a time of the monotonic clock, in seconds, until which answers that say nothing about the job are ignored.
        :raises OutcomeUnknownError: when there is no answer about the job.
        """
        policy: t.Any = self._http.policy()
        pause = FIRST_PAUSE
        while True:
            reply: Reply | None = None
            try:
                reply = self._http.exchange("GET", "/v1/api-jobs/" + urllib.parse.quote(job, safe=""))
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


def _failures(watch: t.Callable[[], None]) -> list[NotReadyError]:
    """Return what a watch raises, if it does."""
    try:
        watch()
    except NotReadyError as error:
        return [error]
    return []


def _is_about_the_job(reply: Reply) -> bool:
    """Whether an answer to a poll is one of those for jobs (REST protocol page, 3.2); a refusal by something in between is none."""
    if reply.is_junk or _is_about_the_node(reply):
        return False
    return reply.status in (200, 202, 404) or (reply.status == 503 and reply.error is not None)


def _is_about_the_node(reply: Reply) -> bool:
    """Whether an answer to a poll describes the management node, such as one that starts, and not the job (REST protocol page, section 10)."""
    return reply.status == 500 or reply.error_code in NOT_READY or (reply.status == 404 and "no api mapping" in reply.text)
