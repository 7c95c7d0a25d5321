"""What the health page says about connections."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from accounts.models import Account
from jobs import health
from sync.condition import condition_of
from sync.models import Connection


def register() -> None:
    health.register(examine)


def examine(account: Account | None) -> Iterable[health.Check]:
    """A check for each connection of `account` that waits for somebody, or one that says none does; for None nothing."""
    if account is None:
        return
    now = timezone.now()
    rows = list(Connection.objects.filter(account=account, enabled=True).select_related("breaker"))
    waiting = [(row, found) for row in rows if (found := condition_of(row)).needs_somebody]
    for row, found in waiting:
        yield health.Check(f"connection {row.name}", health.State.WARN, found.sentence, now)
    if rows and not waiting:
        yield health.Check("connections", health.State.OK, "No connection waits for somebody.", now)
