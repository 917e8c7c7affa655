# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP side: one aiohttp low-level server for the API and the control API."""
from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping
from urllib.parse import unquote
from uuid import uuid4

from aiohttp import web

from .control import PREFIX, Control
from .errors import html_page
from .exchange import HTML, Answer, Exchange
from .faults import Faults
from .options import Config
from .pipeline import Pipeline
from .requestlog import RequestLog, decoded_pairs
from .seeding import load_seed, resume_all
from .store import Store
from .world import World

# REST page, 5.5: Tomcat's header limit; and room for logos and yaml in bodies.
LINE_LIMIT = 8190
BODY_LIMIT = 64 * 1024 * 1024
FORBIDDEN = frozenset("<>|{}")


class Listener(web.Server):
    """The low-level server; numbers its TCP connections."""

    def __init__(self, handler) -> None:
        super().__init__(handler, request_factory=self.make_request, max_line_size=LINE_LIMIT, max_field_size=LINE_LIMIT, keepalive_timeout=300)
        self.numbers: dict = {}
        self.last = 0

    def make_request(self, message, payload, protocol, writer, task) -> web.BaseRequest:
        """Return a request with a large limit for its body."""
        return web.BaseRequest(message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=BODY_LIMIT)

    def connection_made(self, handler, transport) -> None:
        """Give the connection a number."""
        super().connection_made(handler, transport)
        self.last += 1
        self.numbers[handler] = self.last

    def connection_lost(self, handler, exc=None) -> None:
        """Forget the connection."""
        super().connection_lost(handler, exc)
        self.numbers.pop(handler, None)


class Simulator:
    """A running simulated management node.

    :param config: as the command line gave it; a reset goes back to it.
    """

    def __init__(self, store: Store, config: Config) -> None:
        self.initial = copy.deepcopy(config)
        self.world = World(store, config)
        self.pipeline = Pipeline(self.world)
        self.faults = Faults()
        self.log = RequestLog()
        self.control = Control(self)
        self.listener: Listener | None = None
        self.runner: web.ServerRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port."""
        resume_all(self.world)
        self.listener = Listener(self.handle)
        self.runner = web.ServerRunner(self.listener)
        await self.runner.setup()
        site = web.TCPSite(self.runner, host, port, shutdown_timeout=0.2)
        await site.start()
        return site._server.sockets[0].getsockname()[1]  # pylint: disable=protected-access

    async def stop(self) -> None:
        """Stop listening and close the database; running jobs stay `processing` there."""
        self.world.forget_timers()
        self.pipeline.cancel()
        await self.world.endpoints.stop()
        for protocol in list(self.listener.connections):
            if protocol.transport is not None:
                protocol.transport.abort()
        await self.runner.cleanup()
        self.world.store.close()

    def reset(self, seed: dict) -> None:
        """Go back to the configuration of the start, with nothing stored but a seed."""
        self.pipeline.cancel()
        self.world.forget_timers()
        self.world.endpoints.close_all()
        self.world.store.wipe()
        self.world.config.merge(copy.deepcopy(self.initial).as_dict())
        self.world.sessions.forget()
        self.world.jobs.frozen.clear()
        self.pipeline.windows.clear()
        self.pipeline.configure()
        self.faults.armed.clear()
        self.log.clear()
        load_seed(self.world, seed)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one HTTP request."""
        raw_path, unused_mark, raw_query = request.raw_path.partition("?")
        path = unquote(raw_path)
        if path.startswith(PREFIX):
            return await self.control.handle(request, path, dict(decoded_pairs(raw_query)))
        exchange, answer = await self.exchange(
            request.method, request.raw_path, request.headers, await request.read(), request.remote or "", self.listener.numbers.get(request.protocol, 0))
        return drop(request) if answer is None else await self.send(request, exchange, answer)

    async def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, client: str, connection: int = 0,
    ) -> tuple[Exchange | None, Answer | None]:
        """Return what one request of the API is and its answer; no answer for a connection that a fault aborts before the work.

        :param target: path and query as they came.
        :param client: the address of the client.
        :param connection: its number.
        """
        raw_path, unused_mark, raw_query = target.partition("?")
        path = unquote(raw_path)
        context_path = self.world.config.context_path
        if FORBIDDEN.intersection(target):
            return None, Answer(400, html_page(400, "Bad Request"), HTML)
        if not path.startswith(context_path + "/v1/"):
            return None, Answer(404, html_page(404, "Not Found"), HTML)
        exchange = Exchange(method, path[len(context_path):], decoded_pairs(raw_query), {key.lower(): value for key, value in headers.items()}, client)
        exchange.raw = body
        self.pipeline.route(exchange)
        exchange.faults = self.faults.striking(exchange)
        exchange.entry = self.log.open(exchange, connection)
        await self.delay(exchange)
        if exchange.fault("drop_before"):
            return exchange, None
        answer = self.pipeline.answer(exchange)
        restart = exchange.fault("restart")
        if restart:
            self.pipeline.freeze(bool(restart.options.get("work")))
        if exchange.entry.pop("signed_in", False):
            self.log.sign_ins += 1
        return exchange, answer

    async def delay(self, exchange: Exchange) -> None:
        """Wait for the configured latency and for a fault of kind slow."""
        slow = exchange.fault("slow")
        milliseconds = self.world.config.latency_ms + (slow.options.get("ms", 1000) if slow else 0)
        if milliseconds > 0:
            await asyncio.sleep(milliseconds / 1000)

    async def send(self, request: web.BaseRequest, exchange: Exchange | None, answer: Answer) -> web.StreamResponse:
        """Send an answer, or lose it as a fault asks."""
        headers = {"Content-Type": answer.content_type, "Server": "ZStack-simulator", **answer.headers}
        if "JSESSIONID" not in request.headers.get("Cookie", ""):
            headers["Set-Cookie"] = f"JSESSIONID={uuid4().hex.upper()}; Path={self.world.config.context_path or '/'}; HttpOnly"
        body = answer.body.encode()
        if exchange is not None:
            exchange.entry["job"] = answer.job or exchange.entry["job"]
            exchange.entry["error"] = exchange.entry["error"] or answer.error
            if exchange.fault("drop_after"):
                return drop(request)
            exchange.entry["status"] = answer.status
            if exchange.fault("cut_body"):
                return await cut(request, answer.status, headers, body)
        return web.Response(status=answer.status, headers=headers, body=body)


def drop(request: web.BaseRequest) -> web.Response:
    """Abort the connection; the response that aiohttp needs to see goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def cut(request: web.BaseRequest, status: int, headers: dict, body: bytes) -> web.StreamResponse:
    """Send half of a body under the full Content-Length, then abort the connection."""
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[:len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response
