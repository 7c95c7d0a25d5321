"""What has become of all batches of a product together, by warehouse and unit kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from inventory.ledger.columns import INCOMING, OUTGOING
from inventory.ledger.counters import ZERO
from inventory.models import COUNTED, Batch, Product, Warehouse

COLUMNS = (*INCOMING, *OUTGOING)


@dataclass(frozen=True)
class Total:
    """`columns` as in the batch equation, `remaining` of all, and `counted`, which is what remains of those that have not expired."""

    warehouse_id: int
    unit_kind: str
    columns: dict[str, Decimal]
    remaining: Decimal
    counted: Decimal

    @property
    def expired(self) -> Decimal:
        """What remains but does not count any more."""
        return self.remaining - self.counted


def totals(product: Product, now: datetime, warehouse: Warehouse | None = None, unit_kind: str = "") -> list[Total]:
    """A total for each warehouse and unit kind that has ever had a batch, as of `now`. One statement."""
    rows: QuerySet[Any] = Batch.objects.filter(account=product.account_id, product=product)
    if warehouse is not None:
        rows = rows.filter(warehouse=warehouse)
    if unit_kind:
        rows = rows.filter(unit_kind=unit_kind)
    sums = {f"all_{name}": Sum(name) for name in (*COLUMNS, "remaining")}
    counted = COUNTED & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    summed = rows.values("warehouse_id", "unit_kind").annotate(**sums, counted=Sum("remaining", filter=counted))
    return [
        Total(
            row["warehouse_id"],
            row["unit_kind"],
            {name: row[f"all_{name}"] for name in COLUMNS},
            row["all_remaining"],
            row["counted"] or ZERO,
        )
        for row in summed.order_by("warehouse_id", "unit_kind")
    ]
