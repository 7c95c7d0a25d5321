"""python-tds itself against a scripted SQL Server on the loopback address: what comes of answers, and of none. No database of ours."""

from __future__ import annotations

import struct
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync.models import Connection
from sync.secrets import Secrets
from sync.sources.pos import client as reading
from sync.sources.pos.client import Client
from sync.sources.pos.connecting import Line, open_line
from sync.sources.pos.fetched import lines_in
from sync.sources.pos.options import Options
from sync.wire.errors import BadCredentials, Refused, RetryLater, Unreachable, WireError, WrongAnswer
from tests.sync.pos import tds
from tests.sync.pos.tds import Listener, Talk, line, lines, till
from tests.sync.wire.server import closed_port
from tests.sync.wire.test_tls import certificate

pytest.importorskip("pytds")

SECRET = ("SECRET-HOST", "sa-login", "pass-word", "till-database", "127.0.0.1")
DAY = "2026-05-20/2026-05-21"


def options(port: int, **changed: Any) -> Options:
    made = Options(
        account="7qx",
        dialect="sqlserver",
        host="127.0.0.1",
        port=port,
        database="till-database",
        file="",
        encrypted=False,
        certificate_name="",
        zone=ZoneInfo("UTC"),
        start=None,
        earliest=date(2000, 1, 1),
        late_lines=True,
        returns=True,
        lookback_days=3,
        offline_days=30,
        page_rows=3,
        run_lines=1000,
        connect_seconds=60,
        query_seconds=60,
        lock_seconds=5,
    )
    return replace(made, **changed)


def secrets(**more: str) -> Secrets:
    return Secrets({"user": "sa-login", "password": "pass-word", **more})


