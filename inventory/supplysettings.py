"""When a business account calls a product critical."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from accounts.models import Account
from inventory.criticality import Thresholds
from inventory.models import SupplyMark, SupplySettings
from jobs.queue import enqueue

LONGEST = 3650
LIMITS = {
    "critical_days": (0, LONGEST),
    "low_days": (0, LONGEST),
    "overstocked_days": (1, LONGEST),
    "overstocked_percent": (1, 1000),
}
"""From and to, both included."""

COLUMNS = (*LIMITS, "never_stocked")
FOLLOW = "inventory.supply.follow"


def settings_of(account: Account | int) -> SupplySettings:
    """The account's settings; the defaults, unsaved, where nobody has changed any."""
    pk = account if isinstance(account, int) else account.pk
    return SupplySettings.objects.filter(account=pk).first() or SupplySettings(account_id=pk)


def thresholds_of(account: Account | int) -> Thresholds:
    stored = settings_of(account)
    return Thresholds(**{name: getattr(stored, name) for name in COLUMNS})


def edit_settings(actor: Actor, **fields: Any) -> SupplySettings:
    """Change what is given; the settings as stored then. A worker judges all products anew at once.

    Raises NotAllowed, ValidationError naming the field that is wrong.
    """
    actor.require("supply.edit")
    foreign = fields.keys() - set(COLUMNS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "There is no such setting."))
    with transaction.atomic():
        # One at a time, the first of which makes the row.
        Account.objects.select_for_update(no_key=True).get(pk=actor.account.pk)
        stored = settings_of(actor.account)
        before = state(stored)
        for name, value in fields.items():
            setattr(stored, name, value)
        stored.clean_fields(exclude={"account"})
        _check(stored)
        old, new = changed(before, state(stored))
        if new:
            stored.save()
            record(actor, entity="SupplySettings", entity_id=stored.pk, action="CHANGE", before=old, after=new)
            SupplyMark.objects.filter(account=actor.account).update(full_at=None)
            enqueue(FOLLOW, actor.account.pk)
    return stored


def _check(settings: SupplySettings) -> None:
    wrong = {}
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(settings, name) <= most:
            wrong[name] = f"Give a number from {least:,} to {most:,}."
    if not wrong and settings.low_days < settings.critical_days:
        wrong["low_days"] = f"Give at least {settings.critical_days}, which is when a product is critical already."
    if not wrong and settings.overstocked_days <= settings.low_days:
        wrong["overstocked_days"] = f"Give more than {settings.low_days}, which is low."
    if wrong:
        raise ValidationError(wrong)
