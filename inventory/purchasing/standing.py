"""Which state an order is in, by what came of it; its row, locked; and what is told when it changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from accounts.acting import Actor
from accounts.audit import record
from accounts.models import Account
from inventory import moment
from inventory.errors import ChangedMeanwhile, NotADraft, NotOpen
from inventory.models import OPEN_ORDERS, OrderState, PurchaseOrder
from inventory.signals import orders_changed


def state_of(lines: Iterable[tuple[Decimal, Decimal]], *, sent: bool) -> OrderState:
    """The state of an approved order of which nothing was given up, by what was ordered and what came of each line. Pure."""
    rows = list(lines)
    if rows and all(received >= ordered for ordered, received in rows):
        return OrderState.RECEIVED
    if any(received > 0 for _, received in rows):
        return OrderState.PARTLY
    return OrderState.SENT if sent else OrderState.APPROVED


def rows_held(actor: Actor) -> QuerySet[PurchaseOrder]:
    """The account's orders; those that are read from it are locked until the end of the transaction, with what they were asked for."""
    rows = PurchaseOrder.objects.select_for_update(no_key=True, of=("self",)).select_related("vendor", "warehouse")
    return rows.filter(account=actor.account)


def held(actor: Actor, order: PurchaseOrder, version: int | None = None) -> PurchaseOrder:
    """The order as it is now, locked until the end of the transaction. Raises ChangedMeanwhile where it has another version."""
    stored = rows_held(actor).get(pk=order.pk)
    stored.account = actor.account
    check_version(stored, version)
    return stored


def check_version(order: PurchaseOrder, version: int | None) -> None:
    """Raises ChangedMeanwhile for an order that has another version; None is any."""
    if version is not None and order.version != version:
        raise ChangedMeanwhile(
            f"{order} was changed meanwhile: it has version {order.version}, not {version}.", details={"version": order.version}
        )


def check_draft(order: PurchaseOrder) -> None:
    """Raises NotADraft for an order whose lines are fixed."""
    if order.state != OrderState.DRAFT:
        raise NotADraft(
            f"{order} is {in_words(order)}, so its lines stay as they are.",
            hint="Draft another order for what else is needed, or cancel this one.",
        )


def check_open(order: PurchaseOrder) -> None:
    """Raises NotOpen for an order on which nothing is expected."""
    if order.state not in OPEN_ORDERS:
        hint = "A manager approves it first." if order.state == OrderState.DRAFT else "Enter what came all the same as a purchase."
        raise NotOpen(f"{order} is {in_words(order)}; nothing is expected on it.", hint=hint)


def in_words(order: PurchaseOrder) -> str:
    return "a draft" if order.state == OrderState.DRAFT else OrderState(order.state).label.lower()


def settle_state(order: PurchaseOrder, lines: Iterable[tuple[Decimal, Decimal]], now: datetime) -> bool:
    """Let the order be in the state that its lines say; whether that is another one. Nothing given up or cancelled is opened again."""
    if order.closed_why or order.state in (OrderState.DRAFT, OrderState.CANCELLED):
        return False
    before, order.state = order.state, state_of(lines, sent=order.sent_at is not None)
    order.closed_at = (order.closed_at or now) if order.state == OrderState.RECEIVED else None
    return before != order.state


def overdue(account: Account) -> Q:
    """Orders on which something is expected that should have come before today, in the account's calendar."""
    today = moment.now().astimezone(ZoneInfo(account.time_zone)).date()
    return Q(state__in=OPEN_ORDERS, expected_on__lt=today)


def audit(actor: Actor, order: PurchaseOrder, action: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    """Write one row about the order."""
    record(
        actor,
        entity="PurchaseOrder",
        entity_id=order.pk,
        action=action,
        before=before,
        after=after,
        cause="purchase_order",
        correlation=order.correlation,
    )


def tell(order: PurchaseOrder, product_ids: Iterable[int]) -> None:
    """Say that other amounts of these products are on their way now."""
    products = sorted(set(product_ids))
    if products:
        orders_changed.send(sender=PurchaseOrder, account_id=order.account_id, product_ids=products, correlation=order.correlation)
