from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from alerts.forecast import Basis, Speed
from alerts.intermittent import Pattern
from alerts.trend import Direction
from inventory.models import Product, Warehouse
from inventory.quantity import QuantityField


class LeadFrom(models.TextChoices):
    """Whose word the lead time of a forecast is."""

    PRODUCT = "product", "The product"
    VENDOR = "vendor", "The vendor"
    SETTINGS = "settings", "The forecast settings"


class Forecast(AccountOwned):
    """What a product is expected to sell, when it runs out, and when to buy how much, in what it is counted in (docs/forecast.md).

    Products of which nothing is there, known or wanted have none. `explanation` holds the sum behind every number, step by step.
    """

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="forecast")
    warehouse = models.ForeignKey(
        Warehouse,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Where it sells most, or else where most of it is: what is bought goes there.",
    )
    basis = models.CharField(max_length=15, choices=Basis, help_text="What the expected demand rests on.")
    daily = QuantityField("demand a day", null=True, help_text="Null while nothing is known.")
    deviation = QuantityField(default=0, help_text="How much days differ.")
    velocity_30 = QuantityField("sold a day, 30 days", null=True)
    velocity_90 = QuantityField("sold a day, 90 days", null=True)
    trend = models.CharField(max_length=10, choices=Direction, default=Direction.UNKNOWN)
    trend_percent = models.IntegerField(null=True, help_text="So much more is sold in a day than in the 60 days before the last 30.")
    pattern = models.CharField(max_length=12, choices=Pattern, blank=True, default="", help_text="How demand comes.")
    speed = models.CharField(max_length=10, choices=Speed, default=Speed.UNKNOWN)
    days_out = models.PositiveSmallIntegerField(default=0, help_text="Of the last 90 days those without stock, which do not count.")
    lead_days = models.PositiveSmallIntegerField("lead time", help_text="Days until an order arrives.")
    lead_from = models.CharField("lead time of", max_length=10, choices=LeadFrom)
    available = QuantityField(default=0, help_text="What it was worked out for, as are the next three.")
    on_order = QuantityField(default=0)
    reorder_point = QuantityField(null=True)
    reorder_quantity = QuantityField(null=True)
    days_left = models.PositiveIntegerField(null=True, help_text="0 is out; null while demand is unknown or nothing is sold.")
    runs_out_on = models.DateField(null=True)
    order_at = QuantityField(default=0, help_text="Order when there is not more than this, with what is on order.")
    reorder_on = models.DateField("order on", null=True, help_text="Null where nothing is to be bought.")
    quantity = QuantityField(default=0, help_text="To be bought then.")
    explanation = models.JSONField(default=list)
    changed_at = models.DateTimeField(help_text="When any of this last changed.")

    class Meta:
        ordering = ["product"]
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="forecast_basis"),
            models.CheckConstraint(condition=Q(trend__in=Direction.values), name="forecast_trend"),
            models.CheckConstraint(condition=Q(speed__in=Speed.values), name="forecast_speed"),
            models.CheckConstraint(condition=Q(daily__isnull=True) | Q(daily__gte=0), name="forecast_demand_not_negative"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="forecast_quantity_not_negative"),
        ]
        indexes = [
            # What is to be bought next, and what runs out first.
            models.Index(fields=["account", "reorder_on", "product"], name="forecast_to_order"),
            models.Index(fields=["account", "days_left", "product"], name="forecast_running_out"),
        ]

    def __str__(self) -> str:
        return f"Forecast of {self.product}"


class ForecastSettings(AccountOwned):
    """What suggestions of a business account are for. Without a row the defaults hold."""

    cover_days = models.PositiveSmallIntegerField("cover", default=45, help_text="Days that an order is to last.")
    lead_days = models.PositiveSmallIntegerField(
        "lead time", default=7, help_text="Days until an order arrives, where neither the product nor its vendor says."
    )
    service_percent = models.PositiveSmallIntegerField(
        "service level", default=95, help_text="Of a hundred orders so many arrive before the shelf is empty: the safety stock. 50: none."
    )
    history_days = models.PositiveSmallIntegerField("history", default=180, help_text="Days of sales that are looked at.")
    ahead_days = models.PositiveSmallIntegerField("suggest ahead", default=7, help_text="Days before it has to be ordered.")
    ran_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="What changed until then is in.")
    full_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When all of it was last worked out.")
    demand_seen = models.BigIntegerField(default=0, editable=False, help_text="The newest line of demand that is in.")

    class Meta:
        verbose_name = "forecast settings"
        verbose_name_plural = "forecast settings"
        constraints = [models.UniqueConstraint(fields=["account"], name="forecast_settings_once")]

    def __str__(self) -> str:
        return "Forecast settings"
