from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.roles import Role
from jobs.api.prefer import place_to_wait
from sync.models import Connection, Kind, Status, SyncRun, Trigger
from tests.api.build import make_connection, make_run, program
from tests.build import make_account, make_member

pytestmark = pytest.mark.django_db


def worker(status: Status = Status.SUCCEEDED) -> Any:
    """Stands in for waiting: as though a worker had brought the run to `status` meanwhile."""

    def wait(run: SyncRun, seconds: float) -> SyncRun:
        SyncRun.objects.filter(pk=run.pk).update(status=status, message="11 units: 11 new.")
        return SyncRun.objects.get(pk=run.pk)

    return patch("sync.runs.wait", side_effect=wait)


@pytest.mark.parametrize("scope", ["inventory", "fg", "asis", "sta"])
def test_a_start_answers_at_once_with_its_run(staff: APIClient, connection: Connection, scope: str) -> None:
    answer = staff.post(f"/api/sync/{scope}")
    run = SyncRun.objects.get()
    assert answer.status_code == 202
    assert (answer["Location"], answer.json()["data"]["run"]) == (f"/api/runs/{run.pk}", run.pk)
    assert (answer.json()["data"]["status"], answer.json()["data"]["state"]) == ("pending", "queued")
    assert (run.scope, run.kind, run.trigger, run.connection) == (scope, Kind.SYNC, Trigger.API, connection)
    assert staff.get(answer["Location"]).json()["data"]["run"] == run.pk


def test_a_slash_at_the_end_is_as_good(staff: APIClient, connection: Connection) -> None:
    assert staff.post("/api/sync/fg/").status_code == 202


@pytest.mark.parametrize("body", [{"preview": True}, {"dryRun": True}])
def test_a_preview_is_asked_for_in_the_body(staff: APIClient, connection: Connection, body: dict[str, bool]) -> None:
    assert staff.post("/api/sync/inventory", body).json()["data"]["kind"] == "preview"


def test_waiting_answers_with_the_result(staff: APIClient, connection: Connection) -> None:
    with worker() as waited:
        answer = staff.post("/api/sync/inventory", headers={"Prefer": "wait=7"})
    assert waited.call_args.args[1] == 7
    assert (answer.status_code, answer["Preference-Applied"]) == (200, "wait=7")
    assert (answer.json()["success"], answer.json()["data"]["state"], answer.json()["message"]) == (True, "succeeded", "11 units: 11 new.")


def test_a_failed_run_that_was_waited_for_is_an_answer_too(staff: APIClient, connection: Connection) -> None:
    with worker(Status.FAILED):
        answer = staff.post("/api/sync/inventory", headers={"Prefer": "respond-async, wait=1"})
    assert (answer.status_code, answer.json()["success"], answer.json()["data"]["status"]) == (200, False, "failed")


def test_when_the_wait_is_over_first_the_answer_is_the_run_as_it_stands(staff: APIClient, connection: Connection) -> None:
    with worker(Status.RUNNING):
        answer = staff.post("/api/sync/inventory", headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.json()["data"]["status"]) == (202, "in_progress")


@pytest.mark.parametrize(("preference", "seconds"), [("wait=3600", 60), ("wait", 60), ('wait="5"', 5), ("wait = 5; x=1", 5)])
def test_how_long_it_waits(staff: APIClient, connection: Connection, preference: str, seconds: int) -> None:
    with worker() as waited:
        staff.post("/api/sync/inventory", headers={"Prefer": preference})
    assert waited.call_args.args[1] == seconds


def test_those_who_wait_never_take_all_threads_of_the_server(staff: APIClient, connection: Connection) -> None:
    with worker() as waited, place_to_wait() as first, place_to_wait() as second:
        answer = staff.post("/api/sync/inventory", headers={"Prefer": "wait=7"})
    assert (first, second, waited.called) == (True, True, False)
    assert (answer.status_code, answer.json()["data"]["status"], answer.has_header("Preference-Applied")) == (202, "pending", False)


def test_a_place_to_wait_is_free_again_after_the_wait(staff: APIClient, connection: Connection) -> None:
    for key in ("monday", "tuesday", "wednesday"):
        with worker():
            answer = staff.post("/api/sync/inventory", headers={"Idempotency-Key": key, "Prefer": "wait=7"})
        assert answer.status_code == 200


@pytest.mark.parametrize("preference", ["respond-async", "wait=0", ""])
def test_without_a_wait_nothing_is_waited_for(staff: APIClient, connection: Connection, preference: str) -> None:
    with worker() as waited:
        assert staff.post("/api/sync/inventory", headers={"Prefer": preference}).status_code == 202
    assert not waited.called


@pytest.mark.parametrize("preference", ["wait=soon", "wait=-1", "wait=1.5"])
def test_a_wait_that_is_no_number_is_named(staff: APIClient, connection: Connection, preference: str) -> None:
    answer = staff.post("/api/sync/inventory", headers={"Prefer": preference})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Prefer"])
    assert not SyncRun.objects.exists()


