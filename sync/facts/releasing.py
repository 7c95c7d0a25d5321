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
from sync.facts.codes import PLACE_CODES
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
    for codes, condition in _conditions(connection).items():
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


def places_changed(connection: Connection) -> None:
    """In the transaction that writes what places are called and where they lie: lines that are held for theirs are looked at again."""
    held = SourceFact.objects.filter(connection=connection, state=FactState.HELD, code__in=PLACE_CODES).order_by()
    # What somebody else releases at this moment is left to them, as above.
    free = held.select_for_update(skip_locked=True) if is_postgres() else held
    SourceFact.objects.filter(pk__in=free.values("pk")).update(state=FactState.WAITING)


def _conditions(connection: Connection) -> Mapping[tuple[str, ...], str]:
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

    # Outwards from each place to the nearest one with a warehouse, however deep it lies; UNION ends places that lie in each other.
    known = (
        "WITH RECURSIVE outwards (there, warehouse_id, parent) AS ("
        f"SELECT w.external_id, w.warehouse_id, w.parent_id_there FROM {place} w WHERE w.connection_id = {connection.pk} "
        f"UNION SELECT o.there, w.warehouse_id, w.parent_id_there FROM outwards o JOIN {place} w ON w.connection_id = {connection.pk} "
        "AND w.external_id = o.parent WHERE o.warehouse_id IS NULL AND o.parent <> '') "
        "SELECT there FROM outwards WHERE warehouse_id IS NOT NULL "
        f"UNION ALL SELECT w.external_id FROM {place} w WHERE w.connection_id = {connection.pk} AND NOT w.counts"
    )

    def settled(column: str) -> str:
        """Whether a side is none of its business, or is known: its place does not count, or it or one around it has a warehouse."""
        return f"({fact}.{column} = '' OR {fact}.{column} IN ({known}))"

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
