"""The whole way against the stand-in, which checks signatures with another library and bodies by BrickLink's rules."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.models import Item
from marketplaces.errors import LotNotThere
from marketplaces.lots import Wanted
from marketplaces.models import Shop
from marketplaces.provider import PROVIDERS
from sync import connections
from sync.systems import values_of
from sync.wire.caller import Spending
from tests.build import make_actor
from tests.marketplaces.build import StandIn, make_item

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOW = Spending()


def wanted(shop: Shop, item: Item) -> Wanted:
    found = PROVIDERS["bricklink"].wanted(item, shop, values_of(shop.connection))
    assert isinstance(found, Wanted), found
    return found


def test_a_lots_life_over_the_wire(bricklink: StandIn, bricklink_shop: Shop) -> None:
    shop, started = bricklink_shop, timezone.now()
    item = make_item(shop.account, location="A-12", notes="Tom's (best) & only", tiers=[[50, "0.110"]], cost=Decimal("0.05"))
    plan = wanted(shop, item)
    with PROVIDERS["bricklink"].open(shop) as remote:
        made = remote.create(plan, item.token, NOW)
        lot = remote.read(made.lot_id, NOW)
        assert lot is not None
        assert (lot.quantity, lot.identity, lot.token) == (12, plan.identity, item.token)
        assert {name: lot.fields[name] for name in plan.fields} == dict(plan.fields)
        assert [each.lot_id for each in remote.find(plan, item.token, started, NOW)] == [made.lot_id]
        assert [each.lot_id for each in remote.lots(NOW)] == [made.lot_id]

        changed = remote.update(made.lot_id, difference=-3, absolute=None, fields={"price": "0.140"}, present=lot.fields, spending=NOW)
        assert changed is not None
        assert (changed.quantity, changed.fields["price"], changed.fields["notes"]) == (9, "0.140", "Tom's (best) & only")

        order_id = bricklink.sell(made.lot_id, 2)
        (order,) = remote.orders(started - timedelta(minutes=1), NOW)
        assert (order.order_id, order.pieces) == (order_id, 2)
        (line,) = remote.order_lines(order_id, NOW)
        assert (line.lot_id, line.quantity, line.token) == (made.lot_id, 2, item.token)
        assert remote.store(NOW).currency == order.currency != ""

        remote.delete(made.lot_id, NOW)
        assert remote.read(made.lot_id, NOW) is None
        with pytest.raises(LotNotThere):
            remote.delete(made.lot_id, NOW)
    assert bricklink.lots() == []


def test_kept_lot_that_is_empty_stays_and_is_filled_again(bricklink: StandIn, bricklink_shop: Shop) -> None:
    shop = bricklink_shop
    connections.edit(make_actor(shop.account), shop.connection, settings={"zero_stock": "keep"})
    shop.connection.refresh_from_db()
    item = make_item(shop.account)
    with PROVIDERS["bricklink"].open(shop) as remote:
        made = remote.create(wanted(shop, item), item.token, NOW)
        listing = item.listings.get(shop=shop)
        for told, difference, quantity, hidden in ((12, -12, 0, True), (0, 4, 4, False)):
            listing.lot_id, listing.told_quantity = made.lot_id, told
            listing.save(update_fields=["lot_id", "told_quantity"])
            present = {"notes": "", "hidden": False}
            lot = remote.update(made.lot_id, difference=difference, absolute=None, fields={}, present=present, spending=NOW)
            assert lot is not None
            assert (lot.quantity, lot.fields["hidden"]) == (quantity, hidden)


def test_connection_to_the_stand_in_is_good(bricklink_shop: Shop) -> None:
    found = connections.test(make_actor(bricklink_shop.account), bricklink_shop.connection)
    assert found.sentence == "BrickLink answers and the login is good."
