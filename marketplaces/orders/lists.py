"""What of a business account's orders waits for a person."""

from __future__ import annotations

from django.db.models import QuerySet

from marketplaces.models import LineBooking, Order, OrderLine, OrderPhase, Restock


def unmatched(account_id: int) -> QuerySet[OrderLine]:
    """Lines of which nobody knows which item was sold, of orders that were not cancelled."""
    lines = OrderLine.objects.filter(account=account_id, booking=LineBooking.UNMATCHED)
    return lines.exclude(order__phase=OrderPhase.CANCELLED)


def shortfalls(account_id: int) -> QuerySet[OrderLine]:
    """Lines of which more was sold than was there, as long as they are not shipped."""
    return OrderLine.objects.filter(account=account_id, shortfall__gt=0, order__phase=OrderPhase.OPEN)


def restock_offers(account_id: int) -> QuerySet[Order]:
    """Orders whose goods may be back."""
    return Order.objects.filter(account=account_id, restock=Restock.OFFERED)


def unreadable(account_id: int) -> QuerySet[Order]:
    """Orders that could not be read or booked."""
    return Order.objects.filter(account=account_id).exclude(problem="")
