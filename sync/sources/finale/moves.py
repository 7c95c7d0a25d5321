"""Shipments of a Finale account: sales become demand, receipts reach our purchase orders. A window at a time, each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory import demand
from inventory.purchasing import follow_upstream as upstream
from inventory.quantity import from_thousandths
from sync.engine.documents import Document
from sync.engine.job import Job, Parked
from sync.engine.source import Held, Judged, Remark
from sync.models import Connection, Cursor, FeedDocument, ProductRef, Verdict
from sync.references.places import warehouses_of
from sync.sources.finale import mapping
from sync.sources.finale.catalogue import pause, walk
from sync.sources.finale.client import Client
from sync.sources.finale.options import Options
from sync.sources.finale.said import OrderSaid, ShipmentLine
from sync.sources.finale.shipments import Kind, ShipmentSaid
from sync.sources.finale.windows import Window, behind
from sync.wire.errors import BudgetSpent, Refused

SHIPMENTS, ORDERS = "shipments", "orders"
AT_ONCE = 50
"""Shipments written together: where each has to be read by itself, no more is read again when the run is put down."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
STATES = {"ORDER_CREATED": "draft", "ORDER_LOCKED": "open", "ORDER_COMPLETED": "completed", "ORDER_CANCELLED": "cancelled"}
"""Finale's states of a purchase order as ours; others are taken for drafts, which count for nothing."""


@dataclass
class Moves:
    """What was read of one feed since its cursor: documents, oldest first, up to `until`.

    A second that was too full begins at `lacking`: the cursor stays there, so that nothing of it is passed over for good.
    """

    feed: str
    documents: list[Document]
    until: datetime
    lacking: datetime | None = None
    held: list[Held] = field(default_factory=list)
    rows: int = 0
    unknown: int = 0
    without_lines: int = 0

    def judged(self) -> Judged:
        """What the run makes of the feed."""
        remarks = []
        if self.unknown:
            remarks.append(Remark("unknown_lines", f"{self.unknown:,} lines are of products or places that are not known here yet."))
        return Judged(
            self.feed,
            label="Shipments" if self.feed == SHIPMENTS else "Purchase orders",
            verdict=Verdict.PARTIAL,
            rows=sum(int(document.report.get("rows", 0)) for document in self.documents),
            held=tuple(self.held),
            warnings=tuple(remarks),
            code="one_second_too_full" if self.lacking else "",
            sentence="More were changed in one second than an answer holds; they are missing." if self.lacking else "",
            lacking=self.lacking is not None,
            checksum=self.documents[-1].checksum if self.documents else "",
            taken_at=max((each.taken_at for each in self.documents if each.taken_at), default=None),
        )


def read(job: Job, client: Client, options: Options, connection: Connection, feed: str) -> Moves:
    """What changed since the feed was read last, or within the days of sales at first. Raises as the catalogue does."""
    cursor = Cursor.objects.filter(connection=connection, feed=feed).first()
    until = (job.run.started_at or timezone.now()).replace(microsecond=0)
    since = _since(job, cursor) if cursor else until - timedelta(days=options.sales_days)
    documents, stuck = walk(job, client, feed, min(since, until), until, width_days=options.window_days, cut=options.cut_rows)
    return Moves(feed, documents, until, lacking=min(stuck).start if stuck else None)


def _since(job: Job, cursor: Cursor) -> datetime:
    """A little behind what was read last; but from there exactly where it was this very run that read it, before it was put down."""
    since = behind(cursor.read_to)
    parts = FeedDocument.objects.filter(run=job.run, feed=cursor.feed, part__contains="/").order_by("part").values_list("part", flat=True)
    first = parts.first()
    return cursor.read_to if first and since > Window.of(first).start else since


def orders(moves: Moves, client: Client, options: Options) -> list[OrderSaid]:
    """The purchase orders that were read, each as it was read last; lines that the list does not hold, or that are not to be taken from it,
    come from the order itself.

    Raises Problem, Parked when it goes on later.
    """
    found: dict[str, OrderSaid] = {}
    for document in moves.documents:
        for said in _rows(moves, document, mapping.order):
            if said is not None:
                found[said.external_id] = said
    for there, said in found.items():
        if _is_read_alone(options, said):
            row = _alone(client, there, ORDERS)
            again = mapping.order(row) if row is not None else None
            if isinstance(again, OrderSaid):
                found[there] = again
    return [said._replace(lines=said.lines or {}) for said in found.values()]


def seen(connection: Connection, said: Iterable[OrderSaid]) -> list[int]:
    """Tell our purchase orders which of them Finale has. Within the caller's transaction."""
    orders = list(said)
    products = _products(connection, {there for order in orders for there in order.lines or {}})
    warehouses = sorted(set(warehouses_of(connection).values()))
    told = [
        upstream.UpstreamOrder(
            f"{order.reference} {order.number}".strip(),
            order.external_id,
            STATES.get(order.status, "draft"),
            {products[there]: from_thousandths(quantity) for there, quantity in (order.lines or {}).items() if there in products},
        )
        for order in orders
    ]
    return upstream.seen(connection.account, warehouses, told, by=connection.name)


