from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from sync.models import Connection, Kind, Status, SyncRun, Trigger
from tests.api.build import make_connection, make_line, make_plan_row, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Iterator[Any]:
    """Stands in for a worker: each time the command would sleep, the next of these steps is done to the run."""
    steps: list[Any] = []

    def sleep(seconds: float) -> None:
        steps.pop(0)(SyncRun.objects.latest("pk"))

    with patch("sync.management.commands.sync.time.sleep", side_effect=sleep):
        yield steps


def end(status: Status, **values: Any) -> Any:
    return lambda run: SyncRun.objects.filter(pk=run.pk).update(status=status, **values)


def log(*lines: str) -> Any:
    return lambda run: [make_line(run, number, line) for number, line in enumerate(lines, 1)]


def outcome(*arguments: str) -> int:
    """The exit code."""
    try:
        call_command("sync", *arguments, "--account", "7qx")
    except CommandError as error:
        return error.returncode
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("sync", *arguments)
    assert refused.value.returncode == 2
    return str(refused.value)


def test_it_starts_and_says_which_run(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome("inventory") == 0
    run = SyncRun.objects.get()
    assert (run.scope, run.kind, run.trigger, run.requested_label) == ("inventory", Kind.SYNC, Trigger.COMMAND, "command line")
    assert capsys.readouterr().out == f"Run {run.pk}: Waiting for a worker.\n"


def test_it_starts_a_preview(connection: Connection) -> None:
    assert outcome("fg", "--preview") == 0
    assert SyncRun.objects.get().kind == Kind.PREVIEW


def test_json_is_what_the_api_answers(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome("asis", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["success"], answer["data"]["run"], answer["data"]["scope"]) == (True, SyncRun.objects.get().pk, "asis")


def test_waiting_shows_the_log_and_then_the_result(worker: Any, connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    worker += [
        end(Status.RUNNING, phase="reading", progress_done=1, progress_total=3),
        log("FG: 3 rows read.", "FG: complete."),
        end(Status.SUCCEEDED, message="11 units: 11 new."),
    ]
    assert outcome("inventory", "--wait") == 0
    told = capsys.readouterr()
    said = [line.split(" ", 1)[1] if line[0].isdigit() else line for line in told.err.splitlines()]
    assert said[:4] == ["Waiting for a worker.", "Reading: 1 of 3.", "FG: 3 rows read.", "FG: complete."]
    assert told.out == f"Run {SyncRun.objects.get().pk}: 11 units: 11 new.\n"


def test_with_json_only_the_answer_goes_to_the_output(worker: Any, connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    worker += [log("FG: 3 rows read."), end(Status.SUCCEEDED)]
    assert outcome("inventory", "--wait", "--json") == 0
    assert json.loads(capsys.readouterr().out)["data"]["status"] == "success"


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.SUCCEEDED, 0), (Status.PARTIAL, 1), (Status.NEEDS_REVIEW, 1), (Status.CANCELLED, 1), (Status.FAILED, 2)],
)
def test_how_it_went_is_the_exit_code(worker: Any, connection: Connection, status: Status, code: int) -> None:
    worker += [end(status)]
    assert outcome("inventory", "--wait") == code


def test_a_preview_that_found_something_ends_with_one(worker: Any, connection: Connection) -> None:
    worker += [lambda run: make_plan_row(run, 1, "item_appeared"), end(Status.SUCCEEDED)]
    assert outcome("inventory", "--preview", "--wait") == 1


def test_a_preview_that_found_nothing_ends_with_zero(worker: Any, connection: Connection) -> None:
    worker += [end(Status.SUCCEEDED)]
    assert outcome("inventory", "--preview", "--wait") == 0


def test_errors_and_what_to_do_about_them_are_told(worker: Any, connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"feed": "stock:FG", "code": "empty", "message": "The export is empty.", "hint": "Confirm it if that is right."}
    worker += [end(Status.PARTIAL, message="FG was not applied.", errors=[problem])]
    assert outcome("inventory", "--wait") == 1
    assert capsys.readouterr().out.splitlines()[1] == "  error: The export is empty. Confirm it if that is right."


def test_of_many_errors_the_first_ten_are_told(worker: Any, connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    problems = [{"feed": "sales", "code": "held", "message": f"Line {number} is held.", "hint": ""} for number in range(1, 12)]
    worker += [end(Status.PARTIAL, message="Some are held.", errors=problems)]
    outcome("inventory", "--wait")
    told = capsys.readouterr().out.splitlines()
    more = f"  … and more: the page of run {SyncRun.objects.get().pk} and --json have them."
    assert told[1:] == [*(f"  error: Line {number} is held." for number in range(1, 11)), more]


def test_when_the_time_is_over_the_run_goes_on(worker: Any, connection: Connection) -> None:
    with patch("sync.management.commands.sync.time.monotonic", side_effect=[0.0, 5.0]):
        assert outcome("inventory", "--wait", "5") == 1
    assert SyncRun.objects.get().status == Status.QUEUED


def test_who_stops_waiting_does_not_stop_the_run(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    with patch("sync.management.commands.sync.time.sleep", side_effect=KeyboardInterrupt):
        assert outcome("inventory", "--wait") == 130
    assert f"Run {SyncRun.objects.get().pk} goes on without you." in capsys.readouterr().err


def test_while_another_run_is_at_it_that_one_is_named(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    busy = make_run(connection, Status.RUNNING)
    assert str(busy.pk) in refusal("inventory", "--account", "7qx", "--json")
    assert json.loads(capsys.readouterr().out)["data"]["run"] == busy.pk


def test_a_connection_is_named_where_there_are_several(account: Account) -> None:
    north, south = make_connection(account, "North"), make_connection(account, "South")
    assert "North" in refusal("inventory", "--account", "7qx")
    assert outcome("inventory", "--connection", "South") == 0
    assert outcome("inventory", "--connection", str(north.pk)) == 0
    assert {run.connection_id for run in SyncRun.objects.all()} == {north.pk, south.pk}


def test_what_does_not_exist_is_said_with_what_does(connection: Connection) -> None:
    assert "inventory (ge)" in refusal("everything", "--account", "7qx")
    assert "inventory (ge)" in refusal("inventory", "--system", "till", "--account", "7qx")
    assert "There are: 7qx." in refusal("inventory", "--account", "8qx")
    assert not SyncRun.objects.exists()
