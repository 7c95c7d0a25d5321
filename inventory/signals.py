"""What inventory tells those above it. Bulk writes send no model signals, so each applied chunk is told here."""

from __future__ import annotations

from django.dispatch import Signal

units_changed = Signal()
"""Sent in the transaction that changed units: `account_id`, `unit_ids` (a list), `cause` (a word or two), `correlation`."""

levels_changed = Signal()
"""Sent in the transaction that changed levels, with `account_id`, `keys` (pairs of product and warehouse ids), `cause`, `correlation`."""

items_changed = Signal()
"""Sent in the transaction that changed items: `account_id`, `item_ids` (a list), `cause`, `correlation`. A plain save of an item sends
Django's own signal instead."""

sale_changing = Signal()
"""Sent before a sale is changed or cancelled, with its level locked: `sale`, `actor`, `cancels` (whether all of it goes).

A receiver refuses by raising a Problem, for rules of the business such as money that is still owed.
"""

batches_expiring = Signal()
"""Sent once for each batch and threshold, in the transaction that notes it: `account_id`, `days` (the threshold), `batch_ids`."""

drift_found_often = Signal()
"""Sent when a level was corrected too often within a few days: `account_id`, `product_id`, `warehouse_id`, `times`, `causes`."""

reconciliation_stopped = Signal()
"""Sent when a pass stopped at a safety limit and waits for a person: `account_id`, `reconciliation_id`."""

levels_quarantined = Signal()
"""Sent in the transaction that quarantines levels: `account_id`, `keys` (pairs of product and warehouse ids), `reason`."""

purchase_changed = Signal()
"""Sent in the transaction that corrected or took back a purchase, its level locked and written: `purchase` (with its batch), `actor`."""

orders_changed = Signal()
"""Sent in the transaction that changed what is on its way: `account_id`, `product_ids` (a list), `correlation`."""

supply_changed = Signal()
"""Sent in the transaction in which products came to stand otherwise: `account_id`, `product_ids` (a list; some of them may have no supply
any more), `correlation`."""
