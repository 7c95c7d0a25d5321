"""Batches as lines of a table, with where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Min
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory import batchstate
from inventory.documents import Document, documents_of
from inventory.expiring import WITHIN, Urgency, urgency_of
from inventory.issued import ByPurpose, issued
from inventory.ledgerwords import BATCH_STATES, amount, batch_link, document_link, expires, figures_of, money, number
from inventory.marks import Mark
from inventory.models import Batch, BatchState, Movement
from inventory.wording import NOTHING


@dataclass(frozen=True)
class BatchRow:
    """`gone` says where what is not left any more has gone; `soon` marks an expiry that is near."""

    batch: Batch
    state: Mark
    left: str
    came_in: str
    gone: str
    expires: str
    soon: Mark | None
    cost: str
    origin: SafeString | str


def batch_rows(batches: Iterable[Batch], now: datetime) -> list[BatchRow]:
    """A line for each, in their order. They have their warehouses. Nine statements at most, whatever their number."""
    found = list(batches)
    origins, out = origins_of(found), issued(found)
    return [
        BatchRow(
            batch,
            BATCH_STATES[state_of(batch, now)],
            amount(batch.remaining, batch.unit_kind),
            number(batch.received + batch.gained),
            gone(batch, out.get(batch.pk, {})),
            expires(batch, now),
            soon(batch, now),
            money(batch.unit_cost),
            origins[batch.pk],
        )
        for batch in found
    ]


def state_of(batch: Batch, now: datetime) -> BatchState:
    """As of now: expired from the very instant, whether that is booked yet or not."""
    booked, voided = batch.expiry_booked_at is not None, batch.voided_at is not None
    return batchstate.state(max(batch.remaining, Decimal(0)), batch.expires_at, expiry_booked=booked, voided=voided, now=now)


def gone(batch: Batch, by_purpose: ByPurpose) -> str:
    """Where what is not left went: 20 sold, 2 wastage, 5 written off."""
    parts = [f"{number(quantity)} {label.lower()}" for label, quantity, way in figures_of(batch, by_purpose) if way < 0]
    return ", ".join(parts) or NOTHING


def soon(batch: Batch, now: datetime) -> Mark | None:
    """A mark for what is sellable now and expires within 30 days."""
    if batch.expires_at is None or not batch.remaining or batch.expires_at <= now:
        return None
    if batch.expires_at > now + WITHIN[Urgency.MEDIUM]:
        return None
    critical = urgency_of(batch.expires_at, now) == Urgency.CRITICAL
    return Mark("Expires soon", "danger" if critical else "warning", "hourglass_bottom")


def origins_of(batches: Iterable[Batch]) -> dict[int, SafeString | str]:
    """Where each came from: the document of its first movement, and the batch it was taken from, as links."""
    found = list(batches)
    firsts = Movement.objects.filter(batch__in=[batch.pk for batch in found]).order_by().values("batch").annotate(first=Min("pk"))
    movements = Movement.objects.filter(pk__in=[row["first"] for row in firsts])
    by_batch = {movement.batch_id: movement for movement in movements}
    documents = documents_of(by_batch.values())
    return {batch.pk: _origin(batch, by_batch.get(batch.pk), documents) for batch in found}


def _origin(batch: Batch, first: Movement | None, documents: Mapping[int, Document]) -> SafeString | str:
    document = documents.get(first.pk) if first is not None else None
    named = document_link(document) if document is not None else batch.get_origin_display()
    if batch.parent_id is None:
        return named
    return format_html("{}, from {}", named, batch_link(batch.parent_id, f"batch {batch.parent_id}"))
