"""Which list a product is on, how much of a worry it is and how urgent: the rules of docs/critical-items.md. Pure.

Quantities may be given in any unit, thousandths too, as long as all are in the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from inventory.models.supply import SupplyLevel, SupplyState

Number = int | Decimal

LONGEST_TENTHS = 999_999
"""More tenths of a day than these are not told apart: 270 years."""

STRETCH = 10**9
"""How much of `urgency` one state has to itself."""

STATES = (SupplyState.OUT, SupplyState.BELOW, SupplyState.SOON, SupplyState.FINE)
"""The most urgent first."""

STALE, VERY_STALE = timedelta(hours=6), timedelta(hours=24)
HIGHEST = 10


@dataclass(frozen=True)
class Thresholds:
    """When a business account calls a product critical. Days are days left at what is sold; `overstocked_percent` is of the maximum."""

    critical_days: int = 7
    low_days: int = 30
    overstocked_days: int = 180
    overstocked_percent: int = 80
    never_stocked: bool = True


def judge(
    available: Number,
    reorder_point: Number | None,
    days_left: Number | None,
    maximum: Number | None,
    *,
    stocked: bool,
    thresholds: Thresholds,
) -> tuple[SupplyState, SupplyLevel]:
    """The one list a product is on, and its level. None is unknown, which is never a reason.

    `stocked` is whether any warehouse ever had it; one that none ever had is on no list where the thresholds say so.
    """
    if available <= 0:
        if stocked or thresholds.never_stocked:
            return SupplyState.OUT, SupplyLevel.CRITICAL
        return SupplyState.FINE, SupplyLevel.ADEQUATE
    ends = days_left is not None and days_left <= thresholds.critical_days
    below = reorder_point is not None and available <= reorder_point
    state = SupplyState.BELOW if below else SupplyState.SOON if ends else SupplyState.FINE
    if ends:
        return state, SupplyLevel.CRITICAL
    if below or (days_left is not None and days_left <= thresholds.low_days):
        return state, SupplyLevel.LOW
    too_much = maximum is not None and maximum > 0 and available * 100 > maximum * thresholds.overstocked_percent
    if too_much or (days_left is not None and days_left > thresholds.overstocked_days):
        return state, SupplyLevel.OVERSTOCKED
    return state, SupplyLevel.ADEQUATE


def tenths_left(available: Number, daily: Number | None) -> int | None:
    """For how many tenths of a day it lasts when `daily` is sold in a day, rounded down: 0 where nothing is available, None where that is
    unknown, as it is of what nobody buys."""
    if available <= 0:
        return 0
    if daily is None or daily <= 0:
        return None
    return min(int(available * 10 // daily), LONGEST_TENTHS)


def urgency(state: SupplyState, available: Number, reorder_point: Number | None, tenths: int | None, daily: Number | None) -> int:
    """Where a product stands when the most urgent is shown first: the lower, the sooner.

    By state. Of what is out, the fastest selling first; of the others what ends first, and then, where that is unknown, what is furthest
    below its reorder point.
    """
    start = STATES.index(state) * STRETCH
    if state is SupplyState.OUT:
        return start + STRETCH - 1 - min(int(daily or 0), STRETCH - 1)
    if tenths is not None:
        return start + tenths
    if state is SupplyState.BELOW and reorder_point:
        return start + LONGEST_TENTHS + 1 + int(available * LONGEST_TENTHS // reorder_point)
    return start + STRETCH - 1


def stretch(states: Collection[SupplyState]) -> list[tuple[int, int]]:
    """Which urgencies these states have: from, and up to but not including; neighbours are joined."""
    found: list[tuple[int, int]] = []
    for place, state in enumerate(STATES):
        if state not in states:
            continue
        if found and found[-1][1] == place * STRETCH:
            found[-1] = (found[-1][0], (place + 1) * STRETCH)
        else:
            found.append((place * STRETCH, (place + 1) * STRETCH))
    return found


def priority(state: SupplyState, *, new: bool, changed: bool, age: timedelta | None) -> int:
    """How soon somebody should look, from 0 to 10: 10 out of stock, 9 at or below the reorder point, 8 about to run out or new, 5 for any
    other change; one more when its number is older than 6 hours, two more after 24. `age` None is a number of now."""
    if state is SupplyState.OUT:
        points = 10
    elif state is SupplyState.BELOW:
        points = 9
    elif state is SupplyState.SOON or new:
        points = 8
    else:
        points = 5 if changed else 0
    if age is not None and age > STALE:
        points += 2 if age > VERY_STALE else 1
    return min(points, HIGHEST)


def reorder_advised(level: SupplyLevel, tenths: int | None) -> bool:
    """Whether to order more: what is critical, and what is low with at most 14 days left."""
    return level is SupplyLevel.CRITICAL or (level is SupplyLevel.LOW and tenths is not None and tenths <= 140)
