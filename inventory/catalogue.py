"""Products and their other names: the verbs behind admin, API and commands (docs/products.md)."""

from __future__ import annotations

from inventory.linking import link

__all__ = ["link"]
