from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.workplace import acting, may
from inventory.wording import moment
from marketplaces import push
from marketplaces.admin import inboxpage
from marketplaces.admin.filters import ListingStateFilter, ShopFilter
from marketplaces.admin.live import every, followed, pill, states_view
from marketplaces.admin.pages import ButtonsAdmin
from marketplaces.admin.words import item_link, item_page, lot_link, price
from marketplaces.models import Listing


class ListingAdmin(ButtonsAdmin):
    """Every item in every shop: what the shop was told and how that went. Its page is the item's."""

    view_operation = "listing.view"
    state_filter = ListingStateFilter
    list_display = ("item_named", "shop", "state_pill", "said", "lot", "told_pieces", "told_at", "synced")
    list_display_links = None
    list_fullwidth = True
    paginator = Paginator
    list_filter = (ListingStateFilter, ShopFilter)
    search_fields = ("item__part_number", "item__name", "item__location", "lot_id")
    search_help_text = "Number, name, place or lot"
    list_before_template = "admin/marketplaces/live_chips.html"
    actions = ("push_now",)
    empty_title = "No listing here"
    empty_text = "An item is listed at every shop that is connected, unless it is kept off."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        return super().get_queryset(request).select_related("item", "shop__connection")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        rows = changes.result_list = list(changes.result_list)
        changes.live, changes.live_every = followed(rows), every(row.state for row in rows)  # type: ignore[attr-defined]
        return changes

    def get_urls(self) -> list[URLPattern]:
        states = self.admin_site.admin_view(require_GET(states_view))
        waiting = self.admin_site.admin_view(require_GET(self.inbox_view))
        return [
            path("states/", states, name="marketplaces_states"),
            path("inbox/", waiting, name="marketplaces_inbox"),
            *super().get_urls(),
        ]

    def inbox_view(self, request: HttpRequest) -> HttpResponse:
        """Everything about shops that waits for a person."""
        if not may(request, "listing.view"):
            raise PermissionDenied
        return self.page(request, "admin/marketplaces/inbox.html", "Inbox", inboxpage.contents(acting(request), request.GET))

    @admin.display(description="item", ordering="item__part_number")
    def item_named(self, listing: Listing) -> SafeString | str:
        return item_link(listing.item)

    @admin.display(description="state", ordering="state")
    def state_pill(self, listing: Listing) -> SafeString:
        return pill(listing)

    @admin.display(description="why")
    def said(self, listing: Listing) -> SafeString | str:
        if not listing.sentence:
            return self.empty_value_display
        return format_html('<span class="ls-why">{}</span>', listing.sentence)

    @admin.display(description="lot", ordering="lot_id")
    def lot(self, listing: Listing) -> SafeString | str:
        return lot_link(listing.shop.provider, listing.lot_id)

    @admin.display(description="told", ordering="told_quantity")
    def told_pieces(self, listing: Listing) -> str:
        return f"{listing.told_quantity:,}"

    @admin.display(description="told price", ordering="told_price")
    def told_at(self, listing: Listing) -> str:
        return price(listing.told_price)

    @admin.display(description="synced", ordering="synced_at")
    def synced(self, listing: Listing) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', moment(listing.synced_at))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A listing has no page of its own: its item's says all of it."""
        listing = self.get_object(request, object_id)
        if listing is None:
            raise Http404
        return HttpResponseRedirect(f"{item_page(listing.item)}#shops")

    @admin.action(description="Push now, and retry what failed", permissions=["push"])
    def push_now(self, request: HttpRequest, chosen: QuerySet[Listing]) -> None:
        pushed_now(self, request, chosen)

    def has_push_permission(self, request: HttpRequest) -> bool:
        return may(request, "listing.push")


def pushed_now(admin_: ButtonsAdmin, request: HttpRequest, chosen: QuerySet[Listing]) -> None:
    """Push listings now, and say how many of them are."""
    number = 0

    def do(actor: Any) -> str:
        nonlocal number
        number = push.push_now(actor, Listing.objects.filter(pk__in=chosen.order_by().values("pk"), account=actor.account))
        return ngettext("%d listing is sent now.", "%d listings are sent now.", number) % number

    kept = chosen.filter(kept_off=True).count()
    if admin_.tell(request, do) and kept:
        messages.info(request, ngettext("%d is kept off its shop and was left alone.", "%d are kept off and were left alone.", kept) % kept)
