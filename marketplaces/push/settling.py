"""Unknown outcomes and doubtful quantities, settled by reading what the shop has (docs/push.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from inventory import moment
from marketplaces import orders
from marketplaces.lots import RemoteLot
from marketplaces.models import Attempt, AttemptState, Listing, ListingState, Lot, Operation, Shop
from marketplaces.push import attempts, settle
from marketplaces.push.attempts import wanted_of
from marketplaces.push.held import Held, View, shortened
from marketplaces.push.line import Line
from marketplaces.push.settle import UNCLEAR_PAUSES, Finding
from marketplaces.push.spending import SETTLING
from marketplaces.push.told import pieces_of, seen, sold_since
from marketplaces.push.words import Words
from sync.wire.caller import Spending

AFTER_ORDERS = 30
"""Seconds until another try when orders could not be read, which must come first."""


def settled(line: Line, held: Held, view: View, attempt: Attempt) -> bool:
    """Find out what became of an attempt whose outcome is open; whether the listing can be worked on. Raises WireError, Lost."""
    if attempt.state == AttemptState.IN_FLIGHT:
        attempts.unknown(held, attempt, Words("worker_lost", "The worker ended while the shop was being told."))
    if attempt.operation == Operation.CREATE:
        return _create(line, held, view, attempt)
    if attempt.operation == Operation.UPDATE and attempt.difference and not attempt.absolute:
        return _movement(line, held, view, attempt)
    if attempt.operation == Operation.DELETE and _wanted_again(view, attempt) and line.remote.read(attempt.lot_id, SETTLING) is None:
        attempts.deleted(held, attempt)
        return True
    # To do it twice does no harm, so whether it was done need not be known.
    words = Words("repeated", "Its outcome is not known; it is sent again where it is still wanted.")
    attempts.close(held, attempt, AttemptState.FAILED, words, **_doubted(view, attempt))
    return True


def _wanted_again(view: View, attempt: Attempt) -> bool:
    """Whether the lot that was to be deleted is to be offered now."""
    return attempt.lot_id == view.told.lot_id and not view.gone and view.item.offered > 0


def _doubted(view: View, attempt: Attempt) -> dict[str, Any]:
    """The columns that say of what a change was to set that it is not known: whatever is wanted of it now is sent."""
    sent = attempt.sent.get("fields", {})
    if attempt.operation != Operation.UPDATE:
        return {}
    # A quantity that is not to be set again has to be read.
    doubted: dict[str, Any] = {"reread": True} if attempt.absolute and view.item.offered else {}
    if sent:
        doubted["told"] = {"identity": view.told.identity, "fields": {**view.told.fields, **dict.fromkeys(sent)}}
    return doubted | ({"told_price": None} if "price" in sent else {})


def _create(line: Line, held: Held, view: View, attempt: Attempt) -> bool:
    pauses = line.provider.settle_pauses
    if _early(held, attempt, attempt.started_at + _pause(pauses[min(len(attempt.readings), len(pauses) - 1)])):
        return False
    wanted = wanted_of(attempt)
    found = line.remote.find(wanted, view.item.token, attempt.started_at, SETTLING)
    known = set(Lot.objects.filter(shop=view.shop, lot_id__in=[lot.lot_id for lot in found]).values_list("lot_id", flat=True))
    candidates = [lot for lot in found if lot.lot_id not in known]
    readings = _noted(attempt, [lot.lot_id for lot in candidates])
    empty = _empty_in_a_row(readings)
    finding = settle.created(len(candidates), empty, pauses)
    if finding is Finding.DONE:
        attempts.found_created(held, attempt, candidates[0])
        return True
    if finding is Finding.NOT_DONE:
        attempts.close(held, attempt, AttemptState.FAILED, Words("not_done", "The shop has no such lot: it was not made."))
        return True
    if finding is Finding.SEVERAL:
        _person(
            held,
            "several_lots",
            f"The shop has {len(candidates)} lots that could be this item: {', '.join(lot.lot_id for lot in candidates[:5])}.",
            "Choose which one it is; the others stay as they are.",
        )
        return False
    held.wait(
        ListingState.UNKNOWN,
        attempt.started_at + _pause(pauses[min(len(readings), len(pauses) - 1)]),
        Words("looking", "It is not known whether the shop has made the lot; it is looked for again."),
    )
    return False


def _movement(line: Line, held: Held, view: View, attempt: Attempt) -> bool:
    if not _orders_read(held, view):
        return False
    before = _told(view.listing.pk)
    at = moment.now()
    lot = line.remote.read(view.listing.lot_id, SETTLING)
    if lot is None:
        attempts.close(held, attempt, AttemptState.FAILED, Words("not_there", "The lot is not there any more."))
        return vanished(held, view)
    if not _orders_read(held, view):
        return False
    told = _told(view.listing.pk)
    readings = _noted(attempt, [lot.quantity])
    finding = settle.moved(lot.quantity, told, attempt.difference, moved_meanwhile=told != before, readings=len(readings))
    if finding is Finding.DONE:
        attempts.updated(held, attempt, lot)
        return True
    if finding is Finding.NOT_DONE:
        attempts.close(held, attempt, AttemptState.FAILED, Words("not_done", "The shop had not done it."), **seen(lot, at))
        return True
    if finding is Finding.AGAIN:
        held.wait(
            ListingState.UNKNOWN,
            at + _pause(UNCLEAR_PAUSES[len(readings) - 1]),
            Words("looking", f"It is not clear yet whether the shop took {attempt.difference:+}; the lot is read again."),
        )
        return False
    held.write(**seen(lot, at))
    _person(
        held,
        "unclear",
        f"The shop has {lot.quantity}. We had told it {told} and then {attempt.difference:+}, and no order explains the difference.",
        "Say whose number is right.",
    )
    return False


def reread(line: Line, held: Held, view: View, spending: Spending) -> bool:
    """Take what the shop has now as what it was told, its orders read afterwards; whether the listing can be worked on.

    Raises WireError, Lost.
    """
    at = moment.now()
    lot = line.remote.read(view.listing.lot_id, spending)
    if lot is None:
        return vanished(held, view)
    # Not before: what was sold between the two would be in what was read and not known here, and the difference put it back on sale.
    if not _orders_read(held, view):
        return False
    take(held, lot, at, doubtful=bool(sold_since([view.listing.pk], at)))
    return True


def take(held: Held, lot: RemoteLot, at: datetime, *, doubtful: bool = False) -> None:
    """What the shop was seen to have at `at` counts as told; `doubtful` where it may have sold some of it just then."""
    with transaction.atomic():
        row = held.lock()
        fields = {**row.told.get("fields", {}), **{name: value for name, value in lot.fields.items() if name in row.told.get("fields", {})}}
        held.write(
            told_quantity=pieces_of(lot),
            told={"identity": row.told.get("identity"), "fields": fields},
            told_price=fields.get("price"),
            assigned_at=at,
            reread=doubtful,
            **seen(lot, at),
        )


def vanished(held: Held, view: View) -> bool:
    """The lot is not there any more. Sold out, it is simply made anew when there is something to sell; else a person says what it means.

    Whether the listing can be worked on.
    """
    if not _orders_read(held, view):
        return False
    with transaction.atomic():
        row = held.lock()
        if row.told_quantity == 0 or view.gone or view.item.offered == 0:
            Lot.objects.filter(shop_id=row.shop_id, lot_id=row.lot_id, gone_at__isnull=True).update(gone_at=Now())
            held.write(**attempts.without_lot())
            return True
    _person(
        held,
        "lot_vanished",
        f"Lot {row.lot_id} is not at the shop any more, and no order explains it: it was deleted there.",
        "Make it again, archive the item, or keep it off this shop.",
    )
    return False


def _orders_read(held: Held, view: View) -> bool:
    if orders.import_now(Shop.objects.get(pk=view.shop.pk)):
        held.look()
        return True
    held.wait(
        view.listing.state,
        moment.now() + _pause(AFTER_ORDERS),
        Words("orders_first", "The shop's orders could not be read, which has to come first.", "It is tried again by itself."),
    )
    return False


def _pause(seconds: float) -> timedelta:
    return timedelta(seconds=shortened(seconds))


def _told(pk: int) -> int:
    return Listing.objects.values_list("told_quantity", flat=True).get(pk=pk)


def _early(held: Held, attempt: Attempt, at: datetime) -> bool:
    if moment.now() >= at:
        return False
    held.wait(ListingState.UNKNOWN, at, Words(attempt.code or "looking", attempt.sentence or "The outcome is not known."))
    return True


def _noted(attempt: Attempt, found: list[str] | list[int]) -> list[dict[str, object]]:
    readings: list[dict[str, object]] = [*attempt.readings, {"at": moment.now().isoformat(), "found": found}]
    Attempt.objects.filter(pk=attempt.pk).update(readings=readings)
    return readings


def _empty_in_a_row(readings: list[dict[str, object]]) -> int:
    count = 0
    for reading in reversed(readings):
        if reading["found"]:
            break
        count += 1
    return count


def _person(held: Held, code: str, sentence: str, hint: str) -> None:
    held.wait(ListingState.NEEDS_PERSON, None, Words(code, sentence, hint))
