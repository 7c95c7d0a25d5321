"""What is done at 03:00, and how long rounds are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditLog
from jobs import schedule
from jobs.models import Schedule
from sync import retention, runs
from sync.models import ACTIVE, Connection, FactState, Round, RoundStep, SourceFact, Status, SyncRun, Trigger
from sync.rounds import nightly
from tests.build import make_account
from tests.sync.facts import build as facts
from tests.sync.rounds.fake import READ, Chain, cut_off, refused


def run(chain: Chain, name: str, scope: str) -> SyncRun:
    started = runs.start(chain.owner, chain.connections[name], scope, trigger=Trigger.SCHEDULE)
    runs.execute(started.pk)
    started.refresh_from_db()
    return started


def test_accounts_that_have_something_which_moves_get_the_schedule_once(chain: Chain) -> None:
    make_account("Elsewhere")
    nightly.install_missing()
    schedule.change(chain.owner, Schedule.objects.get(key="sync:recover"), cron="0 4 * * *")
    nightly.install_missing()
    rows = Schedule.objects.order_by("key").values_list("account", "key", "cron")
    assert list(rows) == [(chain.account.pk, "sync:recover", "0 4 * * *")]


def test_what_failed_by_chance_is_run_again_and_what_needs_a_person_is_not(chain: Chain) -> None:
    chain.next("Odoo", "transactional", cut_off)
    chain.next("Till", "sales", refused)
    run(chain, "Odoo", "transactional")
    run(chain, "Till", "sales")
    said = nightly.recover(chain.account)
    again = SyncRun.objects.get(status__in=ACTIVE)
    assert (again.scope, again.trigger, again.requested_label) == ("transactional", Trigger.SCHEDULE, "Error recovery")
    assert f"Started run {again.pk} again." in said


def test_what_a_later_run_has_done_is_not_run_again(chain: Chain) -> None:
    chain.next("Odoo", "products", cut_off)
    chain.next("Odoo", "purchases", cut_off)
    run(chain, "Odoo", "products")
    run(chain, "Odoo", "master")
    run(chain, "Odoo", "purchases")
    run(chain, "Odoo", "purchases")
    assert "Nothing has failed" in nightly.recover(chain.account)


def test_what_failed_long_ago_or_is_not_to_sync_by_itself_is_left_alone(chain: Chain) -> None:
    chain.next("Odoo", "master", cut_off)
    chain.next("Till", "sales", cut_off)
    SyncRun.objects.filter(pk=run(chain, "Odoo", "master").pk).update(created_at=timezone.now() - timedelta(hours=13))
    run(chain, "Till", "sales")
    Connection.objects.filter(name="Till").update(auto_sync=False)
    assert "Nothing has failed" in nightly.recover(chain.account)
    assert len(READ) == 2


def test_held_lines_whose_reason_is_gone_are_tried_again(chain: Chain) -> None:
    till = chain.connections["Till"]
    facts.product(chain.account, "SOAP", "4001")
    known = facts.line(till, "POS:1:1:1", state=FactState.HELD, code="unknown_barcode")
    stays = facts.line(till, "POS:1:1:2", barcode="4002", state=FactState.HELD, code="unknown_barcode")
    refused_ = facts.line(till, "POS:1:1:3", state=FactState.HELD, code="refused", tried_at=timezone.now())
    assert "2 held lines are tried again." in nightly.recover(chain.account)
    states = dict(SourceFact.objects.values_list("pk", "state"))
    assert states == {known.pk: FactState.WAITING, stays.pk: FactState.HELD, refused_.pk: FactState.WAITING}


def test_the_text_of_settled_lines_is_forgotten_when_documents_are(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "_BATCH", 1)
    till = chain.connections["Till"]
    for number, (state, days) in enumerate([("booked", 31), ("held", 31), ("waiting", 31), ("void", 31), ("booked", 29)]):
        made = facts.line(till, f"POS:1:1:{number}", raw='{"n": 1}', state=state, code="bad_date" if state == "held" else "")
        SourceFact.objects.filter(pk=made.pk).update(first_seen_at=timezone.now() - timedelta(days=days))
    assert "The texts of 2 old lines were deleted." in nightly.recover(chain.account)
    assert list(SourceFact.objects.order_by("pk").values_list("raw", flat=True)) == ["", '{"n": 1}', '{"n": 1}', "", '{"n": 1}']


def test_a_run_that_is_at_it_is_left_alone(chain: Chain) -> None:
    chain.next("Odoo", "purchases", cut_off)
    run(chain, "Odoo", "purchases")
    runs.start(chain.owner, chain.connections["Odoo"], "transfers", trigger=Trigger.API)
    nightly.recover(chain.account)
    assert list(SyncRun.objects.order_by("pk").values_list("status", flat=True)) == [Status.FAILED, Status.QUEUED]


def test_the_schedule_can_be_run(chain: Chain) -> None:
    nightly.install_missing()
    row = Schedule.objects.get(task=nightly.RECOVER)
    assert "Failed" not in schedule.run(row.pk)


def test_rounds_go_with_the_change_rows_of_their_runs_and_one_that_goes_on_stays(chain: Chain, settings: Settings) -> None:
    settings.CHANGE_RETENTION_DAYS = 20
    old, young = chain.sync(), chain.sync()
    for found, days in ((old, 21), (young, 19)):
        Round.objects.filter(pk=found.pk).update(finished_at=timezone.now() - timedelta(days=days))
    active = chain.start()
    Round.objects.filter(pk=active.pk).update(created_at=timezone.now() - timedelta(days=400))
    retention.prune(timezone.now())
    assert [*Round.objects.order_by("pk")] == [young, active]
    assert (RoundStep.objects.count(), SyncRun.objects.count()) == (10, 10)
    assert AuditLog.objects.filter(entity="Round", entity_id=str(old.pk), action="SYNC_ALL").exists()
