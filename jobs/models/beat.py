from __future__ import annotations

from django.db import models


class Beat(models.Model):
    """The proof that a supervised cluster on a host works: when one of its workers last started a task.

    `beat_at` is written by the workers, everything else by the supervisor. `waiting` is the queue row of the beat task that is on its way.
    """

    cluster = models.CharField(max_length=40)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    workers = models.PositiveSmallIntegerField(default=0)
    busy = models.PositiveSmallIntegerField(default=0)
    waiting = models.BigIntegerField(null=True, blank=True)
    restarts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["cluster", "host"]
        constraints = [models.UniqueConstraint(fields=["cluster", "host"], name="beat_once_per_host")]

    def __str__(self) -> str:
        return f"{self.cluster} on {self.host}"
