from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sync.wire.session import WireSession
from tests.sync.wire.server import Server

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that a session of `open_session` would have made."""
    return []


@pytest.fixture
def open_session(server: Server, pauses: list[float]) -> Iterator[Callable[..., WireSession]]:
    """Opens sessions to the server that note their pauses instead of making them."""
    opened: list[WireSession] = []

    def open_one(base_url: str = "", **options: Any) -> WireSession:
        session = WireSession(base_url or server.url, **{"allowed": LOOPBACK, "sleep": pauses.append, **options})
        opened.append(session)
        return session

    yield open_one
    for session in opened:
        session.close()
