from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marketplaces.lots import RemoteLot
from marketplaces.verify.matching import Known, Match, kind_of, match

BRICK = RemoteLot("1", 5, {"boid": "900001"}, {}, part_number="3001", item_type="PART", color_id=11, condition="new")
KIND = kind_of("3001", "PART", 11, "new", "")


def matched(known: Known, *lots: RemoteLot) -> list[Match]:
    return [found for _, found in match(lots or (BRICK,), known)]


def test_our_mark_decides_before_everything_else() -> None:
    known = Known(tokens={"abc23456": 7}, elsewhere={"700": 8}, kinds={KIND: [9]})

    assert matched(known, replace(BRICK, token="abc23456", others=("700",))) == [Match(item=7)]


def test_a_lot_that_was_ours_is_known_without_a_mark() -> None:
    assert matched(Known(ours={"1": 7}, kinds={KIND: [9]})) == [Match(item=7)]


def test_the_number_of_another_marketplaces_lot_decides_before_the_kind() -> None:
    assert matched(Known(elsewhere={"700": 8}, kinds={KIND: [9]}), replace(BRICK, others=("x", "700"))) == [Match(item=8)]


def test_one_item_of_the_same_kind_is_it_and_of_several_a_person_chooses() -> None:
    assert matched(Known(kinds={KIND: [9]})) == [Match(item=9)]
    assert matched(Known(kinds={KIND: [9, 10]})) == [Match(candidates=(9, 10))]
    assert matched(Known(kinds={kind_of("3001", "PART", 11, "used", ""): [9]})) == [Match()]


def test_two_lots_for_one_item_need_a_person() -> None:
    assert matched(Known(kinds={KIND: [9]}), BRICK, replace(BRICK, lot_id="2")) == [Match(candidates=(9,)), Match(candidates=(9,))]
    marked = replace(BRICK, token="abc23456")
    assert matched(Known(tokens={"abc23456": 9}), marked, replace(marked, lot_id="2")) == [Match(candidates=(9,)), Match(candidates=(9,))]


def test_what_the_shops_catalogue_calls_our_number_is_the_same_kind() -> None:
    known = Known(kinds={KIND: [9]}, numbers={"900001": [("PART", "3001")]})

    assert matched(known, replace(BRICK, part_number="3001old")) == [Match(item=9)]


def test_what_can_not_be_translated_is_nobody() -> None:
    known = Known(kinds={KIND: [9]})

    assert matched(known, replace(BRICK, color_id=None)) == [Match()]
    assert matched(known, replace(BRICK, part_number="")) == [Match()]


def test_a_set_is_sealed_when_new_and_complete_when_used_unless_it_is_said() -> None:
    assert kind_of("9999-1", "SET", 0, "new", "") == kind_of("9999-1", "SET", 0, "new", "sealed")
    assert kind_of("9999-1", "SET", 0, "used", "") == kind_of("9999-1", "SET", 0, "used", "complete")
    assert kind_of("9999-1", "SET", 0, "used", "") != kind_of("9999-1", "SET", 0, "used", "incomplete")


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["", "a", "b"])), max_size=12))
def test_no_item_is_ever_given_two_lots(drawn: list[tuple[int, str]]) -> None:
    lots: list[Any] = [replace(BRICK, lot_id=str(n), color_id=color, token=token) for n, (color, token) in enumerate(drawn)]
    kinds = {kind_of("3001", "PART", color, "new", ""): [color] for color in range(1, 5)}

    items = [found.item for found in matched(Known(tokens={"a": 1, "b": 2}, kinds=kinds), *lots) if found.item] if lots else []

    assert len(items) == len(set(items))
