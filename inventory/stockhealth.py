"""What the health page says about stock that is kept here: whether it is proved, and what waits for somebody (docs/integrity.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import ngettext

from accounts.models import Account
from inventory import expiry, moment
from inventory.integrity import in_words
from inventory.integrity.question import DAY, GRACE, Asked, offenders
from inventory.integrity.trail import audited
from inventory.models import (
    DirtyKey,
    Drift,
    DriftOutcome,
    IntegrityReport,
    Level,
    Movement,
    MovementKind,
    Reconciliation,
    ReconciliationStatus,
    Warehouse,
    WarehouseMode,
)
from jobs import health
from jobs.health import Check, State

PASS_EVERY = timedelta(minutes=5)
OVERDUE_AFTER = 3 * PASS_EVERY
REPORT_OLD_AFTER = timedelta(hours=26)

ENDED = (ReconciliationStatus.SUCCEEDED, ReconciliationStatus.PARTIAL, ReconciliationStatus.FAILED, ReconciliationStatus.NEEDS_REVIEW)


def register() -> None:
    health.register(examine)


def examine(account: Account | None) -> Iterable[Check]:
    """The checks of an account that keeps stock here; for one that does not, and for None, nothing."""
    if account is None or not Warehouse.objects.filter(account=account, mode=WarehouseMode.LEDGER).exists():
        return
    now = moment.now()
    yield _passes(account, now)
    yield _waiting(account, now)
    yield _hooks(account, now)
    yield _audit(account, now)
    yield _quarantine(account, now)
    yield _integrity(account, now)


def _passes(account: Account, now: datetime) -> Check:
    """The last pass over everything, and how it ended."""
    whole = Reconciliation.objects.filter(account=account, warehouse__isnull=True, product__isnull=True, finished_at__isnull=False)
    last = whole.filter(status__in=ENDED).order_by("-pk").first()
    if last is None or last.finished_at is None:
        return Check("stock reconcile", State.WARN, "No pass has compared all levels with their batches yet.", now)
    said = f"The last pass: {last.message or last.get_status_display()}"
    if last.status == ReconciliationStatus.FAILED:
        return Check("stock reconcile", State.BAD, said, last.finished_at)
    if last.status != ReconciliationStatus.SUCCEEDED:
        return Check("stock reconcile", State.WARN, said, last.finished_at)
    if now - last.finished_at > OVERDUE_AFTER:
        minutes = round((now - last.finished_at).total_seconds() / 60)
        return Check("stock reconcile", State.WARN, f"The last pass over all levels was {minutes} minutes ago.", last.finished_at)
    return Check("stock reconcile", State.OK, said, last.finished_at)


def _waiting(account: Account, now: datetime) -> Check:
    """Drifts that wait for a person, keys that wait for the minute check, expiries that wait to be booked."""
    open_drifts = Drift.objects.filter(
        account=account, reconciliation__status=ReconciliationStatus.NEEDS_REVIEW, outcome=DriftOutcome.FOUND
    ).count()
    if open_drifts:
        counted = ngettext("%d difference waits", "%d differences wait", open_drifts) % open_drifts
        return Check("stock drifts", State.WARN, f"{counted} for a manager to approve or discard.", now)
    oldest = DirtyKey.objects.filter(account=account).aggregate(oldest=Min("noted_at"))["oldest"]
    if oldest is not None and now - oldest > GRACE:
        return Check("stock drifts", State.WARN, f"Levels that were written wait to be proved since {oldest:%Y-%m-%d %H:%M} UTC.", now)
    due = expiry.due(account, now - GRACE).count()
    if due:
        counted = ngettext("%d batch has", "%d batches have", due) % due
        return Check("stock drifts", State.WARN, f"{counted} expired and not been taken out of the counters yet.", now)
    return Check("stock drifts", State.OK, "No difference waits for anybody, and no expiry to be booked.", now)


def _hooks(account: Account, now: datetime) -> Check:
    """What bookings found wrong before they booked."""
    lately = Movement.objects.filter(account=account, booked_at__gte=now - DAY)
    found = lately.filter(kind=MovementKind.CORRECTION, found_on_write=True).count()
    if found:
        counted = ngettext("%d counter was", "%d counters were", found) % found
        return Check("stock hooks", State.WARN, f"{counted} found wrong by a booking in the last 24 hours, and set right.", now)
    return Check("stock hooks", State.OK, "All bookings of the last 24 hours found their counters right.", now)


def _audit(account: Account, now: datetime) -> Check:
    """Whether what moved within a day has its audit rows."""
    silent, _ = offenders(audited(lately=True), Asked(account, now), 1)
    if silent:
        counted = ngettext("%d movement has", "%d movements have", silent) % silent
        return Check("stock audit", State.BAD, f"{counted} no row in the audit log.", now)
    return Check("stock audit", State.OK, "All movements of the last 24 hours are in the audit log.", now)


def _quarantine(account: Account, now: datetime) -> Check:
    number = Level.objects.filter(account=account, quarantined_at__isnull=False).count()
    if number:
        counted = ngettext("%d level is in quarantine", "%d levels are in quarantine", number) % number
        return Check("stock quarantine", State.BAD, f"{counted}, because batches contradict themselves. A manager rebuilds them.", now)
    return Check("stock quarantine", State.OK, "No level is in quarantine.", now)


def _integrity(account: Account, now: datetime) -> Check:
    report = IntegrityReport.objects.filter(account=account).order_by("-pk").first()
    if report is None:
        return Check("stock integrity", State.WARN, "The invariants have not been checked yet.", now)
    if report.offenders:
        return Check("stock integrity", State.BAD, in_words(report), report.finished_at)
    if now - report.finished_at > REPORT_OLD_AFTER:
        return Check("stock integrity", State.WARN, f"{in_words(report)} That was more than a day ago.", report.finished_at)
    return Check("stock integrity", State.OK, in_words(report), report.finished_at)
