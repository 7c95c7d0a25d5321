"""Lots, orders and stores as Brick Owl lists them: numbers as text, nothing as null, an empty map as an empty list."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplaces.providers.brickowl import reading
from sync.wire.errors import WrongAnswer
from tests.marketplaces.brickowl.build import LISTED

COLORS = {"38": 11, "92": 1}


def one(**changed: Any) -> Any:
    return reading.lot({**LISTED, **changed}, COLORS)


def test_b11_texts_are_read_as_numbers() -> None:
    lot = one()
    assert (lot.lot_id, lot.quantity) == ("55500123", 12)
    assert lot.fields == {
        # The price before the sale is the one that was set.
        "price": "0.125",
        "notes": "",
        "location": "A-12",
        "hidden": False,
        "bulk": 1,
        "sale_percent": 10,
        "tiers": [[50, "0.110"], [100, "0.100"]],
        "cost": None,
        "condition": "new",
    }


def test_b12_number_and_colour_are_bricklinks_and_not_brick_owls() -> None:
    lot = one()
    assert (lot.part_number, lot.item_type, lot.color_id) == ("3001b", "PART", 11)
    assert lot.identity == {"boid": "900001", "color": "38"}
    assert one(ids=[{"id": "3001", "type": "design_id"}]).part_number == "3001"
    assert one(ids=[{"id": "900001", "type": "boid"}]).part_number == ""


def test_b13_ids_are_text_also_where_they_come_as_numbers() -> None:
    lot = one(lot_id=55500123, qty=12, base_price=Decimal("0.125"))
    assert (lot.lot_id, lot.quantity, lot.fields["price"]) == ("55500123", 12, "0.125")
    line = reading.order_lines([{"order_item_id": 99000001, "lot_id": 55500123, "ordered_quantity": 3}], COLORS)[0]
    assert (line.key, line.lot_id) == ("99000001", "55500123")


def test_our_mark_is_told_from_others() -> None:
    assert (one().token, one().others) == ("7f3c2a99", ())
    assert (one(external_lot_ids={"other": "700000123"}).token, one(external_lot_ids={"other": "700000123"}).others) == ("", ("700000123",))
    assert (one(external_lot_ids=[]).token, one(external_lot_ids=[]).others) == ("", ())
    assert one(external_lot_ids=None).others == ()


@pytest.mark.parametrize(
    ("changed", "identity", "color"),
    [
        ({"boid": "900001-38"}, {"boid": "900001", "color": "38"}, 11),
        ({"boid": "900001-999"}, {"boid": "900001", "color": "999"}, None),
        ({"boid": "900001", "color_id": "92"}, {"boid": "900001", "color": "92"}, 1),
        ({"boid": "900001"}, {"boid": "900001", "color": ""}, None),
        ({"boid": "900007", "type": "Set"}, {"boid": "900007", "color": ""}, 0),
        ({"boid": 900007, "type": "Minifigure", "color_id": "0"}, {"boid": "900007", "color": ""}, 0),
    ],
)
def test_colour_is_the_end_of_the_boid(changed: dict[str, Any], identity: dict[str, str], color: int | None) -> None:
    lot = one(**changed)
    assert (lot.identity, lot.color_id) == (identity, color)


@pytest.mark.parametrize(
    ("tiers", "read"),
    [
        ([["50", "0.110"]], [[50, "0.110"]]),
        ([[50, Decimal("0.11")]], [[50, "0.110"]]),
        ("50:0.110,100:0.100", [[50, "0.110"], [100, "0.100"]]),
        ([], []),
        (None, []),
        ("", []),
        ([["x", "y"], ["1"], 5], []),
    ],
)
def test_tiers_come_in_several_forms(tiers: Any, read: Any) -> None:
    assert one(tier_price=tiers).fields["tiers"] == read


def test_notes_are_plain_and_hidden_lots_say_so() -> None:
    lot = one(public_note="Seller&#39;s <b>best</b>", personal_note=None, for_sale="0", my_cost="0.04")
    assert (lot.fields["notes"], lot.fields["location"], lot.fields["hidden"], lot.fields["cost"]) == ("Seller's best", "", True, "0.040")


def test_set_tells_its_completeness() -> None:
    lot = one(type="Set", boid="900007", full_con="usedi", con="used", ids=[{"id": "9999-1", "type": "set_number"}])
    assert (lot.part_number, lot.item_type, lot.condition, lot.completeness) == ("9999-1", "SET", "used", "incomplete")


@pytest.mark.parametrize("answer", [[LISTED], {"55500123": LISTED}, LISTED])
def test_list_comes_in_three_forms(answer: Any) -> None:
    assert [lot.lot_id for lot in reading.lots(answer, COLORS)] == ["55500123"]


@pytest.mark.parametrize("answer", [[], {}, None, ""])
def test_empty_list_has_no_lots(answer: Any) -> None:
    assert list(reading.lots(answer, COLORS)) == []


def test_lot_without_an_id_is_no_lot() -> None:
    with pytest.raises(WrongAnswer):
        list(reading.lots([{"qty": "1"}], COLORS))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(set(LISTED) - {"lot_id"})), _json))
def test_whatever_a_lot_holds_it_can_be_read(changed: dict[str, Any]) -> None:
    lot = one(**changed)
    assert lot.lot_id == "55500123"
    assert isinstance(lot.quantity, int)


LINE = {
    "order_item_id": "99000001",
    "name": "Demo Brick 2 x 4",
    "type": "Part",
    "boid": "900001-38",
    "lot_id": "55500123",
    "condition": "New",
    "full_con": "new",
    "ordered_quantity": "3",
    "refunded_quantity": "1",
    "remaining_quantity": "9",
    "base_price": "0.125",
    "color_id": "38",
    "external_lot_ids": {"other": "ls-7f3c2a99"},
    "ids": [{"id": "3001", "type": "design_id"}],
}


def test_order_line_is_known_by_its_own_id_and_by_our_mark() -> None:
    line = reading.order_lines([LINE, {**LINE, "order_item_id": "99000002", "lot_id": None}], COLORS)
    assert [(each.key, each.lot_id, each.token) for each in line] == [("99000001", "55500123", "7f3c2a99"), ("99000002", "", "7f3c2a99")]
    assert (line[0].quantity, line[0].refunded, line[0].color_id, line[0].condition) == (3, 1, 11, "new")
    assert (line[0].part_number, line[0].unit_price) == ("3001", Decimal("0.125"))


ORDER = {
    "order_id": "8800001",
    "order_date": "1772704800",
    "total_quantity": "3",
    "total_lots": "1",
    "base_order_total": "3.38",
    "status": "Payment Received",
    "status_id": "2",
}


def test_order_in_the_list() -> None:
    order = reading.orders([ORDER])[0]
    assert order.ordered_at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    assert (order.order_id, order.status, order.phase, order.pieces, order.lot_count) == ("8800001", "Payment Received", "open", 3, 1)
    assert order.total == Decimal("3.38")
    assert reading.orders([dict(reversed(ORDER.items()))])[0].digest == order.digest
    assert reading.orders([{**ORDER, "status_id": "3"}])[0].digest != order.digest


@pytest.mark.parametrize(
    ("status_id", "phase"),
    [("0", "open"), ("1", "open"), (2, "open"), ("4", "open"), ("5", "shipped"), ("6", "done"), ("7", "open"), ("8", "cancelled")],
)
def test_phase_of_a_status(status_id: Any, phase: str) -> None:
    assert reading.orders([{**ORDER, "status_id": status_id}])[0].phase == phase


def test_phase_goes_by_the_word_where_there_is_no_number() -> None:
    assert reading.orders([{**ORDER, "status_id": None, "status": "Cancelled"}])[0].phase == "cancelled"


def test_order_without_a_time_is_not_guessed_to_be_old() -> None:
    with pytest.raises(WrongAnswer, match="8800001"):
        reading.orders([{**ORDER, "order_date": "0"}])


def test_store_tells_its_currency() -> None:
    details = {"store_id": "7", "name": "Demo &amp; Sons", "base_currency": "eur", "country": "NL"}
    store = reading.store({"username": "demo", "has_store": "1", "store_details": details})
    assert (store.name, store.currency, store.extras["has_store"]) == ("Demo & Sons", "EUR", True)
    assert reading.store({"username": "demo", "has_store": "0", "store_details": []}).extras["has_store"] is False
