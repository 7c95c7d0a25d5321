"""Critical items as people work on them: which list, how old the number is, what is expected and what to order (docs/critical-items.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from accounts.models import Account
from alerts.models import Forecast
from alerts.suggestions import with_drafts
from inventory import moment
from inventory.criticality import priority, reorder_advised, stretch
from inventory.models import Level, Supply, SupplyLevel, SupplyState, Warehouse, WarehouseMode
from sync.models import Connection, FeedState, WarehouseRef

NEW_FOR = timedelta(days=7)
"""So long after a product was added it is new."""

CHANGED_WITHIN = timedelta(hours=24)


def on_lists(*states: SupplyState) -> Q:
    """The rows of these lists, as stretches of what they are sorted by."""
    found = Q(pk__in=[])
    for start, end in stretch(states):
        found |= Q(urgency__gte=start, urgency__lt=end)
    return found


LISTS: dict[str, Q] = {
    "critical": on_lists(SupplyState.OUT, SupplyState.BELOW),
    "out": on_lists(SupplyState.OUT),
    "below": on_lists(SupplyState.BELOW),
    "soon": on_lists(SupplyState.SOON),
    "overstocked": Q(level=SupplyLevel.OVERSTOCKED),
    "all": Q(),
}
"""Each list by its key. A product is on one of out, below and soon at most; critical is the first two together."""


@dataclass(frozen=True)
class Ages:
    """When the numbers of warehouses were last known to be right: `now` for what is kept here, by warehouse. Others are unknown."""

    now: datetime
    known: dict[int, datetime]

    def older_than(self, limit: timedelta) -> list[int]:
        """The warehouses whose numbers are."""
        return [place for place, at in self.known.items() if self.now - at > limit]


@dataclass(frozen=True)
class Item:
    """A product with all that is known of its supply. `as_of` is when the oldest of its numbers was right, None where that is unknown.

    `forecast` has `draft` and `draft_id` of the draft order that the product is on already; None while there is none.
    """

    supply: Supply
    forecast: Forecast | None
    as_of: datetime | None
    stocked: bool
    priority: int
    reorder_advised: bool


def rows_of(account: Account) -> QuerySet[Supply]:
    """All of an account, the most urgent first, with product and vendor."""
    return Supply.objects.filter(account=account).select_related("product__vendor").order_by("urgency", "product")


def counts(account: Account) -> dict[str, int]:
    """How many products are on each list. Two statements, of indexes only."""
    rows = Supply.objects.filter(account=account).order_by()
    apart = {key: Count("product", filter=LISTS[key]) for key in ("out", "below", "soon")}
    found = rows.aggregate(**apart, all=Count("product"))
    return {
        **found,
        "critical": found["out"] + found["below"],
        "overstocked": rows.filter(LISTS["overstocked"]).count(),
    }


def in_warehouse(rows: QuerySet[Supply], places: Sequence[int]) -> QuerySet[Supply]:
    """Those whose product has a level in one of these warehouses."""
    return rows.filter(Exists(Level.objects.filter(product=OuterRef("product"), warehouse__in=places)))


def ages(account: Account) -> Ages:
    """The age of the numbers of each warehouse in use: of a mirror that of the last valid reading of its stock. Five statements."""
    now = moment.now()
    modes = dict(Warehouse.objects.filter(account=account, active=True).values_list("pk", "mode"))
    read = FeedState.objects.filter(Q(feed="stock") | Q(feed__startswith="stock:"), account=account)
    valid = dict(read.order_by().values_list("connection").annotate(oldest=Min("valid_at")))
    located = WarehouseRef.objects.filter(account=account, warehouse__isnull=False, gone_at=None)
    feeds = {
        *Connection.objects.filter(account=account, warehouse__isnull=False).order_by().values_list("warehouse", "pk"),
        *located.order_by().values_list("warehouse", "connection").distinct(),
    }
    known = {place: now for place, mode in modes.items() if mode == WarehouseMode.LEDGER}
    for place, connection in feeds:
        if modes.get(place) == WarehouseMode.MIRROR and connection in valid:
            known[place] = max(known.get(place, valid[connection]), valid[connection])
    return Ages(now, known)


def described(account: Account, found: Iterable[Supply], known: Ages) -> list[Item]:
    """These rows with all that is shown of them. Two statements whatever their number."""
    rows = list(found)
    ids = [row.product_id for row in rows]
    forecasts = {row.product_id: row for row in with_drafts(Forecast.objects.filter(account=account, product__in=ids)).order_by()}
    places: dict[int, list[int]] = defaultdict(list)
    levels = Level.objects.filter(product__in=ids, warehouse__active=True).order_by()
    for product, place in levels.values_list("product", "warehouse"):
        places[product].append(place)
    return [_item(row, forecasts.get(row.product_id), places.get(row.product_id, []), known) for row in rows]


def _item(row: Supply, forecast: Forecast | None, places: Sequence[int], known: Ages) -> Item:
    at = [known.known.get(place) for place in places]
    as_of = None if not at or None in at else min(moment for moment in at if moment is not None)
    new, changed = known.now - row.product.created_at < NEW_FOR, known.now - row.changed_at < CHANGED_WITHIN
    tenths = None if row.days_left is None else int(row.days_left * 10)
    return Item(
        row,
        forecast,
        as_of,
        bool(places),
        priority(SupplyState(row.state), new=new, changed=changed, age=known.now - as_of if as_of else None),
        reorder_advised(SupplyLevel(row.level), tenths),
    )
