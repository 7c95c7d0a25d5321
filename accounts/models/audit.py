from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models.account import AccountOwned


class AuditLog(AccountOwned):
    """Who did what, when and why. Rows are added and never changed: the database itself refuses it (docs/audit.md)."""

    created_at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    actor_label = models.CharField(max_length=200)
    entity = models.CharField(max_length=60)
    entity_id = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    cause = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    correlation = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "audit_logs"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "-created_at"], name="audit_newest"),
            models.Index(fields=["account", "entity", "entity_id"], name="audit_entity"),
            models.Index(fields=["account", "action", "-id"], name="audit_action"),
            models.Index(fields=["correlation"], name="audit_correlation"),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.entity_id}: {self.action}"


class Maintenance(models.Model):
    """While a row stands here, append-only tables may be changed: for retention and for tests only (docs/audit.md)."""

    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "maintenance"

    def __str__(self) -> str:
        return self.reason
