"""The end of a pass: its row, what it puts an end to, and the pass that was asked for meanwhile, in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.audit import record
from accounts.models import AuditLog
from inventory.models import Cause, Drift, DriftOutcome, Reconciliation, ReconciliationStatus, StoppedBy
from inventory.reconcile.asking import ask
from inventory.reconcile.work import LeaseLost, Work
from inventory.signals import reconciliation_stopped
from jobs.queue import enqueue

EXECUTE = "inventory.reconcile.passes.execute"
ENTITY = "Reconciliation"


def wake(pk: int) -> None:
    """Send the pass to a worker. It may come there twice."""
    enqueue(EXECUTE, pk)


def finish(work: Work) -> None:
    """All drifts have come to an end. Raises LeaseLost."""
    figures = work.figures
    bad = figures.failed or figures.skipped
    status = ReconciliationStatus.PARTIAL if bad else ReconciliationStatus.SUCCEEDED
    with transaction.atomic():
        close(work, status, figures.sentence(), stopped_by=StoppedBy.ERROR if figures.failed else StoppedBy.NONE)
        _supersede(work.run)
        _tidy(work.run)


def stop(work: Work, why: str) -> None:
    """The plan is kept and waits for a person, unless another pass waits with the same one. In the caller's transaction."""
    digest = work.plan()
    waiting = _reviews(work.run).filter(plan_digest=digest).first()
    if waiting is not None:
        work.drifts.delete()
        said = f"Nothing was written: reconciliation {waiting.pk} waits for a review of the same differences."
        close(work, ReconciliationStatus.CANCELLED, said, stopped_by=StoppedBy.LIMIT)
        return
    sentence = f"{why} Nothing was written."
    close(work, ReconciliationStatus.NEEDS_REVIEW, sentence, stopped_by=StoppedBy.LIMIT, plan_digest=digest, approved_by="")
    _supersede(work.run)
    reconciliation_stopped.send(sender=Reconciliation, account_id=work.run.account_id, reconciliation_id=work.run.pk)


def close(work: Work, status: ReconciliationStatus, message: str, **values: Any) -> None:
    """The pass ends as `status`; its lease goes with it. Raises LeaseLost when another worker has it."""
    run = work.run
    with transaction.atomic():
        mine = Reconciliation.objects.filter(pk=run.pk, fence=run.fence, status=ReconciliationStatus.RUNNING)
        changed = mine.update(
            status=status,
            message=message[:500],
            lease_until=None,
            worker="",
            finished_at=Now(),
            counters=work.figures.as_json(),
            **values,
        )
        if not changed:
            raise LeaseLost
        # A pass that found nothing leaves no more than its own row.
        if work.figures.drifted or status != ReconciliationStatus.SUCCEEDED:
            after = {"status": status.value, "counters": work.figures.as_json()}
            record(work.actor, entity=ENTITY, entity_id=run.pk, action="RECONCILE", after=after, cause=message, correlation=run.correlation)
        go_on(run)


def cancelled(work: Work) -> None:
    """Somebody has cancelled the pass between two chunks. Raises LeaseLost."""
    row = AuditLog.objects.filter(entity=ENTITY, entity_id=str(work.run.pk), action="CANCEL").order_by("-pk").first()
    who = f" by {row.actor_label}" if row else ""
    said = f"Cancelled{who}; {work.figures.corrected or 'nothing'} had been set right."
    close(work, ReconciliationStatus.CANCELLED, said, stopped_by=StoppedBy.CANCEL)


def go_on(run: Reconciliation) -> None:
    """Queue the pass that was asked for while `run` was at it. In the transaction in which it ceases to be so."""
    if not Reconciliation.objects.filter(pk=run.pk, again=True).update(again=False):
        return
    wake(ask(run.account, cause=Cause.SCHEDULED_CRON, asked_by="Schedule").pk)


def _reviews(run: Reconciliation) -> Any:
    """The other passes that wait for a review and that `run` has looked at anew."""
    waiting = Reconciliation.objects.filter(account=run.account_id, status=ReconciliationStatus.NEEDS_REVIEW).exclude(pk=run.pk)
    if run.product_id is not None:
        waiting = waiting.filter(product=run.product_id)
    if run.warehouse_id is not None:
        waiting = waiting.filter(warehouse=run.warehouse_id)
    return waiting.order_by("pk")


def _supersede(run: Reconciliation) -> None:
    said = f"Superseded by reconciliation {run.pk}; nothing was written."
    _reviews(run).update(status=ReconciliationStatus.CANCELLED, message=said)


def _tidy(run: Reconciliation) -> None:
    """What is only reported every pass of the schedule reports again: the newest one keeps it."""
    lasting = (DriftOutcome.REPORTED, DriftOutcome.QUARANTINED)
    if run.cause != Cause.SCHEDULED_CRON or not Drift.objects.filter(reconciliation=run, outcome__in=lasting, note="").exists():
        return
    before = Reconciliation.objects.filter(account=run.account_id, cause=run.cause, pk__lt=run.pk).order_by("-pk").values("pk")[:1]
    Drift.objects.filter(reconciliation__in=list(before.values_list("pk", flat=True)), outcome__in=lasting, note="").delete()
