"""What a link waits for. Only PostgreSQL locks rows; SQLite lets one write after the other."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection

from inventory import items
from tests.inventory.items.build import available, make_item
from tests.inventory.ledger.build import Shop
from tests.inventory.reconcile.test_locks import elsewhere

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL locks rows"),
]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_link_waits_for_a_sale_that_is_under_way_and_knows_of_it_then(shop: Shop) -> None:
    shop.buy(30)
    item = make_item(shop)
    with elsewhere(lambda: shop.sell(9)) as end:
        _patience("200ms")
        with pytest.raises(OperationalError, match="lock timeout"):
            items.link(shop.actor, item, shop.tea, [shop.place])
        _patience("0")
        end()
        assert items.link(shop.actor, item, shop.tea, [shop.place]).quantity_available == 21


def test_a_sale_waits_for_an_item_that_is_being_changed_and_counts_it_then(shop: Shop) -> None:
    shop.buy(30)
    item = items.link(shop.actor, make_item(shop), shop.tea, [shop.place])
    with elsewhere(lambda: items.edit(shop.actor, item, buffer=10)) as end:
        waiting = threading.Thread(target=_sells, args=[shop])
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        end()
        waiting.join()
    # 30 - 9 sold - 10 kept back.
    assert available(item) == 11


def _patience(time: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", [time])


def _sells(shop: Shop) -> None:
    try:
        shop.sell(9)
    finally:
        connection.close()
