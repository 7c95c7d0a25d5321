"""The eight ways in which the query that this replaces lost, doubled or misdated sales (docs/till.md, “What it must not do”)."""

from __future__ import annotations

from datetime import date

import pytest

from sandbox.till.world import Till
from sync.models import Connection, SourceFact
from tests.sync.pos.build import SOAP, TEA, at, bill, sold, states, synced

pytestmark = pytest.mark.django_db


def test_1_line_whose_barcode_branch_or_header_the_till_does_not_know_is_not_dropped(connection: Connection, till: Till) -> None:
    bill(till, "B1", (SOAP, 2), ("9999", 1))
    bill(till, "B2", (TEA, 1), branch="077")
    with till.open() as raw:
        raw.execute("DELETE FROM INV_PointofSalesMasterTAB")
    synced(connection)
    assert states(connection) == {
        "001:B1:1": "booked",
        "001:B1:2": "held unknown_barcode",
        "077:B2:1": "held unmapped_branch",
    }


def test_2_barcode_that_the_till_lists_twice_does_not_count_a_line_twice(connection: Connection, till: Till) -> None:
    till.item(SOAP, "Soap")
    till.item(SOAP, "Soap, new label")
    bill(till, "B1", (SOAP, 2))
    synced(connection)
    assert sold(connection) == 2


def test_3_days_end_before_midnight_and_the_next_begins_with_it(connection: Connection, till: Till) -> None:
    till.sell("001", [(SOAP, 1)], at(2, 0, 0), bill="AT-MIDNIGHT")
    till.sell("001", [(SOAP, 1)], at(2, 23, 59), bill="LAST-MINUTE")
    till.sell("001", [(SOAP, 1)], at(1, 0, 0), bill="NEXT-MIDNIGHT")
    synced(connection)
    days = dict(SourceFact.objects.values_list("document", "day"))
    assert days == {"AT-MIDNIGHT": date(2026, 5, 18), "LAST-MINUTE": date(2026, 5, 18), "NEXT-MIDNIGHT": date(2026, 5, 19)}
    assert sold(connection) == 3


def test_5_line_is_dated_by_the_clock_of_the_till_and_not_by_ours(connection: Connection, till: Till) -> None:
    connection.settings["time_zone"] = "Asia/Karachi"
    connection.save()
    bill(till, "B1", (SOAP, 1), hour=1)
    synced(connection)
    fact = SourceFact.objects.get()
    assert fact.day == date(2026, 5, 20)
    assert fact.happened_at is not None
    assert fact.happened_at.isoformat() == "2026-05-19T20:00:00+00:00"


def test_6_bill_without_a_time_that_comes_after_the_first_sync_of_its_day_is_booked(connection: Connection, till: Till) -> None:
    till.sell("001", [(SOAP, 1)], at().date(), bill="B1")
    synced(connection, "today")
    till.sell("001", [(SOAP, 1)], at().date(), bill="B2")
    synced(connection, "today")
    assert sold(connection) == 2


def test_6_bill_that_is_typed_in_late_is_found_within_the_days_looked_back(connection: Connection, till: Till) -> None:
    synced(connection)
    bill(till, "LATE", (SOAP, 1), days=3)
    synced(connection)
    assert sold(connection) == 1


def test_6_bill_that_is_typed_in_later_than_that_is_found_by_when_it_was_recorded(connection: Connection, till: Till) -> None:
    bill(till, "B0", (TEA, 1), days=12)
    synced(connection)
    bill(till, "LATE", (SOAP, 2), days=12, recorded=at())
    synced(connection)
    assert sold(connection) == 3


def test_7_two_lines_of_one_product_on_one_day_are_two(connection: Connection, till: Till) -> None:
    day = at().date()
    till.sell("001", [(SOAP, 1), (SOAP, 4)], day, bill="B1")
    till.sell("001", [(SOAP, 2)], day, bill="B2")
    synced(connection)
    assert sold(connection) == 7


def test_8_voided_line_is_taken_back_and_corrected_one_by_its_difference(connection: Connection, till: Till) -> None:
    bill(till, "B1", (SOAP, 2), (TEA, 5), days=1)
    synced(connection)
    till.void("B1", 1)
    till.change("B1", 2, Quantity=3)
    run = synced(connection)
    assert states(connection) == {"001:B1:1": "void", "001:B1:2": "booked"}
    assert sold(connection) == 3
    assert (run.counters["removed"], run.counters["updated"]) == (1, 1)
