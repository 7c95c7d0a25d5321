"""What outside systems say has moved: each line of a till and each move of a warehouse there, with what became of it here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.paginator import InfinitePaginator

from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.models import Account
from accounts.workplace import acting, may
from inventory import finding, history
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.stockfilters import ProductFilter
from inventory.keys import model_key
from inventory.ledgerwords import number, product_link, row_link
from inventory.marks import Mark
from inventory.models import Movement, Purchase, Sale
from inventory.wording import NOTHING, moment
from sync.admin import factwork
from sync.facts import codes
from sync.facts.booking import correlation_of
from sync.models import Connection, FactKind, FactState, ProductRef, SourceFact, WarehouseRef
from sync.systems import SYSTEMS, moving, system

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter

MOVEMENTS_SHOWN = 50

STATES: Mapping[str, Mark] = {
    FactState.WAITING: Mark("Waiting to be booked", "info", "schedule"),
    FactState.BOOKED: Mark("Booked", "success", "check_circle"),
    FactState.HELD: Mark("Held", "warning", "front_hand"),
    FactState.HISTORY: Mark("Kept as history", "", "history"),
    FactState.IGNORED: Mark("Ignored", "", "visibility_off"),
    FactState.VOID: Mark("Void", "", "block"),
}

WHY_HISTORY = "The warehouse follows an outside system, or its stock was counted after this: the line is kept and moves no stock here."


class FactStateFilter(StateFilter):
    states = (
        State("held", "Held", Q(state=FactState.HELD)),
        State("waiting", "Waiting", Q(state=FactState.WAITING)),
        State("booked", "Booked", Q(state=FactState.BOOKED)),
        State("history", "History", Q(state=FactState.HISTORY)),
        State("ignored", "Ignored", Q(state=FactState.IGNORED)),
        State("void", "Void", Q(state=FactState.VOID)),
        State("all", "All", Q()),
    )
    otherwise = "all"


class CodeFilter(DropdownFilter):
    title = "reason"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list({**codes.HELD, **codes.IGNORED}.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[SourceFact]) -> QuerySet[SourceFact]:
        return queryset.filter(code=self.value()) if self.value() else queryset


class KindFilter(DropdownFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in FactKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SourceFact]) -> QuerySet[SourceFact]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class TypeFilter(DropdownFilter):
    title = "list"
    parameter_name = "feed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        moving = (each for each in SYSTEMS.values() if not each.tells_stock)
        return [(feed, f"{each.label}: {label}") for each in moving for feed, label in each.feeds.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SourceFact]) -> QuerySet[SourceFact]:
        return queryset.filter(feed=self.value()) if self.value() else queryset


class FactAdmin(ChipsAdmin):
    """Read here, never changed: held ones are settled on the list of what is to be assigned."""

    view_operation = "fact.view"
    entity = "fact"
    state_filter = FactStateFilter
    count_states = False
    paginator = InfinitePaginator
    show_full_result_count = False
    list_display = ("line", "what", "product_named", "quantity_mark", "where", "state_mark", "day_mark", "connection")
    list_display_links = ("line",)
    list_filter = (
        FactStateFilter,
        ("connection", OwnedDropdownFilter),
        KindFilter,
        TypeFilter,
        CodeFilter,
        ProductFilter,
        ("warehouse", OwnedDropdownFilter),
        ("happened_at", MomentFilter),
    )
    list_filter_submit = True
    list_select_related = ("connection", "product", "warehouse", "warehouse_to")
    ordering = ("-id",)
    search_fields = ("external_id",)
    search_help_text = "The whole bill or picking, the whole line number, or a barcode"
    empty_title = "No line here"
    empty_text = "Lines of tills and moves of Odoo stand here as soon as they are read."

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": "Moves of outside systems", **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceFact]:
        rows: QuerySet[SourceFact] = super().get_queryset(request).defer("raw", "pair_there")
        return rows

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """By what an index finds: whole documents and keys, products by their barcodes, and what is held by its own."""
        text = search_term.strip()
        if not text:
            return queryset, False
        mine = acting(request).account
        known = Q(external_id=text) | Q(connection__in=list(mine_moving(mine)), document=text)
        products = [product.pk for product in finding.named(mine, text)]
        if products:
            known |= Q(product__in=products)
        key = model_key(text)
        if key:
            known |= Q(state=FactState.HELD, barcode_key=key)
        return queryset.filter(known), False

    # What a line shows.

    @admin.display(description="line", ordering="id")
    def line(self, fact: SourceFact) -> SafeString | str:
        if not fact.document:
            return fact.external_id
        return format_html('{}<br><span class="ls-quiet ls-break">{}</span>', fact.document, fact.external_id)

    @admin.display(description="what")
    def what(self, fact: SourceFact) -> str:
        return str(fact.get_kind_display())

    @admin.display(description="product")
    def product_named(self, fact: SourceFact) -> SafeString | str:
        if fact.product:
            return product_link(fact.product)
        return fact.barcode or fact.product_there or NOTHING

    @admin.display(description="quantity", ordering="quantity")
    def quantity_mark(self, fact: SourceFact) -> str:
        return NOTHING if fact.quantity is None else number(fact.quantity)

    @admin.display(description="where")
    def where(self, fact: SourceFact) -> str:
        return whereabouts(fact)

    @admin.display(description="day", ordering="day")
    def day_mark(self, fact: SourceFact) -> SafeString | str:
        return format_html('<span class="whitespace-nowrap">{:%Y-%m-%d}</span>', fact.day) if fact.day else NOTHING

    @admin.display(description="state")
    def state_mark(self, fact: SourceFact) -> SafeString:
        word = codes.HELD.get(fact.code) or codes.IGNORED.get(fact.code, "")
        return (
            format_html('{}<br><span class="ls-quiet">{}</span>', STATES[fact.state], word)
            if word
            else format_html("{}", STATES[fact.state])
        )

    # The page of one.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As it was said, what became of it, and what it moved."""
        fact = self.find(request, object_id)
        if not self.has_view_permission(request, fact):
            return HttpResponse(status=403)
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        rows = Movement.objects.filter(account=fact.account_id, correlation=correlation_of(fact.connection_id, fact.external_id))
        shown = list(rows.order_by("-id").select_related("warehouse", "batch")[: MOVEMENTS_SHOWN + 1])
        return TemplateResponse(
            request,
            "admin/sync/fact.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": f"{fact.get_kind_display()} {fact.document or fact.external_id}",
                "original": fact,
                "fact": fact,
                "mark": STATES[fact.state],
                "why": WHY_HISTORY if fact.state == FactState.HISTORY else fact.sentence or codes.IGNORED.get(fact.code, ""),
                "here": list(became(fact)),
                "there": list(said(fact)),
                "documents": [row_link(each) for each in documents_of(fact)],
                "raw": raw(fact),
                "lines": history.described(shown[:MOVEMENTS_SHOWN]),
                "more_lines": len(shown) > MOVEMENTS_SHOWN,
                "decide": factwork.page_for(fact),
                "may_decide": may(request, "fact_rule.edit"),
                "may_retry": fact.state == FactState.HELD and may(request, "fact.retry"),
                **self.story_of(request, fact),
            },
        )

    def get_urls(self) -> list[URLPattern]:
        return [*factwork.urls(self.admin_site), *super().get_urls()]


