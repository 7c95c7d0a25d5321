from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField


class Load(AccountOwned):
    """A truckload of units that is sold as one lot. The first group of columns is the dealer system's, the second is ours."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="loads")
    number = models.CharField(max_length=60)
    org = models.CharField("organisation", max_length=20, blank=True, default="")
    units = models.PositiveIntegerField("units announced", null=True, blank=True)
    notes = models.CharField(max_length=500, blank=True, default="")
    scanned_at = models.DateTimeField("built", null=True, blank=True)
    submitted_at = models.DateTimeField("submitted", null=True, blank=True)
    order_number = models.CharField(max_length=60, blank=True, default="")
    sale_status = models.CharField(max_length=60, blank=True, default="")
    order_status = models.CharField(max_length=60, blank=True, default="")
    pricing = models.CharField(max_length=60, blank=True, default="")
    not_reported_at = models.DateTimeField(null=True, blank=True, help_text="Since when the dealer system lists it no more.")
    roster_stale = models.BooleanField(default=False, help_text="Its roster could not be read last time; the one before stands.")
    roster_units = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="Pieces on the roster when it was last read."
    )

    friendly_name = models.CharField(max_length=60, blank=True, default="")
    colour = models.CharField(max_length=30, blank=True, default="")
    tagged = models.BooleanField(default=False)
    wrapped = models.BooleanField(default=False)
    pickup_date = models.DateField("pick-up date", null=True, blank=True)
    pickup_to_be_announced = models.BooleanField("pick-up to be announced", default=False)
    category = models.CharField(
        max_length=60, blank=True, default="", help_text="For example Salvage, which needs neither wrapping nor tagging."
    )
    local_notes = models.TextField("our notes", blank=True, default="")
    sanity_check = models.CharField(
        max_length=10,
        blank=True,
        default="",
        choices=[("early", "Early: grouped, nothing extra"), ("final", "Final: also wrapped, tagged, end markers")],
        help_text="A person has checked that the load on the floor is what the list says.",
    )
    sanity_checked_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    sanity_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["warehouse", "number"], name="load_number_once")]
        indexes = [models.Index(fields=["account", "sale_status", "order_status"], name="load_state")]

    def __str__(self) -> str:
        return f"{self.friendly_name} ({self.number})" if self.friendly_name else self.number


class LoadUnit(AccountOwned):
    """One line of a load's roster: what it was sold with. It does not prove that a unit is in the building."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="roster")
    line_key = models.CharField(max_length=140, help_text="Load number with serial or model: what makes the line itself.")
    serial = models.CharField(max_length=60, blank=True, default="")
    serial_key = models.CharField(max_length=60, blank=True, default="")
    model = models.CharField(max_length=60, blank=True, default="")
    model_key = models.CharField(max_length=60, blank=True, default="")
    quantity = QuantityField(default=1)
    ordc = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        ordering = ["load", "id"]
        constraints = [models.UniqueConstraint(fields=["warehouse", "line_key"], name="roster_line_once")]
        indexes = [models.Index(fields=["warehouse", "serial_key"], name="roster_serial")]

    def __str__(self) -> str:
        return self.serial or f"{self.quantity} × {self.model}"
