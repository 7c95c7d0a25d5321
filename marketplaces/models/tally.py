from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned


class Tally(AccountOwned):
    """How often something happened, ever: a counter for monitoring systems (docs/push.md)."""

    name = models.CharField(max_length=100)
    count = models.PositiveBigIntegerField(default=0)
    total = models.FloatField(default=0, help_text="Sum of what was measured, in seconds, where something was.")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"
