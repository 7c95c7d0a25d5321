from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from inventory import reconcile
from inventory.models import Level, Reconciliation, ReconciliationStatus
from tests.api.shop import ids
from tests.build import make_account
from tests.inventory.ledger.build import Shop, make_place, make_product

pytestmark = pytest.mark.django_db


def off_by(shop: Shop, packs: int) -> None:
    """Somebody changed the counter behind the application's back."""
    row = Level.objects.get(product=shop.tea, warehouse=shop.place)
    Level.objects.filter(pk=row.pk).update(packs=row.packs + packs)


@contextmanager
def worker() -> Iterator[None]:
    """A worker that is done by the time somebody looks again."""

    def work(run: Reconciliation, seconds: float) -> None:
        reconcile.execute(run.pk)
        run.refresh_from_db()

    with patch("inventory.api.reconciling._wait", side_effect=work):
        yield


def only(packs: int) -> dict[str, int]:
    return {"pallets": 0, "packs": packs, "units": 0}


class TestVerify:
    def test_all_agree(self, viewer: APIClient, shop: Shop) -> None:
        shop.buy(10)
        body = viewer.get("/api/stock/verify").json()
        assert (body["agrees"], body["scanned"], body["drifted"], body["results"], body["next"]) == (True, 1, 0, [], None)
        assert (body["message"], body["level"]) == ("The level agrees with its batches.", None)

    def test_what_differs_is_shown_and_not_touched(self, viewer: APIClient, shop: Shop) -> None:
        shop.buy(10)
        off_by(shop, 5)
        body = viewer.get("/api/stock/verify").json()
        (row,) = body["results"]
        assert (body["agrees"], body["drifted"], body["classes"], body["message"]) == (False, 1, {"MISMATCH": 1}, "1 of 1 levels differ.")
        assert (row["sku"], row["warehouse_code"], row["drift_class"], row["outcome"]) == ("QTX-TEA", "MAIN", "MISMATCH", "found")
        assert (row["before"], row["after"], row["difference"]) == (only(15), only(10), only(-5))
        assert shop.packs == 15

    def test_one_level(self, viewer: APIClient, shop: Shop) -> None:
        shop.buy(10)
        path = f"/api/stock/verify?product={shop.tea.pk}&warehouse={shop.place.pk}"
        assert viewer.get(path).json()["level"] == {"stored": only(10), "batches": only(10), "difference": None}
        off_by(shop, 5)
        assert viewer.get(path).json()["level"] == {"stored": only(15), "batches": only(10), "difference": only(-5)}

    def test_pages(self, viewer: APIClient, shop: Shop) -> None:
        for number in range(3):
            shop.buy(1, product=make_product(shop.account, f"S{number}"))
        Level.objects.update(packs=9)
        first = viewer.get("/api/stock/verify?limit=2").json()
        second = viewer.get(f"/api/stock/verify?limit=2&after={first['next']}").json()
        assert [row["sku"] for row in [*first["results"], *second["results"]]] == ["S0", "S1", "S2"]
        assert (first["drifted"], second["drifted"], second["next"]) == (3, 3, None)

    @pytest.mark.parametrize("query", ["product=0", "product=tea", "warehouse=99999", "after=1", "limit=0", "limit=1001", "prodcut=1"])
    def test_question_that_is_none(self, viewer: APIClient, shop: Shop, query: str) -> None:
        answer = viewer.get(f"/api/stock/verify?{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])

    def test_row_of_another_account(self, viewer: APIClient, shop: Shop) -> None:
        other = Shop(make_account("Other"))
        for query in (f"product={other.tea.pk}", f"warehouse={other.place.pk}"):
            assert viewer.get(f"/api/stock/verify?{query}").status_code == 400


class TestReconcile:
    def test_pass_that_is_waited_for(self, staff: APIClient, shop: Shop) -> None:
        shop.buy(10)
        off_by(shop, 5)
        with worker():
            answer = staff.post("/api/stock/reconcile", {}, headers={"Prefer": "wait=7"})
        body = answer.json()
        assert (answer.status_code, answer["Preference-Applied"], answer["Location"]) == (
            200,
            "wait=7",
            f"/api/reconciliations/{body['id']}",
        )
        assert (body["status"], body["cause"], body["counters"]["corrected"]) == ("succeeded", "api", 1)
        assert shop.packs == 10
        assert staff.get(answer["Location"]).json() == body

    def test_pass_that_is_not_waited_for(self, staff: APIClient, shop: Shop) -> None:
        answer = staff.post("/api/stock/reconcile", {"product": shop.tea.pk, "warehouse": shop.place.pk})
        body = answer.json()
        assert (answer.status_code, body["status"], body["product"], body["warehouse"]) == (202, "queued", shop.tea.pk, shop.place.pk)
        assert (answer["Location"], answer.has_header("Preference-Applied")) == (f"/api/reconciliations/{body['id']}", False)

    def test_second_click_is_told_which_pass_is_at_it(self, staff: APIClient, shop: Shop) -> None:
        first = staff.post("/api/stock/reconcile", {})
        second = staff.post("/api/stock/reconcile", {}, headers={"Prefer": "wait=7"})
        assert (second.status_code, second["Location"]) == (409, first["Location"])
        assert (second.json()["code"], second.json()["data"]["id"]) == ("already_reconciling", first.json()["id"])
        assert Reconciliation.objects.count() == 1

    def test_same_key_starts_one(self, staff: APIClient, shop: Shop) -> None:
        headers = {"Idempotency-Key": "one"}
        first = staff.post("/api/stock/reconcile", {"product": shop.tea.pk}, headers=headers)
        again = staff.post("/api/stock/reconcile", {"product": shop.tea.pk}, headers=headers)
        assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (202, first.json(), "true")
        other = staff.post("/api/stock/reconcile", {}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")

    def test_preview_writes_nothing(self, staff: APIClient, shop: Shop) -> None:
        shop.buy(10)
        off_by(shop, 5)
        body = staff.post("/api/stock/reconcile/preview", {}).json()
        assert (body["would_ask"], body["counters"]["corrected"], [row["difference"] for row in body["differences"]]) == (
            False,
            1,
            [only(-5)],
        )
        assert (shop.packs, Reconciliation.objects.count()) == (15, 0)
        body = staff.post("/api/stock/reconcile/preview", {"limit_rows": 0}).json()
        assert (body["would_ask"], shop.packs) == (True, 15)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"product": 99999}, "product"),
            ({"warehouse": "MAIN"}, "warehouse"),
            ({"limit_rows": -1}, "limit_rows"),
            ({"limit_rows": 10**30}, "limit_rows"),
            ({"limit_quantity": "1e999"}, "limit_quantity"),
            ({"dry_run": True}, "dry_run"),
        ],
    )
    def test_wrong_field_is_named(self, staff: APIClient, shop: Shop, body: dict[str, Any], field: str) -> None:
        for path in ("/api/stock/reconcile", "/api/stock/reconcile/preview"):
            answer = staff.post(path, body)
            assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
        assert not Reconciliation.objects.exists()

    def test_warehouse_that_follows_an_outside_system(self, staff: APIClient, shop: Shop) -> None:
        mirror = make_place(shop.account, "MIRROR")
        type(mirror).objects.filter(pk=mirror.pk).update(mode="mirror")
        answer = staff.post("/api/stock/reconcile", {"warehouse": mirror.pk})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_a_ledger")


