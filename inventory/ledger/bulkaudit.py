"""What the audit log says of a chunk of facts: one row (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Collection

from accounts.audit import record
from inventory.ledger.booking import Booking
from inventory.ledger.bulkfacts import Tally
from inventory.ledger.counters import Key


def tell(booked: Booking, entity: str, tally: Tally, keys: Collection[Key]) -> None:
    """Write that row, where something was booked: how many facts, on how many levels, and when.

    Each movement carries its fact's key and correlation; what joins them to the row is the instant at which all of them were booked.
    """
    if not keys:
        return
    record(
        booked.actor,
        entity=entity,
        entity_id=booked.correlation,
        action="BOOK_MANY",
        after={
            "booked": tally.booked,
            "short": tally.short,
            "corrected": tally.corrected,
            "repeated": tally.repeated,
            "held": len(tally.held),
            "levels": len(keys),
            "settled": tally.settled,
            "booked_at": booked.now.isoformat(),
        },
        cause=booked.cause.value,
        correlation=booked.correlation,
    )
