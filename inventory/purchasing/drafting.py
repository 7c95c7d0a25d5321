"""Purchase orders while they are drafts: made, filled and changed (docs/purchase-orders.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Length

from accounts.acting import Actor
from accounts.differences import changed, state
from accounts.models import Account
from inventory import moment
from inventory.errors import AlreadyOnOrder
from inventory.ledger.facts import kind_of, quantity_of, text_of
from inventory.ledgerwords import amount
from inventory.models import OrderState, PurchaseOrder, PurchaseOrderLine, Vendor, Warehouse
from inventory.productrecord import one_at_a_time
from inventory.purchasing.lines import MOST_LINES, OrderedLine, price_of, refuse, rows_of, sentences, told
from inventory.purchasing.standing import audit, check_draft, check_open, held, rows_held
from inventory.texts import line as plain_line

BATCH = 500
UNCHANGED: Any = object()
CHANGEABLE = ("quantity", "unit_kind", "unit_price", "vendor_code")


@dataclass(frozen=True)
class Drafted:
    """A draft, which lines came onto it, and which of it stayed as they were because their product was on it before.

    `made` is whether the draft is new. `warnings` are sentences.
    """

    order: PurchaseOrder
    added: tuple[PurchaseOrderLine, ...] = ()
    kept: tuple[PurchaseOrderLine, ...] = ()
    made: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(
            f"{row.product} is on {self.order} already, with {amount(row.quantity, row.unit_kind)}; it stays so." for row in self.kept
        )


def draft(
    actor: Actor,
    vendor: Vendor,
    warehouse: Warehouse,
    lines: Sequence[OrderedLine] = (),
    *,
    expected_on: date | None = None,
    note: str = "",
) -> Drafted:
    """The draft for this vendor and warehouse, of which there is one at most, with these lines on it.

    What is on it already stays as it is, so that a repetition adds nothing. `expected_on` and `note` are for a draft that has none.
    Raises NotAllowed, ValidationError naming lines, vendor or warehouse, and DoesNotExist for what is not the account's. A constant number
    of statements.
    """
    actor.require("purchase_order.add")
    said = text_of(plain_line("note", note), "note", 500)
    with transaction.atomic():
        one_at_a_time(actor.account)
        whom = Vendor.objects.get(pk=vendor.pk, account=actor.account)
        place = Warehouse.objects.get(pk=warehouse.pk, account=actor.account)
        rows = rows_of(actor.account, lines)
        order = rows_held(actor).filter(vendor=whom, warehouse=place, state=OrderState.DRAFT).first()
        if order is None:
            _check_in_use(whom, place)
            order = PurchaseOrder(
                account=actor.account,
                number=next_number(actor.account),
                vendor=whom,
                warehouse=place,
                created_by=actor.user,
                created_label=actor.label[:200],
            )
            order.expected_on, order.note = expected_on, said
            order.save(force_insert=True)
            _store(order, rows)
            audit(actor, order, "ADD", None, {**_about(order), "lines": told(rows)})
            return Drafted(order, tuple(rows), (), made=True)
        kept, new = _sorted_out(order, rows)
        before = state(order)
        order.expected_on, order.note = order.expected_on or expected_on, order.note or said
        _, after = changed(before, state(order))
        _store(order, new)
        if new or after:
            _grow(order, *after)
            audit(actor, order, "ADD_LINES", None, {**after, "lines": told(new)})
    return Drafted(order, tuple(new), tuple(kept))


def add_lines(actor: Actor, order: PurchaseOrder, lines: Sequence[OrderedLine], *, version: int | None = None) -> Drafted:
    """Put more lines onto a draft. Raises as `draft` does, NotADraft, ChangedMeanwhile, and AlreadyOnOrder where a product is on it."""
    actor.require("purchase_order.edit")
    with transaction.atomic():
        stored = held(actor, order, version)
        check_draft(stored)
        rows = rows_of(actor.account, lines)
        kept, new = _sorted_out(stored, rows)
        if kept:
            names = ", ".join(f"{row.product.sku} ({amount(row.quantity, row.unit_kind)})" for row in kept[:10])
            raise AlreadyOnOrder(f"On {stored} already: {names}.", details={"lines": [row.pk for row in kept]})
        _store(stored, new)
        if new:
            _grow(stored)
            audit(actor, stored, "ADD_LINES", None, {"lines": told(new)})
    return Drafted(stored, tuple(new))


def edit(
    actor: Actor,
    order: PurchaseOrder,
    *,
    version: int | None = None,
    expected_on: date | None = UNCHANGED,
    note: str = UNCHANGED,
    lines: Mapping[int, Mapping[str, Any]] | None = None,
    remove: Collection[int] = (),
) -> PurchaseOrder:
    """Change what is given; the order as stored then. `lines` holds quantity, unit_kind, unit_price and vendor_code by the line's id.

    Of an order that is approved only the day on which it is expected. With `version`, only if the order still has it.
    Raises NotAllowed, NotADraft, NotOpen, ChangedMeanwhile, ValidationError naming lines or a field, DoesNotExist. A constant number of
    statements; all of it is done or nothing.
    """
    actor.require("purchase_order.edit")
    with transaction.atomic():
        stored = held(actor, order, version)
        if lines or remove or note is not UNCHANGED:
            check_draft(stored)
        elif stored.state != OrderState.DRAFT:
            check_open(stored)
        before = state(stored)
        if expected_on is not UNCHANGED:
            stored.expected_on = expected_on
        if note is not UNCHANGED:
            stored.note = text_of(plain_line("note", note), "note", 500)
        old, new = changed(before, state(stored))
        line_old, line_new = _change_lines(stored, lines or {}, set(remove))
        if new or line_new or line_old:
            _grow(stored, *new)
            audit(actor, stored, "CHANGE", {**old, **line_old}, {**new, **line_new})
    return stored


def remove_line(actor: Actor, order: PurchaseOrder, line: int, *, version: int | None = None) -> PurchaseOrder:
    """Take the line with this id off a draft. Raises as `edit` does."""
    return edit(actor, order, version=version, remove=[line])


def next_number(account: Account) -> str:
    """The number of the next order of this year, in the account's calendar. Its caller holds the account."""
    year = moment.now().astimezone(ZoneInfo(account.time_zone)).year
    prefix = f"PO-{year}-"
    taken = PurchaseOrder.objects.filter(account=account, number__startswith=prefix).annotate(digits=Length("number"))
    last = taken.order_by("-digits", "-number").values_list("number", flat=True).first()
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"


