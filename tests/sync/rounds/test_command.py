from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from sync import runs
from sync.models import Cursor, Round, SyncRun, Trigger
from tests.sync.rounds.fake import Chain, refused
from tests.sync.rounds.test_doors import READ_TO


def outcome(*arguments: str) -> int:
    """The exit code."""
    try:
        call_command("sync", *arguments, "--account", "corner-shop")
    except SystemExit as ended:
        return int(str(ended.code))
    return 0


@pytest.fixture
def _at_once(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait during which the workers do their part."""

    def work(_seconds: float) -> None:
        chain.go(Round.objects.latest("pk"))

    monkeypatch.setattr("sync.management.rounds.time.sleep", work)


def test_everything_is_started_and_told_as_the_api_does(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome("all", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["data"]["round"], told["data"]["totalSyncs"], Round.objects.get().trigger) == (Round.objects.get().pk, 5, Trigger.COMMAND)
    with pytest.raises(CommandError, match="already at it"):
        outcome("all")


@pytest.mark.usefixtures("_at_once")
def test_the_exit_code_says_how_it_ended(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome("all", "--wait") == 0
    chain.next("Till", "sales", refused)
    assert outcome("all", "--wait") == 1
    said = capsys.readouterr().out
    assert "4 of 5 syncs succeeded; 1 failed." in said
    assert "Till, sales of Till: The login may not do that." in said


def test_the_status_is_1_while_something_has_failed(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome("status") == 0
    assert "Products: pending" in capsys.readouterr().out
    chain.next("Till", "sales", refused)
    chain.sync()
    assert outcome("status") == 1
    run = SyncRun.objects.get(scope="sales")
    assert f"Till: failed, run {run.pk}. The login may not do that." in capsys.readouterr().out
    assert outcome("status", "--json") == 1
    assert json.loads(capsys.readouterr().out)["data"]["types"]["sales"]["status"] == "failed"


def test_a_type_is_synced_and_reset_by_its_name(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    Cursor.objects.create(account=chain.account, connection=chain.connections["Odoo"], feed="transfers", read_to=READ_TO)
    assert outcome("reset", "transfers") == 0
    assert ("Transfers of “Odoo” were reset." in capsys.readouterr().out, Cursor.objects.exists()) == (True, False)
    assert outcome("transfers") == 0
    run = SyncRun.objects.get()
    assert (run.scope, run.trigger) == ("transfers", Trigger.COMMAND)
    with pytest.raises(CommandError, match=f"Run {run.pk} is already at it"):
        outcome("reset", "transfers")


@pytest.mark.parametrize(
    "arguments", [["reset"], ["all", "sales"], ["all", "--preview"], ["status", "--system", "odoo"], ["sales", "sales"]]
)
def test_what_makes_no_sense_is_refused_with_how_to_write_it(chain: Chain, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="reset"):
        outcome(*arguments)
    assert not SyncRun.objects.exists()


def test_an_unknown_type_is_answered_with_the_known_ones(chain: Chain) -> None:
    with pytest.raises(CommandError, match="purchase-returns"):
        outcome("reset", "everything")


def test_a_type_of_several_connections_wants_one_named(chain: Chain) -> None:
    chain.add("odoo", "Second Odoo")
    with pytest.raises(CommandError, match="Second Odoo"):
        outcome("products")
    assert outcome("products", "--connection", "Second Odoo") == 0
    assert SyncRun.objects.get().connection.name == "Second Odoo"


def test_a_preview_of_a_type_is_one(chain: Chain) -> None:
    assert outcome("sales", "--preview") == 0
    assert SyncRun.objects.get().kind == "preview"
    runs.cancel(chain.owner, SyncRun.objects.get())
