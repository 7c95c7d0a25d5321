"""The schedules of an account that keeps a ledger, and what is cleared away."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from inventory.models import Drift, Reconciliation
from inventory.reconcile import clock, retention
from jobs import schedule
from jobs.models import Schedule
from tests.build import make_account
from tests.inventory.build import make_warehouse
from tests.inventory.reconcile.build import Store, off_by, passed


def test_with_its_first_ledger_an_account_gets_its_schedules_once(store: Store) -> None:
    keys = Schedule.objects.filter(account=store.account).order_by("key").values_list("key", "task", "cron", "enabled")
    expected = [("stock:integrity", "stock.integrity", "30 2 * * *", True), ("stock:reconcile", "stock.reconcile", "*/5 * * * *", True)]
    assert list(keys) == expected
    Schedule.objects.filter(key="stock:reconcile").update(cron="0 * * * *")
    store.place.save()
    clock.install_for_all()
    assert Schedule.objects.get(key="stock:reconcile").cron == "0 * * * *"
    assert len(keys) == 2


def test_an_account_without_a_ledger_has_none_and_costs_nothing(db: None) -> None:
    account = make_account()
    make_warehouse(account)
    clock.tick()
    assert not Schedule.objects.exists()
    assert clock.scheduled(account) == "No warehouse keeps a ledger."
    assert not Reconciliation.objects.exists()


def test_a_ledger_that_came_in_another_way_gets_them_at_the_tick(db: None) -> None:
    place = make_warehouse(make_account())
    type(place).objects.update(mode="ledger")
    clock.tick()
    assert Schedule.objects.filter(account=place.account).count() == 2


def test_the_five_minute_schedule_queues_a_full_pass(store: Store) -> None:
    said = schedule.run(Schedule.objects.get(key="stock:reconcile").pk)
    run = Reconciliation.objects.get()
    assert said == f"Started reconciliation {run.pk}."
    assert (run.cause, run.status, run.product, run.warehouse) == ("scheduled_cron", "queued", None, None)


def test_the_nightly_schedule_checks_integrity(store: Store) -> None:
    said = schedule.run(Schedule.objects.get(key="stock:integrity").pk)
    assert said
    assert "Failed" not in said


def test_old_passes_are_cleared_away_with_their_drifts(store: Store) -> None:
    store.stock(10)
    off_by(store.tea, store.place, 1)
    old, new = passed(store), passed(store)
    Reconciliation.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=181))
    assert retention.prune(timezone.now()) == 1
    assert list(Reconciliation.objects.values_list("pk", flat=True)) == [new.pk]
    assert not Drift.objects.exists()
