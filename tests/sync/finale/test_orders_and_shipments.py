from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sync.engine.source import Held
from sync.sources.finale import mapping
from sync.sources.finale.said import OrderSaid, ShipmentLine
from sync.sources.finale.shipments import Kind, ShipmentSaid
from tests.sync.finale.tables import A01, GREEN, HOME, MAIN, PERLITE, SHIPMENTS, SOIL, UPDATED, body

ORDER = f"{HOME}/order/PO-1007"
SHIPMENT = f"{HOME}/shipment/20001"


def order(**fields: Any) -> OrderSaid | Held | None:
    row = {
        "orderUrl": ORDER,
        "orderId": "PO-1007",
        "orderTypeId": "PURCHASE_ORDER",
        "statusId": "ORDER_LOCKED",
        "orderDate": "2026-01-08T19:00:00",
        "destinationFacilityUrl": MAIN,
        "referenceNumber": "GS-88213",
        "orderRoleList": [{"roleTypeId": "SUPPLIER", "partyId": "10021"}],
        "lastUpdatedDate": "2026-01-09T07:00:00",
        **fields,
    }
    return mapping.order(mapping.row_of("orders", row), 3)


def shipment(**fields: Any) -> ShipmentSaid | Held:
    row = {
        "shipmentUrl": SHIPMENT,
        "shipmentTypeId": "SALES_SHIPMENT",
        "statusId": "SHIPMENT_SHIPPED",
        "shipDate": "2026-01-05T19:00:00",
        "lastUpdatedDate": UPDATED,
        "shipmentItemList": [{"productUrl": SOIL, "quantity": 6}],
        **fields,
    }
    return mapping.shipment(mapping.row_of("shipments", row), 4)


def lines(**fields: Any) -> tuple[ShipmentLine, ...] | None:
    found = shipment(**fields)
    assert isinstance(found, ShipmentSaid), found
    return found.lines


# Purchase orders


