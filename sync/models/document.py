from __future__ import annotations

import zlib

from django.db import models

from accounts.models import AccountOwned
from sync.models.connection import Connection
from sync.models.run import SyncRun


class FeedDocument(AccountOwned):
    """What the other side said, or a person uploaded, kept as it came: a run can be planned from it again."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="documents")
    feed = models.CharField(max_length=60)
    part = models.CharField(max_length=300, blank=True, default="", help_text="Which of several, for example a load's number.")
    run = models.ForeignKey(
        SyncRun, on_delete=models.CASCADE, null=True, blank=True, related_name="documents", help_text="The run that fetched it."
    )
    transport = models.CharField(max_length=20)
    filename = models.CharField(max_length=255, blank=True, default="")
    content_type = models.CharField(max_length=100, blank=True, default="")
    checksum = models.CharField(max_length=64, help_text="SHA-256 of what it says, whenever it was said.")
    size = models.PositiveIntegerField()
    body = models.BinaryField(help_text="Compressed by zlib.")
    taken_at = models.DateTimeField(help_text="When the other side wrote it; else when we got it.")
    covers = models.JSONField(default=list, blank=True, help_text="Upload of several parts in one: which ones.")
    report = models.JSONField(default=dict, blank=True, help_text="Upload: what was found when it came in.")
    uploaded_by = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["connection", "transport", "feed", "-id"], name="document_latest"),
            models.Index(fields=["created_at"], name="document_age"),
        ]

    def __str__(self) -> str:
        return self.filename or f"{self.feed} {self.part}".strip()

    def content(self) -> bytes:
        """The bytes as they came."""
        return zlib.decompress(bytes(self.body))


class FeedState(AccountOwned):
    """What the last run that could believe a feed saw: the measure for the next one."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="feed_states")
    feed = models.CharField(max_length=60)
    rows = models.PositiveIntegerField()
    footer = models.JSONField(null=True, blank=True)
    checksum = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    valid_at = models.DateTimeField(help_text="When a run last found it valid.")
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["connection", "feed"]
        constraints = [models.UniqueConstraint(fields=["connection", "feed"], name="feed_state_once")]

    def __str__(self) -> str:
        return f"{self.feed}: {self.rows} rows"


class FeedConfirmation(AccountOwned):
    """A manager's word that an odd-looking document is right. It holds for that content and that doubt alone."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="confirmations")
    feed = models.CharField(max_length=60)
    checksum = models.CharField(max_length=64)
    code = models.CharField(max_length=40)
    confirmed_by = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["connection", "feed", "checksum", "code"], name="confirmed_once")]

    def __str__(self) -> str:
        return f"{self.feed}: {self.code} is right"
