from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.load import Load
from inventory.models.unit import Bucket, Unit
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class SessionKind(models.TextChoices):
    """What is to be scanned."""

    LOAD = "load", "A load"
    BUCKET = "bucket", "A bucket, without what belongs to loads"


class SessionStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    CLOSED = "closed", "Closed"


class ClosedBy(models.TextChoices):
    """Who closed it: a person's closing stays, a sync's may be undone by the next one."""

    NOBODY = "", "Not closed"
    SYNC = "sync", "A sync"
    PERSON = "person", "A person"


class ScanSession(AccountOwned):
    """The to-do list to scan everything in a load or a bucket. What is expected is what is on hand, never a copy."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=10, choices=SessionKind)
    load = models.OneToOneField(Load, on_delete=models.CASCADE, null=True, blank=True, related_name="session")
    bucket = models.CharField(max_length=10, choices=Bucket, blank=True, default="")
    status = models.CharField(max_length=10, choices=SessionStatus, default=SessionStatus.ACTIVE)
    closed_by = models.CharField(max_length=10, choices=ClosedBy, blank=True, default=ClosedBy.NOBODY)
    closed_reason = models.CharField(max_length=200, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="", help_text="What last happened to it, in words.")
    empty_runs = models.PositiveIntegerField(default=0, help_text="Syncs in a row that found none of its units on hand.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "bucket"], condition=Q(kind="bucket"), name="session_once_per_bucket"),
            models.CheckConstraint(
                condition=(Q(kind="load", load__isnull=False, bucket="") | (Q(kind="bucket", load__isnull=True) & ~Q(bucket=""))),
                name="session_is_of_load_or_bucket",
            ),
        ]

    def __str__(self) -> str:
        return f"Load {self.load}" if self.load_id else f"{self.bucket} inventory"


class Scan(AccountOwned):
    """A unit or so many pieces of a bulk line, seen on the floor."""

    session = models.ForeignKey(ScanSession, on_delete=models.PROTECT, related_name="scans")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="scans")
    quantity = QuantityField(default=1)
    text = models.CharField(max_length=80, blank=True, default="", help_text="What was scanned or typed.")
    scanned_at = models.DateTimeField(auto_now_add=True)
    scanned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    scanned_by_label = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "unit"], name="scanned_once_per_session"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="scan_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} at {self.scanned_at:%Y-%m-%d %H:%M}"
