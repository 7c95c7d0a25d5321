"""What is new of an order's lines: reading again finds nothing, in whatever order batches and lines come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from marketplaces.lots import RemoteLine
from marketplaces.orders.plan import KnownLine, Lines, compare, due, restock_after, surplus

LOTS = ("700", "701", "")


def line(key: str, quantity: int, lot: str = "700", refunded: int = 0) -> RemoteLine:
    return RemoteLine(key=key, lot_id=lot, quantity=quantity, refunded=refunded)


def known(pk: int, key: str, quantity: int, lot: str = "700", **values: int) -> KnownLine:
    return KnownLine(pk, key, lot, quantity, **values)


def stored(before: Sequence[KnownLine], found: Lines) -> list[KnownLine]:
    """What the database holds afterwards."""
    changed = {pk: (quantity, refunded) for pk, quantity, refunded in found.changed}
    kept = [
        KnownLine(row.pk, row.key, row.lot_id, *changed.get(row.pk, (row.quantity, row.refunded)), history=row.history) for row in before
    ]
    first = max([row.pk for row in before], default=0) + 1
    new = [KnownLine(pk, each.key, each.remote.lot_id, each.quantity, each.refunded) for pk, each in enumerate(found.new, first)]
    return [*kept, *new]


def pieces(rows: Sequence[KnownLine]) -> Counter[str]:
    return Counter({lot: sum(row.quantity for row in rows if row.lot_id == lot) for lot in LOTS})


# A batch: for each lot how many pieces of it; keys as a shop without names for lines makes them: batch, lot and place.
ORDERS = st.lists(st.lists(st.tuples(st.sampled_from(LOTS[:2]), st.integers(1, 5)), max_size=3), max_size=3)


def remote(batches: Sequence[Sequence[tuple[str, int]]]) -> list[RemoteLine]:
    return [
        line(f"{batch}-{lot}-{place}", quantity, lot) for batch, lines in enumerate(batches) for place, (lot, quantity) in enumerate(lines)
    ]


@given(ORDERS, st.randoms())
def test_reading_again_in_any_order_of_lines_and_batches_finds_nothing(order: list[list[tuple[str, int]]], random: object) -> None:
    rows = stored([], compare([], remote(order)))
    mixed = [list(batch) for batch in order]
    for batch in mixed:
        random.shuffle(batch)  # type: ignore[attr-defined]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert compare(rows, remote(order)) == Lines()
    again = compare(rows, remote(mixed))
    assert again == Lines()


@given(st.lists(ORDERS, max_size=4))
def test_of_each_lot_as_many_pieces_are_stored_as_the_shop_says(readings: list[list[list[tuple[str, int]]]]) -> None:
    rows: list[KnownLine] = []
    for order in readings:
        rows = stored(rows, compare(rows, remote(order)))
        said = Counter({lot: sum(quantity for batch in order for which, quantity in batch if which == lot) for lot in LOTS})
        assert pieces(rows) == said
        assert all(row.quantity >= 0 for row in rows)


@given(ORDERS, ORDERS)
def test_an_order_that_grew_by_a_batch_grows_by_that_batch(first: list[list[tuple[str, int]]], more: list[list[tuple[str, int]]]) -> None:
    rows = stored([], compare([], remote(first)))
    found = compare(rows, remote([*first, *more]))
    assert found.changed == ()
    added = Counter({lot: sum(each.quantity for each in found.new if each.remote.lot_id == lot) for lot in LOTS})
    assert added == Counter({lot: sum(quantity for batch in more for which, quantity in batch if which == lot) for lot in LOTS})


def test_a_batch_that_comes_first_now_neither_sells_nor_refunds_anything() -> None:
    rows = [known(1, "1-700", 3), known(2, "2-700", 2)]
    assert compare(rows, [line("1-700", 2), line("2-700", 3)]) == Lines()


def test_a_new_batch_before_the_old_one_is_only_what_it_adds() -> None:
    found = compare([known(1, "1-700", 3)], [line("1-700", 2), line("2-700", 3)])
    assert found.changed == ()
    assert [(each.key, each.quantity) for each in found.new] == [("2-700", 2)]


def test_fewer_pieces_and_refunds_are_told() -> None:
    found = compare([known(1, "a", 5)], [line("a", 5, refunded=2)])
    assert found == Lines(changed=((1, 5, 2),))
    assert compare([known(1, "a", 5)], [line("a", 3)]).changed == ((1, 3, 0),)
    assert compare([known(1, "a", 5)], []).changed == ((1, 0, 0),)


def test_a_shop_that_has_forgotten_the_lot_says_nothing_new() -> None:
    assert compare([known(1, "a", 5, lot="700")], [line("a", 5, lot="")]) == Lines()


def test_lines_without_a_lot_are_told_apart_by_their_keys() -> None:
    found = compare([known(1, "a", 5, lot="")], [line("a", 4, lot=""), line("b", 1, lot="")])
    assert found.changed == ((1, 4, 0),)
    assert [each.key for each in found.new] == ["b"]


def test_what_is_added_to_a_line_of_history_is_a_line_of_its_own() -> None:
    rows = [known(1, "a", 3, history=True)]
    found = compare(rows, [line("a", 5)])
    assert found.changed == ()
    assert [(each.key, each.remote.lot_id, each.quantity) for each in found.new] == [("a +3", "700", 2)]
    rows = stored(rows, found)
    assert compare(rows, [line("a", 5)]) == Lines()
    assert compare(rows, [line("a", 6)]) == Lines(changed=((2, 3, 0),))
    assert compare(rows, [line("a", 4)]) == Lines(changed=((2, 1, 0),))


def test_a_key_that_is_told_twice_is_one_line() -> None:
    found = compare([], [line("a", 2), line("a", 3)])
    assert [(each.key, each.quantity) for each in found.new] == [("a", 5)]


def test_nothing_is_due_of_a_cancelled_line_nor_of_refunded_pieces() -> None:
    assert due(5, 2, "open") == 3
    assert due(5, 7, "shipped") == 0
    assert due(5, 0, "cancelled") == 0
    assert surplus(5, 5, 2, "open") == 2
    assert surplus(3, 5, 2, "open") == 0
    assert surplus(5, 5, 0, "cancelled") == 5


def test_what_was_declined_is_offered_again_only_when_more_comes_back() -> None:
    assert restock_after("none", surplus=2, more=True) == "offered"
    assert restock_after("declined", surplus=2, more=False) == "declined"
    assert restock_after("declined", surplus=3, more=True) == "offered"
    assert restock_after("offered", surplus=0, more=False) == "none"
    assert restock_after("restocked", surplus=0, more=False) == "restocked"
    assert restock_after("restocked", surplus=1, more=True) == "offered"
