from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.engine.source import Held
from sync.facts import codes
from sync.facts.said import FactSaid
from sync.models import Connection, FactKind, SourceFact
from sync.sources.odoo import mapping
from sync.sources.odoo.classify import USAGES
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.orders import Orders
from sync.sources.odoo.pages import Page
from sync.sources.odoo.pulling import Pulled
from sync.sources.odoo.said import CategorySaid, OrderSaid, PlaceSaid, ProductSaid, ReorderSaid, VendorSaid
from sync.sources.odoo.versions import Version

AT = "2026-03-01 20:30:00"
KARACHI = Facts("odoo", ZoneInfo("Asia/Karachi"))
PRODUCT: dict[str, Any] = {
    "id": 13,
    "name": "Basmati Rice 5 kg",
    "default_code": "RICE-5",
    "barcode": "0964000100017",
    "active": True,
    "type": "consu",
    "is_storable": True,
    "categ_id": [17, "Grocery / Rice"],
    "list_price": "2450.0",
    "standard_price": "2010.0",
    "uom_id": [1, "Units"],
    "write_date": AT,
}
MOVE: dict[str, Any] = {
    "id": 412,
    "state": "done",
    "date": "2026-03-01 20:30:05",
    "product_id": [13, "[RICE-5] Basmati Rice 5 kg"],
    "quantity": "12.0",
    "product_uom_qty": "10.0",
    "product_qty": "10.0",
    "product_uom": [1, "Units"],
    "location_id": [4, "Vendors"],
    "location_dest_id": [36, "CLF/Stock"],
    "location_usage": "supplier",
    "location_dest_usage": "internal",
    "reference": "CLF/IN/00007",
    "origin": "P00012",
    "purchase_line_id": [9, "P00012: Rice"],
    "price_unit": "2010.5",
    "move_orig_ids": [],
    "write_date": AT,
}


def fact(*, lines: dict[int, Any] | None = None, **changed: Any) -> FactSaid:
    return mapping.move({**MOVE, **changed}, Page("purchases", Version(19), [], lines or {}), KARACHI)


def product(**changed: Any) -> ProductSaid:
    found = mapping.product({**PRODUCT, **changed})
    assert isinstance(found, ProductSaid)
    return found


def test_product_keeps_its_zeros_and_its_labels() -> None:
    found = product()
    assert found[:10] == (
        "product:13",
        "RICE-5",
        "RICE-5",
        "Basmati Rice 5 kg",
        True,
        "0964000100017",
        "0964000100017",
        "Grocery / Rice",
        "category:17",
        "2010",
    )
    assert json.loads(found.raw) == {"type": "consu", "is_storable": True, "list_price": "2450.0", "uom_id": [1, "Units"]}
    assert found.changed_upstream_at == datetime(2026, 3, 1, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unit", "fractional"), [([12, "kg"], True), ([3, "L"], True), ([1, "Units"], False), ([2, "Dozens"], False), (False, None)]
)
def test_product_that_is_weighed_or_measured_is_counted_in_fractions(unit: Any, fractional: bool | None) -> None:
    assert product(uom_id=unit).fractional is fractional


def test_archived_product_is_not_active() -> None:
    assert product(active=False).active is False


def test_empty_fields_of_a_product_are_empty_and_no_reason_to_hold_it() -> None:
    found = product(barcode=False, categ_id=False, standard_price="0.0")
    assert (found.barcode, found.barcode_key, found.category, found.category_id_there, found.cost) == ("", "", "", "", "")


def test_product_without_a_reference_is_called_by_its_barcode_else_by_its_number() -> None:
    assert product(default_code=False).sku == "0964000100017"
    assert product(default_code=False, barcode=False).sku == "odoo-13"


@pytest.mark.parametrize(
    ("changed", "field"), [({"barcode": 96}, "barcode"), ({"default_code": "x" * 81}, "default_code"), ({"active": 1}, "active")]
)
def test_product_that_can_not_be_meant_is_held_by_name(changed: dict[str, Any], field: str) -> None:
    found = mapping.product({**PRODUCT, **changed}, 3)
    assert isinstance(found, Held)
    assert (found.row, found.code, found.raw["id"]) == (3, "unclear", "13")
    assert found.sentence.startswith("Record 13 (Basmati Rice 5 kg): ")
    assert f"“{field}”" in found.sentence


def test_category_may_come_before_its_parent() -> None:
    row = {"id": 17, "name": "Rice", "complete_name": "Grocery / Rice", "parent_id": [21, "Grocery"], "write_date": AT}
    assert mapping.category(row) == CategorySaid(
        "category:17", "Rice", "Grocery / Rice", "category:21", datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
    )
    assert isinstance(mapping.category({**row, "name": False}), Held)


