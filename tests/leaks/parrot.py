# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that repeats secrets: in errors, pages, headers, objects and broken answers, in many spellings, whole and cut."""
from __future__ import annotations

import base64
import dataclasses
import html
import json
import socket
import ssl
import typing as t
import urllib.parse

from faults.network import FIRST_PORT, HOST, Network, Wire
from simulator.exchange import HTML, TEXT, Answer

from .scanner import PART

STYLES: dict[str, t.Callable[[str], str]] = {
    "plain": str,
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps({"password": text})),
    "JSON without escapes": lambda text: json.dumps(text, ensure_ascii=False).replace("/", "\\/"),
    "Python": repr,
    "HTML": html.escape,
    "entities": lambda text: "".join("&#%d;" % ord(sign) for sign in text),
    "URL": lambda text: urllib.parse.quote(text, safe=""),
    "form": lambda text: "password=%s&x=1" % urllib.parse.quote_plus(text),
    "base64": lambda text: base64.b64encode(("admin:%s\n" % text).encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(("a:%s\n" % text).encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "upper case": lambda text: text.upper() if text == text.lower() else text,
    "end cut off": lambda text: text[:len(text) * 2 // 3] + "...",
    "beginning cut off": lambda text: "..." + text[len(text) // 3:],
    "cut in the middle of an escape": lambda text: "..." + json.dumps(text)[5:-3] + "...",
}


@dataclasses.dataclass
class Echo:
    """What is repeated.

    :param secrets: each of them.
    :param style: of `STYLES`.
    :param request: the request as it was received.
    """

    secrets: list[str]
    style: str
    request: str

    @property
    def text(self) -> str:
        """All secrets in one text."""
        return "You sent (%s) and [%s] in %s" % (") and (".join(map(STYLES[self.style], self.secrets)), self.request, "this request")

    @property
    def long_secrets(self) -> str:
        """Those that are masked in data: the others may be common words."""
        return "for {%s}" % "} or {".join(STYLES[self.style](secret) for secret in self.secrets if len(secret) >= PART)

    @property
    def page(self) -> str:
        """A page of a proxy."""
        return "<!DOCTYPE html><html><head><title>%s</title><script>var x = %s</script></head><body title=\"%s\"><p>%s</p><!-- %s --></body></html>" % (
            html.escape(self.text), json.dumps(self.text), html.escape(self.text), self.text, self.text)

    def error(self, code: str) -> str:
        """Return an error object of the server, with causes."""
        return json.dumps({"error": {
            "code": code, "details": self.text, "opaque": {self.long_secrets: 1}, "cause": {"code": "SYS.1000", "details": "cause: " + self.text}}})


def _object(answer: Answer, echo: Echo) -> Answer:
    """Return the answer with the secrets in each object."""
    try:
        value = json.loads(answer.body)
    except ValueError:
        return answer
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
            if "uuid" in item and "name" in item:
                item.update({"extra": {"info": echo.long_secrets}, "extras": [echo.long_secrets]})
        elif isinstance(item, list):
            pending.extend(item)
    return dataclasses.replace(answer, body=json.dumps(value))


def _text(status: int, **headers: str) -> t.Callable[[Answer, Echo], t.Any]:
    return lambda answer, echo: Answer(status, echo.text, TEXT, {name.replace("_", "-"): _header(value % echo.long_secrets) for name, value in headers.items()})


def _header(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()


def _page(status: int) -> t.Callable[[Answer, Echo], t.Any]:
    return lambda answer, echo: Answer(status, echo.page, HTML)


def _refused(code: str, status: int = 503) -> t.Callable[[Answer, Echo], t.Any]:
    return lambda answer, echo: Answer(status, echo.error(code))


def _body(**values: t.Callable[[Echo], t.Any]) -> t.Callable[[Answer, Echo], t.Any]:
    return lambda answer, echo: Answer(200, json.dumps({name: value(echo) for name, value in values.items()}))


def _raise(error: t.Callable[[str], BaseException]) -> t.Callable[[Answer, Echo], t.Any]:
    def act(unused: Answer, echo: Echo) -> t.NoReturn:
        raise error(echo.text)
    return act


@dataclasses.dataclass(frozen=True)
class Case:
    """What the server does.

    :param place: which requests it strikes: ``sign-in``, ``read``, ``write``, ``poll``, ``sign-out``, ``all``, or ``connect`` for the connection.
    :param act: gives the answer instead of the server: an `Answer`, or the bytes of one; or raises what the network raises.
    :param proxy: whether the requests go through a proxy with a password.
    """

    place: str = ""
    act: t.Callable[[Answer, Echo], t.Any] = lambda answer, echo: answer
    proxy: bool = False


ANSWERS: dict[str, t.Callable[[Answer, Echo], t.Any]] = {
    "is HTTP 500": _text(500), "is HTTP 503": _text(503), "is HTTP 429": _text(429, Retry_After="%s"), "is HTTP 404": _text(404),
    "is a redirect": _text(302, Location="https://admin:x@mn.example/%s?session=1"), "is a page 502": _page(502), "is a page 200": _page(200),
    "is a refusal": _refused("SYS.1006"), "is no JSON": lambda answer, echo: Answer(200, '{"inventories": [' + echo.text),
    "has another form": _body(inventories=lambda echo: echo.text, inventory=lambda echo: {"uuid": [echo.text]}, location=lambda echo: echo.text),
    "has no status": lambda answer, echo: ("HTTP/1.1 %s\r\n\r\n" % echo.text).encode(),
    "is cut off": lambda answer, echo: ("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + echo.text).encode(),
    "has a chunk without a length": lambda answer, echo: ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + echo.text).encode(),
    "never comes": _raise(socket.timeout), "is a reset": _raise(lambda text: ConnectionResetError(104, text)),
}
CASES: dict[str, Case] = {
    "no fault": Case(),
    "objects repeat secrets": Case("all", _object),
    "sign-in refused": Case("sign-in", _refused("ID.1000")),
    "second factor refused": Case("sign-in", _refused("ID.2002")),
    "sign-in without session": Case("sign-in", _body(inventory=lambda echo: {"uuid": echo.text})),
    "session expired": Case("read", _refused("ID.1001")),
    **{"answer to a sign-in " + name: Case("sign-in", act) for name, act in ANSWERS.items() if name in ("is HTTP 500", "is a page 200", "is a reset")},
    **{"answer to a read " + name: Case("read", act) for name, act in ANSWERS.items()},
    **{"answer to a write " + name: Case("write", act) for name, act in ANSWERS.items() if name in (
        "is HTTP 500", "is a page 502", "is a refusal", "has another form", "is cut off")},
    "job failed": Case("poll", _refused("SYS.1006")),
    "job succeeded with another form": Case("poll", _body(success=lambda echo: False, error=lambda echo: echo.text)),
    "job answered by a proxy": Case("poll", _page(502)),
    "sign-out answered by a proxy": Case("sign-out", _page(502)),
    "wrong certificate": Case("connect", _raise(lambda text: ssl.SSLCertVerificationError(1, "certificate verify failed: " + text))),
    "unknown host": Case("connect", _raise(lambda text: socket.gaierror(-2, text))),
    "connection refused": Case("connect", _raise(lambda text: ConnectionRefusedError(111, text))),
    "proxy refuses": Case("all", _page(407), proxy=True),
    "no proxy": Case("connect", _raise(lambda text: ConnectionRefusedError(111, text)), proxy=True),
}


class Parrot(Network):
    """A network with a server that repeats secrets.

    :param case: what it does.
    :param secrets: all that it knows, besides those of the requests.
    :param style: how it spells them.
    """

    def __init__(self, case: Case, secrets: t.Iterable[str], style: str, **config: t.Any) -> None:
        super().__init__(**config)
        self.case = case
        self.style = style
        self.secrets = list(secrets)
        # Sessions and signatures that were sent here.
        self.sent: list[str] = []
        self.repeated: set[str] = set()
        self.struck = False

    def connect(self, address: tuple[str, int], *unused: t.Any, **more: t.Any) -> Wire:
        if self.case.place == "connect":
            self.struck = True
            self.case.act(Answer(0), Echo(self.secrets, self.style, "%s:%s" % address))
        return Wire(self, address[1] - FIRST_PORT if address[0] == HOST else 1, self._ends[0])

    def exchange(self, run: int, method: str, target: str, headers: dict[str, str], body: bytes, seconds: float) -> tuple[t.Any, bool]:
        """Return the answer, which is one of bytes as well."""
        answer, cut = super().exchange(run, method, target, headers, body, seconds)
        strikes = self.case.place in ("all", place_of(method, target))
        # The client cannot know a session that it did not get.
        self._note(headers, None if strikes and self.case.act is not _object else answer)
        if not strikes or not answer:
            return answer, cut
        request = "%s %s %s %s" % (method, target, json.dumps(headers), body.decode())
        self.struck = True
        self.repeated.update(self.sent[-3:])
        return self.case.act(answer, Echo([*self.secrets, *self.sent[-3:]], self.style, request)), cut

    def _note(self, headers: dict[str, str], answer: Answer | None) -> None:
        kind, unused, credential = headers.get("Authorization", "").partition(" ")
        found = [credential if kind == "OAuth" else credential.rpartition(":")[2]]
        if answer and answer.status == 200 and '"accountUuid"' in answer.body and '"expiredDate"' in answer.body:
            found.append(json.loads(answer.body)["inventory"]["uuid"])
        self.sent += [text for text in found if text and text not in self.sent]


def place_of(method: str, target: str) -> str:
    """Return what a request is for."""
    if "/api-jobs/" in target:
        return "poll"
    if method == "DELETE" and "/accounts/sessions/" in target:
        return "sign-out"
    if method == "PUT" and "login" in target.lower():
        return "sign-in"
    return "read" if method == "GET" else "write"
