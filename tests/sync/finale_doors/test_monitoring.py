from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from inventory import catalogue
from inventory.models import Level, Product, Supply, SupplyLevel, SupplyState, Vendor, Warehouse, WarehouseMode
from sync import connections
from sync.models import CallBudget, Connection, FeedState, ProductRef, Status, StockRef, WarehouseRef
from tests.build import make_actor
from tests.sync.finale_doors.conftest import ended

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
COUNTERS = {"inserted": 2, "updated": 5, "removed": 1, "unchanged": 30, "held": 2}
ERRORS = [{"feed": "stock", "part": "", "code": "x", "message": "Stock: the answer was cut.", "hint": ""}]


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def get(client: APIClient, path: str, **query: Any) -> Any:
    answer = client.get(f"/api/sync-finale/{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize("path", ["status", "history", "metrics", "health", "schedule", "critical", "check-stuck", "validate"])
def test_before_anything_is_connected_each_answer_is_an_empty_one(viewer: APIClient, path: str) -> None:
    cache.clear()
    assert get(viewer, path)


# Status


def test_a_fresh_connection_is_ready(viewer: APIClient, connection: Connection) -> None:
    found = get(viewer, "status")
    assert (found["status"], found["message"], found["configured"], found["syncEnabled"]) == ("idle", "Ready.", True, True)
    assert (found["currentSync"], found["lastSync"], found["syncConfig"]["frequencyMinutes"]) == (None, None, 60)


@pytest.mark.parametrize(
    ("runs", "word", "sentence"),
    [
        ([("full", Status.FAILED), ("inventory", Status.SUCCEEDED)], "error", "The last full sync failed."),
        ([("full", Status.FAILED), ("full", Status.SUCCEEDED)], "idle", "Ready."),
        ([("full", Status.FAILED), ("active", Status.SUCCEEDED)], "idle", "Ready."),
        ([("inventory", Status.PARTIAL)], "warning", "The last inventory sync was partial."),
        ([("inventory", Status.PARTIAL), ("full", Status.FAILED)], "error", "The last full sync failed."),
        ([("full", Status.NEEDS_REVIEW)], "warning", "The last full sync waits for a review."),
        ([("full", Status.FAILED), ("full", Status.CANCELLED)], "error", "The last full sync failed."),
        ([("inventory", Status.FAILED), ("inventory", Status.QUEUED)], "running", "Waiting for a worker."),
    ],
)
def test_running_goes_before_failed_before_partial_before_ready(
    viewer: APIClient, connection: Connection, runs: list[tuple[str, Status]], word: str, sentence: str
) -> None:
    for place, (scope, status) in enumerate(runs):
        ended(connection, scope, ago=60 - place, status=status)
    found = get(viewer, "status")
    assert (found["status"], found["message"]) == (word, sentence)


def test_without_auto_sync_it_is_idle_and_says_so(viewer: APIClient, connection: Connection) -> None:
    connections.set_auto_sync(make_actor(connection.account), connection, False)
    found = get(viewer, "status")
    assert (found["status"], found["syncEnabled"], found["syncConfig"]["nextScheduledSync"]) == ("idle", False, None)
    assert found["message"] == "Auto-sync is off: syncs run when somebody starts them."


def test_what_goes_on_tells_how_far_it_is(viewer: APIClient, connection: Connection) -> None:
    waits = NOW + timedelta(minutes=40)
    ended(
        connection, "full", ago=5, status=Status.QUEUED, finished_at=None, progress_done=75, progress_total=189, resume_at=waits,
        counters=COUNTERS, message="It waits for Finale's hourly budget.",
    )  # fmt: skip
    found = get(viewer, "status")
    now = found["currentSync"]
    assert (found["status"], found["message"]) == ("running", "It waits for Finale's hourly budget. It goes on by itself at 12:40.")
    assert (now["progress"], now["currentBatch"], now["totalBatches"], now["itemsProcessed"]) == ("39%", 75, 189, 40)
    assert (now["state"], now["status"], now["resumesAt"]) == ("queued", "pending", "2026-03-04T12:40:00Z")


def test_the_week_is_summed_in_one_vocabulary(
    viewer: APIClient, connection: Connection, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ended(connection, ago=60 * 24 * 8, status=Status.FAILED)
    ended(connection, ago=300, took=10, counters=COUNTERS)
    ended(connection, ago=240, took=20, counters=COUNTERS)
    ended(connection, ago=180, took=30, status=Status.PARTIAL, errors=ERRORS)
    ended(connection, ago=120, took=0, status=Status.FAILED, message="Finale refused the key.")
    last = ended(connection, ago=60, took=40, counters=COUNTERS)
    with django_assert_max_num_queries(16):
        found = get(viewer, "status")
    week = found["statistics"]["last7Days"]
    assert {name: week[name] for name in week if name != "recentErrors"} == {
        "totalSyncs": 5, "successfulSyncs": 3, "failedSyncs": 1, "partialSyncs": 1,
        "averageDuration": 20000.0, "totalItemsProcessed": 120, "totalItemsUpdated": 24,
    }  # fmt: skip
    assert [each["message"] for each in week["recentErrors"]] == ["Finale refused the key.", "Stock: the answer was cut."]
    assert found["statistics"]["successRate"] == 60.0
    done = found["lastSync"]
    assert (done["id"], done["state"], done["status"], done["duration"]) == (last.pk, "succeeded", "success", 40000)
    assert (done["itemsProcessed"], done["itemsUpdated"], done["itemsFailed"]) == (40, 8, 2)


# History


def test_history_is_paged_filtered_and_summed(viewer: APIClient, connection: Connection) -> None:
    ended(connection, ago=60 * 24 * 2, took=2, counters={"processed": 10, "unchanged": 10})
    ended(connection, "full", ago=60 * 24, took=4, status=Status.PARTIAL, errors=ERRORS * 3, counters={"processed": 40, **COUNTERS})
    ended(connection, ago=60, took=12, status=Status.FAILED, errors=ERRORS)
    ended(connection, "critical", ago=1, status=Status.RUNNING, finished_at=None)

    found = get(viewer, "history", limit=2, offset=1)
    assert found["pagination"] == {"total": 4, "limit": 2, "offset": 1, "hasMore": True}
    assert found["statistics"] == {"totalSyncs": 4, "avgDuration": 6000.0, "avgItemsProcessed": 25.0, "totalErrors": 4}
    first, second = found["history"]
    assert (first["state"], first["status"], first["duration"], first["hasErrors"], first["errorCount"]) == (
        "failed",
        "failed",
        "12s",
        True,
        1,
    )
    assert (second["strategy"], second["successRate"], second["itemsFailed"], second["duration"]) == ("full", 95.0, 2, "4.0s")

    assert [row["state"] for row in get(viewer, "history", status="failed")["history"]] == ["failed", "partial"]
    assert [row["strategy"] for row in get(viewer, "history", state="partial")["history"]] == ["full"]
    assert len(get(viewer, "history", startDate="2026-03-03", endDate="2026-03-03")["history"]) == 1
    assert len(get(viewer, "history", startDate="2026-03-03T12:00:00Z")["history"]) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"status": "completed"}, "status"),
        ({"startDate": "yesterday"}, "startDate"),
        ({"startDate": "2026-03-05", "endDate": "2026-03-01"}, "endDate"),
        ({"page": "2"}, "page"),
    ],
)
def test_a_filter_that_can_not_be_meant_is_named(viewer: APIClient, connection: Connection, query: dict[str, str], field: str) -> None:
    answer = viewer.get("/api/sync-finale/history", query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


# Metrics


def test_metrics_by_hand(viewer: APIClient, connection: Connection) -> None:
    """Four runs in a day, 10, 20, 30 and 40 seconds long, an hour apart; 100 rows each but for the failed one."""
    rows = {"processed": 100, "unchanged": 100}
    for place, (took, status) in enumerate([(10, Status.SUCCEEDED), (20, Status.FAILED), (30, Status.SUCCEEDED), (40, Status.SUCCEEDED)]):
        failed = status == Status.FAILED
        ended(
            connection, ago=240 - 60 * place - took / 60, took=took, status=status, counters={} if failed else rows,
            errors=[{"message": "Stock: cut"}, {"message": "Stock: cut again"}, {"message": "Products: short"}] if failed else [],
        )  # fmt: skip
    found = get(viewer, "metrics", days=2, hourly="true")
    assert (found["summary"]["successRate"]["value"], found["summary"]["averageDuration"]["value"]) == (75.0, 25000.0)
    assert (found["summary"]["itemsPerSync"]["value"], found["summary"]["averageDuration"]["details"]) == (75.0, "25s on average.")
    assert found["errorAnalysis"] == {
        "totalErrors": 3, "errorRate": 25.0, "topErrors": [{"error": "Stock", "count": 2}, {"error": "Products", "count": 1}],
    }  # fmt: skip
    assert found["syncFrequency"] == {"avgTimeBetweenSyncs": 60.0, "syncsPerDay": 2.0}
    assert (found["performance"]["avgItemsPerSecond"], [each["itemsPerSecond"] for each in found["performance"]["trend"]]) == (
        3.8,
        [10.0, 3.3, 2.5],
    )
    hours = {each["hour"]: each for each in found["hourlyBreakdown"]}
    assert (len(hours), hours[8]["syncs"], hours[9]["successful"], hours[11]["averageDuration"]) == (24, 1, 0, 40000.0)
    assert get(viewer, "metrics")["hourlyBreakdown"] is None


# Health


def test_health_is_that_of_the_worst_check_and_is_kept_for_five_minutes(viewer: APIClient, connection: Connection) -> None:
    found = get(viewer, "health")
    assert (found["status"], found["timestamp"]) == ("unhealthy", "2026-03-04T12:00:00Z")
    assert found["checks"]["database"]["status"] == "healthy"
    assert found["checks"]["syncProcess"] == {
        "status": "unhealthy", "message": "No worker runs cluster sync. Start one with “make worker”.",
    }  # fmt: skip
    assert found["checks"]["finaleApi"] == {"status": "degraded", "message": "Nobody has tested it as it is set up now."}
    assert found["errors"] == [found["checks"]["syncProcess"]["message"]]
    with time_machine.travel(NOW + timedelta(minutes=4), tick=False):
        assert get(viewer, "health")["timestamp"] == "2026-03-04T12:00:00Z"
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert get(viewer, "health")["timestamp"] == "2026-03-04T12:06:00Z"
    assert list(CallBudget.objects.exclude(spent=[])) == []


# Schedule


def test_the_timetable_tells_interval_and_newest_run_of_each_strategy(viewer: APIClient, connection: Connection) -> None:
    ended(connection, "critical", ago=30, asked_scope="smart", asked_why="x", counters=COUNTERS)
    ended(connection, "full", ago=600, status=Status.PARTIAL)
    found = get(viewer, "schedule")
    lines = {each["strategy"]: each for each in found["schedules"]}
    assert (found["enabled"], found["autoSync"], found["currentInterval"]) == (True, True, 60)
    assert {name: lines[name]["interval"] for name in ("critical", "inventory", "smart", "active", "full")} == {
        "critical": 15, "inventory": 60, "smart": 360, "active": 1440, "full": 10080,
    }  # fmt: skip
    assert (lines["smart"]["lastSync"], lines["smart"]["itemsProcessed"]) == ("2026-03-04T11:30:00Z", 40)
    assert (lines["full"]["lastState"], lines["full"]["lastStatus"]) == ("partial", "failed")
    assert (lines["vendors"]["lastSync"], lines["vendors"]["lastState"], lines["vendors"]["lastStatus"]) == (None, None, None)
    assert lines["inventory"]["nextSync"] == "2026-03-04T13:00:00Z"


def test_the_interval_is_changed_and_auto_sync_switched_off(manager: APIClient, connection: Connection) -> None:
    def change(**body: Any) -> Any:
        answer = manager.post("/api/sync-finale/schedule", body, format="json")
        assert answer.status_code == 200, answer.content
        return answer.json()

    assert change(interval=30)["currentInterval"] == 30
    lines = {each["strategy"]: each for each in change(strategy="full", interval=1440, enabled=False)["schedules"]}
    assert (lines["full"]["cron"], lines["full"]["enabled"], lines["full"]["nextSync"]) == ("0 3 * * *", False, None)
    assert {each["strategy"]: each for each in change(strategy="vendors", cron="45 4 * * *")["schedules"]}["vendors"][
        "cron"
    ] == "45 4 * * *"
    off = change(enabled=False)
    assert (off["enabled"], off["autoSync"], {each["nextSync"] for each in off["schedules"]}) == (False, False, {None})
    assert change(enabled=True)["enabled"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "interval"),
        ({"interval": 7}, "interval"),
        ({"interval": 60, "cron": "0 * * * *"}, "cron"),
        ({"strategy": "full", "cron": "often"}, "cron"),
        ({"strategy": "everything", "interval": 60}, "strategy"),
        ({"intervall": 60}, "intervall"),
    ],
)
def test_a_timetable_that_can_not_be_kept_is_named(manager: APIClient, connection: Connection, body: dict[str, Any], field: str) -> None:
    answer = manager.post("/api/sync-finale/schedule", body, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_staff_may_look_at_the_timetable_and_not_change_it(staff: APIClient, connection: Connection) -> None:
    assert staff.post("/api/sync-finale/schedule", {"interval": 30}, format="json").status_code == 403
    assert get(staff, "schedule")["currentInterval"] == 60


# Stuck


def test_stuck_runs_are_listed_and_closed_only_when_asked_to(viewer: APIClient, staff: APIClient, connection: Connection) -> None:
    run = ended(connection, ago=45, status=Status.RUNNING, finished_at=None, lease_until=timezone.now() - timedelta(minutes=44))
    # The database's own clock tells how long it has been silent.
    found = get(viewer, "check-stuck")
    assert ([each["id"] for each in found["stuckSyncs"]], found["count"], found["fixed"]) == ([run.pk], 1, 0)
    for on in (True, "1", "yEs", "tRUE", 1.0):
        assert viewer.post("/api/sync-finale/check-stuck", {"autoFix": on}, format="json").status_code == 403
    assert viewer.post("/api/sync-finale/check-stuck").json()["fixed"] == 0
    closed = staff.post("/api/sync-finale/check-stuck", {"autoFix": True}, format="json").json()
    assert (closed["count"], closed["fixed"], closed["message"]) == (1, 1, "1 of 1 was closed as failed.")
    assert get(viewer, "check-stuck")["stuckSyncs"] == []


# Critical and validate


def supply(connection: Connection, sku: str, state: SupplyState, **values: Any) -> Product:
    product = catalogue.add_product(make_actor(connection.account), sku=sku)
    refer(connection, product)
    given = {"available": 0, "level": SupplyLevel.CRITICAL, "since": NOW, "changed_at": NOW, **values}
    Supply.objects.create(account=connection.account, product=product, state=state, **given)
    return product


def refer(connection: Connection, product: Product | None, **values: Any) -> ProductRef:
    sku = product.sku if product else "LOST"
    given = {"external_id": f"/exampleco/api/product/{sku}", "sku": sku, "sku_key": sku, "name": sku.title(), "cost": "1.5", **values}
    return ProductRef.objects.create(account=connection.account, connection=connection, product=product, first_seen_at=NOW, **given)


def test_critical_items_are_each_on_one_list_and_counted_once(
    viewer: APIClient, connection: Connection, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    vendor = Vendor.objects.create(account=connection.account, name="Mineral Works", name_key="MINERAL WORKS")
    perlite = supply(connection, "PERLITE-4CF", SupplyState.OUT, on_hand=6, reserved=9, available=-3, reorder_point=24)
    Product.objects.filter(pk=perlite.pk).update(vendor=vendor)
    for number, available in enumerate((5, 3, 4)):
        supply(connection, f"LOW-{number}", SupplyState.BELOW, available=available, reorder_point=10)
    supply(connection, "SOON", SupplyState.SOON, available=20, days_left="2.5")
    supply(connection, "FINE", SupplyState.FINE, available=200)
    elsewhere = catalogue.add_product(make_actor(connection.account), sku="NOT-FINALE")
    Supply.objects.create(account=connection.account, product=elsewhere, state=SupplyState.OUT, since=NOW, changed_at=NOW)
    with django_assert_max_num_queries(12):
        found = get(viewer, "critical")
    (out,) = found["outOfStock"]
    assert (out["sku"], out["available"], out["reorderPoint"], out["vendor"]) == ("PERLITE-4CF", -3, 24, "Mineral Works")
    assert [each["available"] for each in found["belowReorderPoint"]] == [3, 4, 5]
    assert [each["daysLeft"] for each in found["aboutToRunOut"]] == [2.5]
    assert (found["totalCritical"], found["counts"]) == (4, {"outOfStock": 1, "belowReorderPoint": 3, "aboutToRunOut": 1})
    cut = get(viewer, "critical", limit=1)
    assert (len(cut["belowReorderPoint"]), cut["counts"]["belowReorderPoint"]) == (1, 3)


def test_validation_names_each_fault_with_its_products_and_takes_it_from_the_score(viewer: APIClient, connection: Connection) -> None:
    actor, account = make_actor(connection.account), connection.account
    place = {"account": account, "connection": connection, "first_seen_at": NOW}
    house = Warehouse.objects.create(account=account, name="Main", code="MAIN", mode=WarehouseMode.MIRROR)
    WarehouseRef.objects.create(**place, external_id="/f/10000", name="Main", warehouse=house)
    WarehouseRef.objects.create(**place, external_id="/f/10001", name="A-01", parent_id_there="/f/10000")
    WarehouseRef.objects.create(**place, external_id="/f/10009", name="Transit", parent_id_there="/f/10000", counts=False)
    said = {"SOIL-25": 52, "PERLITE": 6, "TRAY": 0, "OLD": -2}
    for sku, on_hand in said.items():
        product = catalogue.add_product(actor, sku=sku)
        ref = refer(connection, product, name="" if sku == "TRAY" else sku)
        here = 51 if sku == "SOIL-25" else on_hand
        Level.objects.create(account=account, product=product, warehouse=house, ledger=False, units=here, changed_at=NOW)
        for where, quantity in (("/f/10001", on_hand), ("/f/10009", 7)):
            StockRef.objects.create(
                **place, key=f"{ref.external_id} {where}", product_id_there=ref.external_id, place_id_there=where, sku=sku, on_hand=quantity
            )
    for feed in ("products", "stock"):
        FeedState.objects.create(
            account=account, connection=connection, feed=feed, rows=4, checksum="x", taken_at=NOW, valid_at=NOW - timedelta(days=29)
        )
    found = get(viewer, "validate")
    faults = {each["code"]: each for each in found["issues"]}
    assert {code: fault["count"] for code, fault in faults.items()} == {"missing_name": 1, "negative_stock": 1, "stock_mismatch": 1}
    assert faults["stock_mismatch"]["examples"] == [{"sku": "SOIL-25", "name": "", "said": "52", "here": "51"}]
    # Of four products: half of one, one and one.
    assert (found["score"], found["totalProducts"], found["valid"]) == (37, 4, False)
    FeedState.objects.filter(feed="stock").delete()
    assert {each["code"]: each["count"] for each in get(viewer, "validate")["issues"]}["stale"] == 4


def test_validating_against_finale_is_a_preview_and_mending_a_sync(viewer: APIClient, staff: APIClient, connection: Connection) -> None:
    assert viewer.post("/api/sync-finale/validate").status_code == 403
    looked = staff.post("/api/sync-finale/validate")
    assert (looked.status_code, looked.json()["data"]["kind"], looked.json()["data"]["scope"]) == (202, "preview", "inventory")
    assert staff.post("/api/sync-finale/validate", {"autoFix": True}, format="json").status_code == 409
    ended(connection)
    connection.runs.filter(status=Status.QUEUED).update(status=Status.CANCELLED)
    assert staff.post("/api/sync-finale/validate", {"autoFix": True}, format="json").json()["data"]["kind"] == "sync"
