"""Lots of a shop become those of our items, in a few statements for every 500 (docs/verify.md)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from inventory.models import Item, ItemStatus
from marketplaces.models import Difference, DifferenceKind, Listing, Shop
from marketplaces.push import request
from marketplaces.push.assigning import Seen, assign_many, forget_lots
from marketplaces.push.requesting import make_listings
from marketplaces.verify import standing
from marketplaces.verify.keeping import of_json

Refused = dict[int, str]
"""Why a difference could not be settled, by its id."""


def adopt(shop: Shop, wanted: Mapping[int, Difference], *, cause: str, correlation: uuid.UUID) -> Refused:
    """Let each of these items have the lot of its difference, as it was when the shop was compared; those that could not, and why.

    In the caller's transaction. Afterwards the shop is told what the item has otherwise than its lot.
    """
    ids = sorted(wanted)
    make_listings(shop.account_id, [shop], ids)
    listings = standing.locked(shop.pk, ids)
    refused = _refused(shop, wanted, listings)
    hidden = set(Item.objects.filter(pk__in=ids, status=ItemStatus.RESERVED).values_list("pk", flat=True))
    taken = [(item, difference) for item, difference in wanted.items() if difference.pk not in refused]
    forget_lots([listings[item] for item, _ in taken if listings[item].lot_id])
    by_time: dict[datetime, list[Seen]] = {}
    for item, difference in taken:
        seen = Seen(listings[item], of_json(difference.lot), hides=item in hidden)
        by_time.setdefault(read_at(difference), []).append(seen)
    for at, found in by_time.items():
        assign_many(found, at=at)
    request([item for item, _ in taken], cause, account_id=shop.account_id, correlation=correlation)
    return refused


def read_at(difference: Difference) -> datetime:
    """When the shop showed what the difference is about."""
    at = difference.verification.read_at
    assert at is not None, "differences are only written by a comparison that has read"
    return at


def _refused(shop: Shop, wanted: Mapping[int, Difference], listings: Mapping[int, Listing]) -> Refused:
    pks = [row.pk for row in listings.values()]
    busy = standing.busy(pks)
    missing = _missing(shop, list(wanted))
    owners = _owners(shop, [difference.lot_id for difference in wanted.values()])
    refused: Refused = {}
    for item, difference in wanted.items():
        row = listings.get(item)
        if row is None:
            refused[difference.pk] = "The item is archived. Take it out of the archive first."
        elif row.kept_off:
            refused[difference.pk] = "The item is kept off this shop. Let it be offered there first."
        elif row.pk in busy:
            refused[difference.pk] = standing.BUSY
        elif row.lot_id not in ("", difference.lot_id) and row.lot_id != missing.get(item):
            refused[difference.pk] = f"The item has another lot at this shop already: {row.lot_id}."
        elif owners.get(difference.lot_id, item) != item:
            refused[difference.pk] = "The lot has become another item's meanwhile."
        elif row.lot_id == difference.lot_id:
            refused[difference.pk] = "The lot has become this item's meanwhile."
    return refused


def _missing(shop: Shop, items: Sequence[int]) -> dict[int, str]:
    """Lots that the newest comparison did not find, by item: another one may take their place."""
    newest = shop.verifications.filter(status="succeeded").order_by("-pk").values("pk")[:1]
    found = Difference.objects.filter(verification__in=newest, kind=DifferenceKind.MISSING, item__in=items)
    return dict(found.values_list("item_id", "lot_id"))


def _owners(shop: Shop, lot_ids: Sequence[str]) -> dict[str, int]:
    """Whose the lots are now."""
    live = Listing.objects.filter(shop=shop, lot_id__in=lot_ids).values_list("lot_id", "item_id")
    retiring = Listing.objects.filter(shop=shop, retiring_lot_id__in=lot_ids).values_list("retiring_lot_id", "item_id")
    return {**dict(retiring), **dict(live)}
