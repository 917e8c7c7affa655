# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The exceptions of the collection, and messages for errors of the server."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import outside_value

# Maximum number of causes in a message; the others are in `error`.
SHOWN_CAUSES = 5
# The server shortens its texts itself (REST protocol page, section 7).
LONGEST_DETAILS = 4096

_CAPTCHA = "No program can answer a captcha. Sign in once by hand, so that the server no longer demands one, or use an access key for automation."

# Solutions, by the stable error code of the server (REST protocol page, section 7).
HINTS: dict[str, str] = {
    "SYS.1003": "Check the uuids in the task: the server has no such resource, or this account may not see it.",
    "SYS.1008": "The management node does not know this call: it is still starting, or the AI module is not installed.",
    "SYS.1009": "The management node is still starting. Wait for GET /v1/management-nodes/ready, then run again.",
    "SYS.1010": "The management node is still starting. Wait for GET /v1/management-nodes/ready, then run again.",
    "SYS.1012": "The management node is not available now. Wait for GET /v1/management-nodes/ready, then run again.",
    "ID.1000": "Check account_name and account_password. The sign-in is not tried again: repeated failures lock the account.",
    "ID.1001": "The session has expired or was closed. Give account_name and account_password, so that it can be renewed.",
    "ID.1002": "The account lacks the permission. Use an account that owns the object, or share the object with it.",
    "ID.1003": "Raise the quota of the account, or delete objects that it no longer requires.",
    "ID.1005": "Change the password of the account once by hand, then run again.",
    "ID.1006": "Close unused sessions, or raise the global setting identity/session.maxConcurrent.",
    "ID.1007": "The account is disabled. Enable it or use another one.",
    "ID.2000": "The second factor was not accepted, and is not sent again. Give a new two_factor_code, or use an access key for automation.",
    "ID.2001": "The account needs a second factor. Give two_factor_code, or use an access key for automation.",
    "ID.2002": "The code is wrong, has expired or was used before, and is not sent again. Give a new two_factor_code, or use an access key for automation.",
    "ID.2003": "The management node could not check the second factor. Check its two-factor service, then run again with a new two_factor_code.",
    "LOGIN_CONTROL.1000": "The password has expired. Change it once by hand, then run again.",
    "LOGIN_CONTROL.1001": "Change the password of the account once by hand, to one that was not used before.",
    "LOGIN_CONTROL.1002": "The account is locked after too many failed sign-ins. Wait for the lock to end or unlock it.",
    "LOGIN_CONTROL.1003": _CAPTCHA,
    "LOGIN_CONTROL.1004": "A rule of the platform refuses the address of this machine. Allow it there, or run from another one.",
    "LOGIN_CONTROL.1005": _CAPTCHA,
    "ORG_ZSTACK_AI_10036": "Use one of the frameworks that the server knows, for example vLLM or Transformers.",
    "ORG_ZSTACK_AI_10082": "Delete the service instance groups that use the model first.",
    "ORG_ZSTACK_AI_10084": "System objects belong to the platform and are never deleted.",
    "ORG_ZSTACK_AI_10125": "Use the classifications of the platform, see GET /v1/tags with names that start with AI::.",
}


# The error for a second object with the same uuid; its text is not stable (REST protocol page, 4.5).
TAKEN = "SYS.1000"
UNREAD = "The object could not be read to see whether it was done: "

T = t.TypeVar("T")


