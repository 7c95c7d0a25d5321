"""Warehouses: what people may change about them."""

from __future__ import annotations

from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory.keys import trimmed
from inventory.models import Warehouse


def edit_warehouse(actor: Actor, warehouse: Warehouse, *, name: str | None = None, active: bool | None = None) -> Warehouse:
    """Call a warehouse otherwise, or set whether it is in use; None leaves a value as it is. The warehouse as stored then.

    Raises NotAllowed, ValidationError naming the field that is wrong.
    """
    actor.require("warehouse.edit")
    with transaction.atomic():
        stored = Warehouse.objects.select_for_update(no_key=True).get(pk=warehouse.pk, account=actor.account)
        before = state(stored)
        stored.name = stored.name if name is None else trimmed(name)
        stored.active = stored.active if active is None else active
        stored.clean_fields(exclude={"account"})
        old, new = changed(before, state(stored))
        if new:
            stored.save(update_fields=list(new))
            record(actor, entity="Warehouse", entity_id=stored.pk, action="CHANGE", before=old, after=new)
    return stored
