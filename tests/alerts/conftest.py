"""Servers on this machine: one that takes mail over SMTP, one that takes requests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.jobs.conftest import PATIENCE


@dataclass
class Postbox:
    """What has come. Addresses that begin with nobody, later, spam and cut are treated as these words say."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 No such user here"
        if address.startswith("later"):
            return "451 4.3.0 Come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 5.7.1 Looks like spam"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if envelope.rcpt_tos[0].startswith("cut"):
            server.transport.abort()
        return "250 OK"


class Here(Controller):
    """Listens on a socket that has its port already: nobody can take that meanwhile."""

    def __init__(self, box: Postbox) -> None:
        self._bound = socket.create_server(("127.0.0.1", 0))
        box.port = self._bound.getsockname()[1]
        super().__init__(box, hostname="127.0.0.1", port=box.port, ready_timeout=PATIENCE)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._bound)


@pytest.fixture(scope="package")
def smtp_server() -> Iterator[Postbox]:
    box = Postbox()
    controller = Here(box)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def postbox(smtp_server: Postbox, settings: Any) -> Postbox:
    """An empty postbox, with mail set up to go there."""
    settings.EMAIL_BACKEND = "alerts.smtp.EmailBackend"
    settings.MAIL_CHANNEL = "smtp"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", smtp_server.port, 60
    settings.DEFAULT_FROM_EMAIL = "Levelstock <alerts@7qx.example>"
    settings.SITE_URL = "https://stock.7qx.example"
    smtp_server.mails.clear()
    return smtp_server


@dataclass
class Counter:
    """What was asked of it, and what it answers."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture(scope="package")
def http_server() -> Iterator[Counter]:
    counter = Counter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            counter.asked.append((self.path, dict(self.headers.items()), body))
            self.send_response(counter.status)
            for name, value in {"Content-Length": str(len(counter.body)), **counter.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(counter.body)

        def log_message(self, *_arguments: Any) -> None:
            """Not on the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    counter.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield counter
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def other_side(http_server: Counter) -> Counter:
    """A server that takes everything and has been asked nothing yet."""
    http_server.status, http_server.headers, http_server.body = 200, {}, b""
    http_server.asked.clear()
    return http_server
