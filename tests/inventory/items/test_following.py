"""A linked item says what its stock offers, from the moment in which the stock changes."""

from __future__ import annotations

import pytest

from inventory import ledger
from inventory.models import Movement
from tests.inventory.items.build import available, heard, last, make_linked, now
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_sale_in_the_ledger_lowers_the_linked_item(shop: Shop) -> None:
    shop.buy(30)
    # 30 packs, of which 2 are kept back; a piece is 4 packs: 28 / 4 = 7.
    item = make_linked(shop, pack=4, buffer=2)
    assert item.quantity_available == 7
    with heard() as news:
        sale = shop.sell(9)
    # 21 - 2 = 19, and 19 / 4 is 4 whole pieces.
    assert available(item) == 4
    change, movement = last(item), Movement.objects.filter(kind="sale").get()
    assert (change.kind, change.delta_available, change.cause) == ("level", -3, "sale_creation")
    assert change.correlation == movement.correlation
    assert news == [{"account": shop.account.pk, "items": [item.pk], "cause": "sale_creation", "correlation": movement.correlation}]
    ledger.cancel_sale(shop.actor, sale)
    assert available(item) == 7
    assert last(item).delta_available == 3


def test_a_level_that_changes_nothing_of_the_offer_leaves_no_trace(shop: Shop) -> None:
    shop.buy(30)
    item = make_linked(shop, pack=4)
    before, version = item.history.count(), now(item).version
    with heard() as news:
        shop.sell(2)
    # 28 / 4 is 7, as 30 / 4 was.
    assert (available(item), item.history.count(), now(item).version, news) == (7, before, version, [])
