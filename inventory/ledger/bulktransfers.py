"""The transfers of a chunk beside what is stored of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.acting import Actor
from inventory.ledger import bulkselling
from inventory.ledger.bulkarrivals import arrived_of, in_key, out_key
from inventory.ledger.bulkchecks import Catalogue, is_void
from inventory.ledger.bulkfacts import Fact, Tally, TransferFact
from inventory.ledger.bulksifting import NOT_YOURS
from inventory.ledger.counters import Key
from inventory.models import WarehouseMode


class Transfers:
    """`issues` and `arrived` are what is stored, by the transfer's key. Four statements."""

    def __init__(self, actor: Actor, catalogue: Catalogue, facts: Sequence[TransferFact]) -> None:
        self._actor, self._catalogue, self._facts = actor, catalogue, facts
        keys = [fact.source_key for fact in facts]
        issues = bulkselling.stored_of(actor, [out_key(key) for key in keys])
        self.issues = {key: issues[out_key(key)] for key in keys if out_key(key) in issues}
        self.arrived = arrived_of(actor.account, keys)
        self._where = {key: stored.key for key, stored in issues.items()}
        self._where |= {in_key(key, each.tail): each.key for key, pieces in self.arrived.items() for each in pieces}
        catalogue.read_places({key.warehouse_id for key in self._where.values()})

    def keys(self) -> set[Key]:
        """All levels that may be touched."""
        now = {Key(fact.product_id, place) for fact in self._facts for side in fact.places if (place := self.place(fact, side)) is not None}
        return now | {key for key in self._where.values() if self.is_kept_here(key.warehouse_id)}

    def place(self, fact: TransferFact, side: int | None) -> int | None:
        """The warehouse of a side, where it is kept here and was at that time."""
        if side is None or not self.is_kept_here(side):
            return None
        return None if self._opened_after(side, fact.moved_at) else side

    def is_kept_here(self, place: int) -> bool:
        warehouse = self._catalogue.warehouses.get(place)
        return warehouse is not None and warehouse.mode == WarehouseMode.LEDGER

    def before(self, fact: Fact) -> Key | None:
        """The other level to which a side was booked by an earlier revision."""
        where = self._where.get(fact.source_key)
        return where if where != fact.key else None

    def newest(self, fact: TransferFact) -> int:
        """The newest revision of which anything is booked; −1 for none."""
        issue, pieces = self.issues.get(fact.source_key), self.arrived.get(fact.source_key, ())
        return max([-1 if issue is None else issue.revision, *(piece.revision for piece in pieces)])

    def is_to_do(self, fact: TransferFact, tally: Tally) -> bool:
        """Whether there may be something to book; what there is not is counted."""
        newest = self.newest(fact)
        if newest > fact.revision:
            tally.repeated += 1
        elif newest < 0 and is_void(fact):
            tally.empty += 1
        elif self._is_history(fact):
            tally.history += 1
        elif 0 <= newest < fact.revision and not self._actor.may("transfer.reverse"):
            tally.hold(fact, NOT_YOURS)
        else:
            return True
        return False

    def _is_history(self, fact: TransferFact) -> bool:
        """Whether each side was before its warehouse was opened here (anew), or is not kept here, and so was what is stored of it."""
        if any(self.place(fact, side) is not None for side in fact.places) or (fact.void and not fact.places):
            return False
        issue, pieces = self.issues.get(fact.source_key), self.arrived.get(fact.source_key, ())
        booked = [] if issue is None else [(issue.key.warehouse_id, issue.sold_at)]
        booked += [(piece.key.warehouse_id, piece.arrived_at) for piece in pieces]
        return all(not self.is_kept_here(place) or self._opened_after(place, at) for place, at in booked)

    def _opened_after(self, place: int, at: datetime) -> bool:
        opened = self._catalogue.warehouses[place].opened_at
        return opened is not None and at < opened
