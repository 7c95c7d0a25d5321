from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.filters import MomentFilter, OwnedDropdownFilter
from inventory import ledger
from inventory.admin.chips import State, StateFilter
from inventory.admin.documents import DocumentAdmin
from inventory.admin.entering import EntryForm, moment_input, text_input
from inventory.ledgerwords import amount, product_link
from inventory.models import CustomerReturn, Product, Sale, SaleStatus
from inventory.templatetags.bookings import page_link
from inventory.wording import moment


class ReturnForm(EntryForm):
    """Of a sale that is known, its number and how much came back are enough."""

    sale = forms.IntegerField(
        label="Sale number", min_value=1, required=False, widget=text_input(inputmode="numeric"), help_text="If it is known"
    )
    batch = forms.IntegerField(
        label="Batch number",
        min_value=1,
        required=False,
        widget=text_input(inputmode="numeric"),
        help_text="Only to say where the goods go",
    )
    happened_at = forms.DateTimeField(label="Came back at", required=False, widget=moment_input(), help_text="Now, if left empty")
    note = forms.CharField(max_length=300, required=False, widget=text_input())
    moment_field = "happened_at"
    field_order = ("sale", "product", "warehouse", "unit_kind", "quantity", "batch", "happened_at", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("product", "warehouse"):
            self.fields[name].required = False
            self.fields[name].needed = True  # type: ignore[attr-defined]
        self.fields["product"].widget.attrs.pop("autofocus", None)
        self.fields["quantity" if self.initial.get("sale") else "sale"].widget.attrs["autofocus"] = True
        self.fields["product"].help_text = "SKU, barcode, model or a part of the name; not needed with a sale"

    def clean_sale(self) -> Sale | None:
        number = self.cleaned_data["sale"]
        if number is None:
            return None
        sale = Sale.objects.filter(pk=number, account=self.actor.account).select_related("product", "warehouse").first()
        if sale is None:
            raise ValidationError(f"There is no sale {number}.")
        return sale

    def clean_product(self) -> Product | None:  # type: ignore[override]
        if self.cleaned_data.get("sale"):
            self.found = self.cleaned_data["sale"].product
            return self.found
        if not self.cleaned_data["product"]:
            # Where the sale's number is wrong, that is said already.
            if "sale" in self.cleaned_data:
                raise ValidationError("Enter this, or the sale.")
            return None
        return super().clean_product()

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("sale"):
            # The sale says all of this.
            given |= {"product": None, "warehouse": None, "unit_kind": None}
        return given


class AnySaleFilter(StateFilter):
    states = (
        State("all", "All", Q()),
        State("sale", "Of a known sale", Q(sale__isnull=False)),
        State("none", "Without a sale", Q(sale__isnull=True)),
    )
    otherwise = "all"


class ReturnAdmin(DocumentAdmin):
    """What customers bring back."""

    view_operation = "return.view"
    add_operation = "return.add"
    entity = "return"
    entry_form = ReturnForm
    entry_title = "Take goods back"
    show_button = "Show where they go"
    book_button = "Book this return"
    page_template = "admin/inventory/return.html"
    state_filter = AnySaleFilter
    empty_title = "No return here"
    empty_text = "What customers bring back is entered here, or on the page of the sale."
    list_display = ("number", "product_named", "warehouse", "came_back", "of_sale", "note", "happened")
    list_filter = (AnySaleFilter, ("warehouse", OwnedDropdownFilter), ("happened_at", MomentFilter))
    search_fields = ("note", "sale__reference")
    search_help_text = "Product (SKU, name, barcode), note, the sale's reference, or number"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerReturn]:
        return super().get_queryset(request).select_related("product", "warehouse", "sale", "batch")

    @admin.display(description="return", ordering="id")
    def number(self, back: CustomerReturn) -> str:
        return str(back.pk)

    @admin.display(description="product", ordering="product__sku_key")
    def product_named(self, back: CustomerReturn) -> SafeString:
        return product_link(back.product)

    @admin.display(description="quantity")
    def came_back(self, back: CustomerReturn) -> str:
        return amount(back.quantity, back.unit_kind)

    @admin.display(description="of sale")
    def of_sale(self, back: CustomerReturn) -> SafeString | str:
        return page_link(back.sale)

    @admin.display(description="came back", ordering="happened_at")
    def happened(self, back: CustomerReturn) -> str:
        return moment(back.happened_at)

    def initial(self, request: HttpRequest, actor: Actor) -> dict[str, Any]:
        number = request.GET.get("sale", "")
        known = number.isdecimal() and len(number) < 19
        sale = Sale.objects.filter(account=actor.account, pk=number).select_related("product").first() if known else None
        if sale is None:
            return super().initial(request, actor)
        return {"sale": sale.pk, "product": sale.product.sku, "warehouse": sale.warehouse_id, "unit_kind": sale.unit_kind}

    def book(self, actor: Actor, given: dict[str, Any], key: str | None) -> CustomerReturn:
        return ledger.take_back(actor, **given, source_key=key)

    def said(self, outcome: CustomerReturn) -> Sequence[str]:
        return [f"{outcome} is booked: {amount(outcome.quantity, outcome.unit_kind)} of {outcome.product}."]

    def summary(self, outcome: CustomerReturn, given: Mapping[str, Any]) -> dict[str, Any]:
        said = [f"{amount(outcome.quantity, outcome.unit_kind)} of {outcome.product} come back to {outcome.warehouse}."]
        sale = outcome.sale
        if sale is not None:
            left = sale.quantity - sale.returned
            said.append(f"Of {sale} ({amount(sale.quantity, sale.unit_kind)}) {amount(left, sale.unit_kind)} then stay with the customer.")
            before = given["sale"].shortfall
            if before > sale.shortfall:
                said.append(
                    f"The sale was short, so {amount(before - sale.shortfall, sale.unit_kind)} are settled instead of coming into stock."
                )
            if sale.status != SaleStatus.BOOKED:
                said.append("That sale is cancelled.")
        return {"sentences": said}

    def facts(self, request: HttpRequest, document: CustomerReturn) -> dict[str, Any]:
        return {"back": document}
