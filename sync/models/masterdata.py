from __future__ import annotations

from django.db import models

from inventory.models import Category
from inventory.quantity import QuantityField
from sync.models.reference import Reference


class CategoryRef(Reference):
    """A category as an outside system has it; `path` is its name after those of the categories it lies in there."""

    category = models.ForeignKey(Category, on_delete=models.SET_NULL, null=True, blank=True, related_name="references")
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=500, blank=True, default="")
    parent_id_there = models.CharField(max_length=300, blank=True, default="", help_text="The category it lies in; blank for one on top.")

    class Meta:
        ordering = ["connection", "path", "id"]
        verbose_name = "category there"
        verbose_name_plural = "categories there"
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="category_ref_once")]

    def __str__(self) -> str:
        return self.path or self.name


class ReorderRef(Reference):
    """A reordering rule of an outside system: what it keeps of one product in one place there."""

    product_id_there = models.CharField(max_length=300)
    place_id_there = models.CharField(max_length=300)
    point = QuantityField(null=True, blank=True, help_text="At or below it, it is reordered there.")
    maximum = QuantityField(null=True, blank=True, help_text="Up to how much is ordered; empty is unknown.")
    method = models.CharField(max_length=40, blank=True, default="")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["connection", "product_id_there", "id"]
        verbose_name = "reordering rule there"
        verbose_name_plural = "reordering rules there"
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="reorder_ref_once")]
        indexes = [models.Index(fields=["connection", "product_id_there"], name="reorder_ref_product")]

    def __str__(self) -> str:
        return f"{self.product_id_there} {self.place_id_there}"
