"""Levels proved against their batches, and set right where they differ (docs/reconcile.md)."""

from __future__ import annotations

from inventory.reconcile.correct import reconcile
from inventory.reconcile.detect import Difference
from inventory.reconcile.dry import DryRun, dry_run
from inventory.reconcile.passes import approve, cancel, discard, execute, start
from inventory.reconcile.verify import DriftPage, verify

__all__ = [
    "Difference",
    "DriftPage",
    "DryRun",
    "approve",
    "cancel",
    "discard",
    "dry_run",
    "execute",
    "reconcile",
    "start",
    "verify",
]
