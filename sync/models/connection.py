from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from inventory.models import Warehouse
from sync.secrets import SecretsField


class Connection(AccountOwned):
    """One configured outside account of one system."""

    system = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    base_url = models.CharField("address", max_length=500, blank=True, default="")
    settings = models.JSONField(default=dict, blank=True)
    secrets = SecretsField()
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, null=True, blank=True, related_name="connections")
    enabled = models.BooleanField(default=True, help_text="Off: it is not used and not offered.")
    auto_sync = models.BooleanField(
        default=True, editable=False, help_text="Off: its schedules start nothing; people and programs still can."
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    test_finding = models.CharField(max_length=40, blank=True, default="", editable=False)
    test_sentence = models.CharField(max_length=500, blank=True, default="", editable=False)
    test_hint = models.CharField(max_length=500, blank=True, default="", editable=False)
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["system", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="connection_name_once"),
            models.UniqueConstraint(fields=["warehouse"], condition=models.Q(system="ge"), name="one_ge_connection_per_warehouse"),
        ]

    def __str__(self) -> str:
        return self.name
