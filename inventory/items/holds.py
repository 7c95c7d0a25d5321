"""Promises on a mirror warehouse: what was sold elsewhere, until the warehouse's own system shows that it went (docs/items.md)."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now

from accounts.acting import Actor
from inventory.items.following import follow
from inventory.models import Hold, Product, UnitKind, Warehouse
from inventory.quantity import from_thousandths, to_thousandths

HELD, RELEASED = "held", "hold released"


def hold(
    actor: Actor,
    product: Product,
    warehouse: Warehouse,
    quantity: Decimal | int,
    *,
    source_key: str,
    correlation: uuid.UUID,
    unit_kind: str = UnitKind.UNITS,
    reason: str = "",
) -> Hold:
    """Let so much be held for `source_key`; linked items offer less of it at once. The hold as it is stored.

    Told again with another quantity, the hold is of that; one that was released stays so. Raises ValidationError naming the field.
    """
    try:
        number = from_thousandths(to_thousandths(quantity))
    except ValueError as error:
        raise ValidationError({"quantity": str(error)}) from error
    if number <= 0:
        raise ValidationError({"quantity": f"Enter a quantity above zero, not {number}."})
    if unit_kind not in UnitKind.values:
        raise ValidationError({"unit_kind": f"There is no unit kind “{unit_kind}”. Use {', '.join(UnitKind.values)}."})
    about: dict[str, Any] = {"product": product, "warehouse": warehouse, "unit_kind": unit_kind, "quantity": number}
    with transaction.atomic():
        made = {**about, "reason": reason[:300], "held_at": Now(), "correlation": correlation}
        held, new = Hold.objects.select_for_update(no_key=True).get_or_create(account=actor.account, source_key=source_key, defaults=made)
        if not new and (held.released_at is not None or held.quantity == number):
            return held
        Hold.objects.filter(pk=held.pk).update(quantity=number)
        follow(actor.account.pk, [(held.product_id, held.warehouse_id)], HELD, correlation)
        held.refresh_from_db()
    return held


def release(actor: Actor, source_key: str, because: str, *, correlation: uuid.UUID) -> bool:
    """Hold nothing for `source_key` any more; whether anything was. Safe to repeat."""
    with transaction.atomic():
        held = Hold.objects.filter(account=actor.account, source_key=source_key, released_at__isnull=True)
        seen = held.first()
        if seen is None:
            return False
        # This locks the items that offer it: before the hold, as whoever books an order does.
        follow(actor.account.pk, [(seen.product_id, seen.warehouse_id)], RELEASED, correlation)
        found = held.select_for_update(no_key=True).first()
        if found is None:
            return False
        held.update(released_at=Now(), released_because=because[:300])
        follow(actor.account.pk, [(found.product_id, found.warehouse_id)], RELEASED, correlation)
    return True
