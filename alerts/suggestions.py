"""What is to be bought next, and how it becomes draft orders (docs/forecast.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.acting import Actor
from accounts.models import Account
from alerts.errors import NothingToOrder
from alerts.forecastsettings import settings_of
from alerts.models import Forecast
from inventory import moment, purchasing
from inventory.models import OrderState, Product, PurchaseOrderLine, Vendor, Warehouse
from inventory.purchasing import Drafted, OrderedLine

MOST = 2_000
"""Products that are put on drafts at once."""
SHOWN = 10
DRAFTED = PurchaseOrderLine.objects.filter(product=OuterRef("product"), order__state=OrderState.DRAFT)
"""Lines of drafts with the product of a forecast."""


def today_of(account: Account) -> date:
    """The account's day."""
    return moment.now().astimezone(ZoneInfo(account.time_zone)).date()


def suggest(account: Account, *, vendor: Vendor | None = None, ahead_days: int | None = None) -> QuerySet[Forecast]:
    """Forecasts of what is to be ordered until so many days from today (None: as the settings say), what is most urgent first.

    `draft` is the number of the draft that has the product already, or None. With product, vendor and warehouse, in one query.
    """
    days = settings_of(account).ahead_days if ahead_days is None else ahead_days
    rows = with_drafts(Forecast.objects.filter(due(account, days), account=account))
    if vendor is not None:
        rows = rows.filter(product__vendor=vendor)
    return rows.select_related("product__vendor", "warehouse").order_by("reorder_on", "product")


def open_suggestions(account: Account, *, vendor: Vendor | None = None, ahead_days: int | None = None) -> QuerySet[Forecast]:
    """Those that are on no draft yet."""
    return suggest(account, vendor=vendor, ahead_days=ahead_days).exclude(Exists(DRAFTED))


def with_drafts(rows: QuerySet[Forecast]) -> QuerySet[Forecast]:
    """The same, each with the number and the id of the draft that its product is on."""
    newest = DRAFTED.order_by("-order")
    return rows.annotate(draft=Subquery(newest.values("order__number")[:1]), draft_id=Subquery(newest.values("order")[:1]))


@dataclass(frozen=True)
class Suggested:
    """The drafts that lines were put on, and sentences about what was left out."""

    drafts: tuple[Drafted, ...]
    left_out: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        lines = sum(len(draft.added) for draft in self.drafts)
        numbers = ", ".join(str(draft.order) for draft in self.drafts[:SHOWN])
        more = f" and {len(self.drafts) - SHOWN:,} more" if len(self.drafts) > SHOWN else ""
        return f"{lines:,} {'product is' if lines == 1 else 'products are'} now on {numbers}{more}."


def draft_orders(actor: Actor, products: Collection[int], *, warehouse: Warehouse | None = None) -> Suggested:
    """Put these products, by id, on drafts: one draft for each vendor and warehouse, with the quantity that is suggested and its sum.

    To `warehouse`, or to where each sells most. What is on a draft already stays as it is. All of it is done or nothing. What has no
    quantity, vendor or warehouse is left out with a sentence. Raises NotAllowed, NothingToOrder where nothing is left, ValidationError for
    products that are not the account's and for what a draft refuses, DoesNotExist for such a warehouse. As many statements for every draft.
    """
    actor.require("purchase_order.add")
    if len(products) > MOST:
        raise NothingToOrder(f"Choose at most {MOST:,} products at once, not {len(products):,}.")
    wrong = sorted(set(products) - set(Product.objects.filter(account=actor.account, pk__in=list(products)).values_list("pk", flat=True)))
    if wrong:
        raise ValidationError({"products": f"There is no product {', '.join(map(str, wrong[:SHOWN]))} in this business account."})
    place = None if warehouse is None else Warehouse.objects.get(pk=warehouse.pk, account=actor.account)
    rows = Forecast.objects.filter(account=actor.account, product__in=list(products)).select_related("product__vendor", "warehouse")
    wanted, left_out = _sorted(rows.order_by("product__sku_key", "product"), place)
    missing = len(set(products)) - sum(map(len, wanted.values())) - len(left_out)
    if missing:
        left_out.append(f"{missing:,} of the products {'has' if missing == 1 else 'have'} no forecast.")
    if not wanted:
        raise NothingToOrder("Nothing to order. " + " ".join(left_out[:SHOWN]))
    with transaction.atomic():
        drafts = [
            purchasing.draft(actor, vendor, to, [_line(row) for row in group])
            for (vendor, to), group in sorted(wanted.items(), key=lambda each: (each[0][0].name_key, each[0][1].pk))
        ]
    return Suggested(tuple(drafts), (*left_out, *(warning for draft in drafts for warning in draft.warnings)))


def _sorted(rows: Iterable[Forecast], place: Warehouse | None) -> tuple[dict[tuple[Vendor, Warehouse], list[Forecast]], list[str]]:
    """By vendor and warehouse, and why the others are left out."""
    wanted: dict[tuple[Vendor, Warehouse], list[Forecast]] = {}
    left_out = []
    for row in rows:
        vendor, to = row.product.vendor, place or row.warehouse
        if not row.quantity:
            left_out.append(f"{row.product.sku}: nothing is to be ordered of it.")
        elif vendor is None:
            left_out.append(f"{row.product.sku} has no vendor. Say on its page whom it is bought from.")
        elif to is None:
            left_out.append(f"{row.product.sku} is in no warehouse. Choose the one that it is bought for.")
        else:
            wanted.setdefault((vendor, to), []).append(row)
    return wanted, left_out


def _line(row: Forecast) -> OrderedLine:
    return OrderedLine(row.product, row.quantity, basis=basis_of(row))


def basis_of(row: Forecast) -> dict[str, Any]:
    """What a suggested quantity is argued with, as an order keeps it."""
    told = {"from": "forecast", "quantity": str(row.quantity), "basis": row.get_basis_display(), "steps": row.explanation}
    return told if row.reorder_on is None else {**told, "order_on": row.reorder_on.isoformat()}


def due(account: Account, ahead_days: int) -> Q:
    """Forecasts of what is to be ordered until so many days from today."""
    return Q(reorder_on__lte=today_of(account) + timedelta(days=ahead_days), quantity__gt=0)
