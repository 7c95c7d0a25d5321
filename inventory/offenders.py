"""Levels that are set right again and again: something writes behind the application's back, or wrongly (docs/reconcile.md)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, QuerySet

from accounts.models import Account
from inventory import moment
from inventory.ledger.counters import Key
from inventory.ledger.locking import among
from inventory.models import Cause, Movement, MovementKind, StockSettings
from inventory.signals import drift_found_often
from inventory.stocksettings import settings_of


@dataclass(frozen=True)
class Offender:
    """A level that was set right so many `times` in the days the account looks back; why each time, and when last."""

    key: Key
    times: int
    causes: tuple[str, ...]
    last_at: datetime


def offenders(account: Account) -> list[Offender]:
    """The levels that were set right too often lately, by the account's settings; the most often first. Two statements at most."""
    settings = settings_of(account)
    lately = _lately(account.pk, settings, moment.now())
    found = list(_often(lately, settings))
    causes = _causes(lately, [Key(row["product_id"], row["warehouse_id"]) for row in found])
    listed = [
        Offender(key, row["times"], causes.get(key, ()), row["last_at"])
        for row in found
        for key in [Key(row["product_id"], row["warehouse_id"])]
    ]
    return sorted(listed, key=lambda each: (-each.times, each.key))


def tell(account_id: int, keys: Collection[Key], now: datetime) -> None:
    """Of levels that have just been set right, tell those for which it was once too often. In the transaction that did it."""
    settings = settings_of(account_id)
    lately = _lately(account_id, settings, now).filter(among(keys))
    found = list(_often(lately, settings))
    causes = _causes(lately, [Key(row["product_id"], row["warehouse_id"]) for row in found])
    for row in found:
        key = Key(row["product_id"], row["warehouse_id"])
        drift_found_often.send(
            sender=Movement,
            account_id=account_id,
            product_id=key.product_id,
            warehouse_id=key.warehouse_id,
            times=row["times"],
            causes=list(causes.get(key, ())),
        )


def _lately(account_id: int, settings: StockSettings, now: datetime) -> QuerySet[Movement]:
    since = now - timedelta(days=settings.offender_days)
    # A self-test makes its drift itself.
    corrections = Movement.objects.filter(account=account_id, kind=MovementKind.CORRECTION).exclude(cause=Cause.SELFTEST)
    return corrections.filter(booked_at__gt=since).order_by()


def _often(lately: QuerySet[Movement], settings: StockSettings) -> QuerySet[Movement, dict[str, Any]]:
    # What was set right together, whatever the unit kind, was booked at one moment.
    counted = lately.values("product_id", "warehouse_id").annotate(times=Count("booked_at", distinct=True), last_at=Max("booked_at"))
    often: QuerySet[Movement, dict[str, Any]] = counted.filter(times__gte=settings.offender_times)  # type: ignore[assignment]
    return often


def _causes(lately: QuerySet[Movement], keys: Collection[Key]) -> dict[Key, tuple[str, ...]]:
    found: dict[Key, tuple[str, ...]] = {}
    if keys:
        rows = lately.filter(among(keys)).values_list("product_id", "warehouse_id", "cause").distinct().order_by("cause")
        for product, warehouse, cause in rows:
            key = Key(product, warehouse)
            found[key] = (*found.get(key, ()), cause)
    return found
