from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from marketplaces.models.listing import Listing
from marketplaces.models.shop import Shop


class Operation(models.TextChoices):
    CREATE = "create", "Create"
    UPDATE = "update", "Change"
    DELETE = "delete", "Delete"


class AttemptState(models.TextChoices):
    """How a call to a shop ended."""

    IN_FLIGHT = "in_flight", "Under way"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Not done"
    UNKNOWN = "unknown", "Unknown"
    MOCKED = "mocked", "Not sent: outside calls are switched off"


OPEN_STATES = (AttemptState.IN_FLIGHT, AttemptState.UNKNOWN)


class Attempt(AccountOwned):
    """One write to a shop, noted before it was sent. What was not closed is unknown, never failed, and settled by reading back.

    `before` holds what the shop had been told, `after` what it was told by this: the means to undo it.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="attempts")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="attempts")
    operation = models.CharField(max_length=10, choices=Operation)
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.IN_FLIGHT)
    fence = models.PositiveIntegerField(help_text="The listing's lease under which it was sent.")
    lot_id = models.CharField(max_length=40, blank=True, default="")
    difference = models.IntegerField(default=0, help_text="Pieces added at the shop; of a create, all of them.")
    absolute = models.BooleanField(default=False, help_text="The quantity was set, not moved.")
    baseline = models.PositiveIntegerField(default=0, help_text="The told quantity before.")
    sent = models.JSONField(default=dict, help_text="What was sent, without credentials.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    item_version = models.PositiveBigIntegerField()
    cause = models.CharField(max_length=40, blank=True, default="")
    correlation = models.UUIDField()
    correlations = models.JSONField(default=list)
    code = models.CharField(max_length=40, blank=True, default="")
    sentence = models.CharField(max_length=1000, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    was_unknown = models.BooleanField(default=False, help_text="It was settled by reading back.")
    readings = models.JSONField(default=list, blank=True, help_text="What reading back has found so far, and when.")
    requested_at = models.DateTimeField(null=True, blank=True, help_text="When the oldest change in it came.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["listing"], condition=Q(state__in=["in_flight", "unknown"]), name="attempt_open_once"),
            models.CheckConstraint(condition=Q(state__in=AttemptState.values), name="attempt_state_known"),
            models.CheckConstraint(condition=Q(operation__in=Operation.values), name="attempt_operation_known"),
        ]
        indexes = [
            models.Index(fields=["listing", "-id"], name="attempt_of_listing"),
            models.Index(fields=["account", "started_at"], name="attempt_by_time"),
            models.Index(fields=["correlation"], name="attempt_correlation"),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.pk}"


class Carried(AccountOwned):
    """A change that an attempt carried besides its latest: what `correlations` lists, as rows that an index finds."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="carried")
    correlation = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["correlation"], name="carried_correlation")]

    def __str__(self) -> str:
        return f"{self.correlation} by attempt {self.attempt_id}"
