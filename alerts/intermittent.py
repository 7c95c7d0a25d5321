"""Demand that comes now and then: which kind it is, and what is expected of it (docs/forecast.md). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from django.db.models import TextChoices

INTERVAL_CUT, SIZE_CUT = 1.32, 0.49
"""Syntetos, Boylan and Croston 2005: above the one demand is intermittent, above the other its sizes are erratic."""
SIZE_WEIGHT, CHANCE_WEIGHT = 0.1, 0.05
"""How much the newest period counts in the size of a demand and in its chance; docs/forecast.md says how they were chosen."""


class Pattern(TextChoices):
    """How demand comes."""

    SMOOTH = "smooth", "Smooth"
    ERRATIC = "erratic", "Erratic"
    INTERMITTENT = "intermittent", "Intermittent"
    LUMPY = "lumpy", "Lumpy"


@dataclass(frozen=True)
class Kind:
    """A pattern with the two numbers that say so: periods per period with demand, squared variation of the sizes."""

    pattern: Pattern
    interval: float
    variation: float


def classify(periods: Sequence[float]) -> Kind | None:
    """The kind of demand of equal periods, none of them negative; None where there was none.

    Syntetos, Boylan and Croston (2005), On the categorization of demand patterns, J. Oper. Res. Soc. 56, 495–503.
    """
    sizes = [size for size in periods if size > 0]
    if not sizes:
        return None
    interval, mean = len(periods) / len(sizes), fmean(sizes)
    variation = fmean([(size / mean - 1) ** 2 for size in sizes])
    if interval > INTERVAL_CUT:
        return Kind(Pattern.LUMPY if variation > SIZE_CUT else Pattern.INTERMITTENT, interval, variation)
    return Kind(Pattern.ERRATIC if variation > SIZE_CUT else Pattern.SMOOTH, interval, variation)


@dataclass(frozen=True)
class Expected:
    """The size of a demand and the chance that a period has one; their product is what a period is expected to sell."""

    size: float
    chance: float

    @property
    def mean(self) -> float:
        return self.size * self.chance


def tsb(periods: Sequence[float], size_weight: float = SIZE_WEIGHT, chance_weight: float = CHANCE_WEIGHT) -> Expected | None:
    """What the next period is expected to sell; None where nothing was sold.

    Teunter, Syntetos and Babai (2011), Intermittent demand: linking forecasting to inventory obsolescence, Eur. J. Oper. Res. 214, 606–615.
    The chance is updated in every period, so that what no longer sells is forgotten, which Croston's method (1972) never does; the size
    only by a demand. Both begin with the mean of all periods, as there are few of them.
    """
    sizes = [size for size in periods if size > 0]
    if not sizes:
        return None
    size, chance = fmean(sizes), len(sizes) / len(periods)
    for period in periods:
        if period > 0:
            size += size_weight * (period - size)
            chance += chance_weight * (1 - chance)
        else:
            chance -= chance_weight * chance
    return Expected(size, chance)
