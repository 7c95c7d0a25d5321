"""What BrickLink should show of an item, and the bodies that say so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplaces.lots import Wanted
from marketplaces.models import ListingState
from marketplaces.providers.bricklink.mapping import Before, create_body, update_body
from tests.marketplaces.bricklink.build import TOKEN, lot_of, make_brick, refusal_of, settings

CREATE = {
    "item",
    "color_id",
    "quantity",
    "new_or_used",
    "unit_price",
    "completeness",
    "description",
    "remarks",
    "bulk",
    "is_retain",
    "is_stock_room",
    "stock_room_id",
    "my_cost",
    "sale_rate",
    *(f"tier_{what}{number}" for what in ("quantity", "price") for number in (1, 2, 3)),
}
ALWAYS = {"item", "color_id", "quantity", "unit_price", "new_or_used", "description", "remarks", "bulk", "is_retain", "is_stock_room"}
UPDATE = CREATE - {"item", "color_id", "new_or_used", "completeness"}
NO_TIERS = {"tier_quantity2": 0, "tier_price2": "0.0000", "tier_quantity3": 0, "tier_price3": "0.0000"}
KNOWN = Before(quantity=12, token=TOKEN, description="As it was")


def test_plain_brick_is_made_with_the_members_that_brick_link_insists_on() -> None:
    wanted = lot_of(make_brick(location="A-12", notes="Clean"))
    assert create_body(wanted, TOKEN, settings()) == {
        "item": {"no": "3001", "type": "PART"},
        "color_id": 11,
        "quantity": 12,
        "unit_price": "0.1250",
        "new_or_used": "N",
        "description": "Clean",
        "remarks": "A-12 #k7f3c2mq",
        "bulk": 1,
        "is_retain": False,
        "is_stock_room": False,
    }


@pytest.mark.parametrize(
    ("item", "given", "members"),
    [
        ({"part_number": " 3001 "}, {}, {"item": {"no": "3001", "type": "PART"}}),
        ({"part_number": "973pb0001C01"}, {}, {"item": {"no": "973pb0001C01", "type": "PART"}}),
        ({"condition": "used"}, {}, {"new_or_used": "U"}),
        ({"status": "reserved"}, {}, {"is_stock_room": True, "stock_room_id": "A"}),
        ({"status": "reserved"}, {"stockroom": "C"}, {"is_stock_room": True, "stock_room_id": "C"}),
        ({"price": Decimal("0.1245")}, {}, {"unit_price": "0.1250"}),
        ({"price": Decimal("0.1244")}, {}, {"unit_price": "0.1240"}),
        ({"price": Decimal("2")}, {"price_factor": "1.5"}, {"unit_price": "3.0000"}),
        ({"cost": Decimal("0.05")}, {}, {"my_cost": "0.0500"}),
        ({"bulk": 10}, {}, {"bulk": 10}),
        ({"sale_percent": 20}, {}, {"sale_rate": 20}),
        ({"tiers": [[50, "0.110"]]}, {}, {"tier_quantity1": 50, "tier_price1": "0.1100", **NO_TIERS}),
        ({"tiers": []}, {}, {"tier_quantity1": 0, "tier_price1": "0.0000", **NO_TIERS}),
        ({"location": "A-12"}, {"token": False}, {"remarks": "A-12"}),
        ({"location": "A-12"}, {"send_location": False}, {"remarks": "#k7f3c2mq"}),
        ({"location": ""}, {}, {"remarks": "#k7f3c2mq"}),
        ({"notes": "Mine"}, {"send_notes": False}, {"description": ""}),
        ({}, {"zero_stock": "keep"}, {"is_retain": True, "is_stock_room": False}),
        ({}, {"send_price": False}, {"unit_price": "0.1250"}),
    ],
)
def test_create_says_what_the_item_and_the_settings_say(item: dict[str, Any], given: dict[str, Any], members: dict[str, Any]) -> None:
    body = create_body(lot_of(make_brick(**item), **given), TOKEN, settings(**given))
    assert {name: body[name] for name in members} == members
    assert set(body) >= ALWAYS


@pytest.mark.parametrize(
    ("item", "number", "completeness"),
    [
        ({"part_number": "9999", "condition": "new"}, "9999-1", "S"),
        ({"part_number": "9999-2", "condition": "used"}, "9999-2", "C"),
        ({"part_number": "9999", "condition": "used", "completeness": "incomplete"}, "9999-1", "B"),
        ({"part_number": "9999", "condition": "new", "completeness": "complete"}, "9999-1", "C"),
    ],
)
def test_set_has_its_ending_and_its_completeness(item: dict[str, Any], number: str, completeness: str) -> None:
    body = create_body(lot_of(make_brick(item_type="SET", color_id=0, **item), color=0), TOKEN, settings())
    assert (body["item"], body["completeness"]) == ({"no": number, "type": "SET"}, completeness)


def test_completeness_is_not_said_of_what_is_no_set() -> None:
    assert "completeness" not in create_body(lot_of(make_brick(completeness="complete")), TOKEN, settings())


@pytest.mark.parametrize(
    ("item", "known", "code", "state"),
    [
        ({"price": None}, {}, "no_price", ListingState.FAILED),
        ({"price": Decimal("0")}, {}, "no_price", ListingState.FAILED),
        ({"price": Decimal("0.0004")}, {}, "no_price", ListingState.FAILED),
        ({"color_id": 999}, {"color": None}, "unknown_color", ListingState.UNMAPPED),
        ({}, {"currency": "USD", "price_currency": "EUR"}, "currency", ListingState.NEEDS_PERSON),
        ({"tiers": [[50, "0.125"]]}, {}, "invalid", ListingState.FAILED),
        ({"tiers": [[50, "0.120"], [40, "0.110"]]}, {}, "invalid", ListingState.FAILED),
        ({"tiers": [[50, "0.0004"]]}, {}, "invalid", ListingState.FAILED),
    ],
)
def test_what_brick_link_would_refuse_or_take_wrongly_is_refused_before(
    item: dict[str, Any], known: dict[str, Any], code: str, state: ListingState
) -> None:
    refused = refusal_of(make_brick(**item), **known)
    assert (refused.code, refused.state) == (code, state)


def test_bug_11_missing_price_is_a_refusal_and_never_nought() -> None:
    assert refusal_of(make_brick(price=None)).sentence == "The item has no price."
    assert refusal_of(make_brick(price=None), send_price=False).code == "no_price"
    assert "price" not in lot_of(make_brick(price=None), send_price=False, told={"number": "3001"}).fields


def test_bug_11_difference_of_nought_is_not_sent() -> None:
    assert "quantity" not in update_body(0, {"price": "0.140"}, KNOWN, settings())


def test_bug_11_what_is_not_managed_is_left_as_the_seller_has_it() -> None:
    fields = lot_of(make_brick()).fields
    assert set(fields) == {"price", "hidden", "notes", "location"}
    assert update_body(-3, {}, KNOWN, settings()) == {"description": "As it was", "quantity": "-3"}


def test_bug_3_update_is_the_mapped_body_with_a_signed_difference() -> None:
    body = update_body(5, {"price": "0.140", "location": "B-1"}, KNOWN, settings())
    assert body == {"quantity": "+5", "unit_price": "0.1400", "description": "As it was", "remarks": "B-1 #k7f3c2mq"}


def test_bug_15_emptied_notes_are_told() -> None:
    assert update_body(0, {"notes": ""}, KNOWN, settings()) == {"description": ""}


def test_bug_16_a_lot_is_always_made_of_the_whole_item() -> None:
    wanted = lot_of(make_brick(notes="Clean", cost=Decimal("0.05")))
    assert set(create_body(wanted, TOKEN, settings())) >= {*ALWAYS, "my_cost"}
    with pytest.raises(ValueError, match="at least one piece"):
        create_body(Wanted(wanted.identity, 0, wanted.fields), TOKEN, settings())


@pytest.mark.parametrize(
    ("told", "difference", "fields", "hidden", "members"),
    [
        (12, -12, {}, False, {"is_retain": True, "is_stock_room": True, "stock_room_id": "A"}),
        (12, -5, {}, False, {}),
        (0, 5, {}, False, {"is_retain": True, "is_stock_room": False}),
        (0, 5, {}, True, {"is_retain": True, "is_stock_room": True, "stock_room_id": "A"}),
        (0, 5, {"hidden": False}, True, {"is_retain": True, "is_stock_room": False}),
        (3, 5, {}, False, {}),
    ],
)
def test_empty_lot_that_is_kept_waits_in_the_stockroom(
    told: int, difference: int, fields: dict[str, Any], hidden: bool, members: dict[str, Any]
) -> None:
    body = update_body(difference, fields, Before(told, TOKEN, "", hidden), settings(zero_stock="keep"))
    assert body == {"description": "", "quantity": f"{difference:+d}", **members}


@pytest.mark.parametrize("hidden", [True, False])
def test_hiding_and_showing_again(hidden: bool) -> None:
    room = {"is_stock_room": True, "stock_room_id": "B"} if hidden else {"is_stock_room": False}
    assert update_body(0, {"hidden": hidden}, KNOWN, settings(stockroom="B")) == {"description": "As it was", **room}


def test_long_texts_are_cut_with_a_warning_and_the_mark_has_its_place() -> None:
    wanted = lot_of(make_brick(notes="n" * 300, location="x" * 200 + " " + "y" * 99))
    assert len(wanted.fields["notes"]) == 255
    body = create_body(wanted, TOKEN, settings())
    assert len(body["remarks"]) <= 255
    assert body["remarks"].endswith(" #k7f3c2mq")
    assert [warning.split(" are")[0] for warning in wanted.warnings] == ["Notes", "The location"]


def test_entered_number_wins_and_capitals_alone_make_no_other_lot() -> None:
    assert lot_of(make_brick(), number="3001old").identity["number"] == "3001old"
    assert lot_of(make_brick(part_number="973PB1"), told={"number": "973pb1"}).identity["number"] == "973pb1"
    assert lot_of(make_brick(part_number="973pb2"), told={"number": "973pb1"}).identity["number"] == "973pb2"


amounts = st.decimals(min_value="0.001", max_value="99999", places=4)
items = st.fixed_dictionaries(
    {
        "item_type": st.sampled_from(["PART", "SET", "MINIFIG", "GEAR"]),
        "condition": st.sampled_from(["new", "used"]),
        "completeness": st.sampled_from(["", "sealed", "complete", "incomplete"]),
        "status": st.sampled_from(["available", "reserved"]),
        "quantity_available": st.integers(1, 100_000),
        "price": amounts,
        "cost": st.none() | amounts,
        "notes": st.text(max_size=400),
        "location": st.text(max_size=400),
        "bulk": st.none() | st.integers(1, 1_000),
        "sale_percent": st.none() | st.integers(0, 99),
        "tiers": st.sampled_from([None, [], [[50, "0.0010"]]]),
    }
)
rules = st.fixed_dictionaries(
    {
        "zero_stock": st.sampled_from(["keep", "delete"]),
        "stockroom": st.sampled_from("ABC"),
        **{name: st.booleans() for name in ("token", "send_price", "send_notes", "send_location")},
    }
)


@given(items, rules)
def test_bodies_hold_no_member_that_brick_link_does_not_know(item: dict[str, Any], given_rules: dict[str, Any]) -> None:
    wanted = lot_of(make_brick(**{**item, "price": item["price"] + 1}), **given_rules)
    body = create_body(wanted, TOKEN, settings(**given_rules))
    assert ALWAYS <= set(body) <= CREATE
    assert set(body["item"]) == {"no", "type"}
    assert len(body["description"]) <= 255
    assert len(body["remarks"]) <= 255
    assert ("stock_room_id" in body) == body["is_stock_room"]
    changes = update_body(0, wanted.fields, KNOWN, settings(**given_rules))
    assert {"description"} <= set(changes) <= UPDATE
    assert isinstance(changes["description"], str)


@given(st.integers(0, 10_000), st.integers(-10_000, 10_000), rules)
def test_difference_carries_its_sign_and_is_never_nought(told: int, difference: int, given_rules: dict[str, Any]) -> None:
    body = update_body(difference, {}, Before(told, TOKEN, ""), settings(**given_rules))
    assert ("quantity" in body) == (difference != 0)
    if difference:
        assert body["quantity"][0] == ("+" if difference > 0 else "-")
        assert int(body["quantity"]) == difference
