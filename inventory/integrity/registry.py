"""The invariants, each with the questions that find what breaks it (docs/integrity.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inventory.integrity import batches, counters, sales, trail
from inventory.integrity.question import Asked, Question


@dataclass(frozen=True)
class Check:
    """An invariant by its number. `holds` says what must be true; `questions` are made when they are asked. One without questions says in
    `note` why there is nothing to ask."""

    number: int
    holds: str
    questions: Callable[[Asked], Sequence[Question]]
    note: str = ""


_checks: dict[int, Check] = {}


def register(check: Check) -> None:
    """Ask this check too, in place of one with the same number; for apps that know more, in ready()."""
    _checks[check.number] = check


def checks() -> list[Check]:
    """All checks, by number."""
    return [_checks[number] for number in sorted(_checks)]


for _check in (
    Check(1, "Each counter of a level is the sum of what remains of its batches that count.", lambda asked: (counters.counter(asked),)),
    Check(2, "What came into a batch is what went out of it and what remains.", lambda _: (batches.EQUATION,)),
    Check(3, "What was sold of a batch is what sales hold of it.", lambda _: (batches.SOLD,)),
    Check(
        4,
        "A sale's quantity is what it holds of batches, what came back and what is still short; a cancelled sale holds nothing.",
        lambda _: (sales.SALE,),
    ),
    Check(
        5,
        "No quantity is below zero, and every allocation is of something.",
        lambda _: (batches.NEGATIVE, counters.NEGATIVE, sales.NEGATIVE_SALE, sales.NEGATIVE_ALLOCATION),
    ),
    Check(
        6,
        "The state of a batch follows from what remains of it and its expiry, and expiries are booked as they come.",
        lambda _: (batches.STATE,),
    ),
    Check(7, "Nothing was sold from a batch that had expired by then.", lambda _: (sales.expired(),)),
    Check(8, "Sales, their batches and the movements between them are of one unit kind.", lambda _: (sales.MIXED, sales.MIXED_MOVEMENTS)),
    Check(9, "A cancelled sale and a void purchase have left nothing moved.", lambda _: (sales.CANCELLED, sales.VOIDED)),
    Check(
        10,
        "No more was ever taken than there was: running balances follow from their movements and are never below zero.",
        lambda _: (counters.BALANCE,),
    ),
    Check(
        11,
        "Every batch and every counter is the sum of its movements, and every movement has its audit row.",
        lambda _: (batches.MOVED, counters.MOVED, trail.TAKEN, trail.audited()),
    ),
    Check(12, "Reconcile never wrote a correction that changed nothing.", lambda _: (trail.pointless(), trail.POINTLESS_MARK)),
    Check(
        13,
        "Verify and dry run write nothing: the database refuses a verify that writes, and takes back all of a dry run.",
        lambda _: (trail.looked(),),
    ),
    Check(14, "At most one pass of reconcile works at any time.", lambda _: (trail.SECOND_PASS,)),
    Check(
        15, "Each day opens with what the one before it closed with, and no day changes once it is over.", lambda _: (counters.closing(),)
    ),
    Check(
        16,
        "No marketplace is told more than there is, less what is reserved and kept back.",
        lambda _: (),
        note="Nothing is sold on a marketplace yet.",
    ),
):
    register(_check)
