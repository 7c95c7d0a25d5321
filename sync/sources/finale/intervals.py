"""An interval in minutes and the cron line that keeps it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from accounts.errors import Problem
from jobs.cron import CronRefused, next_due

HOUR, DAY, WEEK = 60, 1440, 10_080
MINUTES = (5, 10, 15, 20, 30, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR, DAY, WEEK)
"""What a cron line can keep day and night."""

LOOKED_AT = 8
_SOME_DAY = datetime(2024, 1, 3, tzinfo=UTC)


class IntervalRefused(Problem):
    """No cron line keeps such an interval."""

    code = "interval_refused"


def minutes_of(cron: str) -> int | None:
    """The shortest time in minutes between two of the next moments at which `cron` is due; None for one that can't be read."""
    moments = [_SOME_DAY]
    try:
        while len(moments) < LOOKED_AT:
            moments.append(next_due(cron, "UTC", moments[-1]))
    except CronRefused:
        return None
    _, *due = moments
    return min(int((after - before).total_seconds() // 60) for before, after in pairwise(due))


def cron_of(minutes: int, before: str) -> str:
    """The cron line that comes every so many `minutes`; the minute, the hour and the weekday of the line `before` stay where they fit.

    Raises IntervalRefused for an interval that no line keeps.
    """
    if minutes not in MINUTES:
        *others, last = (str(each) for each in MINUTES)
        raise IntervalRefused(f"Every {minutes} minutes can't be kept day and night. Take {', '.join(others)} or {last}.")
    minute, hour, weekday = _fixed(before)
    if minutes < HOUR:
        return f"*/{minutes} * * * *"
    if minutes == HOUR:
        return f"{minute} * * * *"
    if minutes < DAY:
        return f"{minute} */{minutes // HOUR} * * *"
    return f"{minute} {hour} * * *" if minutes == DAY else f"{minute} {hour} * * {weekday}"


def _fixed(cron: str) -> tuple[str, str, str]:
    """Minute, hour and weekday of a line where they are single numbers; else the full hour, three in the night and Sunday."""
    parts = [*cron.split(), *[""] * 5][:5]
    minute, hour, weekday = parts[0], parts[1], parts[4]
    return (
        minute if minute.isdigit() else "0",
        hour if hour.isdigit() else "3",
        weekday if weekday.isdigit() else "0",
    )
