from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.product import Product
from inventory.models.unitkind import UnitKind
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class Hold(AccountOwned):
    """So much of a product is promised in a mirror warehouse, until its own system shows that it went (docs/items.md).

    Kept after its release: the row says why the number was what it was.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="holds", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="holds")
    unit_kind = models.CharField(max_length=10, choices=UnitKind, default=UnitKind.UNITS)
    quantity = QuantityField()
    source_key = models.CharField(max_length=200, help_text="What it is held for; holds once only.")
    reason = models.CharField(max_length=300, blank=True, default="")
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_because = models.CharField(max_length=300, blank=True, default="")
    correlation = models.UUIDField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "source_key"], name="hold_source_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_of_something"),
            models.CheckConstraint(condition=Q(unit_kind__in=UnitKind.values), name="hold_unit_kind"),
        ]
        indexes = [
            models.Index(fields=["product", "warehouse", "unit_kind"], condition=Q(released_at__isnull=True), name="hold_open"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} held"
