"""What was sold, day by day, as far as it tells something of demand. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

LEAST_DAYS = 7
"""A rate is never over fewer days: what was sold in the one hour there was any would else be said to be sold all day."""
GUARDED_FROM, FENCED_FROM = 3, 5
"""With fewer selling days than these nothing can be told to be unusual."""
LARGEST_SHARE = 2.0
"""One day may be so many times the sum of all others: two thirds of the whole."""
FENCE, USUAL_TIMES = 3.0, 3.0
SLIPS = 2
"""A shipment may be told a day after the goods left; so many of them are no slip."""


@dataclass(frozen=True)
class Past:
    """Days of one product, the oldest first and yesterday last. None is a day that does not count, as there was nothing to be sold.

    `capped` says how many days sold unusually much, and are counted as `ceiling` each. `doubted` says on how many days something was sold
    although there was nothing, where these are so many that what is said of stock is no evidence: all days count then.
    """

    days: tuple[float | None, ...]
    capped: int = 0
    ceiling: float | None = None
    doubted: int = 0

    def counted(self, last: int | None = None) -> list[float]:
        """What was sold on each day that counts, of the last so many days."""
        return [sold for sold in (self.days if last is None else self.days[-last:]) if sold is not None]

    @property
    def selling_days(self) -> int:
        return sum(1 for sold in self.days if sold)

    def out(self, last: int | None = None) -> int:
        """On how many of the last days there was nothing to be sold."""
        return sum(1 for sold in (self.days if last is None else self.days[-last:]) if sold is None)


def past(sold: Mapping[int, float], out: Collection[int], first: int, last: int) -> Past:
    """The days from `first` to `last`, numbered like date.toordinal(). `sold` may be negative on a day that took back more than it sold.

    A day on which something was sold counts, whatever `out` says of it: there was something then.
    """
    within = sorted(day for day in sold if first <= day <= last)
    by_day = dict(zip(within, settled(sold[day] for day in within), strict=True))
    doubted = doubts(by_day, out, last - first + 1)
    away = () if doubted else out
    days = [None if day in away and not by_day.get(day) else by_day.get(day, 0.0) for day in range(first, last + 1)]
    most = ceiling([amount for amount in days if amount])
    if most is None:
        return Past(tuple(days), doubted=doubted)
    capped = sum(1 for amount in days if amount and amount > most)
    guarded = tuple(min(amount, most) if amount else amount for amount in days)
    return Past(guarded, capped, most if capped else None, doubted)


def doubts(sold: Mapping[int, float], out: Collection[int], length: int) -> int:
    """On how many days something was sold without stock, where that is no slip of a day: at least twice, and at least half as often as on
    days with stock. Else 0. So it is with what is never counted, or goes from the maker to the customer."""
    selling = [day for day, amount in sold.items() if amount]
    without = sum(1 for day in selling if day in out)
    if without < SLIPS:
        return 0
    days_with, days_without = length - len(out), len(out)
    with_stock = (len(selling) - without) / days_with if days_with > 0 else 0.0
    return without if without / days_without >= with_stock / 2 else 0


def settled(sold: Iterable[float]) -> list[float]:
    """The same, never negative: what was taken back is taken off the newest sales before it. More than was sold is forgotten."""
    found: list[float] = []
    for amount in sold:
        found.append(amount)
        place = len(found) - 1
        while place >= 0 and found[place] < 0:
            if place:
                found[place - 1] += found[place]
            found[place] = 0.0
            place -= 1
    # What is left of a sum of fractions may be as good as nothing.
    return [amount if amount > 1e-9 else 0.0 for amount in found]


def ceiling(sizes: Sequence[float]) -> float | None:
    """What a day is counted as at most; None where too few days sold anything.

    Tukey's outer fence (the upper quartile and three times the distance between the quartiles), never below three usual days; and no day
    is more than two thirds of all: that is one customer's order and not demand.
    """
    if len(sizes) < GUARDED_FROM:
        return None
    ordered = sorted(sizes)
    most = LARGEST_SHARE * sum(ordered[:-1])
    if len(ordered) >= FENCED_FROM:
        low, middle, high = (_quantile(ordered, share) for share in (0.25, 0.5, 0.75))
        most = min(most, max(high + FENCE * (high - low), USUAL_TIMES * middle))
    return most


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between the two neighbours."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True)
class Shelf:
    """One warehouse's counter of one unit kind: whether it is empty now, and when it became empty (True) or not, by day, oldest first."""

    empty: bool
    turns: tuple[tuple[int, bool], ...] = ()

    def empty_days(self, first: int, last: int) -> set[int]:
        """The days from `first` to `last` through which it was empty; a day on which it came to be filled or emptied is none."""
        found: set[int] = set()
        since = first if (not self.turns[0][1] if self.turns else self.empty) else None
        for day, empty in self.turns:
            if empty and since is None:
                since = day + 1
            elif not empty and since is not None:
                found.update(range(max(since, first), min(day, last + 1)))
                since = None
        if since is not None:
            found.update(range(max(since, first), last + 1))
        return found


def days_out(shelves: Sequence[Shelf], first: int, last: int) -> set[int]:
    """The days through which every shelf was empty. No shelf at all is not known to be empty."""
    found: set[int] | None = None
    for shelf in shelves:
        empty = shelf.empty_days(first, last)
        found = empty if found is None else found & empty
        if not found:
            return set()
    return found or set()


def weeks(counted: Sequence[float], length: int = 7) -> list[float]:
    """Sums of so many days that count, the oldest first; days too many at the beginning are left out, so that the last sum is whole."""
    start = len(counted) % length
    return [sum(counted[place : place + length]) for place in range(start, len(counted), length)]
