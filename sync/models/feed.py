from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from sync.models.connection import Connection
from sync.models.document import FeedDocument
from sync.models.run import SyncRun


class Verdict(models.TextChoices):
    """What a feed may do in its run: everything, all but remove, or nothing."""

    COMPLETE = "complete", "Complete"
    PARTIAL = "partial", "Partial"
    INVALID = "invalid", "Invalid"


class RunFeed(AccountOwned):
    """One feed of one run: what was read, whether it can be believed, and if not, why."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="feeds")
    feed = models.CharField(max_length=60)
    part = models.CharField(max_length=80, blank=True, default="")
    verdict = models.CharField(max_length=10, choices=Verdict)
    rows = models.PositiveIntegerField(default=0)
    footer = models.JSONField(null=True, blank=True)
    held = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True, default="")
    sentence = models.CharField(max_length=1000, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    confirmable = models.BooleanField(default=False, help_text="A manager may say that it is right all the same.")
    document = models.ForeignKey(FeedDocument, on_delete=models.SET_NULL, null=True, blank=True, related_name="used_by")
    checksum = models.CharField(max_length=64, blank=True, default="")
    taken_at = models.DateTimeField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(default=0, help_text="Spent on fetching and reading it.")
    baseline = models.JSONField(null=True, blank=True, help_text="The feed's state before this run, for an undo.")

    class Meta:
        ordering = ["run", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "feed", "part"], name="feed_once_per_run")]

    def __str__(self) -> str:
        return f"{self.feed} {self.part}".strip()


class HeldRow(AccountOwned):
    """An input row that can't be booked until its source says it clearly. The next valid reading of its feed replaces it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="held_rows")
    feed = models.CharField(max_length=60)
    part = models.CharField(max_length=80, blank=True, default="")
    row = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    sentence = models.CharField(max_length=1000)
    raw = models.JSONField(default=dict)
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    first_held_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["connection", "feed", "part"], name="held_of_feed")]

    def __str__(self) -> str:
        return self.sentence


class Unconfirmed(AccountOwned):
    """A stored row that no valid feed of its connection's latest run spoke of: kept as it is, and said so."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="unconfirmed")
    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="unconfirmed")
    entity = models.CharField(max_length=30)
    entity_id = models.BigIntegerField()
    label = models.CharField(max_length=140)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "unconfirmed"
        constraints = [models.UniqueConstraint(fields=["connection", "entity", "entity_id"], name="unconfirmed_once")]

    def __str__(self) -> str:
        return f"{self.label}: {self.reason}"
