"""When somebody is told: windows, the daily hour and quiet hours, in an account's zone and across its clock changes (docs/alerts.md).

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.models import Mode

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Hours:
    """How an account is told. Without `quiet_from`, or when both ends are the same, it is never quiet."""

    zone: ZoneInfo
    minutes: int
    daily_at: time
    quiet_from: time | None = None
    quiet_until: time | None = None


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, when clocks in `zone` first show `at` on `day`; where they skip it, the moment at which they do."""
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # The clock is put forward over it, somewhere between what the two offsets make of it.
    before, after = sorted((moment, local.replace(fold=1).astimezone(UTC)))
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after.replace(microsecond=0)


def release(now: datetime, hours: Hours) -> datetime:
    """`now`, or the end of the quiet hours in which it lies."""
    if hours.quiet_from is None or hours.quiet_until is None or hours.quiet_from == hours.quiet_until:
        return now
    today = now.astimezone(hours.zone).date()
    for day in (today - DAY, today):
        begins = instant(day, hours.quiet_from, hours.zone)
        ends = instant(day if hours.quiet_until > hours.quiet_from else day + DAY, hours.quiet_until, hours.zone)
        if begins <= now < ends:
            return ends
    return now


def window(now: datetime, hours: Hours) -> datetime:
    """When the window in which `now` lies began. Windows are the same for everybody, and of no length when nothing is gathered."""
    if not hours.minutes:
        return now
    length = hours.minutes * 60
    return datetime.fromtimestamp(int(now.timestamp()) // length * length, UTC)


def due(now: datetime, mode: Mode, hours: Hours) -> datetime:
    """When something that happens `now` is told to somebody who hears of it in that mode: at the end of the window, or at the next daily
    hour; never in quiet hours. Raises ValueError for the mode in which nothing is told."""
    if mode is Mode.OFF:
        raise ValueError("Nothing is told in this mode.")
    if mode is Mode.SOON:
        return release(window(now, hours) + timedelta(minutes=hours.minutes), hours)
    today = now.astimezone(hours.zone).date()
    ahead = (instant(today + DAY * days, hours.daily_at, hours.zone) for days in range(3))
    return release(next(moment for moment in ahead if moment > now), hours)
