from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.product import Product
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class Level(AccountOwned):
    """How much of a product a warehouse has, by unit kind.

    In a ledger warehouse the counters are a cache of the batches that count, which reconcile proves; in a mirror they are what the outside
    system last said. `reserved` is promised to somebody and not for sale.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="levels", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="levels")
    ledger = models.BooleanField(editable=False, help_text="Whether the warehouse keeps a ledger, so that counters can't be negative.")
    pallets = QuantityField(default=0)
    packs = QuantityField(default=0)
    units = QuantityField(default=0)
    reserved_pallets = QuantityField(default=0)
    reserved_packs = QuantityField(default=0)
    reserved_units = QuantityField(default=0)
    on_order_units = QuantityField(default=0, help_text="Of a mirror: what its outside system says is on its way.")
    reorder_point = QuantityField(null=True, blank=True, help_text="At or below it, order more. Empty is unknown.")
    reorder_quantity = QuantityField(null=True, blank=True, help_text="How much to order then. Empty is unknown.")
    reorder_pinned = models.BooleanField(
        default=False, editable=False, help_text="Point and quantity were set here by a person: no outside system overwrites them."
    )
    quarantined_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when its batches contradict themselves; nothing corrects it until it is rebuilt."
    )
    quarantine_reason = models.CharField(max_length=300, blank=True, default="")
    changed_at = models.DateTimeField(help_text="When a counter last changed.")

    class Meta:
        ordering = ["product", "warehouse"]
        constraints = [
            models.UniqueConstraint(fields=["product", "warehouse"], name="level_once"),
            models.CheckConstraint(
                condition=Q(ledger=False) | Q(pallets__gte=0, packs__gte=0, units__gte=0), name="ledger_level_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(reserved_pallets__gte=0, reserved_packs__gte=0, reserved_units__gte=0), name="level_reserved_not_negative"
            ),
            models.CheckConstraint(
                condition=(Q(reorder_point__isnull=True) | Q(reorder_point__gte=0))
                & (Q(reorder_quantity__isnull=True) | Q(reorder_quantity__gt=0)),
                name="level_reorder_is_sensible",
            ),
        ]
        indexes = [
            models.Index(fields=["account"], condition=Q(quarantined_at__isnull=False), name="level_quarantined"),
            models.Index(fields=["account", "changed_at"], name="level_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.product} in {self.warehouse}"
