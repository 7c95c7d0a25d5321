from __future__ import annotations

import uuid

from django.db import models

from accounts.models import AccountOwned
from inventory.models.product import Product
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class Demand(AccountOwned):
    """What left a mirror warehouse for customers on one day, as its outside system tells it: one line of a shipment.

    A ledger warehouse needs none: its sales are its demand. Corrections are negative; lines of one day are added with their sign.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="demand", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.CASCADE, related_name="demand")
    day = models.DateField(help_text="When the goods left, in the outside system's own calendar.")
    quantity = QuantityField()
    source = models.CharField(max_length=60, help_text="Who says so: a system and the number of its connection.")
    document = models.CharField(max_length=300, help_text="The shipment it is a line of: its lines are replaced together.")
    line = models.PositiveIntegerField(help_text="Which line of it, from 0.")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        ordering = ["-day", "id"]
        verbose_name_plural = "demand"
        constraints = [models.UniqueConstraint(fields=["account", "source", "document", "line"], name="demand_once")]
        indexes = [
            models.Index(fields=["product", "warehouse", "day"], name="demand_history"),
            models.Index(fields=["account", "day"], name="demand_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} on {self.day}"
