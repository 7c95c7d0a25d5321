from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models import Condition, Item
from marketplaces.models.listing import Listing
from marketplaces.models.shop import Shop


class OrderPhase(models.TextChoices):
    """What an order's status means for stock, whatever word the shop has for it."""

    OPEN = "open", "Open"
    SHIPPED = "shipped", "Shipped"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class Restock(models.TextChoices):
    """What becomes of the goods of a cancelled order: a person's choice."""

    NONE = "none", "Nothing to choose"
    OFFERED = "offered", "To be chosen"
    RESTOCKED = "restocked", "Back in stock"
    DECLINED = "declined", "Not restocked"


class Order(AccountOwned):
    """A sale at a shop, as far as stock is concerned."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders")
    order_id = models.CharField("order", max_length=40)
    status = models.CharField(max_length=40, help_text="The shop's own word.")
    phase = models.CharField(max_length=10, choices=OrderPhase, default=OrderPhase.OPEN)
    buyer = models.CharField(max_length=200, blank=True, default="")
    ordered_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True, help_text="When the shop last changed its status.")
    pieces = models.PositiveIntegerField(default=0)
    lot_count = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="")
    subtotal = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    total = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    read_digest = models.CharField(
        max_length=64, blank=True, default="", editable=False, help_text="Of what the list said when it was read."
    )
    restock = models.CharField(max_length=10, choices=Restock, default=Restock.NONE)
    restock_by = models.CharField(max_length=200, blank=True, default="")
    restock_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True, help_text="When it was first seen shipped.")
    problem = models.CharField(max_length=500, blank=True, default="")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    imported_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-ordered_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "order_id"], name="order_once"),
            models.CheckConstraint(condition=Q(phase__in=OrderPhase.values), name="order_phase_known"),
        ]
        indexes = [
            models.Index(fields=["account", "-ordered_at", "-id"], name="order_by_time"),
            models.Index(fields=["account"], condition=Q(restock="offered"), name="order_restock_offered"),
            models.Index(fields=["correlation"], name="order_correlation"),
        ]

    def __str__(self) -> str:
        return f"Order {self.order_id}"


class LineBooking(models.TextChoices):
    """Where the pieces of a line were taken from."""

    UNMATCHED = "unmatched", "Not matched to an item yet"
    ITEM = "item", "The item's own quantity"
    SALE = "sale", "Sales in the ledger"
    HOLD = "hold", "Held until their own system shows them sold"
    HISTORY = "history", "From before the lot was ours: nothing booked"


class OrderLine(AccountOwned):
    """One line of an order, booked once: so many pieces of one lot."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    key = models.CharField(max_length=120, editable=False, help_text="Which line of the order it is, the same whenever it is read.")
    lot_id = models.CharField("lot", max_length=40, blank=True, default="")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, null=True, blank=True, related_name="order_lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="order_lines")
    part_number = models.CharField(max_length=80, blank=True, default="")
    color_id = models.PositiveIntegerField(null=True, blank=True)
    condition = models.CharField(max_length=4, choices=Condition, blank=True, default="")
    name = models.CharField(max_length=300, blank=True, default="")
    quantity = models.PositiveIntegerField(help_text="Pieces ordered.")
    refunded = models.PositiveIntegerField(default=0)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    booking = models.CharField(max_length=10, choices=LineBooking, default=LineBooking.UNMATCHED)
    booked = models.PositiveIntegerField(default=0, help_text="Pieces of it that are booked now.")
    restocked = models.PositiveIntegerField(default=0)
    shortfall = models.PositiveIntegerField(default=0, help_text="Pieces sold that were not there.")
    told_lowered = models.PositiveIntegerField(default=0, help_text="By how much the listing's told quantity was lowered for it.")
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "key"], name="order_line_once"),
            models.CheckConstraint(condition=Q(booking__in=LineBooking.values), name="order_line_booking_known"),
        ]
        indexes = [
            models.Index(fields=["account"], condition=Q(booking="unmatched"), name="order_line_unmatched"),
            models.Index(fields=["account"], condition=Q(shortfall__gt=0), name="order_line_short"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part_number or self.lot_id}"