def test_the_second_click_is_told_which_run_is_at_it(staff: APIClient, connection: Connection) -> None:
    first = staff.post("/api/sync/inventory").json()["data"]["run"]
    second = staff.post("/api/sync/fg", headers={"Prefer": "wait=5"})
    assert (second.status_code, second["Location"]) == (409, f"/api/runs/{first}")
    body = second.json()
    assert (body["code"], body["success"], body["data"]["run"]) == ("already_running", False, first)
    assert str(first) in body["message"]
    assert SyncRun.objects.count() == 1


def test_the_same_key_starts_one_run(staff: APIClient, connection: Connection) -> None:
    key = {"Idempotency-Key": "monday"}
    first = staff.post("/api/sync/inventory", headers=key)
    again = staff.post("/api/sync/inventory", headers=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["data"]["run"] == first.json()["data"]["run"]
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert SyncRun.objects.count() == 1


def test_a_key_asked_again_with_a_wait_answers_with_the_result(staff: APIClient, connection: Connection) -> None:
    run = staff.post("/api/sync/inventory", headers={"Idempotency-Key": "monday"}).json()["data"]["run"]
    with worker():
        answer = staff.post("/api/sync/inventory", headers={"Idempotency-Key": "monday", "Prefer": "wait=5"})
    assert (answer.status_code, answer.json()["data"]["run"], answer.json()["data"]["state"]) == (200, run, "succeeded")


@pytest.mark.parametrize(("path", "body"), [("/api/sync/fg", {}), ("/api/sync/inventory", {"preview": True})])
def test_a_key_is_for_one_request(staff: APIClient, connection: Connection, path: str, body: dict[str, bool]) -> None:
    staff.post("/api/sync/inventory", headers={"Idempotency-Key": "monday"})
    answer = staff.post(path, body, headers={"Idempotency-Key": "monday"})
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


def test_a_refused_start_does_not_use_up_its_key(staff: APIClient, connection: Connection) -> None:
    busy = make_run(connection, Status.RUNNING)
    assert staff.post("/api/sync/inventory", headers={"Idempotency-Key": "monday"}).status_code == 409
    SyncRun.objects.filter(pk=busy.pk).update(status=Status.SUCCEEDED)
    assert staff.post("/api/sync/inventory", headers={"Idempotency-Key": "monday"}).status_code == 202


def test_a_key_that_is_too_long_is_named(staff: APIClient, connection: Connection) -> None:
    answer = staff.post("/api/sync/inventory", headers={"Idempotency-Key": "x" * 201})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])


def test_with_several_connections_it_asks_which(staff: APIClient, account: Account) -> None:
    one, two = make_connection(account, "North"), make_connection(account, "South")
    answer = staff.post("/api/sync/inventory")
    assert (answer.status_code, answer.json()["code"]) == (400, "connection_required")
    assert f"North ({one.pk})" in answer.json()["message"]
    assert f"South ({two.pk})" in answer.json()["message"]


def test_a_connection_is_named_by_id_or_name(staff: APIClient, account: Account) -> None:
    one, two = make_connection(account, "North"), make_connection(account, "South")
    assert staff.post("/api/sync/inventory", {"connection": two.pk}).json()["data"]["connection"] == {"id": two.pk, "name": "South"}
    assert staff.post("/api/sync/inventory", {"connection": "North"}).json()["data"]["connection"]["id"] == one.pk


def test_a_connection_of_another_account_is_not_known(staff: APIClient, connection: Connection) -> None:
    foreign = make_connection(make_account("Other"), "Theirs")
    answer = staff.post("/api/sync/inventory", {"connection": foreign.pk})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_connection")
    assert "Theirs" not in answer.content.decode()


def test_a_paused_connection_is_refused_with_the_reason(staff: APIClient, account: Account) -> None:
    make_connection(account, paused_at=timezone.now(), paused_by="Mara")
    answer = staff.post("/api/sync/inventory")
    assert (answer.status_code, answer.json()["code"]) == (409, "connection_paused")
    assert "Mara" in answer.json()["message"]


def test_a_field_that_does_not_exist_is_named_and_nothing_starts(staff: APIClient, connection: Connection) -> None:
    answer = staff.post("/api/sync/inventory", {"preveiw": True})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"preveiw": ["There is no such field. There are: connection, preview, dryRun."]}
    assert not SyncRun.objects.exists()


def test_a_viewer_may_not_even_preview(viewer: APIClient, connection: Connection) -> None:
    assert viewer.post("/api/sync/inventory").status_code == 403
    assert viewer.post("/api/sync/inventory", {"preview": True}).status_code == 403


def test_a_token_for_previews_starts_previews_only(account: Account, connection: Connection) -> None:
    looker = program(make_member(account, Role.STAFF), scopes=("run.preview",))
    assert looker.post("/api/sync/inventory").status_code == 403
    assert looker.post("/api/sync/inventory", {"preview": "true"}).status_code == 202
