"""What happened to stock, and how much of it there was: read from the ledger alone (docs/integrity.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import F, Func, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import Account
from inventory.documents import Document, documents_of
from inventory.errors import NotAPeriod
from inventory.ledger.counters import ZERO, Counters, Key
from inventory.models import Batch, Movement, Product, UnitKind, Warehouse

LONGEST_PERIOD = 366
MOST_POINTS = 500


@dataclass(frozen=True)
class Closing:
    """One business day of one unit kind: what there was in the morning, what came and went, what there was in the evening."""

    day: date
    unit_kind: str
    opening: Decimal
    came_in: Decimal
    went_out: Decimal
    closing: Decimal


@dataclass(frozen=True)
class Point:
    """How much there was at a moment."""

    at: datetime
    quantity: Decimal


@dataclass(frozen=True)
class Line:
    """A movement with what a reader wants to know of it. `balance` is the counter after it."""

    movement: Movement
    what: str
    why: str
    who: str
    balance: Decimal
    document: Document | None


def lines(
    product: Product,
    warehouse: Warehouse | None = None,
    unit_kind: str | None = None,
    batch: Batch | None = None,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """The movements of a product, newest first, from the one before the movement `before`; of one warehouse, unit kind or batch where these
    are given. A constant number of statements."""
    rows = movements(product, warehouse, unit_kind, batch)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return described(rows.select_related("warehouse", "batch")[:limit])


def described(rows: Iterable[Movement]) -> list[Line]:
    """Movements with their documents and in words."""
    found = list(rows)
    documents = documents_of(found)
    return [
        Line(row, row.get_kind_display(), row.get_cause_display(), row.actor_label, row.level_after, documents.get(row.pk)) for row in found
    ]


def document_of(movement: Movement) -> Document | None:
    """What the movement belongs to, if it is anything that has a page."""
    return documents_of([movement]).get(movement.pk)


def movements(
    product: Product, warehouse: Warehouse | None = None, unit_kind: str | None = None, batch: Batch | None = None
) -> QuerySet[Movement]:
    """The movements of a product, newest first; of one warehouse, unit kind or batch where these are given."""
    wanted = {"warehouse": warehouse, "unit_kind": unit_kind or None, "batch": batch}
    given = {name: value for name, value in wanted.items() if value is not None}
    return Movement.objects.filter(account=product.account_id, product=product, **given).order_by("-id")


def at(
    account: Account,
    moment: datetime | None = None,
    *,
    products: Collection[int] | None = None,
    warehouses: Collection[int] | None = None,
    after: Key | None = None,
    limit: int | None = None,
) -> dict[Key, Counters]:
    """The counters as the ledger had them just before `moment`, None being now, in the order of their keys. One statement.

    What never moved by then is not there. `products` and `warehouses` are ids; None is all. `after` and `limit` cut it into pages.
    """
    rows = _chosen(account, products, warehouses)
    if moment is not None:
        rows = rows.filter(booked_at__lt=moment)
    if after is not None:
        rows = rows.filter(Q(product__gt=after.product_id) | Q(product=after.product_id, warehouse__gt=after.warehouse_id))
    sums = {kind: Sum("level_delta", filter=Q(unit_kind=kind)) for kind in UnitKind.values}
    grouped = rows.values("product_id", "warehouse_id").annotate(**sums).order_by("product_id", "warehouse_id")
    found = grouped.values_list("product_id", "warehouse_id", *UnitKind.values)
    return {Key(product, warehouse): Counters(*(left or ZERO for left in by_kind)) for product, warehouse, *by_kind in found[:limit]}


def closings(
    account: Account, first: date, last: date, *, product: Product | None = None, warehouse: Warehouse | None = None
) -> list[Closing]:
    """Each business day from `first` to `last`, in the account's time zone, for all that is chosen together; oldest first.

    Days count by when movements were booked, so a day that is over stays as it was closed. A transfer between two chosen warehouses comes
    in and goes out. Unit kinds that have never moved are left out. Two statements.

    Raises NotAPeriod when `last` is before `first` or more than a year after it, or at an end of the calendar.
    """
    if not 0 <= (last - first).days < LONGEST_PERIOD:
        raise NotAPeriod(f"From {first} to {last} is not a period of 1 to {LONGEST_PERIOD} days.")
    zone = ZoneInfo(account.time_zone)
    try:
        begin, end = day_begins(account, first), day_begins(account, last + timedelta(days=1))
    except OverflowError as error:
        raise NotAPeriod(f"From {first} to {last} is beyond the calendar.") from error
    rows = _chosen(account, [product.pk] if product else None, [warehouse.pk] if warehouse else None)
    openings = {
        row["unit_kind"]: row["sum"]
        for row in rows.filter(booked_at__lt=begin).values("unit_kind").annotate(sum=Sum("level_delta")).order_by()
    }
    moved = (
        rows.filter(booked_at__gte=begin, booked_at__lt=end)
        .annotate(day=TruncDate("booked_at", tzinfo=zone))
        .values("day", "unit_kind")
        .annotate(came=Sum("level_delta", filter=Q(level_delta__gt=0)), went=Sum("level_delta", filter=Q(level_delta__lt=0)))
        .order_by()
    )
    changes = {(row["day"], row["unit_kind"]): (row["came"] or ZERO, -(row["went"] or ZERO)) for row in moved}
    kinds = [kind for kind in UnitKind.values if kind in openings or any(kind == moving for _, moving in changes)]
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return _closed(days, kinds, openings, changes)


def _closed(
    days: Iterable[date],
    kinds: Collection[str],
    openings: Mapping[str, Decimal],
    changes: Mapping[tuple[date, str], tuple[Decimal, Decimal]],
) -> list[Closing]:
    there = {kind: openings.get(kind, ZERO) for kind in kinds}
    closed = []
    for day in days:
        for kind in kinds:
            came, went = changes.get((day, kind), (ZERO, ZERO))
            opening, there[kind] = there[kind], there[kind] + came - went
            closed.append(Closing(day, kind, opening, came, went, there[kind]))
    return closed


def series(
    product: Product, unit_kind: str, first: datetime, last: datetime, *, warehouse: Warehouse | None = None, points: int = 200
) -> list[Point]:
    """How much there was from `first` to `last`, in at most `points` steps for a chart: what it began with, then how it stood at the end of
    each step in which anything moved. Two statements.

    Raises NotAPeriod when `last` is not after `first`, or `points` is not from 2 to 500.
    """
    if last <= first or not 2 <= points <= MOST_POINTS:
        raise NotAPeriod(f"A chart needs an end after its beginning and from 2 to {MOST_POINTS} points.")
    rows = movements(product, warehouse, unit_kind)
    begun = rows.filter(booked_at__lt=first).aggregate(sum=Sum("level_delta"))["sum"] or ZERO
    # Whole seconds, and one point for the beginning.
    width = max(1, -(-int((last - first).total_seconds() + 1) // (points - 1)))
    start = int(first.timestamp())
    steps = (
        rows.filter(booked_at__gte=first, booked_at__lt=last)
        .exclude(level_delta=0)
        .annotate(step=(Seconds(F("booked_at")) - start) / width)
        .values("step")
        .annotate(sum=Sum("level_delta"))
        .order_by("step")
    )
    found, there = [Point(first, begun)], begun
    for row in steps:
        there += row["sum"]
        found.append(Point(min(first + timedelta(seconds=(row["step"] + 1) * width), last), there))
    return found


class Seconds(Func):
    """Whole seconds since 1970."""

    output_field = IntegerField()
    template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s)) AS bigint)"

    def as_sqlite(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        return self.as_sql(compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS integer)", **context)


def day_begins(account: Account, day: date) -> datetime:
    """The first moment of a business day of the account, in UTC. Raises OverflowError for one that the calendar has not."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(account.time_zone)).astimezone(UTC)


def _chosen(account: Account, products: Collection[int] | None, warehouses: Collection[int] | None) -> QuerySet[Movement]:
    rows = Movement.objects.filter(account=account)
    if products is not None:
        rows = rows.filter(product__in=products)
    return rows if warehouses is None else rows.filter(warehouse__in=warehouses)
