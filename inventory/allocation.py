"""From which batches a quantity is taken: first expired, first out (docs/ledger.md). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

Held = TypeVar("Held")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What there is of one batch. Candidates are of one product, warehouse and unit kind."""

    batch: int
    remaining: Decimal
    expires_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Take:
    """So much from one batch."""

    batch: int
    quantity: Decimal


@dataclass(frozen=True)
class Allocated:
    """What is taken, in the order of taking, and how much could not be."""

    takes: tuple[Take, ...]
    missing: Decimal


def place(candidate: Candidate) -> tuple[bool, datetime, datetime, int]:
    """Where a batch stands in the order of taking: the earliest expiry first, none last, then by receipt, then by id. A total order."""
    return (candidate.expires_at is None, candidate.expires_at or candidate.received_at, candidate.received_at, candidate.batch)


def allocate(candidates: Iterable[Candidate], quantity: Decimal, *, now: datetime) -> Allocated:
    """Take `quantity` from candidates that come in the order of `place`, as far as they go, and read no further than is needed.

    What has expired at `now`, that very instant included, is passed over.
    """
    takes: list[Take] = []
    need = quantity
    for each in candidates:
        if each.remaining <= 0 or (each.expires_at is not None and each.expires_at <= now):
            continue
        taken = min(need, each.remaining)
        takes.append(Take(each.batch, taken))
        need -= taken
        if need <= 0:
            break
    return Allocated(tuple(takes), max(need, Decimal(0)))


def release(held: Sequence[tuple[Held, Decimal]], quantity: Decimal) -> list[tuple[Held, Decimal]]:
    """Give `quantity` back to where it came from, the last taken first: the exact inverse where all of it goes back.

    Raises ValueError for more than is held.
    """
    back = []
    rest = quantity
    for each, there in reversed(held):
        given = min(rest, there)
        if given > 0:
            back.append((each, given))
            rest -= given
    if rest > 0:
        raise ValueError(f"{quantity} is more than is held")
    return back
