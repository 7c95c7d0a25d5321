"""What the outside system of a mirror warehouse tells of orders: that it knows them, and what came of them (docs/purchase-orders.md)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from accounts.acting import Actor
from accounts.audit import Entry, record_many
from accounts.models import Account
from inventory import moment
from inventory.ledger.counters import ZERO
from inventory.ledgerwords import amount
from inventory.models import OPEN_ORDERS, OrderReceipt, OrderState, Product, PurchaseOrder, PurchaseOrderLine, UnitKind, WarehouseMode
from inventory.purchasing.receiving import HERE
from inventory.purchasing.standing import settle_state, tell
from inventory.quantity import FINEST, plain

DRAFT, OPEN, COMPLETED, CANCELLED = "draft", "open", "completed", "cancelled"
"""The states in which an outside system can have an order. Only an open or a completed one counts as on order there."""

OURS = re.compile(r"\bPO-\d{4}-\d{4,}\b")
BATCH = 500
FOLLOWED = (OrderState.DRAFT, *OPEN_ORDERS)


class UpstreamOrder(NamedTuple):
    """An order as an outside system has it: our number is somewhere in its `reference`. `quantities` are in units, by our product's id."""

    reference: str
    upstream: str
    status: str
    quantities: Mapping[int, Decimal] = {}


class UpstreamReceipt(NamedTuple):
    """So many units of a product that came on the order it calls `upstream`; told again with another quantity, that one holds."""

    upstream: str
    source_key: str
    product_id: int
    quantity: Decimal
    day: date


def seen(account: Account, warehouse_ids: Collection[int], said: Iterable[UpstreamOrder], *, by: str = "outside system") -> list[int]:
    """Note which of our orders for these warehouses the outside system has; the ids of those that changed.

    From the first time it counts one as on order itself, our own order is not counted beside it. What it has cancelled is cancelled, what
    it has completed is received. A repetition changes nothing and writes nothing. In the caller's transaction or one of its own; statements
    grow with every 500 orders said, never with ours.
    """
    actor = Actor.system(account, by)
    rows = [UpstreamOrder(*each) for each in said]
    parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    with _all_held([_said_of(account, warehouse_ids, part) for part in parts]):
        changed: dict[int, PurchaseOrder] = {}
        for part in parts:
            changed |= {order.pk: order for order in _seen(actor, warehouse_ids, part)}
        _tell(changed)
    return list(changed)


def arrived(account: Account, said: Iterable[UpstreamReceipt], *, by: str = "outside system") -> list[int]:
    """Note what came of orders that were seen upstream; the ids of those that changed.

    An arrival of quantity 0 was taken back. What was received here as well is not counted twice: of both sums the larger one holds.
    Arrivals of orders that are not ours, and of products that are not on them, are passed over. A repetition changes nothing.
    """
    actor = Actor.system(account, by)
    rows = list({each[1]: UpstreamReceipt(*each) for each in said}.values())
    parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    with _all_held([_came_on(account, part) for part in parts]):
        changed: dict[int, PurchaseOrder] = {}
        for part in parts:
            changed |= _arrived(actor, part)
        _tell(changed)
    return sorted(changed)


@contextmanager
def _all_held(parts: Sequence[QuerySet[PurchaseOrder]]) -> Iterator[None]:
    """One transaction for all parts, in which the orders of several are locked first, in the order of their ids: who hears of the changes
    holds what it writes until the end, and nobody may wait for an order then."""
    with transaction.atomic():
        if len(parts) > 1:
            numbers = sorted({pk for part in parts for pk in part.order_by().values_list("pk", flat=True)})
            for start in range(0, len(numbers), BATCH):
                some = PurchaseOrder.objects.select_for_update(no_key=True).filter(pk__in=numbers[start : start + BATCH])
                list(some.order_by("id").values_list("pk", flat=True))
        yield


def _tell(changed: Mapping[int, PurchaseOrder]) -> None:
    if changed:
        products = PurchaseOrderLine.objects.filter(order__in=list(changed)).values_list("product", flat=True)
        tell(next(iter(changed.values())), products)


def _said_of(account: Account, warehouse_ids: Collection[int], said: Sequence[UpstreamOrder]) -> QuerySet[PurchaseOrder]:
    named = {number for each in said if (number := number_in(each.reference))}
    wanted = Q(number__in=named) | Q(upstream__in={each.upstream for each in said})
    rows = PurchaseOrder.objects.filter(wanted, account=account, state__in=FOLLOWED)
    return rows.filter(warehouse__in=list(warehouse_ids), warehouse__mode=WarehouseMode.MIRROR)


