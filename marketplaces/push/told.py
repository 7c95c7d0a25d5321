"""The told quantity: moved by what is sent and by what a shop has sold, assigned only from what a shop was seen to have (docs/push.md)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from marketplaces.lots import RemoteLot
from marketplaces.models import Listing, ListingState, Lot, LotOrigin, OrderLine
from marketplaces.push.plan import Told
from marketplaces.push.words import NONE

CLOCKS = timedelta(minutes=2)
"""By how much a shop's clock may differ from ours."""
MOST = 2**31 - 1
"""What the databases' whole numbers hold."""


def told_of(listing: Listing) -> Told:
    """What the listing's shop has been told."""
    return Told(
        lot_id=listing.lot_id,
        retiring=listing.retiring_lot_id,
        quantity=listing.told_quantity,
        identity=listing.told.get("identity"),
        fields=listing.told.get("fields", {}),
        reread=listing.reread,
    )


def lower_told(listing_id: int, pieces: int, ordered_at: datetime) -> int:
    """The shop has sold `pieces` of the listing's present lot, ordered at `ordered_at`: by how many its told quantity was lowered.

    An order from before the quantity was last read is in what was read. Where the clocks don't tell which came first, nothing is lowered
    and the lot is read again before its quantity is changed: meanwhile too little may be offered there, never too much. Call it in the
    transaction that books the order. Raises DoesNotExist.
    """
    row = Listing.objects.select_for_update().get(pk=listing_id)
    if row.assigned_at is not None and ordered_at <= row.assigned_at + CLOCKS:
        if ordered_at >= row.assigned_at - CLOCKS:
            Listing.objects.filter(pk=row.pk).update(reread=True)
        return 0
    lowered = min(pieces, row.told_quantity)
    # More than it was told of: of a call that is under way, say. What is left there is read before the next difference is sent.
    changes: dict[str, Any] = {"reread": True} if lowered < pieces and row.lot_id else {}
    if row.code == "lot_vanished" and lowered == row.told_quantity:
        # Sold out, and not deleted by somebody: this explains it.
        changes |= {"state": ListingState.SYNCING, "due_at": Now(), **NONE.columns()}
    Listing.objects.filter(pk=row.pk).update(told_quantity=F("told_quantity") - lowered, **changes)
    return lowered


def doubt(listing_id: int) -> None:
    """Let the lot be read before its quantity is next changed: the shop may have put pieces back by itself."""
    Listing.objects.filter(pk=listing_id).exclude(lot_id="").update(reread=True)


def sold_since(listing_ids: Collection[int], since: datetime) -> set[int]:
    """Those of these listings of which an order was booked since then: it may be from before a lot was read at that time, or from after."""
    lines = OrderLine.objects.filter(listing__in=listing_ids, order__updated_at__gte=since)
    return set(filter(None, lines.values_list("listing_id", flat=True)))


def own(listing: Listing, lot_id: str, origin: LotOrigin, since: datetime) -> None:
    """Note that a lot is ours and belongs to this listing."""
    Lot.objects.update_or_create(
        shop_id=listing.shop_id,
        lot_id=lot_id,
        defaults={"listing": listing, "gone_at": None},
        create_defaults={"account_id": listing.account_id, "listing": listing, "gone_at": None, "origin": origin, "since": since},
    )


def pieces_of(lot: RemoteLot) -> int:
    """What a lot was seen to have, as far as it can be kept: below zero is none, and a site may show more than anybody has."""
    return min(max(lot.quantity, 0), MOST)


def seen(lot: RemoteLot | None, at: datetime) -> dict[str, Any]:
    """The columns that keep how a shop last showed a lot; none where it was not shown."""
    if lot is None:
        return {}
    shown = {"fields": dict(lot.fields), "identity": dict(lot.identity), "name": lot.name, "url": lot.url}
    return {"seen_quantity": pieces_of(lot), "seen": shown, "seen_at": at}
