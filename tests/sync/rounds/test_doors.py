"""Types, their status and their reset, and rounds, through the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import AuditLog
from accounts.roles import Role
from sync import runs
from sync.models import Connection, Cursor, Round, Status, SyncRun, Trigger
from tests.api.build import program_as
from tests.build import make_account
from tests.sync.rounds.fake import Chain, cut_off, refused

READ_TO = datetime(2026, 2, 1, 9, tzinfo=UTC)


@pytest.fixture
def client_as(chain: Chain) -> Callable[[Role], APIClient]:
    return lambda role: program_as(chain.account, role)


@pytest.fixture
def staff(client_as: Callable[[Role], APIClient]) -> APIClient:
    return client_as(Role.STAFF)


@pytest.fixture
def manager(client_as: Callable[[Role], APIClient]) -> APIClient:
    return client_as(Role.MANAGER)


def read_to(chain: Chain, name: str, *feeds: str) -> None:
    for feed in feeds:
        Cursor.objects.create(account=chain.account, connection=chain.connections[name], feed=feed, read_to=READ_TO)


@pytest.mark.parametrize(
    ("path", "name", "scope"),
    [
        ("products", "Odoo", "products"),
        ("categories", "Odoo", "categories"),
        ("warehouses", "Odoo", "warehouses"),
        ("purchases", "Odoo", "purchases"),
        ("transfers", "Odoo", "transfers"),
        ("purchase-returns", "Odoo", "purchase-returns"),
        ("manufacturing", "Odoo", "manufacturing"),
        ("wastage", "Odoo", "wastage"),
        ("sales", "Till", "sales"),
        ("sales-returns", "Till", "sales-returns"),
    ],
)
def test_each_type_is_read_where_it_comes_from(chain: Chain, staff: APIClient, path: str, name: str, scope: str) -> None:
    answer = staff.post(f"/api/sync/{path}")
    run = SyncRun.objects.get()
    assert (answer.status_code, answer["Location"], answer.json()["data"]["status"]) == (202, f"/api/runs/{run.pk}", "pending")
    assert (run.connection.name, run.scope, run.trigger) == (name, scope, Trigger.API)


def test_without_a_till_sales_are_deliveries(chain: Chain, staff: APIClient) -> None:
    Connection.objects.filter(name="Till").update(enabled=False)
    assert staff.post("/api/sync/sales").json()["code"] == "no_deliveries"
    Connection.objects.filter(name="Odoo").update(name="Odoo with deliveries")
    assert staff.post("/api/sync/sales").json()["data"]["scope"] == "deliveries"


def test_of_several_connections_one_has_to_be_named(chain: Chain, staff: APIClient) -> None:
    second = chain.add("odoo", "Second Odoo")
    answer = staff.post("/api/sync/products")
    assert (answer.status_code, answer.json()["code"]) == (400, "connection_required")
    assert f"Second Odoo ({second.pk})" in answer.json()["message"]
    assert staff.post("/api/sync/products", {"connection": "Second Odoo"}).json()["data"]["connection"]["id"] == second.pk
    assert staff.post("/api/sync/products", {"connection": "Till"}).json()["code"] == "unknown_connection"


def test_the_same_key_starts_one_run_of_one_type(chain: Chain, staff: APIClient) -> None:
    key = {"Idempotency-Key": "monday"}
    first, again, other = (staff.post(f"/api/sync/{path}", headers=key) for path in ("purchases", "purchases", "transfers"))
    assert first.json()["data"]["run"] == again.json()["data"]["run"]
    assert (again["Idempotency-Replayed"], other.status_code) == ("true", 422)


def test_everything_is_started_followed_and_summed_up(chain: Chain, staff: APIClient) -> None:
    chain.next("Till", "sales", refused)
    started = staff.post("/api/sync/all")
    found = Round.objects.get()
    assert (started.status_code, started["Location"]) == (202, f"/api/rounds/{found.pk}")
    assert (started.json()["data"]["status"], started.json()["data"]["totalSyncs"]) == ("pending", 5)
    second = staff.post("/api/sync/all")
    assert (second.status_code, second.json()["code"], second.json()["data"]["round"]) == (409, "already_running", found.pk)
    chain.go(found)
    told = staff.get(started["Location"]).json()
    assert (told["success"], told["message"]) == (False, "4 of 5 syncs succeeded; 1 failed.")
    assert [(step["type"], step["success"]) for step in told["data"]["details"]][2:] == [
        ("transactional", True),
        ("sales", False),
        ("sales-returns", True),
    ]
    assert [each["id"] for each in staff.get("/api/rounds").json()["results"]] == [found.pk]


def test_a_key_starts_one_round_and_a_wait_answers_with_its_end(chain: Chain, staff: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.rounds.starting.wait", lambda found, seconds: chain.go(found))
    sent = {"Idempotency-Key": "monday", "Prefer": "wait=9"}
    first, again = staff.post("/api/sync/all", headers=sent), staff.post("/api/sync/all", headers=sent)
    assert (first.status_code, first["Preference-Applied"], first.json()["success"]) == (200, "wait=9", True)
    assert (again.json()["data"]["round"], Round.objects.count()) == (first.json()["data"]["round"], 1)


def test_a_round_is_cancelled_and_nothing_of_it_is_said_elsewhere(chain: Chain, staff: APIClient) -> None:
    address = staff.post("/api/sync/all")["Location"]
    stranger = program_as(make_account("Other"), Role.OWNER)
    assert [stranger.get(address).status_code, stranger.post(f"{address}/cancel").status_code] == [404, 404]
    assert staff.post(f"{address}/cancel").status_code == 200
    assert chain.go(Round.objects.get()).status == Status.CANCELLED


@pytest.mark.parametrize(("path", "body"), [("all", {"connection": 1}), ("reset/sales", {"conection": "Till"})])
def test_a_field_that_does_not_exist_is_named(chain: Chain, manager: APIClient, path: str, body: dict[str, Any]) -> None:
    answer = manager.post(f"/api/sync/{path}", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(body))
    assert not Round.objects.exists()


def test_the_status_says_of_each_type_how_it_stands(chain: Chain, staff: APIClient) -> None:
    chain.next("Odoo", "transactional", *[cut_off] * 4)
    chain.sync()
    read_to(chain, "Till", "sales/001", "sales/002")
    told = staff.get("/api/sync/status").json()
    types = told["data"]["types"]
    words = {key: each["status"] for key, each in types.items()}
    assert words == {
        **dict.fromkeys(("categories", "warehouses", "products", "sales", "sales-returns"), "success"),
        **dict.fromkeys(("purchases", "purchase-returns", "transfers", "manufacturing", "wastage"), "failed"),
    }
    sales = types["sales"]["connections"][0]
    assert (sales["connection"]["name"], sales["state"], sales["cursor"]["parts"]) == ("Till", "succeeded", 2)
    assert sales["cursor"]["readTo"] == "2026-02-01T09:00:00Z"
    assert (told["success"], told["data"]["round"]["successfulSyncs"]) == (False, 4)


def test_before_the_first_sync_everything_is_pending(chain: Chain, staff: APIClient) -> None:
    told = staff.get("/api/sync/status").json()
    assert {each["status"] for each in told["data"]["types"].values()} == {"pending"}
    assert (told["data"]["types"]["products"]["connections"][0]["state"], told["data"]["round"]) == ("never", None)
    runs.start(chain.owner, chain.connections["Odoo"], "master", trigger=Trigger.API)
    assert staff.get("/api/sync/status").json()["data"]["types"]["products"]["connections"][0]["state"] == "queued"


def test_the_status_asks_as_much_of_many_connections_as_of_few(chain: Chain, staff: APIClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as asked:
            assert staff.get("/api/sync/status").status_code == 200
        return len(asked)

    chain.sync()
    queries()
    before = queries()
    for number in range(3):
        chain.add("odoo", f"Branch office {number}")
    chain.sync()
    assert queries() == before


def test_a_reset_forgets_how_far_the_type_was_read_and_nothing_else(chain: Chain, manager: APIClient) -> None:
    read_to(chain, "Till", "sales/001", "sales/002", "sales_returns/001")
    asked = manager.post("/api/sync/reset/sales", {"preview": True}).json()
    assert (asked["data"]["cursors"], asked["data"]["reset"], Cursor.objects.count()) == (2, False, 3)
    answer = manager.post("/api/sync/reset/sales").json()
    assert (answer["success"], answer["data"]["cursors"], answer["data"]["reset"]) == (True, 2, True)
    assert "nothing is booked twice" in answer["message"]
    assert list(Cursor.objects.values_list("feed", flat=True)) == ["sales_returns/001"]
    audited = AuditLog.objects.get(action="RESET")
    assert (audited.cause, set(audited.before)) == ("sales", {"sales/001", "sales/002"})
    assert manager.post("/api/sync/reset/sales").json()["data"]["cursors"] == 0


def test_an_unknown_type_is_answered_with_the_known_ones(manager: APIClient) -> None:
    answer = manager.post("/api/sync/reset/everything")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_type")
    assert "products" in answer.json()["message"]


def test_while_a_run_is_at_it_nothing_is_reset(chain: Chain, manager: APIClient) -> None:
    read_to(chain, "Odoo", "purchases")
    run = runs.start(chain.owner, chain.connections["Odoo"], "transactional", trigger=Trigger.API)
    answer = manager.post("/api/sync/reset/purchases")
    assert (answer.status_code, answer.json()["data"]["run"], Cursor.objects.count()) == (409, run.pk, 1)


def test_what_waits_for_a_review_was_planned_from_what_is_forgotten(chain: Chain, manager: APIClient) -> None:
    run = runs.start(chain.owner, chain.connections["Odoo"], "transactional", trigger=Trigger.API)
    SyncRun.objects.filter(pk=run.pk).update(status=Status.NEEDS_REVIEW)
    manager.post("/api/sync/reset/purchases")
    run.refresh_from_db()
    assert run.status == Status.CANCELLED


def test_staff_resets_nothing(chain: Chain, staff: APIClient) -> None:
    assert staff.post("/api/sync/reset/sales").status_code == 403
