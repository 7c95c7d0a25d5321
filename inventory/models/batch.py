from __future__ import annotations

from django.db import models
from django.db.models import Case, F, Q, Value, When

from accounts.models import AccountOwned
from inventory.models.product import Product
from inventory.models.unitkind import UnitKind
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class BatchState(models.TextChoices):
    """What can be done with a batch, as far as it is booked."""

    ACTIVE = "ACTIVE", "Active"
    DEPLETED = "DEPLETED", "Depleted"
    EXPIRED = "EXPIRED", "Expired"
    VOID = "VOID", "Void"


class BatchOrigin(models.TextChoices):
    """How a batch came to be."""

    PURCHASE = "purchase", "Purchase"
    OPENING = "opening", "Opening count"
    COUNT = "count", "Gain of a count"
    TRANSFER = "transfer", "Transfer"
    OPENED = "opened", "Opened pallet or pack"
    RETURN = "return", "Return"
    MADE = "made", "Made in production"
    FOUND = "found", "Found"


COUNTED = Q(remaining__gt=0, expiry_booked_at__isnull=True)
"""The batches that make up the counters; the one definition of it."""

BALANCES = Q(
    remaining=F("received") + F("gained") - F("sold") - F("written_off") - F("moved_out") - F("broken") - F("voided"),
    received__gte=0,
    gained__gte=0,
    sold__gte=0,
    written_off__gte=0,
    moved_out__gte=0,
    broken__gte=0,
    voided__gte=0,
    remaining__gte=0,
)
"""The batch equation: what came in is what went out and what is left, and nothing is negative."""


class Batch(AccountOwned):
    """What came in at one time and what has become of it: the truth behind a level in a ledger warehouse.

    Changed by movements only. received + gained = sold + written off + moved out + broken + voided + remaining.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="batches", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="batches", db_index=False)
    unit_kind = models.CharField(max_length=10, choices=UnitKind)
    origin = models.CharField(max_length=10, choices=BatchOrigin, default=BatchOrigin.PURCHASE)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The batch it was transferred or opened from, or that a return came back to.",
    )
    received = QuantityField(default=0)
    gained = QuantityField(default=0, help_text="Found by counts.")
    sold = QuantityField(default=0)
    written_off = QuantityField(default=0)
    moved_out = QuantityField(default=0, help_text="Transferred to another warehouse.")
    broken = QuantityField(default=0, help_text="Opened into packs or units.")
    voided = QuantityField(default=0, help_text="Taken back with the purchase.")
    remaining = QuantityField(default=0)
    unit_cost = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True, help_text="Empty is unknown.")
    lot = models.CharField("lot number", max_length=80, blank=True, default="")
    expires_on = models.DateField(null=True, blank=True, help_text="The day on the package.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="From this instant on it is not sold.")
    undated = models.GeneratedField(
        expression=Case(When(expires_at__isnull=True, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="Without an expiry, and so sold last.",
    )
    expiry_booked_at = models.DateTimeField(null=True, blank=True, help_text="When what remained left the counters because it expired.")
    warned_days = models.PositiveSmallIntegerField(
        null=True, blank=True, editable=False, help_text="The last expiry threshold that was told."
    )
    received_at = models.DateTimeField(help_text="When it came in; of two with the same expiry the earlier is sold first.")
    packs_per_pallet = QuantityField(null=True, blank=True, help_text="As the product had it at receipt.")
    units_per_pack = QuantityField(null=True, blank=True, help_text="As the product had it at receipt.")
    voided_at = models.DateTimeField(null=True, blank=True)
    state = models.GeneratedField(
        expression=Case(
            When(voided_at__isnull=False, then=Value("VOID")),
            When(remaining=0, then=Value("DEPLETED")),
            When(expiry_booked_at__isnull=False, then=Value("EXPIRED")),
            default=Value("ACTIVE"),
        ),
        output_field=models.CharField(max_length=10, choices=BatchState),
        db_persist=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(condition=BALANCES, name="batch_balances"),
            models.CheckConstraint(condition=Q(unit_kind__in=UnitKind.values), name="batch_unit_kind"),
            models.CheckConstraint(condition=Q(voided_at__isnull=True) | Q(remaining=0), name="void_batch_is_empty"),
            models.CheckConstraint(condition=Q(unit_cost__isnull=True) | Q(unit_cost__gte=0), name="batch_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(expiry_booked_at__isnull=True) | Q(expires_at__isnull=False), name="batch_expired_has_expiry"
            ),
        ]
        indexes = [
            # What is left of a key, summed without reading the table.
            models.Index(fields=["product", "warehouse", "unit_kind", "remaining"], condition=COUNTED, name="batch_counted"),
            # First expired, first out, as far as the need goes.
            models.Index(
                fields=["product", "warehouse", "unit_kind", "undated", "expires_at", "received_at", "id"],
                condition=COUNTED,
                name="batch_fefo",
            ),
            models.Index(fields=["expires_at"], condition=COUNTED & Q(expires_at__isnull=False), name="batch_expiring"),
            # What has expired and lies there still.
            models.Index(fields=["account"], condition=Q(remaining__gt=0, expiry_booked_at__isnull=False), name="batch_expired"),
            # Empty unless somebody has got round the constraints.
            models.Index(fields=["product", "warehouse"], condition=~BALANCES, name="batch_broken"),
            models.Index(fields=["product", "warehouse", "id"], name="batch_of_product"),
            models.Index(fields=["account", "lot"], condition=~Q(lot=""), name="batch_lot"),
        ]

    def __str__(self) -> str:
        return f"Batch {self.pk}" + (f", lot {self.lot}" if self.lot else "")
