"""Warehouses here in line with the locations that one connection tells of. Few rows: written one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from django.utils.text import slugify

from accounts.acting import Actor
from accounts.audit import record
from inventory import moment
from inventory.keys import name_key
from inventory.models import Warehouse, WarehouseMode
from sync.models import Connection, WarehouseRef


def follow(
    connection: Connection,
    *,
    uncounted: Collection[str],
    wanted: Collection[str],
    mode: WarehouseMode = WarehouseMode.MIRROR,
    opened_at: datetime | None = None,
    is_warehouse: Callable[[WarehouseRef], bool] = lambda _ref: True,
) -> bool:
    """Give each location of the connection a warehouse, new ones in `mode`, and say which places count; whether anything changed.

    New ledgers begin `opened_at`, now where that is left out.

    `uncounted` are words in capitals: a place with one of them in its name does not count. `wanted` are the names or codes, in capitals, of
    the locations that are followed; none means all. A topmost place that is no warehouse by `is_warehouse` waits for a person to give it
    one. What people have decided stays. Within the caller's transaction.
    """
    refs = {ref.external_id: ref for ref in WarehouseRef.objects.filter(connection=connection, gone_at=None).order_by("id")}
    changed = False
    for ref in refs.values():
        if not ref.counts_pinned:
            counts = _counts(ref, uncounted) and _is_wanted(top_of(ref, refs), wanted)
            if counts != ref.counts:
                ref.counts, changed = counts, True
                ref.save(update_fields=["counts"])
    for ref in refs.values():
        needs = ref.counts and top_of(ref, refs) is ref and ref.active and is_warehouse(ref)
        if needs and ref.warehouse_id is None:
            ref.warehouse, changed = _warehouse(connection, ref, mode, opened_at), True
            ref.save(update_fields=["warehouse"])
    return changed


def outwards(ref: WarehouseRef, refs: Mapping[str, WarehouseRef]) -> Iterator[WarehouseRef]:
    """A place, the one that it lies in, and so on to the outermost. Two that lie in each other end it."""
    seen: set[str] = set()
    found: WarehouseRef | None = ref
    while found is not None and found.external_id not in seen:
        seen.add(found.external_id)
        yield found
        found = refs.get(found.parent_id_there)


def top_of(ref: WarehouseRef, refs: Mapping[str, WarehouseRef]) -> WarehouseRef:
    """The location that a place lies in, which may be itself."""
    *_, top = outwards(ref, refs)
    return top


def warehouse_of(ref: WarehouseRef, refs: Mapping[str, WarehouseRef]) -> int | None:
    """The warehouse here of a place: its own, else that of the nearest place around it that has one."""
    return next((each.warehouse_id for each in outwards(ref, refs) if each.warehouse_id is not None), None)


def warehouses_of(connection: Connection) -> dict[str, int]:
    """For the external id of each place that counts the warehouse here that its stock is in."""
    refs = {ref.external_id: ref for ref in WarehouseRef.objects.filter(connection=connection)}
    found = {there: warehouse_of(ref, refs) for there, ref in refs.items() if ref.counts and not ref.gone_at}
    return {there: number for there, number in found.items() if number is not None}


def _counts(ref: WarehouseRef, uncounted: Collection[str]) -> bool:
    return not any(word in name_key(ref.name) for word in uncounted)


def _is_wanted(ref: WarehouseRef, wanted: Collection[str]) -> bool:
    return not wanted or name_key(ref.name) in wanted or name_key(ref.code) in wanted


def _warehouse(connection: Connection, ref: WarehouseRef, mode: WarehouseMode, opened_at: datetime | None) -> Warehouse:
    """One of the same name that follows nothing yet, else a new one, audited. A ledger is shared by all systems that tell of its place."""
    mine = Warehouse.objects.filter(account=connection.account_id)
    free = mine.filter(name=ref.name, mode=mode, active=True, connections=None)
    taken = WarehouseRef.objects.filter(warehouse__isnull=False)
    taken = taken.filter(connection=connection) if mode == WarehouseMode.LEDGER else taken
    found = free.exclude(pk__in=taken.values("warehouse")).first()
    if found is not None:
        return found
    stem = slugify(ref.name)[:30] or connection.system
    used = set(mine.filter(code__startswith=stem).values_list("code", flat=True))
    code = next(code for number in range(1, len(used) + 2) if (code := stem if number == 1 else f"{stem}-{number}") not in used)
    begins = (opened_at or moment.now()) if mode == WarehouseMode.LEDGER else None
    made = Warehouse.objects.create(account=connection.account, name=ref.name[:200], code=code, mode=mode, opened_at=begins)
    who = Actor.system(connection.account, connection.name)
    record(who, entity="Warehouse", entity_id=made.pk, action="ADD", after={"name": made.name, "code": code, "mode": made.mode})
    return made
