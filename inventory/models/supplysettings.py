from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned


class SupplySettings(AccountOwned):
    """When a business account calls a product critical. Without a row the defaults hold."""

    critical_days = models.PositiveSmallIntegerField(default=7, help_text="At most so many days left is about to run out.")
    low_days = models.PositiveSmallIntegerField(default=30, help_text="At most so many days left is low.")
    overstocked_days = models.PositiveSmallIntegerField(default=180, help_text="More days left than these is too much.")
    overstocked_percent = models.PositiveSmallIntegerField(default=80, help_text="More than this share of a product's maximum is too much.")
    never_stocked = models.BooleanField(
        "never stocked is out of stock",
        default=True,
        help_text="Off: a product that no warehouse ever had is on no list until its first receipt.",
    )

    class Meta:
        verbose_name_plural = "supply settings"
        constraints = [models.UniqueConstraint(fields=["account"], name="supply_settings_once")]

    def __str__(self) -> str:
        return f"Supply settings of {self.account}"
