"""The ledger in words, the same on every page of the admin."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.documents import Document
from inventory.issued import ByPurpose, split
from inventory.ledger.counters import Counters
from inventory.marks import Mark
from inventory.models import Batch, BatchState, Movement, MovementKind, Product, UnitKind
from inventory.wording import NOTHING, day

BATCH_STATES = {
    BatchState.ACTIVE: Mark("Active", "success", "check_circle"),
    BatchState.DEPLETED: Mark("Used up", "", "check"),
    BatchState.EXPIRED: Mark("Expired", "danger", "event_busy"),
    BatchState.VOID: Mark("Voided", "", "block"),
}
MOVEMENTS = {
    MovementKind.RECEIPT: Mark("Receipt", "success", "add_circle"),
    MovementKind.RECEIPT_EDIT: Mark("Receipt corrected", "info", "edit"),
    MovementKind.RECEIPT_VOID: Mark("Receipt voided", "warning", "block"),
    MovementKind.SALE: Mark("Sale", "info", "shopping_cart"),
    MovementKind.SALE_REVERSAL: Mark("Sale taken back", "success", "undo"),
    MovementKind.VENDOR_RETURN: Mark("Returned to the vendor", "info", "undo"),
    MovementKind.CONSUMPTION: Mark("Used in production", "info", "precision_manufacturing"),
    MovementKind.WASTAGE: Mark("Wastage", "warning", "delete_sweep"),
    MovementKind.SENT: Mark("Sent elsewhere", "info", "logout"),
    MovementKind.ISSUE_REVERSAL: Mark("Issue taken back", "success", "undo"),
    MovementKind.SALE_RETURN: Mark("Returned by a customer", "success", "assignment_return"),
    MovementKind.MANUFACTURE: Mark("Made in production", "success", "precision_manufacturing"),
    MovementKind.FOUND: Mark("Found", "success", "checklist"),
    MovementKind.ARRIVED: Mark("Arrived from elsewhere", "info", "login"),
    MovementKind.RETURN: Mark("Return", "success", "assignment_return"),
    MovementKind.WRITE_OFF: Mark("Write-off", "warning", "delete_sweep"),
    MovementKind.COUNT_GAIN: Mark("Count: more found", "success", "checklist"),
    MovementKind.COUNT_LOSS: Mark("Count: less found", "warning", "checklist"),
    MovementKind.TRANSFER_OUT: Mark("Transfer out", "info", "logout"),
    MovementKind.TRANSFER_IN: Mark("Transfer in", "info", "login"),
    MovementKind.UNIT_BREAK: Mark("Opened", "info", "unarchive"),
    MovementKind.EXPIRY: Mark("Expired", "danger", "event_busy"),
    MovementKind.EXPIRY_LIFTED: Mark("Expiry moved to later", "success", "event_available"),
    MovementKind.SNAPSHOT: Mark("Outside count", "", "sync"),
    MovementKind.CORRECTION: Mark("Correction", "danger", "balance"),
}
COLUMNS = (
    ("received", "Received", 1),
    ("gained", "Found by counts", 1),
    ("sold", "Sold", -1),
    ("written_off", "Written off", -1),
    ("moved_out", "Transferred away", -1),
    ("broken", "Opened", -1),
    ("voided", "Taken back", -1),
)
"""The batch equation: each column, its name, and whether it came in or went out."""


def figures_of(batch: Batch, by_purpose: ByPurpose) -> list[tuple[str, Decimal, int]]:
    """The batch equation in words: each figure, how much, and whether it came in or went out. What was issued is told by purpose."""
    shown: list[tuple[str, Decimal, int]] = []
    for name, label, way in COLUMNS:
        value: Decimal = getattr(batch, name)
        if name == "sold" and value:
            shown += [(words, quantity, way) for words, quantity in split(value, by_purpose)]
        elif value or name == "received":
            shown.append((label, value, way))
    return shown


_DOCUMENTS = {"write_off": "writeoff", "return": "customerreturn"}


def number(value: Decimal) -> str:
    """A quantity as people write it: 1,240 or 0.25."""
    return f"{value:,}".replace("-", "−")


def amount(value: Decimal, kind: str) -> str:
    """A quantity with what is counted: 1 pack, 95 packs."""
    return f"{number(value)} {one_or_many(value, kind)}"


def one_or_many(value: Decimal, kind: str) -> str:
    return kind.removesuffix("s") if abs(value) == 1 else kind


def signed(value: Decimal) -> str:
    """A change, with its sign: +5, −3."""
    return f"+{number(value)}" if value > 0 else number(value)


def counters(values: Counters, otherwise: str = "nothing") -> str:
    """Those that are not zero: 2 pallets, 95 packs."""
    return ", ".join(amount(values.of(kind), kind) for kind in UnitKind.values if values.of(kind)) or otherwise


def days_left(expires_at: datetime, now: datetime) -> int:
    """Whole days until it expires, a day that has begun counting as one; zero or less once it has expired."""
    return math.ceil((expires_at - now) / timedelta(days=1))


def expires(batch: Batch, now: datetime) -> str:
    """The day on the package, or the instant, and how long it is until then; of what is used up the day only."""
    if batch.expires_at is None:
        return "Does not expire"
    named = batch.expires_on.isoformat() if batch.expires_on else day(batch.expires_at)
    return f"{named}, {until(batch.expires_at, now)}" if batch.remaining else named


def until(expires_at: datetime, now: datetime) -> str:
    """How long it is until the expiry, or how long ago it was."""
    left = days_left(expires_at, now)
    if expires_at <= now:
        ago = (now - expires_at).days
        return "expired today" if ago == 0 else f"expired {ago} {'day' if ago == 1 else 'days'} ago"
    return "1 day left" if left == 1 else f"{left} days left"


def money(value: Decimal | None) -> str:
    """An amount, with at least two places and as many as it has."""
    if value is None:
        return NOTHING
    trimmed = value.normalize()
    exponent = trimmed.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{value:,.{places}f}".replace("-", "−")


def total(value: Decimal | None) -> str:
    """A sum of amounts, in hundredths."""
    return money(None if value is None else value.quantize(Decimal("0.01")))


def product_page(product: Product | int, **query: Any) -> str:
    """The address of the page that says why there is so much of it."""
    address = reverse("admin:inventory_product_stock", args=[product if isinstance(product, int) else product.pk])
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{address}?{urlencode(given)}" if given else address


def product_link(product: Product, **query: Any) -> SafeString:
    """The SKU as a link to that page, and the name below."""
    name = format_html('<span class="ls-quiet ls-product">{}</span>', product.name) if product.name else ""
    return format_html('<a class="ls-link" href="{}">{}</a>{}', product_page(product, **query), product.sku, name)


def batch_link(batch: Batch | int, label: str = "") -> SafeString:
    pk = batch if isinstance(batch, int) else batch.pk
    return format_html('<a class="ls-link" href="{}">{}</a>', reverse("admin:inventory_batch_change", args=[pk]), label or f"Batch {pk}")


def movement_page(movement: Movement) -> str:
    return reverse("admin:inventory_movement_change", args=[movement.pk])


def document_link(document: Document | None) -> SafeString | str:
    """The document by its label, as a link where it has a page; empty without one."""
    if document is None:
        return ""
    page = page_of(f"inventory_{_DOCUMENTS.get(document.kind, document.kind)}_change", document.id)
    return format_html('<a class="ls-link" href="{}">{}</a>', page, document.label) if page else document.label


def row_link(row: Model) -> SafeString | str:
    """A document by its name, as a link where it has a page."""
    page = page_of(f"inventory_{row._meta.model_name}_change", row.pk)
    return format_html('<a class="ls-link" href="{}">{}</a>', page, row) if page else str(row)


def page_of(name: str, *args: Any) -> str:
    """The address of a page of the admin; empty where the site has none of that name."""
    try:
        return reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""
