"""What is made of BrickLink's answers."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.models.item import new_token
from marketplaces.models import OrderPhase
from marketplaces.providers.bricklink import mapping, reading
from sync.wire.errors import WireError, WrongAnswer
from tests.marketplaces.bricklink.build import LOT

ORDER: dict[str, Any] = {
    "order_id": 31000001,
    "date_ordered": "2026-03-05T10:00:00.000Z",
    "date_status_changed": "2026-03-05T10:05:00.000Z",
    "seller_name": "demo_seller",
    "store_name": "Demo &amp; Bricks",
    "buyer_name": "demo_buyer",
    "total_count": 3,
    "unique_count": 1,
    "status": "PAID",
    "payment": {"method": "PayPal", "status": "Received", "currency_code": "EUR"},
    "cost": {"currency_code": "EUR", "subtotal": "0.3750", "grand_total": "3.3750"},
}
LINE: dict[str, Any] = {
    "inventory_id": 700000123,
    "item": {"no": "3001", "name": "Brick 2 x 4", "type": "PART", "category_id": 5},
    "color_id": 11,
    "quantity": 3,
    "new_or_used": "N",
    "unit_price": "0.1250",
    "unit_price_final": "0.1100",
    "remarks": "A-12 #k7f3c2mq",
}


def test_lot_is_read_in_our_words() -> None:
    lot = reading.lot(LOT)
    assert lot.identity == {"type": "PART", "number": "3001", "color": 11, "condition": "N", "completeness": ""}
    assert lot.fields == {
        "price": "0.125",
        "notes": "Seller's best",
        "location": "A-12",
        "hidden": False,
        "bulk": 1,
        "sale_percent": 0,
        "tiers": [[50, "0.110"]],
        "cost": "0.000",
    }
    assert (lot.lot_id, lot.quantity, lot.token, lot.name) == ("700000123", 12, "k7f3c2mq", "Brick 2 x 4 (old)")
    assert (lot.part_number, lot.item_type, lot.color_id, lot.condition, lot.completeness) == ("3001", "PART", 11, "new", "")
    assert lot.created_at == datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)
    assert lot.url == "https://www.bricklink.com/inventory_detail.asp?invID=700000123"


def test_lot_in_a_stockroom_is_hidden_and_a_set_has_its_completeness() -> None:
    item = {**LOT["item"], "no": "9999-1", "type": "SET"}
    lot = reading.lot({**LOT, "item": item, "is_stock_room": True, "stock_room_id": "B", "completeness": "B", "new_or_used": "U"})
    assert (lot.fields["hidden"], lot.completeness, lot.condition) == (True, "incomplete", "used")
    strange = reading.lot({**LOT, "item": item, "completeness": "X"})
    assert (strange.identity["completeness"], strange.completeness) == ("X", "")


def test_numbers_come_as_text_or_as_numbers_and_unknown_members_are_ignored() -> None:
    lot = reading.lot({**LOT, "inventory_id": "700000123", "quantity": "12", "unit_price": Decimal("0.125"), "color_id": "11", "new": [1]})
    assert (lot.lot_id, lot.quantity, lot.fields["price"], lot.color_id) == ("700000123", 12, "0.125", 11)


def test_price_that_three_decimals_do_not_hold_is_not_rounded_to_ours() -> None:
    assert reading.lot({**LOT, "unit_price": "0.1255"}).fields["price"] == "0.1255"


@pytest.mark.parametrize(
    "broken",
    [{"inventory_id": None}, {"inventory_id": 0}, {"inventory_id": True}, {"quantity": "many"}, {"item": None}, {"quantity": 1.5}],
)
def test_lot_that_can_not_be_understood_is_a_wrong_answer(broken: dict[str, Any]) -> None:
    with pytest.raises(WrongAnswer):
        reading.lot({**LOT, **broken})


@pytest.mark.parametrize(
    ("remarks", "location", "token"),
    [
        ("A-12 #k7f3c2mq", "A-12", "k7f3c2mq"),
        ("#k7f3c2mq", "", "k7f3c2mq"),
        ("A-12 #12", "A-12 #12", ""),
        ("A-12#k7f3c2mq", "A-12#k7f3c2mq", ""),
        ("A-12 #k7f3c2mq sold", "A-12 #k7f3c2mq sold", ""),
        ("", "", ""),
    ],
)
def test_mark_stands_at_the_end_of_the_remarks(remarks: str, location: str, token: str) -> None:
    assert reading.unmarked(remarks) == (location, token)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=40))
def test_what_is_marked_is_read_back(location: str) -> None:
    token = new_token()
    assert reading.unmarked(mapping.remarks(location, token)) == (location, token)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_texts_are_decoded_once(text: str) -> None:
    assert reading.text(html.escape(text)) == text.strip()
    assert reading.text("Tom &amp;amp; Jerry &#39;n&#39; co &#40;2&#41;") == "Tom &amp; Jerry 'n' co (2)"


def test_order_is_read_with_what_its_status_means() -> None:
    (order,) = reading.orders([ORDER])
    assert (order.order_id, order.status, order.phase, order.buyer) == ("31000001", "PAID", OrderPhase.OPEN, "demo_buyer")
    assert (order.pieces, order.lot_count, order.currency) == (3, 1, "EUR")
    assert (order.subtotal, order.total) == (Decimal("0.3750"), Decimal("3.3750"))
    assert order.ordered_at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    assert order.changed_at == datetime(2026, 3, 5, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("PENDING", OrderPhase.OPEN),
        ("updated", OrderPhase.OPEN),
        ("OCR", OrderPhase.OPEN),
        ("Shipped", OrderPhase.SHIPPED),
        ("RECEIVED", OrderPhase.DONE),
        ("COMPLETED", OrderPhase.DONE),
        ("CANCELLED", OrderPhase.CANCELLED),
        ("NPX", OrderPhase.CANCELLED),
        ("ON_THE_MOON", OrderPhase.OPEN),
    ],
)
def test_status_means_this_for_stock(status: str, phase: OrderPhase) -> None:
    (order,) = reading.orders([{**ORDER, "status": status}])
    assert (order.status, order.phase) == (status, phase)


@pytest.mark.parametrize("change", [{"status": "SHIPPED"}, {"total_count": 5}, {"date_status_changed": "2026-03-06T10:05:00.000Z"}])
def test_digest_changes_with_what_matters(change: dict[str, Any]) -> None:
    (before,), (after,) = reading.orders([ORDER]), reading.orders([{**ORDER, **change}])
    assert before.digest != after.digest
    assert before.digest == reading.orders([dict(reversed(ORDER.items()))])[0].digest


def test_lines_of_all_batches_have_the_same_keys_in_whatever_order_they_come() -> None:
    first, again = LINE, {**LINE, "quantity": 2}
    dearer, other = {**LINE, "unit_price_final": "0.1250"}, {**LINE, "inventory_id": 700000124, "quantity": 7}
    expected = {"700000123@0.110": 5, "700000123@0.125": 3, "700000124@0.110": 7}
    for batches in itertools.permutations([[first, other], [again], [dearer]]):
        lines = reading.order_lines([list(reversed(batch)) for batch in batches])
        assert {line.key: line.quantity for line in lines} == expected
    line = reading.order_lines([[first]])[0]
    assert (line.lot_id, line.token, line.part_number, line.condition) == ("700000123", "k7f3c2mq", "3001", "new")
    assert line.unit_price == Decimal("0.1100")


def test_line_without_a_lot_is_known_by_what_it_is() -> None:
    (line,) = reading.order_lines([[{**LINE, "inventory_id": 0}]])
    assert (line.key, line.lot_id) == ("PART 3001 11 N@0.110", "")


def test_store_is_named_by_its_newest_order() -> None:
    older = {**ORDER, "store_name": "Before", "date_ordered": "2025-03-05T10:00:00.000Z", "cost": {"currency_code": "USD"}}
    found = reading.store([older, ORDER])
    assert (found.name, found.currency) == ("Demo & Bricks", "EUR")
    assert reading.store([]).currency == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*LOT, *ORDER, "no", "type"]), inner),
        max_leaves=15,
    )
)
def test_nothing_that_may_come_is_worse_than_a_wrong_answer(data: Any) -> None:
    readers = (reading.lot, lambda found: list(reading.lots(found)), reading.orders, reading.order_lines, reading.store, reading.colors)
    codes = {_code(read, data) for read in readers}
    assert codes <= {"", "json_shape"}


def _code(read: Callable[[Any], object], data: Any) -> str:
    try:
        read(data)
    except WireError as error:
        return error.code
    return ""
