"""What a forecast is worked out of, read for many products at once: a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, F, Min, Q, Value, When

from accounts.models import Account
from alerts.models import ForecastSettings
from alerts.past import Past, Shelf, days_out, past
from alerts.reordering import Terms, factor_of
from alerts.trend import LONG, RECENT
from inventory import demand
from inventory.history import day_begins
from inventory.models import Demand, Level, Movement, Sale, Supply, UnitKind, Warehouse

SUPPLY = (
    "product_id",
    "on_hand",
    "available",
    "on_order",
    "reorder_point",
    "reorder_quantity",
    "product__unit_kind",
    "product__fractional",
    "product__units_per_pack",
    "product__lead_time_days",
    "product__vendor__lead_time_days",
    "product__created_at",
)


@dataclass(frozen=True)
class Ground:
    """What holds for all products of an account: the days that are looked at, `last` being yesterday, and since when sales are known.

    `opened` is the day of the account's first movement: what moved first then was there before. None where nothing is known.
    """

    account: Account
    settings: ForecastSettings
    now: datetime
    today: date
    first: date
    sales_since: date | None
    opened: date | None
    places: frozenset[int]

    @property
    def last(self) -> date:
        return self.today - timedelta(days=1)

    def terms(self, lead_days: int) -> Terms:
        return Terms(lead_days, self.settings.cover_days, factor_of(self.settings.service_percent))


@dataclass
class Known:
    """What is known of one product. `sold` is by warehouse and day, in thousandths; `moved` is the day of its first movement."""

    on_hand: Decimal
    available: Decimal
    on_order: Decimal
    reorder_point: Decimal | None
    reorder_quantity: Decimal | None
    unit_kind: str
    fractional: bool
    units_per_pack: Decimal | None
    lead_days: int | None
    vendor_lead_days: int | None
    created_at: datetime
    sold: dict[int, dict[date, int]] = field(default_factory=dict)
    shelves: dict[tuple[int, str], tuple[bool, list[tuple[int, bool]]]] = field(default_factory=dict)
    held: dict[int, Decimal] = field(default_factory=dict)
    moved: date | None = None

    @property
    def matters(self) -> bool:
        """Whether anything of it is there, known or wanted."""
        return bool(self.on_hand or self.available or self.on_order or self.sold) or self.reorder_point is not None


def ground(account: Account, settings: ForecastSettings, now: datetime) -> Ground:
    """Four statements."""
    zone = ZoneInfo(account.time_zone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=settings.history_days)
    told = Demand.objects.filter(account=account, day__gte=first).aggregate(day=Min("day"))["day"]
    sales = Sale.objects.filter(account=account, purpose__in=demand.DEMANDED, sold_at__gte=day_begins(account, first))
    sold = sales.aggregate(at=Min("sold_at"))["at"]
    moved = Movement.objects.filter(account=account).aggregate(at=Min("booked_at"))["at"]
    since = [sold.astimezone(zone).date()] if sold else []
    if told:
        # What an outside system tells of reaches back for a month at least, whether or not anything was sold on its first day.
        since.append(min(told, today - timedelta(days=RECENT)))
    places = frozenset(Warehouse.objects.filter(account=account, active=True).values_list("pk", flat=True))
    opened = moved.astimezone(zone).date() if moved else None
    return Ground(account, settings, now, today, first, max(min(since), first) if since else None, opened, places)


def pages(ground: Ground, size: int, product_ids: Collection[int] | None = None) -> Iterator[dict[int, Known]]:
    """The account's products that are active and reordered, so many at a time, by id; of these ids, where they are given."""
    rows = Supply.objects.filter(account=ground.account).order_by("product_id").values_list(*SUPPLY)
    if product_ids is not None:
        ordered = sorted(product_ids)
        for start in range(0, len(ordered), size):
            yield _known(ground, rows.filter(product_id__in=ordered[start : start + size]))
        return
    after = 0
    while found := _known(ground, rows.filter(product_id__gt=after)[:size]):
        yield found
        after = max(found)


