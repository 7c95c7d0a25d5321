from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.workplace import acting, may
from inventory import documents, ledger, levels
from inventory.admin.chips import State, StateFilter
from inventory.admin.documents import Act, DocumentAdmin, two_lines
from inventory.admin.entering import EditForm, EntryForm, moment_input, number_input, text_input
from inventory.admin.openpage import open_view
from inventory.admin.purposes import PurposeFilter
from inventory.errors import InsufficientStock, NoBatches
from inventory.ledgerwords import amount, money, product_link, total
from inventory.marks import Mark
from inventory.models import ISSUE_NAMES, IssuePurpose, Level, Movement, Sale, SaleStatus
from inventory.wording import NOTHING, moment

ALLOCATIONS_SHOWN = 50
PLACES_SHOWN = 20


class AboutSale(forms.Form):
    price = forms.DecimalField(
        label="Unit price", max_digits=14, decimal_places=4, required=False, widget=number_input(), help_text="Of one of what is counted"
    )
    reference = forms.CharField(max_length=100, required=False, widget=text_input(), help_text="The bill or order")
    note = forms.CharField(max_length=300, required=False, widget=text_input())


class SaleForm(EntryForm, AboutSale):
    sold_at = forms.DateTimeField(label="Sold at", required=False, widget=moment_input(), help_text="Now, if left empty")
    moment_field = "sold_at"
    field_order = ("product", "warehouse", "unit_kind", "quantity", "price", "sold_at", "reference", "note")


class SaleEditForm(EditForm, AboutSale):
    quantity = forms.DecimalField(max_digits=15, decimal_places=3, widget=number_input(autofocus=True))
    field_order = ("quantity", "price", "reference", "note")


class SaleStateFilter(StateFilter):
    states = (
        State("booked", "Booked", Q(status=SaleStatus.BOOKED)),
        State("short", "Short", Q(shortfall__gt=0), shown_empty=False),
        State("cancelled", "Cancelled", Q(status=SaleStatus.CANCELLED)),
        State("all", "All", Q()),
    )
    otherwise = "booked"
    when_searched = "all"


class IssuePurposeFilter(PurposeFilter):
    purposes = IssuePurpose
    names = {IssuePurpose.SALE: "Sales"}


def cancel(actor: Actor, sale: Sale) -> Sequence[str]:
    done = ledger.cancel_sale(actor, sale)
    return [f"{sale} is cancelled. What it took is back in the batches it came from.", *done.notes]


def state_of(sale: Sale) -> Mark:
    if sale.status == SaleStatus.CANCELLED:
        return Mark("Cancelled", "", "block")
    if sale.shortfall:
        return Mark(f"{amount(sale.shortfall, sale.unit_kind)} short", "warning", "production_quantity_limits")
    if sale.returned:
        whole = sale.returned == sale.quantity
        return Mark("All came back" if whole else "Some came back", "info", "assignment_return")
    return Mark("Booked", "success", "check_circle")


def margin(price: Decimal | None, quantity: Decimal, cost: Decimal) -> str:
    """What is earned, and its share of the price; a dash where no price is known."""
    if price is None:
        return NOTHING
    whole = price * quantity
    share = f" ({(whole - cost) / whole:.0%})".replace("-", "−") if whole else ""
    return f"{total(whole - cost)}{share}"


