"""What of the marketplaces needs somebody, for the first screen."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from accounts.models import Account
from inventory.admin.waiting import Matter, also
from marketplaces import orders
from marketplaces.models import Decision, Difference, Listing, ListingState, Shop

LIVE = Q(item__archived_at__isnull=True) | ~Q(lot_id="")


def _in(state: ListingState) -> Callable[[Account], QuerySet[Listing]]:
    return lambda account: Listing.objects.filter(LIVE, account=account, state=state)


MATTERS: tuple[Matter, ...] = (
    Matter(
        "Shops stopped",
        lambda account: Shop.objects.filter(account=account, stopped_at__isnull=False, connection__enabled=True),
        "marketplaces_shop_changelist",
        "?state=stopped",
        "danger",
        "block",
        "%d shop refuses our login: nothing is sent to it.",
        "%d shops refuse our login: nothing is sent to them.",
        "See why",
    ),
    Matter(
        "Orders not read",
        lambda account: Shop.objects.filter(account=account, connection__enabled=True).exclude(orders_problem=""),
        "marketplaces_shop_changelist",
        "",
        "danger",
        "receipt_long",
        "The orders of %d shop can't be read: what it sells is not known here.",
        "The orders of %d shops can't be read: what they sell is not known here.",
        "See why",
    ),
    Matter(
        "Need a person",
        _in(ListingState.NEEDS_PERSON),
        "marketplaces_listing_changelist",
        "?state=needs_person",
        "danger",
        "front_hand",
        "%d listing needs a person: nothing more is sent of it until somebody decides.",
        "%d listings need a person: nothing more is sent of them until somebody decides.",
        "Decide",
    ),
    Matter(
        "Failing",
        _in(ListingState.FAILED),
        "marketplaces_listing_changelist",
        "?state=failed",
        "danger",
        "error",
        "%d listing fails: the shop has something else than it should.",
        "%d listings fail: the shops have something else than they should.",
        "See why",
    ),
    Matter(
        "Outcome unknown",
        _in(ListingState.UNKNOWN),
        "marketplaces_listing_changelist",
        "?state=unknown",
        "warning",
        "help",
        "Of %d listing the outcome of the last call is unknown; it is looked up at the shop.",
        "Of %d listings the outcome of the last call is unknown; they are looked up at the shops.",
        "See them",
    ),
    Matter(
        "Unmapped",
        _in(ListingState.UNMAPPED),
        "marketplaces_listing_changelist",
        "?state=unmapped",
        "warning",
        "link_off",
        "%d listing is not known in its shop's catalogue.",
        "%d listings are not known in their shop's catalogue.",
        "Map them",
    ),
    Matter(
        "Lines not matched",
        lambda account: orders.unmatched(account.pk),
        "marketplaces_order_changelist",
        "?state=unmatched",
        "warning",
        "link_off",
        "%d line of an order is not matched to an item: its stock is not lowered.",
        "%d lines of orders are not matched to items: their stock is not lowered.",
        "Match them",
    ),
    Matter(
        "Sold, not there",
        lambda account: orders.shortfalls(account.pk),
        "marketplaces_order_changelist",
        "?state=short",
        "danger",
        "production_quantity_limits",
        "%d line of an order has sold more than there was.",
        "%d lines of orders have sold more than there was.",
        "See them",
    ),
    Matter(
        "To restock?",
        lambda account: orders.restock_offers(account.pk),
        "marketplaces_order_changelist",
        "?state=restock",
        "warning",
        "assignment_return",
        "%d cancelled order: are its goods back in stock?",
        "%d cancelled orders: are their goods back in stock?",
        "Decide",
    ),
    Matter(
        "Differences",
        lambda account: Difference.objects.filter(account=account, decision=Decision.OPEN),
        "marketplaces_verification_changelist",
        "",
        "warning",
        "difference",
        "%d difference between a shop and us is to be decided.",
        "%d differences between shops and us are to be decided.",
        "Decide",
    ),
)

also("Marketplaces to look at", MATTERS, lambda account: Shop.objects.filter(account=account).exists())
