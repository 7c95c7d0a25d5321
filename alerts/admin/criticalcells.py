"""What stands in the cells of the list of critical items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from alerts.trend import Direction
from inventory.ledgerwords import number, page_of
from inventory.marks import Mark
from inventory.models import Supply, SupplyLevel, SupplyState
from inventory.wording import NOTHING

STATES = {
    SupplyState.OUT.value: Mark("Out of stock", "danger", "remove_shopping_cart"),
    SupplyState.BELOW.value: Mark("Below reorder point", "warning", "south"),
    SupplyState.SOON.value: Mark("About to run out", "warning", "hourglass_bottom"),
    SupplyState.FINE.value: Mark("Fine", "success", "check"),
}
OVERSTOCKED = Mark("Overstocked", "info", "stacks")
LOW = Mark("Low", "", "trending_down")
TRENDS = {Direction.RISING: "trending_up", Direction.FALLING: "trending_down"}
STALE = timedelta(hours=6)


def cell(description: str) -> Callable[[Callable[[Any, Any], SafeString | str]], Callable[[Any, Any], SafeString]]:
    """A column whose cells are one block, which narrow windows show beside its name, however much there is in it."""

    def made(show: Callable[[Any, Any], SafeString | str]) -> Callable[[Any, Any], SafeString]:
        @wraps(show)
        def whole(self: Any, row: Any) -> SafeString:
            return format_html('<div class="ls-cell">{}</div>', show(self, row))

        shown: Callable[[Any, Any], SafeString] = admin.display(description=description)(whole)
        return shown

    return made


def days_of(row: Supply) -> str:
    """How long it lasts, in words."""
    if row.available <= 0:
        return "0 days"
    if row.days_left is None:
        return NOTHING
    if row.days_left < 10:
        return f"{row.days_left.normalize():f} days" if row.days_left != 1 else "1 day"
    return f"{int(row.days_left):,} days"


def is_critical_besides(row: Supply) -> bool:
    """Whether something that is below its reorder point runs out within the critical days, too."""
    return row.state == SupplyState.BELOW and row.level == SupplyLevel.CRITICAL


def argument(forecast: Any) -> SafeString:
    steps = format_html_join(
        "", "<dt>{}: {}</dt><dd>{}</dd>", ((step["name"], step["value"], step["sum"]) for step in forecast.explanation)
    )
    return format_html('<details class="ls-argument"><summary>Why</summary><dl>{}</dl></details>', steps)


def maximum(row: Supply) -> SafeString:
    address = reverse("admin:inventory_supply_change", args=[row.pk])
    text = "no maximum" if row.maximum is None else f"maximum {number(row.maximum)}"
    return format_html('<a class="ls-link block whitespace-nowrap" href="{}">{}</a>', address, text)


def draft(forecast: Any) -> SafeString | str:
    if not forecast.draft:
        return ""
    address = page_of("inventory_purchaseorder_change", forecast.draft_id)
    mark = Mark(f"on {forecast.draft}", "info", "list_alt")
    return format_html('<a class="block whitespace-nowrap" href="{}">{}</a>', address, mark) if address else mark.__html__()


def when(on: date, today: date) -> str:
    return "today" if on <= today else "tomorrow" if on == today + timedelta(days=1) else f"by {on:%Y-%m-%d}"


def days(number_of: int) -> str:
    return "1 day" if number_of == 1 else f"{number_of} days"


def age(at: datetime, now: datetime) -> str:
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days ago"
