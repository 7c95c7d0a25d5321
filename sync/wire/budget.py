"""A connection's call budgets in the database: spent before a call is sent, by compare-and-set, never overdrawn.

All times are the database's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from sync.models.budget import CallBudget
from sync.wire.errors import BudgetSpent
from sync.wire.rolling import Allowance


@dataclass(frozen=True)
class Forecast:
    """What is left of one budget. `free_at` is when the next ordinary call fits: now or in the past when one fits already."""

    name: str
    window_seconds: int
    limit: int
    reserved: int
    used: int
    left: int
    left_urgent: int
    free_at: datetime


@dataclass(frozen=True)
class ConnectionBudget:
    """The budgets of one connection, as a WireSession spends them."""

    connection_id: int

    def spend(self, *, cost: int = 1, urgent: bool = False, share: float = 1.0, names: Sequence[str] | None = None) -> None:
        spend(self.connection_id, cost=cost, urgent=urgent, share=share, names=names)

    def block(self, seconds: float, *, names: Sequence[str] | None = None) -> None:
        block(self.connection_id, seconds, names=names)


def spend(connection_id: int, *, cost: int = 1, urgent: bool = False, share: float = 1.0, names: Sequence[str] | None = None) -> None:
    """Take `cost` calls from the budgets called `names`, or from all of the connection: from each of them or from none.

    Only urgent calls may use what is reserved; the others may use `share` of the rest. Raises BudgetSpent with the moment from which they
    fit; ValueError when so many calls at once never fit. Must not be called inside a transaction, whose rollback would forget calls that
    were made: RuntimeError.
    """
    while True:
        rows = list(_rows(connection_id, names))
        if not rows or _spend_seen(rows, cost, urgent, share):
            return


def _spend_seen(rows: Sequence[CallBudget], cost: int, urgent: bool, share: float) -> bool:
    changes: list[tuple[CallBudget, list[list[int]]]] = []
    for row in rows:
        now: datetime = row.clock  # type: ignore[attr-defined]
        allowance, seconds = _allowance(row), now.timestamp()
        if row.blocked_until is not None and row.blocked_until > now:
            raise BudgetSpent(f"The other side asked for no more calls for now (budget “{row.name}”).", until=row.blocked_until)
        spent = allowance.after(row.spent, seconds, cost, urgent=urgent, share=share)
        if spent is None:
            until = datetime.fromtimestamp(allowance.free_at(row.spent, seconds, cost, urgent=urgent, share=share), UTC)
            part = f", of which {row.reserved} are kept for urgent calls" if row.reserved and not urgent else ""
            kept = "" if urgent or share >= 1 else f"; calls like this one may use {allowance.ceiling(urgent, share)}"
            raise BudgetSpent(
                f"The budget “{row.name}” of {row.limit} calls in {row.window_seconds} seconds is used up{part}{kept}.", until=until
            )
        changes.append((row, spent))
    with transaction.atomic(durable=True):
        for row, spent in changes:
            # Another has spent meanwhile: what was judged is out of date, so all of it is judged again.
            if not CallBudget.objects.filter(pk=row.pk, version=row.version).update(spent=spent, version=F("version") + 1):
                transaction.set_rollback(True)
                return False
    return True


def block(connection_id: int, seconds: float, *, names: Sequence[str] | None = None) -> None:
    """Hold calls back for `seconds`, because the other side asked for it. Never shortens an earlier block."""
    until = Now() + timedelta(seconds=seconds)
    rows = _rows(connection_id, names).order_by()
    rows.filter(Q(blocked_until__isnull=True) | Q(blocked_until__lt=until)).update(blocked_until=until)


def forecast(connection_id: int) -> list[Forecast]:
    """What is left of each of the connection's budgets, narrowest window first."""
    return forecasts([connection_id])[connection_id]


def forecasts(connection_ids: Collection[int]) -> dict[int, list[Forecast]]:
    """What is left of the budgets of each of these connections, narrowest window first. One query."""
    found: dict[int, list[Forecast]] = {pk: [] for pk in connection_ids}
    rows = CallBudget.objects.filter(connection_id__in=found).order_by("window_seconds", "name").annotate(clock=Now())
    for row in rows:
        now: datetime = row.clock
        allowance = _allowance(row)
        used = allowance.used(row.spent, now.timestamp())
        free_at = datetime.fromtimestamp(allowance.free_at(row.spent, now.timestamp(), 1, urgent=False), UTC)
        found[row.connection_id].append(
            Forecast(
                name=row.name,
                window_seconds=row.window_seconds,
                limit=row.limit,
                reserved=row.reserved,
                used=used,
                left=max(allowance.ceiling(urgent=False) - used, 0),
                left_urgent=max(row.limit - used, 0),
                free_at=max(free_at, row.blocked_until or free_at),
            )
        )
    return found


def _rows(connection_id: int, names: Sequence[str] | None) -> QuerySet[CallBudget]:
    # Always in the same order, so that two who spend from the same budgets can't wait for each other.
    rows = CallBudget.objects.filter(connection_id=connection_id).order_by("pk").annotate(clock=Now())
    return rows if names is None else rows.filter(name__in=names)


def _allowance(row: CallBudget) -> Allowance:
    return Allowance(window=row.window_seconds, limit=row.limit, reserved=row.reserved)
