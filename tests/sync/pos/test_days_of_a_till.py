"""Which days syncs read and remember, from the first one on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from sandbox.till.faults import clock_ahead
from sandbox.till.world import Till
from sync import runs
from sync.models import Connection, Cursor, FeedDocument, SourceFact, Status, SyncRun, Trigger
from sync.sources.pos.client import Client
from sync.wire.errors import Unreachable
from tests.build import make_actor
from tests.sync.pos.build import SOAP, TEA, TODAY, at, bill, read_to, sold, states, sync, synced

pytestmark = pytest.mark.django_db


def parts(run: SyncRun) -> list[str]:
    """The ranges of single days that a run has read."""
    found = FeedDocument.objects.filter(run=run).values_list("part", flat=True)
    return sorted(part[:10] for part in found if part.count("/") == 1 and part[:4] == "2026" and "9999" not in part)


def test_first_sync_begins_with_the_day_that_was_set_and_later_ones_with_the_days_looked_back(connection: Connection, till: Till) -> None:
    bill(till, "BEFORE", (SOAP, 1), days=20)
    bill(till, "FIRST", (SOAP, 1), days=19)
    first = synced(connection)
    assert (parts(first)[0], parts(first)[-1], len(parts(first))) == ("2026-05-01", "2026-05-20", 20)
    assert states(connection) == {"001:FIRST:1": "booked"}
    assert read_to(connection) == TODAY - timedelta(days=1)
    assert parts(synced(connection)) == ["2026-05-16", "2026-05-17", "2026-05-18", "2026-05-19", "2026-05-20"]


def test_today_reads_today_alone_and_moves_no_mark(connection: Connection, till: Till) -> None:
    bill(till, "YESTERDAY", (SOAP, 1), days=1)
    bill(till, "TODAY", (SOAP, 1))
    run = synced(connection, "today")
    assert (parts(run), states(connection), read_to(connection)) == (["2026-05-20"], {"001:TODAY:1": "booked"}, None)


def test_first_sync_of_today_after_midnight_reads_the_end_of_the_day_before(
    connection: Connection, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(connection, "today")
    till.sell("001", [(SOAP, 1)], at(0, 23, 58), bill="LAST")
    monkeypatch.setattr(Client, "today", lambda self: TODAY + timedelta(days=1))
    assert parts(synced(connection, "today")) == ["2026-05-20", "2026-05-21"]
    assert sold(connection) == 1
    assert parts(synced(connection, "today")) == ["2026-05-21"]


def test_till_whose_clock_is_a_day_ahead_is_booked_and_one_further_ahead_is_held(connection: Connection, till: Till) -> None:
    clock_ahead(till, at())
    bill(till, "FAR", (SOAP, 1), days=-2)
    bill(till, "OLD", (SOAP, 1), days=40_000)
    synced(connection)
    assert sorted(states(connection).values()) == ["held bad_date", "held bad_date", "held unmapped_branch"]
    assert SourceFact.objects.get(code="unmapped_branch").day == TODAY + timedelta(days=1)
    assert read_to(connection) == TODAY - timedelta(days=1)


def test_lines_at_the_ends_of_the_calendar_are_held_and_void_once_they_are_gone(connection: Connection, till: Till) -> None:
    ends = [datetime(9999, 12, 31), datetime(9999, 12, 31, 23, 59, 59), datetime(1, 1, 1), datetime(1752, 12, 31, 8)]
    for number, moment in enumerate(ends):
        till.sell("001", [(SOAP, 1)], moment, bill=f"END{number}")
    held = {f"001:END{number}:1": "held bad_date" for number in range(4)}
    for _ in range(2):
        synced(connection)
        assert states(connection) == held
    for number in range(4):
        till.void(f"END{number}", 1)
    synced(connection)
    assert {*states(connection).values()} == {"void"}


def test_branch_that_was_offline_for_days_brings_all_of_them(connection: Connection, till: Till) -> None:
    bill(till, "A1", (SOAP, 1), days=1, branch="001")
    bill(till, "B1", (SOAP, 1), days=12, branch="002")
    synced(connection)
    assert (read_to(connection, "sales/001"), read_to(connection, "sales/002")) == (date(2026, 5, 19), date(2026, 5, 8))
    bill(till, "B2", (TEA, 2), days=11, branch="002", recorded=at(11))
    bill(till, "B3", (TEA, 3), days=1, branch="002", recorded=at(1))
    bill(till, "A2", (TEA, 7), days=11, branch="001", recorded=at(11))
    synced(connection)
    # What the other branch is said to have sold so long ago is none of this.
    assert sold(connection) == 1 + 1 + 2 + 3
    assert read_to(connection, "sales/002") == date(2026, 5, 19)


def test_branch_that_nobody_has_seen_is_looked_for_further_back_once(connection: Connection, till: Till) -> None:
    bill(till, "A1", (SOAP, 1), days=1)
    synced(connection)
    bill(till, "C1", (SOAP, 1), days=15, branch="003", recorded=at(15))
    bill(till, "C2", (SOAP, 1), days=1, branch="003", recorded=at(1))
    synced(connection)
    assert "003:C1:1" not in states(connection)
    synced(connection)
    assert "003:C1:1" in states(connection)
    assert read_to(connection, "sales/003") == date(2026, 5, 19)


def test_day_that_cannot_be_read_stops_the_mark_before_it_and_what_was_read_counts(
    connection: Connection, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (4, 2, 1):
        bill(till, f"B{days}", (SOAP, 1), days=days)
    whole = Client.fetch

    def cut(self: Client, feed: str, part: str = "") -> object:
        if part.startswith("2026-05-18"):
            raise Unreachable("The line to the till's database was cut off.", code="cut_off")
        return whole(self, feed, part)

    monkeypatch.setattr(Client, "fetch", cut)
    run = sync(connection)
    assert run.status == Status.PARTIAL
    assert "cut off" in run.message
    assert states(connection) == {"001:B4:1": "booked"}
    assert read_to(connection) == date(2026, 5, 17)
    monkeypatch.setattr(Client, "fetch", whole)
    synced(connection)
    assert (sold(connection), read_to(connection)) == (3, date(2026, 5, 19))


def test_till_that_cannot_be_reached_changes_nothing(connection: Connection, till: Till) -> None:
    bill(till, "B1", (SOAP, 1), days=1)
    synced(connection)
    till.rename("Quantity", "Qty")
    run = sync(connection)
    assert run.status == Status.FAILED
    assert "has no “Quantity”" in run.message
    assert (sold(connection), read_to(connection)) == (1, date(2026, 5, 19))


def test_sync_that_has_read_enough_leaves_the_other_days_to_the_next_one(connection: Connection, till: Till) -> None:
    connection.settings["run_lines"] = 1_000
    connection.save()
    for days in (19, 18, 17):
        till.sell("001", [(SOAP, 1)] * 600, at(days), bill=f"B{days}")
    run = synced(connection)
    assert "the next sync goes on by itself" in run.message
    assert (sold(connection), read_to(connection)) == (1200, date(2026, 5, 2))
    following = SyncRun.objects.exclude(pk=run.pk).get()
    assert (following.status, following.scope) == (Status.QUEUED, "sales")
    runs.execute(following.pk)
    assert (sold(connection), read_to(connection)) == (1800, date(2026, 5, 19))


def test_returns_are_read_from_their_own_tables_with_their_own_mark(connection: Connection, till: Till) -> None:
    bill(till, "B1", (SOAP, 3), days=2)
    till.sell("001", [(SOAP, 1)], at(1), bill="R1", returned=True)
    synced(connection)
    synced(connection, "sales-returns")
    assert {fact.external_id: fact.kind for fact in SourceFact.objects.all()} == {"POS:001:B1:1": "sale", "POSR:001:R1:1": "sale_return"}
    assert read_to(connection, "sales_returns") == TODAY - timedelta(days=1)
    till.void("R1", returned=True)
    synced(connection)
    assert states(connection)["001:R1:1"] == "booked"
    synced(connection, "sales-returns")
    assert states(connection)["001:R1:1"] == "void"


def test_returns_that_are_switched_off_are_not_missed(connection: Connection, till: Till) -> None:
    connection.settings["returns"] = False
    connection.save()
    with till.open() as raw:
        raw.execute("DROP TABLE INV_SalesReturnDetailTAB")
    assert synced(connection, "sales-returns").counters["processed"] == 0


def test_sales_and_todays_sales_are_read_one_after_the_other(connection: Connection, till: Till) -> None:
    from jobs import lease

    bill(till, "B1", (SOAP, 1))
    run = runs.start(make_actor(connection.account), connection, "today", trigger=Trigger.BUTTON)
    with lease.named(f"till lines {connection.pk}"):
        runs.execute(run.pk)
    run.refresh_from_db()
    assert run.status == Status.QUEUED
    assert "goes on after it" in run.message
    assert not Cursor.objects.exists()
