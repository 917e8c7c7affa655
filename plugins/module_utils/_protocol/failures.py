# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The meaning of a network failure: whether the request was sent, the cause, and what to do."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import traceback
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol import certificates as _certificates
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, OptionError, UnreachableError, UnusableAnswerError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import outside
from ansible_collections.zstack.aios.plugins.module_utils._protocol.transport import VERSION_TOO_LOW, Excess

try:
    import requests
    import urllib3
except ImportError:
    pass  # `http` reports it

PROBE_SECONDS = 2
# Maximum length of a library's text.
LONGEST = 300
# OpenSSL's names of errors that only occur before anything is sent.
_HANDSHAKE = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "UNSUPPORTED_PROTOCOL", "NO_SHARED_CIPHER", "HTTP_REQUEST",
              "HTTPS_PROXY_REQUEST", "RECORD_LAYER_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION", "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_INTERNAL_ERROR",
              "WRONG_SSL_VERSION", VERSION_TOO_LOW)
# ... of errors if the server does not use TLS.
_NOT_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
# ... and of errors if both sides have no version of TLS in common, or only one that is too old.
_TOO_OLD = ("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", VERSION_TOO_LOW)
# Responses of servers to plain HTTP on a TLS port: nginx, Go, Apache, Tomcat and Jetty.
_WANTS_TLS = re.compile(
    r"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|speaking plain HTTP to an SSL|combination of host and port requires TLS", re.I)


def failure(error: BaseException, asked: str, connection: Connection, proxy: str | None, answered: bool) -> ZStackError:
    """Return the error for an exception of requests, urllib3 or a socket.

    :param asked: method and address of the request.
    :param proxy: the proxy of the request, in the form for messages.
    :param answered: whether the server has responded to an earlier request.
    :returns: an `UnreachableError` if nothing was sent, else an `AnswerLostError`; an `OptionError` for an invalid address.
    """
    chain = _chain(error)
    cause = chain[-1]
    root = _words(cause)
    where = "%s port %d" % (connection.host, connection.port)
    unsent = any(getattr(item, "nothing_sent", False) for item in chain)
    not_connected = any(isinstance(item, (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError)) for item in chain)
    of_tls = isinstance(error, requests.exceptions.SSLError) or any(isinstance(item, ssl.SSLError) for item in chain)
    of_proxy = any(isinstance(item, urllib3.exceptions.ProxyError) for item in chain) or _is_of_tls_proxy(cause)
    if of_proxy or (proxy and not of_tls and (unsent or not_connected)):
        return UnreachableError("The proxy to %s failed: %s. Check %s (from http_proxy, https_proxy or all_proxy), or add the host to "
                                "no_proxy." % (where, root, proxy))
    if isinstance(error, OSError) and not isinstance(error, requests.exceptions.RequestException):
        return OptionError("%s: %s." % (connection.names.get("ca_path", "ca_path"), root))
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError)):
        return OptionError("%s: %s cannot be encoded as an address: %s." % (connection.names.get("host", "host"), where, root))
    if isinstance(cause, (Excess, http.client.LineTooLong)) or cause.__class__ is http.client.HTTPException:
        return unusable(asked, root)
    if of_tls or (unsent and not not_connected and connection.protocol == "https"):
        return _tls_failure(cause, where, unsent, connection)
    if unsent or not_connected:
        return UnreachableError("Could not connect to %s: %s. Check host and port, and that the management node is running." % (where, root))
    if connection.protocol == "http" and not proxy and not answered and _is_tls_answer(cause, connection):
        return UnreachableError(wants_tls(where))
    if any(isinstance(item, (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, socket.timeout)) for item in chain):
        return AnswerLostError("%s was sent, and the answer was lost: it timed out, because it was not complete after %d seconds (timeout)." % (
            asked, connection.timeout))
    return AnswerLostError("%s was sent, and the answer was lost: %s." % (asked, root))


def reason_of(error: ZStackError) -> str:
    """Return the innermost reason of a network error, without information about the management node."""
    return _words(_chain(error.__cause__)[-1]) if error.__cause__ else error.message