def _check_in_use(vendor: Vendor, warehouse: Warehouse) -> None:
    if not vendor.active:
        raise ValidationError({"vendor": f"{vendor} is not active. Nothing new is ordered of them."})
    if not warehouse.active:
        raise ValidationError({"warehouse": f"{warehouse} is out of use. Choose another warehouse."})


def _sorted_out(order: PurchaseOrder, rows: Sequence[PurchaseOrderLine]) -> tuple[list[PurchaseOrderLine], list[PurchaseOrderLine]]:
    """The lines of the order that have a product of these, and those of these whose product it has not."""
    known = {(row.product_id, row.unit_kind): row for row in order.lines.select_related("product")}
    kept = [known[row.product_id, row.unit_kind] for row in rows if (row.product_id, row.unit_kind) in known]
    new = [row for row in rows if (row.product_id, row.unit_kind) not in known]
    if len(known) + len(new) > MOST_LINES:
        raise ValidationError({"lines": f"A purchase order has at most {MOST_LINES:,} lines. Approve this one and draft another."})
    return kept, new


def _store(order: PurchaseOrder, rows: Sequence[PurchaseOrderLine]) -> None:
    for row in rows:
        row.order = order
    PurchaseOrderLine.objects.bulk_create(rows, batch_size=BATCH)


def _change_lines(order: PurchaseOrder, given: Mapping[int, Mapping[str, Any]], remove: set[int]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Change and remove lines; what the audit log says of it, by SKU, before and after."""
    wanted = {*given, *remove}
    if not wanted:
        return {}, {}
    rows = {row.pk: row for row in order.lines.select_related("product")}
    refuse([f"There is no line {pk} on {order}." for pk in sorted(wanted - rows.keys())])
    old, new, altered, wrong = {}, {}, [], []
    for pk, values in given.items():
        if pk in remove:
            continue
        row, was = rows[pk], _line_told(rows[pk])
        try:
            _set(row, values)
        except ValidationError as error:
            wrong += sentences(row.product.sku, error)
            continue
        if _line_told(row) != was:
            altered.append(row)
            old[row.product.sku], new[row.product.sku] = was, _line_told(row)
    left = [(row.product_id, row.unit_kind) for pk, row in rows.items() if pk not in remove]
    wrong += [
        f"{row.product.sku} is on another line in {row.unit_kind} already."
        for row in altered
        if left.count((row.product_id, row.unit_kind)) > 1
    ]
    refuse(wrong)
    if remove:
        for pk in sorted(remove):
            old[rows[pk].product.sku], new[rows[pk].product.sku] = _line_told(rows[pk]), "removed"
        order.lines.filter(pk__in=remove).delete()
    PurchaseOrderLine.objects.bulk_update(altered, CHANGEABLE, batch_size=BATCH)
    return old, new


def _set(row: PurchaseOrderLine, values: Mapping[str, Any]) -> None:
    foreign = values.keys() - set(CHANGEABLE)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "A line has no such field."))
    if "unit_kind" in values:
        row.unit_kind = kind_of(values["unit_kind"])
    if "quantity" in values:
        row.quantity = quantity_of(row.product, values["quantity"])
    if "unit_price" in values:
        row.unit_price = price_of(values["unit_price"])
    if "vendor_code" in values:
        row.vendor_code = text_of(plain_line("vendor_code", values["vendor_code"]), "vendor_code", 80)


def _line_told(row: PurchaseOrderLine) -> str:
    price = "" if row.unit_price is None else f" at {row.unit_price.normalize():f}"
    code = f", {row.vendor_code}" if row.vendor_code else ""
    return f"{amount(row.quantity, row.unit_kind)}{price}{code}"


def _grow(order: PurchaseOrder, *fields: str) -> None:
    order.version += 1
    order.save(update_fields=["version", *fields])


def _about(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "vendor": order.vendor.name,
        "warehouse": order.warehouse.name,
        "expected_on": order.expected_on,
        "note": order.note,
    }