def mine_moving(account: Account) -> QuerySet[Any]:
    """The connections of the account of which there can be facts."""
    return Connection.objects.filter(account=account, system__in=moving()).values_list("pk", flat=True)


def whereabouts(fact: SourceFact) -> str:
    """From where to where, as it is known here, else as it is called there."""
    left = fact.warehouse.name if fact.warehouse else fact.place_there
    came = fact.warehouse_to.name if fact.warehouse_to else fact.place_to_there if fact.warehouse is None else ""
    return f"{left} → {came}" if left and came else left or came or NOTHING


def documents_of(fact: SourceFact) -> Iterator[Sale | Purchase]:
    """What was booked of it: sales, purchases, and the two halves of a transfer. Two queries."""
    keys = [fact.external_id, f"{fact.external_id}:out"]
    yield from Sale.objects.filter(account=fact.account_id, source_key__in=keys)
    # The character after ":" is ";".
    arrived = Q(source_key=fact.external_id) | Q(source_key__gte=f"{fact.external_id}:in:", source_key__lt=f"{fact.external_id}:in;")
    yield from Purchase.objects.filter(arrived, account=fact.account_id).order_by("pk")[:MOVEMENTS_SHOWN]


def became(fact: SourceFact) -> Iterator[tuple[str, SafeString | str]]:
    """What is known of it here."""
    if fact.product:
        yield "Product", product_link(fact.product)
    if fact.warehouse:
        yield "From" if fact.warehouse_to else "Warehouse", fact.warehouse.name
    if fact.warehouse_to:
        yield "To", fact.warehouse_to.name
    if fact.held_at:
        yield "Held since", moment(fact.held_at)
    if fact.tried_at:
        yield "Last tried", moment(fact.tried_at)
    if fact.revision:
        yield "Corrected there", "once" if fact.revision == 1 else f"{fact.revision} times"


def said(fact: SourceFact) -> Iterator[tuple[str, SafeString | str]]:
    """What the outside system says; what it does not say is left out."""
    feeds = system(fact.connection.system).feeds if fact.connection.system in SYSTEMS else {}
    named = _names(fact)
    rows = (
        ("List", feeds.get(fact.feed, fact.feed)),
        ("Bill or picking", fact.document),
        ("Day", f"{fact.day:%Y-%m-%d}" if fact.day else ""),
        ("Happened", moment(fact.happened_at) if fact.happened_at else ""),
        ("Quantity", "" if fact.quantity is None else number(fact.quantity)),
        ("Barcode", fact.barcode),
        ("Product there", named["product"]),
        ("From there", named["left"]),
        ("To there", named["came"]),
        ("Cost of one", fact.unit_cost),
        ("Supplier there", fact.vendor_there),
        ("First seen", moment(fact.first_seen_at)),
        ("Not there any more since", moment(fact.gone_at) if fact.gone_at else ""),
        ("Line there", format_html('<span class="ls-break">{}</span>', fact.external_id)),
    )
    return ((label, text) for label, text in rows if text)


def raw(fact: SourceFact) -> list[tuple[str, str]]:
    """The row as it came, name by name; nothing where it is kept no more."""
    try:
        found = json.loads(fact.raw or "{}")
    except ValueError:
        return [("", fact.raw)]
    return [(name, "" if value is None else str(value)) for name, value in found.items()] if isinstance(found, dict) else [("", fact.raw)]


def _names(fact: SourceFact) -> dict[str, str]:
    """What the outside system calls the product and the places, with their ids where these say something else."""
    places = {fact.place_there, fact.place_to_there} - {""}
    named = dict(WarehouseRef.objects.filter(connection=fact.connection_id, external_id__in=places).values_list("external_id", "name"))
    ref = ProductRef.objects.filter(connection=fact.connection_id, external_id=fact.product_there).first() if fact.product_there else None

    def called(there: str, name: str) -> str:
        return f"{name} ({there})" if there and name and name != there else there

    return {
        "product": called(fact.product_there, str(ref) if ref else ""),
        "left": called(fact.place_there, named.get(fact.place_there, "")),
        "came": called(fact.place_to_there, named.get(fact.place_to_there, "")),
    }
