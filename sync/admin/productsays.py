"""On the page of a product: what outside systems say of it, whose word counts for which field, and what people have pinned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.urls.resolvers import URLPattern
from django.views.decorators.http import require_POST

from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from inventory import pins
from inventory.admin.productcards import ProductCard, shown_by
from inventory.ledgerwords import money, product_page
from inventory.models import Product
from inventory.quantity import plain
from inventory.wording import NOTHING
from sync import references
from sync.models import FieldOwner, ProductRef, StockRef, VendorRef
from sync.references.ownership import GROUPS

LABELS = {
    "sku": "SKU",
    "name": "Name",
    "category": "Category",
    "units_per_pack": "Units in a pack",
    "purchase_price": "Purchase price",
    "vendor": "Vendor",
    "lead_time_days": "Lead time",
    "reorder_excluded": "Never reordered",
    "active": "Active",
}
REORDER = "reorder"
SHOWN = 10


@dataclass(frozen=True)
class Line:
    """A field: its value here, who set it, and what each system says, in the order of the heads."""

    field: str
    label: str
    here: str
    pinned: bool
    owner: str
    said: list[str]


@dataclass(frozen=True)
class Says:
    product: Product
    refs: list[ProductRef]
    lines: list[Line]
    stock: list[tuple[ProductRef, str]]
    points_pinned: bool
    may_edit: bool

    @property
    def any_pinned(self) -> bool:
        return any(line.pinned for line in self.lines)


@shown_by
def card(request: HttpRequest, product: Product) -> ProductCard | None:
    """Nothing where no system knows the product. Five queries."""
    if not may(request, "reference.view"):
        return None
    rows = ProductRef.objects.filter(product=product, gone_at__isnull=True).select_related("connection")
    refs = list(rows.order_by("connection_id", "pk")[:SHOWN])
    if not refs:
        return None
    pinned = pins.read(product.pins)
    first = _first(refs, product.account_id)
    vendors = _vendors(refs)
    lines = [
        Line(
            field,
            label,
            _here(product, field),
            field in pinned,
            _owner(first[GROUPS[field]], field, vendors),
            [_said(ref, field, vendors) for ref in refs],
        )
        for field, label in LABELS.items()
    ]
    points = product.levels.filter(warehouse__references__isnull=False, reorder_pinned=True).exists()
    shown = Says(product, refs, lines, _stock(refs), points, may(request, "reference.edit"))
    return ProductCard("admin/sync/product_says.html", shown, place=70)


def urls(site: Any) -> list[URLPattern]:
    """Below the list of runs."""
    return [path("product/<int:number>/unpin/", site.admin_view(require_POST(unpin)), name="sync_unpin")]


def unpin(request: HttpRequest, number: int) -> HttpResponse:
    """Let a field follow the outside systems again."""
    actor = acting(request)
    product = Product.objects.filter(account=actor.account, pk=number).first()
    if product is None:
        raise Http404
    if not may(request, "reference.edit"):
        raise PermissionDenied
    field = request.POST.get("field", "")
    try:
        references.unpin(actor, product, [field])
    except Problem as problem:
        messages.error(request, refusal(problem))
    else:
        messages.success(request, f"{LABELS.get(field, 'Reorder points')}: what the outside systems say counts again.")
    return HttpResponseRedirect(f"{product_page(product)}#says")


def _first(refs: list[ProductRef], account_id: int) -> dict[str, ProductRef]:
    """For each group of fields the reference whose word counts: by rank, then as the connections were made; of one's own, the oldest."""
    ranks = {
        (group, connection): rank
        for group, connection, rank in FieldOwner.objects.filter(account=account_id).values_list("group", "connection_id", "rank")
    }

    def place(group: str, ref: ProductRef) -> tuple[int, int, int]:
        rank = ranks.get((group, ref.connection_id))
        return (1, ref.connection_id, ref.pk) if rank is None else (0, rank, ref.pk)

    return {group: min(refs, key=lambda ref, group=group: place(group, ref)) for group in set(GROUPS.values())}  # type: ignore[misc]


def _owner(ref: ProductRef, field: str, vendors: dict[tuple[int, str], str]) -> str:
    """Whose word counts for the field, unless it says nothing of it."""
    return str(ref.connection) if _said(ref, field, vendors) != NOTHING else NOTHING


def _vendors(refs: list[ProductRef]) -> dict[tuple[int, str], str]:
    there = {ref.vendor_id_there for ref in refs} - {""}
    rows = VendorRef.objects.filter(connection__in=[ref.connection_id for ref in refs], external_id__in=there)
    return {(connection, key): name for connection, key, name in rows.values_list("connection_id", "external_id", "name")}


def _stock(refs: list[ProductRef]) -> list[tuple[ProductRef, str]]:
    """What each system says there is of it, places that don't count included."""
    rows = StockRef.objects.filter(
        connection__in=[ref.connection_id for ref in refs], product_id_there__in=[ref.external_id for ref in refs], gone_at__isnull=True
    )
    sums: dict[tuple[int, str], list[Any]] = {}
    for connection, key, *numbers in rows.values_list("connection_id", "product_id_there", "on_hand", "reserved", "on_order"):
        before = sums.setdefault((connection, key), [0, 0, 0])
        sums[connection, key] = [old + new for old, new in zip(before, numbers, strict=True)]
    return [(ref, _summed(sums.get((ref.connection_id, ref.external_id)))) for ref in refs]


def _summed(numbers: list[Any] | None) -> str:
    if numbers is None:
        return "no stock"
    on_hand, reserved, on_order = (f"{plain(number):,}" if number else "0" for number in numbers)
    return f"{on_hand} on hand, {reserved} reserved, {on_order} on order"


def _here(product: Product, field: str) -> str:
    if field == "purchase_price":
        return money(product.purchase_price)
    return _text(getattr(product, field), field)


def _said(ref: ProductRef, field: str, vendors: dict[tuple[int, str], str]) -> str:
    if field == "vendor":
        return vendors.get((ref.connection_id, ref.vendor_id_there), ref.vendor_id_there) or NOTHING
    if field == "purchase_price":
        return ref.vendor_price or ref.cost or NOTHING
    return _text(getattr(ref, {"units_per_pack": "units_per_case"}.get(field, field)), field)


def _text(value: Any, field: str) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field == "units_per_pack":
        return f"{plain(value):,}"
    return f"{value} day{'' if value == 1 else 's'}" if field == "lead_time_days" else str(value)
