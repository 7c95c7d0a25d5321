"""What inventory tells those above it. Bulk writes send no model signals, so each applied chunk is told here."""

from __future__ import annotations

from django.dispatch import Signal

units_changed = Signal()
"""Sent in the transaction that changed units, with `account_id`, `unit_ids` (a list) and `cause` (a word or two)."""
