"""What is promised in a mirror warehouse is not offered a second time."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from inventory import items
from inventory.ledger.counters import Counters, Key
from inventory.mirror import Snapshot, set_levels
from inventory.models import Hold, Item, Warehouse
from tests.inventory.build import make_warehouse
from tests.inventory.items.build import available, last
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def mirror(shop: Shop) -> Warehouse:
    return make_warehouse(shop.account)


@pytest.fixture
def item(shop: Shop, mirror: Warehouse) -> Item:
    """Offers the twenty packs that the mirror has."""
    _shows(shop, mirror, 20)
    return items.link(shop.actor, items.add(shop.actor, part_number="3001"), shop.tea, [mirror])


def test_a_hold_is_offered_no_more_until_it_is_released(shop: Shop, mirror: Warehouse, item: Item) -> None:
    fact = uuid.uuid4()
    for _ in range(2):
        held = items.hold(shop.actor, shop.tea, mirror, 3, unit_kind="packs", source_key="order 7", correlation=fact)
    assert (available(item), held.quantity, Hold.objects.count()) == (17, 3, 1)
    assert (last(item).delta_available, last(item).cause, last(item).correlation) == (-3, "held", fact)
    # The order has grown.
    items.hold(shop.actor, shop.tea, mirror, Decimal(5), unit_kind="packs", source_key="order 7", correlation=fact)
    assert available(item) == 15
    _shows(shop, mirror, 16)
    assert available(item) == 11
    assert items.release_hold(shop.actor, "order 7", "The warehouse shows it.", correlation=fact)
    assert (available(item), Hold.objects.get().released_because) == (16, "The warehouse shows it.")
    assert not items.release_hold(shop.actor, "order 7", "Again.", correlation=fact)
    # A released one is over, whatever is told of it.
    items.hold(shop.actor, shop.tea, mirror, 9, unit_kind="packs", source_key="order 7", correlation=fact)
    assert available(item) == 16


def test_a_hold_of_another_unit_kind_or_place_is_none_of_this_item(shop: Shop, mirror: Warehouse, item: Item) -> None:
    items.hold(shop.actor, shop.tea, mirror, 3, unit_kind="units", source_key="a", correlation=uuid.uuid4())
    items.hold(shop.actor, shop.tea, shop.place, 3, unit_kind="packs", source_key="b", correlation=uuid.uuid4())
    assert available(item) == 20


def test_nothing_can_not_be_held(shop: Shop, mirror: Warehouse) -> None:
    with pytest.raises(ValidationError, match="above zero, not 0"):
        items.hold(shop.actor, shop.tea, mirror, 0, source_key="order 7", correlation=uuid.uuid4())


def test_what_the_other_system_has_promised_is_not_offered_either(shop: Shop, mirror: Warehouse, item: Item) -> None:
    _shows(shop, mirror, 20, reserved=6)
    assert available(item) == 14


def _shows(shop: Shop, mirror: Warehouse, packs: int, reserved: int = 0) -> None:
    snapshot = Snapshot(Counters(packs=Decimal(packs)), Counters(packs=Decimal(reserved)))
    set_levels(shop.actor, {Key(shop.tea.pk, mirror.pk): snapshot})
