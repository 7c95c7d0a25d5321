"""What the health page says about shops (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min, OuterRef, Subquery
from django.utils.translation import ngettext

from accounts.models import Account
from inventory import moment
from jobs import health
from jobs.health import Check, State
from marketplaces.models import Decision, Difference, Listing, ListingState, Shop, Verification, VerificationStatus
from sync.systems import SYSTEMS, values_of

LATE = timedelta(minutes=5)
UNREAD = timedelta(minutes=15)
LONG_AT_WORK = timedelta(hours=24)
LONG_AGO = timedelta(days=3)

_TROUBLED = (ListingState.FAILED, ListingState.UNKNOWN, ListingState.NEEDS_PERSON)


def register() -> None:
    """For ready()."""
    health.register(examine)


def examine(account: Account | None) -> Iterable[Check]:
    """The checks of an account that sells; for one that does not, and for None, nothing."""
    if account is None:
        return
    rows = Shop.objects.filter(account=account, connection__enabled=True).select_related("connection").order_by("pk")
    shops = [shop for shop in rows if shop.provider in SYSTEMS]
    if not shops:
        return
    now = moment.now()
    yield from _shops(shops, now)
    yield _listings(account, now)
    yield _sweep([shop for shop in shops if _open(shop, now)], now)
    yield from _orders(shops, now)
    yield _compared(account, shops, now)


def _open(shop: Shop, now: datetime) -> bool:
    rests = shop.resting_until is not None and shop.resting_until > now
    return not (shop.stopped_at or shop.maintenance_at or shop.connection.paused_at or rests)


def _shops(shops: list[Shop], now: datetime) -> Iterator[Check]:
    well = True
    for shop in shops:
        name = f"shop {shop}"
        if shop.stopped_at:
            yield Check(name, State.BAD, f"Nothing is sent: {shop.stopped_sentence} {shop.stopped_hint}".strip(), shop.stopped_at)
        elif shop.maintenance_at and now - shop.maintenance_at > LONG_AT_WORK:
            said = (
                f"{shop.maintenance_by} has been at work there since {shop.maintenance_at:%Y-%m-%d %H:%M} UTC; nothing is sent meanwhile."
            )
            yield Check(name, State.WARN, said, now)
        elif shop.resting_until and shop.resting_until > now:
            yield Check(name, State.WARN, f"It rests until {shop.resting_until:%H:%M} UTC: {shop.resting_because}", now)
        else:
            continue
        well = False
    if well:
        yield Check("shops", State.OK, "Every shop can be sent changes.", now)


def _listings(account: Account, now: datetime) -> Check:
    rows = Listing.objects.filter(account=account, state__in=_TROUBLED).order_by().values_list("state").annotate(Count("pk"))
    numbers = dict(rows)
    words = {
        ListingState.FAILED: ("%d item could not be sent", "%d items could not be sent"),
        ListingState.UNKNOWN: ("of %d it is not known yet", "of %d it is not known yet"),
        ListingState.NEEDS_PERSON: ("%d waits for a decision", "%d wait for a decision"),
    }
    said = [ngettext(one, many, numbers[state]) % numbers[state] for state, (one, many) in words.items() if numbers.get(state)]
    if said:
        sentence = ", ".join(said)
        return Check("shop items", State.WARN, f"{sentence[:1].upper()}{sentence[1:]}.", now)
    return Check("shop items", State.OK, "No item waits because of a failure.", now)


def _sweep(shops: list[Shop], now: datetime) -> Check:
    """Whether what is due is worked off: the sweep looks each minute, and the drains go on until nothing is due."""
    waiting = Listing.objects.filter(shop__in=shops, due_at__lt=now - LATE).exclude(lease_until__gt=now)
    oldest = waiting.aggregate(oldest=Min("due_at"))["oldest"]
    if oldest is not None:
        minutes = round((now - oldest).total_seconds() / 60)
        return Check("shop push", State.BAD, f"Changes have been due for {minutes} minutes and are not sent. Is the worker running?", now)
    return Check("shop push", State.OK, "What is due is sent.", now)


def _orders(shops: list[Shop], now: datetime) -> Iterator[Check]:
    well, asked = True, False
    for shop in shops:
        if shop.connection.paused_at or shop.stopped_at or not values_of(shop.connection).get("orders", True):
            continue
        asked = True
        since = shop.orders_polled_at or shop.created_at
        if shop.orders_problem:
            yield Check(f"orders of {shop}", State.BAD, f"They can't be read: {shop.orders_problem}", now)
        elif now - since > UNREAD:
            said = f"They were not read since {since:%Y-%m-%d %H:%M} UTC, so sales there are not known here."
            yield Check(f"orders of {shop}", State.BAD, said, now)
        else:
            continue
        well = False
    if well and asked:
        yield Check("shop orders", State.OK, "The orders of every shop are being read.", now)


def _compared(account: Account, shops: list[Shop], now: datetime) -> Check:
    name = "shop verify"
    waiting = Difference.objects.filter(account=account, decision=Decision.OPEN).count()
    if waiting:
        counted = ngettext("%d difference waits", "%d differences wait", waiting) % waiting
        return Check(name, State.WARN, f"{counted} for a manager to say who is right.", now)
    newest = Verification.objects.filter(shop=OuterRef("shop"), finished_at__isnull=False).order_by("-pk").values("pk")[:1]
    ended = Verification.objects.filter(shop__in=shops, pk=Subquery(newest), status=VerificationStatus.FAILED)
    failed = ended.select_related("shop__connection").first()
    if failed is not None:
        return Check(name, State.WARN, f"{failed.shop} could not be compared: {failed.message}", failed.finished_at or now)
    late = [shop for shop in shops if now - (shop.verified_at or shop.created_at) > LONG_AGO]
    if late:
        return Check(name, State.WARN, f"{', '.join(map(str, late))} was not compared for more than {LONG_AGO.days} days.", now)
    return Check(name, State.OK, "The shops have what they were told, as far as they were compared.", now)
