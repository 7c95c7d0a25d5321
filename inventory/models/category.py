from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned


class Category(AccountOwned):
    """A kind of products, by which lists and reports are narrowed. Categories may lie in others."""

    name = models.CharField(max_length=120)
    name_key = models.CharField(
        max_length=120, editable=False, help_text="The name as it is compared: one blank between words, in upper case."
    )
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name_key", "id"]
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "parent", "name_key"], condition=Q(parent__isnull=False), name="category_once_below"
            ),
            models.UniqueConstraint(fields=["account", "name_key"], condition=Q(parent__isnull=True), name="category_once_on_top"),
            models.CheckConstraint(condition=~Q(name_key=""), name="category_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
