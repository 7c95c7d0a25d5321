"""Passes are started, approved, cancelled and worked on by these verbs, whatever door the wish came through (docs/reconcile.md)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from inventory import expiry
from inventory.errors import AlreadyReconciling, NothingToReview, PassIsOver
from inventory.models import RECONCILING, Cause, Product, Reconciliation, ReconciliationStatus, StoppedBy, Warehouse
from inventory.reconcile import chunks, closing
from inventory.reconcile.asking import ask
from inventory.reconcile.closing import ENTITY, go_on, wake
from inventory.reconcile.figures import Figures
from inventory.reconcile.scope import scope_of
from inventory.reconcile.work import Cancelled, LeaseLost, Work
from jobs import lease

MOST_ATTEMPTS = 3
"""A pass that three workers died of is not given to a fourth."""
_TRIES = 5

logger = logging.getLogger(__name__)


def start(
    actor: Actor,
    *,
    cause: Cause,
    warehouse: Warehouse | None = None,
    product: Product | None = None,
    limits: Mapping[str, Any] | None = None,
) -> Reconciliation:
    """Queue a pass over all ledgers of the account, or over one warehouse or product of them.

    `limits` may hold `rows` and `quantity`: above either nothing is written and a person is asked, instead of above what the account has
    set. Raises NotAllowed, NotALedger, ValidationError for limits that are none, and AlreadyReconciling.
    """
    actor.require("stock.reconcile")
    scope_of(actor.account, product=product, warehouse=warehouse)
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                run = ask(actor.account, cause=cause, asked_by=actor.label, warehouse=warehouse, product=product, limits=limits)
                wake(run.pk)
            run.refresh_from_db()
            return run
        except IntegrityError:
            active = _active(actor)
            if active is not None:
                raise AlreadyReconciling(active) from None
            if not tries_left:
                raise
            # It ended between the two statements: the place is free now.
    raise AssertionError("the last try returns or raises")


def _active(actor: Actor) -> Reconciliation | None:
    return Reconciliation.objects.filter(account=actor.account, status__in=RECONCILING).first()


def approve(actor: Actor, reconciliation: Reconciliation) -> Reconciliation:
    """Have the plan of a pass that needs a review written: it looks again, and writes if it finds the same. Audited.

    Raises NotAllowed, NothingToReview and AlreadyReconciling.
    """
    actor.require("reconciliation.approve")
    run = Reconciliation.objects.get(pk=reconciliation.pk, account=actor.account)
    try:
        with transaction.atomic():
            queued = Reconciliation.objects.filter(pk=run.pk, status=ReconciliationStatus.NEEDS_REVIEW).update(
                status=ReconciliationStatus.QUEUED,
                approved_by=actor.label[:200],
                attempt=0,
                counters={},
                stopped_by=StoppedBy.NONE,
                queued_at=Now(),
                finished_at=None,
            )
            if not queued:
                raise NothingToReview(f"Reconciliation {run.pk} does not wait for a review.")
            record(actor, entity=ENTITY, entity_id=run.pk, action="APPROVE", cause=run.message, correlation=run.correlation)
            wake(run.pk)
    except IntegrityError:
        active = _active(actor)
        if active is None:
            raise
        raise AlreadyReconciling(active) from None
    run.refresh_from_db()
    return run


def discard(actor: Actor, reconciliation: Reconciliation) -> Reconciliation:
    """Put the plan of a pass that needs a review aside for good. Audited. Raises NotAllowed and NothingToReview."""
    actor.require("reconciliation.approve")
    run = Reconciliation.objects.get(pk=reconciliation.pk, account=actor.account)
    with transaction.atomic():
        done = Reconciliation.objects.filter(pk=run.pk, status=ReconciliationStatus.NEEDS_REVIEW).update(
            status=ReconciliationStatus.CANCELLED,
            message=f"Discarded by {actor.label}; nothing was written."[:500],
            finished_at=Now(),
        )
        if not done:
            raise NothingToReview(f"Reconciliation {run.pk} does not wait for a review.")
        record(actor, entity=ENTITY, entity_id=run.pk, action="DISCARD", correlation=run.correlation)
    run.refresh_from_db()
    return run


def cancel(actor: Actor, reconciliation: Reconciliation) -> Reconciliation:
    """Stop a pass: at once while it waits for a worker, else after the chunk it is at. Audited. Raises NotAllowed and PassIsOver."""
    actor.require("reconciliation.cancel")
    run = Reconciliation.objects.get(pk=reconciliation.pk, account=actor.account)
    with transaction.atomic():
        stopped = Reconciliation.objects.filter(pk=run.pk, status=ReconciliationStatus.QUEUED).update(
            status=ReconciliationStatus.CANCELLED,
            stopped_by=StoppedBy.CANCEL,
            message=f"Cancelled by {actor.label}; nothing was written."[:500],
            finished_at=Now(),
        )
        if stopped:
            go_on(run)
        elif not Reconciliation.objects.filter(pk=run.pk, status=ReconciliationStatus.RUNNING).update(cancel_requested_at=Now()):
            raise PassIsOver(f"Reconciliation {run.pk} is over; there is nothing to cancel.")
        record(actor, entity=ENTITY, entity_id=run.pk, action="CANCEL", correlation=run.correlation)
    run.refresh_from_db()
    return run


def execute(pk: int) -> str:
    """Work on a queued or abandoned pass, unless another worker is at it. A task: it may come twice and be killed anywhere."""
    fence = lease.claim(
        Reconciliation,
        pk,
        seconds=settings.RUN_LEASE_SECONDS,
        extra_where=Q(status__in=RECONCILING),
        changes={"status": ReconciliationStatus.RUNNING, "started_at": Coalesce(F("started_at"), Now())},
    )
    if fence is None:
        return f"Reconciliation {pk} needs no worker."
    run = Reconciliation.objects.select_related("account", "warehouse", "product").get(pk=pk)
    seconds, every = settings.RUN_LEASE_SECONDS, settings.RUN_BEAT_SECONDS
    with lease.hold(Reconciliation, pk, fence, seconds=seconds, every=every) as held:
        try:
            _until_closed(Work(run, held))
        except LeaseLost:
            logger.warning("Reconciliation %s was taken over by another worker; this one wrote nothing more.", pk)
            return f"Reconciliation {pk} was lost to another worker."
    return f"Reconciliation {pk} was worked on."


def _until_closed(work: Work) -> None:
    """Work on the pass until it is closed, whatever happens, except when the database does not answer: then the lease runs out."""
    try:
        _work(work)
    except LeaseLost:
        raise
    except Cancelled:
        closing.cancelled(work)
    except Problem as problem:
        _fail(work, f"{problem.sentence} {problem.hint}".strip())
    except (OperationalError, InterfaceError, InternalError):
        logger.exception("The database failed reconciliation %s; it is taken over when its lease has run out.", work.run.pk)
        raise
    except Exception as error:
        logger.exception("Reconciliation %s broke.", work.run.pk)
        _fail(work, f"Something unexpected happened ({type(error).__name__}). The operator finds the details in the log.")


def _fail(work: Work, message: str) -> None:
    said = f"{message} {work.figures.corrected or 'Nothing'} had been set right."
    closing.close(work, ReconciliationStatus.FAILED, said, stopped_by=StoppedBy.ERROR)


class GivenUp(Problem):
    """Needs a person: the pass was taken over too often."""

    status = 500


def _work(work: Work) -> None:
    run = work.run
    work.own()
    if run.attempt > MOST_ATTEMPTS:
        raise GivenUp(f"The worker stopped {MOST_ATTEMPTS} times while it was at this pass.", hint="Look into the worker's log.")
    if run.attempt > 1:
        logger.warning("Reconciliation %s was taken over after its worker stopped (attempt %s).", run.pk, run.attempt)
    # One that was taken over after it had looked goes on with what it found.
    if "scanned" not in run.counters:
        work.figures = Figures(expired=expiry.book(run.account, work.scope))
        with transaction.atomic():
            why = work.detect()
            if why:
                closing.stop(work, why)
                return
    if chunks.correct(work):
        closing.finish(work)
        return
    with transaction.atomic():
        # Another worker goes on, so that no task of the queue runs for too long; it has not failed.
        work.own(lease_until=None, worker="", attempt=0)
        wake(run.pk)
