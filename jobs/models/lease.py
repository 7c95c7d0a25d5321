from __future__ import annotations

from django.db import models


class Leased(models.Model):
    """A row that one worker at a time may work on. Only `jobs.lease` writes these columns.

    The fence grows with every claim, so that a worker that lost its lease can be told from the one that has it now.
    """

    fence = models.PositiveIntegerField(default=0, editable=False)
    attempt = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    worker = models.CharField(max_length=200, blank=True, default="", editable=False)

    class Meta:
        abstract = True


class Lease(Leased):
    """A lock with a name, for work that has no row of its own."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
