from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from inventory.models.item import Item


class ItemAttachment(AccountOwned):
    """A picture or file that belongs to an item, kept with the data it belongs to."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the content.")
    body = models.BinaryField()
    added_by = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["item", "checksum"], name="item_attachment_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")
