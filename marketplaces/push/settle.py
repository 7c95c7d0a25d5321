"""What a write of unknown outcome came to, judged by what was read back. Pure (docs/push.md)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

# Seconds after which an unclear quantity is read again, the shop's orders before it each time.
UNCLEAR_PAUSES = (5, 15, 60)


class Finding(StrEnum):
    DONE = "done"
    NOT_DONE = "not_done"
    SEVERAL = "several"  # More than one lot could be it: a person chooses.
    AGAIN = "again"  # Not clear yet: look again later.
    UNCLEAR = "unclear"  # Will not become clear: a person decides.


def created(candidates: int, empty_readings: int, pauses: Sequence[int]) -> Finding:
    """Whether a create was done, after it was looked for: `candidates` lots could be it now, and it was not found `empty_readings` times in
    a row, this one included. `pauses` are the seconds after which it is looked for."""
    if candidates == 1:
        return Finding.DONE
    if candidates > 1:
        return Finding.SEVERAL
    return Finding.NOT_DONE if empty_readings >= len(pauses) else Finding.AGAIN


def moved(now: int, told: int, difference: int, *, moved_meanwhile: bool, readings: int) -> Finding:
    """Whether a quantity was moved by `difference`: `now` is what the lot has, `told` what it was told before, less what the shop has sold
    since as far as is known. `moved_meanwhile`: more sales became known while it was read. `readings` so far, this one included."""
    if not moved_meanwhile:
        if now == told + difference:
            return Finding.DONE
        if now == told:
            return Finding.NOT_DONE
    return Finding.AGAIN if readings < len(UNCLEAR_PAUSES) else Finding.UNCLEAR
