from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import AccountOwned
from jobs.cron import CronRefused, check_cron


def validate_cron(cron: str) -> None:
    """Raises ValidationError with the sentence of `jobs.cron.check_cron`."""
    try:
        check_cron(cron)
    except CronRefused as error:
        raise ValidationError(str(error)) from error


class Schedule(AccountOwned):
    """When a declared task runs for a business account. Installed once, then the account's own to change."""

    key = models.CharField(max_length=100, editable=False)
    name = models.CharField(max_length=200)
    task = models.CharField(max_length=100, editable=False)
    arguments = models.JSONField(default=dict, blank=True, editable=False)
    cron = models.CharField(
        max_length=100,
        validators=[validate_cron],
        help_text="Minute, hour, day, month, weekday in the account's time zone. For example */15 * * * * or 30 2 * * *.",
    )
    enabled = models.BooleanField(default=True)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_fired_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_result = models.TextField(blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="schedule_once_per_account")]
        indexes = [models.Index(fields=["next_due_at"], name="schedule_due", condition=models.Q(enabled=True))]

    def __str__(self) -> str:
        return self.name
