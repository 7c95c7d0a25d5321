"""Searching and reading: precision of times, archived rows, what fields a version has and which conditions it takes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.odoo.world import World
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo.conftest import odoo, odoo_server

__all__ = ["odoo", "odoo_server"]

EVERY = pytest.mark.parametrize("version", [16, 17, 18, 19])


def codes(odoo: OdooStandIn, domain: list[Any], **named: Any) -> list[str]:
    rows = odoo.execute("product.product", "search_read", domain, fields=["default_code"], **{"order": "id", **named})
    return [row["default_code"] for row in rows]


@pytest.mark.parametrize(
    ("version", "fitting"),
    [(16, [">", ">="]), (17, [">", ">="]), (18, [">", ">="]), (19, ["=", ">=", "<="])],
)
def test_a_shown_time_compares_with_its_microseconds_up_to_18(odoo: OdooStandIn, version: int, fitting: list[str]) -> None:
    odoo.be(version)
    shown = odoo.execute("product.product", "search_read", [["id", "=", 401]], fields=["write_date"])[0]["write_date"]
    assert shown == "2026-03-01 04:10:40"
    found = [sign for sign in ("=", ">", ">=", "<=", "<") if codes(odoo, [["id", "=", 401], ["write_date", sign, shown]])]
    assert found == fitting


@pytest.mark.parametrize(("version", "distinct", "ends"), [(17, 3, False), (18, 3, False), (19, 8, True)])
def test_pages_by_time_and_id_never_end_up_to_18(odoo: OdooStandIn, version: int, distinct: int, ends: bool) -> None:
    odoo.be(version)
    seen, last, calls = set(), ("2000-01-01 00:00:00", 0), 0
    while calls < 12:
        calls += 1
        domain = ["|", ["write_date", ">", last[0]], "&", ["write_date", "=", last[0]], ["id", ">", last[1]]]
        rows = odoo.execute("product.product", "search_read", domain, fields=["write_date"], order="write_date, id", limit=3)
        if not rows:
            break
        seen |= {row["id"] for row in rows}
        last = (rows[-1]["write_date"], rows[-1]["id"])
    assert (len(seen), calls < 12) == (distinct, ends)


@EVERY
def test_pages_by_id_in_a_window_find_all(odoo: OdooStandIn, version: int) -> None:
    odoo.be(version)
    seen: list[int] = []
    while rows := odoo.execute(
        "product.product",
        "search_read",
        [["write_date", ">=", "2026-03-01 04:10:40"], ["id", ">", seen[-1] if seen else 0]],
        fields=["id"],
        order="id",
        limit=3,
    ):
        seen += [row["id"] for row in rows]
    assert seen == list(range(401, 409))


@pytest.mark.parametrize(
    ("model", "field", "versions"),
    [
        ("product.product", "detailed_type", {16, 17}),
        ("product.product", "is_storable", {18, 19}),
        ("product.product", "uom_po_id", {16, 17, 18}),
        ("stock.warehouse.orderpoint", "qty_multiple", {16, 17, 18}),
        ("stock.location", "scrap_location", {16, 17, 18}),
        ("stock.location", "return_location", {16, 17}),
        ("purchase.order", "locked", {19}),
        ("purchase.order.line", "product_uom", {16, 17, 18}),
        ("purchase.order.line", "product_uom_id", {19}),
        ("stock.move", "quantity_done", {16}),
        ("stock.move", "quantity", {17, 18, 19}),
        ("stock.move", "picked", {17, 18, 19}),
        ("stock.move", "name", {16, 17, 18}),
        ("stock.move", "scrapped", {16, 17, 18}),
        ("stock.move", "scrap_id", {17, 18, 19}),
        ("stock.move", "location_final_id", {18, 19}),
        ("stock.scrap", "move_id", {16}),
        ("stock.scrap", "move_ids", {17, 18, 19}),
        ("mrp.production", "date_planned_start", {16}),
        ("stock.picking", "return_id", {17, 18, 19}),
        ("uom.uom", "factor_inv", {16, 17, 18}),
        ("uom.uom", "relative_factor", {19}),
        ("product.category", "active", set()),
        ("stock.move", "active", set()),
    ],
)
def test_fields_come_and_go_with_versions(odoo: OdooStandIn, model: str, field: str, versions: set[int]) -> None:
    found = set()
    for version in (16, 17, 18, 19):
        odoo.be(version)
        if field in odoo.execute(model, "fields_get", [], ["type"]):
            found.add(version)
    assert found == versions


def test_storable_is_said_in_two_ways(odoo: OdooStandIn) -> None:
    storable = ["RICE-5", "RICE-1", "OIL-3", "TEA-500", "EGGS-12", "SOAP"]
    odoo.be(17)
    assert codes(odoo, [["type", "=", "product"]]) == storable
    odoo.be(18)
    assert codes(odoo, [["type", "=", "product"]]) == []
    assert codes(odoo, [["is_storable", "=", True]]) == storable


def test_empty_is_false_and_a_relation_a_pair_or_an_id(odoo: OdooStandIn) -> None:
    asked = ["barcode", "categ_id", "company_id", "list_price", "active", "reordering_min_qty"]
    egg = odoo.execute("product.product", "search_read", [["default_code", "=", "EGGS-12"]], fields=asked)[0]
    assert egg == {
        "id": 405,
        "barcode": False,
        "categ_id": [12, "Grocery"],
        "company_id": False,
        "list_price": 360.0,
        "active": True,
        "reordering_min_qty": 0.0,
    }
    bare = odoo.execute("product.product", "search_read", [["id", "=", 401]], fields=["categ_id", "reordering_min_qty"], load=False)
    assert bare == [{"id": 401, "categ_id": 11, "reordering_min_qty": 25.0}]


def test_without_fields_everything_comes_and_without_a_limit_all(odoo: OdooStandIn) -> None:
    rows = odoo.execute("product.product", "search_read", [])
    assert len(rows) == 8
    assert {"image_1920", "standard_price", "create_uid"} <= set(rows[0])
    assert odoo.execute("product.product", "search_read", [], limit=0, fields=["id"])[0] == {"id": 408}


def test_archived_rows_show_only_when_asked_for(odoo: OdooStandIn) -> None:
    odoo.world.archive("SOAP")
    assert "SOAP" not in codes(odoo, [])
    assert codes(odoo, [["id", "=", 406]]) == []
    assert codes(odoo, [["id", "=", 406]], context={"active_test": False}) == ["SOAP"]
    assert codes(odoo, [["id", "=", 406], ["active", "in", [True, False]]]) == ["SOAP"]
    assert odoo.execute("product.product", "read", [406, 999], ["active"]) == [{"id": 406, "active": False}]


@pytest.mark.parametrize(("version", "filtered", "ordered"), [(16, 8, 8), (17, 8, 8), (18, 8, None), (19, None, None)])
def test_a_field_that_is_not_stored_is_refused_or_ignored(
    odoo: OdooStandIn, version: int, filtered: int | None, ordered: int | None
) -> None:
    odoo.be(version)

    def count(**named: Any) -> int | None:
        answer = odoo.execute("product.product", "search_read", **{"domain": [], "fields": ["id"], **named})
        return len(answer) if isinstance(answer, list) else None

    assert count(domain=[["reordering_min_qty", ">", 1000]]) == filtered
    assert count(order="display_name") == ordered
    assert count(order="categ_id.name") is None
    said = odoo.execute("product.product", "fields_get", ["reordering_min_qty"], ["store", "searchable", "sortable"])["reordering_min_qty"]
    assert said == {"store": False, "searchable": False, **({"sortable": False} if version == 19 else {})}


def test_times_are_taken_in_several_forms(odoo: OdooStandIn) -> None:
    for version in (18, 19):
        odoo.be(version)
        for text in ("2026-03-01", "2026-03-01T04:10:00", "2026-03-01 04:10"):
            assert len(codes(odoo, [["write_date", ">=", text]])) == 8
    odoo.be(18)
    assert len(codes(odoo, [["write_date", ">=", "2026-03-01T09:10:00+05:00"]])) == 8
    assert codes(odoo, [["write_date", ">=", "2026-03-01T04:11:00Z"]]) == []


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ([["categ_id", "child_of", 12]], ["RICE-5", "RICE-1", "OIL-3", "TEA-500", "EGGS-12"]),
        ([["categ_id", "=", "Grocery / Rice"]], ["RICE-5", "RICE-1"]),
        ([["categ_id.parent_id", "=", 12]], ["RICE-5", "RICE-1", "OIL-3"]),
        (["|", ["default_code", "=", "BAG"], "&", ["categ_id", "=", 11], ["barcode", "like", "0024"]], ["RICE-1", "BAG"]),
        (["!", ["categ_id", "in", [11, 12, 13]]], ["SOAP", "DELIVERY", "BAG"]),
        ([["barcode", "=", False]], ["EGGS-12", "DELIVERY", "BAG"]),
        ([["barcode", "!=", False], ["name", "ilike", "RICE"]], ["RICE-5", "RICE-1"]),
        ([["default_code", "not in", ["BAG", "SOAP"]], ["list_price", "<", 400]], ["EGGS-12", "DELIVERY"]),
        ([["id", ">", 401], ["id", "<=", 403]], ["RICE-1", "OIL-3"]),
        (["|", ["id", ">", 407], ["id", "=", 401]], ["RICE-5", "BAG"]),
    ],
)
def test_domains(odoo: OdooStandIn, domain: list[Any], found: list[str]) -> None:
    assert codes(odoo, domain) == found


def test_whoever_something_was_bought_from_is_found_by_it(odoo: OdooStandIn) -> None:
    odoo.world.buy("Harbour Trading", {"SOAP": 1}, confirm=False)
    found = {
        sign: [
            row["name"]
            for row in odoo.execute("res.partner", "search_read", [["purchase_line_ids", sign, False]], fields=["name"], order="id")
        ]
        for sign in ("=", "!=")
    }
    assert found == {"=": ["Indus Foods", "Walk-in customer"], "!=": ["Harbour Trading"]}


def test_a_value_is_a_constant_and_no_field(odoo: OdooStandIn) -> None:
    odoo.world.count("RICE-5", 10, "CEN")
    assert odoo.execute("stock.move", "search_count", [["location_dest_id", "!=", "location_id"]]) == 1


def test_orders_fall_back_on_the_models_own(odoo: OdooStandIn) -> None:
    assert codes(odoo, [], order=None)[:3] == ["BAG", "DELIVERY", "EGGS-12"]
    assert codes(odoo, [], order="list_price desc, id", limit=2, offset=1) == ["OIL-3", "TEA-500"]
    assert codes(odoo, [], order="barcode")[:1] == ["TEA-500"]


def test_standard_places_are_called_otherwise_from_19_on() -> None:
    assert {version: World.small(version).vendors.complete_name for version in (18, 19)} == {18: "Partners/Vendors", 19: "Vendors"}
    assert {version: World.small(version).transit.complete_name for version in (17, 19)} == {
        17: "Physical Locations/Inter-warehouse transit",
        19: "Inter-warehouse transit",
    }


def test_a_place_knows_its_warehouse(odoo: OdooStandIn) -> None:
    rows = odoo.execute("stock.location", "search_read", [["warehouse_id", "=", 5]], fields=["complete_name", "usage"], order="id")
    assert [(row["complete_name"], row["usage"]) for row in rows] == [
        ("CLF", "view"),
        ("CLF/Stock", "internal"),
        ("CLF/Input", "internal"),
        ("CLF/Stock/Shelf A", "internal"),
        ("CLF/Stock/Shelf B", "internal"),
    ]
    kinds = odoo.execute("stock.picking.type", "search_read", [["warehouse_id", "=", 4]], fields=["code"], context={"active_test": False})
    assert {row["code"] for row in kinds} == {"incoming", "outgoing", "internal", "mrp_operation"}
    assert "internal" not in {row["code"] for row in odoo.execute("stock.picking.type", "search_read", [], fields=["code"])}


def test_companies_share_barcodes_and_are_told_apart_by_the_context(odoo: OdooStandIn) -> None:
    world = odoo.world
    other = world.add_company("Second Mart")
    world.add_product("RICE-B", "Rice", barcode="8964000109999", company=other, cost=3)
    world.add_product("RICE-C", "Rice", barcode="8964000109999", company=world.company, cost=4)
    shared = world.product("SOAP")
    world.set_cost(shared, 111, other)
    both = [["barcode", "=", "8964000109999"]]
    assert codes(odoo, both) == ["RICE-B", "RICE-C"]
    assert codes(odoo, both, context={"allowed_company_ids": [other.id]}) == ["RICE-B"]

    def cost(*companies: int) -> float:
        context = {"allowed_company_ids": list(companies)} if companies else {}
        return float(odoo.execute("product.product", "read", [shared.id], ["standard_price"], context=context)[0]["standard_price"])

    assert [cost(), cost(other.id), cost(world.company.id, other.id)] == [96.0, 111.0, 96.0]
    refused = odoo.execute("product.product", "search_count", [], context={"allowed_company_ids": [77]})
    assert refused["data"]["name"] == "odoo.exceptions.AccessError"
