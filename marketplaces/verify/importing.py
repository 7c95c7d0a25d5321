"""Unknown lots of a shop become new items of ours, in a few statements for every 500 (docs/verify.md)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import in_one_line
from inventory.items import fields as entered
from inventory.items.editing import new_item
from inventory.items.work import working
from inventory.models import Item, ItemChangeKind
from marketplaces.errors import NotDecidable
from marketplaces.lots import RemoteLot
from marketplaces.models import Difference, Listing, Lot, Shop
from marketplaces.verify.adopting import Refused, adopt
from marketplaces.verify.keeping import of_json
from marketplaces.verify.reversing import fields_of, untranslated


def import_items(
    actor: Actor, shop: Shop, rows: Sequence[Difference], *, cause: str, correlation: uuid.UUID
) -> tuple[dict[int, Item], Refused]:
    """An item for each of these lots, which becomes its lot: the items by difference, and of those that could not be, why.

    In the caller's transaction, so that nobody lists the new items before they have their lots. Raises NotDecidable when somebody else is
    settling one of them at this moment.
    """
    refused = _known(shop, rows)
    made: dict[int, Item] = {}
    with working(actor, cause=cause, correlation=correlation) as work:
        for row in rows:
            lot = of_json(row.lot)
            why = refused.get(row.pk) or untranslated(lot)
            if not why:
                item, why = _item(actor, lot)
            if why:
                refused[row.pk] = why
                continue
            work.note(item, ItemChangeKind.CREATE, reason=f"Lot {row.lot_id} of {shop}"[:300])
            made[row.pk] = item
    wanted = {made[row.pk].pk: row for row in rows if row.pk in made}
    without_lot = adopt(shop, wanted, cause=cause, correlation=correlation)
    for sentence in without_lot.values():
        # An item without its lot would be listed a second time: all of it is taken back.
        raise NotDecidable(sentence)
    return made, refused


def _item(actor: Actor, lot: RemoteLot) -> tuple[Item, str]:
    try:
        return new_item(actor, entered.read(fields_of(lot))), ""
    except ValidationError as error:
        return Item(), in_one_line(error)


def _known(shop: Shop, rows: Sequence[Difference]) -> Refused:
    """Those that have become somebody's since."""
    ids = [row.lot_id for row in rows]
    owned = {
        *Listing.objects.filter(shop=shop, lot_id__in=ids).values_list("lot_id", flat=True),
        *Lot.objects.filter(shop=shop, lot_id__in=ids, gone_at__isnull=True).values_list("lot_id", flat=True),
    }
    return {row.pk: "The lot has become an item's meanwhile." for row in rows if row.lot_id in owned}
