"""Attempts: noted before a call is sent, closed in one commit with what the listing learnt by it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from inventory import moment
from marketplaces.lots import RemoteLot, Wanted
from marketplaces.models import Attempt, AttemptState, Listing, ListingState, Lot, LotOrigin, Operation
from marketplaces.push.carrying import note
from marketplaces.push.held import Held, View
from marketplaces.push.plan import Create, Delete, Step, Told, Update, told_after
from marketplaces.push.tallies import tally
from marketplaces.push.told import own, seen, told_of
from marketplaces.push.words import NONE, Words


def operation_of(step: Create | Update | Delete) -> Operation:
    """What a step asks of a shop."""
    if isinstance(step, Create):
        return Operation.CREATE
    return Operation.UPDATE if isinstance(step, Update) else Operation.DELETE


def opened(held: Held, view: View, step: Create | Update | Delete, *, state: AttemptState = AttemptState.IN_FLIGHT) -> Attempt | None:
    """The attempt, committed before anything is sent; none when what it was judged by has changed meanwhile."""
    with transaction.atomic():
        row = held.lock()
        if (told_of(row), row.kept_off) != (view.told, view.listing.kept_off):
            return None
        if state == AttemptState.MOCKED:
            tally(row.account_id, f"inventory.immediateSync.{_provider(row)}.mocked")
        attempt = Attempt.objects.create(
            account_id=row.account_id,
            shop_id=row.shop_id,
            listing=row,
            operation=operation_of(step),
            state=state,
            fence=held.fence,
            lot_id=step.lot_id if isinstance(step, Delete) else row.lot_id,
            difference=_difference(step),
            absolute=isinstance(step, Update) and step.absolute is not None,
            baseline=row.told_quantity,
            sent=_sent(step),
            before=_told_json(view.told),
            after=_told_json(told_after(view.told, step, created_fields=_all(step))),
            item_version=view.item.version,
            cause=row.cause,
            correlation=row.correlation or uuid.uuid4(),
            correlations=row.correlations,
            requested_at=row.requested_at,
            started_at=moment.now(),
            ended_at=None if state == AttemptState.IN_FLIGHT else Now(),
        )
        note([attempt])
        return attempt


def withdrawn(attempt: Attempt) -> None:
    """Nothing was sent after all: there was no attempt."""
    Attempt.objects.filter(pk=attempt.pk, state=AttemptState.IN_FLIGHT).delete()


def close(held: Held, attempt: Attempt, state: AttemptState, words: Words, **listing: Any) -> None:
    """Close the attempt, and change columns of its listing in the same commit."""
    with transaction.atomic():
        row = held.lock()
        _end(attempt, state, words)
        if listing:
            held.write(**listing)
        provider = _provider(row)
        word = "success" if state == AttemptState.SUCCEEDED else "failed"
        tally(row.account_id, f"inventory.immediateSync.{provider}.{word}")


def created(held: Held, attempt: Attempt, lot_id: str, fields: frozenset[str], lot: RemoteLot | None) -> None:
    """The shop has made the lot: its id and what it was told are stored in the commit that closes the attempt."""
    sent = attempt.after.get("fields", {})
    told = {"identity": attempt.after.get("identity"), "fields": {name: sent[name] for name in sent if name in fields}}
    _made(held, attempt, lot_id, told, attempt.difference, lot)


def found_created(held: Held, attempt: Attempt, lot: RemoteLot) -> None:
    """Reading back has shown that the shop has made the lot. What it was told is what it was seen to have, but for the quantity: of that
    some may have been sold since, and those orders will lower it."""
    told = {"identity": attempt.after.get("identity"), "fields": dict(lot.fields)}
    _made(held, attempt, lot.lot_id, told, attempt.difference, lot)


def _made(held: Held, attempt: Attempt, lot_id: str, told: dict[str, Any], quantity: int, lot: RemoteLot | None) -> None:
    with transaction.atomic():
        row = held.lock()
        _end(attempt, AttemptState.SUCCEEDED)
        Attempt.objects.filter(pk=attempt.pk).update(lot_id=lot_id)
        own(row, lot_id, LotOrigin.CREATED, attempt.started_at)
        held.write(
            lot_id=lot_id,
            told=told,
            told_quantity=quantity,
            told_price=told["fields"].get("price"),
            assigned_at=None,
            reread=False,
            **_well(),
            **seen(lot, attempt.started_at),
        )
        tally(row.account_id, f"inventory.immediateSync.{_provider(row)}.success")


def updated(held: Held, attempt: Attempt, lot: RemoteLot | None) -> None:
    """The shop has changed the lot. The told quantity moves by what was sent: sales may have moved it meanwhile."""
    with transaction.atomic():
        row = held.lock()
        _end(attempt, AttemptState.SUCCEEDED)
        fields = {**row.told.get("fields", {}), **attempt.sent.get("fields", {})}
        quantity: dict[str, Any] = {"told_quantity": F("told_quantity") + attempt.difference} if attempt.difference else {}
        if attempt.absolute:
            # Orders from before are in what was set.
            quantity = {"told_quantity": attempt.sent["absolute"], "assigned_at": attempt.started_at}
        elif row.told_quantity + attempt.difference < 0:
            quantity = {"told_quantity": 0, "reread": True}
        held.write(
            told={"identity": row.told.get("identity"), "fields": fields},
            told_price=fields.get("price"),
            **quantity,
            **_well(),
            **seen(lot, moment.now()),
        )
        tally(row.account_id, f"inventory.immediateSync.{_provider(row)}.success")


def deleted(held: Held, attempt: Attempt) -> None:
    """The lot is gone at the shop, by us or before."""
    with transaction.atomic():
        row = held.lock()
        _end(attempt, AttemptState.SUCCEEDED)
        Lot.objects.filter(shop_id=row.shop_id, lot_id=attempt.lot_id, gone_at__isnull=True).update(gone_at=Now())
        held.write(**(without_lot() if row.lot_id == attempt.lot_id else {}), **_retired(row, attempt.lot_id), **_well())
        tally(row.account_id, f"inventory.immediateSync.{_provider(row)}.success")


def without_lot() -> dict[str, Any]:
    """The columns of a listing whose lot is no more."""
    return {
        "lot_id": "",
        "told": {},
        "told_quantity": 0,
        "told_price": None,
        "assigned_at": None,
        "reread": False,
        "seen": {},
        "seen_quantity": None,
    }


def unknown(held: Held, attempt: Attempt, words: Words) -> None:
    """It may have been done or not."""
    with transaction.atomic():
        row = held.lock()
        Attempt.objects.filter(pk=attempt.pk).update(state=AttemptState.UNKNOWN, was_unknown=True, **words.columns())
        held.write(state=ListingState.UNKNOWN, **words.columns())
        tally(row.account_id, f"inventory.immediateSync.{_provider(row)}.error")
    attempt.state, attempt.was_unknown = AttemptState.UNKNOWN, True


def _provider(row: Listing) -> str:
    return row.shop.connection.system


def wanted_of(attempt: Attempt) -> Wanted:
    """What a create was to make."""
    return Wanted(attempt.after["identity"], attempt.difference, attempt.after["fields"])


def _end(attempt: Attempt, state: AttemptState, words: Words = NONE) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(state=state, ended_at=Now(), **words.columns())


def _retired(row: Listing, lot_id: str) -> dict[str, Any]:
    return {"retiring_lot_id": ""} if row.retiring_lot_id == lot_id else {}


def _well() -> dict[str, Any]:
    return {"tries": 0, "state": ListingState.SYNCING, **NONE.columns()}


def _difference(step: Create | Update | Delete) -> int:
    if isinstance(step, Create):
        return step.wanted.quantity
    return step.difference if isinstance(step, Update) else 0


def _all(step: Step) -> frozenset[str]:
    return frozenset(step.wanted.fields) if isinstance(step, Create) else frozenset()


def _sent(step: Create | Update | Delete) -> dict[str, Any]:
    if isinstance(step, Create):
        return {"quantity": step.wanted.quantity, **step.wanted.without_quantity()}
    if isinstance(step, Update):
        absolute = {} if step.absolute is None else {"absolute": step.absolute}
        return {"difference": step.difference, "fields": dict(step.fields), **absolute}
    return {}


def _told_json(told: Told) -> dict[str, Any]:
    return {"lot_id": told.lot_id, "quantity": told.quantity, "identity": told.identity, "fields": dict(told.fields)}
