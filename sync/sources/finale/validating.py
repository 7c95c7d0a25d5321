"""What is wrong or missing in what is known of Finale, counted from what is stored; nothing is called (docs/finale-paths.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection as database
from django.db.models import Count, Q

from inventory.dialect import quoted
from inventory.models import Level, Product, Warehouse, WarehouseMode
from inventory.quantity import from_thousandths
from sync.models import Connection, FeedState, ProductRef, StockRef
from sync.references.places import warehouses_of

SHOWN = 20
STALE_AFTER = timedelta(days=30)
READ_WHOLE = ("products", "stock")
"""Feeds without which nothing that is known is of today."""


@dataclass(frozen=True)
class Example:
    """`said` is what Finale says, `here` what is stored; blank where there is nothing to compare."""

    sku: str
    name: str
    said: str = ""
    here: str = ""


@dataclass(frozen=True)
class Issue:
    """Something wrong with `count` products; `weight` is how much one of them takes from the score, of what a product is worth."""

    code: str
    sentence: str
    count: int
    weight: Decimal
    examples: Sequence[Example] = ()


def validate(connection: Connection, now: datetime) -> tuple[int, list[Issue]]:
    """How many products Finale has here, and what is wrong with them; an issue that concerns none is left out. Some twelve queries."""
    known = ProductRef.objects.filter(connection=connection, gone_at__isnull=True)
    total = known.count()
    return total, [issue for issue in _issues(connection, total, now) if issue.count]


def score(total: int, issues: Sequence[Issue]) -> int:
    """From 0 to 100: each product is worth the same, and an issue takes its weight of each that it concerns. Without products 0."""
    if not total:
        return 0
    lost = sum((issue.weight * min(issue.count, total) for issue in issues), Decimal(0))
    return max(0, int(100 - 100 * lost / total))


def _issues(connection: Connection, total: int, now: datetime) -> Iterator[Issue]:
    known = ProductRef.objects.filter(connection=connection, gone_at__isnull=True)
    active = known.filter(active=True)
    for code, sentence, wrong, weight in (
        ("missing_name", "Active products without a name.", Q(name=""), "0.5"),
        ("missing_cost", "Active products without a cost; Finale's 0 counts as none.", Q(cost=""), "0.1"),
        ("unmatched", "Active products that are matched to none here: decide about them under Unmatched products.", Q(product=None), "0.5"),
    ):
        rows = active.filter(wrong)
        shown = [Example(sku, name) for sku, name in rows.order_by("sku_key", "pk").values_list("sku", "name")[:SHOWN]]
        yield Issue(code, sentence, rows.count() if len(shown) == SHOWN else len(shown), Decimal(weight), shown)
    yield _duplicates(connection)
    yield _below_zero(connection)
    old = _stale(connection, now)
    if old:
        yield Issue("stale", f"Not read whole for more than {STALE_AFTER.days} days: {', '.join(old)}.", total, Decimal(1))
    count, examples = mismatches(connection)
    yield Issue("stock_mismatch", "Products whose stock here is not what Finale said last.", count, Decimal(1), examples)


def _duplicates(connection: Connection) -> Issue:
    rows = ProductRef.objects.filter(connection=connection, gone_at__isnull=True, active=True).order_by()
    keys = rows.values("sku_key").annotate(number=Count("pk")).filter(number__gt=1).order_by("sku_key").values_list("sku_key", "number")
    found = list(keys)
    shown = [Example(key, "", f"{number} times") for key, number in found[:SHOWN]]
    return Issue("duplicate_sku", "Products that share their SKU with another.", sum(number for _, number in found), Decimal("0.5"), shown)


def _below_zero(connection: Connection) -> Issue:
    rows = StockRef.objects.filter(connection=connection, gone_at__isnull=True, on_hand__lt=0)
    shown = [Example(sku, "", str(on_hand)) for sku, on_hand in rows.order_by("sku", "pk").values_list("sku", "on_hand")[:SHOWN]]
    count = rows.values("product_id_there").distinct().count() if shown else 0
    return Issue("negative_stock", "Products of which some place holds less than nothing.", count, Decimal(1), shown)


def _stale(connection: Connection, now: datetime) -> list[str]:
    """The feeds that were not read whole lately."""
    read: Mapping[str, datetime] = dict(
        FeedState.objects.filter(connection=connection, feed__in=READ_WHOLE).values_list("feed", "valid_at")
    )
    return [feed for feed in READ_WHOLE if feed not in read or now - read[feed] > STALE_AFTER]


def mismatches(connection: Connection) -> tuple[int, list[Example]]:
    """How many products have another stock here than their places in Finale come to, and the first of them. Three queries."""
    stock, ref, level, warehouse = (quoted(model._meta.db_table) for model in (StockRef, ProductRef, Level, Warehouse))
    houses = warehouses_of(connection)
    if not houses:
        return 0, []
    places, theirs = sorted(houses), sorted(set(houses.values()))
    rows_of = (
        f"SELECT p.product_id, s.on_hand AS said, 0 AS here FROM {stock} s "
        f"JOIN {ref} p ON p.connection_id = s.connection_id AND p.external_id = s.product_id_there "
        f"WHERE s.connection_id = %s AND s.gone_at IS NULL AND p.product_id IS NOT NULL AND s.place_id_there IN ({_marks(places)}) "
        f"UNION ALL SELECT l.product_id, 0, l.units + l.packs + l.pallets FROM {level} l JOIN {warehouse} h ON h.id = l.warehouse_id "
        f"WHERE h.mode = %s AND h.id IN ({_marks(theirs)})"
    )
    summed = f"SELECT product_id, SUM(said) AS said, SUM(here) AS here FROM ({rows_of}) compared GROUP BY product_id"
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT product_id, said, here, COUNT(*) OVER () FROM ({summed} HAVING SUM(said) <> SUM(here)) wrong "
            f"ORDER BY product_id LIMIT {SHOWN}",
            [connection.pk, *places, WarehouseMode.MIRROR, *theirs],
        )
        rows = cursor.fetchall()
    if not rows:
        return 0, []
    names = Product.objects.only("sku", "name").in_bulk([row[0] for row in rows])
    shown = [
        Example(names[pk].sku, names[pk].name, str(from_thousandths(int(said))), str(from_thousandths(int(here))))
        for pk, said, here, _ in rows
    ]
    return int(rows[0][3]), shown


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
