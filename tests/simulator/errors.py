# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the simulated server: error codes of the API layer, plain texts of the REST layer."""
from __future__ import annotations

import zlib

from .serialise import Inventory

# The class of an error in the schema of an answer.
ERROR_CLASS = "org.zstack.header.errorcode.ErrorCode"

# REST page, 7: fixed English sentence of every code.
DESCRIPTIONS: dict[str, str] = {
    "SYS.1000": "An internal error happened in system",
    "SYS.1001": "An operation timeout",
    "SYS.1003": "Unable to find requested resource. It may have been deleted",
    "SYS.1006": "An operation failed",
    "SYS.1007": "One or more API argument is invalid",
    "SYS.1008": "Unknown message",
    "SYS.1009": "No route to the service",
    "SYS.1010": "The management node is not ready",
    "SYS.1012": "The management node is unavailable",
    "ID.1000": "Authentication failed",
    "ID.1001": "Invalid session",
    "ID.1002": "Permission denied",
    "ID.1003": "Quota exceeded",
    "ID.1006": "Max number of login sessions reached",
    "ID.1007": "The account is disabled",
    "ID.2000": "Two factor authentication error",
    "ID.2001": "Two factor authentication is needed",
    "ID.2002": "Two factor authentication failed",
    "LOGIN_CONTROL.1000": "The password has expired",
    "LOGIN_CONTROL.1002": "The account is locked",
    "LOGIN_CONTROL.1003": "The captcha is wrong",
    "LOGIN_CONTROL.1005": "A captcha is needed",
    "TAG.1000": "Tag error",
    "TAG.1001": "Duplicated tag",
    "TAG.1002": "Too many tags",
}

# REST page, 3.7: code of a REST-layer error of the diagnostic dialect, by HTTP status.
STATUS_CODES: dict[int, str] = {404: "SYS.1003", 400: "SYS.1007", 405: "SYS.1007"}


class ApiError(Exception):
    """A failure of the API layer: HTTP 503 of a sync call, or the 503 of a job.

    :param code: such as ``SYS.1007``.
    :param details: text for people.
    :param global_code: ``ORG_ZSTACK_...``; shown by the diagnostic dialect only.
    :param cause: nested error object.
    """

    def __init__(self, code: str, details: str, global_code: str | None = None, cause: dict | None = None) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details
        self.global_code = global_code
        self.cause = cause

    def inventory(self, with_global_code: bool) -> dict:
        """Return the error object (REST page, 7); null fields are left out."""
        error: dict = {"code": self.code, "description": DESCRIPTIONS.get(self.code, "An operation failed"), "details": self.details[:4096]}
        if with_global_code:
            error["globalErrorCode"] = self.global_code or placeholder_global_code(self.code)
            error["message"] = self.details[:4096]
        if self.cause:
            error["cause"] = Inventory(ERROR_CLASS, self.cause)
        return Inventory(ERROR_CLASS, error)


class RestError(Exception):
    """A failure of the REST layer: a status and a text (JSON in the diagnostic dialect, REST page, 3.7).

    :param page: an HTML page of the web container; sent as it is in every dialect.
    """

    def __init__(self, status: int, text: str, global_code: str = "ORG_ZSTACK_CORE_REST_10014", page: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.global_code = global_code
        self.page = page

    def as_api_error(self) -> ApiError:
        """Return the error object that the diagnostic dialect sends for it."""
        code = STATUS_CODES.get(self.status) or ("SYS.1000" if self.status >= 500 else "SYS.1006")
        return ApiError(code, self.text, self.global_code)


def ai_error(number: int, details: str, code: str = "SYS.1007") -> ApiError:
    """Return an error of the AI catalogue (AI page, 10), e.g. number 10043."""
    return ApiError(code, details, f"ORG_ZSTACK_AI_{number}")


def argument_error(details: str) -> ApiError:
    """Return SYS.1007 with a text."""
    return ApiError("SYS.1007", details)


def placeholder_global_code(code: str) -> str:
    """Return a stand-in for the global codes that the references do not publish."""
    return "ORG_ZSTACK_SIMULATOR_" + code.replace(".", "_")


def diagnostic_envelope(error: ApiError, request_id: str) -> dict:
    """Return the failure body of the diagnostic dialect (REST page, 7)."""
    inventory = error.inventory(True)
    number = zlib.crc32(inventory["globalErrorCode"].encode()) % 90000 + 10000
    return {
        "error": inventory,
        "id": request_id,
        "success": "false",
        "diagnostic": {
            "component": "Cloud",
            "category": "Operation",
            "code": f"{number:05d}",
            "message": error.details,
            "reviewed": False,
            "raw_message": {"symptom": error.details, "cause": "", "solution": "", "note": ""},
        },
    }


def html_page(status: int, title: str) -> str:
    """Return an HTML page as a proxy or the web container sends it."""
    return f"<html><head><title>{status} {title}</title></head><body><center><h1>{status} {title}</h1></center></body></html>\r\n"


def java_list(values) -> str:
    """Return a list as Java prints it: ``[A, B]``, without quotes."""
    return f"[{', '.join(str(value) for value in values)}]"
