"""Numbers of pieces: counted, reserved and released by people, sold and restocked by orders (docs/items.md)."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from inventory.errors import FollowsStock, InsufficientStock
from inventory.items.editing import check_version, unlinked
from inventory.items.fields import whole
from inventory.items.offers import MOST
from inventory.items.work import Work, not_archived, working
from inventory.models import Item, ItemChangeKind


def adjust(actor: Actor, item: Item, by: int, reason: str, *, version: int | None = None, correlation: uuid.UUID | None = None) -> Item:
    """Let there be `by` pieces more, or fewer where it is negative.

    Raises NotAllowed, ItemArchived, FollowsStock, ChangedMeanwhile, InsufficientStock below zero, ValidationError.
    """
    actor.require("item.adjust")
    by = _pieces(by, "by", least=-MOST)
    if not by:
        raise ValidationError({"by": "Enter by how many pieces the quantity changes: 5 for more, -3 for fewer."})
    with _one(actor, item, "adjust", correlation) as work:
        stored = _changeable(work, item, version)
        if stored.quantity_available + by < 0:
            raise InsufficientStock(
                f"by: {stored} has {stored.quantity_available:,} pieces; {-by:,} fewer is not possible.",
                details={"available": stored.quantity_available, "asked": -by},
            )
        _set(stored, stored.quantity_available + by)
        work.note(stored, ItemChangeKind.ADJUST, reason=reason)
    return stored


def set_quantity(
    actor: Actor, item: Item, quantity: int, reason: str = "", *, version: int | None = None, correlation: uuid.UUID | None = None
) -> Item:
    """Let there be so many pieces: what was counted. Raises as `adjust` does."""
    actor.require("item.adjust")
    number = _pieces(quantity, "quantity_available", least=0)
    with _one(actor, item, "adjust", correlation) as work:
        stored = _changeable(work, item, version)
        _set(stored, number)
        work.note(stored, ItemChangeKind.ADJUST, reason=reason)
    return stored


def reserve(actor: Actor, item: Item, pieces: int, reason: str, *, correlation: uuid.UUID | None = None) -> Item:
    """Take so many of what is available aside. Raises NotAllowed, ItemArchived, FollowsStock, InsufficientStock, ValidationError."""
    actor.require("item.adjust")
    number = _pieces(pieces, "pieces")
    with _one(actor, item, "reserve", correlation) as work:
        stored = _changeable(work, item)
        if number > stored.quantity_available:
            raise InsufficientStock(
                f"pieces: {stored} has {stored.quantity_available:,} pieces; {number:,} can't be reserved.",
                details={"available": stored.quantity_available, "asked": number},
            )
        if stored.quantity_reserved + number > MOST:
            raise ValidationError({"pieces": f"At most {MOST:,} pieces can be reserved; {stored.quantity_reserved:,} are."})
        stored.quantity_available -= number
        stored.quantity_reserved += number
        work.note(stored, ItemChangeKind.RESERVE, reason=reason)
    return stored


def release(actor: Actor, item: Item, pieces: int, reason: str = "", *, correlation: uuid.UUID | None = None) -> Item:
    """Give so many of what is reserved back. Raises as `reserve` does."""
    actor.require("item.adjust")
    number = _pieces(pieces, "pieces")
    with _one(actor, item, "release", correlation) as work:
        stored = _changeable(work, item)
        if number > stored.quantity_reserved:
            raise InsufficientStock(
                f"pieces: Of {stored} {stored.quantity_reserved:,} pieces are reserved; {number:,} can't be released.",
                details={"reserved": stored.quantity_reserved, "asked": number},
            )
        _set(stored, stored.quantity_available + number)
        stored.quantity_reserved -= number
        work.note(stored, ItemChangeKind.RELEASE, reason=reason)
    return stored


def sold(actor: Actor, item: Item, pieces: int, *, source: str, correlation: uuid.UUID, cause: str = "order") -> int:
    """A shop has sold so many of an unlinked item: they go from available to sold. How many of them were not there.

    A fact, so it is never refused for want of stock, nor for an archived item. Call it once for each fact, in the transaction that notes
    the fact. Raises FollowsStock for a linked item, whose sales are the ledger's.
    """
    with _one(actor, item, cause, correlation, audited=False) as work:
        stored = _own(work, item)
        there = min(pieces, stored.quantity_available)
        stored.quantity_available -= there
        stored.quantity_sold += there
        work.note(stored, ItemChangeKind.ORDER, source=source, keep=True)
    return pieces - there


def restocked(actor: Actor, item: Item, pieces: int, *, source: str, correlation: uuid.UUID, cause: str = "restock") -> None:
    """So many of what was sold of an unlinked item are back. Otherwise as `sold`."""
    with _one(actor, item, cause, correlation, audited=False) as work:
        stored = _own(work, item)
        stored.quantity_sold -= min(pieces, stored.quantity_sold)
        _set(stored, stored.quantity_available + pieces)
        work.note(stored, ItemChangeKind.RESTOCK, source=source, keep=True)


def _one(actor: Actor, item: Item, cause: str, correlation: uuid.UUID | None, *, audited: bool = True) -> Any:
    return working(actor, [item.pk], cause=cause, correlation=correlation, audited=audited)


def _changeable(work: Work, item: Item, version: int | None = None) -> Item:
    stored = work.items[item.pk]
    check_version(stored, version)
    not_archived([stored])
    unlinked([stored])
    return stored


def _own(work: Work, item: Item) -> Item:
    stored = work.items[item.pk]
    if stored.linked:
        raise FollowsStock(f"{stored} follows the stock of a product; its sales are booked there.")
    return stored


def _set(item: Item, quantity: int) -> None:
    if quantity > MOST:
        raise ValidationError({"quantity_available": f"At most {MOST:,} pieces are possible."})
    item.quantity_available = quantity


def _pieces(value: Any, field: str, least: int = 1) -> int:
    try:
        number = whole(least)(value)
    except ValueError as error:
        raise ValidationError({field: str(error)}) from error
    assert number is not None
    return number
