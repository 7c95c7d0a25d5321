"""What is decided about a purchase order: approved, sent to its vendor, given up (docs/purchase-orders.md)."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.differences import changed, state
from inventory import moment
from inventory.errors import AnotherDraft, NothingOrdered, NotOpen, Settled
from inventory.ledger.facts import text_of
from inventory.models import OPEN_ORDERS, OrderState, PurchaseOrder
from inventory.productrecord import one_at_a_time
from inventory.purchasing.standing import audit, check_open, check_version, held, in_words, tell
from inventory.texts import line as plain_line


def approve(actor: Actor, order: PurchaseOrder, *, version: int | None = None) -> PurchaseOrder:
    """Decide that a draft is to be bought: from then on it counts as on order. One that is approved stays as it is.

    Where nobody said when it is expected, the vendor's lead time says it. With `version`, only if the draft still has it.
    Raises NotAllowed, ChangedMeanwhile, NothingOrdered, NotOpen for one that is closed, ValidationError for a vendor or a warehouse that
    is out of use, DoesNotExist. A constant number of statements.
    """
    actor.require("purchase_order.approve")
    with transaction.atomic():
        stored = held(actor, order)
        if stored.state in OPEN_ORDERS:
            return stored
        if stored.state != OrderState.DRAFT:
            raise NotOpen(f"{stored} is {in_words(stored)}.", hint="Draft another order for what is still needed.")
        check_version(stored, version)
        products = list(stored.lines.values_list("product", flat=True))
        if not products:
            raise NothingOrdered(f"Nothing is on {stored}.", hint="Add a line, or cancel it.")
        if not stored.vendor.active:
            raise ValidationError({"vendor": f"{stored.vendor} is not active. Put the vendor into use again, or cancel this order."})
        if not stored.warehouse.active:
            raise ValidationError({"warehouse": f"{stored.warehouse} is out of use. Put it into use again, or cancel this order."})
        before, now = state(stored), moment.now()
        stored.state, stored.approved_at, stored.approved_by = OrderState.APPROVED, now, actor.label[:200]
        if stored.expected_on is None and stored.vendor.lead_time_days is not None:
            today = now.astimezone(ZoneInfo(actor.account.time_zone)).date()
            stored.expected_on = today + timedelta(days=stored.vendor.lead_time_days)
        _save(actor, stored, "APPROVE", before)
        tell(stored, products)
    return stored


def take_back(actor: Actor, order: PurchaseOrder, *, version: int | None = None) -> PurchaseOrder:
    """Make an approved order a draft again, to change it: it is not on order until it is approved anew. A draft stays as it is.

    Only before its vendor or the warehouse's outside system has it, and before anything came. Raises NotAllowed, ChangedMeanwhile, Settled,
    AnotherDraft where there is a draft for this vendor and warehouse already, DoesNotExist.
    """
    actor.require("purchase_order.approve")
    with transaction.atomic():
        # As drafting does: one draft for each vendor and warehouse.
        one_at_a_time(actor.account)
        stored = held(actor, order)
        if stored.state == OrderState.DRAFT:
            return stored
        check_version(stored, version)
        _check_unsettled(stored)
        same = {"vendor": stored.vendor_id, "warehouse": stored.warehouse_id, "state": OrderState.DRAFT}
        other = PurchaseOrder.objects.filter(account=actor.account, **same).first()
        if other is not None:
            raise AnotherDraft(
                f"{other} is a draft for {stored.vendor} and {stored.warehouse} already.",
                hint=f"Approve or cancel {other} first, or cancel {stored} and put its lines there.",
                details={"draft": other.pk},
            )
        before = state(stored)
        stored.state, stored.approved_at, stored.approved_by = OrderState.DRAFT, None, ""
        _save(actor, stored, "TAKE_BACK", before)
        tell(stored, stored.lines.values_list("product", flat=True))
    return stored


def _check_unsettled(order: PurchaseOrder) -> None:
    if order.state == OrderState.APPROVED and not order.upstream:
        return
    why = f"{order} is known to the outside system" if order.state == OrderState.APPROVED else f"{order} is {in_words(order)}"
    raise Settled(f"{why}, so it stays as it is.", hint="Draft another order for what else is needed, or cancel this one.")


def cancel(actor: Actor, order: PurchaseOrder, why: str = "", *, version: int | None = None) -> PurchaseOrder:
    """Expect nothing more on an order. What has come of it stays: an order that came in part is received then, and the rest given up.

    One that is cancelled stays as it is. Raises NotAllowed, ChangedMeanwhile, NotOpen for one that is received, ValidationError,
    DoesNotExist.
    """
    actor.require("purchase_order.cancel")
    said = text_of(plain_line("why", why), "why", 300)
    with transaction.atomic():
        stored = held(actor, order)
        if stored.state == OrderState.CANCELLED:
            return stored
        if stored.state == OrderState.RECEIVED:
            raise NotOpen(f"{stored} is received; nothing more is expected on it.")
        check_version(stored, version)
        before = state(stored)
        partly = stored.state == OrderState.PARTLY
        stored.state = OrderState.RECEIVED if partly else OrderState.CANCELLED
        stored.closed_at = moment.now()
        stored.closed_why = said or ("The rest is not expected any more." if partly else "Cancelled.")
        _save(actor, stored, "CLOSE" if partly else "CANCEL", before)
        if before["state"] != OrderState.DRAFT:
            tell(stored, stored.lines.values_list("product", flat=True))
    return stored


def mark_sent(actor: Actor, order: PurchaseOrder, *, to: str = "") -> PurchaseOrder:
    """Note that an approved order went to its vendor just now, at the address `to` where that is known; again where it was sent before.

    Raises NotAllowed, NotOpen, ValidationError, DoesNotExist.
    """
    actor.require("purchase_order.edit")
    whom = text_of(plain_line("to", to), "to", 254)
    with transaction.atomic():
        stored = held(actor, order)
        check_open(stored)
        before = state(stored)
        stored.sent_at, stored.sent_to = moment.now(), whom
        if stored.state == OrderState.APPROVED:
            stored.state = OrderState.SENT
        _save(actor, stored, "SEND", before)
    return stored


def _save(actor: Actor, order: PurchaseOrder, action: str, before: dict[str, object]) -> None:
    order.version += 1
    old, new = changed(before, state(order))
    order.save(update_fields=list(new))
    audit(actor, order, action, old, new)
