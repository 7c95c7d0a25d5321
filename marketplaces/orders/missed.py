"""Orders were not read for a time: which lots of the shop may have another number than it was told (docs/orders.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from inventory import moment
from marketplaces.models import OPEN_STATES, Attempt, Listing, Shop
from marketplaces.provider import Remote
from marketplaces.push.spending import VERIFYING
from marketplaces.push.told import pieces_of
from sync.wire.errors import WireError

AT_ONCE = 500


class _Told(NamedTuple):
    """What a lot counted as having, and the lease under which that was last changed."""

    lot_id: str
    quantity: int
    fence: int


def doubt(shop: Shop, remote: Remote) -> None:
    """Let the shop's lots be read before their numbers are next moved, but for those that its list shows with just what they were told.

    One call; where it fails, all of them are in doubt. A lot of which something was sent meanwhile is. Read the orders afterwards: those
    from before the call are in what it showed. Safe to repeat.
    """
    before, at = _resting(shop), moment.now()
    try:
        shown = {lot.lot_id: pieces_of(lot) for lot in remote.lots(VERIFYING)}
    except WireError:
        shown = {}
    agreeing = {pk: told for pk, told in before.items() if shown.get(told.lot_id) == told.quantity}
    ids = list(_lots(shop).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        _note(ids[start : start + AT_ONCE], agreeing, at)


def _lots(shop: Shop) -> QuerySet[Listing]:
    return Listing.objects.filter(shop=shop).exclude(lot_id="")


def _resting(shop: Shop) -> dict[int, _Told]:
    """Listings that no push is at, and whose last call had a known outcome."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=Now())
    sent = Attempt.objects.filter(listing=OuterRef("pk"), state__in=OPEN_STATES)
    rows = _lots(shop).filter(free, ~Exists(sent)).order_by()
    return _told(rows)


def _told(rows: QuerySet[Listing]) -> dict[int, _Told]:
    values = rows.values_list("pk", "lot_id", "told_quantity", "fence")
    return {pk: _Told(lot_id, quantity, fence) for pk, lot_id, quantity, fence in values}


@transaction.atomic
def _note(ids: list[int], agreeing: Mapping[int, _Told], at: datetime) -> None:
    rows = Listing.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    found = _told(rows)
    # Another fence: a push has had it since, and may have moved its number before or after the list was made.
    sure = [pk for pk, told in found.items() if agreeing.get(pk) == told]
    Listing.objects.filter(pk__in=sure).update(reread=False, assigned_at=at)
    Listing.objects.filter(pk__in=found.keys() - set(sure)).exclude(lot_id="").update(reread=True)
