"""Facts of outside systems: what they say was bought and sold, and what became of so many of them (docs/ledger.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from inventory.ledger.counters import Key
from inventory.models import IssuePurpose, ReceiptPurpose

LONGEST_KEY = 180
"""A source key leaves room for the revision behind it."""


class Told(Protocol):
    """What an outside system calls something, and how often it was corrected."""

    @property
    def source_key(self) -> str: ...

    @property
    def revision(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What both kinds have in common.

    `source_key` is what the outside system calls it, once for all; a correction has a higher `revision`, and says all of it anew. `void`,
    or quantity 0 from revision 1 on, says that it never was. Without a `correlation` it gets one of its own.
    """

    source_key: str
    product_id: int
    warehouse_id: int
    unit_kind: str
    quantity: Any
    reference: str = ""
    revision: int = 0
    void: bool = False
    correlation: uuid.UUID | None = None

    @property
    def at(self) -> datetime:
        """When it happened."""
        raise NotImplementedError

    @property
    def key(self) -> Key:
        return Key(self.product_id, self.warehouse_id)

    @property
    def movement_key(self) -> str:
        """What its movements are found by."""
        return revised(self.source_key, self.revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseFact(Fact):
    """Goods that came in. A cost of None is unknown. `expires_on` is the day on the package, `expires_at` an instant; not both.

    What a customer brought back (`purpose` sale_return) has, where none of them is said, the lot, expiry and cost of what was sold last.
    """

    bought_at: datetime
    purpose: str = ReceiptPurpose.PURCHASE
    unit_cost: Any = None
    lot: str = ""
    expires_on: date | None = None
    expires_at: datetime | None = None
    vendor_id: int | None = None

    @property
    def at(self) -> datetime:
        return self.bought_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleFact(Fact):
    """Goods that were sold, or went out for another purpose, whether or not they were known to be there. A price of None is unknown."""

    sold_at: datetime
    purpose: str = IssuePurpose.SALE
    price: Any = None

    @property
    def at(self) -> datetime:
        return self.sold_at


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFact:
    """Goods that went from one warehouse to another. A side of None is outside of what is kept here, or on the way.

    `pairs` are the source keys of the transfers that brought them on their way, where they come from there. Key, revision, void and
    correlation are as with other facts.
    """

    source_key: str
    product_id: int
    unit_kind: str
    quantity: Any
    moved_at: datetime
    from_id: int | None = None
    to_id: int | None = None
    reference: str = ""
    revision: int = 0
    void: bool = False
    correlation: uuid.UUID | None = None
    pairs: tuple[str, ...] = ()

    @property
    def places(self) -> list[int]:
        """The warehouses it names."""
        return [place for place in (self.from_id, self.to_id) if place is not None]


@dataclass(frozen=True)
class BulkOutcome:
    """What became of facts. Each is in exactly one of the counts.

    `booked`: for the first time, all of it. `short`: for the first time, a sale of which not all was there; the rest is its shortfall.
    `repeated`: known before, nothing was done. `corrected`: known in an earlier revision. `history`: from before the warehouse was opened
    here. `empty`: void before it was ever known. `held`: with a sentence that says why and what to do; nothing of it is booked.
    `settled` is, in all, how much of earlier shortfalls was taken from what came in.
    """

    booked: int = 0
    short: int = 0
    repeated: int = 0
    corrected: int = 0
    history: int = 0
    empty: int = 0
    held: tuple[tuple[str, str], ...] = ()
    settled: Any = 0

    @property
    def processed(self) -> int:
        return self.booked + self.short + self.repeated + self.corrected + self.history + self.empty + len(self.held)


@dataclass
class Tally:
    """An outcome that is still being counted."""

    booked: int = 0
    short: int = 0
    repeated: int = 0
    corrected: int = 0
    history: int = 0
    empty: int = 0
    held: list[tuple[str, str]] = field(default_factory=list)
    settled: Any = 0

    def hold(self, fact: Told, sentence: str) -> None:
        self.held.append((fact.source_key, f"{fact.source_key or 'A fact without a key'}: {sentence}"))

    def add(self, other: Tally) -> None:
        for name in ("booked", "short", "repeated", "corrected", "history", "empty", "settled"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.held += other.held

    def outcome(self) -> BulkOutcome:
        return BulkOutcome(self.booked, self.short, self.repeated, self.corrected, self.history, self.empty, tuple(self.held), self.settled)


Some = TypeVar("Some", bound=Told)


def revised(source_key: str, revision: int) -> str:
    """The key of what one revision of a fact has booked."""
    return f"{source_key}#{revision}" if revision else source_key


def once(facts: Iterable[Some], tally: Tally) -> list[Some]:
    """The facts without repetitions among themselves: of several with one key the newest revision, and of equals the first, counts."""
    chosen: dict[str, Some] = {}
    for fact in facts:
        known = chosen.get(fact.source_key)
        if known is None or fact.source_key == "":
            chosen[fact.source_key or f"\0{len(chosen)}"] = fact
            continue
        tally.repeated += 1
        if fact.revision > known.revision:
            chosen[fact.source_key] = fact
    return list(chosen.values())
