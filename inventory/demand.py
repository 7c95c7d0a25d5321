"""What left for customers, day by day: the sales of ledgers, and what outside systems tell of mirrors (docs/critical-items.md)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, models, transaction
from django.db.models import F, Sum
from django.db.models.functions import TruncDate

from accounts.models import Account
from inventory.dialect import quoted
from inventory.history import day_begins
from inventory.ledger.bulktables import NUMBER, Table, fill, made, rows
from inventory.models import (
    Demand,
    IssuePurpose,
    Product,
    Purchase,
    PurchaseStatus,
    ReceiptPurpose,
    Sale,
    SaleStatus,
    UnitKind,
    Warehouse,
    WarehouseMode,
)
from inventory.quantity import QuantityField

DEMANDED = (IssuePurpose.SALE, IssuePurpose.CONSUMPTION)
"""What counts as demand of what went out."""
PACKING = ("product__unit_kind", "product__units_per_pack", "product__packs_per_pallet")

DOCUMENTS = Table("demand_document", {"document": models.CharField(max_length=300)})
SAID = Table(
    "demand_said",
    {
        "document": models.CharField(max_length=300),
        "line": NUMBER,
        "product_id": NUMBER,
        "warehouse_id": NUMBER,
        "day": models.DateField(),
        "quantity": NUMBER,
    },
)


class Day(NamedTuple):
    """So many thousandths of a product, in what it is counted in, left a warehouse on one day; less than nothing where more came back."""

    product_id: int
    warehouse_id: int
    day: date
    thousandths: int


class Line(NamedTuple):
    """A line of a shipment, its quantity in thousandths of units; negative for a correction."""

    product_id: int
    warehouse_id: int
    day: date
    quantity: int


def daily(account: Account, *, since: date, until: date, product_ids: Collection[int] | None = None) -> Iterator[Day]:
    """What left on each day from `since` to `until`, both included, as the account's calendar has it; of these products where given.

    Of a ledger its sales and what was used in production, less what came back; cancelled ones never were. What went back to vendors, was
    thrown away or sent elsewhere is no demand. Of a mirror what its outside system tells. What was sold in pallets or packs counts by the
    product's packing, and with unknown packing not at all. Several rows of one day add up; in no order. Three statements.
    """
    for product, place, day, kind, counted_in, per_pack, per_pallet, total in (
        *_sold(account, since, until, product_ids),
        *_came_back(account, since, until, product_ids),
        *_told(account, since, until, product_ids),
    ):
        thousandths = in_kind(int(total * 1000), kind, counted_in, per_pack, per_pallet)
        if thousandths:
            yield Day(product, place, day, thousandths)


def replace(account: Account, source: str, documents: Mapping[str, Sequence[Line]], *, correlation: uuid.UUID | None = None) -> list[int]:
    """Let these be all lines of these documents of `source`, in their order; the ids of the products whose demand changed.

    A document of no lines has none from now on. What is so already is not written; lines of products or warehouses that are not the
    account's are left out. A constant number of statements.
    """
    if not documents:
        return []
    names = sorted(documents)
    lines = [{"document": name, "line": place, **line._asdict()} for name in names for place, line in enumerate(documents[name])]
    demand, product, warehouse = (quoted(model._meta.db_table) for model in (Demand, Product, Warehouse))
    same = " AND ".join(f"s.{name} = d.{name}" for name in SAID.columns)
    with transaction.atomic(savepoint=False), made(DOCUMENTS, SAID):
        fill(DOCUMENTS, [{"document": name} for name in names])
        fill(SAID, lines)
        gone = rows(
            f"DELETE FROM {demand} AS d WHERE d.account_id = %s AND d.source = %s "
            f"AND d.document IN (SELECT document FROM {DOCUMENTS.name}) "
            f"AND NOT EXISTS (SELECT 1 FROM {SAID.name} s WHERE {same}) RETURNING product_id",
            [account.pk, source],
        )
        new = rows(
            f"INSERT INTO {demand} (account_id, source, correlation, {', '.join(map(quoted, SAID.columns))}) "
            f"SELECT %s, %s, %s, {', '.join(f's.{quoted(name)}' for name in SAID.columns)} FROM {SAID.name} s "
            f"JOIN {product} p ON p.id = s.product_id AND p.account_id = %s "
            f"JOIN {warehouse} w ON w.id = s.warehouse_id AND w.account_id = %s "
            f"WHERE NOT EXISTS (SELECT 1 FROM {demand} d WHERE d.account_id = %s AND d.source = %s AND d.document = s.document "
            "AND d.line = s.line) ORDER BY s.document, s.line RETURNING product_id",
            [account.pk, source, _uuid(correlation or uuid.uuid4()), *[account.pk] * 3, source],
        )
    return sorted({pk for (pk,) in (*gone, *new)})


def in_kind(quantity: int, kind: str, counted_in: str, per_pack: Decimal | None, per_pallet: Decimal | None) -> int:
    """A quantity in thousandths of `kind` in thousandths of `counted_in`, cut; 0 where the packing that it takes is unknown."""
    sizes = {UnitKind.UNITS.value: Decimal(1), UnitKind.PACKS.value: per_pack}
    sizes[UnitKind.PALLETS.value] = per_pack * per_pallet if per_pack and per_pallet else None
    if kind == counted_in:
        return quantity
    if {kind, counted_in} == {UnitKind.PALLETS.value, UnitKind.PACKS.value}:
        # How many units a pack holds does not matter between these.
        sizes = {UnitKind.PACKS.value: Decimal(1), UnitKind.PALLETS.value: per_pallet}
    have, want = sizes[kind], sizes[counted_in]
    return int(quantity * have / want) if have and want else 0


def _sold(account: Account, since: date, until: date, product_ids: Collection[int] | None) -> models.QuerySet[Sale, tuple[Any, ...]]:
    sales = Sale.objects.filter(
        account=account,
        purpose__in=DEMANDED,
        status=SaleStatus.BOOKED,
        warehouse__mode=WarehouseMode.LEDGER,
        sold_at__gte=day_begins(account, since),
        sold_at__lt=day_begins(account, until + timedelta(days=1)),
    )
    if product_ids is not None:
        sales = sales.filter(product__in=product_ids)
    by_day = sales.order_by().annotate(day=TruncDate("sold_at", tzinfo=ZoneInfo(account.time_zone)))
    return by_day.values_list("product_id", "warehouse_id", "day", "unit_kind", *PACKING).annotate(
        left=Sum(F("quantity") - F("returned"), output_field=QuantityField())
    )


def _came_back(
    account: Account, since: date, until: date, product_ids: Collection[int] | None
) -> models.QuerySet[Purchase, tuple[Any, ...]]:
    """What customers brought back without a sale that is known, below zero."""
    back = Purchase.objects.filter(
        account=account,
        purpose=ReceiptPurpose.SALE_RETURN,
        status=PurchaseStatus.BOOKED,
        batch__warehouse__mode=WarehouseMode.LEDGER,
        batch__received_at__gte=day_begins(account, since),
        batch__received_at__lt=day_begins(account, until + timedelta(days=1)),
    )
    if product_ids is not None:
        back = back.filter(batch__product__in=product_ids)
    by_day = back.order_by().annotate(day=TruncDate("batch__received_at", tzinfo=ZoneInfo(account.time_zone)))
    packing = (f"batch__{name}" for name in PACKING)
    return by_day.values_list("batch__product_id", "batch__warehouse_id", "day", "batch__unit_kind", *packing).annotate(
        left=Sum(F("batch__voided") - F("batch__received"), output_field=QuantityField())
    )


def _told(account: Account, since: date, until: date, product_ids: Collection[int] | None) -> models.QuerySet[Demand, tuple[Any, ...]]:
    told = Demand.objects.filter(account=account, warehouse__mode=WarehouseMode.MIRROR, day__gte=since, day__lte=until)
    if product_ids is not None:
        told = told.filter(product__in=product_ids)
    units = models.Value(UnitKind.UNITS.value)
    return told.order_by().values_list("product_id", "warehouse_id", "day", units, *PACKING).annotate(left=Sum("quantity"))


def _uuid(value: uuid.UUID) -> object:
    return Demand._meta.get_field("correlation").get_db_prep_save(value, connection)
