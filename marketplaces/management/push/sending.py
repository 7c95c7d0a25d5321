"""`manage.py push`: sends what differs here and now, or shows it."""

from __future__ import annotations

import time
from typing import Any

from django.db.models import Count, Q

from accounts.acting import Actor
from inventory.models import Item
from marketplaces import push
from marketplaces.management.push.choosing import listings
from marketplaces.management.push.exits import CLEAN, FOUND
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.push.draining import ready

POLL_SECONDS = 0.5
LONGEST_WAIT = 3600.0
SHOWN = 200
TROUBLED = (ListingState.FAILED, ListingState.UNKNOWN, ListingState.NEEDS_PERSON, ListingState.UNMAPPED, ListingState.WAITING)


def retry(actor: Actor, shops: list[Shop], item: Item | None) -> int:
    """Let what has failed be tried again; how many."""
    failed = listings(shops, item).filter(Q(state__in=TROUBLED) | Q(tries__gt=0))
    return push.push_now(actor, failed)


def send(shops: list[Shop], item: Item | None, *, wait: bool) -> int:
    """Send what is due; with `wait`, until nothing is under way any more. The exit code: whether something is left."""
    push.sweep()
    until = time.monotonic() + (LONGEST_WAIT if wait else 0)
    while True:
        for shop in shops:
            push.drain(shop.pk)
        rows = listings(shops, item)
        under_way = rows.filter(state__in=(ListingState.SYNCING, ListingState.UNKNOWN), due_at__isnull=False)
        can_go = [shop for shop in shops if ready(shop.pk).exists()]
        if not under_way.exists() or time.monotonic() >= until or not (can_go or wait):
            break
        time.sleep(POLL_SECONDS)
    return FOUND if rows.filter(Q(state__in=TROUBLED) | Q(state=ListingState.SYNCING)).exists() else CLEAN


def summary(shops: list[Shop], item: Item | None) -> list[dict[str, Any]]:
    """How each shop stands: listings by state, and the first that are not well, with the reason."""
    found = []
    for shop in Shop.objects.filter(pk__in=[shop.pk for shop in shops]).select_related("connection").order_by("pk"):
        rows = listings([shop], item)
        states = dict(rows.order_by().values_list("state").annotate(Count("pk")))
        troubled = rows.filter(state__in=TROUBLED).select_related("item").order_by("pk")[:SHOWN]
        found.append(
            {
                "shop": str(shop),
                "stopped": shop.stopped_sentence,
                "maintenance": shop.maintenance_at is not None,
                "listings": {str(state): number for state, number in sorted(states.items())},
                "troubled": [_trouble(row) for row in troubled],
            }
        )
    return found


def _trouble(row: Listing) -> dict[str, Any]:
    return {
        "item": str(row.item),
        "token": row.item.token,
        "state": row.state,
        "code": row.code,
        "sentence": row.sentence,
        "hint": row.hint,
    }


def preview(actor: Actor, shops: list[Shop], item: Item | None) -> list[dict[str, Any]]:
    """What would be sent next for the item, or for the first items that differ. Sends nothing."""
    differing = push.differing(shops).values_list("item_id", flat=True)
    due = Listing.objects.filter(shop__in=shops, due_at__isnull=False).order_by("pk").values_list("item_id", flat=True)
    ids = [item.pk] if item is not None else sorted({*differing[:SHOWN], *due[:SHOWN]})[:SHOWN]
    wanted = {shop.pk for shop in shops}
    found = []
    for row in Item.objects.filter(pk__in=ids).order_by("pk"):
        for each in push.preview(actor, row):
            if each.shop.pk in wanted and each.operation != "nothing":
                found.append(
                    {
                        "item": str(row),
                        "token": row.token,
                        "shop": str(each.shop),
                        "operation": each.operation,
                        "lot": each.lot_id,
                        "quantity": [each.told_quantity, each.quantity],
                        "fields": dict(each.fields),
                        "sentence": each.sentence,
                        "hint": each.hint,
                    }
                )
    return found
