"""How much may be asked: calls a minute, and reads of collections an hour. Counted by the clock's minutes and hours."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LIMITS = {"get_minute": 120, "post_minute": 120, "collections_hour": 300}
SECONDS = {"get_minute": 60, "post_minute": 60, "collections_hour": 3600}


class Budgets:
    """Three budgets of one account; safe to use from several threads. `limits` may be changed; None is as many as one likes."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.limits: dict[str, int | None] = dict(LIMITS)
        self.clock = clock
        self._lock = threading.Lock()
        self._spent: dict[str, tuple[int, int]] = {}

    def spend(self, *names: str) -> tuple[str, float] | None:
        """Take one of each; else the budget that is spent and when, in seconds since 1970, it begins anew."""
        now = self.clock()
        with self._lock:
            counts = {name: self._count(name, now) for name in names}
            for name, count in counts.items():
                limit = self.limits[name]
                if limit is not None and count >= limit:
                    return name, self.reset_at(name, now)
            for name, count in counts.items():
                self._spent[name] = (int(now // SECONDS[name]), count + 1)
        return None

    def left(self, name: str) -> int:
        """How many calls are left now; 0 or more."""
        limit = self.limits[name]
        with self._lock:
            return max(0, (10**9 if limit is None else limit) - self._count(name, self.clock()))

    def reset_at(self, name: str, now: float | None = None) -> float:
        """When the budget begins anew, in seconds since 1970."""
        length = SECONDS[name]
        return ((self.clock() if now is None else now) // length + 1) * length

    def forget(self) -> None:
        """Nothing was spent."""
        with self._lock:
            self._spent.clear()

    def _count(self, name: str, now: float) -> int:
        window, count = self._spent.get(name, (-1, 0))
        return count if window == int(now // SECONDS[name]) else 0
