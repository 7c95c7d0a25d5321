from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned


class AlertSettings(AccountOwned):
    """How a business account is told of trouble. Without a row the defaults hold."""

    digest_minutes = models.PositiveSmallIntegerField(
        "gather for", default=10, help_text="Minutes. What comes within them goes out as one mail to each person."
    )
    daily_at = models.TimeField("daily mail at", default=time(7, 0), help_text="In the business account's time zone.")
    quiet_from = models.TimeField("quiet from", null=True, blank=True, help_text="Nothing is sent from then …")
    quiet_until = models.TimeField(
        "quiet until", null=True, blank=True, help_text="… until then; it goes out at the end. Empty: never quiet."
    )
    settle_minutes = models.PositiveSmallIntegerField(
        "settle for", default=10, help_text="Minutes. What is over and comes back within them was never over, and nothing is said."
    )
    remind_hours = models.PositiveSmallIntegerField(
        "remind after", default=24, help_text="Hours. What is still open and nobody has acknowledged is told again. 0: never."
    )
    remind_times = models.PositiveSmallIntegerField("remind at most", default=3, help_text="Times.")
    brake_products = models.PositiveIntegerField(default=500, help_text="When more products than these become critical within an hour …")
    brake_percent = models.PositiveSmallIntegerField(
        default=5, help_text="… and more than this share of all, one review is asked for and no mail is sent of them."
    )
    stale_hours = models.PositiveSmallIntegerField(
        "data is old after", default=48, help_text="Hours since a feed was last read well. 0: never told."
    )
    budget_percent = models.PositiveSmallIntegerField(
        default=10, help_text="A call budget of an hour or more with less than this share left is told. 0: never."
    )
    stuck_minutes = models.PositiveSmallIntegerField(default=30, help_text="A sync that nobody works at for so long is stuck.")

    class Meta:
        verbose_name = "alert settings"
        verbose_name_plural = "alert settings"
        constraints = [
            models.UniqueConstraint(fields=["account"], name="alert_settings_once"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
                violation_error_message="Quiet hours need both a beginning and an end.",
            ),
            models.CheckConstraint(condition=Q(brake_percent__lte=100) & Q(budget_percent__lte=100), name="alert_percents_are_shares"),
        ]

    def __str__(self) -> str:
        return "Alert settings"
