"""A purchase order as it goes to the vendor: as the text of a mail, as a table for their programs, and as a page to print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from inventory.csvexport import csv_lines
from inventory.ledger.counters import ZERO
from inventory.ledgerwords import amount, money, total
from inventory.models import OrderState, PurchaseOrder, PurchaseOrderLine, Vendor

COLUMNS = (
    "Order",
    "Line",
    "SKU",
    "Name",
    "Your number",
    "Quantity",
    "Counted in",
    "Unit price",
    "Amount",
    "Deliver to",
    "Expected on",
    "Note",
)
UNFINISHED = {
    OrderState.DRAFT.value: "DRAFT: this is not an order yet.",
    OrderState.CANCELLED.value: "CANCELLED: please do not deliver this order.",
}


@dataclass(frozen=True)
class Sum:
    """What an order comes to, as far as prices are known, and how many of its lines have none."""

    value: Decimal
    unpriced: int

    def __str__(self) -> str:
        if not self.unpriced:
            return total(self.value)
        without = "1 line has no price" if self.unpriced == 1 else f"{self.unpriced:,} lines have no price"
        return f"{total(self.value)} ({without})" if self.value else f"unknown ({without})"


class Paper:
    """An order with its lines, read once."""

    def __init__(self, order: PurchaseOrder) -> None:
        self.order = order
        self.vendor: Vendor = order.vendor

    @cached_property
    def lines(self) -> list[PurchaseOrderLine]:
        return list(self.order.lines.select_related("product").order_by("id"))

    @property
    def sum(self) -> Sum:
        return sum_of((line.quantity, line.unit_price) for line in self.lines)

    @property
    def unfinished(self) -> str:
        """What has to be said above an order that is none; empty for one that counts."""
        return UNFINISHED.get(self.order.state, "")

    @property
    def day(self) -> str:
        """The day of the order in the account's calendar: when it was approved, else drafted."""
        at = self.order.approved_at or self.order.created_at
        return at.astimezone(ZoneInfo(self.order.account.time_zone)).date().isoformat()

    @property
    def whom(self) -> list[str]:
        """The vendor's name and address, line by line."""
        return [line for line in (self.vendor.name, self.vendor.contact, *self.vendor.address.splitlines()) if line.strip()]


def sum_of(lines: Iterable[tuple[Decimal, Decimal | None]]) -> Sum:
    """What lines come to: pairs of quantity and price, which may be unknown. Pure."""
    value, unpriced = ZERO, 0
    for quantity, price in lines:
        if price is None:
            unpriced += 1
        else:
            value += quantity * price
    return Sum(value, unpriced)


def text(order: PurchaseOrder) -> str:
    """The order as plain text, without formatting that a mail program could break. One query for the lines."""
    paper = Paper(order)
    rows = [*([paper.unfinished, ""] if paper.unfinished else []), f"Purchase order {order.number} of {paper.day}", ""]
    rows += [f"From: {order.account.name}", f"To: {', '.join(paper.whom)}", f"Deliver to: {order.warehouse}"]
    if order.expected_on:
        rows.append(f"Expected on: {order.expected_on}")
    rows.append("")
    for number, line in enumerate(paper.lines, 1):
        yours = f" (your number {line.vendor_code})" if line.vendor_code else ""
        rows.append(f"{number}. {line.product}{yours}")
        rows.append(f"   {_priced(line)}")
    rows += ["", f"Total: {paper.sum}"]
    if order.note:
        rows += ["", order.note]
    rows += ["", f"Please put our number {order.number} on your papers."]
    return "\n".join(rows) + "\n"


def as_csv(order: PurchaseOrder) -> str:
    """The order as CSV, a line for each of its own; no cell is taken for a formula. One query for the lines."""
    paper = Paper(order)
    rows = (
        (
            order.number,
            number,
            line.product.sku,
            line.product.name,
            line.vendor_code,
            line.quantity,
            line.unit_kind,
            line.unit_price,
            None if line.unit_price is None else (line.quantity * line.unit_price).quantize(Decimal("0.01")),
            order.warehouse.name,
            order.expected_on,
            order.note if number == 1 else "",
        )
        for number, line in enumerate(paper.lines, 1)
    )
    return "".join(csv_lines(COLUMNS, rows))


def page(order: PurchaseOrder) -> str:
    """The order as a page of HTML that prints on paper without the admin around it. One query for the lines."""
    return render_to_string("admin/inventory/order_paper.html", {"paper": Paper(order), "order": order})


def filename(order: PurchaseOrder, ending: str) -> str:
    """What the file is called: nothing but the number, which is letters, digits and dashes."""
    return f"{order.number}.{ending}"


def _priced(line: PurchaseOrderLine) -> str:
    ordered = amount(line.quantity, line.unit_kind)
    if line.unit_price is None:
        return f"{ordered}, price to be confirmed"
    return f"{ordered} at {money(line.unit_price)} = {total(line.quantity * line.unit_price)}"
