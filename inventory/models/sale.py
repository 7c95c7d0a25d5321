from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.models import AccountOwned
from inventory.models.batch import Batch
from inventory.models.product import Product
from inventory.models.unitkind import UnitKind
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class SaleStatus(models.TextChoices):
    BOOKED = "booked", "Booked"
    CANCELLED = "cancelled", "Cancelled"


class IssuePurpose(models.TextChoices):
    """What goods went out for."""

    SALE = "sale", "Sale"
    VENDOR_RETURN = "vendor_return", "Returned to the vendor"
    CONSUMPTION = "consumption", "Used in production"
    WASTAGE = "wastage", "Wastage"
    TRANSFER = "transfer", "Sent elsewhere"


class Sale(AccountOwned):
    """So much of one product that went out: sold, or issued for another purpose. Cancelled, never deleted.

    Booked: quantity = what its allocations still hold + returned + shortfall. Cancelled: they hold nothing and nothing is short.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="sales", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="sales", db_index=False)
    purpose = models.CharField(max_length=20, choices=IssuePurpose, default=IssuePurpose.SALE, editable=False)
    unit_kind = models.CharField(max_length=10, choices=UnitKind)
    quantity = QuantityField()
    returned = QuantityField(default=0, help_text="Came back from the customer.")
    shortfall = QuantityField(default=0, help_text="Sold elsewhere before it was known here; the next receipt settles it.")
    price = models.DecimalField("unit price", max_digits=14, decimal_places=4, null=True, blank=True)
    cost = models.DecimalField("cost of goods", max_digits=32, decimal_places=4, default=0, help_text="Of the batches really taken.")
    sold_at = models.DateTimeField()
    reference = models.CharField(max_length=100, blank=True, default="", help_text="The bill or order.")
    note = models.CharField(max_length=300, blank=True, default="")
    status = models.CharField(max_length=10, choices=SaleStatus, default=SaleStatus.BOOKED)
    source_key = models.CharField(max_length=200, null=True, blank=True, help_text="What an outside system calls it; books it once only.")
    revision = models.PositiveIntegerField(default=0, editable=False, help_text="How often the outside system corrected it.")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    entered_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "source_key"], condition=Q(source_key__isnull=False), name="sale_source_once"),
            models.CheckConstraint(condition=Q(unit_kind__in=UnitKind.values), name="sale_unit_kind"),
            models.CheckConstraint(condition=Q(purpose__in=IssuePurpose.values), name="sale_purpose"),
            models.CheckConstraint(condition=Q(quantity__gt=0, returned__gte=0, shortfall__gte=0), name="sale_of_something"),
            models.CheckConstraint(condition=Q(quantity__gte=F("returned") + F("shortfall")), name="sale_not_more_than_all"),
            models.CheckConstraint(condition=Q(status="booked") | Q(shortfall=0), name="cancelled_sale_is_not_short"),
        ]
        indexes = [
            models.Index(fields=["product", "warehouse", "id"], name="sale_of_product"),
            models.Index(fields=["account", "sold_at"], name="sale_by_time"),
            models.Index(fields=["product", "warehouse", "unit_kind", "sold_at", "id"], condition=Q(shortfall__gt=0), name="sale_short"),
            models.Index(fields=["account", "reference"], condition=~Q(reference=""), name="sale_reference"),
            # What is no sale is rare among them.
            models.Index(fields=["account", "purpose", "id"], condition=~Q(purpose="sale"), name="sale_for_else"),
        ]

    def __str__(self) -> str:
        return f"{ISSUE_NAMES[IssuePurpose(self.purpose)]} {self.pk}"


ISSUE_NAMES = {
    IssuePurpose.SALE: "Sale",
    IssuePurpose.VENDOR_RETURN: "Vendor return",
    IssuePurpose.CONSUMPTION: "Consumption",
    IssuePurpose.WASTAGE: "Wastage",
    IssuePurpose.TRANSFER: "Goods sent",
}
"""What a document of each purpose is called, before its number."""


class Allocation(AccountOwned):
    """How much of a sale came out of one batch, and how much of that has gone back to it."""

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="allocations")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="allocations")
    quantity = QuantityField()
    released = QuantityField(default=0)
    unit_cost = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True, help_text="The batch's at that time.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, released__gte=0, released__lte=F("quantity")), name="allocation_of_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of batch {self.batch_id}"
