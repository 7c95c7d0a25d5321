from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from sync.models import Connection, Kind, SyncRun
from tests.sync.finale_doors.conftest import ended, make_finale


@pytest.mark.parametrize(
    ("body", "scope", "asked"),
    [
        ({}, "critical", "smart"),
        ({"strategy": "smart"}, "critical", "smart"),
        ({"syncType": "smart"}, "critical", "smart"),
        ({"strategy": "active"}, "active", "active"),
        ({"syncType": "full"}, "full", "full"),
        ({"syncType": "purchaseOrders"}, "orders", "orders"),
        ({"syncType": "inventory", "strategy": "inventory"}, "inventory", "inventory"),
    ],
)
def test_the_body_names_the_strategy_and_smart_is_what_is_meant_without(
    staff: APIClient, connection: Connection, body: dict[str, str], scope: str, asked: str
) -> None:
    ended(connection, ago=12)
    answer = staff.post("/api/sync-finale", body)
    data = answer.json()["data"]
    run = SyncRun.objects.get(pk=data["run"])
    assert (answer.status_code, answer["Location"]) == (202, f"/api/runs/{run.pk}")
    assert (run.scope, data["scope"], data["askedScope"], data["status"]) == (scope, scope, asked, "pending")


def test_smart_says_why(staff: APIClient, connection: Connection) -> None:
    ended(connection, "full", ago=61)
    data = staff.post("/api/sync-finale").json()["data"]
    assert (data["scope"], data["why"]) == (
        "inventory",
        "The last full sync succeeded 1 hour 1 minute ago, less than 2 hours: inventory is enough.",
    )


@pytest.mark.parametrize(("path", "scope"), [("inventory", "inventory"), ("critical", "critical"), ("vendors", "vendors")])
def test_three_strategies_have_an_address_of_their_own(staff: APIClient, connection: Connection, path: str, scope: str) -> None:
    assert staff.post(f"/api/sync-finale/{path}/").json()["data"]["scope"] == scope


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"strategy": "everything"}, "strategy"),
        ({"strategy": "full", "syncType": "active"}, "syncType"),
        ({"forceSync": True}, "forceSync"),
        ({"strategy": "full", "connection": 1.5}, "connection"),
    ],
)
def test_what_can_not_be_meant_is_named_and_starts_nothing(
    staff: APIClient, connection: Connection, body: dict[str, object], field: str
) -> None:
    answer = staff.post("/api/sync-finale", body, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not SyncRun.objects.exists()


def test_of_two_accounts_one_has_to_be_named(staff: APIClient, account: Account, connection: Connection) -> None:
    second = make_finale(account, "Second")
    refused = staff.post("/api/sync-finale", {"strategy": "full"})
    assert (refused.status_code, refused.json()["code"]) == (400, "connection_required")
    assert staff.post("/api/sync-finale", {"connection": "Second", "strategy": "full"}).json()["data"]["connection"]["id"] == second.pk


def test_overlapping_starts_are_refused_with_the_run_that_is_at_it(staff: APIClient, connection: Connection) -> None:
    first = staff.post("/api/sync-finale/inventory").json()["data"]["run"]
    ended(connection, ago=5)
    for path in ("/api/sync-finale/critical", "/api/sync-finale"):
        second = staff.post(path)
        assert (second.status_code, second.json()["code"], second.json()["data"]["run"]) == (409, "already_running", first)
    assert staff.post("/api/sync-finale", {"strategy": "orders"}).status_code == 202


def test_a_preview_is_one_here_too(staff: APIClient, connection: Connection) -> None:
    assert staff.post("/api/sync-finale", {"strategy": "active", "preview": True}, format="json").json()["data"]["kind"] == Kind.PREVIEW


def test_the_same_key_with_another_strategy_is_refused(staff: APIClient, connection: Connection) -> None:
    key = {"Idempotency-Key": "monday"}
    first = staff.post("/api/sync-finale", {"strategy": "vendors"}, headers=key)
    again = staff.post("/api/sync-finale", {"strategy": "vendors"}, headers=key)
    other = staff.post("/api/sync-finale", {"strategy": "orders"}, headers=key)
    assert (again.json()["data"]["run"], again["Idempotency-Replayed"]) == (first.json()["data"]["run"], "true")
    assert other.status_code in (409, 422)
    assert SyncRun.objects.count() == 1
