from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from alerts.models.alert import Alert
from alerts.models.recipient import Subscriber, Webhook

_ONE_RECIPIENT = Q(subscriber__isnull=True, webhook__isnull=False) | Q(subscriber__isnull=False, webhook__isnull=True)


class Tell(models.TextChoices):
    """What is said of an alert."""

    OPENED = "opened", "New"
    REMINDED = "reminded", "Still open"
    RECOVERED = "recovered", "Recovered"


class Digest(AccountOwned):
    """Everything one recipient was told at once. There is one for a recipient and a window at most."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, null=True, blank=True, related_name="digests")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, null=True, blank=True, related_name="digests")
    window = models.DateTimeField(help_text="When its window began.")
    counts = models.JSONField(default=dict, help_text="By kind, how many alerts it speaks of.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "window"], condition=Q(subscriber__isnull=False), name="one_digest_per_person"),
            models.UniqueConstraint(fields=["webhook", "window"], condition=Q(webhook__isnull=False), name="one_digest_per_webhook"),
            models.CheckConstraint(condition=_ONE_RECIPIENT, name="digest_has_one_recipient"),
        ]

    def __str__(self) -> str:
        return f"Digest {self.pk}"


class Notice(AccountOwned):
    """One thing to tell one recipient, once. Until it is in a digest it can be withdrawn."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    tell = models.CharField(max_length=10, choices=Tell)
    number = models.PositiveSmallIntegerField(default=0, help_text="Which reminder it is.")
    due_at = models.DateTimeField(help_text="Not told before.")
    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "subscriber", "tell", "number"], condition=Q(subscriber__isnull=False), name="told_once_to_a_person"
            ),
            models.UniqueConstraint(
                fields=["alert", "webhook", "tell", "number"], condition=Q(webhook__isnull=False), name="told_once_to_a_webhook"
            ),
            models.CheckConstraint(condition=_ONE_RECIPIENT, name="notice_has_one_recipient"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(digest__isnull=True), name="notice_due")]

    def __str__(self) -> str:
        return f"{self.get_tell_display()}: {self.alert_id}"
