"""Counters for monitoring systems, under the names that dashboards of such pushes know (docs/push.md)."""

from __future__ import annotations

from django.db.models import F

from marketplaces.models import Tally


def tally(account_id: int, name: str, *, seconds: float = 0.0) -> None:
    """Count one more of `name`, and add what was measured. Call it in the transaction of what is counted."""
    rows = Tally.objects.filter(account=account_id, name=name)
    if not rows.update(count=F("count") + 1, total=F("total") + seconds):
        # Two may make the same one at once: the constraint keeps one of them.
        Tally.objects.bulk_create([Tally(account_id=account_id, name=name)], ignore_conflicts=True)
        rows.update(count=F("count") + 1, total=F("total") + seconds)
