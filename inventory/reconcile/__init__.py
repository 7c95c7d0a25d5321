"""Levels proved against their batches, and set right where they differ (docs/reconcile.md)."""

from __future__ import annotations

from inventory.reconcile.correct import reconcile
from inventory.reconcile.detect import Difference
from inventory.reconcile.verify import DriftPage, verify

__all__ = ["Difference", "DriftPage", "reconcile", "verify"]
