"""Which days are read. No database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sync.sources.pos import windows
from sync.sources.pos.windows import Slice

TODAY = date(2026, 5, 20)
EARLIEST = date(2000, 1, 1)
DAYS = some.dates(date(2020, 1, 1), date(2030, 1, 1))


def first(watermark: date | None, *, start: date | None = None, today: date = TODAY, lookback: int = 3) -> date:
    return windows.first_day(today, watermark=watermark, start=start, earliest=EARLIEST, lookback=lookback)


@pytest.mark.parametrize(
    ("watermark", "start", "expected"),
    [
        (None, date(2026, 5, 1), date(2026, 5, 1)),
        (None, None, date(2026, 2, 19)),
        (date(2026, 5, 19), None, date(2026, 5, 16)),
        (date(2026, 5, 10), None, date(2026, 5, 7)),
        # The till's clock was set back: its own day counts.
        (date(2026, 5, 25), None, date(2026, 5, 17)),
        # Nothing from before the day that was set.
        (date(2026, 5, 3), date(2026, 5, 2), date(2026, 5, 2)),
        (None, date(2026, 6, 1), TODAY),
    ],
)
def test_first_day_is_some_days_before_the_last_complete_one(watermark: date | None, start: date | None, expected: date) -> None:
    assert first(watermark, start=start) == expected


def test_days_go_up_to_tomorrows_midnight() -> None:
    assert [each.part for each in windows.days(date(2026, 5, 18), TODAY)] == [
        "2026-05-18/2026-05-19",
        "2026-05-19/2026-05-20",
        "2026-05-20/2026-05-21",
    ]


@settings(max_examples=50)
@given(begin=DAYS, length=some.integers(0, 60), moment=DAYS)
def test_every_day_is_in_exactly_one_slice(begin: date, length: int, moment: date) -> None:
    today = begin + timedelta(days=length)
    slices = [*windows.days(begin, today), windows.ahead(today), windows.before(begin)]
    for day in (moment, date.min, date.max):
        assert sum(each.has(day) for each in slices) == 1


@settings(max_examples=50)
@given(start=DAYS, length=some.integers(1, 400), branch=some.text(max_size=8).filter(lambda text: text == text.strip()))
def test_name_of_a_slice_leads_back_to_it(start: date, length: int, branch: str) -> None:
    wanted = Slice(start, start + timedelta(days=length), branch)
    assert Slice.of(wanted.part) == wanted


def lagging(**branches: date) -> list[Slice]:
    return windows.lagging(branches, first=date(2026, 5, 16), today=TODAY, lookback=3, offline=30, earliest=EARLIEST)


def test_branch_that_was_offline_is_read_from_its_own_last_day_on() -> None:
    assert lagging(b001=date(2026, 5, 19), b002=date(2026, 5, 8)) == [Slice(date(2026, 5, 5), date(2026, 5, 16), "b002")]


def test_branch_that_has_been_silent_for_long_is_not_waited_for() -> None:
    assert lagging(b002=date(2026, 4, 19)) == []
    assert lagging(b002=date(2026, 4, 20)) != []


def test_today_is_never_complete() -> None:
    assert windows.complete(TODAY, TODAY) == date(2026, 5, 19)
    assert windows.complete(date(2026, 5, 11), TODAY) == date(2026, 5, 11)
