"""Rows of marketplaces in the audit log lead to their pages."""

from __future__ import annotations

from accounts.admin.auditwords import PAGES
from inventory.models import Item
from marketplaces.models import ColorMapping, Listing, Order, PartMapping, Shop, Verification

PAGES.update({Item.__name__: "inventory_item_change"})
PAGES.update(
    {
        model.__name__: f"marketplaces_{model._meta.model_name}_change"
        for model in (ColorMapping, Listing, Order, PartMapping, Shop, Verification)
    }
)
