from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.models import AccountOwned
from inventory.models.product import Product
from inventory.models.purchase import Purchase
from inventory.models.sale import Sale
from inventory.models.unitkind import UnitKind
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class TransferStatus(models.TextChoices):
    BOOKED = "booked", "Booked"
    REVERSED = "reversed", "Reversed"


class Transfer(AccountOwned):
    """Stock moved from one warehouse to another, with its lot, expiry and cost. Reversed, never deleted."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="transfers")
    source = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="transfers_out", verbose_name="from")
    target = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="transfers_in", verbose_name="to")
    unit_kind = models.CharField(max_length=10, choices=UnitKind)
    quantity = QuantityField()
    note = models.CharField(max_length=300, blank=True, default="")
    happened_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=TransferStatus, default=TransferStatus.BOOKED)
    source_key = models.CharField(max_length=200, null=True, blank=True)
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    entered_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    reversed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "source_key"], condition=Q(source_key__isnull=False), name="transfer_source_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0) & Q(unit_kind__in=UnitKind.values), name="transfer_of_something"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="transfer_goes_elsewhere"),
        ]

    def __str__(self) -> str:
        return f"Transfer {self.pk}"


class Arrival(AccountOwned):
    """A piece of what came in by a transfer that an outside system tells of: goods of one batch, or of an unknown one.

    The goods are its purchase's; `sent` is the issue they left with, as far as that is known.
    """

    purchase = models.OneToOneField(Purchase, on_delete=models.PROTECT, related_name="arrival")
    transfer_key = models.CharField(max_length=200, help_text="What the outside system calls the transfer.")
    sent = models.ForeignKey(Sale, on_delete=models.PROTECT, null=True, blank=True, related_name="arrivals")
    arrived_at = models.DateTimeField(help_text="The batch keeps the time at which the goods first came in.")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["account", "transfer_key"], name="arrival_of_transfer")]

    def __str__(self) -> str:
        return f"Arrival by {self.transfer_key}"
