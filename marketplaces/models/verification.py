from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models import Item
from jobs.models import Leased
from marketplaces.models.listing import Listing
from marketplaces.models.shop import Shop


class VerificationStatus(models.TextChoices):
    QUEUED = "queued", "Waits for a worker"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"


class Verification(AccountOwned, Leased):
    """One comparison of a shop's whole list of lots with what we know: it writes differences and changes nothing else."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="verifications")
    status = models.CharField(max_length=10, choices=VerificationStatus, default=VerificationStatus.QUEUED)
    asked_by = models.CharField(max_length=200)
    counters = models.JSONField(default=dict, blank=True, help_text="lots, agreeing, and differences by kind.")
    message = models.CharField(max_length=500, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    code = models.CharField(max_length=40, blank=True, default="")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When the shop was asked for its list.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["shop"], condition=Q(status__in=["queued", "running"]), name="verification_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"Verify {self.pk}"


class DifferenceKind(models.TextChoices):
    DIFFERS = "differs", "The shop has something else"
    MISSING = "missing", "The shop has no such lot"
    UNKNOWN_LOT = "unknown_lot", "We have no such lot"
    DUPLICATE = "duplicate", "Two lots of one item"


class Decision(models.TextChoices):
    OPEN = "open", "To be decided"
    REPAIRED = "repaired", "The shop was told again"
    TAKEN = "taken", "The shop's values were taken"
    ADOPTED = "adopted", "Adopted"
    REMOVED = "removed", "Removed at the shop"
    IGNORED = "ignored", "Left as it is"
    GONE = "gone", "Not found any more"


class Difference(AccountOwned):
    """One thing in which a shop and we disagree, and what was decided about it."""

    verification = models.ForeignKey(Verification, on_delete=models.CASCADE, related_name="differences")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=20, choices=DifferenceKind)
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, null=True, blank=True, related_name="differences")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="The one it could be.")
    candidates = models.JSONField(default=list, blank=True, help_text="Ids of items that it could be, where there are several.")
    lot_id = models.CharField("lot", max_length=40, blank=True, default="")
    label = models.CharField(max_length=300, blank=True, default="")
    fields = models.JSONField(default=dict, blank=True, help_text="Of each field: ours and the shop's.")
    lot = models.JSONField(default=dict, blank=True, help_text="The lot as the shop shows it.")
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DifferenceKind.values), name="difference_kind_known"),
            models.CheckConstraint(condition=Q(decision__in=Decision.values), name="difference_decision_known"),
        ]
        indexes = [
            models.Index(fields=["account", "shop"], condition=Q(decision="open"), name="difference_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label}"
