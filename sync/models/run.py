from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from jobs.models import Leased
from sync.models.connection import Connection


class Kind(models.TextChoices):
    """What a run is for."""

    SYNC = "sync", "Sync"
    PREVIEW = "preview", "Preview"
    UNDO = "undo", "Undo"


class Trigger(models.TextChoices):
    """What made a run start."""

    BUTTON = "button", "Button"
    API = "api", "API"
    COMMAND = "command", "Command"
    SCHEDULE = "schedule", "Schedule"
    START = "start", "First start"


class Status(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    PARTIAL = "partial", "Partial"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    NEEDS_REVIEW = "needs_review", "Needs review"


class Phase(models.TextChoices):
    """Where a running one is."""

    WAITING = "", "Waiting for a worker"
    READING = "reading", "Reading"
    CHECKING = "checking", "Checking"
    COMPARING = "comparing", "Comparing"
    SAVING = "saving", "Saving"
    SESSIONS = "sessions", "Following up"


ACTIVE = (Status.QUEUED, Status.RUNNING)
FINISHED = (Status.SUCCEEDED, Status.PARTIAL, Status.FAILED, Status.CANCELLED)


class SyncRun(AccountOwned, Leased):
    """One execution of a sync: what was asked, how far it is, and what came of it (docs/engine.md)."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="runs")
    dataset = models.CharField(max_length=40)
    scope = models.CharField(max_length=40)
    asked_scope = models.CharField(
        max_length=40, blank=True, default="", help_text="What was asked for, where the system chose the scope itself."
    )
    asked_why = models.CharField(max_length=300, blank=True, default="", help_text="Why it chose this scope.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SYNC)
    trigger = models.CharField(max_length=10, choices=Trigger)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    requested_label = models.CharField(max_length=200, blank=True, default="")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    undo_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")
    status = models.CharField(max_length=15, choices=Status, default=Status.QUEUED)
    phase = models.CharField(max_length=15, choices=Phase, blank=True, default=Phase.WAITING)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    cancelled_by = models.CharField(max_length=200, blank=True, default="")
    again_scope = models.CharField(max_length=40, blank=True, default="", help_text="What a schedule asked for while this one was at it.")
    plan_digest = models.CharField(max_length=64, blank=True, default="")
    approved_digest = models.CharField(max_length=64, blank=True, default="")
    approved_by = models.CharField(max_length=200, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True, default="")
    counters = models.JSONField(default=dict, blank=True)
    stats = models.JSONField(default=dict, blank=True)
    details = models.JSONField(default=dict, blank=True)
    errors = models.JSONField(default=list, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    changes_logged = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(auto_now_add=True, help_text="When it was last put into the queue.")
    resume_at = models.DateTimeField(
        null=True, blank=True, help_text="A run that waits, for a call budget or its next slice, is taken up again then."
    )
    got_on = models.PositiveIntegerField(default=0, help_text="The attempt in which it last read or wrote something new.")
    slices = models.PositiveIntegerField(default=0, help_text="How often it has put itself down to be taken up again.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True, help_text="When its plan was written; what can be undone has one.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "dataset"], condition=Q(status__in=["queued", "running"]), name="one_active_run_per_dataset"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "status"], name="run_status"),
            models.Index(fields=["connection", "dataset", "-id"], name="run_latest"),
            models.Index(fields=["connection", "kind", "scope", "id"], name="run_of_scope"),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE


class RunEvent(AccountOwned):
    """A line of a run's log, as it happened: what the live view shows."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    phase = models.CharField(max_length=15, choices=Phase, blank=True, default="")
    feed = models.CharField(max_length=60, blank=True, default="")
    level = models.CharField(max_length=10, choices=[("info", "Info"), ("warning", "Warning"), ("error", "Error")], default="info")
    text = models.CharField(max_length=1000)
    done = models.PositiveIntegerField(null=True, blank=True)
    total = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["run", "seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="event_seq_once")]

    def __str__(self) -> str:
        return self.text
