from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.models import Conflict
from sync.models import Connection, FeedState, HeldRow, SourceFact, Status, Unconfirmed
from tests.api.build import NOON, make_connection, make_run

pytestmark = pytest.mark.django_db

FEEDS = ["stock:FG", "stock:ASIS", "stock:STA", "loads:open", "loads:history"]


def only(answer: Any) -> dict[str, Any]:
    (found,) = answer.json()["connections"]
    return dict(found)


def test_before_the_first_run_every_feed_was_never_read(viewer: APIClient, connection: Connection) -> None:
    found = only(viewer.get("/api/status"))
    assert (found["id"], found["running"], found["latest"], found["last_success_at"]) == (connection.pk, None, None, None)
    assert [feed["feed"] for feed in found["feeds"]] == FEEDS
    assert {feed["freshness"] for feed in found["feeds"]} == {"never"}


def test_a_feed_is_as_old_as_its_last_valid_reading(viewer: APIClient, connection: Connection) -> None:
    read_at = timezone.now() - timedelta(days=2)
    FeedState.objects.create(
        account_id=connection.account_id,
        connection=connection,
        feed="stock:ASIS",
        valid_at=read_at,
        taken_at=read_at,
        rows=841,
        run=make_run(connection),
    )
    feeds = {feed["feed"]: feed for feed in only(viewer.get("/api/status"))["feeds"]}
    assert (feeds["stock:ASIS"]["freshness"], feeds["stock:ASIS"]["rows"], feeds["stock:FG"]["freshness"]) == ("ageing", 841, "never")


def test_it_names_the_latest_run_and_the_one_that_goes_on(viewer: APIClient, connection: Connection) -> None:
    running = make_run(connection, Status.RUNNING, phase="reading")
    preview = make_run(connection, Status.FAILED)
    found = only(viewer.get("/api/status"))
    assert (found["running"]["id"], found["running"]["message"], found["latest"]["id"]) == (running.pk, "Reading.", preview.pk)


def test_it_counts_what_waits_for_a_person(viewer: APIClient, connection: Connection) -> None:
    make_run(connection, Status.NEEDS_REVIEW)
    run = make_run(connection, Status.PARTIAL)
    mine = {"account_id": connection.account_id}
    HeldRow.objects.create(**mine, connection=connection, run=run, feed="stock:FG", row=3, code="x", sentence="x", first_held_at=NOON)
    for number in (1, 2):
        Unconfirmed.objects.create(**mine, connection=connection, run=run, entity="unit", entity_id=number, label="x", reason="x")
    for status, key in (("open", "a"), ("open", "b"), ("open", "c"), ("resolved", "a")):
        Conflict.objects.create(
            **mine,
            warehouse_id=connection.warehouse_id,
            kind="model_mismatch",
            key=key,
            status=status,
            opened_at=NOON,
        )
    facts = [SourceFact(**mine, connection=connection, external_id=f"POS:1:1:{number}", first_seen_at=NOON) for number in range(5)]
    for fact, state in zip(facts, ("held", "held", "held", "held", "waiting"), strict=True):
        fact.feed, fact.kind, fact.state, fact.code = "sales", "sale", state, "unknown_barcode" if state == "held" else ""
    SourceFact.objects.bulk_create(facts)
    waiting = viewer.get("/api/status").json()["waiting"]
    assert waiting == {"reviews": 1, "failed": 1, "held": 1, "held_facts": 4, "unconfirmed": 2, "conflicts": 3}


def test_a_failure_that_a_later_run_made_good_waits_for_nobody(viewer: APIClient, connection: Connection) -> None:
    make_run(connection, Status.FAILED)
    make_run(connection)
    assert viewer.get("/api/status").json()["waiting"]["failed"] == 0


def test_it_takes_as_many_queries_for_five_connections_as_for_one(
    viewer: APIClient, account: Account, connection: Connection, django_assert_num_queries: Callable[[int], Any]
) -> None:
    make_run(connection)
    viewer.get("/api/status")
    with django_assert_num_queries(10):
        viewer.get("/api/status")
    for number in range(4):
        make_run(make_connection(account, f"GE {number}"), Status.RUNNING)
    with django_assert_num_queries(10):
        assert len(viewer.get("/api/status").json()["connections"]) == 5


def test_another_account_sees_nothing_of_it(stranger: APIClient, connection: Connection) -> None:
    make_run(connection, Status.FAILED)
    assert stranger.get("/api/status").json() == {
        "connections": [],
        "waiting": {"reviews": 0, "failed": 0, "held": 0, "held_facts": 0, "unconfirmed": 0, "conflicts": 0},
    }
