from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from inventory.models.category import Category
from inventory.models.unitkind import UnitKind
from inventory.models.vendor import Vendor
from inventory.quantity import QuantityField


class Product(AccountOwned):
    """Something that is stocked, under the name the business gives it."""

    sku = models.CharField("SKU", max_length=80)
    sku_key = models.CharField(
        max_length=80, editable=False, help_text="The SKU as it is compared: without blanks around it, in upper case."
    )
    model_key = models.CharField(
        max_length=80,
        blank=True,
        default="",
        editable=False,
        help_text="The SKU as models are compared: by it a unit finds its product when no alias names its model.",
    )
    name = models.CharField(max_length=300, blank=True, default="")
    product_type = models.CharField("type", max_length=100, blank=True, default="")
    fractional = models.BooleanField(default=False, help_text="May be counted in fractions, down to a thousandth.")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    vendor = models.ForeignKey(
        Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="products", help_text="Whom it is mostly bought from."
    )
    unit_kind = models.CharField(
        "counted in",
        max_length=10,
        choices=UnitKind,
        default=UnitKind.UNITS,
        help_text="What forms offer first, and what reorder points mean.",
    )
    packs_per_pallet = QuantityField(null=True, blank=True, help_text="Empty is unknown. A batch keeps the one it was received with.")
    units_per_pack = QuantityField(null=True, blank=True, help_text="Empty is unknown. A batch keeps the one it was received with.")
    lead_time_days = models.PositiveSmallIntegerField(
        "lead time in days", null=True, blank=True, help_text="From order to receipt; empty is the vendor's."
    )
    purchase_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    sale_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    batch_managed = models.BooleanField(
        "kept in batches", default=True, help_text="Off: a counter without any batch is reported and not corrected to zero."
    )
    active = models.BooleanField(default=True)
    reorder_excluded = models.BooleanField(
        "never reordered", default=False, help_text="On: no list of critical products and no suggestion has it, whatever its stock."
    )
    pins = models.CharField(
        max_length=300,
        blank=True,
        default="",
        editable=False,
        help_text="Fields that people have set here, between commas: no outside system overwrites them.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["sku_key", "id"]
        indexes = [
            models.Index(fields=["account", "sku_key"], name="product_sku"),
            models.Index(fields=["account", "model_key"], name="product_model"),
            models.Index(fields=["account", "product_type"], name="product_type"),
            models.Index(fields=["account", "updated_at"], name="product_changed"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(sku_key=""), name="product_has_sku"),
            models.CheckConstraint(condition=models.Q(unit_kind__in=UnitKind.values), name="product_unit_kind"),
            models.CheckConstraint(
                condition=(models.Q(packs_per_pallet__isnull=True) | models.Q(packs_per_pallet__gt=0))
                & (models.Q(units_per_pack__isnull=True) | models.Q(units_per_pack__gt=0)),
                name="product_packing_is_sensible",
            ),
            models.CheckConstraint(
                condition=(models.Q(purchase_price__isnull=True) | models.Q(purchase_price__gte=0))
                & (models.Q(sale_price__isnull=True) | models.Q(sale_price__gte=0)),
                name="product_prices_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}".strip()


class AliasKind(models.TextChoices):
    """What another name of a product is."""

    MODEL = "model", "Model"
    BARCODE = "barcode", "Barcode"


class ProductAlias(AccountOwned):
    """Another name of a product: a maker's model, by which units find it, or a barcode."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=10, choices=AliasKind, default=AliasKind.MODEL)
    text = models.CharField(max_length=80)
    key = models.CharField(max_length=80, editable=False, help_text="The text as it is compared: letters and digits, in upper case.")

    class Meta:
        ordering = ["kind", "text"]
        verbose_name_plural = "product aliases"
        constraints = [
            # A model leads to one product, or units could not tell which they are; barcodes may repeat.
            models.UniqueConstraint(fields=["account", "key"], condition=models.Q(kind="model"), name="alias_model_once"),
            models.UniqueConstraint(fields=["product", "kind", "key"], name="alias_once_per_product"),
            models.CheckConstraint(condition=~models.Q(key=""), name="alias_has_key"),
        ]
        indexes = [models.Index(fields=["account", "kind", "key"], name="alias_key")]

    def __str__(self) -> str:
        return self.text
