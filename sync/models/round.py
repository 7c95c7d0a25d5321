from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from sync.models.connection import Connection
from sync.models.run import Status, SyncRun, Trigger


class Stage(models.TextChoices):
    """Which part of a round a step belongs to; the second begins when all of the first has ended."""

    MASTER = "master", "Master data"
    TRANSACTIONAL = "transactional", "What has moved"


ROUND_STATES = (Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.PARTIAL, Status.FAILED, Status.CANCELLED)


class Round(AccountOwned):
    """A sync of everything that moves: one step for each part of each connection, each step a run (docs/sync-all.md)."""

    trigger = models.CharField(max_length=10, choices=Trigger)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    requested_label = models.CharField(max_length=200, blank=True, default="")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=15, choices=Status, default=Status.QUEUED)
    cancel_requested = models.BooleanField(default=False)
    cancelled_by = models.CharField(max_length=200, blank=True, default="")
    message = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(status__in=["queued", "running"]), name="one_active_round_per_account"),
            models.CheckConstraint(condition=Q(status__in=ROUND_STATES), name="round_state"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="round_latest")]

    def __str__(self) -> str:
        return f"Round {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.status in (Status.QUEUED, Status.RUNNING)


class RoundStep(AccountOwned):
    """One part of one connection in a round: queued until its run starts, and again before each further try; then as its run ended."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="steps")
    seq = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=15, choices=Stage)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=40)
    dataset = models.CharField(max_length=40)
    status = models.CharField(max_length=15, choices=Status, default=Status.QUEUED)
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="steps")
    joined = models.BooleanField(default=False, help_text="The run was at it already; the round did not start it.")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Not before then is it tried again.")
    code = models.CharField(max_length=40, blank=True, default="", help_text="Why no run could be started.")
    message = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        ordering = ["round", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["round", "seq"], name="round_step_seq_once"),
            models.UniqueConstraint(fields=["round", "connection", "scope"], name="round_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.connection}: {self.scope}"
