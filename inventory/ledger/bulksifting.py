"""Which of many facts there is something to do for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from accounts.acting import Actor
from inventory.ledger.bulkchecks import Catalogue, is_history, is_void, slices, wrong
from inventory.ledger.bulkchunks import Work
from inventory.ledger.bulkfacts import Fact, PurchaseFact, SaleFact, Tally
from inventory.ledger.counters import Key
from inventory.ledger.purposes import RIGHTS

Some = TypeVar("Some", bound=Fact)

NOT_YOURS = "it changes what is booked, which who sends it may not. Let a manager send it, or a program with a manager's token."


class Booked(Protocol):
    """What is stored of a fact."""

    @property
    def key(self) -> Key: ...

    @property
    def revision(self) -> int: ...


def require(actor: Actor, facts: Sequence[SaleFact] | Sequence[PurchaseFact]) -> None:
    """Raises NotAllowed for purposes that take a right which the actor has not."""
    for operation in sorted({RIGHTS[purpose] for purpose in {fact.purpose for fact in facts} if purpose in RIGHTS}):
        actor.require(operation)


def to_do(
    facts: Sequence[Some],
    catalogue: Catalogue,
    known: Callable[[Sequence[str]], Mapping[str, Booked]],
    may_change: Callable[[Some], bool],
    tally: Tally,
) -> Iterator[Work[Some]]:
    """The facts that there is something to do for; what is known, wrong or too early is counted in `tally`.

    `known` looks up what is stored under source keys, and `may_change` says whether a fact may correct that. Nothing is locked yet: whoever
    books looks again.
    """
    place = 0
    for part in slices(facts):
        catalogue.read(part)
        booked = known([fact.source_key for fact in part])
        for fact in part:
            place += 1
            stored = booked.get(fact.source_key)
            sentence = wrong(fact, catalogue)
            if sentence:
                tally.hold(fact, sentence)
            elif stored is not None and stored.revision >= fact.revision:
                tally.repeated += 1
            elif stored is None and is_void(fact):
                tally.empty += 1
            elif stored is None and is_history(fact, catalogue.warehouses[fact.warehouse_id]):
                tally.history += 1
            elif stored is not None and not may_change(fact):
                tally.hold(fact, NOT_YOURS)
            else:
                yield Work(fact, place, stored.key if stored is not None and stored.key != fact.key else None)
