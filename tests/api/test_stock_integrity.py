from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from accounts.roles import Role
from inventory.models import Batch, IntegrityReport, Level
from tests.api.build import program_as
from tests.build import make_account
from tests.inventory.integrity.breaking import by_hand
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.buy(10)
    shop.sell(4)
    return shop


def preview(client: APIClient, shop: Shop) -> Any:
    answer = client.get("/api/stock/rebuild", {"product": shop.tea.pk})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_check_answers_with_its_report(shop: Shop) -> None:
    by_hand("UPDATE inventory_level SET packs = 9000")
    answer = program_as(shop.account, Role.STAFF).post("/api/stock/integrity")
    assert answer.status_code == 201
    report = answer.json()
    assert (report["offenders"], report["message"]) == (2, "2 things break an invariant: I1 1, I11 1.")
    first = report["checks"][0]
    assert (first["invariant"], first["offenders"], len(report["checks"])) == ("I1", 1, 16)
    assert first["sample"] == [
        {
            "entity": "Level",
            "id": Level.objects.get().pk,
            "label": f"{shop.tea.sku} in MAIN",
            "trouble": "9 packs in the counter, 6 in its batches.",
            "product": shop.tea.pk,
            "warehouse": shop.place.pk,
        }
    ]
    viewer = program_as(shop.account, Role.VIEWER)
    assert viewer.get(f"/api/stock/integrity/{report['id']}").json() == report
    assert viewer.get("/api/stock/integrity").json()["results"] == [report]


def test_many_reports_take_as_many_statements_as_one(shop: Shop) -> None:
    client = program_as(shop.account, Role.OWNER)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/stock/integrity")
        return len(queries)

    client.post("/api/stock/integrity")
    few = statements()
    client.post("/api/stock/integrity")
    assert statements() == few
    assert IntegrityReport.objects.count() == 2


def test_a_rebuild_is_looked_at_and_then_done(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET received = 12000, remaining = 8000")
    by_hand("UPDATE inventory_level SET packs = 8000")
    client = program_as(shop.account, Role.MANAGER)
    plan = preview(client, shop)
    batch = Batch.objects.get()
    assert plan["batches"] == [{"batch": batch.pk, "before": {"received": 12, "remaining": 8}, "after": {"received": 10, "remaining": 6}}]
    assert plan["levels"] == [
        {
            "product": shop.tea.pk,
            "warehouse": shop.place.pk,
            "before": {"pallets": 0, "packs": 8, "units": 0},
            "after": {"pallets": 0, "packs": 6, "units": 0},
            "quarantined": False,
            "reason": "",
        }
    ]
    assert (plan["problems"], plan["empty"]) == ([], False)
    body = {"product": shop.tea.pk, "digest": plan["digest"]}
    answer = client.post("/api/stock/rebuild", body, format="json")
    assert (answer.status_code, answer.json()) == (200, plan)
    assert shop.packs == 6
    again = client.post("/api/stock/rebuild", body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "plan_changed")
    assert again.json()["details"] == {"digest": preview(client, shop)["digest"]}


def test_times_are_shown_as_times(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET voided_at = '2026-03-02 08:00:00+00:00'")
    (change,) = preview(program_as(shop.account, Role.MANAGER), shop)["batches"]
    assert (change["before"], change["after"]) == ({"voided_at": "2026-03-02T08:00:00Z"}, {"voided_at": None})


def test_movements_that_contradict_themselves_are_a_conflict(shop: Shop) -> None:
    by_hand("DELETE FROM inventory_movement WHERE kind = 'receipt'")
    client = program_as(shop.account, Role.MANAGER)
    plan = preview(client, shop)
    answer = client.post("/api/stock/rebuild", {"product": shop.tea.pk, "digest": plan["digest"]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_rebuildable")


@pytest.mark.parametrize("body", [{}, {"digest": "x"}, {"product": 10**30, "digest": "x"}, {"product": 1, "digest": "x", "force": True}])
def test_what_is_missing_or_unknown_is_named(shop: Shop, body: dict[str, Any]) -> None:
    answer = program_as(shop.account, Role.MANAGER).post("/api/stock/rebuild", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_another_accounts_product_is_no_choice(shop: Shop) -> None:
    stranger = program_as(make_account("Other"), Role.OWNER)
    assert stranger.get("/api/stock/rebuild", {"product": shop.tea.pk}).status_code == 400
    assert stranger.post("/api/stock/rebuild", {"product": shop.tea.pk, "digest": "x"}, format="json").status_code == 400


def samples(text: str) -> dict[str, float]:
    found = text_string_to_metric_families(text)
    return {
        f"{sample.name}{{{','.join(sample.labels.values())}}}" if sample.labels else sample.name: sample.value
        for family in found
        for sample in family.samples
    }


def test_metrics_are_in_the_text_format_whatever_is_accepted(shop: Shop) -> None:
    client = program_as(shop.account, Role.VIEWER)
    for accept in ("text/plain;version=0.0.4", "*/*", "application/x-protobuf"):
        answer = client.get("/api/metrics", headers={"accept": accept})
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        found = samples(answer.content.decode())
        assert found["levelstock_movements_24h{sale}"] == 1
        assert found["levelstock_quarantined_levels"] == 0


def test_metrics_in_openmetrics_for_who_asks_for_that(shop: Shop) -> None:
    answer = program_as(shop.account, Role.VIEWER).get("/api/metrics", headers={"accept": "application/openmetrics-text;version=1.0.0"})
    assert answer["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.decode().endswith("# EOF\n")


def test_metrics_are_the_tokens_accounts_own(shop: Shop) -> None:
    stranger = program_as(make_account("Other"), Role.VIEWER)
    found = samples(stranger.get("/api/metrics").content.decode())
    assert "levelstock_movements_24h{sale}" not in found
    assert found["levelstock_dirty_keys"] == 0


def test_who_may_not_see_metrics_is_told_in_json() -> None:
    answer = APIClient().get("/api/metrics", headers={"accept": "text/plain"})
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (401, "application/json", "not_authenticated")


def test_metrics_take_a_constant_number_of_statements(shop: Shop) -> None:
    client = program_as(shop.account, Role.VIEWER)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/metrics")
        return len(queries)

    statements()
    few = statements()
    for _ in range(3):
        shop.buy(1)
    assert statements() == few <= 22
