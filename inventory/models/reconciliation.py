from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.movement import Cause
from inventory.models.product import Product
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField
from jobs.models import Leased


class ReconciliationStatus(models.TextChoices):
    QUEUED = "queued", "Waits for a worker"
    RUNNING = "running", "Running"
    NEEDS_REVIEW = "needs_review", "Needs a review"
    SUCCEEDED = "succeeded", "Done"
    PARTIAL = "partial", "Done in part"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class StoppedBy(models.TextChoices):
    NONE = "none", "Nothing"
    LIMIT = "limit", "A safety limit"
    ERROR = "error", "An error"
    CANCEL = "cancel", "A person"


RECONCILING = (ReconciliationStatus.QUEUED, ReconciliationStatus.RUNNING)


class Reconciliation(AccountOwned, Leased):
    """One pass over the levels: what differed from the batches, and what was set right."""

    cause = models.CharField(max_length=20, choices=Cause)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Only this one.")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Only this one.")
    status = models.CharField(max_length=20, choices=ReconciliationStatus, default=ReconciliationStatus.QUEUED)
    stopped_by = models.CharField(max_length=10, choices=StoppedBy, default=StoppedBy.NONE)
    asked_by = models.CharField(max_length=200)
    approved_by = models.CharField(max_length=200, blank=True, default="")
    limits = models.JSONField(default=dict, blank=True, help_text="The safety limits in force.")
    counters = models.JSONField(
        default=dict, blank=True, help_text="scanned, drifted, corrected, skipped, quarantined, failed, and by class."
    )
    message = models.CharField(max_length=500, blank=True, default="", help_text="The outcome in one sentence.")
    errors = models.JSONField(default=list, blank=True)
    plan_digest = models.CharField(max_length=64, blank=True, default="", help_text="Of the drifts found, so that an approval means these.")
    last_key = models.BigIntegerField(default=0, help_text="The drift row it has got to; a killed pass goes on after it.")
    total = models.PositiveIntegerField(default=0)
    again = models.BooleanField(default=False, help_text="Somebody asked for a pass while this one was at it: another follows.")
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.CharField(max_length=40, blank=True, default="", help_text="Of the program.")
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(status__in=RECONCILING), name="reconciliation_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["account", "status"], name="reconciliation_status")]

    def __str__(self) -> str:
        return f"Reconciliation {self.pk}"


class DriftClass(models.TextChoices):
    """How a level differs from its batches (docs/reconcile.md)."""

    MISMATCH = "MISMATCH", "Counter differs"
    MISSING_ROW = "MISSING_ROW", "No level for stock"
    NO_BATCHES = "NO_BATCHES", "Counter without batches"
    DUPLICATE_ROW = "DUPLICATE_ROW", "Two levels for one product"
    BAD_BATCH = "BAD_BATCH", "A batch contradicts itself"


class DriftOutcome(models.TextChoices):
    FOUND = "found", "Found"
    CORRECTED = "corrected", "Corrected"
    GONE = "gone", "Right again before it was written"
    REPORTED = "reported", "Reported only"
    QUARANTINED = "quarantined", "Quarantined"
    SKIPPED = "skipped", "Skipped: busy"
    FAILED = "failed", "Failed"


class Drift(AccountOwned):
    """One level that differed, as a pass found it."""

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="drifts")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+", db_index=False)
    drift_class = models.CharField("class", max_length=20, choices=DriftClass)
    outcome = models.CharField(max_length=20, choices=DriftOutcome, default=DriftOutcome.FOUND)
    pallets_before = QuantityField(default=0)
    packs_before = QuantityField(default=0)
    units_before = QuantityField(default=0)
    pallets_after = QuantityField(default=0, help_text="What the batches say.")
    packs_after = QuantityField(default=0, help_text="What the batches say.")
    units_after = QuantityField(default=0, help_text="What the batches say.")
    tries = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["reconciliation", "outcome", "id"], name="drift_outcome"),
            models.Index(fields=["product", "warehouse"], name="drift_of_product"),
        ]

    def __str__(self) -> str:
        return f"{self.drift_class}: {self.product}"


class DirtyKey(AccountOwned):
    """A level whose stock has been written since it was last proved."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.CASCADE, related_name="+")
    cause = models.CharField(max_length=20, choices=Cause)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["product", "warehouse"]
        constraints = [models.UniqueConstraint(fields=["product", "warehouse"], name="dirty_key_once")]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.warehouse_id}"
