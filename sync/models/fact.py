from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import AccountOwned
from inventory.models import Product, Warehouse
from inventory.quantity import QuantityField
from sync.models.connection import Connection
from sync.models.reference import Reference


class FactKind(models.TextChoices):
    """What a fact says has happened (docs/facts.md)."""

    PURCHASE = "purchase", "Purchase"
    VENDOR_RETURN = "vendor_return", "Return to the vendor"
    SALE = "sale", "Sale"
    SALE_RETURN = "sale_return", "Return of a customer"
    TRANSFER = "transfer", "Transfer"
    CONSUMPTION = "consumption", "Used in production"
    MANUFACTURE = "manufacture", "Made in production"
    WASTAGE = "wastage", "Wastage"
    FOUND = "found", "Found"
    IGNORED = "ignored", "Moves no stock"


class FactState(models.TextChoices):
    """How far a fact has come here."""

    WAITING = "waiting", "Waiting to be booked"
    BOOKED = "booked", "Booked"
    HELD = "held", "Held"
    HISTORY = "history", "Kept as history"
    IGNORED = "ignored", "Ignored"
    VOID = "void", "Void"


class SourceFact(Reference):
    """Something that an outside system says has moved: one line of a bill, one stock move. Kept as said, and booked here once.

    What is said counts up `revision` with each difference; `booked_revision` is the one the ledger knows, under the external id as key.
    """

    feed = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=FactKind)
    product_there = models.CharField(max_length=300, blank=True, default="", help_text="The product's external id.")
    barcode = models.CharField(max_length=80, blank=True, default="")
    barcode_key = models.CharField(max_length=80, blank=True, default="", editable=False)
    place_there = models.CharField(max_length=300, blank=True, default="", help_text="Where it left; blank for none that is kept.")
    place_to_there = models.CharField(max_length=300, blank=True, default="", help_text="Where it went; blank for none that is kept.")
    quantity = QuantityField(null=True, blank=True, help_text="In the product's own unit, above zero.")
    happened_at = models.DateTimeField(null=True, blank=True)
    day = models.DateField(null=True, blank=True, help_text="The business day there.")
    document = models.CharField(max_length=100, blank=True, default="", help_text="The bill, the picking or the order.")
    pair_there = models.TextField(blank=True, default="", help_text="External ids of the facts that brought it on its way, by commas.")
    unit_cost = models.CharField(max_length=30, blank=True, default="", help_text="Plain decimal text; blank is unknown.")
    vendor_there = models.CharField(max_length=300, blank=True, default="")
    said_problem = models.CharField(max_length=40, blank=True, default="", help_text="What is wrong with it as it was said.")
    raw = models.TextField(blank=True, default="", help_text="The row as it came, as JSON.")

    revision = models.PositiveIntegerField(default=0, editable=False)
    booked_revision = models.PositiveIntegerField(null=True, blank=True, editable=False)
    booked_kind = models.CharField(max_length=20, choices=FactKind, blank=True, default="", editable=False)
    state = models.CharField(max_length=10, choices=FactState, default=FactState.WAITING)
    code = models.CharField(max_length=40, blank=True, default="", help_text="Why it is held or ignored.")
    sentence = models.CharField(max_length=500, blank=True, default="")
    held_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is held.")
    tried_at = models.DateTimeField(null=True, blank=True, help_text="When booking it was last tried.")
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, blank=True, related_name="facts")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.SET_NULL, null=True, blank=True, related_name="facts")
    warehouse_to = models.ForeignKey(Warehouse, on_delete=models.SET_NULL, null=True, blank=True, related_name="facts_in")

    class Meta:
        ordering = ["-id"]
        verbose_name = "fact of an outside system"
        verbose_name_plural = "facts of outside systems"
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="fact_once"),
            models.CheckConstraint(condition=Q(kind__in=FactKind.values), name="fact_kind"),
            models.CheckConstraint(condition=Q(state__in=FactState.values), name="fact_state"),
            # Who looks for held facts asks for those with a code.
            models.CheckConstraint(condition=~Q(state="held") | ~Q(code=""), name="fact_held_for_something"),
            models.CheckConstraint(
                condition=Q(booked_revision__isnull=True) | Q(booked_revision__lte=F("revision")), name="fact_booked_as_said"
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "happened_at", "id"], condition=Q(state="waiting"), name="fact_waiting"),
            models.Index(fields=["connection", "code", "id"], condition=Q(state="held"), name="fact_held"),
            models.Index(fields=["connection", "code", "id"], condition=Q(state="ignored"), name="fact_ignored"),
            models.Index(fields=["connection", "feed", "day"], name="fact_of_day"),
            models.Index(fields=["connection", "document"], name="fact_of_document"),
            models.Index(fields=["account", "external_id"], name="fact_by_key"),
        ]

    def __str__(self) -> str:
        return self.external_id


class RuleAbout(models.TextChoices):
    BARCODE = "barcode", "Barcode"
    PRODUCT = "product", "Product there"
    PLACE = "place", "Place there"


class RuleAction(models.TextChoices):
    IGNORE = "ignore", "Never book it"
    PRODUCT = "product", "It is this product"


class FactRule(AccountOwned):
    """What people decided once for all facts of a connection that name this barcode, product or place."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="fact_rules")
    about = models.CharField(max_length=10, choices=RuleAbout)
    value = models.CharField(max_length=300, help_text="As the outside system writes it.")
    value_key = models.CharField(max_length=300, editable=False)
    action = models.CharField(max_length=10, choices=RuleAction)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, blank=True, related_name="fact_rules")
    note = models.CharField(max_length=300, blank=True, default="")
    made_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["connection", "about", "value"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "about", "value_key"], name="fact_rule_once"),
            models.CheckConstraint(
                condition=Q(action="ignore", product__isnull=True) | Q(action="product", product__isnull=False),
                name="fact_rule_names_product",
            ),
            models.CheckConstraint(condition=~Q(about="place", action="product"), name="fact_rule_place_is_no_product"),
        ]

    def __str__(self) -> str:
        return f"{self.get_about_display()} {self.value}"
