"""Waiting facts become bookings: once, by difference, and back again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from inventory import integrity
from inventory.models import Demand, Movement, Purchase, Sale, SaleStatus
from sync.facts.booking import book_waiting, bump, correlation_of
from sync.facts.verbs import set_counts
from sync.models import FactKind, FactState, SourceFact, WarehouseRef
from tests.build import make_account, make_actor
from tests.sync.facts.build import BILLED, line, product, shop, stock, till, units

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_account()


def tell_again(fact: SourceFact, **changed: object) -> None:
    """The outside system says something else of it."""
    SourceFact.objects.filter(pk=fact.pk).update(**changed)
    bump(f"SELECT id FROM sync_sourcefact WHERE id = {fact.pk}")


def test_line_is_booked_once_however_often_it_is_looked_at(account: Account) -> None:
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 10)
    connection = till(account, ("001", store))
    fact = line(connection, "POS:001:B7:1", 3)
    assert book_waiting(connection).states == {FactState.BOOKED: 1}
    SourceFact.objects.update(state=FactState.WAITING)
    book_waiting(connection)
    sale = Sale.objects.get()
    assert (sale.source_key, sale.quantity, sale.reference, sale.sold_at) == ("POS:001:B7:1", 3, "POS:001:B7", fact.happened_at)
    assert units(soap, store) == 7
    assert Movement.objects.filter(kind="sale").get().correlation == correlation_of(connection.pk, "POS:001:B7:1")


def test_changed_line_books_the_difference(account: Account) -> None:
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 10)
    connection = till(account, ("001", store))
    fact = line(connection, "POS:001:B7:1", 3)
    book_waiting(connection)
    tell_again(fact, quantity=5)
    book_waiting(connection)
    assert units(soap, store) == 5
    assert Sale.objects.get().quantity == 5


def test_line_that_is_gone_is_taken_back_and_may_come_again(account: Account) -> None:
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 10)
    connection = till(account, ("001", store))
    fact = line(connection, "POS:001:B7:1", 3)
    book_waiting(connection)
    tell_again(fact, gone_at=fact.first_seen_at)
    book_waiting(connection)
    assert (units(soap, store), Sale.objects.get().status) == (10, SaleStatus.CANCELLED)
    tell_again(fact, gone_at=None)
    book_waiting(connection)
    assert units(soap, store) == 7
    assert not integrity.check(make_actor(account)).offenders


def test_sale_that_is_a_return_by_now_changes_sides(account: Account) -> None:
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 10)
    connection = till(account, ("001", store))
    fact = line(connection, "POS:001:B7:1", 3)
    book_waiting(connection)
    tell_again(fact, kind=FactKind.SALE_RETURN, place_there="", place_to_there="001")
    book_waiting(connection)
    fact.refresh_from_db()
    assert (fact.state, fact.booked_kind) == (FactState.BOOKED, FactKind.SALE_RETURN)
    assert units(soap, store) == 13
    assert not integrity.check(make_actor(account)).offenders


def test_lines_of_every_kind_move_the_level(account: Account) -> None:
    soap, store, hall = product(account, "SOAP", "4001"), shop(account), shop(account, "H")
    connection = till(account, ("001", store), ("002", hall))
    came = {"place": "", "place_to_there": "001"}
    line(connection, "m:1", 100, kind=FactKind.PURCHASE, unit_cost="1.5", **came)
    line(connection, "m:2", 20, kind=FactKind.MANUFACTURE, **came)
    line(connection, "m:3", 3, kind=FactKind.FOUND, **came)
    line(connection, "m:4", 10, kind=FactKind.SALE)
    line(connection, "m:5", 2, kind=FactKind.SALE_RETURN, **came)
    line(connection, "m:6", 5, kind=FactKind.VENDOR_RETURN)
    line(connection, "m:7", 7, kind=FactKind.CONSUMPTION)
    line(connection, "m:8", 1, kind=FactKind.WASTAGE)
    line(connection, "m:9", 30, kind=FactKind.TRANSFER, place_to_there="002")
    assert book_waiting(connection).states == {FactState.BOOKED: 9}
    assert units(soap, store) == 100 + 20 + 3 - 10 + 2 - 5 - 7 - 1 - 30
    assert units(soap, hall) == 30
    assert Purchase.objects.get(source_key="m:1").batch.unit_cost == Decimal("1.5")
    assert not integrity.check(make_actor(account)).offenders


def test_sale_in_a_mirror_is_kept_and_counts_as_demand(account: Account) -> None:
    soap, store = product(account, "SOAP", "4001"), shop(account, mode="mirror")
    connection = till(account, ("001", store))
    fact = line(connection, "POS:001:B7:1", 3)
    assert book_waiting(connection).states == {FactState.HISTORY: 1}
    assert not Sale.objects.exists()
    assert Demand.objects.get().quantity == 3
    tell_again(fact, gone_at=fact.first_seen_at)
    book_waiting(connection)
    assert not Demand.objects.exists()
    assert units(soap, store) == 0


def test_what_the_ledger_refuses_is_held_with_its_sentence(account: Account) -> None:
    product(account, "SOAP", "4001")
    store = shop(account)
    store.active = False
    store.save()
    connection = till(account, ("001", store))
    fact = line(connection, "POS:001:B7:1", 3)
    assert book_waiting(connection).states == {FactState.HELD: 1}
    fact.refresh_from_db()
    assert (fact.code, fact.booked_revision) == ("refused", None)
    assert fact.sentence.startswith(f"{store} is out of use.")


def test_statements_do_not_grow_with_the_lines(account: Account) -> None:
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 1000)
    connection = till(account, ("001", store))
    counts = []
    for round_, size in enumerate((2, 40)):
        for number in range(size):
            line(connection, f"POS:001:{round_}:{number}", 1)
        with CaptureQueriesContext(database) as seen:
            book_waiting(connection)
        counts.append(len(seen))
    assert counts[0] == counts[1] < 120


def test_what_is_moved_on_and_on_is_booked_a_few_legs_at_a_time(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    soap, left, came = product(account, "SOAP", "4001"), shop(account), shop(account, "T")
    stock(account, soap, left, 10)
    connection = till(account, ("001", left), ("002", came))
    for leg, (out_of, into) in enumerate([("001", "002"), ("002", "001")] * 2 + [("001", "002")]):
        moved = BILLED + timedelta(minutes=leg)
        line(connection, f"m:{leg}", 3, kind=FactKind.TRANSFER, place=out_of, place_to_there=into, happened_at=moved)
    line(connection, "s:1", 1, place="002", happened_at=BILLED + timedelta(minutes=9))
    monkeypatch.setattr("sync.facts.booking.MOST_WAVES", 2)
    done: list[int] = []
    assert book_waiting(connection, after=done.append).states == {"booked": 6}
    # Two legs by each transaction; the sale comes after all that was moved before it.
    assert done == [2, 4, 6]
    assert (units(soap, left), units(soap, came)) == (7, 2)
    assert not integrity.check(make_actor(account)).offenders


@pytest.mark.parametrize("kind", [FactKind.SALE, FactKind.PURCHASE, FactKind.TRANSFER])
def test_line_that_was_taken_back_as_its_place_did_not_count_is_booked_again_when_it_does(account: Account, kind: FactKind) -> None:
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 10)
    connection = till(account, ("001", store))
    left, came = ("", "001") if kind == FactKind.PURCHASE else ("001", "")
    fact = line(connection, "POS:001:B7:1", 3, kind=kind, place=left, place_to_there=came)
    place = WarehouseRef.objects.get(external_id="001")
    manager = make_actor(account)
    book_waiting(connection)
    booked = units(soap, store)
    set_counts(manager, place, False)
    tell_again(fact, document="B8")
    book_waiting(connection)
    assert (booked, units(soap, store)) == (13 if kind == FactKind.PURCHASE else 7, 10)
    assert set_counts(manager, place, True).freed == 1
    book_waiting(connection)
    assert units(soap, store) == booked
    fact.refresh_from_db()
    assert (fact.state, fact.booked_revision) == (FactState.BOOKED, fact.revision)
