"""An HTTP server on loopback that behaves as it is told, path by path."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

XLS = "application/vnd.ms-excel"


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        seen = Seen(self.command, parts.path, parts.query, dict(self.headers.items()), self.rfile.read(length))
        self.server.owner.take(seen)(self)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def say(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        self.close_connection = True


Behaviour = Callable[[Handler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: Server

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""


@dataclass
class Server:
    """Each path has a list of behaviours; each request takes the next, the last stays."""

    tls: ssl.SSLContext | None = None
    behaviours: dict[str, list[Behaviour]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Server:
        self._http = _Server(("127.0.0.1", 0), Handler)
        self._http.owner = self
        if self.tls is not None:
            self._http.socket = self.tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.over.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def port(self) -> int:
        return self._http.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def seen_so_far(self, number: int) -> int:
        """How many requests have come, once `number` are there: a caller that gave up is gone before its request has been read."""
        end = time.monotonic() + 60
        while len(self.seen) < number and time.monotonic() < end:
            time.sleep(0.005)
        return len(self.seen)

    def on(self, path: str, *behaviours: Behaviour) -> None:
        self.behaviours[path] = list(behaviours)

    def take(self, seen: Seen) -> Behaviour:
        self.seen.append(seen)
        waiting = self.behaviours.get(seen.path, [status(404)])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, and nobody can."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def document(value: object, **headers: str) -> Behaviour:
    return lambda handler: handler.say(200, json.dumps(value).encode(), **headers)


def body(content: bytes, content_type: str = XLS, **headers: str) -> Behaviour:
    return lambda handler: handler.say(200, content, content_type, **headers)


def status(code: int, content: bytes = b"", **headers: str) -> Behaviour:
    return lambda handler: handler.say(code, content, "text/plain", **headers)


def page(text: str = "<!DOCTYPE html><title>Sign in</title>", content_type: str = "text/html; charset=utf-8") -> Behaviour:
    return body(text.encode(), content_type)


def half_body(content: bytes = b'{"half": ', content_type: str = "application/json") -> Behaviour:
    """Promises more than it sends."""

    def behave(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(content) * 2))
        handler.end_headers()
        handler.wfile.write(content)
        handler.hang_up()

    return behave


def half_chunked(handler: Handler) -> None:
    """A chunked body without its last chunk."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"5\r\n[1, 2\r\n")
    handler.hang_up()


def reset(handler: Handler) -> None:
    """Cuts the connection hard, without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.hang_up()
    handler.connection.close()


def silent(handler: Handler) -> None:
    """Takes the request and says nothing."""
    handler.server.owner.over.wait(30)
    handler.hang_up()


def dripping_headers(handler: Handler) -> None:
    """A header line that never ends, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(handler)


def dripping_body(length: int | None) -> Behaviour:
    """A body that comes a byte at a time, with or without a stated length."""

    def behave(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", XLS)
        handler.send_header(*(("Content-Length", str(length)) if length is not None else ("Connection", "close")))
        handler.end_headers()
        _drip(handler)

    return behave


def _drip(handler: Handler) -> None:
    while not handler.server.owner.over.wait(0.02):
        handler.wfile.write(b"x")
        handler.wfile.flush()
    handler.hang_up()


def endless(content_type: str = XLS) -> Behaviour:
    """A chunked body without end."""

    def behave(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while not handler.server.owner.over.is_set():
            handler.wfile.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")

    return behave


def gzip_bomb(megabytes: int, content_type: str = XLS) -> Behaviour:
    """A small body that unpacks to many megabytes."""
    return body(gzip.compress(b"\0" * megabytes * 1024 * 1024), content_type, Content_Encoding="gzip")
