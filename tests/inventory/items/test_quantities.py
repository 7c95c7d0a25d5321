"""Pieces are adjusted, reserved, sold and restocked; none is ever invented or lost."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError

from inventory import items
from inventory.errors import ChangedMeanwhile, FollowsStock, InsufficientStock
from inventory.models import Item
from tests.inventory.items.build import heard, last, make_item, make_linked, now
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db
FACT = uuid.UUID(int=7)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def item(shop: Shop) -> Item:
    return make_item(shop, quantity_available=12)


def pieces(item: Item) -> tuple[int, int, int]:
    """Available, reserved, sold."""
    stored = now(item)
    return stored.quantity_available, stored.quantity_reserved, stored.quantity_sold


def test_adjusting_moves_and_setting_counts(shop: Shop, item: Item) -> None:
    items.adjust(shop.actor, item, -5, "Broken")
    assert (pieces(item), last(item).delta_available, last(item).reason) == ((7, 0, 0), -5, "Broken")
    items.set_quantity(shop.actor, item, 9, "Counted")
    assert (pieces(item), last(item).delta_available, last(item).kind) == ((9, 0, 0), 2, "adjust")
    with pytest.raises(InsufficientStock, match="3001 has 9 pieces; 10 fewer is not possible") as refused:
        items.adjust(shop.actor, item, -10, "Lost")
    assert refused.value.details == {"available": 9, "asked": 10}
    with pytest.raises(ValidationError, match="by how many pieces"):
        items.adjust(shop.actor, item, 0, "Nothing")
    with pytest.raises(ValidationError, match="0 or more, not “-1”"):
        items.set_quantity(shop.actor, item, -1)
    with pytest.raises(ChangedMeanwhile):
        items.adjust(shop.actor, item, 1, "Found", version=1)


def test_what_is_reserved_is_not_available_until_it_is_released(shop: Shop, item: Item) -> None:
    items.reserve(shop.actor, item, 4, "For Ada")
    assert pieces(item) == (8, 4, 0)
    assert (last(item).delta_available, last(item).delta_reserved) == (-4, 4)
    with pytest.raises(InsufficientStock, match="has 8 pieces; 9 can't be reserved"):
        items.reserve(shop.actor, item, 9, "For Ben")
    with pytest.raises(InsufficientStock, match="4 pieces are reserved; 5 can't be released"):
        items.release(shop.actor, item, 5)
    for nothing in (0, -2, "many"):
        with pytest.raises(ValidationError, match="pieces"):
            items.reserve(shop.actor, item, nothing, "For nobody")  # type: ignore[arg-type]
    items.release(shop.actor, item, 3, "Ada took one")
    assert pieces(item) == (11, 1, 0)


def test_an_order_moves_pieces_to_sold_and_says_what_was_missing(shop: Shop, item: Item) -> None:
    with heard() as news:
        assert items.sold(shop.actor, item, 5, source="bricklink 31000001", correlation=FACT) == 0
        assert items.sold(shop.actor, item, 9, source="bricklink 31000002", correlation=FACT) == 2
    assert pieces(item) == (0, 0, 12)
    change = last(item)
    assert (change.kind, change.delta_available, change.delta_sold, change.source) == ("order", -7, 7, "bricklink 31000002")
    assert (change.correlation, [each["correlation"] for each in news]) == (FACT, [FACT, FACT])
    # Nothing was there, and the history says so all the same.
    assert items.sold(shop.actor, item, 1, source="bricklink 31000003", correlation=FACT) == 1
    assert (last(item).source, item.history.count()) == ("bricklink 31000003", 4)
    items.restocked(shop.actor, item, 5, source="bricklink 31000001", correlation=FACT)
    assert (pieces(item), last(item).kind, last(item).delta_sold) == ((5, 0, 7), "restock", -5)


def test_a_sale_is_a_fact_for_an_archived_item_too(shop: Shop, item: Item) -> None:
    items.archive(shop.actor, item)
    assert items.sold(shop.actor, item, 5, source="brickowl 8800001", correlation=FACT) == 0
    assert (pieces(item), now(item).offered) == ((7, 0, 5), 0)


def test_the_numbers_of_a_linked_item_are_not_changed_by_hand(shop: Shop) -> None:
    shop.buy(30)
    linked = make_linked(shop)
    for attempt in (
        lambda: items.adjust(shop.actor, linked, 1, "Found"),
        lambda: items.set_quantity(shop.actor, linked, 31),
        lambda: items.edit(shop.actor, linked, quantity_available=31),
        lambda: items.reserve(shop.actor, linked, 1, "For Ada"),
        lambda: items.sold(shop.actor, linked, 1, source="order", correlation=FACT),
        lambda: items.restocked(shop.actor, linked, 1, source="order", correlation=FACT),
    ):
        with pytest.raises(FollowsStock, match="follows the stock of a product"):
            attempt()
    # Saying what is so anyway, as a form does, changes nothing.
    assert items.edit(shop.actor, linked, quantity_available=30, price="3").price == 3


def test_more_than_can_be_stored_is_never_reserved(shop: Shop, item: Item) -> None:
    most = 2**31 - 1
    items.set_quantity(shop.actor, item, most)
    items.reserve(shop.actor, item, most, "For Ada")
    items.set_quantity(shop.actor, item, 1)
    with pytest.raises(ValidationError, match="At most 2,147,483,647 pieces can be reserved"):
        items.reserve(shop.actor, item, 1, "For Ben")
    assert pieces(item) == (1, most, 0)
