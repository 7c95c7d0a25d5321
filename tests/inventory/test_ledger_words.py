"""The ledger in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from inventory import ledgerwords
from inventory.ledger.counters import Counters
from inventory.models import MovementKind

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (Decimal(1), "packs", "1 pack"),
        (Decimal(1240), "units", "1,240 units"),
        (Decimal("0.25"), "pallets", "0.25 pallets"),
        (Decimal(0), "packs", "0 packs"),
        (Decimal(-1), "units", "−1 unit"),
    ],
)
def test_amounts(value: Decimal, kind: str, words: str) -> None:
    assert ledgerwords.amount(value, kind) == words


def test_changes_have_their_sign() -> None:
    assert [ledgerwords.signed(Decimal(value)) for value in (5, -3, 0)] == ["+5", "−3", "0"]


def test_counters_leave_out_what_there_is_nothing_of() -> None:
    assert ledgerwords.counters(Counters(pallets=Decimal(2), units=Decimal(1))) == "2 pallets, 1 unit"
    assert ledgerwords.counters(Counters()) == "nothing"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (1, "1 day left"),
        (24, "1 day left"),
        (25, "2 days left"),
        (24 * 30, "30 days left"),
        (0, "expired today"),
        (-23, "expired today"),
        (-24, "expired 1 day ago"),
        (-49, "expired 2 days ago"),
    ],
)
def test_time_until_an_expiry(hours: int, words: str) -> None:
    assert ledgerwords.until(NOON + timedelta(hours=hours), NOON) == words


@pytest.mark.parametrize(
    ("value", "words"), [(Decimal("2.5000"), "2.50"), (Decimal("0.0125"), "0.0125"), (Decimal("1234"), "1,234.00"), (None, "–")]
)
def test_money_has_at_least_two_places(value: Decimal | None, words: str) -> None:
    assert ledgerwords.money(value) == words


def test_every_kind_of_movement_has_a_word() -> None:
    assert set(ledgerwords.MOVEMENTS) == set(MovementKind)
