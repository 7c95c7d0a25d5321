from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.quantity import QuantityField


class SameLot(models.TextChoices):
    """What to do with a purchase whose lot number the product had before."""

    WARN = "warn", "Book it and say so"
    REFUSE = "refuse", "Refuse it"


class ExpiryEnds(models.TextChoices):
    """Until when goods with a date on them are sold, in the account's time zone."""

    END_OF_DAY = "end", "Through the end of that day"
    START_OF_DAY = "start", "Up to the beginning of that day"


def default_alert_days() -> list[int]:
    return [60, 30, 14, 7]


class StockSettings(AccountOwned):
    """How one business account keeps its ledger. Without a row all of it is as the defaults say (docs/ledger.md)."""

    open_pallets = models.BooleanField(default=False, help_text="Open pallets and packs when fewer packs or units are loose than are sold.")
    same_lot = models.CharField(max_length=10, choices=SameLot, default=SameLot.WARN)
    expiry_ends = models.CharField("dated goods are sold", max_length=10, choices=ExpiryEnds, default=ExpiryEnds.END_OF_DAY)
    warn_days = models.PositiveSmallIntegerField(
        default=30, help_text="A purchase that expires within so many days is booked with a warning."
    )
    alert_days = models.JSONField(default=default_alert_days, help_text="So many days before a batch expires it is told, once each.")
    stop_rows = models.PositiveIntegerField(default=10, help_text="Reconcile never stops for so few levels.")
    stop_percent = models.PositiveSmallIntegerField(
        default=10, help_text="Reconcile writes nothing and asks, when a larger share of levels or of all stock is off."
    )
    stop_quantity = QuantityField(default=1000, help_text="Reconcile never stops for so little stock, all kinds together.")
    offender_times = models.PositiveSmallIntegerField(default=3, help_text="A level corrected so often …")
    offender_days = models.PositiveSmallIntegerField(default=7, help_text="… in so many days is told.")

    class Meta:
        verbose_name = "stock settings"
        verbose_name_plural = "stock settings"
        constraints = [
            models.UniqueConstraint(fields=["account"], name="stock_settings_once"),
            models.CheckConstraint(condition=Q(stop_percent__lte=100), name="stop_percent_is_a_share"),
        ]

    def __str__(self) -> str:
        return "Stock settings"
