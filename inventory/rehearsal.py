"""What a verb would book, found by booking it in a transaction that is rolled back."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Account
from inventory.models import Batch, Movement

SHOWN = 100


@dataclass(frozen=True)
class Step:
    """A movement that would be written. `change` is what the batch (or only the counter) would change by, `left` what would be in it."""

    movement: Movement
    batch: Batch | None
    is_new: bool
    change: Decimal
    left: Decimal | None
    cost: Decimal | None


@dataclass(frozen=True)
class Rehearsal:
    """What would come of it. `document` is not stored. `digest` is the same as long as the same would be booked."""

    document: Any
    steps: tuple[Step, ...]
    digest: str
    several_places: bool = False

    @property
    def shown(self) -> tuple[Step, ...]:
        return self.steps[:SHOWN]

    @property
    def more(self) -> int:
        return max(len(self.steps) - SHOWN, 0)

    @property
    def batches(self) -> int:
        return len({step.batch.pk for step in self.steps if step.batch is not None})


class Changed(Exception):
    """What would be booked is not what was shown. Carries what it is now."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        super().__init__("Not what was shown.")
        self.rehearsal = rehearsal


def rehearse(account: Account, do: Callable[[], Any], correlation: Callable[[Any], uuid.UUID]) -> Rehearsal:
    """What `do` would book; nothing is. `correlation` says under which its movements are, given its outcome. Raises what `do` raises."""
    with transaction.atomic():
        seen = _watched(account, do, correlation)
        transaction.set_rollback(True)
    return seen


def book_as_shown(account: Account, do: Callable[[], Any], correlation: Callable[[Any], uuid.UUID], shown: str) -> Any:
    """The outcome of `do`, which is booked if it is what was shown. Raises Changed, with nothing booked, where it is not."""
    with transaction.atomic():
        now = _watched(account, do, correlation)
        if now.digest != shown:
            raise Changed(now)
    return now.document


def _watched(account: Account, do: Callable[[], Any], correlation: Callable[[Any], uuid.UUID]) -> Rehearsal:
    last = Movement.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    youngest = Batch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    outcome = do()
    rows = Movement.objects.filter(account=account, pk__gt=last, correlation=correlation(outcome)).select_related("batch", "warehouse")
    steps = tuple(_step(row, youngest) for row in rows.order_by("pk"))
    return Rehearsal(outcome, steps, _digest(steps), len({step.movement.warehouse_id for step in steps}) > 1)


def _step(movement: Movement, youngest: int) -> Step:
    batch = movement.batch
    change = movement.batch_delta or movement.level_delta
    known = batch is not None and batch.unit_cost is not None and movement.batch_delta
    cost = abs(movement.batch_delta) * batch.unit_cost if known and batch is not None and batch.unit_cost is not None else None
    is_new = batch is not None and batch.pk > youngest
    return Step(movement, batch, is_new, change, batch.remaining if batch is not None else None, cost)


def _digest(steps: Sequence[Step]) -> str:
    # A batch that would be made has another id each time.
    parts = [(*_place(each.movement), _which(each), each.change, each.cost) for each in steps]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _place(movement: Movement) -> tuple[str, int, str]:
    return movement.kind, movement.warehouse_id, movement.unit_kind


def _which(step: Step) -> str:
    if step.batch is None:
        return "-"
    return f"new of {step.batch.parent_id}" if step.is_new else str(step.batch.pk)
