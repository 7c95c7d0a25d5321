"""Goods that come in on a purchase order: booked where stock is kept here, noted where an outside system keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.models import Account
from inventory import moment
from inventory.ledger.booking import Booking, booking
from inventory.ledger.counters import Key
from inventory.ledger.facts import happened, quantity_of, text_of
from inventory.ledger.repeating import told_once
from inventory.ledger.takingin import Goods, take_in
from inventory.ledgerwords import amount
from inventory.models import Cause, OrderReceipt, PurchaseOrder, PurchaseOrderLine, WarehouseMode
from inventory.purchasing.lines import refuse, sentences
from inventory.purchasing.standing import audit, check_open, held, settle_state, tell
from inventory.texts import line as plain_line

HERE = "here:"
"""What the keys of receipts begin with that were entered here."""

MOST_ARRIVALS = 2_000
LONGEST_KEY = 200


@dataclass(frozen=True)
class Arrival:
    """So much that came of the line with this id, in its unit kind. Without a `unit_cost` it cost what was ordered for.

    `expires_on` is the day on the package, `expires_at` an instant; not both.
    """

    line: int
    quantity: Any
    unit_cost: Any = None
    free_goods: bool = False
    lot: str = ""
    expires_on: date | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class OrderReceived:
    """What came, as noted. `warnings` are sentences; `repeated` is whether it was known before, and nothing was done."""

    order: PurchaseOrder
    receipts: tuple[OrderReceipt, ...]
    warnings: tuple[str, ...] = ()
    repeated: bool = False


def receive(
    actor: Actor,
    order: PurchaseOrder,
    lines: Sequence[Arrival],
    *,
    received_at: datetime | None = None,
    reference: str = "",
    note: str = "",
    source_key: str | None = None,
) -> OrderReceived:
    """Note what came in on an order, all of it or nothing. In a warehouse that is kept here each arrival becomes a purchase with its batch.

    More than was ordered is taken with a sentence. In a warehouse that follows an outside system nothing is booked: the order's history
    says it, and the stock follows that system. With a `source_key` it is done once, and every repetition answers with the first.

    Raises NotAllowed, NotOpen, ValidationError naming lines or a field, ExpiredProduct, SameLotAgain, BeforeOpening, Quarantined, and
    DoesNotExist for an order of another account. A constant number of statements.
    """
    actor.require("purchase_order.receive")
    if not 0 < len(lines) <= MOST_ARRIVALS:
        raise ValidationError({"lines": f"Enter between 1 and {MOST_ARRIVALS:,} lines that came, not {len(lines):,}."})
    key = f"{HERE}{text_of(source_key, 'source_key', LONGEST_KEY) if source_key else uuid.uuid4()}"
    seen = PurchaseOrder.objects.select_related("warehouse").get(pk=order.pk, account=actor.account)
    with _holding(actor, seen, lines) as booked:
        stored = held(actor, seen)
        before = OrderReceipt.objects.filter(account=actor.account, source_key__in=[f"{key} {n}" for n in range(1, len(lines) + 1)])
        known = list(before.select_related("line", "purchase").order_by("id")) if source_key else []
        if known:
            return OrderReceived(stored, tuple(known), repeated=True)
        check_open(stored)
        rows = {row.pk: row for row in stored.lines.select_related("product")}
        refuse([f"There is no line {pk} on {stored}." for pk in sorted({arrival.line for arrival in lines} - rows.keys())])
        now = booked.now if booked else moment.now()
        at = happened(received_at, now, "received_at")
        quantities = _quantities(rows, lines)
        warnings: list[str] = []
        purchases: list[Any] = [None] * len(lines)
        if booked:
            taken = take_in(
                booked,
                [_goods(rows[arrival.line], arrival) for arrival in lines],
                warehouse_id=stored.warehouse_id,
                at=at,
                vendor=stored.vendor,
                reference=plain_line("reference", reference) or stored.number,
                note=plain_line("note", note),
            )
            # Who hears of it looks at the levels.
            booked.store()
            purchases = [each.purchase for each in taken]
            warnings += [
                f"{rows[arrival.line].product.sku}: {said}" for arrival, each in zip(lines, taken, strict=True) for said in each.warnings
            ]
        else:
            warnings.append(
                f"The stock of {stored.warehouse} follows its outside system, so nothing was booked: receive the goods there as well."
            )
        day = _day(at, actor.account)
        receipts = OrderReceipt.objects.bulk_create(
            [
                OrderReceipt(
                    account=actor.account,
                    line=rows[arrival.line],
                    purchase=purchase,
                    quantity=quantity,
                    source_key=f"{key} {n}",
                    received_on=day,
                )
                for n, (arrival, purchase, quantity) in enumerate(zip(lines, purchases, quantities, strict=True), 1)
            ],
            batch_size=500,
        )
        warnings += _count_in(rows, receipts)
        _close(actor, stored, rows, receipts, now)
    return OrderReceived(stored, tuple(receipts), tuple(warnings))


def _day(at: datetime, account: Account) -> date:
    """The day of `at` in the account's calendar. Raises ValidationError where that has none."""
    try:
        return at.astimezone(ZoneInfo(account.time_zone)).date()
    except OverflowError as error:
        raise ValidationError({"received_at": "This time is beyond the calendar."}) from error


