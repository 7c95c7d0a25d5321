"""The statements on a real SQL Server, or anything that speaks its protocol, where TILL_TEST_… name one (docs/till.md). Its tables are made
and dropped: the database must have none of their names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.till import tables
from sync.models import Connection
from sync.secrets import Secrets
from sync.sources.pos.client import Client
from sync.sources.pos.connecting import open_line
from sync.sources.pos.fetched import lines_in
from sync.sources.pos.windows import NO_DAY, NO_KEY
from tests.sync.pos.test_reading import DAY, row
from tests.sync.pos.test_tds import options

pytest.importorskip("pytds")
pytestmark = pytest.mark.skipif("TILL_TEST_HOST" not in os.environ, reason="TILL_TEST_HOST names no SQL Server to read.")


def told(name: str) -> str:
    return os.environ.get(f"TILL_TEST_{name}", "")


def secrets() -> Secrets:
    ca = Path(told("CA")).read_text() if told("CA") else ""
    return Secrets({"user": told("USER"), "password": told("PASSWORD"), "ca": ca})


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the server, whose tables have just been made."""
    import pytds

    asked = options(
        int(told("PORT") or 1433),
        host=told("HOST"),
        database=told("DATABASE"),
        encrypted=bool(told("CA")),
        connect_seconds=15,
        query_seconds=30,
    )
    raw: Any = pytds.connect(
        dsn=asked.host, port=asked.port, database=asked.database, user=told("USER"), password=told("PASSWORD"), autocommit=True,
        cafile=told("CA") or None,
    )  # fmt: skip
    cursor = raw.cursor()
    for statement in tables.statements(schema="dbo."):
        cursor.execute(statement)
    try:
        rows = [row("001", f"B{bill}", serial) for bill in range(1, 5) for serial in (1, 2)]
        rows += [row("001  ", "B9", 1), row("002", "B1", 1, None), row(None, "B1", 1), row("003", "B1", 1, "2026-05-21T00:00:00")]
        names = ", ".join(tables.LINE_NAMES)
        for each in rows:
            values = [value.replace(" ", "T", 1) if isinstance(value, str) and value.startswith("2026") else value for value in each]
            cursor.execute(f"INSERT INTO dbo.{tables.DETAIL} ({names}) VALUES ({', '.join(['%s'] * len(values))})", tuple(values))
        connection = Connection(system="pos", name="Till")
        connection.secrets = secrets()
        found = Client(connection, asked, guarded=False)
        yield found
        found.close()
    finally:
        for table in tables.COLUMNS:
            cursor.execute(f"DROP TABLE dbo.{table}")
        raw.close()


def test_lines_of_a_day_come_once_and_in_order_with_their_odd_ones_apart(client: Client) -> None:
    def keys(part: str) -> list[tuple[Any, ...]]:
        return [tuple(line[:3]) for line in lines_in(client.fetch("sales", part).body)]

    assert keys(DAY) == [*(("001", f"B{bill}", serial) for bill in range(1, 5) for serial in (1, 2)), ("001", "B9", 1)]
    assert keys(f"{DAY}/001") == keys(DAY)
    assert keys(NO_DAY) == [("002", "B1", 1)]
    assert keys(NO_KEY) == [(None, "B1", 1)]
    assert [line[4:] for line in client.bill("sales", "001", "B9")] == [["1", "2026-05-20T12:00:00"]]


def test_wrong_password_is_refused(client: Client) -> None:
    from sync.wire.errors import BadCredentials

    asked = options(int(told("PORT") or 1433), host=told("HOST"), database=told("DATABASE"), encrypted=bool(told("CA")), connect_seconds=15)
    wrong = Secrets({**dict(secrets()), "password": "certainly-not-this"})
    with pytest.raises(BadCredentials):
        open_line(asked, wrong)
