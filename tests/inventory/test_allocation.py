"""Which batches a quantity comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.allocation import Allocated, Candidate, Take, allocate, place, release

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
QUANTITIES = st.integers(0, 30_000).map(lambda thousandths: Decimal(thousandths) / 1000)
DAYS = st.integers(-3, 3).map(lambda days: NOW + timedelta(days=days))


@st.composite
def shelves(draw: st.DrawFn) -> list[Candidate]:
    rows = draw(st.lists(st.tuples(QUANTITIES, st.none() | DAYS, DAYS), max_size=8))
    return sorted((Candidate(number, *row) for number, row in enumerate(rows, start=1)), key=place)


def sellable(shelf: list[Candidate]) -> Decimal:
    return sum((each.remaining for each in shelf if each.expires_at is None or each.expires_at > NOW), Decimal(0))


@given(shelves(), QUANTITIES.filter(bool))
def test_taken_and_missing_make_up_what_was_asked(shelf: list[Candidate], quantity: Decimal) -> None:
    found = allocate(shelf, quantity, now=NOW)
    assert sum((each.quantity for each in found.takes), Decimal(0)) + found.missing == quantity
    assert found.missing == max(quantity - sellable(shelf), Decimal(0))


@given(shelves(), QUANTITIES.filter(bool))
def test_no_batch_gives_more_than_it_has_nor_twice_nor_once_expired(shelf: list[Candidate], quantity: Decimal) -> None:
    by_id = {each.batch: each for each in shelf}
    takes = allocate(shelf, quantity, now=NOW).takes
    assert len({each.batch for each in takes}) == len(takes)
    for each in takes:
        batch = by_id[each.batch]
        assert 0 < each.quantity <= batch.remaining
        assert batch.expires_at is None or batch.expires_at > NOW


@given(shelves(), QUANTITIES.filter(bool))
def test_each_batch_but_the_last_is_emptied(shelf: list[Candidate], quantity: Decimal) -> None:
    remaining = {each.batch: each.remaining for each in shelf}
    takes = allocate(shelf, quantity, now=NOW).takes
    assert [each.quantity for each in takes[:-1]] == [remaining[each.batch] for each in takes[:-1]]
    order = [each.batch for each in shelf]
    assert [each.batch for each in takes] == sorted((each.batch for each in takes), key=order.index)


@given(shelves(), QUANTITIES.filter(bool))
def test_giving_all_back_is_the_exact_inverse(shelf: list[Candidate], quantity: Decimal) -> None:
    takes = allocate(shelf, quantity, now=NOW).takes
    taken = sum((each.quantity for each in takes), Decimal(0))
    held = [(each.batch, each.quantity) for each in takes]
    assert sorted(release(held, taken)) == sorted(held)


def test_part_goes_back_to_what_was_taken_last() -> None:
    assert release([("first", Decimal(4)), ("second", Decimal(3))], Decimal(5)) == [("second", 3), ("first", 2)]


def test_no_more_goes_back_than_was_taken() -> None:
    with pytest.raises(ValueError, match="more than is held"):
        release([("first", Decimal(4))], Decimal(5))


def test_nothing_is_read_beyond_the_need() -> None:
    read = []

    def shelf() -> object:
        for number in range(1, 200_000):
            read.append(number)
            yield Candidate(number, Decimal(2), None, NOW)

    assert allocate(shelf(), Decimal(5), now=NOW) == Allocated(  # type: ignore[arg-type]
        (Take(1, Decimal(2)), Take(2, Decimal(2)), Take(3, Decimal(1))), Decimal(0)
    )
    assert read == [1, 2, 3]
