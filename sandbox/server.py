"""One process for every stand-in: a path prefix per system, on the loopback address only."""

from __future__ import annotations

import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox import control, delivery
from sandbox.bricklink.system import BrickLink
from sandbox.brickowl.system import BrickOwl
from sandbox.exchange import Answer, Feed, Request, json_answer
from sandbox.finale.system import Finale
from sandbox.ge.system import Ge
from sandbox.odoo.system import Odoo
from sandbox.system import System
from sandbox.till.system import TillSystem

HOST = "127.0.0.1"
BODY_LIMIT = 1024 * 1024


class Server(ThreadingHTTPServer):
    """The listening socket and the systems behind it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, systems: Mapping[str, System]) -> None:
        super().__init__((HOST, port), Handler)
        self.systems = systems
        self.stopping = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that hang up are no errors; others are printed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "Sandbox"
    sys_version = ""
    timeout = 60
    # Headers and body are two writes; without this the second waits 40 ms for the caller's delayed acknowledgement.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a call of any method."""
        try:
            self._exchange()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the journal keeps the calls, without their query strings."""

    def _exchange(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_LIMIT:
            self.close_connection = True
            self._send(json_answer({"error": "The body is too large."}, 413))
            return
        address = urlsplit(self.path)
        prefix, _, rest = address.path.lstrip("/").partition("/")
        request = self._request(f"/{rest}", address.query, self.rfile.read(length))
        if f"/{prefix}" == control.PREFIX:
            self._send(control.control(request, self.server.systems) if self._from_here() else Answer(403, b"Use the loopback address."))
        elif prefix in self.server.systems:
            self._system(self.server.systems[prefix], request, address.path)
        elif address.path == "/":
            self._send(Answer(302, headers={"Location": f"{control.PREFIX}/"}))
        else:
            self._send(Answer(404, b"There is no such system."))

    def _request(self, path: str, query: str, body: bytes) -> Request:
        form: dict[str, Any] = {}
        kind = self.headers.get("Content-Type", "")
        try:
            if "json" in kind and body:
                sent = json.loads(body)
                form = sent if isinstance(sent, dict) else {}
            elif body:
                form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        except ValueError:
            form = {}
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(self.headers.get("Cookie", ""))
        except CookieError:
            cookies = SimpleCookie()
        return Request(
            method=self.command,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            form=form,
            cookies={name: morsel.value for name, morsel in cookies.items()},
            authorization=self.headers.get("Authorization", ""),
            accept=self.headers.get("Accept", ""),
            url=f"http://{self.headers.get('Host', '')}{self.path}",
            body=body,
            content_type=kind,
            headers={name.lower(): value for name, value in self.headers.items()},
        )

    def _from_here(self) -> bool:
        """Whether the page was asked for by a loopback name: a web page elsewhere must not turn switches."""
        return urlsplit(f"//{self.headers.get('Host', '')}").hostname in ("127.0.0.1", "localhost", "::1")

    def _system(self, system: System, request: Request, path: str) -> None:
        feed = system.feed(request)
        where = feed or Feed("")
        faults: list[str] = []
        entry = system.journal.arrived(request.method, path, feed)
        delivery.delayed(system.board, where, self.server.stopping, faults)
        if system.board.take("reset", where.kind, where.load) is not None:
            system.journal.answered(entry, None, [*faults, "reset"])
            delivery.reset(self)
            return
        answer = delivery.instead(system.board, where, faults) or system.answer(request, faults)
        half = system.board.take("half_body", where.kind, where.load) is not None
        drip = system.board.take("drip", where.kind, where.load)
        faults += [name for name, struck in (("half_body", half), ("drip", drip is not None)) if struck]
        if answer.held:
            self.server.stopping.wait(answer.held)
        # Before the body: who has read an answer finds it in the journal.
        system.journal.answered(entry, None if answer.dropped else answer.status, faults)
        if answer.dropped:
            delivery.reset(self)
            return
        delivery.send(self, answer, head_only=self.command == "HEAD", half=half, drip=drip, stopping=self.server.stopping)

    def _send(self, answer: Answer) -> None:
        delivery.send(self, answer, head_only=self.command == "HEAD", half=False, drip=None, stopping=self.server.stopping)


class Sandbox:
    """A running sandbox. Usable as a context manager, which stops it at the end."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.systems = server.systems
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True)
        self._thread.start()
        self.url = f"http://{HOST}:{server.server_address[1]}"

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def control(self, system: str = "ge", action: str = "", **arguments: Any) -> dict[str, Any]:
        """Do `action` (next-day, reset, switch, off, clear, forget, …) and return the system's state; without an action only the state.

        Raises ValueError with the sandbox's sentence when it doesn't accept the action.
        """
        address = f"{self.url}{control.PREFIX}/{system}" + (f"/{action}" if action else "")
        body = json.dumps(arguments).encode() if action else None
        call = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json", "Accept": "application/json"})
        with self._open(call) as reply:
            state: dict[str, Any] = json.load(reply)
        return state

    def _open(self, call: urllib.request.Request) -> Any:
        try:
            # The loopback address is never behind a proxy.
            return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(call, timeout=30)
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error

    def rows(self, system: str, table: str) -> list[dict[str, Any]]:
        """Everything in a table of the system: a marketplace's `lots`, `orders` or `writes`. Raises ValueError where there is none."""
        with self._open(urllib.request.Request(f"{self.url}{control.PREFIX}/{system}/{table}")) as reply:
            found: list[dict[str, Any]] = json.load(reply)
        return found

    def stop(self) -> None:
        """Close the socket; waiting answers are cut off."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for system in self.systems.values():
            system.close()


def start(port: int = 0, *, data: Path) -> Sandbox:
    """A sandbox on `port` of the loopback address (0: any free one) that keeps its state in `data`/sandbox.

    Raises OSError when the port is taken.
    """
    kept = data / "sandbox"
    systems: list[System] = [Ge(kept), BrickLink(kept), BrickOwl(kept), Finale(kept), Odoo(kept), TillSystem(kept)]
    return Sandbox(Server(port, {system.name: system for system in systems}))
