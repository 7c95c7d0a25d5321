"""Which warehouses give, and which get back."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from marketplaces.orders.splitting import left_after, share, split

QUANTITIES = st.integers(0, 20).map(Decimal)
SOURCES = st.dictionaries(st.integers(1, 4), st.integers(-3, 20).map(Decimal), min_size=1).map(lambda found: list(found.items()))


def d(**places: int) -> dict[int, Decimal]:
    return {int(place[1:]): Decimal(quantity) for place, quantity in places.items()}


def test_the_first_that_has_all_of_it_gives_it() -> None:
    assert split(Decimal(4), [(1, Decimal(3)), (2, Decimal(9)), (3, Decimal(4))], 1) == d(w2=4)


def test_where_none_has_all_each_gives_what_it_has_and_the_rest_is_missing() -> None:
    assert split(Decimal(8), [(1, Decimal(3)), (2, Decimal(-1)), (3, Decimal(4))], 3) == d(w1=3, w3=5)
    assert split(Decimal(5), [(1, Decimal(0))], 1) == d(w1=5)


@given(QUANTITIES.filter(bool), SOURCES)
def test_all_of_it_is_taken_and_nothing_twice(quantity: Decimal, sources: list[tuple[int, Decimal]]) -> None:
    found = split(quantity, sources, sources[0][0])
    assert sum(found.values()) == quantity
    assert all(taken <= max(dict(sources)[place], 0) for place, taken in found.items() if place != sources[0][0])


def test_what_was_never_there_goes_back_first_and_then_from_the_last() -> None:
    assert left_after(d(w1=4, w2=3), Decimal(1), d(w1=1)) == d(w1=3, w2=3)
    assert left_after(d(w1=4, w2=3), Decimal(5), d(w1=1)) == d(w1=2, w2=0)
    assert left_after(d(w1=4, w2=3), Decimal(7), {}) == d(w1=0, w2=0)


@given(st.dictionaries(st.integers(1, 4), QUANTITIES, min_size=1), QUANTITIES, QUANTITIES)
def test_so_much_goes_back_as_there_is(taken: dict[int, Decimal], back: Decimal, short: Decimal) -> None:
    first = next(iter(taken))
    left = left_after(taken, back, {first: min(short, taken[first])})
    total = sum(taken.values(), Decimal(0))
    assert sum(left.values(), Decimal(0)) == total - min(back, total)
    assert all(0 <= left[place] <= taken[place] for place in taken)


def test_a_part_goes_back_in_the_products_own_count() -> None:
    assert share(Decimal(10), 5, 2, whole=True) == 4
    assert share(Decimal(5), 3, 1, whole=True) == 1
    assert share(Decimal("0.75"), 3, 1, whole=False) == Decimal("0.25")
    assert share(Decimal(5), 3, 3, whole=True) == 5
