"""How much of a call budget is left, counted over a rolling window in sixty slots. Pure.

A slot's calls count until the whole slot has left the window. So no stretch of `window` seconds, wherever it begins, ever holds more
calls than the limit; the price is that a call counts for up to one sixtieth of the window too long.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SLOTS = 60

# Pairs of slot number (since the epoch, in sixtieths of the window) and calls, in rising order.
Spent = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Allowance:
    """A budget: `limit` calls in `window` seconds, the last `reserved` of them for urgent calls only."""

    window: int
    limit: int
    reserved: int = 0

    def slot(self, now: float) -> int:
        return math.floor(now * SLOTS / self.window)

    def kept(self, spent: Spent, now: float) -> list[list[int]]:
        """`spent` without what has left the window.

        Slots that lie ahead, because the clock was set back, count as spent now: that can hold calls back for one window and no longer.
        """
        current = self.slot(now)
        counted: dict[int, int] = {}
        for slot, calls in spent:
            if slot >= current - SLOTS:
                counted[min(slot, current)] = counted.get(min(slot, current), 0) + calls
        return [[slot, calls] for slot, calls in sorted(counted.items())]

    def used(self, spent: Spent, now: float) -> int:
        return sum(calls for _, calls in self.kept(spent, now))

    def ceiling(self, urgent: bool, share: float = 1.0) -> int:
        """How many calls may have been made in a window after a call of that kind: at least one.

        `share` is the part of what is not reserved that calls which are not urgent may use.
        """
        return self.limit if urgent else max(math.floor((self.limit - self.reserved) * share), 1)

    def after(self, spent: Spent, now: float, cost: int, *, urgent: bool, share: float = 1.0) -> list[list[int]] | None:
        """`spent` with `cost` more calls at `now` (seconds since the epoch); None when there is no room for them."""
        kept = self.kept(spent, now)
        if sum(calls for _, calls in kept) + cost > self.ceiling(urgent, share):
            return None
        current = self.slot(now)
        if kept and kept[-1][0] == current:
            return [*kept[:-1], [current, kept[-1][1] + cost]]
        return [*kept, [current, cost]]

    def free_at(self, spent: Spent, now: float, cost: int, *, urgent: bool, share: float = 1.0) -> float:
        """The earliest second since the epoch at which `cost` calls fit, if none are made until then: `now` when they fit already.

        Raises ValueError when they never fit.
        """
        ceiling = self.ceiling(urgent, share)
        if cost > ceiling:
            raise ValueError(f"{cost} calls at once never fit into a budget of {ceiling}.")
        kept = self.kept(spent, now)
        total = sum(calls for _, calls in kept)
        for slot, calls in kept:
            if total + cost <= ceiling:
                break
            total -= calls
            # The millisecond keeps rounding from ending a hair before the slot does.
            now = (slot + SLOTS + 1) * self.window / SLOTS + 0.001
        return now
