from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import AccountOwned


class CallBudget(AccountOwned):
    """How many calls a connection may make in any stretch of `window_seconds`, and what it has made of them (docs/wire.md)."""

    connection = models.ForeignKey("sync.Connection", on_delete=models.CASCADE, related_name="budgets")
    name = models.CharField(max_length=60, help_text="Which calls it counts, for example “minute” or “hourly reads”.")
    window_seconds = models.PositiveIntegerField(help_text="Length of the window in seconds: 60 is a minute, 86400 a day.")
    limit = models.PositiveIntegerField(help_text="Calls allowed in any window of that length.")
    reserved = models.PositiveIntegerField(default=0, help_text="Calls of the limit that are kept for urgent work.")
    spent = models.JSONField(default=list, editable=False, help_text="Pairs of slot and calls; a slot is a sixtieth of the window.")
    version = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Grows with every write; a writer with an old one tries again."
    )
    blocked_until = models.DateTimeField(null=True, blank=True, editable=False, help_text="The other side asked for no calls until then.")

    class Meta:
        ordering = ["connection", "window_seconds", "name"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="budget_once_per_connection"),
            models.CheckConstraint(
                condition=Q(window_seconds__gte=1),
                name="budget_window_positive",
                violation_error_message="The window must be at least one second.",
            ),
            models.CheckConstraint(
                condition=Q(limit__gte=1) & Q(reserved__lt=F("limit")),
                name="budget_reserve_within_limit",
                violation_error_message="The limit must be at least 1, and less than the limit can be reserved.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.limit} calls in {self.window_seconds} s"
