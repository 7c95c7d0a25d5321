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


class CountStatus(models.TextChoices):
    PENDING = "pending", "Waits for approval"
    APPROVED = "approved", "Approved"
    ADJUSTED = "adjusted", "Approved in part"
    REJECTED = "rejected", "Rejected"


class Count(AccountOwned):
    """What somebody counted in a warehouse. Approved, each line's difference is booked: never the counted number itself."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="counts")
    opening = models.BooleanField(default=False, help_text="The first count of a warehouse: what it starts with.")
    status = models.CharField(max_length=10, choices=CountStatus, default=CountStatus.PENDING)
    note = models.CharField(max_length=300, blank=True, default="")
    value = models.DecimalField(
        max_digits=32, decimal_places=4, null=True, blank=True, help_text="Of the differences, at cost, as far as known."
    )
    counted_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    decided_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    source_key = models.CharField(max_length=200, null=True, blank=True)
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "source_key"], condition=Q(source_key__isnull=False), name="count_source_once"),
        ]
        indexes = [models.Index(fields=["account", "status"], name="count_status")]

    def __str__(self) -> str:
        return f"Count {self.pk}"


class CountLine(AccountOwned):
    """One product and unit kind of a count."""

    count = models.ForeignKey(Count, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    unit_kind = models.CharField(max_length=10, choices=UnitKind)
    counted = QuantityField()
    system = QuantityField(help_text="What was known when the line was entered.")
    booked = QuantityField(null=True, blank=True, help_text="The difference that approval booked.")
    value = models.DecimalField(
        max_digits=32, decimal_places=4, null=True, blank=True, help_text="Of the difference, at cost, as far as known."
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where the difference is known to be in one batch.",
    )
    lot = models.CharField("lot number", max_length=80, blank=True, default="")
    expires_on = models.DateField(null=True, blank=True)
    unit_cost = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(counted__gte=0) & Q(unit_kind__in=UnitKind.values), name="count_line_counts"),
            # Lots apart: one product may be counted lot by lot, or batch by batch.
            models.UniqueConstraint(
                fields=["count", "product", "unit_kind", "lot"],
                condition=Q(expires_on__isnull=True, batch__isnull=True),
                name="count_line_once_undated",
            ),
            models.UniqueConstraint(
                fields=["count", "product", "unit_kind", "lot", "expires_on"],
                condition=Q(expires_on__isnull=False, batch__isnull=True),
                name="count_line_once",
            ),
            models.UniqueConstraint(fields=["count", "batch"], condition=Q(batch__isnull=False), name="count_line_once_per_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.counted} {self.unit_kind} of {self.product}"
