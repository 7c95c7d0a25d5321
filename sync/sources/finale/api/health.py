"""`GET /api/sync-finale/health`: whether Finale is read as it should be. Looked at every five minutes at most, and calls Finale never."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from jobs.health import State as Found
from jobs.health import database
from jobs.vitals import clusters
from sync import stuck
from sync.condition import State, condition_of
from sync.models import Connection, ProductRef, Status, StockRef
from sync.sources.finale.api.asking import CONNECTION, FinaleView, runs_of
from sync.sources.finale.api.status import configured
from sync.sources.finale.strategies import newest_success

HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"
WORST_FIRST = (UNHEALTHY, DEGRADED, HEALTHY)
KEPT_SECONDS = 300
OVERDUE_AFTER = timedelta(hours=24)


class FinaleCheckSerializer(serializers.Serializer[Any]):
    status = serializers.CharField(help_text="healthy, degraded or unhealthy.")
    message = serializers.CharField()


class FinaleChecksSerializer(serializers.Serializer[Any]):
    database = FinaleCheckSerializer()
    finaleApi = FinaleCheckSerializer(help_text="What the last calls and the last test said; this one calls nothing.")
    syncProcess = FinaleCheckSerializer(help_text="Workers, runs that stand still, and whether stock was read within a day.")
    dataIntegrity = FinaleCheckSerializer(help_text="Products without SKU or name, and stock below zero.")


class FinaleHealthSerializer(serializers.Serializer[Any]):
    timestamp = serializers.DateTimeField(help_text="When it was looked at: five minutes ago at most.")
    status = serializers.CharField(help_text="healthy, degraded or unhealthy: that of the worst check.")
    checks = FinaleChecksSerializer()
    warnings = serializers.ListField(child=serializers.CharField())
    errors = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]


@dataclass(frozen=True)
class Checked:
    status: str
    message: str


class HealthView(FinaleView):
    """Whether the Finale sync is well."""

    operation = "health.view"

    @extend_schema(parameters=[CONNECTION], responses=FinaleHealthSerializer, operation_id="finale_health")
    def get(self, request: Request) -> Response:
        """Four checks, and the worst of them as a whole. Spends none of Finale's call budgets."""
        actor, connection, _ = self.asked(request)
        key = f"finale.health.{actor.account.pk}.{connection.pk if connection else 0}"
        found = cache.get(key)
        if found is None:
            found = FinaleHealthSerializer(examine(actor.account, connection)).data
            cache.set(key, found, KEPT_SECONDS)
        return Response(found)


def examine(account: Account, connection: Connection | None) -> dict[str, Any]:
    """All checks as the answer has them."""
    checks = {
        "database": _database(account),
        "finaleApi": _finale(connection),
        "syncProcess": worst(_process(connection)),
        "dataIntegrity": worst(_data(connection)),
    }
    said = {status: [check.message for check in checks.values() if check.status == status] for status in WORST_FIRST}
    return {
        "timestamp": timezone.now(),
        "status": worst(checks.values()).status,
        "checks": checks,
        "warnings": said[DEGRADED],
        "errors": said[UNHEALTHY],
    }


def worst(checks: Any) -> Checked:
    """The first of the worst; the sentences of others as bad stand beside it."""
    found = list(checks)
    status = min((check.status for check in found), key=WORST_FIRST.index)
    return Checked(status, " ".join(check.message for check in found if check.status == status))


def _database(account: Account) -> Checked:
    (answer,) = database(account)
    return Checked(HEALTHY, answer.sentence)


def _finale(connection: Connection | None) -> Checked:
    if connection is None:
        return Checked(DEGRADED, "No Finale account is connected yet.")
    if not configured(connection):
        return Checked(UNHEALTHY, "The key and the secret are missing or can't be read.")
    found = condition_of(connection)
    if found.state == State.READY:
        return Checked(HEALTHY, "The last call to Finale went well.")
    return Checked(UNHEALTHY if found.needs_somebody else DEGRADED, found.sentence)


def _process(connection: Connection | None) -> Iterator[Checked]:
    yield from (Checked(UNHEALTHY, each.sentence) for each in clusters(None) if each.name == "cluster sync" and each.state == Found.BAD)
    if connection is None:
        yield Checked(HEALTHY, "There is nothing to sync.")
        return
    for run in stuck.standing(connection.account).filter(connection=connection):
        yield Checked(UNHEALTHY, f"Run {run.pk} stands still; it is closed within five minutes.")
    again = stuck.closed_lately(connection)
    if again > stuck.OFTEN:
        yield Checked(DEGRADED, f"{again} runs stood still in the last 7 days. Look into the workers' log.")
    newest = newest_success(connection)
    if newest is None:
        yield Checked(DEGRADED, "No inventory, active or full sync has succeeded yet.")
    elif timezone.now() - newest.at > OVERDUE_AFTER:
        yield Checked(DEGRADED, f"Stock was last read at {newest.at:%Y-%m-%d %H:%M} UTC, more than a day ago.")
    last = runs_of(connection).filter(status__in=(Status.SUCCEEDED, Status.PARTIAL, Status.FAILED)).order_by("-pk").first()
    if last is not None and last.status == Status.FAILED:
        yield Checked(DEGRADED, f"The last {last.scope} sync failed. {last.message}".strip())
    yield Checked(HEALTHY, "Syncs run.")


def _data(connection: Connection | None) -> Iterator[Checked]:
    if connection is not None:
        products = ProductRef.objects.filter(connection=connection, gone_at__isnull=True)
        unnamed = products.filter(Q(sku="") | Q(name=""), active=True).count()
        if unnamed:
            yield Checked(DEGRADED, f"{unnamed:,} active products have no SKU or no name.")
        below = StockRef.objects.filter(connection=connection, gone_at__isnull=True, on_hand__lt=0).count()
        if below:
            yield Checked(DEGRADED, f"{below:,} rows of stock are below zero.")
    yield Checked(HEALTHY, "No product lacks its SKU or name, and no stock is below zero.")
