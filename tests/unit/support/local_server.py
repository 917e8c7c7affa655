# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on a socket of this machine, for what only a real connection shows."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import http.server
import ipaddress
import json
import pathlib
import socket
import ssl
import threading
import typing as t

Handle = t.Callable[[http.server.BaseHTTPRequestHandler], None]


@dataclasses.dataclass
class Seen:
    """What reached the server: method and path of each request, and its headers."""

    port: int
    requests: list[str] = dataclasses.field(default_factory=list)
    headers: list[dict[str, str]] = dataclasses.field(default_factory=list)


def answer(body: t.Any, status: int = 200, **headers: str) -> Handle:
    """Return a handler that answers with JSON."""
    def handle(request: http.server.BaseHTTPRequestHandler) -> None:
        data = json.dumps(body).encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)
    return handle


def cut_body(request: http.server.BaseHTTPRequestHandler) -> None:
    """Close the connection in the middle of the body."""
    request.send_response(200)
    request.send_header("Content-Length", "100")
    request.end_headers()
    request.wfile.write(b'{"inventories": [')
    request.close_connection = True


def hang_up(request: http.server.BaseHTTPRequestHandler) -> None:
    """Close the connection without a response."""
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def serving(*handlers: Handle, tls: ssl.SSLContext | None = None, port: int = 0) -> t.Iterator[Seen]:
    """A server that handles each request with the next handler, and with the last one forever.

    :param port: 0 for a free one.
    """
    left = list(handlers)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def serve(self) -> None:
            """Answer one request."""
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.requests.append("%s %s" % (self.command, self.path))
            seen.headers.append(dict(self.headers.items()))
            (left.pop(0) if len(left) > 1 else left[0])(self)

        do_GET = do_POST = do_PUT = do_DELETE = serve

        def log_message(self, *args: t.Any) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: t.Any) -> None:
            """Ignore errors: clients that disconnect are part of the tests."""

    server = Server(("127.0.0.1", port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    seen = Seen(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


Act = t.Callable[[socket.socket], None]


def _request(connection: socket.socket) -> str:
    """Read one request; return its first line and its headers."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return ""
        data += piece
    head, _unused, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    length = next((int(line.partition(":")[2]) for line in text.split("\r\n") if line.lower().startswith("content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return text


@contextlib.contextmanager
def raw_serving(*acts: Act, tls: ssl.SSLContext | None = None, reads: bool = True) -> t.Iterator[Seen]:
    """A server that lets each connection's act write whatever it wants after the request, the last one forever.

    :param tls: does a handshake first.
    :param reads: whether the first request is read before the act.
    """
    left = list(acts)
    listener = socket.create_server(("127.0.0.1", 0))
    seen = Seen(listener.getsockname()[1])
    open_ones: list[socket.socket] = []

    def serve(connection: socket.socket, act: Act) -> None:
        with contextlib.suppress(OSError, ValueError), connection:
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
                open_ones.append(connection)
            text = _request(connection) if reads else "-"
            if text:
                seen.requests.append(" ".join(text.split(" ")[:2]))
                seen.headers.append(dict(line.split(": ", 1) for line in text.split("\r\n")[1:] if ": " in line))
                act(connection)

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = listener.accept()[0]
                open_ones.append(connection)
                threading.Thread(target=serve, args=(connection, left.pop(0) if len(left) > 1 else left[0]), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        for one in (listener, *open_ones):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        thread.join()


def relay_to(port: int) -> Act:
    """Return an act of a proxy: it accepts, and passes on bytes to a port of this machine and back."""
    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                data = source.recv(65536)
                if not data:
                    break
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def act(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, connection), daemon=True)
            back.start()
            pump(connection, server)
            back.join()
    return act


def closed_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def self_signed(folder: pathlib.Path) -> tuple[ssl.SSLContext, str]:
    """Return a server's TLS settings with an untrusted certificate, and the path of that certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime(2020, 1, 1)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256()))
    path = folder / "server.pem"
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, str(folder / "ca.pem")