def test_location_belongs_to_its_own_warehouse() -> None:
    row = {"id": 40, "complete_name": "CLF/Stock/Shelf 2", "usage": "internal", "active": True, "warehouse_id": [4, "Clifton"]}
    assert mapping.location(row) == PlaceSaid("location:40", "CLF/Stock/Shelf 2", "", "warehouse:4", True)
    assert mapping.location({**row, "warehouse_id": False}) == PlaceSaid("location:40", "CLF/Stock/Shelf 2", "", "", True)
    assert mapping.location({**row, "usage": "transit"}) is None


def test_warehouse_is_a_place_without_a_parent() -> None:
    row = {"id": 4, "name": "Clifton", "code": "CLF", "active": False}
    assert mapping.warehouse(row) == PlaceSaid("warehouse:4", "Clifton", "CLF", "", False)


def test_vendor_s_address_is_one_line() -> None:
    row = {
        "id": 7,
        "name": "Indus Foods",
        "active": True,
        "email": "sales@indusfoods.example",
        "phone": False,
        "mobile": "+92 300 0",
        "street": "1 Quay",
        "street2": False,
        "zip": "74000",
        "city": "Karachi",
        "country_id": [166, "Pakistan"],
        "vat": "PK-1",
        "write_date": AT,
    }
    found = mapping.vendor(row)
    assert isinstance(found, VendorSaid)
    assert (found.external_id, found.party_id, found.name_key, found.phone) == ("partner:7", "7", "INDUS FOODS", "+92 300 0")
    assert found.address == "1 Quay, 74000 Karachi, Pakistan"
    assert json.loads(found.raw) == {"mobile": "+92 300 0", "vat": "PK-1"}


def test_reordering_rule_is_of_a_product_in_a_location() -> None:
    row = {
        "id": 3,
        "product_id": [13, "x"],
        "location_id": [36, "CLF/Stock"],
        "product_min_qty": "5.0",
        "product_max_qty": "15.5",
        "trigger": "auto",
        "active": True,
        "write_date": AT,
    }
    found = mapping.reorder(row)
    assert isinstance(found, ReorderSaid)
    assert found[:7] == ("rule:3", "product:13", "location:36", 5_000, 15_500, "auto", True)
    assert isinstance(mapping.reorder({**row, "product_id": False}), Held)
    nothing = mapping.reorder({**row, "product_max_qty": 0})
    assert isinstance(nothing, ReorderSaid)
    assert nothing.maximum is None


def test_receipt_says_what_came_when_and_for_how_much() -> None:
    found = fact(lines={9: {"id": 9, "partner_id": [7, "Indus Foods"]}})
    assert found._replace(raw="") == FactSaid(
        external_id="odoo:move:412",
        feed="purchases",
        kind=FactKind.PURCHASE,
        product_there="product:13",
        place_to_there="location:36",
        quantity=12_000,
        happened_at=datetime(2026, 3, 1, 20, 30, 5, tzinfo=UTC),
        # Half past one in the morning of the next day in Karachi.
        day=date(2026, 3, 2),
        document="CLF/IN/00007",
        unit_cost="2010.5",
        vendor_there="partner:7",
        changed_upstream_at=datetime(2026, 3, 1, 20, 30, tzinfo=UTC),
    )


def test_raw_is_the_record_without_the_time_of_its_last_change() -> None:
    again = fact(write_date="2026-03-02 08:00:00")
    assert again.raw == fact().raw
    assert json.loads(again.raw)["origin"] == "P00012"


def test_arrival_names_the_moves_that_sent_it() -> None:
    found = fact(location_usage="transit", move_orig_ids=[410, 409])
    assert (found.kind, found.place_there, found.place_to_there) == ("transfer", "", "location:36")
    assert found.pair_there == "odoo:move:409,odoo:move:410"
    assert fact(move_orig_ids=[409]).pair_there == ""


def test_transfer_names_both_places() -> None:
    found = fact(location_usage="internal", location_id=[12, "CEN/Stock"])
    assert (found.kind, found.place_there, found.place_to_there, found.unit_cost) == ("transfer", "location:12", "location:36", "")


@pytest.mark.parametrize("mark", [{"scrapped": True}, {"scrap_id": [5, "SP/5"]}, {"scrap_ids": [5]}])
def test_scrapped_loss_is_wastage_in_the_words_of_each_version(mark: dict[str, Any]) -> None:
    lost = {"location_usage": "internal", "location_dest_usage": "inventory"}
    assert (fact(**lost, **mark).feed, fact(**lost).feed) == ("wastage", "adjustments")
    assert fact(**lost).kind == FactKind.WASTAGE


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"quantity": "n/a"}, "bad_quantity"),
        ({"quantity": "-1.0"}, "bad_quantity"),
        ({"quantity": 0}, "zero_quantity"),
        ({"quantity": "0.0004"}, "zero_quantity"),
        ({"date": False}, "bad_date"),
        ({"date": "soon"}, "bad_date"),
        ({"date": "9999-12-31 23:59:59"}, "bad_date"),
        ({"date": "0001-01-01 00:00:00"}, "bad_date"),
        ({"quantity": "900000000000", "product_qty": "900000000000", "product_uom_qty": "0.001"}, "bad_quantity"),
    ],
)
def test_move_that_can_not_be_believed_is_a_fact_that_says_why(changed: dict[str, Any], problem: str) -> None:
    found = fact(**changed)
    assert found.said_problem == problem
    assert found.quantity is None or problem == "bad_date"
    assert problem in {*codes.HELD, *codes.IGNORED}


