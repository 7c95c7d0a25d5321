from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter, OwnedDropdownFilter
from inventory import ledger
from inventory.admin.chips import State, StateFilter
from inventory.admin.documents import Act, DocumentAdmin
from inventory.admin.entering import EntryForm, moment_input, select, text_input
from inventory.errors import BatchInUse
from inventory.ledgerwords import amount, product_link
from inventory.marks import Mark
from inventory.models import Allocation, Movement, MovementKind, Sale, Transfer, TransferStatus, Warehouse
from inventory.wording import moment

SALES_SHOWN = 50

STATUS = {
    TransferStatus.BOOKED.value: Mark("Booked", "success", "check_circle"),
    TransferStatus.REVERSED.value: Mark("Reversed", "", "undo"),
}


class TransferForm(EntryForm):
    warehouse = None  # type: ignore[assignment]
    source = forms.ModelChoiceField(Warehouse.objects.none(), label="From", widget=select(), empty_label=None)
    target = forms.ModelChoiceField(Warehouse.objects.none(), label="To", widget=select(), empty_label="Choose")
    note = forms.CharField(max_length=300, required=False, widget=text_input())
    happened_at = forms.DateTimeField(label="Happened at", required=False, widget=moment_input(), help_text="Now, if left empty")
    moment_field = "happened_at"
    field_order = ("product", "source", "target", "unit_kind", "quantity", "note", "happened_at")


class TransferStateFilter(StateFilter):
    states = (
        State("booked", "Booked", Q(status=TransferStatus.BOOKED)),
        State("reversed", "Reversed", Q(status=TransferStatus.REVERSED)),
        State("all", "All", Q()),
    )
    otherwise = "booked"
    when_searched = "all"


def reverse_it(actor: Actor, moved: Transfer) -> Sequence[str]:
    done = ledger.reverse_transfer(actor, moved)
    return [f"{moved} is reversed. The stock is back in {moved.source}.", *done.notes]


class TransferAdmin(DocumentAdmin):
    """Stock that goes from one warehouse to another with its lot, expiry and cost."""

    view_operation = "transfer.view"
    add_operation = "transfer.add"
    entity = "transfer"
    entry_form = TransferForm
    entry_title = "Transfer stock"
    show_button = "Show what would move"
    book_button = "Transfer it"
    page_template = "admin/inventory/transfer.html"
    state_filter = TransferStateFilter
    empty_title = "No transfer here"
    empty_text = "What goes from one warehouse to another is entered here."
    list_display = ("number", "product_named", "moved", "source", "target", "note", "state", "happened")
    list_filter = (
        TransferStateFilter,
        ("source", OwnedDropdownFilter),
        ("target", OwnedDropdownFilter),
        ("happened_at", MomentFilter),
    )
    search_fields = ("note",)
    search_help_text = "Product (SKU, name, barcode), note or number; reversed ones are found too"
    acts = {
        "reverse": Act(
            "transfer.reverse",
            "Reverse",
            "Reverse this transfer",
            "It is kept and marked as reversed. The batches it came from get it back, and those it made are voided. That is only possible "
            "while nothing that arrived has been used.",
            reverse_it,
            lambda moved: moved.status == TransferStatus.BOOKED,
        )
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        return super().get_queryset(request).select_related("product", "source", "target")

    @admin.display(description="transfer", ordering="id")
    def number(self, moved: Transfer) -> str:
        return str(moved.pk)

    @admin.display(description="product", ordering="product__sku_key")
    def product_named(self, moved: Transfer) -> SafeString:
        return product_link(moved.product)

    @admin.display(description="quantity")
    def moved(self, moved: Transfer) -> str:
        return amount(moved.quantity, moved.unit_kind)

    @admin.display(description="state", ordering="status")
    def state(self, moved: Transfer) -> Mark:
        return STATUS[moved.status]

    @admin.display(description="happened", ordering="happened_at")
    def happened(self, moved: Transfer) -> str:
        return moment(moved.happened_at)

    def initial(self, request: HttpRequest, actor: Actor) -> dict[str, Any]:
        given = super().initial(request, actor)
        return {**given, "source": given["warehouse"]}

    def book(self, actor: Actor, given: dict[str, Any], key: str | None) -> Transfer:
        return ledger.transfer(actor, **given, source_key=key)

    def said(self, outcome: Transfer) -> Sequence[str]:
        return [f"{outcome} is booked: {amount(outcome.quantity, outcome.unit_kind)} of {outcome.product} to {outcome.target}."]

    def summary(self, outcome: Transfer, given: Mapping[str, Any]) -> dict[str, Any]:
        what = f"{amount(outcome.quantity, outcome.unit_kind)} of {outcome.product}"
        return {"sentences": [f"{what} would go from {outcome.source} to {outcome.target}, with lot, expiry and cost."]}

    def facts(self, request: HttpRequest, document: Transfer) -> dict[str, Any]:
        return {"moved": document, "state": STATUS[document.status]}

    def not_possible(self, request: HttpRequest, name: str, document: Any, error: Problem | ValidationError) -> dict[str, Any]:
        context = super().not_possible(request, name, document, error)
        if isinstance(error, BatchInUse):
            arrived = Movement.objects.filter(account=document.account_id, document_id=document.pk, kind=MovementKind.TRANSFER_IN)
            held = Allocation.objects.filter(batch__in=arrived.values("batch"), quantity__gt=F("released"))
            context["holding"] = Sale.objects.filter(pk__in=held.values("sale")).order_by("id")[:SALES_SHOWN]
        return context
