"""Levels as they are shown: what has expired is not there any more, whether that has been booked yet or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from inventory import moment
from inventory.ledger.counters import Counters, Key
from inventory.ledger.locking import among
from inventory.models import COUNTED, Batch, Level, UnitKind
from inventory.quantity import QuantityField


@dataclass(frozen=True)
class Shown:
    """A level at a moment. `on_hand` leaves out `expired`, which has expired and is not booked yet; `available` leaves out `reserved` too,
    and can be negative."""

    level: Level
    on_hand: Counters
    expired: Counters
    reserved: Counters

    @property
    def available(self) -> Counters:
        return self.on_hand.less(self.reserved)

    @property
    def quarantine(self) -> str:
        """Why nothing is booked to it by hand; empty when it is sound."""
        return self.level.quarantine_reason if self.level.quarantined_at else ""


def present(levels: Iterable[Level], now: datetime | None = None) -> list[Shown]:
    """These levels as of `now` (default: this moment by the database's clock), in their order. Two statements whatever their number."""
    found = list(levels)
    expired = expired_unbooked((Key(level.product_id, level.warehouse_id) for level in found if level.ledger), now)
    return [_shown(level, expired.get(Key(level.product_id, level.warehouse_id), Counters())) for level in found]


def expired_unbooked(keys: Iterable[Key], now: datetime | None = None) -> dict[Key, Counters]:
    """What is still in the counters of these keys although it has expired; keys with nothing of that are left out."""
    wanted = set(keys)
    if not wanted:
        return {}
    rows = Batch.objects.filter(COUNTED, among(wanted), expires_at__lte=now or moment.now()).order_by()
    found: dict[Key, Counters] = {}
    for row in rows.values("product_id", "warehouse_id", "unit_kind").annotate(left=Sum("remaining")):
        key = Key(row["product_id"], row["warehouse_id"])
        found[key] = found.get(key, Counters()).moved(row["unit_kind"], row["left"])
    return found


def with_stock(levels: QuerySet[Level], now: datetime | None = None) -> QuerySet[Any]:
    """Levels with `stock_on_hand` and `stock_available`, both in the unit kind that the product is counted in, to filter and sort by."""
    expired = (
        Batch.objects.filter(
            COUNTED,
            product=OuterRef("product"),
            warehouse=OuterRef("warehouse"),
            unit_kind=OuterRef("product__unit_kind"),
            expires_at__lte=now or moment.now(),
        )
        .order_by()
        .values("product")
        .annotate(left=Sum("remaining"))
        .values("left")
    )
    none = Value(Decimal(0), output_field=QuantityField())
    gone = Case(When(ledger=True, then=Coalesce(Subquery(expired), none)), default=none, output_field=QuantityField())
    return levels.annotate(stock_on_hand=_less(_of_kind(""), gone)).annotate(
        stock_available=_less(F("stock_on_hand"), _of_kind("reserved_"))
    )


def out_of_stock(levels: QuerySet[Level], now: datetime | None = None) -> QuerySet[Any]:
    """Those of which nothing is available, of products in use."""
    now = now or moment.now()
    return with_stock(_perhaps(levels.filter(product__active=True), Value(0), now), now).filter(stock_available__lte=0)


def below_reorder_point(levels: QuerySet[Level], now: datetime | None = None) -> QuerySet[Any]:
    """Those at or below their reorder point but not out of stock, of products in use: a level is in one list only."""
    now = now or moment.now()
    low = _perhaps(levels.filter(product__active=True, reorder_point__isnull=False), F("reorder_point"), now)
    return with_stock(low, now).filter(stock_available__gt=0, stock_available__lte=F("reorder_point"))


def quarantined(levels: QuerySet[Level]) -> QuerySet[Level]:
    """Those whose batches contradict themselves."""
    return levels.filter(quarantined_at__isnull=False)


def _perhaps(levels: QuerySet[Level], most: F | Value, now: datetime) -> QuerySet[Any]:
    """Those that may have no more than `most`: the counter says so, or something of the product has expired. So that batches are summed for
    these only, however many levels there are."""
    expired = Batch.objects.filter(COUNTED, expires_at__lte=now).order_by().values("product")
    booked = levels.annotate(booked_available=_less(_of_kind(""), _of_kind("reserved_")))
    return booked.filter(Q(booked_available__lte=most) | Q(product__in=expired))


def _less(left: Case | F, right: Case) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(left - right, output_field=QuantityField())


def _of_kind(prefix: str) -> Case:
    """The counter of the product's own unit kind."""
    whens = [When(Q(product__unit_kind=kind), then=F(f"{prefix}{kind}")) for kind in UnitKind.values]
    return Case(*whens, output_field=QuantityField())


def _shown(level: Level, expired: Counters) -> Shown:
    stored = Counters(level.pallets, level.packs, level.units)
    reserved = Counters(level.reserved_pallets, level.reserved_packs, level.reserved_units)
    return Shown(level, stored.less(expired), expired, reserved)
