"""What becomes of lines from sync to sync: held, voided, moved, corrected; counted each time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Account
from inventory import integrity
from inventory.models import Product, Warehouse
from sandbox.till.faults import odd_lines
from sandbox.till.world import Till
from sync import runs
from sync.facts import releasing, verbs
from sync.models import Connection, SourceFact, Status, SyncChange, SyncRun, WarehouseRef
from sync.sources.pos.client import Client
from sync.sources.pos.mapping import NO_BRANCH
from sync.wire.errors import Unreachable
from tests.build import make_actor
from tests.sync.facts.build import product
from tests.sync.pos.build import SOAP, TEA, TODAY, at, bill, make_connection, sold, states, stock, sync, synced, units

pytestmark = pytest.mark.django_db


def adds_up(run: SyncRun) -> None:
    counters = dict(run.counters)
    assert counters.pop("processed") == sum(counters.values())


def test_each_kind_of_odd_line_is_held_for_its_own_reason_and_blocks_no_other(connection: Connection, till: Till) -> None:
    odd_lines(till, at())
    bill(till, "GOOD", (SOAP, 1))
    run = synced(connection)
    found = sorted(states(connection).values())
    assert found.count("booked") == 1
    assert sorted(found) == sorted(
        [
            "booked",
            "ignored zero_quantity",
            "held missing_barcode",
            "held unknown_barcode",
            *["held bad_quantity"] * 2,
            *["held bad_date"] * 3,
            *["held unmapped_branch"] * 2,
            *["held bad_key"] * 2,
            "held unknown_barcode",
            "held duplicate_key",
        ]
    )
    adds_up(run)
    assert run.counters["held"] == 13
    assert run.details["held"]["total"] == 13


def test_line_that_is_held_books_itself_when_its_branch_and_its_barcode_are_there(
    account: Account, connection: Connection, till: Till, store: Warehouse
) -> None:
    bill(till, "B1", ("7777", 2), branch="005")
    synced(connection)
    verbs.assign_place(make_actor(account), connection, "005", store)
    product(account, "CUP", "7777")
    synced(connection)
    assert states(connection) == {"005:B1:1": "booked"}
    assert sold(connection) == 2


def test_branch_of_lines_without_one_can_be_assigned_like_any_other(connection: Connection, till: Till, store: Warehouse) -> None:
    bill(till, "B1", (SOAP, 2), branch="  ")
    synced(connection)
    assert states(connection) == {":B1:1": "held unmapped_branch"}
    WarehouseRef.objects.filter(external_id=NO_BRANCH).update(warehouse=store)
    synced(connection)
    assert states(connection) == {":B1:1": "booked"}


def test_ledger_follows_lines_through_corrections_voids_and_returns(
    connection: Connection, till: Till, account: Account, store: Warehouse, soap: Product
) -> None:
    stock(account, soap, store, 20)
    bill(till, "B1", (SOAP, 5), (SOAP, -1), days=1)
    bill(till, "B2", (SOAP, 4), days=2)
    synced(connection)
    assert units(soap, store) == 20 - 5 + 1 - 4
    till.change("B1", 1, Quantity=6)
    till.void("B2")
    till.change("B1", 2, Quantity=2)
    synced(connection)
    assert units(soap, store) == 20 - 6 - 2
    assert not integrity.check(make_actor(account)).offenders


def test_bill_that_was_moved_to_a_day_which_is_not_read_is_not_voided(connection: Connection, till: Till) -> None:
    bill(till, "B1", (SOAP, 5), days=1)
    synced(connection)
    till.change("B1", BillDate=at(10))
    run = synced(connection)
    assert states(connection) == {"001:B1:1": "booked"}
    assert SourceFact.objects.get().day == at(10).date()
    assert (run.counters["updated"], run.counters["removed"]) == (1, 0)


def test_line_that_comes_back_is_booked_again(connection: Connection, till: Till) -> None:
    bill(till, "B1", (SOAP, 5), days=1)
    synced(connection)
    till.void("B1")
    synced(connection)
    assert sold(connection) == 0
    bill(till, "B1", (SOAP, 3), days=1)
    synced(connection)
    assert sold(connection) == 3


def test_line_whose_absence_cannot_be_checked_stays(connection: Connection, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    bill(till, "B1", (SOAP, 5), days=1)
    synced(connection)
    till.void("B1")

    def cut(*_: object) -> object:
        raise Unreachable("The line to the till's database was cut off.", code="cut_off")

    with monkeypatch.context() as patch:
        patch.setattr(Client, "bill", cut)
        synced(connection)
        assert sold(connection) == 5
    synced(connection)
    assert sold(connection) == 0


def test_till_that_was_emptied_waits_for_a_person(connection: Connection, till: Till) -> None:
    for days in (1, 2):
        till.sell("001", [(SOAP, 1)] * 60, at(days), bill=f"B{days}")
    synced(connection)
    till.clear()
    run = sync(connection)
    assert run.status == Status.NEEDS_REVIEW
    assert "would remove 120 of 120 lines" in run.message
    assert sold(connection) == 120
    # Today's sales go on being booked meanwhile, and the review stays.
    bill(till, "NEW", (TEA, 1))
    synced(connection, "today")
    run.refresh_from_db()
    assert (run.status, sold(connection)) == (Status.NEEDS_REVIEW, 121)


def test_what_a_person_approves_on_another_day_is_what_was_seen(
    connection: Connection, till: Till, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.sell("001", [(SOAP, 1)] * 60, at(1), bill="B1")
    synced(connection)
    till.clear()
    run = sync(connection)
    monkeypatch.setattr(Client, "today", lambda self: TODAY + timedelta(days=1))
    bill(till, "NEXT", (SOAP, 1), days=-1)
    runs.approve(make_actor(account), run)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.status == Status.SUCCEEDED, run.message
    assert sold(connection) == 0
    synced(connection)
    assert sold(connection) == 1


def test_undone_sync_is_taken_back_from_the_ledger_too(connection: Connection, till: Till, account: Account) -> None:
    bill(till, "B1", (SOAP, 5), days=1)
    run = synced(connection)
    undo = runs.undo(make_actor(account), run)
    runs.execute(undo.pk)
    releasing.book(connection.pk)
    assert (states(connection), sold(connection)) == ({"001:B1:1": "void"}, 0)
    synced(connection)
    assert sold(connection) == 5


def test_same_till_read_three_times_is_booked_once_and_writes_nothing_more(connection: Connection, till: Till) -> None:
    bill(till, "B1", (SOAP, 5), ("9999", 1), days=1)
    bill(till, "B2", (TEA, 1), days=1)
    first = synced(connection)
    changes = SyncChange.objects.count()
    again = [synced(connection) for _ in range(2)]
    assert sold(connection) == 6
    assert SyncChange.objects.count() == changes
    assert (first.counters["inserted"], first.counters["held"]) == (2, 1)
    for run in (first, *again):
        adds_up(run)
        assert run.counters["processed"] == 3
    assert (again[1].counters["unchanged"], again[1].counters["held"]) == (2, 1)


def test_second_till_of_an_account_has_keys_of_its_own(account: Account, connection: Connection, till: Till, store: Warehouse) -> None:
    bill(till, "B1", (SOAP, 5), days=1)
    synced(connection)
    connection.name = "First till"
    connection.save()
    other = make_connection(account, till.path, ("001", store))
    synced(other)
    assert list(SourceFact.objects.order_by("pk").values_list("external_id", flat=True)) == ["POS:001:B1:1", f"POS@{other.pk}:001:B1:1"]
    assert sold(connection) == 10


def test_branches_are_named_and_make_no_warehouses(connection: Connection, till: Till) -> None:
    till.branch("001", "Clifton", "Main shop")
    till.branch("009 ", " Saddar")
    bill(till, "B1", (SOAP, 1), branch="009")
    synced(connection)
    fact = SourceFact.objects.get(connection=connection)
    assert fact.sentence.startswith("Branch “009” has no warehouse here.")
    before = connection.account.pk and WarehouseRef.objects.get(external_id="001").warehouse
    synced(connection, "branches")
    releasing.book(connection.pk)
    fact.refresh_from_db()
    assert fact.sentence.startswith("Branch “Saddar” (009) has no warehouse here.")
    refs = {ref.external_id: (ref.name, ref.warehouse) for ref in WarehouseRef.objects.filter(connection=connection)}
    assert refs["001"] == ("Clifton · Main shop", before)
    assert refs["009"] == ("Saddar", None)
    assert refs["002"][0] == ""
