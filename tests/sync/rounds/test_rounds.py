"""A round over an Odoo and a till: in which order, how many at once, what is tried again, and what it says in the end."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from sync import connections, runs
from sync.models import ACTIVE, Connection, Round, RoundStep, Status, SyncRun, Trigger
from sync.rounds import advancing, starting
from sync.rounds.answers import envelope, of_actor
from tests.build import make_account, make_actor
from tests.sync.rounds.fake import READ, Chain, cut_off, refused, steps

DONE = Status.SUCCEEDED


def test_master_data_comes_first_and_everything_is_read_once(chain: Chain) -> None:
    found = chain.sync()
    assert steps(found) == [
        ("Odoo", "master", DONE),
        ("Till", "branches", DONE),
        ("Odoo", "transactional", DONE),
        ("Till", "sales", DONE),
        ("Till", "sales-returns", DONE),
    ]
    assert {scope for _, scope in READ[:2]} == {"master", "branches"}
    assert len(READ) == 5
    assert (found.status, found.message) == (Status.SUCCEEDED, "All 5 syncs succeeded.")


def test_no_more_runs_go_on_at_once_than_are_allowed(chain: Chain) -> None:
    for number in range(3):
        chain.add("odoo", f"Branch office {number}")
    found = chain.start()
    advancing.advance(found.pk)
    assert SyncRun.objects.filter(status__in=ACTIVE).count() == 3
    advancing.advance(found.pk)
    assert SyncRun.objects.filter(status__in=ACTIVE).count() == 3


def test_one_data_set_is_read_by_one_run_at_a_time(chain: Chain) -> None:
    found = chain.start()
    RoundStep.objects.filter(round=found, stage="master").update(status=DONE)
    advancing.advance(found.pk)
    assert [(name, status) for _, name, status in steps(found)[2:]] == [
        ("transactional", Status.RUNNING),
        ("sales", Status.RUNNING),
        ("sales-returns", Status.QUEUED),
    ]


def test_what_failed_by_chance_is_tried_again(chain: Chain) -> None:
    chain.next("Odoo", "master", cut_off, cut_off)
    found = chain.sync()
    assert (found.status, RoundStep.objects.get(round=found, scope="master").tries) == (Status.SUCCEEDED, 3)


def test_it_is_tried_three_times_more_and_no_more_and_the_rest_goes_on(chain: Chain) -> None:
    chain.next("Odoo", "master", *[cut_off] * 9)
    found = chain.sync()
    assert [scope for _, scope in READ].count("master") == 4
    assert (found.status, found.message) == (Status.PARTIAL, "4 of 5 syncs succeeded; 1 failed.")


def test_a_pause_is_kept_before_the_next_try(chain: Chain, settings: Settings) -> None:
    settings.SYNC_ALL_RETRY_SECONDS = (3600,)
    chain.next("Odoo", "master", cut_off)
    found = chain.start()
    advancing.advance(found.pk)
    for run in SyncRun.objects.all():
        runs.execute(run.pk)
    advancing.advance(found.pk)
    step = RoundStep.objects.get(round=found, scope="master")
    assert (step.status, step.tries, SyncRun.objects.filter(status__in=ACTIVE).exists()) == (Status.QUEUED, 1, False)


def test_what_needs_a_person_is_not_tried_again(chain: Chain) -> None:
    chain.next("Till", "sales", refused)
    found = chain.sync()
    assert [scope for _, scope in READ].count("sales") == 1
    assert found.status == Status.PARTIAL


def test_a_connection_that_is_paused_is_said_and_the_others_are_synced(chain: Chain) -> None:
    connections.pause(chain.owner, chain.connections["Till"])
    found = chain.sync()
    assert [status for name, _, status in steps(found) if name == "Odoo"] == [DONE, DONE]
    told = envelope(of_actor(chain.owner, found.pk))["data"]
    assert (told["successfulSyncs"], told["failedSyncs"]) == (2, 3)
    assert {error["code"] for error in told["errors"]} == {"connection_paused"}


def test_one_that_is_switched_off_is_left_out(chain: Chain) -> None:
    Connection.objects.filter(name="Till").update(enabled=False)
    assert len(steps(chain.sync())) == 2


def test_a_run_that_is_at_the_same_is_joined(chain: Chain) -> None:
    run = runs.start(chain.owner, chain.connections["Odoo"], "master", trigger=Trigger.SCHEDULE)
    found = chain.sync()
    assert RoundStep.objects.get(round=found, scope="master").run_id == run.pk
    assert [scope for _, scope in READ].count("master") == 1


def test_a_run_that_is_at_something_else_is_waited_for(chain: Chain) -> None:
    other = runs.start(chain.owner, chain.connections["Odoo"], "products", trigger=Trigger.SCHEDULE)
    found = chain.start()
    advancing.advance(found.pk)
    step = RoundStep.objects.get(round=found, scope="master")
    assert (step.status, step.message) == (Status.QUEUED, f"Waits for run {other.pk}.")
    assert chain.go(found).status == Status.SUCCEEDED


def test_there_is_one_round_at_a_time(chain: Chain) -> None:
    found = chain.start()
    with pytest.raises(starting.RoundRunning) as busy:
        chain.start()
    assert (busy.value.round, busy.value.status) == (found, 409)
    chain.go(found)
    assert chain.start().pk != found.pk


def test_without_a_connection_there_is_nothing_to_sync(db: None, fakes: None) -> None:
    with pytest.raises(starting.NothingToSync, match="no Odoo and no Till connection"):
        starting.start(make_actor(make_account("Elsewhere")), trigger=Trigger.API)


def test_a_viewer_starts_and_cancels_nothing(chain: Chain) -> None:
    with pytest.raises(NotAllowed):
        starting.start(chain.actor(Role.VIEWER), trigger=Trigger.API)
    with pytest.raises(NotAllowed):
        starting.cancel(chain.actor(Role.VIEWER), chain.start())


def test_a_cancelled_round_begins_nothing_more_and_stops_its_own_runs(chain: Chain) -> None:
    joined = runs.start(chain.owner, chain.connections["Till"], "branches", trigger=Trigger.SCHEDULE)
    found = chain.start()
    advancing.advance(found.pk)
    starting.cancel(chain.owner, found)
    advancing.advance(found.pk)
    found.refresh_from_db()
    joined.refresh_from_db()
    assert (found.status, found.cancelled_by) == (Status.CANCELLED, "Mara")
    assert (joined.status, READ) == (Status.QUEUED, [])
    assert set(SyncRun.objects.exclude(pk=joined.pk).values_list("status", flat=True)) == {Status.CANCELLED}
    with pytest.raises(starting.RoundOver):
        starting.cancel(chain.owner, found)


def test_a_round_is_audited_once_with_what_became_of_each_step(chain: Chain) -> None:
    found = chain.sync()
    row = AuditLog.objects.get(entity="Round", entity_id=str(found.pk))
    assert (row.action, row.after["status"], len(row.after["steps"])) == ("SYNC_ALL", "succeeded", 5)


def test_the_sums_are_those_of_the_runs(chain: Chain) -> None:
    chain.next("Till", "sales", refused)
    chain.sync()
    told = envelope(of_actor(chain.owner, Round.objects.get().pk))
    data = told["data"]
    assert (told["success"], data["status"], data["totalSyncs"], data["successfulSyncs"]) == (False, "failed", 5, 4)
    # Every run finds its own piece; within one warehouse the ones before it are unconfirmed for it: 1, 1, 1 + 1 and 1 + 1.
    assert (data["recordsInserted"], data["breakdown"]["unconfirmed"]) == (4, 2)
    assert data["recordsProcessed"] == data["recordsInserted"] + data["recordsUpdated"] + data["recordsSkipped"] == 6
    assert [(error["type"], error["code"]) for error in data["errors"]] == [("sales", "forbidden")]
