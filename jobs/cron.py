"""When a cron line is due next. Pure: no database, no clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter

from accounts.errors import Problem

PARTS = ("minute", "hour", "day", "month", "weekday")
WEEKDAYS = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
EXAMPLES = "Write five parts, minute hour day month weekday: for example */15 * * * * (every 15 minutes) or 30 2 * * * (daily at 02:30)."
_SOME_DAY = datetime(2024, 1, 1)


class CronRefused(Problem):
    """The line is no schedule. The message says which part is wrong and how to write it."""


def check_cron(cron: str) -> None:
    """Raises CronRefused unless `cron` has the five parts of crontab(5) and names a moment that comes."""
    parts = cron.split()
    if len(parts) != len(PARTS):
        raise CronRefused(f"“{cron}” does not have five parts but {len(parts)}. {EXAMPLES}")
    for place, (name, part) in enumerate(zip(PARTS, parts, strict=True)):
        alone = ["*"] * len(PARTS)
        alone[place] = part
        # croniter also knows random and hashed values, whose meaning would change with every start.
        if part[:1].upper() in {"R", "H"} or not croniter.is_valid(" ".join(alone)):
            raise CronRefused(f"The {name} “{part}” can't be read. {EXAMPLES}")
    try:
        croniter(cron, _SOME_DAY).get_next(datetime)
    except ValueError as error:
        raise CronRefused(f"“{cron}” names a day that never comes. Correct the day or the month.") from error


def in_words(cron: str) -> str:
    """The cron in plain words where it is of a common form, else ""."""
    parts = cron.split()
    if len(parts) != len(PARTS):
        return ""
    minute, hour, *rest = parts
    if rest[:2] != ["*", "*"]:
        return ""
    weekday = rest[2]
    if weekday == "*" and hour == "*":
        if minute in {"*", "*/1"}:
            return "every minute"
        if minute.startswith("*/") and minute[2:].isdigit():
            return f"every {minute[2:]} minutes"
        return f"every hour at minute {minute}" if minute.isdigit() else ""
    if weekday == "*" and minute.isdigit() and hour.startswith("*/") and hour[2:].isdigit():
        return f"every {hour[2:]} hours at minute {minute}"
    if not (minute.isdigit() and hour.isdigit()):
        return ""
    time = f"{int(hour):02}:{int(minute):02}"
    if weekday == "*":
        return f"daily at {time}"
    return f"{WEEKDAYS[int(weekday)]} at {time}" if weekday in set("01234567") else ""


def next_due(cron: str, zone: str, after: datetime) -> datetime:
    """The first moment after `after` (aware) at which `cron` is due in the time zone `zone`, in UTC.

    A line whose hour is * follows the real clock: all hours of a day that has 23 or 25 of them. Any other line names local times: one
    that the clock skips in spring runs as much later as was skipped, one that comes twice in autumn runs the first time only.
    Raises CronRefused when the line is no schedule.
    """
    check_cron(cron)
    hours = croniter.expand(cron)[0][1]
    every_hour = hours == ["*"] or len(hours) == 24
    return _by_the_clock(cron, ZoneInfo(zone), after) if every_hour else _by_local_time(cron, ZoneInfo(zone), after)


def _by_local_time(cron: str, zone: ZoneInfo, after: datetime) -> datetime:
    # A day back, so that a time which was skipped before `after` and runs later than `after` is still seen.
    moments = croniter(cron, after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1))
    while True:
        # Fold 0 reads a skipped time with the offset from before the gap, and takes the first of two.
        due: datetime = moments.get_next(datetime).replace(tzinfo=zone).astimezone(UTC)
        if due > after:
            return due


def _by_the_clock(cron: str, zone: ZoneInfo, after: datetime) -> datetime:
    start, offset = after, _offset(zone, after)
    while True:
        fixed = timezone(offset)
        local: datetime = croniter(cron, start.astimezone(fixed).replace(tzinfo=None)).get_next(datetime)
        due = local.replace(tzinfo=fixed).astimezone(UTC)
        if _offset(zone, due) == offset:
            return due
        # The clock moves before that moment: look again from where it moves, which may itself be due.
        change = _first_change(zone, start, offset)
        start, offset = change - timedelta(microseconds=1), _offset(zone, change)


def _first_change(zone: ZoneInfo, start: datetime, offset: timedelta) -> datetime:
    """The first second after `start` at which the zone's offset is no longer `offset`. There must be one."""
    before = start.astimezone(UTC).replace(microsecond=0)
    while _offset(zone, before + timedelta(days=1)) == offset:
        before += timedelta(days=1)
    low, high = 0, 86_400
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, before + timedelta(seconds=middle)) == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    # A fixed difference to UTC is never None for an aware moment in a real zone.
    return moment.astimezone(zone).utcoffset() or timedelta(0)
