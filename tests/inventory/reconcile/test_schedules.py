"""The schedules of an account that keeps a ledger, and what is cleared away."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from django.apps import apps
from django.utils import timezone

from inventory.models import Drift, IntegrityReport, Reconciliation
from inventory.reconcile import clock, retention
from jobs import schedule
from jobs.models import Schedule
from tests.build import make_account
from tests.inventory.build import make_warehouse
from tests.inventory.reconcile.build import Store, off_by, passed


def test_with_its_first_ledger_an_account_gets_its_schedules_once(store: Store) -> None:
    keys = Schedule.objects.filter(account=store.account).order_by("key").values_list("key", "task", "cron", "enabled")
    expected = [("stock:integrity", "stock.integrity", "0 2 * * *", True), ("stock:reconcile", "stock.reconcile", "*/5 * * * *", True)]
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
    assert clock.scheduled(account) == clock.recalculate(account) == "No warehouse keeps a ledger."
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


def test_the_nightly_schedule_proves_stock_by_its_movements_and_sets_right_what_has_drifted(store: Store) -> None:
    nightly = Schedule.objects.get(key="stock:integrity").pk
    store.stock(10)
    said = schedule.run(nightly)
    assert f" No level has drifted. Started reconciliation {Reconciliation.objects.get().pk}." in said
    Reconciliation.objects.update(status="succeeded")
    off_by(store.tea, store.place, 1)
    said = schedule.run(nightly)
    assert "1 of 1 levels differ from their batches." in said
    assert said.endswith(f"Started reconciliation {Reconciliation.objects.latest('pk').pk}.")
    assert IntegrityReport.objects.count() == 2


def test_account_that_had_two_nightly_checks_has_one_at_the_time_it_chose(store: Store) -> None:
    other = make_account("Elsewhere")
    place = make_warehouse(other)
    place.mode = "ledger"
    place.save()
    mine = Schedule.objects.filter(key="stock:integrity")
    mine.update(cron="30 2 * * *", name="Check stock for contradictions")
    chosen = mine.get(account=other)
    mine.filter(account=other).update(cron="15 5 * * *")
    for account, cron in ((store.account, "0 1 * * *"), (other, "0 2 * * *")):
        Schedule.objects.create(account=account, key="sync:recalculate", name="Recalculate", task="sync.recalculate", cron=cron)
    import_module("sync.migrations.0007_one_nightly_check").join(apps, None)
    # Of one without a moment the next tick finds out when it is due.
    assert [*mine.order_by("cron").values_list("account", "cron", "name", "next_due_at")] == [
        (store.account.pk, "0 1 * * *", "Recalculate stock from its movements", None),
        (other.pk, "15 5 * * *", "Recalculate stock from its movements", chosen.next_due_at),
    ]
    assert not Schedule.objects.filter(key="sync:recalculate").exists()


def test_old_passes_are_cleared_away_with_their_drifts(store: Store) -> None:
    store.stock(10)
    off_by(store.tea, store.place, 1)
    old, new = passed(store), passed(store)
    Reconciliation.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=181))
    assert retention.prune(timezone.now()) == 1
    assert list(Reconciliation.objects.values_list("pk", flat=True)) == [new.pk]
    assert not Drift.objects.exists()
