from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from inventory.models.unit import Unit
from inventory.models.warehouse import Warehouse


class ConflictKind(models.TextChoices):
    """Which question the lists leave open."""

    MODEL_MISMATCH = "model_mismatch", "Another model under the same serial"
    IN_TWO_OPEN_LOADS = "in_two_open_loads", "In two loads that are not delivered"
    DUPLICATE_IN_FEED = "duplicate_in_feed", "Twice in one list, with different content"


class ConflictStatus(models.TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"


class Conflict(AccountOwned):
    """A question that a person should look at; the sync goes on by its stated rule all the same."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=30, choices=ConflictKind)
    key = models.CharField(max_length=140, help_text="What it is about: a serial, or a bucket with a serial.")
    unit = models.ForeignKey(Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="conflicts")
    details = models.JSONField(default=dict, blank=True, help_text="The sides that disagree.")
    status = models.CharField(max_length=10, choices=ConflictStatus, default=ConflictStatus.OPEN)
    opened_at = models.DateTimeField()
    opened_by_run = models.BigIntegerField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by_run = models.BigIntegerField(null=True, blank=True, help_text="Null where a person resolved it.")
    resolved_by = models.CharField(max_length=200, blank=True, default="")
    resolution = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "kind", "key"], condition=models.Q(status="open"), name="conflict_open_once"),
        ]
        indexes = [models.Index(fields=["account", "status"], name="conflict_status")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.key}"
