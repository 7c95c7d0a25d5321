from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models import Product
from sync.models import Connection


class Kind(models.TextChoices):
    """What somebody is told of."""

    OUT_OF_STOCK = "out_of_stock", "Out of stock"
    REORDER = "reorder", "Reorder"
    ABOUT_TO_RUN_OUT = "about_to_run_out", "About to run out"
    BATCHES_EXPIRING = "batches_expiring", "Batch expires"
    SYNC_FAILED = "sync_failed", "Sync failed"
    SYNC_PARTIAL = "sync_partial", "Sync partly done"
    SYNC_STUCK = "sync_stuck", "Sync stuck"
    FEED_STALE = "feed_stale", "Data is old"
    BUDGET_LOW = "budget_low", "Call budget nearly spent"
    CREDENTIALS_REFUSED = "credentials_refused", "Login refused"
    SHOP_STOPPED = "shop_stopped", "Shop stopped"
    MASS_CHANGE = "mass_change", "Mass change to review"
    DRIFT = "drift", "Stock does not add up"


class AlertState(models.TextChoices):
    """Where an alert is in its life (docs/alerts.md). A closed one never comes back; the same trouble opens a new one."""

    OPEN = "open", "Open"
    HELD = "held", "Held back for review"
    RECOVERED = "recovered", "Recovered"
    CLOSED = "closed", "Closed"
    DISMISSED = "dismissed", "Dismissed"


LIVE = (AlertState.OPEN, AlertState.HELD)


class Alert(AccountOwned):
    """One trouble with one thing, from when it was seen until it is over.

    `subject` names the thing within its kind: of what is live there is one of each. `facts` are the figures mails show, as they were when
    it was opened or last told.
    """

    kind = models.CharField(max_length=24, choices=Kind)
    subject = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=AlertState, default=AlertState.OPEN)
    title = models.CharField(max_length=300)
    sentence = models.CharField(max_length=1000, blank=True, default="")
    facts = models.JSONField(default=dict, blank=True)
    page = models.CharField(max_length=300, blank=True, default="", help_text="Where it is seen to, below this installation's address.")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, blank=True, related_name="alerts")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, blank=True, related_name="alerts")
    review = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="holds")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When it was last found to be so.")
    remind_at = models.DateTimeField(null=True, blank=True, help_text="When it is told again, if it is still open.")
    reminders = models.PositiveSmallIntegerField(default=0)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=200, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=300, blank=True, default="")
    correlation = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "subject"], condition=Q(state__in=["open", "held"]), name="one_live_alert_per_subject"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="alert_kind"),
            models.CheckConstraint(condition=Q(state__in=AlertState.values), name="alert_state"),
        ]
        indexes = [
            models.Index(fields=["account", "state", "-id"], name="alert_inbox"),
            models.Index(fields=["account", "kind", "subject", "-id"], name="alert_of_subject"),
            models.Index(fields=["remind_at"], condition=Q(state="open", remind_at__isnull=False), name="alert_remind"),
            models.Index(fields=["ended_at"], name="alert_age"),
        ]

    def __str__(self) -> str:
        return self.title
