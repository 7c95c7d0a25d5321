"""What is about to expire, how urgent that is, and what it is about in money (docs/ledger.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models import TextChoices as Choices

from inventory.issued import SOLD, issued, split
from inventory.models import COUNTED, Batch

CENT = Decimal("0.01")
DAY = timedelta(days=1)


class Urgency(Choices):
    """How soon a batch expires."""

    CRITICAL = "critical", "Within 7 days"
    HIGH = "high", "Within 14 days"
    MEDIUM = "medium", "Within 30 days"


WITHIN = {Urgency.CRITICAL: 7 * DAY, Urgency.HIGH: 14 * DAY, Urgency.MEDIUM: 30 * DAY}


@dataclass(frozen=True)
class Expiring:
    """A batch of which something remains that expires soon.

    `value` is what the rest cost and `revenue` what it would bring at the product's price; None where cost or price is unknown, or the
    price is for another unit kind than the batch's. `percent_sold` is of all that came in.
    """

    batch: Batch
    urgency: Urgency
    days_left: int
    value: Decimal | None
    revenue: Decimal | None
    percent_sold: Decimal


@dataclass
class Totals:
    """Of so many batches. `uncosted` and `unpriced` are how many of them are missing in `value` and in `revenue`."""

    batches: int = 0
    value: Decimal = Decimal(0)
    revenue: Decimal = Decimal(0)
    uncosted: int = 0
    unpriced: int = 0

    def add(self, batches: int, left: Decimal, cost: Decimal | None, price: Decimal | None) -> None:
        self.batches += batches
        self.value += left * (cost or 0)
        self.revenue += left * (price or 0)
        self.uncosted += batches if cost is None else 0
        self.unpriced += batches if price is None else 0


def soon(batches: QuerySet[Batch], now: datetime) -> QuerySet[Batch]:
    """Those of which something remains that expires within 30 days, but has not yet."""
    return batches.filter(COUNTED, expires_at__gt=now, expires_at__lte=now + WITHIN[Urgency.MEDIUM])


def urgent(batches: QuerySet[Batch], urgency: Urgency, now: datetime) -> QuerySet[Batch]:
    """Those of `soon` that are as urgent as this, no more and no less."""
    sooner = max((span for span in WITHIN.values() if span < WITHIN[urgency]), default=timedelta())
    return soon(batches, now).filter(expires_at__gt=now + sooner, expires_at__lte=now + WITHIN[urgency])


def urgency_of(expires_at: datetime, now: datetime) -> Urgency:
    """How urgent an expiry within 30 days is."""
    return next((each for each, span in WITHIN.items() if expires_at <= now + span), Urgency.MEDIUM)


def figures(batches: Iterable[Batch], now: datetime) -> list[Expiring]:
    """These batches of `soon`, which have their products with them, with what is to be known of each. One statement at most."""
    found = list(batches)
    out = issued(found)
    return [_figures(batch, dict(split(batch.sold, out.get(batch.pk, {}))).get(SOLD, Decimal(0)), now) for batch in found]


def summary(batches: QuerySet[Batch], now: datetime) -> dict[Urgency, Totals]:
    """Of those of `batches` that expire soon, by urgency. One statement."""
    urgency = Case(*(When(expires_at__lte=now + span, then=Value(each.value)) for each, span in WITHIN.items()))
    price = Case(When(Q(product__unit_kind=F("unit_kind")), then=F("product__sale_price")))
    # Grouped by what one costs and brings: no database multiplies quantities and money exactly.
    groups = soon(batches, now).order_by().annotate(urgency=urgency, price=price).values("urgency", "unit_cost", "price")
    found = {each: Totals() for each in WITHIN}
    for group in groups.annotate(number=Count("pk"), left=Sum("remaining")):
        found[Urgency(group["urgency"])].add(group["number"], group["left"], group["unit_cost"], group["price"])
    return found


def total(by_urgency: Iterable[Totals]) -> Totals:
    """All of them together."""
    together = Totals()
    for each in by_urgency:
        for name in vars(together):
            setattr(together, name, getattr(together, name) + getattr(each, name))
    return together


def _figures(batch: Batch, sold: Decimal, now: datetime) -> Expiring:
    assert batch.expires_at is not None
    product, came_in = batch.product, batch.received + batch.gained
    price = product.sale_price if product.unit_kind == batch.unit_kind else None
    return Expiring(
        batch=batch,
        urgency=urgency_of(batch.expires_at, now),
        days_left=math.ceil((batch.expires_at - now) / DAY),
        value=None if batch.unit_cost is None else (batch.remaining * batch.unit_cost).quantize(CENT),
        revenue=None if price is None else (batch.remaining * price).quantize(CENT),
        percent_sold=(100 * sold / came_in).quantize(Decimal("0.1")) if came_in else Decimal(0),
    )
