from __future__ import annotations

import json
from typing import Any

import pytest

from sync.engine.source import Held
from sync.feedproblem import FeedProblem
from sync.sources.finale import graphql
from sync.sources.finale.graphql import Page
from sync.sources.finale.said import ProductSaid, StockLine, VendorSaid
from tests.sync.finale.tables import GREEN, SOIL

PRODUCT = {
    "productId": "SOIL-25",
    "productUrl": SOIL,
    "status": "Active",
    "description": "Potting soil 25 l",
    "category": "##user00",
    "itemCost": "1,207.35",
    "leadTime": "14 d",
    "universalProductCode": "085000123450",
    "supplier1": {"partyUrl": GREEN},
}
TOTALS = {"productId": "SOIL-25", "productUrl": SOIL, "unitsInStock": "1,052.5", "stockAvailable": "-18", "stockOnOrder": "--"}


def answer(nodes: list[dict[str, Any]], more: bool = False, cursor: str | None = None, name: str = "productViewConnection") -> bytes:
    connection = {"edges": [{"node": node} for node in nodes], "pageInfo": {"hasNextPage": more, "endCursor": cursor}}
    return json.dumps({"data": {name: connection}}).encode()


def product(**fields: Any) -> ProductSaid | Held:
    return next(graphql.products(Page(({**PRODUCT, **fields},), "")))


def stock(**fields: Any) -> list[StockLine | Held]:
    return list(graphql.stock(Page(({**TOTALS, **fields},), "")))


def test_display_texts_of_a_product_become_values() -> None:
    found = product()
    assert isinstance(found, ProductSaid)
    assert found[:10] == (
        SOIL,
        "SOIL-25",
        "SOIL-25",
        "Potting soil 25 l",
        True,
        "085000123450",
        "085000123450",
        "##user00",
        "1207.35",
        14,
    )
    assert found.vendor_id_there == GREEN


def test_what_graphql_does_not_give_is_not_said() -> None:
    found = product()
    assert isinstance(found, ProductSaid)
    assert [name for name, value in found._asdict().items() if value is None] == [
        "packing",
        "units_per_case",
        "vendor_code",
        "vendor_price",
        "suppliers",
        "guidelines",
        "reorder_method",
        "reorder_excluded",
        "raw",
        "changed_upstream_at",
    ]


def test_two_dashes_are_none_and_not_zero() -> None:
    found = product(itemCost="--", leadTime="--", category="--", universalProductCode="--", description="--", supplier1=None)
    assert isinstance(found, ProductSaid)
    assert (found.cost, found.lead_time_days, found.category, found.barcode, found.name, found.vendor_id_there) == (
        "",
        None,
        "",
        "",
        "",
        "",
    )


@pytest.mark.parametrize(("status", "active"), [("Active", True), ("active", True), ("Inactive", False)])
def test_status_is_a_label(status: str, active: bool) -> None:
    found = product(status=status)
    assert isinstance(found, ProductSaid)
    assert found.active is active


def test_totals_are_the_stock_of_all_locations() -> None:
    """1,052.5 on hand and −18 available: 1,070.5 are reserved."""
    assert stock() == [StockLine(f"{SOIL} ", SOIL, "", "SOIL-25", 1_052_500, 1_070_500, 0)]


def test_product_without_any_quantity_has_no_line() -> None:
    assert stock(unitsInStock="--", stockAvailable="--", stockOnOrder="--") == []
    assert stock(unitsInStock="0", stockAvailable="0", stockOnOrder="0") == []


@pytest.mark.parametrize("text", ["12..5", "many", "1e", "0x10"])
def test_quantity_that_cant_be_read_is_held(text: str) -> None:
    (found,) = stock(unitsInStock=text)
    assert isinstance(found, Held)
    assert "(SOIL-25): “unitsInStock” is no number." in found.sentence


def test_product_without_status_or_sku_is_held() -> None:
    for fields in ({"status": "--"}, {"productId": None}, {"productUrl": None}):
        assert isinstance(product(**fields), Held)


def test_supplier_comes_with_contacts() -> None:
    node = {
        "partyId": "10021",
        "partyUrl": GREEN,
        "name": "Green Source Ltd",
        "contactName": "Ann Reed",
        "primaryEmailAddress": "orders@greensource.example",
        "primaryPhoneNumber": "--",
        "primaryAddress": "4 Mill Lane, Riverton",
        "status": "Active",
    }
    (found,) = graphql.vendors(Page((node,), ""))
    assert found == VendorSaid(
        GREEN,
        "10021",
        "Green Source Ltd",
        "GREEN SOURCE LTD",
        "orders@greensource.example",
        "",
        "Ann Reed",
        "4 Mill Lane, Riverton",
        True,
        None,
        None,
    )


def test_page_names_the_next_one_until_the_last() -> None:
    assert graphql.page_of("products", answer([PRODUCT], True, "c1")) == Page((PRODUCT,), "c1")
    assert graphql.page_of("products", answer([PRODUCT], False, "c1")).cursor == ""
    assert graphql.page_of("products", answer([])) == Page((), "")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "not_a_table"),
        (b'{"data": null}', "not_a_table"),
        (b'{"errors": [{"message": "x"}], "data": null}', "not_a_table"),
        (answer([PRODUCT], name="other"), "not_a_table"),
        (answer([PRODUCT], True, None), "broken_off"),
        (answer([], True, "c1"), "broken_off"),
    ],
)
def test_what_is_no_page_is_never_an_empty_one(body: bytes, code: str) -> None:
    with pytest.raises(FeedProblem) as caught:
        graphql.page_of("products", body)
    assert caught.value.code == code


def test_field_that_disappeared_is_named_and_nothing_is_zero() -> None:
    """A removed quantity once made every product look sold out."""
    with pytest.raises(FeedProblem, match="“unitsInStock”"):
        graphql.page_of("stock", answer([{name: value for name, value in TOTALS.items() if name != "unitsInStock"}]))


def test_cursor_that_comes_again_ends_the_walk() -> None:
    walk = graphql.Walk("products")
    assert [walk.after(Page((), cursor)) for cursor in ("a", "b", "")] == ["a", "b", ""]
    with pytest.raises(FeedProblem, match="don't end"):
        walk.after(Page((), "a"))


def test_errors_are_a_failure_whatever_the_status_and_are_not_repeated() -> None:
    found = graphql.judge({"errors": [{"message": "secret inside"}], "data": None}, 200)
    assert found is not None
    assert (found.code, "secret" in found.sentence) == ("graphql_errors", False)
    assert graphql.judge({"data": {}}, 200) is None
    assert graphql.judge({"errors": []}, 200) is None


def test_parts_name_pages_and_lead_back_to_their_cursor() -> None:
    assert graphql.cursor_of(graphql.part_of(3, "YWZ0ZXI=:x")) == "YWZ0ZXI=:x"
    for wrong in ("graphql:", "graphql:x:y", "2026-01-01T00:00:00Z/2026-01-02T00:00:00Z"):
        with pytest.raises(ValueError, match="GraphQL page"):
            graphql.cursor_of(wrong)


def test_shipments_are_not_read_through_graphql() -> None:
    with pytest.raises(ValueError, match="shipments are not read through GraphQL"):
        graphql.query_of("shipments")
