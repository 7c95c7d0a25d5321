from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter, OwnedAutocompleteFilter, OwnedDropdownFilter
from accounts.workplace import acting, may
from inventory import ledger
from inventory.admin.chips import State, StateFilter
from inventory.admin.documents import Act, DocumentAdmin, two_lines
from inventory.admin.entering import EditForm, EntryForm, day_input, moment_input, number_input, select, text_input, vendor_of
from inventory.admin.finding import find_product, find_vendor
from inventory.admin.purposes import PurposeFilter
from inventory.errors import BatchInUse
from inventory.issued import issued
from inventory.ledger.bought import returned_to, with_bought
from inventory.ledgerwords import BATCH_STATES, amount, batch_link, expires, figures_of, money, number, product_link
from inventory.marks import Mark
from inventory.models import (
    RECEIPT_NAMES,
    Allocation,
    Arrival,
    BatchState,
    Movement,
    Purchase,
    PurchaseStatus,
    ReceiptPurpose,
    Sale,
    UnitKind,
    Vendor,
)
from inventory.wording import moment

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

SALES_SHOWN = 50
ABOUT = ("lot", "expires_on", "vendor", "reference", "note")


class AboutGoods(forms.Form):
    """What a purchase says of the goods besides their quantity."""

    unit_cost = forms.DecimalField(
        label="Unit cost", max_digits=14, decimal_places=4, required=False, widget=number_input(), help_text="Of one; free goods have none"
    )
    free_goods = forms.BooleanField(label="Free goods: they cost nothing", required=False)
    lot = forms.CharField(label="Lot number", max_length=80, required=False, widget=text_input(spellcheck="false"))
    expires_on = forms.DateField(label="Expiry day", required=False, widget=day_input(), help_text="The day on the package")
    vendor = forms.CharField(max_length=200, required=False, widget=text_input(list="vendors"), help_text="Name or code")
    reference = forms.CharField(max_length=100, required=False, widget=text_input(), help_text="The vendor's invoice or delivery note")
    note = forms.CharField(max_length=300, required=False, widget=text_input())
    actor: Actor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_cost"].needed = True  # type: ignore[attr-defined]

    def clean_vendor(self) -> Vendor | None:
        return vendor_of(self.actor, self.cleaned_data["vendor"])


class PurchaseForm(EntryForm, AboutGoods):
    bought_at = forms.DateTimeField(label="Bought at", required=False, widget=moment_input(), help_text="Now, if left empty")
    moment_field = "bought_at"
    field_order = ("product", "warehouse", "unit_kind", "quantity", "unit_cost", "free_goods", *ABOUT, "bought_at")


class PurchaseEditForm(EditForm, AboutGoods):
    unit_kind = forms.ChoiceField(label="Counted in", choices=UnitKind.choices, widget=select())
    quantity = forms.DecimalField(max_digits=15, decimal_places=3, widget=number_input(autofocus=True))
    field_order = ("quantity", "unit_kind", "unit_cost", "free_goods", *ABOUT)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor


class PurchaseStateFilter(StateFilter):
    states = (
        State("booked", "Booked", Q(status=PurchaseStatus.BOOKED)),
        State("voided", "Voided", Q(status=PurchaseStatus.VOIDED)),
        State("all", "All", Q()),
    )
    otherwise = "booked"
    when_searched = "all"


class ReceiptPurposeFilter(PurposeFilter):
    purposes = ReceiptPurpose
    names = {ReceiptPurpose.PURCHASE: "Purchases"}


def void(actor: Actor, purchase: Purchase) -> Sequence[str]:
    ledger.void_purchase(actor, purchase)
    return [f"{purchase} is voided. Its batch is kept and empty."]


def void_rest(actor: Actor, purchase: Purchase) -> Sequence[str]:
    rest = purchase.batch.remaining
    ledger.void_rest(actor, purchase)
    return [f"What was left of {purchase} ({amount(rest, purchase.batch.unit_kind)}) is taken back. What has been used of it stays."]


