"""How often a shop's orders are read, and what is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from marketplaces.lots import RemoteOrder
from marketplaces.orders.reading import KnownOrder, is_due, is_news, needs_lines, since

NOW = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def order(phase: str = "open", digest: str = "d1", ordered_at: datetime = NOW) -> RemoteOrder:
    return RemoteOrder("31000001", "PAID", phase, ordered_at, digest)


def test_every_minute_and_every_five_when_few_calls_are_left() -> None:
    assert is_due(None, None, NOW, None)
    assert not is_due(ago(45), None, NOW, None)
    # A tick that comes a little early is not missed.
    assert is_due(ago(55), None, NOW, 1500)
    assert not is_due(ago(55), None, NOW, 1499)
    assert not is_due(ago(280), None, NOW, 1499)
    assert is_due(ago(295), None, NOW, 1499)


def test_at_once_when_somebody_asked_and_after_the_clock_was_set_back() -> None:
    assert is_due(ago(5), ago(2), NOW, 10)
    assert not is_due(ago(2), ago(5), NOW, 5000)
    assert is_due(NOW + timedelta(hours=1), None, NOW, 5000)


def test_changes_are_asked_for_with_an_overlap_and_once_an_hour_from_far_back() -> None:
    assert since(ago(60), NOW) == ago(60) - timedelta(minutes=50)
    assert since(NOW - timedelta(minutes=31), NOW) == NOW - timedelta(days=90)
    assert since(None, NOW) == NOW - timedelta(days=90)
    assert since(NOW + timedelta(minutes=1), NOW) == NOW - timedelta(days=90)


def test_only_what_the_list_says_anew_is_news() -> None:
    assert is_news(order(), None, NOW)
    assert not is_news(order(), KnownOrder("d1", "", ago(60), True), NOW)
    assert is_news(order(), KnownOrder("d0", "", ago(60), True), NOW)


def test_what_could_not_be_read_is_not_asked_for_each_minute() -> None:
    assert not is_news(order(), KnownOrder("", "Unreadable.", ago(60), False), NOW)
    assert is_news(order(), KnownOrder("", "Unreadable.", ago(900), False), NOW)
    # Refused for good, until the shop says something new.
    assert not is_news(order(), KnownOrder("d1", "Purged.", ago(9000), False), NOW)
    assert is_news(order(), KnownOrder("d0", "Purged.", ago(60), False), NOW)


def test_lines_are_read_of_what_may_have_to_be_booked() -> None:
    connected = ago(3600)
    assert needs_lines(order(), None, connected, NOW)
    assert needs_lines(order("cancelled"), None, connected, NOW)
    assert not needs_lines(order("cancelled", "d2"), KnownOrder("d1", "", ago(60), True), connected, NOW)
    assert needs_lines(order("shipped", "d2"), KnownOrder("d1", "", ago(60), True), connected, NOW)
    # From before the shop was connected: only what may grow yet.
    assert needs_lines(order(ordered_at=ago(7200)), None, connected, NOW)
    assert not needs_lines(order("shipped", ordered_at=ago(7200)), None, connected, NOW)
    assert not needs_lines(order(ordered_at=NOW - timedelta(days=40)), None, connected, NOW)
