from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models.item import Item, ItemStatus


class ItemChangeKind(models.TextChoices):
    """What was done to an item."""

    CREATE = "create", "Made"
    UPDATE = "update", "Changed"
    ADJUST = "adjust", "Quantity adjusted"
    RESERVE = "reserve", "Reserved"
    RELEASE = "release", "Reservation released"
    LEVEL = "level", "Followed its stock"
    LINK = "link", "Linked to a product"
    UNLINK = "unlink", "Unlinked"
    ORDER = "order", "Sold by an order"
    RESTOCK = "restock", "Order cancelled, restocked"
    ARCHIVE = "archive", "Archived"
    RESTORE = "restore", "Taken out of the archive"
    UNDO = "undo", "Undone"


class ItemChange(AccountOwned):
    """One thing that happened to an item. Rows are added and never changed: the database itself refuses it (docs/audit.md)."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="history")
    kind = models.CharField(max_length=10, choices=ItemChangeKind)
    delta_available = models.IntegerField(default=0)
    delta_reserved = models.IntegerField(default=0)
    delta_sold = models.IntegerField(default=0)
    status_from = models.CharField(max_length=10, choices=ItemStatus, blank=True, default="")
    status_to = models.CharField(max_length=10, choices=ItemStatus, blank=True, default="")
    changes = models.JSONField(default=dict, blank=True, help_text="Of each field that changed: its old and its new value.")
    reason = models.CharField(max_length=300, blank=True, default="", help_text="Why, in a person's words.")
    cause = models.CharField(max_length=40, help_text="What made it happen: a verb of ours, an order, a level.")
    source = models.CharField(max_length=200, blank=True, default="", help_text="The order or other document it comes from.")
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    actor_label = models.CharField(max_length=200)
    correlation = models.UUIDField(help_text="Joins everything that comes from one fact.")
    happened_at = models.DateTimeField(help_text="By the database's clock.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ItemChangeKind.values), name="item_change_kind"),
            models.CheckConstraint(condition=~Q(kind="undo") | Q(undoes__isnull=False), name="item_undo_names_what"),
        ]
        indexes = [
            models.Index(fields=["item", "-id"], name="item_change_of_item"),
            models.Index(fields=["account", "happened_at"], name="item_change_by_time"),
            models.Index(fields=["correlation"], name="item_change_correlation"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.delta_available:+}"
