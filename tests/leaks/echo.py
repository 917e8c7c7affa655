# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on a socket of this machine that repeats secrets, for tasks of ansible-playbook.

The context path selects the answer, and whose secrets it repeats: nobody can mask secrets that the task does not know.
"""
from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import socket
import ssl
import threading
import typing as t

from simulator.exchange import Answer

from .parrot import ANSWERS, STYLES, Echo

PATHS = {name.replace(" ", "-"): act for name, act in ANSWERS.items()}


def context_path(answer: str, owner: str) -> str:
    """Return the context path for an answer of `PATHS` with the secrets of an owner."""
    return "/%s/%s" % (answer, owner.replace(" ", "-"))


@contextlib.contextmanager
def repeating(secrets: t.Mapping[str, t.Collection[str]], tls: ssl.SSLContext | None = None) -> t.Iterator[int]:
    """A server that repeats secrets and each request; its port.

    :param secrets: owner to secrets.
    :param tls: the certificate, for a server with TLS.
    """
    styles = itertools.cycle(STYLES)
    known = {owner.replace(" ", "-"): list(texts) for owner, texts in secrets.items()}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def serve(self) -> None:
            """Answer one request."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = "%s %s %s %s" % (self.command, self.path, json.dumps(dict(self.headers)), body.decode())
            self.close_connection = True
            try:
                _unused, name, owner, *_rest = self.path.split("/")
                answer = PATHS[name](Answer(200), Echo(known[owner], next(styles), request))
            except socket.timeout:
                self.rfile.read(1)  # until the client gives up
            except ConnectionResetError:
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self.wfile.write(answer if isinstance(answer, bytes) else _spelled(answer))

        do_GET = do_POST = do_PUT = do_DELETE = serve

        def log_message(self, *args: t.Any) -> None:
            """Print nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: t.Any) -> None:
            """Ignore errors: clients that disconnect are part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _spelled(answer: Answer) -> bytes:
    data = answer.body.encode()
    fields = {"Content-Type": answer.content_type, "Content-Length": str(len(data)), **answer.headers}
    return ("HTTP/1.1 %d Status\r\n%s\r\n\r\n" % (answer.status, "\r\n".join("%s: %s" % field for field in fields.items()))).encode() + data
