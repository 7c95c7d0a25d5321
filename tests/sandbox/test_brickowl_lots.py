"""What Brick Owl's stand-in takes for a lot, and what becomes of it."""

from __future__ import annotations

import pytest
import requests

from sandbox.brickowl.keys import API_KEY
from sandbox.server import Sandbox
from tests.sandbox.market import OWL_BRICK, BrickOwlCalls


@pytest.fixture
def brickowl(sandbox: Sandbox) -> BrickOwlCalls:
    return BrickOwlCalls(sandbox)


def test_the_key_counts_in_the_query_of_a_get_and_in_the_form_of_a_post_only(brickowl: BrickOwlCalls) -> None:
    base = f"{brickowl.sandbox.url}/brickowl/v1"
    assert brickowl.get("user/details").json()["store_details"]["base_currency"] == "EUR"
    for answer in (
        requests.get(f"{base}/user/details", headers={"Authorization": API_KEY}, timeout=60),
        requests.post(f"{base}/inventory/create", json={"key": API_KEY, **OWL_BRICK}, timeout=60),
        requests.post(f"{base}/inventory/create", params={"key": API_KEY}, data=OWL_BRICK, timeout=60),
        requests.post(f"{base}/inventory/create", data={**OWL_BRICK, "key": "another"}, timeout=60),
    ):
        assert (answer.status_code, answer.json()) == (401, {"error": "Invalid API key"})
    assert brickowl.lots() == []


