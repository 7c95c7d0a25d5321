from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.cron import CronRefused, check_cron, in_words, next_due

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Chicago", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))
CRONS = st.sampled_from(
    [
        "* * * * *",
        "*/15 * * * *",
        "7,37 * * * *",
        "0 * * * 1-5",
        "30 2 * * *",
        "0 */6 * * *",
        "15 1,2,3 * * *",
        "0 3 * * sun",
        "59 23 31 12 *",
    ]
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        # The moment itself is over; the next one counts.
        ("0 * * * *", "UTC", "2026-05-04 10:00", "2026-05-04 11:00"),
        ("*/15 * * * *", "Europe/Berlin", "2026-05-04 10:01", "2026-05-04 10:15"),
        # 02:30 in Chicago is 08:30 UTC in winter and 07:30 in summer.
        ("30 2 * * *", "America/Chicago", "2026-01-10 12:00", "2026-01-11 08:30"),
        ("30 2 * * *", "America/Chicago", "2026-07-10 12:00", "2026-07-11 07:30"),
        # Berlin skips 02:00 to 03:00 on 29 March 2026: 02:30 comes an hour later, and once.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29 01:10", "2026-03-29 01:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29 01:30", "2026-03-30 00:30"),
        # Berlin has 02:00 to 03:00 twice on 25 October 2026: a named time comes the first time only …
        ("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-26 01:30"),
        # … and an hourly one both times.
        ("30 * * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-25 01:30"),
        # Kolkata is five and a half hours ahead.
        ("0 * * * *", "Asia/Kolkata", "2026-05-04 10:00", "2026-05-04 10:30"),
        # Lord Howe moves by half an hour: 02:00 becomes 02:30 at 15:30 UTC.
        ("0 * * * *", "Australia/Lord_Howe", "2026-10-03 15:00", "2026-10-03 16:00"),
        # Hours of 1 July only: it begins in Berlin at 22:00 UTC.
        ("0 * 1 7 *", "Europe/Berlin", "2026-01-01 00:00", "2026-06-30 22:00"),
        # Sunday is 0 and 7.
        ("0 3 * * 7", "UTC", "2026-05-04 00:00", "2026-05-10 03:00"),
    ],
)
def test_next_due(cron: str, zone: str, after: str, due: str) -> None:
    assert next_due(cron, zone, utc(after)) == utc(due)


@given(CRONS, ZONES, MOMENTS)
def test_next_due_is_later_and_nothing_is_due_before_it(cron: str, zone: str, after: datetime) -> None:
    due = next_due(cron, zone, after)
    assert due > after
    halfway = after + (due - after) / 2
    assert next_due(cron, zone, halfway) == due


@given(ZONES, MOMENTS, st.sampled_from([5, 15, 30]))
def test_every_few_minutes_keeps_its_distance_through_clock_changes(zone: str, after: datetime, minutes: int) -> None:
    first = next_due(f"*/{minutes} * * * *", zone, after)
    assert next_due(f"*/{minutes} * * * *", zone, first) - first == timedelta(minutes=minutes)


@given(
    st.sampled_from(["Europe/Berlin", "America/Chicago", "Australia/Lord_Howe"]),
    st.dates(date(2024, 1, 1), date(2030, 12, 1)),
    st.integers(0, 23),
)
def test_daily_time_comes_once_on_every_local_day(zone: str, day: date, hour: int) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(seconds=1)
    days = []
    for _ in range(4):
        moment = next_due(f"17 {hour} * * *", zone, moment)
        days.append(moment.astimezone(ZoneInfo(zone)).date())
    assert days == [day + timedelta(days=number) for number in range(4)]


@pytest.mark.parametrize(
    ("cron", "sentence"),
    [
        ("61 * * * *", "The minute “61” can't be read."),
        ("0 25 * * *", "The hour “25” can't be read."),
        ("0 0 0 * *", "The day “0” can't be read."),
        ("0 0 * foo *", "The month “foo” can't be read."),
        ("0 0 * * 8", "The weekday “8” can't be read."),
        ("R * * * *", "The minute “R” can't be read."),
        ("@hourly", "“@hourly” does not have five parts but 1."),
        ("* * * * * *", "“* * * * * *” does not have five parts but 6."),
        ("", "“” does not have five parts but 0."),
        ("0 0 31 2 *", "“0 0 31 2 *” names a day that never comes."),
    ],
)
def test_what_is_no_cron_is_refused_with_its_part(cron: str, sentence: str) -> None:
    with pytest.raises(CronRefused) as refusal:
        check_cron(cron)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("5 * * * *", "every hour at minute 5"),
        ("0 */6 * * *", "every 6 hours at minute 0"),
        ("30 2 * * *", "daily at 02:30"),
        ("0 3 * * 0", "Sundays at 03:00"),
        ("0 3 * * 7", "Sundays at 03:00"),
        ("0 0 1 * *", ""),
        ("0 8-17 * * 1-5", ""),
        ("nonsense", ""),
    ],
)
def test_common_crons_are_said_in_words(cron: str, words: str) -> None:
    assert in_words(cron) == words
