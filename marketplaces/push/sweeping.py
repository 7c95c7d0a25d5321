"""The sweep: every minute it finds what differs, whoever made it so, and wakes who has to know (docs/push.md)."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from inventory import items
from inventory.models import Item
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.push.draining import open_for_calls, ready
from marketplaces.push.requesting import due, offered_by, request, selling, wake

CAUSE = "sweep"
AT_ONCE = 2000


def sweep() -> None:
    """Every minute: levels against items, items against listings, and listings against the clock.

    Finds what no signal told of: rows changed by SQL, a lost wake-up, a worker that died. Where all is told it writes nothing.
    """
    for account_id in selling().order_by("account_id").values_list("account_id", flat=True).distinct():
        items.heal(account_id)
        if not settings.DISABLE_EXTERNAL_CALLS:
            _differing(account_id)
    for shop in selling():
        if open_for_calls(shop.pk) and ready(shop.pk).exists():
            wake([shop.pk])


def _differing(account_id: int) -> None:
    shops = list(selling(account_id))
    found = {*_unlisted(account_id, shops), *differing(shops).values_list("item_id", flat=True)[:AT_ONCE]}
    if found:
        with transaction.atomic():
            # As whoever changes items locks them before their listings.
            list(Item.objects.filter(pk__in=found).select_for_update(no_key=True).order_by("pk").values_list("pk"))
            request(found, CAUSE, account_id=account_id)


def _unlisted(account_id: int, shops: list[Shop]) -> set[int]:
    live = Item.objects.filter(account=account_id, archived_at__isnull=True).order_by()
    found: set[int] = set()
    for shop in shops:
        listed = Listing.objects.filter(shop=shop, item=OuterRef("pk"))
        found.update(live.filter(~Exists(listed)).values_list("pk", flat=True)[:AT_ONCE])
    return found


def differing(shops: list[Shop]) -> QuerySet[Listing]:
    """Listings that rest although the item, the shop's rules or the told quantity say that there is something to tell."""
    rows = Listing.objects.filter(shop__in=shops, due_at__isnull=True).alias(offered=offered_by("item__"))
    quantity = Q(state=ListingState.SYNCED) & ~Q(told_quantity=F("offered"))
    changed = Q(item__version__gt=F("item_version")) | Q(shop__rules_version__gt=F("rules_version"))
    # What the shop has refused, such as to delete the lot, is not sent again each minute.
    doubtful = Q(reread=True) & ~Q(lot_id="") & ~Q(state=ListingState.FAILED)
    return due(rows.filter(changed | quantity | doubtful)).order_by("pk")
