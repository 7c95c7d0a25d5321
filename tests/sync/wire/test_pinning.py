from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from sync.wire.errors import TargetRefused, Unreachable
from sync.wire.session import WireSession
from tests.sync.wire.server import Server, document, status

Open = Callable[..., WireSession]


class Names:
    """A name server whose answer can be changed, and that counts its questions."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, type: int) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        return [(socket.AF_INET, type, 6, "", (address, port)) for address in self.addresses]


def test_call_goes_to_the_looked_up_address_under_its_name(server: Server, open_session: Open) -> None:
    server.on("/stock", document({}))
    names = Names("127.0.0.1")
    open_session(f"http://till.example:{server.port}", lookup=names).get_json("/stock", expect=dict)
    assert server.seen[0].headers["Host"] == f"till.example:{server.port}"
    assert names.asked == ["till.example"]


def test_next_address_is_tried_when_the_first_does_not_answer(server: Server, open_session: Open) -> None:
    server.on("/stock", document({"ok": 1}))
    # Nothing listens on the second loopback address.
    session = open_session(f"http://till.example:{server.port}", lookup=Names("127.0.0.2", "127.0.0.1"))
    assert session.get_json("/stock", expect=dict) == {"ok": 1}


def test_name_that_moves_to_a_closed_address_is_refused_at_the_next_try(server: Server, open_session: Open) -> None:
    names = Names("127.0.0.1")

    def move(_seconds: float) -> None:
        names.addresses = ("169.254.169.254",)

    server.on("/stock", status(503), document({}))
    with pytest.raises(TargetRefused, match="link-local"):
        open_session(f"http://till.example:{server.port}", lookup=names, sleep=move).get_json("/stock", expect=dict)
    assert len(server.seen) == 1


def test_loopback_is_closed_where_it_is_not_listed(server: Server, open_session: Open) -> None:
    with pytest.raises(TargetRefused, match="not a public address"):
        open_session(allowed=()).get_json("/stock", expect=dict)
    assert server.seen == []


def test_temporary_failure_of_the_name_server_is_tried_again(server: Server, open_session: Open, pauses: list[float]) -> None:
    def lookup(*_arguments: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "busy")

    with pytest.raises(Unreachable):
        open_session("http://till.example", lookup=lookup).get_json("/stock", expect=dict)
    assert pauses == [1.0, 2.0]
