from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from sync import runs
from sync.models import Connection, Kind, Status, SyncRun
from tests.api.build import NOON, make_connection, make_feed, make_line, make_plan_row, make_run

pytestmark = pytest.mark.django_db

Queries = Callable[[int], Any]


def test_list_is_newest_first_and_says_how_each_stands(viewer: APIClient, connection: Connection) -> None:
    old = make_run(connection, message="11 units: 11 new.", changes_logged=11)
    new = make_run(connection, Status.RUNNING, phase="checking", requested_label="Mara")
    rows = viewer.get("/api/runs").json()["results"]
    assert [row["id"] for row in rows] == [new.pk, old.pk]
    assert (rows[0]["status"], rows[0]["message"], rows[0]["requested_by"]) == ("running", "Checking.", "Mara")
    assert (rows[1]["message"], rows[1]["changes_logged"], rows[1]["connection_name"]) == ("11 units: 11 new.", 11, "GE warehouse")


def test_list_takes_as_many_queries_for_thirty_as_for_one(
    viewer: APIClient, connection: Connection, django_assert_num_queries: Queries
) -> None:
    make_run(connection)
    viewer.get("/api/runs")
    # Who asks, and the page.
    with django_assert_num_queries(2):
        viewer.get("/api/runs")
    for _ in range(29):
        make_run(connection)
    with django_assert_num_queries(2):
        assert len(viewer.get("/api/runs").json()["results"]) == 30


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=failed", [2]),
        ("status=failed&status=succeeded", [3, 2, 1]),
        ("kind=preview", [3]),
        ("scope=fg", [2]),
        ("from=2026-02-03T12:00:00Z", [4, 3]),
        ("to=2026-02-03T12:00:00Z", [2, 1]),
    ],
)
def test_list_is_filtered(viewer: APIClient, connection: Connection, query: str, found: list[int]) -> None:
    made = [
        make_run(connection),
        make_run(connection, Status.FAILED, scope="fg"),
        make_run(connection, kind=Kind.PREVIEW),
        make_run(connection, Status.NEEDS_REVIEW),
    ]
    for run, moment in zip(made, (NOON.replace(hour=10), NOON.replace(hour=11), NOON, NOON.replace(hour=13)), strict=True):
        SyncRun.objects.filter(pk=run.pk).update(created_at=moment)
    rows = viewer.get(f"/api/runs?{query}").json()["results"]
    assert [row["id"] for row in rows] == [made[number - 1].pk for number in found]


def test_list_is_filtered_by_connection(viewer: APIClient, account: Account, connection: Connection) -> None:
    other = make_connection(account, "South")
    make_run(connection)
    run = make_run(other)
    assert [row["id"] for row in viewer.get(f"/api/runs?connection={other.pk}").json()["results"]] == [run.pk]


