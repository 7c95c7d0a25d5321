from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from inventory.models import Purchase, Sale
from tests.api.shop import about
from tests.build import make_account
from tests.inventory.ledger.build import Shop, make_product

pytestmark = pytest.mark.django_db


def sale(shop: Shop, key: str, quantity: Any = 1, **values: Any) -> dict[str, Any]:
    return about(shop, quantity, **{"source_key": key, "sold_at": timezone.now().isoformat(), **values})


def purchase(shop: Shop, key: str, quantity: Any = 1, **values: Any) -> dict[str, Any]:
    return about(shop, quantity, **{"source_key": key, "bought_at": timezone.now().isoformat(), **values})


def results(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["source_key"], each["result"]) for each in body["facts"]]


def test_each_sale_is_told_what_became_of_it(staff: APIClient, shop: Shop) -> None:
    shop.buy(5)
    other = Shop(make_account("Other"))
    facts = [
        sale(shop, "a", 3, price="9.90"),
        sale(shop, "b", 4),
        sale(shop, "c", 1.5),
        sale(shop, "d", product=other.tea.pk),
        sale(shop, "e", "many"),
        sale(shop, "a", 3),
        sale(shop, "f", sold_at="2001-01-01T00:00:00Z"),
        sale(shop, "g", 0, void=True),
        "nonsense",
    ]
    answer = staff.post("/api/sales/bulk", {"facts": facts})
    body = answer.json()
    assert answer.status_code == 200
    assert results(body) == [
        ("a", "booked"),
        ("b", "short"),
        ("c", "refused"),
        ("d", "refused"),
        ("e", "refused"),
        ("a", "repeated"),
        ("f", "history"),
        ("g", "empty"),
        ("", "refused"),
    ]
    first, second, fraction, theirs, words = body["facts"][:5]
    assert (first["id"], first["shortfall"]) == (Sale.objects.get(source_key="a").pk, 0)
    assert (second["id"], second["shortfall"]) == (Sale.objects.get(source_key="b").pk, 2)
    assert "counted in whole numbers" in fraction["message"]
    assert f"there is no product {other.tea.pk}" in theirs["message"]
    assert words["message"] == "quantity: A valid number is required."
    assert body["counts"] == {"booked": 1, "short": 1, "repeated": 1, "corrected": 0, "history": 1, "empty": 1, "refused": 4}
    assert body["message"] == "9 facts: 1 booked, 1 short, 1 repeated, 1 history, 1 empty, 4 refused."
    assert (shop.packs, other.packs) == (0, 0)


def test_sent_again_nothing_is_booked_twice(staff: APIClient, manager: APIClient, shop: Shop) -> None:
    shop.buy(5)
    facts = [sale(shop, "a", 3)]
    first = staff.post("/api/sales/bulk", {"facts": facts}).json()
    again = staff.post("/api/sales/bulk", {"facts": facts}).json()
    assert (results(again), again["facts"][0]["id"], shop.packs) == ([("a", "repeated")], first["facts"][0]["id"], 2)
    corrected = manager.post("/api/sales/bulk", {"facts": [sale(shop, "a", 1, revision=1)]}).json()
    assert (results(corrected), shop.packs) == ([("a", "corrected")], 4)


@pytest.mark.parametrize("wrong", [{"source_key": "a\0b"}, {"a\0b": 1}, {"source_key": "a", "unit_kind": "\0"}])
def test_answer_about_a_nul_is_kept(staff: APIClient, shop: Shop, wrong: dict[str, Any]) -> None:
    answer = staff.post("/api/sales/bulk", {"facts": [wrong]}, headers={"Idempotency-Key": "one"})
    assert (answer.status_code, answer.json()["counts"]["refused"], "\\u0000" in answer.content.decode()) == (200, 1, False)


@pytest.mark.parametrize("change", [{"void": True}, {"quantity": 0}, {"quantity": 1}])
def test_only_a_manager_changes_what_is_booked(staff: APIClient, manager: APIClient, shop: Shop, change: dict[str, Any]) -> None:
    shop.buy(5, source_key="p")
    shop.sell(2, source_key="s")
    sold, bought = sale(shop, "s", 2, revision=1) | change, purchase(shop, "p", 5, revision=1, unit_cost="2.50") | change
    for path, fact in (("sales", sold), ("purchases", bought)):
        (answer,) = staff.post(f"/api/{path}/bulk", {"facts": [fact]}).json()["facts"]
        assert (answer["result"], "Let a manager" in answer["message"], shop.packs) == ("refused", True, 3)
    assert results(manager.post("/api/sales/bulk", {"facts": [sold]}).json()) == [("s", "corrected")]


def test_revision_seen_first_is_booked_by_staff(staff: APIClient, shop: Shop) -> None:
    shop.buy(5)
    assert results(staff.post("/api/sales/bulk", {"facts": [sale(shop, "a", 2, revision=3)]}).json()) == [("a", "booked")]


def test_purchases_settle_what_was_short(staff: APIClient, shop: Shop) -> None:
    staff.post("/api/sales/bulk", {"facts": [sale(shop, "s", 4)]})
    answer = staff.post("/api/purchases/bulk", {"facts": [purchase(shop, "p", 10, unit_cost="2.50", lot="L1"), purchase(shop, "q", -1)]})
    body = answer.json()
    assert (results(body), body["settled"], shop.packs) == ([("p", "booked"), ("q", "refused")], 4, 6)
    assert body["facts"][0]["id"] == Purchase.objects.get().pk


def test_same_key_is_answered_once(staff: APIClient, shop: Shop) -> None:
    shop.buy(5)
    body = {"facts": [sale(shop, "a", 3)]}
    first = staff.post("/api/sales/bulk", body, headers={"Idempotency-Key": "one"})
    again = staff.post("/api/sales/bulk", body, headers={"Idempotency-Key": "one"})
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")


@pytest.mark.parametrize("body", [{}, [], {"facts": []}, {"facts": {}}, {"facts": "a"}, {"facts": [{}] * 5001}])
@pytest.mark.parametrize("path", ["/api/sales/bulk", "/api/purchases/bulk"])
def test_list_that_is_none(staff: APIClient, path: str, body: Any) -> None:
    answer = staff.post(path, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["facts"])


def test_field_that_is_not_there_is_named(staff: APIClient, shop: Shop) -> None:
    body = staff.post("/api/sales/bulk", {"facts": [sale(shop, "a", proce="1")]}).json()
    assert body["facts"][0]["message"].startswith("proce: There is no such field here.")
    answer = staff.post("/api/sales/bulk", {"facts": [sale(shop, "a")], "dry_run": True})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["dry_run"])


def test_statements_do_not_grow_with_the_facts(staff: APIClient, shop: Shop) -> None:
    products = [make_product(shop.account, f"S{number}") for number in range(20)]
    staff.post("/api/purchases/bulk", {"facts": [purchase(shop, "warm up")]})

    def statements(number: int) -> int:
        facts = [purchase(shop, f"{number}-{place}", product=products[place % number].pk) for place in range(number)]
        with CaptureQueriesContext(connection) as asked:
            assert staff.post("/api/purchases/bulk", {"facts": facts}).json()["counts"]["booked"] == number
        return len(asked)

    # Ten times the products: not ten times the statements.
    assert statements(20) <= statements(2) + 5
