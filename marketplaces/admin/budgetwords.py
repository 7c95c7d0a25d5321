"""When a call budget runs out if calls go on as they do. Pure but for reading the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.models import CallBudget
from sync.wire.budget import Forecast, forecast
from sync.wire.rolling import SLOTS, Allowance, Spent

RECENT = 6
"""Slots by which the present pace is judged: a tenth of the window."""


@dataclass(frozen=True)
class Budget:
    """A budget with what is used of it. `waits_until` is when the next ordinary call fits, None where one fits now; `projection` says when
    it runs out at the present pace."""

    forecast: Forecast
    window: str
    waits_until: datetime | None
    projection: str
    tone: str

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.forecast.used / self.forecast.limit))


def budgets_of(connection_id: int, now: datetime) -> list[Budget]:
    """The budgets of a connection, narrowest window first. Two statements."""
    spent = {row.name: row for row in CallBudget.objects.filter(connection=connection_id)}
    return [_shown(each, spent[each.name], now) for each in forecast(connection_id) if each.name in spent]


def _shown(each: Forecast, row: CallBudget, now: datetime) -> Budget:
    window = window_words(row.window_seconds)
    if row.blocked_until is not None and row.blocked_until > now:
        return Budget(each, window, each.free_at, "The shop asked for no calls until then.", "warning")
    if each.left == 0:
        return Budget(each, window, each.free_at, "Used up: only urgent calls go out.", "danger")
    at = runs_out_at(Allowance(window=row.window_seconds, limit=row.limit, reserved=row.reserved), row.spent, now.timestamp())
    if at is not None:
        said = f"Used up in {in_words(at - now.timestamp())} at the present pace."
        return Budget(each, window, None, said, "warning")
    return Budget(each, window, None, "Lasts at the present pace." if each.used else "Nothing is used.", "success")


def runs_out_at(allowance: Allowance, spent: Spent, now: float) -> float | None:
    """The second since the epoch at which no ordinary call fits any more if as many are made in each slot as in the last RECENT ones;
    None when that never happens, because enough leaves the window meanwhile."""
    kept = {each[0]: each[1] for each in allowance.kept(spent, now)}
    current = allowance.slot(now)
    pace = sum(calls for slot, calls in kept.items() if slot > current - RECENT) / RECENT
    ceiling = allowance.ceiling(urgent=False)
    used = float(sum(kept.values()))
    if not pace:
        return None
    for step in range(1, SLOTS + 1):
        used += pace - kept.get(current + step - SLOTS - 1, 0)
        if used >= ceiling:
            return now + step * allowance.window / SLOTS
    return None


def window_words(seconds: int) -> str:
    """A window as people say it."""
    named = {60: "a minute", 3600: "an hour", 86400: "24 hours"}
    return named.get(seconds, f"{seconds:,} seconds")


def in_words(seconds: float) -> str:
    if seconds < 120:
        return f"about {max(round(seconds), 1)} seconds"
    if seconds < 7200:
        return f"about {round(seconds / 60)} minutes"
    return f"about {round(seconds / 3600)} hours"
