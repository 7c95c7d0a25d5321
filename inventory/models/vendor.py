from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned


class Vendor(AccountOwned):
    """Somebody the business buys from."""

    name = models.CharField(max_length=200)
    name_key = models.CharField(
        max_length=200, editable=False, help_text="The name as it is compared: one blank between words, in upper case."
    )
    code = models.CharField(max_length=40, blank=True, default="", help_text="What your books call them, if anything.")
    email = models.EmailField(blank=True, default="")
    contact = models.CharField("contact person", max_length=120, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    address = models.TextField(max_length=500, blank=True, default="")
    lead_time_days = models.PositiveSmallIntegerField(
        "lead time in days", null=True, blank=True, help_text="From order to receipt; empty is unknown. A product's own goes before it."
    )
    active = models.BooleanField(default=True)
    pins = models.CharField(
        max_length=300,
        blank=True,
        default="",
        editable=False,
        help_text="Fields that people have set here, between commas: no outside system overwrites them.",
    )
    notes = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "name_key"], name="vendor_name_once"),
            models.UniqueConstraint(fields=["account", "code"], condition=~Q(code=""), name="vendor_code_once"),
            models.CheckConstraint(condition=~Q(name_key=""), name="vendor_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