class TestReview:
    @pytest.fixture
    def stopped(self, staff: APIClient, shop: Shop) -> int:
        """A pass that would change more than it may."""
        shop.buy(10)
        off_by(shop, 5)
        with worker():
            body = staff.post("/api/stock/reconcile", {"limit_rows": 0}, headers={"Prefer": "wait=7"}).json()
        assert (body["status"], body["stopped_by"], shop.packs) == ("needs_review", "limit", 15)
        return int(body["id"])

    def test_manager_looks_and_approves(self, manager: APIClient, shop: Shop, stopped: int) -> None:
        (row,) = manager.get(f"/api/reconciliations/{stopped}/drifts").json()["results"]
        assert (row["sku"], row["drift_class"], row["outcome"], row["difference"]) == ("QTX-TEA", "MISMATCH", "found", only(-5))
        answer = manager.post(f"/api/reconciliations/{stopped}/approve")
        assert (answer.status_code, answer.json()["status"], answer["Location"]) == (202, "queued", f"/api/reconciliations/{stopped}")
        reconcile.execute(stopped)
        assert shop.packs == 10
        assert [row["outcome"] for row in manager.get(f"/api/reconciliations/{stopped}/drifts").json()["results"]] == ["corrected"]

    def test_manager_puts_it_aside_once(self, manager: APIClient, shop: Shop, stopped: int) -> None:
        answer = manager.post(f"/api/reconciliations/{stopped}/discard")
        assert (answer.status_code, answer.json()["status"], shop.packs) == (200, "cancelled", 15)
        again = manager.post(f"/api/reconciliations/{stopped}/discard")
        assert (again.status_code, again.json()["code"]) == (409, "nothing_to_review")

    def test_approval_waits_for_the_pass_that_is_at_it(self, manager: APIClient, shop: Shop, stopped: int) -> None:
        other = manager.post("/api/stock/reconcile", {}).json()["id"]
        answer = manager.post(f"/api/reconciliations/{stopped}/approve")
        assert (answer.status_code, answer.json()["data"]["id"]) == (409, other)

    def test_drifts_are_narrowed(self, viewer: APIClient, shop: Shop, stopped: int) -> None:
        path = f"/api/reconciliations/{stopped}/drifts"
        assert len(ids(viewer, f"{path}?drift_class=MISMATCH&outcome=found&product={shop.tea.pk}")) == 1
        assert ids(viewer, f"{path}?drift_class=BAD_BATCH") == []
        wrong = viewer.get(f"{path}?outcome=lost")
        assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["outcome"])


def test_waiting_pass_is_cancelled_once(staff: APIClient, shop: Shop) -> None:
    run = staff.post("/api/stock/reconcile", {}).json()["id"]
    answer = staff.post(f"/api/reconciliations/{run}/cancel")
    assert (answer.status_code, answer.json()["status"], answer.json()["stopped_by"]) == (200, "cancelled", "cancel")
    again = staff.post(f"/api/reconciliations/{run}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "pass_is_over")


def test_list_narrows_and_its_statements_do_not_grow(
    viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        status = ReconciliationStatus.SUCCEEDED if number else ReconciliationStatus.FAILED
        Reconciliation.objects.create(
            account=shop.account, cause="manual", status=status, asked_by="Mara", product=shop.tea, queued_at="2026-02-03T12:00:00Z"
        )
    assert len(ids(viewer, f"/api/reconciliations?status=failed&cause=manual&product={shop.tea.pk}")) == 1
    assert ids(viewer, "/api/reconciliations?from=2026-03-01T00:00:00Z") == []
    with django_assert_num_queries(2):
        assert len(ids(viewer, "/api/reconciliations")) == 4
