"""A product with a forecast, for tests that go through all addresses."""

from __future__ import annotations

from datetime import date

from accounts.models import Account
from alerts.models import Forecast
from inventory.models import Product
from tests.api.build import NOON

MARK = "QTX-FORECAST-555"


def make_forecast_rows(account: Account) -> Product:
    """Something that had to be bought long ago."""
    product = Product.objects.create(account=account, sku=MARK, sku_key=MARK)
    Forecast.objects.create(
        account=account,
        product=product,
        basis="velocity",
        daily=1,
        lead_days=7,
        lead_from="settings",
        days_left=0,
        reorder_on=date(2026, 2, 3),
        quantity=45,
        explanation=[{"name": "Quantity", "value": "45 units", "sum": MARK}],
        changed_at=NOON,
    )
    return product
