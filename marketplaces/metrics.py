"""How the shops of one business account do, as numbers for a monitoring system (docs/push.md)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Min
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import Account
from inventory import moment
from marketplaces.models import Listing, ListingState, Shop, Tally
from sync.wire.budget import forecast

EVENTS = "levelstock_push_events"
SECONDS = "levelstock_push_seconds"


class PushCollector(Collector):
    """Listings by state, the oldest change that waits, what is left of the budgets, and events by the names that dashboards know."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def collect(self) -> Iterable[Metric]:
        shops = list(Shop.objects.filter(account=self.account).select_related("connection"))
        yield self._listings(shops)
        yield self._waiting(shops)
        yield self._budgets(shops)
        yield from self._events()

    def _listings(self, shops: list[Shop]) -> Metric:
        rows = Listing.objects.filter(account=self.account).order_by().values_list("shop", "state").annotate(Count("pk"))
        found = {(shop, state): number for shop, state, number in rows}
        family = GaugeMetricFamily("levelstock_listings", "Listings by shop and state.", labels=["shop", "state"])
        for shop in shops:
            for state in ListingState.values:
                family.add_metric([str(shop), state], found.get((shop.pk, state), 0))
        return family

    def _waiting(self, shops: list[Shop]) -> Metric:
        now = moment.now()
        rows = Listing.objects.filter(account=self.account, requested_at__isnull=False).order_by()
        oldest = dict(rows.values_list("shop").annotate(Min("requested_at")))
        family = GaugeMetricFamily(
            "levelstock_push_oldest_seconds", "Since the oldest change that a shop has not been told of.", labels=["shop"]
        )
        for shop in shops:
            since = oldest.get(shop.pk)
            family.add_metric([str(shop)], (now - since).total_seconds() if since else 0)
        return family

    def _budgets(self, shops: list[Shop]) -> Metric:
        family = GaugeMetricFamily("levelstock_shop_calls_left", "Calls left, the reserved ones too.", labels=["shop", "budget"])
        for shop in shops:
            for budget in forecast(shop.connection_id):
                family.add_metric([str(shop), budget.name], budget.left_urgent)
        return family

    def _events(self) -> Iterable[Metric]:
        counts = CounterMetricFamily(EVENTS, "What happened while pushing, by name.", labels=["name"])
        seconds = CounterMetricFamily(SECONDS, "How long it took altogether, by name.", labels=["name"])
        for tally in Tally.objects.filter(account=self.account):
            counts.add_metric([tally.name], tally.count)
            if tally.total:
                seconds.add_metric([tally.name], tally.total)
        yield counts
        yield seconds
