"""What is on its way: ordered and not here yet (docs/critical-items.md, docs/purchase-orders.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal

from django.db import transaction

from accounts.models import Account
from inventory.dialect import quoted
from inventory.ledger.bulktables import NUMBER, Table, fill, made, rows
from inventory.ledger.counters import Key
from inventory.models import OPEN_ORDERS, Level, Product, PurchaseOrder, PurchaseOrderLine, UnitKind, Warehouse, WarehouseMode
from inventory.quantity import from_thousandths

ASKED = Table("supply_asked", {"product_id": NUMBER})
"""The products that are asked for."""

AMONG = f"IN (SELECT product_id FROM {ASKED.name})"


@contextmanager
def asked(product_ids: Collection[int]) -> Iterator[None]:
    """The table of products that are asked for holds these for the block. Inside a transaction."""
    with made(ASKED):
        fill(ASKED, [{"product_id": pk} for pk in sorted(set(product_ids))])
        yield


def on_order(account: Account | int, product_ids: Collection[int]) -> dict[Key, Decimal]:
    """How much of these products is on its way to each warehouse, in what they are counted in; keys of nothing are left out.

    To a mirror: what its outside system says, and our open orders that it does not count itself yet. To a ledger: what our open orders have
    outstanding. What is ordered in pallets or packs counts by the product's packing; with unknown packing it does not. A constant number
    of statements.
    """
    pk = account if isinstance(account, int) else account.pk
    with transaction.atomic(), asked(product_ids):
        found = rows(f"{statement(AMONG)} ORDER BY product_id, warehouse_id", [pk, pk])
    return {Key(product, place): from_thousandths(int(quantity)) for product, place, quantity in found if quantity}


def statement(among: str = "") -> str:
    """SELECT of product_id, warehouse_id and quantity in thousandths; twice the account's id is its parameters. `among` follows the names
    of products, where not all are meant."""
    level, product, warehouse, order, line = (
        quoted(model._meta.db_table) for model in (Level, Product, Warehouse, PurchaseOrder, PurchaseOrderLine)
    )
    states = ", ".join(f"'{state}'" for state in OPEN_ORDERS)
    told = _counted(f"'{UnitKind.UNITS}'", "l.on_order_units")
    left = _counted("n.unit_kind", "n.quantity - n.received")
    return f"""
        SELECT product_id, warehouse_id, CAST(SUM(quantity) AS bigint) AS quantity
        FROM (
            SELECT l.product_id, l.warehouse_id, {told} AS quantity
            FROM {level} l JOIN {product} p ON p.id = l.product_id JOIN {warehouse} w ON w.id = l.warehouse_id
            WHERE l.account_id = %s AND l.on_order_units <> 0 AND w.active {_only("l", among)}
            UNION ALL
            SELECT n.product_id, o.warehouse_id, {left}
            FROM {line} n JOIN {order} o ON o.id = n.order_id JOIN {product} p ON p.id = n.product_id
                JOIN {warehouse} w ON w.id = o.warehouse_id
            WHERE o.account_id = %s AND o.state IN ({states}) AND n.received < n.quantity AND w.active
              AND (w.mode = '{WarehouseMode.LEDGER}' OR o.upstream_at IS NULL) {_only("n", among)}
        ) coming
        GROUP BY product_id, warehouse_id
    """


def _only(table: str, among: str) -> str:
    return f"AND {table}.product_id {among}" if among else ""


def _counted(kind: str, quantity: str) -> str:
    """`quantity`, which is in `kind`, in what product p is counted in."""
    packs, units = "p.packs_per_pallet / 1000", "p.units_per_pack / 1000"
    smaller = {
        ("pallets", "packs"): f"({quantity}) * {packs}",
        ("packs", "units"): f"({quantity}) * {units}",
        ("pallets", "units"): f"({quantity}) * {packs} * {units}",
        ("units", "packs"): f"({quantity}) * 1000 / p.units_per_pack",
        ("packs", "pallets"): f"({quantity}) * 1000 / p.packs_per_pallet",
        ("units", "pallets"): f"({quantity}) * 1000 / p.units_per_pack * 1000 / p.packs_per_pallet",
    }
    whens = " ".join(f"WHEN {kind} = '{there}' AND p.unit_kind = '{here}' THEN {value}" for (there, here), value in smaller.items())
    return f"CASE WHEN {kind} = p.unit_kind THEN {quantity} ELSE COALESCE(CASE {whens} END, 0) END"