def test_purchase_order_is_read() -> None:
    assert order(orderItemList=[{"productUrl": SOIL, "quantity": 100, "unitPrice": 6.9}]) == OrderSaid(
        external_id=ORDER,
        number="PO-1007",
        reference="GS-88213",
        status="ORDER_LOCKED",
        vendor_id_there=GREEN,
        place_id_there=MAIN,
        ordered_on=date(2026, 1, 8),
        lines={SOIL: 100_000},
        changed_upstream_at=datetime(2026, 1, 9, 7, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", ["SALES_ORDER", "TRANSFER_ORDER", "PURCHASE_ORDER_X", None])
def test_orders_of_other_types_are_not_purchases_though_they_were_filtered_for(kind: str | None) -> None:
    assert order(orderTypeId=kind) is None


def test_lines_that_the_list_does_not_hold_are_not_no_lines() -> None:
    for missing in (order(), order(orderItemList=None)):
        assert isinstance(missing, OrderSaid)
        assert missing.lines is None
    empty = order(orderItemList=[])
    assert isinstance(empty, OrderSaid)
    assert empty.lines == {}


def test_lines_of_one_product_are_added_and_notes_passed_over() -> None:
    items = [
        {"productUrl": SOIL, "quantity": "2.5"},
        {"productUrl": PERLITE, "quantity": 1},
        {"productUrl": SOIL, "quantity": 3},
        {"quantity": 1},
    ]
    found = order(orderItemList=items)
    assert isinstance(found, OrderSaid)
    assert found.lines == {SOIL: 5_500, PERLITE: 1_000}


def test_order_without_a_supplier_or_place() -> None:
    found = order(orderRoleList=None, destinationFacilityUrl=None)
    assert isinstance(found, OrderSaid)
    assert (found.vendor_id_there, found.place_id_there) == ("", "")


def test_order_that_cant_be_meant_is_held() -> None:
    found = order(orderItemList=[{"productUrl": SOIL, "quantity": "many"}])
    assert isinstance(found, Held)
    assert found.sentence.startswith("Row 3 (PO-1007): “quantity” is no number.")


# Shipments


def test_samples_make_half_a_piece_a_day() -> None:
    """SOIL-25 sold 6 + 9 = 15 in the 30 days to 22 January; the packed shipment does not count, the receipt is no sale."""
    found = [mapping.shipment(row) for block in mapping.table("shipments", body(**SHIPMENTS)).blocks() for row in block]
    said = [each for each in found if isinstance(each, ShipmentSaid)]
    assert len(said) == 4
    sold: Counter[date] = Counter()
    for each in said:
        for line in each.lines or () if each.kind is Kind.SALE else ():
            sold[line.day] += line.quantity
    assert sold == {date(2026, 1, 5): 6_000, date(2026, 1, 12): 9_000}
    assert sum(sold.values()) / 30 == 500
    assert [(line.day, line.quantity) for line in said[3].lines or ()] == [(date(2026, 1, 7), -4_000)]
    assert said[3].kind is Kind.RECEIPT


def test_line_of_a_sale() -> None:
    items = [{"productUrl": SOIL, "quantity": 6, "facilityUrl": A01}, {"productUrl": PERLITE, "quantity": "1.5"}]
    assert lines(shipmentItemList=items, primaryOrderUrl=ORDER, originFacilityUrl=MAIN) == (
        ShipmentLine(SHIPMENT, 0, SOIL, A01, date(2026, 1, 5), 6_000, ORDER),
        ShipmentLine(SHIPMENT, 1, PERLITE, MAIN, date(2026, 1, 5), 1_500, ORDER),
    )


@pytest.mark.parametrize("status", ["SHIPMENT_SHIPPED", "SHIPMENT_DELIVERED"])
def test_goods_are_gone_in_both_states(status: str) -> None:
    assert len(lines(statusId=status) or ()) == 1


@pytest.mark.parametrize("status", ["SHIPMENT_INPUT", "SHIPMENT_PACKED", "SHIPMENT_UNPACKED", "SHIPMENT_CANCELLED", None])
def test_shipment_that_did_not_leave_or_was_cancelled_has_no_lines(status: str | None) -> None:
    assert lines(statusId=status, shipmentItemList=None) == ()


def test_purchase_has_arrived_only_when_it_was_delivered() -> None:
    arrived = {"shipmentTypeId": "PURCHASE_SHIPMENT", "shipDate": None, "receiveDate": "2026-01-07T19:00:00"}
    assert lines(**arrived, statusId="SHIPMENT_SHIPPED") == ()
    assert [line.day for line in lines(**arrived, statusId="SHIPMENT_DELIVERED") or ()] == [date(2026, 1, 7)]


def test_transfer_is_neither_a_sale_nor_a_receipt() -> None:
    found = shipment(shipmentTypeId="TRANSFER", statusId="SHIPMENT_DELIVERED")
    assert isinstance(found, ShipmentSaid)
    assert (found.kind, found.lines) == (Kind.OTHER, ())


def test_corrections_keep_their_sign() -> None:
    items = [{"productUrl": SOIL, "quantity": -184}, {"productUrl": SOIL, "quantity": 36}]
    assert sum(line.quantity for line in lines(shipmentItemList=items) or ()) == -148_000


@pytest.mark.parametrize("stamp", ["2026-01-05T19:00:00", "2026-01-05T16:00:00", "2026-01-05T23:59:59-08:00", "2026-01-05"])
def test_ship_date_is_a_day_and_no_moment(stamp: str) -> None:
    assert [line.day for line in lines(shipDate=stamp) or ()] == [date(2026, 1, 5)]


def test_lines_that_the_list_of_shipments_does_not_hold_are_asked_for() -> None:
    assert lines(shipmentItemList=None) is None
    assert lines(shipmentItemList=[]) == ()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"shipDate": None}, "The goods have moved, but “shipDate” does not say when"),
        ({"shipDate": "soon"}, "“shipDate” is no day"),
        ({"shipmentItemList": [{"quantity": 1}]}, "There is no “productUrl”"),
        ({"shipmentItemList": [{"productUrl": SOIL, "quantity": "x"}]}, "“quantity” is no number"),
    ],
)
def test_shipment_that_cant_be_meant_is_held(fields: dict[str, Any], words: str) -> None:
    found = shipment(**fields)
    assert isinstance(found, Held)
    assert words in found.sentence
