"""Levels whose stock has just been written are proved within a minute (docs/reconcile.md)."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence

from django.db import transaction

from accounts.acting import Actor
from accounts.models import Account
from inventory.errors import AlreadyReconciling
from inventory.ledger.counters import Key
from inventory.models import Cause, DirtyKey, Reconciliation
from inventory.reconcile.correct import AT_ONCE, set_right
from inventory.reconcile.passes import start
from inventory.stocksettings import settings_of
from jobs import lease

SECONDS = 200.0
"""What is left after so long is left to the next minute."""

logger = logging.getLogger(__name__)


class TooMany(Exception):
    """More differs than hooks can have done wrong."""


def heal(account_id: int) -> str:
    """Prove the levels noted since they were last proved, and set right what differs; a sentence about it.

    A task: it may come twice and be killed anywhere. When more differs than an account's pass may write unasked, nothing more is written
    here and a full pass looks at everything.
    """
    with lease.named(f"stock dirty {account_id}") as held:
        if held is None:
            return "Left to the one that is at it."
        return _heal(Account.objects.get(pk=account_id))


def _heal(account: Account) -> str:
    actor = Actor.system(account, "Minute pass")
    most, began = settings_of(account).stop_rows, time.monotonic()
    proved = corrected = last = 0
    while time.monotonic() - began < SECONDS:
        chunk = list(DirtyKey.objects.filter(account=account, pk__gt=last).order_by("pk")[:AT_ONCE])
        if not chunk:
            break
        last = chunk[-1].pk
        try:
            with transaction.atomic():
                done, right = _prove(actor, chunk, most - corrected)
        except TooMany:
            _delete(chunk)
            return f"Too many of {proved + len(chunk)} levels differ. {_full(actor)}"
        proved, corrected = proved + done, corrected + right
    return f"{proved} levels proved, {corrected} of them set right."


def _prove(actor: Actor, chunk: Sequence[DirtyKey], most: int) -> tuple[int, int]:
    keys = sorted(Key(row.product_id, row.warehouse_id) for row in chunk)
    settled = set_right(actor, keys, cause=Cause.SCHEDULED_MINUTE, correlation=uuid.uuid4(), wait=False)
    if len(settled.corrections) > most:
        raise TooMany
    # Those that are busy stay for the next minute.
    _delete([row for row in chunk if Key(row.product_id, row.warehouse_id) in settled.outcomes])
    return len(settled.outcomes), len(settled.corrections)


def _delete(rows: Sequence[DirtyKey]) -> None:
    """Forget these notes, unless they were noted again after they were read."""
    if rows:
        newest = max(row.noted_at for row in rows)
        DirtyKey.objects.filter(pk__in=[row.pk for row in rows], noted_at__lte=newest).delete()


def _full(actor: Actor) -> str:
    try:
        return f"Reconciliation {start(actor, cause=Cause.SCHEDULED_MINUTE).pk} looks at all of them."
    except AlreadyReconciling as busy:
        Reconciliation.objects.filter(pk=busy.reconciliation.pk).update(again=True)
        return f"Left to what follows reconciliation {busy.reconciliation.pk}."
