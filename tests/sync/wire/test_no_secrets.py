"""Whatever happens on the wire, no log line, traceback or error tells a secret."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from sync.wire.errors import WireError
from sync.wire.session import WireSession
from tests.sync.wire.server import Handler, Server, body, document, half_body, page, reset, silent, status
from tests.sync.wire.test_pinning import Names

Open = Callable[..., WireSession]

PLANTED = {
    "query": "plantedquery",
    "bearer": "plantedbearer",
    "cookie": "plantedcookie",
    "header": "plantedheader",
    "body": "plantedbody",
    "answer": "plantedanswer",
}


def secretive(open_session: Open, base_url: str = "", **options: Any) -> WireSession:
    return open_session(
        base_url,
        **{
            "bearer": PLANTED["bearer"],
            "cookies": {"SID": PLANTED["cookie"]},
            "headers": {"X-Key": PLANTED["header"]},
            "connection_id": 12,
            "name": "North till",
            "read_seconds": 0.1,
            **options,
        },
    )


def post(session: WireSession) -> None:
    session.write_json("POST", "/lots", json={"x": PLANTED["body"]}, params={"key": PLANTED["query"]}, expect=dict)


def get(session: WireSession) -> None:
    session.get_json("/lots", params={"key": PLANTED["query"]}, expect=dict)


def assert_silent(text: str) -> None:
    for where, secret in PLANTED.items():
        assert secret not in text, f"the {where} was told"


@pytest.mark.parametrize("call", [get, post])
@pytest.mark.parametrize(
    "behaviour",
    [
        document({"token": "plantedanswer"}),
        page("<html>plantedanswer"),
        status(400, b"plantedanswer"),
        status(401, b"plantedanswer"),
        status(302, Location="https://sso.example/?plantedanswer"),
        status(500, b"plantedanswer", Retry_After="plantedanswer"),
        body(b'{"plantedanswer', "application/json"),
        body(b'["plantedanswer"]', "application/json"),
        body(b"", "text/plain; plantedanswer"),
        half_body(b"plantedanswer"),
        silent,
        reset,
    ],
)
def test_no_answer_makes_the_wire_talk(
    server: Server,
    open_session: Open,
    caplog: pytest.LogCaptureFixture,
    call: Callable[[WireSession], None],
    behaviour: Callable[..., None],
) -> None:
    caplog.set_level(logging.DEBUG)
    server.on("/lots", behaviour)
    error: WireError | None = None
    try:
        call(secretive(open_session))
    except WireError as raised:
        logging.getLogger("caller").exception("The run failed: %s %r", raised, raised)
        error = raised
    if error is not None:
        assert error.__cause__ is None
        assert error.__context__ is None
        assert_silent(f"{error.sentence} {error.hint} {error!r} {''.join(traceback.format_exception(error))}")
    assert "levelstock.wire" in caplog.text
    assert_silent(caplog.text)
    # The secrets were really under way.
    assert server.seen[0].query == "key=plantedquery"
    assert "plantedbearer" in server.seen[0].headers["Authorization"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_no_failed_connection_makes_the_wire_talk(open_session: Open, caplog: pytest.LogCaptureFixture, url: str) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(WireError) as caught:
        get(secretive(open_session, url))
    assert_silent(caplog.text + "".join(traceback.format_exception(caught.value)))


def test_unknown_name_does_not_make_the_wire_talk(open_session: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def lookup(*_arguments: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "whatever")

    with pytest.raises(WireError) as caught:
        get(secretive(open_session, "http://till.example", lookup=lookup))
    assert caught.value.__context__ is None
    assert_silent(caplog.text)


@pytest.mark.parametrize(
    "options",
    [
        {"bearer": "planted\nbearer"},
        {"bearer": " plantedbearer"},
        {"bearer": "plantedbearer€"},
        {"cookies": {"SID": "planted\r\nSet-Cookie: x"}},
        {"headers": {"X-Key": "planted\x00"}},
    ],
)
def test_secret_that_can_not_be_sent_is_refused_without_being_told(open_session: Open, options: dict[str, Any]) -> None:
    with pytest.raises(WireError) as caught:
        open_session(**options)
    assert caught.value.code == "bad_credentials"
    assert "planted" not in "".join(traceback.format_exception_only(caught.value))


def test_one_line_tells_what_was_done(server: Server, open_session: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="levelstock.wire")
    server.on("/shop/lots", status(503), document({"a": 1}))
    session = secretive(open_session, f"http://till.example:{server.port}/shop", lookup=Names("127.0.0.1"))
    session.get_json("/lots", params={"key": PLANTED["query"]}, expect=dict)
    [line] = [record.getMessage() for record in caplog.records if record.name == "levelstock.wire"]
    assert line.startswith(f"GET http://till.example:{server.port}/shop/lots status=200 result=ok bytes=8 ms=")
    assert line.endswith(" tries=2 connection=12 name='North till'")


def test_answer_with_broken_headers_makes_the_library_below_say_nothing(
    server: Server, open_session: Open, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nno header at all\r\nContent-Length: 2\r\n\r\n{}")
        handler.hang_up()

    caplog.set_level(logging.DEBUG)
    server.on("/lots", broken)
    try:
        get(secretive(open_session))
    except WireError as raised:
        assert_silent("".join(traceback.format_exception(raised)))
    assert len(server.seen) == 1
    assert_silent(caplog.text)
