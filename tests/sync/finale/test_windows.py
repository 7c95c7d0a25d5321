from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sources.finale.windows import SECOND, Step, Window, behind, catch_up, read_to, stamp, step

DAY = timedelta(days=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return NEW_YEAR + timedelta(seconds=seconds)


def walk(start: datetime, until: datetime, changes: dict[datetime, int], *, width_days: int, cut: int) -> tuple[list[Window], Step]:
    """Read until nothing is left, `changes` being how many rows were changed at each second: the windows read, and how it ended."""
    answers: dict[Window, int] = {}
    while not (now := step(start, until, answers, width_days=width_days, cut=cut)).done:
        window = now.read[0]
        answers[window] = sum(rows for moment, rows in changes.items() if window.start <= moment <= window.end)
    return list(answers), now


def test_sixty_days_are_three_windows_that_meet_in_a_second() -> None:
    found = step(NEW_YEAR, NEW_YEAR + 60 * DAY, {}, width_days=29, cut=115_000)
    assert found == Step(
        (
            Window(NEW_YEAR, NEW_YEAR + 29 * DAY),
            Window(NEW_YEAR + 29 * DAY, NEW_YEAR + 58 * DAY),
            Window(NEW_YEAR + 58 * DAY, NEW_YEAR + 60 * DAY),
        ),
        (),
        False,
    )


def test_fifteen_years_are_189_windows() -> None:
    start = datetime(2007, 1, 1, tzinfo=UTC)
    assert len(step(start, datetime(2022, 1, 1, tzinfo=UTC), {}, width_days=29, cut=115_000).read) == 189


def test_cut_window_is_read_again_in_halves() -> None:
    whole = Window(NEW_YEAR, at(10))
    assert step(NEW_YEAR, at(10), {whole: 115_000}, width_days=29, cut=115_000).read == (Window(at(0), at(5)), Window(at(5), at(10)))
    assert step(NEW_YEAR, at(10), {whole: 114_999}, width_days=29, cut=115_000).done


def test_second_that_is_still_cut_is_stuck_and_everything_else_is_read() -> None:
    windows, ended = walk(at(0), at(7), {at(3): 12, at(6): 9}, width_days=29, cut=10)
    assert ended == Step((), (Window(at(2), at(3)), Window(at(3), at(4))), True)
    pairs = [(0, 7), (0, 3), (0, 1), (1, 3), (1, 2), (2, 3), (3, 7), (3, 5), (3, 4), (4, 5), (5, 7)]
    assert windows == [Window(at(first), at(last)) for first, last in pairs]


def test_stretch_of_no_length_is_one_window() -> None:
    assert step(NEW_YEAR, NEW_YEAR, {}, width_days=29, cut=10).read == (Window(NEW_YEAR, NEW_YEAR),)
    assert step(at(1), at(0), {}, width_days=29, cut=10).done


@settings(max_examples=50, deadline=None)
@given(
    length=st.integers(0, 4 * 86_400),
    changes=st.dictionaries(st.integers(0, 4 * 86_400), st.integers(1, 6), max_size=12),
    width=st.integers(1, 3),
)
def test_every_second_is_covered_exactly_once_beside_the_seams(length: int, changes: dict[int, int], width: int) -> None:
    """Leaves of the walk (read and not cut, or stuck) join without a gap, overlap in their seams only, and it ends."""
    cut = 5
    moments = {at(second): rows for second, rows in changes.items()}
    windows, ended = walk(at(0), at(length), moments, width_days=width, cut=cut)

    def rows(window: Window) -> int:
        return sum(count for moment, count in moments.items() if window.start <= moment <= window.end)

    leaves = sorted(window for window in windows if rows(window) < cut or window in ended.stuck)
    assert (leaves[0].start, leaves[-1].end) == (at(0), at(length))
    assert all(left.end == right.start for left, right in pairwise(leaves))
    assert all(window.end - window.start <= timedelta(days=width) for window in windows)
    assert all(window.end - window.start == SECOND or length == 0 for window in ended.stuck)
    assert len(windows) == len(set(windows))


@given(st.integers(0, 10**8), st.integers(0, 10**7))
def test_name_of_a_window_leads_back_to_it(start: int, length: int) -> None:
    window = Window(at(start), at(start + length))
    assert Window.of(window.part) == window


@pytest.mark.parametrize("part", ["", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z", "2026-01-01/2026-01-02"])
def test_what_is_no_window_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="window"):
        Window.of(part)


def test_stamp_is_utc_in_whole_seconds() -> None:
    assert stamp(datetime.fromisoformat("2026-01-01T02:00:00.900+02:00")) == "2026-01-01T00:00:00Z"


def test_walk_is_followed_by_the_stretch_since_ten_minutes_before_it() -> None:
    assert catch_up(at(1200), at(5000)) == Window(at(600), at(5000))
    assert behind(at(1200)) == at(600)


def test_empty_window_counts_as_read_to_its_end() -> None:
    window = Window(at(0), at(100))
    assert read_to(window, None) == at(100)
    assert read_to(window, at(40)) == at(40)
    assert read_to(window, at(40), before=at(70)) == at(70)
