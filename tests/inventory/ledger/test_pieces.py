"""As which pieces goods arrive, and in which order transfers are booked: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.ledger import Key, SaleFact, TransferFact, lock_levels, sell_many
from inventory.ledger.bulkgoods import Like
from inventory.ledger.bulkpieces import Part, Source, beyond, in_order, parts, together, waves
from inventory.models import Level
from tests.inventory.ledger.build import Shop, make_place

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def source(tail: str, left: int) -> Source:
    return Source(tail, left, Like(parent=1), NOON, 1)


def test_what_left_first_arrives_first_and_the_rest_is_unknown() -> None:
    a, b = source("a", 3), source("b", 2)
    assert parts([a, b], 4, {}) == [Part("a", 3, a), Part("b", 1, b)]
    assert parts([a, b], 7, {}) == [Part("a", 3, a), Part("b", 2, b), Part("short", 2)]
    # What is booked stays: only what is missing of it is found.
    assert parts([a, b], 7, {"a": 3, "short": 2}) == [Part("b", 2, b)]
    assert parts([a], 7, {"a": 3, "short": 2}) == [Part("short.2", 2)]
    assert parts([a, b], 5, {"a": 3, "b": 2}) == []


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), max_size=5), st.integers(1, 40), st.sets(st.integers(0, 4)))
def test_pieces_add_up_and_take_no_more_than_was_sent(left: list[int], quantity: int, known: set[int]) -> None:
    sources = [source(str(number), each) for number, each in enumerate(left)]
    booked = {str(number): 1 for number in known}
    found = parts(sources, quantity, booked)
    assert sum(part.quantity for part in found) == max(quantity - len(known), 0)
    assert all(part.quantity > 0 and part.tail not in booked for part in found)
    assert all(part.source is None or part.quantity <= part.source.left for part in found)
    assert len({part.tail for part in found}) == len(found)


places = st.one_of(st.none(), st.integers(1, 4))
moves = st.lists(st.tuples(places, places, st.integers(1, 2), st.integers(0, 9)), max_size=12)


@settings(max_examples=50)
@given(moves)
def test_nothing_leaves_before_what_came_earlier_is_there(given_: list[tuple[Any, ...]]) -> None:
    facts = [
        TransferFact(
            source_key=str(number),
            product_id=product,
            unit_kind="units",
            quantity=1,
            moved_at=NOON + timedelta(minutes=minute, seconds=number),
            from_id=out_of,
            to_id=into,
            pairs=(str(number - 1),),
        )
        for number, (out_of, into, product, minute) in enumerate(given_)
    ]
    found = waves(facts)
    wave = {fact.source_key: number for number, each in enumerate(found) for fact in each}
    assert sorted(wave) == sorted(fact.source_key for fact in facts)
    for one in facts:
        for other in facts:
            if one.product_id != other.product_id or one.moved_at >= other.moved_at or other.from_id is None:
                continue
            if one.to_id == other.from_id:
                assert wave[one.source_key] < wave[other.source_key]
            if one.from_id == other.from_id:
                assert wave[one.source_key] <= wave[other.source_key]
    for each in found:
        assert sorted(fact.source_key for chunk in in_order(each, 2) for fact in chunk) == sorted(fact.source_key for fact in each)
    groups = list(together(found, 3))
    # All of them, wave by wave, three at most in a transaction, and none by more transactions than it takes.
    assert [chunk for group in groups for chunk in group] == [chunk for each in found for chunk in in_order(each, 3)]
    sizes = [sum(map(len, group)) for group in groups]
    assert all(size <= 3 for size in sizes)
    assert all(size + len(group[0]) > 3 for size, group in zip(sizes, groups[1:], strict=False))
    first = beyond(facts, 2)
    late = [fact for each in found[2:] for fact in each]
    assert first == min(late, key=lambda fact: fact.moved_at, default=None)


@pytest.mark.django_db
def test_levels_are_locked_and_made_before_several_verbs_book_to_them() -> None:
    shop = Shop()
    store = make_place(shop.account, "STORE")
    here, there, nowhere = Key(shop.tea.pk, shop.place.pk), Key(shop.tea.pk, store.pk), Key(10**9, store.pk)
    with transaction.atomic():
        lock_levels(shop.account, [there, here, nowhere])
        assert set(Level.objects.values_list("product", "warehouse")) == {here, there}
        fact = SaleFact(source_key="s", product_id=shop.tea.pk, warehouse_id=store.pk, unit_kind="packs", quantity=1, sold_at=NOON)
        assert sell_many(shop.actor, [fact]).processed == 1
