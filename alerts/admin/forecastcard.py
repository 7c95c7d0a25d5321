"""What a product's page says of its demand: the forecast with every sum, and the picture of what was sold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from accounts.workplace import acting, may
from alerts import suggestions
from alerts.demandchart import DemandChart, draw
from alerts.forecast import Basis
from alerts.forecastreading import ground, pages, past_of
from alerts.forecastsettings import settings_of
from alerts.models import Forecast
from inventory import moment
from inventory.admin.productcards import ProductCard, shown_by
from inventory.ledgerwords import amount, number
from inventory.marks import Mark
from inventory.models import Product
from inventory.quantity import from_thousandths

PERIODS = ((90, "90 days, by day"), (182, "Half a year, by week"))
PARAMETER = "demand"
BASES = {
    Basis.VELOCITY: Mark("Based on sales", "success", "trending_up"),
    Basis.INTERMITTENT: Mark("Based on sales now and then", "success", "grain"),
    Basis.STOPPED: Mark("No longer sold", "warning", "trending_down"),
    Basis.NO_SALES: Mark("Nothing was sold", "warning", "bedtime"),
    Basis.REORDER_POINT: Mark("An estimate, not based on sales", "warning", "info"),
    Basis.UNKNOWN: Mark("Not known yet", "", "help"),
}


@dataclass(frozen=True)
class Card:
    """`forecast` is None where nothing is there, known or wanted. `order` says in one line what to order when."""

    product: Product
    forecast: Any
    mark: Mark | None
    order: str
    due: bool
    chart: DemandChart | None
    periods: tuple[tuple[str, str, bool], ...]
    may_draft: bool


def card(request: HttpRequest, product: Product) -> Card | None:
    """For the template; None for who may not see forecasts. A constant number of statements."""
    if not may(request, "forecast.view"):
        return None
    account = acting(request).account
    row = suggestions.with_drafts(Forecast.objects.filter(account=account, product=product)).select_related("product", "warehouse").first()
    days = next((days for days, _ in PERIODS if request.GET.get(PARAMETER) == str(days)), PERIODS[0][0])
    periods = tuple((label, _address(request, each), each == days) for each, label in PERIODS)
    if row is None:
        return Card(product, None, None, "", False, None, periods, False)
    today = suggestions.today_of(account)
    due = row.reorder_on is not None and row.reorder_on <= today
    allowed = may(request, "purchase_order.add") and row.quantity > 0
    return Card(product, row, BASES[Basis(row.basis)], _order(row, today), due, _chart(request, product, row, days), periods, allowed)


@shown_by
def product_card(request: HttpRequest, product: Product) -> ProductCard | None:
    """On the page that says how much there is of the product and why."""
    shown = card(request, product)
    return None if shown is None else ProductCard("admin/alerts/forecast_card.html", shown, place=20)


def _address(request: HttpRequest, days: int) -> str:
    given = request.GET.copy()
    given[PARAMETER] = str(days)
    return f"?{given.urlencode()}#forecast"


def _order(row: Forecast, today: date) -> str:
    if row.reorder_on is None or not row.quantity:
        return "Nothing has to be ordered."
    wanted = amount(row.quantity, row.product.unit_kind)
    if row.reorder_on <= today:
        return f"Order {wanted} today."
    days = (row.reorder_on - today).days
    return f"Order {wanted} in {days:,} {'day' if days == 1 else 'days'}, on {row.reorder_on}."


def _chart(request: HttpRequest, product: Product, row: Forecast, days: int) -> DemandChart | None:
    account = acting(request).account
    settings = settings_of(account)
    settings.history_days = max(settings.history_days, days)
    read = ground(account, settings, moment.now())
    known = next(iter(pages(read, 1, [product.pk])), {}).get(product.pk)
    if known is None:
        return None
    sold: dict[date, Decimal] = {}
    for by_day in known.sold.values():
        for day, thousandths in by_day.items():
            sold[day] = sold.get(day, Decimal(0)) + from_thousandths(thousandths)
    past = past_of(read, known)
    first = read.today.toordinal() - len(past.days)
    out = [date.fromordinal(first + place) for place, amount in enumerate(past.days) if amount is None]
    return draw(sold, out, read.today, row.daily, days=days)


def told(row: Forecast) -> str:
    """The demand a day, in a list."""
    return "unknown" if row.daily is None else f"{number(row.daily)} a day"
