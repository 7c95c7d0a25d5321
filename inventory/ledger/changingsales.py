"""Sales that are changed or cancelled: stock goes back exactly to where it came from (docs/ledger.md)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory.allocation import allocate
from inventory.errors import AlreadyUndone, InsufficientStock, NothingToGiveBack
from inventory.ledger.booking import Booking, booking
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.facts import money_of, quantity_of, text_of
from inventory.ledger.outside import check_sale
from inventory.ledger.settling import settle
from inventory.ledger.taking import candidates, cost_of, give_back, held, last_first, take
from inventory.models import Cause, Sale, SaleStatus
from inventory.signals import sale_changing


@dataclass(frozen=True)
class Cancelled:
    """A cancelled sale. `notes` are sentences about what did not come back to the counters, and why."""

    sale: Sale
    notes: tuple[str, ...] = ()


def cancel_sale(actor: Actor, sale: Sale) -> Cancelled:
    """Cancel a sale: what it took goes back to the very batches it came from, and what was short is short no more.

    Other sales that are short take from what came back.

    Raises NotAllowed, AlreadyUndone for one that is cancelled, ToldOutside for goods sent by a transfer, NothingToGiveBack for one whose
    batches are not known, Quarantined, Sale.DoesNotExist for one of another account, and whatever a receiver of `sale_changing` refuses
    it with.
    """
    actor.require("sale.cancel")
    key = Key(sale.product_id, sale.warehouse_id)
    with booking(actor, [key], Cause.SALE_DELETION, correlation=sale.correlation) as booked:
        stored = _booked_sale(booked, sale, cancels=True)
        before = state(stored)
        allocations = held(stored)
        if not allocations and stored.quantity > stored.returned + stored.shortfall:
            raise NothingToGiveBack(
                f"It is not known which batches sale {stored.pk} came from.", hint="Enter a return, and choose the batch it goes to."
            )
        expired = give_back(booked, stored, [(each, each.quantity - each.released) for each in allocations])
        stored.status, stored.cancelled_at, stored.shortfall, stored.cost = SaleStatus.CANCELLED, booked.now, ZERO, ZERO
        stored.save(update_fields=["status", "cancelled_at", "shortfall", "cost"])
        settle(booked, key, stored.unit_kind)
        old, new = changed(before, state(stored))
        record(
            actor,
            entity="Sale",
            entity_id=stored.pk,
            action="DELETE",
            before={**before, **old},
            after=new,
            cause=Cause.SALE_DELETION.value,
            correlation=booked.correlation,
        )
    return Cancelled(stored, tuple(f"Batch {batch.pk} has expired meanwhile: what came back to it is not for sale." for batch in expired))


def edit_sale(
    actor: Actor, sale: Sale, *, quantity: Any = None, price: Any = None, reference: str | None = None, note: str | None = None
) -> Sale:
    """Change a sale; None leaves a value as it is. More is taken first expired first; less goes back, a shortfall first, then what was
    taken last, and other sales that are short take from it.

    Raises NotAllowed, ValidationError, AlreadyUndone, ToldOutside, InsufficientStock, NothingToGiveBack, Quarantined, Sale.DoesNotExist.
    """
    actor.require("sale.edit")
    key = Key(sale.product_id, sale.warehouse_id)
    with booking(actor, [key], Cause.SALE_EDIT, correlation=sale.correlation) as booked:
        stored = _booked_sale(booked, sale, cancels=False)
        before = state(stored)
        if quantity is not None:
            _resize(booked, stored, quantity_of(booked.products[key.product_id], quantity))
        if price is not None:
            stored.price = None if price == "" else money_of(price, "price")
        if reference is not None:
            stored.reference = text_of(reference, "reference", 100)
        if note is not None:
            stored.note = text_of(note, "note", 300)
        old, new = changed(before, state(stored))
        if new:
            stored.save(update_fields=list(new))
            if stored.quantity < before["quantity"]:
                settle(booked, key, stored.unit_kind)
            record(
                actor,
                entity="Sale",
                entity_id=stored.pk,
                action="CHANGE",
                before=old,
                after=new,
                cause=Cause.SALE_EDIT.value,
                correlation=booked.correlation,
            )
    return stored


def reduce(booked: Booking, sale: Sale, by: Decimal) -> None:
    """Let a sale be smaller: its shortfall goes first, then what was taken last. The caller saves the sale. Raises NothingToGiveBack."""
    short = min(by, sale.shortfall)
    holding = held(sale)
    if sum((each.quantity - each.released for each in holding), ZERO) < by - short:
        raise NothingToGiveBack(
            f"It is not known which batches sale {sale.pk} came from.", hint="Enter a return, and choose the batch it goes to."
        )
    sale.shortfall -= short
    sale.quantity -= by
    give_back(booked, sale, last_first(holding, by - short))
    sale.cost = cost_of(sale.allocations.all())


def _resize(booked: Booking, sale: Sale, quantity: Decimal) -> None:
    if quantity < sale.quantity:
        if quantity < sale.returned:
            raise NothingToGiveBack(
                f"{sale.returned} of sale {sale.pk} came back already; it can't be smaller than that.",
                hint=f"Enter {sale.returned} or more.",
            )
        reduce(booked, sale, sale.quantity - quantity)
        return
    more = quantity - sale.quantity
    if not more:
        return
    key = Key(sale.product_id, sale.warehouse_id)
    found = allocate(candidates(booked, key, sale.unit_kind), more, now=booked.now)
    if found.missing:
        available = more - found.missing
        raise InsufficientStock(
            f"Only {available} more {sale.unit_kind} are there; {more} more were asked for. Nothing was changed.",
            hint="Enter a smaller quantity, or the purchase that is missing.",
            details={"available": float(available), "asked": float(more), "unit_kind": sale.unit_kind},
        )
    take(booked, sale, found.takes)
    sale.quantity = quantity
    sale.cost = cost_of(sale.allocations.all())


def _booked_sale(booked: Booking, sale: Sale, *, cancels: bool) -> Sale:
    """The sale as it is now; whoever changes it holds the lock of its level. Raises AlreadyUndone for a cancelled one."""
    stored = Sale.objects.get(pk=sale.pk, account=booked.account)
    if stored.status != SaleStatus.BOOKED:
        raise AlreadyUndone(f"{stored} was cancelled before; its stock went back then.")
    check_sale(stored)
    sale_changing.send(sender=Sale, sale=stored, actor=booked.actor, cancels=cancels)
    return stored
