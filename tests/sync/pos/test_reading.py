"""The unchanged statements on real databases: the till's file, and its tables in a schema dbo on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection as database

from sandbox.till import tables
from sandbox.till.world import Till
from sync.feedproblem import FeedProblem
from sync.models import Connection
from sync.sources.pos.client import Client
from sync.sources.pos.connecting import Line, open_line, till_file
from sync.sources.pos.dialects import DIALECTS
from sync.sources.pos.fetched import lines_in
from sync.sources.pos.windows import NO_DAY, NO_KEY
from sync.wire.errors import Refused, RetryLater, TargetRefused
from tests.sync.pos.test_tds import options, secrets

DAY = "2026-05-20/2026-05-21"
NOON = "2026-05-20 12:00:00"
Row = tuple[Any, ...]


def row(branch: str | None, bill: str | None, serial: int | None, moment: str | None = NOON, *, quantity: Any = 1) -> Row:
    return (branch, bill, serial, "4001", quantity, moment, moment, "till", None, None)


class Tables:
    """The till's tables somewhere, and a client that reads them."""

    def __init__(self, client: Client, write: Any) -> None:
        self._client, self._write = client, write

    def put(self, *rows: Row) -> None:
        names = ", ".join(tables.LINE_NAMES)
        self._write(f"INSERT INTO {{schema}}{tables.DETAIL} ({names}) VALUES ({', '.join(['%s'] * len(tables.LINE_NAMES))})", rows)

    def do(self, statement: str) -> None:
        self._write(statement, None)

    def read(self, part: str = DAY) -> list[list[Any]]:
        return list(lines_in(self._client.fetch("sales", part).body))

    def keys(self, part: str = DAY) -> list[tuple[Any, ...]]:
        return [tuple(line[:3]) for line in self.read(part)]


def in_file(folder: Path) -> Iterator[Tables]:
    till = Till(folder / "till.sqlite3")

    def write(statement: str, rows: Any) -> None:
        with till.open() as raw:
            text = statement.replace("{schema}", "").replace("%s", "?")
            raw.execute(text) if rows is None else raw.executemany(text, rows)

    client = Client(Connection(), options(0, dialect="sqlite", file="till.sqlite3", host="", page_rows=3), guarded=False)
    yield Tables(client, write)
    client.close()


def in_postgres() -> Iterator[Tables]:
    made = tables.statements(schema="dbo.", moment="timestamp")
    with database.cursor() as cursor:
        cursor.execute("CREATE SCHEMA dbo")
        for statement in made:
            cursor.execute(statement)

    class Same(Line):
        """The line of the tests' own connection, whose rows are not committed."""

        def close(self) -> None:
            """It stays open."""

    def write(statement: str, rows: Any) -> None:
        with database.cursor() as cursor:
            text = statement.replace("{schema}", "dbo.")
            cursor.execute(text) if rows is None else cursor.executemany(text, rows)

    def opener(*_: Any) -> Line:
        return Same(DIALECTS["postgresql"], database.connection)

    client = Client(Connection(), options(0, dialect="postgresql", page_rows=3), guarded=False, opener=opener)
    yield Tables(client, write)


