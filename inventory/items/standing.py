"""What the stock of linked items comes to: read from levels, batches and holds, and written to the items."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from inventory.dialect import quoted
from inventory.items.offers import offer
from inventory.models import COUNTED, Batch, Hold, Item, ItemWarehouse, Level, UnitKind, WarehouseMode
from inventory.quantity import QuantityField

RULING = frozenset({"product", "warehouses", "unit_kind", "pack", "buffer", "minimum", "maximum", "share", "archived"})
"""Fields of an item that decide what it offers."""

AT_ONCE = 2000
_NONE = Value(Decimal(0), output_field=QuantityField())


@dataclass(frozen=True)
class Standing:
    """A linked item: what it says now, and what it should offer."""

    item_id: int
    quantity: int
    offer: int


def of(pks: Collection[int], now: datetime) -> list[Standing]:
    """Those of these items that are linked and not archived, by id. What has expired by `now` is not there. One statement."""
    return [_standing(row) for row in _rows(linked().filter(pk__in=pks), now)]


def all_of(account_id: int, now: datetime) -> Iterator[Standing]:
    """Those of a business account, by id; a statement for each 2,000."""
    rows, last = linked().filter(account=account_id), 0
    while True:
        page = list(_rows(rows.filter(pk__gt=last), now)[:AT_ONCE])
        yield from map(_standing, page)
        if len(page) < AT_ONCE:
            return
        last = page[-1][0]


def linked() -> QuerySet[Item]:
    """The items that follow stock."""
    return Item.objects.filter(product__isnull=False, archived_at__isnull=True)


def write(quantities: Mapping[int, int], now: datetime) -> None:
    """Let items, which are locked, offer these quantities. One statement for each 2,000."""
    table, pairs = quoted(Item._meta.db_table), list(quantities.items())
    for start in range(0, len(pairs), AT_ONCE):
        values = ", ".join(f"({int(pk)}, {int(quantity)})" for pk, quantity in pairs[start : start + AT_ONCE])
        with connection.cursor() as cursor:
            # Not bulk_update, whose CASE takes long for many.
            cursor.execute(
                f"UPDATE {table} SET quantity_available = column2, updated_at = %s "
                f"FROM (VALUES {values}) offers WHERE {table}.id = column1",
                [connection.ops.adapt_datetimefield_value(now)],
            )


def _rows(items: QuerySet[Item], now: datetime) -> QuerySet[Item, tuple[Any, ...]]:
    counters = [When(unit_kind=kind, then=Coalesce(Subquery(_counter(kind)), _NONE)) for kind in UnitKind.values]
    rows = items.order_by("pk").annotate(
        there=Case(*counters, output_field=QuantityField()),
        expired=Coalesce(Subquery(_expired(now)), _NONE),
        held=Coalesce(Subquery(_held()), _NONE),
    )
    return rows.values_list("pk", "quantity_available", "there", "expired", "held", "pack", "buffer", "minimum", "maximum", "share")


def _standing(row: tuple[Any, ...]) -> Standing:
    pk, quantity, there, expired, held, pack, buffer, minimum, maximum, share = row
    found = offer(there - expired, held=held, pack=pack, buffer=buffer, minimum=minimum, maximum=maximum, share=share)
    return Standing(pk, quantity, found)


def _places() -> Subquery:
    """The warehouses of the item that the outermost query is at, without those that are out of use: no order is taken from them."""
    places = ItemWarehouse.objects.filter(item=OuterRef(OuterRef("pk")), warehouse__active=True)
    return Subquery(places.order_by().values("warehouse"))


def _counter(kind: str) -> QuerySet[Any]:
    """What the levels say that is not reserved, quarantined or not."""
    levels = Level.objects.filter(product=OuterRef("product"), warehouse__in=_places()).order_by().values("product")
    return levels.annotate(sum=Sum(F(kind) - F(f"reserved_{kind}"), output_field=QuantityField())).values("sum")


def _expired(now: datetime) -> QuerySet[Any]:
    """What has expired and is counted still."""
    batches = Batch.objects.filter(
        COUNTED,
        product=OuterRef("product"),
        unit_kind=OuterRef("unit_kind"),
        warehouse__in=_places(),
        warehouse__mode=WarehouseMode.LEDGER,
        expires_at__lte=now,
    )
    return batches.order_by().values("product").annotate(sum=Sum("remaining")).values("sum")


def _held() -> QuerySet[Any]:
    holds = Hold.objects.filter(
        product=OuterRef("product"), unit_kind=OuterRef("unit_kind"), warehouse__in=_places(), released_at__isnull=True
    )
    return holds.order_by().values("product").annotate(sum=Sum("quantity")).values("sum")
