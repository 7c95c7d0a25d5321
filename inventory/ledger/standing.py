"""What is in a warehouse as counts see it: how much, and what one of it cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import BooleanField, Case, Q, Sum, Value, When

from inventory.ledger.counters import ZERO
from inventory.models import COUNTED, Batch, CountLine, Warehouse


class _Some(NamedTuple):
    """So much with the same lot, expiry and cost; `sellable` where it counts."""

    lot: str
    expires_on: date | None
    unit_cost: Decimal | None
    sellable: bool
    remaining: Decimal


@dataclass(frozen=True)
class Standing:
    """What there is of some products in one warehouse. Two statements, whatever their number."""

    stock: dict[tuple[int, str], list[_Some]]
    batches: dict[int, Batch]

    def known_of(self, line: CountLine) -> Decimal:
        """How much there is of what a line counts: of its batch or lot all that remains, expired or not, else all that counts."""
        if line.batch_id is not None:
            batch = self.batches.get(line.batch_id)
            return batch.remaining if batch is not None else ZERO
        return sum((each.remaining for each in self._meant(line)), ZERO)

    def cost_of(self, line: CountLine) -> Decimal | None:
        """What one of it cost on average, as far as that is known; of a lot that is not here, what one of the product and kind did."""
        if line.batch_id is not None and line.batch_id in self.batches:
            return self.batches[line.batch_id].unit_cost
        average = _average(self._meant(line))
        return average if average is not None else _average(each for each in self._of(line) if each.sellable)

    def _of(self, line: CountLine) -> list[_Some]:
        return self.stock.get((line.product_id, line.unit_kind), [])

    def _meant(self, line: CountLine) -> list[_Some]:
        return [
            each
            for each in self._of(line)
            if is_meant(line.lot, line.expires_on, lot=each.lot, expires_on=each.expires_on, sellable=each.sellable)
        ]


def is_meant(counted_lot: str, counted_expiry: date | None, *, lot: str, expires_on: date | None, sellable: bool) -> bool:
    """Whether a line that names this lot and expiry, or neither, counts a batch of that lot and expiry."""
    if not counted_lot and counted_expiry is None:
        return sellable
    return counted_lot in ("", lot) and counted_expiry in (None, expires_on)


def standing(warehouse: Warehouse, lines: Iterable[CountLine], now: datetime) -> Standing:
    """What there is at `now` of the products that are counted."""
    counted = list(lines)
    sellable = Case(
        When(COUNTED & (Q(expires_at__isnull=True) | Q(expires_at__gt=now)), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    rows = Batch.objects.filter(warehouse=warehouse, product__in={line.product_id for line in counted}, remaining__gt=0).order_by()
    alike = rows.annotate(sellable=sellable).values_list("product_id", "unit_kind", "lot", "expires_on", "unit_cost", "sellable")
    stock: dict[tuple[int, str], list[_Some]] = defaultdict(list)
    for product, kind, lot, expires_on, cost, counts, remaining in alike.annotate(left=Sum("remaining")):
        stock[product, kind].append(_Some(lot, expires_on, cost, bool(counts), Decimal(remaining)))
    named = {line.batch_id for line in counted if line.batch_id is not None}
    return Standing(dict(stock), Batch.objects.filter(warehouse=warehouse).in_bulk(named) if named else {})


def _average(stock: Iterable[_Some]) -> Decimal | None:
    known = [(each.remaining, each.unit_cost) for each in stock if each.unit_cost is not None]
    quantity = sum((remaining for remaining, _ in known), ZERO)
    return sum((remaining * cost for remaining, cost in known), ZERO) / quantity if quantity else None
