"""What the page of a rebuild shows before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from inventory.ledgerwords import counters, number
from inventory.models import Batch, Warehouse
from inventory.rebuild import BatchChange, Plan
from inventory.wording import NOTHING, moment

SHOWN = 200


@dataclass(frozen=True)
class Cell:
    """A column of a batch, as it is and as its movements say."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class BatchRow:
    batch: Batch
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class LevelRow:
    warehouse: Warehouse
    before: str
    after: str
    quarantined: bool
    reason: str


def rebuild_contents(plan: Plan) -> dict[str, Any]:
    """For the template; two statements."""
    batches = Batch.objects.in_bulk([each.batch for each in plan.batches[:SHOWN]])
    places = Warehouse.objects.in_bulk({each.warehouse for each in plan.levels})
    return {
        "plan": plan,
        "batches": [BatchRow(batches[each.batch], tuple(_cells(each))) for each in plan.batches[:SHOWN]],
        "more": max(len(plan.batches) - SHOWN, 0),
        "levels": [
            LevelRow(places[each.warehouse], counters(each.before), counters(each.after), each.quarantined, each.reason)
            for each in plan.levels
        ],
    }


def _cells(change: BatchChange) -> Iterator[Cell]:
    for name, after in change.after.items():
        yield Cell(_words(name), _text(change.before[name]), _text(after))


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    return NOTHING if value is None else str(value)
