"""Making, changing and archiving items (docs/items.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.acting import Actor
from inventory.errors import ChangedMeanwhile, FollowsStock
from inventory.items import fields as entered
from inventory.items.rules import with_suffix, wrong
from inventory.items.work import Work, listed, not_archived, working
from inventory.models import Item, ItemChangeKind

COUNTING = frozenset({"quantity_available"})
"""What staff may change, too."""


@dataclass(frozen=True)
class Edited:
    """How many items were changed, and how many were so already."""

    changed: int
    unchanged: int


def add(actor: Actor, *, reason: str = "", cause: str = "add", correlation: uuid.UUID | None = None, **fields: Any) -> Item:
    """A new item with these of fields.READERS; `part_number` is the only one that it can't do without.

    A number of a set without a suffix gets -1; `notices` says so. Raises NotAllowed, ValidationError naming the field.
    """
    actor.require("item.add")
    values = entered.read({"part_number": "", **fields})
    with working(actor, cause=cause, correlation=correlation) as work:
        item = new_item(actor, values)
        work.note(item, ItemChangeKind.CREATE, reason=reason)
    return item


def edit(
    actor: Actor,
    item: Item,
    *,
    version: int | None = None,
    reason: str = "",
    cause: str = "edit",
    correlation: uuid.UUID | None = None,
    **fields: Any,
) -> Item:
    """Change these of fields.READERS; the item as stored then. What is so already is not written.

    With `version`, only if the item still has it. Changing nothing but the quantity is adjusting it, which staff may do. Raises NotAllowed,
    ChangedMeanwhile, ItemArchived, FollowsStock for the quantity of a linked item, ValidationError naming the field.
    """
    _require(actor, fields)
    values = entered.read(fields)
    with working(actor, [item.pk], cause=cause, correlation=correlation) as work:
        stored = work.items[item.pk]
        check_version(stored, version)
        change(work, [stored], values, reason=reason)
    return stored


def edit_many(
    actor: Actor,
    items: QuerySet[Item] | Iterable[int],
    *,
    reason: str = "",
    cause: str = "edit",
    correlation: uuid.UUID | None = None,
    **fields: Any,
) -> Edited:
    """Change these fields of all the items, or of none, by statements for hundreds at once. Raises as `edit` does."""
    _require(actor, fields)
    values = entered.read(fields)
    with working(actor, ids(actor, items), cause=cause, correlation=correlation) as work:
        change(work, list(work.items.values()), values, reason=reason)
    return Edited(len(work.changed), len(work.items) - len(work.changed))


def archive(actor: Actor, item: Item, reason: str = "", *, correlation: uuid.UUID | None = None) -> Item:
    """Put an item away: shops are told that there is none. Nothing is lost. Safe to repeat. Raises NotAllowed."""
    actor.require("item.archive")
    with working(actor, [item.pk], cause="archive", correlation=correlation) as work:
        put_away(work, work.items.values(), reason)
    return work.items[item.pk]


def archive_many(actor: Actor, items: QuerySet[Item] | Iterable[int], reason: str = "") -> Edited:
    """Archive all of them. Raises NotAllowed."""
    actor.require("item.archive")
    with working(actor, ids(actor, items), cause="archive") as work:
        put_away(work, work.items.values(), reason)
    return Edited(len(work.changed), len(work.items) - len(work.changed))


def restore(actor: Actor, item: Item, reason: str = "", *, correlation: uuid.UUID | None = None) -> Item:
    """Take an item out of the archive; a linked one offers what is there now. Safe to repeat. Raises NotAllowed."""
    actor.require("item.archive")
    with working(actor, [item.pk], cause="restore", correlation=correlation) as work:
        take_out(work, work.items.values(), reason)
    return work.items[item.pk]


def restore_many(actor: Actor, items: QuerySet[Item] | Iterable[int], reason: str = "") -> Edited:
    """Take all of them out of the archive. Raises NotAllowed."""
    actor.require("item.archive")
    with working(actor, ids(actor, items), cause="restore") as work:
        take_out(work, work.items.values(), reason)
    return Edited(len(work.changed), len(work.items) - len(work.changed))


def ids(actor: Actor, items: QuerySet[Item] | Iterable[int]) -> list[int]:
    """Those of the items that are the account's."""
    if isinstance(items, QuerySet):
        return list(items.filter(account=actor.account).order_by().values_list("pk", flat=True))
    return list(items)


def new_item(actor: Actor, values: Mapping[str, Any]) -> Item:
    """An item with these values, which have been read; not stored yet. Raises ValidationError for what does not go together."""
    item = Item(account=actor.account, created_by=actor.user, created_by_label=actor.label[:200])
    put(item, values)
    return item


def put(item: Item, values: Mapping[str, Any]) -> None:
    """Let the item have these values, which have been read. Raises ValidationError for what does not go together."""
    for name, value in values.items():
        setattr(item, name, value)
    if values.keys() & {"part_number", "item_type"}:
        item.part_number = with_suffix(item.item_type, item.part_number)
    sentences = wrong(item)
    if sentences:
        raise ValidationError(sentences)


def change(work: Work, items: Sequence[Item], values: Mapping[str, Any], *, reason: str = "") -> None:
    """Let these locked items have the values. Raises ItemArchived, FollowsStock, ValidationError."""
    not_archived(items)
    if "quantity_available" in values:
        unlinked([item for item in items if item.quantity_available != values["quantity_available"]])
    for item in items:
        put(item, values)
        work.note(item, ItemChangeKind.ADJUST if values.keys() <= COUNTING else ItemChangeKind.UPDATE, reason=reason)


def unlinked(items: Iterable[Item]) -> None:
    """Raises FollowsStock where one of them is linked."""
    found = [item for item in items if item.linked]
    if found:
        raise FollowsStock(
            f"The quantity of {listed(found)} follows the stock of a product.",
            details={"items": [item.pk for item in found]},
        )


def check_version(stored: Item, version: int | None) -> None:
    """Raises ChangedMeanwhile where the item has another one."""
    if version is not None and stored.version != version:
        raise ChangedMeanwhile(
            f"{stored} was changed meanwhile: it has version {stored.version}, not {version}.", details={"version": stored.version}
        )


def put_away(work: Work, items: Iterable[Item], reason: str) -> None:
    for item in items:
        if not item.archived_at:
            item.archived_at = work.now
            work.note(item, ItemChangeKind.ARCHIVE, reason=reason)


def take_out(work: Work, items: Iterable[Item], reason: str) -> None:
    for item in items:
        if item.archived_at:
            item.archived_at = None
            work.note(item, ItemChangeKind.RESTORE, reason=reason)


def _require(actor: Actor, fields: Mapping[str, Any]) -> None:
    actor.require("item.adjust" if fields.keys() <= COUNTING else "item.edit")
