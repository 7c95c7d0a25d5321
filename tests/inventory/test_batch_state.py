from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from inventory.batchstate import state
from inventory.models import Batch, BatchState
from tests.build import make_account
from tests.inventory.stock import make_batch, make_ledger, make_product

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
SOME = Decimal(5)

remainders = st.decimals(min_value=0, max_value=10**6, places=3)
moments = st.none() | st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2032, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("remaining", "expires_at", "booked", "voided", "expected"),
    [
        (SOME, None, False, False, BatchState.ACTIVE),
        (SOME, NOW + timedelta(microseconds=1), False, False, BatchState.ACTIVE),
        (SOME, NOW, False, False, BatchState.EXPIRED),
        (SOME, NOW - timedelta(days=1), True, False, BatchState.EXPIRED),
        (Decimal(0), None, False, False, BatchState.DEPLETED),
        (Decimal(0), NOW - timedelta(days=1), True, False, BatchState.DEPLETED),
        (Decimal(0), None, False, True, BatchState.VOID),
    ],
)
def test_the_state_follows_from_what_remains_and_the_expiry(
    remaining: Decimal, expires_at: datetime | None, booked: bool, voided: bool, expected: BatchState
) -> None:
    assert state(remaining, expires_at, expiry_booked=booked, voided=voided, now=NOW) == expected


def test_less_than_nothing_is_no_state() -> None:
    with pytest.raises(ValueError, match="-1"):
        state(Decimal(-1), None, expiry_booked=False, voided=False, now=NOW)


@given(remaining=remainders, expires_at=moments, now=moments.filter(bool), later=st.timedeltas(min_value=timedelta(0)))
def test_nothing_that_has_expired_becomes_fresh_by_waiting(
    remaining: Decimal, expires_at: datetime | None, now: datetime, later: timedelta
) -> None:
    def at(moment: datetime) -> BatchState:
        return state(remaining, expires_at, expiry_booked=False, voided=False, now=moment)

    after = now + min(later, timedelta(days=3650))
    if at(now) == BatchState.EXPIRED:
        assert at(after) == BatchState.EXPIRED
    if remaining == 0:
        assert at(now) == at(after) == BatchState.DEPLETED


@given(remaining=remainders, expires_at=moments, now=moments.filter(bool))
def test_booking_an_expiry_that_is_due_changes_no_state(remaining: Decimal, expires_at: datetime | None, now: datetime) -> None:
    due = expires_at is not None and expires_at <= now
    unbooked = state(remaining, expires_at, expiry_booked=False, voided=False, now=now)
    assert state(remaining, expires_at, expiry_booked=due, voided=False, now=now) == unbooked


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.mark.django_db
@pytest.mark.parametrize("remaining", [0, 5])
@pytest.mark.parametrize("days", [None, -1, 1])
@pytest.mark.parametrize("voided", [False, True])
def test_the_database_says_the_same_once_expiries_are_booked(account: Account, remaining: int, days: int | None, voided: bool) -> None:
    if voided and remaining:
        return
    expires_at = None if days is None else NOW + timedelta(days=days)
    booked = expires_at is not None and expires_at <= NOW
    batch = make_batch(
        make_product(account),
        make_ledger(account),
        remaining,
        expires_at=expires_at,
        expiry_booked_at=NOW if booked else None,
        voided_at=NOW if voided else None,
    )
    expected = state(Decimal(remaining), expires_at, expiry_booked=booked, voided=voided, now=NOW)
    assert Batch.objects.get(pk=batch.pk).state == expected
