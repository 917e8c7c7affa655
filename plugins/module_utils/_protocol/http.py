# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""One HTTP exchange: the request, the response, and the failures that mean that nothing was sent."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import re
import threading
import traceback
import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers as _answers
from ansible_collections.zstack.aios.plugins.module_utils._protocol.certificates import trusted
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ProtocolError, ServerError, UnreachableError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.failures import failure, is_refused_for_plain_http, unusable, wants_tls
from ansible_collections.zstack.aios.plugins.module_utils._protocol.proxies import proxy_for, shown
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import outside
from ansible_collections.zstack.aios.plugins.module_utils._protocol.transport import ENCODINGS, MOST_BODY, MOST_REFUSAL, BoundedAdapter, read_body

# The oldest versions that are tested; requests 2.25 itself accepts older ones of urllib3.
REQUIRED = "requests >= 2.25 with urllib3 >= 1.26"
REQUESTS_TRACEBACK: str | None = None
try:
    import requests
    import urllib3
    from urllib3.util.retry import Retry

    if not hasattr(urllib3.exceptions, "InvalidChunkLength"):
        raise ImportError("urllib3 %s is too old" % urllib3.__version__)
except ImportError:
    REQUESTS_TRACEBACK = traceback.format_exc()

CONNECT_SECONDS = 10
BACKOFF_SECONDS = 0.5
LONGEST_PAUSE = 60.0
# Maximum length of a text from which an excerpt is taken.
_EXCERPTED = 100_000
_TAG, _HIDDEN = re.compile("<[^<>]+>"), re.compile(r"<(/?)(script|style)\b[^<>]*>?", re.I)


@dataclasses.dataclass(frozen=True)
class Reply:
    """A response.

    :param body: the JSON object, or None if the body is not one; detected from the content, because the server sets no content type (REST protocol page,
        section 1).
    :param raw: urllib3's response, for its Retry-After.
    """

    status: int
    body: dict[str, t.Any] | None
    text: str
    location: str | None = None
    raw: t.Any = None

    @property
    def error(self) -> dict[str, t.Any] | None:
        """The error object of the server, if the response is an error."""
        found = (self.body or {}).get("error")
        return found if isinstance(found, dict) else None

    @property
    def error_code(self) -> str:
        """The stable code of the error, or an empty text."""
        code = (self.error or {}).get("code")
        return code if isinstance(code, str) else ""

    @property
    def is_result(self) -> bool:
        """Whether this is the result of a call: HTTP 200 with an object without an error."""
        return self.status == 200 and self.body is not None and not self.body.get("error")

    @property
    def is_redirect(self) -> bool:
        """Whether something in front of the management node redirects the request."""
        return 300 <= self.status < 400

    @property
    def is_junk(self) -> bool:
        """Whether this is not a response of the management node itself: the page of a proxy, or an empty response."""
        if self.body is not None or self.is_redirect:
            return False
        return self.status in (200, 202, 502, 503, 504) or not self.text.strip() or is_page(self.text)


def _at_once() -> None:
    """Do not wait."""