@pytest.fixture(params=["file", "postgresql"])
def tables_(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    monkeypatch.setattr(django_settings, "TILL_FILES", str(tmp_path))
    if request.param == "file":
        yield from in_file(tmp_path)
        return
    request.getfixturevalue("db")
    if database.vendor != "postgresql":
        pytest.skip("The tests run on SQLite.")
    yield from in_postgres()


def test_every_line_of_the_day_comes_once_however_pages_fall(tables_: Tables) -> None:
    wanted = [("001", f"B{bill}", serial) for bill in range(1, 4) for serial in (1, 2)] + [("002", "B1", 1)]
    tables_.put(*(row(*key) for key in reversed(wanted)))
    assert tables_.keys() == wanted


def test_page_that_ends_between_two_lines_of_one_key_loses_neither(tables_: Tables) -> None:
    tables_.put(row("001", "B1", 1), row("001", "B1", 2), row("001", "B1", 3), row("001", "B1", 3, quantity=7), row("001", "B2", 1))
    assert [line[2] for line in tables_.read()] == [1, 2, 3, 3, 1]


def test_day_is_half_open(tables_: Tables) -> None:
    tables_.put(
        row("001", "B0", 1, "2026-05-19 23:59:59"),
        row("001", "B1", 1, "2026-05-20 00:00:00"),
        row("001", "B2", 1, "2026-05-20 23:59:59"),
        row("001", "B3", 1, "2026-05-21 00:00:00"),
    )
    assert [line[1] for line in tables_.read()] == ["B1", "B2"]


def test_blanks_at_the_ends_of_codes_repeat_and_hide_nothing(tables_: Tables) -> None:
    tables_.put(*(row("001", bill, 1) for bill in ("B1  ", "B2", "B3 ", "B4", "B5  ")))
    assert tables_.keys() == [("001", f"B{number}", 1) for number in range(1, 6)]


def test_negative_numbers_and_blank_codes_are_lines_like_others(tables_: Tables) -> None:
    tables_.put(row("", "B1", -3), row("001", "", 0), row("001", "B1", -1))
    assert sorted(tables_.keys()) == [("", "B1", -3), ("001", "", 0), ("001", "B1", -1)]


def test_one_branch_alone_is_the_same_statement_from_its_beginning_on(tables_: Tables) -> None:
    tables_.put(*(row(branch, f"B{bill}", 1) for branch in ("001", "002", "003") for bill in range(4)))
    assert tables_.keys(f"{DAY}/002") == [("002", f"B{bill}", 1) for bill in range(4)]


def test_lines_without_a_day_or_a_key_have_readings_of_their_own(tables_: Tables) -> None:
    tables_.put(row("001", "B1", 1, None), row(None, "B2", 1), row("001", None, 1), row("001", "B3", None), row("001", "B4", 1))
    assert tables_.keys() == [("001", "B4", 1)]
    assert tables_.keys(NO_DAY) == [("001", "B1", 1)]
    assert {tuple(key) for key in tables_.keys(NO_KEY)} == {(None, "B2", 1), ("001", None, 1), ("001", "B3", None)}


def test_lines_that_the_till_does_not_number_come_by_what_they_say(tables_: Tables) -> None:
    tables_.put(*(row("001", "B1", 1, quantity=quantity) for quantity in (4, 2, 3, 1)), row("001", "B2", 1))
    tables_.do(f"DROP INDEX {'{schema}'}{tables.DETAIL}_key")
    tables_.do(f"ALTER TABLE {'{schema}'}{tables.DETAIL} DROP COLUMN SerialNo")
    assert [line[4] for line in tables_.read()] == ["1", "2", "3", "4", "1"]


def test_column_that_was_renamed_is_named(tables_: Tables) -> None:
    tables_.do(f"ALTER TABLE {'{schema}'}{tables.DETAIL} RENAME COLUMN Quantity TO Qty")
    with pytest.raises(FeedProblem, match="has no “Quantity”"):
        tables_.read()


def test_days_of_late_lines_are_found_by_when_they_were_recorded(tables_: Tables) -> None:
    late = ("001", "B1", 1, "4001", 1, "2026-05-03 10:00:00", NOON, "till", None, None)
    tables_.put(late, row("001", "B2", 1, "2026-05-04 10:00:00"), row("001", "B3", 1))
    found = tables_._client.late_days("sales", date(2026, 5, 19), date(2026, 5, 1), date(2026, 5, 17))
    assert found == [date(2026, 5, 3)]


def test_bill_is_found_whatever_its_day(tables_: Tables) -> None:
    tables_.put(row("001", "B1", 2, "2026-04-01 10:00:00"), row("001", "B1", 1, None), row("002", "B1", 1))
    assert [line[:3] for line in tables_._client.bill("sales", "001", "B1")] == [["001", "B1", 1], ["001", "B1", 2]]


def test_file_outside_the_folder_of_the_operator_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tills" / "other").mkdir(parents=True)
    (tmp_path / "secret.sqlite3").touch()
    (tmp_path / "tills" / "link").symlink_to(tmp_path / "secret.sqlite3")
    monkeypatch.setattr(django_settings, "TILL_FILES", str(tmp_path / "tills"))
    assert till_file("till.sqlite3", "mine") == tmp_path / "tills" / "till.sqlite3"
    for text in ("../secret.sqlite3", "link", str(tmp_path / "secret.sqlite3"), "", "a\x00b", "other/till.sqlite3"):
        with pytest.raises(TargetRefused, match="must lie in the folder"):
            till_file(text, "mine")
    monkeypatch.setattr(django_settings, "TILL_FILES", "")
    with pytest.raises(TargetRefused, match="not open to connections"):
        till_file("till.sqlite3", "mine")


def test_account_with_a_folder_of_its_own_reads_there_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.setattr(django_settings, "TILL_FILES", str(tmp_path))
    assert till_file("shop/till.sqlite3", "mine") == tmp_path / "mine" / "shop" / "till.sqlite3"
    for text in ("../till.sqlite3", "../other/till.sqlite3", ""):
        with pytest.raises(TargetRefused, match="must lie in the folder"):
            till_file(text, "mine")


def test_file_is_only_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "TILL_FILES", str(tmp_path))
    Till(tmp_path / "till.sqlite3")
    line = open_line(options(0, dialect="sqlite", file="till.sqlite3", host=""), secrets())
    with pytest.raises(Refused):
        line.rows("DELETE FROM dbo.INV_PointofSalesDetailTAB")
    line.close()


def test_file_that_somebody_writes_to_for_long_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "TILL_FILES", str(tmp_path))
    till = Till(tmp_path / "till.sqlite3")
    writer = sqlite3.connect(till.path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    asked = replace(options(0, dialect="sqlite", file="till.sqlite3", host=""), lock_seconds=0)
    with pytest.raises(RetryLater) as told:
        open_line(asked, secrets()).rows("SELECT * FROM dbo.GEN_BranchTAB")
    writer.close()
    assert told.value.code == "till_busy"


def test_file_that_is_no_database_or_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "TILL_FILES", str(tmp_path))
    (tmp_path / "notes.txt").write_text("no database " * 100)
    codes = []
    for name in ("notes.txt", "missing.sqlite3"):
        with pytest.raises(Exception) as told:  # noqa: PT011
            open_line(options(0, dialect="sqlite", file=name, host=""), secrets()).rows("SELECT * FROM dbo.GEN_BranchTAB")
        assert str(tmp_path) not in str(told.value)
        codes.append(told.value.code)  # type: ignore[attr-defined]
    assert codes == ["damaged", "no_file"]


def test_times_of_the_file_are_as_they_were_written(tmp_path: Path) -> None:
    till = Till(tmp_path / "till.sqlite3")
    till.sell("001", [("4001", 1)], datetime(2026, 5, 20, 9, 30), bill="B1")
    assert till.rows(f"SELECT BillDate FROM {tables.DETAIL}") == [("2026-05-20 09:30:00",)]
