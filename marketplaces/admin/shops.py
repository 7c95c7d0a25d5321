from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import may
from inventory import moment as clock
from inventory.admin.chips import State as Chip
from inventory.admin.chips import StateFilter
from inventory.ledgerwords import page_of
from inventory.marks import Mark
from inventory.wording import moment
from marketplaces import orders, push, verify
from marketplaces.admin.budgetwords import budgets_of
from marketplaces.admin.pages import PageAdmin
from marketplaces.admin.shopwords import STATES
from marketplaces.admin.words import LISTING, VERIFICATION, provider_label
from marketplaces.condition import State, condition_of
from marketplaces.models import Decision, Difference, Listing, ListingState, Shop, Verification
from sync import connections
from sync.wire.breaker_row import ConnectionBreaker

BAD = (ListingState.NEEDS_PERSON, ListingState.FAILED, ListingState.UNKNOWN, ListingState.UNMAPPED)


class ShopStateFilter(StateFilter):
    states = (
        Chip("all", "All", Q()),
        Chip("stopped", "Stopped", Q(stopped_at__isnull=False), shown_empty=False),
        Chip("maintenance", "Maintenance", Q(maintenance_at__isnull=False), shown_empty=False),
    )
    otherwise = "all"


class ShopAdmin(PageAdmin):
    """The marketplaces at which we sell: how they do, how many calls are left, and what keeps changes from being sent."""

    view_operation = "shop.view"
    state_filter = ShopStateFilter
    page_template = "admin/marketplaces/shop.html"
    list_display = ("shop_named", "marketplace", "state_mark", "listed", "polled", "verified")
    list_filter = (ShopStateFilter,)
    list_fullwidth = True
    ordering = ("id",)
    empty_title = "No shop yet"
    empty_text = "A shop is a connection to a marketplace. An owner adds one under Connections."
    buttons = {
        "maintenance": ("shop.maintain", "maintenance"),
        "resume": ("shop.maintain", "resume"),
        "poll": ("order.import", "poll"),
        "verify": ("verification.start", "verify"),
        "test": ("connection.test", "test"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        return super().get_queryset(request).select_related("connection__breaker")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        counted = Listing.objects.filter(shop__in=shown, item__archived_at__isnull=True).order_by().values_list("shop", "state")
        numbers = {(shop, state): number for shop, state, number in counted.annotate(number=Count("pk"))}
        now = clock.now()
        for shop in shown:
            shop.numbers = {state: numbers.get((shop.pk, state), 0) for state in ListingState.values}
            shop.condition = condition_of(shop, now)
        changes.result_list = shown
        return changes

    @admin.display(description="shop", ordering="connection__name")
    def shop_named(self, shop: Shop) -> str:
        return str(shop)

    @admin.display(description="marketplace")
    def marketplace(self, shop: Shop) -> str:
        return provider_label(shop.provider)

    @admin.display(description="state")
    def state_mark(self, shop: Any) -> Mark:
        return STATES[shop.condition.state]

    @admin.display(description="listings")
    def listed(self, shop: Any) -> SafeString:
        numbers = shop.numbers
        bad = [(LISTING[state], numbers[state]) for state in BAD if numbers[state]]
        marks = format_html_join(" ", '<span class="whitespace-nowrap">{} {}</span>', bad)
        # One piece, whose parts may stand below each other in a narrow window.
        return format_html(
            '<span class="ls-line"><span class="whitespace-nowrap">{} synced</span> {}</span>', f"{numbers[ListingState.SYNCED]:,}", marks
        )

    @admin.display(description="orders read", ordering="orders_polled_at")
    def polled(self, shop: Shop) -> SafeString | str:
        if shop.orders_problem:
            return Mark("Not read", "danger", "error").__html__()
        return moment(shop.orders_polled_at)

    @admin.display(description="verified", ordering="verified_at")
    def verified(self, shop: Shop) -> str:
        return moment(shop.verified_at)

    def contents(self, request: HttpRequest, row: Shop) -> dict[str, Any]:
        now = clock.now()
        condition = condition_of(row, now)
        counted = Listing.objects.filter(shop=row, item__archived_at__isnull=True).order_by().values_list("state")
        numbers = dict(counted.annotate(Count("pk")))
        listings = reverse("admin:marketplaces_listing_changelist")
        newest = Verification.objects.filter(shop=row).first()
        return {
            "shop": row,
            "marketplace": provider_label(row.provider),
            "condition": condition,
            "mark": STATES[condition.state],
            "ready": condition.state is State.READY,
            "numbers": [
                (LISTING[state], numbers.get(state, 0), f"{listings}?state={state}&shop={row.pk}")
                for state in ListingState.values
                if numbers.get(state) or state in (ListingState.SYNCED, ListingState.FAILED)
            ],
            "budgets": budgets_of(row.connection_id, now),
            "breaker": ConnectionBreaker(row.connection_id).words(),
            "now": now,
            "verification": newest,
            "verification_mark": newest and VERIFICATION[newest.status],
            "verification_page": newest and page_of("marketplaces_verification_change", newest.pk),
            "open": Difference.objects.filter(account=row.account_id, shop=row, decision=Decision.OPEN).count(),
            "retry_at": Listing.objects.filter(shop=row, tries__gt=0).aggregate(Max("due_at"))["due_at__max"],
            "settings_page": page_of("sync_connection_change", row.connection_id),
            "orders_page": f"{page_of('marketplaces_order_changelist')}?shop={row.pk}",
            "attempts_page": f"{page_of('marketplaces_attempt_changelist')}?shop={row.pk}",
            "may_maintain": may(request, "shop.maintain"),
            "may_resume": condition.state in (State.STOPPED, State.RESTING) and may(request, "shop.maintain"),
            "may_poll": may(request, "order.import"),
            "may_verify": may(request, "verification.start"),
            "may_test": may(request, "connection.test"),
        }

    def maintenance(self, request: HttpRequest, actor: Actor, shop: Shop) -> str:
        on = request.POST.get("on") == "1"
        push.set_maintenance(actor, shop, on)
        if on:
            return f"Maintenance of {shop} has begun: nothing is sent there. Orders are still read."
        return f"Maintenance of {shop} has ended: what differs is being sent."

    def resume(self, request: HttpRequest, actor: Actor, shop: Shop) -> str:
        push.resume(actor, shop)
        return f"{shop} is tried again now."

    def poll(self, request: HttpRequest, actor: Actor, shop: Shop) -> str:
        orders.poll_now(actor, shop)
        return f"The orders of {shop} are being read."

    def verify(self, request: HttpRequest, actor: Actor, shop: Shop) -> str:
        request.verification = verify.start(actor, shop)  # type: ignore[attr-defined]
        return f"{shop} is being compared. Nothing is changed by that."

    def test(self, request: HttpRequest, actor: Actor, shop: Shop) -> str:
        found = connections.test(actor, shop.connection)
        if not found.ok:
            raise Problem(f"Test of “{shop}”: {found.finding}. {found.sentence}", hint=found.hint)
        return f"“{shop}” works. {found.sentence}"

    def after(self, request: HttpRequest, row: Shop) -> str:
        run = getattr(request, "verification", None)
        return reverse("admin:marketplaces_verification_change", args=[run.pk]) if run else self.address_of(row)