@pytest.mark.parametrize("query", ["status=asleep", "kind=x", "connection=x", "connection=99999999999999999999", "from=yesterday"])
def test_a_filter_that_makes_no_sense_is_named(viewer: APIClient, query: str) -> None:
    answer = viewer.get(f"/api/runs?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_detail_has_the_feeds_and_the_log(viewer: APIClient, connection: Connection) -> None:
    run = make_run(connection)
    make_feed(run)
    make_line(run, 1, "FG: 3 rows read.")
    make_line(run, 2, "FG: complete.")
    found = viewer.get(f"/api/runs/{run.pk}").json()["data"]
    assert found["feeds"]["stock:FG"]["rows"] == 3
    assert [(line["seq"], line["text"]) for line in found["log"]] == [(1, "FG: 3 rows read."), (2, "FG: complete.")]


def test_run_of_another_account_does_not_exist(stranger: APIClient, connection: Connection) -> None:
    run = make_run(connection)
    for address in ("", "/events", "/plan", "/undo"):
        assert stranger.get(f"/api/runs/{run.pk}{address}").status_code == 404
    for verb in ("cancel", "approve", "discard", "undo"):
        assert stranger.post(f"/api/runs/{run.pk}/{verb}").status_code == 404
    assert stranger.get("/api/runs").json()["results"] == []


def test_events_go_on_from_the_last_line_that_is_known(viewer: APIClient, connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING, phase="reading", progress_done=1, progress_total=3)
    for seq in (1, 2, 3):
        make_line(run, seq)
    first = viewer.get(f"/api/runs/{run.pk}/events").json()
    assert ([line["seq"] for line in first["events"]], first["after"], first["poll_after_ms"]) == ([1, 2, 3], 3, 1000)
    assert (first["run"]["phase"], first["run"]["progress_done"], first["run"]["progress_total"]) == ("reading", 1, 3)
    make_line(run, 4)
    later = viewer.get(f"/api/runs/{run.pk}/events?after=3").json()
    assert ([line["seq"] for line in later["events"]], later["after"]) == ([4], 4)
    nothing = viewer.get(f"/api/runs/{run.pk}/events?after=4").json()
    assert (nothing["events"], nothing["after"], nothing["poll_after_ms"]) == ([], 4, 1000)


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.NEEDS_REVIEW])
def test_events_of_a_run_that_has_ended_need_not_be_asked_for_again(viewer: APIClient, connection: Connection, status: Status) -> None:
    run = make_run(connection, status)
    make_line(run, 1)
    assert viewer.get(f"/api/runs/{run.pk}/events").json()["poll_after_ms"] is None


