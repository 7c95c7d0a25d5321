from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from jobs.models.lease import Leased


class IdempotencyKey(AccountOwned, Leased):
    """A request that must happen once, and the answer it got. Without an answer, the request is still running or was cut off."""

    operation = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    response = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["account", "operation", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"
