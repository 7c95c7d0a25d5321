"""How the stock of one business account does, as numbers for a monitoring system (docs/integrity.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q, Sum
from django.db.models.fields.json import KeyTextTransform
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import Account, AuditLog
from inventory import moment
from inventory.ledger.correction import ACTION, ENTITY
from inventory.models import (
    COUNTED,
    Batch,
    Count,
    CountStatus,
    DirtyKey,
    Drift,
    DriftOutcome,
    IntegrityReport,
    Level,
    Movement,
    Reconciliation,
    ReconciliationStatus,
    Sale,
)
from inventory.stocksettings import settings_of

DAY = timedelta(days=1)

_collectors: list[Callable[[Account], Collector]] = []


def register(collector: Callable[[Account], Collector]) -> None:
    """Show what this makes of an account among its numbers; for apps that know more, in ready()."""
    if collector not in _collectors:
        _collectors.append(collector)


def collectors(account: Account) -> list[Collector]:
    """All that there is to measure in an account."""
    return [make(account) for make in _collectors]


class StockCollector(Collector):
    """The numbers of one account, read when they are asked for: a constant number of statements, each by an index."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def collect(self) -> Iterable[Metric]:
        now = moment.now()
        yield from self._passes(now)
        yield from self._corrections(now)
        yield from self._open()
        yield from self._batches(now)
        yield from self._integrity(now)
        yield self._movements(now)

    def _passes(self, now: datetime) -> Iterable[Metric]:
        passes = Reconciliation.objects.filter(account=self.account).order_by()
        by_status = dict(passes.values_list("status").annotate(models.Count("pk")))
        yield _labelled(
            "levelstock_reconciliations",
            "Passes of reconcile that are kept, by status.",
            "status",
            {status: by_status.get(status, 0) for status in ReconciliationStatus.values},
        )
        clean = passes.filter(status=ReconciliationStatus.SUCCEEDED, counters__drifted=0).order_by("-pk")
        last = clean.values_list("finished_at", flat=True).first()
        yield _age("levelstock_last_clean_pass_age_seconds", "Since the last pass that found nothing wrong.", last, now)

    def _corrections(self, now: datetime) -> Iterable[Metric]:
        rows = AuditLog.objects.filter(account=self.account, created_at__gte=now - DAY, entity=ENTITY, action=ACTION)
        found = rows.annotate(drift=KeyTextTransform("driftClass", "after"), on_write=KeyTextTransform("foundOnWrite", "after"))
        family = GaugeMetricFamily(
            "levelstock_corrections_24h", "Levels set right in the last 24 hours.", labels=["class", "found_on_write"]
        )
        for drift, on_write, number in found.order_by().values_list("drift", "on_write").annotate(models.Count("pk")):
            # SQLite says 1 and 0, PostgreSQL says true and false.
            family.add_metric([drift or "", "true" if str(on_write) in ("1", "true") else "false"], number)
        yield family

    def _open(self) -> Iterable[Metric]:
        mine = {"account": self.account}
        drifts = Drift.objects.filter(**mine, reconciliation__status=ReconciliationStatus.NEEDS_REVIEW, outcome=DriftOutcome.FOUND).count()
        yield _gauge("levelstock_drifts_open", "Differences that wait for a person.", drifts)
        yield _gauge("levelstock_dirty_keys", "Levels that wait for the minute check.", DirtyKey.objects.filter(**mine).count())
        quarantined = Level.objects.filter(**mine, quarantined_at__isnull=False).count()
        yield _gauge("levelstock_quarantined_levels", "Levels whose batches contradict themselves.", quarantined)
        pending = Count.objects.filter(**mine, status=CountStatus.PENDING).count()
        yield _gauge("levelstock_counts_pending", "Counts that wait for approval.", pending)
        short = Sale.objects.filter(**mine, shortfall__gt=0).order_by().values_list("unit_kind")
        sales = GaugeMetricFamily("levelstock_shortfalls_open", "Sales that are short of goods.", labels=["unit_kind"])
        missing = GaugeMetricFamily("levelstock_shortfall_quantity", "How much they are short of.", labels=["unit_kind"])
        for kind, number, quantity in short.annotate(models.Count("pk"), Sum("shortfall")):
            sales.add_metric([kind], number)
            missing.add_metric([kind], float(quantity))
        yield from (sales, missing)

    def _batches(self, now: datetime) -> Iterable[Metric]:
        batches = Batch.objects.filter(account=self.account)
        expired = batches.filter(remaining__gt=0, expiry_booked_at__isnull=False).count()
        yield _gauge("levelstock_batches_expired", "Batches that expired with something left, which is still there.", expired)
        counted = batches.filter(COUNTED, expires_at__isnull=False)
        unbooked = counted.filter(expires_at__lte=now).count()
        yield _gauge("levelstock_batches_expired_unbooked", "Batches that have expired and wait for their expiry to be booked.", unbooked)
        days = sorted(settings_of(self.account).alert_days)
        within = {f"d{each}": models.Count("pk", filter=Q(expires_at__lte=now + timedelta(days=each))) for each in days}
        soon = counted.filter(expires_at__gt=now, expires_at__lte=now + timedelta(days=max(days, default=0)))
        found = soon.aggregate(**within)
        numbers = {str(each): found[f"d{each}"] for each in days}
        yield _labelled("levelstock_batches_expiring", "Batches that expire within so many days.", "days", numbers)

    def _integrity(self, now: datetime) -> Iterable[Metric]:
        report = IntegrityReport.objects.filter(account=self.account).order_by("-pk").first()
        yield _age(
            "levelstock_integrity_age_seconds", "Since the last check of all invariants.", report.finished_at if report else None, now
        )
        offenders = {answer["invariant"]: answer["offenders"] for answer in report.checks} if report else {}
        yield _labelled("levelstock_integrity_offenders", "What broke an invariant at the last check.", "invariant", offenders)

    def _movements(self, now: datetime) -> Metric:
        rows = Movement.objects.filter(account=self.account, booked_at__gte=now - DAY).order_by()
        by_kind = dict(rows.values_list("kind").annotate(models.Count("pk")))
        return _labelled("levelstock_movements_24h", "Movements booked in the last 24 hours.", "kind", by_kind)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _age(name: str, about: str, since: datetime | None, now: datetime) -> Metric:
    """Seconds since then; no number where it never was."""
    family = GaugeMetricFamily(name, about)
    if since is not None:
        family.add_metric([], max(0.0, (now - since).total_seconds()))
    return family


def _labelled(name: str, about: str, label: str, numbers: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, number in numbers.items():
        family.add_metric([value], number)
    return family


register(StockCollector)
