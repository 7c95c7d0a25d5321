"""Returns: goods that come back from customers (docs/ledger.md)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import state
from inventory.errors import AlreadyUndone, NothingToGiveBack
from inventory.ledger.booking import Booking, booking
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.facts import check_ledger, happened, kind_of, quantity_of, text_of
from inventory.ledger.leaving import named
from inventory.ledger.settling import settle
from inventory.ledger.taking import cost_of, give_back, held, last_first
from inventory.models import (
    Allocation,
    Batch,
    BatchOrigin,
    Cause,
    CustomerReturn,
    IssuePurpose,
    MovementKind,
    Product,
    Sale,
    SaleStatus,
    UnitKind,
    Warehouse,
)


def take_back(
    actor: Actor,
    *,
    quantity: Any,
    sale: Sale | None = None,
    product: Product | None = None,
    warehouse: Warehouse | None = None,
    unit_kind: str | None = None,
    batch: Batch | None = None,
    note: str = "",
    happened_at: datetime | None = None,
    source_key: str | None = None,
) -> CustomerReturn:
    """Book goods that a customer brought back, and let sales that were short take from them.

    Of a known `sale` its shortfall goes first, then what it took last goes back to its batches, or what it took from the `batch` that is
    named. Where nobody knows which batches a sale came from, one has to be named. Without a sale, of a product, warehouse and unit kind,
    they go to the batch that is named, else into one of their own with lot, expiry and cost of what was sold last; where nothing was sold
    these are not known. What has expired is kept, and not counted.

    With a `source_key` it is booked once, and every repetition answers with the first. Raises NotAllowed, ValidationError naming a field,
    NothingToGiveBack, AlreadyUndone for a cancelled sale, NotALedger, BeforeOpening, Quarantined, and DoesNotExist for what is not the
    account's.
    """
    actor.require("return.add")
    key, kind = _what(sale, product, warehouse, unit_kind)
    with booking(actor, [key], Cause.CUSTOMER_RETURN) as booked:
        known = CustomerReturn.objects.filter(account=actor.account, source_key=source_key).first() if source_key else None
        if known is not None:
            return known
        at = happened(happened_at, booked.now, "happened_at")
        place = check_ledger(booked, key, at)
        stored = booked.products[key.product_id]
        back = CustomerReturn(
            account=actor.account,
            product=stored,
            warehouse=place,
            unit_kind=kind,
            quantity=quantity_of(stored, quantity),
            note=text_of(note, "note", 300),
            happened_at=at,
            source_key=source_key or None,
            correlation=booked.correlation,
            entered_by=actor.label[:200],
        )
        back.batch = None if batch is None else _usable(named(booked, batch, key, kind))
        after: dict[str, Any] = {}
        if sale is not None:
            back.sale = Sale.objects.get(pk=sale.pk, account=actor.account)
            _from_sale(booked, back, back.sale)
            after = {"sale_returned": back.sale.returned, "sale_shortfall": back.sale.shortfall}
        else:
            back.batch = back.batch or _batch_of_its_own(booked, back)
            back.save(force_insert=True)
            _into(booked, back, back.batch, back.quantity)
        settle(booked, key, kind)
        record(
            actor,
            entity="CustomerReturn",
            entity_id=back.pk,
            action="ADD",
            after={**state(back), **after},
            cause=Cause.CUSTOMER_RETURN.value,
            correlation=booked.correlation,
        )
    return back


def _what(sale: Sale | None, product: Product | None, warehouse: Warehouse | None, unit_kind: str | None) -> tuple[Key, UnitKind]:
    """Of which level something comes back. Raises ValidationError naming what is missing or is not what the sale was of."""
    if sale is None:
        missing = {"product": product, "warehouse": warehouse, "unit_kind": unit_kind}
        wrong = {field: "Enter this, or the sale." for field, value in missing.items() if value is None}
        if product is None or warehouse is None or unit_kind is None:
            raise ValidationError(wrong)
        return Key(product.pk, warehouse.pk), kind_of(unit_kind)
    given = {
        "product": product is None or product.pk == sale.product_id,
        "warehouse": warehouse is None or warehouse.pk == sale.warehouse_id,
        "unit_kind": unit_kind is None or unit_kind == sale.unit_kind,
    }
    if not all(given.values()):
        raise ValidationError({field: f"Sale {sale.pk} was of another one. Leave it out." for field, same in given.items() if not same})
    return Key(sale.product_id, sale.warehouse_id), UnitKind(sale.unit_kind)


def _usable(batch: Batch) -> Batch:
    if batch.voided_at is not None:
        raise ValidationError({"batch": f"Batch {batch.pk} was voided. Choose another one."})
    return batch


def _from_sale(booked: Booking, back: CustomerReturn, sale: Sale) -> None:
    """Store the return and book it to its sale. Raises ValidationError for what was no sale, AlreadyUndone and NothingToGiveBack."""
    if sale.purpose != IssuePurpose.SALE:
        raise ValidationError({"sale": f"{sale} went to no customer, so none brings it back."})
    if sale.status != SaleStatus.BOOKED:
        raise AlreadyUndone(f"Sale {sale.pk} was cancelled; all of it came back then.", hint="Enter the return without the sale.")
    left = sale.quantity - sale.returned
    if back.quantity > left:
        raise NothingToGiveBack(
            f"At most {left} {sale.unit_kind} of sale {sale.pk} can come back, not {back.quantity}.",
            hint="Enter what came back beyond the sale as a return of its own, without the sale.",
            details={"available": float(left), "asked": float(back.quantity)},
        )
    back.save(force_insert=True)
    if not sale.allocations.exists() and sale.quantity > sale.shortfall + sale.returned:
        _from_unknown(booked, back, sale)
    else:
        _from_known(booked, back, sale)
    sale.returned += back.quantity
    sale.save(update_fields=["returned", "shortfall", "cost"])


def _from_unknown(booked: Booking, back: CustomerReturn, sale: Sale) -> None:
    if back.batch is None:
        raise NothingToGiveBack(
            f"It is not known which batches sale {sale.pk} came from.", hint="Choose the batch that the goods go back to."
        )
    _into(booked, back, back.batch, back.quantity)


def _from_known(booked: Booking, back: CustomerReturn, sale: Sale) -> None:
    # Without a named batch the shortfall goes first: the goods are here again, so so much less has to be found for the sale.
    short = ZERO if back.batch is not None else min(back.quantity, sale.shortfall)
    holding = [each for each in held(sale) if back.batch is None or each.batch_id == back.batch.pk]
    needed, here = back.quantity - short, sum((each.quantity - each.released for each in holding), ZERO)
    if here < needed:
        of = f"of batch {back.batch.pk}" if back.batch is not None else "of known batches"
        raise NothingToGiveBack(
            f"Sale {sale.pk} holds {here} {sale.unit_kind} {of}, not {needed}.",
            hint="Leave the batch out, and they go back to where they came from.",
            details={"available": float(here), "asked": float(needed)},
        )
    give_back(booked, sale, last_first(holding, needed), reason=_why(back), happened_at=back.happened_at)
    sale.shortfall -= short
    sale.cost = cost_of(sale.allocations.all())


def _into(booked: Booking, back: CustomerReturn, batch: Batch, quantity: Decimal) -> None:
    about = {"document_id": back.pk, "happened_at": back.happened_at, "reason": _why(back), "source_key": back.source_key or ""}
    booked.change(batch, MovementKind.RETURN, quantity, **about)


def _batch_of_its_own(booked: Booking, back: CustomerReturn) -> Batch:
    last = _sold_last(back)
    like = last.batch if last is not None else None
    factors = like or back.product
    return booked.new_batch(
        Batch(
            product=back.product,
            warehouse=back.warehouse,
            unit_kind=back.unit_kind,
            origin=BatchOrigin.RETURN,
            parent=like,
            unit_cost=None if last is None else last.unit_cost,
            lot="" if like is None else like.lot,
            expires_on=None if like is None else like.expires_on,
            expires_at=None if like is None else like.expires_at,
            received_at=back.happened_at,
            packs_per_pallet=factors.packs_per_pallet,
            units_per_pack=factors.units_per_pack,
        )
    )


def _sold_last(back: CustomerReturn) -> Allocation | None:
    where = {"sale__product": back.product_id, "sale__warehouse": back.warehouse_id, "sale__unit_kind": back.unit_kind}
    rows = Allocation.objects.filter(account_id=back.account_id, sale__purpose=IssuePurpose.SALE, quantity__gt=F("released"), **where)
    return rows.select_related("batch").order_by("-sale_id", "-id").first()


def _why(back: CustomerReturn) -> str:
    return f"Return {back.pk}: {back.note}" if back.note else f"Return {back.pk}."
