"""What happened to an item and what the shops were told of it, in one list, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst

from inventory.items.undoing import BY_PEOPLE
from inventory.ledgerwords import page_of
from inventory.marks import Mark
from inventory.models import Item, ItemChange, ItemChangeKind, Product, Warehouse
from inventory.wording import NOTHING
from marketplaces.admin.attempts import pieces
from marketplaces.admin.words import ATTEMPT, cause_words, field_label, value_text
from marketplaces.models import Attempt

SHOWN = 50

KINDS = {
    ItemChangeKind.CREATE: Mark("Made", "success", "add_circle"),
    ItemChangeKind.UPDATE: Mark("Changed", "info", "edit"),
    ItemChangeKind.ADJUST: Mark("Adjusted", "info", "exposure"),
    ItemChangeKind.RESERVE: Mark("Reserved", "warning", "lock"),
    ItemChangeKind.RELEASE: Mark("Released", "", "lock_open"),
    ItemChangeKind.LEVEL: Mark("Stock", "", "inventory"),
    ItemChangeKind.LINK: Mark("Linked", "info", "link"),
    ItemChangeKind.UNLINK: Mark("Unlinked", "info", "link_off"),
    ItemChangeKind.ORDER: Mark("Sold", "success", "shopping_cart"),
    ItemChangeKind.RESTOCK: Mark("Restocked", "success", "assignment_return"),
    ItemChangeKind.ARCHIVE: Mark("Archived", "warning", "inventory_2"),
    ItemChangeKind.RESTORE: Mark("Restored", "success", "unarchive"),
    ItemChangeKind.UNDO: Mark("Undone", "info", "undo"),
}


OWN_CAUSES = frozenset({"add", "edit", "adjust", "reserve", "release", "archive", "restore", "link", "unlink", "undo", "order", "restock"})
"""Causes that say no more than the kind of the change does."""


@dataclass(frozen=True)
class Moved:
    """A field from one value to another."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Event:
    """`undo` is the address of the page that would undo it, `number` what it is called there."""

    at: datetime
    mark: Mark
    what: str
    who: str
    why: str = ""
    hint: str = ""
    moves: tuple[Moved, ...] = ()
    link: str = ""
    undo: str = ""
    outcome: Mark | None = None
    correlation: str = ""
    together: int = 0
    """How many other lines of the list come from the same fact."""


@dataclass(frozen=True)
class Timeline:
    events: list[Event] = field(default_factory=list)
    older: str = ""
    """The query that shows what was before; empty at the end."""
    newest: bool = True


def timeline(item: Item, before: str = "") -> Timeline:
    """SHOWN events, those before the moment `before` where it is one. Two statements, and two for the names in rows about links."""
    end = _moment(before)
    changes = ItemChange.objects.filter(item=item).select_related("undone_by").order_by("-happened_at", "-id")
    attempts = Attempt.objects.filter(listing__item=item).select_related("shop__connection").order_by("-started_at", "-id")
    if end is not None:
        changes, attempts = changes.filter(happened_at__lt=end), attempts.filter(started_at__lt=end)
    rows = list(changes[: SHOWN + 1])
    names = Names.of(rows)
    found = [*(_changed(row, names) for row in rows), *map(_sent, attempts[: SHOWN + 1])]
    found.sort(key=attrgetter("at"), reverse=True)
    shown = found[:SHOWN]
    older = f"?before={quote(shown[-1].at.astimezone(UTC).isoformat())}#timeline" if len(found) > SHOWN else ""
    return Timeline(shown, older, newest=end is None)


def _changed(change: ItemChange, names: Names) -> Event:
    undone = hasattr(change, "undone_by")
    moves = tuple(moved(change, names))
    undo = "" if undone or change.kind not in BY_PEOPLE else reverse("admin:inventory_item_undo", args=[change.item_id, change.pk])
    return Event(
        change.happened_at,
        KINDS[ItemChangeKind(change.kind)],
        change.source or ("" if change.cause in OWN_CAUSES else change.cause),
        change.actor_label or "Levelstock",
        change.reason,
        "It was undone later." if undone else "",
        moves,
        undo=undo,
        correlation=str(change.correlation),
    )


@dataclass(frozen=True)
class Names:
    """What the products and warehouses are called that changes name by their ids."""

    products: Mapping[int, str] = field(default_factory=dict)
    warehouses: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Iterable[ItemChange]) -> Names:
        """Of these changes. A statement for each of the two that is named at all."""
        products: set[int] = set()
        warehouses: set[int] = set()
        for change in changes:
            products |= {pk for pk in change.changes.get("product", ()) if pk}
            warehouses |= {pk for pks in change.changes.get("warehouses", ()) for pk in pks or ()}
        return cls(
            {row.pk: str(row) for row in Product.objects.filter(pk__in=products)} if products else {},
            {row.pk: str(row) for row in Warehouse.objects.filter(pk__in=warehouses)} if warehouses else {},
        )

    def text(self, name: str, value: Any) -> str:
        """A value of an item in the words of its form."""
        if name == "product" and value:
            return self.products.get(value, str(value))
        if name == "warehouses":
            return ", ".join(self.warehouses.get(pk, str(pk)) for pk in value or ()) or NOTHING
        words = dict(FIELDS[name].flatchoices) if name in FIELDS and isinstance(value, str) and value else {}
        return str(words[value]) if words and value in words else value_text(name, value)


def moved(change: ItemChange, names: Names) -> Iterator[Moved]:
    """What a change did to each field, quantities as differences."""
    for label, delta in (
        ("Available", change.delta_available),
        ("Reserved", change.delta_reserved),
        ("Sold", change.delta_sold),
    ):
        if delta:
            yield Moved(label, "", f"{delta:+,}".replace("-", "−"))
    for name, (old, new) in change.changes.items():
        made = change.kind == ItemChangeKind.CREATE
        yield Moved(_label(name), "" if made else names.text(name, old), names.text(name, new))


FIELDS = {field.name: field for field in Item._meta.concrete_fields}


def _label(name: str) -> str:
    return capfirst(str(FIELDS[name].verbose_name)) if name in FIELDS else field_label(name)


def _sent(attempt: Attempt) -> Event:
    number = pieces(attempt)
    return Event(
        attempt.started_at,
        Mark(f"{attempt.shop}", "", "cloud_upload"),
        f"{attempt.get_operation_display()} sent" + (f", pieces {number}" if number != "–" else ""),
        cause_words(attempt.cause),
        attempt.sentence,
        attempt.hint,
        tuple(_told(attempt)),
        page_of("marketplaces_attempt_change", attempt.pk),
        outcome=ATTEMPT[attempt.state],
        correlation=str(attempt.correlation),
    )


def _told(attempt: Attempt) -> Iterator[Moved]:
    """The fields that this call told otherwise than before."""
    before: Any = (attempt.before or {}).get("fields") or {}
    after: Any = (attempt.after or {}).get("fields") or {}
    for name, value in after.items():
        if before.get(name) != value:
            yield Moved(field_label(name), value_text(name, before.get(name)) if before else "", value_text(name, value))


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        # No time, or one that is beyond the calendar in UTC.
        return None
