"""A small shop whose shelves are in every state, for the list of critical items."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Account
from alerts.models import Forecast
from inventory import supply
from inventory.models import Product, Vendor, Warehouse
from sync.models import Connection, FeedState
from tests.inventory.build import make_warehouse
from tests.inventory.stock import make_level, make_product


class Shop:
    """SOIL is out, POT below its reorder point, SEED about to run out, ROPE fine, LAMP too much; all in a mirror read two hours ago."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.vendor = Vendor.objects.create(account=account, name="Green Traders", name_key="GREEN TRADERS", lead_time_days=9)
        self.place: Warehouse = make_warehouse(account)
        self.soil, self.pot, self.seed, self.rope, self.lamp = (
            make_product(account, sku, unit_kind="units", vendor=self.vendor) for sku in ("SOIL", "POT", "SEED", "ROPE", "LAMP")
        )
        self.level(self.soil, 0, reorder_point=20, reorder_quantity=40)
        self.level(self.pot, 5, reorder_point=8, on_order_units=3)
        self.level(self.seed, 10, reserved_units=1)
        self.level(self.rope, 50)
        self.level(self.lamp, 900)
        supply.refresh(account.pk)
        daily = {self.soil: "4", self.pot: "0.2", self.seed: "3", self.rope: "1", self.lamp: "1"}
        supply.set_demand(account.pk, {product.pk: Decimal(value) for product, value in daily.items()})
        connection = Connection.objects.create(account=account, system="ge", name="GE", warehouse=self.place)
        at = timezone.now() - timedelta(hours=2, minutes=1)
        FeedState.objects.create(account=account, connection=connection, feed="stock:FG", rows=5, taken_at=at, valid_at=at)

    def level(self, product: Product, units: int, **values: Any) -> None:
        make_level(product, self.place, units=units, **values)

    def forecast(self, product: Product, quantity: int = 180, **values: Any) -> Forecast:
        given = {
            "basis": "velocity",
            "daily": Decimal(4),
            "trend": "rising",
            "trend_percent": 12,
            "lead_days": 9,
            "lead_from": "vendor",
            "reorder_on": date(2026, 1, 5),
            "quantity": Decimal(quantity),
            "explanation": [{"name": "Quantity", "value": f"{quantity} units", "sum": "45 days × 4 a day = 180."}],
            "changed_at": timezone.now(),
            "warehouse": self.place,
            **values,
        }
        return Forecast.objects.create(account=self.account, product=product, **given)
