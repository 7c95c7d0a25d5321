"""How Odoo's two APIs answer: what is JSON and what a web page, which status and which name an error has, in which version."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.odoo.keys import DATABASE, KEY, LOGIN
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo.conftest import odoo, odoo_server

__all__ = ["odoo", "odoo_server"]

PAGE = "text/html"
JSON = "application/json"


def kind(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers["Content-Type"].partition(";")[0]


@pytest.mark.parametrize(
    ("version", "probe", "json2"),
    [(16, (404, PAGE), (404, PAGE)), (17, (404, PAGE), (404, PAGE)), (18, (404, PAGE), (200, PAGE)), (19, (200, JSON), (200, JSON))],
)
def test_only_19_has_a_version_page_and_18_answers_json_2_with_a_login_page(
    odoo: OdooStandIn, version: int, probe: tuple[int, str], json2: tuple[int, str]
) -> None:
    odoo.be(version)
    assert kind(requests.get(f"{odoo.url}/web/version", timeout=60)) == probe
    assert kind(odoo.json2("product.product", "search_count", domain=[])) == json2
    assert odoo.rpc("common", "version").json()["result"]["server_version"] == f"{version}.0"


def test_json_2_answers_the_bare_value(odoo: OdooStandIn) -> None:
    answer = odoo.json2(
        "product.product", "search_read", domain=[["default_code", "=", "RICE-5"]], fields=["id", "barcode", "categ_id", "write_date"]
    )
    assert answer.json() == [
        {"id": 401, "barcode": "8964000100017", "categ_id": [11, "Grocery / Rice"], "write_date": "2026-03-01 04:10:40"}
    ]
    assert "Date" in answer.headers
    assert odoo.json2("product.product", "check_access", operation="read").text == "null"
    assert odoo.json2("res.users", "context_get").json() == {"lang": "en_US", "tz": "Asia/Karachi", "uid": 9}


@pytest.mark.parametrize(
    ("path", "body", "status", "name"),
    [
        ("no.model/search_read", {}, 404, "werkzeug.exceptions.NotFound"),
        ("product.product/no_method", {}, 404, "werkzeug.exceptions.NotFound"),
        ("product.product/_search", {}, 403, "odoo.exceptions.AccessError"),
        ("product.product/write", {"ids": [401], "vals": {}}, 403, "odoo.exceptions.AccessError"),
        ("product.product/search_count", {}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("product.product/search_read", {"ids": [401]}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("product.product/search_read", {"fields": ["uom_po_id"]}, 500, "builtins.ValueError"),
        ("product.product/search_read", {"domain": [["nothing", "=", 1]]}, 500, "builtins.ValueError"),
        ("product.product/search_read", {"domain": [["write_date", ">=", "2026-03-01 04:10:00Z"]]}, 500, "builtins.ValueError"),
        ("product.product/search_read", {"domain": [["write_date", ">=", "yesterday"]]}, 500, "builtins.ValueError"),
        ("product.product/search_read", {"nonsense": 1}, 500, "builtins.TypeError"),
        ("product.product/search_read", {"context": {"lang": "tlh"}}, 422, "odoo.exceptions.UserError"),
    ],
)
def test_json_2_says_what_is_wrong_by_status_and_name(odoo: OdooStandIn, path: str, body: dict[str, Any], status: int, name: str) -> None:
    model, method = path.split("/")
    answer = odoo.json2(model, method, **body)
    assert (kind(answer), answer.json()["name"]) == ((status, JSON), name)
    assert sorted(answer.json()) == ["arguments", "context", "debug", "message", "name"]


def test_a_wrong_key_is_401_and_says_which_scheme_it_wants(odoo: OdooStandIn) -> None:
    answer = odoo.json2("product.product", "search_count", key="other", domain=[])
    assert (answer.status_code, answer.headers["WWW-Authenticate"], answer.json()["message"]) == (401, "Bearer", "Invalid apikey")
    headers = {"Authorization": f"BEARER {KEY}"}
    assert (
        requests.post(f"{odoo.url}/json/2/product.product/search_count", json={"domain": []}, headers=headers, timeout=60).json() == 7 + 1
    )


def test_what_comes_before_the_method_answers_web_pages(odoo: OdooStandIn) -> None:
    address, headers = f"{odoo.url}/json/2/product.product/search_read", {"Authorization": f"bearer {KEY}"}
    assert kind(odoo.json2("product.product", "search_read", database="another")) == (404, PAGE)
    assert kind(requests.post(address, data="x=1", headers=headers, timeout=60)) == (415, PAGE)
    assert kind(requests.get(address, headers=headers, timeout=60)) == (404, JSON)
    broken = requests.post(address, data="{", headers={**headers, "Content-Type": "application/json; charset=utf-8"}, timeout=60)
    assert (kind(broken), broken.json()["name"]) == ((400, JSON), "werkzeug.exceptions.BadRequest")


@pytest.mark.parametrize(("version", "code"), [(17, 200), (18, 200), (19, 0)])
def test_json_rpc_errors_come_with_status_200_and_a_code_that_says_nothing(odoo: OdooStandIn, version: int, code: int) -> None:
    odoo.be(version)
    answer = odoo.rpc("object", "execute_kw", DATABASE, 9, KEY, "product.product", "search_read", [[]], {"fields": ["nothing"]})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["data"]["name"]) == (200, code, "builtins.ValueError")


def test_json_rpc_names_what_went_wrong(odoo: OdooStandIn) -> None:
    def name(*arguments: Any) -> str:
        return str(odoo.rpc("object", "execute_kw", *arguments).json()["error"]["data"]["name"])

    rest = ("search_read", [[]], {})
    assert name(DATABASE, 9, "wrong", "product.product", *rest) == "odoo.exceptions.AccessDenied"
    assert name("another", 9, KEY, "product.product", *rest) == "psycopg2.OperationalError"
    assert name(DATABASE, 9, KEY, "no.model", *rest) == "odoo.exceptions.UserError"
    assert name(DATABASE, 9, KEY, "product.product", "_search", [[]]) == "odoo.exceptions.AccessError"
    assert name(DATABASE, 9, KEY, "product.product", "search_count", []) == "builtins.TypeError"


def test_a_log_in_that_fails_is_no_error(odoo: OdooStandIn) -> None:
    assert odoo.log_in()["result"] == 9
    assert odoo.log_in(password="wrong")["result"] is False
    assert odoo.log_in(login="other")["result"] is False
    assert odoo.rpc("common", "login", DATABASE, LOGIN, KEY).json()["result"] == 9


def test_a_method_that_returns_nothing_answers_without_a_result(odoo: OdooStandIn) -> None:
    answer = odoo.rpc("object", "execute_kw", DATABASE, 9, KEY, "product.product", "check_access", ["read"], {})
    assert answer.json() == {"jsonrpc": "2.0", "id": 1}


def test_json_rpc_wants_json(odoo: OdooStandIn) -> None:
    broken = requests.post(f"{odoo.url}/jsonrpc", data="{", headers={"Content-Type": "application/json"}, timeout=60)
    assert (broken.status_code, broken.text) == (400, "Invalid JSON data")
    assert kind(requests.post(f"{odoo.url}/jsonrpc", data="x=1", timeout=60)) == (415, PAGE)


@pytest.mark.parametrize(
    ("fault", "settings", "status", "name"),
    [
        ("expired_key", {}, 401, "werkzeug.exceptions.Unauthorized"),
        ("no_rights", {}, 403, "odoo.exceptions.AccessError"),
        ("broken", {}, 500, "psycopg2.errors.SerializationFailure"),
        ("broken", {"way": "value"}, 500, "builtins.ValueError"),
        ("renamed_field", {"column": "barcode"}, 500, "builtins.ValueError"),
    ],
)
def test_faults_name_themselves_as_odoo_does(odoo: OdooStandIn, fault: str, settings: dict[str, str], status: int, name: str) -> None:
    odoo.turn_on(fault, feeds="product.product", times=1, **settings)
    assert odoo.json2("stock.warehouse", "search_count", domain=[]).status_code == 200
    answer = odoo.json2("product.product", "search_read", domain=[], fields=["barcode"])
    assert (answer.status_code, answer.json()["name"]) == (status, name)
    assert odoo.json2("product.product", "search_read", domain=[], fields=["barcode"]).status_code == 200


@pytest.mark.parametrize(
    ("fault", "settings", "status"),
    [
        ("wrong_database", {}, 404),
        ("login_page", {}, 200),
        ("bad_gateway", {}, 502),
        ("maintenance", {}, 503),
        ("broken", {"way": "html"}, 500),
    ],
)
def test_faults_before_odoo_are_web_pages(odoo: OdooStandIn, fault: str, settings: dict[str, str], status: int) -> None:
    odoo.turn_on(fault, **settings)
    assert kind(odoo.json2("product.product", "search_count", domain=[])) == (status, PAGE)


def test_several_databases_need_to_be_named(odoo: OdooStandIn) -> None:
    odoo.turn_on("several_databases")
    address, headers = f"{odoo.url}/json/2/product.product/search_count", {"Authorization": f"bearer {KEY}"}
    assert kind(requests.post(address, json={"domain": []}, headers=headers, timeout=60)) == (404, PAGE)
    assert odoo.json2("product.product", "search_count", domain=[]).json() == 8


def test_answers_can_lie(odoo: OdooStandIn) -> None:
    def codes(**settings: Any) -> list[Any]:
        rows = odoo.json2("stock.warehouse.orderpoint", "search_read", domain=[], fields=["product_min_qty"], order="id").json()
        return [row["product_min_qty"] for row in rows]

    for fault, settings, said in (
        ("cut", {"size": 1}, [20.0]),
        ("empty", {}, []),
        ("twice", {}, [20.0, 5.0, 20.0]),
        ("shuffled", {}, [5.0, 20.0]),
        ("bad_values", {}, ["n/a", 5.0]),
    ):
        odoo.turn_on(fault, times=1, **settings)
        assert codes() == said
    assert codes() == [20.0, 5.0]


def test_what_was_asked_is_remembered_without_the_key(odoo: OdooStandIn) -> None:
    odoo.json2("uom.uom", "search_read", fields=["name"], limit=2)
    odoo.execute("uom.uom", "search_read", [["id", ">", 1]], fields=["name"])
    assert [(each.api, each.method, each.arguments) for each in odoo.asked("uom.uom")] == [
        ("json2", "search_read", {"fields": ["name"], "limit": 2}),
        ("jsonrpc", "search_read", {"domain": [["id", ">", 1]], "fields": ["name"]}),
    ]
    assert odoo.calls("uom.uom") == 2
    assert KEY not in str(odoo.system.journal.report())


def test_something_can_happen_between_two_pages(odoo: OdooStandIn) -> None:
    odoo.meanwhile("product.product", 2, lambda: odoo.world.add_product("NEW", "New"))
    assert [odoo.json2("product.product", "search_count", domain=[]).json() for _ in range(3)] == [8, 9, 9]
