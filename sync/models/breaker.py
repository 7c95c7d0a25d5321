from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned


class BreakerState(models.TextChoices):
    """Whether calls go out."""

    CLOSED = "closed", "Calls go out"
    OPEN = "open", "Resting after failures"
    HALF_OPEN = "half_open", "Trying single calls"
    STOPPED = "stopped", "Stopped: login refused"


class Breaker(AccountOwned):
    """What a connection's recent calls taught: whether the next one is sent at all (docs/wire.md). Written by compare-and-set only."""

    connection = models.OneToOneField("sync.Connection", on_delete=models.CASCADE, related_name="breaker")
    state = models.CharField(max_length=10, choices=BreakerState, default=BreakerState.CLOSED, editable=False)
    window_started_at = models.DateTimeField(null=True, editable=False)
    successes = models.PositiveIntegerField(default=0, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    until = models.DateTimeField(null=True, editable=False, help_text="Open: resting until then. Half-open: the trial call has until then.")
    opened_in_a_row = models.PositiveIntegerField(default=0, editable=False)
    refused_logins = models.PositiveIntegerField(default=0, editable=False)
    dry_run = models.BooleanField(default=False, help_text="Only note in the log what would have been held back; every call is sent.")
    version = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Grows with every write; a writer with an old one tries again."
    )

    def __str__(self) -> str:
        return self.get_state_display()
