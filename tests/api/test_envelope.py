from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sync.answers import envelope
from sync.models import Connection, Kind, Status, SyncRun, Trigger, Verdict
from tests.api.build import NOON, make_connection, make_feed, make_run
from tests.build import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return make_connection(make_account())


def data(run: SyncRun) -> dict[str, Any]:
    found: dict[str, Any] = envelope(run)["data"]
    return found


@pytest.mark.parametrize(
    ("state", "success", "status"),
    [
        (Status.QUEUED, True, "pending"),
        (Status.RUNNING, True, "in_progress"),
        (Status.SUCCEEDED, True, "success"),
        (Status.PARTIAL, False, "failed"),
        (Status.FAILED, False, "failed"),
        (Status.CANCELLED, False, "failed"),
        (Status.NEEDS_REVIEW, False, "pending"),
    ],
)
def test_state_is_the_own_word_and_status_one_to_act_upon(connection: Connection, state: Status, success: bool, status: str) -> None:
    answer = envelope(make_run(connection, state))
    assert (answer["success"], answer["data"]["state"], answer["data"]["status"]) == (success, state.value, status)
    assert answer["message"]


def test_counts_add_up(connection: Connection) -> None:
    counters = {
        "processed": 45,
        "inserted": 1,
        "updated": 2,
        "moved": 3,
        "revived": 4,
        "removed": 5,
        "unchanged": 6,
        "skipped": 7,
        "held": 8,
        "unconfirmed": 9,
    }
    found = data(make_run(connection, counters=counters))
    assert (found["recordsInserted"], found["recordsUpdated"], found["recordsSkipped"]) == (1, 14, 30)
    assert found["recordsProcessed"] == 45
    assert found["breakdown"] == {name: count for name, count in counters.items() if name != "processed"}


def test_a_run_that_has_not_counted_yet_counts_nothing(connection: Connection) -> None:
    found = data(make_run(connection, Status.QUEUED))
    assert (found["recordsProcessed"], found["recordsInserted"], found["recordsUpdated"], found["recordsSkipped"]) == (0, 0, 0, 0)


def test_duration_is_in_milliseconds(connection: Connection) -> None:
    ended = make_run(connection, started_at=NOON, finished_at=NOON + timedelta(seconds=2, milliseconds=345))
    assert data(ended)["duration"] == 2345


def test_duration_of_what_goes_on_is_unknown_and_of_what_never_started_is_nothing(connection: Connection) -> None:
    assert data(make_run(connection, Status.RUNNING, started_at=NOON))["duration"] is None
    assert data(make_run(connection, Status.CANCELLED, finished_at=NOON))["duration"] == 0


def test_partial_names_the_feed_and_what_was_wrong_with_it(connection: Connection) -> None:
    problem = {
        "feed": "stock:STA",
        "part": "",
        "code": "footer_mismatch",
        "message": "The file is incomplete: it announces 5 serials, 4 were read.",
        "hint": "",
    }
    run = make_run(connection, Status.PARTIAL, message="FG and ASIS were applied. STA was not.", errors=[problem])
    make_feed(run, "stock:FG")
    make_feed(
        run,
        "stock:STA",
        verdict=Verdict.INVALID,
        rows=5,
        footer={"serialCount": 5, "bulkUnits": 8},
        error_code="footer_mismatch",
        sentence="The file is incomplete: it announces 5 serials, 4 were read.",
    )
    answer = envelope(run)
    assert answer["message"] == "FG and ASIS were applied. STA was not."
    found = answer["data"]
    assert found["error"] == "The file is incomplete: it announces 5 serials, 4 were read."
    assert found["errors"] == [problem]
    assert (found["feeds"]["stock:FG"]["valid"], found["feeds"]["stock:FG"]["error"]) == (True, None)
    sta = found["feeds"]["stock:STA"]
    assert (sta["valid"], sta["rows"], sta["footer"]) == (False, 5, {"serialCount": 5, "bulkUnits": 8})
    assert (sta["error"]["code"], sta["error"]["confirmable"]) == ("footer_mismatch", False)


def test_held_rows_alone_leave_it_a_success_with_each_of_them_listed(connection: Connection) -> None:
    held = {"feed": "stock:FG", "part": "", "code": "missing_model", "message": "Row 3 has no model.", "hint": ""}
    answer = envelope(make_run(connection, errors=[held]))
    assert (answer["success"], answer["data"]["status"], answer["data"]["error"]) == (True, "success", None)
    assert answer["data"]["errors"] == [held]


def test_each_roster_has_its_own_place_among_the_feeds(connection: Connection) -> None:
    run = make_run(connection)
    make_feed(run, "load:units", part="7QX20260203091500")
    make_feed(run, "load:units", part="7QX20260120140000")
    assert set(data(run)["feeds"]) == {"load:units:7QX20260203091500", "load:units:7QX20260120140000"}


def test_what_old_callers_read_is_there(connection: Connection) -> None:
    run = make_run(
        connection,
        Status.FAILED,
        message="Nothing could be read.",
        stats={"totalGEItems": 4, "newItems": 0},
        details={"fg": {"listed": 4}},
        changes_logged=3,
    )
    found = data(run)
    assert (found["stats"], found["details"], found["changes"]) == ({"totalGEItems": 4, "newItems": 0}, {"fg": {"listed": 4}}, 3)
    assert found["error"] == "Nothing could be read."


def test_running_one_says_where_it_is(connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING, phase="reading", progress_done=1200, progress_total=2500)
    answer = envelope(run)
    assert answer["message"] == "Reading: 1,200 of 2,500."
    assert (answer["data"]["phase"], answer["data"]["progress"]) == ("reading", {"done": 1200, "total": 2500})


def test_cancelled_one_that_still_runs_says_that_it_will_stop(connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING, phase="saving", cancel_requested=True)
    assert envelope(run)["message"] == "Saving. It will stop: somebody cancelled it."


def test_it_says_who_asked_for_what(connection: Connection) -> None:
    first = make_run(connection)
    undo = make_run(connection, kind=Kind.UNDO, scope="fg", undo_of=first, requested_label="Mara", trigger=Trigger.BUTTON)
    found = data(undo)
    assert (found["run"], found["kind"], found["undoOf"], found["scope"]) == (undo.pk, "undo", first.pk, "fg")
    assert (found["requestedBy"], found["trigger"], found["system"]) == ("Mara", "button", "ge")
    assert found["connection"] == {"id": connection.pk, "name": "GE warehouse"}
