"""What is found wrong each minute: runs, feeds, budgets, logins, shops, batches, levels; told when it begins and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import Error
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import Account
from alerts import clock, digests, watching
from alerts.models import Alert, AlertSettings, Delivery, Notice
from sync.models import Breaker, BreakerState, CallBudget, Connection, FeedState, RunFeed, SyncRun, Verdict
from sync.signals import run_closed
from tests.alerts.build import make_connection, make_run, make_settings, make_subscriber, make_supplies
from tests.build import make_account

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def account() -> Account:
    account = make_account(time_zone="Europe/Berlin")
    make_settings(account)
    make_subscriber(account)
    return account


@pytest.fixture
def ge(account: Account) -> Connection:
    return make_connection(account)


def live(account: Account, now: datetime | None = None) -> list[tuple[str, str]]:
    watching.look(account.pk, now or timezone.now())
    return list(Alert.objects.filter(account=account, state="open").order_by("pk").values_list("kind", "title"))


def told_after(now: datetime) -> list[dict[str, int]]:
    """The digests of the next two hours, what each counts."""
    seen = set(Delivery.objects.values_list("pk", flat=True))
    for minutes in range(0, 121, 10):
        digests.compose_due(now + minutes * MINUTE)
    return [row.digest.counts for row in Delivery.objects.exclude(pk__in=seen).order_by("pk")]


def test_a_failed_sync_is_told_once_and_its_recovery_once(account: Account, ge: Connection) -> None:
    now = timezone.now()
    make_run(ge, "failed", message="The other side does not answer.")
    for minutes in (0, 1):
        assert live(account, now + minutes * MINUTE) == [("sync_failed", "GE, All inventory: sync failed")]
    # Another failure is the same trouble, in new words.
    make_run(ge, "failed", message="The login was refused.")
    live(account, now + 2 * MINUTE)
    assert Alert.objects.get().sentence == "The login was refused."
    assert told_after(now) == [{"opened.sync_failed": 1}]
    later = now + 3 * HOUR
    make_run(ge, "succeeded")
    for minutes in (0, 1, 2):
        assert live(account, later + minutes * MINUTE) == []
    assert told_after(later) == [{"recovered.sync_failed": 1}]
    assert told_after(later + 3 * HOUR) == []


def test_a_sync_that_fails_and_succeeds_in_turn_is_told_twice_and_then_when_it_is_well_for_good(account: Account, ge: Connection) -> None:
    now = timezone.now()
    told = []
    for hour, status in enumerate(["failed", "succeeded"] * 6 + ["succeeded"] * 3):
        make_run(ge, status)
        at = now + 3 * hour * HOUR
        live(account, at)
        told += told_after(at)
    opened, recovered = {"opened.sync_failed": 1}, {"recovered.sync_failed": 1}
    # Still in trouble after a day, as it is with any.
    assert told == [opened, recovered, opened, {"reminded.sync_failed": 1}, recovered]


def test_a_run_that_was_partly_done_is_no_recovery(account: Account, ge: Connection) -> None:
    now = timezone.now()
    make_run(ge, "failed")
    live(account, now)
    told_after(now)
    make_run(ge, "partial")
    assert live(account, now + 3 * HOUR) == [("sync_partial", "GE, All inventory: sync partly done")]
    assert told_after(now + 3 * HOUR) == [{"opened.sync_partial": 1}]
    assert Alert.objects.get(kind="sync_failed").state == "closed"


def test_cancelled_runs_and_previews_say_nothing(account: Account, ge: Connection) -> None:
    make_run(ge, "failed")
    make_run(ge, "cancelled")
    make_run(ge, "succeeded", kind="preview")
    assert [kind for kind, _ in live(account)] == ["sync_failed"]


def test_a_connection_that_is_not_used_any_more_ends_its_alerts_without_a_word(account: Account, ge: Connection) -> None:
    make_run(ge, "failed")
    live(account)
    Connection.objects.update(paused_at=timezone.now())
    assert live(account) == []
    assert Alert.objects.get().ended_why == "The connection is not used any more."


def test_a_run_that_waits_for_a_review_is_a_mass_change(account: Account, ge: Connection) -> None:
    make_run(ge, "needs_review", message="600 rows would go.")
    assert live(account) == [("mass_change", "GE, All inventory: the sync waits for a review")]
    make_run(ge, "succeeded")
    assert live(account) == []


def test_a_run_nobody_works_at_is_stuck_and_one_that_waits_for_its_budget_is_not(account: Account, ge: Connection) -> None:
    now = timezone.now()
    run = make_run(ge, "running", lease_until=now - 29 * MINUTE)
    assert live(account, now) == []
    assert live(account, now + 2 * MINUTE) == [("sync_stuck", "GE, All inventory: sync stuck")]
    SyncRun.objects.filter(pk=run.pk).update(status="queued", lease_until=None, resume_at=now + HOUR, queued_at=now - HOUR)
    assert live(account, now + 3 * MINUTE) == []


def test_old_data_a_spent_budget_and_a_refused_login_are_each_told(account: Account, ge: Connection) -> None:
    now = timezone.now()
    FeedState.objects.create(account=account, connection=ge, feed="stock:FG", rows=1, checksum="x", taken_at=now, valid_at=now - 49 * HOUR)
    CallBudget.objects.create(
        account=account, connection=ge, name="hour", window_seconds=3600, limit=100, spent=[[int(now.timestamp() / 60), 95]]
    )
    CallBudget.objects.create(
        account=account, connection=ge, name="minute", window_seconds=60, limit=10, spent=[[int(now.timestamp()), 10]]
    )
    Breaker.objects.create(account=account, connection=ge, state=BreakerState.STOPPED)
    assert sorted(kind for kind, _ in live(account, now)) == ["budget_low", "credentials_refused", "feed_stale"]
    # Of a budget nobody is told unless they asked for it.
    assert set(Notice.objects.values_list("alert__kind", flat=True)) == {"credentials_refused", "feed_stale"}
    Breaker.objects.update(state=BreakerState.CLOSED)
    CallBudget.objects.update(spent=[])
    FeedState.objects.update(valid_at=now)
    assert live(account, now + MINUTE) == []


def test_a_feed_that_is_read_by_what_changed_is_not_old(account: Account, ge: Connection) -> None:
    now = timezone.now()
    FeedState.objects.create(account=account, connection=ge, feed="products", rows=1, checksum="x", taken_at=now, valid_at=now - 90 * HOUR)
    run = make_run(ge, "succeeded", finished_at=now - HOUR)
    read = RunFeed.objects.create(account=account, run=run, feed="products", verdict=Verdict.PARTIAL)
    assert live(account, now) == []
    RunFeed.objects.filter(pk=read.pk).update(error_code="one_second_too_full")
    assert [kind for kind, _ in live(account, now)] == ["feed_stale"]


def test_what_stays_open_is_told_again_until_somebody_acknowledges_it(account: Account, ge: Connection) -> None:
    now = timezone.now()
    make_run(ge, "failed")
    live(account, now)
    told_after(now)
    live(account, now + 25 * HOUR)
    assert told_after(now + 25 * HOUR) == [{"reminded.sync_failed": 1}]


def test_looking_costs_the_same_however_much_is_as_it_was(account: Account, ge: Connection) -> None:
    make_run(ge, "failed")
    live(account)
    with CaptureQueriesContext(database) as one:
        watching.look(account.pk)
    for name in ("GE 2", "GE 3", "GE 4"):
        make_run(make_connection(account, name), "failed")
    live(account)
    with CaptureQueriesContext(database) as four:
        watching.look(account.pk)
    assert len(four) == len(one) <= 40
    assert not [query for query in four if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_run_that_ends_badly_is_looked_at_at_once(account: Account, ge: Connection) -> None:
    run = make_run(ge, "failed")
    run_closed.send(sender=SyncRun, run=run, account_id=account.pk, status="failed")
    assert looks() == 1
    # A good end is of no interest while nothing is open …
    run_closed.send(sender=SyncRun, run=run, account_id=account.pk, status="succeeded")
    assert looks() == 1
    clock.sweep()
    # … and is when something is.
    run_closed.send(sender=SyncRun, run=run, account_id=account.pk, status="succeeded")
    assert looks() == 2


def test_more_than_a_tick_should_do_is_left_to_a_worker(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "AT_A_TICK", 2)
    make_supplies(account, 3, state="out")
    clock.sweep()
    assert (Alert.objects.count(), looks()) == (0, 1)
    watching.look(account.pk)
    assert Alert.objects.count() == 3
    clock.sweep()
    assert looks() == 1


def looks() -> int:
    """How often a worker has been asked to look."""
    return sum(1 for task in OrmQ.objects.all() if task.task["func"] == clock.LOOK)


def test_an_account_that_cannot_be_looked_at_does_not_keep_the_others_mail(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_account("Other")
    looked = []

    def look(pk: int, *_: object, **__: object) -> bool:
        if pk == account.pk:
            raise Error
        looked.append(pk)
        return True

    monkeypatch.setattr(watching, "look", look)
    monkeypatch.setattr(digests, "compose_due", lambda _now: looked.append("mail"))
    clock.sweep()
    assert looked == [other.pk, "mail"]


def test_nothing_is_told_in_quiet_hours_and_all_of_it_afterwards_in_one_mail(account: Account, ge: Connection) -> None:
    AlertSettings.objects.update(quiet_from=time(22), quiet_until=time(7))
    # The night of 27 March 2027, in which Berlin's clocks go forward: quiet from 21:00 to 05:00 in UTC.
    night = datetime(2027, 3, 27, 22, 0, tzinfo=UTC)
    make_run(ge, "failed")
    live(account, night)
    make_run(make_connection(account, "GE 2"), "failed")
    watching.look(account.pk, night + 2 * HOUR)
    assert [digests.compose_due(night + hours * HOUR) for hours in range(7)] == [0] * 7
    assert digests.compose_due(night + 7 * HOUR - MINUTE) == 0
    assert digests.compose_due(night + 7 * HOUR) == 1


def test_what_a_worker_that_was_away_finds_due_in_quiet_hours_waits_too(account: Account, ge: Connection) -> None:
    AlertSettings.objects.update(quiet_from=time(22), quiet_until=time(7))
    evening = datetime(2027, 1, 15, 19, 50, tzinfo=UTC)
    make_run(ge, "failed")
    live(account, evening)
    assert Notice.objects.get().due_at == evening + 10 * MINUTE
    assert [digests.compose_due(evening + hours * HOUR) for hours in (2, 10, 11)] == [0, 0, 1]
