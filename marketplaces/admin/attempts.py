from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.filters import MomentFilter
from inventory.admin.chips import State, StateFilter
from inventory.ledgerwords import signed
from inventory.marks import Mark
from inventory.wording import NOTHING, moment
from marketplaces import push
from marketplaces.admin.filters import ShopFilter
from marketplaces.admin.pages import PageAdmin
from marketplaces.admin.words import ATTEMPT, cause_words, field_label, item_link, item_page, lot_link, value_text
from marketplaces.models import Attempt, AttemptState, Operation

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter


class AttemptStateFilter(StateFilter):
    states = (
        State("all", "All", Q()),
        State("open", "Under way or unknown", Q(state__in=(AttemptState.IN_FLIGHT, AttemptState.UNKNOWN))),
        State("failed", "Not done", Q(state=AttemptState.FAILED)),
        State("succeeded", "Done", Q(state=AttemptState.SUCCEEDED)),
        State("mocked", "Not sent", Q(state=AttemptState.MOCKED)),
    )
    otherwise = "all"


class AttemptAdmin(PageAdmin):
    """Every write to a shop, noted before it was sent. Nobody changes one."""

    view_operation = "attempt.view"
    state_filter = AttemptStateFilter
    count_states = False
    page_template = "admin/marketplaces/attempt.html"
    list_display = ("number", "item_named", "shop", "operation_word", "state_mark", "moved", "said", "started", "lasted")
    list_display_links = ("number",)
    list_fullwidth = True
    list_filter = (AttemptStateFilter, ShopFilter, ("operation", ChoicesDropdownFilter), ("started_at", MomentFilter))
    search_fields = ("listing__item__part_number", "lot_id", "code", "correlation")
    search_help_text = "Number of the item, lot, code of an error or correlation"
    empty_title = "No attempt here"
    empty_text = "Nothing has been sent to a shop yet, or no attempt matches the filters."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        return super().get_queryset(request).select_related("listing__item", "shop__connection")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Attempt], search_term: str) -> tuple[QuerySet[Attempt], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        wanted = Q(listing__item__part_number__iexact=text) | Q(lot_id=text) | Q(code=text)
        return queryset.filter(push.carrying(uuid) if (uuid := _uuid(text)) else wanted), False

    def title_of(self, row: Any) -> str:
        return f"Attempt {row.pk}"

    @admin.display(description="attempt", ordering="id")
    def number(self, attempt: Attempt) -> str:
        return str(attempt.pk)

    @admin.display(description="item")
    def item_named(self, attempt: Attempt) -> SafeString | str:
        return item_link(attempt.listing.item)

    @admin.display(description="what", ordering="operation")
    def operation_word(self, attempt: Attempt) -> str:
        return attempt.get_operation_display()

    @admin.display(description="outcome", ordering="state")
    def state_mark(self, attempt: Attempt) -> Mark:
        return ATTEMPT[attempt.state]

    @admin.display(description="pieces")
    def moved(self, attempt: Attempt) -> str:
        return pieces(attempt)

    @admin.display(description="said")
    def said(self, attempt: Attempt) -> SafeString | str:
        return format_html('<span class="ls-why">{}</span>', attempt.sentence) if attempt.sentence else self.empty_value_display

    @admin.display(description="sent", ordering="started_at")
    def started(self, attempt: Attempt) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', moment(attempt.started_at))

    @admin.display(description="took")
    def lasted(self, attempt: Attempt) -> str:
        return took(attempt)

    def contents(self, request: HttpRequest, row: Attempt) -> dict[str, Any]:
        others = Attempt.objects.filter(account=row.account_id, correlation=row.correlation).exclude(pk=row.pk)
        return {
            "attempt": row,
            "cause": cause_words(row.cause),
            "mark": ATTEMPT[row.state],
            "item_page": item_page(row.listing.item),
            "lot": lot_link(row.shop.provider, row.lot_id),
            "pieces": pieces(row),
            "took": took(row),
            "sent": _pretty(row.sent),
            "told": _told(row.before, row.after),
            "before": _pretty(row.before),
            "after": _pretty(row.after),
            "readings": _pretty(row.readings) if row.readings else "",
            "others": [(each, ATTEMPT[each.state], self.address_of(each)) for each in others.select_related("shop__connection")[:20]],
        }


def pieces(attempt: Attempt) -> str:
    """By how much the quantity was moved, or what it was set to."""
    if attempt.operation == Operation.DELETE:
        return "all away"
    if attempt.absolute:
        return f"set to {attempt.baseline + attempt.difference:,}"
    return signed(Decimal(attempt.difference)) if attempt.difference else "–"


def took(attempt: Attempt) -> str:
    if attempt.ended_at is None:
        return "–"
    seconds = max((attempt.ended_at - attempt.started_at).total_seconds(), 0)
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:,.0f} min"


def _told(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the shop had been told of each field and what it was told by this, in words."""
    sides = [{**(side.get("fields") or {}), "quantity": side.get("quantity")} for side in (before or {}, after or {})]
    names = sorted({name for side in sides for name in side}, key=lambda name: (name != "quantity", name))
    rows = [(field_label(name), *(value_text(name, side.get(name)) for side in sides)) for name in names]
    return [(label, old, new) for label, old, new in rows if (old, new) != (NOTHING, NOTHING)]


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) if value not in ({}, [], None) else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
