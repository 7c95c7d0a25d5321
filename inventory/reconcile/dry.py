"""A whole pass in a transaction that is rolled back: what it would do, done and undone (docs/reconcile.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from inventory import expiry
from inventory.models import Cause, Product, ReconciliationStatus, Warehouse
from inventory.reconcile import chunks
from inventory.reconcile.answers import of_drift
from inventory.reconcile.asking import ask
from inventory.reconcile.detect import Difference
from inventory.reconcile.figures import Figures
from inventory.reconcile.work import Work

SHOWN = 1000


@dataclass(frozen=True)
class DryRun:
    """What a pass would have found and done; of its differences the first 1,000. `stopped` is why it would have asked a person first."""

    figures: Figures
    differences: tuple[Difference, ...]
    stopped: str

    @property
    def sentence(self) -> str:
        return self.stopped or self.figures.sentence()


def dry_run(
    actor: Actor,
    *,
    cause: Cause = Cause.MANUAL,
    warehouse: Warehouse | None = None,
    product: Product | None = None,
    limits: Mapping[str, Any] | None = None,
) -> DryRun:
    """Do what a pass would do, and roll all of it back. Others wait meanwhile for the levels that differ. Raises as `start` does."""
    actor.require("stock.reconcile")
    with transaction.atomic():
        run = ask(
            actor.account,
            cause=cause,
            asked_by=actor.label,
            warehouse=warehouse,
            product=product,
            limits=limits,
            # Not an active one: it stands in nobody's way.
            status=ReconciliationStatus.CANCELLED,
        )
        work = Work(run, None)
        work.figures = Figures(expired=expiry.book(actor.account, work.scope))
        stopped = work.detect()
        if not stopped:
            chunks.correct(work, seconds=float("inf"))
        shown = tuple(map(of_drift, work.drifts.order_by("pk")[:SHOWN]))
        transaction.set_rollback(True)
    return DryRun(work.figures, shown, stopped)
