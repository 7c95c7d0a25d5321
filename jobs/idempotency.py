"""A request with a key happens once, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.acting import Actor
from jobs import lease
from jobs.errors import KeyReused, StillRunning
from jobs.models import IdempotencyKey

KEPT_FOR = timedelta(days=30)


def once(
    actor: Actor, operation: str, key: str, request_digest: str, do: Callable[[], tuple[int, Any]], *, seconds: float = lease.LEASE_SECONDS
) -> tuple[int, Any, bool]:
    """Call `do` for the first request with `key`, and give every later one the same answer: (status, body, whether it was replayed).

    `do` returns (status, JSON-able body). It runs in one transaction with the storing of its answer, so after a crash either both stand
    or neither does: keep it short and wait for results outside. When it raises, nothing is stored and the key may be used again. A
    request that was cut off may be sent again after `seconds`.

    Raises KeyReused when the key came with another `request_digest` before, StillRunning while the first request is at it.
    """
    row, _ = IdempotencyKey.objects.get_or_create(
        account=actor.account, operation=operation, key=key, defaults={"request_digest": request_digest}
    )
    if row.request_digest != request_digest:
        raise KeyReused(key)
    fence = lease.claim(IdempotencyKey, row.pk, seconds=seconds, extra_where=Q(status_code__isnull=True))
    if fence is None:
        first = IdempotencyKey.objects.filter(pk=row.pk).first()
        if first is None or first.status_code is None:
            raise StillRunning(key)
        return first.status_code, first.response, True
    try:
        with transaction.atomic():
            status, body = do()
            mine = IdempotencyKey.objects.filter(pk=row.pk, fence=fence, status_code__isnull=True)
            if not mine.update(status_code=status, response=body, lease_until=None, worker=""):
                # It took longer than the lease and the same request was taken over: what was done here is rolled back.
                raise StillRunning(key)
    except BaseException:
        IdempotencyKey.objects.filter(pk=row.pk, fence=fence, status_code__isnull=True).delete()
        raise
    return status, body, False


def prune() -> int:
    """Delete the keys older than 30 days; how many."""
    return IdempotencyKey.objects.filter(created_at__lt=Now() - KEPT_FOR).delete()[0]