def unusable(asked: str, reason: BaseException | str) -> UnusableAnswerError:
    """Return the error for a response beyond a limit."""
    return UnusableAnswerError("%s: the answer cannot be used: %s. This is not an answer of a ZStack management node. Check host, port and context_path, and "
                               "any proxy in between." % (asked, reason))


def wants_tls(where: str) -> str:
    """Return the message for plain HTTP on a TLS port."""
    return "%s requires TLS, but the request was sent over plain http. Set protocol to https (or ZSTACK_PROTOCOL), or port to the one for http." % where


def is_refused_for_plain_http(text: str) -> bool:
    """Return whether a server reports that its port requires TLS."""
    return bool(_WANTS_TLS.search(text[:2000]))


def _tls_failure(cause: BaseException, where: str, unsent: bool, connection: Connection) -> ZStackError:
    reason = str(getattr(cause, "reason", None) or "")
    refused = _certificates.is_refusal(cause)
    unsent = unsent or refused or reason in _HANDSHAKE
    kind = UnreachableError if unsent else AnswerLostError
    if refused:
        return kind(_certificates.refusal(cause, where, connection))
    root = _words(cause)
    if reason in _NOT_TLS:
        return kind("The TLS connection to %s failed, because the server does not use TLS on this port: %s. Set protocol to http (or ZSTACK_PROTOCOL), "
                    "or port to the one for https." % (where, root))
    if reason in _TOO_OLD:
        return kind("The TLS connection to %s failed, because the server does not support TLS 1.2 or later: %s. Enable TLS 1.2 or 1.3 on the server." % (
            where, root))
    advice = "Check that the server uses TLS on this port; if it does not, set protocol to http." if unsent else "Run again."
    return kind("The TLS connection to %s failed: %s. %s" % (where, root, advice))


def _words(cause: BaseException) -> str:
    """Return the message of a library, without secrets and with limited length."""
    # These quote a line of the response in Latin-1 or as bytes, in which no secret can be found, and up to a semicolon, which may be inside an escape.
    if isinstance(cause, urllib3.exceptions.InvalidChunkLength):
        return "a part of the body has no valid length"
    if isinstance(cause, http.client.BadStatusLine) and not isinstance(cause, ConnectionError):
        return "it does not begin with a status line of HTTP"
    if _certificates.is_refusal(cause):
        return "its TLS certificate was refused, because %s" % _certificates.reason(cause)
    text = outside(str(cause))
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def _is_of_tls_proxy(cause: BaseException) -> bool:
    """Return whether the handshake with a proxy failed, and not the one with the server: urllib3 1.26 raises the same error for both."""
    return any(frame.f_code.co_name == "_connect_tls_proxy" for frame, _line in traceback.walk_tb(cause.__traceback__))


def _is_tls_answer(cause: BaseException, connection: Connection) -> bool:
    """Return whether a server that aborted a plain request uses TLS."""
    if isinstance(cause, http.client.BadStatusLine) and str(getattr(cause, "line", "")).lstrip("'\"").startswith(("\x15\x03", "\\x15\\x03")):
        return True  # a TLS alert
    if not isinstance(cause, (http.client.RemoteDisconnected, ConnectionError)):
        return False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Only the protocol is of interest: nothing is sent.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError, ValueError):
        with socket.create_connection((connection.host, connection.port), PROBE_SECONDS) as plain:
            with context.wrap_socket(plain):
                return True
    return False


def _chain(error: BaseException) -> list[BaseException]:
    """Return the error and the errors that it wraps, down to the innermost reason: requests and urllib3 nest errors."""
    seen: list[BaseException] = []
    current: t.Any = error
    while isinstance(current, BaseException) and current not in seen:
        seen.append(current)
        inner = getattr(current, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((item for item in current.args if isinstance(item, BaseException)), current.__cause__)
        # urllib3 1.26 does not report the cause of a timeout.
        context = None if current.__suppress_context__ else current.__context__
        # Of a number that cannot be read in the response; it quotes what it received.
        current = inner or (None if context.__class__ is ValueError else context)
    return seen
