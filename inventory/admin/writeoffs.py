from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.filters import MomentFilter, OwnedDropdownFilter
from inventory import ledger
from inventory.admin.chips import State, StateFilter
from inventory.admin.documents import Act, DocumentAdmin
from inventory.admin.entering import EntryForm, moment_input, select, text_input
from inventory.ledgerwords import amount, product_link, total
from inventory.marks import Mark
from inventory.models import Batch, WriteOff, WriteOffReason, WriteOffStatus
from inventory.wording import moment

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

STATUS = {
    WriteOffStatus.BOOKED.value: Mark("Booked", "success", "check_circle"),
    WriteOffStatus.REVERSED.value: Mark("Reversed", "", "undo"),
}


class WriteOffForm(EntryForm):
    reason = forms.ChoiceField(choices=[("", "Choose"), *WriteOffReason.choices], widget=select())
    note = forms.CharField(label="What happened", max_length=300, widget=text_input())
    batch = forms.IntegerField(
        label="Batch number",
        min_value=1,
        required=False,
        widget=text_input(inputmode="numeric"),
        help_text="Left empty, what expires first goes first; what has expired goes only with its batch's number",
    )
    happened_at = forms.DateTimeField(label="Happened at", required=False, widget=moment_input(), help_text="Now, if left empty")
    moment_field = "happened_at"
    field_order = ("product", "warehouse", "unit_kind", "quantity", "reason", "note", "batch", "happened_at")


class WriteOffStateFilter(StateFilter):
    states = (
        State("booked", "Booked", Q(status=WriteOffStatus.BOOKED)),
        State("reversed", "Reversed", Q(status=WriteOffStatus.REVERSED)),
        State("all", "All", Q()),
    )
    otherwise = "booked"
    when_searched = "all"


def reverse_it(actor: Actor, gone: WriteOff) -> Sequence[str]:
    done = ledger.reverse_write_off(actor, gone)
    return [f"{gone} is reversed. What it took is back in its batches.", *done.notes]


class WriteOffAdmin(DocumentAdmin):
    """What is gone without a sale, and why."""

    view_operation = "write_off.view"
    add_operation = "write_off.add"
    entity = "write_off"
    entry_form = WriteOffForm
    entry_title = "Write stock off"
    show_button = "Show what would be taken"
    book_button = "Write it off"
    page_template = "admin/inventory/writeoff.html"
    state_filter = WriteOffStateFilter
    empty_title = "No write-off here"
    empty_text = "What is damaged, lost, used or thrown away is written off here."
    list_display = ("number", "product_named", "warehouse", "gone", "reason", "note", "cost_mark", "state", "happened")
    list_filter = (
        WriteOffStateFilter,
        ("warehouse", OwnedDropdownFilter),
        ("reason", ChoicesDropdownFilter),
        ("happened_at", MomentFilter),
    )
    search_fields = ("note",)
    search_help_text = "Product (SKU, name, barcode), what happened, or number; reversed ones are found too"
    acts = {
        "reverse": Act(
            "write_off.reverse",
            "Reverse",
            "Reverse this write-off",
            "It is kept and marked as reversed. Each batch gets back what was taken from it.",
            reverse_it,
            lambda gone: gone.status == WriteOffStatus.BOOKED,
        )
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[WriteOff]:
        return super().get_queryset(request).select_related("product", "warehouse", "batch")

    @admin.display(description="write-off", ordering="id")
    def number(self, gone: WriteOff) -> str:
        return str(gone.pk)

    @admin.display(description="product", ordering="product__sku_key")
    def product_named(self, gone: WriteOff) -> SafeString:
        return product_link(gone.product)

    @admin.display(description="quantity")
    def gone(self, gone: WriteOff) -> str:
        return amount(gone.quantity, gone.unit_kind)

    @admin.display(description="cost", ordering="cost")
    def cost_mark(self, gone: WriteOff) -> str:
        return total(gone.cost)

    @admin.display(description="state", ordering="status")
    def state(self, gone: WriteOff) -> Mark:
        return STATUS[gone.status]

    @admin.display(description="happened", ordering="happened_at")
    def happened(self, gone: WriteOff) -> str:
        return moment(gone.happened_at)

    def initial(self, request: HttpRequest, actor: Actor) -> dict[str, Any]:
        number = request.GET.get("batch", "")
        batch = Batch.objects.filter(account=actor.account, pk=number).select_related("product").first() if number.isdecimal() else None
        if batch is None:
            return super().initial(request, actor)
        expired = batch.expiry_booked_at is not None
        return {
            "product": batch.product.sku,
            "warehouse": batch.warehouse_id,
            "unit_kind": batch.unit_kind,
            "batch": batch.pk,
            "quantity": batch.remaining if expired else None,
            "reason": WriteOffReason.EXPIRED if expired else "",
        }

    def book(self, actor: Actor, given: dict[str, Any], key: str | None) -> WriteOff:
        return ledger.write_off(actor, **given, source_key=key)

    def said(self, outcome: WriteOff) -> Sequence[str]:
        return [f"{outcome} is booked: {amount(outcome.quantity, outcome.unit_kind)} of {outcome.product}."]

    def summary(self, outcome: WriteOff, given: Mapping[str, Any]) -> dict[str, Any]:
        what = f"{amount(outcome.quantity, outcome.unit_kind)} of {outcome.product} in {outcome.warehouse}"
        return {"sentences": [f"{what} would be gone: {outcome.note}"], "figures": [("Cost", total(outcome.cost))]}

    def facts(self, request: HttpRequest, document: WriteOff) -> dict[str, Any]:
        return {"gone": document, "state": STATUS[document.status]}
