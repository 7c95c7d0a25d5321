"""Warehouses here in line with the locations that one connection tells of. Few rows: written one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.text import slugify

from accounts.acting import Actor
from accounts.audit import record
from inventory.keys import name_key
from inventory.models import Warehouse, WarehouseMode
from sync.models import Connection, WarehouseRef


def follow(connection: Connection, *, uncounted: Collection[str], wanted: Collection[str]) -> bool:
    """Give each location of the connection a warehouse that follows it, and say which places count; whether anything changed.

    `uncounted` are words in capitals: a place with one of them in its name does not count. `wanted` are the names or codes, in capitals, of
    the locations that are followed; none means all. What people have decided stays. Within the caller's transaction.
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
        needs = ref.counts and top_of(ref, refs) is ref and ref.active
        if needs and ref.warehouse_id is None:
            ref.warehouse, changed = _warehouse(connection, ref), True
            ref.save(update_fields=["warehouse"])
    return changed


def top_of(ref: WarehouseRef, refs: Mapping[str, WarehouseRef]) -> WarehouseRef:
    """The location that a place lies in, which may be itself. Two that lie in each other end the search."""
    seen = {ref.external_id}
    while ref.parent_id_there in refs and ref.parent_id_there not in seen:
        seen.add(ref.parent_id_there)
        ref = refs[ref.parent_id_there]
    return ref


def warehouses_of(connection: Connection) -> dict[str, int]:
    """For the external id of each place that counts the warehouse here that its stock is in."""
    refs = {ref.external_id: ref for ref in WarehouseRef.objects.filter(connection=connection)}
    found = {there: ref.warehouse_id or top_of(ref, refs).warehouse_id for there, ref in refs.items() if ref.counts and not ref.gone_at}
    return {there: number for there, number in found.items() if number is not None}


def _counts(ref: WarehouseRef, uncounted: Collection[str]) -> bool:
    return not any(word in name_key(ref.name) for word in uncounted)


def _is_wanted(ref: WarehouseRef, wanted: Collection[str]) -> bool:
    return not wanted or name_key(ref.name) in wanted or name_key(ref.code) in wanted


def _warehouse(connection: Connection, ref: WarehouseRef) -> Warehouse:
    """One of the same name that nothing follows yet, else a new one, audited."""
    mine = Warehouse.objects.filter(account=connection.account_id)
    free = mine.filter(name=ref.name, mode=WarehouseMode.MIRROR, active=True, connections=None, references=None).first()
    if free is not None:
        return free
    stem = slugify(ref.name)[:30] or connection.system
    taken = set(mine.filter(code__startswith=stem).values_list("code", flat=True))
    code = next(code for number in range(1, len(taken) + 2) if (code := stem if number == 1 else f"{stem}-{number}") not in taken)
    made = Warehouse.objects.create(account=connection.account, name=ref.name[:200], code=code, mode=WarehouseMode.MIRROR)
    who = Actor.system(connection.account, connection.name)
    record(who, entity="Warehouse", entity_id=made.pk, action="ADD", after={"name": made.name, "code": code, "mode": made.mode})
    return made