def test_a_wrong_path_is_a_web_page(brickowl: BrickOwlCalls) -> None:
    answer = requests.get(f"{brickowl.sandbox.url}/brickowl/inventory/list", params={"key": API_KEY}, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_create_answers_with_the_number_alone_and_the_list_with_texts(brickowl: BrickOwlCalls) -> None:
    answer = brickowl.post("inventory/create", **OWL_BRICK)
    assert answer.json() == {"status": "success", "lot_id": "55500001"}
    lot = brickowl.lot("55500001")
    assert {name: lot[name] for name in ("boid", "type", "con", "full_con", "qty", "base_price", "for_sale", "tier_price", "my_cost")} == {
        "boid": "900001-38",
        "type": "Part",
        "con": "new",
        "full_con": "new",
        "qty": "12",
        "base_price": "0.125",
        "for_sale": "1",
        "tier_price": [],
        "my_cost": None,
    }
    assert lot["external_lot_ids"] == {"other": "ls-7f3c2a"}


@pytest.mark.parametrize(
    ("changed", "status", "word"),
    [
        ({"quantity": "0"}, 400, "greater than zero"),
        ({"price": "0"}, 400, "must be positive"),
        ({"condition": "N"}, 400, "use one of: new, news, newc, newi, usedn"),
        ({"color_id": ""}, 400, "color_id is required"),
        ({"color_id": "11"}, 400, "Invalid color_id"),
        ({"boid": "3001"}, 400, "Invalid BOID"),
        ({"boid": "900017"}, 400, "color_id is not allowed"),
    ],
)
def test_a_create_that_is_not_right_makes_nothing(brickowl: BrickOwlCalls, changed: dict[str, str], status: int, word: str) -> None:
    answer = brickowl.post("inventory/create", **{**OWL_BRICK, **changed})
    assert (answer.status_code, brickowl.lots()) == (status, [])
    assert word in answer.text


def test_what_is_scheduled_for_deletion_can_not_be_listed(brickowl: BrickOwlCalls) -> None:
    (boid,) = {boid.partition("-")[0] for boid in brickowl.get("catalog/id_lookup", id="54200", type="Part").json()["boids"]}
    answer = brickowl.post("inventory/create", **{**OWL_BRICK, "boid": boid})
    assert (answer.status_code, answer.json()) == (400, {"error": {"status": "This item is scheduled for deletion"}})


def test_the_same_external_id_twice_makes_two_lots_and_finds_one(brickowl: BrickOwlCalls) -> None:
    first, second = brickowl.create(), brickowl.create()
    assert first != second
    found = brickowl.get("inventory/list", external_id_1="ls-7f3c2a", active_only=0).json()
    assert [lot["lot_id"] for lot in found] == [first]


def test_hidden_and_empty_lots_are_listed_only_when_asked_for(brickowl: BrickOwlCalls) -> None:
    hidden, empty, shown = brickowl.create(), brickowl.create(), brickowl.create()
    brickowl.post("inventory/update", lot_id=hidden, for_sale=0)
    brickowl.post("inventory/update", lot_id=empty, absolute_quantity=0)
    assert [lot["lot_id"] for lot in brickowl.get("inventory/list").json()] == [shown]
    assert [lot["lot_id"] for lot in brickowl.get("inventory/list", active_only=0).json()] == [hidden, empty, shown]
    assert brickowl.get("inventory/list", lot_id=empty).json() == []


def test_quantities_are_set_or_moved_and_an_empty_lot_comes_back(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    seen = []
    for change in ({"absolute_quantity": 9}, {"relative_quantity": -9}, {"relative_quantity": 5}):
        assert brickowl.post("inventory/update", lot_id=lot, **change).json() == {"status": "success"}
        seen.append(brickowl.lot(lot)["qty"])
    assert seen == ["9", "0", "5"]
    assert brickowl.post("inventory/update", lot_id=lot, absolute_quantity=1, relative_quantity=1).status_code == 400
    assert brickowl.post("inventory/update", lot_id=lot, relative_quantity=-6).status_code == 400
    assert brickowl.lot(lot)["qty"] == "5"


def test_an_update_has_exactly_one_identifier_and_at_least_one_field(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    assert brickowl.post("inventory/update", lot_id=lot, external_id="ls-7f3c2a", price="1").status_code == 400
    assert brickowl.post("inventory/update", price="1").status_code == 400
    assert brickowl.post("inventory/update", lot_id=lot).status_code == 400
    assert brickowl.post("inventory/update", external_id="ls-7f3c2a", price="1").status_code == 200
    assert brickowl.post("inventory/update", lot_id="1", price="2").status_code == 404
    assert brickowl.lot(lot)["base_price"] == "1.000"


def test_unknown_fields_are_ignored_and_empty_notes_clear(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    brickowl.post("inventory/update", lot_id=lot, personal_note="A-12", public_note="hello", sale_percentage=50)
    assert (brickowl.lot(lot)["personal_note"], brickowl.lot(lot)["sale_percent"]) == ("A-12", "0")
    brickowl.post("inventory/update", lot_id=lot, public_note="")
    assert (brickowl.lot(lot)["personal_note"], brickowl.lot(lot)["public_note"]) == ("A-12", None)


def test_a_sale_lowers_the_price_shown_and_not_the_one_set(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    brickowl.post("inventory/update", lot_id=lot, sale_percent=10, tier_price="50:0.110,100:0.1")
    shown = brickowl.lot(lot)
    # 0.125 less ten per cent is 0.1125.
    assert (shown["price"], shown["base_price"]) == ("0.113", "0.125")
    assert shown["tier_price"] == [["50", "0.110"], ["100", "0.100"]]
    brickowl.post("inventory/update", lot_id=lot, tier_price="remove")
    assert brickowl.lot(lot)["tier_price"] == []


def test_a_deleted_lot_is_not_found_the_second_time(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    assert [brickowl.post("inventory/delete", lot_id=lot).status_code for _ in range(2)] == [200, 404]


@pytest.mark.parametrize(
    ("switch", "empty", "one"),
    [("lots_as_object", {}, "keyed"), ("lot_bare", [], "bare")],
)
def test_lists_in_their_other_shapes(brickowl: BrickOwlCalls, switch: str, empty: object, one: str) -> None:
    brickowl.switch(switch)
    assert brickowl.get("inventory/list", lot_id="1", active_only=0).json() == empty
    lot = brickowl.create()
    found = brickowl.get("inventory/list", lot_id=lot, active_only=0).json()
    assert (found[lot] if one == "keyed" else found)["lot_id"] == lot
