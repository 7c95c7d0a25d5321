"""Whether a listing may be written to now, and whether it is still what a comparison saw (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now

from marketplaces.models import OPEN_STATES, Attempt, Listing, OrderLine

BUSY = "It is being sent to the shop at this moment. Try again when that is done."
MOVED = "It has moved since the shop was compared: something was sent or sold. Compare again."


def locked(shop_id: int, item_ids: Collection[int]) -> dict[int, Listing]:
    """The shop's listings of these items, by item, locked in the order of their ids."""
    rows = Listing.objects.filter(shop=shop_id, item__in=item_ids).select_for_update(of=("self",)).order_by("pk")
    return {row.item_id: row for row in rows}


def busy(listing_ids: Collection[int]) -> set[int]:
    """Those that a push holds, or whose last call has an unknown outcome."""
    held = Listing.objects.filter(pk__in=listing_ids, lease_until__gt=Now()).values_list("pk", flat=True)
    sent = Attempt.objects.filter(listing__in=listing_ids, state__in=OPEN_STATES).values_list("listing_id", flat=True)
    return {*held, *sent}


def moved(listing_ids: Collection[int], since: datetime) -> set[int]:
    """Those of which something was sent, read back or sold since."""
    sent = Attempt.objects.filter(Q(ended_at__gte=since), listing__in=listing_ids).values_list("listing_id", flat=True)
    read = Listing.objects.filter(pk__in=listing_ids, assigned_at__gt=since).values_list("pk", flat=True)
    sold = OrderLine.objects.filter(listing__in=listing_ids, order__updated_at__gte=since).values_list("listing_id", flat=True)
    return {*sent, *read, *filter(None, sold)}
