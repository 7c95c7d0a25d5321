from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned


class IntegrityReport(AccountOwned):
    """What a check of all invariants found: for each its number, how many offend, and the first of them (docs/reconcile.md)."""

    asked_by = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    offenders = models.PositiveIntegerField(default=0)
    checks = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "-id"], name="integrity_newest")]

    def __str__(self) -> str:
        return f"Integrity report {self.pk}"
