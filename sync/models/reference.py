from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models import Product, Vendor, Warehouse
from inventory.quantity import QuantityField
from sync.models.connection import Connection


class FieldGroup(models.TextChoices):
    """Fields of a product that have one owner together (docs/references.md)."""

    IDENTITY = "identity", "SKU, name, barcode, category"
    PRICE = "price", "Purchase price"
    VENDOR = "vendor", "Vendor and lead time"
    REORDER = "reorder", "Reorder points"
    ACTIVE = "active", "Active or not"


class FieldOwner(AccountOwned):
    """Which connection has the say over a group of fields where several know a product. The lowest rank first; unlisted ones come last."""

    group = models.CharField(max_length=10, choices=FieldGroup)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="owns")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["group", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["account", "group", "connection"], name="field_owner_once"),
            models.UniqueConstraint(fields=["account", "group", "rank"], name="field_owner_rank_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_group_display()}: {self.connection}"


class Reference(AccountOwned):
    """What one connection says of one thing, under the name it has there: kept as said, whoever owns the fields here."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=300)
    gone_at = models.DateTimeField(null=True, blank=True, help_text="Since when a complete reading does not have it any more.")
    first_seen_at = models.DateTimeField()
    changed_upstream_at = models.DateTimeField(null=True, blank=True, help_text="When the outside system last changed it.")

    class Meta:
        abstract = True


class WarehouseRef(Reference):
    """A location of an outside system, or a sublocation within one. Stock of those that count is in `warehouse`, or in its parent's."""

    name = models.CharField(max_length=200, blank=True, default="")
    code = models.CharField(max_length=80, blank=True, default="")
    parent_id_there = models.CharField(max_length=300, blank=True, default="", help_text="The location it lies in; blank for one itself.")
    active = models.BooleanField(default=True)
    counts = models.BooleanField(default=True, help_text="Off: what lies there (returns, transit, quarantine) counts for no level.")
    counts_pinned = models.BooleanField(default=False, editable=False, help_text="Somebody has decided whether it counts.")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, null=True, blank=True, related_name="references")

    class Meta:
        ordering = ["connection", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="warehouse_ref_once")]

    def __str__(self) -> str:
        return self.name or self.external_id


class VendorRef(Reference):
    """A supplier as an outside system has it."""

    vendor = models.ForeignKey(Vendor, on_delete=models.SET_NULL, null=True, blank=True, related_name="references")
    party_id = models.CharField(max_length=80, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    name_key = models.CharField(max_length=200, blank=True, default="", editable=False)
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    contact = models.CharField(max_length=120, blank=True, default="")
    address = models.CharField(max_length=500, blank=True, default="")
    active = models.BooleanField(default=True)
    raw = models.TextField(blank=True, default="", help_text="The contacts as they came, as JSON.")

    class Meta:
        ordering = ["connection", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="vendor_ref_once")]
        indexes = [models.Index(fields=["account", "name_key"], name="vendor_ref_name")]

    def __str__(self) -> str:
        return self.name or self.external_id


class ProductRef(Reference):
    """A product as an outside system has it. Without `product` it waits for a person: `problem` says why."""

    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, blank=True, related_name="references")
    problem = models.CharField(max_length=300, blank=True, default="", help_text="Why it is not matched to a product here.")
    sku = models.CharField(max_length=80)
    sku_key = models.CharField(max_length=80, editable=False)
    name = models.CharField(max_length=300, blank=True, default="")
    active = models.BooleanField(default=True)
    barcode = models.CharField(max_length=80, blank=True, default="")
    barcode_key = models.CharField(max_length=80, blank=True, default="", editable=False)
    category = models.CharField(max_length=120, blank=True, default="")
    category_id_there = models.CharField(
        max_length=300, blank=True, default="", help_text="Of a system that has a tree of categories: the one it is in."
    )
    cost = models.CharField(max_length=30, blank=True, default="", help_text="Plain decimal text; blank is unknown, as a cost of 0 is.")
    lead_time_days = models.PositiveSmallIntegerField(null=True, blank=True)
    packing = models.CharField(max_length=80, blank=True, default="")
    units_per_case = QuantityField(null=True, blank=True)
    fractional = models.BooleanField(
        null=True, blank=True, help_text="Counted in a unit that is weighed or measured; unknown where nobody says."
    )
    vendor_id_there = models.CharField(max_length=300, blank=True, default="", help_text="The main supplier's external id.")
    vendor_code = models.CharField(max_length=80, blank=True, default="", help_text="The main supplier's number of the product.")
    vendor_price = models.CharField(max_length=30, blank=True, default="")
    suppliers = models.TextField(blank=True, default="", help_text="All supplier entries, as JSON in a fixed form.")
    guidelines = models.TextField(
        blank=True, default="", help_text="Reorder points by location, as JSON in a fixed form; blank is unknown."
    )
    reorder_method = models.CharField(max_length=40, blank=True, default="")
    reorder_excluded = models.BooleanField(default=False)
    raw = models.TextField(blank=True, default="", help_text="Fields nobody here knows, as JSON.")
    digest = models.CharField(
        max_length=40, blank=True, default="", editable=False, help_text="Of the row as it came: the same row need not be read again."
    )

    class Meta:
        ordering = ["connection", "sku", "id"]
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="product_ref_once")]
        indexes = [
            models.Index(fields=["connection", "sku_key"], name="product_ref_sku"),
            models.Index(fields=["connection", "id"], condition=Q(product__isnull=True), name="product_ref_unmatched"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}".strip()


class StockRef(AccountOwned):
    """What an outside system says is of one product in one place there, lots and packings added up."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=610, help_text="Product and place, as the outside system calls them, with a blank between.")
    product_id_there = models.CharField(max_length=300)
    place_id_there = models.CharField(max_length=300)
    sku = models.CharField(max_length=80, blank=True, default="")
    on_hand = QuantityField(default=0)
    reserved = QuantityField(default=0)
    on_order = QuantityField(default=0)
    first_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True, help_text="Since when a complete reading has no such row: zero of it.")

    class Meta:
        ordering = ["connection", "key"]
        constraints = [models.UniqueConstraint(fields=["connection", "key"], name="stock_ref_once")]
        indexes = [models.Index(fields=["connection", "product_id_there"], name="stock_ref_product")]

    def __str__(self) -> str:
        return self.key


class OrderRef(Reference):
    """A purchase order as an outside system has it; `lines` and `received` are JSON: product there → quantity."""

    number = models.CharField(max_length=80, blank=True, default="")
    reference = models.CharField(max_length=80, blank=True, default="", help_text="What we or the vendor call it.")
    status = models.CharField(max_length=40, blank=True, default="")
    vendor_id_there = models.CharField(max_length=300, blank=True, default="")
    place_id_there = models.CharField(max_length=300, blank=True, default="")
    ordered_on = models.DateField(null=True, blank=True)
    lines = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="order_ref_once")]
        indexes = [models.Index(fields=["connection", "reference"], name="order_ref_reference")]

    def __str__(self) -> str:
        return self.number or self.external_id


class Cursor(AccountOwned):
    """How far a feed was read: up to which moment of the outside system's own clock."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="cursors")
    feed = models.CharField(max_length=60)
    read_to = models.DateTimeField(help_text="The newest change received, by the outside system's clock.")
    complete_at = models.DateTimeField(null=True, blank=True, help_text="When the feed was last read from its beginning to its end.")

    class Meta:
        ordering = ["connection", "feed"]
        constraints = [models.UniqueConstraint(fields=["connection", "feed"], name="cursor_once")]

    def __str__(self) -> str:
        return f"{self.feed}: {self.read_to}"
