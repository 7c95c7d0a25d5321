"""What is stored of the units that a stock list names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from inventory.models import Unit


@dataclass(frozen=True)
class Overlap:
    """Serials on hand by bucket: those of a list, and all."""

    listed: dict[str, int]
    stored: dict[str, int]


def overlap_of(warehouse_id: int | None, serial_keys: Collection[str]) -> Overlap:
    """How many of `serial_keys` (a set, when there are many) are on hand in each bucket of the warehouse, and how many serials at all.

    One query; nothing of it is kept.
    """
    units = Unit.objects.filter(warehouse=warehouse_id, gone_at__isnull=True, serial_key__isnull=False).order_by()
    listed: Counter[str] = Counter()
    stored: Counter[str] = Counter()
    for bucket, key in units.values_list("bucket", "serial_key").iterator(chunk_size=5_000):
        stored[bucket] += 1
        listed[bucket] += key in serial_keys
    return Overlap(dict(listed), dict(stored))
