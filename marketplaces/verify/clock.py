"""What the clock does with comparisons (docs/verify.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.models import Account
from jobs import schedule
from jobs.models import Schedule
from jobs.queue import enqueue
from marketplaces.models import Shop, Verification, VerificationStatus
from marketplaces.verify import carrying
from marketplaces.verify.deciding import CARRY_OUT
from marketplaces.verify.verifying import start, wake

TASK = "shop.verify"
"""The declared task that the schedules name."""
_UNCLAIMED = timedelta(minutes=2)


def declare() -> None:
    """Let schedules name the task, and have the tick look for work."""
    schedule.declare(TASK, "marketplaces.verify.clock.scheduled")
    schedule.every_tick("marketplaces.verify.clock.tick")


def install(*, instance: Shop, created: bool = False, raw: bool = False, **_signal: Any) -> None:
    """Signal post_save of a shop: it is compared each night."""
    if created and not raw:
        _install(instance)


def install_for_all(**_signal: Any) -> None:
    """Signal post_migrate: shops that came in another way are compared, and what was left of removed ones goes."""
    tables = connection.introspection.table_names()
    if Schedule._meta.db_table in tables and Shop._meta.db_table in tables:
        shops = list(Shop.objects.select_related("account", "connection"))
        for shop in shops:
            _install(shop)
        Schedule.objects.filter(task=TASK).exclude(key__in=[_key(shop) for shop in shops]).delete()


def uninstall(*, instance: Shop, **_signal: Any) -> None:
    """Signal post_delete of a shop, with its connection or alone: there is nothing to compare any more."""
    Schedule.objects.filter(account=instance.account_id, key=_key(instance)).delete()


def _install(shop: Shop) -> None:
    schedule.install(shop.account, _key(shop), f"Compare {shop}", TASK, {"shop": shop.pk}, cron="40 3 * * *")


def _key(shop: Shop) -> str:
    return f"shop:{shop.pk}:verify"


def scheduled(account: Account, shop: int) -> str:
    """What the schedule does each night: start a comparison. A sentence about it."""
    row = Shop.objects.filter(pk=shop, account=account, connection__enabled=True).first()
    if row is None:
        return "The shop is switched off or gone."
    try:
        return f"Started verification {start(Actor.system(account, 'Schedule'), row).pk}."
    except Problem as problem:
        return problem.sentence


def tick() -> None:
    """Every minute: wake comparisons whose worker is gone or never came, and shops with decisions that wait to be carried out."""
    stale = Q(status=VerificationStatus.RUNNING) & (Q(lease_until__isnull=True) | Q(lease_until__lte=Now()))
    unclaimed = Q(status=VerificationStatus.QUEUED, queued_at__lt=Now() - _UNCLAIMED)
    for pk in Verification.objects.filter(stale | unclaimed).order_by("pk").values_list("pk", flat=True):
        Verification.objects.filter(pk=pk).update(queued_at=Now())
        wake(pk)
    for shop_id in sorted(set(carrying.pending().order_by().values_list("shop_id", flat=True))):
        enqueue(CARRY_OUT, shop_id)
