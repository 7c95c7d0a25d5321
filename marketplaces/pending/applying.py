"""Queued changes become changes of items, where they still make a difference (docs/verify.md)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import Problem, in_one_line
from inventory import items
from inventory.models import Item, ItemChange, ItemChangeKind
from marketplaces.models import Shop
from marketplaces.pending.finding import AT_ONCE, items_of, shop_of, shops_called
from marketplaces.pending.reading import DELETE, Queued

CAUSE = "pending"
COLUMNS = {"quantity": "quantity_available", "price": "price", "notes": "notes"}
_ARRIVAL = (ItemChangeKind.CREATE, ItemChangeKind.LINK)
"""How an item came here says nothing about whether a change that was queued elsewhere is out of date."""


class Outcome(StrEnum):
    """What became of a queued change."""

    APPLIED = "applied"
    SAME = "same"
    OLDER = "older"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"


@dataclass(frozen=True)
class Said:
    """The answer to one row of the file."""

    row: int
    outcome: Outcome
    item: str
    sentence: str


@dataclass(frozen=True)
class Applied:
    """The answers to all rows, in their order."""

    said: list[Said]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        return self.counts.get(Outcome.REFUSED, 0)


def apply(actor: Actor, changes: Sequence[Queued], *, dry_run: bool = False) -> Applied:
    """Let items be as the newest of the queued changes says of each field, where they are not and nothing has changed that field since.

    Shops are told by the push, as of any change. Safe to run again: what was applied is so then. Raises NotAllowed.
    """
    actor.require("shop.migrate")
    said: list[Said] = []
    shops = shops_called(actor.account)
    known: list[tuple[Queued, Shop | None]] = []
    for change in changes:
        shop, why = shop_of(change, shops)
        if why:
            said.append(Said(change.row, Outcome.REFUSED, "", why))
        else:
            known.append((change, shop))
    by_item: dict[int, list[Queued]] = {}
    for change, (item, why) in zip((each for each, _ in known), items_of(actor.account, known).values(), strict=True):
        if item is None:
            said.append(Said(change.row, Outcome.REFUSED, "", why))
        else:
            by_item.setdefault(item, []).append(change)
    pks, correlation = sorted(by_item), uuid.uuid4()
    for start in range(0, len(pks), AT_ONCE):
        part = pks[start : start + AT_ONCE]
        rows = Item.objects.filter(pk__in=part).select_related("product").in_bulk()
        newest = _newest_changes(part, min(change.queued_at for pk in part for change in by_item[pk]))
        for pk in part:
            said += _settle(actor, rows[pk], by_item[pk], newest.get(pk, {}), dry_run=dry_run, correlation=correlation)
    said.sort(key=lambda each: each.row)
    return Applied(said, dict(Counter(each.outcome.value for each in said)))


def _newest_changes(items: Iterable[int], since: datetime) -> dict[int, dict[str, datetime]]:
    """When each field of these items was last changed, as far as that was after `since`."""
    newest: dict[int, dict[str, datetime]] = {}
    rows = ItemChange.objects.filter(item__in=items, happened_at__gt=since).exclude(kind__in=_ARRIVAL).order_by("pk")
    for pk, moved, changed, at in rows.values_list("item_id", "delta_available", "changes", "happened_at").iterator(chunk_size=2000):
        fields = {name for name, column in COLUMNS.items() if column in changed} | ({"quantity"} if moved else set())
        newest.setdefault(pk, {}).update(dict.fromkeys((*fields, *(("archived",) if "archived" in changed else ())), at))
    return newest


def _settle(
    actor: Actor, item: Item, changes: list[Queued], newest: Mapping[str, datetime], *, dry_run: bool, correlation: uuid.UUID
) -> list[Said]:
    """What becomes of all that was queued for one item: of each field the newest word counts."""
    changes = sorted(changes, key=lambda each: (each.queued_at, each.row))
    last = changes[-1]
    if last.operation == DELETE:
        earlier = [_said(each, item, Outcome.OVERTAKEN, f"Row {last.row} deletes it.") for each in changes[:-1]]
        return [*earlier, _deleted(actor, item, last, newest, dry_run=dry_run, correlation=correlation)]
    said, wanted = [], dict[str, tuple[Queued, Any]]()
    for change in changes:
        for name, value in change.values.items():
            wanted[name] = (change, value)
    left: dict[int, dict[str, Any]] = {}
    for name, (change, value) in wanted.items():
        left.setdefault(change.row, {})[name] = value
    todo: dict[str, Any] = {}
    for change in changes:
        outcome, sentence, values = _judged(item, change, left.get(change.row, {}), newest)
        todo |= values
        said.append(_said(change, item, outcome, sentence))
    if todo and not dry_run:
        why = _edited(actor, item, todo, correlation)
        if why:
            said = [replace(each, outcome=Outcome.REFUSED, sentence=why) if each.outcome is Outcome.APPLIED else each for each in said]
    return said


def _judged(item: Item, change: Queued, values: Mapping[str, Any], newest: Mapping[str, datetime]) -> tuple[Outcome, str, dict[str, Any]]:
    if not values:
        return Outcome.OVERTAKEN, "A later row of the file sets the same.", {}
    if item.archived_at:
        return Outcome.REFUSED, "The item is archived. Take it out of the archive first.", {}
    todo, stale = {}, []
    for name, value in values.items():
        if _is_so(item, name, value):
            continue
        if name in newest and newest[name] > change.queued_at:
            stale.append(name)
        elif name == "quantity" and item.linked:
            return Outcome.REFUSED, f"The quantity follows the stock of {item.product}; correct that.", {}
        else:
            todo[COLUMNS[name]] = value
    if todo:
        return Outcome.APPLIED, ", ".join(f"{_name(column)} {value}" for column, value in todo.items()), todo
    if stale:
        at = max(newest[name] for name in stale)
        return Outcome.OLDER, f"The {' and '.join(stale)} was changed here after that, at {at:%Y-%m-%d %H:%M} UTC.", {}
    return Outcome.SAME, "It is so already.", {}


def _is_so(item: Item, name: str, value: Any) -> bool:
    stored = getattr(item, COLUMNS[name])
    if name == "price":
        return stored is not None and Decimal(stored) == value
    return bool(stored == value)


def _deleted(actor: Actor, item: Item, change: Queued, newest: Mapping[str, datetime], *, dry_run: bool, correlation: uuid.UUID) -> Said:
    if item.archived_at:
        return _said(change, item, Outcome.SAME, "It is archived already.")
    later = [at for at in newest.values() if at > change.queued_at]
    if later:
        return _said(change, item, Outcome.OLDER, f"The item was changed here after that, at {max(later):%Y-%m-%d %H:%M} UTC.")
    if not dry_run:
        items.archive(actor, item, reason="It was to be deleted before moving in.", correlation=correlation)
    return _said(change, item, Outcome.APPLIED, "Archived.")


def _edited(actor: Actor, item: Item, values: Mapping[str, Any], correlation: uuid.UUID) -> str:
    """Blank when the item has the values now, else why not."""
    try:
        items.edit(actor, item, reason="Queued before moving in.", cause=CAUSE, correlation=correlation, **values)
    except Problem as problem:
        return f"{problem.sentence} {problem.hint}".strip()
    except ValidationError as error:
        return in_one_line(error)
    return ""


def _said(change: Queued, item: Item, outcome: Outcome, sentence: str) -> Said:
    return Said(change.row, outcome, str(item), sentence)


def _name(column: str) -> str:
    return "quantity" if column == "quantity_available" else column
