from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from sync.models import Connection, SyncRun
from tests.api.build import make_connection
from tests.sync.finale_doors.conftest import ended


def sync(*arguments: str) -> None:
    call_command("sync", *arguments, "--account", "7qx")


@pytest.mark.parametrize(
    ("arguments", "scope", "asked"),
    [
        (("finale",), "critical", "smart"),
        (("finale", "--strategy", "vendors"), "vendors", ""),
        (("smart",), "critical", "smart"),
        (("inventory",), "inventory", ""),
        (("full",), "full", ""),
    ],
)
def test_a_strategy_is_a_scope_or_goes_with_the_system(connection: Connection, arguments: tuple[str, ...], scope: str, asked: str) -> None:
    ended(connection, ago=12)
    sync(*arguments)
    run = SyncRun.objects.latest("pk")
    assert (run.connection, run.scope, run.asked_scope) == (connection, scope, asked)


def test_the_answer_says_what_smart_chose_and_why(connection: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    ended(connection, ago=12)
    sync("finale", "--json")
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["scope"], data["askedScope"], data["why"][:44]) == (
        "critical",
        "smart",
        "The last inventory sync succeeded 12 minutes",
    )


def test_a_scope_of_two_systems_is_that_of_the_one_that_is_connected(account: Account, connection: Connection) -> None:
    dealer = make_connection(account)
    with pytest.raises(CommandError, match="Several systems have “inventory”: ge, finale"):
        sync("inventory")
    sync("inventory", "--connection", dealer.name)
    assert {run.connection for run in SyncRun.objects.all()} == {dealer}


def test_a_strategy_without_its_system_is_refused(connection: Connection) -> None:
    with pytest.raises(CommandError, match="--strategy goes with a system"):
        sync("inventory", "--strategy", "smart")
