"""Whether more is sold than before. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from django.db.models import TextChoices

from alerts.past import LEAST_DAYS, Past

RECENT, LONG = 30, 90
TENTH = 0.10
"""A change of more than that has a name."""
STANDARD_ERRORS = 2


class Direction(TextChoices):
    """Where demand goes."""

    RISING = "rising", "Rising"
    FALLING = "falling", "Falling"
    STABLE = "stable", "Stable"
    UNKNOWN = "unknown", "Unknown"


@dataclass(frozen=True)
class Trend:
    """The mean of the last 30 days against the mean of the 60 before them. `change` is a share, 0.25 for a quarter more; `clear`, whether
    it is more than days differ anyway: beyond two standard errors."""

    direction: Direction
    change: float | None = None
    clear: bool = False


UNKNOWN_TREND = Trend(Direction.UNKNOWN)


@dataclass(frozen=True)
class Window:
    """What the last days sold: how much, on how many days that count, and how many days do not count."""

    sold: float
    days: int
    out: int = 0

    @property
    def mean(self) -> float:
        """Per day that counts; never over fewer than seven."""
        return self.sold / max(self.days, LEAST_DAYS)


def window(past: Past, last: int) -> Window:
    """The last so many days; where fewer than seven of them count, as many that do, however long ago."""
    found = past.counted(last)
    if len(found) < LEAST_DAYS:
        found = past.counted()[-last:]
    return Window(sum(found), len(found), past.out(last))


def trend(past: Past) -> Trend:
    """Days that do not count are left out of both means; unknown while either has fewer than seven that do, or nothing was sold before."""
    recent = past.counted(RECENT)
    before = [sold for sold in past.days[-LONG:-RECENT] if sold is not None]
    if len(recent) < LEAST_DAYS or len(before) < LEAST_DAYS or not sum(before):
        return UNKNOWN_TREND
    now, then = fmean(recent), fmean(before)
    error = deviation(recent + before) * math.sqrt(1 / len(recent) + 1 / len(before))
    return named(now, then, clear=abs(now - then) > STANDARD_ERRORS * error)


def named(recent: float, before: float, *, clear: bool = False) -> Trend:
    """The trend between two daily means, of which the older is above 0."""
    change = recent / before - 1
    # A tenth that is one only by the way fractions are stored is not more than a tenth.
    if abs(change) <= TENTH + 1e-9:
        return Trend(Direction.STABLE, change)
    return Trend(Direction.RISING if change > 0 else Direction.FALLING, change, clear)


def deviation(sold: Sequence[float]) -> float:
    """How much days differ: their standard deviation."""
    if len(sold) < 2:
        return 0.0
    middle = fmean(sold)
    return math.sqrt(fmean([(amount - middle) ** 2 for amount in sold]))
