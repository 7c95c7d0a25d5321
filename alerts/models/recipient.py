from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import AccountOwned, Member
from sync.secrets import SecretsField


class Mode(models.TextChoices):
    """How soon somebody hears of an event."""

    OFF = "off", "Not at all"
    SOON = "soon", "Soon"
    DAILY = "daily", "Once a day"


class Recipient(AccountOwned):
    """Whoever is told. `events` holds a mode for each kind that differs from the usual one (alerts.kinds)."""

    active = models.BooleanField(default=True)
    events = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Subscriber(Recipient):
    """A person who gets mail. An address that a mail server refused gets none until somebody says that it is right."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, blank=True, related_name="subscriptions")
    name = models.CharField(max_length=200, blank=True, default="")
    email = models.EmailField("address", max_length=254)
    bounced_at = models.DateTimeField(null=True, blank=True, editable=False)
    bounce = models.CharField(max_length=500, blank=True, default="", editable=False, help_text="What the mail server said.")

    class Meta:
        ordering = ["name", "email", "id"]
        constraints = [
            models.UniqueConstraint("account", Lower("email"), name="subscriber_address_once"),
            models.UniqueConstraint(fields=["member"], condition=Q(member__isnull=False), name="subscriber_once_per_member"),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


class Webhook(Recipient):
    """A program that is told by signed requests (docs/alerts.md). The secret signs; it is shown once, when it is made."""

    name = models.CharField(max_length=200)
    url = models.CharField("address", max_length=500)
    secrets = SecretsField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="webhook_name_once")]

    def __str__(self) -> str:
        return self.name
