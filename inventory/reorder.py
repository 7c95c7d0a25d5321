"""When to order more of a product in a warehouse, and how much then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed
from inventory import moment, supply
from inventory.models import Level, Product, Warehouse, WarehouseMode
from inventory.quantity import from_thousandths, to_thousandths


def set_reorder(
    actor: Actor, product: Product, warehouse: Warehouse, *, point: Decimal | int | None, quantity: Decimal | int | None
) -> Level:
    """Order `quantity` more when no more than `point` is there, in what the product is counted in; None is unknown.

    What a person sets is pinned: outside systems leave it so, until both are emptied again. The level as stored then; one that was not
    there is made, with nothing on it. Raises NotAllowed, ValidationError naming `point` or `quantity`, DoesNotExist for what is not the
    account's.
    """
    actor.require("level.edit")
    with transaction.atomic():
        stored_product = Product.objects.get(pk=product.pk, account=actor.account)
        place = Warehouse.objects.get(pk=warehouse.pk, account=actor.account)
        wanted: dict[str, Any] = {
            "reorder_point": _checked("point", point, stored_product),
            "reorder_quantity": _checked("quantity", quantity, stored_product),
        }
        if wanted["reorder_quantity"] == 0:
            raise ValidationError({"quantity": "Order something, or leave it empty where it is unknown."})
        Level.objects.get_or_create(
            product=stored_product,
            warehouse=place,
            defaults={"account": actor.account, "ledger": place.mode == WarehouseMode.LEDGER, "changed_at": moment.now()},
        )
        level = (
            Level.objects.select_for_update(no_key=True, of=("self",))
            .select_related("product", "warehouse")
            .get(product=stored_product, warehouse=place)
        )
        old, new = changed({name: getattr(level, name) for name in wanted}, wanted)
        if new:
            if actor.user is not None:
                wanted["reorder_pinned"] = any(value is not None for value in wanted.values())
                old, new = changed({name: getattr(level, name) for name in wanted}, wanted)
            for name, value in new.items():
                setattr(level, name, value)
            level.save(update_fields=list(new))
            told = {"product": level.product.sku, "warehouse": level.warehouse.name}
            record(actor, entity="WarehouseInventory", entity_id=level.pk, action="CHANGE", before={**told, **old}, after={**told, **new})
            supply.refresh(actor.account.pk, [stored_product.pk])
    return level


def _checked(field: str, value: Any, product: Product) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = from_thousandths(to_thousandths(value))
    except ValueError as error:
        raise ValidationError({field: str(error)}) from error
    if number < 0:
        raise ValidationError({field: f"Enter a quantity of at least zero, not {number}."})
    if not product.fractional and number != number.to_integral_value():
        raise ValidationError({field: f"{product} is counted in whole numbers, not {number}."})
    return number
