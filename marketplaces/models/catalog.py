from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import AccountOwned
from inventory.models import ItemType
from marketplaces.models.shop import Shop


class MappingOrigin(models.TextChoices):
    LOOKED_UP = "looked_up", "Looked up"
    OVERRIDE = "override", "Entered by hand"


class PartFinding(models.TextChoices):
    """What a shop's catalogue says of a number."""

    FOUND = "found", "Known"
    MISSING = "missing", "Unknown"
    AMBIGUOUS = "ambiguous", "Several candidates"
    NOT_LISTABLE = "not_listable", "Not sold there"
    RETIRING = "retiring", "Being taken out of the catalogue"
    NOT_ASKED = "not_asked", "The catalogue may not be asked"


class PartMapping(AccountOwned):
    """What one of our numbers is called in a shop's catalogue. What a person entered wins over what was looked up."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="parts")
    item_type = models.CharField("type", max_length=20, choices=ItemType)
    part_number = models.CharField("number", max_length=80)
    remote_id = models.CharField(max_length=40, blank=True, default="")
    remote_type = models.CharField(max_length=40, blank=True, default="")
    remote_name = models.CharField(max_length=300, blank=True, default="")
    finding = models.CharField(max_length=20, choices=PartFinding)
    candidates = models.JSONField(default=list, blank=True, help_text="Ids and names to choose from, and mere suggestions.")
    origin = models.CharField(max_length=10, choices=MappingOrigin, default=MappingOrigin.LOOKED_UP)
    set_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    looked_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["part_number", "item_type"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "item_type", "part_number"], name="part_mapping_once"),
            models.CheckConstraint(condition=~Q(finding="found") | ~Q(remote_id=""), name="part_found_has_id"),
        ]
        indexes = [models.Index(fields=["shop", "finding"], name="part_by_finding")]

    def __str__(self) -> str:
        return f"{self.part_number} → {self.remote_id or '?'}"


class ColorMapping(AccountOwned):
    """What one of BrickLink's colours is called in a shop. At BrickLink itself: the colours there are."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="colors")
    color_id = models.PositiveIntegerField("colour")
    name = models.CharField(max_length=100, blank=True, default="")
    remote_id = models.CharField(max_length=20, blank=True, default="")
    remote_name = models.CharField(max_length=100, blank=True, default="")
    origin = models.CharField(max_length=10, choices=MappingOrigin, default=MappingOrigin.LOOKED_UP)
    set_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    looked_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["color_id"]
        verbose_name = "colour mapping"
        constraints = [models.UniqueConstraint(fields=["shop", "color_id"], name="color_mapping_once")]

    def __str__(self) -> str:
        return f"{self.color_id} → {self.remote_id or '?'}"