@contextmanager
def _holding(actor: Actor, order: PurchaseOrder, lines: Sequence[Arrival]) -> Iterator[Booking | None]:
    """A transaction that holds the levels of what came, before the order: nobody who corrects a purchase waits in a circle with it."""
    if order.warehouse.mode == WarehouseMode.LEDGER:
        products = order.lines.filter(pk__in={arrival.line for arrival in lines}).values_list("product", flat=True)
        keys = [Key(product, order.warehouse_id) for product in products]
        with booking(actor, keys, Cause.PURCHASE_CREATION, correlation=order.correlation) as booked:
            yield booked
    else:
        with told_once(), transaction.atomic():
            yield None


def _quantities(rows: dict[int, PurchaseOrderLine], lines: Sequence[Arrival]) -> list[Decimal]:
    """How much came of each. Raises ValidationError with a sentence for each that is no quantity of its product."""
    read, wrong = [], []
    for arrival in lines:
        product = rows[arrival.line].product
        try:
            read.append(quantity_of(product, arrival.quantity))
        except ValidationError as error:
            wrong += sentences(product.sku, error)
    refuse(wrong)
    return read


def _goods(row: PurchaseOrderLine, arrival: Arrival) -> Goods:
    cost = arrival.unit_cost
    return Goods(
        product_id=row.product_id,
        unit_kind=row.unit_kind,
        quantity=arrival.quantity,
        unit_cost=row.unit_price if cost in (None, "") and not arrival.free_goods else cost,
        free_goods=arrival.free_goods,
        lot=arrival.lot,
        expires_on=arrival.expires_on,
        expires_at=arrival.expires_at,
        name=row.product.sku,
    )


def _count_in(rows: dict[int, PurchaseOrderLine], receipts: Sequence[OrderReceipt]) -> list[str]:
    """Add what came to the lines; a sentence for each of which more came than was ordered."""
    came = {receipt.line_id for receipt in receipts}
    for receipt in receipts:
        rows[receipt.line_id].received += receipt.quantity
    touched = [rows[pk] for pk in sorted(came)]
    PurchaseOrderLine.objects.bulk_update(touched, ["received"], batch_size=500)
    over = [row for row in touched if row.received > row.quantity]
    return [f"{row.product.sku}: {amount(row.received - row.quantity, row.unit_kind)} more than was ordered." for row in over]


def _close(actor: Actor, order: PurchaseOrder, rows: dict[int, PurchaseOrderLine], receipts: Sequence[OrderReceipt], now: datetime) -> None:
    before = order.state
    settle_state(order, [(row.quantity, row.received) for row in rows.values()], now)
    order.version += 1
    order.save(update_fields=["state", "closed_at", "version"])
    told = [
        {
            "sku": rows[each.line_id].product.sku,
            "came": amount(each.quantity, rows[each.line_id].unit_kind),
            "purchase": each.purchase_id,
        }
        for each in receipts
    ]
    audit(actor, order, "RECEIVE", {"state": before}, {"state": order.state, "lines": told})
    tell(order, [rows[each.line_id].product_id for each in receipts])
