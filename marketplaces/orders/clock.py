"""When a shop's orders are read: by the clock, when somebody asks, and before the engine judges what it can't know otherwise."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from datetime import datetime

from django.conf import settings
from django.db.models.functions import Now

from accounts.acting import Actor
from inventory import moment
from jobs import lease
from jobs.queue import enqueue
from marketplaces.models import Shop
from marketplaces.orders.importing import read_orders
from marketplaces.orders.reading import is_due
from marketplaces.provider import PROVIDERS
from marketplaces.push import shops
from marketplaces.push.outcome import Ending, judge
from sync.secrets import CredentialsUnreadable
from sync.systems import values_of
from sync.wire.budget import forecast
from sync.wire.errors import Refused, WireError

POLL = "marketplaces.orders.clock.poll"
DAY = 43_200
"""Budgets of windows this long, in seconds, are a day's."""
PATIENCE = 15.0
"""So many seconds are waited for a reading that is under way."""


def poll_due() -> None:
    """Every minute: let a worker read the orders of each shop where that is due."""
    now = moment.now()
    for shop in Shop.objects.filter(connection__enabled=True).select_related("connection").order_by("pk"):
        if shop.provider not in PROVIDERS:
            continue
        if not _wanted(shop):
            # What is ordered meanwhile is entered by hand, and must not be booked once orders are read again.
            Shop.objects.filter(pk=shop.pk).update(orders_from=now)
        elif _possible(shop) and due(shop, now):
            enqueue(POLL, shop.pk, cluster="push")


def due(shop: Shop, now: datetime) -> bool:
    """Whether the shop's orders are to be read at `now`; one query for its budgets."""
    left = [each.left for each in forecast(shop.connection_id) if each.window_seconds >= DAY]
    return is_due(shop.orders_polled_at, shop.orders_asked_at, now, min(left, default=None))


def poll(shop_id: int) -> None:
    """Task: read the shop's orders, unless somebody is at it or has just done it."""
    with _alone(shop_id) as held:
        if held is None:
            return
        # It may have waited behind others, and another have read them meanwhile.
        shop = Shop.objects.select_related("connection").get(pk=shop_id)
        if due(shop, moment.now()):
            _read(shop_id)


def poll_now(actor: Actor, shop: Shop) -> None:
    """Let the shop's orders be read at once. Raises NotAllowed, Shop.DoesNotExist for one of another account."""
    actor.require("order.import")
    row = Shop.objects.get(pk=shop.pk, account=actor.account)
    Shop.objects.filter(pk=row.pk).update(orders_asked_at=Now())
    enqueue(POLL, row.pk, cluster="push")


def import_now(shop: Shop) -> bool:
    """Read the shop's orders here and now; whether they were read, from a list that was asked for after the call.

    True as well for a shop whose orders are not to be read. Waits a little for a reading that is under way. Not for inside a transaction.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        with _alone(shop.pk) as held:
            if held is not None:
                return _read(shop.pk)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)


def _alone(shop_id: int) -> AbstractContextManager[lease.Hold | None]:
    seconds = settings.PUSH_LEASE_SECONDS
    return lease.named(f"orders of shop {shop_id}", seconds=seconds, every=seconds / 4)


def _wanted(shop: Shop) -> bool:
    return bool(values_of(shop.connection).get("orders", True))


def _possible(shop: Shop) -> bool:
    """Whether calls may go out to the shop; while somebody works there they may, as only reading is done."""
    rests = shop.resting_until is not None and shop.resting_until > moment.now()
    off = settings.DISABLE_EXTERNAL_CALLS or not shop.connection.enabled or shop.connection.paused_at is not None
    return not (off or shop.stopped_at or rests or shop.provider not in PROVIDERS)


def _read(shop_id: int) -> bool:
    shop = Shop.objects.select_related("connection", "account").get(pk=shop_id)
    if not _possible(shop):
        return False
    if not _wanted(shop):
        return True
    Shop.objects.filter(pk=shop_id).update(orders_polled_at=moment.now())
    try:
        read_orders(shop)
    except (WireError, CredentialsUnreadable) as error:
        problem = _in_words(shop, error)
    else:
        problem = ""
    Shop.objects.filter(pk=shop_id).exclude(orders_problem=problem).update(orders_problem=problem)
    return not problem


def _in_words(shop: Shop, error: WireError | CredentialsUnreadable) -> str:
    """What is wrong and what happens next. A login that is refused stops everything that is sent to the shop."""
    if judge(error, None).ending is Ending.STOPPED:
        shops.stop(shop, error)
        following = error.hint or "Nothing is read until somebody has tested the connection well."
    elif isinstance(error, Refused):
        following = error.hint or "Mend it at the shop; it is asked again by itself."
    else:
        following = "It is tried again by itself."
    return f"Orders could not be read: {error.sentence} {following}"[:500]
