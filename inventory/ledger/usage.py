"""What has become of batches that somebody wants to take back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F

from inventory.ledger.counters import ZERO
from inventory.models import ISSUE_NAMES, Allocation, Batch, IssuePurpose

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
    shown = holding.values_list("sale", "sale__purpose", "quantity", "released")[:SALES_SHOWN]
    return [{"sale": sale, "purpose": purpose, "quantity": float(quantity - back)} for sale, purpose, quantity, back in shown]


def in_words(batches: Sequence[Batch], sales: Sequence[dict[str, Any]]) -> str:
    """Like “3 sold, 2 opened (sale 7)”, of batches of which something has been used."""
    purposes = {each["purpose"] for each in sales} - {IssuePurpose.SALE.value}
    words = {**_PARTS, "sold": "sold or issued"} if purposes else _PARTS
    sums = {word: sum((getattr(batch, name) for batch in batches), ZERO) for name, word in words.items()}
    said = ", ".join(f"{quantity} {word}" for word, quantity in sums.items() if quantity) or "something came back from a customer"
    documents = dict.fromkeys(f"{ISSUE_NAMES[IssuePurpose(each['purpose'])].lower()} {each['sale']}" for each in sales)
    named = ", ".join(list(documents)[:NAMED])
    return said + (f" ({named})" if named else "")
