"""Ours is right: the shop's orders are read, then what it has counts as told, and the push sends the difference (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import Problem
from inventory import moment
from inventory.models import Item, ItemStatus
from marketplaces import orders
from marketplaces.lots import RemoteLot
from marketplaces.models import Decision, Difference, DifferenceKind, Shop
from marketplaces.provider import Remote, provider_of
from marketplaces.push import request
from marketplaces.push.assigning import Seen, assign_many, forget_lots
from marketplaces.push.batching import SetsMany, set_quantities
from marketplaces.push.spending import SETTLING, VERIFYING
from marketplaces.verify import standing
from marketplaces.verify.compare import QUANTITY
from sync.choosing import usable

CAUSE = "repair"
CHUNK = 500
ONE_BY_ONE = 20
"""More lots than that are read by one call for the whole list."""
ROUNDS = 3
"""What is sold or sent while it is read is read again, this often; then at the next minute."""


def repair(shop: Shop) -> int:
    """Carry out the repairs that were decided for the shop; how many. What could not be read is left for the next minute.

    Orders are read before the lots and after: a piece sold between the two calls would else be put on sale again.
    """
    done = 0
    for _ in range(ROUNDS):
        rows = list(_pending(shop))
        if not rows or not orders.import_now(shop):
            return done
        at = moment.now()
        try:
            usable(shop.connection)
            with provider_of(shop).open(shop) as remote:
                lots = _read(remote, {row.lot_id for row in rows})
        except Problem:
            # Health and the listings say what is wrong with the shop.
            return done
        if not orders.import_now(shop):
            return done
        for start in range(0, len(rows), CHUNK):
            done += _chunk(shop, rows[start : start + CHUNK], lots, at)
        if len(rows) > ONE_BY_ONE:
            _set_many(shop, [row.listing_id for row in rows if row.listing_id is not None and QUANTITY in row.fields])
    return done


def _set_many(shop: Shop, listings: Collection[int]) -> None:
    """Where the shop takes many quantities in one call, they are set so; the push would move them one by one."""
    try:
        with provider_of(shop).open(shop) as remote:
            if isinstance(remote, SetsMany):
                set_quantities(shop, remote, listings, SETTLING)
    except Problem:
        # Nothing is lost: the push is due for all of them.
        return


def _pending(shop: Shop) -> QuerySet[Difference]:
    rows = Difference.objects.filter(shop=shop, decision=Decision.REPAIRED, outcome="", listing__isnull=False)
    return rows.select_related("verification").order_by("pk")


def _read(remote: Remote, wanted: set[str]) -> dict[str, RemoteLot]:
    """Those of the wanted lots that the shop has."""
    if len(wanted) > ONE_BY_ONE:
        return {lot.lot_id: lot for lot in remote.lots(VERIFYING) if lot.lot_id in wanted}
    found = (remote.read(lot_id, SETTLING) for lot_id in sorted(wanted))
    return {lot.lot_id: lot for lot in found if lot is not None}


@transaction.atomic
def _chunk(shop: Shop, rows: Sequence[Difference], lots: Mapping[str, RemoteLot], at: datetime) -> int:
    ids = sorted({row.item_id for row in rows if row.item_id is not None})
    listings = standing.locked(shop.pk, ids)
    pks = [row.pk for row in listings.values()]
    waits = standing.busy(pks) | standing.moved(pks, at)
    hidden = set(Item.objects.filter(pk__in=ids, status=ItemStatus.RESERVED).values_list("pk", flat=True))
    seen, lost, ends = [], [], dict[str, list[int]]()
    for row in rows:
        listing = listings.get(row.item_id) if row.item_id is not None else None
        lot = lots.get(row.lot_id)
        if listing is None or listing.lot_id != row.lot_id:
            ends.setdefault(_CHANGED, []).append(row.pk)
        elif listing.pk in waits:
            continue
        elif lot is not None:
            seen.append(Seen(listing, lot, hides=row.item_id in hidden))
            ends.setdefault(_TOLD, []).append(row.pk)
        elif row.kind == DifferenceKind.MISSING:
            lost.append(listing)
            ends.setdefault(_AGAIN, []).append(row.pk)
        else:
            ends.setdefault(_GONE, []).append(row.pk)
    assign_many(seen, at=at)
    forget_lots(lost)
    told = [each.listing.item_id for each in seen] + [listing.item_id for listing in lost]
    request(told, CAUSE, account_id=shop.account_id, correlation=rows[0].verification.correlation)
    for outcome, found in ends.items():
        gone = {"decision": Decision.GONE} if outcome in (_CHANGED, _GONE) else {}
        Difference.objects.filter(pk__in=found).update(outcome=outcome, **gone)
    return sum(map(len, ends.values()))


_TOLD = "The lot was read, and the shop is told what differs."
_AGAIN = "It is still missing; the shop is told to make it."
_GONE = "The shop has no such lot any more. Compare again."
_CHANGED = "The item has another lot at this shop now. Compare again."
