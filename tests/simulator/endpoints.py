# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of deployed instances: each one answers on its own local port, like a server with an OpenAI-style API."""
from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass, field
from uuid import uuid4

from aiohttp import web

from .clock import now_ms

ADDRESS = "127.0.0.1"
PROBES = ("/readyz", "/livez", "/health")


@dataclass
class Endpoint:
    """One listening port.

    :param group: uuid of the instance group; `instance` is that of the instance.
    :param models: names that a request may give for the model; the first is the one that /v1/models shows.
    :param probes: paths of the probes, which answer 503 until `ready_at` (milliseconds since the epoch; None: never).
    """

    group: str
    instance: str
    models: list[str]
    probes: tuple[str, ...]
    ready_at: float | None
    port: int = 0
    requests: int = 0
    listener: web.Server | None = None
    server: asyncio.AbstractServer | None = None
    socket: socket.socket | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Return the base URL."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def ready(self) -> bool:
        """Return whether the model is loaded."""
        return self.ready_at is not None and now_ms() >= self.ready_at

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer one request."""
        self.requests += 1
        if request.path in self.probes:
            return answer(200, {"status": "ok"}) if self.ready else answer(503, {"status": "starting"})
        if not self.ready:
            return failure(503, "the model is not loaded yet")
        if (request.method, request.path) == ("GET", "/v1/models"):
            return answer(200, {"object": "list", "data": [self.model()]})
        if (request.method, request.path) == ("POST", "/v1/chat/completions"):
            return self.complete(await request.read())
        return failure(404, f"no such path: {request.method} {request.path}")

    def model(self) -> dict:
        """Return the served model as /v1/models shows it."""
        return {"id": self.models[0], "object": "model", "created": int(self.ready_at or 0) // 1000, "owned_by": "zstack-simulator"}

    def complete(self, raw: bytes) -> web.Response:
        """Answer a chat with a sentence about its last message."""
        try:
            body = json.loads(raw)
            text = str(body["messages"][-1]["content"])
        except (ValueError, LookupError, TypeError):
            return failure(400, "the body must be JSON with a list of messages")
        if body.get("model", self.models[0]) not in self.models:
            return failure(404, f"the model {body['model']!r} does not exist; served is {self.models[0]!r}")
        words = f"{self.models[0]} received: {text}"
        usage = {"prompt_tokens": len(text.split()), "completion_tokens": len(words.split())}
        usage["total_tokens"] = sum(usage.values())
        return answer(200, {
            "id": f"chatcmpl-{uuid4().hex}", "object": "chat.completion", "created": now_ms() // 1000, "model": self.models[0],
            "choices": [{"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}], "usage": usage,
        })


class Endpoints:
    """The listening endpoints of all groups."""

    def __init__(self) -> None:
        self.open_ones: dict[str, list[Endpoint]] = {}
        self._tasks: set[asyncio.Task] = set()

    def open(self, endpoint: Endpoint, port: int | None) -> bool:
        """Listen for an endpoint, on the given port if it is still free; return False when the machine has no port left."""
        endpoint.socket = bound(port) or bound(0)
        if endpoint.socket is None:
            return False
        endpoint.port = endpoint.socket.getsockname()[1]
        endpoint.listener = web.Server(endpoint.handle)
        self.open_ones.setdefault(endpoint.group, []).append(endpoint)
        self._start(self._serve(endpoint))
        return True

    def close(self, group: str) -> None:
        """Stop listening for a group; connections that are still open are cut."""
        for endpoint in self.open_ones.pop(group, ()):
            if endpoint.server is not None:
                endpoint.server.close()
            endpoint.socket.close()
            for protocol in list(endpoint.listener.connections):
                if protocol.transport is not None:
                    protocol.transport.abort()
            self._start(endpoint.listener.shutdown(0.1))

    def close_all(self) -> None:
        """Stop listening for every group."""
        for group in list(self.open_ones):
            self.close(group)

    async def stop(self) -> None:
        """Stop everything and wait until it has ended."""
        self.close_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def as_list(self) -> list[dict]:
        """Return the endpoints for the control API."""
        return [{"group": item.group, "instance": item.instance, "url": item.url, "ready": item.ready, "requests": item.requests}
                for group in self.open_ones.values() for item in group]

    async def _serve(self, endpoint: Endpoint) -> None:
        server = await asyncio.get_running_loop().create_server(endpoint.listener, sock=endpoint.socket)
        if endpoint in self.open_ones.get(endpoint.group, ()):
            endpoint.server = server
        else:
            server.close()

    def _start(self, work) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def bound(port: int | None) -> socket.socket | None:
    """Return a socket that listens on a local port (0: any free one), or None when that is impossible."""
    if port is None:
        return None
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((ADDRESS, port))
        # requests that arrive before the event loop accepts wait in the backlog
        listening.listen(128)
    except OSError:
        listening.close()
        return None
    listening.setblocking(False)
    return listening


def answer(status: int, value: object) -> web.Response:
    """Return a JSON response."""
    return web.Response(status=status, body=json.dumps(value).encode(), content_type="application/json")


def failure(status: int, message: str) -> web.Response:
    """Return an error in the form of the OpenAI API."""
    return answer(status, {"error": {"message": message, "type": "invalid_request_error" if status < 500 else "server_error", "code": status}})
