"""The drain: the one worker of a shop, which works off what is due there, most urgent first (docs/push.md)."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError
from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Now

from inventory import moment
from jobs import lease
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.provider import PROVIDERS
from marketplaces.push import shops
from marketplaces.push.line import Line
from marketplaces.push.outcome import judge
from marketplaces.push.requesting import wake
from marketplaces.push.working import work
from sync.secrets import CredentialsUnreadable
from sync.wire.errors import WireError

logger = logging.getLogger(__name__)

SLICE_SECONDS = 30.0
"""After that the drain makes room for other tasks and goes on as a new one."""
PATIENCE_SECONDS = 4.0
"""So long it waits for a retry; what is due later wakes it again."""
_BROKEN = timedelta(hours=1)
_CUT_OFF = timedelta(seconds=10)


def drain(shop_id: int) -> None:
    """Task: send what is due at the shop until nothing is. Does nothing while another drain of the shop is at work."""
    fence = lease.claim(Shop, shop_id, seconds=settings.PUSH_LEASE_SECONDS)
    if fence is None:
        return
    more = False
    try:
        with lease.hold(Shop, shop_id, fence, seconds=settings.PUSH_LEASE_SECONDS, every=settings.PUSH_LEASE_SECONDS / 4) as held:
            shop = Shop.objects.select_related("connection", "account").get(pk=shop_id)
            if shop.provider in PROVIDERS:
                more = _work_off(shop, held)
    finally:
        lease.release(Shop, shop_id, fence)
    # What was asked for while this one ended found it still at work, and did not start another.
    if more or (open_for_calls(shop_id) and ready(shop_id).exists()):
        wake([shop_id])


def open_for_calls(shop_id: int) -> bool:
    """Whether anything may be sent to the shop now."""
    return (
        Shop.objects.filter(
            Q(resting_until__isnull=True) | Q(resting_until__lte=Now()),
            pk=shop_id,
            connection__enabled=True,
            connection__paused_at__isnull=True,
            maintenance_at__isnull=True,
            stopped_at__isnull=True,
        )
    ).exists()


def waiting(shop_id: int) -> QuerySet[Listing]:
    """Listings with a due time, now or later, that no worker has."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=Now())
    return Listing.objects.filter(free, shop=shop_id, due_at__isnull=False)


def ready(shop_id: int) -> QuerySet[Listing]:
    """Those that are due, most urgent first."""
    return waiting(shop_id).filter(due_at__lte=Now()).order_by("priority", "due_at", "pk")


def _work_off(shop: Shop, held: lease.Hold) -> bool:
    """Work until nothing is due soon; whether more is left that can be sent."""
    ends = time.monotonic() + SLICE_SECONDS
    with Line(shop) as line:
        while not held.lost and open_for_calls(shop.pk):
            if time.monotonic() > ends:
                return True
            due = ready(shop.pk).values_list("pk", flat=True).first()
            if due is None:
                if not _wait(shop.pk, ends):
                    return False
            elif not _guarded(line, due):
                return False
    return False


def _wait(shop_id: int, ends: float) -> bool:
    """Sleep until the next listing is due; False when that is too long."""
    next_due: datetime | None = waiting(shop_id).aggregate(next=Min("due_at"))["next"]
    if next_due is None:
        return False
    seconds = (next_due - moment.now()).total_seconds()
    if seconds > PATIENCE_SECONDS or time.monotonic() + seconds > ends:
        return False
    time.sleep(max(seconds, 0.01))
    return True


def _guarded(line: Line, listing_id: int) -> bool:
    try:
        return work(line, listing_id)
    except (WireError, CredentialsUnreadable) as error:
        logger.warning("Listing %s: %s", listing_id, judge(error, None).ending)
        shops.stop(line.shop, error)
        return False
    except OperationalError:
        # A deadlock, or a database that is locked for long. What was sent is an attempt under way, and read back first.
        logger.exception("The push of listing %s was cut off by the database.", listing_id)
        Listing.objects.filter(pk=listing_id).update(due_at=moment.now() + _CUT_OFF, lease_until=None, worker="")
        return True
    except Exception:
        # The one place that closes a push: what breaks with one listing must not keep the others from the shop.
        logger.exception("The push of listing %s failed.", listing_id)
        Listing.objects.filter(pk=listing_id).update(
            state=ListingState.FAILED,
            due_at=moment.now() + _BROKEN,
            code="internal",
            sentence="Something went wrong in this program; the operator finds it in the log.",
            hint="It is tried again in an hour, or when you press Push now.",
            lease_until=None,
            worker="",
        )
        return True
