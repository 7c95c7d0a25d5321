from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.workplace import acting, may
from inventory import items
from inventory.admin.chips import Chip
from inventory.admin.values import values_filter
from inventory.items.rules import notices
from inventory.marks import Mark
from inventory.models import Item, ItemStatus
from marketplaces.admin import itempage
from marketplaces.admin.filters import shops_of
from marketplaces.admin.itembulk import ItemActions
from marketplaces.admin.itemfilters import HERE, OTHERS, ItemShopFilter, ItemStateFilter, LinkedFilter, chosen_shop
from marketplaces.admin.itemform import ItemForm
from marketplaces.admin.itemviews import ItemPages
from marketplaces.admin.live import every, followed, pill
from marketplaces.admin.words import colour, colour_names, for_people, price
from marketplaces.models import Listing, Shop

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

STATUS = {
    ItemStatus.AVAILABLE.value: Mark("Available", "success", "check_circle"),
    ItemStatus.RESERVED.value: Mark("Reserved", "warning", "lock"),
    ItemStatus.SOLD.value: Mark("Sold", "", "sell"),
}
ARCHIVED = Mark("Archived", "", "inventory_2")
NOT_LISTED = Mark("Not listed")
WHAT = ("part_number", "item_type"), ("color_id", "condition"), ("name", "completeness")
SELLING = ("price", "sale_percent"), ("bulk", "tiers"), "notes", ("location", "cost")


