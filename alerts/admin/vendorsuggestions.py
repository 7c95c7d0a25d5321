"""What a vendor's page says is to be ordered of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from accounts.workplace import acting, may
from alerts import suggestions
from alerts.forecastsettings import settings_of
from alerts.models import Forecast
from inventory.ledgerwords import amount, product_page
from inventory.models import Vendor
from inventory.wording import NOTHING

SHOWN = 100


@dataclass(frozen=True)
class Line:
    """One suggestion in words."""

    product: int
    name: str
    link: str
    available: str
    days_left: str
    order_on: str
    late: bool
    quantity: str
    place: str
    draft: str
    draft_id: int | None


@dataclass(frozen=True)
class Found:
    """The most urgent ones, how many more there are, and how many days ahead is looked. `open` counts those on no draft."""

    lines: tuple[Line, ...]
    more: int
    open: int
    ahead_days: int
    may_draft: bool


def suggestions_of(request: HttpRequest, vendor: Vendor) -> Found | None:
    """For the template; None for who may not see forecasts. Four statements."""
    if not may(request, "forecast.view"):
        return None
    account = acting(request).account
    days = settings_of(account).ahead_days
    rows = suggestions.suggest(account, vendor=vendor, ahead_days=days)
    today = suggestions.today_of(account)
    shown = list(rows[:SHOWN])
    number = rows.count() if len(shown) == SHOWN else len(shown)
    lines = tuple(line(row, today) for row in shown)
    return Found(lines, number - len(shown), sum(not each.draft for each in lines), days, may(request, "purchase_order.add"))


def line(row: Forecast, today: date) -> Line:
    """The row of suggest() in words."""
    late = row.reorder_on is not None and row.reorder_on <= today
    kind = row.product.unit_kind
    return Line(
        row.product_id,
        str(row.product),
        product_page(row.product),
        amount(row.available, kind),
        NOTHING if row.days_left is None else f"{row.days_left:,}",
        "today" if late else str(row.reorder_on),
        late,
        amount(row.quantity, kind),
        row.warehouse.name if row.warehouse else NOTHING,
        getattr(row, "draft", None) or "",
        getattr(row, "draft_id", None),
    )
