"""How far a load is on its way, told from the words the dealer system gives it."""

from __future__ import annotations

from django.db.models import Case, CharField, Q, TextChoices, Value, When


class LoadStep(TextChoices):
    """The steps in their order."""

    FOR_SALE = "for_sale", "For sale"
    SOLD = "sold", "Sold"
    PICKED = "picked", "Picked"
    DELIVERED = "delivered", "Delivered"


NOT_REPORTED = "not_reported"
OTHER = "other"
DELIVERED = Q(order_status__iexact="Delivered")
"""Loads that have left the building, whatever else is said of them."""


def load_state() -> Case:
    """The one state that a load is listed under, as an expression: its step, or "not_reported" when the lists left it out before it was
    delivered, or "other".

    The order's status speaks before the sale's. "Shipped" means sold: despite the word, such a load is still on the floor.
    """
    delivered, *earlier = _steps()
    missing = When(not_reported_at__isnull=False, then=Value(NOT_REPORTED))
    return Case(delivered, missing, *earlier, default=Value(OTHER), output_field=CharField())


def _steps() -> list[When]:
    sold = Q(order_status__iexact="Shipped") | Q(sale_status__iexact="SOLD")
    return [
        When(DELIVERED, then=Value(LoadStep.DELIVERED.value)),
        When(order_status__iexact="Picked", then=Value(LoadStep.PICKED.value)),
        When(sold, then=Value(LoadStep.SOLD.value)),
        When(sale_status__iexact="FOR SALE", then=Value(LoadStep.FOR_SALE.value)),
    ]
