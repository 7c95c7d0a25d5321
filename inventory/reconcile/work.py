"""A pass being worked on: whether it may go on, and what is kept of it (docs/reconcile.md)."""

from __future__ import annotations

import hashlib
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Abs

from accounts.acting import Actor
from accounts.roles import Role
from inventory.ledger.counters import ZERO
from inventory.models import Drift, DriftClass, DriftOutcome, Reconciliation, ReconciliationStatus, UnitKind
from inventory.quantity import QuantityField
from inventory.reconcile.detect import FIGURES, keep, stored
from inventory.reconcile.figures import Figures
from inventory.reconcile.limits import Limits
from inventory.reconcile.scope import Scope, scope_of
from jobs.lease import Hold


class LeaseLost(Exception):
    """Another worker has taken the pass over: this one writes nothing more."""


class Cancelled(Exception):
    """Somebody cancelled the pass."""


class Work:
    """The pass as its worker sees it. Without a lease to `hold`, as for a dry run, the pass is nobody else's anyway."""

    def __init__(self, run: Reconciliation, held: Hold | None) -> None:
        self.run, self._held = run, held
        self.scope: Scope = scope_of(run.account, product=run.product, warehouse=run.warehouse)
        self.figures = Figures.from_json(run.counters)
        self.actor = Actor(run.account, None, Role.OWNER, run.asked_by)

    @property
    def drifts(self) -> QuerySet[Drift]:
        return Drift.objects.filter(reconciliation=self.run)

    def own(self, **values: Any) -> None:
        """The first statement of each transaction that writes: the pass is this worker's still, and nobody takes it before the commit.

        Raises LeaseLost and Cancelled.
        """
        if self._held is not None and self._held.lost:
            raise LeaseLost
        mine = Reconciliation.objects.filter(pk=self.run.pk)
        if self._held is not None:
            mine = mine.filter(fence=self._held.fence, status=ReconciliationStatus.RUNNING)
        if not mine.filter(cancel_requested_at__isnull=True).update(**(values or {"fence": F("fence")})):
            if mine.exists():
                raise Cancelled
            raise LeaseLost

    def detect(self) -> str:
        """Store what differs now, in place of what was found before, with its figures; why a person has to look first, or blank.

        In the caller's transaction, so that a pass that is taken over finds all of it or nothing.
        """
        self.own()
        self.drifts.delete()
        keep(self.scope, self.run.pk)
        by_class = dict(self.drifts.order_by().values_list("drift_class").annotate(Count("pk")))
        ends = dict(self.drifts.exclude(outcome=DriftOutcome.FOUND).order_by().values_list("outcome").annotate(Count("pk")))
        levels = stored(self.scope).levels
        found = Figures(
            scanned=levels + by_class.get(DriftClass.MISSING_ROW, 0),
            drifted=sum(by_class.values()),
            expired=self.figures.expired,
            classes={DriftClass(name).value: number for name, number in by_class.items()},
        )
        for outcome, number in ends.items():
            found = found.ended(DriftOutcome(outcome), number)
        total = found.drifted - sum(ends.values())
        self.figures = found
        self.own(counters=found.as_json(), total=total, last_key=0)
        return self._too_much(total)

    def _too_much(self, total: int) -> str:
        if self.run.approved_by:
            if self.plan() == self.run.plan_digest:
                return ""
            return "What was approved is not what would be written now: the stock has changed since. Look at the plan again."
        if not total:
            return ""
        # A quarantine changes no counter.
        writable = self.drifts.filter(outcome=DriftOutcome.FOUND).exclude(drift_class=DriftClass.BAD_BATCH)
        moved = reduce(add, (Abs(F(f"{kind}_after") - F(f"{kind}_before")) for kind in UnitKind.values))
        sums = writable.order_by().aggregate(rows=Count("pk"), quantity=Sum(moved, output_field=QuantityField()))
        everything = stored(scope_of(self.run.account))
        return Limits.from_json(self.run.limits).exceeded(
            rows=sums["rows"],
            of_rows=max(everything.levels, self.figures.scanned),
            quantity=sums["quantity"] or ZERO,
            of_quantity=everything.quantity,
        )

    def plan(self) -> str:
        """A digest of what the pass would write, so that an approval means this and nothing else."""
        summed = hashlib.sha256()
        rows = self.drifts.filter(outcome=DriftOutcome.FOUND).order_by("product_id", "warehouse_id", "pk")
        for row in rows.values_list("product_id", "warehouse_id", "drift_class", *FIGURES.split(", ")).iterator(chunk_size=2000):
            summed.update(repr([str(value) for value in row]).encode())
        return summed.hexdigest()
