"""What people write about a unit."""

from __future__ import annotations

from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from inventory.keys import trimmed
from inventory.models import Unit


def note(actor: Actor, unit: Unit, text: str) -> Unit:
    """Put our notes on a unit, in place of those there were; the unit as stored then. Raises NotAllowed."""
    actor.require("unit.edit")
    text = trimmed(text)
    with transaction.atomic():
        stored = Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk, account=actor.account)
        if stored.local_notes == text:
            return stored
        before = {"local_notes": stored.local_notes}
        stored.local_notes = text
        stored.save(update_fields=["local_notes"])
        record(actor, entity="Unit", entity_id=stored.pk, action="CHANGE", before=before, after={"local_notes": text})
    return stored
