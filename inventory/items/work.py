"""One transaction's work on some items: they are locked first; rows, history, audit and news are written last (docs/items.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.audit import Entry, record_many
from inventory import moment
from inventory.errors import ItemArchived
from inventory.items import standing
from inventory.items.record import QUANTITIES, counted, differences, told
from inventory.items.storing import BATCH, store
from inventory.models import Item, ItemChange
from inventory.signals import items_changed

NAMED = 5
"""Items that a sentence lists."""

_COLUMNS = {"archived": "archived_at", "product": "product_id"}


class _Noted:
    """What is done to an item. `more` are changes outside of its own row, `before` is empty for a new one."""

    def __init__(self, item: Item, before: dict[str, Any], counted: tuple[int, int, int], kind: str, **about: Any) -> None:
        self.item, self.before, self.counted, self.kind = item, before, counted, kind
        self.reason: str = about["reason"]
        self.source: str = about["source"]
        self.undoes: ItemChange | None = about["undoes"]
        self.more: dict[str, list[Any]] = about["more"] or {}
        self.keep: bool = about["keep"]

    @property
    def changes(self) -> dict[str, list[Any]]:
        """Old and new value of each field but the quantities."""
        found = differences(self.before, told(self.item))
        if not self.before:
            found = {name: pair for name, pair in found.items() if pair[1] not in (None, "", False)}
        return {**found, **self.more}

    @property
    def moved(self) -> dict[str, list[Any]]:
        """Old and new value of each quantity that differs."""
        numbers = zip(QUANTITIES, self.counted, counted(self.item), strict=True)
        return {name: [old, new] for name, old, new in numbers if old != new}

    @property
    def columns(self) -> set[str]:
        """Those of its row that differ."""
        return {_COLUMNS.get(name, name) for name in {**differences(self.before, told(self.item)), **self.moved}}


class Work:
    """`items` are locked, by id. Verbs change them in memory and note each that they touch; what did not change leaves no trace.

    Afterwards `changed` and `rows` are the items that did, and their history.
    """

    def __init__(self, actor: Actor, items: dict[int, Item], now: datetime, cause: str, correlation: uuid.UUID, audited: bool) -> None:
        self.actor, self.items, self.now, self.cause, self.correlation = actor, items, now, cause, correlation
        self.changed: list[Item] = []
        self.rows: list[ItemChange] = []
        self._audited = audited
        self._before = {pk: (told(item), counted(item)) for pk, item in items.items()}
        self._noted: list[_Noted] = []

    def note(
        self,
        item: Item,
        kind: str,
        *,
        reason: str = "",
        source: str = "",
        undoes: ItemChange | None = None,
        more: dict[str, list[Any]] | None = None,
        keep: bool = False,
    ) -> None:
        """Let this be done to the item. With `keep` its history says so even where nothing of it changed."""
        before, numbers = self._before[item.pk] if item.pk else ({}, (0, 0, 0))
        self._noted.append(_Noted(item, before, numbers, kind, reason=reason, source=source, undoes=undoes, more=more, keep=keep))

    def forget(self) -> None:
        """Let nothing be done of what was noted."""
        self._noted.clear()

    def would_change(self) -> tuple[int, int]:
        """How many items would be made, and how many changed."""
        new = sum(1 for each in self._noted if not each.before)
        return new, sum(1 for each in self._noted if each.before and (each.columns or each.more))

    def close(self) -> None:
        """Write it all. Linked items whose rules changed are counted anew."""
        Item.objects.bulk_create([each.item for each in self._noted if not each.before], batch_size=BATCH)
        store([(each.item, each.columns) for each in self._noted if each.before and each.columns], self.now)
        self._count_again()
        done = [each for each in self._noted if each.keep or each.more or each.columns]
        self.changed = [each.item for each in done]
        self.rows = ItemChange.objects.bulk_create([self._row(each) for each in done], batch_size=BATCH)
        if self._audited:
            record_many(self.actor, [_entry(each) for each in done], correlation=self.correlation)
        self._read_versions()
        tell(self.actor.account.pk, [item.pk for item in self.changed], self.cause, self.correlation)

    def _count_again(self) -> None:
        """Let linked items offer what their rules, as stored now, make of the levels."""
        ruled = {
            each.item.pk: each.item
            for each in self._noted
            if each.item.linked and not each.item.archived_at and each.changes.keys() & standing.RULING
        }
        offers = {row.item_id: row.offer for row in standing.of(ruled, self.now)} if ruled else {}
        moved = {pk: new for pk, new in offers.items() if ruled[pk].quantity_available != new}
        standing.write(moved, self.now)
        for pk, new in moved.items():
            ruled[pk].quantity_available = new

    def _row(self, each: _Noted) -> ItemChange:
        available, reserved, sold = (new - old for new, old in zip(counted(each.item), each.counted, strict=True))
        changes = each.changes
        old, new = changes.get("status", ["", ""])
        return ItemChange(
            account=self.actor.account,
            item=each.item,
            kind=each.kind,
            delta_available=available,
            delta_reserved=reserved,
            delta_sold=sold,
            status_from=old or "",
            status_to=new or "",
            changes=changes,
            reason=each.reason[:300],
            cause=self.cause[:40],
            source=each.source[:200],
            undoes=each.undoes,
            actor=self.actor.user,
            actor_label=self.actor.label[:200],
            correlation=self.correlation,
            happened_at=self.now,
        )

    def _read_versions(self) -> None:
        """The database has counted the changes itself."""
        versions = dict(Item.objects.filter(pk__in=[item.pk for item in self.changed]).values_list("pk", "version"))
        for item in self.changed:
            item.version = versions[item.pk]


@contextmanager
def working(
    actor: Actor, pks: Iterable[int] = (), *, cause: str, correlation: uuid.UUID | None = None, audited: bool = True
) -> Iterator[Work]:
    """A transaction that holds these items, in the order of their ids; all of it happens or nothing.

    Raises Item.DoesNotExist where one is asked for that is not the account's.
    """
    wanted = sorted(set(pks))
    with transaction.atomic():
        rows = Item.objects.filter(account=actor.account, pk__in=wanted).select_for_update(no_key=True).order_by("pk") if wanted else ()
        items = {item.pk: item for item in rows}
        if len(items) < len(wanted):
            raise Item.DoesNotExist(f"There is no item {next(pk for pk in wanted if pk not in items)} in this business account.")
        work = Work(actor, items, moment.now(), cause, correlation or uuid.uuid4(), audited)
        yield work
        work.close()


def not_archived(items: Iterable[Item]) -> None:
    """Raises ItemArchived where one of them is."""
    found = [item for item in items if item.archived_at]
    if found:
        raise ItemArchived(
            f"{listed(found)} {'is' if len(found) == 1 else 'are'} archived.", details={"items": [each.pk for each in found]}
        )


def listed(items: Sequence[Item]) -> str:
    """Their names, the first few of many."""
    names = ", ".join(str(item) for item in items[:NAMED])
    return f"{names} and {len(items) - NAMED:,} more" if len(items) > NAMED else names


def tell(account_id: int, item_ids: list[int], cause: str, correlation: uuid.UUID) -> None:
    """Let those above know which items changed; for the transaction that changed them."""
    if item_ids:
        items_changed.send(sender=Item, account_id=account_id, item_ids=item_ids, cause=cause, correlation=correlation)


def _entry(each: _Noted) -> Entry:
    pairs = {**each.changes, **each.moved}
    before = {name: pair[0] for name, pair in pairs.items()} if each.before else None
    return Entry("Item", each.item.pk, each.kind.upper(), before, {name: pair[1] for name, pair in pairs.items()}, each.reason)
