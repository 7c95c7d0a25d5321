"""Products of outside systems: which product here each one is, and the list of those that nobody could tell."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.errors import Problem
from accounts.filters import OwnedDropdownFilter
from accounts.workplace import acting, may, refusal
from inventory import finding
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.entering import NamingProduct
from inventory.ledgerwords import product_link
from inventory.models import Product
from inventory.quantity import plain
from inventory.wording import NOTHING, moment
from sync.facts import verbs
from sync.models import ProductRef

CANDIDATES = 10


class MatchFilter(StateFilter):
    states = (
        State("unmatched", "To be matched", Q(product__isnull=True, gone_at__isnull=True)),
        State("matched", "Matched", Q(product__isnull=False, gone_at__isnull=True)),
        State("gone", "Not there any more", Q(gone_at__isnull=False)),
        State("all", "All", Q()),
    )
    otherwise = "unmatched"
    when_searched = "all"


class ProductRefAdmin(ChipsAdmin):
    """What outside systems say of products. A line is changed by the buttons of its page only."""

    view_operation = "reference.view"
    state_filter = MatchFilter
    count_states = False
    list_display = ("sku_name", "connection", "barcode", "is_product", "problem", "changed")
    list_display_links = ("sku_name",)
    list_filter = (MatchFilter, ("connection", OwnedDropdownFilter))
    list_filter_submit = True
    list_select_related = ("connection", "product")
    search_fields = ("sku", "name", "barcode")
    search_help_text = "SKU, name or barcode, as the outside system has it; matched ones are found too"
    ordering = ("connection", "sku_key", "id")
    empty_title = "Nothing to be matched"
    empty_text = "Every product of the outside systems is known here."

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": "Products of outside systems", **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductRef]:
        rows: QuerySet[ProductRef] = super().get_queryset(request).defer("raw", "suppliers", "guidelines")
        return rows

    @admin.display(description="there", ordering="sku_key")
    def sku_name(self, ref: ProductRef) -> str:
        return str(ref)

    @admin.display(description="is here", ordering="product")
    def is_product(self, ref: ProductRef) -> SafeString | str:
        return product_link(ref.product) if ref.product else NOTHING

    @admin.display(description="changed there", ordering="changed_upstream_at")
    def changed(self, ref: ProductRef) -> str:
        return moment(ref.changed_upstream_at) if ref.changed_upstream_at else NOTHING

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:number>/match/", guard(require_POST(self.match_view)), name="sync_productref_match"),
            path("<int:number>/split/", guard(require_POST(self.split_view)), name="sync_productref_split"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the outside system says of it, and which product here it may be."""
        if not may(request, "reference.view"):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        return self._page(request, self.find(request, object_id), NamingProduct(acting(request)))

    def match_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """It is the product that was typed or chosen."""
        ref = self.row_for(request, "reference.edit", number)
        form = NamingProduct(acting(request), request.POST)
        if not form.is_valid() or form.found is None:
            return self._page(request, ref, form)
        return self._decided(request, ref, form.found)

    def split_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """It is none of those here: a new one."""
        return self._decided(request, self.row_for(request, "reference.edit", number), None)

    def _decided(self, request: HttpRequest, ref: ProductRef, product: Product | None) -> HttpResponse:
        try:
            fixed = verbs.match_product(acting(request), ref, product)
        except (Problem, ValidationError) as problem:
            messages.error(request, refusal(problem))
            return HttpResponseRedirect(reverse("admin:sync_productref_change", args=[ref.pk]))
        made = " It was made new." if product is None else ""
        follow = (
            "Its fields and its stock follow."
            if not fixed.freed
            else (ngettext("%d held move books itself now.", "%d held moves book themselves now.", fixed.freed) % fixed.freed)
        )
        messages.success(request, f"{ref} of {ref.connection} is {fixed.row.product} here.{made} {follow}")
        return HttpResponseRedirect(reverse("admin:sync_productref_change", args=[ref.pk]))

    def _page(self, request: HttpRequest, ref: ProductRef, form: NamingProduct) -> HttpResponse:
        return TemplateResponse(
            request,
            "admin/sync/productref.html",
            {
                **self.admin_site.each_context(request),
                "title": f"{ref} of {ref.connection}",
                "ref": ref,
                "facts": facts(ref),
                "form": form,
                "candidates": form.meant or candidates(ref),
                "may_edit": may(request, "reference.edit"),
            },
        )


def candidates(ref: ProductRef) -> list[Product]:
    """The products here that have its barcode or its SKU."""
    if ref.product_id is not None:
        return []
    texts = [text for text in (ref.barcode, ref.sku) if text]
    found = {product.pk: product for text in texts for product in finding.named(ref.account, text)}
    return list(found.values())[:CANDIDATES]


def facts(ref: ProductRef) -> list[tuple[str, str | SafeString]]:
    """What the outside system says, in words; what it does not say is left out."""
    lead = "" if ref.lead_time_days is None else f"{ref.lead_time_days} day{'' if ref.lead_time_days == 1 else 's'}"
    said = (
        ("SKU", ref.sku),
        ("Name", ref.name),
        ("State", "active" if ref.active else "not active"),
        ("Barcode", ref.barcode),
        ("Category", ref.category),
        ("Cost", ref.cost),
        ("Packing", ref.packing),
        ("Units in a case", "" if ref.units_per_case is None else str(plain(ref.units_per_case))),
        ("Lead time", lead),
        ("Supplier's number", ref.vendor_code),
        ("Supplier's price", ref.vendor_price),
        ("Reordering", "never" if ref.reorder_excluded else ref.reorder_method.lstrip("#")),
        ("Changed there", moment(ref.changed_upstream_at) if ref.changed_upstream_at else ""),
        ("First seen", moment(ref.first_seen_at)),
        ("Not there any more since", moment(ref.gone_at) if ref.gone_at else ""),
        ("Id there", format_html('<span class="ls-break">{}</span>', ref.external_id)),
    )
    return [(label, text) for label, text in said if text]
