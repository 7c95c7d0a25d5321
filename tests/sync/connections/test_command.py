"""manage.py connection: the same verbs, with exit codes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from accounts.acting import Actor
from accounts.models import AuditLog
from inventory.models import Warehouse
from sync.models import Connection
from sync.wire.verdict import Finding, Verdict
from tests.sync.connections.conftest import HTTP, URL

ACCOUNT = ("--account", "7qx")
GE = ("--name", "GE", "--url", URL, "--set", "transport=http", "--set", "org=7QX")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("connection", *arguments, *ACCOUNT, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == 2
    return str(caught.value)


def test_add_makes_a_whole_connection(owner: Actor) -> None:
    run("add", "ge", *GE, "--secret", "token=a=b")

    made = Connection.objects.get()
    assert (made.name, made.base_url, made.settings, dict(made.secrets)) == ("GE", URL, HTTP, {"token": "a=b"})
    assert AuditLog.objects.filter(entity="Connection").get().actor_label == "command line"


def test_secrets_come_from_environment_and_input(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GE_COOKIES", "c=1")
    monkeypatch.setattr("sys.stdin", io.StringIO("typed\n"))

    run("add", "ge", *GE, "--secret", "token=-", "--secret", "cookies=@env:GE_COOKIES")

    assert dict(Connection.objects.get().secrets) == {"token": "typed", "cookies": "c=1"}


def test_if_missing_leaves_one_that_is_as_it_should_be(connection: Connection) -> None:
    rows = AuditLog.objects.count()

    said = run("add", "ge", *GE, "--secret", "token=first-value", "--if-missing")

    assert said == "“GE” is as it should be\n"
    assert AuditLog.objects.count() == rows


def test_if_missing_brings_an_old_one_up_to_what_is_given(connection: Connection) -> None:
    moved = "http://127.0.0.1:8001/ge"
    run("add", "ge", "--name", "GE", "--url", moved, "--set", "org=8QX", "--secret", "token=new", "--if-missing")

    connection.refresh_from_db()
    assert (connection.base_url, connection.settings["org"], dict(connection.secrets)) == (moved, "8QX", {"token": "new"})


def test_edit_changes_what_is_given(connection: Connection) -> None:
    assert run("edit", "ge", "--set", "shrink_rows=40", "--set", "org=8QX") == "“GE” was changed\n"

    connection.refresh_from_db()
    assert connection.settings == {**HTTP, "org": "8QX", "shrink_rows": 40}


def test_warehouse_is_chosen_by_its_code(owner: Actor) -> None:
    north = Warehouse.objects.create(account=owner.account, name="North", code="n1")

    run("add", "ge", *GE, "--warehouse", "n1")

    assert Connection.objects.get().warehouse == north
    assert refused("add", "ge", "--name", "B", "--set", "org=7QX", "--warehouse", "x") == "There is no warehouse “x”. There are: n1."


def test_mistakes_end_with_2_and_their_sentence(owner: Actor) -> None:
    assert refused("add", "ge", "--name", "GE") == "settings.org: The setting “org” (organisation) is missing."


@pytest.mark.parametrize("secret", ["hunter2", "=hunter2", "hunter2=x"])
def test_misplaced_secret_is_not_repeated(owner: Actor, secret: str) -> None:
    assert "hunter2" not in refused("add", "ge", *GE, "--secret", secret)


def test_missing_variable_is_named(owner: Actor) -> None:
    assert refused("add", "ge", *GE, "--secret", "token=@env:NOT_THERE_7QX") == (
        "The environment has no NOT_THERE_7QX, which the secret “token” is to be read from."
    )


def test_good_test_ends_with_0(connection: Connection, answers: Callable) -> None:
    answers(lambda _connection: Verdict(Finding.OK, "GE answers."))

    assert run("test", "ge") == "GE: ok. GE answers.\n"


def test_bad_test_ends_with_1_and_prints_the_apis_answer(connection: Connection, answers: Callable, capsys: pytest.CaptureFixture) -> None:
    answers(lambda _connection: Verdict(Finding.WRONG_ACCOUNT, "This is 8QX.", "Correct it."))

    with pytest.raises(SystemExit) as ended:
        call_command("connection", "test", str(connection.pk), *ACCOUNT, "--json")

    assert ended.value.code == 1
    said = json.loads(capsys.readouterr().out)
    assert said == {"ok": False, "finding": "wrong account", "sentence": "This is 8QX.", "hint": "Correct it."}


def test_unknown_name_lists_those_there_are(connection: Connection) -> None:
    assert refused("test", "x") == f"There is no connection “x”. There are: GE ({connection.pk})."


def test_list_says_how_each_does(connection: Connection) -> None:
    run("pause", "GE")

    why = "It was paused by command line. Nothing is read until somebody resumes it."
    assert run("list") == f"{connection.pk}  GE (ge): paused, never read. {why}\n"
    assert json.loads(run("list", "--json"))[0]["secrets"] == ["token"]


def test_resume_and_remove(connection: Connection) -> None:
    run("pause", "GE")
    run("resume", "GE")
    connection.refresh_from_db()
    assert connection.paused_at is None

    assert run("remove", "GE") == "“GE” was removed; its warehouse stays\n"
    assert not Connection.objects.exists()
