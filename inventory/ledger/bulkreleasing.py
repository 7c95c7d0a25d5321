"""What sales of a chunk give back to the batches they took it from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from inventory.ledger.booking import Booking
from inventory.ledger.bulktables import RELEASES, WANTED, fill, rows, run
from inventory.ledger.bulktaking import recost
from inventory.ledger.counters import Key
from inventory.ledger.purposes import REVERSED
from inventory.models import Allocation, Batch
from inventory.quantity import to_thousandths


@dataclass(frozen=True, slots=True)
class Held:
    """What an allocation still holds, in thousandths, and how its batch stands."""

    pk: int
    sale: int
    purpose: str
    batch: int
    quantity: int
    expires_at: datetime | None
    expiry_booked: bool


@dataclass(frozen=True, slots=True)
class Release:
    """So much of an allocation goes back. `short` says that the sale is short of it then, and not smaller."""

    held: Held
    quantity: int
    key: Key
    unit_kind: str
    source_key: str
    correlation: Any
    short: bool = False
    reason: str = ""


def held_by(sales: Iterable[int]) -> dict[int, list[Held]]:
    """What these sales hold, each in the order of giving back: the last taken first."""
    found: dict[int, list[Held]] = {}
    open_ = Allocation.objects.filter(sale__in=list(sales), quantity__gt=F("released")).order_by("-id")
    columns = ("pk", "sale_id", "sale__purpose", "batch_id", "quantity", "released", "batch__expires_at", "batch__expiry_booked_at")
    for pk, sale, purpose, batch, quantity, released, expires_at, booked_at in open_.values_list(*columns):
        left = to_thousandths(quantity - released)
        found.setdefault(sale, []).append(Held(pk, sale, purpose, batch, left, expires_at, booked_at is not None))
    return found


def latest_of(wanted: Mapping[int, int]) -> dict[int, list[tuple[Held, int]]]:
    """From whom batches get back so much of what was sold of them (thousandths by batch): the latest sales first, and how much of each."""
    if not wanted:
        return {}
    fill(WANTED, [{"batch_id": batch, "quantity": quantity} for batch, quantity in wanted.items()])
    chosen = rows(
        "SELECT id, upto - held FROM (SELECT a.id, a.quantity - a.released AS held, w.quantity AS wanted, "
        "SUM(a.quantity - a.released) OVER (PARTITION BY a.batch_id ORDER BY s.sold_at DESC, a.id DESC ROWS UNBOUNDED PRECEDING) AS upto "
        f"FROM {WANTED.name} w JOIN inventory_allocation a ON a.batch_id = w.batch_id JOIN inventory_sale s ON s.id = a.sale_id "
        "WHERE a.quantity > a.released) x WHERE upto - held < wanted"
    )
    before = {pk: int(already) for pk, already in chosen}
    found: dict[int, list[tuple[Held, int]]] = {}
    columns = ("pk", "sale_id", "sale__purpose", "batch_id", "batch__expires_at", "batch__expiry_booked_at")
    rest = Allocation.objects.filter(pk__in=before).order_by("-sale__sold_at", "-id")
    for pk, sale, purpose, batch, expires_at, booked_at, quantity, back in rest.values_list(*columns, "quantity", "released"):
        held = Held(pk, sale, purpose, batch, to_thousandths(quantity - back), expires_at, booked_at is not None)
        found.setdefault(batch, []).append((held, min(held.quantity, wanted[batch] - before[pk])))
    return found


def split(held: Iterable[Held], quantity: int) -> list[tuple[Held, int]] | None:
    """How much each gives back so that it is `quantity` in all; None where they do not hold so much."""
    back = []
    for each in held:
        given = min(quantity, each.quantity)
        if given > 0:
            back.append((each, given))
            quantity -= given
    return None if quantity else back


def released(booked: Booking, back: list[Release]) -> list[dict[str, Any]]:
    """Note on allocations and sales what goes back; the rows for the table of changes, without their place in it.

    What comes back to a batch that has expired does not come back to the counter.
    """
    if not back:
        return []
    fill(
        RELEASES,
        [
            {
                "allocation_id": each.held.pk,
                "sale_id": each.held.sale,
                "quantity": each.quantity,
                "short": each.quantity if each.short else 0,
            }
            for each in back
        ],
    )
    run(
        "UPDATE inventory_allocation SET released = inventory_allocation.released + r.quantity "
        f"FROM {RELEASES.name} r WHERE inventory_allocation.id = r.allocation_id"
    )
    run(
        "UPDATE inventory_sale SET shortfall = inventory_sale.shortfall + r.short "
        f"FROM (SELECT sale_id, SUM(short) AS short FROM {RELEASES.name} GROUP BY sale_id) r "
        "WHERE inventory_sale.id = r.sale_id AND r.short > 0"
    )
    recost(f"SELECT sale_id FROM {RELEASES.name}")
    over = {each.held.batch for each in back if not each.held.expiry_booked and _is_over(each.held, booked.now)}
    if over:
        # It was sold out when it expired, so nothing left the counter then.
        Batch.objects.filter(pk__in=over).update(expiry_booked_at=booked.now)
    return [
        {
            **each.key._asdict(),
            "unit_kind": each.unit_kind,
            "kind": REVERSED[each.held.purpose].value,
            "batch_delta": each.quantity,
            "level_delta": 0 if each.held.expiry_booked or _is_over(each.held, booked.now) else each.quantity,
            "document_id": each.held.sale,
            "happened_at": booked.now,
            "batch_id": each.held.batch,
            "reason": each.reason,
            "source_key": each.source_key,
            "correlation": each.correlation,
            "unit_cost": None,
        }
        for each in back
    ]


def _is_over(held: Held, now: datetime) -> bool:
    return held.expires_at is not None and held.expires_at <= now
