"""What has become of batches that somebody wants to take back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F

from inventory.ledger.counters import ZERO
from inventory.models import Allocation, Batch

SALES_SHOWN = 50
NAMED = 5

_PARTS = {
    "sold": "sold",
    "written_off": "written off",
    "moved_out": "transferred",
    "broken": "opened",
    "voided": "taken back",
    "gained": "found by a count",
}


def held_by(batches: Iterable[Batch]) -> list[dict[str, Any]]:
    """The first sales that hold something of these batches, each with how much."""
    holding = Allocation.objects.filter(batch__in=[batch.pk for batch in batches], quantity__gt=F("released")).order_by("id")
    return [{"sale": each.sale_id, "quantity": float(each.quantity - each.released)} for each in holding[:SALES_SHOWN]]


def in_words(batches: Sequence[Batch], sales: Sequence[dict[str, Any]]) -> str:
    """Like “3 sold, 2 opened (sale 7)”, of batches of which something has been used."""
    sums = {word: sum((getattr(batch, name) for batch in batches), ZERO) for name, word in _PARTS.items()}
    said = ", ".join(f"{quantity} {word}" for word, quantity in sums.items() if quantity) or "something came back from a customer"
    named = ", ".join(f"sale {sale}" for sale in list(dict.fromkeys(each["sale"] for each in sales))[:NAMED])
    return said + (f" ({named})" if named else "")
