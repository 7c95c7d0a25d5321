"""What people do about listings: push now, keep off a shop, and settle what only a person can (docs/push.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now

from accounts.acting import Actor
from accounts.audit import record
from inventory import items
from inventory.models import Item
from marketplaces.errors import NotDecidable
from marketplaces.models import OPEN_STATES, Attempt, AttemptState, Listing, ListingState, Lot, LotOrigin, Operation, Priority, Shop
from marketplaces.push.attempts import without_lot
from marketplaces.push.requesting import due, make_listings, wake
from marketplaces.push.told import own

ENTITY = "Listing"


@dataclass(frozen=True)
class Choice:
    """A way out that a person may choose. `removes`: something is deleted or given up by it."""

    key: str
    label: str
    help: str
    removes: bool = False


def push_now(actor: Actor, listings: QuerySet[Listing]) -> int:
    """Let these listings be worked on at once, failures forgotten; how many. What waits for a person's decision is left out.

    Raises NotAllowed.
    """
    actor.require("listing.push")
    with transaction.atomic():
        mine = listings.filter(account=actor.account, shop__connection__enabled=True)
        rows = due(Listing.objects.filter(pk__in=mine.order_by().values("pk")))
        shop_ids = sorted(set(rows.order_by().values_list("shop_id", flat=True)))
        unknown = rows.filter(state=ListingState.UNKNOWN).update(due_at=Now(), tries=0)
        fresh = rows.exclude(state=ListingState.UNKNOWN).update(
            state=ListingState.SYNCING,
            due_at=Now(),
            tries=0,
            code="",
            sentence="",
            hint="",
            requested_at=Coalesce(F("requested_at"), Now()),
        )
        wake(shop_ids)
    return unknown + fresh


def keep_off(actor: Actor, item: Item, shop: Shop, off: bool, *, leave: bool = False) -> Listing:
    """Keep the item off a shop, or let it be offered there again.

    Its lot there is deleted; with `leave` it stays as it is and is no longer ours. Raises NotAllowed, DoesNotExist for what is not the
    account's, NotDecidable to leave a lot while the outcome of a call is open.
    """
    actor.require("listing.edit")
    with transaction.atomic():
        Item.objects.get(pk=item.pk, account=actor.account)
        owned = Shop.objects.get(pk=shop.pk, account=actor.account)
        make_listings(actor.account.pk, [owned], [item.pk])
        row = Listing.objects.select_for_update().filter(shop=owned, item=item).first()
        if row is None:
            raise NotDecidable("An archived item is not offered anywhere.")
        if row.kept_off == off and not leave:
            return row
        changes: dict[str, object] = {"kept_off": off, "priority": Priority.LESS if off else Priority.MORE}
        if off and leave:
            if Attempt.objects.filter(listing=row, state__in=OPEN_STATES).exists():
                raise NotDecidable("A call to the shop is under way.", hint="Wait until its outcome is known, then try again.")
            Lot.objects.filter(listing=row, lot_id=row.lot_id).delete()
            changes |= without_lot()
        record(actor, entity=ENTITY, entity_id=row.pk, action="KEEP_OFF" if off else "OFFER", after={"lot": row.lot_id, "left": leave})
        _due(row.pk, **changes)
        wake([owned.pk])
    row.refresh_from_db()
    return row


def choices_of(listing: Listing) -> tuple[Choice, ...]:
    """The ways out of a listing that waits for a person; empty for others."""
    if listing.state != ListingState.NEEDS_PERSON:
        return ()
    if listing.code == "lot_vanished":
        return (
            Choice("recreate", "Make it again", "The shop gets a new lot."),
            Choice("archive", "Archive the item", "It is offered nowhere any more.", removes=True),
            Choice("keep_off", "Keep it off this shop", "It stays at the other shops."),
        )
    if listing.code == "several_lots":
        return tuple(
            Choice(f"adopt:{lot_id}", f"It is lot {lot_id}", "The other lots stay at the shop as they are.")
            for lot_id in _candidates(listing)
        )
    if listing.code == "unclear":
        ours = Choice("ours", "Ours is right", "The shop is told the difference to our number.")
        theirs = Choice("theirs", "The shop's is right", f"The item gets the shop's number, {listing.seen_quantity}.")
        return (ours,) if listing.item.linked else (ours, theirs)
    return ()


def resolve(actor: Actor, listing: Listing, choice: str) -> Listing:
    """Decide what a listing waits for. `choice` is one of the keys of `choices_of`.

    Raises NotAllowed, Listing.DoesNotExist for one of another account, NotDecidable for what is no choice of it (any more).
    """
    actor.require("listing.resolve")
    with transaction.atomic():
        row = Listing.objects.select_for_update().get(pk=listing.pk, account=actor.account)
        known = {each.key for each in choices_of(row)}
        if choice not in known:
            offered = f"There are: {', '.join(sorted(known))}." if known else "It does not wait for a decision."
            raise NotDecidable(f"“{choice}” is no choice for this listing. {offered}")
        name, _, argument = choice.partition(":")
        record(
            actor,
            entity=ENTITY,
            entity_id=row.pk,
            action="RESOLVE",
            before={"code": row.code, "sentence": row.sentence},
            after={"choice": choice},
        )
        _RESOLUTIONS[name](actor, row, argument)
        wake([row.shop_id])
    row.refresh_from_db()
    return row


def _recreate(_actor: Actor, row: Listing, _argument: str) -> None:
    _forget_lot(row)
    _due(row.pk)


def _archive(actor: Actor, row: Listing, _argument: str) -> None:
    _forget_lot(row)
    _due(row.pk)
    items.archive(actor, row.item, reason="Its lot was deleted at the shop.")


def _keep_off(_actor: Actor, row: Listing, _argument: str) -> None:
    _forget_lot(row)
    _due(row.pk, kept_off=True)


def _adopt(_actor: Actor, row: Listing, lot_id: str) -> None:
    attempt = _open_attempt(row)
    own(row, lot_id, LotOrigin.CREATED, attempt.started_at)
    _end(attempt, AttemptState.SUCCEEDED, "A person said which lot it is.")
    told = {"identity": attempt.after.get("identity"), "fields": {}}
    _due(row.pk, lot_id=lot_id, told=told, told_quantity=attempt.difference, told_price=None, assigned_at=None, reread=True)


def _ours(_actor: Actor, row: Listing, _argument: str) -> None:
    _end(_open_attempt(row), AttemptState.FAILED, "A person said that our number is right.")
    _due(row.pk, reread=True)


def _theirs(actor: Actor, row: Listing, _argument: str) -> None:
    _end(_open_attempt(row), AttemptState.FAILED, "A person said that the shop's number is right.")
    items.set_quantity(actor, row.item, row.seen_quantity or 0, reason=f"{row.shop} is right")
    _due(row.pk, reread=True)


_RESOLUTIONS: Mapping[str, Callable[[Actor, Listing, str], None]] = {
    "recreate": _recreate,
    "archive": _archive,
    "keep_off": _keep_off,
    "adopt": _adopt,
    "ours": _ours,
    "theirs": _theirs,
}


def _candidates(listing: Listing) -> list[str]:
    attempt = Attempt.objects.filter(listing=listing, state__in=OPEN_STATES, operation=Operation.CREATE).first()
    readings = attempt.readings if attempt else []
    return [str(lot_id) for lot_id in readings[-1]["found"]] if readings else []


def _open_attempt(row: Listing) -> Attempt:
    attempt = Attempt.objects.filter(listing=row, state__in=OPEN_STATES).first()
    if attempt is None:
        raise NotDecidable("Its outcome has become known meanwhile.")
    return attempt


def _end(attempt: Attempt, state: AttemptState, sentence: str) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(state=state, ended_at=Now(), sentence=sentence, code="decided")


def _forget_lot(row: Listing) -> None:
    Lot.objects.filter(shop_id=row.shop_id, lot_id=row.lot_id, gone_at__isnull=True).update(gone_at=Now())
    Listing.objects.filter(pk=row.pk).update(**without_lot())


def _due(pk: int, **columns: object) -> None:
    Listing.objects.filter(pk=pk).update(
        **{
            "state": ListingState.SYNCING,
            "due_at": Now(),
            "tries": 0,
            "code": "",
            "sentence": "",
            "hint": "",
            "requested_at": Coalesce(F("requested_at"), Now()),
            **columns,
        }
    )
