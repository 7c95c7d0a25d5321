"""A shop with a ledger, in plain lines."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.acting import Actor
from accounts.models import Account
from inventory import ledger
from inventory.keys import model_key, sku_key
from inventory.ledger.counters import Counters
from inventory.models import Batch, Level, Product, Purchase, Sale, StockSettings, Warehouse, WarehouseMode
from tests.build import make_account, make_actor


def make_place(account: Account, code: str = "MAIN") -> Warehouse:
    """A warehouse with a ledger that has been open for long."""
    opened = timezone.now() - timedelta(days=1000)
    return Warehouse.objects.create(account=account, name=f"Shop {code}", code=code, mode=WarehouseMode.LEDGER, opened_at=opened)


def make_product(account: Account, sku: str = "QTX-TEA", **values: Any) -> Product:
    given = {"name": "Tea", "unit_kind": "packs", **values}
    return Product.objects.create(account=account, sku=sku, sku_key=sku_key(sku), model_key=model_key(sku), **given)


class Shop:
    """One product in one warehouse, and somebody who may do everything."""

    def __init__(self, account: Account | None = None, **product: Any) -> None:
        self.account = account or make_account()
        self.actor: Actor = make_actor(self.account)
        self.place = make_place(self.account)
        self.tea = make_product(self.account, **product)

    def buy(self, quantity: Any, kind: str = "packs", *, cost: Any = "2.50", **given: Any) -> Purchase:
        return self.receive(quantity, kind, cost=cost, **given).purchase

    def receive(self, quantity: Any, kind: str = "packs", *, cost: Any = "2.50", **given: Any) -> ledger.Received:
        values = {"product": self.tea, "warehouse": self.place, "unit_cost": cost, **given}
        return ledger.receive(self.actor, unit_kind=kind, quantity=quantity, **values)

    def sell(self, quantity: Any, kind: str = "packs", **given: Any) -> Sale:
        return self.sold(quantity, kind, **given).sale

    def sold(self, quantity: Any, kind: str = "packs", **given: Any) -> ledger.Sold:
        values = {"product": self.tea, "warehouse": self.place, **given}
        return ledger.sell(self.actor, unit_kind=kind, quantity=quantity, **values)

    def level(self, product: Product | None = None, place: Warehouse | None = None) -> Counters:
        row = Level.objects.filter(product=product or self.tea, warehouse=place or self.place).first()
        return Counters(row.pallets, row.packs, row.units) if row else Counters()

    @property
    def packs(self) -> Decimal:
        return self.level().packs

    def allow(self, **settings: Any) -> None:
        StockSettings.objects.update_or_create(account=self.account, defaults=settings)


def batch_of(purchase: Purchase) -> Batch:
    return Batch.objects.get(pk=purchase.batch_id)


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def let_expire(*purchases: Purchase) -> None:
    """The expiry of these batches has just passed, and nothing has noticed yet."""
    Batch.objects.filter(purchase__in=purchases).update(expires_at=timezone.now() - timedelta(seconds=1))
