"""What Brick Owl should show of an item."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from marketplaces.lots import FIELDS, Refusal, Wanted
from marketplaces.providers.brickowl import mapping
from tests.marketplaces.brickowl.build import BRICK, Part, asked, lot_of, make_brick, refusal_of


def test_brick_is_sold_by_its_boid_and_brick_owls_colour() -> None:
    lot = lot_of(make_brick(notes="Clean", location="A-12"))
    assert lot.identity == {"boid": "900001", "color": "38"}
    assert lot.quantity == 12
    assert lot.fields == {"price": "0.125", "condition": "new", "hidden": False, "notes": "Clean", "location": "A-12"}


def test_fields_that_the_item_does_not_speak_of_are_the_shops_own() -> None:
    lot = lot_of(make_brick(bulk=5, sale_percent=10, tiers=[[50, "0.110"]], cost=Decimal("0.0405")))
    assert {name: lot.fields[name] for name in ("bulk", "sale_percent", "tiers", "cost")} == {
        "bulk": 5,
        "sale_percent": 10,
        "tiers": [[50, "0.110"]],
        "cost": "0.041",
    }
    assert not {"bulk", "sale_percent", "tiers", "cost"} & set(lot_of(make_brick()).fields)


def test_texts_that_are_not_to_be_sent_are_the_shops_own() -> None:
    lot = lot_of(make_brick(notes="Clean"), send_notes=False, send_location=False)
    assert not {"notes", "location"} & set(lot.fields)


def test_b9_emptied_note_is_wanted_empty_and_nothing_forces_for_sale() -> None:
    lot = lot_of(make_brick(notes=""))
    assert lot.fields["notes"] == ""
    assert mapping.update_parameters(difference=0, absolute=None, fields={"notes": ""}) == {"public_note": ""}
    assert "for_sale" not in mapping.update_parameters(difference=-1, absolute=None, fields={"price": "0.140"})


def test_b10_missing_price_is_refused_and_not_sent_as_zero() -> None:
    assert refusal_of(make_brick(price=None)).code == "no_price"


def test_price_that_is_not_sent_is_still_needed_for_a_new_lot() -> None:
    assert lot_of(make_brick(), send_price=False).fields["price"] == "0.125"
    assert "price" not in lot_of(make_brick(price=None), send_price=False, told={"condition": "new"}).fields
    assert refusal_of(make_brick(price=None), send_price=False).code == "no_price"


def test_factor_makes_prices_tiers_and_cost_the_shops() -> None:
    fields = lot_of(make_brick(tiers=[[50, "0.110"]], cost=Decimal("0.05")), price_factor="1.1").fields
    assert (fields["price"], fields["tiers"], fields["cost"]) == ("0.138", [[50, "0.121"]], "0.055")


def test_other_currency_needs_a_person_until_the_factor_is_set() -> None:
    refused = refusal_of(make_brick(), currency="USD", price_currency="EUR")
    assert (refused.state, refused.code) == ("needs_person", "currency")
    assert lot_of(make_brick(), currency="USD", price_currency="EUR", price_factor="1.09").fields["price"] == "0.136"


def test_reserved_is_hidden_and_not_less() -> None:
    lot = lot_of(make_brick(status="reserved"))
    assert lot.fields["hidden"] is True
    assert lot.quantity == 12


def test_sold_and_archived_are_none() -> None:
    assert lot_of(make_brick(status="sold")).quantity == 0
    assert lot_of(make_brick(archived_at=timezone.now())).quantity == 0


def test_long_note_is_cut_after_a_word_and_warned_of() -> None:
    lot = lot_of(make_brick(notes="word " * 100))
    assert len(lot.fields["notes"]) == 254
    assert lot.fields["notes"].endswith("word")
    assert [warning for warning in lot.warnings if "255" in warning]
    assert not lot_of(make_brick(notes="short")).warnings


@pytest.mark.parametrize(
    ("part", "state", "code"),
    [
        (None, "unmapped", "unknown_part"),
        (Part("missing"), "unmapped", "unknown_part"),
        (Part("ambiguous", choices=2), "unmapped", "several_parts"),
        (Part("not_listable"), "unmapped", "not_listable"),
        (Part("retiring", "900001", "Part"), "unmapped", "retiring"),
        (Part("not_asked"), "unmapped", "forbidden_function"),
    ],
)
def test_number_without_a_boid_is_never_guessed(part: Part | None, state: str, code: str) -> None:
    refused = refusal_of(make_brick(), part=part)
    assert (refused.state, refused.code) == (state, code)
    assert "3001" in refused.sentence


@pytest.mark.parametrize("item_type", ["BOOK", "CATALOG", "UNSORTED_LOT"])
def test_what_brick_owl_does_not_sell_is_said_to_be_so(item_type: str) -> None:
    assert refusal_of(make_brick(item_type=item_type)).code == "not_listable"


def test_unknown_colour_waits_for_a_mapping_and_a_part_without_one_for_the_item() -> None:
    unknown = refusal_of(make_brick(color_id=174), color=None)
    assert (unknown.state, unknown.code) == ("unmapped", "unknown_color")
    assert "174" in unknown.sentence
    none = refusal_of(make_brick(color_id=0), color=None)
    assert (none.state, none.code) == ("failed", "no_color")


@pytest.mark.parametrize(
    ("kind", "color_id", "color", "sent"),
    [
        ("Part", 11, "38", "38"),
        ("Gear", 11, "38", "38"),
        ("Gear", 0, None, ""),
        ("Minibuild", 11, "38", "38"),
        ("Set", 11, "38", ""),
        ("Minifigure", 11, "38", ""),
        ("Sticker", 11, "38", ""),
        ("Packaging", 11, None, ""),
    ],
)
def test_colour_is_named_where_it_may_be(kind: str, color_id: int, color: str | None, sent: str) -> None:
    lot = lot_of(make_brick(color_id=color_id), part=Part("found", "900001", kind), color=color)
    assert lot.identity["color"] == sent
    assert ("color_id" in mapping.create_parameters(lot, "7f3c2a99")) is bool(sent)


def test_sale_that_brick_owl_does_not_take_is_refused_here() -> None:
    assert refusal_of(make_brick(sale_percent=96)).code == "invalid"
    assert lot_of(make_brick(sale_percent=95)).fields["sale_percent"] == 95


def test_create_sends_the_documented_fields_and_the_items_mark() -> None:
    lot = lot_of(make_brick(notes="Clean", bulk=5))
    assert mapping.create_parameters(lot, "7f3c2a99") == {
        "boid": "900001",
        "color_id": "38",
        "quantity": "12",
        "price": "0.125",
        "condition": "new",
        "external_id": "ls-7f3c2a99",
    }
    assert mapping.told_by_creating(lot) == {"price", "condition", "hidden", "location"}


@pytest.mark.parametrize(
    ("given_", "form"),
    [
        ({"difference": -3, "absolute": None, "fields": {}}, {"relative_quantity": "-3"}),
        ({"difference": 5, "absolute": None, "fields": {}}, {"relative_quantity": "5"}),
        ({"difference": -12, "absolute": 0, "fields": {}}, {"absolute_quantity": "0"}),
        ({"difference": 0, "absolute": None, "fields": {"hidden": True}}, {"for_sale": "0"}),
        ({"difference": 0, "absolute": None, "fields": {"hidden": False}}, {"for_sale": "1"}),
        ({"difference": 0, "absolute": None, "fields": {"tiers": [[50, "0.110"], [100, "0.100"]]}}, {"tier_price": "50:0.110,100:0.100"}),
        ({"difference": 0, "absolute": None, "fields": {"tiers": []}}, {"tier_price": "remove"}),
        ({"difference": 0, "absolute": None, "fields": {"bulk": 1, "cost": "0.041"}}, {"bulk_qty": "1", "my_cost": "0.041"}),
        ({"difference": 0, "absolute": None, "fields": {}}, {}),
    ],
)
def test_change_is_written_in_brick_owls_words(given_: dict[str, Any], form: dict[str, str]) -> None:
    assert mapping.update_parameters(**given_) == form


_prices = st.one_of(st.none(), st.decimals("0", "99999999", places=4, allow_nan=False))


@given(
    price=_prices,
    quantity=st.integers(0, 10**6),
    notes=st.text(max_size=400),
    item_type=st.sampled_from(["PART", "SET", "MINIFIG", "BOOK", "GEAR", "ORIGINAL_BOX", "INSTRUCTION", "UNSORTED_LOT"]),
    color_id=st.integers(0, 400),
    color=st.one_of(st.none(), st.integers(1, 400).map(str)),
    condition=st.sampled_from(["new", "used"]),
    finding=st.sampled_from(["found", "missing", "ambiguous", "retiring"]),
    kind=st.sampled_from(["", "Part", "Set", "Gear", "Minibuild", "Sticker"]),
)
def test_whatever_the_item_is_nothing_comes_out_that_brick_owl_would_misread(
    price: Decimal | None,
    quantity: int,
    notes: str,
    item_type: str,
    color_id: int,
    color: str | None,
    condition: str,
    finding: str,
    kind: str,
) -> None:
    item = make_brick(price=price, quantity_available=quantity, notes=notes, item_type=item_type, color_id=color_id, condition=condition)
    found = asked(item, part=Part(finding, "900001" if finding == "found" else "", kind), color=color)
    if isinstance(found, Refusal):
        assert found.code
        assert found.sentence
        return
    assert isinstance(found, Wanted)
    assert price is not None
    assert Decimal(found.fields["price"]) > 0
    assert Decimal(found.fields["price"]).as_tuple().exponent == -3
    assert abs(Decimal(found.fields["price"]) - price) <= Decimal("0.0005")
    assert len(found.fields["notes"]) <= 255
    assert set(found.fields) <= set(FIELDS)
    form = mapping.create_parameters(found, "7f3c2a99")
    assert "" not in form.values()
    assert "None" not in form.values()
    assert form["boid"] == "900001"


def test_b3_bricklinks_number_and_colour_are_never_sent_as_brick_owls() -> None:
    form = mapping.create_parameters(lot_of(make_brick(part_number="3001", color_id=11), part=BRICK, color="38"), "7f3c2a99")
    assert (form["boid"], form["color_id"]) == ("900001", "38")
