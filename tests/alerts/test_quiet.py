"""When somebody is told, across the nights on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.models import Mode
from alerts.quiet import Hours, due, release, window

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SEVEN = time(7, 0)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(zone: ZoneInfo, start: str = "", end: str = "", *, minutes: int = 10, daily: time = SEVEN) -> Hours:
    ends = (time.fromisoformat(start), time.fromisoformat(end)) if start else (None, None)
    return Hours(zone, minutes, daily, *ends)


@pytest.mark.parametrize(
    ("zone", "start", "end", "now", "told"),
    [
        # An ordinary night, by day, and at both of its ends.
        (BERLIN, "22:00", "07:00", "2027-01-15T22:00", "2027-01-16T06:00"),
        (BERLIN, "22:00", "07:00", "2027-01-15T12:00", "2027-01-15T12:00"),
        (BERLIN, "22:00", "07:00", "2027-01-15T20:59", "2027-01-15T20:59"),
        (BERLIN, "22:00", "07:00", "2027-01-15T21:00", "2027-01-16T06:00"),
        (BERLIN, "22:00", "07:00", "2027-01-16T06:00", "2027-01-16T06:00"),
        # Within one day.
        (BERLIN, "12:00", "13:30", "2027-01-15T11:15", "2027-01-15T12:30"),
        # Clocks go forward on 28 March at 01:00 UTC: the night is an hour shorter.
        (BERLIN, "22:00", "07:00", "2027-03-27T23:00", "2027-03-28T05:00"),
        # Its end is skipped: over when clocks pass it.
        (BERLIN, "22:00", "02:30", "2027-03-27T23:00", "2027-03-28T01:00"),
        # Its beginning is skipped.
        (BERLIN, "02:30", "06:00", "2027-03-28T00:59", "2027-03-28T00:59"),
        (BERLIN, "02:30", "06:00", "2027-03-28T01:00", "2027-03-28T04:00"),
        # All of it is skipped.
        (BERLIN, "02:10", "02:50", "2027-03-28T01:00", "2027-03-28T01:00"),
        # Clocks go back on 31 October at 01:00 UTC: an hour longer.
        (BERLIN, "22:00", "07:00", "2027-10-30T23:00", "2027-10-31T06:00"),
        # Its end comes twice: the first one counts, and it does not begin anew.
        (BERLIN, "22:00", "02:30", "2027-10-30T23:00", "2027-10-31T00:30"),
        (BERLIN, "22:00", "02:30", "2027-10-31T00:45", "2027-10-31T00:45"),
        (BERLIN, "22:00", "02:30", "2027-10-31T01:15", "2027-10-31T01:15"),
        # New York: forward on 14 March at 07:00 UTC, back on 7 November at 06:00 UTC.
        (NEW_YORK, "22:00", "07:00", "2027-03-14T04:00", "2027-03-14T11:00"),
        (NEW_YORK, "22:00", "02:30", "2027-03-14T04:00", "2027-03-14T07:00"),
        (NEW_YORK, "22:00", "07:00", "2027-11-07T05:00", "2027-11-07T12:00"),
        (NEW_YORK, "22:00", "01:30", "2027-11-07T05:00", "2027-11-07T05:30"),
        # Both ends the same is never.
        (BERLIN, "22:00", "22:00", "2027-01-15T22:00", "2027-01-15T22:00"),
    ],
)
def test_nothing_is_told_in_quiet_hours(zone: ZoneInfo, start: str, end: str, now: str, told: str) -> None:
    assert release(utc(now), hours(zone, start, end)) == utc(told)


def test_what_comes_within_a_window_is_told_at_its_end() -> None:
    plain = hours(BERLIN, minutes=10)
    assert window(utc("2027-01-15T12:07:59"), plain) == utc("2027-01-15T12:00")
    assert due(utc("2027-01-15T12:00"), Mode.SOON, plain) == utc("2027-01-15T12:10")
    assert due(utc("2027-01-15T12:09:59"), Mode.SOON, plain) == utc("2027-01-15T12:10")
    assert due(utc("2027-01-15T12:09:59"), Mode.SOON, hours(BERLIN, minutes=0)) == utc("2027-01-15T12:09:59")


@pytest.mark.parametrize(
    ("now", "daily", "told"),
    [
        ("2027-01-15T05:59", "07:00", "2027-01-15T06:00"),
        ("2027-01-15T06:00", "07:00", "2027-01-16T06:00"),
        ("2027-03-27T12:00", "02:30", "2027-03-28T01:00"),
        ("2027-10-31T00:40", "02:30", "2027-11-01T01:30"),
    ],
)
def test_the_daily_mail_comes_once_a_day_on_days_of_any_length(now: str, daily: str, told: str) -> None:
    assert due(utc(now), Mode.DAILY, hours(BERLIN, daily=time.fromisoformat(daily))) == utc(told)


def test_the_daily_mail_waits_for_the_end_of_quiet_hours_too() -> None:
    assert due(utc("2027-01-15T12:00"), Mode.DAILY, hours(BERLIN, "22:00", "08:00")) == utc("2027-01-16T07:00")


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
ZONES = st.sampled_from([BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")])


@settings(max_examples=50, deadline=None)
@given(MOMENTS, ZONES, TIMES, TIMES)
def test_quiet_hours_end_and_the_end_is_not_quiet(now: datetime, zone: ZoneInfo, start: time, end: time) -> None:
    quiet = Hours(zone, 10, SEVEN, start, end)
    told = release(now, quiet)
    assert now <= told <= now + timedelta(hours=25)
    assert release(told, quiet) == told
    if told > now:
        # All of the way there is quiet, up to the same end.
        assert release(now + (told - now) / 2, quiet) == told
        assert release(told - timedelta(seconds=1), quiet) == told


@settings(max_examples=50, deadline=None)
@given(MOMENTS, ZONES, TIMES, st.sampled_from([Mode.SOON, Mode.DAILY]))
def test_nothing_waits_longer_than_its_mode_allows(now: datetime, zone: ZoneInfo, daily: time, mode: Mode) -> None:
    told = due(now, mode, Hours(zone, 15, daily))
    assert now < told <= now + (timedelta(minutes=15) if mode is Mode.SOON else timedelta(hours=26))
