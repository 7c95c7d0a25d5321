from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.product import Product
from inventory.models.purchase import Purchase
from inventory.models.unitkind import UnitKind
from inventory.models.vendor import Vendor
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class OrderState(models.TextChoices):
    """Where a purchase order is. Only a draft may be edited; closed ones are history (docs/purchase-orders.md)."""

    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    SENT = "sent", "Sent to the vendor"
    PARTLY = "partly", "Partly received"
    RECEIVED = "received", "Received"
    CANCELLED = "cancelled", "Cancelled"


OPEN_ORDERS = (OrderState.APPROVED, OrderState.SENT, OrderState.PARTLY)
"""What is still to come from these counts as on order."""


class PurchaseOrder(AccountOwned):
    """What is to be bought of one vendor for one warehouse."""

    number = models.CharField(max_length=40, help_text="Our own, on every paper; the outside system knows the order by it as reference.")
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="purchase_orders")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="purchase_orders")
    state = models.CharField(max_length=10, choices=OrderState, default=OrderState.DRAFT)
    expected_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="", help_text="Printed on the order.")
    upstream = models.CharField(
        max_length=300, blank=True, default="", help_text="What the warehouse's outside system calls it, once it was seen there."
    )
    upstream_at = models.DateTimeField(null=True, blank=True, help_text="Since when the outside system counts it as on order itself.")
    version = models.PositiveIntegerField(default=1, help_text="Grows with every change: two people can't overwrite each other.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_label = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.CharField(max_length=200, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_to = models.CharField(max_length=254, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=300, blank=True, default="")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="purchase_order_number_once"),
            models.UniqueConstraint(fields=["vendor", "warehouse"], condition=Q(state="draft"), name="one_draft_per_vendor_and_warehouse"),
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="purchase_order_state"),
        ]
        indexes = [
            models.Index(fields=["account", "state"], name="purchase_order_by_state"),
            models.Index(fields=["account", "upstream"], condition=~Q(upstream=""), name="purchase_order_upstream"),
        ]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLine(AccountOwned):
    """One product of a purchase order. `basis` is what the quantity was argued with when it was suggested."""

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_lines")
    unit_kind = models.CharField(max_length=10, choices=UnitKind, default=UnitKind.UNITS)
    quantity = QuantityField()
    received = QuantityField(default=0)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    vendor_code = models.CharField(max_length=80, blank=True, default="", help_text="The vendor's own number of the product.")
    basis = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "product", "unit_kind"], name="ordered_once_per_order"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="ordered_quantity_positive"),
            models.CheckConstraint(condition=Q(received__gte=0), name="received_not_negative"),
            models.CheckConstraint(condition=Q(unit_price__isnull=True) | Q(unit_price__gte=0), name="order_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}"

    @property
    def outstanding(self) -> Decimal:
        """What is still to come; never negative."""
        outstanding: Decimal = max(self.quantity - self.received, Decimal(0))
        return outstanding


class OrderReceipt(AccountOwned):
    """Goods that came on an order: booked here (then `purchase` is the receipt), or told by the warehouse's outside system."""

    line = models.ForeignKey(PurchaseOrderLine, on_delete=models.CASCADE, related_name="receipts")
    purchase = models.OneToOneField(Purchase, on_delete=models.PROTECT, null=True, blank=True, related_name="order_receipt")
    quantity = QuantityField(help_text="May be negative: a correction of the outside system.")
    source_key = models.CharField(max_length=320, null=True, blank=True, help_text="The line of the outside system's shipment.")
    received_on = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "source_key"], condition=Q(source_key__isnull=False), name="order_receipt_source_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} on {self.received_on}"
