"""What outside systems say has moved: each line of a till and each move of a warehouse there, with what became of it here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.paginator import InfinitePaginator

from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.models import Account
from accounts.workplace import acting, may
from inventory import finding
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.stockfilters import ProductFilter
from inventory.keys import model_key
from inventory.ledgerwords import number, product_link
from inventory.wording import NOTHING
from sync.admin import factone, factwork
from sync.admin.factaddresses import page_for
from sync.admin.factpage import STATES, contents, whereabouts
from sync.facts import codes, verbs
from sync.models import Connection, FactKind, FactState, SourceFact
from sync.systems import SYSTEMS, moving

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter

MOST_AT_ONCE = 1000


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
    actions = ("try_again", "leave_out", "take_in")
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
        return format_html('<span class="whitespace-nowrap">{}</span>', fact.day.isoformat()) if fact.day else NOTHING

    @admin.display(description="state")
    def state_mark(self, fact: SourceFact) -> SafeString:
        word = codes.HELD.get(fact.code) or codes.IGNORED.get(fact.code, "")
        return (
            format_html('{}<br><span class="ls-quiet">{}</span>', STATES[fact.state], word)
            if word
            else format_html("{}", STATES[fact.state])
        )

    # What is done with ticked ones.

    @admin.action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[SourceFact]) -> None:
        self._done(
            request, verbs.retry(acting(request), facts=_ids(chosen)), "held line is tried again now.", "held lines are tried again now."
        )

    @admin.action(description="Leave out for good", permissions=["decide"])
    def leave_out(self, request: HttpRequest, chosen: QuerySet[SourceFact]) -> None:
        left = verbs.leave_out(acting(request), _ids(chosen))
        self._done(request, left, "held line is left out from now on.", "held lines are left out from now on.")

    @admin.action(description="Take in again what was left out by hand", permissions=["decide"])
    def take_in(self, request: HttpRequest, chosen: QuerySet[SourceFact]) -> None:
        self._done(request, verbs.take_in(acting(request), _ids(chosen)), "line is looked at again.", "lines are looked at again.")

    def _done(self, request: HttpRequest, number: int, one: str, many: str) -> None:
        if number:
            messages.success(request, f"{number:,} {ngettext(one, many, number)}")
        else:
            messages.warning(request, "None of the ticked lines is one for that.")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return may(request, "fact.retry")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return may(request, "fact_rule.edit")

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
        return TemplateResponse(
            request,
            "admin/sync/fact.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": f"{fact.get_kind_display()} {fact.document or fact.external_id}",
                "original": fact,
                "fact": fact,
                **contents(fact),
                "decide": page_for(fact),
                "may_decide": may(request, "fact_rule.edit"),
                "may_retry": fact.state == FactState.HELD and may(request, "fact.retry"),
                "may_leave_out": fact.state == FactState.HELD and fact.booked_revision is None and may(request, "fact_rule.edit"),
                "may_take_in": fact.code == verbs.BY_HAND and may(request, "fact_rule.edit"),
                **self.story_of(request, fact),
            },
        )

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/leave-out/", guard(require_POST(self.leave_out_view)), name="sync_sourcefact_leave_out"),
            path("<int:pk>/take-in/", guard(require_POST(self.take_in_view)), name="sync_sourcefact_take_in"),
            *factwork.urls(self.admin_site),
            *factone.urls(self.admin_site),
            *super().get_urls(),
        ]

    def leave_out_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """This line is never booked."""
        fact = self.row_for(request, "fact_rule.edit", pk)
        left = verbs.leave_out(acting(request), [fact.pk], request.POST.get("note", ""))
        self._done(request, left, "held line is left out from now on.", "")
        return HttpResponseRedirect(reverse("admin:sync_sourcefact_change", args=[fact.pk]))

    def take_in_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """This line is looked at again."""
        fact = self.row_for(request, "fact_rule.edit", pk)
        self._done(request, verbs.take_in(acting(request), [fact.pk]), "line is looked at again.", "")
        return HttpResponseRedirect(reverse("admin:sync_sourcefact_change", args=[fact.pk]))


def _ids(chosen: QuerySet[SourceFact]) -> list[int]:
    return list(chosen.order_by().values_list("pk", flat=True)[:MOST_AT_ONCE])


def mine_moving(account: Account) -> QuerySet[Any]:
    """The connections of the account of which there can be facts."""
    return Connection.objects.filter(account=account, system__in=moving()).values_list("pk", flat=True)
