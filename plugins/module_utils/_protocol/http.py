# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""One HTTP exchange: what is sent, what comes back, and which failures mean that nothing was sent."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import ssl
import time
import traceback
import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers as _answers
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, OptionError, OversizedAnswerError, ProtocolError, ServerError, UnreachableError, ZStackError,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import outside

REQUESTS_TRACEBACK: str | None = None
try:
    import requests
    import requests.adapters
    import urllib3
    from urllib3.util.retry import Retry
except ImportError:
    REQUESTS_TRACEBACK = traceback.format_exc()

CONNECT_SECONDS = 10
BACKOFF_SECONDS = 0.5
LONGEST_PAUSE = 60.0
# How OpenSSL names what only happens before anything is sent.
_HANDSHAKE = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "UNSUPPORTED_PROTOCOL", "NO_SHARED_CIPHER", "HTTP_REQUEST",
              "HTTPS_PROXY_REQUEST", "RECORD_LAYER_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION", "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_INTERNAL_ERROR")
# Characters of a text from which an excerpt is made.
_EXCERPTED = 100_000
_TAG, _HIDDEN = re.compile("<[^<>]+>"), re.compile(r"<(/?)(script|style)\b[^<>]*>?", re.I)


@dataclasses.dataclass(frozen=True)
class Reply:
    """What came back.

    :param body: the JSON object, or None when the body is not one; decided by the content, because the server sets no
        content type (REST protocol page, section 1).
    :param raw: urllib3's response, for its Retry-After.
    """

    status: int
    body: dict[str, t.Any] | None
    text: str
    location: str | None = None
    raw: t.Any = None

    @property
    def error(self) -> dict[str, t.Any] | None:
        """The server's error object, if this is one."""
        found = (self.body or {}).get("error")
        return found if isinstance(found, dict) else None

    @property
    def error_code(self) -> str:
        """The stable code of the server's error, or an empty text."""
        code = (self.error or {}).get("code")
        return code if isinstance(code, str) else ""

    @property
    def is_result(self) -> bool:
        """Whether this is the result of a call: HTTP 200 with an object that holds no error."""
        return self.status == 200 and self.body is not None and not self.body.get("error")

    @property
    def is_redirect(self) -> bool:
        """Whether something in front of the management node sends us elsewhere."""
        return 300 <= self.status < 400

    @property
    def is_junk(self) -> bool:
        """Whether this did not come from the management node itself: a proxy's page, or nothing at all."""
        if self.body is not None or self.is_redirect:
            return False
        return self.status in (200, 202, 502, 503, 504) or not self.text.strip() or is_page(self.text)


def leave_alone(request: t.Any) -> t.Any:
    """An auth hook that does nothing: without one, requests would put a password of ~/.netrc over our header."""
    return request


def _at_once() -> None:
    """Wait for nothing."""