class PurchaseAdmin(DocumentAdmin):
    """Goods that came in, a batch each."""

    view_operation = "purchase.view"
    add_operation = "purchase.add"
    entity = "purchase"
    entry_form = PurchaseForm
    entry_title = "Enter a purchase"
    book_button = "Book this purchase"
    previewed = False
    page_template = "admin/inventory/purchase.html"
    product_path = "batch__product"
    state_filter = PurchaseStateFilter
    purpose_filter = ReceiptPurposeFilter
    empty_title = "No purchase here"
    empty_text = "Enter what comes in; each purchase becomes a batch."
    list_display = ("number", "product", "bought", "received", "cost", "lot", "vendor_named", "state")
    list_fullwidth = True
    list_filter = (
        PurchaseStateFilter,
        ReceiptPurposeFilter,
        ("vendor", OwnedAutocompleteFilter),
        ("batch__warehouse", OwnedDropdownFilter),
        ("batch__state", ChoicesDropdownFilter),
        ("batch__received_at", MomentFilter),
    )
    search_fields = ("reference", "batch__lot")
    search_help_text = "Product (SKU, name, barcode), lot, reference or number; voided ones and what came in otherwise are found too"
    acts = {
        "void": Act(
            "purchase.void",
            "Void",
            "Void this purchase",
            "It is kept and marked as voided, its batch becomes empty, and the counter follows. Only what has not been used at all "
            "can be voided.",
            void,
            lambda purchase: _is_ours(purchase),
        ),
        "void-rest": Act(
            "purchase.void",
            "Void the rest",
            "Void what is left",
            "What has been sold or used of it stays as it is; what is left is taken back out of stock.",
            void_rest,
            lambda purchase: _is_ours(purchase) and purchase.batch.remaining > 0 and _used(purchase),
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Purchase]:
        return with_bought(super().get_queryset(request).select_related("batch__product", "batch__warehouse", "vendor"))

    @admin.display(description="purchase", ordering="id")
    def number(self, purchase: Purchase) -> SafeString | str:
        named = ReceiptPurpose(purchase.purpose)
        return str(purchase.pk) if named == ReceiptPurpose.PURCHASE else two_lines(str(purchase.pk), RECEIPT_NAMES[named])

    @admin.display(description="product", ordering="batch__product__sku_key")
    def product(self, purchase: Purchase) -> SafeString:
        return product_link(purchase.batch.product)

    @admin.display(description="bought", ordering="batch__received_at")
    def bought(self, purchase: Purchase) -> SafeString | str:
        return two_lines(str(purchase.batch.warehouse), moment(purchase.batch.received_at))

    @admin.display(description="received")
    def received(self, purchase: Any) -> SafeString:
        batch = purchase.batch
        left = batch_link(batch, f"{number(batch.remaining)} left")
        return format_html('<span class="whitespace-nowrap">{}</span><br>{}', amount(purchase.bought, batch.unit_kind), left)

    @admin.display(description="unit cost")
    def cost(self, purchase: Purchase) -> str:
        return "free" if purchase.free_goods else money(purchase.batch.unit_cost)

    @admin.display(description="lot", ordering="batch__expires_at")
    def lot(self, purchase: Purchase) -> SafeString | str:
        return two_lines(purchase.batch.lot, str(purchase.batch.expires_on or ""))

    @admin.display(description="vendor", ordering="vendor__name_key")
    def vendor_named(self, purchase: Purchase) -> SafeString | str:
        return two_lines(str(purchase.vendor or ""), purchase.reference)

    @admin.display(description="state")
    def state(self, purchase: Purchase) -> Mark:
        return BATCH_STATES[BatchState(purchase.batch.state)]

    def book(self, actor: Actor, given: dict[str, Any], key: str | None) -> ledger.Received:
        return ledger.receive(actor, **given, source_key=key)

    def document_of(self, outcome: ledger.Received) -> Purchase:
        return outcome.purchase

    def said(self, outcome: ledger.Received) -> Sequence[str]:
        purchase, batch = outcome.purchase, outcome.purchase.batch
        bought = batch.received - returned_to(batch)
        said = [f"{purchase} is booked: {amount(bought, batch.unit_kind)} of {batch.product}.", *outcome.warnings]
        if outcome.settled:
            short = amount(outcome.settled, batch.unit_kind)
            said.append(f"{short} of it went to sales that were short, so {amount(batch.remaining, batch.unit_kind)} are left.")
        return said

    def movements_of(self, document: Purchase) -> QuerySet[Movement]:
        return Movement.objects.filter(batch=document.batch_id).order_by("-id")

    def facts(self, request: HttpRequest, document: Purchase) -> dict[str, Any]:
        batch = document.batch
        holding = Allocation.objects.filter(batch=batch).select_related("sale").order_by("-id")
        parts = figures_of(batch, issued([batch]).get(batch.pk, {}))
        booked = document.status == PurchaseStatus.BOOKED
        return {
            "purchase": document,
            "batch": batch,
            "state": BATCH_STATES[BatchState(batch.state)],
            "expires": expires(batch, timezone.now()),
            "became": [(label, quantity) for label, quantity, sign in parts if sign < 0],
            "came": [(label, quantity) for label, quantity, sign in parts if sign > 0],
            "arrival": Arrival.objects.filter(purchase=document).select_related("sent__warehouse").first(),
            "sales": holding[:SALES_SHOWN],
            "edit": reverse("admin:inventory_purchase_edit", args=[document.pk]) if booked and may(request, "purchase.edit") else "",
        }

    def not_possible(self, request: HttpRequest, name: str, document: Any, error: Problem | ValidationError) -> dict[str, Any]:
        context = super().not_possible(request, name, document, error)
        if isinstance(error, BatchInUse):
            held = Allocation.objects.filter(batch=document.batch_id, quantity__gt=F("released"))
            context["holding"] = Sale.objects.filter(pk__in=held.values("sale")).order_by("id")[:SALES_SHOWN]
            if name == "void" and document.batch.remaining:
                context["instead"] = (self.act_address(document, "void-rest"), "Void the rest instead")
        return context

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("products/", guard(find_product), name="inventory_find_product"),
            path("vendors/", guard(find_vendor), name="inventory_find_vendor"),
            path("<int:pk>/edit/", guard(self.edit_view), name="inventory_purchase_edit"),
            *super().get_urls(),
        ]

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Correct a purchase."""
        purchase = self.find(request, str(pk))
        if not may(request, "purchase.edit"):
            raise PermissionDenied
        actor, batch = acting(request), purchase.batch
        initial = {
            "quantity": purchase.bought,
            "unit_kind": batch.unit_kind,
            "unit_cost": None if purchase.free_goods else batch.unit_cost,
            "free_goods": purchase.free_goods,
            "lot": batch.lot,
            "expires_on": batch.expires_on,
            "vendor": purchase.vendor.name if purchase.vendor else "",
            "reference": purchase.reference,
            "note": purchase.note,
        }
        form = PurchaseEditForm(actor, request.POST if request.method == "POST" else None, initial=initial)
        if request.method == "POST" and form.is_valid():
            given = {name: form.cleaned_data[name] for name in form.changed_data}
            try:
                ledger.edit_purchase(actor, purchase, **_whole(given, form.cleaned_data))
            except (Problem, ValidationError) as error:
                form.refuse(error)
            else:
                messages.success(request, f"{purchase} is changed." if given else "Nothing was changed.")
                return HttpResponseRedirect(self.address_of(purchase))
        context = {
            "form": form,
            "purchase": purchase,
            "document": purchase,
            "back": self.address_of(purchase),
            "heading": f"{batch.product} in {batch.warehouse}",
            "about": "Batch and counter follow. What sales have cost stays as it was.",
        }
        return self.page(request, "admin/inventory/edit.html", f"Edit {purchase}", purchase, context)


def _is_ours(purchase: Any) -> bool:
    """Whether it can be taken back here: of a transfer from outside both sides belong together."""
    return bool(purchase.status == PurchaseStatus.BOOKED and purchase.purpose != ReceiptPurpose.TRANSFER)


def _used(purchase: Any) -> bool:
    """Whether something of it went out, or came back from a customer, so that only the rest can be voided."""
    batch = purchase.batch
    return bool(batch.remaining < batch.received or purchase.bought < batch.received)


def _whole(given: Mapping[str, Any], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Cost and free goods belong together."""
    if "unit_cost" in given or "free_goods" in given:
        return {**given, "unit_cost": cleaned["unit_cost"], "free_goods": cleaned["free_goods"]}
    return dict(given)
