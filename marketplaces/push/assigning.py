"""The told quantity of many listings at once, assigned from what a shop was seen to have: for repairs and adoptions (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Now

from marketplaces.lots import RemoteLot
from marketplaces.models import Listing, ListingState, Lot, LotOrigin
from marketplaces.push.attempts import without_lot
from marketplaces.push.told import pieces_of, seen

BATCH = 500
_FRESH: dict[str, Any] = {"state": ListingState.SYNCING, "code": "", "sentence": "", "hint": "", "tries": 0}


@dataclass(frozen=True)
class Seen:
    """A listing, its row locked by the caller, and the lot that its shop was seen to have for it. `hides`: the item is to be hidden."""

    listing: Listing
    lot: RemoteLot
    hides: bool = False


def assign_many(found: Sequence[Seen], *, at: datetime, origin: LotOrigin = LotOrigin.ADOPTED) -> None:
    """A shop was seen to have these lots when it was asked at `at`: that counts as told from now on. A few statements for every 500.

    Orders from before `at` are in it, and `lower_told` lowers nothing for them. None may be held by a push, nor have an open attempt.

    That a lot is hidden counts as told only where we hide it: what its seller hides is not ours to show again. Whatever a listing waited
    for is over. Call it in a transaction, and `request` after it.
    """
    columns: set[str] = set()
    rows, lots = [], []
    for each in found:
        changes = _columns(each, at)
        columns |= changes.keys()
        for name, value in changes.items():
            setattr(each.listing, name, value)
        rows.append(each.listing)
        lots.append(
            Lot(
                account_id=each.listing.account_id,
                shop_id=each.listing.shop_id,
                lot_id=each.lot.lot_id,
                listing=each.listing,
                origin=origin,
                since=at,
                gone_at=None,
            )
        )
    if not rows:
        return
    made = {row.pk: row.created_at for row in rows}
    # bulk_update takes several times as long; the rows are there, as they are locked.
    Listing.objects.bulk_create(rows, BATCH, update_conflicts=True, update_fields=sorted(columns), unique_fields=["id"])
    for row in rows:
        row.created_at = made[row.pk]
    Lot.objects.bulk_create(lots, BATCH, update_conflicts=True, update_fields=["listing", "gone_at"], unique_fields=["shop", "lot_id"])


def forget_lots(listings: Sequence[Listing]) -> None:
    """Their lots are not at the shop any more, and nobody waits for them: where there is something to sell, new ones are made.

    Otherwise as `assign_many`. Two statements.
    """
    gone = Lot.objects.filter(listing__in=[row.pk for row in listings], gone_at__isnull=True)
    gone.filter(lot_id__in=[row.lot_id for row in listings]).update(gone_at=Now())
    Listing.objects.filter(pk__in=[row.pk for row in listings]).update(**without_lot(), **_FRESH)


def _columns(each: Seen, at: datetime) -> dict[str, Any]:
    fields = dict(each.lot.fields)
    if fields.get("hidden") is True and not (each.hides or each.listing.told.get("fields", {}).get("hidden") is True):
        del fields["hidden"]
    return {
        "lot_id": each.lot.lot_id,
        "told_quantity": pieces_of(each.lot),
        "told": {"identity": dict(each.lot.identity), "fields": fields},
        "told_price": fields.get("price"),
        "assigned_at": at,
        "reread": False,
        **_FRESH,
        **seen(each.lot, at),
    }