class Http:
    """A kept-alive connection pool to one management node.

    :param connection: where it is.
    :param pool: how many connections may be open at once.
    """

    def __init__(self, connection: Connection, pool: int = 1) -> None:
        self._connection = connection
        # Called before each request; may wait.
        self.pace: t.Callable[[], None] = _at_once
        self._session = requests.Session()
        self._session.auth = leave_alone
        # The environment is asked once (`_surroundings`): requests would search all of it for proxies with every request.
        self._session.trust_env = False
        self._found: dict[str, t.Any] | None = None
        # The server's JSESSIONID means nothing (REST protocol page, section 1).
        self._session.cookies.set_policy(_no_cookies())
        # What was never sent may be sent again, whatever it is. All other repetition is decided by the client.
        retry = Retry(
            total=None, connect=connection.retries, read=0, redirect=0, status=0, other=0, backoff_factor=BACKOFF_SECONDS, raise_on_status=False)
        adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=pool, max_retries=retry)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        if not connection.validate_certs:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def policy(self) -> Retry:
        """How often and how slowly an answer that asks for it is asked for again; for `again`."""
        return Retry(total=self._connection.retries, backoff_factor=BACKOFF_SECONDS)

    def exchange(
        self, method: str, path: str, query: t.Sequence[tuple[str, str]] = (), body: t.Any = None, headers: t.Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request.

        :param path: from ``/v1`` on.
        :param query: pairs; a list is a repeated key.
        :param body: becomes JSON.
        :raises UnreachableError: nothing was sent.
        :raises AnswerLostError: it was sent, and no whole answer came back.
        """
        connection = self._connection
        url = connection.base_url + path
        if query:
            url += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe="")
        # Escaped to ASCII, so that a server which ignores the charset reads it as well (REST protocol page, section 1).
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode("ascii")
        sent = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json", **(headers or {})}
        self.pace()
        try:
            response = self._session.request(
                method, url, data=data, headers=sent, timeout=(min(CONNECT_SECONDS, connection.timeout), connection.timeout),
                allow_redirects=False, **self._surroundings())
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as error:
            raise _failure(error, "%s %s%s" % (method, connection.base_url, path), connection) from error
        text = response.content.decode("utf-8", "replace")
        try:
            body = _answers.parse(text)
        except _answers.TooLarge as error:
            raise OversizedAnswerError("%s %s: the answer cannot be used, %s. No ZStack management node answers like that. Check host, port and "
                                       "context_path, and the proxy in between." % (method, path, error)) from error
        return Reply(response.status_code, body, text, response.headers.get("Location"), response.raw)

    def _surroundings(self) -> dict[str, t.Any]:
        """The proxies and certificates that options and environment ask for, as arguments of a request."""
        if self._found is None:
            connection = self._connection
            bundle = connection.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
            self._found = {
                "proxies": requests.utils.get_environ_proxies(connection.base_url), "verify": bundle if connection.validate_certs else False}
        return self._found

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def again(policy: Retry, reply: Reply | None) -> Retry | None:
    """Wait before the next try. None when there is no further one; otherwise the policy for it."""
    raw = reply.raw if reply else None
    try:
        policy = policy.increment("GET", "/", response=raw)
    except urllib3.exceptions.MaxRetryError:
        return None
    time.sleep(min(_asked_pause(policy, raw) or policy.get_backoff_time(), LONGEST_PAUSE))
    return policy


def _asked_pause(policy: Retry, raw: t.Any) -> float | None:
    """Seconds from the answer's Retry-After, which a proxy may set; the server itself never does."""
    try:
        return policy.get_retry_after(raw) if raw is not None else None
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return None


def refusal(asked: str, reply: Reply) -> ZStackError:
    """The error for an answer that is not a result."""
    if reply.error is not None:
        return ServerError(asked, reply.error, reply.status)
    if reply.is_redirect:
        return ProtocolError(
            "%s was redirected to %s. The management node never redirects, so this is something in front of it: "
            "set protocol, host, port and context_path to the final address." % (asked, outside(reply.location or "nowhere")))
    if reply.is_junk:
        return ProtocolError(
            "%s was not answered by a ZStack management node but with HTTP %d and %s. Check host, port, protocol and context_path, "
            "and the proxy in between." % (asked, reply.status, excerpt(reply.text)))
    return ServerError(asked, {"details": reply.text.strip(), "status": reply.status}, reply.status)


def is_page(text: str) -> bool:
    """Whether a text is a page for a browser, which the management node itself never sends."""
    start = text[:2000].lower()
    return "<html" in start or "<!doctype" in start or "<body" in start


def excerpt(text: str, length: int = 300) -> str:
    """The readable words of a text or page, in one line of at most ``length`` characters."""
    # Masked before it is cut; nothing after so many characters can get into the excerpt.
    words = " ".join(outside((_without_tags(text) if is_page(text) else text)[:_EXCERPTED]).split())
    if not words:
        return "an empty page"
    return words if len(words) <= length else words[:length] + "..."


def _without_tags(text: str) -> str:
    """A page without tags, scripts and styles. Each character is looked at a fixed number of times, whatever the page is."""
    kept, at, inside = [], 0, ""
    for found in _HIDDEN.finditer(text):
        closes, name = found.group(1), found.group(2).lower()
        if not inside and not closes:
            kept.append(text[at:found.start()])
            at, inside = found.start(), name
        elif closes and name == inside:
            at, inside = found.end(), ""
    kept.append(text[at:])
    return _TAG.sub(" ", " ".join(kept))


def _no_cookies() -> t.Any:
    import http.cookiejar

    return http.cookiejar.DefaultCookiePolicy(allowed_domains=[])


def _root(error: BaseException) -> BaseException:
    """The innermost reason: requests and urllib3 wrap errors into each other."""
    seen: list[BaseException] = []
    current: t.Any = error
    while isinstance(current, BaseException) and current not in seen:
        seen.append(current)
        inner = getattr(current, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((item for item in current.args if isinstance(item, BaseException)), None)
        current = inner
    return seen[-1]


def _failure(error: BaseException, asked: str, connection: Connection) -> ZStackError:
    cause = _root(error)
    root = outside(str(cause))
    where = "%s port %d" % (connection.host, connection.port)
    if isinstance(error, requests.exceptions.SSLError):
        # Without a reason that belongs to the handshake, it may have broken after the request was sent.
        kind = UnreachableError if isinstance(cause, ssl.SSLError) and cause.reason in _HANDSHAKE else AnswerLostError
        return kind(
            "The TLS connection to %s failed: %s. Give the certificate of the CA in ca_path, or set validate_certs to false if you accept any "
            "certificate; and use protocol http if the server does not speak TLS on this port." % (where, root))
    if isinstance(error, (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL)):
        return UnreachableError("The proxy on the way to %s failed: %s. Check http_proxy and https_proxy, or put the host into no_proxy." % (where, root))
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError)):
        return OptionError("host: %s cannot be made into an address: %s." % (where, root))
    if isinstance(error, OSError) and not isinstance(error, requests.exceptions.RequestException):
        return OptionError("ca_path: %s." % root)
    unsent = (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError)
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(cause, unsent) or _wraps(error, unsent):
        return UnreachableError("Could not connect to %s: %s. Check host and port, and that the management node is running." % (where, root))
    return AnswerLostError("%s was sent, and the answer was lost: %s." % (asked, root))


def _wraps(error: BaseException, kinds: tuple[type, ...]) -> bool:
    cause: t.Any = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), kinds)
