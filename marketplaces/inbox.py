"""Everything about shops that waits for a person, in one list (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account
from marketplaces import orders
from marketplaces.models import Decision, Difference, DifferenceKind, Listing, ListingState, Order, OrderLine, Shop

PAGE = 50


class Kind(StrEnum):
    """Why something waits, most urgent first."""

    SHORTFALL = "shortfall"
    UNMATCHED = "unmatched"
    NEEDS_PERSON = "needs_person"
    DIFFERENCE = "difference"
    RESTOCK = "restock"
    UNREADABLE = "unreadable"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Kind.SHORTFALL: "Sold and not there",
    Kind.UNMATCHED: "Sold, and nobody knows what",
    Kind.NEEDS_PERSON: "Can't be sent without a decision",
    Kind.DIFFERENCE: "The shop has something else",
    Kind.RESTOCK: "Goods that may be back",
    Kind.UNREADABLE: "Orders that could not be read",
}


@dataclass(frozen=True)
class Entry:
    """One thing that waits. `entity` (listing, difference, orderline or order) and `id` say where it is settled."""

    kind: Kind
    entity: str
    id: int
    label: str
    sentence: str
    hint: str
    shop: Shop
    item: int | None
    since: datetime | None


@dataclass(frozen=True)
class Inbox:
    """`counts` is of all that waits, by kind; `entries` the first of each, most urgent kinds first."""

    counts: Mapping[Kind, int]
    entries: list[Entry]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def inbox(account: Account, *, kinds: Collection[str] | None = None, shop: Shop | None = None, limit: int = PAGE) -> Inbox:
    """What waits for somebody of the account, at most `limit` of each kind; of these kinds or all, at one shop or all.

    One statement for each kind counts, and one reads where there is something.
    """
    wanted = [kind for kind in Kind if kinds is None or kind in kinds]
    counts, entries = {}, []
    for kind in wanted:
        rows = _waiting(kind, account, shop)
        counts[kind] = rows.count()
        if counts[kind] and limit:
            entries += list(_READ[kind](rows[:limit]))
    return Inbox(counts, entries)


def waiting(account: Account) -> int:
    """How much waits, for a number beside a menu entry."""
    return inbox(account, limit=0).total


def _waiting(kind: Kind, account: Account, shop: Shop | None) -> QuerySet[Any]:
    rows: QuerySet[Any] = _WAITING[kind](account.pk)
    path = "order__shop" if rows.model is OrderLine else "shop"
    return rows if shop is None else rows.filter(**{path: shop})


_WAITING: dict[Kind, Callable[[int], QuerySet[Any]]] = {
    Kind.SHORTFALL: orders.shortfalls,
    Kind.UNMATCHED: orders.unmatched,
    Kind.NEEDS_PERSON: lambda account: Listing.objects.filter(account=account, state=ListingState.NEEDS_PERSON).order_by("pk"),
    Kind.DIFFERENCE: lambda account: Difference.objects.filter(account=account, decision=Decision.OPEN).order_by("pk"),
    Kind.RESTOCK: orders.restock_offers,
    Kind.UNREADABLE: orders.unreadable,
}


def _lines(kind: Kind, rows: QuerySet[OrderLine]) -> Iterator[Entry]:
    for row in rows.select_related("order__shop__connection", "item"):
        order, what = row.order, row.part_number or f"lot {row.lot_id}"
        if kind is Kind.SHORTFALL:
            sentence = f"{row.shortfall} of {row.quantity} were not there when {order} was read."
            hint = "Get them from elsewhere, or cancel them at the shop."
        else:
            sentence = f"{order} has {row.quantity} of {what} {row.name}".rstrip() + ", and no item is known for it."
            hint = "Say which item it is, or that it is none of ours."
        label = str(row.item) if row.item else what
        yield Entry(kind, "orderline", row.pk, label, sentence, hint, order.shop, row.item_id, order.ordered_at)


def _listings(rows: QuerySet[Listing]) -> Iterator[Entry]:
    for row in rows.select_related("item", "shop__connection"):
        since = row.requested_at or row.synced_at
        yield Entry(Kind.NEEDS_PERSON, "listing", row.pk, str(row.item), row.sentence, row.hint, row.shop, row.item_id, since)


def _differences(rows: QuerySet[Difference]) -> Iterator[Entry]:
    for row in rows.select_related("verification", "shop__connection"):
        since = row.verification.read_at
        yield Entry(Kind.DIFFERENCE, "difference", row.pk, row.label, said(row), row.outcome, row.shop, row.item_id, since)


def said(row: Difference) -> str:
    """A difference in one sentence."""
    if row.kind == DifferenceKind.DIFFERS:
        pairs = sorted(row.fields.items(), key=lambda pair: (pair[0] != "quantity", pair[0]))
        words = [f"{name.replace('_', ' ')} {_shown(theirs)} instead of {_shown(ours)}" for name, (ours, theirs) in pairs]
        return f"Lot {row.lot_id} has {', '.join(words)}."
    if row.kind == DifferenceKind.MISSING:
        return f"Lot {row.lot_id} is not at the shop any more, and no order explains it."
    if row.kind == DifferenceKind.DUPLICATE:
        return f"Lot {row.lot_id} is a second one of the same item."
    return f"Lot {row.lot_id} is at the shop and not known here."


def _shown(value: Any) -> str:
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _restocks(rows: QuerySet[Order]) -> Iterator[Entry]:
    for row in rows.select_related("shop__connection"):
        sentence = f"{row} of {row.pieces} pieces is {row.status.lower()}: its goods may be back."
        hint = "Say whether they are back in stock."
        yield Entry(Kind.RESTOCK, "order", row.pk, str(row), sentence, hint, row.shop, None, row.changed_at or row.ordered_at)


def _unreadable(rows: QuerySet[Order]) -> Iterator[Entry]:
    for row in rows.select_related("shop__connection"):
        yield Entry(Kind.UNREADABLE, "order", row.pk, str(row), row.problem, "", row.shop, None, row.ordered_at)


_READ: dict[Kind, Callable[[QuerySet[Any]], Iterator[Entry]]] = {
    Kind.SHORTFALL: lambda rows: _lines(Kind.SHORTFALL, rows),
    Kind.UNMATCHED: lambda rows: _lines(Kind.UNMATCHED, rows),
    Kind.NEEDS_PERSON: _listings,
    Kind.DIFFERENCE: _differences,
    Kind.RESTOCK: _restocks,
    Kind.UNREADABLE: _unreadable,
}
