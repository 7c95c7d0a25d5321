"""The rules of docs/critical-items.md, by hand and for whatever numbers come."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.criticality import (
    LONGEST_TENTHS,
    STATES,
    STRETCH,
    Thresholds,
    judge,
    priority,
    reorder_advised,
    stretch,
    tenths_left,
    urgency,
)
from inventory.models.supply import SupplyLevel, SupplyState

OUT, BELOW, SOON, FINE = SupplyState.OUT, SupplyState.BELOW, SupplyState.SOON, SupplyState.FINE
CRITICAL, LOW, ADEQUATE, OVERSTOCKED = SupplyLevel.CRITICAL, SupplyLevel.LOW, SupplyLevel.ADEQUATE, SupplyLevel.OVERSTOCKED
USUAL = Thresholds()

quantity = st.integers(-50_000, 500_000)
perhaps = st.none() | st.integers(0, 500_000)
days = st.none() | st.integers(0, 4000).map(lambda tenths: Decimal(tenths) / 10)


@pytest.mark.parametrize(
    ("available", "point", "left", "maximum", "judged"),
    [
        (0, None, None, None, (OUT, CRITICAL)),
        (-3, 10, 5, 100, (OUT, CRITICAL)),
        # Zero as a reorder point: what is there is above it.
        (1, 0, None, None, (FINE, ADEQUATE)),
        (10, 10, None, None, (BELOW, LOW)),
        (11, 10, None, None, (FINE, ADEQUATE)),
        # Unknown is never a reason.
        (1, None, None, None, (FINE, ADEQUATE)),
        # On one list only, the worse one; the level still says that it ends within the week.
        (10, 10, 7, None, (BELOW, CRITICAL)),
        (10, 9, 7, None, (SOON, CRITICAL)),
        (10, 9, Decimal("7.1"), None, (FINE, LOW)),
        (10, 9, 30, None, (FINE, LOW)),
        (10, 9, Decimal("30.1"), None, (FINE, ADEQUATE)),
        (10, 9, 180, None, (FINE, ADEQUATE)),
        (10, 9, Decimal("180.1"), None, (FINE, OVERSTOCKED)),
        (80, 9, None, 100, (FINE, ADEQUATE)),
        (81, 9, None, 100, (FINE, OVERSTOCKED)),
        # Much of a small maximum, yet at the reorder point: low goes first.
        (81, 81, None, 100, (BELOW, LOW)),
        (81, None, 30, 100, (FINE, LOW)),
        # A maximum of nothing is unknown.
        (81, None, None, 0, (FINE, ADEQUATE)),
    ],
)
def test_judgement(available: int, point: int | None, left: Decimal | None, maximum: int | None, judged: tuple[str, str]) -> None:
    assert judge(available, point, left, maximum, stocked=True, thresholds=USUAL) == judged


def test_what_nobody_ever_had_is_out_unless_the_account_says_otherwise() -> None:
    later = Thresholds(never_stocked=False)
    assert judge(0, 5, None, None, stocked=False, thresholds=USUAL) == (OUT, CRITICAL)
    assert judge(0, 5, None, None, stocked=False, thresholds=later) == (FINE, ADEQUATE)
    assert judge(0, 5, None, None, stocked=True, thresholds=later) == (OUT, CRITICAL)


@settings(max_examples=50)
@given(quantity, perhaps, days, perhaps, st.booleans(), st.booleans())
def test_always_one_list_and_the_same_in_any_unit(
    available: int, point: int | None, left: Decimal | None, maximum: int | None, stocked: bool, never: bool
) -> None:
    thresholds = Thresholds(never_stocked=never)
    state, level = judge(available, point, left, maximum, stocked=stocked, thresholds=thresholds)
    in_units = judge(
        Decimal(available) / 1000,
        None if point is None else Decimal(point) / 1000,
        left,
        None if maximum is None else Decimal(maximum) / 1000,
        stocked=stocked,
        thresholds=thresholds,
    )
    assert (state, level) == in_units
    assert (level is CRITICAL) >= (state in (OUT, SOON))
    assert (level is OVERSTOCKED) <= (state is FINE)
    assert (state is BELOW) == (available > 0 and point is not None and available <= point)


@settings(max_examples=50)
@given(quantity, quantity, perhaps, days)
def test_more_is_never_more_urgent(less: int, more: int, point: int | None, left: Decimal | None) -> None:
    less, more = sorted((less, more))
    states = [judge(each, point, left, None, stocked=True, thresholds=USUAL)[0] for each in (less, more)]
    assert STATES.index(states[0]) <= STATES.index(states[1])


@pytest.mark.parametrize(
    ("available", "daily", "tenths"),
    [
        # The brief's example: half a unit a day, 52 on hand.
        (52_000, 500, 1040),
        (10_000, 3_000, 33),
        (1, 1000, 0),
        (0, None, 0),
        (-5, 1000, 0),
        (5, None, None),
        (5, 0, None),
        (10**15, 1, LONGEST_TENTHS),
    ],
)
def test_days_left_are_cut_to_a_tenth(available: int, daily: int | None, tenths: int | None) -> None:
    assert tenths_left(available, daily) == tenths


def test_urgent_ones_come_first() -> None:
    in_order = [
        urgency(OUT, 0, 10, 0, 4000),
        urgency(OUT, -5, 10, 0, 500),
        urgency(OUT, 0, None, 0, None),
        urgency(BELOW, 5, 10, 3, 4000),
        urgency(BELOW, 5, 10, 90, 500),
        urgency(BELOW, 1, 10, None, None),
        urgency(BELOW, 9, 10, None, None),
        urgency(SOON, 5, None, 20, 4000),
        urgency(SOON, 5, None, 70, 4000),
        urgency(FINE, 5, None, 71, 4000),
        urgency(FINE, 5, None, None, None),
    ]
    assert in_order == sorted(in_order)
    assert len(set(in_order)) == len(in_order)


@settings(max_examples=50)
@given(st.integers(-(10**15), 10**15), st.none() | st.integers(0, 10**15), st.none() | st.integers(0, 10**15))
def test_urgency_stays_within_its_state(available: int, point: int | None, daily: int | None) -> None:
    tenths = tenths_left(available, daily)
    left = None if tenths is None else Decimal(tenths) / 10
    state, _ = judge(available, point, left, None, stocked=True, thresholds=USUAL)
    place = urgency(state, available, point, tenths, daily)
    assert [(start, end) for start, end in stretch([state]) if start <= place < end]


def test_lists_beside_each_other_are_one_stretch() -> None:
    assert stretch([OUT, BELOW]) == [(0, 2 * STRETCH)]
    assert stretch([FINE, OUT]) == [(0, STRETCH), (3 * STRETCH, 4 * STRETCH)]
    assert stretch(list(STATES)) == [(0, 4 * STRETCH)]
    assert stretch([]) == []


@pytest.mark.parametrize(
    ("state", "new", "changed", "hours", "points"),
    [
        (OUT, False, False, None, 10),
        (OUT, False, False, 30, 10),
        (BELOW, False, False, None, 9),
        (BELOW, False, False, 7, 10),
        (SOON, False, False, None, 8),
        (FINE, True, False, None, 8),
        (FINE, False, True, None, 5),
        (FINE, False, True, 6, 5),
        (FINE, False, True, 7, 6),
        (FINE, False, True, 24, 6),
        (FINE, False, True, 25, 7),
        (FINE, False, False, None, 0),
    ],
)
def test_priority(state: SupplyState, new: bool, changed: bool, hours: int | None, points: int) -> None:
    age = None if hours is None else timedelta(hours=hours)
    assert priority(state, new=new, changed=changed, age=age) == points


def test_reorder_is_advised_of_what_is_critical_and_of_what_is_low_for_two_weeks() -> None:
    assert reorder_advised(CRITICAL, None)
    assert reorder_advised(LOW, 140)
    assert not reorder_advised(LOW, 141)
    assert not reorder_advised(LOW, None)
    assert not reorder_advised(ADEQUATE, 100)
