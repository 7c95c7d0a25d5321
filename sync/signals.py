"""What syncing tells those above it."""

from __future__ import annotations

from django.dispatch import Signal

run_closed = Signal()
"""Sent in the transaction that ends a run, or puts its plan before a person: `run` (the row as it was claimed), `account_id`, `status`."""
