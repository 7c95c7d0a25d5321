"""Which attempt carried a change: several changes of one item are sent as one, and each of them leads to it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Q

from marketplaces.models import Attempt, Carried


def note(attempts: Iterable[Attempt]) -> None:
    """Keep what these new attempts carry besides their latest change. No statement where each carries one. In the caller's transaction."""
    rows = [
        Carried(account_id=attempt.account_id, attempt=attempt, correlation=each)
        for attempt in attempts
        for each in sorted({uuid.UUID(text) for text in attempt.correlations} - {attempt.correlation})
    ]
    if rows:
        Carried.objects.bulk_create(rows, batch_size=200)


def carrying(correlation: uuid.UUID) -> Q:
    """Attempts that carried that change, alone or with others."""
    latest = Attempt.objects.filter(correlation=correlation).order_by().values("pk")
    others = Carried.objects.filter(correlation=correlation).order_by().values("attempt")
    # One list of ids, since a choice between a column and a list would have every attempt read.
    return Q(pk__in=latest.union(others))
