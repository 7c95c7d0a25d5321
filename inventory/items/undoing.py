"""Taking back what a person did to an item (docs/items.md)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from inventory.errors import AlreadyUndone, NotUndoable
from inventory.items import fields as entered
from inventory.items.editing import put, unlinked
from inventory.items.linking import attach, hold_stock, warehouses_of
from inventory.items.offers import MOST
from inventory.items.record import FIELDS, QUANTITIES, told
from inventory.items.standing import RULING
from inventory.items.work import Work, not_archived, working
from inventory.models import Item, ItemChange, ItemChangeKind

BY_PEOPLE = frozenset(ItemChangeKind) - {
    ItemChangeKind.LEVEL,
    ItemChangeKind.ORDER,
    ItemChangeKind.RESTOCK,
    ItemChangeKind.UNDO,
}
_LINKS = (ItemChangeKind.LINK, ItemChangeKind.UNLINK)


def undo(actor: Actor, change: ItemChange, reason: str, *, correlation: uuid.UUID | None = None) -> ItemChange:
    """Take one row of an item's history back; the row that says so.

    Fields get their old values and quantities move back by as much as they moved; making an item is undone by archiving it. Undoing a link
    leaves the number that is offered then. All of it or nothing. Raises NotAllowed, AlreadyUndone, ItemArchived, FollowsStock, NotUndoable
    naming the fields that were changed since, ValidationError without a reason.
    """
    actor.require("item.undo")
    reason = str(reason or "").strip()
    if not reason:
        raise ValidationError({"reason": "Say why it is undone."})
    if change.kind not in BY_PEOPLE:
        raise NotUndoable(f"“{change.get_kind_display()}” can't be undone here.", hint="Correct it where it comes from.")
    with transaction.atomic():
        if change.kind in _LINKS and (product := _old(change, "product")) is not None:
            hold_stock(actor, product, _old(change, "warehouses") or warehouses_of(change.item))
        with working(actor, [change.item_id], cause="undo", correlation=correlation) as work:
            _take_back(work, work.items[change.item_id], change, reason)
    return work.rows[0]


def undoable(change: ItemChange) -> bool:
    """Whether it makes sense to offer it: it was done by a person and is not undone yet."""
    return change.kind in BY_PEOPLE and not ItemChange.objects.filter(undoes=change).exists()


def _take_back(work: Work, item: Item, change: ItemChange, reason: str) -> None:
    if ItemChange.objects.filter(undoes=change).exists():
        raise AlreadyUndone(f"“{change.get_kind_display()}” was undone before.")
    if change.kind != ItemChangeKind.ARCHIVE:
        not_archived([item])
    _check_unchanged(item, change)
    if change.kind in (ItemChangeKind.CREATE, ItemChangeKind.RESTORE):
        item.archived_at = work.now
    elif change.kind == ItemChangeKind.ARCHIVE:
        item.archived_at = None
    else:
        put(item, entered.read({name: old for name, (old, _) in change.changes.items() if name in FIELDS}))
    if change.kind in _LINKS:
        places = _old(change, "warehouses")
        product = change.changes["product"][0] if "product" in change.changes else item.product_id
        attach(work, item, product, warehouses_of(item) if places is None else places, ItemChangeKind.UNDO, reason=reason, undoes=change)
        return
    if change.kind not in (ItemChangeKind.CREATE, ItemChangeKind.ARCHIVE, ItemChangeKind.RESTORE):
        _move_back(item, change)
    work.note(item, ItemChangeKind.UNDO, reason=reason, undoes=change, keep=True)


def _check_unchanged(item: Item, change: ItemChange) -> None:
    """A field goes back only from the value that the change gave it."""
    if change.kind == ItemChangeKind.CREATE:
        return
    present: Mapping[str, Any] = {**told(item), "warehouses": warehouses_of(item) if "warehouses" in change.changes else None}
    since = sorted(name for name, (_, new) in change.changes.items() if present.get(name) != new)
    if since:
        raise NotUndoable(
            f"{', '.join(since)}: changed since, so that the old value would overwrite what came later.",
            hint="Undo what came later first, or enter the value you want.",
            details={"fields": since},
        )


def _move_back(item: Item, change: ItemChange) -> None:
    deltas = dict(zip(QUANTITIES, (change.delta_available, change.delta_reserved, change.delta_sold), strict=True))
    if not any(deltas.values()):
        return
    if item.linked:
        if change.changes.keys() & RULING:
            # It came of the rules, and with them it goes.
            return
        unlinked([item])
    for name, delta in deltas.items():
        number = getattr(item, name) - delta
        if number < 0:
            raise NotUndoable(
                f"{name}: {getattr(item, name):,} pieces are left, and {delta:,} would have to go.",
                hint="Some of them were sold or reserved since.",
                details={"fields": [name]},
            )
        if number > MOST:
            raise NotUndoable(f"{name}: {number:,} pieces would be there then; at most {MOST:,} are possible.", details={"fields": [name]})
        setattr(item, name, number)


def _old(change: ItemChange, name: str) -> Any:
    """The value that the change replaced; None where it did not touch the field."""
    pair = change.changes.get(name)
    return None if pair is None else pair[0]