class Http:
    """A kept-alive connection pool to one management node.

    :param connection: its address.
    :param pool: maximum number of concurrent requests, each on its own connection.
    """

    def __init__(self, connection: Connection, pool: int = 1) -> None:
        self._connection = connection
        # Called before each request; may wait.
        self.pace: t.Callable[[], None] = _at_once
        # If more threads than connections use it, they wait here.
        self._slots = threading.BoundedSemaphore(max(1, pool))
        self._surroundings: tuple[str | None, str | bool] | None = None
        # Whether a response was ever received.
        self._answered = False
        # A request that was never sent may always be sent again. All other retries are decided by the client.
        retry = _interruptible_retry()(
            total=None, connect=connection.retries, read=0, redirect=0, status=0, other=0, backoff_factor=BACKOFF_SECONDS, raise_on_status=False)
        # Without a session of requests: it would read the whole body of a redirect, keep cookies, which have no function (REST protocol page, section 1), and
        # replace our header with a password from ~/.netrc.
        self._adapter = BoundedAdapter(connection.timeout, pool_connections=1, pool_maxsize=pool, max_retries=retry)
        if not connection.validate_certs:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def policy(self) -> Retry:
        """Return the number and the pauses of retries of a response that requests one; for `again`."""
        return Retry(total=self._connection.retries, backoff_factor=BACKOFF_SECONDS)

    def exchange(
        self, method: str, path: str, query: t.Sequence[tuple[str, str]] = (), body: t.Any = None, headers: t.Mapping[str, str] | None = None,
        last: bool = False,
    ) -> Reply:
        """Send one request.

        :param path: from ``/v1`` on.
        :param query: pairs; a list is a repeated key.
        :param body: becomes JSON.
        :raises OptionError: for an unusable address, proxy or certificate file.
        :param last: True for a request that is sent even if the process has to end.
        :raises StoppedError: the process has to end, and nothing was sent.
        :raises UnreachableError: nothing was sent.
        :raises AnswerLostError: it was sent, and no complete response was received within ``timeout``; an `UnusableAnswerError` for one beyond a limit.
        """
        asked = "%s %s%s" % (method, self._connection.base_url, path)
        proxy, verify = self._find_surroundings()
        if not last:
            self.pace()
        try:
            request = _prepared(method, self._connection.base_url + path, query, body, headers or {})
            # The last requests of a process do not wait for others.
            with contextlib.nullcontext() if last else self._slots:
                if not last:
                    STOP.check()
                return self._send(request, proxy, verify)
        except _answers.Unusable as error:
            raise unusable(asked, error) from error
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            raise failure(error, asked, self._connection, shown(proxy) if proxy else None, self._answered) from error

    def _send(self, request: t.Any, proxy: str | None, verify: str | bool) -> Reply:
        connection = self._connection
        response = self._adapter.send(
            request, stream=True, timeout=(min(CONNECT_SECONDS, connection.timeout), connection.timeout), verify=verify,
            proxies={connection.protocol: proxy} if proxy else {})
        try:
            data = read_body(response.raw, MOST_BODY if response.status_code == 200 else MOST_REFUSAL)
        finally:
            response.close()
        self._answered = True
        text = data.decode("utf-8", "replace")
        if response.status_code == 400 and connection.protocol == "http" and is_refused_for_plain_http(text):
            raise UnreachableError(wants_tls("%s port %d" % (connection.host, connection.port)))
        body = _answers.parse(text)
        if body is not None and response.status_code == 200:
            _answers.check_encoding(data, text)
        return Reply(response.status_code, body, text, response.headers.get("Location"), response.raw)

    def _find_surroundings(self) -> tuple[str | None, str | bool]:
        """Return the proxy and the certificates of options and environment, which are resolved once."""
        if self._surroundings is None:
            self._surroundings = proxy_for(self._connection), trusted(self._connection)
        return self._surroundings

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()


def _prepared(method: str, url: str, query: t.Sequence[tuple[str, str]], body: t.Any, headers: t.Mapping[str, str]) -> t.Any:
    """Return the request in the form of requests."""
    if query:
        url += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe="")
    # Escaped to ASCII, so that a server which ignores the charset reads it as well (REST protocol page, section 1).
    data = None if body is None else json.dumps(body, separators=(",", ":")).encode("ascii")
    fixed = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json", "Accept-Encoding": ENCODINGS, "Connection": "keep-alive",
             "User-Agent": requests.utils.default_user_agent()}
    return requests.Request(method, url, data=data, headers={**fixed, **headers}).prepare()


def _interruptible_retry() -> type[Retry]:
    """Return urllib3's retry policy with pauses that end if the process has to end."""
    class Interruptible(Retry):
        def sleep(self, response: t.Any = None) -> None:
            """Wait before the next connection."""
            STOP.pause(self.get_backoff_time())
            STOP.check()

    return Interruptible


def again(policy: Retry, reply: Reply | None, pause: t.Callable[[float], None] | None = None) -> Retry | None:
    """Wait before the next attempt. Returns None if there is none; otherwise the policy for it.

    :param pause: waits for a number of seconds; by default at most until the process has to end.
    """
    raw = reply.raw if reply else None
    try:
        policy = policy.increment("GET", "/", response=raw)
    except urllib3.exceptions.MaxRetryError:
        return None
    (pause or STOP.pause)(min(_asked_pause(policy, raw) or policy.get_backoff_time(), LONGEST_PAUSE))
    return policy


def _asked_pause(policy: Retry, raw: t.Any) -> float | None:
    """Return the seconds of the header Retry-After, which a proxy may set; the server itself never does."""
    try:
        return policy.get_retry_after(raw) if raw is not None else None
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return None


def refusal(asked: str, reply: Reply) -> ZStackError:
    """Return the error for a response that is not a result."""
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
    """Return whether a text is a page for a browser, which the management node itself never sends."""
    start = text[:2000].lower()
    return "<html" in start or "<!doctype" in start or "<body" in start


def excerpt(text: str, length: int = 300) -> str:
    """Return the readable words of a text or page, in one line of at most ``length`` characters."""
    # Masked before it is shortened; nothing after that many characters can appear in the excerpt.
    words = " ".join(outside((_without_tags(text) if is_page(text) else text)[:_EXCERPTED]).split())
    if not words:
        return "an empty page"
    return words if len(words) <= length else words[:length] + "..."


def _without_tags(text: str) -> str:
    """Return a page without tags, scripts and styles. The time is linear in the length of the page."""
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