def _known(ground: Ground, rows: Iterable[Any]) -> dict[int, Known]:
    found = {product: Known(*values) for product, *values in rows}
    if found:
        _sales(ground, found)
        _levels(ground, found)
        _movements(ground, found)
    return found


def _sales(ground: Ground, found: dict[int, Known]) -> None:
    for product, place, day, thousandths in demand.daily(ground.account, since=ground.first, until=ground.last, product_ids=list(found)):
        by_day = found[product].sold.setdefault(place, {})
        by_day[day] = by_day.get(day, 0) + thousandths


def _levels(ground: Ground, found: dict[int, Known]) -> None:
    rows = Level.objects.filter(product__in=list(found), warehouse__in=ground.places).order_by()
    for product, place, *counters in rows.values_list("product_id", "warehouse_id", *UnitKind.values):
        known = found[product]
        known.held[place] = sum(counters, Decimal(0))
        for kind, counter in zip(UnitKind.values, counters, strict=True):
            if counter > 0 or kind == known.unit_kind:
                known.shelves[place, kind] = (counter <= 0, [])


def _movements(ground: Ground, found: dict[int, Known]) -> None:
    """When each product first moved, and when any of its counters came to be empty or to be filled."""
    zone = ZoneInfo(ground.account.time_zone)
    rows = Movement.objects.filter(account=ground.account, product__in=list(found)).order_by()
    for product, first in rows.values_list("product_id").annotate(first=Min("booked_at")):
        found[product].moved = first.astimezone(zone).date()
    empty = Q(level_after__lte=0)
    turns = (
        rows.filter(booked_at__gte=day_begins(ground.account, ground.first))
        .exclude(level_delta=0)
        .alias(before=F("level_after") - F("level_delta"))
        .filter(empty | Q(before__lte=0))
        .annotate(empty=Case(When(empty, then=Value(True)), default=Value(False), output_field=BooleanField()))
        .order_by("product_id", "warehouse_id", "unit_kind", "id")
        .values_list("product_id", "warehouse_id", "unit_kind", "booked_at", "empty")
    )
    for product, place, kind, booked_at, is_empty in turns:
        if place in ground.places:
            shelves = found[product].shelves
            _, days = shelves.setdefault((place, kind), (True, []))
            days.append((booked_at.astimezone(zone).date().toordinal(), bool(is_empty)))


def past_of(ground: Ground, known: Known) -> Past:
    """The days of a product that tell something of its demand, in what it is counted in."""
    sold: dict[date, int] = {}
    for by_day in known.sold.values():
        for day, thousandths in by_day.items():
            sold[day] = sold.get(day, 0) + thousandths
    first = _begins(ground, known, min(sold, default=None)).toordinal()
    last = ground.last.toordinal()
    shelves = [Shelf(empty, tuple(turns)) for empty, turns in known.shelves.values()]
    # What was before the first movement is not known, and taken to be in stock.
    moved = known.moved or ground.opened or ground.today
    out = days_out(shelves, max(first, moved.toordinal() + 1), last)
    return past({day.toordinal(): thousandths / 1000 for day, thousandths in sold.items()}, out, first, last)


def _begins(ground: Ground, known: Known, first_sold: date | None) -> date:
    """The first day that can tell of its demand: since sales are known, or since it came where it was not there before."""
    since = ground.sales_since or ground.first
    came = known.moved or known.created_at.astimezone(ZoneInfo(ground.account.time_zone)).date()
    was_there = ground.opened is not None and came <= ground.opened + timedelta(days=1)
    return since if was_there or (first_sold is not None and first_sold < came) else max(since, came)


def place_of(ground: Ground, known: Known) -> int | None:
    """Where it sells most in the last 90 days, or else where most of it is."""
    recently = ground.today - timedelta(days=LONG)
    sold = {
        place: sum(amount for day, amount in by_day.items() if day >= recently)
        for place, by_day in known.sold.items()
        if place in ground.places
    }
    for amounts in (sold, known.held):
        if amounts:
            best = max(amounts, key=lambda place: (amounts[place], -place))
            if amounts[best] > 0 or amounts is known.held:
                return best
    return None
