"""Many rows at once, each a new item or a change of one: all of them or none (docs/items.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.models import Account
from inventory.errors import ChangedMeanwhile, FollowsStock, ItemArchived, RowsRefused
from inventory.items import fields as entered
from inventory.items.editing import COUNTING, change, check_version, new_item
from inventory.items.work import Work, working
from inventory.models import Item, ItemChangeKind

NAMING = ("id", "token", "version")
"""What of a row says which item is meant, and which version of it."""
_SHOWN = 3


@dataclass(frozen=True)
class RowWrong:
    """What is wrong with one row, by its number, in the field of that name."""

    row: int
    field: str
    sentence: str


@dataclass(frozen=True)
class Upserted:
    """The items in the order of their rows; how many were made, changed, and so already."""

    items: tuple[Item, ...]
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class Row:
    """`values` of fields.READERS for the item with this id, or for a new one."""

    number: int
    item_id: int | None
    values: Mapping[str, Any]
    version: int | None = None


@dataclass
class Entered:
    """What came of rows: their items in order, and what is wrong."""

    items: list[Item] = field(default_factory=list)
    wrong: list[RowWrong] = field(default_factory=list)


def upsert_many(
    actor: Actor, rows: Iterable[Mapping[str, Any]], *, reason: str = "", cause: str = "bulk", correlation: uuid.UUID | None = None
) -> Upserted:
    """Change the items whose `id` or `token` is given, and make the others; `version` where the item must still have it.

    Rows are counted from 1. Raises NotAllowed, RowsRefused with a sentence for each thing that is wrong, when nothing was written.
    """
    given = list(rows)
    ids, wrong = _meant(actor.account, given)
    found = [
        Row(number, ids.get(number), {name: value for name, value in row.items() if name not in NAMING}, row.get("version"))
        for number, row in enumerate(given, 1)
    ]
    permit(actor, found)
    if wrong:
        raise refused(wrong)
    with working(actor, [row.item_id for row in found if row.item_id is not None], cause=cause, correlation=correlation) as work:
        done = enter(work, found, reason=reason)
        if done.wrong:
            raise refused(done.wrong)
        added, changed = work.would_change()
    return Upserted(tuple(done.items), added, changed, len(found) - added - changed)


def permit(actor: Actor, rows: Sequence[Row]) -> None:
    """Raises NotAllowed unless the actor may do all of it."""
    for row in rows:
        if row.item_id is None:
            actor.require("item.add")
        else:
            actor.require("item.adjust" if row.values.keys() <= COUNTING else "item.edit")


def enter(work: Work, rows: Iterable[Row], *, reason: str = "") -> Entered:
    """Note what the rows say; those whose items are changed are locked. Never raises for what a row says."""
    done = Entered()
    seen: dict[int, int] = {}
    for row in rows:
        before = seen.setdefault(row.item_id, row.number) if row.item_id is not None else row.number
        if before != row.number:
            done.wrong.append(RowWrong(row.number, "id", f"The same item stands in row {before} already."))
            continue
        try:
            done.items.append(_enter(work, row, reason))
        except ValidationError as error:
            sentences = error.message_dict.items()
            done.wrong += [RowWrong(row.number, name, " ".join(each)) for name, each in sentences]
        except FollowsStock as problem:
            done.wrong.append(RowWrong(row.number, "quantity_available", f"{problem.sentence} {problem.hint}"))
        except (ItemArchived, ChangedMeanwhile) as problem:
            done.wrong.append(RowWrong(row.number, "id", f"{problem.sentence} {problem.hint}"))
    return done


def refused(wrong: Sequence[RowWrong]) -> RowsRefused:
    """For all that is wrong; the first of it in the sentence."""
    few = " ".join(f"Row {each.row}, {each.field}: {each.sentence}" for each in wrong[:_SHOWN])
    more = f" And {len(wrong) - _SHOWN:,} more." if len(wrong) > _SHOWN else ""
    rows = [{"row": each.row, "field": each.field, "sentence": each.sentence} for each in wrong]
    return RowsRefused(f"Nothing was written. {few}{more}", details={"rows": rows})


def _enter(work: Work, row: Row, reason: str) -> Item:
    if row.item_id is None:
        item = new_item(work.actor, entered.read({"part_number": "", **row.values}))
        work.note(item, ItemChangeKind.CREATE, reason=reason)
        return item
    item = work.items[row.item_id]
    check_version(item, row.version)
    change(work, [item], entered.read(row.values), reason=reason)
    return item


def _meant(account: Account, rows: Sequence[Mapping[str, Any]]) -> tuple[dict[int, int], list[RowWrong]]:
    """The id of the item that each row means, by the row's number, and the rows that mean none."""
    mine = Item.objects.filter(account=account)
    ids = {row["id"] for row in rows if isinstance(row.get("id"), int)}
    tokens = {str(row["token"]) for row in rows if row.get("token") and row.get("id") is None}
    there = set(mine.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    named = dict(mine.filter(token__in=tokens).values_list("token", "pk")) if tokens else {}
    found: dict[int, int] = {}
    wrong = []
    for number, row in enumerate(rows, 1):
        if row.get("id") is not None:
            if row["id"] in there:
                found[number] = row["id"]
            else:
                wrong.append(RowWrong(number, "id", f"There is no item {str(row['id'])[:40]}."))
        elif row.get("token"):
            if row["token"] in named:
                found[number] = named[row["token"]]
            else:
                wrong.append(RowWrong(number, "token", f"There is no item with the token {str(row['token'])[:40]}."))
    return found, wrong
