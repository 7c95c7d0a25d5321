"""What can be done with a batch at a moment. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from inventory.models import BatchState


def state(remaining: Decimal, expires_at: datetime | None, *, expiry_booked: bool, voided: bool, now: datetime) -> BatchState:
    """The state of a batch as of `now`: expired from the very instant of its expiry, whether that has been booked or not.

    A batch of which nothing remains is depleted however long ago it expired, so that it stays what it was: sold. Raises ValueError for less
    than nothing remaining, which is no state.
    """
    if remaining < 0:
        raise ValueError(f"{remaining} can't remain of a batch.")
    if voided:
        return BatchState.VOID
    if remaining == 0:
        return BatchState.DEPLETED
    if expiry_booked or (expires_at is not None and expires_at <= now):
        return BatchState.EXPIRED
    return BatchState.ACTIVE
