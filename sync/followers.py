"""The warehouse that follows a connection when nobody has chosen one."""

from __future__ import annotations

from django.utils.text import slugify

from accounts.acting import Actor
from accounts.audit import record
from inventory.models import Warehouse
from sync.systems import System


def warehouse_for(actor: Actor, kind: System, name: str) -> Warehouse | None:
    """One called `name`: one that nothing follows any more, else a new one, audited; None for a system that fills none.

    Call it in the connection's transaction.
    """
    if kind.warehouse_mode is None:
        return None
    mine = Warehouse.objects.filter(account=actor.account)
    free = mine.filter(name=name, mode=kind.warehouse_mode, active=True, connections=None).first()
    if free is not None:
        return free
    stem = slugify(name)[:30] or kind.key
    taken = set(mine.filter(code__startswith=stem).values_list("code", flat=True))
    code = next(code for number in range(1, len(taken) + 2) if (code := stem if number == 1 else f"{stem}-{number}") not in taken)
    made = Warehouse.objects.create(account=actor.account, name=name, code=code, mode=kind.warehouse_mode)
    record(actor, entity="Warehouse", entity_id=made.pk, action="ADD", after={"name": name, "code": code, "mode": made.mode})
    return made