_ANY = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=5), st.lists(st.integers(0, 9), max_size=2), st.sampled_from(USAGES)
)


@given(row=st.fixed_dictionaries({}, optional={name: _ANY for name in MOVE if name != "id"}))
def test_whatever_a_move_holds_it_becomes_a_fact_that_can_be_kept(row: dict[str, Any]) -> None:
    found = mapping.move({"id": 412, **row}, Page("transfers", Version(18), []), KARACHI)
    assert found.external_id == "odoo:move:412"
    assert found.kind in FactKind.values
    assert found.quantity is None or found.quantity > 0
    assert found.said_problem or (found.quantity and found.happened_at)
    for name, value in zip(found._fields, found, strict=True):
        length = getattr(SourceFact._meta.get_field(name), "max_length", None)
        assert not isinstance(value, str) or length is None or len(value) <= length


ORDER: dict[str, Any] = {
    "id": 12,
    "name": "P00012",
    "state": "purchase",
    "partner_id": [7, "Indus Foods"],
    "partner_ref": "Q-77",
    "picking_type_id": [3, "Clifton: Receipts"],
    "date_order": "2026-03-01 09:00:00",
    "date_approve": "2026-03-02 20:00:00",
    "currency_rate": "2.0",
    "write_date": AT,
}
LINE: dict[str, Any] = {
    "id": 9,
    "order_id": [12, "P00012"],
    "product_id": [13, "x"],
    "product_qty": "2.0",
    "product_uom_qty": "24.0",
    "price_subtotal": "480.0",
    "display_type": False,
    "write_date": AT,
}
NOTE = {**LINE, "id": 10, "product_id": False, "product_uom_qty": 0, "display_type": "line_note"}


def test_order_adds_lines_of_one_product_and_leaves_notes_out() -> None:
    found = mapping.order(ORDER, [LINE, NOTE, {**LINE, "id": 11, "product_uom_qty": "6.0"}], {3: "warehouse:4"}, KARACHI)
    assert isinstance(found, OrderSaid)
    assert found[:8] == ("order:12", "P00012", "Q-77", "purchase", "partner:7", "warehouse:4", date(2026, 3, 3), {"product:13": 30_000})


def test_operation_types_lead_to_their_warehouses() -> None:
    rows: list[dict[str, Any]] = [{"id": 3, "warehouse_id": [4, "Clifton"]}, {"id": 5, "warehouse_id": False}]
    assert mapping.warehouses_of_types(rows) == {3: "warehouse:4"}


@pytest.mark.parametrize(("state", "lines"), [("draft", 0), ("sent", 0), ("to approve", 0), ("purchase", 1), ("done", 1), ("cancel", 0)])
def test_only_confirmed_orders_are_ordered(state: str, lines: int) -> None:
    assert len(list(mapping.ordered_lines({**ORDER, "state": state}, [LINE, NOTE], {}, KARACHI))) == lines


def test_ordered_line_is_in_the_product_s_unit_at_its_price_in_the_company_s_currency() -> None:
    (found,) = mapping.ordered_lines(ORDER, [LINE], {3: "warehouse:4"}, KARACHI)
    assert (found.external_id, found.kind, found.quantity, found.place_to_there) == ("odoo:line:9", "purchase", 24_000, "warehouse:4")
    # 480 for 24 in a currency of which two are one of the company's.
    assert (found.unit_cost, found.document, found.vendor_there) == ("10", "P00012", "partner:7")
    assert found.happened_at == datetime(2026, 3, 2, 20, tzinfo=UTC)
    for rate in (None, "0.000000000001"):
        (unknown,) = mapping.ordered_lines({**ORDER, "currency_rate": rate}, [LINE], {}, KARACHI)
        assert unknown.unit_cost == ""


def test_prefix_of_another_connection_is_in_every_key() -> None:
    second = Facts("odoo@12", UTC)
    found = mapping.move({**MOVE, "location_usage": "transit", "move_orig_ids": [409]}, Page("transfers", Version(19), []), second)
    assert (found.external_id, found.pair_there) == ("odoo@12:move:412", "odoo@12:move:409")


def test_what_came_of_an_ordered_line_is_left_out_where_it_can_not_be_meant() -> None:
    orders = Orders(Pulled("orders", None, []), {}, KARACHI)

    def came(**changed: Any) -> Any:
        return orders._receipt(Connection(pk=1), ORDER, {**LINE, "qty_received": "1.0", **changed}, {"product:13": 5})

    assert came().quantity == 12
    assert came(qty_received="900000000000", product_uom_qty="900000000000", product_qty="0.001") is None
