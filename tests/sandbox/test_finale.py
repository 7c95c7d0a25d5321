"""Collections as Finale answers them: column by column, filtered by ranges, cut without a word, and within three budgets."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests

from tests.sync.finale.build import FinaleStandIn
from tests.sync.finale.conftest import finale, finale_server

__all__ = ["finale", "finale_server"]

JANUARY = "eyJsYXN0VXBkYXRlZERhdGUiOlsiMjAyNi0wMS0wMVQwMDowMDowMFoiLCIyMDI2LTAxLTI5VDIzOjU5OjU5WiJdfQ=="


def asking(**fields: Any) -> str:
    return base64.b64encode(json.dumps(fields).encode()).decode()


def skus(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return list(answer.json()["productId"])


def test_rows_stand_oldest_change_first_and_nothing_but_a_filter_filters(finale: FinaleStandIn) -> None:
    everything = ["OLD-KIT", "SOIL-25", "PERLITE-4CF", "TRAY 10/20"]
    assert skus(finale.get("product/")) == everything
    assert skus(finale.get("product", offset="2", statusId="PRODUCT_ACTIVE", fields="cost")) == everything
    assert skus(finale.get("product/", limit="2")) == everything[:2]


def test_stock_has_one_quantity_a_row_and_no_row_of_zero(finale: FinaleStandIn) -> None:
    rows = finale.get("inventoryitem/", filter=JANUARY).json()
    quantities = [rows[name] for name in ("quantityOnHand", "quantityOnOrder", "quantityReserved")]
    assert [sum(1 for each in row if each) for row in zip(*quantities, strict=True)] == [1] * 7
    assert [sum(column) for column in quantities] == [60, 100, 27]
    assert "TRAY 10/20" not in rows["productId"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("inventoryitem", 404),
        ("vendor/", 404),
        ("product/SOIL-25", 404),
        ("product/100412", 200),
        ("product/TRAY%2010%2F20", 200),
        ("facility", 200),
    ],
)
def test_paths_are_found_as_they_are_written(finale: FinaleStandIn, path: str, status: int) -> None:
    answer = finale.get(path)
    kind = "text/html" if status == 404 else "application/json"
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, kind)
    assert status == 200 or "&#47;exampleco&#47;api&#47;" in answer.text


def test_another_account_is_not_found_and_another_key_not_let_in(finale: FinaleStandIn) -> None:
    assert requests.get(f"{finale.url}/other/api/product/", timeout=60).status_code == 404
    assert finale.get("product/", key=("key123", "wrong")).status_code == 401
    assert finale.get("product/", key=None).headers["WWW-Authenticate"].startswith("Basic")


def test_ranges_include_both_ends(finale: FinaleStandIn) -> None:
    assert skus(finale.get("product/", filter=JANUARY)) == ["PERLITE-4CF", "TRAY 10/20"]
    assert skus(finale.get("product/", filter=JANUARY.rstrip("="))) == ["PERLITE-4CF", "TRAY 10/20"]
    exactly = asking(lastUpdatedDate=["2026-01-14T16:48:23Z", "2026-01-14T16:48:23Z"])
    assert skus(finale.get("product/", filter=exactly)) == ["PERLITE-4CF"]
    purchases = asking(lastUpdatedDate=["2026-01-01T00:00:00Z", "2026-01-29T23:59:59Z"], orderTypeId=["PURCHASE_ORDER", "PURCHASE_ORDER"])
    assert finale.get("order/", filter=purchases).json()["orderId"] == ["PO-1007"]
    assert skus(finale.get("product/", filter=asking(productId=["TRAY 10/20", "TRAY 10/20"]))) == ["TRAY 10/20"]


@pytest.mark.parametrize(
    "given",
    [
        asking(lastUpdatedDate=["2026-01-01T00:00:00Z", "2026-02-01T00:00:01Z"]),
        asking(lastUpdatedDate=[None, "2026-02-01T00:00:00Z"]),
        asking(lastUpdatedDate=["2026-01-01T00:00:00Z", None]),
        asking(supplierList=["a", "b"]),
        asking(statusId="PRODUCT_ACTIVE"),
        JANUARY[:60] + "\n" + JANUARY[60:],
        base64.urlsafe_b64encode(b'{"productId":["BOLT??>M8","BOLT??>M8"]}').decode(),
        "no base64",
    ],
)
def test_a_filter_that_does_not_fit_is_a_bad_request(finale: FinaleStandIn, given: str) -> None:
    answer = finale.get("product/", filter=given)
    assert (answer.status_code, list(answer.json())) == (400, ["errorMessage"])


def test_a_collection_is_cut_before_its_rows_are_filtered(finale: FinaleStandIn) -> None:
    finale.turn_on("cut", size=2)
    assert skus(finale.get("product/")) == ["OLD-KIT", "SOIL-25"]
    assert skus(finale.get("product/", filter=asking(statusId=["PRODUCT_ACTIVE", "PRODUCT_ACTIVE"]))) == ["SOIL-25"]
    assert len(finale.get("inventoryitem/").json()["productUrl"]) == 2


def test_a_limit_counts_before_or_after_the_filter(finale: FinaleStandIn) -> None:
    active = asking(statusId=["PRODUCT_ACTIVE", "PRODUCT_ACTIVE"])
    assert skus(finale.get("product/", filter=active, limit="1")) == ["SOIL-25"]
    finale.turn_on("limit_first")
    assert skus(finale.get("product/", filter=active, limit="1")) == []


def test_three_budgets_are_counted_and_say_when_they_begin_anew(finale: FinaleStandIn) -> None:
    finale.system.door.budgets.clock = lambda: 1_769_090_430.0
    finale.limit(get_minute=3, post_minute=1, collections_hour=2)
    assert [finale.get("product/").status_code for _ in range(3)] == [200, 200, 429]
    over = finale.get("product/")
    assert {name: over.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")} == {
        "Limit": "2",
        "Remaining": "0",
        "Reset": "1769094000000",
    }
    assert [finale.get("product/100412").status_code for _ in range(2)] == [200, 429]
    finale.turn_on("reset_in_seconds")
    assert finale.get("product/100412").headers["X-RateLimit-Reset"] == "1769090460"
    assert [finale.post("{ partyViewConnection { pageInfo { hasNextPage } } }").status_code for _ in range(2)] == [200, 429]


def test_lines_come_with_lists_or_not(finale: FinaleStandIn) -> None:
    assert "orderItemList" not in finale.get("order/").json()
    assert finale.get("order/PO-1007").json()["orderItemList"][0]["quantity"] == 100
    assert "shipmentItemList" in finale.get("shipment/").json()
    finale.turn_on("lines")
    assert [len(lines) for lines in finale.get("order/").json()["orderItemList"]] == [1, 1, 1]
    finale.turn_on("no_lines")
    assert "shipmentItemList" not in finale.get("shipment/").json()
    finale.clear()
    finale.turn_on("some_lines")
    assert [lines is None for lines in finale.get("shipment/").json()["shipmentItemList"]] == [True, False, True, False]


@pytest.mark.parametrize(
    ("name", "settings", "lengths"),
    [
        ("short_column", {}, {"productUrl": 7, "quantityOnHand": 6}),
        ("missing_column", {"column": "lotId"}, {"productUrl": 7, "lotId": None}),
        ("renamed_column", {}, {"quantityOnHand": None, "quantityOnHandNew": 7}),
        ("no_anchor", {}, {"productUrl": None, "quantityOnHand": 7}),
        ("empty", {}, {"productUrl": 0, "quantityOnHand": 0}),
        ("shrunken", {"size": 50}, {"productUrl": 3, "quantityOnHand": 3}),
        ("duplicates", {"size": 2}, {"productUrl": 9, "quantityOnHand": 9}),
    ],
)
def test_switches_damage_columns(finale: FinaleStandIn, name: str, settings: dict[str, Any], lengths: dict[str, int | None]) -> None:
    finale.turn_on(name, feeds="stock", times=1, **settings)
    answer = finale.get("inventoryitem/").json()
    assert {column: len(answer[column]) if column in answer else None for column in lengths} == lengths
    assert len(finale.get("inventoryitem/").json()["quantityOnHand"]) == 7


def test_an_empty_result_is_empty_columns_or_nothing_at_all(finale: FinaleStandIn) -> None:
    nobody = asking(productId=["nothing", "nothing"])
    assert finale.get("product/", filter=nobody).json()["productUrl"] == []
    finale.turn_on("bare_empty")
    assert finale.get("product/", filter=nobody).json() == {}


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("wrong_key", 401, "text/html"),
        ("no_rights", 403, "text/html"),
        ("login_page", 200, "text/html"),
        ("redirect", 302, "text/plain"),
        ("over_budget", 429, "text/html"),
        ("blank", 200, "application/json"),
    ],
)
def test_switches_answer_instead(finale: FinaleStandIn, name: str, status: int, kind: str) -> None:
    finale.turn_on(name, times=1)
    answer = finale.get("product/")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, kind)
    assert finale.get("product/").status_code == 200


def test_half_a_body_ends_early(finale: FinaleStandIn) -> None:
    finale.turn_on("half_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        finale.get("inventoryitem/")


def test_it_remembers_what_was_asked_for(finale: FinaleStandIn) -> None:
    finale.get("product/", filter=asking(lastUpdatedDate=["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]))
    finale.get("product/")
    assert finale.asked("products") == [{"lastUpdatedDate": ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]}, {}]
    assert finale.calls("products") == finale.calls() == 2


def test_something_may_happen_between_two_calls(finale: FinaleStandIn) -> None:
    finale.meanwhile("products", 2, lambda: finale.world.edit_product("OLD-KIT", cost=3))
    assert skus(finale.get("product/"))[0] == "OLD-KIT"
    assert finale.get("inventoryitem/").ok
    assert skus(finale.get("product/"))[-1] == "OLD-KIT"


def test_graphql_turns_pages_by_cursor_and_writes_values_as_people_do(finale: FinaleStandIn) -> None:
    finale.world.set_stock("TRAY 10/20", 1234.5)
    query = """query Products($after: String) { productViewConnection(first: 3, after: $after) {
        edges { node { productId status itemCost leadTime unitsInStock stockAvailable stockOnOrder stdReorderLevel recordLastUpdated
                       supplier1 { name } } } pageInfo { hasNextPage endCursor } } }"""
    first = finale.post(query).json()["data"]["productViewConnection"]
    second = finale.post(query, after=first["pageInfo"]["endCursor"]).json()["data"]["productViewConnection"]
    nodes = {edge["node"].pop("productId"): edge["node"] for edge in (*first["edges"], *second["edges"])}
    assert [len(first["edges"]), len(second["edges"]), first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]] == [
        3,
        1,
        True,
        False,
    ]
    assert nodes["PERLITE-4CF"] == {
        "status": "Active",
        "itemCost": "11.2",
        "leadTime": "21 d",
        "unitsInStock": "6",
        "stockAvailable": "-3",
        "stockOnOrder": "0",
        "stdReorderLevel": "24",
        "recordLastUpdated": "1/14/2026",
        "supplier1": {"name": "Mineral Works"},
    }
    assert (nodes["TRAY 10/20"]["unitsInStock"], nodes["TRAY 10/20"]["itemCost"], nodes["OLD-KIT"]["status"]) == (
        "1,234.5",
        "--",
        "Inactive",
    )


def test_graphql_fails_with_status_200(finale: FinaleStandIn) -> None:
    broken = finale.post("{ productViewConnection { edges { node { quantity } } } }")
    assert (broken.status_code, broken.json()["data"]) == (200, None)
    finale.turn_on("removed_field")
    gone = finale.post("{ productViewConnection { edges { node { stockOnOrder } } } }").json()
    assert "stockOnOrder" in gone["errors"][0]["message"]
    parties = finale.post(
        '{ partyViewConnection(role: ["SUPPLIER"], first: 9) { edges { node { name primaryEmailAddress primaryAddress } } } }'
    )
    assert [edge["node"] for edge in parties.json()["data"]["partyViewConnection"]["edges"]] == [
        {
            "name": "Green Source Ltd",
            "primaryEmailAddress": "orders@greensource.example",
            "primaryAddress": "4 Mill Lane, Riverton OR 97000 USA",
        },
        {"name": "Mineral Works", "primaryEmailAddress": None, "primaryAddress": None},
    ]


def test_a_report_has_sales_by_product_and_shows_the_log_in_page_to_strangers(finale: FinaleStandIn) -> None:
    address = f"{finale.url}/exampleco/doc/report/pivotTable/1/Report.json?format=jsonObject"
    assert "Login" in requests.get(address, timeout=60).text
    rows = {row["Product ID"]: row for row in requests.get(address, auth=("key123", "sec456"), timeout=60).json()}
    assert (rows["SOIL-25"]["Units\nQoH"], rows["SOIL-25"]["Supplier 1"]) == ("52", "Green Source Ltd")
    finale.turn_on("stale_report", way="empty")
    assert requests.get(address, auth=("key123", "sec456"), timeout=60).content == b""


def test_a_packed_body_is_the_same_body(finale: FinaleStandIn) -> None:
    plain = finale.get("product/").json()
    finale.turn_on("gzip")
    packed = finale.get("product/")
    assert (packed.headers["Content-Encoding"], packed.json()) == ("gzip", plain)