def _came_on(account: Account, said: Sequence[UpstreamReceipt]) -> QuerySet[PurchaseOrder]:
    rows = PurchaseOrder.objects.exclude(upstream="").exclude(state=OrderState.CANCELLED)
    return rows.filter(account=account, upstream__in={each.upstream for each in said}, warehouse__mode=WarehouseMode.MIRROR)


def _seen(actor: Actor, warehouse_ids: Collection[int], said: Sequence[UpstreamOrder]) -> list[PurchaseOrder]:
    rows = _said_of(actor.account, warehouse_ids, said)
    orders = list(rows.select_for_update(no_key=True, of=("self",)).order_by("id"))
    if not orders:
        return []
    lines = _lines_of(orders)
    now, entries, changed = moment.now(), [], []
    for order in orders:
        each = said_of(order, said)
        if each is None:
            continue
        before = (order.upstream, order.upstream_at, order.state)
        _follow(order, each, now)
        if (order.upstream, order.upstream_at, order.state) == before:
            continue
        order.version += 1
        changed.append(order)
        told: dict[str, Any] = {"upstream": order.upstream, "status": each.status, "state": order.state}
        told |= _differing(lines[order.pk], each.quantities)
        entries.append(Entry("PurchaseOrder", order.pk, "SEEN_UPSTREAM", {"state": before[2]}, told, "purchase_order"))
    PurchaseOrder.objects.bulk_update(changed, ["upstream", "upstream_at", "state", "closed_at", "closed_why", "version"], batch_size=BATCH)
    record_many(actor, entries)
    return changed


def number_in(reference: str) -> str:
    """Our number in a text that somebody typed into the outside system; empty where there is none. Pure."""
    found = OURS.search(reference.upper())
    return found[0] if found else ""


def said_of(order: PurchaseOrder, said: Iterable[UpstreamOrder]) -> UpstreamOrder | None:
    """What is said of an order: by its name upstream, else by our number; of several the one that is not cancelled. Pure."""
    mine = [each for each in said if each.upstream == order.upstream or number_in(each.reference) == order.number]
    # An order that was cancelled there and entered again is followed as the new one; of another's cancelled copy nothing is believed.
    alive = [each for each in mine if each.status != CANCELLED]
    known = [each for each in mine if order.upstream in ("", each.upstream)]
    same = [each for each in alive if each.upstream == order.upstream]
    return next(iter([*same, *alive, *known]), None)


def _follow(order: PurchaseOrder, said: UpstreamOrder, now: datetime) -> None:
    if said.status == CANCELLED and order.state == OrderState.DRAFT:
        order.upstream, order.upstream_at = "", None
        return
    order.upstream = said.upstream
    counted = said.status in (OPEN, COMPLETED)
    order.upstream_at = (order.upstream_at or now) if counted else None
    if order.state == OrderState.DRAFT:
        return
    if said.status == CANCELLED:
        partly = order.state == OrderState.PARTLY
        order.state, order.closed_at = OrderState.RECEIVED if partly else OrderState.CANCELLED, now
        order.closed_why = "Cancelled in the outside system."
    elif said.status == COMPLETED:
        order.state, order.closed_at, order.closed_why = OrderState.RECEIVED, now, "Completed in the outside system."


def _differing(lines: Sequence[PurchaseOrderLine], there: Mapping[int, Decimal]) -> dict[str, Any]:
    """What the outside system has ordered otherwise, by SKU, where it says quantities at all."""
    ours = {line.product.sku: (in_units(line.quantity, line), there.get(line.product_id, ZERO)) for line in lines}
    other = {sku: f"{there} there, {here} here" for sku, (here, there) in ours.items() if here is not None and here != there}
    return {"differs": other} if there and other else {}


def in_units(quantity: Decimal, line: PurchaseOrderLine) -> Decimal | None:
    """A quantity of the line as units, as outside systems count; None where nobody knows how many are in a pack. Pure."""
    product: Product = line.product
    if line.unit_kind == UnitKind.UNITS:
        return quantity
    if product.units_per_pack is None or (line.unit_kind == UnitKind.PALLETS and product.packs_per_pallet is None):
        # Of a product that is counted in packs here, the outside system's pieces are its packs.
        return quantity if line.unit_kind == product.unit_kind else None
    packs = product.packs_per_pallet if line.unit_kind == UnitKind.PALLETS else Decimal(1)
    assert packs is not None
    return plain(quantity * packs * product.units_per_pack)


