"""What is stored beside what the outside says."""

from __future__ import annotations

from bench.control import Control
from inventory.models import Unit
from sync.models import Connection


def difference(connection: Connection, world: Control) -> list[str]:
    """A sentence when the units on hand are not those of the lists; nothing when they are."""
    outside = world.stock()
    units = Unit.objects.filter(warehouse=connection.warehouse, gone_at__isnull=True, serial_key__isnull=False)
    here = {str(key): bucket for key, bucket in units.values_list("serial_key", "bucket")}
    wrong = sorted(key for key in here.keys() | outside.keys() if here.get(key) != outside.get(key))
    return [f"{len(wrong)} units, for example {key}: {here.get(key)} here, {outside.get(key)} outside" for key in wrong[:1]]
