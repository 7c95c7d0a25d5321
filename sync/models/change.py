from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from sync.changetypes import in_words
from sync.models.run import SyncRun


class Difference(AccountOwned):
    """One difference between what was stored and what a source says: a row for each changed field, one for each row that came or went."""

    seq = models.PositiveIntegerField()
    entity = models.CharField(max_length=30, help_text="What it is about: unit, load, conflict …")
    entity_id = models.BigIntegerField(null=True, blank=True)
    label = models.CharField(max_length=140, help_text="Its serial, number or name.")
    group = models.CharField(max_length=40, blank=True, default="", help_text="For a unit its bucket.")
    scope = models.CharField(max_length=80, blank=True, default="", help_text="For a unit its load.")
    type = models.CharField(max_length=40)
    field = models.CharField(max_length=40, blank=True, default="")
    old = models.CharField(max_length=1000, null=True, blank=True)
    new = models.CharField(max_length=1000, null=True, blank=True)
    before = models.JSONField(null=True, blank=True, help_text="The changed fields as they were.")
    after = models.JSONField(null=True, blank=True, help_text="The changed fields as they are.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{in_words(self.type)}: {self.label}"


class SyncChange(Difference):
    """A difference that was written."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="changes")
    correlation = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="change_seq_once")]
        indexes = [
            models.Index(fields=["entity", "entity_id", "-id"], name="change_of_entity"),
            models.Index(fields=["account", "type", "-id"], name="change_type"),
            models.Index(fields=["account", "label", "-id"], name="change_label"),
            models.Index(fields=["account", "scope", "-id"], name="change_scope"),
            models.Index(fields=["at"], name="change_age"),
        ]


class PlanRow(Difference):
    """A difference that would be written: of a preview, or of a run that waits for a review."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="plan")

    class Meta:
        ordering = ["run", "seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="plan_seq_once")]
