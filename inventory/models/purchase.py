from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.batch import Batch
from inventory.models.vendor import Vendor


class PurchaseStatus(models.TextChoices):
    BOOKED = "booked", "Booked"
    VOIDED = "voided", "Voided"


class ReceiptPurpose(models.TextChoices):
    """Why goods came in."""

    PURCHASE = "purchase", "Purchase"
    SALE_RETURN = "sale_return", "Returned by a customer"
    MANUFACTURE = "manufacture", "Made in production"
    FOUND = "found", "Found"
    TRANSFER = "transfer", "Arrived from elsewhere"


class Purchase(AccountOwned):
    """A receipt of goods. What and how much is its batch's; this is where it came from. Voided, never deleted."""

    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, related_name="purchase")
    purpose = models.CharField(max_length=20, choices=ReceiptPurpose, default=ReceiptPurpose.PURCHASE, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="purchases")
    free_goods = models.BooleanField(default=False, help_text="Came without cost.")
    reference = models.CharField(max_length=100, blank=True, default="", help_text="The vendor's invoice or delivery note.")
    note = models.CharField(max_length=300, blank=True, default="")
    status = models.CharField(max_length=10, choices=PurchaseStatus, default=PurchaseStatus.BOOKED)
    source_key = models.CharField(max_length=200, null=True, blank=True, help_text="What an outside system calls it; books it once only.")
    revision = models.PositiveIntegerField(default=0, editable=False, help_text="How often the outside system corrected it.")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    entered_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    voided_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "source_key"], condition=Q(source_key__isnull=False), name="purchase_source_once"),
            models.CheckConstraint(condition=Q(purpose__in=ReceiptPurpose.values), name="purchase_purpose"),
        ]
        indexes = [
            models.Index(fields=["account", "reference"], condition=~Q(reference=""), name="purchase_reference"),
            # What is no purchase is rare among them.
            models.Index(fields=["account", "purpose", "id"], condition=~Q(purpose="purchase"), name="purchase_for_else"),
        ]

    def __str__(self) -> str:
        return f"{RECEIPT_NAMES[ReceiptPurpose(self.purpose)]} {self.pk}"


RECEIPT_NAMES = {
    ReceiptPurpose.PURCHASE: "Purchase",
    ReceiptPurpose.SALE_RETURN: "Customer return",
    ReceiptPurpose.MANUFACTURE: "Production",
    ReceiptPurpose.FOUND: "Goods found",
    ReceiptPurpose.TRANSFER: "Arrival",
}
"""What a document of each purpose is called, before its number."""
