"""Vendors, of whom the business buys: the verbs behind admin and API (docs/products.md)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory import pins
from inventory.errors import InUse, NameTaken
from inventory.keys import name_key
from inventory.models import Vendor
from inventory.productrecord import one_at_a_time
from inventory.productrules import wrong_lead_time
from inventory.texts import line, lines, named
from inventory.uses import figures, in_words, uses

COLUMNS = ("name", "code", "email", "contact", "phone", "address", "lead_time_days", "active", "notes")
LONGEST = 200


def add_vendor(actor: Actor, *, name: str, **fields: Any) -> Vendor:
    """A new vendor; `fields` are the others of COLUMNS, as far as known.

    Raises NotAllowed, NameTaken, ValidationError naming the field that is wrong.
    """
    actor.require("vendor.add")
    vendor = Vendor(account=actor.account)
    with transaction.atomic():
        one_at_a_time(actor.account)
        _set(vendor, {"name": name, **fields})
        vendor.save(force_insert=True)
        record(actor, entity="Vendor", entity_id=vendor.pk, action="ADD", after=state(vendor))
    return vendor


def edit_vendor(actor: Actor, vendor: Vendor, **fields: Any) -> Vendor:
    """Change what is given; the vendor as stored then. What a person changes is pinned: outside systems leave it so.

    Raises NotAllowed, NameTaken, ValidationError naming the field that is wrong.
    """
    actor.require("vendor.edit")
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = Vendor.objects.get(pk=vendor.pk, account=actor.account)
        before = state(stored)
        _set(stored, fields)
        stored.pins = pins.pin(actor, stored.pins, changed(before, state(stored))[1], among=pins.OF_VENDORS)
        old, new = changed(before, state(stored))
        if new:
            stored.save(update_fields=list(new))
            record(actor, entity="Vendor", entity_id=stored.pk, action="CHANGE", before=old, after=new)
    return stored


def delete_vendor(actor: Actor, vendor: Vendor) -> None:
    """Remove a vendor of whom nothing was bought and no product is. Raises NotAllowed, InUse."""
    actor.require("vendor.edit")
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = Vendor.objects.select_for_update().get(pk=vendor.pk, account=actor.account)
        found = uses(stored)
        if found:
            hint = "Set the vendor to not active instead."
            raise InUse(f"{stored.name} is the vendor of {in_words(found)}.", hint=hint, details=figures(found))
        before = state(stored)
        stored.delete()
        record(actor, entity="Vendor", entity_id=vendor.pk, action="DELETE", before=before)


def _set(vendor: Vendor, values: dict[str, Any]) -> None:
    foreign = values.keys() - set(COLUMNS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "A vendor has no such field."))
    for name, value in values.items():
        if isinstance(value, str):
            value = lines(name, value) if name in ("notes", "address") else line(name, value)
        setattr(vendor, name, value)
    vendor.name = named("name", vendor.name, LONGEST)
    vendor.name_key = name_key(vendor.name)
    vendor.clean_fields(exclude={"account"})
    sentence = wrong_lead_time(vendor.lead_time_days)
    if sentence:
        raise ValidationError({"lead_time_days": sentence})
    others = Vendor.objects.filter(account=vendor.account_id).exclude(pk=vendor.pk)
    same = others.filter(name_key=vendor.name_key).first()
    if same is not None:
        raise NameTaken(f"There is already a vendor {same.name}.", hint="Use that one.")
    same = others.filter(code__iexact=vendor.code).first() if vendor.code else None
    if same is not None:
        raise NameTaken(f"{same.name} has the code {same.code}.", hint="Use another code, or none.")
