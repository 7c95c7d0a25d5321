"""What the clock does with the ledger: passes, minute work, and the schedules of each account (docs/reconcile.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.acting import Actor
from accounts.models import Account
from inventory import integrity, moment
from inventory.errors import AlreadyReconciling
from inventory.expiry import due, thresholds
from inventory.models import RECONCILING, Cause, DirtyKey, Reconciliation, ReconciliationStatus, Warehouse, WarehouseMode
from inventory.reconcile.closing import wake
from inventory.reconcile.passes import start
from inventory.reconcile.verify import verify
from jobs import schedule
from jobs.models import Schedule
from jobs.queue import enqueue

RECONCILE, INTEGRITY = "stock.reconcile", "stock.integrity"
"""The declared tasks that the schedules name."""
HEAL, EXPIRE = "inventory.reconcile.dirty.heal", "inventory.expiry.expire"
LAST_KEY = "stock:integrity"
"""Of the schedule that is installed last."""
_UNCLAIMED = timedelta(minutes=2)


def declare() -> None:
    """Let schedules name the tasks, and have the tick look for work."""
    schedule.declare(RECONCILE, "inventory.reconcile.clock.scheduled")
    schedule.declare(INTEGRITY, "inventory.reconcile.clock.recalculate")
    schedule.every_tick("inventory.reconcile.clock.tick")


def install(account: Account) -> None:
    """The account's schedules, made now if they never existed."""
    schedule.install(account, "stock:reconcile", "Reconcile stock", RECONCILE, cron="*/5 * * * *")
    schedule.install(account, LAST_KEY, "Recalculate stock from its movements", INTEGRITY, cron="0 2 * * *")


def install_for_ledger(*, instance: Warehouse, raw: bool = False, **_signal: Any) -> None:
    """Signal post_save of a warehouse: with its first ledger an account gets the schedules."""
    if instance.mode == WarehouseMode.LEDGER and not raw:
        install(instance.account)


def install_for_all(**_signal: Any) -> None:
    """Signal post_migrate: accounts that came by a ledger in another way."""
    tables = connection.introspection.table_names()
    if Schedule._meta.db_table in tables and Warehouse._meta.db_table in tables:
        # Else a migration backwards has just taken them away.
        _install_missing()


def _install_missing() -> None:
    having = Schedule.objects.filter(key=LAST_KEY).values("account")
    for account in _with_ledgers().exclude(pk__in=having):
        install(account)


def _with_ledgers() -> QuerySet[Account]:
    return Account.objects.filter(pk__in=Warehouse.objects.filter(mode=WarehouseMode.LEDGER).values("account")).order_by("pk")


def scheduled(account: Account) -> str:
    """What the five-minute schedule does: start a pass over all ledgers, or have one follow that which is going on. A sentence about it."""
    if not Warehouse.objects.filter(account=account, mode=WarehouseMode.LEDGER).exists():
        return "No warehouse keeps a ledger."
    while True:
        try:
            run = start(Actor.system(account, "Schedule"), cause=Cause.SCHEDULED_CRON)
        except AlreadyReconciling as busy:
            active = Reconciliation.objects.filter(pk=busy.reconciliation.pk, status__in=RECONCILING)
            if active.update(again=True):
                return f"Follows reconciliation {busy.reconciliation.pk}."
            # It ended meanwhile.
            continue
        return f"Started reconciliation {run.pk}."


def recalculate(account: Account) -> str:
    """What the nightly schedule does: prove batches by their movements and levels by their batches, and set right what differs."""
    if not Warehouse.objects.filter(account=account, mode=WarehouseMode.LEDGER).exists():
        return "No warehouse keeps a ledger."
    proved = integrity.scheduled(account)
    found = verify(Actor.system(account, "Schedule"), limit=1)
    drift = f"{found.drifted:,} of {found.scanned:,} levels differ from their batches." if found.drifted else "No level has drifted."
    return f"{proved} {drift} {scheduled(account)}"


def tick() -> None:
    """Every minute: wake passes whose worker is gone or never came, and send accounts with minute work to the workers."""
    _install_missing()
    stale = Q(status=ReconciliationStatus.RUNNING) & (Q(lease_until__isnull=True) | Q(lease_until__lte=Now()))
    unclaimed = Q(status=ReconciliationStatus.QUEUED, queued_at__lt=Now() - _UNCLAIMED)
    for pk in Reconciliation.objects.filter(stale | unclaimed).order_by("pk").values_list("pk", flat=True):
        Reconciliation.objects.filter(pk=pk).update(queued_at=Now())
        wake(pk)
    for pk in DirtyKey.objects.order_by("account").values_list("account", flat=True).distinct():
        enqueue(HEAL, pk)
    now = moment.now()
    for account in _with_ledgers():
        if due(account, now).exists() or any(waiting.exists() for _, waiting in thresholds(account, now)):
            enqueue(EXPIRE, account.pk)
