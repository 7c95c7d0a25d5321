from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from alerts.models.notice import Digest
from alerts.models.recipient import Subscriber, Webhook
from inventory.models import PurchaseOrder
from jobs.models import Leased


class DeliveryState(models.TextChoices):
    """How a mail or a webhook request went, named by what happens next."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    BOUNCED = "bounced", "Address refused"
    BLOCKED = "blocked", "Needs a person"
    UNKNOWN = "unknown", "Unknown"
    FAILED = "failed", "Given up"
    SKIPPED = "skipped", "Not sent"


class DeliveryKind(models.TextChoices):
    DIGEST = "digest", "Alerts"
    TEST = "test", "Test"
    ORDER = "order", "Purchase order"


class Delivery(AccountOwned, Leased):
    """One mail or request, written with its whole content before it is sent, and what came of it (docs/alerts.md).

    `key` names it at the other side, so that a request that comes twice can be recognised. Mail whose outcome is unknown is never sent
    again by itself.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=DeliveryKind)
    digest = models.OneToOneField(Digest, on_delete=models.CASCADE, null=True, blank=True, related_name="delivery")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries")
    webhook = models.ForeignKey(Webhook, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries")
    order = models.ForeignKey(PurchaseOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries")
    by_mail = models.BooleanField(default=True)
    to = models.CharField(max_length=500, help_text="The address of the mail or of the webhook.")
    subject = models.CharField(max_length=300, blank=True, default="")
    text = models.TextField(blank=True, default="", help_text="The mail as text, or the body of the request.")
    html = models.TextField(blank=True, default="")
    attachments = models.JSONField(default=list, blank=True, help_text="Name, media type and text of each.")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    due_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=40, blank=True, default="")
    sentence = models.CharField(max_length=1000, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    message_id = models.CharField(max_length=300, blank=True, default="", help_text="What the mail service calls it.")
    tries = models.JSONField(default=list, blank=True, help_text="When each try was made and what came of it.")
    asked_by = models.CharField(max_length=200, blank=True, default="")
    resend_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="resends")
    correlation = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state")]
        indexes = [
            models.Index(fields=["account", "-id"], name="delivery_newest"),
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="delivery_leased"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.to}"