def _arrived(actor: Actor, said: Sequence[UpstreamReceipt]) -> dict[int, PurchaseOrder]:
    rows = _came_on(actor.account, said).select_for_update(no_key=True, of=("self",))
    # Locked in the order in which all lock them; of two with one name the older one is meant.
    orders = {order.upstream: order for order in reversed(list(rows.order_by("id")))}
    if not orders:
        return {}
    lines = _lines_of(orders.values())
    keys = [each.source_key for each in said]
    known = {row.source_key: row for row in OrderReceipt.objects.filter(account=actor.account, source_key__in=keys)}
    fresh, altered = [], []
    for each in said:
        order = orders.get(each.upstream)
        line = _line_for(lines[order.pk], each.product_id) if order else None
        if line is None:
            continue
        quantity, before = _as_ordered(each.quantity, line), known.get(each.source_key)
        if before is None:
            if quantity:
                fresh.append(
                    OrderReceipt(account=actor.account, line=line, quantity=quantity, source_key=each.source_key, received_on=each.day)
                )
        elif (before.quantity, before.received_on, before.line_id) != (quantity, each.day, line.pk):
            before.quantity, before.received_on, before.line = quantity, each.day, line
            altered.append(before)
    if not (fresh or altered):
        return {}
    OrderReceipt.objects.bulk_create(fresh, batch_size=BATCH)
    OrderReceipt.objects.bulk_update(altered, ["quantity", "received_on", "line"], batch_size=BATCH)
    touched = {
        order.pk: order for order in orders.values() if {row.line_id for row in (*fresh, *altered)} & {line.pk for line in lines[order.pk]}
    }
    _recount(actor, touched, lines)
    return touched


def _recount(actor: Actor, orders: Mapping[int, PurchaseOrder], lines: Mapping[int, Sequence[PurchaseOrderLine]]) -> None:
    """Let the lines say what came by now, and the orders their states."""
    wanted = [line for pk in orders for line in lines[pk]]
    receipts = OrderReceipt.objects.filter(line__in=[line.pk for line in wanted]).order_by()
    here = Q(source_key__startswith=HERE)
    sums = {
        line: (ours or ZERO, theirs or ZERO)
        for line, ours, theirs in receipts.values_list("line").annotate(
            ours=Sum("quantity", filter=here), theirs=Sum("quantity", filter=~here)
        )
    }
    now, entries = moment.now(), []
    for pk, order in orders.items():
        old, new = {}, {}
        for line in lines[pk]:
            before, line.received = line.received, max(*sums.get(line.pk, (ZERO, ZERO)), ZERO)
            if before != line.received:
                sku = line.product.sku
                old[sku], new[sku] = amount(before, line.unit_kind), amount(line.received, line.unit_kind)
        state = order.state
        settle_state(order, [(line.quantity, line.received) for line in lines[pk]], now)
        order.version += 1
        entries.append(
            Entry("PurchaseOrder", pk, "ARRIVED_UPSTREAM", {"state": state, **old}, {"state": order.state, **new}, "purchase_order")
        )
    PurchaseOrderLine.objects.bulk_update(wanted, ["received"], batch_size=BATCH)
    PurchaseOrder.objects.bulk_update(orders.values(), ["state", "closed_at", "version"], batch_size=BATCH)
    record_many(actor, entries)


def _lines_of(orders: Iterable[PurchaseOrder]) -> dict[int, list[PurchaseOrderLine]]:
    found: dict[int, list[PurchaseOrderLine]] = defaultdict(list)
    for line in PurchaseOrderLine.objects.filter(order__in=[order.pk for order in orders]).select_related("product").order_by("id"):
        found[line.order_id].append(line)
    return found


def _line_for(lines: Sequence[PurchaseOrderLine], product_id: int) -> PurchaseOrderLine | None:
    """The line of a product on which units of it came: that in units, else the first."""
    mine = [line for line in lines if line.product_id == product_id]
    return next((line for line in mine if line.unit_kind == UnitKind.UNITS), mine[0] if mine else None)


def _as_ordered(units: Decimal, line: PurchaseOrderLine) -> Decimal:
    """Units that came, in what the line is ordered in; as they are where nobody knows how many are in it."""
    one = in_units(Decimal(1), line) or Decimal(1)
    return plain((Decimal(units) / one).quantize(FINEST))
