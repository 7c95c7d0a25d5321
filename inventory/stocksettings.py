"""How a business account keeps its ledger."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from accounts.models import Account
from inventory.models import StockSettings


def settings_of(account: Account | int) -> StockSettings:
    """The account's settings; the defaults, unsaved, where nobody has changed any."""
    pk = account if isinstance(account, int) else account.pk
    return StockSettings.objects.filter(account=pk).first() or StockSettings(account_id=pk)


def edit_settings(actor: Actor, **fields: Any) -> StockSettings:
    """Change what is given; the settings as stored then. Raises NotAllowed, ValidationError naming the field that is wrong."""
    actor.require("stock_settings.edit")
    with transaction.atomic():
        # One at a time, the first of which makes the row.
        Account.objects.select_for_update(no_key=True).get(pk=actor.account.pk)
        stored = settings_of(actor.account)
        before = state(stored)
        for name, value in fields.items():
            setattr(stored, name, value)
        stored.full_clean(exclude={"account"}, validate_constraints=False)
        stored.alert_days = sorted({int(days) for days in stored.alert_days}, reverse=True)
        old, new = changed(before, state(stored))
        if new:
            stored.save()
            record(actor, entity="StockSettings", entity_id=stored.pk, action="CHANGE", before=old, after=new)
    return stored