class SaleAdmin(DocumentAdmin):
    """What goes out, first expired first; which batches it takes is shown before it is booked."""

    view_operation = "sale.view"
    add_operation = "sale.add"
    entity = "sale"
    entry_form = SaleForm
    entry_title = "Enter a sale"
    show_button = "Show what will be taken"
    book_button = "Book this sale"
    page_template = "admin/inventory/sale.html"
    state_filter = SaleStateFilter
    purpose_filter = IssuePurposeFilter
    empty_title = "No sale here"
    empty_text = "Enter what is sold; the batches that expire first are taken first."
    list_display = ("number", "product_named", "warehouse", "sold", "price_mark", "cost_mark", "reference", "state", "sold_at_minute")
    list_filter = (SaleStateFilter, IssuePurposeFilter, ("warehouse", OwnedDropdownFilter), ("sold_at", MomentFilter))
    search_help_text = "Product (SKU, name, barcode), reference or number; cancelled ones and what went out otherwise are found too"
    acts = {
        "cancel": Act(
            "sale.cancel",
            "Cancel",
            "Cancel this sale",
            "It is kept and marked as cancelled. What it took goes back to the batches it came from; one that has expired meanwhile "
            "gets it back, and it is not for sale.",
            cancel,
            lambda sale: _is_ours(sale),
        )
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sale]:
        return super().get_queryset(request).select_related("product", "warehouse")

    @admin.display(description="sale", ordering="id")
    def number(self, sale: Sale) -> SafeString | str:
        named = IssuePurpose(sale.purpose)
        return str(sale.pk) if named == IssuePurpose.SALE else two_lines(str(sale.pk), ISSUE_NAMES[named])

    @admin.display(description="product", ordering="product__sku_key")
    def product_named(self, sale: Sale) -> SafeString:
        return product_link(sale.product)

    @admin.display(description="quantity")
    def sold(self, sale: Sale) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', amount(sale.quantity, sale.unit_kind))

    @admin.display(description="unit price", ordering="price")
    def price_mark(self, sale: Sale) -> str:
        return money(sale.price)

    @admin.display(description="cost of goods", ordering="cost")
    def cost_mark(self, sale: Sale) -> str:
        return total(sale.cost)

    @admin.display(description="state")
    def state(self, sale: Sale) -> Mark:
        return state_of(sale)

    @admin.display(description="sold", ordering="sold_at")
    def sold_at_minute(self, sale: Sale) -> str:
        return moment(sale.sold_at)

    def book(self, actor: Actor, given: dict[str, Any], key: str | None) -> ledger.Sold:
        return ledger.sell(actor, **given, source_key=key)

    def document_of(self, outcome: ledger.Sold) -> Sale:
        return outcome.sale

    def said(self, outcome: ledger.Sold) -> Sequence[str]:
        sale = outcome.sale
        return [f"{sale} is booked: {amount(sale.quantity, sale.unit_kind)} of {sale.product}, {_batches(len(outcome.allocations))}."]

    def summary(self, outcome: ledger.Sold, given: Mapping[str, Any]) -> dict[str, Any]:
        sale = outcome.sale
        said = [f"{amount(sale.quantity, sale.unit_kind)} of {sale.product} from {sale.warehouse}, {_batches(len(outcome.allocations))}."]
        for each in outcome.opened:
            whole, pieces = amount(each.quantity, each.batch.unit_kind), amount(each.pieces, each.into.unit_kind)
            said.append(f"For it {whole} of {each.batch} would be opened into {pieces}.")
        unknown = sum((each.quantity for each in outcome.allocations if each.unit_cost is None), Decimal(0))
        if unknown:
            said.append(f"What {amount(unknown, sale.unit_kind)} of it cost is not known and is left out of the cost.")
        figures = [("Cost of goods", total(sale.cost))]
        if sale.price is not None:
            figures += [("Price of all", total(sale.price * sale.quantity)), ("Margin", margin(sale.price, sale.quantity, sale.cost))]
        return {"sentences": said, "figures": figures}

    def refused(self, actor: Actor, given: Mapping[str, Any], error: Problem | ValidationError) -> dict[str, Any]:
        if not isinstance(error, NoBatches | InsufficientStock):
            return {}
        rows = Level.objects.filter(account=actor.account, product=given["product"]).select_related("warehouse")
        shown = levels.present(rows.order_by("warehouse__name")[:PLACES_SHOWN])
        return {"elsewhere": [each for each in shown if any(each.on_hand)], "may_open": actor.may("stock.open")}

    def movements_of(self, document: Sale) -> QuerySet[Movement]:
        """Also what returns have brought back to its batches."""
        wanted = Q(correlation=document.correlation) | documents.of("sale", document.pk)
        return Movement.objects.filter(wanted, account=document.account_id).order_by("-id")

    def facts(self, request: HttpRequest, document: Sale) -> dict[str, Any]:
        booked, sold = _is_ours(document), document.purpose == IssuePurpose.SALE
        kept = document.quantity - document.returned
        back = f"{reverse('admin:inventory_customerreturn_add')}?sale={document.pk}"
        return {
            "sale": document,
            "state": state_of(document),
            "margin": margin(document.price, kept, document.cost) if booked and sold else NOTHING,
            "kept": kept,
            "allocations": document.allocations.select_related("batch")[:ALLOCATIONS_SHOWN],
            "returns": document.returns.all(),
            "sold": sold,
            "arrivals": document.arrivals.select_related("purchase__batch__warehouse").order_by("purchase_id") if not sold else [],
            "edit": reverse("admin:inventory_sale_edit", args=[document.pk]) if booked and may(request, "sale.edit") else "",
            "links": [(back, "Take back a part …", "assignment_return")] if booked and sold and kept and may(request, "return.add") else [],
        }

    def get_urls(self) -> list[URLPattern]:
        edit = self.admin_site.admin_view(self.edit_view)
        opening = self.admin_site.admin_view(partial(open_view, self.admin_site))
        return [
            path("open/", opening, name="inventory_open_packs"),
            path("<int:pk>/edit/", edit, name="inventory_sale_edit"),
            *super().get_urls(),
        ]

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change quantity, price and what else is said of a sale."""
        sale = self.find(request, str(pk))
        if not may(request, "sale.edit"):
            raise PermissionDenied
        initial = {name: getattr(sale, name) for name in SaleEditForm.field_order}
        form = SaleEditForm(request.POST if request.method == "POST" else None, initial=initial)
        if request.method == "POST" and form.is_valid():
            given = {name: form.cleaned_data[name] for name in form.changed_data}
            if "price" in given and given["price"] is None:
                given["price"] = ""
            try:
                ledger.edit_sale(acting(request), sale, **given)
            except (Problem, ValidationError) as error:
                form.refuse(error)
            else:
                messages.success(request, f"{sale} is changed." if given else "Nothing was changed.")
                return HttpResponseRedirect(self.address_of(sale))
        context = {
            "form": form,
            "document": sale,
            "back": self.address_of(sale),
            "heading": f"{amount(sale.quantity, sale.unit_kind)} of {sale.product} from {sale.warehouse}",
            "about": "More is taken from what expires first. Of less, a shortfall goes first, then what was taken last goes back.",
        }
        return self.page(request, "admin/inventory/edit.html", f"Edit {sale}", sale, context)


def _is_ours(sale: Sale) -> bool:
    """Whether it can be changed here: of a transfer from outside both sides belong together."""
    return sale.status == SaleStatus.BOOKED and sale.purpose != IssuePurpose.TRANSFER


def _batches(number: int) -> str:
    return "out of one batch" if number == 1 else f"out of {number:,} batches"
