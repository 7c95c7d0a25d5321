"""How much was bought with a purchase: what its batch received, without what customers brought back into it (docs/ledger.md)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from inventory.ledger.counters import ZERO
from inventory.models import Batch, Movement, MovementKind, Purchase
from inventory.quantity import QuantityField

_RETURNS = Movement.objects.filter(kind=MovementKind.RETURN).order_by()


def returned(batches: Collection[int]) -> dict[int, Decimal]:
    """What customers brought back into each of these batches; those without are left out. One query."""
    if not batches:
        return {}
    return dict(_RETURNS.filter(batch__in=batches).values_list("batch").annotate(Sum("batch_delta")))


def returned_to(batch: Batch) -> Decimal:
    """What customers brought back into this batch."""
    return returned([batch.pk]).get(batch.pk, ZERO)


def with_bought(purchases: QuerySet[Purchase]) -> QuerySet[Purchase]:
    """These purchases, each with its quantity as `bought`, in the query that reads them."""
    back = _RETURNS.filter(batch=OuterRef("batch")).values("batch").annotate(back=Sum("batch_delta")).values("back")
    came_back = Coalesce(Subquery(back), Value(ZERO, output_field=QuantityField()), output_field=QuantityField())
    # Django takes the difference of two quantities for an integer.
    return purchases.annotate(bought=ExpressionWrapper(F("batch__received") - came_back, output_field=QuantityField()))
