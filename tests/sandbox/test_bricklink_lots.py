"""What BrickLink's stand-in takes for a lot, and what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.market.memory import Memory
from sandbox.server import Sandbox, start
from tests.sandbox.market import BRICK, BrickLinkCalls


@pytest.fixture
def bricklink(sandbox: Sandbox) -> BrickLinkCalls:
    return BrickLinkCalls(sandbox)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in BRICK.items() if key != name}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (without("is_retain"), (400, "Parameter [is_retain] is missing")),
        (without("is_stock_room"), (400, "Parameter [is_stock_room] is missing")),
        (without("description"), (400, "String input must not be null")),
        ({**BRICK, "price": "1"}, (400, "Unparseable value or field: [price]")),
        ({**BRICK, "item": {"no": "3001", "type": "PART", "category_id": 5}}, (400, "Unparseable value or field: [item.category_id]")),
        ({**BRICK, "item": {"no": "3001", "type": "P"}}, (400, "Unparseable value or field: item.type")),
        ({**BRICK, "item": {"no": "9999", "type": "SET"}}, (400, "Invalid item sequence number: null")),
        ({**BRICK, "item": {"no": "9999-1", "type": "SET"}}, (400, "Parameter [completeness] is missing")),
        ({**BRICK, "item": {"no": "31415926", "type": "PART"}}, (404, "PART 31415926 not found")),
        ({**BRICK, "color_id": 9999}, (400, "Parameter [color_id] is invalid")),
        ({**BRICK, "quantity": 0}, (400, "Parameter [quantity] is invalid")),
        ({**BRICK, "unit_price": "0.0000"}, (400, "Parameter [unit_price] is invalid")),
        ({**BRICK, "is_stock_room": True}, (400, "Parameter [stock_room_id] is invalid")),
        ({**BRICK, "tier_quantity1": 50, "tier_price1": "0.11"}, (400, "All tier fields or none")),
        ({**BRICK, "remarks": "x" * 256}, (400, "Parameter [remarks] is too long")),
    ],
)
def test_a_create_that_is_not_right_makes_nothing(bricklink: BrickLinkCalls, body: dict[str, Any], told: tuple[int, str]) -> None:
    assert bricklink.code("POST", "/inventories", body) == told
    assert bricklink.lots() == []


def test_a_second_identical_create_makes_a_second_lot(bricklink: BrickLinkCalls) -> None:
    assert bricklink.create() != bricklink.create()
    assert len(bricklink.lots()) == 2


def test_an_array_is_made_and_answered_without_numbers(bricklink: BrickLinkCalls) -> None:
    assert bricklink.data("POST", "/inventories", [BRICK, BRICK]) == []
    assert len(bricklink.lots()) == 2
    assert bricklink.code("POST", "/inventories", [BRICK, without("is_retain")])[0] == 400
    assert len(bricklink.lots()) == 2


def test_quantity_of_an_update_is_a_difference_as_text_and_as_number(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    quantities = [
        bricklink.data("PUT", f"/inventories/{lot}", {"quantity": given, "description": ""})["quantity"] for given in ("-3", "+5", 14, -1)
    ]
    # 12 - 3 + 5 + 14 - 1
    assert quantities == [9, 14, 28, 27]
    assert bricklink.code("PUT", f"/inventories/{lot}", {"quantity": "-28", "description": ""})[0] == 400


def test_an_update_needs_the_description_and_clears_it_with_an_empty_one(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create(description="fine")
    assert bricklink.code("PUT", f"/inventories/{lot}", {"unit_price": "0.2"}) == (400, "String input must not be null")
    changed = bricklink.data("PUT", f"/inventories/{lot}", {"unit_price": "0.20001", "description": "", "color_id": 5})
    # Rounded up; the colour can't be changed.
    assert (changed["unit_price"], changed["description"], changed["color_id"]) == ("0.2001", "", 11)


def test_an_empty_lot_is_gone_unless_it_is_retained(bricklink: BrickLinkCalls) -> None:
    lot, kept = bricklink.create(), bricklink.create(is_retain=True)
    for number in (lot, kept):
        assert bricklink.data("PUT", f"/inventories/{number}", {"quantity": "-12", "description": ""})["quantity"] == 0
    assert bricklink.code("GET", f"/inventories/{lot}") == (404, f"Inventory {lot} not found")
    assert bricklink.data("GET", f"/inventories/{kept}")["quantity"] == 0
    assert bricklink.data("GET", "/inventories?status=N")[0]["inventory_id"] == kept


def test_a_deleted_lot_is_not_found_the_second_time(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    assert [bricklink.code("DELETE", f"/inventories/{lot}")[0] for _ in range(2)] == [204, 404]


def test_texts_are_escaped_on_read_and_kept_plain(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create(description='Seller\'s "best" (1 & 2)')
    assert bricklink.data("GET", f"/inventories/{lot}")["description"] == "Seller&#39;s &quot;best&quot; &#40;1 &amp; 2&#41;"
    assert bricklink.lots()[0]["description"] == 'Seller\'s "best" (1 & 2)'


def test_filters_take_lists_and_leave_out_what_has_a_dash(bricklink: BrickLinkCalls) -> None:
    black, red = bricklink.create(), bricklink.create(color_id=5)
    hidden = bricklink.create(is_stock_room=True, stock_room_id="B")

    def found(query: str) -> list[int]:
        return [lot["inventory_id"] for lot in bricklink.data("GET", f"/inventories?{query}")]

    assert found("color_id=11&item_type=part") == [black, hidden]
    assert found("status=Y%2CS") == [black, red]
    assert found("status=-Y") == [hidden]
    assert found("item_type=-part") == []


def test_another_content_type_is_refused(bricklink: BrickLinkCalls) -> None:
    assert bricklink.code("POST", "/inventories", BRICK, content_type="application/json; charset=utf-8")[0] == 415


def test_a_new_mandatory_field_is_asked_for_by_its_name(bricklink: BrickLinkCalls) -> None:
    bricklink.switch("new_field", column="made_in")
    assert bricklink.code("POST", "/inventories", BRICK) == (400, "Parameter [made_in] is missing")
    assert bricklink.code("POST", "/inventories", {**BRICK, "made_in": "DE"})[0] == 201


def test_what_is_there_survives_a_restart(tmp_path: Path) -> None:
    with start(data=tmp_path) as first:
        lot = BrickLinkCalls(first).create(remarks="B-1")
        first.control("bricklink", "sell", lot=lot, pieces=2)
        first.control("bricklink", "limit", calls=7)
        first.control("bricklink", "switch", name="500_after", times=3)
        before = first.rows("bricklink", "lots"), first.rows("bricklink", "orders")
    with start(data=tmp_path) as second:
        assert (second.rows("bricklink", "lots"), second.rows("bricklink", "orders")) == before
        state = second.control("bricklink")
        assert (state["limit"], state["callsByKind"]) == (7, {"create": 1})
        assert [(row["name"], row["times"]) for row in state["switches"]] == [("500_after", 3)]
        second.control("bricklink", "clear")
        assert BrickLinkCalls(second).create() == lot + 1


def test_a_torn_last_line_is_a_commit_that_never_was(sandbox: Sandbox, tmp_path: Path) -> None:
    lot = BrickLinkCalls(sandbox).create()
    sandbox.stop()
    kept = tmp_path / "sandbox" / "bricklink.jsonl"
    with kept.open("a") as file:
        file.write('[["cut", "lots", "')
    memory = Memory(kept)
    assert list(memory.table("lots")) == [str(lot)]
    memory.close()
