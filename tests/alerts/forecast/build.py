"""Products with sales, in plain lines. Days are counted back from today, in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Account
from inventory import supply
from inventory.models import Demand, Product, Supply, Vendor, Warehouse
from tests.inventory.stock import make_level, make_movement, make_product


def ago(days: int, hour: int = 12) -> datetime:
    return timezone.now().replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(days=days)


def make_vendor(account: Account, name: str = "Green Traders", **values: Any) -> Vendor:
    return Vendor.objects.create(account=account, name=name, name_key=name.upper(), **values)


def make_stocked(account: Account, place: Warehouse, sku: str, units: int, *, since: int = 200, **values: Any) -> Product:
    """A product of which so many units are there, known for so many days."""
    level = {name: values.pop(name) for name in ("reorder_point", "reorder_quantity", "on_order_units", "reserved_units") if name in values}
    product = make_product(account, sku, unit_kind="units", **values)
    make_level(product, place, units=units, **level)
    if units:
        make_movement(product, place, units, units, kind="snapshot", unit_kind="units", booked_at=ago(since))
    return product


def sell(product: Product, place: Warehouse, sold: dict[int, int]) -> None:
    """So many were shipped so many days ago."""
    Demand.objects.bulk_create(
        Demand(
            account_id=product.account_id,
            product=product,
            warehouse=place,
            day=ago(days).date(),
            quantity=quantity,
            source="finale:1",
            document=f"{product.sku} {days}",
            line=0,
        )
        for days, quantity in sold.items()
    )


def stand(account: Account) -> dict[str, Supply]:
    """Supply as it is now, by SKU."""
    supply.refresh(account.pk)
    return {row.product.sku: row for row in Supply.objects.filter(account=account).select_related("product")}
