"""Pallets and packs that are opened."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import AuditLog
from inventory import ledger
from inventory.errors import InsufficientStock, NoBatches, NotOpenable
from inventory.models import Batch, BatchOrigin
from tests.inventory.ledger.build import Shop, batch_of, in_days

pytestmark = pytest.mark.django_db


def open_(shop: Shop, quantity: object, kind: str = "pallets") -> tuple[ledger.Opened, ...]:
    return ledger.open_packs(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind=kind, quantity=quantity)


def test_opened_packs_keep_lot_expiry_and_their_share_of_the_cost() -> None:
    shop = Shop(packs_per_pallet=40)
    bought = shop.buy(2, "pallets", cost=100, lot="L1", expires_at=in_days(90))
    (opened,) = open_(shop, 1)
    pallet, packs = batch_of(bought), Batch.objects.get(pk=opened.into.pk)
    assert (pallet.broken, pallet.remaining) == (1, 1)
    assert (packs.received, packs.remaining, packs.origin, packs.parent_id) == (40, 40, BatchOrigin.OPENED, pallet.pk)
    assert (packs.lot, packs.expires_at, packs.unit_cost, packs.received_at) == (
        "L1",
        pallet.expires_at,
        Decimal("2.5"),
        pallet.received_at,
    )
    assert shop.level() == (1, 40, 0)
    assert AuditLog.objects.get(action="OPEN").cause == "unit_break"


def test_first_to_expire_is_opened_first() -> None:
    shop = Shop(packs_per_pallet=10)
    shop.buy(1, "pallets")
    early = shop.buy(1, "pallets", expires_at=in_days(90))
    (opened,) = open_(shop, 1)
    assert opened.batch.pk == early.batch_id


def test_unknown_packing_is_not_opened() -> None:
    shop = Shop()
    shop.buy(1, "pallets")
    with pytest.raises(NotOpenable):
        open_(shop, 1)
    assert shop.level() == (1, 0, 0)


def test_more_than_there_are_opens_none() -> None:
    shop = Shop(packs_per_pallet=10)
    shop.buy(2, "pallets")
    with pytest.raises(NotOpenable):
        open_(shop, 3)
    assert shop.level() == (2, 0, 0)


def test_units_are_not_opened() -> None:
    shop = Shop()
    with pytest.raises(NotOpenable):
        open_(shop, 1, "units")


class TestSale:
    def shop(self) -> Shop:
        shop = Shop(packs_per_pallet=4, units_per_pack=6)
        shop.allow(open_pallets=True)
        return shop

    def test_units_come_from_packs_and_these_from_pallets(self) -> None:
        shop = self.shop()
        shop.buy(1, "pallets", cost=24)
        shop.buy(1, "packs", cost=6)
        sold = shop.sold(13, "units")
        # One pack gives 6, two more of the pallet's four give 12: 5 units are left.
        assert shop.level() == (0, 2, 5)
        assert [(each.quantity, each.pieces) for each in sold.opened] == [(1, 6), (1, 4), (2, 12)]
        assert sold.sale.cost == 13

    def test_loose_ones_go_first(self) -> None:
        shop = self.shop()
        shop.buy(1, "packs", cost=6)
        shop.buy(2, "units", cost=1)
        assert shop.sold(2, "units").opened == ()
        assert shop.level() == (0, 1, 0)

    def test_what_all_pallets_together_don_t_hold_is_refused_and_none_is_opened(self) -> None:
        shop = self.shop()
        shop.buy(1, "pallets")
        with pytest.raises(InsufficientStock) as refused:
            shop.sell(25, "units")
        assert refused.value.details == {"available": 24, "asked": 25, "unit_kind": "units"}
        assert shop.level() == (1, 0, 0)

    def test_pallets_are_never_made_of_packs(self) -> None:
        shop = self.shop()
        shop.buy(8, "packs")
        with pytest.raises(NoBatches):
            shop.sell(1, "pallets")

    def test_opened_pallet_stays_open_when_the_sale_is_cancelled(self) -> None:
        shop = self.shop()
        shop.buy(1, "pallets")
        ledger.cancel_sale(shop.actor, shop.sell(1))
        assert shop.level() == (0, 4, 0)
