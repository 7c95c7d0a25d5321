from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned


class WarehouseMode(models.TextChoices):
    """Who may change its levels."""

    LEDGER = "ledger", "Ledger: kept here"
    MIRROR = "mirror", "Mirror: follows an outside system"


class Warehouse(AccountOwned):
    """A place where stock is."""

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=40)
    mode = models.CharField(max_length=10, choices=WarehouseMode, default=WarehouseMode.MIRROR)
    level_buckets = models.CharField(
        "buckets that count",
        max_length=40,
        blank=True,
        default="FG,ASIS",
        help_text="Of a mirror that holds units: the buckets whose units make up the levels, with commas between.",
    )
    opened_at = models.DateTimeField(
        null=True, blank=True, help_text="Of a ledger: since when it is kept here. What happened before is in its opening count."
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "code"], name="warehouse_code_once")]

    def __str__(self) -> str:
        return self.name
