from __future__ import annotations

from django.db import models

from accounts.models import AccountOwned
from jobs.models import Leased
from sync.models import Connection


class Shop(AccountOwned, Leased):
    """A connection that sells. Its lease is held by the one drain that sends its changes.

    `rules_version` grows with every change of the connection's settings, so that all listings are judged by the new ones.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="shop")
    rules_version = models.PositiveBigIntegerField(default=1, editable=False)
    store_name = models.CharField(max_length=200, blank=True, default="", editable=False)
    currency = models.CharField(max_length=3, blank=True, default="", editable=False, help_text="In which the shop sells.")
    maintenance_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when nothing is sent, because somebody works at the shop itself."
    )
    maintenance_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Since when the shop refuses our login.")
    stopped_code = models.CharField(max_length=40, blank=True, default="", editable=False)
    stopped_sentence = models.CharField(max_length=500, blank=True, default="", editable=False)
    stopped_hint = models.CharField(max_length=500, blank=True, default="", editable=False)
    resting_until = models.DateTimeField(null=True, blank=True, editable=False, help_text="No calls are sent until then.")
    resting_because = models.CharField(max_length=500, blank=True, default="", editable=False)
    orders_polled_at = models.DateTimeField(null=True, blank=True, editable=False)
    orders_asked_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Somebody wants orders to be read now.")
    orders_mark = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Up to when the shop's changes of orders were read."
    )
    orders_from = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Orders from before are history: they were not read then. Empty: since it exists."
    )
    orders_problem = models.CharField(max_length=500, blank=True, default="", editable=False)
    verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.connection.name

    @property
    def provider(self) -> str:
        """The key of the marketplace: its connection's system."""
        return self.connection.system
