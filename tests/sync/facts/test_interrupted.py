"""Booking that stops anywhere, or is done by two at once: each line is booked once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection as database
from pytest_django import Settings

from inventory import integrity
from inventory.models import Sale
from sync.facts.booking import book_waiting
from sync.models import FactState, SourceFact
from tests.build import make_account, make_actor
from tests.sync.facts.build import line, product, shop, stock, till, units


class Killed(Exception):
    pass


@pytest.mark.django_db
@pytest.mark.parametrize("after", [1, 2, 3])
def test_booking_that_dies_between_parts_is_gone_on_with(settings: Settings, after: int) -> None:
    settings.RUN_CHUNK_ROWS = 2
    account = make_account()
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 10)
    connection = till(account, ("001", store))
    for number in range(5):
        line(connection, f"POS:001:B7:{number}", 1)
    parts = iter(range(after))

    def own() -> None:
        if next(parts, None) is None:
            raise Killed

    with pytest.raises(Killed):
        book_waiting(connection, own=own)
    assert units(soap, store) == 10 - min(2 * after, 5)
    book_waiting(connection)
    assert (units(soap, store), Sale.objects.count()) == (5, 5)


@pytest.mark.django_db
def test_booking_that_dies_within_a_part_leaves_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    soap, store = product(account, "SOAP", "4001"), shop(account)
    stock(account, soap, store, 10)
    connection = till(account, ("001", store))
    line(connection, "POS:001:B7:1", 3)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr("sync.facts.booking.settle", die)
        with pytest.raises(Killed):
            book_waiting(connection)
    assert (units(soap, store), Sale.objects.count()) == (10, 0)
    assert book_waiting(connection).states == {FactState.BOOKED: 1}
    assert units(soap, store) == 7


@pytest.mark.django_db(transaction=True)
def test_two_that_book_at_once_book_each_line_once(settings: Settings) -> None:
    settings.RUN_CHUNK_ROWS = 3
    account = make_account()
    soap, wax, store = product(account, "SOAP", "4001"), product(account, "WAX", "4002"), shop(account)
    stock(account, soap, store, 50)
    stock(account, wax, store, 50)
    connection = till(account, ("001", store))
    for number in range(24):
        line(connection, f"POS:001:B7:{number}", 1, barcode=("4001", "4002")[number % 2])
    together = Barrier(2)

    def book(_: int) -> int:
        try:
            together.wait(150)
            return book_waiting(connection).facts
        finally:
            database.close()

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(book, range(2))) == 24
    assert (units(soap, store), units(wax, store)) == (38, 38)
    assert not SourceFact.objects.exclude(state=FactState.BOOKED).exists()
    assert not integrity.check(make_actor(account)).offenders
