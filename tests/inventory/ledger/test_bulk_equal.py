"""Selling many at once comes to what selling one by one comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import ledger
from inventory.allocation import Candidate, allocate, place
from inventory.ledger import PurchaseFact, SaleFact, receive_many, sell_many
from inventory.models import Allocation, Batch, Movement, Sale
from tests.inventory.ledger.build import Shop, make_place, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db

quantities = st.integers(1, 12)
receipts = st.lists(st.tuples(quantities, st.sampled_from([None, 5, 5, 40]), st.integers(1, 4)), max_size=8)
lines = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5)), min_size=1, max_size=12)
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def shop() -> Shop:
    return Shop()


def stocked(shop: Shop, given: list[tuple[int, int | None, int]]) -> None:
    now = timezone.now()
    for quantity, days, age in given:
        shop.buy(
            quantity,
            cost=Decimal(age) / 4,
            expires_at=now + timedelta(days=days) if days else None,
            bought_at=now - timedelta(days=age),
        )


def facts(shop: Shop, given: list[tuple[int, int]]) -> list[SaleFact]:
    began = timezone.now() - timedelta(hours=5)
    about = {"product_id": shop.tea.pk, "warehouse_id": shop.place.pk, "unit_kind": "packs"}
    return [
        SaleFact(source_key=f"s{number}", quantity=quantity, sold_at=began + timedelta(minutes=minute), **about)
        for number, (quantity, minute) in enumerate(given)
    ]


def state(shop: Shop) -> Any:
    first = Batch.objects.order_by("id").first()
    base = first.pk if first else 0
    taken = Allocation.objects.order_by("id").values_list("sale__source_key", "batch_id", "quantity", "unit_cost")
    sales = Sale.objects.order_by("source_key").values_list("source_key", "quantity", "shortfall", "cost", "sold_at")
    moved = Movement.objects.filter(kind="sale").order_by("id").values_list("batch_id", "batch_delta", "level_delta", "level_after")
    batches = Batch.objects.order_by("id").values_list("id", "sold", "remaining", "state")
    return (
        [(key, batch - base, *rest) for key, batch, *rest in taken],
        list(sales),
        [(batch - base, *rest) for batch, *rest in moved],
        [(batch - base, *rest) for batch, *rest in batches],
        shop.level(),
    )


def undone(do: Any) -> Any:
    """What `do` finds, in a database that forgets it again."""
    with transaction.atomic():
        found = do()
        transaction.set_rollback(True)
    return found


@some
@given(receipts, lines)
def test_many_at_once_are_the_same_as_one_by_one(shop: Shop, given: list[Any], sold: list[Any]) -> None:
    all_ = facts(shop, sold)
    # Of the same minute the first told is the first sold.
    in_time = sorted(all_, key=lambda fact: fact.sold_at)
    there = sum(quantity for quantity, _, _ in given)
    while sum(fact.quantity for fact in in_time) > there:
        all_.remove(in_time.pop())

    def one_by_one() -> Any:
        stocked(shop, given)
        for fact in in_time:
            values = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "quantity": fact.quantity}
            ledger.sell(shop.actor, sold_at=fact.sold_at, source_key=fact.source_key, **values)
        return state(shop)

    def at_once() -> Any:
        stocked(shop, given)
        sell_many(shop.actor, all_)
        prove(shop.account)
        return state(shop)

    def repeated() -> Any:
        stocked(shop, given)
        sell_many(shop.actor, all_[::2])
        sell_many(shop.actor, all_[::2])
        return sell_many(shop.actor, all_)

    assert undone(one_by_one) == undone(at_once)
    outcome = undone(repeated)
    assert (outcome.booked, outcome.repeated) == (len(all_[1::2]), len(all_[::2]))


@some
@given(receipts, lines)
def test_what_is_taken_is_what_the_pure_rule_takes(shop: Shop, given: list[Any], sold: list[Any]) -> None:
    all_ = facts(shop, sold)

    def at_once() -> None:
        stocked(shop, given)
        left = {batch.pk: batch for batch in Batch.objects.all()}
        expected = {}
        for fact in sorted(all_, key=lambda fact: fact.sold_at):
            candidates = [Candidate(each.pk, each.remaining, each.expires_at, each.received_at) for each in left.values()]
            found = allocate(sorted(candidates, key=place), Decimal(fact.quantity), now=timezone.now())
            expected[fact.source_key] = ([(each.batch, each.quantity) for each in found.takes], found.missing)
            for take in found.takes:
                left[take.batch].remaining -= take.quantity
        outcome = sell_many(shop.actor, all_)
        prove(shop.account)
        for sale in Sale.objects.all():
            taken = list(sale.allocations.order_by("id").values_list("batch_id", "quantity"))
            assert (taken, sale.shortfall) == expected[sale.source_key]
        assert outcome.short == sum(1 for _, missing in expected.values() if missing)

    undone(at_once)


@some
@given(receipts, lines, st.lists(st.tuples(st.integers(0, 11), st.integers(0, 9)), max_size=6), st.lists(quantities, max_size=6))
def test_whatever_is_corrected_the_books_agree(
    shop: Shop, given: list[Any], sold: list[Any], again: list[tuple[int, int]], bought: list[int]
) -> None:
    """Purchases told anew too, some of them to less than was sold."""
    now = timezone.now() - timedelta(hours=6)
    about = {"product_id": shop.tea.pk, "warehouse_id": shop.place.pk, "unit_kind": "packs"}

    def purchases(quantities_: list[int], revision: int) -> list[PurchaseFact]:
        return [
            PurchaseFact(source_key=f"p{number}", quantity=quantity, bought_at=now, revision=revision, unit_cost="0.125", **about)
            for number, quantity in enumerate(quantities_)
        ]

    def all_of_it() -> None:
        receive_many(shop.actor, purchases([quantity for quantity, _, _ in given], 0))
        sell_many(shop.actor, facts(shop, sold))
        prove(shop.account)
        corrected = {
            f"s{number}": SaleFact(source_key=f"s{number}", quantity=quantity, sold_at=now, revision=1, **about)
            for number, quantity in again
        }
        sell_many(shop.actor, corrected.values())
        prove(shop.account)
        outcome = receive_many(shop.actor, purchases(bought, 1))
        assert not outcome.held
        prove(shop.account)
        open_ = Sale.objects.filter(shortfall__gt=0).exists()
        assert not (open_ and shop.packs), "Stock lies there while a sale is short of it."

    undone(all_of_it)


def spread(shop: Shop, levels: int, each: int) -> list[SaleFact]:
    """Sales of so many levels, some short."""
    places = [make_place(shop.account, f"P{number}") for number in range(2)]
    products = [make_product(shop.account, f"QTX-{number}") for number in range(levels // 2)]
    receive_many(
        shop.actor,
        [
            PurchaseFact(
                source_key=f"{product.pk} {where.pk}",
                product_id=product.pk,
                warehouse_id=where.pk,
                unit_kind="packs",
                quantity=each,
                bought_at=timezone.now(),
            )
            for product in products
            for where in places
        ],
    )
    return [
        SaleFact(
            source_key=f"{product.pk} {where.pk} {number}",
            product_id=product.pk,
            warehouse_id=where.pk,
            unit_kind="packs",
            quantity=1 + number % 2,
            sold_at=timezone.now(),
        )
        for product in products
        for where in places
        for number in range(each)
    ]


def test_statements_do_not_grow_with_facts_and_levels(shop: Shop) -> None:
    many = spread(shop, 40, 5)
    with CaptureQueriesContext(connection) as of_one:
        assert sell_many(shop.actor, many[:1]).booked == 1
    with CaptureQueriesContext(connection) as of_many:
        assert sell_many(shop.actor, many[1:]).processed == len(many) - 1
    assert len(of_many) <= len(of_one)
    prove(shop.account)


def test_statements_of_corrections_do_not_grow_either(shop: Shop) -> None:
    many = spread(shop, 20, 5)
    sell_many(shop.actor, many)
    smaller = [
        replace(fact, quantity=Decimal(fact.quantity) + change, revision=1) for fact, change in zip(many, cycle([-1, 2, 1]), strict=False)
    ]
    with CaptureQueriesContext(connection) as of_few:
        sell_many(shop.actor, smaller[:3])
    with CaptureQueriesContext(connection) as of_many:
        assert sell_many(shop.actor, smaller[3:]).corrected == len(many) - 3
    assert len(of_many) <= len(of_few)
    prove(shop.account)
