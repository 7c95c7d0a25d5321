"""Passes and differences as programs read them."""

from __future__ import annotations

from typing import Any

from inventory.ledger.counters import Counters
from inventory.models import Drift, DriftClass, DriftOutcome, Reconciliation, UnitKind
from inventory.quantity import plain
from inventory.reconcile.detect import Difference


def difference(each: Difference) -> dict[str, Any]:
    """One level: before, after and the difference of each unit kind, quantities as text."""
    return {
        "product": each.product_id,
        "warehouse": each.warehouse_id,
        "class": each.drift_class.value,
        "outcome": each.outcome.value,
        "before": _plain(each.before),
        "after": _plain(each.after),
        "difference": _plain(each.change),
    }


def of_drift(drift: Drift) -> Difference:
    """A stored drift as the difference it was found as, or corrected by."""
    before = Counters(drift.pallets_before, drift.packs_before, drift.units_before)
    after = Counters(drift.pallets_after, drift.packs_after, drift.units_after)
    return Difference(drift.product_id, drift.warehouse_id, DriftClass(drift.drift_class), before, after, None, DriftOutcome(drift.outcome))


def summary(run: Reconciliation) -> dict[str, Any]:
    """A pass, without what it found: that may be much."""
    ended = run.finished_at
    return {
        "id": run.pk,
        "cause": run.cause,
        "status": run.status,
        "stopped_by": run.stopped_by,
        "message": run.message,
        "started_at": run.started_at,
        "finished_at": ended,
        "seconds": (ended - run.started_at).total_seconds() if ended and run.started_at else None,
        "limits": run.limits,
        "counters": run.counters,
        "errors": run.errors,
        "correlation": run.correlation,
        "version": run.version,
    }


def _plain(counters: Counters) -> dict[str, str]:
    return {kind: str(plain(counters.of(kind))) for kind in UnitKind.values}
