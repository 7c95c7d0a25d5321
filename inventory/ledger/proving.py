"""Before something is booked: counters are compared with their batches, and what has expired is taken out of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Min, Sum

from accounts.audit import Entry, record_many
from inventory.errors import Quarantined
from inventory.ledger.correction import Correction, write_corrections
from inventory.ledger.counters import Counters, Key
from inventory.ledger.locking import among
from inventory.models import COUNTED, Batch, BatchState, DriftClass

if TYPE_CHECKING:
    from inventory.ledger.booking import Booking


def prove(booking: Booking, made: set[Key], *, by_hand: bool) -> None:
    """Set right what differs, and book expiries that are due, for the levels of `booking`; `made` are those it had to make first.

    Raises Quarantined where something is to be done by hand to a level whose batches contradict themselves.
    """
    held = [key for key, level in booking.levels.items() if level.quarantined_at is not None]
    if held and by_hand:
        product = booking.products[held[0].product_id]
        raise Quarantined(
            f"The batches of {product} contradict themselves, so nothing is booked to it.",
            hint="A manager looks at the integrity report and rebuilds the product from its movements.",
        )
    ledgers = [key for key, level in booking.levels.items() if level.ledger and level.quarantined_at is None]
    if not ledgers:
        return
    expected, next_expiry = from_batches(ledgers)
    wrong = [key for key in ledgers if booking.counters[key] != expected.get(key, Counters()) and not _left_alone(booking, key, expected)]
    if wrong:
        _heal(booking, wrong, expected, made)
    if next_expiry is not None and next_expiry <= booking.now:
        _book_due(booking, ledgers)


def from_batches(keys: list[Key]) -> tuple[dict[Key, Counters], datetime | None]:
    """What the batches of these keys say, and when the first of them expires."""
    rows = Batch.objects.filter(COUNTED, among(keys)).order_by().values("product_id", "warehouse_id", "unit_kind")
    summed: dict[Key, Counters] = {}
    expiries = []
    for row in rows.annotate(left=Sum("remaining"), first=Min("expires_at")):
        key = Key(row["product_id"], row["warehouse_id"])
        summed[key] = summed.get(key, Counters()).moved(row["unit_kind"], Decimal(row["left"]))
        if row["first"] is not None:
            expiries.append(row["first"])
    return summed, min(expiries, default=None)


def _left_alone(booking: Booking, key: Key, expected: dict[Key, Counters]) -> bool:
    """A counter without any batch of a product that is not kept in batches is reported by reconcile, and not corrected."""
    return key not in expected and not booking.products[key.product_id].batch_managed


def _heal(booking: Booking, keys: list[Key], expected: dict[Key, Counters], made: set[Key]) -> None:
    corrections = []
    for key in keys:
        true = expected.get(key, Counters())
        missing, empty = key in made, key not in expected
        drift = DriftClass.MISSING_ROW if missing else DriftClass.NO_BATCHES if empty else DriftClass.MISMATCH
        corrections.append(Correction(booking.levels[key].pk, key, booking.counters[key], true, drift))
        booking.counters[key] = true
    write_corrections(
        booking.actor, corrections, cause=booking.cause, found_on_write=True, now=booking.now, correlation=booking.correlation
    )


def _book_due(booking: Booking, keys: list[Key]) -> None:
    due = list(Batch.objects.filter(COUNTED, among(keys), expires_at__lte=booking.now).order_by("pk"))
    booking.expire(due)
    entries = [
        Entry(
            "Batch",
            batch.pk,
            "UPDATE_BATCH_STATUS",
            {"state": BatchState.ACTIVE.value},
            {"state": BatchState.EXPIRED.value, "remaining": batch.remaining, "expires_at": batch.expires_at},
            "batch_expiry",
        )
        for batch in due
    ]
    record_many(booking.actor, entries, correlation=booking.correlation)
