from __future__ import annotations

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat

from accounts.models import AccountOwned
from inventory.models.load import Load
from inventory.models.product import Product
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class Bucket(models.TextChoices):
    """The dealer system's subinventory a unit stands in."""

    FG = "FG", "FG: finished goods"
    ASIS = "ASIS", "ASIS: sold as is"
    STA = "STA", "STA: staged"


class Unit(AccountOwned):
    """One serialised appliance, or, without a serial, a bulk line: so many pieces of a model in one bucket.

    Columns written by a sync: all but `local_notes` and `product`.
    """

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="units")
    serial = models.CharField(max_length=60, blank=True, default="")
    serial_key = models.CharField(max_length=60, null=True, blank=True, editable=False, help_text="Null on bulk lines.")
    model = models.CharField(max_length=60, blank=True, default="")
    model_key = models.CharField(max_length=60, blank=True, default="", editable=False)
    quantity = QuantityField(default=1)
    bucket = models.CharField(max_length=10, choices=Bucket)
    origin = models.CharField(
        max_length=10, blank=True, default="", help_text="The last bucket other than STA; blank when never seen in one."
    )
    status = models.CharField("availability", max_length=1000, blank=True, default="")
    message = models.CharField("availability message", max_length=1000, blank=True, default="")
    load = models.ForeignKey(Load, on_delete=models.PROTECT, null=True, blank=True, related_name="on_hand")
    order_number = models.CharField(max_length=60, blank=True, default="")
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, blank=True, related_name="units")
    local_notes = models.TextField("our notes", blank=True, default="")
    first_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True, help_text="Since when no list names it.")
    stock_key = models.GeneratedField(
        expression=Case(
            When(serial_key__isnull=True, then=Concat(Value("bulk "), F("bucket"), Value(" "), F("model_key"))),
            default=Concat(Value("unit "), F("serial_key")),
        ),
        output_field=models.CharField(max_length=140),
        db_persist=True,
        help_text="What makes it itself: its serial, or bucket and model.",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "serial_key"], condition=Q(serial_key__isnull=False), name="unit_serial_once"),
            models.UniqueConstraint(
                fields=["warehouse", "bucket", "model_key"], condition=Q(serial_key__isnull=True), name="bulk_line_once"
            ),
            models.CheckConstraint(condition=Q(serial_key__isnull=True) | (~Q(serial_key="") & Q(quantity=1)), name="unit_is_one"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="unit_quantity_not_negative"),
        ]
        indexes = [
            models.Index(fields=["warehouse", "stock_key"], name="unit_stock_key"),
            models.Index(fields=["account", "gone_at", "bucket"], name="unit_bucket"),
            models.Index(fields=["account", "model_key"], name="unit_model"),
        ]

    def __str__(self) -> str:
        return self.serial or f"{self.quantity} × {self.model} in {self.bucket}"
