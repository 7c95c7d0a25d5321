"""Held facts whose reason is gone wait again: asked for in SQL every minute, so that no mapping has to remember them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import connection as database
from django.utils import timezone

from inventory.dialect import is_postgres, quoted
from inventory.models import Product, ProductAlias
from jobs import lease
from jobs.queue import enqueue
from sync.facts.booking import book_waiting
from sync.models import Connection, FactRule, FactState, ProductRef, SourceFact, WarehouseRef
from sync.references.statements import table_of

BOOK = "sync.facts.releasing.book"
TRIED_AGAIN = timedelta(hours=1)
"""What the ledger refused is tried again so often: a day that was in the future comes, a warehouse is put into use again."""


def sweep() -> None:
    """Every minute: let facts wait whose mapping is there by now, and see to it that what waits is booked. Short: tasks do the work."""
    with_held = SourceFact.objects.filter(state=FactState.HELD).order_by().values_list("connection_id", flat=True).distinct()
    for connection in Connection.objects.filter(pk__in=with_held, enabled=True).select_related("account"):
        release_known(connection)
    waiting = SourceFact.objects.filter(state=FactState.WAITING).order_by().values_list("connection_id", flat=True).distinct()
    for connection_id in waiting:
        wake(connection_id)


def wake(connection_id: int) -> None:
    """Let a worker book what waits of the connection."""
    enqueue(BOOK, connection_id)


def book(connection_id: int) -> str:
    """Book what waits of the connection, unless somebody is at it. A task: it may come twice and be killed anywhere."""
    connection = Connection.objects.select_related("account").filter(pk=connection_id).first()
    if connection is None:
        return f"Connection {connection_id} is gone."
    with lease.named(f"facts {connection_id}") as held:
        if held is None:
            return "Somebody is at it."
        done = book_waiting(connection)
    return f"{done.facts:,} facts: {dict(done.states)}"


def release_known(connection: Connection) -> int:
    """Let held facts of the connection wait again where what they lacked is there now; how many. One statement for each reason."""
    released = 0
    for codes, condition in _conditions().items():
        with database.cursor() as cursor:
            marks, fact = ", ".join(["%s"] * len(codes)), table_of(SourceFact)
            # What somebody else releases at this moment is left to them: two that wait for each other's rows would never end.
            free = f"FOR UPDATE OF {fact} SKIP LOCKED" if is_postgres() else ""
            cursor.execute(
                f"UPDATE {fact} SET state = 'waiting' WHERE id IN (SELECT {fact}.id FROM {fact} "
                f"WHERE {fact}.connection_id = %s AND {fact}.state = 'held' AND {fact}.code IN ({marks}) AND ({condition}) {free})",
                [connection.pk, *codes],
            )
            released += cursor.rowcount
    again = SourceFact.objects.filter(
        connection=connection, state=FactState.HELD, code="refused", tried_at__lt=timezone.now() - TRIED_AGAIN
    )
    return released + again.update(state=FactState.WAITING)


def _conditions() -> Mapping[tuple[str, ...], str]:
    """For the codes that a mapping can settle: whether it is there, asked of a row of facts."""
    fact = table_of(SourceFact)
    alias, product, ref, place, rule = map(table_of, (ProductAlias, Product, ProductRef, WarehouseRef, FactRule))
    named = (
        f"EXISTS (SELECT 1 FROM {alias} a WHERE a.account_id = {fact}.account_id AND a.{quoted('kind')} = 'barcode' "
        f"AND a.{quoted('key')} = {fact}.barcode_key)"
    )
    alone = (
        f"(SELECT COUNT(*) FROM {alias} a JOIN {product} p ON p.id = a.product_id AND p.active WHERE a.account_id = {fact}.account_id "
        f"AND a.{quoted('kind')} = 'barcode' AND a.{quoted('key')} = {fact}.barcode_key) = 1"
    )
    names = (
        f"SELECT 1 FROM {rule} u WHERE u.connection_id = {fact}.connection_id AND ("
        f"(u.about = 'barcode' AND {fact}.barcode_key <> '' AND u.value_key = {fact}.barcode_key) OR "
        f"(u.about = 'product' AND {fact}.product_there <> '' AND u.value_key = {fact}.product_there) OR "
        f"(u.about = 'place' AND u.value_key IN ({fact}.place_there, {fact}.place_to_there) AND u.value_key <> ''))"
    )
    ruled, left_out = f"EXISTS ({names})", f"EXISTS ({names} AND u.action = 'ignore')"
    matched = (
        f"EXISTS (SELECT 1 FROM {ref} r WHERE r.connection_id = {fact}.connection_id AND r.external_id = {fact}.product_there "
        "AND r.product_id IS NOT NULL)"
    )
    whole = f"EXISTS (SELECT 1 FROM {product} p WHERE p.id = {fact}.product_id AND p.fractional)"

    def settled(column: str) -> str:
        """Whether a side is none of its business, or is known: its place, or the one that it lies in, has a warehouse or does not count."""
        return (
            f"({fact}.{column} = '' OR EXISTS (SELECT 1 FROM {place} w LEFT JOIN {place} t ON t.connection_id = w.connection_id "
            f"AND t.external_id = w.parent_id_there AND w.parent_id_there <> '' WHERE w.connection_id = {fact}.connection_id "
            f"AND w.external_id = {fact}.{column} AND (NOT w.counts OR w.warehouse_id IS NOT NULL OR t.warehouse_id IS NOT NULL)))"
        )

    places = f"({settled('place_there')} AND {settled('place_to_there')})"
    return {
        ("unknown_barcode",): f"{named} OR {ruled}",
        ("ambiguous_barcode",): f"{alone} OR {ruled}",
        ("unmatched_product",): f"{matched} OR {ruled}",
        # Which product is meant settles no place: such lines would be released and held again every minute.
        ("unmapped_branch", "unmapped_place"): f"{places} OR {left_out}",
        ("missing_barcode",): ruled,
        ("fraction",): whole,
    }
