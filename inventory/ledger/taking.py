"""Taking from batches for a sale, and giving back to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, F, Value, When

from inventory.allocation import Candidate, Take, release
from inventory.ledger.booking import Booking
from inventory.ledger.counters import Key
from inventory.ledger.purposes import ISSUED, REVERSED
from inventory.models import Allocation, Batch, Sale
from inventory.quantity import QuantityField

MONEY = Decimal("0.0001")


def candidates(booked: Booking, key: Key, kind: str) -> Iterator[Candidate]:
    """What may be taken of a key, in the order of taking, read as far as it is asked for."""
    for batch in booked.candidates(key, kind):
        yield Candidate(batch.pk, batch.remaining, batch.expires_at, batch.received_at)


def take(booked: Booking, sale: Sale, takes: Iterable[Take], *, reason: str = "", source_key: str = "") -> list[Allocation]:
    """Take from batches for a stored sale: an allocation and a movement for each."""
    taken = list(takes)
    batches = booked.batches(each.batch for each in taken)
    for each in taken:
        booked.change(
            batches[each.batch],
            ISSUED[sale.purpose],
            -each.quantity,
            document_id=sale.pk,
            happened_at=sale.sold_at,
            reason=reason,
            source_key=source_key,
        )
    return Allocation.objects.bulk_create(
        [
            Allocation(
                account_id=sale.account_id,
                sale=sale,
                batch=batches[each.batch],
                quantity=each.quantity,
                unit_cost=batches[each.batch].unit_cost,
            )
            for each in taken
        ],
        batch_size=1000,
    )


def give_back(
    booked: Booking,
    sale: Sale,
    back: Iterable[tuple[Allocation, Decimal]],
    *,
    reason: str = "",
    happened_at: datetime | None = None,
) -> list[Batch]:
    """Release so much of each of these allocations of a sale; the batches it came back to that had expired meanwhile."""
    released = [(allocation, quantity) for allocation, quantity in back if quantity > 0]
    batches = booked.batches(allocation.batch_id for allocation, _ in released)
    expired = []
    for allocation, quantity in released:
        batch = batches[allocation.batch_id]
        booked.change(batch, REVERSED[sale.purpose], quantity, document_id=sale.pk, reason=reason, happened_at=happened_at)
        allocation.released += quantity
        if batch.expiry_booked_at is not None:
            expired.append(batch)
    quantity_field: QuantityField = QuantityField()
    whens = [When(pk=allocation.pk, then=Value(quantity, output_field=quantity_field)) for allocation, quantity in released]
    if whens:
        rows = Allocation.objects.filter(pk__in=[allocation.pk for allocation, _ in released])
        rows.update(released=F("released") + Case(*whens, output_field=quantity_field))
    return expired


def held(sale: Sale) -> list[Allocation]:
    """The allocations that still hold something, in the order in which they were made."""
    return [each for each in sale.allocations.order_by("id") if each.quantity > each.released]


def last_first(allocations: Iterable[Allocation], quantity: Decimal) -> list[tuple[Allocation, Decimal]]:
    """Which allocations give back `quantity`, the last made first. Raises ValueError for more than they hold."""
    in_order = sorted(allocations, key=lambda allocation: allocation.pk)
    return release([(each, each.quantity - each.released) for each in in_order], quantity)


def cost_of(allocations: Iterable[Allocation]) -> Decimal:
    """What the goods cost that these allocations hold; those without a known cost count nothing."""
    total = sum(((each.quantity - each.released) * (each.unit_cost or 0) for each in allocations), Decimal(0))
    return Decimal(total).quantize(MONEY)