class ItemAdmin(ItemPages, ItemActions):
    """What is for sale at the shops, how many there are of it, and what each shop knows."""

    view_operation = "item.view"
    add_operation = "item.add"
    change_operation = "item.edit"
    entity = "item"
    form = ItemForm
    state_filter = ItemStateFilter
    list_filter = (
        ItemStateFilter,
        ItemShopFilter,
        LinkedFilter,
        ("condition", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("item_type", ChoicesDropdownFilter),
        values_filter(Item, "location", title="place"),
    )
    list_before_template = "admin/marketplaces/live_chips.html"
    change_list_template = "admin/marketplaces/item_list.html"
    change_form_before_template = "admin/marketplaces/item_version.html"
    change_form_outer_before_template = "admin/marketplaces/item_top.html"
    change_form_outer_after_template = "admin/marketplaces/item_bottom.html"
    list_fullwidth = True
    paginator = Paginator
    search_help_text = "Number, name, place, lot or token; archived items are found too"
    search_fields = ("part_number", "name", "location")
    ordering = ("part_number", "color_id", "id")
    warn_unsaved_form = True
    empty_title = "No item here"
    empty_text = "Add what you sell, or import it from a CSV file."

    # The list

    def get_list_display(self, request: HttpRequest) -> Any:
        numbers = ("colour_named", "condition_word", "quantity_pieces", "price_mark", "location", "status_mark")
        return ("item_named", *numbers, *(_column(shop) for shop in _shops(request)))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Item], search_term: str) -> tuple[QuerySet[Item], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        lots = Listing.objects.filter(item=OuterRef("pk"), lot_id=text)
        found = Q(part_number__icontains=text) | Q(name__icontains=text) | Q(location__icontains=text) | Q(token=text.lstrip("#"))
        return queryset.filter(found | Exists(lots)), False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        listed: dict[int, dict[int, Listing]] = {}
        rows = list(Listing.objects.filter(item__in=[item.pk for item in shown]))
        for listing in rows:
            listed.setdefault(listing.item_id, {})[listing.shop_id] = listing
        names = colour_names(acting(request).account, (item.color_id for item in shown))
        for item in shown:
            item.listed, item.colour_text = listed.get(item.pk, {}), colour(item.color_id, names)
        changes.result_list = shown
        changes.live, changes.live_every = followed(rows), every(row.state for row in rows)  # type: ignore[attr-defined]
        return changes

    def _chips(self, request: HttpRequest, changes: ChangeList) -> list[Chip]:
        """The states of listings are counted by their index, in one statement for all of them."""
        account, shop = acting(request).account, chosen_shop(request)
        listings = Listing.objects.filter(account=account, item__archived_at__isnull=True)
        if shop is not None:
            listings = listings.filter(shop=shop)
        counts = Counter(dict(listings.order_by().values_list("state").annotate(Count("item", distinct=True))))
        counts.update(self.get_queryset(request).aggregate(all=Count("pk", filter=HERE), archived=Count("pk", filter=~HERE)))
        chosen = next(spec.value() for spec in changes.filter_specs if isinstance(spec, ItemStateFilter))
        return [
            Chip(state.label, counts[state.key], changes.get_query_string({"state": state.key}, remove=[PAGE_VAR]), state.key == chosen)
            for state in ItemStateFilter.states
            if state.shown_empty or state.key in OTHERS or counts[state.key] or state.key == chosen
        ]

    @admin.display(description="item", ordering="part_number")
    def item_named(self, item: Item) -> SafeString:
        name = format_html('<br><span class="ls-quiet ls-product">{}</span>', item.name) if item.name else ""
        return format_html('<span class="whitespace-nowrap">{}</span>{}', item.part_number, name)

    @admin.display(description="colour", ordering="color_id")
    def colour_named(self, item: Any) -> str:
        return str(item.colour_text)

    @admin.display(description="condition", ordering="condition")
    def condition_word(self, item: Item) -> str:
        return item.get_condition_display()

    @admin.display(description="available", ordering="quantity_available")
    def quantity_pieces(self, item: Item) -> SafeString:
        """With what is reserved and sold below, where there is any."""
        counted = ((item.quantity_reserved, "reserved"), (item.quantity_sold, "sold"))
        words = [*(f"{number:,} {word}" for number, word in counted if number), *(["linked"] if item.linked else [])]
        below = format_html('<br><span class="ls-quiet whitespace-nowrap">{}</span>', ", ".join(words)) if words else ""
        return format_html('<strong class="ls-strong">{}</strong>{}', f"{item.quantity_available:,}", below)

    @admin.display(description="price", ordering="price")
    def price_mark(self, item: Item) -> SafeString | str:
        return price(item.price) if item.price is not None else Mark("No price", "warning", "sell").__html__()

    @admin.display(description="status", ordering="status")
    def status_mark(self, item: Item) -> Mark:
        return status_of(item)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"may_import": may(request, "item.import"), **(extra_context or {})})

    # The form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        return super().get_queryset(request).select_related("product")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        quantity = () if obj else (("How many there are", {"fields": ("quantity_available",)}),)
        status = (("status",),) if obj else ()
        return (
            ("What it is", {"fields": (*WHAT, *status)}),
            *quantity,
            ("Price and texts", {"fields": SELLING}),
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        archived = isinstance(obj, Item) and obj.archived_at is not None
        return not archived and super().has_change_permission(request, obj)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        item = self.get_object(request, object_id)
        shown = {} if item is None else itempage.contents(request, item)
        return super().change_view(request, object_id, form_url, {**shown, "show_save_and_add_another": False, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Item, form: Any, change: bool) -> None:
        """The verbs check, save and say what happened."""
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        actor = acting(request)
        if change:
            version = request.POST.get("version", "")
            stored = self.find(request, str(obj.pk))
            seen = int(version) if version.isdecimal() and len(version) < 19 else None
            saved = items.edit(actor, stored, version=seen, **given)
        else:
            saved = items.add(actor, **{"part_number": "", **given})
            obj.pk = saved.pk
        for sentence in notices(saved, given):
            messages.warning(request, for_people(sentence))

    def response_add(self, request: HttpRequest, obj: Item, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, f"{obj.part_number} is added, and is being listed at the shops.")
        if "_addanother" in request.POST:
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(self.address_of(obj))

    def response_change(self, request: HttpRequest, obj: Item) -> HttpResponse:
        messages.success(request, f"{obj.part_number} is saved.")
        return HttpResponseRedirect(self.address_of(obj))


def status_of(item: Item) -> Mark:
    return ARCHIVED if item.archived_at else STATUS[item.status]


def _shops(request: HttpRequest) -> list[Shop]:
    """The account's shops, asked once for a page."""
    if not hasattr(request, "shops_shown"):
        request.shops_shown = shops_of(acting(request))  # type: ignore[attr-defined]
    return request.shops_shown  # type: ignore[attr-defined, no-any-return]


def _column(shop: Shop) -> Callable[[Any], Any]:
    """A column with each item's state in the shop."""

    def column(item: Any) -> SafeString:
        listing = item.listed.get(shop.pk)
        return NOT_LISTED.__html__() if listing is None else pill(listing)

    column.short_description = str(shop)  # type: ignore[attr-defined]
    return column