class ZStackError(Exception):
    """Any failure that is reported to the user.

    :param message: complete sentences for the user.
    :param error: the error for the result; the server's own object if it sent one.
    """

    code = "client.error"

    def __init__(self, message: str, error: dict[str, t.Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.error: dict[str, t.Any] = error if error is not None else {"code": self.code, "details": message}

    def add(self, sentence: str) -> None:
        """Append a sentence to the message."""
        if sentence:
            self.message = "%s %s" % (self.message, sentence)
            self.args = (self.message,)

    def resolved(self, read: t.Callable[[], T]) -> T:
        """Return the result of a read that may show what the call of this error has done.

        :raises ZStackError: this error if the read fails, because its failure must not hide that a call was sent.
        """
        try:
            return read()
        except StoppedError:
            raise
        except ZStackError as error:
            self.add(UNREAD + error.message)
            raise self from error


class OptionError(ZStackError):
    """An invalid option: refused before anything is sent."""

    code = "client.option"


class MissingError(ZStackError):
    """Something that the task names does not exist on the server."""

    code = "client.missing"


class AmbiguousError(ZStackError):
    """Several objects match instead of one."""

    code = "client.ambiguous"


class DriftError(ZStackError):
    """A difference that no call can repair."""

    code = "client.drift"


class UsedError(ZStackError):
    """An object that is in use, so that it is not deleted."""

    code = "client.used"


class NotReadyError(ZStackError):
    """An object whose operation continues after its call, and that is not ready in time or has failed."""

    code = "client.not_ready"


class BelowMinimumError(ZStackError):
    """A result that does not meet the requirements of the task."""

    code = "client.below_minimum"


class VersionError(ZStackError):
    """The server is too old for an option of the task."""

    code = "client.version"


class VerifyError(ZStackError):
    """The server accepted a write and did not apply all of it."""

    code = "client.verify"


class ReadOnlyError(ZStackError):
    """A write by a client that must not write. Always a defect of the collection."""

    code = "client.read_only"


class StoppedError(ZStackError):
    """The process has to end, so the request was not sent."""

    code = "client.stopped"


class SpentCodeError(ZStackError):
    """A sign-in that would send a two-factor code twice, which could lock the account."""

    code = "client.two_factor_code"


class UnreachableError(ZStackError):
    """No connection was made, so nothing was sent."""

    code = "client.unreachable"


class AnswerLostError(ZStackError):
    """The request was sent, and no usable response was received: the outcome is unknown."""

    code = "client.answer_lost"


class UnusableAnswerError(AnswerLostError):
    """A response that no management node sends, such as an endless one: a retry would not help."""


class OutcomeUnknownError(ZStackError):
    """A job has not ended in time, or the server no longer knows it.

    :param job: the job's uuid.
    :param running: True if the job was still running at the last poll.
    :param unsent: True if the server does not know the job, so that it has probably never received the call.
    """

    code = "client.outcome_unknown"
    unsent = False

    def __init__(self, message: str, job: str, running: bool, error: dict[str, t.Any] | None = None) -> None:
        super().__init__(message, error if error is not None else {"code": self.code, "details": message, "job": job})
        self.job = job
        self.running = running

    def considered_successful(self, reason: str) -> str:
        """Return the warning for a call whose effect shows.

        :param reason: a sentence without its full stop, such as "The object exists".
        """
        return "%s %s, so the call is considered successful." % (self.message, reason)

    def of_creation(self, uuid: str, exists: bool) -> OutcomeUnknownError:
        """Return this error for a creation that may not have been completed.

        :param uuid: the uuid that was chosen for the new object.
        :param exists: True when there is an object with it.
        """
        there = "The object with the uuid %s exists, but may be incomplete." if exists else "There is no object with the chosen uuid %s yet."
        self.add(there % uuid)
        return self


class ProtocolError(ZStackError):
    """The response is not from a ZStack management node, or has an unexpected form."""

    code = "client.protocol"


class FormError(ProtocolError):
    """A response with another form than that of its call."""


class ServerError(ZStackError):
    """An error of the server.

    :param asked: the call, such as ``UpdateModel (PUT /v1/ai/models/<uuid>)``.
    :param error: the ``error`` object of the response (REST protocol page, section 7), or ``{"details": text}``.
    :param status: the HTTP status.
    """

    def __init__(self, asked: str, error: dict[str, t.Any], status: int) -> None:
        self.server_code = _code(error, "code")
        self.global_code = _code(error, "globalErrorCode")
        self.status = status
        # Masked before it is shortened.
        error = outside_value(error)
        super().__init__(describe(asked, error, status), error)


def deepest_cause(error: dict[str, t.Any]) -> dict[str, t.Any] | None:
    """Return the root of the ``cause`` chain, or None when the error has no cause (REST protocol page, section 7)."""
    found: dict[str, t.Any] | None = None
    cause = error.get("cause")
    while isinstance(cause, dict) and cause:
        found, cause = cause, cause.get("cause")
    return found


def describe(asked: str, error: dict[str, t.Any], status: int) -> str:
    """Return one paragraph: the call, the message of the server, the root cause, and what to do."""
    code, global_code = _code(error, "code"), _code(error, "globalErrorCode")
    codes = " ".join(part for part in (code, "(%s)" % global_code if global_code else "") if part)
    # The classic dialect reports errors of the REST layer as text, without a code.
    text = "%s was refused by the server with %s" % (asked, codes or "HTTP %d" % status)
    parts = [_sentence(error.get(key)) for key in ("description", "details", "elaboration")]
    sentences = [part for number, part in enumerate(parts) if part and part not in parts[:number]]
    if sentences:
        text += ": " + " ".join(sentences)
    else:
        text += "."
    # The fork lists several causes where the others have one (REST protocol page, section 7).
    listed = error.get("causes")
    causes = [cause for cause in (deepest_cause(error), *(listed if isinstance(listed, list) else ())) if cause and isinstance(cause, dict)]
    for cause in causes[:SHOWN_CAUSES]:
        cause = deepest_cause(cause) or cause
        words = [_words(cause.get(key)) for key in ("code", "globalErrorCode", "description", "details")]
        text += " Cause: " + _sentence(" ".join(word for word in words if word))
    if len(causes) > SHOWN_CAUSES:
        text += " Causes not shown: %d." % (len(causes) - SHOWN_CAUSES)
    hint = HINTS.get(global_code) or HINTS.get(code)
    return text + (" " + hint if hint else "")


def _code(error: dict[str, t.Any], member: str) -> str:
    """Return a code of an error object; an empty text if there is none (a number is a code, since some proxies send their status)."""
    value = error.get(member)
    return str(value or "") if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _words(value: t.Any) -> str:
    """Return a value of an error object as text: text unchanged, anything else as JSON."""
    if value is None or value == "":
        return ""
    text = value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_DETAILS else text[:LONGEST_DETAILS] + "..."


def _sentence(value: t.Any) -> str:
    text = _words(value)
    return text if not text or text[-1] in ".!?" else text + "."
