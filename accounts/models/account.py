from __future__ import annotations

import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models


def check_time_zone(name: str) -> None:
    """Raises ValidationError when `name` is no IANA time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Write for example Europe/Berlin or America/Chicago.")


class Account(models.Model):
    """A business: every owned row belongs to exactly one."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[check_time_zone], help_text="The business day and all schedules follow it."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "business account"

    def __str__(self) -> str:
        return self.name


class AccountOwned(models.Model):
    """Every row that belongs to a business account, children included."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True
