"""What expires soon, as a list by urgency and as a calendar."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, CharField, Count, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.workplace import acting
from inventory import moment
from inventory.admin.batchrows import batch_rows
from inventory.expiring import WITHIN, Urgency
from inventory.ledger.counters import ZERO, Counters
from inventory.ledgerwords import counters, money, product_link
from inventory.marks import Mark
from inventory.models import COUNTED, Batch, BatchState, Warehouse

LATER = timedelta(days=60)
PER_PAGE = 50
CENT = Decimal("0.01")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Band:
    """Batches that expire after `over` from now, and within `within`; those that have expired already have neither."""

    key: str
    mark: Mark
    about: str
    over: timedelta
    within: timedelta


NONE = timedelta()
CRITICAL, HIGH, MEDIUM = (WITHIN[each] for each in (Urgency.CRITICAL, Urgency.HIGH, Urgency.MEDIUM))
EXPIRED = Band("expired", Mark("Expired", "danger", "event_busy"), "still here, and not sold", NONE, NONE)
BANDS = (
    EXPIRED,
    Band("critical", Mark("Critical", "danger", "priority_high"), f"{CRITICAL.days} days or less", NONE, CRITICAL),
    Band("high", Mark("High", "warning", "hourglass_bottom"), f"up to {HIGH.days} days", CRITICAL, HIGH),
    Band("medium", Mark("Medium", "info", "hourglass_top"), f"up to {MEDIUM.days} days", HIGH, MEDIUM),
    Band("later", Mark("Later", "", "schedule"), f"up to {LATER.days} days", MEDIUM, LATER),
)


@dataclass
class Risk:
    """So many batches, what is left of them, and what that cost; `uncosted` of them have no known cost."""

    batches: int = 0
    left: Counters = field(default_factory=Counters)
    value: Decimal = ZERO
    uncosted: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        self.batches += row["number"]
        self.left = self.left.moved(row["unit_kind"], row["sum"])
        if row["unit_cost"] is None:
            self.uncosted += row["number"]
        else:
            self.value += row["sum"] * row["unit_cost"]

    @property
    def worth(self) -> str:
        return money(self.value.quantize(CENT))

    @property
    def amounts(self) -> str:
        return counters(self.left)


def in_band(band: Band, now: datetime) -> Q:
    if band is EXPIRED:
        return Q(state=BatchState.EXPIRED) | (Q(COUNTED) & Q(expires_at__lte=now))
    return Q(COUNTED) & Q(expires_at__gt=now + band.over, expires_at__lte=now + band.within)


def risks(rows: QuerySet[Batch], now: datetime) -> dict[str, Risk]:
    """What each band is about. One statement."""
    # Grouped by what one costs: no database multiplies quantities and money exactly.
    near = rows.filter(Q(state=BatchState.EXPIRED) | (Q(COUNTED) & Q(expires_at__lte=now + LATER))).order_by()
    edges = [When(expires_at__lte=now + band.within, then=Value(band.key)) for band in BANDS]
    band = Case(When(expiry_booked_at__isnull=False, then=Value(EXPIRED.key)), *edges, output_field=CharField())
    found: dict[str, Risk] = defaultdict(Risk)
    grouped = near.annotate(band=band).values("band", "unit_kind", "unit_cost").annotate(number=Count("pk"), sum=Sum("remaining"))
    for row in grouped:
        found[row["band"]].add(row)
    return found


def list_contents(request: HttpRequest) -> dict[str, Any]:
    """For the list: the bands with what they are about, and the batches of one of them, or of one day."""
    account, now = acting(request).account, moment.now()
    place, rows = _chosen(request, account)
    at_risk = risks(rows, now)
    band = next((each for each in BANDS if each.key == request.GET.get("urgency")), None)
    if band is None:
        band = next((each for each in BANDS if at_risk[each.key].batches), BANDS[1])
    day = _day(request.GET.get("day", ""))
    chosen = _on(rows, day, day) if day else rows.filter(in_band(band, now))
    page = Paginator(chosen.select_related("product", "warehouse").order_by("expires_at", "id"), PER_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    query = {"warehouse": place.pk if place else "", "urgency": "" if day else band.key, "day": day.isoformat() if day else ""}
    given = {name: value for name, value in query.items() if value}
    return {
        "bands": [(each, at_risk[each.key], _query({**given, "day": "", "urgency": each.key}), each is band and not day) for each in BANDS],
        "band": band,
        "day": day,
        "page": page,
        "query": urlencode(given),
        "rows": [(row, product_link(row.batch.product), _worth(row.batch)) for row in batch_rows(found, now)],
        **_around(account, place),
    }


def calendar_contents(request: HttpRequest) -> dict[str, Any]:
    """For the calendar: the weeks of a month, each day with what expires on it, and the months around."""
    account, now = acting(request).account, moment.now()
    place, rows = _chosen(request, account)
    today = timezone.localtime(now).date()
    first = _month(request.GET.get("month", "")) or today.replace(day=1)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    by_day: dict[date, Risk] = defaultdict(Risk)
    shown: QuerySet[Any] = _on(rows, weeks[0][0], weeks[-1][-1])
    grouped = shown.order_by().values("on", "unit_kind", "unit_cost")
    for row in grouped.annotate(number=Count("pk"), sum=Sum("remaining")):
        by_day[row["on"]].add(row)
    given = {"warehouse": place.pk} if place else {}
    inside = [day for day in sorted(by_day) if day.month == first.month]
    return {
        "first": first,
        "today": today,
        "weekdays": list(calendar.day_name),
        "weeks": [[(day, day.month == first.month, by_day.get(day), _days_link(day, given)) for day in week] for week in weeks],
        "busy": [(day, by_day[day], _days_link(day, given)) for day in inside],
        "total": _together(by_day[day] for day in inside),
        "earlier": _query({**given, "month": f"{_shifted(first, -1):%Y-%m}"}),
        "later": _query({**given, "month": f"{_shifted(first, 1):%Y-%m}"}),
        **_around(account, place),
    }


def _chosen(request: HttpRequest, account: Account) -> tuple[Warehouse | None, QuerySet[Batch]]:
    number = request.GET.get("warehouse", "")
    place = Warehouse.objects.filter(account=account, pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    rows = Batch.objects.filter(account=account)
    return place, rows.filter(warehouse=place) if place else rows


def _around(account: Account, place: Warehouse | None) -> dict[str, Any]:
    return {"warehouses": list(Warehouse.objects.filter(account=account, mode="ledger")), "place": place}


def _on(rows: QuerySet[Batch], first: date, last: date) -> QuerySet[Batch]:
    """Those of which something is left whose day, the one on the package where there is one, lies in a span of days, as `on`."""
    zone = timezone.get_current_timezone()
    # The instant is at most a day from the day on the package, and has an index.
    begin, end = (datetime.combine(day, datetime.min.time(), tzinfo=zone) for day in (first - DAY, last + 3 * DAY))
    near = rows.filter(Q(remaining__gt=0), expires_at__gte=begin, expires_at__lt=end)
    return near.annotate(on=Coalesce("expires_on", TruncDate("expires_at", tzinfo=zone))).filter(on__gte=first, on__lte=last)


def _together(found: Iterable[Risk]) -> Risk:
    total = Risk()
    for each in found:
        total.batches += each.batches
        total.left = total.left.plus(each.left)
        total.value += each.value
        total.uncosted += each.uncosted
    return total


def _worth(batch: Batch) -> str:
    return money(None if batch.unit_cost is None else (batch.remaining * batch.unit_cost).quantize(CENT))


def _query(values: dict[str, Any]) -> str:
    return f"?{urlencode({name: value for name, value in values.items() if value})}"


def _days_link(day: date, given: dict[str, Any]) -> str:
    return f"{reverse('admin:inventory_batch_expiring')}{_query({**given, 'day': day.isoformat()})}"


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year < 9999 else None


def _month(text: str) -> date | None:
    return _day(f"{text}-01")


def _shifted(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
