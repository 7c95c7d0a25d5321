"""What the pages of purchase orders show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.acting import Actor
from accounts.models import AuditLog
from accounts.workplace import acting, may
from inventory.admin.orderforms import HeadForm, LineForm, Typed, shown
from inventory.admin.story import Event
from inventory.marks import Mark
from inventory.models import (
    OPEN_ORDERS,
    OrderReceipt,
    OrderState,
    Product,
    PurchaseOrder,
    PurchaseOrderLine,
    UnitKind,
    Vendor,
    WarehouseMode,
)
from inventory.purchasing.paper import Sum, sum_of
from inventory.wording import NOTHING

PER_PAGE = 100
RECEIPTS_SHOWN = 50
HISTORY_SHOWN = 50
ORDERS_SHOWN = 10
OPEN = frozenset(state.value for state in OPEN_ORDERS)

STATES = {
    OrderState.DRAFT.value: Mark("Draft", "", "edit_note"),
    OrderState.APPROVED.value: Mark("Approved", "info", "task_alt"),
    OrderState.SENT.value: Mark("Sent to the vendor", "info", "outgoing_mail"),
    OrderState.PARTLY.value: Mark("Partly received", "warning", "hourglass_top"),
    OrderState.RECEIVED.value: Mark("Received", "success", "check_circle"),
    OrderState.CANCELLED.value: Mark("Cancelled", "", "block"),
}
OVERDUE = Mark("Overdue", "danger", "running_with_errors")
DONE = {
    "ADD": "Drafted",
    "ADD_LINES": "Lines added",
    "CHANGE": "Changed",
    "APPROVE": "Approved",
    "TAKE_BACK": "Made a draft again",
    "SEND": "Sent to the vendor",
    "MAIL": "Mail to the vendor ordered",
    "RECEIVE": "Goods received",
    "CORRECT_RECEIPT": "Receipt corrected",
    "CANCEL": "Cancelled",
    "CLOSE": "Closed: the rest is given up",
    "SEEN_UPSTREAM": "Known to the outside system",
    "ARRIVED_UPSTREAM": "The outside system tells what came",
}
_UNTOLD = {"version", "lines", "correlation", "approved_at", "closed_at", "sent_at", "approved_by", "upstream_at", "purchase", "delivery"}

Mailer = Callable[[Actor, PurchaseOrder, str], str]
"""Called with who wants it, the order and an address (empty for the vendor's); the sentence to say then. Refuses by raising a Problem."""

mailers: list[Mailer] = []
"""At most one: the app that mails puts itself here, when its admin is loaded."""


@dataclass(frozen=True)
class Line:
    """A line that is not edited, and what it comes to."""

    row: PurchaseOrderLine
    value: Decimal | None
    over: Decimal


@dataclass(frozen=True)
class OnOrder:
    """What is on its way of a product by one order."""

    line: PurchaseOrderLine
    late: bool


def is_overdue(order: PurchaseOrder, today: date) -> bool:
    return order.state in OPEN and order.expected_on is not None and order.expected_on < today


def today_of(actor: Actor) -> date:
    return timezone.now().astimezone(ZoneInfo(actor.account.time_zone)).date()


def usually(actor: Actor, vendor: Vendor) -> date | None:
    """When what is ordered of the vendor today should come; None where nobody knows."""
    return None if vendor.lead_time_days is None else today_of(actor) + timedelta(days=vendor.lead_time_days)


def contents(
    request: HttpRequest, order: PurchaseOrder, typed: Iterable[Typed] | None = None, form: LineForm | None = None
) -> dict[str, Any]:
    """For the template, with a page of the lines, as they were `typed` where that was refused. A constant number of statements."""
    actor, draft = acting(request), order.state == OrderState.DRAFT
    expected = usually(actor, order.vendor) if draft and order.expected_on is None else order.expected_on
    page = lines_page(request, order)
    rows = page.object_list if typed is None else []
    figures: list[Any] = list(order.lines.values_list("quantity", "unit_price", "received"))
    editable = draft and may(request, "purchase_order.edit")
    receipts = list(
        OrderReceipt.objects.filter(line__order=order).select_related("line__product", "purchase").order_by("-id")[: RECEIPTS_SHOWN + 1]
    )
    return {
        "order": order,
        "mark": STATES[order.state],
        "late": OVERDUE if is_overdue(order, today_of(actor)) else "",
        "draft": draft,
        "open": order.state in OPEN,
        "editable": editable,
        "sum": sum_of((quantity, price) for quantity, price, _ in figures),
        "how_many": len(figures),
        "fully": sum(1 for quantity, _, received in figures if received >= quantity),
        "page": page,
        "query": "",
        "typed": list(typed) if typed is not None else [shown(row) for row in rows] if editable else [],
        "rows": [_line(row) for row in rows] if not editable else [],
        "kinds": UnitKind.choices,
        "head": HeadForm(initial={"expected_on": expected, "note": order.note}),
        "form": form or (LineForm(actor) if editable else None),
        "receipts": receipts[:RECEIPTS_SHOWN],
        "more_receipts": len(receipts) > RECEIPTS_SHOWN,
        "mirror": order.warehouse.mode == WarehouseMode.MIRROR,
        "number_there": _number(order.upstream),
        "may_approve": draft and may(request, "purchase_order.approve"),
        "may_take_back": order.state == OrderState.APPROVED and not order.upstream and may(request, "purchase_order.approve"),
        "may_cancel": (draft or order.state in OPEN) and may(request, "purchase_order.cancel"),
        "may_send": order.state in OPEN and may(request, "purchase_order.edit"),
        "may_receive": order.state in OPEN and may(request, "purchase_order.receive"),
        "mails": bool(mailers),
        "history": history(order),
    }


def lines_page(request: HttpRequest, order: PurchaseOrder) -> Any:
    """The page of the lines that the address or the form asks for."""
    wanted = request.POST.get("page") or request.GET.get("page")
    return Paginator(order.lines.select_related("product").order_by("id"), PER_PAGE).get_page(wanted)


def history(order: PurchaseOrder) -> list[Event]:
    """What happened to an order, newest first, by the audit log."""
    rows = AuditLog.objects.filter(account=order.account_id, entity="PurchaseOrder", entity_id=str(order.pk)).order_by("-id")
    return [_event(row) for row in rows[:HISTORY_SHOWN]]


def figures_of(orders: Collection[PurchaseOrder]) -> dict[int, tuple[Sum, int, int]]:
    """What each of these orders comes to, how many lines it has and how many of them have come, in one statement."""
    rows: Any = PurchaseOrderLine.objects.filter(order__in=[order.pk for order in orders]).order_by()
    lines: dict[int, list[tuple[Decimal, Decimal | None, Decimal]]] = {order.pk: [] for order in orders}
    for pk, quantity, price, received in rows.values_list("order", "quantity", "unit_price", "received"):
        lines[pk].append((quantity, price, received))
    return {
        pk: (sum_of((quantity, price) for quantity, price, _ in found), len(found), sum(1 for ordered, _, came in found if came >= ordered))
        for pk, found in lines.items()
    }


def on_order(request: HttpRequest, product: Product) -> dict[str, Any]:
    """For the card on a product's page: what is on its way of it, and drafts that have it. One statement."""
    if not may(request, "purchase_order.view"):
        return {}
    rows = PurchaseOrderLine.objects.filter(product=product, order__state__in=[OrderState.DRAFT, *OPEN]).order_by(
        "order__expected_on", "id"
    )
    found = list(rows.select_related("order__vendor", "order__warehouse")[: ORDERS_SHOWN + 1])
    today = today_of(acting(request))
    new = reverse("admin:inventory_purchaseorder_add") if may(request, "purchase_order.add") else ""
    return {
        "orders": [OnOrder(line, is_overdue(line.order, today)) for line in found[:ORDERS_SHOWN]],
        "more_orders": len(found) > ORDERS_SHOWN,
        "new_order": new and f"{new}?product={product.pk}" + (f"&vendor={product.vendor_id}" if product.vendor_id else ""),
    }


def of_vendor(request: HttpRequest, vendor: Vendor) -> dict[str, Any]:
    """For the vendor's page: drafts and what is on its way. Two statements."""
    if not may(request, "purchase_order.view"):
        return {}
    rows = PurchaseOrder.objects.filter(vendor=vendor, state__in=[OrderState.DRAFT, *OPEN]).select_related("warehouse").order_by("-id")
    found = list(rows[: ORDERS_SHOWN + 1])
    figures, today = figures_of(found[:ORDERS_SHOWN]), today_of(acting(request))
    listed = reverse("admin:inventory_purchaseorder_changelist")
    new = reverse("admin:inventory_purchaseorder_add") if may(request, "purchase_order.add") and vendor.active else ""
    return {
        "vendor_orders": [(order, STATES[order.state], is_overdue(order, today), *figures[order.pk]) for order in found[:ORDERS_SHOWN]],
        "all_orders": f"{listed}?state=all&vendor__id__exact={vendor.pk}",
        "more_orders": len(found) > ORDERS_SHOWN,
        "new_order": new and f"{new}?vendor={vendor.pk}",
        "overdue_mark": OVERDUE,
    }


def _line(row: PurchaseOrderLine) -> Line:
    value = None if row.unit_price is None else row.quantity * row.unit_price
    return Line(row, value, max(row.received - row.quantity, Decimal(0)))


def _event(log: AuditLog) -> Event:
    before, after = log.before or {}, log.after or {}
    parts = []
    for line in after.get("lines", [])[:10]:
        parts.append(f"{line.get('came') or line.get('ordered')} of {line.get('sku')}")
    if len(after.get("lines", [])) > 10:
        parts.append(f"{len(after['lines']) - 10:,} more lines")
    for name in dict.fromkeys([*before, *after]):
        if name in _UNTOLD or (log.action in ("ADD", "SEEN_UPSTREAM") and name in ("number", "vendor", "warehouse", "state")):
            continue
        old, new = _said(before.get(name)), _said(after.get(name))
        if name == "upstream":
            name, old, new = "number there", _number(old), _number(new)
        if old == new:
            continue
        label = name if name.isupper() else name.replace("_", " ")
        parts.append(f"{label}: {old} → {new}" if name in before and old != NOTHING else f"{label}: {new}")
    return Event(log.created_at, DONE.get(log.action, log.action.replace("_", " ").capitalize()), new="; ".join(parts), by=log.actor_label)


def _number(upstream: str) -> str:
    """What people call an order in the outside system, where its programs give it a path: /name/api/order/PO-1 is PO-1."""
    return unquote(upstream.rpartition("/")[2])


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    text = "" if value is None else str(value)
    return OrderState(text).label.lower() if text in OrderState.values else text or NOTHING
