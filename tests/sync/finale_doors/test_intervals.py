from __future__ import annotations

import pytest

from jobs.cron import check_cron
from sync.sources.finale.intervals import MINUTES, IntervalRefused, cron_of, minutes_of


@pytest.mark.parametrize(
    ("cron", "minutes"),
    [
        ("*/15 * * * *", 15),
        ("7 * * * *", 60),
        ("0 */6 * * *", 360),
        ("0 2 * * *", 1440),
        ("0 3 * * 0", 10080),
        ("0,5 * * * *", 5),
        ("0 8,20 * * *", 720),
        ("61 * * * *", None),
    ],
)
def test_an_interval_is_the_shortest_time_between_two(cron: str, minutes: int | None) -> None:
    assert minutes_of(cron) == minutes


@pytest.mark.parametrize(
    ("minutes", "before", "cron"),
    [
        (15, "0 * * * *", "*/15 * * * *"),
        (60, "7 * * * *", "7 * * * *"),
        (60, "*/15 * * * *", "0 * * * *"),
        (360, "20 * * * *", "20 */6 * * *"),
        (1440, "30 1 * * 3", "30 1 * * *"),
        (1440, "*/15 * * * *", "0 3 * * *"),
        (10080, "0 4 * * 6", "0 4 * * 6"),
        (10080, "15 4 * * *", "15 4 * * 0"),
    ],
)
def test_what_was_fixed_stays_where_it_fits(minutes: int, before: str, cron: str) -> None:
    assert cron_of(minutes, before) == cron


@pytest.mark.parametrize("minutes", MINUTES)
@pytest.mark.parametrize("before", ["*/15 * * * *", "7 5 * * 2", "never"])
def test_every_interval_that_is_offered_is_kept(minutes: int, before: str) -> None:
    cron = cron_of(minutes, before)
    check_cron(cron)
    assert minutes_of(cron) == minutes


def test_an_interval_that_no_line_keeps_is_refused_with_those_there_are() -> None:
    with pytest.raises(IntervalRefused, match=r"Every 45 minutes can't be kept day and night\. Take 5, 10, "):
        cron_of(45, "0 * * * *")
