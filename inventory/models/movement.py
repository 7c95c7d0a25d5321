from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.batch import Batch
from inventory.models.product import Product
from inventory.models.unitkind import UnitKind
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class MovementKind(models.TextChoices):
    """What happened to stock. Each kind changes one column of its batch (docs/ledger.md)."""

    RECEIPT = "receipt", "Receipt"
    RECEIPT_EDIT = "receipt_edit", "Receipt corrected"
    RECEIPT_VOID = "receipt_void", "Receipt voided"
    SALE = "sale", "Sale"
    SALE_REVERSAL = "sale_reversal", "Sale reversed"
    VENDOR_RETURN = "vendor_return", "Returned to the vendor"
    CONSUMPTION = "consumption", "Used in production"
    WASTAGE = "wastage", "Wastage"
    SENT = "sent", "Sent elsewhere"
    ISSUE_REVERSAL = "issue_reversal", "Issue reversed"
    RETURN = "return", "Return"
    SALE_RETURN = "sale_return", "Returned by a customer"
    MANUFACTURE = "manufacture", "Made in production"
    FOUND = "found", "Found"
    ARRIVED = "arrived", "Arrived from elsewhere"
    WRITE_OFF = "write_off", "Write-off"
    COUNT_GAIN = "count_gain", "Gain of a count"
    COUNT_LOSS = "count_loss", "Loss of a count"
    TRANSFER_OUT = "transfer_out", "Transfer out"
    TRANSFER_IN = "transfer_in", "Transfer in"
    UNIT_BREAK = "unit_break", "Pallet or pack opened"
    EXPIRY = "expiry", "Expired"
    EXPIRY_LIFTED = "expiry_lifted", "Expiry moved to later"
    SNAPSHOT = "snapshot", "Outside system's count"
    CORRECTION = "correction", "Counter corrected"


class Cause(models.TextChoices):
    """Why stock was written: the closed list. Sync, hook or schedule by its own name (docs/ledger.md)."""

    SALE_CREATION = "sale_creation", "Sale entered"
    SALE_EDIT = "sale_edit", "Sale changed"
    SALE_DELETION = "sale_deletion", "Sale cancelled"
    PURCHASE_CREATION = "purchase_creation", "Purchase entered"
    PURCHASE_EDIT = "purchase_edit", "Purchase changed"
    PURCHASE_DELETION = "purchase_deletion", "Purchase voided"
    CUSTOMER_RETURN = "customer_return", "Return"
    STOCK_COUNT = "stock_count", "Count approved"
    OPENING = "opening", "Opening count"
    WRITE_OFF = "write_off", "Write-off"
    TRANSFER = "transfer", "Transfer"
    UNIT_BREAK = "unit_break", "Pallet or pack opened"
    BATCH_EXPIRY = "batch_expiry", "Batch expired"
    SOURCE_SYNC = "source_sync", "Sync of an outside system"
    MARKETPLACE_ORDER = "marketplace_order", "Marketplace order"
    SCHEDULED_CRON = "scheduled_cron", "Five-minute pass"
    SCHEDULED_MINUTE = "scheduled_minute", "Minute pass"
    SCHEDULED = "scheduled", "Nightly check"
    MANUAL = "manual", "Reconcile by hand"
    ADMIN_ACTION = "admin_action", "Admin"
    API = "api", "API"
    SELFTEST = "selftest", "Self-test"
    REBUILD = "rebuild", "Rebuilt from movements"


class Movement(AccountOwned):
    """One line of the ledger. Rows are added and never changed: the database itself refuses it (docs/audit.md).

    The sum of `batch_delta` over a batch is what remains of it, the sum of `level_delta` over a product, warehouse and unit kind is the
    counter. A `correction` moves nothing: it marks that a counter was found wrong, by `drift`, and set right.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="movements", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="movements", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="movements", db_index=False)
    unit_kind = models.CharField(max_length=10, choices=UnitKind)
    kind = models.CharField(max_length=20, choices=MovementKind)
    batch_delta = QuantityField(default=0)
    level_delta = QuantityField(default=0)
    level_after = QuantityField(help_text="The counter once this was booked.")
    drift = QuantityField(default=0, help_text="Of a correction: the counter after it less the one that was found.")
    cause = models.CharField(max_length=20, choices=Cause)
    found_on_write = models.BooleanField(default=False, help_text="A correction made by something that came to book something else.")
    reason = models.CharField(max_length=300, blank=True, default="")
    document_id = models.BigIntegerField(
        null=True, blank=True, help_text="The purchase, sale, write-off, transfer, return or count line it belongs to, by kind."
    )
    source_key = models.CharField(
        max_length=220, blank=True, default="", help_text="What an outside system calls the fact, with its revision."
    )
    happened_at = models.DateTimeField(help_text="When it happened, as far as is known.")
    booked_at = models.DateTimeField(help_text="When it was written here, by the database's clock.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    actor_label = models.CharField(max_length=200)
    correlation = models.UUIDField(help_text="Joins everything that comes from one fact.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(unit_kind__in=UnitKind.values), name="movement_unit_kind"),
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="movement_kind"),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="movement_cause"),
            models.CheckConstraint(condition=Q(kind="correction") | Q(drift=0), name="movement_drift_of_correction"),
            models.CheckConstraint(condition=~Q(kind="correction") | Q(batch_delta=0, level_delta=0), name="correction_moves_nothing"),
            models.CheckConstraint(condition=Q(batch__isnull=False) | Q(batch_delta=0), name="movement_of_batch_names_it"),
        ]
        indexes = [
            models.Index(fields=["product", "warehouse", "unit_kind", "id"], name="movement_history"),
            models.Index(fields=["batch", "id"], condition=Q(batch__isnull=False), name="movement_batch"),
            models.Index(fields=["account", "booked_at"], name="movement_by_time"),
            models.Index(fields=["document_id"], condition=Q(document_id__isnull=False), name="movement_document"),
            models.Index(fields=["correlation"], name="movement_correlation"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.level_delta:+}"
