from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.batch import Batch
from inventory.models.product import Product
from inventory.models.unitkind import UnitKind
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class WriteOffReason(models.TextChoices):
    DAMAGED = "damaged", "Damaged"
    LOST = "lost", "Lost or stolen"
    EXPIRED = "expired", "Expired, disposed of"
    USED = "used", "Used or given away"
    OTHER = "other", "Other"


class WriteOffStatus(models.TextChoices):
    BOOKED = "booked", "Booked"
    REVERSED = "reversed", "Reversed"


class WriteOff(AccountOwned):
    """Stock that is gone without a sale, and why. Reversed, never deleted. Which batches it was is in its movements."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="write_offs")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="write_offs")
    unit_kind = models.CharField(max_length=10, choices=UnitKind)
    quantity = QuantityField()
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="write_offs", help_text="Where one was named."
    )
    reason = models.CharField(max_length=10, choices=WriteOffReason)
    note = models.CharField(max_length=300, help_text="What happened.")
    cost = models.DecimalField(max_digits=32, decimal_places=4, default=0, help_text="Of the batches really taken.")
    happened_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=WriteOffStatus, default=WriteOffStatus.BOOKED)
    source_key = models.CharField(max_length=200, null=True, blank=True)
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    entered_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    reversed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "write-off"
        constraints = [
            models.UniqueConstraint(fields=["account", "source_key"], condition=Q(source_key__isnull=False), name="write_off_source_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0) & Q(unit_kind__in=UnitKind.values), name="write_off_of_something"),
            models.CheckConstraint(condition=~Q(note=""), name="write_off_says_why"),
        ]

    def __str__(self) -> str:
        return f"Write-off {self.pk}"