def keep(job: Job, client: Client, options: Options, connection: Connection, moves: Moves) -> int:
    """Write what the shipments say, some at a time with the cursor in the same transaction; how many products' demand changed.

    Raises LeaseLost, Cancelled, Problem, Parked when it goes on later: then what was written stays, and is not read again.
    """
    changed: set[int] = set()
    for document in moves.documents:
        shipments = [said for said in _rows(moves, document, mapping.shipment) if isinstance(said, ShipmentSaid)]
        shipments.sort(key=lambda said: said.changed_upstream_at or LONG_AGO)
        for start in range(0, len(shipments), AT_ONCE):
            complete = [_with_lines(client, options, said) for said in shipments[start : start + AT_ONCE]]
            with transaction.atomic():
                job.own()
                changed.update(_write(connection, moves, complete, job))
                if newest := complete[-1].changed_upstream_at:
                    # One that was read by itself may have been changed since; others of that time were not read.
                    _move(connection, moves, min(newest, moves.until))
            pause(job)
    return len(changed)


def move_on(connection: Connection, moves: Moves) -> None:
    """The feed was read to the end of its stretch. Within the caller's transaction."""
    _move(connection, moves, moves.until)


def _write(connection: Connection, moves: Moves, shipments: Sequence[ShipmentSaid], job: Job) -> list[int]:
    lines = [line for said in shipments for line in said.lines or ()]
    products = _products(connection, {line.product_id_there for line in lines})
    places = warehouses_of(connection)
    documents: dict[str, list[demand.Line]] = {}
    receipts: list[upstream.UpstreamReceipt] = []
    for said in shipments:
        if said.lines is None:
            moves.without_lines += 1
            continue
        known = [line for line in said.lines if line.product_id_there in products]
        if said.kind is Kind.RECEIPT:
            moves.unknown += len(said.lines) - len(known)
            receipts += [_receipt(line, products) for line in known if line.order_id_there]
            continue
        placed = [line for line in known if line.place_id_there in places] if said.kind is Kind.SALE else []
        moves.unknown += len(said.lines) - len(placed) if said.kind is Kind.SALE else 0
        documents[said.external_id] = [
            demand.Line(products[line.product_id_there], places[line.place_id_there], line.day, line.quantity) for line in placed
        ]
    upstream.arrived(connection.account, receipts, by=connection.name)
    return demand.replace(connection.account, f"finale:{connection.pk}", documents, correlation=job.run.correlation)


def _receipt(line: ShipmentLine, products: dict[str, int]) -> upstream.UpstreamReceipt:
    key = f"{line.document}#{line.line}"
    return upstream.UpstreamReceipt(line.order_id_there, key, products[line.product_id_there], from_thousandths(line.quantity), line.day)


def _with_lines(client: Client, options: Options, said: ShipmentSaid) -> ShipmentSaid:
    if not _is_read_alone(options, said):
        return said if said.lines is not None else said._replace(lines=())
    row = _alone(client, said.external_id, SHIPMENTS)
    again = mapping.shipment(row) if row is not None else said._replace(lines=())
    return again if isinstance(again, ShipmentSaid) else said


def _is_read_alone(options: Options, said: OrderSaid | ShipmentSaid) -> bool:
    """Whether its lines come from the document itself and not from the list."""
    return options.lines_on_lists == "never" or (said.lines is None and options.lines_on_lists == "auto")


def _alone(client: Client, there: str, feed: str) -> tuple[Any, ...] | None:
    """A single record as a row of its list; None when it is gone meanwhile."""
    try:
        return mapping.row_of(feed, client.record(there))
    except BudgetSpent as spent:
        raise Parked(spent.sentence, spent.until) from spent
    except Refused as refused:
        if refused.code == "not_found":
            return None
        raise


def _rows(moves: Moves, document: Document, said_of: Any) -> Iterable[Any]:
    with mapping.table(moves.feed, document.content()) as table:
        number = 0
        for block in table.blocks():
            for row in block:
                number += 1
                said = said_of(row, number)
                if isinstance(said, Held):
                    moves.held.append(said)
                else:
                    moves.rows += 1
                    yield said


def _move(connection: Connection, moves: Moves, to: datetime) -> None:
    """Never back: what was read stays read. Shipments of products that are not known yet are read again when they are."""
    if moves.unknown and not ProductRef.objects.filter(connection=connection).exists():
        return
    to = min(to, moves.lacking or to)
    row, made = Cursor.objects.get_or_create(
        connection=connection, feed=moves.feed, defaults={"account_id": connection.account_id, "read_to": to}
    )
    if not made and to > row.read_to:
        Cursor.objects.filter(pk=row.pk).update(read_to=to)


def _products(connection: Connection, there: Iterable[str]) -> dict[str, int]:
    wanted = sorted(there)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), 2_000):
        rows = ProductRef.objects.filter(connection=connection, external_id__in=wanted[start : start + 2_000], product__isnull=False)
        found.update(rows.values_list("external_id", "product_id"))
    return found