def client(port: int, **changed: Any) -> Client:
    connection = Connection(system="pos", name="Till")
    connection.secrets = secrets()
    return Client(connection, options(port, **changed), guarded=False)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between tries, which are not waited for."""
    found: list[float] = []
    monkeypatch.setattr(reading, "sleep", found.append)
    return found


def refused(opened: Line | Client, statement: str = "SELECT 1") -> WireError:
    """What a question comes to."""
    with pytest.raises(WireError) as told:
        opened.rows(statement) if isinstance(opened, Line) else opened.fetch("sales", DAY)
    error = told.value
    assert not any(word in f"{error.sentence} {error.hint} {error!r}" for word in SECRET)
    assert error.__cause__ is None
    return error


def opened(port: int, **changed: Any) -> WireError:
    """Why no line could be opened."""
    with pytest.raises(WireError) as told:
        open_line(options(port, **changed), secrets())
    assert not any(word in f"{told.value.sentence} {told.value.hint} {told.value!r}" for word in SECRET)
    return told.value


def test_lines_are_read_page_after_page_from_the_untrimmed_key_on() -> None:
    pages = lines(line(1), line(2), line(3)), lines(line(3), line(4, quantity="-0.500"))
    with Listener(till(*pages)) as server:
        found = client(server.port)
        document = found.fetch("sales", DAY)
        found.close()
    assert list(lines_in(document.body)) == [
        ["001", "B0001", 1, "4001", "2", "2026-05-20T10:15:00"],
        ["001", "B0002", 1, "4001", "2", "2026-05-20T10:15:00"],
        ["001", "B0003", 1, "4001", "2", "2026-05-20T10:15:00"],
        ["001", "B0004", 1, "4001", "-0.5", "2026-05-20T10:15:00"],
    ]
    assert document.report == {"rows": 4, "today": "2026-05-20", "branches": {"001": "2026-05-20"}, "numbered": True}
    pages_asked = [asked for asked in server.asked if "INV_PointofSalesDetailTAB" in asked]
    assert len(pages_asked) == 2
    # The last line of a full page is left to the next one, in case its key goes on there.
    assert "B0002" in pages_asked[1]
    assert "001  " in pages_asked[1]
    assert server.callers == 1


def test_wrong_password_needs_a_person_and_is_not_tried_again(pauses: list[float]) -> None:
    with Listener(login=lambda talk: talk.send(tds.error(18456))) as server:
        error = refused(client(server.port))
    assert isinstance(error, BadCredentials)
    assert (error.code, error.certain, pauses, server.callers) == ("login_refused", True, [], 1)


def test_database_that_is_not_there_needs_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    # python-tds says so when the rest of its time is over.
    monkeypatch.setattr("pytds.utils.time", SimpleNamespace(time=time.time, sleep=lambda _: None))
    with Listener(login=lambda talk: talk.send(tds.error(4060))) as server:
        assert (opened(server.port).code, server.callers) == ("no_database", 1)


@pytest.mark.parametrize(
    ("number", "kind", "code", "tries"),
    [
        (1205, RetryLater, "till_busy", 3),
        (1222, RetryLater, "till_busy", 3),
        (40501, RetryLater, "till_busy", 3),
        (208, Refused, "no_table", 1),
        (207, Refused, "no_column", 1),
        (229, Refused, "forbidden", 1),
        (241, Refused, "conversion", 1),
        (50000, Refused, "refused", 1),
    ],
)
def test_error_of_the_server_is_tried_again_or_not(number: int, kind: type[WireError], code: str, tries: int, pauses: list[float]) -> None:
    with Listener(lambda talk, _: talk.send(tds.error(number))) as server:
        error = refused(client(server.port))
    assert (type(error), error.code, server.callers, len(pauses)) == (kind, code, tries, tries - 1)
    assert pauses == [1.0, 2.0][: tries - 1]


def half_a_row(talk: Talk, _: str) -> None:
    talk.send(lines(line(1), line(2)), most=300)
    raise ConnectionError


def hang_up(talk: Talk, _: str = "") -> None:
    raise ConnectionError


def test_line_that_is_cut_in_the_middle_of_a_row_goes_on_anew_from_the_page(pauses: list[float]) -> None:
    good = till(lines(line(1), line(2)))
    left = [half_a_row]

    def script(talk: Talk, statement: str) -> None:
        cut = "INV_Point" in statement and "INFORMATION" not in statement and left
        (left.pop() if cut else good)(talk, statement)

    with Listener(script) as server:
        found = client(server.port)
        assert found.fetch("sales", DAY).report["rows"] == 2
        found.close()
    assert (server.callers, pauses) == (2, [1.0])


def test_server_that_hangs_up_is_cut_off() -> None:
    with Listener(hang_up) as server:
        assert refused(client(server.port)).code == "cut_off"
        assert server.callers == 3


def test_server_that_hangs_up_at_the_login_says_so_at_once() -> None:
    with Listener(login=hang_up) as server:
        assert opened(server.port).code == "cut_off"


def test_server_that_is_silent_is_given_up() -> None:
    def silent(talk: Talk) -> None:
        talk.read()

    with Listener(prelogin=silent) as server:
        error = opened(server.port, connect_seconds=1)
    assert (type(error), error.code) == (Unreachable, "timeout")


def test_answer_that_never_comes_is_given_up(pauses: list[float]) -> None:
    def silent(talk: Talk, _: str) -> None:
        talk.read()

    with Listener(silent) as server:
        opened_line = open_line(options(server.port, query_seconds=2), secrets())
        assert refused(opened_line).code == "timeout"
        opened_line.close()


def test_nobody_listens() -> None:
    with closed_port() as port:
        assert opened(port).code == "connect"


def test_server_that_sends_its_callers_elsewhere_is_not_followed() -> None:
    with Listener() as elsewhere:

        def reroute(talk: Talk) -> None:
            host = "127.0.0.1"
            where = struct.pack("<BHH", 0, elsewhere.port, len(host)) + host.encode("utf-16-le")
            body = b"\x14" + struct.pack("<H", len(where)) + where + struct.pack("<H", 0)
            version = b"\x01" + b"\x74\x00\x00\x04" + b"\x00" + b"\x0f\x00\x07\xd0"
            ack = b"\xad" + struct.pack("<H", len(version)) + version
            talk.send(ack + b"\xe3" + struct.pack("<H", len(body)) + body + tds.done())

        with Listener(login=reroute) as server:
            assert opened(server.port).code == "rerouted"
        assert elsewhere.callers == 0


def test_certificate_of_the_named_authority_is_taken(tmp_path: Path) -> None:
    shown = certificate(tmp_path, "till.example")
    with Listener(till(lines(line(1))), tls=shown.context) as server:
        secured = options(server.port, encrypted=True, certificate_name="till.example")
        found = open_line(secured, secrets(ca=shown.file.read_text()))
        assert found.rows("SELECT CAST(GETDATE() AS date)") == [(date(2026, 5, 20),)]
        found.close()


def test_certificate_that_is_made_out_to_another_name_is_refused(tmp_path: Path) -> None:
    shown = certificate(tmp_path, "other.example")
    with Listener(till(), tls=shown.context) as server, pytest.raises(Unreachable) as told:
        open_line(options(server.port, encrypted=True, certificate_name="till.example"), secrets(ca=shown.file.read_text()))
    assert told.value.code == "certificate_name"
    assert server.asked == []


def test_certificate_of_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    shown = certificate(tmp_path, "till.example")
    with Listener(till(), tls=shown.context) as server:
        assert opened(server.port, encrypted=True, certificate_name="till.example").code == "certificate"


def test_server_without_encryption_is_refused_where_it_is_wanted() -> None:
    with Listener(till()) as server:
        assert opened(server.port, encrypted=True).code == "encryption"


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 64])
def test_what_is_no_sql_server_is_said_to_be_none(answer: bytes) -> None:
    def other(talk: Talk) -> None:
        talk.raw.sendall(answer)

    with Listener(prelogin=other) as server:
        error = opened(server.port)
    assert (type(error), error.code) == (WrongAnswer, "no_sql_server")
