"""What has expired leaves the counters, and what soon will is told (docs/reconcile.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.acting import Actor
from accounts.models import Account
from inventory import moment
from inventory.ledger.booking import booking
from inventory.ledger.counters import Key
from inventory.ledger.locking import among
from inventory.models import COUNTED, Batch, Cause, Level, MovementKind, WarehouseMode
from inventory.signals import batches_expiring
from inventory.stocksettings import settings_of
from jobs import lease

if TYPE_CHECKING:
    from inventory.reconcile.scope import Scope

AT_ONCE = 200
LABEL = "Expiry"


def expire(account_id: int, *, keys: Iterable[Key] | None = None) -> str:
    """Book the expiries of an account that are due, or those of these keys, and tell what will expire soon; a sentence about it.

    A task: it may come twice and be killed anywhere.
    """
    with lease.named(f"stock expiry {account_id}") as held:
        if held is None:
            return "Left to the one that is at it."
        account = Account.objects.get(pk=account_id)
        batches = due(account, moment.now())
        booked = _book(account, batches if keys is None else batches.filter(among(keys)))
        told = 0 if keys is not None else warn(account)
    return f"{booked} batches expired; {told} will soon and were told."


def book(account: Account, scope: Scope) -> int:
    """Book the expiries that are due within the scope, some keys at a time, each time all or nothing; how many batches."""
    batches = due(account, moment.now()).filter(warehouse__in=scope.warehouses)
    return _book(account, batches if scope.product is None else batches.filter(product=scope.product))


def due(account: Account, now: datetime) -> QuerySet[Batch]:
    """The batches that have expired and are counted still. Those of quarantined levels stay until the level is rebuilt."""
    quarantined = Level.objects.filter(product=OuterRef("product"), warehouse=OuterRef("warehouse"), quarantined_at__isnull=False)
    expired = Batch.objects.filter(COUNTED, account=account, expires_at__lte=now, warehouse__mode=WarehouseMode.LEDGER)
    return expired.filter(~Exists(quarantined)).order_by()


def _book(account: Account, batches: QuerySet[Batch]) -> int:
    actor = Actor.system(account, LABEL)
    booked = 0
    for keys in _keys(batches):
        with booking(actor, keys, Cause.BATCH_EXPIRY, by_hand=False) as work:
            # The booking has taken them out by itself.
            booked += sum(1 for each in work.movements if each.kind == MovementKind.EXPIRY)
    return booked


def _keys(batches: QuerySet[Batch]) -> Iterator[list[Key]]:
    pairs = batches.values_list("product_id", "warehouse_id").distinct().order_by("product_id", "warehouse_id")
    last = Key(0, 0)
    while chunk := [Key(*pair) for pair in pairs.filter(_after(last))[:AT_ONCE]]:
        yield chunk
        last = chunk[-1]


def _after(key: Key) -> Q:
    return Q(product__gt=key.product_id) | Q(product=key.product_id, warehouse__gt=key.warehouse_id)


def warn(account: Account) -> int:
    """Tell of the batches that expire within so many days, by the account's thresholds: each threshold of a batch once, the nearest only.

    How many were told.
    """
    now = moment.now()
    told = 0
    for days, waiting in thresholds(account, now):
        while ids := list(waiting.order_by("expires_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
            with transaction.atomic():
                # Whoever else tells them at the same time waits here and finds none.
                held = waiting.filter(pk__in=ids).select_for_update(of=("self",), no_key=True).order_by("pk")
                mine = list(held.values_list("pk", flat=True))
                Batch.objects.filter(pk__in=mine).update(warned_days=days)
                if mine:
                    batches_expiring.send(sender=Batch, account_id=account.pk, days=days, batch_ids=mine)
            told += len(mine)
    return told


def thresholds(account: Account, now: datetime) -> Iterator[tuple[int, QuerySet[Batch]]]:
    """Each threshold in days, with the batches that have come within it and have not been told so."""
    before = 0
    for days in sorted(settings_of(account).alert_days):
        counted = Batch.objects.filter(COUNTED, account=account, warehouse__mode=WarehouseMode.LEDGER)
        within = counted.filter(expires_at__gt=now + timedelta(days=before), expires_at__lte=now + timedelta(days=days))
        yield days, within.filter(Q(warned_days__isnull=True) | Q(warned_days__gt=days))
        before = days
