from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.batch import Batch
from inventory.models.product import Product
from inventory.models.sale import Sale
from inventory.models.unitkind import UnitKind
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class CustomerReturn(AccountOwned):
    """Goods that came back from a customer: to the batches of a known sale, or, without one, into a batch of their own."""

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, null=True, blank=True, related_name="returns")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="returns")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="returns")
    unit_kind = models.CharField(max_length=10, choices=UnitKind)
    quantity = QuantityField()
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="returns", help_text="The batch that was named or made for it."
    )
    note = models.CharField(max_length=300, blank=True, default="")
    happened_at = models.DateTimeField()
    source_key = models.CharField(max_length=200, null=True, blank=True)
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    entered_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "return"
        constraints = [
            models.UniqueConstraint(fields=["account", "source_key"], condition=Q(source_key__isnull=False), name="return_source_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0) & Q(unit_kind__in=UnitKind.values), name="return_of_something"),
        ]

    def __str__(self) -> str:
        return f"Return {self.pk}"
