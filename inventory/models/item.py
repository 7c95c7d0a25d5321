from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import AccountOwned
from inventory.models.product import Product
from inventory.models.unitkind import UnitKind
from inventory.models.warehouse import Warehouse
from inventory.quantity import QuantityField

TOKEN_LENGTH = 8
TOKEN_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def new_token() -> str:
    """A short name that nothing else has: letters and digits that can't be mistaken for each other."""
    return "".join(secrets.choice(TOKEN_LETTERS) for _ in range(TOKEN_LENGTH))


class ItemType(models.TextChoices):
    """What sort of thing it is, in BrickLink's words (docs/items.md)."""

    PART = "PART", "Part"
    SET = "SET", "Set"
    MINIFIG = "MINIFIG", "Minifigure"
    BOOK = "BOOK", "Book"
    GEAR = "GEAR", "Gear"
    CATALOG = "CATALOG", "Catalogue"
    INSTRUCTION = "INSTRUCTION", "Instructions"
    ORIGINAL_BOX = "ORIGINAL_BOX", "Original box"
    UNSORTED_LOT = "UNSORTED_LOT", "Unsorted lot"


class Condition(models.TextChoices):
    NEW = "new", "New"
    USED = "used", "Used"


class Completeness(models.TextChoices):
    """Of a set."""

    UNSTATED = "", "Not stated"
    SEALED = "sealed", "Sealed"
    COMPLETE = "complete", "Complete"
    INCOMPLETE = "incomplete", "Incomplete"


class ItemStatus(models.TextChoices):
    AVAILABLE = "available", "Available"
    RESERVED = "reserved", "Reserved"
    SOLD = "sold", "Sold"


class Item(AccountOwned):
    """A sellable lot: so many pieces of one thing in one condition, at one price, in one place.

    Unlinked, its quantities are its own. Linked to a product, `quantity_available` is what the levels of its warehouses offer and follows
    them (docs/items.md). Archived, never deleted.

    `version` grows with every UPDATE of the row whoever makes it: a trigger of the database sees to that. So what differs from what was
    told elsewhere is found by one comparison.
    """

    token = models.CharField(max_length=12, default=new_token, editable=False, help_text="By which shops' lots are known to be this item.")
    name = models.CharField(max_length=300, blank=True, default="")
    part_number = models.CharField("number", max_length=80, help_text="BrickLink's catalogue number.")
    item_type = models.CharField("type", max_length=20, choices=ItemType, default=ItemType.PART)
    color_id = models.PositiveIntegerField("colour", default=0, help_text="BrickLink's colour; 0 where colour does not apply.")
    condition = models.CharField(max_length=4, choices=Condition, default=Condition.NEW)
    completeness = models.CharField(max_length=10, choices=Completeness, blank=True, default="", help_text="Of a set.")
    location = models.CharField(max_length=200, blank=True, default="", help_text="Where it lies; only the shop's owner sees it.")
    quantity_available = models.PositiveIntegerField("available", default=0)
    quantity_reserved = models.PositiveIntegerField("reserved", default=0)
    quantity_sold = models.PositiveIntegerField("sold", default=0)
    status = models.CharField(max_length=10, choices=ItemStatus, default=ItemStatus.AVAILABLE)
    price = models.DecimalField("unit price", max_digits=14, decimal_places=4, null=True, blank=True)
    notes = models.TextField(blank=True, default="", help_text="What buyers read.")
    bulk = models.PositiveIntegerField(null=True, blank=True, help_text="Sold in multiples of it. Empty: as each shop has it.")
    sale_percent = models.PositiveSmallIntegerField("sale in per cent", null=True, blank=True, help_text="Empty: as each shop has it.")
    tiers = models.JSONField(
        "tier prices",
        null=True,
        blank=True,
        help_text="Up to three pairs of quantity and price, such as [[50, “0.110”]]. Empty: as each shop has it.",
    )
    cost = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True, help_text="What a piece cost.")

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="items", help_text="Whose stock it offers."
    )
    warehouses = models.ManyToManyField(Warehouse, through="ItemWarehouse", related_name="items", blank=True)
    unit_kind = models.CharField("counted in", max_length=10, choices=UnitKind, default=UnitKind.UNITS)
    pack = QuantityField(default=1, help_text="How much of the product one piece of the item is.")
    buffer = QuantityField(default=0, help_text="So much of the product is kept back.")
    minimum = models.PositiveIntegerField(default=0, help_text="Below it, none is offered.")
    maximum = models.PositiveIntegerField(null=True, blank=True, help_text="More is never offered. Empty is no limit.")
    share = models.PositiveSmallIntegerField("share in per cent", default=100, help_text="How much of what is there is offered.")

    version = models.PositiveBigIntegerField(default=1, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_by_label = models.CharField("made by", max_length=200, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["part_number", "color_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["token"], name="item_token_once"),
            models.CheckConstraint(condition=~Q(part_number=""), name="item_has_number"),
            models.CheckConstraint(condition=Q(item_type__in=ItemType.values), name="item_type_known"),
            models.CheckConstraint(condition=Q(condition__in=Condition.values), name="item_condition_known"),
            models.CheckConstraint(condition=Q(status__in=ItemStatus.values), name="item_status_known"),
            models.CheckConstraint(condition=Q(price__isnull=True) | Q(price__gt=0), name="item_price_positive"),
            models.CheckConstraint(condition=Q(cost__isnull=True) | Q(cost__gte=0), name="item_cost_not_negative"),
            models.CheckConstraint(condition=Q(bulk__isnull=True) | Q(bulk__gte=1), name="item_bulk_positive"),
            models.CheckConstraint(condition=Q(sale_percent__isnull=True) | Q(sale_percent__lt=100), name="item_sale_below_100"),
            models.CheckConstraint(condition=Q(pack__gt=0, buffer__gte=0), name="item_pack_positive"),
            models.CheckConstraint(condition=Q(share__gte=1, share__lte=100), name="item_share_of_100"),
            models.CheckConstraint(condition=Q(maximum__isnull=True) | Q(maximum__gte=F("minimum")), name="item_maximum_above_minimum"),
        ]
        indexes = [
            models.Index(fields=["account", "part_number", "color_id"], name="item_number"),
            models.Index(fields=["account", "archived_at", "part_number", "color_id", "id"], name="item_listed"),
            models.Index(fields=["account", "location"], name="item_location"),
        ]

    def __str__(self) -> str:
        return f"{self.part_number} {self.name}".strip()

    @property
    def linked(self) -> bool:
        """Whether its quantity follows a product's levels."""
        return self.product_id is not None

    @property
    def offered(self) -> int:
        """How many pieces buyers may have: none of one that is archived or sold."""
        return 0 if self.archived_at or self.status == ItemStatus.SOLD else self.quantity_available


class ItemWarehouse(AccountOwned):
    """A warehouse whose stock a linked item offers. Orders are taken from them in the order of `position`."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="sources")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["item", "position", "id"]
        # What keeps a warehouse from being deleted is said in these words.
        verbose_name = "linked item"
        constraints = [models.UniqueConstraint(fields=["item", "warehouse"], name="item_warehouse_once")]

    def __str__(self) -> str:
        return str(self.warehouse)
