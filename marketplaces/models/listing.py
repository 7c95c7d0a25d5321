from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models import Item
from jobs.models import Leased
from marketplaces.models.shop import Shop


class ListingState(models.TextChoices):
    """How far a shop agrees with an item (docs/push.md)."""

    SYNCING = "syncing", "Syncing"
    SYNCED = "synced", "Synced"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
    NEEDS_PERSON = "needs_person", "Needs a person"
    UNMAPPED = "unmapped", "Unknown to the shop's catalogue"
    WAITING = "waiting", "Waiting"
    KEPT_OFF = "kept_off", "Kept off this shop"


class Priority(models.IntegerChoices):
    """What is sent first, and what may use the last of a budget."""

    LESS = 1, "Less to sell, or none"
    MORE = 2, "New, or more to sell"
    PRICE = 4, "Price"
    TEXTS = 5, "Notes, place and the rest"


class Listing(AccountOwned, Leased):
    """One item in one shop: what the shop has been told, and how that went.

    `told_quantity` moves by what was sent and by what the shop has sold; only creating, adopting and reading back assign it
    (docs/push.md). `told` holds the other fields as they were sent. Work is due where these differ from what is wanted; there is no queue.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="listings")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="listings")
    kept_off = models.BooleanField(default=False, help_text="On: nothing of this item is sent to this shop.")
    lot_id = models.CharField("lot", max_length=40, blank=True, default="", editable=False)
    retiring_lot_id = models.CharField(
        max_length=40, blank=True, default="", editable=False, help_text="A lot that this one replaces, to be deleted at the shop."
    )
    told_quantity = models.PositiveIntegerField(default=0, editable=False)
    told_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True, editable=False)
    told = models.JSONField(default=dict, blank=True, editable=False)
    assigned_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the told quantity was last read from the shop; orders before it are in it."
    )
    reread = models.BooleanField(
        default=False, editable=False, help_text="The told quantity is in doubt: read the lot before it is changed."
    )
    seen_quantity = models.PositiveIntegerField(null=True, blank=True, editable=False, help_text="In the shop's last answer.")
    seen = models.JSONField(default=dict, blank=True, editable=False, help_text="The lot as the shop last showed it.")
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    state = models.CharField(max_length=20, choices=ListingState, default=ListingState.SYNCING)
    code = models.CharField(max_length=40, blank=True, default="", editable=False, help_text="What is wrong, for programs.")
    sentence = models.CharField(max_length=1000, blank=True, default="", editable=False)
    hint = models.CharField(max_length=500, blank=True, default="", editable=False)
    due_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it is worked on next. Empty: when something changes."
    )
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.MORE, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Failures in a row.")
    item_version = models.PositiveBigIntegerField(default=0, editable=False, help_text="The item's version when it was last judged.")
    rules_version = models.PositiveBigIntegerField(default=0, editable=False, help_text="The shop's rules when it was last judged.")
    requested_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When the oldest change not yet judged came.")
    cause = models.CharField(max_length=40, blank=True, default="", editable=False)
    correlation = models.UUIDField(null=True, blank=True, editable=False)
    correlations = models.JSONField(default=list, blank=True, editable=False, help_text="Of all changes since the last attempt.")
    synced_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["item", "shop"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "item"], name="listing_once"),
            models.UniqueConstraint(fields=["shop", "lot_id"], condition=~Q(lot_id=""), name="listing_lot_once"),
            models.CheckConstraint(condition=Q(state__in=ListingState.values), name="listing_state_known"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="listing_priority_known"),
        ]
        indexes = [
            models.Index(fields=["shop", "priority", "due_at"], condition=Q(due_at__isnull=False), name="listing_due"),
            models.Index(fields=["account", "state"], name="listing_by_state"),
            models.Index(fields=["correlation"], name="listing_correlation"),
        ]

    def __str__(self) -> str:
        return f"{self.item} at {self.shop}"


class LotOrigin(models.TextChoices):
    CREATED = "created", "Made by us"
    ADOPTED = "adopted", "Adopted"


class Lot(AccountOwned):
    """A lot at a shop that is or was ours. Nothing that has no such row is ever deleted there."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="lots")
    lot_id = models.CharField(max_length=40)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="lots")
    origin = models.CharField(max_length=10, choices=LotOrigin)
    since = models.DateTimeField(help_text="Orders on an adopted lot from before are history.")
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["shop", "lot_id"], name="lot_once")]

    def __str__(self) -> str:
        return self.lot_id