def test_a_long_log_comes_in_parts(viewer: APIClient, connection: Connection) -> None:
    run = make_run(connection)
    for seq in (1, 2, 3):
        make_line(run, seq)
    with patch("sync.live.lines_after.__kwdefaults__", {"limit": 2}):
        first = viewer.get(f"/api/runs/{run.pk}/events").json()
        assert ([line["seq"] for line in first["events"]], first["poll_after_ms"]) == ([1, 2], 1000)
        rest = viewer.get(f"/api/runs/{run.pk}/events?after=2").json()
    assert ([line["seq"] for line in rest["events"]], rest["poll_after_ms"]) == ([3], None)


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9999999999"])
def test_a_line_number_that_is_none_is_named(viewer: APIClient, connection: Connection, after: str) -> None:
    answer = viewer.get(f"/api/runs/{make_run(connection).pk}/events?after={after}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["after"])


def test_plan_of_a_preview_is_in_order_and_sorted_into_lists(viewer: APIClient, connection: Connection) -> None:
    run = make_run(connection, kind=Kind.PREVIEW)
    make_plan_row(run, 2, "item_migrated", field="bucket", old="ASIS", new="STA", before={"bucket": "ASIS"}, after={"bucket": "STA"})
    make_plan_row(run, 1, "item_appeared")
    make_plan_row(run, 3, "item_disappeared")
    make_plan_row(make_run(connection, kind=Kind.PREVIEW), 1, "item_appeared")
    rows = viewer.get(f"/api/runs/{run.pk}/plan").json()["results"]
    assert [(row["seq"], row["list"]) for row in rows] == [(1, "added"), (2, "moved"), (3, "gone")]
    assert (rows[1]["old"], rows[1]["new"], rows[1]["after"]) == ("ASIS", "STA", {"bucket": "STA"})
    assert [row["seq"] for row in viewer.get(f"/api/runs/{run.pk}/plan?list=gone").json()["results"]] == [3]


def test_pages_of_a_plan_follow_each_other(viewer: APIClient, connection: Connection) -> None:
    run = make_run(connection, kind=Kind.PREVIEW)
    for seq in (1, 2, 3):
        make_plan_row(run, seq, "item_appeared")
    page = viewer.get(f"/api/runs/{run.pk}/plan?limit=2").json()
    assert [row["seq"] for row in page["results"]] == [1, 2]
    assert [row["seq"] for row in viewer.get(page["next"]).json()["results"]] == [3]


def test_a_queued_run_is_cancelled(staff: APIClient, connection: Connection) -> None:
    run = make_run(connection, Status.QUEUED)
    answer = staff.post(f"/api/runs/{run.pk}/cancel")
    assert (answer.status_code, answer["Location"], answer.json()["data"]["run"]) == (200, f"/api/runs/{run.pk}", run.pk)
    run.refresh_from_db()
    assert run.cancel_requested or run.status == Status.CANCELLED


def test_what_is_over_can_not_be_cancelled(staff: APIClient, connection: Connection) -> None:
    answer = staff.post(f"/api/runs/{make_run(connection).pk}/cancel")
    assert answer.status_code == 409
    assert answer.json()["message"]


def test_a_review_is_approved_by_a_manager(staff: APIClient, manager: APIClient, connection: Connection) -> None:
    run = make_run(connection, Status.NEEDS_REVIEW, plan_digest="d" * 64)
    assert staff.post(f"/api/runs/{run.pk}/approve").status_code == 403
    answer = manager.post(f"/api/runs/{run.pk}/approve")
    assert (answer.status_code, answer.json()["data"]["state"], answer.json()["data"]["run"]) == (202, "queued", run.pk)


def test_approving_while_another_run_is_at_it_names_that_run(manager: APIClient, connection: Connection) -> None:
    run = make_run(connection, Status.NEEDS_REVIEW, plan_digest="d" * 64)
    busy = make_run(connection, Status.RUNNING)
    answer = manager.post(f"/api/runs/{run.pk}/approve")
    assert (answer.status_code, answer.json()["data"]["run"]) == (409, busy.pk)


def test_a_review_is_discarded_by_a_manager(staff: APIClient, manager: APIClient, connection: Connection) -> None:
    run = make_run(connection, Status.NEEDS_REVIEW)
    assert staff.post(f"/api/runs/{run.pk}/discard").status_code == 403
    answer = manager.post(f"/api/runs/{run.pk}/discard")
    assert (answer.status_code, answer.json()["data"]["state"]) == (200, "cancelled")


@pytest.mark.parametrize("verb", ["approve", "discard"])
def test_without_a_review_there_is_nothing_to_decide(manager: APIClient, connection: Connection, verb: str) -> None:
    assert manager.post(f"/api/runs/{make_run(connection).pk}/{verb}").status_code == 409


def test_an_undo_is_a_run_of_its_own(staff: APIClient, manager: APIClient, connection: Connection) -> None:
    run = make_run(connection, applied_at=timezone.now(), changes_logged=1)
    assert staff.post(f"/api/runs/{run.pk}/undo").status_code == 403
    answer = manager.post(f"/api/runs/{run.pk}/undo", {"pause_schedules": True})
    undo = SyncRun.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (202, f"/api/runs/{undo.pk}")
    assert (answer.json()["data"]["kind"], answer.json()["data"]["run"]) == ("undo", undo.pk)
    assert answer.json()["data"]["trigger"] == "api"


def test_the_wish_to_pause_the_schedules_is_passed_on(manager: APIClient, connection: Connection) -> None:
    run = make_run(connection, applied_at=timezone.now(), changes_logged=1)
    with patch.object(runs, "undo", side_effect=lambda actor, run, **given: run) as undo:
        manager.post(f"/api/runs/{run.pk}/undo", {"pause_schedules": True})
        manager.post(f"/api/runs/{run.pk}/undo")
    assert [call.kwargs["pause_schedules"] for call in undo.call_args_list] == [True, False]


def test_what_was_never_applied_can_not_be_undone(manager: APIClient, connection: Connection) -> None:
    run = make_run(connection, Status.FAILED)
    assert manager.get(f"/api/runs/{run.pk}/undo").status_code == 409
    assert manager.post(f"/api/runs/{run.pk}/undo").status_code == 409
