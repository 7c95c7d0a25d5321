from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.product import Product
from inventory.quantity import QuantityField


class SupplyState(models.TextChoices):
    """Which list a product is on; it is on one at most (docs/critical-items.md)."""

    OUT = "out", "Out of stock"
    BELOW = "below", "Below reorder point"
    SOON = "soon", "About to run out"
    FINE = "fine", "Fine"


class SupplyLevel(models.TextChoices):
    """How much of a worry it is."""

    CRITICAL = "critical", "Critical"
    LOW = "low", "Low"
    ADEQUATE = "adequate", "Adequate"
    OVERSTOCKED = "overstocked", "Overstocked"


CRITICAL_STATES = (SupplyState.OUT, SupplyState.BELOW, SupplyState.SOON)


class Supply(AccountOwned):
    """How an active product stands over all warehouses that count, in what it is counted in. It follows the levels by one statement.

    `reorder_point` is the sum of the levels' points, null where none is known: null is never “below”. `daily_demand` is the forecast's,
    null while nothing is known of its sales.
    """

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="supply")
    on_hand = QuantityField(default=0)
    reserved = QuantityField(default=0)
    available = QuantityField(default=0, help_text="On hand less reserved less what has expired; may be negative in a mirror.")
    on_order = QuantityField(default=0)
    reorder_point = QuantityField(null=True, blank=True)
    reorder_quantity = QuantityField(null=True, blank=True)
    maximum = QuantityField(null=True, blank=True, help_text="More than this share of it is too much; empty is unknown.")
    daily_demand = QuantityField(null=True, blank=True, help_text="What the forecast expects to be sold in a day.")
    days_left = models.DecimalField(max_digits=10, decimal_places=1, null=True, blank=True, help_text="Null while demand is unknown.")
    state = models.CharField(max_length=10, choices=SupplyState, default=SupplyState.FINE)
    level = models.CharField(max_length=12, choices=SupplyLevel, default=SupplyLevel.ADEQUATE)
    urgency = models.BigIntegerField(
        default=0, editable=False, help_text="The most urgent has the lowest: by state, then by how soon it ends or how fast it sells."
    )
    since = models.DateTimeField(help_text="When it came into its state.")
    changed_at = models.DateTimeField(help_text="When any of this last changed.")

    class Meta:
        ordering = ["product"]
        verbose_name = "critical item"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SupplyState.values), name="supply_state"),
            models.CheckConstraint(condition=Q(level__in=SupplyLevel.values), name="supply_level"),
        ]
        indexes = [
            # Every list is a stretch of it, in the order in which it is shown.
            models.Index(fields=["account", "urgency", "product"], name="supply_by_urgency"),
            models.Index(fields=["account", "level", "urgency", "product"], name="supply_by_level"),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.get_state_display()}"


class SupplyMark(AccountOwned):
    """How far an account's supply has followed. Whoever brings it up to date holds this row, one at a time."""

    looked_at = models.DateTimeField(null=True, blank=True, help_text="Levels and products that changed until then are in; empty: none.")
    full_at = models.DateTimeField(null=True, blank=True, help_text="When all of it was last compared.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account"], name="supply_mark_once")]

    def __str__(self) -> str:
        return f"Supply of {self.account}"
