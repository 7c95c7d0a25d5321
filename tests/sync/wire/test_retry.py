from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire.answers import status_problem
from sync.wire.errors import (
    BadCredentials,
    BreakerOpen,
    BudgetSpent,
    Refused,
    RetryLater,
    SessionExpired,
    TargetRefused,
    Unreachable,
    WireError,
    WrongAnswer,
)
from sync.wire.retry import is_transient, pause_before_next, reset_after, retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FINAL = [
    BadCredentials("x"),
    Refused("x"),
    SessionExpired("x"),
    TargetRefused("x"),
    BudgetSpent("x", until=NOW),
    BreakerOpen("x", until=None),
    Unreachable("x", code="dns"),
    Unreachable("x", code="tls"),
    Unreachable("x", code="deadline"),
    WrongAnswer("x", code="html"),
    WrongAnswer("x", code="too_large"),
    WrongAnswer("x", code="content_type"),
    WrongAnswer("x", code="not_json"),
]
TRANSIENT = [
    RetryLater("x", after=0),
    Unreachable("x", code="connect"),
    Unreachable("x", code="connect_timeout"),
    Unreachable("x", code="timeout"),
    Unreachable("x", code="cut_off"),
    Unreachable("x", code="dns_busy"),
    WrongAnswer("x", code="half_body"),
]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("17", 17),
        (" 60 ", 60),
        ("86401", 86_400),
        ("9" * 5000, 86_400),
        ("Sun, 01 Mar 2026 12:00:40 GMT", 40),
        ("Sun, 01 Mar 2026 12:00:40 -0000", 40),
        ("Sun, 01 Mar 2026 13:00:40 +0100", 40),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sat, 01 Mar 2036 12:00:00 GMT", 86_400),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Sun, 99 Mar 2026 12:00:40 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text())
def test_no_retry_after_breaks_the_reader(value: str) -> None:
    found = retry_after(value, NOW)
    assert found is None or 0 <= found <= 86_400


@given(st.integers(0, 80_000))
def test_both_forms_mean_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(date, NOW) == retry_after(str(seconds), NOW) == seconds


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: f"{type(error).__name__} {error.code}")
def test_passing_errors_are_tried_again(error: WireError) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", FINAL, ids=lambda error: f"{type(error).__name__} {error.code}")
def test_other_errors_are_final(error: WireError) -> None:
    assert pause_before_next(error, 1, 1000) is None


def test_pauses_double_and_end_with_the_third_try() -> None:
    error = RetryLater("x", after=0)
    assert [pause_before_next(error, tries, 1000) for tries in (1, 2, 3)] == [1.0, 2.0, None]


def test_longer_wish_of_the_other_side_is_kept_up_to_a_minute() -> None:
    assert pause_before_next(RetryLater("x", after=60), 1, 1000) == 60
    assert pause_before_next(RetryLater("x", after=0.2), 2, 1000) == 2.0
    assert pause_before_next(RetryLater("x", after=60.5), 1, 1000) is None


@given(st.sampled_from(FINAL + TRANSIENT), st.integers(1, 10), st.floats(0, 1000), st.floats(0, 1e6))
def test_pause_is_short_and_ends_before_the_deadline(error: WireError, tries: int, seconds_left: float, after: float) -> None:
    if isinstance(error, RetryLater):
        error = RetryLater("x", after=after)
    pause = pause_before_next(error, tries, seconds_left)
    assert pause is None or (tries < 3 and 1 <= pause <= 60 and pause < seconds_left)


EPOCH_1769090400 = datetime(2026, 1, 22, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1769090460000", 60.0),
        ("1769090460", 60.0),
        (" 1769090460 ", 60.0),
        ("1769090400", 1.0),
        ("1769080000000", 1.0),
        ("45", 45.0),
        ("0", 1.0),
        ("9999999999", 86_400.0),
        ("", None),
        (None, None),
        ("soon", None),
        ("-5", None),
        ("9" * 30, None),
    ],
)
def test_reset_is_read_in_seconds_and_milliseconds(value: str | None, seconds: float | None) -> None:
    assert reset_after(value, EPOCH_1769090400) == seconds


@pytest.mark.parametrize(
    ("headers", "after"),
    [({"X-RateLimit-Reset": "1769090430000"}, 30.0), ({"X-RateLimit-Reset": "1769090430", "Retry-After": "7"}, 7.0), ({}, 0.0)],
)
def test_reset_counts_where_retry_after_is_missing(headers: dict[str, str], after: float) -> None:
    found = status_problem(429, headers, url="https://shop.example/a", now=EPOCH_1769090400)
    assert isinstance(found, RetryLater)
    assert found.after == after


def test_reset_says_nothing_about_other_answers() -> None:
    found = status_problem(503, {"X-RateLimit-Reset": "1769090430"}, url="https://shop.example/a", now=EPOCH_1769090400)
    assert isinstance(found, RetryLater)
    assert found.after == 0.0


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("/exampleco/api/stock/?key=abc#x", "leads from https://shop.example/a to https://shop.example/exampleco/api/stock/."),
        ("https://user:word@sso.example:8443/in?x=1", "to a sign-in at https://sso.example:8443/in: the session has ended."),
        ("", "to another place."),
        ("/a b", "to another place."),
        ("/" + "a" * 200, "to another place."),
    ],
)
def test_redirect_names_where_it_leads_as_far_as_the_path(location: str, words: str) -> None:
    found = status_problem(302, {"Location": location}, url="https://shop.example/a", now=EPOCH_1769090400)
    assert found is not None
    assert words in found.sentence
