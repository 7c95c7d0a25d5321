"""For what goods of batches went out: sold, thrown away, used up, sent elsewhere (docs/ledger.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from django.db.models import F, Sum

from inventory.models import Allocation, Batch, IssuePurpose, Product, Sale, SaleStatus, Warehouse
from inventory.quantity import QuantityField

SOLD = "Sold"
WORDS = {str(purpose): SOLD if purpose == IssuePurpose.SALE else str(purpose.label) for purpose in IssuePurpose}
"""What becomes of goods, by purpose."""

ByPurpose = Mapping[str, Decimal]


def issued(batches: Collection[Batch]) -> dict[int, ByPurpose]:
    """How much of each of these batches is out for which purpose; of nothing else than sales where only these took. One statement."""
    taken = [batch.pk for batch in batches if batch.sold]
    if not taken:
        return {}
    rows = Allocation.objects.filter(batch__in=taken).order_by().values_list("batch", "sale__purpose")
    found: dict[int, dict[str, Decimal]] = {}
    for batch, purpose, out in rows.annotate(out=Sum(F("quantity") - F("released"), output_field=QuantityField())):
        if out:
            found.setdefault(batch, {})[purpose] = out
    return dict(found)


def issued_of(product: Product, warehouse: Warehouse | None = None) -> dict[tuple[int, str], ByPurpose]:
    """How much of a product is out for other purposes than sales, by warehouse and unit kind. One statement."""
    rows = Sale.objects.filter(account=product.account_id, product=product, status=SaleStatus.BOOKED).exclude(purpose=IssuePurpose.SALE)
    if warehouse is not None:
        rows = rows.filter(warehouse=warehouse)
    found: dict[tuple[int, str], dict[str, Decimal]] = {}
    grouped = rows.order_by().values_list("warehouse", "unit_kind", "purpose")
    held = F("quantity") - F("returned") - F("shortfall")
    for place, kind, purpose, out in grouped.annotate(out=Sum(held, output_field=QuantityField())):
        if out:
            found.setdefault((place, kind), {})[purpose] = out
    return dict(found)


def split(sold: Decimal, by_purpose: ByPurpose) -> list[tuple[str, Decimal]]:
    """What the column “sold” of a batch holds, by purpose, sales first: each in words, with how much it is."""
    others = [(WORDS[str(purpose)], by_purpose[purpose]) for purpose in IssuePurpose.values[1:] if by_purpose.get(purpose)]
    sales = sold - sum((quantity for _, quantity in others), Decimal(0))
    return [*([(SOLD, sales)] if sales else []), *others]
