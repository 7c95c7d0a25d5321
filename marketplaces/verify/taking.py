"""The shop's is right: what it shows of a lot becomes the item's (docs/verify.md)."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from accounts.acting import Actor
from inventory import items
from inventory.errors import FollowsStock
from inventory.models import Item
from marketplaces.errors import NotDecidable
from marketplaces.models import Difference, DifferenceKind, Listing, Lot, Shop
from marketplaces.push import keep_off, request
from marketplaces.push.assigning import Seen, assign_many, forget_lots
from marketplaces.verify import standing
from marketplaces.verify.adopting import read_at
from marketplaces.verify.compare import QUANTITY
from marketplaces.verify.keeping import of_json
from marketplaces.verify.reversing import taken

CAUSE = "verify"


def take(actor: Actor, shop: Shop, row: Difference, *, fields: Collection[str] | None, correlation: uuid.UUID) -> str:
    """Let the item be as the shop has it, in these fields or all that differ; what it did. In the caller's transaction.

    Its quantity moves by the difference: so what was sold and counted here meanwhile still counts. What is not taken is told to the shop.
    Raises NotDecidable, FollowsStock for the quantity of a linked item, and what items.edit raises.
    """
    item, listing = _locked(row)
    if row.kind == DifferenceKind.MISSING:
        return _archived(actor, row, item, listing, correlation)
    if listing.lot_id != row.lot_id or listing.pk in standing.moved([listing.pk], read_at(row)):
        raise NotDecidable(standing.MOVED)
    names = set(row.fields) if fields is None else set(fields) & set(row.fields)
    if not names:
        raise NotDecidable(f"None of the fields differs that are to be taken. There are: {', '.join(sorted(row.fields))}.")
    lot = of_json(row.lot)
    if QUANTITY in names and item.linked:
        raise FollowsStock(
            f"The quantity of {item} follows the stock of {item.product}, so the shop's can't be taken.",
            hint="Say that ours is right, or correct the stock first.",
        )
    values = taken(names, lot)
    reason = f"{shop} is right"
    if values:
        items.edit(actor, item, reason=reason, cause=CAUSE, correlation=correlation, **values)
    if QUANTITY in names:
        ours, theirs = row.fields[QUANTITY]
        items.adjust(actor, item, theirs - ours, reason, correlation=correlation)
    assign_many([Seen(listing, lot)], at=read_at(row))
    request([item.pk], CAUSE, account_id=shop.account_id, correlation=correlation)
    return f"The item got the shop's {', '.join(sorted(names))}."


def _archived(actor: Actor, row: Difference, item: Item, listing: Listing, correlation: uuid.UUID) -> str:
    forget(row, listing)
    items.archive(actor, item, reason="Its lot was deleted at the shop.", correlation=correlation)
    return "The item is archived."


def off(actor: Actor, shop: Shop, row: Difference, *, correlation: uuid.UUID) -> str:
    """Its lot was deleted at the shop, and it is not offered there any more. In the caller's transaction. Raises NotDecidable."""
    item, listing = _locked(row)
    forget(row, listing)
    keep_off(actor, item, shop, True)
    return "The item is kept off this shop."


def forget(row: Difference, listing: Listing) -> None:
    """The listing's lot is gone. Raises NotDecidable when it has moved since."""
    if listing.lot_id != row.lot_id or listing.pk in standing.moved([listing.pk], read_at(row)):
        raise NotDecidable(standing.MOVED)
    forget_lots([listing])


def remove(row: Difference, shop: Shop, *, correlation: uuid.UUID) -> str:
    """Have the push delete a second lot of ours. In the caller's transaction. Raises NotDecidable."""
    item, listing = _locked(row)
    if not Lot.objects.filter(shop=shop, lot_id=row.lot_id).exists():
        raise NotDecidable("This lot was neither made nor adopted by us, so it is not deleted from here.", hint="Delete it at the shop.")
    if listing.lot_id == row.lot_id:
        raise NotDecidable("It is the item's only lot now.", hint="Archive the item, or keep it off the shop.")
    if listing.retiring_lot_id not in ("", row.lot_id):
        raise NotDecidable("Another lot of the item is just being deleted. Try again when that is done.")
    Listing.objects.filter(pk=listing.pk).update(retiring_lot_id=row.lot_id)
    request([item.pk], CAUSE, account_id=shop.account_id, correlation=correlation)
    return f"Lot {row.lot_id} is being deleted at the shop."


def _locked(row: Difference) -> tuple[Item, Listing]:
    """Item and listing, locked in this order. Raises NotDecidable while a push has the listing."""
    assert row.item_id is not None, "only lots without an item have none"
    item = Item.objects.select_for_update(of=("self",)).select_related("product").get(pk=row.item_id)
    listing = standing.locked(row.shop_id, [item.pk]).get(item.pk)
    if listing is None:
        raise NotDecidable("The item is not listed at this shop any more.")
    if standing.busy([listing.pk]):
        raise NotDecidable(standing.BUSY)
    return item, listing
